//! `PooledLane`: a lane whose memory comes from a pool. All else is as on the lane behind it.

use super::device_pool::DevicePool;
use super::lanes::Served;
use crate::backend::opencl::OpenClLane;
use crate::backend::{CopyBox, Lane, Launch, Memory, Program, Signal, Sum, UsmMemory};
use crate::error::Result;
use crate::kernel::Source;
use crate::platform::{Device, UsmKind};
use std::sync::Arc;

/// A lane of a device with a memory of its own.
pub(super) struct PooledLane {
    pub(super) lane: Arc<dyn Lane>,
    pub(super) pool: Arc<DevicePool>,
    /// Who knows what the commands ahead have.
    pub(super) engine: Served,
}

// A method that is left out would have the answer for lanes that do not know it, in place of this lane's.
#[deny(clippy::missing_trait_methods)]
impl Lane for PooledLane {
    fn device(&self) -> &Device {
        self.lane.device()
    }

    fn compile(&self, source: &Source) -> Result<Arc<Program>> {
        self.lane.compile(source)
    }

    fn allocate(&self, size_bytes: usize) -> Result<Memory> {
        let device = self.lane.device().id();
        self.pool.allocate(&*self.lane, size_bytes, |take| self.engine.get()?.inherit(device, take))
    }

    fn part(&self, whole: &Memory, offset_bytes: usize, size_bytes: usize) -> Result<Memory> {
        self.lane.part(whole, offset_bytes, size_bytes)
    }

    unsafe fn adopt(&self, pointer: *mut u8, size_bytes: usize) -> Result<Memory> {
        // SAFETY: the caller's promise.
        unsafe { self.lane.adopt(pointer, size_bytes) }
    }

    fn allocate_usm(&self, kind: UsmKind, size_bytes: usize) -> Result<UsmMemory> {
        self.lane.allocate_usm(kind, size_bytes)
    }

    unsafe fn launch(&self, launch: &Launch<'_>) -> Result<Arc<dyn Signal>> {
        // SAFETY: the caller's promise.
        unsafe { self.lane.launch(launch) }
    }

    unsafe fn copy(&self, copy: &CopyBox<'_>) -> Result<Arc<dyn Signal>> {
        // SAFETY: the caller's promise.
        unsafe { self.lane.copy(copy) }
    }

    unsafe fn fill(
        &self,
        memory: &Memory,
        pattern: &[u8],
        offset_bytes: usize,
        size_bytes: usize,
    ) -> Result<Arc<dyn Signal>> {
        // SAFETY: the caller's promise.
        unsafe { self.lane.fill(memory, pattern, offset_bytes, size_bytes) }
    }

    unsafe fn sum(&self, from: &[&Memory], to: &Memory, sum: &Sum) -> Result<Arc<dyn Signal>> {
        // SAFETY: the caller's promise.
        unsafe { self.lane.sum(from, to, sum) }
    }

    fn flush(&self) {
        self.lane.flush();
    }

    fn opencl(&self) -> Option<&OpenClLane> {
        self.lane.opencl()
    }

    fn driver_calls(&self) -> u64 {
        self.lane.driver_calls()
    }
}
