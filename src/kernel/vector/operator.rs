//! Operators: lane by lane, and with a scalar that counts for every lane. Integers wrap; shifts count modulo the width.

use super::super::twin::Operation;
use super::{Lane, Number, Vector};
use half::f16;
use std::ops::*;

/// What `operation` makes of a lane, where it always has a result.
#[inline(always)]
fn total<T: Number>(lane: T, operation: Operation<T>) -> T {
    T::evaluate(lane, operation).unwrap_or(lane)
}

/// A quotient; panics as Rust does where there is none. Kernels go another way and report a failure.
#[inline(always)]
fn quotient<T: Number>(lane: T, operation: Operation<T>) -> T {
    match T::evaluate(lane, operation) {
        Some(result) => result,
        None => panic!("attempt to divide {lane:?} by zero or with overflow"),
    }
}

macro_rules! arithmetic {
    ($($operator:ident $function:ident $assign:ident $assign_function:ident $operation:ident $how:ident;)*) => { $(
        impl<T: Number + Lane<N>, const N: usize> $operator for Vector<T, N> {
            type Output = Self;
            #[inline(always)]
            fn $function(self, right: Self) -> Self {
                self.zip(right, |left, right| $how(left, Operation::$operation(right)))
            }
        }
        impl<T: Number + Lane<N>, const N: usize> $operator<T> for Vector<T, N> {
            type Output = Self;
            #[inline(always)]
            fn $function(self, right: T) -> Self {
                self.map(|left| $how(left, Operation::$operation(right)))
            }
        }
        impl<T: Number + Lane<N>, const N: usize> $assign for Vector<T, N> {
            #[inline(always)]
            fn $assign_function(&mut self, right: Self) {
                *self = $operator::$function(*self, right);
            }
        }
        impl<T: Number + Lane<N>, const N: usize> $assign<T> for Vector<T, N> {
            #[inline(always)]
            fn $assign_function(&mut self, right: T) {
                *self = $operator::$function(*self, right);
            }
        }
        arithmetic!(@left $operator $function: i8 u8 i16 u16 i32 u32 i64 u64 f16 f32 f64);
    )* };
    (@left $operator:ident $function:ident: $($ty:ty)*) => { $(
        impl<const N: usize> $operator<Vector<$ty, N>> for $ty
        where
            $ty: Lane<N>,
        {
            type Output = Vector<$ty, N>;
            #[inline(always)]
            fn $function(self, right: Vector<$ty, N>) -> Vector<$ty, N> {
                $operator::$function(Vector::splat(self), right)
            }
        }
    )* };
}
arithmetic! {
    Add add AddAssign add_assign Add total;
    Sub sub SubAssign sub_assign Subtract total;
    Mul mul MulAssign mul_assign Multiply total;
    Div div DivAssign div_assign Divide quotient;
    Rem rem RemAssign rem_assign Remainder quotient;
}

impl<T: Number + Neg + Lane<N>, const N: usize> Neg for Vector<T, N> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(|lane| total(lane, Operation::Negate))
    }
}

macro_rules! bitwise {
    ($($operator:ident $function:ident $assign:ident $assign_function:ident;)*) => { $(
        impl<T: Lane<N> + $operator<Output = T>, const N: usize> $operator for Vector<T, N> {
            type Output = Self;
            #[inline(always)]
            fn $function(self, right: Self) -> Self {
                self.zip(right, $operator::$function)
            }
        }
        impl<T: Lane<N> + $operator<Output = T>, const N: usize> $operator<T> for Vector<T, N> {
            type Output = Self;
            #[inline(always)]
            fn $function(self, right: T) -> Self {
                self.map(|left| $operator::$function(left, right))
            }
        }
        impl<T: Lane<N> + $operator<Output = T>, const N: usize> $assign for Vector<T, N> {
            #[inline(always)]
            fn $assign_function(&mut self, right: Self) {
                *self = $operator::$function(*self, right);
            }
        }
        impl<T: Lane<N> + $operator<Output = T>, const N: usize> $assign<T> for Vector<T, N> {
            #[inline(always)]
            fn $assign_function(&mut self, right: T) {
                *self = $operator::$function(*self, right);
            }
        }
    )* };
}
bitwise! {
    BitAnd bitand BitAndAssign bitand_assign;
    BitOr bitor BitOrAssign bitor_assign;
    BitXor bitxor BitXorAssign bitxor_assign;
}

impl<T: Lane<N> + Not<Output = T>, const N: usize> Not for Vector<T, N> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        self.map(Not::not)
    }
}

macro_rules! shifts {
    ($($operator:ident $function:ident $assign:ident $assign_function:ident $operation:ident;)*) => { $(
        impl<T: Number + $operator + Lane<N>, const N: usize> $operator<u32> for Vector<T, N> {
            type Output = Self;
            #[inline(always)]
            fn $function(self, amount: u32) -> Self {
                self.map(|lane| total(lane, Operation::$operation(T::from_bits(u64::from(amount)))))
            }
        }
        impl<T: Number + $operator + Lane<N>, const N: usize> $operator for Vector<T, N> {
            type Output = Self;
            #[inline(always)]
            fn $function(self, amounts: Self) -> Self {
                self.zip(amounts, |lane, amount| total(lane, Operation::$operation(amount)))
            }
        }
        impl<T: Number + $operator + Lane<N>, const N: usize> $assign<u32> for Vector<T, N> {
            #[inline(always)]
            fn $assign_function(&mut self, amount: u32) {
                *self = $operator::$function(*self, amount);
            }
        }
        impl<T: Number + $operator + Lane<N>, const N: usize> $assign for Vector<T, N> {
            #[inline(always)]
            fn $assign_function(&mut self, amounts: Self) {
                *self = $operator::$function(*self, amounts);
            }
        }
    )* };
}
shifts! {
    Shl shl ShlAssign shl_assign ShiftLeft;
    Shr shr ShrAssign shr_assign ShiftRight;
}
