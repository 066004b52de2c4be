//! Raw pointers to unified shared memory, for programs that are ported from SYCL.
//!
//! A pointer is a key: commands find the allocation that it leads to. What the program does through the pointer itself is its
//! own affair, which is why that is unsafe.

use super::allocation::{Allocation, no_addresses};
use super::registry;
use super::slice::UsmSlice;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Range;
use crate::memory::{Buffer, Element};
use crate::platform::{Device, UsmKind};
use crate::runtime::Contents;

/// Memory of `device`, or of a queue's device, for `n` elements, all zero. Lasts until [`free`].
///
/// # Errors
/// [`ErrorKind::FeatureNotSupported`] where buffers stand in for memory with an address; else as for [`super::device()`].
///
/// Source: SYCL 2020, section 4.8.3.2.
pub fn malloc_device<T: Element>(n: usize, device: impl AsRef<Device>) -> Result<*mut T> {
    malloc(device.as_ref(), UsmKind::Device, n)
}

/// Host memory for `n` elements, all zero, allocated by the driver of `device`. Lasts until [`free`].
///
/// # Errors
/// As for [`malloc_device`].
///
/// Source: SYCL 2020, section 4.8.3.3.
pub fn malloc_host<T: Element>(n: usize, device: impl AsRef<Device>) -> Result<*mut T> {
    malloc(device.as_ref(), UsmKind::Host, n)
}

/// Memory for `n` elements, all zero, that the host and `device` share. Lasts until [`free`].
///
/// ```
/// use falx::{prelude::*, usm};
/// let queue = Queue::new(Selector::host())?;
/// let numbers = usm::malloc_shared::<u32>(4, &queue)?;
/// // SAFETY: four elements, which nothing else uses; the host touches them when no command does.
/// unsafe {
///     numbers.add(2).write(5);
///     let slice = usm::slice_of(numbers, 4)?;
///     let event = queue.submit(|h| {
///         let slice = slice.read_write(h);
///         h.parallel_for(4, kernel!(move |i: Id<1>| slice[i] += 1))
///     })?;
///     event.wait()?;
///     assert_eq!(numbers.add(2).read(), 6);
///     usm::free(numbers)?;
/// }
/// # Ok::<(), falx::Error>(())
/// ```
///
/// # Errors
/// As for [`malloc_device`].
///
/// Source: SYCL 2020, section 4.8.3.4.
pub fn malloc_shared<T: Element>(n: usize, device: impl AsRef<Device>) -> Result<*mut T> {
    malloc(device.as_ref(), UsmKind::Shared, n)
}

pub(super) fn malloc<T: Element>(device: &Device, kind: UsmKind, n: usize) -> Result<*mut T> {
    const { assert!(size_of::<T>() > 0, "elements have a size") };
    if !device.usm(kind).has_addresses() {
        return Err(no_addresses(device, kind));
    }
    let allocation = Allocation::new(device, kind, n, size_of::<T>(), Contents::Written)?;
    let pointer = allocation.pointer.ok_or_else(|| no_addresses(device, kind))?;
    registry::keep(pointer.addr().get(), allocation.storage);
    Ok(pointer.as_ptr().cast())
}

/// Frees what one of the `malloc` functions allocated, when the commands that use it are over. Does not wait for them.
///
/// # Safety
/// - Nobody follows the pointer any more.
///
/// # Errors
/// [`ErrorKind::Invalid`] if no such allocation begins there: it was freed before, or is not one of theirs.
///
/// Source: SYCL 2020, section 4.8.3.5.
pub unsafe fn free<T>(pointer: *mut T) -> Result<()> {
    registry::release(pointer.addr()).map(drop).ok_or_else(|| {
        let text = format!(
            "{pointer:?} is not the beginning of an allocation of `malloc_device`, `malloc_host` or `malloc_shared`; it may have been freed before"
        );
        Error::new(ErrorKind::Invalid, text)
    })
}

/// The `len` elements from `pointer` on, for commands: of what one of the `malloc` functions allocated, or of an owner such as
/// [`UsmVec`](super::UsmVec). The slice keeps the allocation alive, also when it is freed meanwhile.
///
/// # Safety
/// - While a command that uses the slice may run, nobody writes the elements through a pointer, nor reads what it writes.
/// - What the host wrote through a pointer is written when such a command is submitted.
///
/// Pointers show what commands write, and commands what is written through pointers, where all that use the allocation work on
/// host memory in place, and where one of the `malloc` functions made it: the elements of an owner that no command and no guard has
/// written count as unwritten. Guards and [`Queue::update_host`](crate::Queue::update_host) need no such care.
///
/// # Errors
/// [`ErrorKind::Invalid`] if the pointer leads to no unified shared memory, or not to elements of the size of `T`;
/// [`ErrorKind::Accessor`] if the elements leave the allocation.
pub unsafe fn slice_of<T: Element>(pointer: *mut T, len: usize) -> Result<UsmSlice<T>> {
    let invalid = |text: String| Error::new(ErrorKind::Invalid, text);
    let unknown = || invalid(format!("{pointer:?} leads to no unified shared memory"));
    let (first, entry) = registry::find(pointer.addr()).ok_or_else(unknown)?;
    let storage = entry.storage().ok_or_else(unknown)?;
    let (size, offset_bytes) = (size_of::<T>(), pointer.addr() - first);
    if storage.layout.element_bytes != size || !offset_bytes.is_multiple_of(size) {
        let text = format!(
            "{pointer:?} lies {offset_bytes} bytes into an allocation of elements of {} bytes, where no element of {size} bytes begins",
            storage.layout.element_bytes
        );
        return Err(invalid(text));
    }
    let n = storage.size_bytes() / size;
    let whole = UsmSlice {
        buffer: Buffer::of_storage(storage, Range([n])),
        device: entry.device,
        kind: entry.kind,
        offset: 0,
        len: n,
    };
    let offset = offset_bytes / size;
    whole.slice(offset..offset.saturating_add(len))
}
