//! Says how long expansions take, when asked: `FALX_MACRO_TIMES=file` has each append its name and microseconds.

use std::fs::OpenOptions;
use std::io::Write;
use std::time::Instant;

/// Runs an expansion, and notes how long it took where that is wanted.
pub fn timed<T>(name: &str, expand: impl FnOnce() -> T) -> T {
    let Some(file) = std::env::var_os("FALX_MACRO_TIMES") else { return expand() };
    let start = Instant::now();
    let expanded = expand();
    let elapsed = start.elapsed().as_micros();
    let opened = OpenOptions::new().create(true).append(true).open(file);
    // A measurement that cannot be noted must not fail the build.
    let _ = opened.and_then(|mut file| writeln!(file, "{name} {elapsed}"));
    expanded
}
