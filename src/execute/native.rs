//! The objects of OpenCL under devices and storages, for `interop`.

use super::work::Portion;
pub(crate) use crate::backend::opencl::OpenClLane;
pub(crate) use crate::backend::opencl::import::{everything_on, import_device, import_event, queue_parts};
pub(crate) use crate::backend::opencl::native::{
    TaskQueue, UserEvent, failed_call, retain_command_queue, retain_context, retain_mem,
};
pub use crate::backend::opencl::native::{
    cl_command_queue, cl_context, cl_device_id, cl_event, cl_mem, cl_platform_id,
};
pub(crate) use crate::backend::{Lane, Signal};
use crate::error::{Error, ErrorKind, Result};

/// A lane as one of OpenCL.
///
/// # Errors
/// [`ErrorKind::BackendMismatch`] where there is no OpenCL under it.
pub(crate) fn opencl(lane: &dyn Lane) -> Result<&OpenClLane> {
    lane.opencl().ok_or_else(|| {
        let text = format!(
            "the {} has no OpenCL under it whose objects could be used; choose an OpenCL device, for example with `Selector::by(|device| !device.is_host())`",
            lane.device()
        );
        Error::new(ErrorKind::BackendMismatch, text)
    })
}

/// The memory around a portion on a lane's device, and where in it, in bytes, the portion's buffer begins, which may be before it;
/// valid as long as the buffer has memory there.
///
/// # Errors
/// When there is no memory for it.
pub(crate) fn memory(lane: &dyn Lane, portion: &Portion) -> Result<(cl_mem, usize)> {
    let ground = portion.ground(lane)?;
    let layout = portion.storage.layout;
    let first_bytes = layout.position(ground.block.min) * layout.element_bytes;
    Ok((opencl(lane)?.native_memory(&ground.memory)?, first_bytes))
}
