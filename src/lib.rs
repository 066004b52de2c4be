//! falx: heterogeneous programming in the manner of SYCL. Kernels in Rust, on OpenCL devices and on the host.

#![cfg_attr(not(test), warn(clippy::unwrap_used))]

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

// The macros name falx by its path, also in its own tests.
#[allow(unused_extern_crates)]
extern crate self as falx;

pub use error::{Error, ErrorKind, Result};
pub use falx_macros::{device, kernel, kernel_fn};
pub use geometry::{Id, NdRange, Range};
pub use kernel::{Capture, DeviceType, Item, Kernel, NdItem, WorkItem};
pub use memory::{
    Accessor, Buffer, Element, HostRead, HostWrite, Lent, LentBuffer, LentSlice, Local, LocalAccessor, Read,
    ReadWrite, Scope, Write, mode, scope,
};
pub use platform::{Aspects, Device, DeviceKind, Limits, PlatformInfo, Selector};
pub use platform::{describe as describe_devices, list as list_devices};
pub use queue::{
    CommandResult, Event, EventStatus, Handler, HostArguments, HostTaskResult, Profiling, Queue, QueueOptions,
};
pub use runtime::{devices, platform_problems};

/// What nearly every program that uses falx names.
pub mod prelude {
    pub use crate::{
        Accessor, Buffer, Device, DeviceKind, Error, ErrorKind, Event, EventStatus, Handler, Id, Item,
        Kernel, Local, LocalAccessor, NdItem, NdRange, Queue, QueueOptions, Range, Read, ReadWrite, Selector,
        Write, device, kernel, kernel_fn,
    };
}

/// What the macros expand to. Not for use by hand: nothing here is covered by semantic versioning.
#[doc(hidden)]
pub mod __private {
    pub use crate::kernel::tree;
    pub use crate::kernel::twin::*;
    pub use crate::kernel::{Argument, Constant, DeviceType, Type, Witness, WitnessList, kernel};
}
