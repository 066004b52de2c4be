//! The methods of vectors of integers: those of the integer types, lane by lane.

use super::{Lane, Number, Vector};

/// The integers that OpenCL C has vectors of.
pub trait Integer: Number {
    #[doc(hidden)]
    fn call(self, function: Function<Self>) -> Self;
}

/// What is done to a lane.
#[doc(hidden)]
#[derive(Clone, Copy)]
#[allow(non_camel_case_types, missing_docs)]
pub enum Function<T> {
    saturating_add(T),
    saturating_sub(T),
    midpoint(T),
    count_ones,
    leading_zeros,
    rotate_left(u32),
    rotate_right(u32),
}

macro_rules! integers {
    ($($ty:ident)*) => { $(
        impl Integer for $ty {
            #[inline(always)]
            fn call(self, function: Function<Self>) -> Self {
                match function {
                    Function::saturating_add(other) => self.saturating_add(other),
                    Function::saturating_sub(other) => self.saturating_sub(other),
                    Function::midpoint(other) => self.midpoint(other),
                    Function::count_ones => self.count_ones() as $ty,
                    Function::leading_zeros => self.leading_zeros() as $ty,
                    Function::rotate_left(amount) => self.rotate_left(amount),
                    Function::rotate_right(amount) => self.rotate_right(amount),
                }
            }
        }
    )* };
}
integers!(i8 u8 i16 u16 i32 u32 i64 u64);

macro_rules! methods {
    ($($two:ident)*; $($bits:ident $what:literal)*; $($turn:ident)*) => {
        impl<T: Integer + Lane<N>, const N: usize> Vector<T, N> {
            $(
                #[doc = concat!("[`", stringify!($two), "`](i32::", stringify!($two), ") of each pair of lanes.")]
                #[inline(always)]
                pub fn $two(self, other: Self) -> Self {
                    self.zip(other, |lane, other| lane.call(Function::$two(other)))
                }
            )*
            $(
                #[doc = concat!($what, " of each lane, as lanes of the same type.")]
                #[inline(always)]
                pub fn $bits(self) -> Self {
                    self.map(|lane| lane.call(Function::$bits))
                }
            )*
            $(
                #[doc = concat!("[`", stringify!($turn), "`](i32::", stringify!($turn), ") of each lane.")]
                #[inline(always)]
                pub fn $turn(self, amount: u32) -> Self {
                    self.map(|lane| lane.call(Function::$turn(amount)))
                }
            )*
        }
    };
}
methods! {
    saturating_add saturating_sub midpoint;
    count_ones "The number of ones" leading_zeros "The number of leading zeros";
    rotate_left rotate_right
}
