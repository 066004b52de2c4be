//! What a kernel of a hundred lines costs before it runs: `cargo bench --bench compile`.
//!
//! Lines `case us`: `expand`, what the macro takes inside of rustc in `cargo check` with the profile that users have (the
//! macros are not optimised there); `first`, reading its tree and turning it into OpenCL C at the first launch; `lower`, the same
//! once its tree has been read; `known-launch` and `new-launch`, finding out which checks a later launch needs, for numbers that were
//! seen before and for others; `new-stencil`, the latter for a kernel of one line.

use falx::__private::{Launch, Variant, opencl_c};
use falx::prelude::*;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

include!("compile_kernel.rs");

/// The kernel's text, which is also compiled above.
const KERNEL: &str = include_str!("compile_kernel.rs");
/// How often the kernel stands in the crate that is checked.
const COPIES: usize = 8;

fn main() -> ExitCode {
    // `cargo test` runs benchmarks, too.
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let measured = expand().and_then(|expand| Ok((expand, lower()?, launch()?)));
    match measured {
        Ok((expand, (first, lower), [known, new, stencil])) => {
            println!("expand {expand:.0}\nfirst {first:.0}\nlower {lower:.0}");
            println!("known-launch {known:.3}\nnew-launch {new:.2}\nnew-stencil {stencil:.2}");
            ExitCode::SUCCESS
        }
        Err(text) => {
            eprintln!("{text}");
            ExitCode::FAILURE
        }
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Microseconds of the first lowering and printing, and of one after it.
fn lower() -> Result<(f64, f64), String> {
    let rounds = if std::env::var_os("FALX_BENCH_QUICK").is_some() { 5 } else { 200 };
    let queue = Queue::on(&host()?).map_err(|error| error.to_string())?;
    let (from, to) = (Buffer::from(vec![0.0f32; 64]), Buffer::from(vec![0.0f32; 64]));
    let counts = Buffer::from(vec![0u32; 64]);
    let mut times = Vec::new();
    let mut problem = None;
    let submitted = queue.submit(|h| {
        let make =
            || hundred_lines(from.read(h), to.read_write(h), counts.read_write(h), h.local(64), 7, 0.5);
        for _ in 0..rounds {
            let kernel = make();
            let start = Instant::now();
            let text = opencl_c(kernel, NdRange::new(64, 64), Variant::Proven);
            times.push(start.elapsed().as_secs_f64() * 1e6);
            problem = problem.take().or(text.err());
        }
        h.parallel_for(NdRange::new(64, 64), make());
    });
    submitted.and_then(|event| event.wait()).map_err(|error| error.to_string())?;
    match problem {
        Some(error) => Err(error.to_string()),
        None => Ok((times.first().copied().unwrap_or(f64::NAN), median(times))),
    }
}

/// Microseconds of finding out which checks a launch needs: known numbers, new ones, and new ones of a short kernel.
fn launch() -> Result<[f64; 3], String> {
    let queue = Queue::on(&host()?).map_err(|error| error.to_string())?;
    let (from, to) = (Buffer::from(vec![0.0f32; 64]), Buffer::from(vec![0.0f32; 64]));
    let counts = Buffer::from(vec![0u32; 64]);
    let mut launches = Err(String::new());
    let submitted = queue.submit(|h| {
        let long = hundred_lines(from.read(h), to.read_write(h), counts.read_write(h), h.local(64), 7, 0.5);
        let (from, to) = (from.read(h), to.read_write(h));
        let short = kernel!(move |i: usize| if i > 0 && i + 1 < from.range()[0] {
            to[i] = from[i - 1] + from[i] + from[i + 1];
        });
        let long = Launch::of(long, NdRange::new(64, 64));
        launches =
            long.and_then(|long| Ok((long, Launch::of(short, 64)?))).map_err(|error| error.to_string());
        h.parallel_for(1, kernel!(|_i: usize| {}))
    });
    submitted.and_then(|event| event.wait()).map_err(|error| error.to_string())?;
    let (long, short) = launches?;
    Ok([each(|| long.looked_up()), each(|| Some(long.examined())), each(|| Some(short.examined()))])
}

/// Microseconds of one call of `work`.
fn each(work: impl Fn() -> Option<usize>) -> f64 {
    let (rounds, calls) = if std::env::var_os("FALX_BENCH_QUICK").is_some() { (3, 10) } else { (50, 200) };
    let times = (0..rounds).map(|_| {
        let start = Instant::now();
        for _ in 0..calls {
            std::hint::black_box(work());
        }
        start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
    });
    median(times.collect())
}

fn host() -> Result<Device, String> {
    let devices = falx::devices().map_err(|error| error.to_string())?;
    devices.into_iter().find(Device::is_host).ok_or_else(|| "the host device is filtered out".to_owned())
}

/// Microseconds of one expansion.
fn expand() -> Result<f64, String> {
    let folder = write_crate().map_err(|error| format!("cannot write the crate to check: {error}"))?;
    let times = folder.join("times");
    check(&folder, None)?;
    // Only what follows is measured: the crate is touched so that it is checked again, and its dependencies are not.
    let main = folder.join("src/lib.rs");
    std::fs::read(&main).and_then(|text| std::fs::write(&main, text)).map_err(|error| error.to_string())?;
    let _ = std::fs::remove_file(&times);
    check(&folder, Some(&times))?;
    let text = std::fs::read_to_string(&times).map_err(|error| format!("no expansion was timed: {error}"))?;
    let of_kernel = text.lines().filter_map(|line| line.strip_prefix("kernel_fn "));
    Ok(median(of_kernel.filter_map(|number| number.parse().ok()).collect()))
}

fn write_crate() -> std::io::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = target.join("bench-compile");
    std::fs::create_dir_all(folder.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"bench-compile\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nfalx = {{ path = {root:?} }}\n\n[workspace]\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest)?;
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let copies =
        (0..COPIES).map(|copy| format!("pub mod copy{copy} {{ use falx::prelude::*;\n{KERNEL} }}\n"));
    std::fs::write(folder.join("src/lib.rs"), copies.collect::<String>())?;
    Ok(folder)
}

fn check(folder: &Path, times: Option<&Path>) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["check", "--quiet"]).current_dir(folder).env("CARGO_TARGET_DIR", folder.join("target"));
    if let Some(times) = times {
        command.env("FALX_MACRO_TIMES", times);
    }
    let output = command.output().map_err(|error| format!("cannot start cargo: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("the crate does not check:\n{}", String::from_utf8_lossy(&output.stderr))),
    }
}
