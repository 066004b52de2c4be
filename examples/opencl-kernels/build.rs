//! Makes launchers of the kernels in `kernels/`.

fn main() -> Result<(), falx_build::Error> {
    falx_build::Folder::new("kernels").launchers("kernels.rs")
}
