//! The methods of vectors of floats: those of the float types, lane by lane.

use super::super::twin::Operation;
use super::{Lane, Number, Vector};
use half::f16;

/// `f16`, `f32` and `f64`.
pub trait Float: Number {
    /// The integer of the same width.
    #[doc(hidden)]
    type Bits: Number;
    #[doc(hidden)]
    fn call(self, function: Function<Self>) -> Self;
    #[doc(hidden)]
    fn as_bits(self) -> Self::Bits;
    #[doc(hidden)]
    fn of_bits(bits: Self::Bits) -> Self;
}

/// What is done to a lane.
#[doc(hidden)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types, missing_docs)]
pub enum Function<T> {
    floor,
    ceil,
    trunc,
    round,
    round_ties_even,
    fract,
    sqrt,
    cbrt,
    recip,
    signum,
    sin,
    cos,
    tan,
    asin,
    acos,
    atan,
    sinh,
    cosh,
    tanh,
    exp,
    exp2,
    exp_m1,
    ln,
    ln_1p,
    log2,
    log10,
    to_radians,
    to_degrees,
    copysign(T),
    atan2(T),
    hypot(T),
    powf(T),
    mul_add(T, T),
}

macro_rules! floats {
    ($($ty:ident $bits:ident)*) => { $(
        impl Float for $ty {
            type Bits = $bits;
            #[inline(always)]
            fn call(self, function: Function<Self>) -> Self {
                floats!(@call self function:
                    floor ceil trunc round round_ties_even fract sqrt cbrt recip signum sin cos tan asin acos atan sinh cosh
                    tanh exp exp2 exp_m1 ln ln_1p log2 log10 to_radians to_degrees; copysign atan2 hypot powf)
            }
            #[inline(always)]
            fn as_bits(self) -> $bits {
                self.to_bits()
            }
            #[inline(always)]
            fn of_bits(bits: $bits) -> Self {
                Self::from_bits(bits)
            }
        }
    )* };
    (@call $lane:ident $function:ident: $($one:ident)*; $($two:ident)*) => {
        match $function {
            $(Function::$one => $lane.$one(),)*
            $(Function::$two(other) => $lane.$two(other),)*
            Function::mul_add(factor, summand) => $lane.mul_add(factor, summand),
        }
    };
}
floats!(f32 u32 f64 u64);

/// Computed as `f32`, and each result rounded.
impl Float for f16 {
    type Bits = u16;
    #[inline(always)]
    fn call(self, function: Function<Self>) -> Self {
        f16::from_f32(self.to_f32().call(function.widened()))
    }
    #[inline(always)]
    fn as_bits(self) -> u16 {
        self.to_bits()
    }
    #[inline(always)]
    fn of_bits(bits: u16) -> Self {
        f16::from_bits(bits)
    }
}

macro_rules! widened {
    ($($one:ident)*; $($two:ident)*) => {
        impl Function<f16> {
            /// The same of `f32`.
            #[inline(always)]
            fn widened(self) -> Function<f32> {
                match self {
                    $(Function::$one => Function::$one,)*
                    $(Function::$two(other) => Function::$two(other.to_f32()),)*
                    Function::mul_add(factor, summand) => Function::mul_add(factor.to_f32(), summand.to_f32()),
                }
            }
        }
    };
}
widened! {
    floor ceil trunc round round_ties_even fract sqrt cbrt recip signum sin cos tan asin acos atan sinh cosh tanh
    exp exp2 exp_m1 ln ln_1p log2 log10 to_radians to_degrees;
    copysign atan2 hypot powf
}

macro_rules! methods {
    ($($one:ident)*; $($two:ident)*) => {
        impl<T: Float + Lane<N>, const N: usize> Vector<T, N> {
            $(
                #[doc = concat!("[`", stringify!($one), "`](f32::", stringify!($one), ") of each lane.")]
                #[inline(always)]
                pub fn $one(self) -> Self {
                    self.map(|lane| lane.call(Function::$one))
                }
            )*
            $(
                #[doc = concat!("[`", stringify!($two), "`](f32::", stringify!($two), ") of each pair of lanes.")]
                #[inline(always)]
                pub fn $two(self, other: Self) -> Self {
                    self.zip(other, |lane, other| lane.call(Function::$two(other)))
                }
            )*

            /// `self * factor + summand` of each lane, rounded once.
            ///
            /// ```
            /// # use falx::F32x2;
            /// let v = F32x2::new(2.0, 3.0).mul_add(F32x2::splat(10.0), F32x2::splat(1.0));
            /// assert_eq!(v, F32x2::new(21.0, 31.0));
            /// ```
            #[inline(always)]
            pub fn mul_add(self, factor: Self, summand: Self) -> Self {
                let (lanes, factors, summands) = (self.as_array(), factor.as_array(), summand.as_array());
                let lane = |lane: usize| lanes[lane].call(Function::mul_add(factors[lane], summands[lane]));
                Self::from_array(std::array::from_fn(lane))
            }
        }
    };
}
methods! {
    floor ceil trunc round round_ties_even fract sqrt cbrt recip signum sin cos tan asin acos atan sinh cosh tanh
    exp exp2 exp_m1 ln ln_1p log2 log10 to_radians to_degrees;
    copysign atan2 hypot powf
}

impl<T: Float + Lane<N>, const N: usize> Vector<T, N>
where
    T::Bits: Lane<N>,
{
    /// The bits of each lane.
    ///
    /// ```
    /// # use falx::{F32x2, U32x2};
    /// assert_eq!(F32x2::new(0.0, 1.0).to_bits(), U32x2::new(0, 0x3f80_0000));
    /// ```
    #[inline(always)]
    pub fn to_bits(self) -> Vector<T::Bits, N> {
        self.map(Float::as_bits)
    }

    /// A vector of floats by the bits of each lane.
    ///
    /// ```
    /// # use falx::{F32x2, U32x2};
    /// assert_eq!(F32x2::from_bits(U32x2::new(0, 0x3f80_0000)), F32x2::new(0.0, 1.0));
    /// ```
    #[inline(always)]
    pub fn from_bits(bits: Vector<T::Bits, N>) -> Self {
        bits.map(Float::of_bits)
    }
}

impl<T: Number + Lane<N>, const N: usize> Vector<T, N> {
    /// The size of each lane; that of the smallest integer wraps.
    ///
    /// ```
    /// # use falx::I32x2;
    /// assert_eq!(I32x2::new(-3, 4).abs(), I32x2::new(3, 4));
    /// ```
    #[inline(always)]
    pub fn abs(self) -> Self {
        self.map(|lane| T::evaluate(lane, Operation::Absolute).unwrap_or(lane))
    }

    /// The smaller of each pair of lanes; of a number and NaN the number.
    ///
    /// ```
    /// # use falx::F32x2;
    /// assert_eq!(F32x2::new(1.0, f32::NAN).min(F32x2::new(0.5, 2.0)), F32x2::new(0.5, 2.0));
    /// ```
    #[inline(always)]
    #[allow(clippy::eq_op)]
    pub fn min(self, other: Self) -> Self {
        // What is not equal to itself is no number.
        self.zip(other, |left, right| if right < left || left != left { right } else { left })
    }

    /// The larger of each pair of lanes; of a number and NaN the number.
    ///
    /// ```
    /// # use falx::I8x2;
    /// assert_eq!(I8x2::new(1, 2).max(I8x2::new(3, -4)), I8x2::new(3, 2));
    /// ```
    #[inline(always)]
    #[allow(clippy::eq_op)]
    pub fn max(self, other: Self) -> Self {
        self.zip(other, |left, right| if right > left || left != left { right } else { left })
    }

    /// Below `low` it is `low`, else above `high` it is `high`, lane by lane.
    ///
    /// ```
    /// # use falx::I32x2;
    /// assert_eq!(I32x2::new(-3, 40).clamp(I32x2::splat(0), I32x2::splat(9)), I32x2::new(0, 9));
    /// ```
    #[inline(always)]
    pub fn clamp(self, low: Self, high: Self) -> Self {
        let (lanes, low, high) = (self.as_array(), low.as_array(), high.as_array());
        let lane = |k: usize| T::evaluate(lanes[k], Operation::Clamp(low[k], high[k])).unwrap_or(lanes[k]);
        Self::from_array(std::array::from_fn(lane))
    }
}
