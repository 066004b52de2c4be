//! Values, and what is inside of values and statements: how they are made, walked and asked.

use super::*;

impl Value {
    /// A value of a type.
    pub fn new(node: Node, ty: Type) -> Self {
        Value { node, ty }
    }
    /// `()`
    pub fn unit() -> Self {
        Value::new(Node::Unit, Type::Unit)
    }
    /// What never ends normally.
    pub fn never() -> Self {
        Value::new(Node::Never, Type::Unit)
    }
    /// A scalar by its bits.
    pub fn literal(scalar: Scalar, bits: u64) -> Self {
        Value::new(Node::Literal(bits), Type::Scalar(scalar))
    }
    /// A `usize`.
    pub fn usize(value: u64) -> Self {
        Value::literal(Scalar::Usize, value)
    }
    /// A comparison or other operation of two values.
    pub fn binary(operator: BinaryOperator, left: Value, right: Value) -> Self {
        let ty = if operator.compares() { Type::Scalar(Scalar::Bool) } else { left.ty.clone() };
        Value::new(Node::Binary(operator, Box::new([left, right])), ty)
    }
    /// `left && right`
    pub fn and(left: Value, right: Value) -> Self {
        Value::new(Node::Logic(LogicOperator::And, Box::new([left, right])), Type::Scalar(Scalar::Bool))
    }
    /// A `bool` that is known.
    pub fn bool(value: bool) -> Self {
        Value::literal(Scalar::Bool, u64::from(value))
    }
    /// `!condition`
    pub fn negated(condition: Value) -> Self {
        let ty = condition.ty.clone();
        Value::new(Node::Unary(UnaryOperator::Not, Box::new(condition)), ty)
    }
    /// Whether it is known to be `true`.
    pub fn is_true(&self) -> bool {
        matches!(self.node, Node::Literal(bits) if bits != 0)
    }
    /// Whether it is the value of what never ends normally.
    pub fn is_never(&self) -> bool {
        self.node == Node::Never
    }
    /// Whether it exists only while the kernel is lowered.
    pub fn stands_for_code(&self) -> bool {
        matches!(self.node, Node::Closure(_) | Node::Sequence(_) | Node::Borrowed(_) | Node::Slice(_))
    }
    /// Whether it, or a part of it, exists only while the kernel is lowered.
    pub fn has_code(&self) -> bool {
        match &self.node {
            Node::Components(parts) => parts.iter().any(Value::has_code),
            _ => self.stands_for_code(),
        }
    }
    /// The scalar type, if it is one.
    pub fn scalar(&self) -> Option<Scalar> {
        match self.ty {
            Type::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }
    /// The values directly inside.
    pub fn children(&self) -> Vec<&Value> {
        match &self.node {
            Node::Unary(_, inner) | Node::Cast(inner) | Node::Repeat(inner, _) | Node::Field(inner, _) => {
                vec![inner]
            }
            Node::Swizzle(inner, _) | Node::Reinterpret(inner) | Node::Divisor(_, inner) => vec![inner],
            Node::Below(_, pair) => vec![&pair[0]],
            Node::Binary(_, pair) | Node::Logic(_, pair) | Node::Element(pair) => pair.iter().collect(),
            Node::Select(three) => three.iter().collect(),
            Node::Method(_, list) | Node::Components(list) | Node::Load(_, list) | Node::Call(_, list) => {
                list.iter().collect()
            }
            Node::Atomic(_, _, index, arguments) => index.iter().chain(arguments).collect(),
            Node::AtomicReference(_, index, ..) => index.iter().collect(),
            Node::Unit
            | Node::Never
            | Node::Zero
            | Node::Variable(_)
            | Node::Literal(_)
            | Node::Table(_)
            | Node::Parameter(_)
            | Node::Query(_)
            | Node::Extent(..)
            | Node::Accessor(_)
            | Node::Closure(_)
            | Node::Sequence(_)
            | Node::Borrowed(_)
            | Node::Alive
            | Node::Slice(_)
            | Node::Item => Vec::new(),
        }
    }
    /// Whether `test` holds for it or anything inside.
    pub fn any(&self, test: &mut dyn FnMut(&Value) -> bool) -> bool {
        test(self) || self.children().into_iter().any(|child| child.any(test))
    }
    /// Whether evaluating it does something beyond giving the value.
    pub fn has_effect(&self) -> bool {
        self.any(&mut |value| matches!(value.node, Node::Call(..) | Node::Atomic(..)))
    }
    /// Whether evaluating it may fail.
    pub fn asks(&self) -> bool {
        self.any(&mut |value| matches!(value.node, Node::Below(..) | Node::Divisor(..)))
    }
    /// Whether it costs nothing to write it twice.
    pub fn is_atom(&self) -> bool {
        match &self.node {
            Node::Field(whole, _) => whole.is_atom(),
            Node::Below(_, pair) => pair[0].is_atom(),
            Node::Divisor(_, inner) => inner.is_atom(),
            Node::Variable(_) | Node::Literal(_) | Node::Table(_) | Node::Parameter(_) => true,
            node => matches!(node, Node::Query(_) | Node::Extent(..)),
        }
    }
}

impl Context {
    /// Takes on what a called function needs.
    pub fn join(&mut self, other: Context) {
        self.parameters |= other.parameters;
        self.traps |= other.traps;
        self.prints |= other.prints;
        self.halts |= other.halts;
    }
}

impl Statement {
    /// The statements directly inside.
    pub fn inside(&self) -> impl Iterator<Item = &Statement> {
        let (first, second): (&[Statement], &[Statement]) = match self {
            Statement::If(_, then, otherwise) => (then, otherwise),
            Statement::Loop { body, .. }
            | Statement::Block { body, .. }
            | Statement::UnlessHalted(body, _) => (body, &[]),
            _ => (&[], &[]),
        };
        first.iter().chain(second)
    }
    /// The values directly in it.
    pub fn values(&self) -> Vec<&Value> {
        match self {
            Statement::Declare(_, value) | Statement::Return(value) => value.iter().collect(),
            Statement::Store(Place { root, path }, value) => {
                let indices = path.iter().filter_map(Step::index);
                let elements: &[Value] = if let Root::Element(_, index) = root { index } else { &[] };
                elements.iter().chain(indices).chain([value]).collect()
            }
            Statement::Evaluate(value) | Statement::If(value, ..) => vec![value],
            Statement::Loop { head: Head::While(condition), .. } => vec![condition],
            Statement::Loop { head: Head::Count { start, end, step, .. }, .. } => vec![start, end, step],
            Statement::Collective(collective) => match &collective.operation {
                Operation::Gather(position) => vec![&collective.value, position],
                _ => vec![&collective.value],
            },
            Statement::Trap { values, .. } | Statement::Print { values, .. } => values.iter().collect(),
            _ => Vec::new(),
        }
    }
    /// Whether `test` holds for it or a statement inside.
    pub fn any(&self, test: &mut dyn FnMut(&Statement) -> bool) -> bool {
        test(self) || self.inside().any(|inner| inner.any(test))
    }
}

impl Step {
    /// The index, if it is one.
    pub fn index(&self) -> Option<&Value> {
        match self {
            Step::Index(index) => Some(index),
            Step::Field(_) => None,
        }
    }
}
