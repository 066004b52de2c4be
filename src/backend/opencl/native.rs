//! The objects of OpenCL under a lane, for programs that call OpenCL themselves.
//!
//! What is handed out raw stays this crate's, and says whose it is where it does not.

use super::device::OpenClLane;
use super::error::OpenClError;
use super::handle::{EventKind, Owned, QueueKind};
use super::memory;
use crate::backend::Memory;
use crate::error::{Error, Result};
use cl3::command_queue as commands;
use cl3::device as driver;
use opencl3::types::cl_int;
pub use opencl3::types::{cl_command_queue, cl_context, cl_device_id, cl_event, cl_mem, cl_platform_id};
use std::ptr;

impl OpenClLane {
    /// The context that all lanes of the device share.
    pub fn context(&self) -> cl_context {
        self.context.raw()
    }

    /// The device as its driver names it.
    pub fn device_id(&self) -> cl_device_id {
        self.opened.handle().0
    }

    /// The platform of the device.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn platform_id(&self) -> Result<cl_platform_id> {
        let device = self.device_id();
        let bytes = self
            .opened
            .driver()
            .call("clGetDeviceInfo", || driver::get_device_data(device, driver::CL_DEVICE_PLATFORM))
            .map_err(|error| error.of(format!("asking for the platform of `{}`", self.device)))?;
        Ok(handle_of(&bytes))
    }

    /// The buffer of OpenCL behind memory of this lane's device, valid as long as that.
    ///
    /// # Errors
    /// [`ErrorKind::BackendMismatch`](crate::ErrorKind::BackendMismatch) for memory of another device.
    pub fn native_memory(&self, memory: &Memory) -> Result<cl_mem> {
        memory::of(self, memory).map(|memory| memory.raw())
    }

    /// An in-order queue that nobody else uses.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn task_queue(&self) -> Result<TaskQueue<'_>> {
        self.opened.driver().check_process()?;
        let idle = self.idle_queues.lock().pop();
        let queue = match idle {
            Some(queue) => queue,
            None => self
                .opened
                .queue(true)
                .map_err(|error| error.of(format!("making a queue on `{}`", self.device.name())))?,
        };
        Ok(TaskQueue { lane: self, queue: Some(queue) })
    }
}

/// A queue that one task has for itself. Dropping it waits until everything on it is over.
pub struct TaskQueue<'l> {
    lane: &'l OpenClLane,
    /// None once it is finished.
    queue: Option<Owned<QueueKind>>,
}

impl TaskQueue<'_> {
    /// The queue; null once it is finished.
    pub fn raw(&self) -> cl_command_queue {
        self.queue.as_ref().map_or(ptr::null_mut(), Owned::raw)
    }

    /// Waits until everything on it is over.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn finish(&mut self) -> Result<()> {
        let Some(queue) = self.queue.take() else { return Ok(()) };
        let (raw, device) = (queue.raw(), &self.lane.device);
        let finished = queue.driver().call("clFinish", || commands::finish(raw));
        finished.map_err(|error| error.of(format!("what a task enqueued on `{device}`")))?;
        // Whoever retained it may go on to use it, and would be in the way of other tasks.
        if is_ours_alone(&queue) {
            self.lane.idle_queues.lock().push(queue);
        }
        Ok(())
    }
}

impl Drop for TaskQueue<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.finish() {
            tracing::error!("{error}");
        }
    }
}

fn is_ours_alone(queue: &Owned<QueueKind>) -> bool {
    let raw = queue.raw();
    let count = queue.driver().call("clGetCommandQueueInfo", || {
        commands::get_command_queue_data(raw, commands::CL_QUEUE_REFERENCE_COUNT)
    });
    count.is_ok_and(|bytes| bytes == 1u32.to_ne_bytes())
}

/// The handle that a driver answered with.
pub(super) fn handle_of<T>(bytes: &[u8]) -> *mut T {
    let address = bytes.try_into().map(usize::from_ne_bytes).unwrap_or_default();
    ptr::with_exposed_provenance_mut(address)
}

/// The handles that a driver answered with.
pub(super) fn handles_of<T>(bytes: &[u8]) -> Vec<*mut T> {
    bytes.chunks_exact(size_of::<usize>()).map(handle_of).collect()
}

/// An event that others may wait for, and that is told to be over.
pub struct UserEvent {
    event: Owned<EventKind>,
    told: bool,
}

impl UserEvent {
    /// An event in the context of a lane's device.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn new(lane: &OpenClLane) -> Result<Self> {
        let driver = lane.opened.driver();
        driver.check_process()?;
        let context = lane.context();
        let event = driver
            .call("clCreateUserEvent", || cl3::event::create_user_event(context))
            .map_err(|error| error.of(format!("making an event on `{}`", lane.device.name())))?;
        // SAFETY: the call gave one reference to a valid event.
        Ok(UserEvent { event: unsafe { Owned::new(event, driver) }, told: false })
    }

    /// The event, with a reference more, which is the caller's.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn retained(&self) -> Result<cl_event> {
        let event = self.event.raw();
        self.event
            .driver()
            // SAFETY: the event is valid as long as `self`.
            .call("clRetainEvent", || unsafe { cl3::event::retain_event(event) })
            .map_err(|error| error.of("handing an event out"))?;
        Ok(event)
    }

    /// Says that what the event stands for is over, well or not.
    pub fn tell(mut self, went_well: bool) {
        self.set(if went_well { cl3::event::CL_COMPLETE } else { FAILED });
    }

    fn set(&mut self, status: cl_int) {
        self.told = true;
        let event = self.event.raw();
        let driver = self.event.driver();
        let set = driver.call("clSetUserEventStatus", || cl3::event::set_user_event_status(event, status));
        if let Err(error) = set {
            tracing::error!(device = driver.device_name, "{error}; what waits for the event never ends");
        }
    }
}

/// The status of an event whose command failed: any below zero.
const FAILED: cl_int = -1;

impl Drop for UserEvent {
    fn drop(&mut self) {
        // Nobody must wait for ever.
        if !self.told {
            self.set(FAILED);
        }
    }
}

macro_rules! retain {
    ($name:ident, $raw:ty, $call:literal, $retain:path) => {
        /// One reference more, which is the caller's.
        ///
        /// # Safety
        /// The object is valid.
        ///
        /// # Errors
        /// What the driver reports.
        pub unsafe fn $name(raw: $raw) -> Result<()> {
            // SAFETY: the caller's promise.
            unsafe { $retain(raw) }
                .map_err(|code| OpenClError::new($call, code).of("retaining an object of OpenCL"))
        }
    };
}
retain!(retain_context, cl_context, "clRetainContext", cl3::context::retain_context);
retain!(retain_command_queue, cl_command_queue, "clRetainCommandQueue", commands::retain_command_queue);
retain!(retain_mem, cl_mem, "clRetainMemObject", cl3::memory::retain_mem_object);

/// The error of a call that the program made itself.
pub fn failed_call(code: cl_int) -> Error {
    OpenClError::new("a call of OpenCL", code).of("a call of OpenCL in the program")
}
