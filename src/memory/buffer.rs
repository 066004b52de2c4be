//! `Buffer`: data that kernels on any device and the host work on in turn.

use super::accessor::{Accessor, Read, ReadWrite, Write, mode::Mode};
use super::element::Element;
use super::guard::{HostRead, HostWrite};
use super::requirements::{Pending, Reach};
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{HostBlock, Pool, Storage};
use crate::geometry::{Block, Id, Range};
use crate::kernel::ViewShape;
use crate::plan::Access;
use crate::platform::Device;
use crate::queue::Handler;
use crate::runtime::runtime;
use crate::trace::{self, Reason};
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;

/// A box of elements in `D` dimensions (1 to 3) that kernels on any device and the host work on in turn.
///
/// A cheap handle: clones share the elements. falx knows which memory holds current bytes of which region, and copies
/// only what a command or the host needs and where it is missing; devices that share memory with the host copy nothing.
/// Dropping a buffer never blocks; commands that use it still run.
///
/// ```
/// use falx::prelude::*;
/// let queue = Queue::new(Selector::default())?;
/// let numbers = Buffer::from(vec![1.0f32, 2.0, 3.0]);
/// queue.submit(|h| {
///     let numbers = numbers.read_write(h);
///     h.parallel_for(3, kernel!(move |i: Id<1>| numbers[i] = 2.0 * numbers[i]))
/// })?;
/// assert_eq!(*numbers.host_read()?, [2.0, 4.0, 6.0]);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.7.2.
pub struct Buffer<T, const D: usize = 1> {
    storage: Arc<Storage>,
    range: Range<D>,
    elements: PhantomData<fn() -> T>,
}

impl<T, const D: usize> Clone for Buffer<T, D> {
    fn clone(&self) -> Self {
        Buffer { storage: self.storage.clone(), range: self.range, elements: PhantomData }
    }
}

impl<T, const D: usize> fmt::Debug for Buffer<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer `{}` of {:?} {}", self.storage.name(), self.range.0, std::any::type_name::<T>())
    }
}

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

impl<T: Element, const N: usize> From<[T; N]> for Buffer<T, 1> {
    /// A buffer that holds a copy of the array.
    fn from(array: [T; N]) -> Self {
        Buffer::from_slice(&array)
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
    /// A buffer without contents: reading what nothing has written yet is an error. No memory is used before it is
    /// needed. A range that no memory can hold makes a buffer whose every use is an error.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let matrix = Buffer::<f32, 2>::new([4, 8]);
    /// assert_eq!(matrix.size(), 32);
    /// assert_eq!(matrix.host_read().unwrap_err().kind(), ErrorKind::Uninitialized);
    /// ```
    pub fn new(range: impl Into<Range<D>>) -> Self {
        Buffer::with_block(range.into(), None)
    }

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

    pub(crate) fn with_block(range: Range<D>, block: Option<HostBlock>) -> Self {
        const { assert!(D >= 1 && D <= 3, "a buffer has 1 to 3 dimensions") };
        const { assert!(size_of::<T>() > 0, "a buffer's elements have a size") };
        let storage = runtime().storage(range.padded(), size_of::<T>(), block);
        Buffer { storage, range, elements: PhantomData }
    }

    /// A buffer of the elements that a storage already has.
    pub(super) fn of_storage(storage: Arc<Storage>, range: Range<D>) -> Self {
        Buffer { storage, range, elements: PhantomData }
    }

    /// Gives the buffer a name, which messages, traces and graphs use. The first name stays.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        runtime().rename(&self.storage, name);
        self
    }

    /// The name, or `#` and a number.
    pub fn name(&self) -> String {
        self.storage.name()
    }

    /// The extent.
    pub fn range(&self) -> Range<D> {
        self.range
    }

    /// The number of elements.
    pub fn size(&self) -> usize {
        self.range.size()
    }

    /// The size of all elements in bytes.
    pub fn size_bytes(&self) -> usize {
        self.storage.size_bytes()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.size() == 0
    }

    /// Whether every element is current in the memory of `device`, once the commands submitted so far are over, so that a
    /// command there would copy nothing.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let buffer = Buffer::from(vec![1u32, 2, 3]);
    /// assert!(buffer.is_current_on(Queue::new(Selector::host())?.device()));
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn is_current_on(&self, device: &Device) -> bool {
        runtime().valid_in(&self.storage, device.memory())
    }

    pub(crate) fn storage(&self) -> &Arc<Storage> {
        &self.storage
    }

    /// The whole buffer as a box.
    pub(crate) fn block(&self) -> Block {
        Block::of_range(self.range)
    }

    /// Reading access for the command of `handler`.
    pub fn read<'h>(&self, handler: &'h Handler) -> Read<'h, T, D> {
        self.access(handler)
    }

    /// Writing access for the command of `handler`. Elements that the command does not write keep their values. Those that
    /// it may write are brought to the device first, unless falx finds that the kernel writes all of them; where it cannot
    /// know, say [`no_init`](Accessor::no_init) when they are. Of a buffer without contents, the elements that a kernel leaves
    /// out between those that it writes become zero; where it cannot write there are still none.
    pub fn write<'h>(&self, handler: &'h Handler) -> Write<'h, T, D> {
        self.access(handler)
    }

    /// Reading and writing access for the command of `handler`.
    pub fn read_write<'h>(&self, handler: &'h Handler) -> ReadWrite<'h, T, D> {
        self.access(handler)
    }

    fn access<'h, M: Mode>(&self, handler: &'h Handler) -> Accessor<'h, T, D, M> {
        let requirements = handler.requirements();
        if let Some(error) = &self.storage.invalid {
            requirements.fail(error.clone());
        }
        let pending = Pending {
            storage: self.storage.clone(),
            block: self.block(),
            access: M::ACCESS,
            view: ViewShape::whole(self.range),
            settled: false,
            reach: Reach::default(),
        };
        Accessor::new(requirements, requirements.add(pending), self.range)
    }

    /// Waits for every earlier command that writes the buffer, brings the elements to the host where they are not there
    /// yet, and lets the host read them as a slice (row-major). Commands that write the buffer wait until the guard is
    /// dropped.
    ///
    /// Cost: at most one copy of the buffer; none for devices that share memory with the host.
    ///
    /// # Errors
    /// What a command failed with that wrote the buffer; [`ErrorKind::Uninitialized`] if nothing has written it;
    /// [`ErrorKind::Deadlock`] if this thread holds a writing guard of the same buffer.
    ///
    /// Source: SYCL 2020, section 4.7.6.10 (`host_accessor`).
    pub fn host_read(&self) -> Result<HostRead<T, D>> {
        HostRead::open(self, self.block(), self.range)
    }

    /// Like [`Buffer::host_read`] for `range` elements from `offset` on, which must be contiguous in memory (whole rows
    /// but for the first dimension in which the region is smaller). Only they are waited for and moved.
    ///
    /// # Errors
    /// As for [`Buffer::host_read`]; [`ErrorKind::Accessor`] if the region leaves the buffer or is not contiguous.
    ///
    /// ```
    /// let buffer = falx::Buffer::from(vec![1u32, 2, 3, 4]);
    /// assert_eq!(*buffer.host_read_region(1, 2)?, [2, 3]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn host_read_region(
        &self,
        offset: impl Into<Id<D>>,
        range: impl Into<Range<D>>,
    ) -> Result<HostRead<T, D>> {
        let (offset, range) = (offset.into(), range.into());
        HostRead::open(self, self.region(offset, range)?, range)
    }

    /// Waits for every earlier command that uses the buffer, brings the elements to the host where they are not there
    /// yet, and lets the host read and write them as a slice (row-major). Elements that nothing has written yet are zero.
    /// Commands that use the buffer wait until the guard is dropped.
    ///
    /// # Errors
    /// As for [`Buffer::host_read`].
    ///
    /// ```
    /// let buffer = falx::Buffer::<u32>::new(3);
    /// buffer.host_write()?[1] = 7;
    /// assert_eq!(*buffer.host_read()?, [0, 7, 0]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn host_write(&self) -> Result<HostWrite<T, D>> {
        HostWrite::open(self, self.block(), self.range, Access::Write)
    }

    /// Like [`Buffer::host_write`], but gives up what the buffer held: nothing is brought to the host, and the slice
    /// starts with unspecified values.
    ///
    /// # Errors
    /// As for [`Buffer::host_write`].
    pub fn host_write_no_init(&self) -> Result<HostWrite<T, D>> {
        HostWrite::open(self, self.block(), self.range, Access::Discard)
    }

    /// Overwrites the buffer with `elements`, after every earlier command that uses it.
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`] if the slice has another length; else as for [`Buffer::host_write`].
    pub fn copy_from_slice(&self, elements: &[T]) -> Result<()> {
        self.check_length("source", elements.len())?;
        self.host_write_no_init()?.copy_from_slice(elements);
        Ok(())
    }

    /// Copies the buffer into `elements`, after every earlier command that writes it.
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`] if the slice has another length; else as for [`Buffer::host_read`].
    ///
    /// ```
    /// let buffer = falx::Buffer::from(vec![1u32, 2, 3]);
    /// let error = buffer.copy_to_slice(&mut [0; 4]).unwrap_err();
    /// assert_eq!(error.kind(), falx::ErrorKind::LengthMismatch);
    /// ```
    pub fn copy_to_slice(&self, elements: &mut [T]) -> Result<()> {
        self.check_length("destination", elements.len())?;
        elements.copy_from_slice(&self.host_read()?);
        Ok(())
    }

    fn check_length(&self, what: &str, len: usize) -> Result<()> {
        if len == self.size() {
            return Ok(());
        }
        let text = format!(
            "buffer `{}` holds {} elements but the {what} slice holds {len}",
            self.name(),
            self.size()
        );
        Err(Error::new(ErrorKind::LengthMismatch, text))
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
        // A reading access that also waits for other readers: their commands hold the storage too.
        drop(HostWrite::open(&self, self.block(), self.range, Access::ReadWrite)?);
        let size = self.size();
        match Arc::try_unwrap(self.storage) {
            Ok(storage) => Ok(take_vec(storage, size)),
            Err(storage) => {
                let shared = Buffer { storage, range: self.range, elements: PhantomData };
                trace::count_copy(None, Reason::Construction, shared.size_bytes());
                Ok(shared.host_read()?.to_vec())
            }
        }
    }

    /// A region of the buffer as a box.
    ///
    /// # Errors
    /// [`ErrorKind::Accessor`] if it leaves the buffer.
    pub(super) fn region(&self, offset: Id<D>, range: Range<D>) -> Result<Block> {
        let mut block = self.block();
        for dimension in 0..D {
            let end =
                offset[dimension].checked_add(range[dimension]).filter(|end| *end <= self.range[dimension]);
            let Some(end) = end else {
                let text = format!(
                    "a region of {:?} elements from {:?} on leaves buffer `{}` of range {:?}",
                    range.0,
                    offset.0,
                    self.name(),
                    self.range.0
                );
                return Err(Error::new(ErrorKind::Accessor, text));
            };
            block.min[3 - D + dimension] = offset[dimension];
            block.max[3 - D + dimension] = end;
        }
        Ok(block)
    }
}

/// The elements of a storage that nobody else holds: the vector it was made from, or a copy.
fn take_vec<T: Element>(storage: Storage, size: usize) -> Vec<T> {
    let Some(block) = storage.into_block() else { return Vec::new() };
    if size == 0 {
        return Vec::new();
    }
    let pointer = block.pointer().cast::<T>();
    let copied = || {
        trace::count_copy(None, Reason::Construction, size * size_of::<T>());
        // SAFETY: the block holds at least `size` initialised elements, and nothing else uses it any more. It, or its owner,
        // is dropped after this.
        unsafe { std::slice::from_raw_parts(pointer, size) }.to_vec()
    };
    if !block.is_owned() {
        let copied = copied();
        Pool::global().give_back(block);
        return copied;
    }
    match block.into_owner().map(|owner| owner.downcast::<RawVec<T>>()) {
        Some(Ok(raw)) => raw.into_vec(),
        // Not made from a vector: unified shared memory.
        Some(Err(_owner)) => copied(),
        None => Vec::new(),
    }
}
