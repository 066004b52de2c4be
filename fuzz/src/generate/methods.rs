//! The methods that random kernels call, with what they take and give.

use crate::program::Scalar;

/// Which receivers have a method.
#[derive(Clone, Copy, PartialEq)]
pub enum Class {
    Integer,
    Signed,
    Unsigned,
    Float,
}

/// What an argument is.
#[derive(Clone, Copy, PartialEq)]
pub enum Takes {
    /// Of the receiver's type.
    Same,
    /// A `u32`.
    Amount,
    /// Of the receiver's type, and seldom zero: a divisor.
    Divisor,
    /// The signed integer of the same width.
    Signed,
    /// The unsigned integer of the same width.
    Unsigned,
    /// A float that is no NaN, since a NaN's sign is left open.
    Ordinary,
}

/// What a method gives.
#[derive(Clone, Copy, PartialEq)]
pub enum Gives {
    Same,
    Bool,
    U32,
    /// The signed integer of the same width.
    Signed,
    /// The unsigned integer of the same width.
    Unsigned,
    /// The receiver's type, where the sign of a zero is left open.
    SameOrZero,
}

/// A method.
pub struct Method {
    pub name: &'static str,
    pub class: Class,
    pub takes: &'static [Takes],
    pub gives: Gives,
    /// Whether the receiver's sign matters even if it is NaN.
    pub shows_sign: bool,
}

const fn method(name: &'static str, class: Class, takes: &'static [Takes], gives: Gives) -> Method {
    Method { name, class, takes, gives, shows_sign: false }
}

use Class::{Float, Integer, Signed, Unsigned};
use Takes::{Amount, Divisor, Ordinary, Same};

/// All of them.
pub const METHODS: &[Method] = &[
    method("wrapping_add", Integer, &[Same], Gives::Same),
    method("wrapping_sub", Integer, &[Same], Gives::Same),
    method("wrapping_mul", Integer, &[Same], Gives::Same),
    method("wrapping_neg", Integer, &[], Gives::Same),
    method("wrapping_shl", Integer, &[Amount], Gives::Same),
    method("wrapping_shr", Integer, &[Amount], Gives::Same),
    method("wrapping_pow", Integer, &[Amount], Gives::Same),
    method("saturating_add", Integer, &[Same], Gives::Same),
    method("saturating_sub", Integer, &[Same], Gives::Same),
    method("saturating_mul", Integer, &[Same], Gives::Same),
    method("saturating_pow", Integer, &[Amount], Gives::Same),
    method("saturating_div", Integer, &[Divisor], Gives::Same),
    method("wrapping_div", Integer, &[Divisor], Gives::Same),
    method("wrapping_rem", Integer, &[Divisor], Gives::Same),
    method("wrapping_div_euclid", Integer, &[Divisor], Gives::Same),
    method("wrapping_rem_euclid", Integer, &[Divisor], Gives::Same),
    method("to_be", Integer, &[], Gives::Same),
    method("to_le", Integer, &[], Gives::Same),
    method("cast_unsigned", Signed, &[], Gives::Unsigned),
    method("saturating_abs", Signed, &[], Gives::Same),
    method("saturating_neg", Signed, &[], Gives::Same),
    method("wrapping_add_unsigned", Signed, &[Takes::Unsigned], Gives::Same),
    method("wrapping_sub_unsigned", Signed, &[Takes::Unsigned], Gives::Same),
    method("saturating_add_unsigned", Signed, &[Takes::Unsigned], Gives::Same),
    method("saturating_sub_unsigned", Signed, &[Takes::Unsigned], Gives::Same),
    method("cast_signed", Unsigned, &[], Gives::Signed),
    method("isqrt", Unsigned, &[], Gives::Same),
    method("div_ceil", Unsigned, &[Divisor], Gives::Same),
    method("next_multiple_of", Unsigned, &[Divisor], Gives::Same),
    method("is_multiple_of", Unsigned, &[Same], Gives::Bool),
    method("next_power_of_two", Unsigned, &[], Gives::Same),
    method("wrapping_add_signed", Unsigned, &[Takes::Signed], Gives::Same),
    method("wrapping_sub_signed", Unsigned, &[Takes::Signed], Gives::Same),
    method("saturating_add_signed", Unsigned, &[Takes::Signed], Gives::Same),
    method("saturating_sub_signed", Unsigned, &[Takes::Signed], Gives::Same),
    method("unbounded_shl", Integer, &[Amount], Gives::Same),
    method("unbounded_shr", Integer, &[Amount], Gives::Same),
    method("midpoint", Integer, &[Same], Gives::Same),
    method("rotate_left", Integer, &[Amount], Gives::Same),
    method("rotate_right", Integer, &[Amount], Gives::Same),
    method("leading_zeros", Integer, &[], Gives::U32),
    method("trailing_zeros", Integer, &[], Gives::U32),
    method("leading_ones", Integer, &[], Gives::U32),
    method("trailing_ones", Integer, &[], Gives::U32),
    method("count_ones", Integer, &[], Gives::U32),
    method("count_zeros", Integer, &[], Gives::U32),
    method("swap_bytes", Integer, &[], Gives::Same),
    method("reverse_bits", Integer, &[], Gives::Same),
    method("min", Integer, &[Same], Gives::Same),
    method("max", Integer, &[Same], Gives::Same),
    method("clamp", Integer, &[Same, Same], Gives::Same),
    method("abs_diff", Integer, &[Same], Gives::Unsigned),
    method("pow", Integer, &[Amount], Gives::Same),
    method("rem_euclid", Integer, &[Divisor], Gives::Same),
    method("div_euclid", Integer, &[Divisor], Gives::Same),
    method("abs", Signed, &[], Gives::Same),
    method("wrapping_abs", Signed, &[], Gives::Same),
    method("unsigned_abs", Signed, &[], Gives::Unsigned),
    method("signum", Signed, &[], Gives::Same),
    method("is_positive", Signed, &[], Gives::Bool),
    method("is_negative", Signed, &[], Gives::Bool),
    method("is_power_of_two", Unsigned, &[], Gives::Bool),
    method("abs", Float, &[], Gives::Same),
    method("signum", Float, &[], Gives::Same),
    method("copysign", Float, &[Ordinary], Gives::Same),
    method("min", Float, &[Same], Gives::SameOrZero),
    method("max", Float, &[Same], Gives::SameOrZero),
    method("clamp", Float, &[Same, Same], Gives::Same),
    method("floor", Float, &[], Gives::Same),
    method("ceil", Float, &[], Gives::Same),
    method("round", Float, &[], Gives::Same),
    method("round_ties_even", Float, &[], Gives::Same),
    method("trunc", Float, &[], Gives::Same),
    method("midpoint", Float, &[Same], Gives::Same),
    method("is_subnormal", Float, &[], Gives::Bool),
    method("next_up", Float, &[], Gives::Same),
    method("next_down", Float, &[], Gives::Same),
    method("fract", Float, &[], Gives::Same),
    method("sqrt", Float, &[], Gives::Same),
    method("mul_add", Float, &[Same, Same], Gives::Same),
    method("recip", Float, &[], Gives::Same),
    method("rem_euclid", Float, &[Same], Gives::Same),
    method("div_euclid", Float, &[Same], Gives::Same),
    method("to_degrees", Float, &[], Gives::Same),
    method("to_radians", Float, &[], Gives::Same),
    method("is_nan", Float, &[], Gives::Bool),
    method("is_infinite", Float, &[], Gives::Bool),
    method("is_finite", Float, &[], Gives::Bool),
    method("is_normal", Float, &[], Gives::Bool),
    Method { shows_sign: true, ..method("is_sign_negative", Float, &[], Gives::Bool) },
    Method { shows_sign: true, ..method("is_sign_positive", Float, &[], Gives::Bool) },
];

impl Method {
    /// Whether a scalar has it.
    pub fn is_of(&self, scalar: Scalar) -> bool {
        match self.class {
            Integer => scalar.is_integer(),
            Signed => scalar.is_signed(),
            Unsigned => scalar.is_integer() && !scalar.is_signed(),
            // Those of `half` are fewer.
            Float if scalar == Scalar::F16 => {
                !matches!(self.name, "next_up" | "next_down" | "midpoint" | "is_subnormal")
            }
            Float => scalar.is_float(),
        }
    }

    /// What it gives of a receiver.
    pub fn result(&self, receiver: Scalar) -> Scalar {
        match self.gives {
            Gives::Same | Gives::SameOrZero => receiver,
            Gives::Bool => Scalar::Bool,
            Gives::U32 => Scalar::U32,
            Gives::Signed => signed(receiver),
            Gives::Unsigned => unsigned(receiver),
        }
    }
}

/// The signed integer of the same width.
pub fn signed(scalar: Scalar) -> Scalar {
    if matches!(scalar, Scalar::Isize | Scalar::Usize) { Scalar::Isize } else { scalar.signed() }
}

/// The unsigned integer of the same width.
pub fn unsigned(scalar: Scalar) -> Scalar {
    if matches!(scalar, Scalar::Isize | Scalar::Usize) { Scalar::Usize } else { scalar.unsigned() }
}
