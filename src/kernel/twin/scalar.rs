//! Scalars as bits: how constants and captured values travel.

use super::super::argument::Argument;
use super::super::types::DeviceType;
use super::Capture;
use smallvec::SmallVec;

/// A scalar whose value can be printed into OpenCL C.
#[diagnostic::on_unimplemented(
    message = "a constant of type `{Self}` cannot be used in a kernel",
    label = "not a scalar",
    note = "names in capitals and paths are compiled into the kernel, so they must be scalars; for an array or an accessor, write `let table = TABLE;` before the kernel and use `table`"
)]
pub trait ConstantValue: DeviceType + 'static {
    /// Its bits, zero-extended to 64.
    fn bits(self) -> u64;
}

/// The way back from bits.
pub trait ScalarBits {
    /// The scalar of these bits.
    fn from_bits(bits: u64) -> Self;
    /// Appends the bytes that a device sees.
    fn push_bytes(self, bytes: &mut SmallVec<[u8; 16]>);
}

macro_rules! integers {
    ($($ty:ty as $unsigned:ty as $device:ty),* $(,)?) => { $(
        #[diagnostic::do_not_recommend]
        impl ConstantValue for $ty {
            #[inline(always)]
            fn bits(self) -> u64 {
                self as $unsigned as u64
            }
        }
        impl ScalarBits for $ty {
            #[inline(always)]
            fn from_bits(bits: u64) -> Self {
                bits as $ty
            }
            fn push_bytes(self, bytes: &mut SmallVec<[u8; 16]>) {
                bytes.extend_from_slice(&(self as $device).to_ne_bytes());
            }
        }
    )* };
}
integers!(
    i8 as u8 as i8,
    i16 as u16 as i16,
    i32 as u32 as i32,
    i64 as u64 as i64,
    u8 as u8 as u8,
    u16 as u16 as u16,
    u32 as u32 as u32,
    u64 as u64 as u64,
    // 64 bits wide on every device.
    isize as u64 as i64,
    usize as u64 as u64,
);

macro_rules! others {
    ($($ty:ty: |$value:ident| $bits:expr, |$from:ident| $back:expr, $bytes:expr;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl ConstantValue for $ty {
            #[inline(always)]
            fn bits(self) -> u64 {
                let $value = self;
                $bits
            }
        }
        impl ScalarBits for $ty {
            #[inline(always)]
            fn from_bits($from: u64) -> Self {
                $back
            }
            fn push_bytes(self, bytes: &mut SmallVec<[u8; 16]>) {
                let $value = self;
                bytes.extend_from_slice(&$bytes);
            }
        }
    )* };
}
others! {
    bool: |value| u64::from(value), |bits| bits != 0, [u8::from(value)];
    f32: |value| u64::from(value.to_bits()), |bits| f32::from_bits(bits as u32), value.to_ne_bytes();
    f64: |value| value.to_bits(), |bits| f64::from_bits(bits), value.to_ne_bytes();
}

/// What travels by value: scalars and arrays of them.
#[diagnostic::on_unimplemented(message = "a `{Self}` cannot travel to a device by value")]
pub trait ByValue: DeviceType + Send + Sync {
    /// Appends the bytes that a device sees.
    fn push(self, bytes: &mut SmallVec<[u8; 16]>);
}

macro_rules! by_value {
    ($($ty:ty),*) => { $(
        #[diagnostic::do_not_recommend]
        impl ByValue for $ty {
            fn push(self, bytes: &mut SmallVec<[u8; 16]>) {
                self.push_bytes(bytes);
            }
        }
        #[diagnostic::do_not_recommend]
        // SAFETY: a scalar has no lifetimes.
        unsafe impl Capture for $ty {
            fn argument(&self) -> Argument {
                value(*self)
            }
        }
    )* };
}
by_value!(bool, i8, i16, i32, i64, u8, u16, u32, u64, isize, usize, f32, f64);

#[diagnostic::do_not_recommend]
impl<T: ByValue, const N: usize> ByValue for [T; N] {
    fn push(self, bytes: &mut SmallVec<[u8; 16]>) {
        for element in self {
            element.push(bytes);
        }
    }
}

#[diagnostic::do_not_recommend]
// SAFETY: what is `ByValue` consists of scalars only, which have no lifetimes.
unsafe impl<T: ByValue, const N: usize> Capture for [T; N] {
    fn argument(&self) -> Argument {
        value(*self)
    }
}

fn value(value: impl ByValue) -> Argument {
    let mut bytes = SmallVec::new();
    value.push(&mut bytes);
    Argument::Value(bytes)
}
