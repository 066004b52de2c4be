//! Turns captured values into the bytes that travel with a launch: scalars, arrays, ids and ranges, tuples and structs.

use super::aggregate::every_tuple;
use super::argument::Argument;
use super::twin::Capture;
use super::types::DeviceType;
use crate::geometry::{Id, Range};
use smallvec::SmallVec;

/// The bytes of a value, as a device has them.
#[derive(Debug, Default)]
pub struct ValueBytes(SmallVec<[u8; 16]>);

impl ValueBytes {
    /// Appends a value, behind the gap that its alignment asks for.
    #[inline]
    pub fn push<T: DeviceValue>(&mut self, value: &T) {
        self.fill(self.0.len().next_multiple_of(T::ALIGNMENT));
        let start = self.0.len();
        value.append(self);
        self.fill(start + T::SIZE_BYTES);
    }

    fn fill(&mut self, length: usize) {
        if length > self.0.len() {
            self.0.resize(length, 0);
        }
    }
}

/// A value that is data through and through: no accessor, and nothing of the work-item. Such values can be captured, and be
/// fields of `#[device]` structs, which are such values themselves; so are scalars, arrays, tuples, ids and ranges.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is no value that can travel to a device",
    label = "not made of scalars",
    note = "arrays, tuples and `#[device]` structs hold scalars and each other; put other data into a `falx::Buffer`"
)]
pub trait DeviceValue: DeviceType + Send + Sync + 'static {
    /// How many bytes it takes on a device: `bool` one, `usize` and `isize` eight, and no type none.
    #[doc(hidden)]
    const SIZE_BYTES: usize;
    /// On which multiples it begins on a device.
    #[doc(hidden)]
    const ALIGNMENT: usize;
    /// Appends its bytes as a device has them.
    #[doc(hidden)]
    fn append(&self, bytes: &mut ValueBytes);
}

/// The size of a struct of fields of these sizes and alignments, in their order.
pub const fn struct_size(fields: &[(usize, usize)]) -> usize {
    let (mut size, mut position) = (0usize, 0);
    while position < fields.len() {
        let (field, alignment) = fields[position];
        size = size.next_multiple_of(alignment) + field;
        position += 1;
    }
    let size = size.next_multiple_of(struct_alignment(fields));
    if size == 0 { 1 } else { size }
}

/// The alignment of a struct of such fields.
pub const fn struct_alignment(fields: &[(usize, usize)]) -> usize {
    let (mut alignment, mut position) = (1, 0);
    while position < fields.len() {
        if fields[position].1 > alignment {
            alignment = fields[position].1;
        }
        position += 1;
    }
    alignment
}

macro_rules! values {
    ($($ty:ty as $wide:ty),* $(,)?) => { $(
        impl DeviceValue for $ty {
            const SIZE_BYTES: usize = size_of::<$wide>();
            const ALIGNMENT: usize = size_of::<$wide>();
            #[inline]
            fn append(&self, bytes: &mut ValueBytes) {
                bytes.0.extend_from_slice(&(*self as $wide).to_ne_bytes());
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
                value_argument(self)
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
    half::f16 as half::f16,
    f32 as f32,
    f64 as f64,
);

impl<T: DeviceValue, const N: usize> DeviceValue for [T; N] {
    // C has no arrays without elements.
    const SIZE_BYTES: usize = T::SIZE_BYTES * if N == 0 { 1 } else { N };
    const ALIGNMENT: usize = T::ALIGNMENT;
    #[inline]
    fn append(&self, bytes: &mut ValueBytes) {
        for value in self {
            bytes.push(value);
        }
    }
}
captured!([T: DeviceValue, const N: usize] [T; N]);

macro_rules! indices {
    ($($ty:ident)*) => { $(
        impl<const D: usize> DeviceValue for $ty<D> {
            const SIZE_BYTES: usize = <[usize; D]>::SIZE_BYTES;
            const ALIGNMENT: usize = <[usize; D]>::ALIGNMENT;
            #[inline]
            fn append(&self, bytes: &mut ValueBytes) {
                self.0.append(bytes);
            }
        }
        captured!([const D: usize] $ty<D>);
    )* };
}
indices!(Id Range);

macro_rules! tuples {
    ($(($($part:ident $position:tt),+))*) => { $(
        impl<$($part: DeviceValue),+> DeviceValue for ($($part,)+) {
            const SIZE_BYTES: usize = struct_size(&[$(($part::SIZE_BYTES, $part::ALIGNMENT)),+]);
            const ALIGNMENT: usize = struct_alignment(&[$(($part::SIZE_BYTES, $part::ALIGNMENT)),+]);
            #[inline]
            fn append(&self, bytes: &mut ValueBytes) {
                $(bytes.push(&self.$position);)+
            }
        }
        captured!([$($part: DeviceValue),+] ($($part,)+));
    )* };
}
every_tuple!(tuples);

/// A value on its way to a launch.
#[inline]
pub fn value_argument<T: DeviceValue>(value: &T) -> Argument {
    let mut bytes = ValueBytes::default();
    bytes.push(value);
    Argument::Value(bytes.0)
}
