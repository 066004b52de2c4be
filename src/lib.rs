//! falx: heterogeneous programming in the manner of SYCL. Kernels in Rust, on OpenCL devices and on the host.

mod backend;
mod error;
mod execute;
mod geometry;
mod kernel;
mod memory;
mod plan;
mod platform;
mod queue;
mod runtime;

pub mod algorithm;
pub mod trace;

pub use error::{Error, ErrorKind, Result};
pub use geometry::{Id, NdRange, Range};
pub use kernel::{Item, Kernel, NdItem};
pub use memory::{
    Accessor, Buffer, Element, HostRead, HostWrite, Lent, LentBuffer, LentSlice, Local, LocalAccessor, Read,
    ReadWrite, Scope, Write, mode, scope,
};
pub use platform::{Aspects, Device, DeviceKind, Limits, PlatformInfo, Selector};
pub use queue::{
    CommandResult, Event, EventStatus, Handler, HostArguments, HostTaskResult, Profiling, Queue, QueueOptions,
};
pub use runtime::{devices, platform_problems};

/// What the macros expand to. Not for use by hand: nothing here is covered by semantic versioning.
#[doc(hidden)]
pub mod __private {
    pub use crate::kernel::tree;
    pub use crate::kernel::twin::*;
    pub use crate::kernel::{Argument, Constant, DeviceType, Type, Witness, WitnessList, kernel};
}
