//! `UsmAllocator`: containers in unified shared memory.

use super::kind::HostReachable;
use super::{allocation, raw};
use crate::error::Result;
use crate::platform::Device;
use allocator_api2::alloc::{AllocError, Allocator, Layout};
use std::fmt;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// Has the containers of `allocator-api2` and `hashbrown` live in unified shared memory of kind `K`
/// ([`OnHost`](super::OnHost) or [`Shared`](super::Shared)). Needs the feature `allocator-api2`.
///
/// A container is the host's. [`scope`](crate::scope()) lends its elements to commands, which then work on them in place; each
/// allocation is one of the driver's, so this is for few and large ones.
///
/// ```
/// use allocator_api2::vec::Vec;
/// use falx::{prelude::*, usm::{Shared, UsmAllocator}};
/// let queue = Queue::new(Selector::host())?;
/// let mut numbers = Vec::new_in(UsmAllocator::<Shared>::new(queue.device())?);
/// numbers.extend(0..100u32);
/// falx::scope(|s| {
///     let buffer = s.buffer(&mut numbers);
///     queue.submit(|h| {
///         let numbers = buffer.read_write(h);
///         h.parallel_for(100, kernel!(move |i: Id<1>| numbers[i] = 2 * numbers[i]))
///     })
/// })??;
/// assert_eq!(numbers[99], 198);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.8.3.6 (`usm_allocator`).
pub struct UsmAllocator<K> {
    device: Device,
    kind: PhantomData<K>,
}

impl<K> Clone for UsmAllocator<K> {
    fn clone(&self) -> Self {
        UsmAllocator { device: self.device.clone(), kind: PhantomData }
    }
}

impl<K: HostReachable> fmt::Debug for UsmAllocator<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UsmAllocator of {} memory of {}", K::KIND, self.device)
    }
}

impl<K: HostReachable> UsmAllocator<K> {
    /// An allocator of memory of `device`, or of a queue's device.
    ///
    /// # Errors
    /// [`ErrorKind::FeatureNotSupported`](crate::ErrorKind::FeatureNotSupported) where buffers stand in for memory with an address.
    pub fn new(device: impl AsRef<Device>) -> Result<Self> {
        let device = device.as_ref();
        match device.usm(K::KIND).has_addresses() {
            true => Ok(UsmAllocator { device: device.clone(), kind: PhantomData }),
            false => Err(allocation::no_addresses(device, K::KIND)),
        }
    }
}

// SAFETY: an allocation is kept until it is freed by its address, wherever the allocator is moved; clones are alike, since
// `deallocate` goes by the address alone.
unsafe impl<K: HostReachable> Allocator for UsmAllocator<K> {
    fn allocate(&self, layout: Layout) -> std::result::Result<NonNull<[u8]>, AllocError> {
        let pointer = match layout.size() {
            0 => NonNull::without_provenance(layout_alignment(layout)),
            size_bytes => {
                let pointer = raw::malloc::<u8>(&self.device, K::KIND, size_bytes).map_err(|_| AllocError)?;
                NonNull::new(pointer).ok_or(AllocError)?
            }
        };
        if pointer.addr().get().is_multiple_of(layout.align()) {
            return Ok(NonNull::slice_from_raw_parts(pointer, layout.size()));
        }
        // SAFETY: nobody was given it. It began there, so freeing it is no error.
        let _ = unsafe { raw::free(pointer.as_ptr()) };
        Err(AllocError)
    }

    unsafe fn deallocate(&self, pointer: NonNull<u8>, layout: Layout) {
        if layout.size() == 0 {
            return;
        }
        // SAFETY: the caller promises that `allocate` gave the pointer, and that nobody follows it any more.
        if let Err(error) = unsafe { raw::free(pointer.as_ptr()) } {
            tracing::error!("{error}");
        }
    }
}

/// An address that is aligned as `layout` asks.
fn layout_alignment(layout: Layout) -> std::num::NonZero<usize> {
    std::num::NonZero::new(layout.align()).unwrap_or(std::num::NonZero::<usize>::MIN)
}
