//! `Element`: what a buffer may hold, and how running kernels read and write it on the host.
//!
//! Work-items race as they please, so elements are only ever touched through relaxed atomics, in chunks of the
//! element's alignment. Checks no bounds: whoever calls this has done so.

use crate::kernel::DeviceType;
use crate::kernel::vector::{Lane, Number, Vector};
use bytemuck::Pod;
use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

/// A type that a buffer can hold: the integers, `f16`, `f32`, `f64`, vectors, arrays of them, and `#[device]` structs of such fields that
/// leave no gap between them.
///
/// `usize` and `isize` are 64 bits wide on every device, and are elements only where the host agrees.
///
/// # Safety
/// The size is a multiple of the alignment, which is a power of two of at most 128 bytes, and the layout is the same on the
/// host and on every device.
#[diagnostic::on_unimplemented(
    message = "a buffer cannot hold elements of type `{Self}`",
    label = "not an element type",
    note = "buffers hold the integers, `f16`, `f32`, `f64`, vectors, arrays of them, and `#[device]` structs of such fields; store a `bool` as `u8`"
)]
pub unsafe trait Element: DeviceType<Erased = Self> + Pod + Send + Sync {}

macro_rules! elements {
    ($($ty:ty),*) => { $(
        // SAFETY: a number of 1 to 8 bytes, aligned to no more than its size, little-endian on host and device alike.
        unsafe impl Element for $ty {}
    )* };
}
elements!(i8, i16, i32, i64, u8, u16, u32, u64, half::f16, f32, f64);
#[cfg(target_pointer_width = "64")]
elements!(isize, usize);

// SAFETY: a vector is aligned to its size, in Rust and in OpenCL C.
unsafe impl<T: Number + Lane<N>, const N: usize> Element for Vector<T, N> {}

// SAFETY: an array has the alignment of its elements and no padding, in Rust and in OpenCL C.
unsafe impl<T: Element, const N: usize> Element for [T; N] {}

/// A type that a field of a struct in a buffer has. The lifetime stands for nothing: a condition that has one is checked
/// only where somebody relies on it.
#[diagnostic::on_unimplemented(
    message = "a buffer cannot hold a struct with a field of type `{Self}`",
    label = "is or has a field that is no element",
    note = "buffers hold the integers, `f16`, `f32`, `f64`, arrays of them, and `#[device]` structs of such fields; store a `bool` as `u8`"
)]
pub trait FieldElement<'a>: Element {}
impl<T: Element> FieldElement<'_> for T {}

/// Runs `$body` with `$atomic` standing for the atomic type as wide as `$element` is aligned.
macro_rules! with_chunks {
    ($element:ty, $atomic:ident => $body:expr) => {
        match align_of::<$element>() {
            1 => {
                type $atomic = AtomicU8;
                $body
            }
            2 => {
                type $atomic = AtomicU16;
                $body
            }
            4 => {
                type $atomic = AtomicU32;
                $body
            }
            _ => {
                type $atomic = AtomicU64;
                $body
            }
        }
    };
}

pub(super) use with_chunks;

/// Reads one element, chunk by chunk.
///
/// # Safety
/// - `pointer` is aligned and leads to an initialised `T` that stays allocated during the call.
/// - Others touch these bytes meanwhile only through atomics of the same width.
#[inline(always)]
pub(crate) unsafe fn load_relaxed<T: Element>(pointer: *mut T) -> T {
    let mut value = T::zeroed();
    with_chunks!(T, Chunk => {
        let (source, target) = (pointer.cast::<Chunk>(), (&raw mut value).cast::<Chunk>());
        for chunk in 0..size_of::<T>() / size_of::<Chunk>() {
            // SAFETY: an `Element` is aligned to at least a chunk, its size is a multiple of that, and so `chunk`
            // lies inside both `value` and the element that the caller vouches for. An atomic has the layout of its
            // integer, and the caller keeps others from touching these bytes in another way.
            unsafe { *(*target.add(chunk)).get_mut() = (*source.add(chunk)).load(Ordering::Relaxed) };
        }
    });
    value
}

/// Writes one element, chunk by chunk.
///
/// # Safety
/// - `pointer` is aligned and leads to a writable `T` that stays allocated during the call.
/// - Others touch these bytes meanwhile only through atomics of the same width.
#[inline(always)]
pub(crate) unsafe fn store_relaxed<T: Element>(pointer: *mut T, mut value: T) {
    with_chunks!(T, Chunk => {
        let (source, target) = ((&raw mut value).cast::<Chunk>(), pointer.cast::<Chunk>());
        for chunk in 0..size_of::<T>() / size_of::<Chunk>() {
            // SAFETY: as in `load_relaxed`, with the two ends exchanged.
            unsafe { (*target.add(chunk)).store(*(*source.add(chunk)).get_mut(), Ordering::Relaxed) };
        }
    });
}
