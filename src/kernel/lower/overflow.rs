//! Checked mode: integers that overflow wrap all the same, after a report.

use super::builder::Builder;
use super::ir::*;
use super::methods::{Class, Fails, Gives, Method};
use super::*;
use crate::kernel::message::{Message, OVERFLOW, OVERFLOW_OF_ONE};
use crate::kernel::tree::BinaryOperator as Operator;
use crate::kernel::types::Scalar;

/// The upper half of a product.
pub(super) static HIGH_HALF: Method = Method {
    name: "mul_hi",
    class: Class::Integer,
    arguments: 1,
    gives: Gives::Same,
    fails: Fails::Never,
    spelling: "mul_hi($0, $1)",
    helper: None,
};

impl Builder<'_, '_> {
    /// `left operator right`, after a report if the result does not fit.
    pub fn check_overflow(
        &mut self,
        operator: Operator,
        left: Value,
        right: Value,
        site: &'static Site,
    ) -> Value {
        let Some(scalar) = left.scalar().filter(|scalar| scalar.is_integer()) else {
            return Value::binary(operator, left, right);
        };
        let (left, right) = (self.atom(left), self.atom(right));
        let result = Value::binary(operator, left.clone(), right.clone());
        let result = self.atom(result);
        if let Some(overflows) = overflows(operator, scalar, &left, &right, &result) {
            self.report_overflow(overflows, &OVERFLOW, vec![left, right], site);
        }
        result
    }

    /// A value, after a report if it is its type's smallest in checked mode: that has no counterpart above zero.
    pub fn check_smallest(&mut self, value: Value, site: &'static Site) -> Value {
        let is_signed = value.scalar().is_some_and(Scalar::is_signed);
        if self.shared.overflow == Overflow::Wraps || !is_signed {
            return value;
        }
        let value = self.atom(value);
        let smallest = value.scalar().map_or(0, Scalar::minimum_bits);
        let smallest = Value::new(Node::Literal(smallest), value.ty.clone());
        let overflows = Value::binary(Operator::Equal, value.clone(), smallest);
        self.report_overflow(overflows, &OVERFLOW_OF_ONE, vec![value.clone()], site);
        value
    }

    fn report_overflow(
        &mut self,
        overflows: Value,
        message: &'static Message,
        values: Vec<Value>,
        site: &'static Site,
    ) {
        let types = values.iter().map(|value| value.ty.clone()).collect();
        let code = self.shared.code_of(Report { site, message: Some((message, types)), given: Vec::new() });
        self.context.join(Context { parameters: true, traps: true, ..Context::default() });
        let trap = Statement::Trap { code, values, halts: false };
        self.code.push(Statement::If(overflows, vec![trap], Code::new()));
    }
}

/// Whether a wrapped result is wrong; `None` for operators that never overflow.
pub(super) fn overflows(
    operator: Operator,
    scalar: Scalar,
    left: &Value,
    right: &Value,
    result: &Value,
) -> Option<Value> {
    let zero = || Value::literal(scalar, 0);
    let combine = |operator, a: &Value, b: &Value| Value::binary(operator, a.clone(), b.clone());
    // Whether the signs of both differences are set.
    let signs =
        |a: Value, b: Value| Value::binary(Operator::Less, Value::binary(Operator::And, a, b), zero());
    Some(match operator {
        Operator::Add if scalar.is_signed() => {
            signs(combine(Operator::Xor, left, result), combine(Operator::Xor, right, result))
        }
        Operator::Add => combine(Operator::Less, result, left),
        Operator::Subtract if scalar.is_signed() => {
            signs(combine(Operator::Xor, left, right), combine(Operator::Xor, left, result))
        }
        Operator::Subtract => combine(Operator::Less, left, right),
        Operator::Multiply => product_overflows(scalar, left, right, result),
        Operator::ShiftLeft | Operator::ShiftRight => {
            // Negative amounts become large ones.
            let amount = cast(right, Scalar::U64);
            let bits = Value::literal(Scalar::U64, u64::from(scalar.bits()));
            Value::binary(Operator::GreaterOrEqual, amount, bits)
        }
        _ => return None,
    })
}

fn product_overflows(scalar: Scalar, left: &Value, right: &Value, result: &Value) -> Value {
    if scalar.bits() < 64 {
        let wide = if scalar.is_signed() { Scalar::I64 } else { Scalar::U64 };
        let product = Value::binary(Operator::Multiply, cast(left, wide), cast(right, wide));
        return Value::binary(Operator::NotEqual, product, cast(result, wide));
    }
    let high = Value::new(Node::Method(&HIGH_HALF, vec![left.clone(), right.clone()]), left.ty.clone());
    let expected = match scalar.is_signed() {
        true => Value::binary(Operator::ShiftRight, result.clone(), Value::literal(Scalar::U32, 63)),
        false => Value::literal(scalar, 0),
    };
    Value::binary(Operator::NotEqual, high, expected)
}

pub(super) fn cast(value: &Value, to: Scalar) -> Value {
    Value::new(Node::Cast(Box::new(value.clone())), Type::Scalar(to))
}
