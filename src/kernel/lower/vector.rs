//! Vectors: how they are made, combined and taken apart. Sums over lanes get their order here.

use super::builder::Builder;
use super::ir::*;
use super::method::converted;
use super::methods::{self, Fails};
use super::*;
use crate::kernel::tree::{BinaryOperator, Expression, TypeRef, UnaryOperator};
use crate::kernel::types::Scalar;

/// The names of the lanes of vectors of up to four.
const LANES: &str = "xyzw";

impl Builder<'_, '_> {
    /// `F32x4::new(a, b, c, d)` and the other ways to make a vector.
    pub fn make_vector(
        &mut self,
        function: &str,
        arguments: &'static [Expression],
        ty: TypeRef,
        line: u32,
    ) -> Result<Value> {
        let ty = self.type_of(ty)?;
        let Type::Vector(_, lanes) = ty else {
            return Err(self.error_at(line, format!("`{function}` makes a value of {ty:?}, no vector")));
        };
        let arguments: Vec<_> = arguments.iter().collect();
        let Some(mut values) = self.operands(&arguments)? else { return Ok(Value::never()) };
        match (function, &values[..]) {
            ("new", values) if values.len() == lanes => {}
            ("splat", [_]) => {
                let value = values.pop().unwrap_or(Value::unit());
                return Ok(Value::new(Node::Repeat(Box::new(value), lanes), ty));
            }
            ("from" | "from_array", [_]) => {
                let array = values.pop().unwrap_or(Value::unit());
                if array.ty == ty {
                    return Ok(array);
                }
                let array = if matches!(array.node, Node::Components(_)) { array } else { self.spill(array) };
                values =
                    (0..lanes as u64).map(|lane| self.element(array.clone(), Value::usize(lane))).collect();
            }
            ("from_bits", [_]) => {
                let bits = values.pop().unwrap_or(Value::unit());
                return Ok(Value::new(Node::Reinterpret(Box::new(bits)), ty));
            }
            _ => return Err(self.error_at(line, format!("`{function}` does not make a vector"))),
        }
        Ok(Value::new(Node::Components(values), ty))
    }

    /// `left operator right`, one of which is a vector.
    pub fn combine_vectors(
        &mut self,
        operator: BinaryOperator,
        left: Value,
        right: Value,
        site: Option<&'static Site>,
        line: u32,
    ) -> Result<Value> {
        let ((Type::Vector(lane, lanes), _) | (_, Type::Vector(lane, lanes))) = (&left.ty, &right.ty) else {
            return Err(self.error_at(line, super::operators::no_operator(&left, &right)));
        };
        let (lane, lanes) = (*lane, *lanes);
        let name = operator_name(operator);
        let Some(method) = methods::vector::find(lane, name) else {
            return Err(self.error_at(line, format!("vectors of `{}` lack this operator", lane.rust_name())));
        };
        let (left, right) = (widened(left, lane, lanes), widened(right, lane, lanes));
        if method.fails == Fails::Never {
            return Ok(vector_method(method, lane, lanes, vec![left, right]));
        }
        let Some(site) = site else {
            return Err(self.error_at(line, "the kernel's tree has a division without a site"));
        };
        let operands = vec![self.atom(left), self.atom(right)];
        let Some(test) = methods::vector::find(lane, "divides") else { return Ok(Value::never()) };
        let condition = vector_method(test, lane, lanes, operands.clone());
        Ok(self.guarded(condition, site, vector_method(method, lane, lanes, operands)))
    }

    /// Whether two vectors are equal in all lanes.
    pub fn equal_vectors(&mut self, left: Value, right: Value) -> Value {
        let Type::Vector(lane, lanes) = left.ty else { return Value::bool(true) };
        match methods::vector::find(lane, operator_name(BinaryOperator::Equal)) {
            Some(method) => vector_method(method, lane, lanes, vec![left, right]),
            None => Value::bool(false),
        }
    }

    /// `-v`, `!v`
    pub fn unary_vector(&mut self, operator: UnaryOperator, value: Value, line: u32) -> Result<Value> {
        let name = match operator {
            UnaryOperator::Negate => "op_negate",
            UnaryOperator::Not => "op_not",
        };
        let Type::Vector(lane, lanes) = value.ty else { return Ok(value) };
        let Some(method) = methods::vector::find(lane, name) else {
            return Err(self.error_at(line, format!("vectors of `{}` lack this operator", lane.rust_name())));
        };
        Ok(vector_method(method, lane, lanes, vec![value]))
    }

    /// A method of a vector; `None` if there is none of this name.
    pub fn method_of_vector(
        &mut self,
        lane: Scalar,
        lanes: usize,
        receiver: Value,
        name: &str,
        mut arguments: Vec<Value>,
    ) -> Option<Value> {
        if let Some(picked) = swizzle(name, lanes) {
            let ty = Type::Vector(lane, picked.len());
            return Some(Value::new(Node::Swizzle(Box::new(receiver), picked), ty));
        }
        if let Some(replaced) = name.strip_prefix("with_").and_then(|lanes_of| swizzle(lanes_of, lanes)) {
            return Some(self.with_lanes(receiver, &replaced, arguments.pop()?));
        }
        if name == "swizzle" {
            return Some(self.picked(lane, lanes, receiver, arguments.pop()?));
        }
        if let Some(target) = conversion(name) {
            return Some(match target == lane {
                true => receiver,
                false => Value::new(Node::Cast(Box::new(receiver)), Type::Vector(target, lanes)),
            });
        }
        if let Some(value) = self.geometric(lane, lanes, &receiver, name, &arguments) {
            return Some(value);
        }
        if let ("select", Scalar::Bool, [set, unset]) = (name, lane, &arguments[..]) {
            let Type::Vector(selected, _) = set.ty else { return None };
            let method = methods::vector::find(selected, "selected")?;
            return Some(vector_method(method, selected, lanes, vec![set.clone(), unset.clone(), receiver]));
        }
        if name == "to_array" {
            let vector = self.atom(receiver);
            let parts = (0..lanes).map(|position| self.field(vector.clone(), position)).collect();
            let ty = Type::Array(Box::new(Type::Scalar(lane)), lanes);
            return Some(Value::new(Node::Components(parts), ty));
        }
        let method = methods::vector::find(lane, name)?;
        if arguments.len() != method.arguments {
            return None;
        }
        arguments.insert(0, receiver);
        let operands = self.repeatable(method, arguments);
        Some(vector_method(method, lane, lanes, operands))
    }

    /// A vector with other lanes at these positions.
    fn with_lanes(&mut self, vector: Value, replaced: &[u8], lanes: Value) -> Value {
        let (vector, lanes, ty) = (self.atom(vector.clone()), self.atom(lanes), vector.ty);
        let Type::Vector(_, n_lanes) = ty else { return vector };
        let parts = (0..n_lanes).map(|position| {
            match replaced.iter().position(|replaced| usize::from(*replaced) == position) {
                Some(given) => self.field(lanes.clone(), given),
                None => self.field(vector.clone(), position),
            }
        });
        Value::new(Node::Components(parts.collect()), ty)
    }

    /// The lanes at the positions that an array holds; those beyond the last count from the first again.
    fn picked(&mut self, lane: Scalar, lanes: usize, vector: Value, positions: Value) -> Value {
        let Type::Array(_, n_picked) = positions.ty else { return vector };
        let (vector, positions) = (self.atom(vector), self.atom(positions));
        let parts = (0..n_picked as u64).map(|place| {
            let position = self.element(positions.clone(), Value::usize(place));
            let position = match position.node {
                Node::Literal(position) => Value::usize(position % lanes as u64),
                _ => Value::binary(BinaryOperator::Remainder, position, Value::usize(lanes as u64)),
            };
            self.element(vector.clone(), position)
        });
        Value::new(Node::Components(parts.collect()), Type::Vector(lane, n_picked))
    }

    /// The methods that are defined by others.
    fn geometric(
        &mut self,
        lane: Scalar,
        lanes: usize,
        vector: &Value,
        name: &str,
        arguments: &[Value],
    ) -> Option<Value> {
        let combine = |name, left: Value, right: Value| {
            let method = methods::vector::find(lane, name)?;
            Some(vector_method(method, lane, lanes, vec![left, right]))
        };
        match (name, arguments) {
            ("sum", []) => Some(self.sum(vector.clone(), lanes)),
            ("dot", [other]) => {
                let product = combine("op_multiply", vector.clone(), other.clone())?;
                Some(self.sum(product, lanes))
            }
            ("length", []) => {
                let vector = self.atom(vector.clone());
                let square = self.geometric(lane, lanes, &vector, "dot", std::slice::from_ref(&vector))?;
                let computed = if lane == Scalar::F16 { Scalar::F32 } else { lane };
                let method = methods::find(computed, "sqrt")?;
                let square = converted(square, computed);
                let root = Value::new(Node::Method(method, vec![square]), Type::Scalar(computed));
                Some(converted(root, lane))
            }
            ("distance", [other]) => {
                let difference = combine("op_subtract", vector.clone(), other.clone())?;
                self.geometric(lane, lanes, &difference, "length", &[])
            }
            ("normalize", []) => {
                let vector = self.atom(vector.clone());
                let length = self.geometric(lane, lanes, &vector, "length", &[])?;
                let method = methods::vector::find(lane, "op_divide")?;
                Some(vector_method(method, lane, lanes, vec![vector, widened(length, lane, lanes)]))
            }
            ("cross", [other]) => {
                let (left, right) = (self.atom(vector.clone()), self.atom(other.clone()));
                let turned = |value: &Value, name| {
                    swizzle(name, lanes).map(|lanes| {
                        Value::new(Node::Swizzle(Box::new(value.clone()), lanes), value.ty.clone())
                    })
                };
                let first = combine("op_multiply", turned(&left, "yzx")?, turned(&right, "zxy")?)?;
                let second = combine("op_multiply", turned(&left, "zxy")?, turned(&right, "yzx")?)?;
                combine("op_subtract", first, second)
            }
            _ => None,
        }
    }

    /// The lanes added from the first to the last.
    fn sum(&mut self, vector: Value, lanes: usize) -> Value {
        let vector = self.atom(vector);
        let first = self.field(vector.clone(), 0);
        (1..lanes).fold(first, |sum, position| {
            let lane = self.field(vector.clone(), position);
            Value::binary(BinaryOperator::Add, sum, lane)
        })
    }
}

fn vector_method(
    method: &'static methods::Method,
    lane: Scalar,
    lanes: usize,
    operands: Vec<Value>,
) -> Value {
    if lane == Scalar::F16 && !method.keeps_bits() {
        return method_of_halves(method, lanes, operands);
    }
    Value::new(Node::Method(method, operands), method.gives.vector(lane, lanes))
}

/// A method of vectors of `f16`: that of `f32`, and the result rounded.
fn method_of_halves(method: &'static methods::Method, lanes: usize, operands: Vec<Value>) -> Value {
    let cast = |value: Value, lane| Value::new(Node::Cast(Box::new(value)), Type::Vector(lane, lanes));
    let operands = operands.into_iter().map(|operand| cast(operand, Scalar::F32)).collect();
    // Its own where it is of all numbers, and the same by name.
    let method = methods::vector::find(Scalar::F32, method.name).unwrap_or(method);
    let result = vector_method(method, Scalar::F32, lanes, operands);
    match result.ty {
        Type::Vector(Scalar::F32, _) => cast(result, Scalar::F16),
        _ => result,
    }
}

/// A vector as it is, or a scalar in every lane: an amount to shift by may be of another type than the lanes.
fn widened(value: Value, lane: Scalar, lanes: usize) -> Value {
    match value.scalar() {
        Some(scalar) => {
            let ty = Type::Scalar(lane);
            let value = if scalar == lane { value } else { Value::new(Node::Cast(Box::new(value)), ty) };
            Value::new(Node::Repeat(Box::new(value), lanes), Type::Vector(lane, lanes))
        }
        None => value,
    }
}

fn operator_name(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Add => "op_add",
        BinaryOperator::Subtract => "op_subtract",
        BinaryOperator::Multiply => "op_multiply",
        BinaryOperator::Divide => "op_divide",
        BinaryOperator::Remainder => "op_remainder",
        BinaryOperator::And => "op_and",
        BinaryOperator::Or => "op_or",
        BinaryOperator::Xor => "op_xor",
        BinaryOperator::ShiftLeft => "op_shift_left",
        BinaryOperator::ShiftRight => "op_shift_right",
        BinaryOperator::Equal => "op_equal",
        BinaryOperator::NotEqual => "op_not_equal",
        // Vectors have no order, which rustc has checked.
        _ => "",
    }
}

/// The lanes that a method picks.
fn swizzle(name: &str, lanes: usize) -> Option<Vec<u8>> {
    let half = lanes as u8 / 2;
    match name {
        "lo" => Some((0..half).collect()),
        "hi" => Some((half..2 * half).collect()),
        "even" => Some((0..half).map(|lane| 2 * lane).collect()),
        "odd" => Some((0..half).map(|lane| 2 * lane + 1).collect()),
        _ if name.len() < 2 => None,
        _ => name.chars().map(|lane| LANES.find(lane).map(|lane| lane as u8)).collect(),
    }
}

/// The position of a lane that is called by name.
pub fn lane_position(name: &str) -> Option<usize> {
    match name.strip_prefix('s') {
        Some(digit) => usize::from_str_radix(digit, 16).ok(),
        None => LANES.find(name),
    }
}

/// The scalar that `as_f32` and its kin convert to.
fn conversion(name: &str) -> Option<Scalar> {
    Some(match name {
        "as_i8" => Scalar::I8,
        "as_u8" => Scalar::U8,
        "as_i16" => Scalar::I16,
        "as_u16" => Scalar::U16,
        "as_i32" => Scalar::I32,
        "as_u32" => Scalar::U32,
        "as_i64" => Scalar::I64,
        "as_u64" => Scalar::U64,
        "as_f16" => Scalar::F16,
        "as_f32" => Scalar::F32,
        "as_f64" => Scalar::F64,
        _ => return None,
    })
}
