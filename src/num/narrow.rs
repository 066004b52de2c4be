//! `f16` as a number: computed as `f32`, and each result rounded.
//!
//! Kernels on devices do the same, so the bits of what is exact in `f32` are the same everywhere.

use super::*;
use half::f16;

/// What a result of `f32` is for `f16`, and the other way round.
trait Round<To> {
    fn round_to(self) -> To;
}

impl Round<f32> for f16 {
    #[inline(always)]
    fn round_to(self) -> f32 {
        self.to_f32()
    }
}
impl Round<f16> for f32 {
    #[inline(always)]
    fn round_to(self) -> f16 {
        f16::from_f32(self)
    }
}
impl Round<(f16, f16)> for (f32, f32) {
    #[inline(always)]
    fn round_to(self) -> (f16, f16) {
        (self.0.round_to(), self.1.round_to())
    }
}
impl Round<i32> for i32 {
    #[inline(always)]
    fn round_to(self) -> i32 {
        self
    }
}

macro_rules! rounded {
    ($($name:ident($($argument:ident: $ty:ty),*) -> $result:ty;)*) => { $(
        #[inline(always)]
        fn $name(self $(, $argument: $ty)*) -> $result {
            f32::$name(self.to_f32() $(, $argument.round_to())*).round_to()
        }
    )* };
}

impl Operators for f16 {}

impl Extremes for f16 {
    rounded! {
        min(other: Self) -> Self;
        max(other: Self) -> Self;
        clamp(low: Self, high: Self) -> Self;
    }
}

impl Number for f16 {
    const ZERO: Self = f16::ZERO;
    const ONE: Self = f16::ONE;
    const MIN: Self = f16::MIN;
    const MAX: Self = f16::MAX;

    rounded! {
        rem_euclid(divisor: Self) -> Self;
        div_euclid(divisor: Self) -> Self;
    }

    #[inline(always)]
    fn widen(self) -> Wide {
        Wide::Float(self.to_f64())
    }

    #[inline(always)]
    fn narrow(value: Wide) -> Self {
        match value {
            // An integer that a double does not hold is beyond all of these.
            Wide::Integer(value) => nearest(value as f64),
            Wide::Float(value) => nearest(value),
        }
    }
}

impl Signed for f16 {
    rounded! {
        abs() -> Self;
        signum() -> Self;
    }
}

impl Float for f16 {
    const PI: Self = f16::PI;
    const TAU: Self = f16::from_bits(0x4648);
    const E: Self = f16::E;
    const EPSILON: Self = f16::EPSILON;
    const MIN_POSITIVE: Self = f16::MIN_POSITIVE;
    const INFINITY: Self = f16::INFINITY;
    const NEG_INFINITY: Self = f16::NEG_INFINITY;
    const NAN: Self = f16::NAN;

    float_methods!(rounded);
    float_tests!(delegate);
}

/// The nearest half, which `f16::from_f64` is not always: that rounds twice on some processors, and on others leaves out the
/// last bits. Goes through a single whose last bit tells of anything behind it, as devices do.
fn nearest(x: f64) -> f16 {
    let near = x as f32;
    let (back, bits) = (f64::from(near), near.to_bits());
    let told = match x.is_nan() || near.is_infinite() || back == x || bits & 1 != 0 {
        true => near,
        false if back.abs() > x.abs() => f32::from_bits(bits - 1),
        false => f32::from_bits(bits + 1),
    };
    f16::from_f32(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_pi_is_the_nearest_half() {
        assert_eq!(<f16 as Float>::TAU, f16::from_f64(std::f64::consts::TAU));
    }

    #[test]
    fn subnormal_halves_are_not_normal_though_they_are_as_singles() {
        let small = f16::from_bits(0x03ff);
        assert!(!Float::is_normal(small) && small.to_f32().is_normal());
    }
}
