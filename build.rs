//! Embeds `kernels/*.cl` as constants of the crate. Needs no device and no OpenCL.

fn main() -> Result<(), falx_build::Error> {
    falx_build::Folder::new("kernels").texts("kernels.rs")
}
