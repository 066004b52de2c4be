//! Embeds `kernels/*.cl` as constants of the crate. Needs no device and no OpenCL.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=kernels");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("kernels");
    let mut text = String::new();
    for path in kernel_files(&folder)? {
        embed(&path, &mut text)?;
    }
    fs::write(Path::new(&env::var("OUT_DIR")?).join("kernels.rs"), text)?;
    Ok(())
}

/// The `.cl` files, sorted so that equal folders give equal builds.
fn kernel_files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "cl") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Appends `pub const NAME: &str = "..."` for one file.
fn embed(path: &Path, text: &mut String) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", path.display());
    let name = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a kernel file has no plain name")?;
    let content = fs::read_to_string(path)?;
    writeln!(text, "/// `kernels/{name}.cl`.\npub const {}: &str = {content:?};", name.to_uppercase())?;
    Ok(())
}
