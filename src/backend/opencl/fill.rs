//! Turns a fill into a command: the driver's own for device memory, a kernel for host memory.
//!
//! Drivers of CPU devices fill slowly (Intel's takes 28 ms for 64 MiB, five times as long as the memory needs).

use super::device::OpenClLane;
use super::foreign::{self, FILL_CHUNK, FillParameters, Foreign};
use super::memory;
use super::signal::{Complete, Work};
use crate::backend::{Memory, Signal};
use crate::error::Result;
use crate::platform::MemoryId;
use std::ptr;
use std::sync::Arc;

/// # Safety
/// As for [`crate::backend::Lane::fill`].
pub(super) unsafe fn fill(
    lane: &OpenClLane,
    memory: &Memory,
    pattern: &[u8],
    offset_bytes: usize,
    size_bytes: usize,
) -> Result<Arc<dyn Signal>> {
    if size_bytes == 0 {
        return Ok(Arc::new(Complete));
    }
    if lane.device.memory() == MemoryId::HOST && 16 % pattern.len() == 0 {
        // SAFETY: the caller's promise.
        return unsafe { by_kernel(lane, memory, pattern, offset_bytes, size_bytes) };
    }
    let buffer = memory::of(lane, memory)?.raw();
    let queue = lane.queue.raw();
    // SAFETY: the caller promises that the range lies in the memory; the driver copies the pattern before it returns.
    lane.submit("clEnqueueFillBuffer", Work::Fill, || unsafe {
        cl3::command_queue::enqueue_fill_buffer(
            queue,
            buffer,
            pattern.as_ptr().cast(),
            pattern.len(),
            offset_bytes,
            size_bytes,
            0,
            ptr::null(),
        )
    })
}

/// # Safety
/// As for [`fill`]; the length of the pattern divides 16.
unsafe fn by_kernel(
    lane: &OpenClLane,
    memory: &Memory,
    pattern: &[u8],
    offset_bytes: usize,
    size_bytes: usize,
) -> Result<Arc<dyn Signal>> {
    let kernel = lane.fill.get_or_try_init(|| {
        // SAFETY: `FillParameters` is laid out as the struct in `kernels/fill.cl`.
        unsafe { Foreign::build(lane, foreign::fill()) }
    })?;
    let parameters = FillParameters {
        first: offset_bytes as u64,
        size: size_bytes as u64,
        pattern: std::array::from_fn(|index| pattern[index % pattern.len()]),
    };
    // SAFETY: the kernel writes `size` bytes from `first` on, which the caller promises to lie in the memory; work-items
    // beyond them do nothing.
    unsafe { kernel.launch(lane, &parameters, &[memory], foreign::at_least(size_bytes.div_ceil(FILL_CHUNK))) }
}
