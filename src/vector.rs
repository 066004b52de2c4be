//! Short vectors: `F32x4` and all others, with OpenCL's layout, on the host and in kernels.

pub use crate::kernel::vector::*;
