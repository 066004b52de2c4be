//! Turns a copy of a box into a command: the plain one where the box is one run of bytes on both ends, else the
//! rectangular one.

use super::device::OpenClLane;
use super::memory;
use super::signal::{Complete, Work};
use crate::backend::{At, CopyBox, Place, Signal};
use crate::error::{Error, ErrorKind, Result};
use cl3::command_queue as commands;
use opencl3::types::{CL_NON_BLOCKING, cl_command_queue, cl_event, cl_int, cl_mem};
use std::ptr;
use std::sync::Arc;

/// # Safety
/// As for [`crate::backend::Lane::copy`].
pub(super) unsafe fn copy(lane: &OpenClLane, copy: &CopyBox<'_>) -> Result<Arc<dyn Signal>> {
    if copy.extent.contains(&0) || copy.element_bytes == 0 {
        return Ok(Arc::new(Complete));
    }
    let ends = (end(lane, &copy.from)?, end(lane, &copy.to)?);
    let (from, to) = (Layout::of(&copy.from, copy), Layout::of(&copy.to, copy));
    if from.is_run && to.is_run {
        let size = copy.extent.iter().product::<usize>() * copy.element_bytes;
        // SAFETY: the caller promises that both places hold the box.
        return unsafe { copy_run(lane, ends, from.start_bytes, to.start_bytes, size) };
    }
    let [slow, middle, fast] = copy.extent;
    // SAFETY: as above.
    unsafe { copy_rows(lane, ends, &from, &to, [fast * copy.element_bytes, middle, slow]) }
}

/// One end of a copy, as the driver names it.
#[derive(Clone, Copy)]
enum End {
    Buffer(cl_mem),
    Host(*mut u8),
}

fn end(lane: &OpenClLane, place: &Place<'_>) -> Result<End> {
    match place.at {
        At::Memory(memory) => Ok(End::Buffer(memory::of(lane, memory)?.raw())),
        At::Host(pointer) => Ok(End::Host(pointer)),
    }
}

/// Where a box lies in a memory, in bytes and in OpenCL's order.
struct Layout {
    origin: [usize; 3],
    row_bytes: usize,
    slice_bytes: usize,
    /// The first byte of the box.
    start_bytes: usize,
    /// Whether no byte lies between the bytes of the box.
    is_run: bool,
}

impl Layout {
    fn of(place: &Place<'_>, copy: &CopyBox<'_>) -> Self {
        let [slow, middle, fast] = place.origin;
        let row_bytes = place.extent[2] * copy.element_bytes;
        let slice_bytes = place.extent[1] * row_bytes;
        let origin = [fast * copy.element_bytes, middle, slow];
        let start_bytes = slow * slice_bytes + middle * row_bytes + origin[0];
        Layout { origin, row_bytes, slice_bytes, start_bytes, is_run: is_run(copy.extent, place.extent) }
    }
}

/// Whether a box of the extent `part` is one run of elements in memory of the extent `whole`.
fn is_run(part: [usize; 3], whole: [usize; 3]) -> bool {
    let one_row = part[0] == 1 && part[1] == 1;
    let whole_rows = part[2] == whole[2];
    let one_slice = part[0] == 1;
    one_row || (whole_rows && (one_slice || part[1] == whole[1]))
}

fn host_to_host(lane: &OpenClLane) -> Error {
    let text = format!("a copy from host memory to host memory was given to `{}`", lane.device.name());
    Error::new(ErrorKind::Invalid, text)
}

/// # Safety
/// Both ends hold `size` bytes from their start on and stay alive until the signal is complete.
unsafe fn copy_run(
    lane: &OpenClLane,
    ends: (End, End),
    from: usize,
    to: usize,
    size: usize,
) -> Result<Arc<dyn Signal>> {
    let queue = lane.queue.raw();
    match ends {
        (End::Buffer(buffer), End::Host(host)) => lane.submit("clEnqueueReadBuffer", Work::Copy, || {
            // SAFETY: the caller's promise.
            unsafe {
                let host = host.add(to).cast();
                commands::enqueue_read_buffer(
                    queue,
                    buffer,
                    CL_NON_BLOCKING,
                    from,
                    size,
                    host,
                    0,
                    ptr::null(),
                )
            }
        }),
        (End::Host(host), End::Buffer(buffer)) => lane.submit("clEnqueueWriteBuffer", Work::Copy, || {
            // SAFETY: the caller's promise.
            unsafe {
                let host = host.add(from).cast_const().cast();
                commands::enqueue_write_buffer(queue, buffer, CL_NON_BLOCKING, to, size, host, 0, ptr::null())
            }
        }),
        (End::Buffer(source), End::Buffer(target)) => lane.submit("clEnqueueCopyBuffer", Work::Copy, || {
            // SAFETY: the caller's promise.
            unsafe { commands::enqueue_copy_buffer(queue, source, target, from, to, size, 0, ptr::null()) }
        }),
        (End::Host(_), End::Host(_)) => Err(host_to_host(lane)),
    }
}

/// # Safety
/// Both ends hold the region (bytes, rows, slices) at their origin and stay alive until the signal is complete.
unsafe fn copy_rows(
    lane: &OpenClLane,
    ends: (End, End),
    from: &Layout,
    to: &Layout,
    region: [usize; 3],
) -> Result<Arc<dyn Signal>> {
    let queue = lane.queue.raw();
    match ends {
        (End::Buffer(buffer), End::Host(host)) => lane.submit("clEnqueueReadBufferRect", Work::Copy, || {
            // SAFETY: the caller's promise.
            unsafe { read_rows(queue, (buffer, from), (host, to), region) }
        }),
        (End::Host(host), End::Buffer(buffer)) => lane.submit("clEnqueueWriteBufferRect", Work::Copy, || {
            // SAFETY: the caller's promise.
            unsafe { write_rows(queue, (host, from), (buffer, to), region) }
        }),
        (End::Buffer(source), End::Buffer(target)) => {
            lane.submit("clEnqueueCopyBufferRect", Work::Copy, || {
                // SAFETY: the caller's promise.
                unsafe { copy_rows_between(queue, (source, from), (target, to), region) }
            })
        }
        (End::Host(_), End::Host(_)) => Err(host_to_host(lane)),
    }
}

/// # Safety
/// As for [`copy_rows`]; the queue and the buffer are of one context.
unsafe fn read_rows(
    queue: cl_command_queue,
    (buffer, from): (cl_mem, &Layout),
    (host, to): (*mut u8, &Layout),
    region: [usize; 3],
) -> Result<cl_event, cl_int> {
    // SAFETY: the caller's promise; the arrays outlive the call.
    unsafe {
        commands::enqueue_read_buffer_rect(
            queue,
            buffer,
            CL_NON_BLOCKING,
            from.origin.as_ptr(),
            to.origin.as_ptr(),
            region.as_ptr(),
            from.row_bytes,
            from.slice_bytes,
            to.row_bytes,
            to.slice_bytes,
            host.cast(),
            0,
            ptr::null(),
        )
    }
}

/// # Safety
/// As for [`copy_rows`]; the queue and the buffer are of one context.
unsafe fn write_rows(
    queue: cl_command_queue,
    (host, from): (*mut u8, &Layout),
    (buffer, to): (cl_mem, &Layout),
    region: [usize; 3],
) -> Result<cl_event, cl_int> {
    // SAFETY: the caller's promise; the arrays outlive the call.
    unsafe {
        commands::enqueue_write_buffer_rect(
            queue,
            buffer,
            CL_NON_BLOCKING,
            to.origin.as_ptr(),
            from.origin.as_ptr(),
            region.as_ptr(),
            to.row_bytes,
            to.slice_bytes,
            from.row_bytes,
            from.slice_bytes,
            host.cast_const().cast(),
            0,
            ptr::null(),
        )
    }
}

/// # Safety
/// As for [`copy_rows`]; the queue and the buffers are of one context.
unsafe fn copy_rows_between(
    queue: cl_command_queue,
    (source, from): (cl_mem, &Layout),
    (target, to): (cl_mem, &Layout),
    region: [usize; 3],
) -> Result<cl_event, cl_int> {
    // SAFETY: the caller's promise; the arrays outlive the call.
    unsafe {
        commands::enqueue_copy_buffer_rect(
            queue,
            source,
            target,
            from.origin.as_ptr(),
            to.origin.as_ptr(),
            region.as_ptr(),
            from.row_bytes,
            from.slice_bytes,
            to.row_bytes,
            to.slice_bytes,
            0,
            ptr::null(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn box_is_a_run_when_nothing_of_the_memory_lies_between_its_elements() {
        assert!(is_run([1, 1, 3], [4, 5, 6]), "part of a row");
        assert!(is_run([1, 2, 6], [4, 5, 6]), "whole rows of one slice");
        assert!(is_run([2, 5, 6], [4, 5, 6]), "whole slices");
        assert!(!is_run([1, 2, 3], [4, 5, 6]), "parts of two rows");
        assert!(!is_run([2, 2, 6], [4, 5, 6]), "parts of two slices");
        assert!(!is_run([2, 1, 6], [4, 5, 6]), "a row of each of two slices");
    }
}
