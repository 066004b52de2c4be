//! Unified shared memory: allocations that belong to a device, the host or both, and have an address.
//!
//! An allocation is one more thing that a buffer stands on: [`Storage`](crate::execute::Storage) owns it, so commands that use
//! it are ordered by region, like those of buffers, and it is freed when nothing can use it any more. What is new is who
//! may use it, and where it lies.

mod allocation;
#[cfg(feature = "allocator-api2")]
mod allocator;
mod kind;
mod raw;
mod registry;
mod slice;
mod vec;

#[cfg(feature = "allocator-api2")]
pub use allocator::UsmAllocator;
pub use kind::{HostReachable, Kind, OnDevice, OnHost, Shared};
pub use raw::{free, malloc_device, malloc_host, malloc_shared, slice_of};
pub use registry::{device_of, kind_of};
pub use slice::UsmSlice;
pub use vec::{UsmBox, UsmVec, device, host, shared};
