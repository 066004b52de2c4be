//! Copies and fills of host memory, as jobs of a lane.

use super::host_memory;
use super::memory::HostMemory;
use crate::backend::{At, CopyBox, Memory, Place};
use crate::error::{Error, ErrorKind, Result};
use smallvec::SmallVec;
use std::ptr;
use std::sync::Arc;

/// One end of a copy, in bytes.
struct End {
    first: *mut u8,
    /// The distance between planes and between rows.
    stride_bytes: [usize; 2],
    /// Keeps the memory, if it is the device's.
    _memory: Option<Arc<HostMemory>>,
}

/// A box to copy, row by row.
pub(super) struct CopyJob {
    from: End,
    to: End,
    planes: usize,
    rows: usize,
    row_bytes: usize,
}

// SAFETY: `CopyJob::new` was promised that host memory is alive and left alone until the job is complete.
unsafe impl Send for CopyJob {}

impl CopyJob {
    /// # Safety
    /// Both places hold the box, and are alive and untouched by others until the job has run.
    pub(super) unsafe fn new(copy: &CopyBox<'_>) -> Result<Self> {
        let [planes, rows, columns] = copy.extent;
        let from = End::new(&copy.from, copy.extent, copy.element_bytes)?;
        let to = End::new(&copy.to, copy.extent, copy.element_bytes)?;
        let row_bytes = columns.checked_mul(copy.element_bytes).ok_or_else(too_large)?;
        Ok(CopyJob { from, to, planes, rows, row_bytes }.merged())
    }

    /// The same copy with rows, then planes, that lie back to back on both ends taken as one.
    fn merged(mut self) -> Self {
        if self.from.stride_bytes[1] == self.row_bytes && self.to.stride_bytes[1] == self.row_bytes {
            self.row_bytes *= self.rows;
            self.rows = 1;
            if self.from.stride_bytes[0] == self.row_bytes && self.to.stride_bytes[0] == self.row_bytes {
                self.row_bytes *= self.planes;
                self.planes = 1;
            }
        }
        self
    }

    pub(super) fn run(self) -> Result<()> {
        if self.row_bytes == 0 {
            return Ok(());
        }
        for plane in 0..self.planes {
            for row in 0..self.rows {
                // SAFETY: `new` was promised that both places hold every row of the box and that nobody else touches
                // them; `ptr::copy` allows rows that overlap.
                unsafe { ptr::copy(self.from.row(plane, row), self.to.row(plane, row), self.row_bytes) };
            }
        }
        Ok(())
    }
}

impl End {
    fn new(place: &Place<'_>, extent: [usize; 3], element_bytes: usize) -> Result<Self> {
        let inside =
            |d: usize| place.origin[d].checked_add(extent[d]).is_some_and(|end| end <= place.extent[d]);
        let size_bytes =
            place.extent.iter().try_fold(element_bytes, |size, &extent| size.checked_mul(extent));
        let Some(size_bytes) = size_bytes.filter(|_| (0..3).all(inside)) else { return Err(too_large()) };
        let (start, memory) = match place.at {
            At::Host(pointer) => (pointer, None),
            At::Memory(memory) => {
                let memory = host_memory(memory)?;
                check_end(size_bytes, &memory)?;
                (memory.pointer(), Some(memory))
            }
        };
        let [_, rows, columns] = place.extent;
        // Only in a memory without elements can any of this wrap around, and then nothing is copied.
        let row = columns.wrapping_mul(element_bytes);
        let stride_bytes = [rows.wrapping_mul(row), row];
        let first = (0..2).fold(
            start.wrapping_add(place.origin[2].wrapping_mul(element_bytes)),
            |first, dimension| {
                first.wrapping_add(place.origin[dimension].wrapping_mul(stride_bytes[dimension]))
            },
        );
        Ok(End { first, stride_bytes, _memory: memory })
    }

    fn row(&self, plane: usize, row: usize) -> *mut u8 {
        self.first.wrapping_add(plane * self.stride_bytes[0] + row * self.stride_bytes[1])
    }
}

/// Bytes to fill with a pattern.
pub(super) struct FillJob {
    memory: Arc<HostMemory>,
    pattern: SmallVec<[u8; 16]>,
    offset_bytes: usize,
    size_bytes: usize,
}

impl FillJob {
    /// # Safety
    /// The memory is alive and untouched by others until the job has run.
    pub(super) unsafe fn new(
        memory: &Memory,
        pattern: &[u8],
        offset_bytes: usize,
        size_bytes: usize,
    ) -> Result<Self> {
        let memory = host_memory(memory)?;
        check_end(offset_bytes.checked_add(size_bytes).ok_or_else(too_large)?, &memory)?;
        if pattern.is_empty() || !size_bytes.is_multiple_of(pattern.len()) {
            let length = pattern.len();
            let message = format!("a pattern of {length} bytes does not fill {size_bytes} bytes evenly");
            return Err(Error::new(ErrorKind::Invalid, message));
        }
        Ok(FillJob { memory, pattern: pattern.into(), offset_bytes, size_bytes })
    }

    pub(super) fn run(self) -> Result<()> {
        let first = self.memory.pointer().wrapping_add(self.offset_bytes);
        let mut filled = self.pattern.len().min(self.size_bytes);
        // SAFETY: `new` checked that the bytes lie inside the memory, and was promised that nobody else touches them.
        unsafe { ptr::copy_nonoverlapping(self.pattern.as_ptr(), first, filled) };
        // What is filled is copied behind itself, so that large fills run at the speed of a copy.
        while filled < self.size_bytes {
            let more = filled.min(self.size_bytes - filled);
            // SAFETY: as above; source and target meet at `filled` and do not overlap.
            unsafe { ptr::copy_nonoverlapping(first, first.add(filled), more) };
            filled += more;
        }
        Ok(())
    }
}

pub(super) fn check_end(end_bytes: usize, memory: &HostMemory) -> Result<()> {
    if end_bytes <= memory.size_bytes() {
        return Ok(());
    }
    let message =
        format!("{end_bytes} bytes were to be touched in a memory of {} bytes", memory.size_bytes());
    Err(Error::new(ErrorKind::Invalid, message))
}

fn too_large() -> Error {
    Error::new(ErrorKind::Invalid, "a box to copy or fill reaches beyond its memory")
}
