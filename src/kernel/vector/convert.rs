//! Vectors of other lanes: `v.as_f32()`, lane by lane what `as f32` is.

use super::{Lane, Number, Vector};
use crate::num::Number as _;
use half::f16;

/// Numbers that `as` makes others of.
pub trait Convert: Number {
    #[doc(hidden)]
    fn convert(self) -> All;
}

/// A number as every type at once; only the one that is asked for is ever computed.
#[doc(hidden)]
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct All {
    pub i8: i8,
    pub u8: u8,
    pub i16: i16,
    pub u16: u16,
    pub i32: i32,
    pub u32: u32,
    pub i64: i64,
    pub u64: u64,
    pub f16: f16,
    pub f32: f32,
    pub f64: f64,
}

macro_rules! conversions {
    ($($ty:ident $name:ident)*) => {
        impl<T: Convert + Lane<N>, const N: usize> Vector<T, N> {
            $(
                #[doc = concat!("`as ", stringify!($ty), "` of each lane.")]
                ///
                /// ```
                /// # use falx::F32x2;
                #[doc = concat!("assert_eq!(F32x2::new(1.5, 300.0).", stringify!($name), "().to_array(), [1.5f32 as ", stringify!($ty), ", 300.0f32 as ", stringify!($ty), "]);")]
                /// ```
                #[inline(always)]
                pub fn $name(self) -> Vector<$ty, N>
                where
                    $ty: Lane<N>,
                {
                    self.map(|lane| lane.convert().$ty)
                }
            )*
        }
        conversions!(@from $($ty)*);
    };
    (@from $($ty:ident)*) => { $(
        impl Convert for $ty {
            #[inline(always)]
            fn convert(self) -> All {
                All {
                    i8: self as i8,
                    u8: self as u8,
                    i16: self as i16,
                    u16: self as u16,
                    i32: self as i32,
                    u32: self as u32,
                    i64: self as i64,
                    u64: self as u64,
                    f16: f16::cast_from(self),
                    f32: self as f32,
                    f64: self as f64,
                }
            }
        }
    )* };
}

impl Convert for f16 {
    #[inline(always)]
    fn convert(self) -> All {
        All { f16: self, ..self.to_f32().convert() }
    }
}

impl<T: Convert + Lane<N>, const N: usize> Vector<T, N> {
    /// Each lane as the nearest `f16`.
    ///
    /// ```
    /// # use falx::{F32x2, f16};
    /// assert_eq!(F32x2::new(1.5, 1e9).as_f16().to_array(), [1.5, 1e9].map(f16::from_f32));
    /// ```
    #[inline(always)]
    pub fn as_f16(self) -> Vector<f16, N>
    where
        f16: Lane<N>,
    {
        self.map(|lane| lane.convert().f16)
    }
}
conversions!(i8 as_i8 u8 as_u8 i16 as_i16 u16 as_u16 i32 as_i32 u32 as_u32 i64 as_i64 u64 as_u64 f32 as_f32 f64 as_f64);
