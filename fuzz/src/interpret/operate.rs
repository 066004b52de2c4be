//! What operators, casts and methods give on scalars: by the host twin's own operations, or by Rust's own where the twin
//! calls those.

use super::float::{converted, double_method, float_method, single_method};
use crate::program::{BinaryOperator, Scalar, UnaryOperator};
use falx::__private::{Arithmetic, Operation, ScalarBits};
use falx::f16;

/// Runs a piece of code with `$ty` as the Rust type of a scalar.
macro_rules! by_scalar {
    ($scalar:expr, $ty:ident => $code:expr, $bool:expr) => {{
        #[allow(unreachable_patterns)]
        match $scalar {
            Scalar::I8 => by_scalar!(@ i8, $ty, $code),
            Scalar::I16 => by_scalar!(@ i16, $ty, $code),
            Scalar::I32 => by_scalar!(@ i32, $ty, $code),
            Scalar::I64 => by_scalar!(@ i64, $ty, $code),
            Scalar::U8 => by_scalar!(@ u8, $ty, $code),
            Scalar::U16 => by_scalar!(@ u16, $ty, $code),
            Scalar::U32 => by_scalar!(@ u32, $ty, $code),
            Scalar::U64 => by_scalar!(@ u64, $ty, $code),
            Scalar::Isize => by_scalar!(@ isize, $ty, $code),
            Scalar::Usize => by_scalar!(@ usize, $ty, $code),
            Scalar::F32 => by_scalar!(@ f32, $ty, $code),
            Scalar::F64 => by_scalar!(@ f64, $ty, $code),
            _ => $bool,
        }
    }};
    (@ $rust:ident, $ty:ident, $code:expr) => {{
        type $ty = $rust;
        $code
    }};
}

/// The same, also of `f16`, which has no casts by `as`.
macro_rules! by_number {
    ($scalar:expr, $ty:ident => $code:expr, $bool:expr) => {
        match $scalar {
            Scalar::F16 => by_scalar!(@ f16, $ty, $code),
            scalar => by_scalar!(scalar, $ty => $code, $bool),
        }
    };
}

/// A scalar as its bits.
pub trait Bits: Sized {
    fn of(bits: u64) -> Self;
    fn raw(self) -> u64;
}
macro_rules! bits {
    ($($ty:ty as $unsigned:ty),*) => { $(
        impl Bits for $ty {
            fn of(bits: u64) -> Self {
                ScalarBits::from_bits(bits)
            }
            fn raw(self) -> u64 {
                self as $unsigned as u64
            }
        }
    )* };
}
bits!(i8 as u8, i16 as u16, i32 as u32, i64 as u64, u8 as u8, u16 as u16, u32 as u32, u64 as u64);
bits!(isize as u64, usize as u64);
impl Bits for f16 {
    fn of(bits: u64) -> Self {
        f16::from_bits(bits as u16)
    }
    fn raw(self) -> u64 {
        u64::from(self.to_bits())
    }
}
impl Bits for f32 {
    fn of(bits: u64) -> Self {
        f32::from_bits(bits as u32)
    }
    fn raw(self) -> u64 {
        u64::from(self.to_bits())
    }
}
impl Bits for f64 {
    fn of(bits: u64) -> Self {
        f64::from_bits(bits)
    }
    fn raw(self) -> u64 {
        self.to_bits()
    }
}

/// The bits of a truth value.
pub fn truth(value: bool) -> u64 {
    u64::from(value)
}

/// `operator value`
pub fn unary(operator: UnaryOperator, scalar: Scalar, value: u64) -> u64 {
    match operator {
        UnaryOperator::Negate => {
            by_number!(scalar, T => T::of(value).apply(Operation::Negate).map_or(0, Bits::raw), value)
        }
        UnaryOperator::Not if scalar == Scalar::Bool => value ^ 1,
        UnaryOperator::Not => !value & scalar.mask(),
    }
}

/// `left operator right`; `None` for a division that has no result. `amount` is the type of a shift's amount.
pub fn binary(operator: BinaryOperator, scalar: Scalar, left: u64, right: u64) -> Option<u64> {
    use BinaryOperator::*;
    match operator {
        And => return Some(left & right),
        Or => return Some(left | right),
        Xor => return Some(left ^ right),
        Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual => {
            return Some(truth(by_number!(scalar, T => compare(operator, T::of(left), T::of(right)),
                compare(operator, left, right))));
        }
        _ => {}
    }
    by_number!(scalar, T => {
        let right_value = T::of(right);
        let operation = match operator {
            Add => Operation::Add(right_value),
            Subtract => Operation::Subtract(right_value),
            Multiply => Operation::Multiply(right_value),
            Divide => Operation::Divide(right_value),
            Remainder => Operation::Remainder(right_value),
            ShiftLeft => Operation::ShiftLeft(right_value),
            _ => Operation::ShiftRight(right_value),
        };
        T::of(left).apply(operation).map(Bits::raw)
    }, None)
}

fn compare<T: PartialOrd>(operator: BinaryOperator, left: T, right: T) -> bool {
    match operator {
        BinaryOperator::Equal => left == right,
        BinaryOperator::NotEqual => left != right,
        BinaryOperator::Less => left < right,
        BinaryOperator::LessOrEqual => left <= right,
        BinaryOperator::Greater => left > right,
        _ => left >= right,
    }
}

/// `value as to`
pub fn cast(from: Scalar, to: Scalar, value: u64) -> u64 {
    if to == Scalar::Bool {
        return value;
    }
    if [from, to].contains(&Scalar::F16) {
        return by_number!(from, F => by_number!(to, T => converted::<F, T>(value), 0), 0);
    }
    by_scalar!(from, F => {
        let value = F::of(value);
        by_scalar!(to, T => (value as T).raw(), 0)
    }, by_scalar!(to, T => (value as u8 as T).raw(), 0))
}

/// Of an integer's method without arguments the bits of the result.
macro_rules! integer_methods {
    ($name:expr, $ty:ty, $value:expr, $arguments:expr; $signed:ident) => {{
        let value: $ty = $value;
        let other = || <$ty>::of($arguments[0]);
        let amount = || $arguments[0] as u32;
        let done = |value: $ty| Some(value.raw());
        let number = |value: u32| Some(u64::from(value));
        match $name {
            "wrapping_add" => done(value.wrapping_add(other())),
            "wrapping_sub" => done(value.wrapping_sub(other())),
            "wrapping_mul" => done(value.wrapping_mul(other())),
            "wrapping_neg" => done(value.wrapping_neg()),
            "wrapping_div" => (other() != 0).then(|| value.wrapping_div(other()).raw()),
            "wrapping_rem" => (other() != 0).then(|| value.wrapping_rem(other()).raw()),
            "wrapping_div_euclid" => (other() != 0).then(|| value.wrapping_div_euclid(other()).raw()),
            "wrapping_rem_euclid" => (other() != 0).then(|| value.wrapping_rem_euclid(other()).raw()),
            "saturating_div" => (other() != 0).then(|| value.saturating_div(other()).raw()),
            "saturating_pow" => done(value.saturating_pow(amount())),
            "to_be" => done(value.to_be()),
            "to_le" => done(value.to_le()),
            "wrapping_shl" => done(value.wrapping_shl(amount())),
            "wrapping_shr" => done(value.wrapping_shr(amount())),
            "wrapping_pow" => done(value.wrapping_pow(amount())),
            "saturating_add" => done(value.saturating_add(other())),
            "saturating_sub" => done(value.saturating_sub(other())),
            "saturating_mul" => done(value.saturating_mul(other())),
            "unbounded_shl" => done(value.unbounded_shl(amount())),
            "unbounded_shr" => done(value.unbounded_shr(amount())),
            "midpoint" => done(value.midpoint(other())),
            "rotate_left" => done(value.rotate_left(amount())),
            "rotate_right" => done(value.rotate_right(amount())),
            "leading_zeros" => number(value.leading_zeros()),
            "trailing_zeros" => number(value.trailing_zeros()),
            "leading_ones" => number(value.leading_ones()),
            "trailing_ones" => number(value.trailing_ones()),
            "count_ones" => number(value.count_ones()),
            "count_zeros" => number(value.count_zeros()),
            "swap_bytes" => done(value.swap_bytes()),
            "reverse_bits" => done(value.reverse_bits()),
            "min" => done(value.min(other())),
            "max" => done(value.max(other())),
            "abs_diff" => Some(value.abs_diff(other()).raw()),
            "pow" => applied(value, Operation::Power(amount())),
            "abs" => applied(value, Operation::Absolute),
            "clamp" => applied(value, Operation::Clamp(other(), <$ty>::of($arguments[1]))),
            "rem_euclid" => applied(value, Operation::RemainderEuclid(other())),
            "div_euclid" => applied(value, Operation::DivideEuclid(other())),
            _ => $signed!($name, value, $arguments),
        }
    }};
}
macro_rules! signed {
    ($name:expr, $value:ident, $arguments:expr) => {
        match $name {
            "cast_unsigned" => Some($value.cast_unsigned().raw()),
            "saturating_abs" => Some($value.saturating_abs().raw()),
            "saturating_neg" => Some($value.saturating_neg().raw()),
            "wrapping_add_unsigned" => Some($value.wrapping_add_unsigned(Bits::of($arguments[0])).raw()),
            "wrapping_sub_unsigned" => Some($value.wrapping_sub_unsigned(Bits::of($arguments[0])).raw()),
            "saturating_add_unsigned" => Some($value.saturating_add_unsigned(Bits::of($arguments[0])).raw()),
            "saturating_sub_unsigned" => Some($value.saturating_sub_unsigned(Bits::of($arguments[0])).raw()),
            "wrapping_abs" => Some($value.wrapping_abs().raw()),
            "unsigned_abs" => Some($value.unsigned_abs().raw()),
            "signum" => Some($value.signum().raw()),
            "is_positive" => Some(truth($value.is_positive())),
            "is_negative" => Some(truth($value.is_negative())),
            _ => None,
        }
    };
}
macro_rules! unsigned {
    ($name:expr, $value:ident, $arguments:expr) => {{
        let divided = || $arguments[0] != 0;
        match $name {
            "cast_signed" => Some($value.cast_signed().raw()),
            "isqrt" => Some($value.isqrt().raw()),
            "div_ceil" => divided().then(|| $value.div_ceil(Bits::of($arguments[0])).raw()),
            "next_multiple_of" => divided().then(|| {
                $value.div_ceil(Bits::of($arguments[0])).wrapping_mul(Bits::of($arguments[0])).raw()
            }),
            "is_multiple_of" => Some(truth($value.is_multiple_of(Bits::of($arguments[0])))),
            "next_power_of_two" => Some($value.checked_next_power_of_two().map_or(0, Bits::raw)),
            "wrapping_add_signed" => Some($value.wrapping_add_signed(Bits::of($arguments[0])).raw()),
            "wrapping_sub_signed" => Some($value.wrapping_sub_signed(Bits::of($arguments[0])).raw()),
            "saturating_add_signed" => Some($value.saturating_add_signed(Bits::of($arguments[0])).raw()),
            "saturating_sub_signed" => Some($value.saturating_sub_signed(Bits::of($arguments[0])).raw()),
            "is_power_of_two" => Some(truth($value.is_power_of_two())),
            "from_bits" => Some($value.raw()),
            _ => None,
        }
    }};
}

pub fn applied<T: Arithmetic + Bits>(value: T, operation: Operation<T>) -> Option<u64> {
    value.apply(operation).map(Bits::raw)
}

/// `value.name(arguments)`; `None` where a division has no result.
pub fn method(name: &str, scalar: Scalar, value: u64, arguments: &[u64]) -> Option<u64> {
    macro_rules! call {
        ($ty:ty, $signed:ident) => {
            integer_methods!(name, $ty, <$ty>::of(value), arguments; $signed)
        };
    }
    match scalar {
        Scalar::I8 => call!(i8, signed),
        Scalar::I16 => call!(i16, signed),
        Scalar::I32 => call!(i32, signed),
        Scalar::I64 => call!(i64, signed),
        Scalar::Isize => call!(isize, signed),
        Scalar::U8 => call!(u8, unsigned),
        Scalar::U16 => call!(u16, unsigned),
        Scalar::U32 => call!(u32, unsigned),
        Scalar::U64 => call!(u64, unsigned),
        Scalar::Usize => call!(usize, unsigned),
        Scalar::F16 => float_method(name, f16::of(value), arguments),
        Scalar::F32 => single_method(name, value, arguments),
        Scalar::F64 => double_method(name, value, arguments),
        _ => None,
    }
}

/// Whether a method shows the sign or the payload of a NaN, which Rust leaves open. Made kernels ask first; shrunk ones
/// may have lost the question.
pub fn is_left_open(name: &str, receiver: Scalar, operands: &[u64]) -> bool {
    match name {
        "to_bits" | "is_sign_negative" | "is_sign_positive" => is_nan(receiver, operands[0]),
        "copysign" => is_nan(receiver, operands[1]),
        _ => false,
    }
}

pub fn is_nan(scalar: Scalar, bits: u64) -> bool {
    match scalar {
        Scalar::F16 => f16::of(bits).is_nan(),
        Scalar::F32 => f32::of(bits).is_nan(),
        Scalar::F64 => f64::of(bits).is_nan(),
        _ => false,
    }
}

/// Whether two results are the same: equal bits, or both NaN.
pub fn same(scalar: Scalar, left: u64, right: u64) -> bool {
    left == right || is_nan(scalar, left) && is_nan(scalar, right)
}
