//! Scalars and constants as bits: how constants and captured values travel.

use super::super::capture::DeviceValue;
use super::super::source::Constant;
use super::super::types::DeviceType;
use super::say::Words;

/// A value that can be printed into OpenCL C.
#[diagnostic::on_unimplemented(
    message = "a constant of type `{Self}` cannot be used in a kernel",
    label = "not made of scalars",
    note = "names in capitals and paths are compiled into the kernel, so they must be scalars, or arrays, tuples, `#[device]` structs and enums of them"
)]
pub trait ConstantValue: DeviceType + 'static {}

#[diagnostic::do_not_recommend]
impl<T: DeviceValue> ConstantValue for T {}

impl Constant {
    /// The constant of a value.
    #[inline]
    pub fn of<T: ConstantValue>(value: T) -> Self {
        let mut words = Words::new();
        T::append_words(value, &mut words);
        Constant { bits: words.into_iter().collect() }
    }
}

/// A scalar and its bits.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no scalar",
    label = "no integer, float or `bool`",
    note = "take the parts that matter, one by one"
)]
pub trait ScalarBits {
    /// Its bits, zero-extended to 64.
    fn bits(self) -> u64;
    /// The scalar of these bits.
    fn from_bits(bits: u64) -> Self;
}

macro_rules! integers {
    ($($ty:ty as $unsigned:ty),* $(,)?) => { $(
        impl ScalarBits for $ty {
            #[inline(always)]
            fn bits(self) -> u64 {
                self as $unsigned as u64
            }
            #[inline(always)]
            fn from_bits(bits: u64) -> Self {
                bits as $ty
            }
        }
    )* };
}
integers!(
    i8 as u8,
    i16 as u16,
    i32 as u32,
    i64 as u64,
    u8 as u8,
    u16 as u16,
    u32 as u32,
    u64 as u64,
    // 64 bits wide on every device.
    isize as u64,
    usize as u64,
);

macro_rules! others {
    ($($ty:ty: |$value:ident| $bits:expr, |$from:ident| $back:expr;)*) => { $(
        impl ScalarBits for $ty {
            #[inline(always)]
            fn bits(self) -> u64 {
                let $value = self;
                $bits
            }
            #[inline(always)]
            fn from_bits($from: u64) -> Self {
                $back
            }
        }
    )* };
}
others! {
    bool: |value| u64::from(value), |bits| bits != 0;
    half::f16: |value| u64::from(value.to_bits()), |bits| half::f16::from_bits(bits as u16);
    f32: |value| u64::from(value.to_bits()), |bits| f32::from_bits(bits as u32);
    f64: |value| value.to_bits(), |bits| f64::from_bits(bits);
}
