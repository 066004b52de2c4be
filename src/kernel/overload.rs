//! What users define for their own types: which device function an operator stands for.
//!
//! `#[device] impl` makes impls of [`DeviceOperator`]. Where a kernel uses an operator, the macros make an [`Operands`] of what
//! it is used on, in a branch that never runs, and tie a witness to it: by [`TiedByUser`] where the user has defined it, else,
//! one reference further away, by [`TiedByFalx`]. The second never says anything about types, so numbers stay as undecided as
//! they were. A method has a hidden method beside it that ties the witness, found by Rust's own rules, and told what the method
//! was given and gave, so that it has the same generic arguments.

use super::types::{DeviceType, Witness};
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

/// Ties a witness to what the user has defined.
pub trait TiedByUser {
    /// The instance of the device function.
    type Callee;
    /// Ties a witness to it.
    #[inline(always)]
    fn tie(&self, witness: Witness<Self::Callee>) {
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
impl<L, R, Operator> TiedByFalx for &Operands<'_, L, R, Operator> {}

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
