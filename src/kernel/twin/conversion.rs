//! Conversions that Rust has as traits, between the scalars of kernels.

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
