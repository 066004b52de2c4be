//! Expressions: why their values may differ between work-items.

use super::cause::{Cause, Head, Origin, Written};
use super::operations::{is_collective, is_of_value, is_own_id, is_shared};
use super::{Kind, Place, Value, Walk};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{BinOp, Expr};

impl<'s> Value<'s> {
    pub(super) fn plain(cause: Option<Cause<'s>>) -> Self {
        Value { cause, ..Value::default() }
    }
    pub(super) fn of_kind(kind: Kind) -> Self {
        Value { kind, ..Value::default() }
    }
}

/// A cause that stands where `node` does.
fn cause<'s>(origin: fn(Written<'s>) -> Origin<'s>, node: &'s impl ToTokens) -> Value<'s> {
    Value::plain(Some(Cause::new(origin(Written(node)), Written(node))))
}

impl<'s> Walk<'s> {
    /// The value of an expression; follows everything inside.
    pub(super) fn value(&mut self, expression: &'s Expr) -> Value<'s> {
        match expression {
            Expr::Paren(inner) => self.value(&inner.expr),
            Expr::Group(inner) => self.value(&inner.expr),
            Expr::Path(path) => self.path(path),
            Expr::MethodCall(call) => self.method(call),
            Expr::Call(call) => self.call(call),
            Expr::Index(index) => self.index(index),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => {
                let value = self.value(&assign.right);
                self.assign(&assign.left, value.cause);
                Value::default()
            }
            Expr::Reference(reference) => self.reference(reference),
            Expr::Macro(call) => self.macro_call(call),
            Expr::Closure(closure) => self.closure(closure),
            Expr::If(_)
            | Expr::Match(_)
            | Expr::Block(_)
            | Expr::Unsafe(_)
            | Expr::While(_)
            | Expr::Loop(_)
            | Expr::ForLoop(_)
            | Expr::Break(_)
            | Expr::Continue(_)
            | Expr::Return(_)
            | Expr::Try(_)
            | Expr::Let(_) => self.control_flow(expression),
            other => self.parts(other),
        }
    }

    /// Whatever only combines what is inside of it.
    fn parts(&mut self, expression: &'s Expr) -> Value<'s> {
        struct Parts<'e>(Vec<&'e Expr>);
        impl<'e> Visit<'e> for Parts<'e> {
            fn visit_expr(&mut self, part: &'e Expr) {
                self.0.push(part);
            }
        }
        let mut parts = Parts(Vec::new());
        syn::visit::visit_expr(&mut parts, expression);
        self.any(parts.0)
    }

    fn any(&mut self, parts: impl IntoIterator<Item = &'s Expr>) -> Value<'s> {
        let causes: Vec<_> = parts.into_iter().map(|part| self.number(part)).collect();
        Value::plain(causes.into_iter().flatten().next())
    }

    /// Why an expression that is used as a number may differ: the work-item itself always does.
    pub(super) fn number(&mut self, expression: &'s Expr) -> Option<Cause<'s>> {
        let value = self.value(expression);
        match value.kind {
            Kind::Item | Kind::Group | Kind::SubGroup => cause(Origin::Id, expression).cause,
            Kind::Plain | Kind::Memory => value.cause,
        }
    }

    fn path(&mut self, path: &'s syn::ExprPath) -> Value<'s> {
        let Some(name) = path.path.get_ident() else { return Value::default() };
        let Some(number) = self.variable(name) else { return Value::of_kind(Kind::Memory) };
        let variable = &self.variables[number];
        let cause = variable.cause.map(|cause| cause.through(name));
        Value { kind: variable.kind, cause, is_mutable: variable.is_mutable }
    }

    fn index(&mut self, index: &'s syn::ExprIndex) -> Value<'s> {
        let base = self.value(&index.expr);
        let at = self.number(&index.index);
        match base.kind {
            Kind::Memory => cause(Origin::Element, index),
            _ => Value::plain(base.cause.or(at)),
        }
    }

    fn binary(&mut self, binary: &'s syn::ExprBinary) -> Value<'s> {
        match binary.op {
            BinOp::And(_) | BinOp::Or(_) => {
                let left = self.number(&binary.left);
                let left_written = Written(&binary.left);
                let head = Head::Keyword("", left_written);
                let place = Place { head, condition: &binary.left, start: left_written };
                let right = self.parted(left, &place, |walk| walk.number(&binary.right));
                Value::plain(left.or(right))
            }
            operator if is_assignment(&operator) => {
                let value = self.number(&binary.right);
                self.assign(&binary.left, value);
                Value::default()
            }
            _ => self.any([&*binary.left, &*binary.right]),
        }
    }

    /// Notes an assignment of a value to a place.
    fn assign(&mut self, place: &'s Expr, value: Option<Cause<'s>>) {
        if let Some(parts) = crate::check::assigned_parts(place) {
            return parts.into_iter().for_each(|part| self.assign(part, value));
        }
        let (root, at) = self.root(place);
        let Some(number) = root else { return };
        let missing = self.missing().map(|parting| parting.of_assignment());
        self.spoil(number, value.or(at).or(missing));
    }

    /// The variable at the start of a place, and why the rest of the place may differ.
    fn root(&mut self, place: &'s Expr) -> (Option<usize>, Option<Cause<'s>>) {
        match place {
            Expr::Path(path) => (path.path.get_ident().and_then(|name| self.variable(name)), None),
            Expr::Index(index) => {
                let (root, at) = self.root(&index.expr);
                (root, self.number(&index.index).or(at))
            }
            Expr::Field(field) => self.root(&field.base),
            Expr::Paren(inner) => self.root(&inner.expr),
            Expr::Unary(unary) => self.root(&unary.expr),
            other => (None, self.number(other)),
        }
    }

    fn reference(&mut self, reference: &'s syn::ExprReference) -> Value<'s> {
        let value = self.value(&reference.expr);
        if reference.mutability.is_some() {
            self.lend(&reference.expr, Written(reference));
        }
        Value { is_mutable: reference.mutability.is_some(), ..value }
    }

    /// Whoever has a mutable reference may store what differs.
    pub(super) fn lend(&mut self, place: &'s Expr, start: Written<'s>) {
        if let (Some(number), _) = self.root(place) {
            self.spoil(number, Some(Cause::new(Origin::Lent(Written(place)), start)));
        }
    }

    /// What a method may change may differ afterwards, if what it is given does or not all come to it.
    fn change(&mut self, place: &'s Expr, given: Option<Cause<'s>>) {
        let (root, at) = self.root(place);
        let Some(number) = root.filter(|number| self.variables[*number].is_mutable) else { return };
        let missing = self.missing().map(|parting| parting.of_assignment());
        self.spoil(number, given.or(at).or(missing));
    }

    fn macro_call(&mut self, call: &'s syn::ExprMacro) -> Value<'s> {
        match call.mac.path.segments.last() {
            Some(name) if name.ident == "local" => Value::of_kind(Kind::Memory),
            _ => cause(Origin::Unknown, call),
        }
    }

    /// Where and by whom a closure is called is not known, so its parameters may be anything, and no work-item need come to
    /// what is inside. What it does to the loops around it, or by `return`, concerns itself alone.
    fn closure(&mut self, closure: &'s syn::ExprClosure) -> Value<'s> {
        let unknown = cause(Origin::Unknown, closure);
        let (frames, returned) = (std::mem::take(&mut self.frames), self.returned.take());
        let written = Written(closure);
        let place = Place { head: Head::Keyword("", written), condition: &closure.body, start: written };
        self.parted(unknown.cause, &place, |walk| {
            walk.scoped(|walk| {
                for input in &closure.inputs {
                    walk.bind_pattern(input, &unknown);
                }
                walk.value(&closure.body);
            });
        });
        (self.frames, self.returned) = (frames, returned);
        unknown
    }

    fn call(&mut self, call: &'s syn::ExprCall) -> Value<'s> {
        let arguments: Vec<_> = call.args.iter().map(|argument| (argument, self.value(argument))).collect();
        if let Expr::Path(path) = &*call.func
            && crate::check::is_uniform_function(&path.path)
        {
            self.judge(&path.path.segments[path.path.segments.len() - 1].ident);
            return Value::default();
        }
        if let Expr::Path(path) = &*call.func
            && crate::check::is_local_function(&path.path)
        {
            return Value::of_kind(Kind::Memory);
        }
        // A closure may know what differs.
        let called = match &*call.func {
            Expr::Path(path) => path.path.get_ident().filter(|name| self.variable(name).is_some()),
            _ => None,
        };
        if called.is_some() {
            return self.value(&call.func);
        }
        // Of functions of types and methods nobody knows here which they are, so what a call of them breaks shows only when the
        // kernel is lowered.
        if let Expr::Path(path) = &*call.func
            && !crate::check::is_associated(path)
            && arguments.iter().any(|(_, value)| value.kind.is_of_group())
        {
            self.note_call(&path.path, &arguments);
        }
        // A function that is given an accessor may give back any of its elements.
        match arguments.iter().find(|(_, value)| value.kind != Kind::Plain) {
            Some(_) => cause(Origin::Unknown, call),
            None => Value::plain(arguments.into_iter().find_map(|(_, value)| value.cause)),
        }
    }

    fn method(&mut self, call: &'s syn::ExprMethodCall) -> Value<'s> {
        let receiver = self.value(&call.receiver);
        let arguments: Vec<_> = call.args.iter().map(|argument| self.number(argument)).collect();
        let name = call.method.to_string();
        if matches!(name.as_str(), "slice_mut" | "iter_mut") {
            self.lend(&call.receiver, Written(call));
        }
        // The methods of the user's types may change what they are called on.
        if !receiver.kind.is_of_group() && crate::methods::find(&name).is_none() {
            self.change(&call.receiver, arguments.iter().flatten().next().copied());
        }
        // What a tuple held may be a group as well.
        if receiver.kind != Kind::Memory && is_collective(&name) {
            self.judge(&call.method);
        }
        match receiver.kind {
            Kind::Item if name == "group" => Value::of_kind(Kind::Group),
            Kind::Item if name == "sub_group" => Value::of_kind(Kind::SubGroup),
            Kind::Item if is_own_id(&name) => cause(Origin::Id, call),
            Kind::Item => Value::default(),
            Kind::Group if is_own_id(&name) => cause(Origin::Id, call),
            Kind::Group if name == "broadcast" => Value::plain(arguments.into_iter().nth(1).flatten()),
            Kind::Group if is_collective(&name) && !is_shared(&name) => cause(Origin::Operation, call),
            Kind::Group => Value::default(),
            Kind::SubGroup if matches!(&*name, "max_size" | "group_count") => Value::default(),
            Kind::SubGroup => cause(Origin::Operation, call),
            Kind::Memory if !is_of_value(&name) => cause(Origin::Element, call),
            Kind::Memory | Kind::Plain => {
                Value::plain(arguments.into_iter().fold(receiver.cause, Option::or))
            }
        }
    }
}

fn is_assignment(operator: &BinOp) -> bool {
    matches!(
        operator,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}
