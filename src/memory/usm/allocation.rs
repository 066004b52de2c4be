//! Makes the storage that stands on an allocation.

use super::registry::{self, Listed};
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{HostBlock, Storage, allocate_usm};
use crate::geometry::Layout;
use crate::platform::{Device, UsmKind};
use crate::runtime::{Contents, runtime};
use std::ptr::NonNull;
use std::sync::Arc;

/// A storage on unified shared memory, and the first address, where it has one.
pub(super) struct Allocation {
    pub(super) storage: Arc<Storage>,
    pub(super) pointer: Option<NonNull<u8>>,
}

impl Allocation {
    /// Memory for `n` elements of `element_bytes` each, which are zero or count as unwritten, as `contents` says.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`] for no elements; [`ErrorKind::MemoryAllocation`] for more than the device can allocate at once,
    /// and when it has no memory left.
    pub(super) fn new(
        device: &Device,
        kind: UsmKind,
        n: usize,
        element_bytes: usize,
        contents: Contents,
    ) -> Result<Self> {
        let size_bytes = check_size(device, kind, n, element_bytes)?;
        let layout = Layout { extent: [1, 1, n], element_bytes };
        let lane = runtime().lane(device.id())?;
        let Some((pointer, owner)) = allocate_usm(&**lane, kind, size_bytes)? else {
            let storage = runtime().storage(layout, None);
            return Ok(Allocation { storage, pointer: None });
        };
        let address = pointer.addr().get();
        let listed = Listed::new(address, size_bytes, kind, device, owner);
        // SAFETY: the memory holds so many bytes, all zero, until the owner is dropped; nobody else has it.
        let block = unsafe { HostBlock::owned(pointer, size_bytes, Box::new(listed)) };
        let storage = runtime().storage_over(layout, block, contents);
        registry::set_storage(address, &storage);
        Ok(Allocation { storage, pointer: Some(pointer) })
    }
}

fn check_size(device: &Device, kind: UsmKind, n: usize, element_bytes: usize) -> Result<usize> {
    if n == 0 {
        let text = format!("{kind} memory of `{device}` for no elements was asked for; ask for at least one");
        return Err(Error::new(ErrorKind::Invalid, text));
    }
    let limit = device.limits().max_allocation_bytes;
    n.checked_mul(element_bytes).filter(|size_bytes| *size_bytes <= limit).ok_or_else(|| {
        let text = format!(
            "{n} elements of {element_bytes} bytes of {kind} memory are more than the {limit} bytes that `{device}` can allocate at once; use several allocations"
        );
        Error::new(ErrorKind::MemoryAllocation, text)
    })
}

/// The error of what needs addresses, on a device without.
pub(super) fn no_addresses(device: &Device, kind: UsmKind) -> Error {
    let text = format!(
        "`{device}` has no {kind} memory with an address that the host shares; use `UsmVec`, which buffers stand in for there"
    );
    Error::new(ErrorKind::FeatureNotSupported, text)
}
