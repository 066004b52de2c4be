//! `HostMemory`: host memory as memory of a device, allocated here or lent.

use crate::backend::pages;
use crate::error::{Error, ErrorKind, Result};
use std::alloc::{Layout, alloc, dealloc};
use std::ptr::NonNull;

/// Every allocation begins on a multiple of what the widest element is aligned to.
const ALIGNMENT: usize = 128;

/// Bytes of the host.
pub(super) struct HostMemory {
    pointer: NonNull<u8>,
    size_bytes: usize,
    /// How it was allocated; `None` if lent.
    layout: Option<Layout>,
}

// SAFETY: a pointer and its size. Who reads and writes the bytes, and when, is ordered by those that submit work.
unsafe impl Send for HostMemory {}
// SAFETY: as for `Send`; no method touches the bytes.
unsafe impl Sync for HostMemory {}

impl HostMemory {
    /// New memory, zeroed, because kernels may read what nothing has written.
    pub(super) fn allocate(size_bytes: usize) -> Result<Self> {
        let exhausted = || {
            let message = format!(
                "the host has no {size_bytes} bytes of memory left; free buffers or use smaller ones"
            );
            Error::new(ErrorKind::MemoryAllocation, message)
        };
        let layout = Layout::from_size_align(size_bytes.max(1), ALIGNMENT).map_err(|_| exhausted())?;
        // SAFETY: the layout's size is not zero.
        let pointer = NonNull::new(unsafe { alloc(layout) }).ok_or_else(exhausted)?;
        // SAFETY: so many bytes were allocated just now.
        unsafe { pages::fill_fresh(pointer.as_ptr(), layout.size()) };
        Ok(HostMemory { pointer, size_bytes, layout: Some(layout) })
    }

    /// Memory that stays the caller's.
    ///
    /// # Safety
    /// `pointer` leads to `size_bytes` initialised bytes that outlive the returned memory and everything done with it.
    pub(super) unsafe fn adopt(pointer: *mut u8, size_bytes: usize) -> Self {
        // SAFETY: what leads to bytes is not null.
        HostMemory { pointer: unsafe { NonNull::new_unchecked(pointer) }, size_bytes, layout: None }
    }

    pub(super) fn first(&self) -> NonNull<u8> {
        self.pointer
    }

    pub(super) fn pointer(&self) -> *mut u8 {
        self.pointer.as_ptr()
    }

    pub(super) fn size_bytes(&self) -> usize {
        self.size_bytes
    }
}

impl Drop for HostMemory {
    fn drop(&mut self) {
        if let Some(layout) = self.layout {
            // SAFETY: `allocate` got this pointer from this layout, and nothing else frees it.
            unsafe { dealloc(self.pointer.as_ptr(), layout) };
        }
    }
}
