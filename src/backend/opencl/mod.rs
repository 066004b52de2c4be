//! OpenCL devices, through the functions and the loader of `cl3`.
//!
//! Turns what [`Lane`](super::Lane) is told into calls of OpenCL. The only place that names `cl3`, `opencl3` or their
//! types. None of `opencl3`'s owners is used here, because their drops panic. The driver library is loaded when the
//! first function is called, so falx builds and runs where there is none.

mod copy;
mod device;
mod discover;
mod error;
mod fill;
pub mod foreign;
mod handle;
pub mod import;
mod launch;
mod memory;
pub mod native;
mod probe;
mod program;
mod signal;
mod sum;
mod usm;

#[cfg(test)]
mod tests;

pub use device::{LaneOptions, OpenClLane};
pub use discover::{Found, discover};
