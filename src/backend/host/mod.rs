//! The host device: runs kernels as Rust, and copies and fills host memory, on a thread of its own.
//!
//! Never blocks the thread that submits: everything is handed to the lane's worker, in order.

mod device;
mod memory;
mod run;
mod signal;
mod sum;
mod transfer;
mod worker;

#[cfg(test)]
mod tests;

pub use device::device;

use super::{CopyBox, Lane, Launch, Memory, Program, Signal, Sum, UsmMemory};
use crate::error::{Error, ErrorKind, Result};
use crate::kernel::Source;
use crate::platform::{Device, UsmKind};
use memory::HostMemory;
use run::LaunchJob;
use std::sync::Arc;
use sum::SumJob;
use transfer::{CopyJob, FillJob};
use worker::{Job, Worker};

/// A lane of the host device.
pub struct HostLane {
    device: Device,
    worker: Worker,
}

impl HostLane {
    /// A lane of `device`, with its thread.
    ///
    /// # Errors
    /// [`ErrorKind::Runtime`] if the system gives no thread.
    pub fn new(device: Device) -> Result<Self> {
        Ok(HostLane { device, worker: Worker::start()? })
    }
}

impl Lane for HostLane {
    fn device(&self) -> &Device {
        &self.device
    }

    fn compile(&self, _source: &Source) -> Result<Arc<Program>> {
        // The kernel is there as Rust already.
        Ok(Arc::new(Program { inner: Box::new(()) }))
    }

    fn allocate(&self, size_bytes: usize) -> Result<Memory> {
        Ok(Memory::new(HostMemory::allocate(size_bytes)?))
    }

    fn part(&self, whole: &Memory, offset_bytes: usize, size_bytes: usize) -> Result<Memory> {
        Ok(Memory::new(HostMemory::part(host_memory(whole)?, offset_bytes, size_bytes)?))
    }

    unsafe fn adopt(&self, pointer: *mut u8, size_bytes: usize) -> Result<Memory> {
        // SAFETY: the caller promised that the bytes outlive the memory and all use of it.
        Ok(Memory::new(unsafe { HostMemory::adopt(pointer, size_bytes) }))
    }

    fn allocate_usm(&self, _kind: UsmKind, size_bytes: usize) -> Result<UsmMemory> {
        let memory = HostMemory::allocate(size_bytes)?;
        Ok(UsmMemory { pointer: memory.first(), owner: Box::new(memory) })
    }

    unsafe fn launch(&self, launch: &Launch<'_>) -> Result<Arc<dyn Signal>> {
        // SAFETY: the caller promised that arguments match and that memory is kept until the signal is complete.
        let job = unsafe { LaunchJob::new(launch) }?;
        self.worker.submit(Job::Launch(Box::new(job)))
    }

    unsafe fn copy(&self, copy: &CopyBox<'_>) -> Result<Arc<dyn Signal>> {
        // SAFETY: the caller promised that both places hold the box and stay alive until the signal is complete.
        let job = unsafe { CopyJob::new(copy) }?;
        self.worker.submit(Job::Copy(Box::new(job)))
    }

    unsafe fn fill(
        &self,
        memory: &Memory,
        pattern: &[u8],
        offset_bytes: usize,
        size_bytes: usize,
    ) -> Result<Arc<dyn Signal>> {
        // SAFETY: the caller promised that the memory is kept and untouched by others until the signal is complete.
        let job = unsafe { FillJob::new(memory, pattern, offset_bytes, size_bytes) }?;
        self.worker.submit(Job::Fill(Box::new(job)))
    }

    unsafe fn sum(&self, from: &[&Memory], to: &Memory, sum: &Sum) -> Result<Arc<dyn Signal>> {
        // SAFETY: the caller promised that the memories are kept, and touched by nobody else, until the signal is complete.
        let job = unsafe { SumJob::new(from, to, sum) }?;
        self.worker.submit(Job::Sum(Box::new(job)))
    }

    fn flush(&self) {}
}

/// What the host device knows of a memory.
fn host_memory(memory: &Memory) -> Result<Arc<HostMemory>> {
    memory.inner.clone().downcast::<HostMemory>().map_err(|_| {
        Error::new(ErrorKind::BackendMismatch, "memory of another device was given to the host device")
    })
}
