//! What users define for their own types: which device function a method or an operator stands for.
//!
//! `#[device] impl` makes impls of [`DeviceMethod`] and [`DeviceOperator`]. Where a kernel calls a method or uses an operator,
//! the macros make a [`Method`] or an [`Operands`] of what it is used on, in a branch that never runs, and tie a witness to
//! it: by [`TiedByUser`] where the user has defined it, else, one reference further away, by [`TiedByFalx`]. The second
//! never says anything about types, so numbers stay as undecided as they were.

use super::types::{DeviceType, Witness};
use std::marker::PhantomData;

/// A method of a user's type; `NAME` is what [`method_number`] makes of its name.
pub trait DeviceMethod<const NAME: u64>: DeviceType {
    /// The instance of the device function that it stands for.
    type Callee: DeviceType;
}

/// An operator on a user's type.
pub trait DeviceOperator<Operator, Right>: DeviceType {
    /// The instance of the device function that it stands for.
    type Callee: DeviceType;
}

/// A method and its receiver.
pub struct Method<'v, T, const NAME: u64>(PhantomData<&'v T>);

impl<'v, T, const NAME: u64> Method<'v, T, NAME> {
    /// The method with this number of `receiver`.
    #[inline(always)]
    pub fn of(receiver: &'v T) -> Self {
        let _ = receiver;
        Method(PhantomData)
    }
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
impl<T: DeviceMethod<NAME>, const NAME: u64> TiedByUser for Method<'_, T, NAME> {
    type Callee = T::Callee;
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
impl<T: HasNoMethods, const NAME: u64> TiedByFalx for &Method<'_, T, NAME> {}
impl<L, R, Operator> TiedByFalx for &Operands<'_, L, R, Operator> {}

/// A type of falx, whose methods are no device functions: those that there are, rustc knows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no such method in kernels",
    label = "not a method that kernels can call",
    note = "kernels can call the methods of `#[device] impl` blocks"
)]
pub trait HasNoMethods {}

/// Whether an operator on these types is what their own impl says, and not falx's arithmetic of numbers.
#[inline(always)]
pub const fn is_overloaded<L: DeviceType, R: DeviceType>(_left: &L, _right: &R) -> bool {
    !(L::IS_NUMBER && R::IS_NUMBER)
}

/// A number for a method's name (FNV-1a), which stands for it among types.
pub const fn method_number(name: &str) -> u64 {
    let (bytes, mut hash, mut position) = (name.as_bytes(), 0xcbf2_9ce4_8422_2325_u64, 0);
    while position < bytes.len() {
        hash = (hash ^ bytes[position] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        position += 1;
    }
    hash
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

macro_rules! has_no_methods {
    ($($ty:ty),* $(,)?) => { $( impl HasNoMethods for $ty {} )* };
}
has_no_methods!(bool, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize, half::f16, f32, f64, ());
impl<T, const N: usize> HasNoMethods for [T; N] {}
impl<T: super::vector::Lane<N>, const N: usize> HasNoMethods for super::vector::Vector<T, N> {}
impl<const D: usize> HasNoMethods for crate::geometry::Id<D> {}
impl<const D: usize> HasNoMethods for crate::geometry::Range<D> {}
impl<const D: usize> HasNoMethods for super::item::Item<D> {}
impl<const D: usize> HasNoMethods for super::item::NdItem<D> {}
