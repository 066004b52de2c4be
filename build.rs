//! Embeds `kernels/*.cl` as constants of the crate. Needs no device and no OpenCL. With `FALX_SHUTTLE=1` the locks of the crate are
//! such as `shuttle` decides about, for falx's own tests of schedules.

fn main() -> Result<(), falx_build::Error> {
    println!("cargo::rustc-check-cfg=cfg(shuttle)");
    println!("cargo::rerun-if-env-changed=FALX_SHUTTLE");
    if std::env::var_os("FALX_SHUTTLE").is_some_and(|value| value == "1") {
        println!("cargo::rustc-cfg=shuttle");
    }
    falx_build::Folder::new("kernels").texts("kernels.rs")
}
