//! Turns captured numbers into the bytes that travel with a launch: scalars, arrays of them, ids and ranges.

use super::argument::Argument;
use super::twin::Capture;
use super::types::DeviceType;
use crate::geometry::{Id, Range};
use smallvec::SmallVec;

pub(super) type Bytes = SmallVec<[u8; 16]>;

/// A value that is nothing but numbers.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot travel to a device inside an array",
    note = "kernels can take scalars, arrays of scalars and accessors; put other data into a `falx::Buffer`"
)]
pub trait Value: DeviceType + Send + Sync {
    /// Appends its bytes as a device has them: `bool` as one byte, `usize` and `isize` as eight.
    #[doc(hidden)]
    fn append(&self, bytes: &mut Bytes);
}

macro_rules! values {
    ($($ty:ty as $wide:ty),* $(,)?) => { $(
        impl Value for $ty {
            fn append(&self, bytes: &mut Bytes) {
                bytes.extend_from_slice(&(*self as $wide).to_ne_bytes());
            }
        }
        captured!([] $ty);
    )* };
}

macro_rules! captured {
    ([$($generics:tt)*] $ty:ty) => {
        #[diagnostic::do_not_recommend]
        // SAFETY: the type is nothing but numbers and has no lifetime.
        unsafe impl<$($generics)*> Capture for $ty {
            fn argument(&self) -> Argument {
                let mut bytes = Bytes::new();
                self.append(&mut bytes);
                Argument::Value(bytes)
            }
        }
    };
}

values!(
    bool as u8,
    i8 as i8,
    i16 as i16,
    i32 as i32,
    i64 as i64,
    u8 as u8,
    u16 as u16,
    u32 as u32,
    u64 as u64,
    isize as i64,
    usize as u64,
    f32 as f32,
    f64 as f64,
);

impl<T: Value, const N: usize> Value for [T; N] {
    fn append(&self, bytes: &mut Bytes) {
        for value in self {
            value.append(bytes);
        }
    }
}
captured!([T: Value, const N: usize] [T; N]);

impl<const D: usize> Value for Id<D> {
    fn append(&self, bytes: &mut Bytes) {
        self.0.append(bytes);
    }
}
captured!([const D: usize] Id<D>);

impl<const D: usize> Value for Range<D> {
    fn append(&self, bytes: &mut Bytes) {
        self.0.append(bytes);
    }
}
captured!([const D: usize] Range<D>);
