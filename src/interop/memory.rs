//! Buffers of OpenCL as buffers of falx.

use super::cl_mem;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::native;
use crate::geometry::{Layout, Range};
use crate::memory::{Buffer, Element};
use crate::platform::Device;
use crate::runtime::runtime;

/// A buffer over a buffer of OpenCL, which commands on `device` use in place; it holds the elements, in row-major order, from
/// its beginning on. Commands elsewhere and the host get copies.
///
/// falx retains the `cl_mem`, and releases it when the buffer and all commands that use it are gone. It never gives up the
/// memory for others, and does not count it ([`memory_use`](crate::memory_use)).
///
/// While falx has the buffer, what happens to the elements outside of falx's commands must be ordered against these by events,
/// and falx does not see it: it may have brought the elements elsewhere, and changed them there. Work on them in an
/// [interop task](crate::Handler::interop_task), or bring them back with [`Queue::prefetch`](crate::Queue::prefetch) first.
///
/// ```
/// use falx::{interop, prelude::*};
/// use opencl3::memory::{Buffer as ClBuffer, CL_MEM_READ_WRITE, ClMem};
/// use opencl3::{context::Context, device::Device};
/// # let queue = Queue::new(Selector::default())?;
/// # if queue.device().is_host() { return Ok(()); }
/// # let id = interop::device_id(queue.device())?;
/// // A program that has a context and a buffer of its own.
/// let context = Context::from_device(&Device::new(id)).expect("the driver makes a context");
/// // SAFETY: no memory of the host is given.
/// let theirs = unsafe { ClBuffer::<u32>::create(&context, CL_MEM_READ_WRITE, 4, std::ptr::null_mut()) }?;
///
/// // SAFETY: all handles are valid.
/// let device = unsafe { interop::import_device(context.get(), id) }?;
/// let numbers: Buffer<u32> = unsafe { interop::import_buffer(&device, theirs.get(), 4) }?;
/// Queue::on(&device)?.fill(&numbers, 7)?;
/// assert_eq!(*numbers.host_read()?, [7; 4]);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// # Safety
/// - `mem` is a valid buffer of OpenCL.
/// - Nothing but falx's commands through this buffer touches its elements while these use them; a second buffer over the same
///   `cl_mem` counts as something else.
/// - It is aligned for `T`: a buffer over host memory begins where the program had it begin.
///
/// # Errors
/// [`ErrorKind::BackendMismatch`] if the buffer is in another context than the device, and on the host device;
/// [`ErrorKind::FeatureNotSupported`] if the device works on host memory in place: see
/// [`import_device`](super::import_device); [`ErrorKind::LengthMismatch`] if the buffer is smaller than `range`;
/// [`ErrorKind::Invalid`] for what is no buffer, or may not be both read and written.
///
/// Source: SYCL 2020, section 4.5.1.3 (`make_buffer`).
pub unsafe fn import_buffer<T: Element, const D: usize>(
    device: &Device,
    mem: cl_mem,
    range: impl Into<Range<D>>,
) -> Result<Buffer<T, D>> {
    const { assert!(D >= 1 && D <= 3, "a buffer has 1 to 3 dimensions") };
    const { assert!(size_of::<T>() > 0, "a buffer's elements have a size") };
    let range = range.into();
    let layout = Layout { extent: range.padded(), element_bytes: size_of::<T>() };
    let size_bytes = layout.extent.iter().try_fold(size_of::<T>(), |size, extent| size.checked_mul(*extent));
    let size_bytes = size_bytes.ok_or_else(|| {
        let text =
            format!("a buffer of {:?} elements is larger than any memory; use a smaller range", range.0);
        Error::new(ErrorKind::Invalid, text)
    })?;
    let lane = native::opencl(&**runtime().lane(device.id())?)?;
    // SAFETY: the caller's promise.
    let memory = unsafe { lane.import_memory(mem, size_bytes) }?;
    Ok(Buffer::of_storage(runtime().storage_on(layout, device, memory), range))
}
