//! Scalars and constants as bits: how constants and captured values travel.

use super::super::source::ConstantBits;
use super::super::types::DeviceType;

/// A value that can be printed into OpenCL C: a scalar, or what is made of scalars alone.
#[diagnostic::on_unimplemented(
    message = "a constant of type `{Self}` cannot be used in a kernel",
    label = "not made of scalars",
    note = "names in capitals and paths are compiled into the kernel, so they must be scalars, or arrays of them; for anything else, write `let value = VALUE;` before the kernel and use `value`"
)]
pub trait ConstantValue: DeviceType + 'static {
    /// Appends the bits of its scalars, in order, each zero-extended to 64.
    fn append(&self, bits: &mut ConstantBits);
}

/// A scalar and its bits.
pub trait ScalarBits {
    /// Its bits, zero-extended to 64.
    fn bits(self) -> u64;
    /// The scalar of these bits.
    fn from_bits(bits: u64) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: ConstantValue, const N: usize> ConstantValue for [T; N] {
    fn append(&self, bits: &mut ConstantBits) {
        self.iter().for_each(|element| element.append(bits));
    }
}

macro_rules! appended {
    ($ty:ty) => {
        #[diagnostic::do_not_recommend]
        impl ConstantValue for $ty {
            #[inline(always)]
            fn append(&self, bits: &mut ConstantBits) {
                bits.push(ScalarBits::bits(*self));
            }
        }
    };
}

macro_rules! integers {
    ($($ty:ty as $unsigned:ty),* $(,)?) => { $(
        appended!($ty);
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
        appended!($ty);
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
