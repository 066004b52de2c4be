//! Operators, and assignments in all their forms.

use super::{Checker, written};
use crate::model::{
    BinaryOperator, Expression, Kind, LiteralType, LocalRef, LogicOperator, Number, Operation, Pattern, Site,
    Step, TypeRef, UnaryOperator,
};
use crate::spelling::spelling;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, UnOp};

impl Checker {
    pub(super) fn unary(&mut self, unary: &syn::ExprUnary) -> Kind {
        self.attributes(&unary.attrs);
        if let (UnOp::Neg(minus), Expr::Lit(literal)) = (&unary.op, without_parentheses(&unary.expr))
            && !matches!(literal.lit, syn::Lit::Bool(_))
        {
            return self.literal(literal, Some(minus));
        }
        if matches!(unary.op, UnOp::Deref(_)) {
            return self.follow(unary);
        }
        let Some(operator) = self.unary_operator(&unary.op) else {
            return Kind::Bool(false, TokenStream::new());
        };
        let operand = Box::new(self.expression(&unary.expr));
        let callee = Some(self.witness(unary.op.span()));
        let site = (operator == UnaryOperator::Negate).then(|| self.site(unary));
        Kind::Unary { operator, token: unary.op, under_cast: false, callee, operand, site }
    }

    fn unary_operator(&mut self, operator: &UnOp) -> Option<UnaryOperator> {
        match operator {
            UnOp::Neg(_) => Some(UnaryOperator::Negate),
            UnOp::Not(_) => Some(UnaryOperator::Not),
            other => {
                self.errors.at(other, "kernels have no references to follow\nhint: leave out the `*`");
                None
            }
        }
    }

    /// The operand of a cast: a literal there takes its type from the cast, so Rust must see both together.
    pub(super) fn cast_operand(&mut self, operand: &Expr, ty: TypeRef) -> Expression {
        let operand = without_parentheses(operand);
        if !is_literal(operand) {
            return self.expression(operand);
        }
        let span = operand.span();
        let kind = match operand {
            Expr::Lit(literal) => self.cast_literal(&literal.lit, None, ty),
            Expr::Unary(unary) => match (&unary.op, without_parentheses(&unary.expr)) {
                (UnOp::Neg(minus), Expr::Lit(literal)) => self.cast_literal(&literal.lit, Some(minus), ty),
                _ => self.unary_operator(&unary.op).map(|operator| Kind::Unary {
                    operator,
                    token: unary.op,
                    under_cast: true,
                    callee: None,
                    site: None,
                    operand: Box::new(self.cast_operand(&unary.expr, ty)),
                }),
            },
            _ => None,
        };
        kind.map_or_else(|| Expression::placeholder(span), |kind| Expression { span, kind })
    }

    fn cast_literal(&mut self, lit: &syn::Lit, sign: Option<&syn::Token![-]>, ty: TypeRef) -> Option<Kind> {
        if let syn::Lit::Bool(value) = lit {
            return Some(Kind::Bool(value.value, lit.to_token_stream()));
        }
        let value = self.number_value(lit, sign.is_some())?;
        let ty = LiteralType::Cast(ty);
        Some(Kind::Number(Number { sign: sign.copied(), literal: lit.clone(), value, ty }))
    }

    pub(super) fn binary(&mut self, binary: &syn::ExprBinary) -> Kind {
        self.attributes(&binary.attrs);
        let logic = match &binary.op {
            BinOp::And(_) => Some(LogicOperator::And),
            BinOp::Or(_) => Some(LogicOperator::Or),
            _ => None,
        };
        if let Some(logic) = logic {
            let left = Box::new(self.expression(&binary.left));
            let right = Box::new(self.expression(&binary.right));
            return Kind::Logic(logic, binary.op, left, right);
        }
        match operator(&binary.op) {
            None => {
                self.errors.at(binary.op, "kernels do not have this operator");
                Kind::Bool(false, TokenStream::new())
            }
            Some((operator, false)) => {
                let left = Box::new(self.expression(&binary.left));
                let right = Box::new(self.expression(&binary.right));
                Kind::Binary(self.operation(operator, binary, Some(&left), &right), left, right)
            }
            Some((operator, true)) => self.assign_operation(operator, binary),
        }
    }

    /// An operator between what was found to mean `left`, unless that is a place, and `right`.
    fn operation(
        &mut self,
        operator: BinaryOperator,
        binary: &syn::ExprBinary,
        left: Option<&Expression>,
        right: &Expression,
    ) -> Operation {
        let site = operator.defined().map(|_| {
            let (left, right) = (self.written(&binary.left, left), self.written(&binary.right, Some(right)));
            let sign = spelling(binary.op.to_token_stream());
            let subject = format!("{} {sign} {}", left.subject, right.subject);
            self.body.sites.push(Site { span: left.span, subject });
            self.body.sites.len() - 1
        });
        let callee = operator.definable().map(|_| self.witness(binary.op.span()));
        Operation { operator, tokens: binary.op, span: binary.op.span(), site, callee }
    }

    /// What is written somewhere, and where. An operation in there has been written down before.
    fn written(&self, node: &Expr, meaning: Option<&Expression>) -> Site {
        match (node, meaning.map(|meaning| &meaning.kind)) {
            (Expr::Paren(inner), Some(Kind::Binary(..))) if inner.attrs.is_empty() => {
                let Site { subject, .. } = self.written(&inner.expr, meaning);
                Site { span: inner.paren_token.span.open(), subject: format!("({subject})") }
            }
            (Expr::Binary(_), Some(Kind::Binary(Operation { site: Some(site), .. }, ..))) => {
                self.body.sites[*site].clone()
            }
            _ => written(node),
        }
    }

    fn assign_operation(&mut self, operator: BinaryOperator, binary: &syn::ExprBinary) -> Kind {
        let value = Box::new(self.expression(&binary.right));
        match self.place(&binary.left) {
            Some(Place::Name(name)) => {
                let operation = self.operation(operator, binary, None, &value);
                Kind::AssignOperation(operation, Box::new(name), value)
            }
            Some(Place::Part(place)) => {
                let operation = self.operation(operator, binary, None, &value);
                Kind::StoreOperation(operation, place, value)
            }
            None => Kind::Bool(false, TokenStream::new()),
        }
    }

    pub(super) fn assign(&mut self, assign: &syn::ExprAssign) -> Kind {
        self.attributes(&assign.attrs);
        if super::destructure::parts(&assign.left).is_some() {
            return self.destructure(assign);
        }
        let value = Box::new(self.expression(&assign.right));
        match self.place(&assign.left) {
            Some(Place::Name(name)) => {
                let deferred = self.deferred(&name);
                Kind::Assign(Box::new(name), assign.eq_token, value, deferred)
            }
            Some(Place::Part(place)) => Kind::Store(place, value),
            None => Kind::Bool(false, TokenStream::new()),
        }
    }

    /// What stands left of `=`.
    pub(super) fn place(&mut self, place: &Expr) -> Option<Place> {
        match without_parentheses(place) {
            Expr::Path(path) if path.path.get_ident().is_some() => self.name_place(path),
            part @ (Expr::Index(_) | Expr::Field(_)) => self.part_place(part),
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => Some(self.followed_place(place)),
            other => {
                self.errors
                    .at(other, "this cannot be assigned to\nhint: assign to a name or to `name[index]`");
                None
            }
        }
    }

    fn name_place(&mut self, path: &syn::ExprPath) -> Option<Place> {
        let name = path.path.get_ident()?;
        if self.bound(name).is_none() {
            self.errors.at(
                path,
                format!(
                    "`{name}` is captured, and every work-item has its own copy, so this would be lost\n\
                     hint: copy it with `let mut {name} = {name};`, or store through an accessor"
                ),
            );
            return None;
        }
        Some(Place::Name(self.expression(&Expr::Path(path.clone()))))
    }

    /// A place inside of a variable or of an accessor.
    fn part_place(&mut self, part: &Expr) -> Option<Place> {
        let root = root_of(part);
        let Expr::Path(path) = root else {
            self.errors.at(
                root,
                "this is a value of its own, so what is stored to it would be lost\n\
                 hint: bind it with `let mut name = ..;` and store to that",
            );
            return None;
        };
        let place = self.nested_place(part);
        let is_element = matches!(place.steps[..], [Step::Index { .. }, ..]);
        match path.path.get_ident().map(|name| (name, self.bound(name))) {
            Some((name, None)) if is_element => self.mark_stored(&name.to_string()),
            Some((_, None)) => return self.name_place(path),
            Some((_, Some(bound))) => self.allow_stores(bound.local),
            None => {}
        }
        if place.steps.iter().all(Step::is_field) {
            let span = place.root.span;
            return Some(Place::Name(Expression { span, kind: Kind::Load(place) }));
        }
        Some(Place::Part(place))
    }

    /// A parameter that is an accessor needs no `mut` to be stored to, as no accessor in a kernel does.
    pub(super) fn allow_stores(&mut self, local: LocalRef) {
        for parameter in &mut self.body.parameters {
            match &mut parameter.pattern {
                Pattern::Bind(binding) if binding.local == local && names_accessor(&parameter.declared) => {
                    binding.mutable = true;
                }
                _ => {}
            }
        }
    }

    pub(super) fn mark_stored(&mut self, name: &str) {
        use crate::model::CaptureKind::Argument;
        for capture in &mut self.body.captures {
            if let (true, Argument { stored }) = (capture.name == name, &mut capture.kind) {
                *stored = true;
            }
        }
    }
}

pub(super) enum Place {
    /// A variable, or a field of one: what Rust assigns by itself.
    Name(Expression),
    /// A place with an index in it.
    Part(crate::model::Place),
}

/// Where a nest of indices and fields starts.
fn root_of(expression: &Expr) -> &Expr {
    match without_parentheses(expression) {
        Expr::Index(index) => root_of(&index.expr),
        Expr::Field(field) => root_of(&field.base),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => root_of(&unary.expr),
        other => other,
    }
}

/// The operator, and whether it assigns.
fn operator(operator: &BinOp) -> Option<(BinaryOperator, bool)> {
    use BinaryOperator as Operator;
    Some(match operator {
        BinOp::Add(_) => (Operator::Add, false),
        BinOp::Sub(_) => (Operator::Subtract, false),
        BinOp::Mul(_) => (Operator::Multiply, false),
        BinOp::Div(_) => (Operator::Divide, false),
        BinOp::Rem(_) => (Operator::Remainder, false),
        BinOp::BitAnd(_) => (Operator::And, false),
        BinOp::BitOr(_) => (Operator::Or, false),
        BinOp::BitXor(_) => (Operator::Xor, false),
        BinOp::Shl(_) => (Operator::ShiftLeft, false),
        BinOp::Shr(_) => (Operator::ShiftRight, false),
        BinOp::Ne(_) => (Operator::NotEqual, false),
        BinOp::Lt(_) => (Operator::Less, false),
        BinOp::Le(_) => (Operator::LessOrEqual, false),
        BinOp::Gt(_) => (Operator::Greater, false),
        BinOp::Ge(_) => (Operator::GreaterOrEqual, false),
        BinOp::AddAssign(_) => (Operator::Add, true),
        BinOp::SubAssign(_) => (Operator::Subtract, true),
        BinOp::MulAssign(_) => (Operator::Multiply, true),
        BinOp::DivAssign(_) => (Operator::Divide, true),
        BinOp::RemAssign(_) => (Operator::Remainder, true),
        BinOp::BitAndAssign(_) => (Operator::And, true),
        BinOp::BitOrAssign(_) => (Operator::Or, true),
        BinOp::BitXorAssign(_) => (Operator::Xor, true),
        BinOp::ShlAssign(_) => (Operator::ShiftLeft, true),
        BinOp::ShrAssign(_) => (Operator::ShiftRight, true),
        BinOp::Eq(_) => (Operator::Equal, false),
        _ => return None,
    })
}

/// Whether a type is an accessor, by the name it is written with, or a mutable reference.
fn names_accessor(declared: &TokenStream) -> bool {
    let path = match syn::parse2(declared.clone()) {
        Ok(syn::Type::Path(path)) => path,
        Ok(ty) => return super::is_mutable_reference(&ty),
        Err(_) => return false,
    };
    let names = ["Write", "ReadWrite", "Local", "Accessor", "LocalAccessor", "SliceMut"];
    path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
}

pub(super) fn without_parentheses(expression: &Expr) -> &Expr {
    match expression {
        Expr::Paren(inner) => without_parentheses(&inner.expr),
        Expr::Group(inner) => without_parentheses(&inner.expr),
        other => other,
    }
}

/// Whether this is a literal without a type of its own, apart from `-`, `!` and parentheses.
fn is_literal(expression: &Expr) -> bool {
    match without_parentheses(expression) {
        Expr::Lit(literal) => literal.lit.suffix().is_empty(),
        Expr::Unary(unary) => is_literal(&unary.expr),
        _ => false,
    }
}
