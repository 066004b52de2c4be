//! How a buffer is made of what the program has, and becomes a `Vec` again.

use super::Buffer;
use super::element::Element;
use super::guard;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{HostBlock, Pool, Storage};
use crate::geometry::{Block, Layout, Range};
use crate::trace::{self, Reason};
use std::ptr::NonNull;
use std::sync::Arc;

/// A `Vec` taken apart, so that devices may write where it points.
struct RawVec<T> {
    pointer: NonNull<T>,
    len: usize,
    capacity: usize,
}

// SAFETY: it owns its elements as a `Vec` does.
unsafe impl<T: Send> Send for RawVec<T> {}
// SAFETY: nothing can be reached through a shared reference.
unsafe impl<T: Sync> Sync for RawVec<T> {}

impl<T> RawVec<T> {
    fn new(vec: Vec<T>) -> Self {
        let mut vec = std::mem::ManuallyDrop::new(vec);
        // SAFETY: a `Vec`'s pointer is never null.
        let pointer = unsafe { NonNull::new_unchecked(vec.as_mut_ptr()) };
        RawVec { pointer, len: vec.len(), capacity: vec.capacity() }
    }

    fn into_vec(self) -> Vec<T> {
        let raw = std::mem::ManuallyDrop::new(self);
        // SAFETY: the parts are those of the `Vec` that `new` took apart, and nobody else puts them together.
        unsafe { Vec::from_raw_parts(raw.pointer.as_ptr(), raw.len, raw.capacity) }
    }
}

impl<T> Drop for RawVec<T> {
    fn drop(&mut self) {
        // SAFETY: as in `into_vec`, which forgets `self`.
        drop(unsafe { Vec::from_raw_parts(self.pointer.as_ptr(), self.len, self.capacity) });
    }
}

impl<T: Element> From<Vec<T>> for Buffer<T, 1> {
    /// A buffer that takes over the vector: nothing is copied, and devices that share memory with the host work on the
    /// vector's own elements.
    fn from(vec: Vec<T>) -> Self {
        let range = Range([vec.len()]);
        Buffer::over(vec, range)
    }
}

impl<T: Element> From<Box<[T]>> for Buffer<T, 1> {
    /// A buffer that takes over the slice, as it does a vector.
    fn from(elements: Box<[T]>) -> Self {
        Buffer::from(elements.into_vec())
    }
}

impl<T: Element> From<&[T]> for Buffer<T, 1> {
    /// A buffer that holds a copy of the elements.
    fn from(elements: &[T]) -> Self {
        Buffer::from_slice(elements)
    }
}

impl<T: Element, const N: usize> From<[T; N]> for Buffer<T, 1> {
    /// A buffer that holds a copy of the array.
    fn from(array: [T; N]) -> Self {
        Buffer::from_slice(&array)
    }
}

impl<T: Element> FromIterator<T> for Buffer<T, 1> {
    /// A buffer of what the iterator gives.
    ///
    /// ```
    /// let squares: falx::Buffer<u32> = (0..4).map(|i| i * i).collect();
    /// assert_eq!(*squares.host_read()?, [0, 1, 4, 9]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Buffer::from(elements.into_iter().collect::<Vec<T>>())
    }
}

impl<T: Element> From<Arc<[T]>> for Buffer<T, 1> {
    /// A buffer of elements that the program goes on to read. They are read where they lie, and never change there:
    /// before a command writes to them in host memory, the buffer makes a copy of its own. Where nobody else has the
    /// elements, the buffer takes them over.
    ///
    /// ```
    /// use falx::prelude::*;
    /// use std::sync::Arc;
    /// let kept: Arc<[u32]> = Arc::from([1, 2, 3]);
    /// let buffer = Buffer::from(kept.clone());
    /// assert_eq!(buffer.host_read()?.as_ptr(), kept.as_ptr());
    /// buffer.host_write()?[0] = 7;
    /// assert_eq!((kept[0], buffer.host_read()?[0]), (1, 7));
    /// # Ok::<(), falx::Error>(())
    /// ```
    fn from(mut elements: Arc<[T]>) -> Self {
        let range = Range([elements.len()]);
        let size_bytes = std::mem::size_of_val(&*elements);
        let sole = Arc::get_mut(&mut elements).map(<[T]>::as_mut_ptr);
        let pointer = NonNull::new(sole.unwrap_or(elements.as_ptr().cast_mut()).cast());
        let block = match pointer.filter(|_| size_bytes > 0) {
            Some(pointer) if sole.is_some() => {
                // SAFETY: the `Arc` keeps the initialised elements alive; nobody else has them, or can get them any more.
                Some(unsafe { HostBlock::owned(pointer, size_bytes, Box::new(elements)) })
            }
            // SAFETY: the `Arc` keeps the initialised elements alive, and nobody changes what is shared by it.
            Some(pointer) => Some(unsafe { HostBlock::shared(pointer, size_bytes, Box::new(elements)) }),
            None => Pool::global().take(0).ok(),
        };
        Buffer::with_block(range, block)
    }
}

impl<T: Element> Buffer<T, 1> {
    /// A buffer that holds a copy of `elements`.
    ///
    /// ```
    /// let buffer = falx::Buffer::from_slice(&[1u32, 2, 3]);
    /// assert_eq!(*buffer.host_read()?, [1, 2, 3]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn from_slice(elements: &[T]) -> Self {
        trace::count_copy(None, Reason::Construction, std::mem::size_of_val(elements));
        Buffer::from(elements.to_vec())
    }
}

impl<T: Element, const D: usize> Buffer<T, D> {
    /// A buffer of the given range that takes over a vector in row-major order, without copying.
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`] if the vector's length is not the range's size.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let matrix = Buffer::from_vec(vec![1, 2, 3, 4, 5, 6], [2, 3])?;
    /// assert_eq!(matrix.range(), Range([2, 3]));
    /// assert!(Buffer::from_vec(vec![1, 2, 3], [2, 2]).is_err());
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn from_vec(elements: Vec<T>, range: impl Into<Range<D>>) -> Result<Self> {
        let range = range.into();
        if elements.len() != range.size() {
            let text = format!(
                "a buffer of range {:?} holds {} elements but the vector holds {}",
                range.0,
                range.size(),
                elements.len()
            );
            return Err(Error::new(ErrorKind::LengthMismatch, text));
        }
        Ok(Buffer::over(elements, range))
    }

    fn over(elements: Vec<T>, range: Range<D>) -> Self {
        let size_bytes = std::mem::size_of_val(elements.as_slice());
        let block = if size_bytes == 0 {
            Pool::global().take(0).ok()
        } else {
            let raw = RawVec::new(elements);
            let pointer = raw.pointer.cast();
            // SAFETY: `raw` keeps the initialised elements alive and touches them only when it is dropped.
            Some(unsafe { HostBlock::owned(pointer, size_bytes, Box::new(raw)) })
        };
        Buffer::with_block(range, block)
    }

    /// Waits for every earlier command that uses the buffer and returns the elements (row-major). Without copying, if
    /// the buffer was made from a `Vec` and this is its last handle.
    ///
    /// # Errors
    /// As for [`Buffer::host_read`].
    ///
    /// ```
    /// let vec = vec![1u32, 2, 3];
    /// let pointer = vec.as_ptr();
    /// let vec = falx::Buffer::from(vec).into_vec()?;
    /// assert_eq!((vec.as_ptr(), vec.len()), (pointer, 3));
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn into_vec(self) -> Result<Vec<T>> {
        guard::come_home(self.portion())?;
        let (layout, block) = (self.layout(), self.block());
        match self.into_handle().into_last() {
            Ok(storage) => Ok(take_vec(storage, &layout, &block)),
            Err(handle) => {
                let shared = Buffer::<T, D>::of(handle, layout, block);
                trace::count_copy(None, Reason::Construction, shared.size_bytes());
                shared.to_vec()
            }
        }
    }
}

/// The elements of a storage that nobody else holds: the vector it was made from, or a copy of the box.
fn take_vec<T: Element>(storage: Storage, layout: &Layout, part: &Block) -> Vec<T> {
    let Some(block) = storage.into_block().filter(|_| !part.is_empty()) else { return Vec::new() };
    if *part == layout.whole() && block.is_owned_by::<RawVec<T>>() {
        let raw = block.into_owner().and_then(|owner| owner.downcast::<RawVec<T>>().ok());
        return raw.map_or_else(Vec::new, |raw| raw.into_vec());
    }
    let mut elements = Vec::with_capacity(part.size());
    for (first, count) in layout.runs(part) {
        // SAFETY: the box lies inside the block, whose bytes are initialised and which nothing else uses any more.
        elements.extend_from_slice(unsafe {
            std::slice::from_raw_parts(block.pointer().cast::<T>().add(first), count)
        });
    }
    trace::count_copy(None, Reason::Construction, std::mem::size_of_val(elements.as_slice()));
    Pool::global().give_back(block);
    elements
}
