//! Conversions of scalars: those that Rust has as traits, and `as` of halves, which Rust has not.

use half::f16;
use std::marker::PhantomData;

/// A scalar that `From` and `Into` make another of in kernels.
#[diagnostic::on_unimplemented(
    message = "kernels convert no `{Self}` by `from` and `into`",
    note = "they convert numbers and `bool`; write a function of your own for other types"
)]
pub trait Converted {}

macro_rules! converted {
    ($($ty:ty)*) => { $( impl Converted for $ty {} )* };
}
converted!(bool i8 i16 i32 i64 isize u8 u16 u32 u64 usize half::f16 f32 f64);

/// `T::from(value)`
#[inline(always)]
pub fn converted<T: From<S> + Converted, S: Converted>(value: S) -> T {
    T::from(value)
}

/// Compiles only where both are the same function.
pub fn same<F>(_: F, _: F) {}

/// What stands before an `as`. The macros ask it for its `operand`, which traits give by their distance in references: scalars and enums
/// as they are, among them what is not decided yet; halves as `f64`, which has them all; and everything else as it is, so that rustc
/// says what it thinks of it.
pub struct Casted<'v, T>(PhantomData<&'v T>);

impl<'v, T> Casted<'v, T> {
    /// What is cast.
    #[inline(always)]
    pub fn of(value: &'v T) -> Self {
        let _ = value;
        Casted(PhantomData)
    }
}

/// What Rust casts: its scalars, and `#[device]` enums without fields.
#[diagnostic::on_unimplemented(
    message = "it was not known in time that this cast is of `{Self}`",
    note = "rustc learns the type only behind the cast; write it where the value gets its name: `|x: {Self}| ..`, `let x: {Self};`"
)]
pub trait Cast {}

macro_rules! cast {
    ($($ty:ty)*) => { $( #[diagnostic::do_not_recommend] impl Cast for $ty {} )* };
}
cast!(bool i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64);

/// What Rust casts.
pub trait CastAsItIs {
    /// The value.
    type Value;
    /// Hands it on.
    #[inline(always)]
    fn operand(&self, value: Self::Value) -> Self::Value {
        value
    }
}
impl<T: Cast> CastAsItIs for &Casted<'_, T> {
    type Value = T;
}

/// Halves.
pub trait CastOfHalf {
    /// The half as a type that Rust casts: another number is the same of both, since a double holds each half, and NaN is zero of both.
    #[inline(always)]
    fn operand(&self, value: f16) -> f64 {
        value.to_f64()
    }
}
impl CastOfHalf for &&Casted<'_, f16> {}

/// Whatever else.
pub trait CastOfOther {
    /// The value.
    type Value;
    /// Hands it on.
    #[inline(always)]
    fn operand(&self, value: Self::Value) -> Self::Value {
        value
    }
}
impl<T> CastOfOther for Casted<'_, T> {
    type Value = T;
}
