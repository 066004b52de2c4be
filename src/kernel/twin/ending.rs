//! What ends the sequences of a kernel where Rust's own would not do: sums wrap, and the largest is a value.

use super::super::tree::Site;
use super::DeviceType;
use super::operation::{add, multiply};

/// A number that is the sum or product of what a sequence gives: numbers of its own type, or references to them.
#[diagnostic::on_unimplemented(
    message = "kernels cannot add up `{Item}` to a `{Self}`",
    note = "`sum` and `product` take numbers, or references to numbers, of the type that they give"
)]
pub trait Total<Item>: DeviceType {
    /// The sum of nothing, to which anything can be added.
    const NOTHING: Self;
    /// The product of nothing.
    const ONE: Self;
    /// The number itself.
    fn number(item: Item) -> Self;
}

macro_rules! totals {
    ($nothing:expr, $one:expr; $($ty:ty)*) => { $(
        impl Total<$ty> for $ty {
            const NOTHING: Self = $nothing;
            const ONE: Self = $one;
            #[inline(always)]
            fn number(item: $ty) -> Self {
                item
            }
        }
        impl Total<&$ty> for $ty {
            const NOTHING: Self = $nothing;
            const ONE: Self = $one;
            #[inline(always)]
            fn number(item: &$ty) -> Self {
                *item
            }
        }
    )* };
}
totals!(0, 1; i8 i16 i32 i64 isize u8 u16 u32 u64 usize);
// Adding to it changes no float, not even the negative zero.
totals!(-0.0, 1.0; f32 f64);
totals!(half::f16::NEG_ZERO, half::f16::ONE; half::f16);

/// `iterator.sum()`, wrapping
#[inline(always)]
pub fn sum<T: Total<I::Item>, I: Iterator>(iterator: I, is_checked: bool, site: &'static Site) -> T {
    iterator.fold(T::NOTHING, |sum, item| add(sum, T::number(item), is_checked, site))
}

/// `iterator.product()`, wrapping
#[inline(always)]
pub fn product<T: Total<I::Item>, I: Iterator>(iterator: I, is_checked: bool, site: &'static Site) -> T {
    iterator.fold(T::ONE, |product, item| multiply(product, T::number(item), is_checked, site))
}

/// An integer, of which a sequence has a smallest and a largest.
#[diagnostic::on_unimplemented(
    message = "kernels cannot tell which `{Self}` is the smallest or largest",
    note = "`min` and `max` of a sequence are for integers; behind `iter()` write `copied()`, and for floats `fold(f32::INFINITY, |a, b| a.min(b))`"
)]
pub trait Ranked: Ord {
    /// The integer itself; where there is none, nothing more is said of the result.
    type Value;
    /// It as that.
    fn value(self) -> Self::Value;
}

macro_rules! ranked {
    ($($ty:ty)*) => { $(
        impl Ranked for $ty {
            type Value = $ty;
            #[inline(always)]
            fn value(self) -> $ty {
                self
            }
        }
    )* };
}
ranked!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

/// `iterator.min()`
#[inline(always)]
pub fn smallest<I: Iterator<Item: Ranked>>(iterator: I) -> Option<<I::Item as Ranked>::Value> {
    iterator.min().map(Ranked::value)
}

/// `iterator.max()`
#[inline(always)]
pub fn largest<I: Iterator<Item: Ranked>>(iterator: I) -> Option<<I::Item as Ranked>::Value> {
    iterator.max().map(Ranked::value)
}
