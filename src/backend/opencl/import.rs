//! Turns what the program made with OpenCL into falx's: a context into a lane, a buffer into memory, an event into a signal.
//!
//! Everything is retained, so that both sides release what they own; and checked as far as a driver can be asked.

use super::device::{LaneOptions, OpenClLane, Opened};
use super::discover::{self, Found};
use super::error::OpenClError;
use super::handle::{ContextKind, DeviceHandle, Driver, EventKind, MemoryKind, Owned};
use super::memory::OpenClMemory;
use super::native::{cl_command_queue, cl_context, cl_device_id, cl_event, cl_mem, handle_of, handles_of};
use super::signal::{EventSignal, Work};
use crate::backend::{Lane, Memory, Signal};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Device, DeviceId, MemoryId};
use cl3::command_queue as commands;
use cl3::memory as objects;
use once_cell::sync::OnceCell;
use std::ptr;
use std::sync::Arc;

/// A lane of a device in a context of the program's own. The device has number `number`, and a memory of its own: what is
/// in the context is reached through the context alone.
///
/// # Safety
/// The context and the device are valid.
///
/// # Errors
/// [`ErrorKind::Invalid`] if the device is not in the context; what makes a device unusable for falx; what the driver reports.
pub unsafe fn import_device(
    context: cl_context,
    device: cl_device_id,
    number: DeviceId,
) -> Result<Arc<dyn Lane>> {
    check_not_null(context, "cl_context")?;
    check_not_null(device, "cl_device_id")?;
    check_in_context(context, device)?;
    let info = discover::device_of_the_program(device, number)?;
    let driver = Driver::leak(info.name.clone());
    // SAFETY: the caller says that it is valid.
    let retained = driver.call("clRetainContext", || unsafe { cl3::context::retain_context(context) });
    retained.map_err(taking_over)?;
    // SAFETY: the reference is the one that was made just now.
    let context = unsafe { Owned::<ContextKind>::new(context, driver) };
    let opened = Arc::new(Opened::in_context(DeviceHandle(device), driver, context));
    let found = Found { device: Device(Arc::new(info)), opened };
    Ok(Arc::new(found.open(LaneOptions { profiling: true })?))
}

fn taking_over(error: OpenClError) -> Error {
    error.of("taking a context over")
}

fn check_in_context(context: cl_context, device: cl_device_id) -> Result<()> {
    let devices = cl3::context::get_context_data(context, cl3::context::CL_CONTEXT_DEVICES);
    let devices = devices.map_err(|code| taking_over(OpenClError::new("clGetContextInfo", code)))?;
    let devices: Vec<cl_device_id> = handles_of(&devices);
    if devices.contains(&device) {
        return Ok(());
    }
    let text = format!(
        "device {device:?} is not among the {} devices of context {context:?}; pass one of `CL_CONTEXT_DEVICES`",
        devices.len()
    );
    Err(Error::new(ErrorKind::Invalid, text))
}

fn check_not_null<T>(handle: *mut T, what: &str) -> Result<()> {
    if handle.is_null() {
        return Err(Error::new(
            ErrorKind::Invalid,
            format!("the `{what}` is null; pass one that OpenCL gave"),
        ));
    }
    Ok(())
}

/// What buffers must not be made with, and why.
const REFUSED: [(u64, &str); 4] = [
    (objects::CL_MEM_READ_ONLY | objects::CL_MEM_WRITE_ONLY, "kernels may not both read and write it"),
    (objects::CL_MEM_HOST_WRITE_ONLY, "the host may not read it"),
    (objects::CL_MEM_HOST_READ_ONLY, "the host may not write it"),
    (objects::CL_MEM_HOST_NO_ACCESS, "the host may not touch it"),
];

impl OpenClLane {
    /// A buffer of the program's own as memory of this lane's device, retained.
    ///
    /// # Safety
    /// `mem` is valid.
    ///
    /// # Errors
    /// [`ErrorKind::FeatureNotSupported`] if the device works on host memory in place; [`ErrorKind::BackendMismatch`] if the
    /// buffer is in another context; [`ErrorKind::LengthMismatch`] if it has less than `size_bytes`; [`ErrorKind::Invalid`]
    /// for images and for buffers that not everybody may read and write.
    pub unsafe fn import_memory(&self, mem: cl_mem, size_bytes: usize) -> Result<Memory> {
        check_not_null(mem, "cl_mem")?;
        let driver = self.opened.driver();
        driver.check_process()?;
        if self.device.memory() == MemoryId::HOST {
            let text = format!(
                "`{}` works on host memory in place, where a buffer that OpenCL allocated has no place; import its context with `interop::import_device`, and the buffer on the device that this gives",
                self.device
            );
            return Err(Error::new(ErrorKind::FeatureNotSupported, text));
        }
        self.check_memory(mem, size_bytes)?;
        // SAFETY: the caller says that it is valid.
        let retained = driver.call("clRetainMemObject", || unsafe { objects::retain_mem_object(mem) });
        retained.map_err(|error| error.of("taking a buffer over"))?;
        // SAFETY: the reference is the one that was made just now.
        let buffer = unsafe { Owned::<MemoryKind>::new(mem, driver) };
        Ok(Memory::new(OpenClMemory::new(buffer, Arc::clone(&self.context))))
    }

    fn check_memory(&self, mem: cl_mem, size_bytes: usize) -> Result<()> {
        let ask = |property| {
            let asked = self
                .opened
                .driver()
                .call("clGetMemObjectInfo", || objects::get_mem_object_data(mem, property));
            asked.map_err(|error| error.of("asking what a `cl_mem` is"))
        };
        let number = |property| ask(property).map(|bytes| discover::number(&bytes));
        if number(objects::CL_MEM_TYPE)? != u64::from(objects::CL_MEM_OBJECT_BUFFER) {
            return Err(Error::new(
                ErrorKind::Invalid,
                "the `cl_mem` is no buffer but an image or a pipe; pass a buffer",
            ));
        }
        let context: cl_context = handle_of(&ask(objects::CL_MEM_CONTEXT)?);
        if context != self.context.raw() {
            let text = format!(
                "the `cl_mem` is in context {context:?}, but device `{}` in context {:?}; import the device of its context with `interop::import_device`",
                self.device,
                self.context.raw()
            );
            return Err(Error::new(ErrorKind::BackendMismatch, text));
        }
        let there_bytes = number(objects::CL_MEM_SIZE)?;
        if there_bytes < size_bytes as u64 {
            let text = format!(
                "the `cl_mem` holds {there_bytes} bytes, but a buffer of the given range takes {size_bytes}; use a smaller range"
            );
            return Err(Error::new(ErrorKind::LengthMismatch, text));
        }
        check_flags(number(objects::CL_MEM_FLAGS)?)
    }
}

fn check_flags(flags: u64) -> Result<()> {
    let Some((_, why)) = REFUSED.iter().find(|(refused, _)| flags & refused != 0) else { return Ok(()) };
    let text = format!("the `cl_mem` was made so that {why}; make it with `CL_MEM_READ_WRITE` alone");
    Err(Error::new(ErrorKind::Invalid, text))
}

/// The context and the device of a queue of the program's own.
///
/// # Safety
/// `queue` is valid.
///
/// # Errors
/// What the driver reports.
pub unsafe fn queue_parts(queue: cl_command_queue) -> Result<(cl_context, cl_device_id)> {
    check_not_null(queue, "cl_command_queue")?;
    let ask = |property| {
        let asked = commands::get_command_queue_data(queue, property);
        asked.map_err(|code| OpenClError::new("clGetCommandQueueInfo", code).of("taking a queue over"))
    };
    Ok((handle_of(&ask(commands::CL_QUEUE_CONTEXT)?), handle_of(&ask(commands::CL_QUEUE_DEVICE)?)))
}

/// The completion of everything that is on a queue of the program's own by now.
///
/// # Safety
/// `queue` is valid.
///
/// # Errors
/// What the driver reports.
pub unsafe fn everything_on(queue: cl_command_queue) -> Result<Arc<dyn Signal>> {
    let driver = program_driver();
    let failed = |error: OpenClError| error.of("asking when a queue is done");
    // SAFETY: the caller says that the queue is valid; there are no events to wait for.
    let marker = driver.call("clEnqueueMarkerWithWaitList", || unsafe {
        commands::enqueue_marker_with_wait_list(queue, 0, ptr::null())
    });
    // SAFETY: the call gave one reference to a valid event.
    let event = unsafe { Owned::<EventKind>::new(marker.map_err(failed)?, driver) };
    driver.call("clFlush", || commands::flush(queue)).map_err(failed)?;
    Ok(Arc::new(EventSignal::new(event, Work::Imported, false)))
}

/// Through whom the commands of the program's own are asked about.
fn program_driver() -> &'static Driver {
    static DRIVER: OnceCell<&'static Driver> = OnceCell::new();
    DRIVER.get_or_init(|| Driver::leak("the program's own".to_owned()))
}

/// An event of the program's own, retained, as the completion of something.
///
/// # Safety
/// `event` is valid.
///
/// # Errors
/// What the driver reports.
pub unsafe fn import_event(event: cl_event) -> Result<Arc<dyn Signal>> {
    check_not_null(event, "cl_event")?;
    let driver = program_driver();
    let failed = |error: OpenClError| error.of("taking an event over");
    // SAFETY: the caller says that it is valid.
    driver.call("clRetainEvent", || unsafe { cl3::event::retain_event(event) }).map_err(failed)?;
    // SAFETY: the reference is the one that was made just now.
    let owned = unsafe { Owned::<EventKind>::new(event, driver) };
    flush_queue_of(event, driver).map_err(failed)?;
    Ok(Arc::new(EventSignal::new(owned, Work::Imported, false)))
}

/// Waiting for an event starts nothing that is still in its queue.
fn flush_queue_of(event: cl_event, driver: &'static Driver) -> Result<(), OpenClError> {
    let bytes = driver
        .call("clGetEventInfo", || cl3::event::get_event_data(event, cl3::event::CL_EVENT_COMMAND_QUEUE))?;
    let queue: cl_command_queue = handle_of(&bytes);
    // Events that the program completes have none.
    if queue.is_null() { Ok(()) } else { driver.call("clFlush", || commands::flush(queue)) }
}
