//! Turns many values into one, or into the running results, in an order that is fixed.
//!
//! Neighbours are combined in pairs, pairs of pairs, and so on: 2^k neighbours whose first has a position divisible by
//! 2^k make a block with one result. The result of the first n values is that of their largest blocks, from left to right.
//! So it depends on n alone, wherever it is computed; reductions and scans agree in every bit.

use crate::kernel::types::{DeviceType, Scalar};
use half::f16;

/// How two values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Combination {
    /// Integers wrap.
    Sum,
    /// Integers wrap.
    Product,
    /// Of floats, the one that is a number; of equal ones the first.
    Min,
    /// Of floats, the one that is a number; of equal ones the first.
    Max,
    And,
    Or,
    Xor,
}

impl Combination {
    /// By the last part of a method's name: `sum` of `reduce_sum`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "sum" => Combination::Sum,
            "product" => Combination::Product,
            "min" => Combination::Min,
            "max" => Combination::Max,
            "and" => Combination::And,
            "or" => Combination::Or,
            "xor" => Combination::Xor,
            _ => return None,
        })
    }

    /// Its name in OpenCL C.
    pub fn name(self) -> &'static str {
        match self {
            Combination::Sum => "sum",
            Combination::Product => "product",
            Combination::Min => "min",
            Combination::Max => "max",
            Combination::And => "and",
            Combination::Or => "or",
            Combination::Xor => "xor",
        }
    }

    /// The bits of the value that changes nothing.
    pub fn identity_bits(self, scalar: Scalar) -> u64 {
        let (is_float, is_signed, mask) = (scalar.is_float(), scalar.is_signed(), scalar.mask());
        match self {
            Combination::Sum | Combination::Or | Combination::Xor => 0,
            Combination::And => mask,
            Combination::Product if is_float => float_bits(scalar, 1.0),
            Combination::Product => 1,
            Combination::Min if is_float => float_bits(scalar, f32::INFINITY),
            Combination::Max if is_float => float_bits(scalar, f32::NEG_INFINITY),
            Combination::Min => {
                if is_signed {
                    mask >> 1
                } else {
                    mask
                }
            }
            Combination::Max => {
                if is_signed {
                    scalar.minimum_bits()
                } else {
                    0
                }
            }
        }
    }
}

/// The bits of a number that all floats have.
fn float_bits(scalar: Scalar, value: f32) -> u64 {
    match scalar {
        Scalar::F16 => u64::from(f16::from_f32(value).to_bits()),
        Scalar::F32 => u64::from(value.to_bits()),
        _ => f64::from(value).to_bits(),
    }
}

/// A number that work-items can combine: every integer and every float.
#[diagnostic::on_unimplemented(
    message = "work-items cannot combine values of type `{Self}`",
    note = "groups combine integers, `f16`, `f32` and `f64`"
)]
pub trait Combine: DeviceType {
    /// The type as data.
    #[doc(hidden)]
    const SCALAR: Scalar;
    /// The two as one.
    #[doc(hidden)]
    fn combine(combination: Combination, first: Self, second: Self) -> Self;
}

/// A number that work-items can combine bit by bit: every integer.
#[diagnostic::on_unimplemented(
    message = "work-items cannot combine the bits of values of type `{Self}`",
    note = "`and`, `or` and `xor` combine integers; for conditions there are `any_of` and `all_of`"
)]
pub trait CombineBits: Combine {}

macro_rules! integers {
    ($($ty:ident $scalar:ident,)*) => { $(
        #[diagnostic::do_not_recommend]
        impl Combine for $ty {
            const SCALAR: Scalar = Scalar::$scalar;
            #[inline]
            fn combine(combination: Combination, first: Self, second: Self) -> Self {
                match combination {
                    Combination::Sum => first.wrapping_add(second),
                    Combination::Product => first.wrapping_mul(second),
                    Combination::Min => first.min(second),
                    Combination::Max => first.max(second),
                    Combination::And => first & second,
                    Combination::Or => first | second,
                    Combination::Xor => first ^ second,
                }
            }
        }
        #[diagnostic::do_not_recommend]
        impl CombineBits for $ty {}
    )* };
}
integers!(
    i8 I8, i16 I16, i32 I32, i64 I64, u8 U8, u16 U16, u32 U32, u64 U64, isize Isize, usize Usize,
);

macro_rules! floats {
    ($($ty:ident $scalar:ident,)*) => { $(
        #[diagnostic::do_not_recommend]
        impl Combine for $ty {
            const SCALAR: Scalar = Scalar::$scalar;
            #[inline]
            fn combine(combination: Combination, first: Self, second: Self) -> Self {
                match combination {
                    Combination::Sum => first + second,
                    Combination::Product => first * second,
                    // Not `f32::min`, which may give either of two zeros.
                    Combination::Min => if second < first || first.is_nan() { second } else { first },
                    Combination::Max => if second > first || first.is_nan() { second } else { first },
                    // `CombineBits` is for integers alone.
                    Combination::And | Combination::Or | Combination::Xor => first,
                }
            }
        }
    )* };
}
floats!(f16 F16, f32 F32, f64 F64,);

/// Turns every value, given as its bits, into the combination of all up to it.
pub fn scan<T: Combine>(combination: Combination, values: &mut [u64]) {
    scan_with(values, |first, second| {
        T::bits(T::combine(combination, T::from_bits(first), T::from_bits(second)))
    });
}

/// Turns every value into what `join` makes of all up to it.
pub fn scan_with<T: Copy>(values: &mut [T], join: impl Fn(T, T) -> T) {
    double_blocks(values, &join);
    let mut step = values.len().next_power_of_two();
    while step > 1 {
        step /= 2;
        // The last of every other block takes all that stands before the block.
        for at in (3 * step - 1..values.len()).step_by(2 * step) {
            values[at] = join(values[at - step], values[at]);
        }
    }
}

/// Turns the last value into what `join` makes of all.
pub fn reduce_with<T: Copy>(values: &mut [T], join: impl Fn(T, T) -> T) {
    double_blocks(values, &join);
    let Some(n_smaller) = values.len().checked_ilog2() else { return };
    let mut end = 1 << n_smaller;
    let mut total = values[end - 1];
    for block in (0..n_smaller).rev().map(|exponent| 1 << exponent).filter(|block| values.len() & block != 0)
    {
        end += block;
        total = join(total, values[end - 1]);
    }
    values[end - 1] = total;
}

/// Turns the last value of each block into the block's result.
fn double_blocks<T: Copy>(values: &mut [T], join: impl Fn(T, T) -> T) {
    let mut step = 1;
    while step < values.len() {
        for at in (2 * step - 1..values.len()).step_by(2 * step) {
            values[at] = join(values[at - step], values[at]);
        }
        step *= 2;
    }
}
