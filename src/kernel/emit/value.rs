//! Values as text, each operation in the spelling that has Rust's meaning.

use super::counted::{hidden, is_miscounted};
use super::{Printer, c_name, number};
use crate::kernel::lower::ir::*;
use crate::kernel::lower::methods::{Gives, Method};
use crate::kernel::source::Content;
use crate::kernel::tree::{BinaryOperator, LogicOperator, UnaryOperator};
use crate::kernel::types::{Scalar, Type};

/// How tightly a text binds, as in C.
pub(super) const PRIMARY: u8 = 16;
pub(super) const UNARY: u8 = 14;
/// The strength of `<` and its kin, the stronger of the comparisons.
const COMPARISON: u8 = 10;
const AND_THEN: u8 = 5;
const OR_ELSE: u8 = 4;
const CHOICE: u8 = 3;

pub(super) type Text = (String, u8);

impl Printer<'_> {
    /// A value as text.
    pub fn value(&mut self, value: &Value) -> String {
        self.text_of(value).0
    }

    /// A value as text that binds at least as tightly as `strength`.
    pub fn tight(&mut self, value: &Value, strength: u8) -> String {
        let text = self.text_of(value);
        parenthesized(text, strength)
    }

    pub fn text_of(&mut self, value: &Value) -> Text {
        if let Some(text) = self.vector_text(value) {
            return text;
        }
        match &value.node {
            Node::Unit
            | Node::Never
            | Node::Item
            | Node::Accessor(_)
            | Node::Closure(_)
            | Node::Sequence(_)
            | Node::Borrowed(_)
            | Node::Slice(_)
            | Node::AtomicReference(..) => ("0".to_owned(), PRIMARY),
            Node::Zero => match &value.ty {
                Type::Scalar(scalar) => self.literal(*scalar, 0),
                Type::Unit => ("0".to_owned(), PRIMARY),
                ty => (format!("({}){}", self.c_type(ty), zero_initializer(ty)), PRIMARY),
            },
            Node::Alive => (format!("!{}", self.ended()), UNARY),
            Node::Variable(variable) => (self.function.variables[*variable].name.clone(), PRIMARY),
            Node::Literal(bits) => self.literal(value.scalar().unwrap_or(Scalar::I32), *bits),
            Node::Table(table) => (self.module.tables[*table].name.clone(), PRIMARY),
            Node::Parameter(content) => (self.field(*content), PRIMARY),
            Node::Query(query) => (self.query(*query), PRIMARY),
            Node::Extent(accessor, dimension) => (self.extent(*accessor, *dimension), PRIMARY),
            Node::Unary(operator, operand) => self.unary(*operator, operand),
            Node::Binary(operator, pair) => self.binary(*operator, &pair[0], &pair[1]),
            Node::Logic(operator, pair) => self.logic(*operator, &pair[0], &pair[1]),
            Node::Select(three) => {
                let [condition, yes, no] =
                    [&three[0], &three[1], &three[2]].map(|v| self.tight(v, CHOICE + 1));
                (format!("{condition} ? {yes} : {no}"), CHOICE)
            }
            Node::Cast(inner) => self.cast(inner, value.scalar().unwrap_or(Scalar::I32)),
            Node::Method(method, operands) => (self.method(method, operands), PRIMARY),
            Node::Components(_) | Node::Repeat(..) => {
                let ty = self.c_type(&value.ty);
                (format!("({ty}){}", self.initializer(value)), PRIMARY)
            }
            Node::Element(pair) => {
                let array = self.tight(&pair[0], PRIMARY);
                let index = self.value(&pair[1]);
                (format!("{array}.v[{index}]"), PRIMARY)
            }
            Node::Field(whole, position) => {
                let name = self.field_name(&whole.ty, *position);
                (format!("{}.{name}", self.tight(whole, PRIMARY)), PRIMARY)
            }
            Node::Below(_, pair) => self.text_of(&pair[0]),
            Node::Divisor(_, inner) => self.text_of(inner),
            Node::Load(accessor, index) => (self.element(*accessor, index), PRIMARY),
            Node::Atomic(operation, accessor, index, arguments) => {
                (self.atomic(operation, *accessor, index, arguments), PRIMARY)
            }
            Node::Call(function, arguments) => (self.call(*function, arguments), PRIMARY),
            Node::Swizzle(inner, _) | Node::Reinterpret(inner) => self.text_of(inner),
        }
    }

    /// What may stand behind `=` in a declaration.
    pub fn initializer(&mut self, value: &Value) -> String {
        match &value.node {
            _ if matches!(value.ty, Type::Vector(..)) => self.value(value),
            Node::Zero if !matches!(value.ty, Type::Scalar(_)) => zero_initializer(&value.ty),
            Node::Components(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.initializer(part)).collect();
                match value.ty {
                    Type::Aggregate(_) if parts.is_empty() => "{0}".to_owned(),
                    Type::Aggregate(_) => format!("{{{}}}", parts.join(", ")),
                    _ => format!("{{{{{}}}}}", parts.join(", ")),
                }
            }
            Node::Repeat(element, length) => {
                let element = self.initializer(element);
                format!("{{{{{}}}}}", vec![element; *length].join(", "))
            }
            _ => self.value(value),
        }
    }

    fn literal(&mut self, scalar: Scalar, bits: u64) -> Text {
        self.c_scalar(scalar);
        let (text, is_primary) = number::literal(scalar, bits);
        (text, if is_primary { PRIMARY } else { UNARY })
    }

    fn query(&mut self, query: Query) -> String {
        let dimensions = match self.module.shape {
            crate::kernel::ShapeKind::Single => 1,
            crate::kernel::ShapeKind::Range(n) | crate::kernel::ShapeKind::NdRange(n) => n,
        };
        let (function, component) = match query {
            Query::GlobalId(component) => ("get_global_id", component),
            Query::LocalId(component) => ("get_local_id", component),
            Query::GroupId(component) => ("get_group_id", component),
            Query::LocalRange(component) => ("get_local_size", component),
            Query::GroupRange(component) => ("get_num_groups", component),
        };
        let d = dimensions.saturating_sub(1 + component);
        // OpenCL counts the work-groups of what is run at once.
        match query {
            Query::GroupId(_) if self.may_be_sliced_along(d) => {
                format!("(get_group_id({d}) + get_global_offset({d}) / get_local_size({d}))")
            }
            Query::GroupRange(_) if self.may_be_sliced_along(d) => {
                format!("({} / get_local_size({d}))", self.field(Content::GlobalRange(3 - dimensions)))
            }
            _ => format!("{function}({d})"),
        }
    }

    /// The pointer to an accessor's first element.
    fn first_element(&self, accessor: AccessorId) -> String {
        let accessor = &self.function.accessors[accessor];
        let n_rows = accessor.known_rows().map_or(0, <[u64]>::len);
        format!("{}{}", "*".repeat(n_rows), accessor.name)
    }

    /// A place as text, and whether it is a lane of a mask.
    pub fn place(&mut self, place: &Place) -> (String, bool) {
        let (mut text, mut ty, space) = match &place.root {
            Root::Variable(variable) => {
                let variable = &self.function.variables[*variable];
                (variable.name.clone(), variable.ty.clone(), None)
            }
            Root::Element(accessor, index) => {
                let element = self.element(*accessor, index);
                let accessor = &self.function.accessors[*accessor];
                (element, accessor.element.clone(), Some(accessor.space))
            }
        };
        let mut is_mask_lane = false;
        for step in &place.path {
            is_mask_lane = matches!(ty, Type::Vector(Scalar::Bool, _));
            let position = match (step, &ty) {
                (Step::Index(index), Type::Vector(lane, lanes)) => {
                    text = self.lane_place(&text, (*lane, *lanes), space, index);
                    0
                }
                (Step::Index(index), _) => {
                    text = format!("{text}.v[{}]", self.value(index));
                    0
                }
                (Step::Field(position), _) => {
                    text = format!("{text}.{}", self.field_name(&ty, *position));
                    *position
                }
            };
            ty = ty.part(position).unwrap_or(Type::Unit);
        }
        (text, is_mask_lane)
    }

    fn unary(&mut self, operator: UnaryOperator, operand: &Value) -> Text {
        let scalar = operand.scalar().unwrap_or(Scalar::I32);
        let text = match operator {
            UnaryOperator::Negate if scalar == Scalar::F16 => {
                format!("(ushort)({} ^ 0x8000)", self.tight(operand, 8))
            }
            UnaryOperator::Negate if scalar.is_float() && self.module.kernel.has_barrier => {
                return self.negate_across_barriers(operand);
            }
            UnaryOperator::Negate if scalar.is_float() => {
                let operand = self.tight(operand, UNARY);
                if operand.starts_with('-') { format!("-({operand})") } else { format!("-{operand}") }
            }
            UnaryOperator::Negate => {
                let operand = self.unsigned(operand, scalar);
                let negated = format!("0u - {}", parenthesized(operand, 13));
                format!("({}){}", c_name(scalar), hidden(c_name(wide(scalar)), &negated))
            }
            UnaryOperator::Not if scalar == Scalar::Bool => format!("!{}", self.tight(operand, UNARY)),
            UnaryOperator::Not if scalar.bits() < 32 => {
                format!("({})~{}", c_name(scalar), self.tight(operand, UNARY))
            }
            UnaryOperator::Not => {
                let complement = format!("~{}", self.tight(operand, UNARY));
                return (hidden(c_name(scalar), &complement), PRIMARY);
            }
        };
        (text, UNARY)
    }

    /// A negated float, or vector of floats, in a spelling that no compiler takes for a negation.
    fn negate_across_barriers(&mut self, operand: &Value) -> Text {
        let ty = self.c_type(&operand.ty);
        let negate = self.use_negate(&ty);
        (format!("{negate}({})", self.value(operand)), PRIMARY)
    }

    fn logic(&mut self, operator: LogicOperator, left: &Value, right: &Value) -> Text {
        let (sign, strength) = match operator {
            LogicOperator::And => ("&&", AND_THEN),
            LogicOperator::Or => ("||", OR_ELSE),
        };
        // `&&` inside `||` needs no parentheses in C, but its readers and its compilers ask for them.
        let is_same = |value: &Value| matches!(&value.node, Node::Logic(inner, _) if *inner == operator);
        let [left, right] = [left, right].map(|side| {
            let needed = if is_same(side) { strength } else { AND_THEN + 1 };
            self.tight(side, needed)
        });
        (format!("{left} {sign} {right}"), strength)
    }

    fn binary(&mut self, operator: BinaryOperator, left: &Value, right: &Value) -> Text {
        use BinaryOperator::*;
        let scalar = left.scalar().unwrap_or(Scalar::I32);
        if scalar == Scalar::F16 {
            return self.binary_of_halves(operator, left, right);
        }
        if matches!(operator, ShiftLeft | ShiftRight) {
            return self.shift(operator, scalar, left, right);
        }
        if operator == Remainder && scalar.is_float() {
            let remainder = self.use_remainder(c_name(scalar));
            return (format!("{remainder}({}, {})", self.value(left), self.value(right)), PRIMARY);
        }
        if let (Some(negated), true) = (negated(operator, left, right), self.module.kernel.has_barrier) {
            return self.negate_across_barriers(negated);
        }
        if operator == Divide && scalar.is_float() && left.node == Node::Literal(0) {
            let zero_over = self.use_zero_over(c_name(scalar));
            return (format!("{zero_over}({})", self.value(right)), PRIMARY);
        }
        let wraps = matches!(operator, Add | Subtract | Multiply) && scalar.is_integer();
        if let Some((value, amount)) = shifted_to_the_left(operator, left, right) {
            let amount = Value::literal(scalar, amount);
            return self.shift(ShiftLeft, scalar, value, &amount);
        }
        if wraps && (scalar.is_signed() || scalar.bits() < 32) {
            let raw = self.raw(operator, scalar, left, right);
            return (format!("({}){}", c_name(scalar), parenthesized(raw, UNARY)), UNARY);
        }
        let text = match scalar.is_integer() {
            true => self.infix_of_integers(operator, left, right),
            false => self.infix(operator, left, right),
        };
        if scalar.is_integer() && scalar.bits() < 32 && !operator.compares() {
            return (format!("({})({})", c_name(scalar), text.0), UNARY);
        }
        text
    }

    fn infix(&mut self, operator: BinaryOperator, left: &Value, right: &Value) -> Text {
        let (sign, strength) = sign_of(operator);
        // Some compilers refuse `a < b < c` without parentheses, taking it for a mistake.
        let needed = if operator.compares() { COMPARISON + 1 } else { strength };
        let left = self.tight(left, needed.max(strength));
        let right = self.tight(right, needed.max(strength + 1));
        (format!("{left} {sign} {right}"), strength)
    }

    /// An operation on integers of at least 32 bits that C does without promoting them.
    fn infix_of_integers(&mut self, operator: BinaryOperator, left: &Value, right: &Value) -> Text {
        let (text, strength) = self.infix(operator, left, right);
        match left.scalar() {
            Some(scalar) if is_miscounted(operator, scalar, left, right) => {
                (hidden(c_name(scalar), &text), PRIMARY)
            }
            _ => (text, strength),
        }
    }

    /// A wrapping operation on the unsigned type that C does not promote, before it is cast back.
    fn raw(&mut self, operator: BinaryOperator, scalar: Scalar, left: &Value, right: &Value) -> Text {
        let (sign, strength) = sign_of(operator);
        let is_miscounted = is_miscounted(operator, scalar, left, right);
        let left = self.unsigned(left, scalar);
        let left = parenthesized(left, strength);
        let right = self.unsigned(right, scalar);
        let right = parenthesized(right, strength + 1);
        let text = format!("{left} {sign} {right}");
        match is_miscounted {
            true => (hidden(c_name(wide(scalar)), &text), PRIMARY),
            false => (text, strength),
        }
    }

    /// An integer as the unsigned type in which it wraps.
    fn unsigned(&mut self, value: &Value, scalar: Scalar) -> Text {
        use BinaryOperator::{Add, Multiply, Subtract};
        let wide = wide(scalar);
        match &value.node {
            Node::Literal(bits) if scalar.bits() >= 32 => self.literal(wide, *bits & wide.mask()),
            Node::Binary(operator @ (Add | Subtract | Multiply), pair)
                if scalar.bits() >= 32 && shifted_to_the_left(*operator, &pair[0], &pair[1]).is_none() =>
            {
                self.raw(*operator, scalar, &pair[0], &pair[1])
            }
            _ if !scalar.is_signed() && scalar.bits() >= 32 => self.text_of(value),
            _ => (format!("({}){}", c_name(wide), self.tight(value, UNARY)), UNARY),
        }
    }

    fn shift(&mut self, operator: BinaryOperator, scalar: Scalar, left: &Value, right: &Value) -> Text {
        let mask = u64::from(scalar.bits() - 1);
        let amount = match right.node {
            Node::Literal(bits) => (bits & mask).to_string(),
            _ => format!("({} & {mask})", self.tight(right, 9)),
        };
        if operator == BinaryOperator::ShiftLeft && scalar.is_signed() && scalar.bits() <= 32 {
            let shifted = format!("{}({}, {amount})", self.use_shift_left(), self.value(left));
            return if scalar == Scalar::I32 {
                (shifted, PRIMARY)
            } else {
                (format!("({}){shifted}", c_name(scalar)), UNARY)
            };
        }
        if operator == BinaryOperator::ShiftLeft && (scalar.is_signed() || scalar.bits() < 32) {
            let left = self.unsigned(left, scalar);
            return (format!("({})({} << {amount})", c_name(scalar), parenthesized(left, 12)), UNARY);
        }
        let sign = if operator == BinaryOperator::ShiftLeft { "<<" } else { ">>" };
        let text = format!("{} {sign} {amount}", self.tight(left, 12));
        if scalar.bits() < 32 { (format!("({})({text})", c_name(scalar)), UNARY) } else { (text, 11) }
    }

    fn cast(&mut self, inner: &Value, target: Scalar) -> Text {
        let name = self.c_scalar(target);
        let source = inner.scalar().unwrap_or(target);
        if source == Scalar::F16 || target == Scalar::F16 {
            return self.cast_half(inner, source, target);
        }
        if source.is_float() && !target.is_float() {
            let conversion = format!("convert_{name}_sat");
            let function =
                if target == Scalar::U32 { self.use_float_to_uint(c_name(source)) } else { conversion };
            return (format!("{function}({})", self.value(inner)), PRIMARY);
        }
        if c_name(source) == name {
            return self.text_of(inner);
        }
        (format!("({name}){}", self.tight(inner, UNARY)), UNARY)
    }

    fn method(&mut self, method: &Method, operands: &[Value]) -> String {
        let (lane, lanes) = match operands.first().map(|receiver| &receiver.ty) {
            Some(Type::Vector(lane, lanes)) => (*lane, Some(*lanes)),
            Some(Type::Scalar(scalar)) => (*scalar, None),
            _ => (Scalar::I32, None),
        };
        if let (Some(operand), true) = (negated_lanes(method.name, operands), self.module.kernel.has_barrier)
        {
            return self.negate_across_barriers(operand).0;
        }
        // Intel's CPU runtime never finishes compiling most operations on three bytes, so they are done on four.
        let is_padded = lanes == Some(3) && lane.bits() == 8;
        let types = |text: &str| Self::with_types(text, lane, if is_padded { Some(4) } else { lanes });
        // A method of `f32` may need doubles on its way.
        self.needs.fp64 |= method.spelling.contains("double");
        if let Some(helper) = method.helper {
            self.helper(types(helper));
        }
        let is_call = !method.spelling.starts_with('(') && !operands.is_empty();
        let mut text = types(method.spelling);
        for (position, operand) in operands.iter().enumerate() {
            // As the argument of a call it needs no parentheses.
            let is_plain_call = is_call && method.spelling.matches('(').count() == 1;
            let operand = match operand.scalar() {
                _ if is_padded => self.padded(operand, method.name),
                Some(scalar) if is_promoted(operand) => {
                    format!("(({})({}))", c_name(scalar), self.value(operand))
                }
                _ if is_plain_call => self.value(operand),
                _ => self.tight(operand, PRIMARY),
            };
            text = text.replace(&format!("${position}"), &operand);
        }
        if is_padded && method.gives != Gives::Flag { format!("{text}.s012") } else { text }
    }

    fn call(&mut self, number: usize, arguments: &[Value]) -> String {
        let function = &self.module.functions[number];
        let mut list = Vec::new();
        for argument in arguments {
            match argument.node {
                Node::Item | Node::Unit => {}
                Node::Accessor(accessor) => {
                    let dimensions = self.function.accessors[accessor].dimensions;
                    list.push(self.first_element(accessor));
                    list.extend((0..dimensions).map(|d| self.extent(accessor, d)));
                    list.extend((0..dimensions - 1).map(|d| self.stride(accessor, d)));
                }
                _ => list.push(self.value(argument)),
            }
        }
        if function.context.parameters {
            list.push("p".to_owned());
        }
        if function.context.traps {
            list.push(self.failed().to_owned());
        }
        if function.context.prints {
            list.push("falx_output".to_owned());
        }
        format!("{}({})", function.name, list.join(", "))
    }
}

fn parenthesized((text, strength): Text, needed: u8) -> String {
    if strength < needed { format!("({text})") } else { text }
}

fn zero_initializer(ty: &Type) -> String {
    match ty {
        Type::Array(element, _) => format!("{{{{{}}}}}", zero_initializer(element)),
        Type::Id(_) | Type::Range(_) => "{{0}}".to_owned(),
        Type::Vector(lane, lanes) => format!("({})(0)", super::vector::name(*lane, *lanes)),
        Type::Aggregate(aggregate) => {
            let fields: Vec<String> =
                aggregate.fields.iter().map(|field| zero_initializer(&field.ty)).collect();
            if fields.is_empty() { "{0}".to_owned() } else { format!("{{{}}}", fields.join(", ")) }
        }
        _ => "0".to_owned(),
    }
}

fn sign_of(operator: BinaryOperator) -> (&'static str, u8) {
    use BinaryOperator::*;
    match operator {
        Multiply => ("*", 13),
        Divide => ("/", 13),
        Remainder => ("%", 13),
        Add => ("+", 12),
        Subtract => ("-", 12),
        ShiftLeft => ("<<", 11),
        ShiftRight => (">>", 11),
        Less => ("<", 10),
        LessOrEqual => ("<=", 10),
        Greater => (">", 10),
        GreaterOrEqual => (">=", 10),
        Equal => ("==", 9),
        NotEqual => ("!=", 9),
        And => ("&", 8),
        Xor => ("^", 7),
        Or => ("|", 6),
    }
}

/// Whether C makes an `int` of a narrower value, so that no overload of a built-in would fit: both sides of a choice are
/// promoted, and comparisons are `int`.
fn is_promoted(value: &Value) -> bool {
    let is_narrow = value.scalar().is_some_and(|scalar| scalar.bits() < 32);
    is_narrow
        && match &value.node {
            Node::Select(_) => true,
            Node::Cast(inner) => inner.scalar() == Some(Scalar::Bool),
            _ => false,
        }
}

/// What a product shifts to the left, and by how much, if it is of an `int` or a narrower type: compilers make shifts of
/// such products.
fn shifted_to_the_left<'v>(
    operator: BinaryOperator,
    left: &'v Value,
    right: &'v Value,
) -> Option<(&'v Value, u64)> {
    let scalar = left.scalar().filter(|scalar| scalar.is_signed() && scalar.bits() <= 32);
    if scalar.is_none() || operator != BinaryOperator::Multiply {
        return None;
    }
    let by_right = power_of_two(right).map(|amount| (left, amount));
    by_right.or_else(|| power_of_two(left).map(|amount| (right, amount)))
}

/// Which power of two a literal is; none for 1, and for what shifts nothing out of an index of usual size.
fn power_of_two(value: &Value) -> Option<u64> {
    match value.node {
        Node::Literal(bits) if bits.is_power_of_two() && bits > 256 => Some(u64::from(bits.trailing_zeros())),
        _ => None,
    }
}

/// The value of a literal that is a float.
fn literal_float(value: &Value) -> Option<f64> {
    match (&value.node, value.scalar()) {
        (Node::Literal(bits), Some(Scalar::F32)) => Some(f32::from_bits(*bits as u32).into()),
        (Node::Literal(bits), Some(Scalar::F64)) => Some(f64::from_bits(*bits)),
        // In all lanes of a vector.
        (Node::Repeat(lane, _), None) => literal_float(lane),
        (Node::Components(lanes), None) => {
            let first = literal_float(lanes.first()?)?;
            let is_same = |lane| literal_float(lane).is_some_and(|lane| lane.to_bits() == first.to_bits());
            lanes.iter().all(is_same).then_some(first)
        }
        _ => None,
    }
}

/// The float, or vector of floats, that an operation negates, however it is written.
fn negated<'v>(operator: BinaryOperator, left: &'v Value, right: &'v Value) -> Option<&'v Value> {
    use BinaryOperator::{Divide, Multiply, Subtract};
    match (operator, literal_float(left), literal_float(right)) {
        (Multiply | Divide, _, Some(-1.0)) => Some(left),
        (Multiply, Some(-1.0), _) => Some(right),
        (Subtract, Some(zero), _) if zero == 0.0 && zero.is_sign_negative() => Some(right),
        _ => None,
    }
}

/// The same of a method of vectors.
fn negated_lanes<'v>(method: &str, operands: &'v [Value]) -> Option<&'v Value> {
    let Type::Vector(Scalar::F32 | Scalar::F64, _) = operands.first()?.ty else { return None };
    match (method, operands) {
        ("op_negate", [operand]) => Some(operand),
        ("op_multiply", [left, right]) => negated(BinaryOperator::Multiply, left, right),
        ("op_divide", [left, right]) => negated(BinaryOperator::Divide, left, right),
        ("op_subtract", [left, right]) => negated(BinaryOperator::Subtract, left, right),
        _ => None,
    }
}

/// The unsigned type in which integers of a type wrap around.
fn wide(scalar: Scalar) -> Scalar {
    if scalar.bits() == 64 { Scalar::U64 } else { Scalar::U32 }
}
