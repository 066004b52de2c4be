//! `OpenClMemory`: a buffer of OpenCL as the [`Memory`] of the contract.

use super::device::OpenClLane;
use super::handle::{ContextKind, MemoryKind, Owned};
use crate::backend::Memory;
use crate::error::{Error, ErrorKind, Result};
use opencl3::types::cl_mem;
use std::sync::Arc;

/// A buffer, or host memory that poses as one.
pub(super) struct OpenClMemory {
    buffer: Owned<MemoryKind>,
    context: Arc<Owned<ContextKind>>,
    /// What it is a part of.
    _whole: Option<Memory>,
}

impl OpenClMemory {
    pub(super) fn new(buffer: Owned<MemoryKind>, context: Arc<Owned<ContextKind>>) -> Self {
        OpenClMemory { buffer, context, _whole: None }
    }

    /// A part of `whole`, which it keeps.
    pub(super) fn part(buffer: Owned<MemoryKind>, context: Arc<Owned<ContextKind>>, whole: Memory) -> Self {
        OpenClMemory { _whole: Some(whole), ..OpenClMemory::new(buffer, context) }
    }

    #[inline]
    pub(super) fn raw(&self) -> cl_mem {
        self.buffer.raw()
    }
}

/// The buffer behind `memory`, which must belong to the lane's device.
#[inline]
pub(super) fn of<'m>(lane: &OpenClLane, memory: &'m Memory) -> Result<&'m OpenClMemory> {
    memory
        .inner
        .downcast_ref::<OpenClMemory>()
        .filter(|memory| Arc::ptr_eq(&memory.context, &lane.context))
        .ok_or_else(|| {
            let text = format!("memory of another device was given to `{}`", lane.device.name());
            Error::new(ErrorKind::BackendMismatch, text)
        })
}
