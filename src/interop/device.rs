//! Devices as handles of OpenCL, and contexts of the program's own as devices.

use super::{cl_command_queue, cl_context, cl_device_id, cl_platform_id};
use crate::error::Result;
use crate::execute::native::{self, OpenClLane};
use crate::platform::Device;
use crate::queue::{Event, Queue};
use crate::runtime::runtime;
use once_cell::sync::OnceCell;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;

fn lane(device: &Device) -> Result<&'static OpenClLane> {
    native::opencl(&**runtime().lane(device.id())?)
}

/// The context of a device, which all queues and buffers there are in. It is falx's, which keeps it until the process ends.
///
/// # Errors
/// [`ErrorKind::BackendMismatch`](crate::ErrorKind::BackendMismatch) for the host device; what the driver reports if the
/// device cannot be used.
///
/// ```
/// use falx::{interop, prelude::*};
/// let queue = Queue::new(Selector::default())?;
/// match interop::context(queue.device()) {
///     Ok(context) => assert!(!context.is_null()),
///     Err(error) => assert_eq!(error.kind(), ErrorKind::BackendMismatch), // The host device has none.
/// }
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.5.1.2 (`get_native`).
pub fn context(device: &Device) -> Result<cl_context> {
    lane(device).map(OpenClLane::context)
}

/// A device, as its driver names it.
///
/// # Errors
/// As for [`context`].
pub fn device_id(device: &Device) -> Result<cl_device_id> {
    lane(device).map(OpenClLane::device_id)
}

/// The platform of a device.
///
/// # Errors
/// As for [`context`].
pub fn platform_id(device: &Device) -> Result<cl_platform_id> {
    lane(device)?.platform_id()
}

/// A context and one of its devices, by their addresses.
type Place = (usize, usize);

/// The devices that were imported. Each keeps its context, so that no other context gets its address.
static IMPORTED: Mutex<Option<FxHashMap<Place, Arc<OnceCell<Device>>>>> = Mutex::new(None);

/// A device in a context of the program's own, for queues on which buffers of that context can be used:
/// [`import_buffer`](super::import_buffer).
///
/// The device is one of its own: [`devices`](crate::devices) does not list it, and it has a memory of its own, also where it
/// is a CPU: elements are copied between that and the host's. It has nine tenths of the hardware's memory as its budget, as falx's
/// device on the same hardware has; where both are used, [`set_memory_budget`](crate::set_memory_budget) divides between them. For the same context and device it is always the same. falx
/// retains the context, and keeps it until the process ends.
///
/// # Safety
/// Both are valid handles of OpenCL.
///
/// # Errors
/// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if the device is not in the context;
/// [`ErrorKind::Platform`](crate::ErrorKind::Platform) if falx cannot use it; what the driver reports.
///
/// Source: SYCL 2020, section 4.5.1.3 (`make_context`, `make_device`).
pub unsafe fn import_device(context: cl_context, device: cl_device_id) -> Result<Device> {
    let place = (context.addr(), device.addr());
    let imported = IMPORTED.lock().get_or_insert_default().entry(place).or_default().clone();
    let device = imported.get_or_try_init(|| {
        // SAFETY: the caller's promise.
        runtime().add_device(|number| unsafe { native::import_device(context, device, number) })
    })?;
    Ok(device.clone())
}

/// A queue on the device of a queue of the program's own, in the same context: that of [`import_device`]. Its commands run in
/// the order of their submission, and begin after everything that is on the other queue by now.
///
/// falx enqueues nothing but a marker on the other queue, and what the program enqueues there later is not ordered against falx's commands:
/// pass events ([`export_event`](super::export_event), [`import_event`](super::import_event)), or use the queue in an
/// [interop task](crate::Handler::interop_task).
///
/// # Safety
/// `queue` is a valid queue of OpenCL.
///
/// # Errors
/// As for [`import_device`].
///
/// Source: SYCL 2020, section 4.5.1.3 (`make_queue`).
pub unsafe fn import_queue(queue: cl_command_queue) -> Result<Queue> {
    // SAFETY: the caller's promise; what a valid queue is of is valid.
    let (device, signal) = unsafe {
        let (context, device) = native::queue_parts(queue)?;
        (import_device(context, device)?, native::everything_on(queue)?)
    };
    let imported = Queue::in_order(&device)?;
    imported.begin_after(&Event::of_host_task("imported queue", &[], Box::new(move || signal.wait()))?);
    Ok(imported)
}
