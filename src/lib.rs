//! falx: heterogeneous programming in the manner of SYCL. Kernels in Rust, on OpenCL devices and on the host.
//!
//! A program makes [buffers](Buffer), submits command groups to [queues](Queue), and writes its kernels in Rust beside the
//! rest. falx runs them on OpenCL CPU and GPU devices and on the host itself, works out who waits for whom, and moves data
//! only when and where it is needed.
//!
//! ```
//! use falx::prelude::*;
//!
//! let queue = Queue::new(Selector::default())?; // The best device here; the host itself where there is no OpenCL.
//! let a = Buffer::from(vec![1.0f32; 1024]);
//! let b = Buffer::from(vec![2.0f32; 1024]);
//! let c = Buffer::<f32>::new(1024); // No contents yet: reading it before something writes it is an error.
//!
//! let scale = 0.5; // Captured; its type comes from the kernel.
//! queue.submit(|h| {
//!     let (a, b) = (a.read(h), b.read(h));
//!     let c = c.write(h).no_init();
//!     h.parallel_for(1024, kernel!(move |i: Id<1>| c[i] = scale * (a[i] + b[i])))
//! })?;
//!
//! assert_eq!(c.host_read()?[0], 1.5); // Waits for the kernel, and brings the data home if it is away.
//! # Ok::<(), falx::Error>(())
//! ```
//!
//! # Kernels
//!
//! [`kernel!`] takes a closure and [`macro@kernel_fn`] a function; functions that kernels call are marked [`macro@device`].
//! The first parameter says what a work-item knows of its place: [`Id`], [`Item`] or [`NdItem`], or a plain `usize` or
//! `[usize; D]`. Everything else is captured: accessors, scalars, arrays of scalars. A kernel means the same on every
//! device: integers wrap, shifts mask, casts saturate, indices are checked, and a failed check is an error at the next wait
//! that says which kernel, line, work-item, index and length.
//!
//! # Work and data
//!
//! [`Queue::submit`] runs its closure at once, to collect one command and what it reads and writes; the command itself runs
//! later, after every earlier command that it conflicts with, on whatever queue, device or thread. [`Buffer::host_read`]
//! and [`Buffer::host_write`] are the host's turn. [`scope`] lends memory that is merely borrowed. [`trace`] counts what
//! was done and every byte that moved.
//!
//! # The way of a command
//!
//! ```text
//! Command   what was asked, with its requirements (buffer, region, mode)
//!   -> Task     ordered: who waits for whom, by overlapping regions
//!   -> Step     zero, copy or run, on a device, with the steps it waits for
//!   -> Signal   the backend's own completion
//!   -> Event    what the program waits on
//! ```

#![cfg_attr(not(test), warn(clippy::unwrap_used))]

mod backend;
mod error;
mod execute;
mod geometry;
pub mod interop;
mod kernel;
mod memory;
mod plan;
mod platform;
mod queue;
mod runtime;
mod sync;

pub mod algorithm;
pub mod num;
pub mod trace;

// The macros name falx by its path, also in its own tests.
#[allow(unused_extern_crates)]
extern crate self as falx;

pub use error::{Error, ErrorKind, Result};
pub use execute::PrintSink;
pub use falx_macros::{device, kernel, kernel_fn, operator};
pub use geometry::{Id, NdRange, Range};
pub use half::f16;
pub use kernel::{
    Capture, Combine, CombineBits, DeviceType, DeviceValue, Group, Item, Kernel, NdItem, SpecConstant,
    SubGroup, Unchecked, WorkItem, uniform,
};
pub use memory::{
    Accessible, Accessor, AtomicBits, AtomicElement, AtomicReference, Buffer, Element, HostIndex, HostRead,
    HostWrite, Lent, LentBuffer, LentSlice, LoadOrder, Local, LocalAccessor, LocalArray, MemoryOrder, Read,
    ReadWrite, Reducer, Scope, Slice, SliceMut, StoreOrder, Write, local, memory_use, mode, order, pool_use,
    scope, set_memory_budget, set_pool_policy, set_spill_directory,
};
pub use platform::{
    Aspects, Device, DeviceKind, Limits, MemoryUse, PlatformInfo, PoolPolicy, PoolUse, Selector,
};
pub use platform::{describe as describe_devices, list as list_devices};
pub use queue::foreign;
pub use queue::{CommandResult, Event, EventStatus, Handler, HostArguments, Profiling, Queue, QueueOptions};
pub use runtime::{LiveBuffer, devices, live_buffers, platform_problems};
pub use vector::names::*;
pub use vector::{Lane, Vector};

/// The page of the kernel language, whose examples the tests run.
#[cfg(doctest)]
#[doc = include_str!("../docs/KERNELS.md")]
mod kernels_page {}

/// The page of buffers and memory, whose examples the tests run.
#[cfg(doctest)]
#[doc = include_str!("../docs/MEMORY.md")]
mod memory_page {}

/// The page of interoperation with OpenCL, whose examples the tests run.
#[cfg(doctest)]
#[doc = include_str!("../docs/INTEROP.md")]
mod interop_page {}

/// Short vectors: `F32x4` and all others, with OpenCL's layout, on the host and in kernels.
pub mod vector {
    pub use crate::kernel::vector::*;
}

/// Unified shared memory: allocations that belong to a device, the host or both. See [`UsmVec`](usm::UsmVec), and
/// [`malloc_shared`](usm::malloc_shared) for programs that are ported from SYCL.
pub mod usm {
    pub use crate::memory::usm::*;
    pub use crate::platform::{UsmKind, UsmSource};
    pub use crate::queue::Advice;
}

/// Reductions: see [`Handler::parallel_for_reduce`].
pub mod reduction {
    pub use crate::kernel::{Operator, operator};
    pub use crate::queue::{Reduction, Reductions, and, max, min, or, product, reduction, sum, xor};
}

/// What nearly every program that uses falx names.
pub mod prelude {
    pub use crate::vector::names::*;
    pub use crate::{
        Accessor, Buffer, Device, DeviceKind, Error, ErrorKind, Event, EventStatus, Group, Handler, Id, Item,
        Kernel, Local, LocalAccessor, NdItem, NdRange, PrintSink, Queue, QueueOptions, Range, Read,
        ReadWrite, Selector, Slice, SliceMut, SpecConstant, SubGroup, Vector, Write, device, f16, kernel,
        kernel_fn, operator,
    };
}

/// What the macros expand to. Not for use by hand: nothing here is covered by semantic versioning.
#[doc(hidden)]
pub mod __private {
    pub use crate::kernel::arrays::ArrayMethods;
    pub use crate::kernel::closures::{BoolMethods, OptionMethods, ResultMethods};
    pub use crate::kernel::instance::*;
    pub use crate::kernel::library;
    pub use crate::kernel::meeting::Meeting;
    pub use crate::kernel::ordering::{Comparison, OrderingMethods, PartialComparison, TotalComparison};
    pub use crate::kernel::overload::*;
    pub use crate::kernel::tree;
    pub use crate::kernel::twin::*;
    pub use crate::kernel::{
        AccessMode, Asks, IntoShape, ItemKind, ItemOf, Joining, Launch, Made, Proof, Scalar, Space, Variant,
        ViewShape, made, needed_checks, opencl_c, proofs,
    };
    pub use crate::kernel::{
        Argument, Closed, Constant, Described, DeviceType, DeviceValue, FieldValue, Gap, Mixed, Type,
        Uniform, ValueBytes, Witness, WitnessList, kernel, struct_alignment, struct_size, value_argument,
        witness, witnesses,
    };
    pub use crate::kernel::{NoOperator, operator_argument};
    pub use crate::memory::FieldElement;
    pub use bytemuck;
}
