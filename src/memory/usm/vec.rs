//! `UsmVec` and `UsmBox`: typed owners of unified shared memory.

use super::allocation::Allocation;
use super::kind::{HostReachable, Kind, OnDevice, OnHost, Shared};
use super::slice::UsmSlice;
use crate::error::Result;
use crate::geometry::Range;
use crate::memory::{Buffer, Element, HostRead, HostWrite};
use crate::plan::Access;
use crate::platform::Device;
use crate::runtime::Contents;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr::NonNull;

/// Elements in unified shared memory of kind `K`: [`OnDevice`], [`OnHost`] or [`Shared`]. Their number is fixed.
///
/// Derefs to a [`UsmSlice`] of all elements, through which commands use them. The memory is freed when the vector, all slices
/// of it and all commands that use it are gone; dropping never blocks. Reading elements that nothing has written is an error.
///
/// ```
/// use falx::{prelude::*, usm};
/// let queue = Queue::new(Selector::default())?;
/// let numbers = usm::shared::<u32>(&queue, 4)?;
/// numbers.host_write()?.copy_from_slice(&[1, 2, 3, 4]);
/// queue.submit(|h| {
///     let numbers = numbers.read_write(h);
///     h.parallel_for(4, kernel!(move |i: Id<1>| numbers[i] = 10 * numbers[i]))
/// })?;
/// assert_eq!(*numbers.host_read()?, [10, 20, 30, 40]);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.8. That commands are ordered by what they touch is falx's: SYCL orders them by events alone.
pub struct UsmVec<T, K> {
    whole: UsmSlice<T>,
    pointer: Option<NonNull<T>>,
    kind: PhantomData<K>,
}

// SAFETY: the pointer is an address that the vector never follows; the slice can be sent by itself.
unsafe impl<T: Element, K> Send for UsmVec<T, K> {}
// SAFETY: as above.
unsafe impl<T: Element, K> Sync for UsmVec<T, K> {}

/// Memory of `device`, or of a queue's device, for `n` elements.
///
/// # Errors
/// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if `n` is zero;
/// [`ErrorKind::MemoryAllocation`](crate::ErrorKind::MemoryAllocation) if it is more than the device has, or can allocate at once.
///
/// Source: SYCL 2020, section 4.8.3.2 (`malloc_device`).
pub fn device<T: Element>(device: impl AsRef<Device>, n: usize) -> Result<UsmVec<T, OnDevice>> {
    UsmVec::new(device, n)
}

/// Host memory for `n` elements, allocated by the driver of `device`.
///
/// # Errors
/// As for [`device()`].
///
/// Source: SYCL 2020, section 4.8.3.3 (`malloc_host`).
pub fn host<T: Element>(device: impl AsRef<Device>, n: usize) -> Result<UsmVec<T, OnHost>> {
    UsmVec::new(device, n)
}

/// Memory for `n` elements that the host and `device` share.
///
/// # Errors
/// As for [`device()`].
///
/// Source: SYCL 2020, section 4.8.3.4 (`malloc_shared`).
pub fn shared<T: Element>(device: impl AsRef<Device>, n: usize) -> Result<UsmVec<T, Shared>> {
    UsmVec::new(device, n)
}

impl<T: Element, K: Kind> UsmVec<T, K> {
    /// Memory for `n` elements; see [`device()`], [`host()`] and [`shared()`].
    ///
    /// # Errors
    /// As for [`device()`].
    pub fn new(device: impl AsRef<Device>, n: usize) -> Result<Self> {
        let device = device.as_ref();
        const { assert!(size_of::<T>() > 0, "elements of unified shared memory have a size") };
        let allocation = Allocation::new(device, K::KIND, n, size_of::<T>(), Contents::Unwritten)?;
        let buffer = Buffer::of_storage(allocation.storage, Range([n]));
        let whole = UsmSlice { buffer, device: device.clone(), kind: K::KIND, offset: 0, len: n };
        Ok(UsmVec { whole, pointer: allocation.pointer.map(NonNull::cast), kind: PhantomData })
    }

    /// Memory that holds a copy of `elements`.
    ///
    /// # Errors
    /// As for [`device()`].
    pub fn from_slice(device: impl AsRef<Device>, elements: &[T]) -> Result<Self> {
        let vec = UsmVec::new(device, elements.len())?;
        vec.copy_from_slice(elements)?;
        Ok(vec)
    }

    /// Gives the memory a name, which messages, traces and graphs use. The first name stays.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        let UsmVec { whole, pointer, kind } = self;
        let buffer = whole.buffer.named(name);
        UsmVec { whole: UsmSlice { buffer, ..whole }, pointer, kind }
    }

    /// Where the elements lie, for host and device alike; none where buffers stand in
    /// ([`UsmSource::Buffers`](crate::usm::UsmSource::Buffers)). Following the pointer is up to the program: nothing then orders
    /// what it touches.
    pub fn as_ptr(&self) -> Option<*mut T> {
        self.pointer.map(NonNull::as_ptr)
    }
}

impl<T: Element, K: HostReachable> UsmVec<T, K> {
    /// Waits for every earlier command that writes the elements and lets the host read them as a slice. Commands that write
    /// them wait until the guard is dropped.
    ///
    /// Memory of kind [`OnDevice`] has no guards:
    ///
    /// ```compile_fail,E0599
    /// let numbers = falx::usm::device::<u32>(falx::Queue::new(falx::Selector::host())?.device(), 4)?;
    /// numbers.host_read()?;
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`Buffer::host_read`].
    pub fn host_read(&self) -> Result<HostRead<T>> {
        self.whole.buffer.host_read()
    }

    /// As [`UsmVec::host_read`], for `n` elements from `offset` on.
    ///
    /// # Errors
    /// As for [`Buffer::host_read_region`].
    pub fn host_read_region(&self, offset: usize, n: usize) -> Result<HostRead<T>> {
        self.whole.buffer.host_read_region(offset, n)
    }

    /// Waits for every earlier command that uses the elements and lets the host read and write them as a slice. Elements that
    /// nothing has written yet are zero. Commands that use them wait until the guard is dropped.
    ///
    /// # Errors
    /// As for [`Buffer::host_write`].
    pub fn host_write(&self) -> Result<HostWrite<T>> {
        self.whole.buffer.host_write()
    }

    /// As [`UsmVec::host_write`], for `n` elements from `offset` on.
    ///
    /// # Errors
    /// As for [`Buffer::host_read_region`].
    pub fn host_write_region(&self, offset: usize, n: usize) -> Result<HostWrite<T>> {
        self.whole.host_write(offset, n, Access::Write)
    }
}

impl<T, K> Deref for UsmVec<T, K> {
    type Target = UsmSlice<T>;
    fn deref(&self) -> &UsmSlice<T> {
        &self.whole
    }
}

impl<T, K> fmt::Debug for UsmVec<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.whole.fmt(f)
    }
}

/// One value in unified shared memory of kind `K`. Derefs to a [`UsmSlice`] of one element, through which commands use it.
///
/// ```
/// use falx::{prelude::*, usm::{Shared, UsmBox}};
/// let queue = Queue::new(Selector::default())?;
/// let count = UsmBox::<u32, Shared>::new(queue.device(), 0)?;
/// queue.submit(|h| {
///     let count = count.read_write(h);
///     h.parallel_for(100, kernel!(move |_i: usize| {
///         count.atomic(0).fetch_add(1);
///     }))
/// })?;
/// assert_eq!(count.get()?, 100);
/// # Ok::<(), falx::Error>(())
/// ```
pub struct UsmBox<T, K>(UsmVec<T, K>);

impl<T: Element, K: Kind> UsmBox<T, K> {
    /// Memory that holds `value`.
    ///
    /// # Errors
    /// As for [`device()`].
    pub fn new(device: impl AsRef<Device>, value: T) -> Result<Self> {
        UsmVec::from_slice(device, &[value]).map(UsmBox)
    }

    /// The value, after every earlier command that writes it.
    ///
    /// # Errors
    /// As for [`Buffer::host_read`].
    pub fn get(&self) -> Result<T> {
        let mut value = [T::zeroed()];
        self.0.copy_to_slice(&mut value)?;
        Ok(value[0])
    }

    /// Replaces the value, after every earlier command that uses it.
    ///
    /// # Errors
    /// As for [`Buffer::host_write`].
    pub fn set(&self, value: T) -> Result<()> {
        self.0.copy_from_slice(&[value])
    }

    /// As [`UsmVec::as_ptr`].
    pub fn as_ptr(&self) -> Option<*mut T> {
        self.0.as_ptr()
    }
}

impl<T, K> Deref for UsmBox<T, K> {
    type Target = UsmSlice<T>;
    fn deref(&self) -> &UsmSlice<T> {
        &self.0
    }
}

impl<T, K> fmt::Debug for UsmBox<T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
