//! `TrapRecords`: the memory in which launches report failed checks, one record for each launch in flight.
//!
//! A record belongs to one launch at a time, so a failure is never ascribed to another. It is read when the launch is seen
//! complete, which somebody waits for anyway; launches whose checks were all proven away have none.

use super::kernels::Compiled;
use super::pool::{Block, Pool};
use crate::backend::{At, CopyBox, Lane, Memory, Place, Signal};
use crate::error::{Error, ErrorKind, Result};
use crate::kernel::{LaunchShape, SLOTS, WORDS, decode, is_clear};
use crate::platform::MemoryId;
use parking_lot::Mutex;
use std::sync::Arc;

const RECORD_BYTES: usize = SLOTS * WORDS * 8;

/// The memory for one launch's failed checks: on the host, and on the device where that is elsewhere.
pub(crate) struct TrapRecord {
    // Declared before `host`: the device object must go before the memory under it.
    device: Memory,
    host: Block,
    separate: bool,
}

/// The records of all lanes.
pub(crate) struct TrapRecords {
    free: Vec<Mutex<Vec<Arc<TrapRecord>>>>,
}

impl TrapRecords {
    pub(crate) fn new(n_devices: usize) -> Self {
        TrapRecords { free: (0..n_devices).map(|_| Mutex::default()).collect() }
    }

    /// A clear record for one launch.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub(crate) fn take(&self, lane: &dyn Lane) -> Result<Arc<TrapRecord>> {
        if let Some(record) = self.free[lane.device().id().0 as usize].lock().pop() {
            return Ok(record);
        }
        let host = Pool::global().take(RECORD_BYTES)?;
        let separate = lane.device().memory() != MemoryId::HOST;
        // SAFETY: the block has at least RECORD_BYTES bytes, and nothing else knows it yet.
        unsafe { std::ptr::write_bytes(host.pointer(), 0, RECORD_BYTES) };
        let device = match separate {
            true => lane.allocate(RECORD_BYTES)?,
            // SAFETY: the block lives in the record beside the memory and is dropped after it; a record is only given
            // up after its launch was seen complete.
            false => unsafe { lane.adopt(host.pointer(), host.size_bytes()) }?,
        };
        Ok(Arc::new(TrapRecord { host, device, separate }))
    }

    /// Takes a record back whose launch is over, and clears it.
    pub(crate) fn give_back(&self, lane: usize, mut record: Arc<TrapRecord>) {
        // Another thread may have found the launch complete at the same time and be reading still; the record then goes
        // with that thread.
        let Some(own) = Arc::get_mut(&mut record) else { return };
        if !is_clear(own.words()) {
            // SAFETY: the block has RECORD_BYTES bytes; the launch that used it is over, and nobody else has the record.
            unsafe { std::ptr::write_bytes(own.host.pointer(), 0, RECORD_BYTES) };
        }
        self.free[lane].lock().push(record);
    }
}

impl TrapRecord {
    /// The memory that the kernel writes to.
    pub(crate) fn memory(&self) -> &Memory {
        &self.device
    }

    /// Whether the device has a copy of its own, which must be cleared before the launch and fetched after it.
    pub(crate) fn is_separate(&self) -> bool {
        self.separate
    }

    /// Clears the device's copy.
    ///
    /// # Errors
    /// What the driver reports.
    pub(crate) fn prepare(&self, lane: &dyn Lane) -> Result<Arc<dyn Signal>> {
        // SAFETY: the memory has RECORD_BYTES bytes; the record is kept until its launch is over.
        unsafe { lane.fill(&self.device, &[0; 8], 0, RECORD_BYTES) }
    }

    /// Fetches the device's copy.
    ///
    /// # Errors
    /// What the driver reports.
    pub(crate) fn fetch(&self, lane: &dyn Lane) -> Result<Arc<dyn Signal>> {
        let place = |at| Place { at, origin: [0; 3], extent: [1, 1, RECORD_BYTES] };
        let copy = CopyBox {
            from: place(At::Memory(&self.device)),
            to: place(At::Host(self.host.pointer())),
            extent: [1, 1, RECORD_BYTES],
            element_bytes: 1,
        };
        // SAFETY: both sides have RECORD_BYTES bytes; the record is kept until its launch is over.
        unsafe { lane.copy(&copy) }
    }

    fn words(&self) -> &[u64] {
        // SAFETY: the block has RECORD_BYTES initialised bytes, aligned to 4096; the launch that wrote them is complete,
        // and no other uses this record.
        unsafe { std::slice::from_raw_parts(self.host.pointer().cast::<u64>(), SLOTS * WORDS) }
    }

    /// The first failure that a complete launch reported, if any. Answers the same however often it is asked.
    ///
    /// # Errors
    /// The failure: kernel, file, line, work-item, and what the check found.
    pub(crate) fn result(&self, kernel: &Compiled, shape: &LaunchShape) -> Result<()> {
        if is_clear(self.words()) {
            return Ok(());
        }
        let site = |_launch, code: u16| kernel.source.sites.get(usize::from(code).checked_sub(1)?).copied();
        let text = decode(self.words(), site)
            .map(|trap| trap.site.describe(kernel.source.title(), trap.item, shape));
        let text = text.unwrap_or_else(|| format!("kernel `{}`: a check failed", kernel.source.title()));
        Err(Error::new(ErrorKind::Kernel, text))
    }
}
