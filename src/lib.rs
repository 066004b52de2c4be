//! falx: heterogeneous programming in the manner of SYCL. Kernels in Rust, on OpenCL devices and on the host.

#![allow(dead_code, unused_imports)] // Skeleton only.

mod backend;
mod error;
mod geometry;
mod kernel;
mod memory;
mod plan;
mod platform;

pub use error::{Error, ErrorKind, Result};
pub use geometry::{Id, NdRange, Range};
pub use kernel::{Item, Kernel, NdItem};
pub use memory::{Accessor, LocalAccessor, Read, ReadWrite, Write};
pub use platform::{Aspects, Device, DeviceKind, Limits, PlatformInfo, Selector};

/// What the macros expand to. Not for use by hand: nothing here is covered by semantic versioning.
#[doc(hidden)]
pub mod __private {
    pub use crate::kernel::tree;
    pub use crate::kernel::twin::*;
    pub use crate::kernel::{Argument, Constant, DeviceType, Type, Witness, WitnessList, kernel};
}
