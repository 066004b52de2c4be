//! Method calls, by the type of the receiver.

use super::builder::Builder;
use super::fitting::pair;
use super::ir::*;
use super::methods::{self, Fails, Method};
use super::operators::divides;
use super::*;
use crate::kernel::tree::{BinaryOperator, Expression};
use crate::kernel::types::{ItemKind, Scalar};

impl Builder<'_, '_> {
    pub fn method(
        &mut self,
        receiver: &'static Expression,
        name: &'static str,
        arguments: &'static [Expression],
        site: &'static Site,
        line: u32,
    ) -> Result<Value> {
        let expressions: Vec<_> = std::iter::once(receiver).chain(arguments).collect();
        let Some(mut operands) = self.operands(&expressions)? else { return Ok(Value::never()) };
        let receiver = operands.remove(0);
        let receiver = self.followed(receiver);
        let ty = receiver.ty.clone();
        let known = match &ty {
            Type::Scalar(_) if name == "uniform" && operands.is_empty() => Some(self.agreed(receiver, site)),
            Type::Scalar(scalar) => self.scalar_method(*scalar, receiver, name, operands, site, line)?,
            Type::Vector(lane, lanes) => self.method_of_vector(*lane, *lanes, receiver, name, operands),
            Type::Item(kind @ (ItemKind::Group | ItemKind::SubGroup), dimensions) => {
                self.group_method(*kind, *dimensions, name, operands, site, line)?
            }
            Type::Item(_, dimensions) => self.item_method(*dimensions, name),
            Type::Id(n) | Type::Range(n) | Type::Array(_, n) => self.tuple_method(receiver, *n, name),
            Type::Accessor { .. } => self.accessor_method(receiver, name, operands, site, line)?,
            Type::Specialized(scalar) => match (name, receiver.node) {
                ("get", Node::Literal(bits)) => Some(Value::literal(*scalar, bits)),
                _ => None,
            },
            Type::Atomic(scalar, _) => self.atomic_method(*scalar, receiver, name, operands),
            Type::Aggregate(_) => self.enum_method(receiver, name, operands, site)?,
            Type::Slice(_) => slice_method(receiver, name),
            Type::Unit | Type::Function(_) => None,
        };
        known.ok_or_else(|| {
            self.error_at(line, format!("`{}` has no method `{name}` in a kernel", describe(&ty)))
        })
    }

    fn scalar_method(
        &mut self,
        scalar: Scalar,
        receiver: Value,
        name: &str,
        mut arguments: Vec<Value>,
        site: &'static Site,
        line: u32,
    ) -> Result<Option<Value>> {
        if name == "sin_cos" {
            return Ok(self.sine_and_cosine(scalar, receiver));
        }
        if let Some(target) = conversion(scalar, name) {
            return Ok(Some(converted(receiver, target)));
        }
        if scalar == Scalar::F16 && methods::find(scalar, name).is_none() {
            return self.method_of_half(receiver, name, arguments, site, line);
        }
        if let (Some(operator), true, 1) = (wrapping(name), scalar.is_integer(), arguments.len()) {
            return Ok(arguments.pop().map(|argument| Value::binary(operator, receiver, argument)));
        }
        if let ("powi", [exponent]) = (name, &arguments[..])
            && let Some(power) = self.small_power(&receiver, exponent)
        {
            return Ok(Some(power));
        }
        let Some(method) = methods::find(scalar, name) else {
            arguments.insert(0, receiver);
            return Ok(self.fitting_method(scalar, name, &arguments, site));
        };
        if arguments.len() != method.arguments {
            let text = format!("`{name}` takes {} arguments, not {}", method.arguments, arguments.len());
            return Err(self.error_at(line, text));
        }
        let ty = Type::Scalar(method.gives.scalar(scalar));
        let receiver = if name == "abs" { self.check_smallest(receiver, site) } else { receiver };
        arguments.insert(0, receiver);
        if method.fails != Fails::Never {
            return Ok(Some(self.failing_method(scalar, method, arguments, site)));
        }
        let operands = self.repeatable(method, arguments);
        Ok(Some(Value::new(Node::Method(method, operands), ty)))
    }

    /// A method that has no result for some operands.
    pub(super) fn failing_method(
        &mut self,
        scalar: Scalar,
        method: &'static Method,
        operands: Vec<Value>,
        site: &'static Site,
    ) -> Value {
        let mut operands: Vec<Value> = operands.into_iter().map(|operand| self.atom(operand)).collect();
        let ty = Type::Scalar(method.gives.scalar(scalar));
        if !matches!(method.fails, Fails::OnZero | Fails::OnOverflow) {
            let condition = self.has_result(scalar, method.fails, &operands);
            return self.guarded(condition, site, Value::new(Node::Method(method, operands), ty));
        }
        let (right, left) = (operands.pop(), operands.pop());
        let (left, right) = (left.unwrap_or(Value::unit()), right.unwrap_or(Value::unit()));
        let quotient = |left, right| Value::new(Node::Method(method, vec![left, right]), ty);
        self.divide(scalar, left, right, site, method.fails == Fails::OnOverflow, quotient)
    }

    /// Whether a method has a result for these operands.
    pub(super) fn has_result(&self, scalar: Scalar, fails: Fails, operands: &[Value]) -> Value {
        let compare = |operator, operand: &Value, bits| {
            Value::binary(operator, operand.clone(), Value::literal(scalar, bits))
        };
        match (fails, operands) {
            (Fails::OnNegative, [value, ..]) => compare(BinaryOperator::GreaterOrEqual, value, 0),
            (Fails::OnNotPositive, [value, ..]) => compare(BinaryOperator::Greater, value, 0),
            (Fails::OnNoLogarithm, [value, base]) => Value::and(
                compare(BinaryOperator::Greater, value, 0),
                compare(BinaryOperator::GreaterOrEqual, base, 2),
            ),
            (Fails::OnZero | Fails::OnOverflow, [left, right]) => {
                divides(scalar, left, right, fails == Fails::OnOverflow)
            }
            _ => Value::bool(true),
        }
    }

    /// A method of an `f16`: that of an `f32`, and the result rounded.
    fn method_of_half(
        &mut self,
        receiver: Value,
        name: &str,
        arguments: Vec<Value>,
        site: &'static Site,
        line: u32,
    ) -> Result<Option<Value>> {
        let is_half = |value: &Value| value.scalar() == Some(Scalar::F16);
        let widened = |value| if is_half(&value) { converted(value, Scalar::F32) } else { value };
        let arguments = arguments.into_iter().map(widened).collect();
        let result = self.scalar_method(Scalar::F32, widened(receiver), name, arguments, site, line)?;
        Ok(result.map(|result| match result.scalar() {
            Some(Scalar::F32) => converted(result, Scalar::F16),
            _ => result,
        }))
    }

    fn sine_and_cosine(&mut self, scalar: Scalar, angle: Value) -> Option<Value> {
        let computed = if scalar == Scalar::F16 { Scalar::F32 } else { scalar };
        let angle = self.atom(converted(angle, computed));
        let of = |name| {
            let method = methods::find(computed, name)?;
            let value = Value::new(Node::Method(method, vec![angle.clone()]), Type::Scalar(computed));
            Some(converted(value, scalar))
        };
        Some(pair(of("sin")?, of("cos")?))
    }

    /// A power of few factors, which are multiplied: exactly what the host does, and faster than any function.
    fn small_power(&mut self, base: &Value, exponent: &Value) -> Option<Value> {
        let Node::Literal(bits) = exponent.node else { return None };
        let scalar = base.scalar().filter(|scalar| scalar.is_float())?;
        let exponent = bits as i32;
        if !(-1..=3).contains(&exponent) {
            return None;
        }
        let one =
            Value::literal(scalar, if scalar == Scalar::F32 { 0x3f80_0000 } else { 0x3ff0_0000_0000_0000 });
        let base = self.atom(base.clone());
        Some(match exponent {
            -1 => Value::binary(BinaryOperator::Divide, one, base),
            0 => one,
            _ => {
                let factors = std::iter::repeat_n(base.clone(), exponent as usize - 1);
                factors.fold(base, |product, factor| Value::binary(BinaryOperator::Multiply, product, factor))
            }
        })
    }

    /// Operands that the spelling writes twice become atoms.
    pub fn repeatable(&mut self, method: &Method, operands: Vec<Value>) -> Vec<Value> {
        let is_twice = |position: usize| method.spelling.matches(&format!("${position}")).count() > 1;
        if !(0..operands.len()).any(is_twice) {
            return operands;
        }
        // All of them, since reading one early may overtake another.
        operands.into_iter().map(|operand| self.atom(operand)).collect()
    }

    pub(super) fn item_method(&mut self, dimensions: usize, name: &str) -> Option<Value> {
        let ids = |query: fn(usize) -> Query| -> Vec<Value> {
            (0..dimensions).map(|d| usize_of(Node::Query(query(d)))).collect()
        };
        let ranges = || -> Vec<Value> {
            (0..dimensions)
                .map(|d| usize_of(Node::Parameter(Content::GlobalRange(3 - dimensions + d))))
                .collect()
        };
        let array = |parts| Value::new(Node::Components(parts), array_type(dimensions));
        let range = |parts| Value::new(Node::Components(parts), Type::Range(dimensions));
        // The number of work-groups, too, where OpenCL counts those of a part of the launch.
        if matches!(name, "range" | "global_range" | "group_range" | "linear_id" | "global_linear_id") {
            self.context.parameters = true;
        }
        Some(match name {
            "id" | "global_id" => array(ids(Query::GlobalId)),
            "local_id" => array(ids(Query::LocalId)),
            "group_id" => array(ids(Query::GroupId)),
            "range" | "global_range" => range(ranges()),
            "local_range" => range(ids(Query::LocalRange)),
            "group_range" => range(ids(Query::GroupRange)),
            "linear_id" | "global_linear_id" => linear(ids(Query::GlobalId), ranges()),
            "local_linear_id" => linear(ids(Query::LocalId), ids(Query::LocalRange)),
            "barrier" => self.barrier(),
            "fence" => {
                self.code.push(Statement::Fence);
                Value::unit()
            }
            "group" => Value::new(Node::Item, Type::Item(ItemKind::Group, dimensions)),
            "sub_group" => Value::new(Node::Item, Type::Item(ItemKind::SubGroup, dimensions)),
            _ => return None,
        })
    }

    fn tuple_method(&mut self, receiver: Value, count: usize, name: &str) -> Option<Value> {
        match (name, &receiver.ty) {
            ("get", Type::Id(_) | Type::Range(_)) => Some(self.as_array(receiver)),
            ("size", Type::Range(_)) => {
                let parts = self.components(receiver, count);
                parts.into_iter().reduce(|a, b| Value::binary(BinaryOperator::Multiply, a, b))
            }
            ("len", Type::Array(..)) => Some(Value::usize(count as u64)),
            ("is_empty", Type::Array(..)) => Some(Value::literal(Scalar::Bool, u64::from(count == 0))),
            _ => None,
        }
    }

    fn accessor_method(
        &mut self,
        receiver: Value,
        name: &str,
        mut arguments: Vec<Value>,
        site: &'static Site,
        line: u32,
    ) -> Result<Option<Value>> {
        let Node::Accessor(accessor) = receiver.node else { return Ok(None) };
        let dimensions = self.accessors[accessor].dimensions;
        let extents: Vec<Value> = (0..dimensions).map(|d| self.extent(accessor, d)).collect();
        let size = |parts: Vec<Value>| {
            parts.into_iter().reduce(|a, b| Value::binary(BinaryOperator::Multiply, a, b))
        };
        Ok(match name {
            "range" => Some(Value::new(Node::Components(extents), Type::Range(dimensions))),
            "len" | "size" => size(extents),
            "is_empty" => {
                size(extents).map(|size| Value::binary(BinaryOperator::Equal, size, Value::usize(0)))
            }
            "combine" => match arguments.pop() {
                Some(value) => self.combine_into(accessor, value, line)?,
                None => None,
            },
            "atomic" => match (arguments.pop(), &self.accessors[accessor].element) {
                (Some(index), Type::Scalar(scalar)) => {
                    let ty = Type::Atomic(*scalar, self.accessors[accessor].space);
                    let mut checks = Vec::new();
                    let index = self.accessor_index(accessor, index, site, &mut checks, line)?;
                    let index = index.into_iter().map(|part| self.atom(part)).collect();
                    Some(Value::new(Node::AtomicReference(accessor, index, checks, Order::default()), ty))
                }
                _ => None,
            },
            _ => None,
        })
    }
}

fn slice_method(receiver: Value, name: &str) -> Option<Value> {
    let Node::Slice(window) = receiver.node else { return None };
    match name {
        "len" => Some(window.length),
        "is_empty" => Some(Value::binary(BinaryOperator::Equal, window.length, Value::usize(0))),
        _ => None,
    }
}

/// What a method of an `f16` converts to, or a function of that type converts from.
fn conversion(scalar: Scalar, name: &str) -> Option<Scalar> {
    match (scalar, name) {
        (Scalar::F16, "to_f32") => Some(Scalar::F32),
        (Scalar::F16, "to_f64") => Some(Scalar::F64),
        (Scalar::F32, "from_f32") => Some(Scalar::F16),
        _ => None,
    }
}

/// A number as another type, at once if it is known.
pub(super) fn converted(value: Value, target: Scalar) -> Value {
    match (value.scalar(), &value.node) {
        (Some(source), _) if source == target => value,
        (Some(Scalar::F32), Node::Literal(bits)) if target == Scalar::F16 => {
            let half = half::f16::from_f32(f32::from_bits(*bits as u32));
            Value::literal(target, u64::from(half.to_bits()))
        }
        _ => Value::new(Node::Cast(Box::new(value)), Type::Scalar(target)),
    }
}

fn wrapping(name: &str) -> Option<BinaryOperator> {
    Some(match name {
        "wrapping_add" => BinaryOperator::Add,
        "wrapping_sub" => BinaryOperator::Subtract,
        "wrapping_mul" => BinaryOperator::Multiply,
        "wrapping_shl" => BinaryOperator::ShiftLeft,
        "wrapping_shr" => BinaryOperator::ShiftRight,
        _ => return None,
    })
}

pub(super) fn usize_of(node: Node) -> Value {
    Value::new(node, Type::Scalar(Scalar::Usize))
}

fn array_type(dimensions: usize) -> Type {
    Type::Array(Box::new(Type::Scalar(Scalar::Usize)), dimensions)
}

pub(super) fn linear(ids: Vec<Value>, ranges: Vec<Value>) -> Value {
    let step = |linear: Option<Value>, (id, range): (Value, Value)| {
        Some(match linear {
            None => id,
            Some(linear) => {
                let row = Value::binary(BinaryOperator::Multiply, linear, range);
                Value::binary(BinaryOperator::Add, row, id)
            }
        })
    };
    ids.into_iter().zip(ranges).fold(None, step).unwrap_or(Value::usize(0))
}

/// A type as Rust writes it, for messages.
pub(super) fn describe(ty: &Type) -> String {
    match ty {
        Type::Unit => "()".to_owned(),
        Type::Scalar(scalar) => scalar.rust_name().to_owned(),
        Type::Vector(lane, lanes) => {
            let (first, rest) = lane.rust_name().split_at(1);
            format!("{}{rest}x{lanes}", first.to_uppercase())
        }
        Type::Array(element, length) => format!("[{}; {length}]", describe(element)),
        Type::Aggregate(aggregate) => match aggregate.name {
            Some(name) => name.to_owned(),
            None => {
                let fields: Vec<String> = aggregate.fields.iter().map(|field| describe(&field.ty)).collect();
                format!("({})", fields.join(", "))
            }
        },
        Type::Id(n) => format!("Id<{n}>"),
        Type::Range(n) => format!("Range<{n}>"),
        Type::Item(kind, n) => format!("{kind:?}<{n}>"),
        Type::Accessor { element, dimensions, mode, space } => match space {
            Space::Global => format!("{mode:?}<{}, {dimensions}>", describe(element)),
            Space::Local => format!("Local<{}, {dimensions}>", describe(element)),
        },
        Type::Specialized(scalar) => format!("SpecConstant<{}>", scalar.rust_name()),
        Type::Atomic(scalar, _) => format!("Atomic<{}>", scalar.rust_name()),
        Type::Slice(element) => format!("[{}]", describe(element)),
        Type::Function(_) => "a device function".to_owned(),
    }
}
