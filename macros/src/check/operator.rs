//! Operators, and assignments in all their forms.

use super::Checker;
use crate::model::{
    BinaryOperator, Element, Expression, Kind, LiteralType, LocalRef, LogicOperator, Number, Operation,
    Pattern, TypeRef, UnaryOperator,
};
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
        let Some(operator) = self.unary_operator(&unary.op) else {
            return Kind::Bool(false, TokenStream::new());
        };
        let operand = Box::new(self.expression(&unary.expr));
        let site = (operator == UnaryOperator::Negate).then(|| self.site(unary));
        Kind::Unary { operator, token: unary.op.to_token_stream(), under_cast: false, operand, site }
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
                    token: unary.op.to_token_stream(),
                    under_cast: true,
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
        Some(Kind::Number(Number { tokens: quote::quote!(#sign #lit), value, ty }))
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
            return Kind::Logic(logic, binary.op.to_token_stream(), left, right);
        }
        match operator(&binary.op) {
            None => {
                self.errors.at(binary.op, "kernels do not have this operator");
                Kind::Bool(false, TokenStream::new())
            }
            Some((operator, false)) => {
                let left = Box::new(self.expression(&binary.left));
                let right = Box::new(self.expression(&binary.right));
                Kind::Binary(self.operation(operator, binary), left, right)
            }
            Some((operator, true)) => self.assign_operation(operator, binary),
        }
    }

    fn operation(&mut self, operator: BinaryOperator, binary: &syn::ExprBinary) -> Operation {
        let site = operator.defined().map(|_| self.site(binary));
        Operation { operator, tokens: binary.op.to_token_stream(), span: binary.op.span(), site }
    }

    fn assign_operation(&mut self, operator: BinaryOperator, binary: &syn::ExprBinary) -> Kind {
        let value = Box::new(self.expression(&binary.right));
        match self.place(&binary.left) {
            Some(Place::Name(name)) => {
                Kind::AssignOperation(self.operation(operator, binary), Box::new(name), value)
            }
            Some(Place::Element(element)) => {
                Kind::StoreOperation(self.operation(operator, binary), element, value)
            }
            None => Kind::Bool(false, TokenStream::new()),
        }
    }

    pub(super) fn assign(&mut self, assign: &syn::ExprAssign) -> Kind {
        self.attributes(&assign.attrs);
        let value = Box::new(self.expression(&assign.right));
        match self.place(&assign.left) {
            Some(Place::Name(name)) => {
                let deferred = self.deferred(&name);
                Kind::Assign(Box::new(name), assign.eq_token.to_token_stream(), value, deferred)
            }
            Some(Place::Element(element)) => Kind::Store(element, value),
            None => Kind::Bool(false, TokenStream::new()),
        }
    }

    /// What stands left of `=`.
    fn place(&mut self, place: &Expr) -> Option<Place> {
        match without_parentheses(place) {
            Expr::Path(path) if path.path.get_ident().is_some() => self.name_place(path),
            Expr::Index(index) => self.element_place(index),
            Expr::Field(field) => {
                self.errors
                    .at(&field.member, "kernels have no fields yet\nhint: use one variable for each field");
                None
            }
            Expr::Infer(_) => {
                self.errors.at(place, "write `let _ = value;` to drop a value");
                None
            }
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
                self.errors.at(
                    unary.op,
                    "kernels have no references to follow\nhint: assign to the variable itself",
                );
                None
            }
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

    fn element_place(&mut self, index: &syn::ExprIndex) -> Option<Place> {
        let base = without_parentheses(&index.expr);
        let Expr::Path(path) = base else {
            self.errors.at(
                base,
                "kernels store to `name[index]` only, not yet to places inside of places\n\
                 hint: copy the inner array with `let mut row = outer[i];`, store there, then write `outer[i] = row;`",
            );
            return None;
        };
        let element = self.element(index);
        if let Some(name) = path.path.get_ident() {
            match self.bound(name) {
                None => self.mark_stored(&name.to_string()),
                Some(bound) => self.allow_stores(bound.local),
            }
        }
        Some(Place::Element(element))
    }

    /// A parameter that is an accessor needs no `mut` to be stored to, as no accessor in a kernel does.
    fn allow_stores(&mut self, local: LocalRef) {
        for parameter in &mut self.body.parameters {
            match &mut parameter.pattern {
                Pattern::Bind(binding) if binding.local == local && names_accessor(&parameter.declared) => {
                    binding.mutable = true;
                }
                _ => {}
            }
        }
    }

    fn mark_stored(&mut self, name: &str) {
        use crate::model::CaptureKind::Argument;
        for capture in &mut self.body.captures {
            if let (true, Argument { stored }) = (capture.name == name, &mut capture.kind) {
                *stored = true;
            }
        }
    }
}

enum Place {
    Name(Expression),
    Element(Element),
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

/// Whether a type is an accessor, by the name it is written with.
fn names_accessor(declared: &TokenStream) -> bool {
    let Ok(syn::Type::Path(path)) = syn::parse2(declared.clone()) else { return false };
    let names = ["Write", "ReadWrite", "Local", "Accessor", "LocalAccessor"];
    path.path.segments.last().is_some_and(|last| names.iter().any(|name| last.ident == name))
}

fn without_parentheses(expression: &Expr) -> &Expr {
    match expression {
        Expr::Paren(inner) => without_parentheses(&inner.expr),
        Expr::Group(inner) => without_parentheses(&inner.expr),
        other => other,
    }
}

/// Whether this is a literal, apart from `-`, `!` and parentheses.
fn is_literal(expression: &Expr) -> bool {
    match without_parentheses(expression) {
        Expr::Lit(_) => true,
        Expr::Unary(unary) => is_literal(&unary.expr),
        _ => false,
    }
}
