//! `Operator`: ways to make one value of two, falx's own and those that `operator!` gives.

use super::combine::{Combination, Combine, CombineBits};
use crate::kernel::argument::Argument;
use crate::kernel::source::{Constant, ConstantBits};
use crate::kernel::twin::Capture;
use crate::kernel::types::{DeviceType, Joining, Type};

/// How the values of a reduction are combined, as types.
pub mod operator {
    /// [`sum`](crate::reduction::sum)
    #[derive(Clone, Copy, Debug)]
    pub struct Sum;
    /// [`product`](crate::reduction::product)
    #[derive(Clone, Copy, Debug)]
    pub struct Product;
    /// [`min`](crate::reduction::min)
    #[derive(Clone, Copy, Debug)]
    pub struct Min;
    /// [`max`](crate::reduction::max)
    #[derive(Clone, Copy, Debug)]
    pub struct Max;
    /// [`and`](crate::reduction::and)
    #[derive(Clone, Copy, Debug)]
    pub struct And;
    /// [`or`](crate::reduction::or)
    #[derive(Clone, Copy, Debug)]
    pub struct Or;
    /// [`xor`](crate::reduction::xor)
    #[derive(Clone, Copy, Debug)]
    pub struct Xor;
}

/// A way to combine values of type `T`: one of [`operator`](mod@operator), or what `operator!` gives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no operator of values of type `{T}`",
    label = "not an operator for `{T}`",
    note = "write `operator!(|a: {T}, b: {T}| ..)`"
)]
pub trait Operator<T>: Copy + Send + Sync + 'static {
    /// The way as data.
    #[doc(hidden)]
    fn joining() -> Joining;
    /// The value that changes nothing, if the type tells.
    #[doc(hidden)]
    fn identity() -> Option<T>;
    /// Two values as one.
    #[doc(hidden)]
    fn join(first: T, second: T) -> T;
}

macro_rules! operators {
    ($($bound:ident $($name:ident)*;)*) => { $( $(
        #[diagnostic::do_not_recommend]
        impl<T: $bound> Operator<T> for operator::$name {
            fn joining() -> Joining {
                Joining::Known(Combination::$name)
            }
            fn identity() -> Option<T> {
                Some(T::from_bits(Combination::$name.identity_bits(T::SCALAR)))
            }
            #[inline(always)]
            fn join(first: T, second: T) -> T {
                T::combine(Combination::$name, first, second)
            }
        }
    )* )* };
}
operators! {
    Combine Sum Product Min Max;
    CombineBits And Or Xor;
}

/// How an operator travels that a kernel captures: not at all, since its code is compiled in.
pub fn operator_argument() -> Argument {
    Argument::Constant(Constant { bits: ConstantBits::new() })
}

/// Stands for an operator that did not compile, so that what surrounds it is still checked.
#[derive(Clone, Copy, Debug)]
pub struct NoOperator;

#[diagnostic::do_not_recommend]
impl DeviceType for NoOperator {
    type Erased = NoOperator;
    fn describe() -> Type {
        Type::Unit
    }
    fn zero() -> Self {
        NoOperator
    }
}

#[diagnostic::do_not_recommend]
// SAFETY: the type has no lifetime.
unsafe impl Capture for NoOperator {
    fn argument(&self) -> Argument {
        operator_argument()
    }
}

#[diagnostic::do_not_recommend]
impl<T> Operator<T> for NoOperator {
    fn joining() -> Joining {
        Joining::Known(Combination::Sum)
    }
    fn identity() -> Option<T> {
        None
    }
    fn join(first: T, _second: T) -> T {
        first
    }
}
