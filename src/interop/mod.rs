//! OpenCL by hand: turns falx's objects into those of OpenCL, and those of OpenCL into falx's, for programs that call OpenCL
//! themselves. [`Handler::interop_task`](crate::Handler::interop_task) has such calls take their place among falx's commands.
//!
//! Raw handles that falx gives are its own; owners have a reference of their own; what falx takes, it retains.
//!
//! Owns nothing beyond references, and decides nothing about order or copies: tasks that call OpenCL are commands as all
//! others, and what comes from elsewhere becomes a device, a buffer or an event as all others.

mod device;
mod event;
mod memory;
mod owners;
mod task;

pub use crate::execute::native::{
    cl_command_queue, cl_context, cl_device_id, cl_event, cl_mem, cl_platform_id,
};
pub use device::{context, device_id, import_device, import_queue, platform_id};
pub use event::{export_event, import_event};
pub use memory::import_buffer;
pub use owners::{opencl3, opencl3_context};
pub use task::{Interop, InteropArguments, NativeMemory};
