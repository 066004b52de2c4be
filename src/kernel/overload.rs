//! What users define for their own types: which device function an operator stands for.
//!
//! `#[device] impl` makes impls of [`DeviceOperator`]. Where a kernel uses an operator, the macros make an [`Operands`] of what
//! it is used on, in a branch that never runs, and tie a witness to it, by what is the fewest references away: by [`TiedByRust`] to
//! nothing where both are numbers, or may be; by [`TiedByUser`] where the user has defined it; else by [`TiedByFalx`] to nothing. The
//! first and the last never say which type something has, so numbers stay as undecided as they were. A method has a hidden method beside it that ties the witness, found by Rust's own rules, and told what the method
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

/// What Rust's and falx's own operators are for.
#[diagnostic::on_unimplemented(
    message = "it was not known in time that this operator is of `{Self}`",
    note = "rustc learns the type only behind it; write it where the value gets its name: `|x: {Self}| ..`, `let x: {Self};`"
)]
pub trait Counted {}

macro_rules! counted {
    ($($ty:ty)*) => { $( #[diagnostic::do_not_recommend] impl Counted for $ty {} )* };
}
counted!(bool i8 i16 i32 i64 isize u8 u16 u32 u64 usize half::f16 f32 f64);
#[diagnostic::do_not_recommend]
impl<T: Lane<N>, const N: usize> Counted for Vector<T, N> {}

/// Ties a witness to nothing, where both operands are numbers or not decided yet.
pub trait TiedByRust {
    /// Ties a witness to nothing.
    #[inline(always)]
    fn tie(&self, witness: Witness<()>) {
        let _ = witness;
    }
}
impl<L: Counted, R: Counted, Operator> TiedByRust for &Operands<'_, L, R, Operator> {}

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
impl<L: DeviceOperator<Operator, R>, R, Operator> TiedByUser for &&Operands<'_, L, R, Operator> {
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
