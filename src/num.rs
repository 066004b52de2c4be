//! Traits of numbers, for device functions and kernels that are generic over them.
//!
//! A type parameter with one of these bounds has the operators, constants and methods that its numbers have in common; on a
//! device each instance is compiled for its own type. Means nothing of its own: every method is that of the type.
//!
//! ```
//! use falx::num::Float;
//! use falx::prelude::*;
//!
//! #[device]
//! fn smoothstep<T: Float>(low: T, high: T, x: T) -> T {
//!     let t = ((x - low) / (high - low)).clamp(T::ZERO, T::ONE);
//!     t * t * (T::cast_from(3) - T::cast_from(2) * t)
//! }
//!
//! let queue = Queue::new(Selector::host())?;
//! let (single, double) = (Buffer::<f32>::new(3), Buffer::<f64>::new(3));
//! queue.submit(|h| {
//!     let (single, double) = (single.write(h).no_init(), double.write(h).no_init());
//!     h.parallel_for(3, kernel!(move |i: usize| {
//!         single[i] = smoothstep(0.0, 2.0, i as f32);
//!         double[i] = smoothstep(0.0, 2.0, i as f64);
//!     }))
//! })?;
//! assert_eq!(*single.host_read()?, [0.0, 0.5, 1.0]);
//! assert_eq!(*double.host_read()?, [0.0, 0.5, 1.0]);
//! # Ok::<(), falx::Error>(())
//! ```

use crate::kernel::twin::{ConstantValue, ScalarBits};
use crate::kernel::{Capture, Combine, DeviceType, DeviceValue};
use crate::memory::Element;
use extremes::Extremes;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::ops::{
    Add, AddAssign, BitAnd, BitAndAssign, BitOr, BitOrAssign, BitXor, BitXorAssign, Div, DivAssign, Mul,
    MulAssign, Neg, Not, Rem, RemAssign, Shl, ShlAssign, Shr, ShrAssign, Sub, SubAssign,
};

/// Any number exactly, on its way to another type.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Wide {
    Integer(i128),
    Float(f64),
}

/// The arithmetic operators, each giving the type itself.
#[doc(hidden)]
pub trait Operators:
    Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Rem<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + RemAssign
    + Sized
{
}

/// The smaller and the larger of two numbers.
pub mod extremes {
    /// What every [`Number`](super::Number) has of this. A trait of its own, which programs need not import: beside `Number`, `x.min(y)` of
    /// an integer stays the method of `Ord`.
    ///
    /// ```
    /// use falx::num::Number;
    ///
    /// #[falx::device]
    /// fn nearest<T: Number>(x: T, low: T, high: T) -> T {
    ///     x.max(low).min(high)
    /// }
    /// assert_eq!((nearest(7u8, 1, 5), nearest(0.5f32, 1.0, 5.0)), (5, 1.0));
    /// assert_eq!(7u8.min(5), 5);
    /// ```
    pub trait Extremes {
        /// The smaller of two; of a float and a NaN the float.
        fn min(self, other: Self) -> Self;
        /// The larger of two; of a float and a NaN the float.
        fn max(self, other: Self) -> Self;
        /// `low` where it is less than that, `high` where it is more.
        fn clamp(self, low: Self, high: Self) -> Self;
    }
}

/// Any number: an integer or a float.
///
/// Has the arithmetic operators, the comparisons and what all numbers have in common, among it `min`, `max` and `clamp`
/// ([`Extremes`]). `T::cast_from(2.5)` and `x.cast::<f32>()` convert as `as` does.
///
/// ```
/// use falx::num::Number;
///
/// #[falx::device]
/// fn mean<T: Number>(a: T, b: T) -> f64 {
///     (a.cast::<f64>() + b.cast::<f64>()) / 2.0
/// }
/// assert_eq!(mean(1u8, 4), 2.5);
/// assert_eq!(mean(1.5f32, 2.5), 2.0);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number of the kernel language",
    note = "the numbers are `i8` to `i64`, `u8` to `u64`, `isize`, `usize`, `f16`, `f32` and `f64`"
)]
pub trait Number:
    Operators
    + Extremes
    + Combine
    + Element
    + DeviceType<Erased = Self>
    + DeviceValue
    + Capture
    + ConstantValue
    + ScalarBits
    + PartialEq
    + PartialOrd
    + Default
    + Debug
    + Display
    + 'static
{
    /// Zero.
    const ZERO: Self;
    /// One.
    const ONE: Self;
    /// The smallest value; of a float the smallest that is finite.
    const MIN: Self;
    /// The largest value; of a float the largest that is finite.
    const MAX: Self;

    /// As the method of the same name of the type.
    fn rem_euclid(self, divisor: Self) -> Self;
    /// As the method of the same name of the type.
    fn div_euclid(self, divisor: Self) -> Self;

    /// The value as another type, as by `value as Type`.
    #[inline(always)]
    fn cast<T: Number>(self) -> T {
        T::cast_from(self)
    }

    /// Another type's value as this type, as by `value as Type`.
    #[inline(always)]
    fn cast_from<T: Number>(value: T) -> Self {
        Self::narrow(value.widen())
    }

    #[doc(hidden)]
    fn widen(self) -> Wide;
    #[doc(hidden)]
    fn narrow(value: Wide) -> Self;
}

/// A number with a sign: a signed integer or a float.
///
/// ```
/// use falx::num::Signed;
///
/// #[falx::device]
/// fn distance<T: Signed>(a: T, b: T) -> T {
///     (a - b).abs()
/// }
/// assert_eq!((distance(2i32, 5), distance(2.5f64, 1.0)), (3, 1.5));
/// ```
pub trait Signed: Number + Neg<Output = Self> {
    /// The value without its sign.
    fn abs(self) -> Self;
    /// The sign: one or minus one; zero for the integer zero.
    fn signum(self) -> Self;
}

macro_rules! methods {
    ($($name:ident($($argument:ident: $ty:ty),*) -> $result:ty;)*) => { $(
        /// As the method of the same name of the type.
        fn $name(self $(, $argument: $ty)*) -> $result;
    )* };
}

macro_rules! delegate {
    ($($name:ident($($argument:ident: $ty:ty),*) -> $result:ty;)*) => { $(
        #[inline(always)]
        fn $name(self $(, $argument: $ty)*) -> $result {
            self.$name($($argument),*)
        }
    )* };
}

/// The methods that all integers have and that mean the same for each.
macro_rules! integer_methods {
    ($then:ident) => {
        $then! {
            wrapping_add(other: Self) -> Self;
            wrapping_sub(other: Self) -> Self;
            wrapping_mul(other: Self) -> Self;
            wrapping_neg() -> Self;
            wrapping_shl(amount: u32) -> Self;
            wrapping_shr(amount: u32) -> Self;
            wrapping_pow(exponent: u32) -> Self;
            saturating_add(other: Self) -> Self;
            saturating_sub(other: Self) -> Self;
            pow(exponent: u32) -> Self;
            checked_add(other: Self) -> Option<Self>;
            checked_sub(other: Self) -> Option<Self>;
            checked_mul(other: Self) -> Option<Self>;
            checked_div(other: Self) -> Option<Self>;
            checked_rem(other: Self) -> Option<Self>;
            checked_neg() -> Option<Self>;
            checked_pow(exponent: u32) -> Option<Self>;
            checked_shl(amount: u32) -> Option<Self>;
            checked_shr(amount: u32) -> Option<Self>;
            overflowing_add(other: Self) -> (Self, bool);
            overflowing_sub(other: Self) -> (Self, bool);
            overflowing_mul(other: Self) -> (Self, bool);
            overflowing_neg() -> (Self, bool);
            overflowing_pow(exponent: u32) -> (Self, bool);
            overflowing_shl(amount: u32) -> (Self, bool);
            overflowing_shr(amount: u32) -> (Self, bool);
            rotate_left(amount: u32) -> Self;
            rotate_right(amount: u32) -> Self;
            leading_zeros() -> u32;
            trailing_zeros() -> u32;
            leading_ones() -> u32;
            trailing_ones() -> u32;
            count_ones() -> u32;
            count_zeros() -> u32;
            swap_bytes() -> Self;
            reverse_bits() -> Self;
        }
    };
}
/// The methods that all floats have and that mean the same for each.
macro_rules! float_methods {
    ($then:ident) => {
        $then! {
            sqrt() -> Self;
            cbrt() -> Self;
            hypot(other: Self) -> Self;
            sin() -> Self;
            cos() -> Self;
            sin_cos() -> (Self, Self);
            tan() -> Self;
            asin() -> Self;
            acos() -> Self;
            atan() -> Self;
            atan2(other: Self) -> Self;
            sinh() -> Self;
            cosh() -> Self;
            tanh() -> Self;
            exp() -> Self;
            exp2() -> Self;
            exp_m1() -> Self;
            ln() -> Self;
            ln_1p() -> Self;
            log2() -> Self;
            log10() -> Self;
            powf(exponent: Self) -> Self;
            powi(exponent: i32) -> Self;
            floor() -> Self;
            ceil() -> Self;
            round() -> Self;
            round_ties_even() -> Self;
            trunc() -> Self;
            fract() -> Self;
            copysign(sign: Self) -> Self;
            mul_add(factor: Self, summand: Self) -> Self;
            recip() -> Self;
            to_degrees() -> Self;
            to_radians() -> Self;
        }
    };
}
/// The tests that all floats have.
macro_rules! float_tests {
    ($then:ident) => {
        $then! {
            is_nan() -> bool;
            is_infinite() -> bool;
            is_finite() -> bool;
            is_normal() -> bool;
            is_sign_negative() -> bool;
            is_sign_positive() -> bool;
        }
    };
}

/// An integer.
///
/// Operators wrap in kernels and device functions, in every profile.
///
/// ```
/// use falx::num::Integer;
///
/// #[falx::device]
/// fn gcd<T: Integer>(a: T, b: T) -> T {
///     let mut a = a;
///     let mut b = b;
///     while b != T::ZERO {
///         let rest = a % b;
///         a = b;
///         b = rest;
///     }
///     a
/// }
/// assert_eq!((gcd(12u32, 18), gcd(9i64, 6)), (6, 3));
/// ```
pub trait Integer:
    Number
    + Eq
    + Hash
    + Not<Output = Self>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
    + BitAndAssign
    + BitOrAssign
    + BitXorAssign
    + ShlAssign<u32>
    + ShrAssign<u32>
{
    /// The width in bits.
    const BITS: u32;

    integer_methods!(methods);
}

/// A float.
///
/// ```
/// use falx::num::Float;
///
/// #[falx::device]
/// fn area<T: Float>(radius: T) -> T {
///     T::PI * radius.powi(2)
/// }
/// assert_eq!(area(1.0f32), std::f32::consts::PI);
/// assert_eq!(area(2.0f64), std::f64::consts::PI * 4.0);
/// ```
pub trait Float: Signed {
    /// The ratio of a circle's circumference to its diameter.
    const PI: Self;
    /// Twice [`PI`](Self::PI).
    const TAU: Self;
    /// Euler's number.
    const E: Self;
    /// The distance from one to the next larger value.
    const EPSILON: Self;
    /// The smallest positive value that is not subnormal.
    const MIN_POSITIVE: Self;
    /// Positive infinity.
    const INFINITY: Self;
    /// Negative infinity.
    const NEG_INFINITY: Self;
    /// Not a number.
    const NAN: Self;

    float_methods!(methods);
    float_tests!(methods);
}

macro_rules! numbers {
    ($wide:ident as $wider:ty, $zero:literal, $one:literal: $($ty:ident $(as $order:ident)?),*) => { $(
        impl Operators for $ty {}
        impl Extremes for $ty {
            #[inline(always)]
            fn min(self, other: Self) -> Self {
                <$ty $(as $order)?>::min(self, other)
            }
            #[inline(always)]
            fn max(self, other: Self) -> Self {
                <$ty $(as $order)?>::max(self, other)
            }
            #[inline(always)]
            fn clamp(self, low: Self, high: Self) -> Self {
                <$ty $(as $order)?>::clamp(self, low, high)
            }
        }
        impl Number for $ty {
            const ZERO: Self = $zero;
            const ONE: Self = $one;
            const MIN: Self = $ty::MIN;
            const MAX: Self = $ty::MAX;
            delegate! {
                rem_euclid(divisor: Self) -> Self;
                div_euclid(divisor: Self) -> Self;
            }
            #[inline(always)]
            fn widen(self) -> Wide {
                Wide::$wide(self as $wider)
            }
            #[inline(always)]
            fn narrow(value: Wide) -> Self {
                match value {
                    Wide::Integer(value) => value as $ty,
                    Wide::Float(value) => value as $ty,
                }
            }
        }
    )* };
}

macro_rules! signed {
    ($($ty:ident)*) => { $(
        impl Signed for $ty {
            delegate! {
                abs() -> Self;
                signum() -> Self;
            }
        }
    )* };
}

macro_rules! integers {
    ($($ty:ident)*) => {
        numbers!(Integer as i128, 0, 1: $($ty as Ord),*);
        $(
            impl Integer for $ty {
                const BITS: u32 = $ty::BITS;
                integer_methods!(delegate);
            }
        )*
    };
}

macro_rules! floats {
    ($($ty:ident)*) => {
        numbers!(Float as f64, 0.0, 1.0: $($ty),*);
        signed!($($ty)*);
        $(
            impl Float for $ty {
                const PI: Self = std::$ty::consts::PI;
                const TAU: Self = std::$ty::consts::TAU;
                const E: Self = std::$ty::consts::E;
                const EPSILON: Self = $ty::EPSILON;
                const MIN_POSITIVE: Self = $ty::MIN_POSITIVE;
                const INFINITY: Self = $ty::INFINITY;
                const NEG_INFINITY: Self = $ty::NEG_INFINITY;
                const NAN: Self = $ty::NAN;
                float_methods!(delegate);
                float_tests!(delegate);
            }
        )*
    };
}

integers!(i8 i16 i32 i64 u8 u16 u32 u64);
#[cfg(target_pointer_width = "64")]
integers!(isize usize);
signed!(i8 i16 i32 i64);
#[cfg(target_pointer_width = "64")]
signed!(isize);
floats!(f32 f64);

mod narrow;
