//! Writes random kernels out as a Rust program, so that rustc, the macros, the host twin and falx's usual way to a device take
//! part; builds it with cargo, and compares what it prints with the interpreter.

use crate::generate::BATCH;
use crate::interpret::{Failure, Outcome, agree};
use crate::kernels::usable;
use crate::launch::describe;
use crate::options::Options;
use crate::process::{NOISE, Process, Said};
use crate::program::{GENERIC, Program};
use std::fmt::Write;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long cargo and the program may say nothing: all of the kernels are compiled in that time.
const PATIENCE: Duration = Duration::from_secs(1800);

/// What halves have of `Number`, which is not in scope elsewhere: integers would have two methods `min`.
const HALF: &str = "
mod half {
    use falx::num::Number;

    #[falx::device]
    pub fn converted<F: Number, T: Number>(x: F) -> T {
        x.cast::<T>()
    }
    #[falx::device]
    pub fn half_div_euclid(x: falx::f16, y: falx::f16) -> falx::f16 {
        x.div_euclid(y)
    }
    #[falx::device]
    pub fn half_rem_euclid(x: falx::f16, y: falx::f16) -> falx::f16 {
        x.rem_euclid(y)
    }
}
";

/// What the generated program does: runs every kernel on every device, and prints the bits of its outputs or its error.
const MAIN: &str = r#"
fn main() {
    let queues: Vec<Queue> = falx::devices().unwrap().iter().map(|device| Queue::on(device).unwrap()).collect();
    for (seed, run) in KERNELS {
        for queue in &queues {
            match run(queue) {
                Ok(values) => println!("{seed}\t{}\tvalues\t{values:?}", queue.device()),
                Err(text) => println!("{seed}\t{}\terror\t{}", queue.device(), text.replace('\n', " ")),
            }
        }
    }
    println!("done");
    std::process::exit(0);
}
"#;

/// Runs kernels as Rust; the number of differences.
///
/// # Errors
/// When the program cannot be built or does not come to its end.
pub fn run(options: &Options) -> Result<u64, String> {
    let seeds: Vec<u64> = (options.seed..options.seed + options.count).collect();
    let kernels: Vec<(u64, Program, Outcome)> = seeds
        .iter()
        .map(|seed| {
            let (program, outcome) = usable(*seed);
            (*seed, program, outcome)
        })
        .collect();
    let folder = write(&kernels).map_err(|error| format!("cannot write the program: {error}"))?;
    println!("{} kernels from seed {} on, in {}", kernels.len(), options.seed, folder.display());
    let text = build_and_run(&folder, options)?;
    let mut differences = 0;
    for (seed, program, outcome) in &kernels {
        let mut lines =
            text.lines().filter(|line| line.split('\t').next() == Some(&seed.to_string())).peekable();
        if lines.peek().is_none() {
            return Err(format!("seed {seed} says nothing; the batch is {}", seed / BATCH));
        }
        let differing: Vec<&str> = lines.filter(|line| !is_expected(line, program, outcome)).collect();
        if !differing.is_empty() {
            differences += 1;
            println!(
                "\ndifference: seed {seed}\n{}\n{}\nexpected {outcome:x?}",
                program.dressed(*seed),
                differing.join("\n")
            );
        }
    }
    println!("kernels {} differences {differences}", kernels.len());
    Ok(differences)
}

/// Whether a line says what was expected.
fn is_expected(line: &str, program: &Program, outcome: &Outcome) -> bool {
    let mut parts = line.split('\t').skip(2);
    match (parts.next(), parts.next(), outcome) {
        (Some("values"), Some(text), Outcome::Values(_)) => {
            agree(outcome, &numbers(text), &program.results())
        }
        (Some("error"), Some(text), Outcome::Failures(failures)) => {
            failures.iter().any(|failure| is_described(text, failure, program))
        }
        _ => false,
    }
}

/// `[[1, 2], [3]]`
fn numbers(text: &str) -> Vec<Vec<u64>> {
    let lists = text.trim_start_matches("[[").trim_end_matches("]]").split("], [");
    lists.map(|list| list.split(", ").filter_map(|number| number.parse().ok()).collect()).collect()
}

/// Whether an error tells of a failure. Where it happened, and of what, is written in another way here than in trees.
fn is_described(text: &str, failure: &Failure, program: &Program) -> bool {
    let expected = describe(failure, program);
    let found = expected.split(": ").nth(1).unwrap_or_default();
    let (Some((what, _)), Some((_, item))) = (found.split_once("in `x`"), found.rsplit_once(", work-item"))
    else {
        return false;
    };
    text.contains(&format!(": {what}in `")) && text.ends_with(&format!(", work-item{item}"))
}

/// Writes the program's crate.
fn write(kernels: &[(u64, Program, Outcome)]) -> std::io::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize()?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let folder = target.join("fuzz-rust");
    std::fs::create_dir_all(folder.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"falx-fuzz-rust\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [dependencies]\nfalx = {{ path = {root:?} }}\n\n\
         [profile.dev]\nopt-level = 0\ndebug = false\n\n[profile.dev.package.\"*\"]\nopt-level = 2\n\n[workspace]\n"
    );
    std::fs::write(folder.join("Cargo.toml"), manifest)?;
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let mut main = String::from("#![allow(warnings, clippy::all)]\nuse falx::prelude::*;\n\n");
    let mut list =
        String::from("const KERNELS: &[(u64, fn(&Queue) -> Result<Vec<Vec<u64>>, String>)] = &[\n");
    for (seed, program, _) in kernels {
        let module = format!(
            "use super::generic::*;\nuse super::half::*;\nuse falx::num::{{Float, Signed}};\nuse falx::prelude::*;\n\n{}",
            program.dressed(*seed)
        );
        std::fs::write(folder.join("src").join(format!("kernel_{seed}.rs")), module)?;
        let _ = writeln!(main, "mod kernel_{seed};");
        let _ = writeln!(list, "    ({seed}, kernel_{seed}::run),");
    }
    std::fs::write(folder.join("src/main.rs"), format!("{main}\n{list}];\n{HALF}{GENERIC}{MAIN}"))?;
    Ok(folder)
}

/// What the program prints.
fn build_and_run(folder: &Path, options: &Options) -> Result<String, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet"]).current_dir(folder);
    if let Some(device) = &options.device {
        command.env("FALX_DEVICE", device);
    }
    let noise = folder.join(NOISE);
    command.stderr(File::create(&noise).map_err(|error| format!("cannot write {noise:?}: {error}"))?);
    let process = Process::start(&mut command)?;
    let mut text = String::new();
    loop {
        let why = match process.next(PATIENCE) {
            Said::Line(line) if line == "done" => return Ok(text),
            Said::Line(line) => {
                let _ = writeln!(text, "{line}");
                continue;
            }
            Said::Silence => "it falls silent",
            Said::End => "it crashes",
        };
        let errors = std::fs::read(&noise).unwrap_or_default();
        let errors = String::from_utf8_lossy(&errors);
        let shown: Vec<&str> = errors.lines().take(60).collect();
        return Err(format!("the program does not come to its end: {why}\n{}", shown.join("\n")));
    }
}
