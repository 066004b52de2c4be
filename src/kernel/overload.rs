//! What users define for their own types: which device function an operator stands for.
//!
//! `#[device] impl` makes impls of [`DeviceOperator`]. Where a kernel uses an operator, the macros make an [`Operands`] of what
//! it is used on, in a branch that never runs, and tie a witness to it: by [`TiedByUser`] where the user has defined it, else,
//! one reference further away, by [`TiedByFalx`]. The second never says anything about types, so numbers stay as undecided as
//! they were. A method has a hidden method beside it that ties the witness, found by Rust's own rules.

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
operators!(Add Subtract Multiply Divide Remainder And Or Xor ShiftLeft ShiftRight Negate Not);
