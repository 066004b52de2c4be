//! Events of falx as events of OpenCL, and the other way round.

use super::cl_event;
use crate::error::Result;
use crate::execute::native::{self, UserEvent};
use crate::platform::Device;
use crate::queue::Event;
use crate::runtime::runtime;

/// An event in the context of `device` that is complete when a command of falx is, whatever that is and wherever it runs, for
/// commands of the program's own to wait for. Its status is below zero if the command failed. Does not wait.
///
/// What is returned owns a reference; falx has another until the command is over.
///
/// ```
/// use falx::{interop, prelude::*};
/// # let queue = Queue::new(Selector::default())?;
/// # if queue.device().is_host() { return Ok(()); }
/// let numbers = Buffer::<u32>::new(4);
/// let filled = queue.fill(&numbers, 7)?;
/// let event = interop::export_event(&filled, queue.device())?;
/// event.wait()?; // Or in the list of events that a command waits for.
/// assert_eq!(filled.status(), EventStatus::Complete);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::BackendMismatch`](crate::ErrorKind::BackendMismatch) for the host device; what the driver reports.
///
/// Source: SYCL 2020, section 4.5.1.2 (`get_native`).
pub fn export_event(event: &Event, device: &Device) -> Result<opencl3::event::Event> {
    let lane = native::opencl(&**runtime().lane(device.id())?)?;
    let promise = UserEvent::new(lane)?;
    let exported = opencl3::event::Event::new(promise.retained()?);
    let over = event.clone();
    let tell = move || {
        // It is over, so this does not wait.
        promise.tell(over.wait().is_ok());
        Ok(())
    };
    Event::of_host_task("exported event", &[event], Box::new(tell))?;
    Ok(exported)
}

/// An event of falx that is complete when one of OpenCL is, for commands that
/// [depend on it](crate::Handler::depends_on). [`Event::wait`] gives its failure as an error; commands that depend on it run
/// all the same. Does not wait.
///
/// falx retains the event until it is complete.
///
/// # Safety
/// `event` is a valid event of OpenCL.
///
/// # Errors
/// What the driver reports.
///
/// Source: SYCL 2020, section 4.5.1.3 (`make_event`).
pub unsafe fn import_event(event: cl_event) -> Result<Event> {
    // SAFETY: the caller's promise.
    let signal = unsafe { native::import_event(event) }?;
    Event::of_host_task("imported event", &[], Box::new(move || signal.wait()))
}
