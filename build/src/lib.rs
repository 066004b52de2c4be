//! Turns a folder of OpenCL C kernels into typed launchers for falx, in a crate's `build.rs`.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), falx_build::Error> {
//!     falx_build::Folder::new("kernels").launchers("kernels.rs")
//! }
//! ```
//!
//! ```text
//! // main.rs
//! mod kernels {
//!     include!(concat!(env!("OUT_DIR"), "/kernels.rs"));
//! }
//! // kernels/blend.cl with `__kernel void blend(__global const float *a, __global float *c, float keep)` becomes
//! // `kernels::blend::blend(&a, &c, keep)`, which `h.parallel_for_foreign` takes.
//! ```
//!
//! Names and types come from the source, so a mismatch is a compile error. A file `blend.spv` (SPIR-V) or `blend.bin` (what a
//! driver made of a program) beside `blend.cl` is launched in place of the text, with the parameters of the text.
//! Needs no OpenCL and no device.

mod parse;
mod print;
mod types;

pub use parse::{Kernel, Parameter, kernels};
pub use types::{Scalar, Space, Type};

use std::fmt;
use std::path::{Path, PathBuf};

/// What is wrong with a folder of kernels: the file, the line where there is one, and what to do.
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
// Cargo shows the error that `main` returns by this.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for Error {}

/// A folder of `.cl` files, relative to the crate.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder; relative to the `Cargo.toml` of the crate that is built.
    pub fn new(folder: impl AsRef<Path>) -> Self {
        let root = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(PathBuf::new, PathBuf::from);
        Folder(root.join(folder))
    }

    /// Writes a module for each file into `OUT_DIR/output`: `SOURCE`, and a function for each of its kernels.
    ///
    /// # Errors
    /// A file that cannot be read, or a parameter whose type has no counterpart in Rust.
    pub fn launchers(&self, output: &str) -> Result<(), Error> {
        let mut text = String::new();
        for path in self.files()? {
            text.push_str(&module(&path)?);
        }
        write_output(output, &text)
    }

    /// Writes a constant with the text of each file, named as the file in capitals, into `OUT_DIR/output`.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn texts(&self, output: &str) -> Result<(), Error> {
        let mut text = String::new();
        for path in self.files()? {
            let (name, content) = (stem(&path)?, read(&path)?);
            let shown = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            text.push_str(&format!(
                "/// `{shown}`.\npub const {}: &str = {content:?};\n",
                name.to_uppercase()
            ));
        }
        write_output(output, &text)
    }

    /// The `.cl` files, sorted so that equal folders give equal builds.
    fn files(&self) -> Result<Vec<PathBuf>, Error> {
        println!("cargo::rerun-if-changed={}", self.0.display());
        let entries = std::fs::read_dir(&self.0)
            .map_err(|error| Error(format!("cannot read the folder {}: {error}", self.0.display())))?;
        let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
        let mut files: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|extension| extension == "cl")).collect();
        files.sort();
        Ok(files)
    }
}

/// The module of one file.
fn module(path: &Path) -> Result<String, Error> {
    let (name, text) = (stem(path)?, read(path)?);
    let found = kernels(&text).map_err(|error| Error(format!("{}:{error}", path.display())))?;
    let beside = |extension: &str| Some(path.with_extension(extension)).filter(|path| path.exists());
    let code = match (beside("spv"), beside("bin")) {
        (Some(module), _) => print::Code::SpirV(module),
        (None, Some(binary)) => print::Code::Binary(binary),
        (None, None) => print::Code::OpenClC,
    };
    Ok(print::module(&name, path, &text, &code, &found))
}

fn stem(path: &Path) -> Result<String, Error> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_name = stem
        .chars()
        .enumerate()
        .all(|(at, c)| c == '_' || c.is_ascii_alphabetic() || at > 0 && c.is_ascii_digit());
    match is_name && !stem.is_empty() {
        true => Ok(stem.to_owned()),
        false => Err(Error(format!(
            "{}: the file's name becomes a module's; use letters, digits and `_`",
            path.display()
        ))),
    }
}

fn read(path: &Path) -> Result<String, Error> {
    println!("cargo::rerun-if-changed={}", path.display());
    std::fs::read_to_string(path).map_err(|error| Error(format!("cannot read {}: {error}", path.display())))
}

fn write_output(output: &str, text: &str) -> Result<(), Error> {
    let folder = std::env::var_os("OUT_DIR")
        .ok_or_else(|| Error("`OUT_DIR` is not set; call this from a `build.rs`".to_owned()))?;
    let path = Path::new(&folder).join(output);
    std::fs::write(&path, text).map_err(|error| Error(format!("cannot write {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The module of `triple.cl` in a folder where these files stand beside it.
    fn module_beside(others: &[&str]) -> String {
        let name = format!("falx-build-{}-{}", std::process::id(), others.join("-"));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let text = folder.join("triple.cl");
        std::fs::write(&text, "__kernel void triple(__global uint *to, uint add) {}").unwrap();
        others.iter().for_each(|other| std::fs::write(folder.join(other), "code").unwrap());
        let module = module(&text).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        module
    }

    #[test]
    fn spir_v_and_binaries_beside_the_text_are_launched_in_its_place() {
        let text = module_beside(&[]);
        assert!(
            text.contains(
                "CODE: ::falx::foreign::ForeignCode = ::falx::foreign::ForeignCode::OpenClC(SOURCE);"
            ),
            "{text}"
        );
        let binary = module_beside(&["triple.bin"]);
        assert!(
            binary.contains("ForeignCode::Binary(include_bytes!(") && binary.contains("triple.bin\"))"),
            "{binary}"
        );
        let module = module_beside(&["triple.bin", "triple.spv"]);
        assert!(
            module.contains("ForeignCode::SpirV(include_bytes!(") && module.contains("triple.spv\"))"),
            "{module}"
        );
        // The parameters are those of the text.
        assert!(module.contains("add: u32"), "{module}");
    }
}
