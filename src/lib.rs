//! falx: heterogeneous programming in the manner of SYCL. Kernels in Rust, on OpenCL devices and on the host.

#![allow(dead_code, unused_imports)] // Skeleton only.

mod backend;
mod error;
mod geometry;
mod kernel;
mod memory;
mod plan;
mod platform;

// The macros name falx by its path, also in its own tests.
#[allow(unused_extern_crates)]
extern crate self as falx;

pub use error::{Error, ErrorKind, Result};
pub use falx_macros::{device, kernel, kernel_fn};
pub use geometry::{Id, NdRange, Range};
pub use kernel::{Item, Kernel, NdItem, WorkItem};
pub use memory::{Accessor, LocalAccessor, Read, ReadWrite, Write};
pub use platform::{Aspects, Device, DeviceKind, Limits, PlatformInfo, Selector};

/// What nearly every program that uses falx names.
pub mod prelude {
    pub use crate::{
        Accessor, Id, Item, Kernel, LocalAccessor, NdItem, NdRange, Range, Read, ReadWrite, Write, device,
        kernel, kernel_fn,
    };
}

/// What the macros expand to. Not for use by hand: nothing here is covered by semantic versioning.
#[doc(hidden)]
pub mod __private {
    pub use crate::kernel::tree;
    pub use crate::kernel::twin::*;
    pub use crate::kernel::{Argument, Constant, DeviceType, Type, Witness, WitnessList, kernel};
}
