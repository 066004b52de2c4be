//! What users define for their own types: which device function an operator stands for.
//!
//! `#[device] impl` makes impls of [`DeviceOperator`]. Where a kernel uses an operator, the macros make an [`Operands`] of what
//! it is used on, which does nothing, and tie a witness to it: by [`TiedByUser`] where the user has defined it, falx has, or
//! rustc does not know yet whose it is; else, one reference further away, by [`TiedByFalx`]. A method has a hidden method beside it that ties the witness, found by Rust's own rules, and told what the method
//! was given and gave, so that it has the same generic arguments.

use super::types::{DeviceType, Witness};
use super::vector::{Lane, Vector};
use std::marker::PhantomData;

/// An operator on a user's type.
pub trait DeviceOperator<Operator, Right>: DeviceType {
    /// The instance of the device function that it stands for.
    type Callee: DeviceType;
}

/// An operator and its operands; a single operand stands on both sides.
pub struct Operands<'v, L, R, Operator>(PhantomData<(&'v L, &'v R, Operator)>);

impl<'v, L, R, Operator> Operands<'v, L, R, Operator> {
    /// The operator between two values.
    #[inline(always)]
    pub fn of(left: &'v L, right: &'v R, operator: Operator) -> Self {
        let _ = (left, right, operator);
        Operands(PhantomData)
    }
}

/// An operator between two values of one type.
pub trait Even {}
/// An integer, by which others are shifted.
pub trait Shifts {}

/// Numbers and vectors have falx's own operators, which stand for no function. They are said here, so that an operator may wait for
/// rustc to find out whether it is theirs or one of the user's.
macro_rules! own {
    ($([$($generics:tt)*] $ty:ty, $right:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl<Operator: Even, $($generics)*> DeviceOperator<Operator, $right> for $ty {
            type Callee = ();
        }
    )* };
}
own! {
    [] bool, bool; [] half::f16, half::f16; [] f32, f32; [] f64, f64;
    [] i8, i8; [] i16, i16; [] i32, i32; [] i64, i64; [] isize, isize;
    [] u8, u8; [] u16, u16; [] u32, u32; [] u64, u64; [] usize, usize;
    [T: Lane<N>, const N: usize] Vector<T, N>, Vector<T, N>; [T: Lane<N>, const N: usize] Vector<T, N>, T;
}

macro_rules! shifted {
    ($($ty:ty)*) => { $(
        impl Shifts for $ty {}
        shifted!(@ $ty: operator::ShiftLeft, operator::ShiftRight, operator::Assign<operator::ShiftLeft>,
            operator::Assign<operator::ShiftRight>);
    )* };
    (@ $ty:ty: $($operator:ty),*) => { $(
        #[diagnostic::do_not_recommend]
        impl<Right: Shifts> DeviceOperator<$operator, Right> for $ty {
            type Callee = ();
        }
    )* };
}
shifted!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

/// Ties a witness to what the user has defined.
pub trait TiedByUser {
    /// The instance of the device function.
    type Callee;
    /// Ties a witness to it.
    #[inline(always)]
    fn tie(self, witness: Witness<Self::Callee>)
    where
        Self: Sized,
    {
        let _ = witness;
    }
}
impl<L: DeviceOperator<Operator, R>, R, Operator> TiedByUser for Operands<'_, L, R, Operator> {
    type Callee = L::Callee;
}

/// Ties a witness to nothing, where the user has defined nothing.
pub trait TiedByFalx {
    /// Ties a witness to nothing.
    #[inline(always)]
    fn tie(&self, witness: Witness<()>) {
        let _ = witness;
    }
}
impl<L, R, Operator> TiedByFalx for Operands<'_, L, R, Operator> {}

/// Remembers the type of what a method is given.
#[derive(Debug)]
pub struct Seen<T>(PhantomData<fn() -> T>);

impl<T> Clone for Seen<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Seen<T> {}

/// What has seen nothing yet.
#[inline(always)]
pub const fn seen<T>() -> Seen<T> {
    Seen(PhantomData)
}

/// Notes the type of a value and hands the value on: a function, so that rustc converts it to what it is handed on to.
#[inline(always)]
pub fn pass<T>(value: T, seen: Seen<T>) -> T {
    let _ = seen;
    value
}

/// A method's receiver, and what the method gave. Where that is of no type, since there is no such method, rustc takes the
/// receiver for of none, too, and says nothing more about it.
pub trait Known {
    /// The receiver.
    type Receiver;
    /// Gives the receiver.
    fn known(self) -> Self::Receiver;
}
impl<'r, R: ?Sized, Result> Known for (&'r R, &Result) {
    type Receiver = &'r R;
    #[inline(always)]
    fn known(self) -> &'r R {
        self.0
    }
}

/// Whether an operator on these types is what their own impl says, and not falx's arithmetic of numbers.
#[inline(always)]
pub const fn is_overloaded<L: DeviceType, R: DeviceType>(_left: &L, _right: &R) -> bool {
    !(L::IS_NUMBER && R::IS_NUMBER)
}

macro_rules! operators {
    ($($name:ident)*) => {
        /// The operators as types.
        pub mod operator { $(
            #[doc = concat!("`", stringify!($name), "`")]
            pub struct $name;
        )*
            /// The assigning form of an operator.
            pub struct Assign<Operator>(pub Operator);
        }
    };
}
operators!(Add Subtract Multiply Divide Remainder And Or Xor ShiftLeft ShiftRight Negate Not Equal);

macro_rules! even {
    ($($name:ident)*) => { $(
        impl Even for operator::$name {}
        impl Even for operator::Assign<operator::$name> {}
    )* };
}
even!(Add Subtract Multiply Divide Remainder And Or Xor Negate Not Equal);
