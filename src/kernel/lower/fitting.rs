//! Methods of integers that also tell whether their result fits: `checked_` and `overflowing_` ones, and those that carry.
//!
//! Each is made of the method that wraps and of a condition under which that is right; what a work-item of a device does
//! for them never fails, apart from an `overflowing_` division by zero.

use super::builder::Builder;
use super::enumeration::tagged;
use super::ir::*;
use super::methods::{self, Class, Fails, Gives, Method};
use super::overflow::{HIGH_HALF, cast, overflows};
use super::*;
use crate::kernel::tree::BinaryOperator as Operator;
use crate::kernel::types::Scalar;

/// Factors are multiplied from the first bit of the exponent on, so that nothing on the way is larger than the result.
static POWER_FITS: Method = Method {
    name: "power_fits",
    class: Class::Integer,
    arguments: 1,
    gives: Gives::Bool,
    fails: Fails::Never,
    spelling: "(falx_pow_fits_$T($0, $1) != 0)",
    helper: Some(
        "static int falx_pow_fits_$T($T base, uint exponent)
{
    $T power = 1;
    for (int bit = 31; bit >= 0; --bit) {
        for (uint taken = 0; taken <= (exponent >> bit & 1); ++taken) {
            const $T factor = taken == 0 ? power : base;
            const $T low = ($T)((ulong)($U)power * ($U)factor);
            if (mul_hi(power, factor) != (($T)-1 < 0 ? ($T)(low >> ($B - 1)) : 0)) return 0;
            power = low;
        }
    }
    return 1;
}",
    ),
};

/// A value, and the condition under which it is the result.
type Outcome = (Value, Value);

impl Builder<'_, '_> {
    /// Such a method of an integer, of the receiver and the arguments; `None` for every other.
    pub fn fitting_method(
        &mut self,
        scalar: Scalar,
        name: &str,
        operands: &[Value],
        site: &'static Site,
    ) -> Option<Value> {
        let (checked, overflowing) = (name.strip_prefix("checked_"), name.strip_prefix("overflowing_"));
        let carries = name.starts_with("carrying_") || name.starts_with("borrowing_");
        if !scalar.is_integer() || (checked.is_none() && overflowing.is_none() && !carries) {
            return None;
        }
        let operands: Vec<Value> = operands.iter().map(|operand| self.atom(operand.clone())).collect();
        if let Some(operation) = checked {
            let (value, fits) = self.checked(scalar, operation, &operands)?;
            let ty = Type::option(value.ty.clone());
            return Some(tagged(fits, [value], ty));
        }
        if let Some(operation) = overflowing {
            let value = self.wrapped(scalar, operation, &operands, Some(site))?;
            let fits = fits(operation, scalar, &operands, &value)?;
            return Some(pair(value, Value::negated(fits)));
        }
        self.carrying(scalar, name, &operands)
    }

    fn checked(&mut self, scalar: Scalar, operation: &str, operands: &[Value]) -> Option<Outcome> {
        let (name, fails) = match operation {
            "div" | "rem" | "div_euclid" | "rem_euclid" => {
                (format!("wrapping_{operation}"), Fails::OnOverflow)
            }
            "ilog" | "ilog2" | "ilog10" | "isqrt" | "next_multiple_of" => {
                (operation.to_owned(), methods::find(scalar, operation)?.fails)
            }
            _ => {
                let value = self.wrapped(scalar, operation, operands, None)?;
                let fits = fits(operation, scalar, operands, &value)?;
                return Some((value, fits));
            }
        };
        let method = methods::find(scalar, &name)?;
        let has_result = self.has_result(scalar, fails, operands);
        let has_result = self.atom(has_result);
        let ty = Type::Scalar(method.gives.scalar(scalar));
        let result = self.zeroed(ty.clone());
        let place = Place { root: Root::Variable(result), path: Vec::new() };
        let value = Value::new(Node::Method(method, operands.to_vec()), ty);
        self.code.push(Statement::If(has_result.clone(), vec![Statement::Store(place, value)], Code::new()));
        let value = self.read(result);
        Some(match operation {
            "next_multiple_of" => {
                let fits = fits(operation, scalar, operands, &value)?;
                (value, Value::and(has_result, fits))
            }
            _ => (value, has_result),
        })
    }

    /// The result as it wraps. Divisions need a site, where they fail if there is no result at all.
    fn wrapped(
        &mut self,
        scalar: Scalar,
        operation: &str,
        operands: &[Value],
        site: Option<&'static Site>,
    ) -> Option<Value> {
        let value = match (operator(operation), operation, operands) {
            (Some(operator), _, [left, right]) => Value::binary(operator, left.clone(), right.clone()),
            (_, "signed_diff", [left, right]) => {
                let difference = Value::binary(Operator::Subtract, left.clone(), right.clone());
                cast(&difference, scalar.signed())
            }
            _ => {
                let method = match operation {
                    "next_power_of_two" => methods::find(scalar, operation),
                    _ => methods::find(scalar, &format!("wrapping_{operation}")),
                }?;
                match (method.fails, site) {
                    (Fails::Never, _) => {
                        let ty = Type::Scalar(method.gives.scalar(scalar));
                        Value::new(Node::Method(method, operands.to_vec()), ty)
                    }
                    (_, Some(site)) => self.failing_method(scalar, method, operands.to_vec(), site),
                    (_, None) => return None,
                }
            }
        };
        Some(self.atom(value))
    }

    /// `carrying_add` and its kin, of unsigned integers.
    fn carrying(&mut self, scalar: Scalar, name: &str, operands: &[Value]) -> Option<Value> {
        let (left, right, carry) = (operands.first()?, operands.get(1)?, operands.get(2)?);
        if name == "carrying_add" {
            let (sum, wraps) = self.added(left, right);
            let (sum, wraps_again) = self.added(&sum, &cast(carry, scalar));
            return Some(pair(sum, either(wraps, wraps_again)));
        }
        if name == "borrowing_sub" {
            let first = self.binary_atom(Operator::Subtract, left, right);
            let second = self.binary_atom(Operator::Subtract, &first, &cast(carry, scalar));
            let borrows =
                |from: &Value, what: &Value| Value::binary(Operator::Less, from.clone(), what.clone());
            return Some(pair(second.clone(), either(borrows(left, right), borrows(&first, &second))));
        }
        let mut low = self.binary_atom(Operator::Multiply, left, right);
        let factors = vec![left.clone(), right.clone()];
        let mut high = Value::new(Node::Method(&HIGH_HALF, factors), left.ty.clone());
        for summand in &operands[2..] {
            let (sum, wraps) = self.added(&low, summand);
            low = sum;
            high = self.binary_atom(Operator::Add, &high, &cast(&wraps, scalar));
        }
        Some(pair(low, high))
    }

    /// A sum of unsigned integers, and whether it wraps.
    fn added(&mut self, left: &Value, right: &Value) -> (Value, Value) {
        let sum = self.binary_atom(Operator::Add, left, right);
        let wraps = Value::binary(Operator::Less, sum.clone(), left.clone());
        (sum, wraps)
    }

    fn binary_atom(&mut self, operator: Operator, left: &Value, right: &Value) -> Value {
        self.atom(Value::binary(operator, left.clone(), right.clone()))
    }
}

/// Whether what wraps is the result.
fn fits(operation: &str, scalar: Scalar, operands: &[Value], wrapped: &Value) -> Option<Value> {
    use Operator::*;
    let (receiver, argument) = (operands.first()?, operands.get(1));
    let with = |operator, value: &Value, other: &Value| Value::binary(operator, value.clone(), other.clone());
    let to = |operator, value: &Value, bits| {
        let other = Value::new(Node::Literal(bits), value.ty.clone());
        Value::binary(operator, value.clone(), other)
    };
    Some(match (operation, argument) {
        ("neg", _) if !scalar.is_signed() => to(Equal, receiver, 0),
        ("neg" | "abs", _) => to(NotEqual, receiver, scalar.minimum_bits()),
        ("next_power_of_two", _) => to(NotEqual, wrapped, 0),
        ("pow", Some(exponent)) => {
            let operands = vec![receiver.clone(), exponent.clone()];
            Value::new(Node::Method(&POWER_FITS, operands), Type::Scalar(Scalar::Bool))
        }
        ("next_multiple_of" | "add_unsigned", _) => with(GreaterOrEqual, wrapped, receiver),
        ("sub_unsigned", _) => with(LessOrEqual, wrapped, receiver),
        ("add_signed", Some(other)) => with(Equal, &with(Less, wrapped, receiver), &to(Less, other, 0)),
        ("sub_signed", Some(other)) => with(Equal, &with(Greater, wrapped, receiver), &to(Less, other, 0)),
        ("signed_diff", Some(other)) => with(Equal, &with(Less, receiver, other), &to(Less, wrapped, 0)),
        ("div" | "rem" | "div_euclid" | "rem_euclid", Some(divisor)) => match scalar.is_signed() {
            true => {
                either(to(NotEqual, divisor, scalar.mask()), to(NotEqual, receiver, scalar.minimum_bits()))
            }
            false => Value::bool(true),
        },
        (_, Some(other)) => {
            Value::negated(overflows(operator(operation)?, scalar, receiver, other, wrapped)?)
        }
        _ => return None,
    })
}

fn operator(operation: &str) -> Option<Operator> {
    Some(match operation {
        "add" => Operator::Add,
        "sub" => Operator::Subtract,
        "mul" => Operator::Multiply,
        "shl" => Operator::ShiftLeft,
        "shr" => Operator::ShiftRight,
        _ => return None,
    })
}

fn either(left: Value, right: Value) -> Value {
    Value::new(Node::Logic(tree::LogicOperator::Or, Box::new([left, right])), Type::Scalar(Scalar::Bool))
}

/// A tuple of two.
pub(super) fn pair(first: Value, second: Value) -> Value {
    let ty = Type::aggregate(None, [("0", first.ty.clone()), ("1", second.ty.clone())]);
    Value::new(Node::Components(vec![first, second]), ty)
}
