//! falx's objects as owners of the crate `opencl3`, each with a reference of its own.
//!
//! An owner of `opencl3` releases its reference when it is dropped, and panics if the driver refuses that.

use super::task::{Interop, NativeMemory};
use crate::error::{Error, Result};
use crate::execute::native;
use crate::platform::Device;
/// The crate whose owners falx gives, in the version that has them.
pub use opencl3;
use opencl3::command_queue::CommandQueue;
use opencl3::context::Context;
use opencl3::error_codes::ClError;
use opencl3::memory::Buffer;

/// How many dimensions a launch may have: falx uses no device with less than OpenCL's three.
const DIMENSIONS: u32 = 3;

/// The context of a device as an owner of `opencl3`, with a reference of its own: [`context`](super::context).
///
/// # Errors
/// As for [`context`](super::context).
pub fn opencl3_context(device: &Device) -> Result<Context> {
    let (context, id) = (super::context(device)?, super::device_id(device)?);
    // SAFETY: falx keeps the context until the process ends.
    unsafe { native::retain_context(context) }?;
    Ok(Context::new(context, &[id]))
}

impl Interop<'_> {
    /// The context as an owner of `opencl3`, with a reference of its own.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn opencl3_context(&self) -> Result<Context> {
        opencl3_context(self.device())
    }

    /// [`Interop::queue`] as an owner of `opencl3`, with a reference of its own. If it lives longer than the task, falx gives
    /// the queue to no other task, and waits no more for what comes onto it.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn opencl3_queue(&self) -> Result<CommandQueue> {
        let queue = self.queue()?;
        // SAFETY: the queue is falx's, so valid.
        unsafe { native::retain_command_queue(queue) }?;
        Ok(CommandQueue::new(queue, DIMENSIONS))
    }
}

impl NativeMemory<'_> {
    /// [`NativeMemory::mem`] as an owner of `opencl3`, with a reference of its own. Its elements begin at
    /// [`NativeMemory::offset_bytes`]. If it lives longer than the task, it may only be dropped: falx may free the memory under it.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn opencl3_buffer<T>(&self) -> Result<Buffer<T>> {
        // SAFETY: the buffer is falx's, so valid while the task runs, and this cannot outlive it.
        unsafe { native::retain_mem(self.mem()) }?;
        Ok(Buffer::new(self.mem()))
    }
}

impl From<ClError> for Error {
    /// The error of a call of OpenCL that the program made itself, so that `?` takes it in an interop task.
    fn from(error: ClError) -> Self {
        native::failed_call(error.0)
    }
}
