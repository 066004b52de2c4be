//! The host device: runs kernels as Rust.
