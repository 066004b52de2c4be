//! Exact values, and how far a float is from one.

use super::functions::Function;
use astro_float_num::{BigFloat, Consts, RoundingMode, Sign};

/// How many bits exact values have: far more than any float, also after some have cancelled out.
pub const BITS: usize = 256;
pub const ROUNDING: RoundingMode = RoundingMode::ToEven;

/// A number as exact as is needed here.
pub type Value = BigFloat;

/// A float, exactly. The library's own conversion takes subnormal numbers for others, so they come as normal ones.
pub fn number(x: f64) -> Value {
    if !x.is_subnormal() {
        return BigFloat::from_f64(x, BITS);
    }
    let mut value = BigFloat::from_f64(scaled(x, 200), BITS);
    if let Some(exponent) = value.exponent() {
        value.set_exponent(exponent - 200);
    }
    value
}

/// A type of floats.
#[derive(Debug)]
pub struct Format {
    pub name: &'static str,
    /// How many bits the significand has.
    pub digits: i32,
    /// The exponent of the smallest normal number.
    pub lowest: i32,
    /// The exponent of the largest numbers.
    pub highest: i32,
}

pub static SINGLE: Format = Format { name: "f32", digits: 24, lowest: -126, highest: 127 };
pub static DOUBLE: Format = Format { name: "f64", digits: 53, lowest: -1022, highest: 1023 };

impl Format {
    /// How many units in the last place of the exact value `got` is away from it. Whoever gives an infinity where the
    /// nearest number is beyond the largest is right.
    pub fn ulps(&self, got: f64, exact: &Value) -> f64 {
        let Some((words, _, sign, exponent, _)) = exact.as_raw_parts() else {
            let is_right = match exact.is_nan() {
                true => got.is_nan(),
                false => got == if exact.is_negative() { f64::NEG_INFINITY } else { f64::INFINITY },
            };
            return if is_right { 0.0 } else { f64::INFINITY };
        };
        let got = if sign == Sign::Neg { -got } else { got };
        if got.is_nan() || got == f64::NEG_INFINITY {
            return f64::INFINITY;
        }
        // The exact value is the words as a fraction, times a power of two; of zero they are zero.
        let (exponent, is_zero) = (exponent, exact.is_zero());
        let unit = (exponent - 1).clamp(self.lowest, self.highest) - (self.digits - 1);
        let unit = if is_zero { self.lowest - (self.digits - 1) } else { unit };
        let word =
            |from_last: usize| words.len().checked_sub(from_last).map_or(0, |position| words[position]);
        let high = scaled((word(1) >> 11) as f64, exponent - unit - 53);
        let low = scaled((word(1) & 0x7ff) as f64, exponent - unit - 64)
            + scaled(word(2) as f64, exponent - unit - 128);
        let limit = scaled(1.0, self.digits);
        if got.is_infinite() {
            let is_beyond = self.highest - (self.digits - 1) == unit && high + low >= limit - 0.5;
            return if is_beyond { 0.0 } else { limit - high - low };
        }
        (scaled(got, -unit) - high - low).abs()
    }
}

/// `x * 2^exponent`, without rounding on the way as long as the result is a normal number.
fn scaled(x: f64, exponent: i32) -> f64 {
    let power = |exponent: i32| f64::from_bits(((exponent + 1023) as u64) << 52);
    let (mut x, mut rest) = (x, exponent.clamp(-5000, 5000));
    while rest != 0 {
        let step = rest.clamp(-1000, 1000);
        x *= power(step);
        rest -= step;
    }
    x
}

/// The exact values of a function, computed by several threads.
pub fn evaluate(function: &Function, inputs: &[(f64, f64)], n_threads: usize) -> Vec<Value> {
    let part = inputs.len().div_ceil(n_threads.max(1)).max(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> =
            inputs.chunks(part).map(|part| scope.spawn(move || evaluate_part(function, part))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect()
    })
}

fn evaluate_part(function: &Function, inputs: &[(f64, f64)]) -> Vec<Value> {
    let Ok(mut constants) = Consts::new() else { return Vec::new() };
    let evaluate = |&(x, y): &(f64, f64)| {
        let is_special = |x: f64| x == 0.0 || !x.is_finite();
        if is_special(x) || (function.operands.are_two() && is_special(y)) {
            // Where C and Rust define the result, std's is as good as any.
            return number((function.plain)(x, y));
        }
        (function.exact)(&number(x), &number(y), &mut constants)
    };
    inputs.iter().map(evaluate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(a: f64, b: f64) -> Value {
        number(a).add(&number(b), BITS, ROUNDING)
    }

    #[test]
    fn the_distance_to_an_exact_value_is_counted_in_its_own_ulps() {
        let quarter = f64::EPSILON / 4.0;
        assert_eq!(DOUBLE.ulps(1.0, &sum(1.0, quarter)), 0.25);
        assert_eq!(DOUBLE.ulps(1.0 + f64::EPSILON, &sum(1.0, quarter)), 0.75);
        assert_eq!(DOUBLE.ulps(-3.0, &sum(-3.0, quarter)), 0.125);
        assert_eq!(SINGLE.ulps(1.0, &sum(1.0, f64::from(f32::EPSILON))), 1.0);
        // Below a power of two the unit is half as large.
        assert_eq!(SINGLE.ulps(1.0, &sum(1.0, -f64::from(f32::EPSILON))), 2.0);
    }

    #[test]
    fn subnormal_values_have_the_unit_of_the_smallest() {
        let least = f64::from(f32::from_bits(1));
        assert_eq!(SINGLE.ulps(0.0, &sum(least, least / 2.0)), 1.5);
        assert_eq!(SINGLE.ulps(least, &number(0.0)), 1.0);
        assert_eq!(DOUBLE.ulps(f64::from_bits(3), &number(f64::from_bits(1))), 2.0);
    }

    #[test]
    fn infinity_is_right_where_the_value_is_beyond_the_largest() {
        let beyond = number(3.5e38);
        assert_eq!(SINGLE.ulps(f64::INFINITY, &beyond), 0.0);
        assert!(SINGLE.ulps(f64::from(f32::MAX), &beyond) > 1.0);
        assert_eq!(SINGLE.ulps(f64::INFINITY, &number(f32::MAX.into())), 1.0);
        assert_eq!(DOUBLE.ulps(f64::INFINITY, &number(f64::INFINITY)), 0.0);
        assert_eq!(DOUBLE.ulps(f64::NAN, &number(f64::NAN)), 0.0);
        assert_eq!(DOUBLE.ulps(f64::NAN, &number(1.0)), f64::INFINITY);
    }
}
