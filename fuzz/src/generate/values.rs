//! Random numbers of each type, and above all those at which operations differ.

use crate::program::{Scalar, Type, Value};
use crate::random::Random;
use falx::f16;

/// The bits of a scalar; of a float never NaN, and finite if `finite`.
pub fn scalar(random: &mut Random, scalar: Scalar, finite: bool) -> u64 {
    match scalar {
        Scalar::Bool => random.bits() & 1,
        Scalar::F16 => u64::from(half(random, finite)),
        Scalar::F32 => u64::from(float(random, finite)),
        Scalar::F64 => double(random, finite),
        _ => integer(random, scalar) & scalar.mask(),
    }
}

/// A value of a type.
pub fn value(random: &mut Random, ty: &Type) -> Value {
    match ty {
        Type::Unit => Value::Unit,
        Type::Scalar(of) => Value::Bits(scalar(random, *of, false)),
        Type::Specialized(of) => Value::Bits(scalar(random, *of, true)),
        // Nothing that is captured or stored has such a type.
        Type::Tuple(_) | Type::Reference(..) | Type::Slice(_) | Type::View(..) | Type::Closure(..) => {
            ty.zero()
        }
        Type::Array(..) | Type::Vector(..) | Type::Declared(_) => {
            Value::List(ty.parts().iter().map(|part| value(random, part)).collect())
        }
    }
}

fn integer(random: &mut Random, scalar: Scalar) -> u64 {
    let low = scalar.minimum_bits();
    match random.below(8) {
        0 => random.bits(),
        1 => low,
        2 => low.wrapping_sub(1),
        3 => scalar.mask(),
        4 => (random.below(5) as u64).wrapping_neg(),
        5 => 1 << random.below(64),
        _ => random.below(20) as u64,
    }
}

/// The bits of a positive float of any exponent but the largest, with few or many digits.
fn random_exponent(random: &mut Random, exponent_bits: u32) -> u64 {
    let mantissa_bits = if exponent_bits == 8 { 23 } else { 52 };
    let exponent = random.below((1 << exponent_bits) - 1) as u64;
    let mantissa = random.bits() & ((1 << mantissa_bits) - 1);
    exponent << mantissa_bits | mantissa
}

/// A small number, an edge, or any.
fn float(random: &mut Random, finite: bool) -> u32 {
    let small = random.below(64) as f32 / 8.0;
    let magnitude = match random.below(14) {
        0 => f32::from_bits(random_exponent(random, 8) as u32),
        1 => 0.0,
        2 => f32::MAX,
        3 => f32::MIN_POSITIVE,
        4 => f32::from_bits(random.below(8) as u32),
        5 => (1u64 << 24) as f32 + random.below(4) as f32 * 2.0,
        6 => 2147483648.0 + random.below(3) as f32 * 256.0,
        7 => small + f32::EPSILON,
        8 if !finite => f32::INFINITY,
        _ => small,
    };
    (if random.chance(30) { -magnitude } else { magnitude }).to_bits()
}

fn half(random: &mut Random, finite: bool) -> u16 {
    let small = f16::from_f32(random.below(64) as f32 / 8.0);
    let magnitude = match random.below(14) {
        0 => f16::from_bits(random.below(0x7c00) as u16),
        1 => f16::ZERO,
        2 => f16::MAX,
        3 => f16::MIN_POSITIVE,
        4 => f16::from_bits(random.below(8) as u16),
        5 => f16::from_f32(2048.0 + random.below(4) as f32 * 2.0),
        6 => f16::from_f32(32768.0 + random.below(3) as f32 * 32.0),
        7 => small + f16::EPSILON,
        8 if !finite => f16::INFINITY,
        _ => small,
    };
    (if random.chance(30) { -magnitude } else { magnitude }).to_bits()
}

fn double(random: &mut Random, finite: bool) -> u64 {
    let small = random.below(64) as f64 / 8.0;
    let magnitude = match random.below(14) {
        0 => f64::from_bits(random_exponent(random, 11)),
        1 => 0.0,
        2 => f64::MAX,
        3 => f64::MIN_POSITIVE,
        4 => f64::from_bits(random.below(8) as u64),
        5 => (1u64 << 53) as f64 + random.below(4) as f64 * 2.0,
        6 => 9223372036854775808.0 + random.below(3) as f64 * 2048.0,
        7 => small + f64::EPSILON,
        8 if !finite => f64::INFINITY,
        9 => 1.1 * small,
        _ => small,
    };
    (if random.chance(30) { -magnitude } else { magnitude }).to_bits()
}
