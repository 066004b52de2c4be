//! falx beside the crate `ocl`: contexts, buffers, queues and events of `ocl` as falx's, and falx's as those of `ocl`.
//!
//! This is `falx::interop` with the types of `ocl`; what each function says holds for them as well. A program that names this
//! crate links the OpenCL library, as all do that use `ocl`, and does not start where there is none: falx itself does.
//!
//! Whatever is handed over, both sides have a reference of their own, and drop what they have in any order. Owners of `ocl`
//! panic when a driver refuses to release something.
//!
//! ```
//! use falx::prelude::*;
//! # if falx::devices()?.iter().all(Device::is_host) { return Ok(()); }
//! // A program of `ocl`, with elements of its own.
//! let theirs = ocl::ProQue::builder().src("__kernel void none() {}").dims(4).build()?;
//! let mem: ocl::Buffer<u32> = theirs.buffer_builder().fill_val(2u32).build()?;
//!
//! let queue = falx_ocl::import_queue(theirs.queue())?;
//! // SAFETY: only falx's commands use the buffer from here on.
//! let numbers = unsafe { falx_ocl::import_buffer(queue.device(), &mem, 4) }?;
//! queue.submit(|h| {
//!     let numbers = numbers.read_write(h);
//!     h.parallel_for(4, kernel!(move |i: usize| numbers[i] += i as u32))
//! })?;
//! assert_eq!(*numbers.host_read()?, [2, 3, 4, 5]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use falx::interop::{self, Interop, NativeMemory};
use falx::{Buffer, Element, Error, ErrorKind, Range, Result};
use ocl::OclPrm;
use ocl::core::{ClDeviceIdPtr, CommandQueue, DeviceId, Mem};

/// The context of a device of falx.
///
/// # Errors
/// As for [`interop::context`].
pub fn context(device: &falx::Device) -> Result<ocl::Context> {
    let context = interop::context(device)?;
    // SAFETY: falx keeps the context until the process ends; this retains it.
    Ok(unsafe { ocl::core::Context::from_raw_copied_ptr(context.cast()) }.into())
}

/// A device of falx, as `ocl` names it.
///
/// # Errors
/// As for [`interop::context`].
pub fn device(device: &falx::Device) -> Result<ocl::Device> {
    let id = interop::device_id(device)?;
    // SAFETY: falx's devices are valid.
    Ok(unsafe { DeviceId::from_raw(id.cast()) }.into())
}

/// A device in a context of `ocl`.
///
/// # Errors
/// As for [`interop::import_device`].
pub fn import_device(context: &ocl::Context, device: ocl::Device) -> Result<falx::Device> {
    // SAFETY: owners of `ocl` have valid handles.
    unsafe { interop::import_device(context.as_core().as_ptr().cast(), device.as_core().as_ptr().cast()) }
}

/// A queue on the device of a queue of `ocl`, in the same context, whose commands begin after what is on that by now.
///
/// # Errors
/// As for [`interop::import_queue`].
pub fn import_queue(queue: &ocl::Queue) -> Result<falx::Queue> {
    // SAFETY: owners of `ocl` have valid handles.
    unsafe { interop::import_queue(queue.as_core().as_ptr().cast()) }
}

/// A buffer of falx over one of `ocl`, of which it has a reference of its own.
///
/// # Safety
/// As for [`interop::import_buffer`]; the handle is valid.
///
/// # Errors
/// As for [`interop::import_buffer`].
pub unsafe fn import_buffer<T: Element + OclPrm, const D: usize>(
    device: &falx::Device,
    buffer: &ocl::Buffer<T>,
    range: impl Into<Range<D>>,
) -> Result<Buffer<T, D>> {
    // SAFETY: owners of `ocl` have valid handles; the rest is the caller's promise.
    unsafe { interop::import_buffer(device, buffer.as_core().as_ptr().cast(), range) }
}

/// An event of falx that is complete when one of `ocl` is.
///
/// # Errors
/// As for [`interop::import_event`].
pub fn import_event(event: &ocl::Event) -> Result<falx::Event> {
    // SAFETY: owners of `ocl` have valid handles, or null, which is refused.
    unsafe { interop::import_event((*event.as_core().as_ptr_ref()).cast()) }
}

/// An event of `ocl`, in the context of `device`, that is complete when one of falx is.
///
/// # Errors
/// As for [`interop::export_event`].
pub fn export_event(event: &falx::Event, device: &falx::Device) -> Result<ocl::Event> {
    let exported = interop::export_event(event, device)?;
    // SAFETY: the event is valid; this retains it, as `exported` releases what it has.
    let event = unsafe { ocl::core::Event::from_raw_copied_ptr(exported.get().cast()) };
    event.map(ocl::Event::from).map_err(|error| failed(error.into()))
}

/// The queue of an interop task, for `kernel.cmd().queue(&queue)` and all of `ocl::core`.
///
/// # Errors
/// As for [`Interop::queue`].
pub fn queue(interop: &Interop<'_>) -> Result<CommandQueue> {
    let queue = interop.queue()?;
    // SAFETY: the queue is valid while the task runs; this retains it.
    Ok(unsafe { CommandQueue::from_raw_copied_ptr(queue.cast()) })
}

/// The memory of an accessor in an interop task, as an argument of kernels (`ArgVal::mem(&mem)`) and for all of `ocl::core`. Its elements begin at
/// [`NativeMemory::offset_bytes`]. If it lives longer than the task, it may only be dropped.
pub fn mem(memory: &NativeMemory<'_>) -> Mem {
    // SAFETY: the memory is valid while the task runs; this retains it.
    unsafe { Mem::from_raw_copied_ptr(memory.mem().cast()) }
}

/// An error of `ocl` as one of falx, for what interop tasks return.
pub fn failed(error: ocl::Error) -> Error {
    Error::with_source(ErrorKind::Runtime, format!("a call of `ocl` failed: {error}"), error)
}
