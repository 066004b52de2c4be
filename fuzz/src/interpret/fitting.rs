//! The methods that say whether their result fits, by Rust's own.

use super::evaluate::{Flow, Frame, Result};
use super::machine::Machine;
use super::operate::Bits;
use crate::program::{Expression, Scalar, Value};

impl Machine<'_> {
    /// A method that gives or takes more than scalars.
    pub fn fitting_method(
        &mut self,
        frame: &mut Frame,
        name: &str,
        operands: &[Expression],
    ) -> Result<Value> {
        let values = operands.iter().map(|operand| self.evaluate(frame, operand));
        let values = values.collect::<Result<Vec<_>>>()?;
        if let Value::Variant(variant, fields) = &values[0] {
            return match name {
                "is_some" => Ok(Value::Bits(u64::from(*variant == 1))),
                "is_none" => Ok(Value::Bits(u64::from(*variant == 0))),
                _ => fields.first().or(values.get(1)).cloned().ok_or(Flow::Refused),
            };
        }
        let scalar = operands[0].ty.scalar().ok_or(Flow::Refused)?;
        let bits =
            values.iter().map(|value| value.bits().ok_or(Flow::Refused)).collect::<Result<Vec<_>>>()?;
        of_scalar(name, scalar, &bits).ok_or(Flow::Refused)
    }
}

fn option<T: Bits>(found: Option<T>) -> Value {
    match found {
        Some(value) => Value::Variant(1, vec![Value::Bits(value.raw())]),
        None => Value::Variant(0, Vec::new()),
    }
}

fn pair<T: Bits>((value, flag): (T, bool)) -> Value {
    Value::List(vec![Value::Bits(value.raw()), Value::Bits(u64::from(flag))])
}

macro_rules! of_all {
    ($name:expr, $ty:ty, $bits:expr, $else:expr) => {{
        let (value, amount) = (<$ty>::of($bits[0]), $bits.get(1).copied().unwrap_or(0) as u32);
        let other = <$ty>::of($bits.get(1).copied().unwrap_or(0));
        Some(match $name {
            "checked_add" => option(value.checked_add(other)),
            "checked_sub" => option(value.checked_sub(other)),
            "checked_mul" => option(value.checked_mul(other)),
            "checked_div" => option(value.checked_div(other)),
            "checked_rem" => option(value.checked_rem(other)),
            "checked_neg" => option(value.checked_neg()),
            "checked_shl" => option(value.checked_shl(amount)),
            "checked_shr" => option(value.checked_shr(amount)),
            "checked_pow" => option(value.checked_pow(amount)),
            "overflowing_add" => pair(value.overflowing_add(other)),
            "overflowing_sub" => pair(value.overflowing_sub(other)),
            "overflowing_mul" => pair(value.overflowing_mul(other)),
            "overflowing_neg" => pair(value.overflowing_neg()),
            "overflowing_shl" => pair(value.overflowing_shl(amount)),
            "overflowing_shr" => pair(value.overflowing_shr(amount)),
            "overflowing_pow" => pair(value.overflowing_pow(amount)),
            _ => return $else,
        })
    }};
}

/// Of unsigned ones.
macro_rules! carrying {
    ($name:expr, $ty:ty, $bits:expr) => {{
        let third = $bits.get(2).copied().unwrap_or(0);
        let [value, other] = [$bits[0], $bits[1]].map(<$ty>::of);
        let both =
            |(low, high): ($ty, $ty)| Value::List(vec![Value::Bits(low.raw()), Value::Bits(high.raw())]);
        match $name {
            "carrying_add" => Some(pair(value.carrying_add(other, third != 0))),
            "borrowing_sub" => Some(pair(value.borrowing_sub(other, third != 0))),
            "carrying_mul" => Some(both(value.carrying_mul(other, <$ty>::of(third)))),
            "carrying_mul_add" => {
                let fourth = $bits.get(3).copied().unwrap_or(0);
                Some(both(value.carrying_mul_add(other, <$ty>::of(third), <$ty>::of(fourth))))
            }
            _ => None,
        }
    }};
}

fn of_scalar(name: &str, scalar: Scalar, bits: &[u64]) -> Option<Value> {
    match scalar {
        Scalar::I8 => of_all!(name, i8, bits, None),
        Scalar::I16 => of_all!(name, i16, bits, None),
        Scalar::I32 => of_all!(name, i32, bits, None),
        Scalar::I64 => of_all!(name, i64, bits, None),
        Scalar::Isize => of_all!(name, isize, bits, None),
        Scalar::U8 => of_all!(name, u8, bits, carrying!(name, u8, bits)),
        Scalar::U16 => of_all!(name, u16, bits, carrying!(name, u16, bits)),
        Scalar::U32 => of_all!(name, u32, bits, carrying!(name, u32, bits)),
        Scalar::U64 => of_all!(name, u64, bits, carrying!(name, u64, bits)),
        Scalar::Usize => of_all!(name, usize, bits, carrying!(name, usize, bits)),
        _ => None,
    }
}
