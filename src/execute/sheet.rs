//! `Sheets`: memory that a launch writes its reports into, and that the host reads when the launch is over.
//!
//! A sheet belongs to one launch at a time, so a report is never ascribed to another. Which words mean what is for
//! `traps` and `prints` to say.

use super::pool::{Block, Pool};
use crate::backend::{At, CopyBox, Lane, Memory, Place, Signal};
use crate::error::Result;
use crate::platform::{DeviceId, MemoryId};
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The memory for one launch: on the host, and on the device where that is elsewhere.
pub(crate) struct Sheet {
    // Declared before `host`: the device object must go before the memory under it.
    device: Memory,
    host: Block,
    separate: bool,
    n_words: usize,
}

/// Sheets that no launch uses, for each lane.
#[derive(Default)]
pub(crate) struct Sheets {
    free: Mutex<FxHashMap<DeviceId, Vec<Arc<Sheet>>>>,
}

impl Sheets {
    /// A clear sheet of so many words for one launch.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub(crate) fn take(&self, lane: &dyn Lane, n_words: usize) -> Result<Arc<Sheet>> {
        if let Some(sheet) = self.reuse(lane.device().id(), n_words) {
            return Ok(sheet);
        }
        let bytes = n_words * size_of::<u64>();
        let host = Pool::global().take_uncounted(bytes)?;
        let separate = lane.device().memory() != MemoryId::HOST;
        // SAFETY: the block has at least that many bytes, and nothing else knows it yet.
        unsafe { std::ptr::write_bytes(host.pointer(), 0, bytes) };
        let device = match separate {
            true => lane.allocate(bytes)?,
            // SAFETY: the block lives in the sheet beside the memory and is dropped after it; a sheet is only given up
            // after its launch was seen complete.
            false => unsafe { lane.adopt(host.pointer(), host.size_bytes()) }?,
        };
        Ok(Arc::new(Sheet { host, device, separate, n_words }))
    }

    fn reuse(&self, device: DeviceId, n_words: usize) -> Option<Arc<Sheet>> {
        let mut free = self.free.lock();
        let free = free.get_mut(&device)?;
        let position = free.iter().rposition(|sheet| sheet.n_words == n_words)?;
        Some(free.swap_remove(position))
    }

    /// Takes a sheet back whose launch is over, and clears its first `n_words` words if anything `is_written`.
    pub(crate) fn give_back(
        &self,
        device: DeviceId,
        mut sheet: Arc<Sheet>,
        n_words: usize,
        is_written: impl Fn(&[u64]) -> bool,
    ) {
        // Another thread may have found the launch complete at the same time and be reading still; the sheet then goes
        // with that thread.
        let Some(own) = Arc::get_mut(&mut sheet) else { return };
        if is_written(own.words()) {
            let bytes = n_words.min(own.n_words) * size_of::<u64>();
            // SAFETY: the block has that many bytes; the launch that used it is over, and nobody else has the sheet.
            unsafe { std::ptr::write_bytes(own.host.pointer(), 0, bytes) };
        }
        self.free.lock().entry(device).or_default().push(sheet);
    }
}

impl Sheet {
    /// The memory that the kernel writes to.
    pub(crate) fn memory(&self) -> &Memory {
        &self.device
    }

    /// Whether the device has a copy of its own, which must be cleared before the launch and fetched after it.
    pub(crate) fn is_separate(&self) -> bool {
        self.separate
    }

    /// Clears the first words of the device's copy.
    ///
    /// # Errors
    /// What the driver reports.
    pub(crate) fn prepare(&self, lane: &dyn Lane, n_words: usize) -> Result<Arc<dyn Signal>> {
        let bytes = n_words.min(self.n_words) * size_of::<u64>();
        // SAFETY: the memory has that many bytes; the sheet is kept until its launch is over.
        unsafe { lane.fill(&self.device, &[0; 8], 0, bytes) }
    }

    /// Fetches the device's copy.
    ///
    /// # Errors
    /// What the driver reports.
    pub(crate) fn fetch(&self, lane: &dyn Lane) -> Result<Arc<dyn Signal>> {
        let bytes = self.n_words * size_of::<u64>();
        let place = |at| Place { at, origin: [0; 3], extent: [1, 1, bytes] };
        let copy = CopyBox {
            from: place(At::Memory(&self.device)),
            to: place(At::Host(self.host.pointer())),
            extent: [1, 1, bytes],
            element_bytes: 1,
        };
        // SAFETY: both sides have that many bytes; the sheet is kept until its launch is over.
        unsafe { lane.copy(&copy) }
    }

    /// What a complete launch wrote.
    pub(crate) fn words(&self) -> &[u64] {
        // SAFETY: the block has that many initialised words, aligned to 4096; the launch that wrote them is complete, and
        // no other uses this sheet.
        unsafe { std::slice::from_raw_parts(self.host.pointer().cast::<u64>(), self.n_words) }
    }
}
