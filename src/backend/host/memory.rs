//! `HostMemory`: host memory as memory of a device, allocated here or lent.

use crate::backend::pages;
use crate::error::{Error, ErrorKind, Result};
use std::alloc::{Layout, alloc, dealloc};
use std::ptr::NonNull;
use std::sync::Arc;

/// Every allocation begins on a multiple of what the widest element is aligned to.
pub(super) const ALIGNMENT: usize = 128;

/// Bytes of the host.
pub(super) struct HostMemory {
    pointer: NonNull<u8>,
    size_bytes: usize,
    /// How it was allocated; `None` if lent.
    layout: Option<Layout>,
    /// What it is a part of.
    _whole: Option<Arc<HostMemory>>,
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
        Ok(HostMemory { pointer, size_bytes, layout: Some(layout), _whole: None })
    }

    /// Memory that stays the caller's.
    ///
    /// # Safety
    /// `pointer` leads to `size_bytes` initialised bytes that outlive the returned memory and everything done with it.
    pub(super) unsafe fn adopt(pointer: *mut u8, size_bytes: usize) -> Self {
        // SAFETY: what leads to bytes is not null.
        let pointer = unsafe { NonNull::new_unchecked(pointer) };
        HostMemory { pointer, size_bytes, layout: None, _whole: None }
    }

    /// A part of `whole`, which it keeps.
    pub(super) fn part(whole: Arc<HostMemory>, offset_bytes: usize, size_bytes: usize) -> Result<Self> {
        let rest = whole.size_bytes.checked_sub(offset_bytes);
        if rest.is_none_or(|rest| rest < size_bytes) {
            let text = format!(
                "a part of {size_bytes} bytes from {offset_bytes} on leaves memory of {} bytes",
                whole.size_bytes
            );
            return Err(Error::new(ErrorKind::Invalid, text));
        }
        // SAFETY: the offset was just found to lie within the allocation, which the part keeps.
        let pointer = unsafe { whole.pointer.add(offset_bytes) };
        Ok(HostMemory { pointer, size_bytes, layout: None, _whole: Some(whole) })
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
