//! Floats: what falx's traits have of all of them, and what only `f32` and `f64` have besides.

use super::operate::{Bits, applied, truth};
use falx::__private::{Arithmetic, Operation};
use falx::num::{Float, Number};

/// A number as another type.
pub fn converted<F: Number + Bits, T: Number + Bits>(value: u64) -> u64 {
    T::cast_from(F::of(value)).raw()
}

/// `value.name(arguments)`
pub fn float_method<T: Float + Arithmetic + Bits>(name: &str, value: T, arguments: &[u64]) -> Option<u64> {
    let other = || T::of(arguments[0]);
    let done = |value: T| Some(value.raw());
    match name {
        "abs" => applied(value, Operation::Absolute),
        "clamp" => applied(value, Operation::Clamp(other(), T::of(arguments[1]))),
        "rem_euclid" => applied(value, Operation::RemainderEuclid(other())),
        "div_euclid" => applied(value, Operation::DivideEuclid(other())),
        "signum" => done(value.signum()),
        "copysign" => done(value.copysign(other())),
        "min" => done(value.min(other())),
        "max" => done(value.max(other())),
        "floor" => done(value.floor()),
        "ceil" => done(value.ceil()),
        "round" => done(value.round()),
        "round_ties_even" => done(value.round_ties_even()),
        "trunc" => done(value.trunc()),
        "fract" => done(value.fract()),
        "sqrt" => done(value.sqrt()),
        "recip" => done(value.recip()),
        "to_degrees" => done(value.to_degrees()),
        "to_radians" => done(value.to_radians()),
        "mul_add" => done(value.mul_add(other(), T::of(arguments[1]))),
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

/// A method that `f16` does not have.
macro_rules! beyond_halves {
    ($function:ident: $ty:ty) => {
        pub fn $function(name: &str, value: u64, arguments: &[u64]) -> Option<u64> {
            let value = <$ty>::of(value);
            match name {
                "next_up" => Some(value.next_up().raw()),
                "next_down" => Some(value.next_down().raw()),
                "midpoint" => Some(value.midpoint(<$ty>::of(arguments[0])).raw()),
                "is_subnormal" => Some(truth(value.is_subnormal())),
                _ => float_method(name, value, arguments),
            }
        }
    };
}
beyond_halves!(single_method: f32);
beyond_halves!(double_method: f64);
