//! Lets programs link OpenCL where only the library to run with is installed, without the link `libOpenCL.so` that packages
//! for development add: makes that link for them.

use std::path::Path;

/// Where systems keep libraries.
const FOLDERS: [&str; 6] = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/lib64",
    "/usr/local/lib",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = std::env::var_os("OUT_DIR").expect("cargo says where to write");
    let link = Path::new(&out).join("libOpenCL.so");
    let folders = || FOLDERS.iter().map(Path::new);
    if link.exists() {
        return println!("cargo::rustc-link-search=native={}", Path::new(&out).display());
    }
    if folders().any(|folder| folder.join("libOpenCL.so").exists()) {
        return;
    }
    let library = folders().map(|folder| folder.join("libOpenCL.so.1")).find(|library| library.exists());
    if let Some(library) = library
        && make_link(&library, &link)
    {
        println!("cargo::rustc-link-search=native={}", Path::new(&out).display());
    }
}

#[cfg(unix)]
fn make_link(library: &Path, link: &Path) -> bool {
    // One that leads nowhere any more may be in the way.
    let _ = std::fs::remove_file(link);
    std::os::unix::fs::symlink(library, link).is_ok()
}

#[cfg(not(unix))]
fn make_link(_library: &Path, _link: &Path) -> bool {
    false
}
