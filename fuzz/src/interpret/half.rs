//! `f16`: what falx has of it on the host, as methods of its own traits.

use super::operate::{Bits, applied, truth};
use falx::__private::Operation;
use falx::f16;
use falx::num::extremes::Extremes;
use falx::num::{Float, Number, Signed};

/// A number as another type.
pub fn converted<F: Number + Bits, T: Number + Bits>(value: u64) -> u64 {
    T::cast_from(F::of(value)).raw()
}

/// `value.name(arguments)`
pub fn half_method(name: &str, value: f16, arguments: &[u64]) -> Option<u64> {
    let other = || f16::of(arguments[0]);
    let done = |value: f16| Some(value.raw());
    match name {
        "abs" => applied(value, Operation::Absolute),
        "clamp" => applied(value, Operation::Clamp(other(), f16::of(arguments[1]))),
        "rem_euclid" => applied(value, Operation::RemainderEuclid(other())),
        "div_euclid" => applied(value, Operation::DivideEuclid(other())),
        "signum" => done(Signed::signum(value)),
        "copysign" => done(Float::copysign(value, other())),
        "min" => done(Extremes::min(value, other())),
        "max" => done(Extremes::max(value, other())),
        "floor" => done(Float::floor(value)),
        "ceil" => done(Float::ceil(value)),
        "round" => done(Float::round(value)),
        "round_ties_even" => done(Float::round_ties_even(value)),
        "trunc" => done(Float::trunc(value)),
        "fract" => done(Float::fract(value)),
        "sqrt" => done(Float::sqrt(value)),
        "recip" => done(Float::recip(value)),
        "to_degrees" => done(Float::to_degrees(value)),
        "to_radians" => done(Float::to_radians(value)),
        "mul_add" => done(Float::mul_add(value, other(), f16::of(arguments[1]))),
        "to_bits" => Some(value.raw()),
        "is_nan" => Some(truth(value.is_nan())),
        "is_infinite" => Some(truth(value.is_infinite())),
        "is_finite" => Some(truth(value.is_finite())),
        "is_normal" => Some(truth(value.is_normal())),
        "is_sign_negative" => Some(truth(value.is_sign_negative())),
        "is_sign_positive" => Some(truth(value.is_sign_positive())),
        _ => None,
    }
}
