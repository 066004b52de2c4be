//! Finds out whether a device works on host memory in place, by trying: drivers promise nothing of the kind.

use super::device::Opened;
use super::error::OpenClError;
use super::handle::{EventKind, Owned, QueueKind};
use crate::platform::DeviceKind;
use opencl3::types::{CL_BLOCKING, cl_mem};
use std::ffi::c_void;
use std::ptr;

/// Set to `separate`, this variable gives every OpenCL device a memory of its own: a testing aid.
const VARIABLE: &str = "FALX_MEMORY";
const SIZE_BYTES: usize = 4096;
/// Buffers may begin at any element, and some drivers copy what is not aligned to a page or cache line.
const OFFSET_BYTES: usize = 4;

/// Whether a device of this `kind` sees what the host writes, and the host what it writes, without a copy.
///
/// Only CPU devices are tried. A device that fails to answer does not work in place.
pub(super) fn works_in_place(kind: DeviceKind, opened: &Opened) -> bool {
    if kind != DeviceKind::Cpu || std::env::var_os(VARIABLE).is_some_and(|value| value == "separate") {
        return false;
    }
    try_in_place(opened).unwrap_or_else(|error| {
        tracing::warn!(device = opened.driver().device_name, "probing the memory failed: {error}");
        false
    })
}

fn try_in_place(opened: &Opened) -> Result<bool, OpenClError> {
    let mut host = vec![0u64; SIZE_BYTES / 8 + 1];
    // SAFETY: `OFFSET_BYTES` is less than the 8 bytes by which `host` is longer than `SIZE_BYTES`.
    let first = unsafe { host.as_mut_ptr().cast::<u8>().add(OFFSET_BYTES) };
    let queue = opened.queue(false)?;
    // SAFETY: `host` is declared first, so it outlives the buffer.
    let buffer = unsafe { opened.adopt(first, SIZE_BYTES) }?;
    Ok(device_write_reaches_host(&queue, buffer.raw(), first)?
        && host_write_reaches_device(&queue, buffer.raw(), first)?)
}

fn device_write_reaches_host(
    queue: &Owned<QueueKind>,
    buffer: cl_mem,
    host: *mut u8,
) -> Result<bool, OpenClError> {
    let pattern = [0xa5u8; SIZE_BYTES];
    write(queue, buffer, &pattern)?;
    // SAFETY: `host` leads to `SIZE_BYTES` bytes, and the blocking write is over.
    Ok((0..SIZE_BYTES).all(|index| unsafe { ptr::read_volatile(host.add(index)) } == pattern[index]))
}

fn host_write_reaches_device(
    queue: &Owned<QueueKind>,
    buffer: cl_mem,
    host: *mut u8,
) -> Result<bool, OpenClError> {
    for index in 0..SIZE_BYTES {
        // SAFETY: `host` leads to `SIZE_BYTES` bytes, and nothing is submitted that uses them.
        unsafe { ptr::write_volatile(host.add(index), 0x5a) };
    }
    Ok(read(queue, buffer)? == [0x5a; SIZE_BYTES])
}

fn write(queue: &Owned<QueueKind>, buffer: cl_mem, bytes: &[u8; SIZE_BYTES]) -> Result<(), OpenClError> {
    let from: *const c_void = bytes.as_ptr().cast();
    // SAFETY: the buffer and `bytes` hold `SIZE_BYTES` bytes, and the call blocks until they are written.
    let event = queue.driver().call("clEnqueueWriteBuffer", || unsafe {
        cl3::command_queue::enqueue_write_buffer(
            queue.raw(),
            buffer,
            CL_BLOCKING,
            0,
            SIZE_BYTES,
            from,
            0,
            ptr::null(),
        )
    })?;
    // SAFETY: the call gave one reference to a valid event.
    drop(unsafe { Owned::<EventKind>::new(event, queue.driver()) });
    Ok(())
}

fn read(queue: &Owned<QueueKind>, buffer: cl_mem) -> Result<[u8; SIZE_BYTES], OpenClError> {
    let mut bytes = [0u8; SIZE_BYTES];
    let to: *mut c_void = bytes.as_mut_ptr().cast();
    // SAFETY: the buffer and `bytes` hold `SIZE_BYTES` bytes, and the call blocks until they are read.
    let event = queue.driver().call("clEnqueueReadBuffer", || unsafe {
        cl3::command_queue::enqueue_read_buffer(
            queue.raw(),
            buffer,
            CL_BLOCKING,
            0,
            SIZE_BYTES,
            to,
            0,
            ptr::null(),
        )
    })?;
    // SAFETY: the call gave one reference to a valid event.
    drop(unsafe { Owned::<EventKind>::new(event, queue.driver()) });
    Ok(bytes)
}
