//! What the benchmarks share: one process for each device, falx and hand-written OpenCL timed in turn, and the closing
//! table.
//!
//! One process for each device, because memory that one device has touched is no longer fresh for the next.

#![allow(dead_code)] // Each benchmark uses its part.

pub mod raw;

use std::error::Error;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Names the device, by its number among all OpenCL devices, that a child process is to measure.
const DEVICE_VARIABLE: &str = "FALX_BENCH_DEVICE";

/// What begins a line of a child's output that belongs into the table.
const ROW_MARK: &str = "row ";

/// Whether to show only that everything runs (`FALX_BENCH_QUICK=1`), since the numbers will not be looked at.
pub fn is_quick() -> bool {
    std::env::var_os("FALX_BENCH_QUICK").is_some_and(|value| value != "0")
}

/// `full`, or `quick` when only showing that everything runs.
pub fn full_or_quick(full: usize, quick: usize) -> usize {
    if is_quick() { quick } else { full }
}

/// One device, from both sides.
pub struct Bench {
    pub device: falx::Device,
    pub raw: raw::Raw,
}

/// One line of the table: a median of falx's and one of the hand-written program's.
pub struct Row {
    pub case: &'static str,
    pub falx: f64,
    pub raw: f64,
    /// Above 1 where falx is the slower one.
    pub ratio: f64,
    /// What else stands in the line.
    pub note: Option<String>,
}

/// The columns of a table without notes.
pub const COLUMNS: &str = "case device falx raw ratio";

impl Row {
    /// A row of times: the smaller, the better.
    pub fn of_times(case: &'static str, (falx, raw): (f64, f64)) -> Row {
        Row { case, falx, raw, ratio: falx / raw, note: None }
    }

    /// A row of rates: the greater, the better.
    pub fn of_rates(case: &'static str, (falx, raw): (f64, f64)) -> Row {
        Row { case, falx, raw, ratio: raw / falx, note: None }
    }
}

/// Runs both sides in turn, so that whatever else the machine does befalls both, and returns their medians. The first
/// round warms up and does not count.
pub fn interleave(
    n_rounds: usize,
    mut falx: impl FnMut() -> Outcome<f64>,
    mut raw: impl FnMut() -> Outcome<f64>,
) -> Outcome<(f64, f64)> {
    falx()?;
    raw()?;
    let (mut of_falx, mut of_raw) = (Vec::new(), Vec::new());
    for _ in 0..n_rounds {
        of_falx.push(falx()?);
        of_raw.push(raw()?);
    }
    Ok((median(of_falx), median(of_raw)))
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// How long `work` takes, in microseconds, divided by the `n` things that it does.
pub fn microseconds_each(n: usize, work: impl FnOnce() -> Outcome) -> Outcome<f64> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64() * 1e6 / n as f64)
}

/// Has the machine find a GiB of memory in huge pages, and gives it back to the system.
///
/// A virtual machine may have given free memory back to its host, and the first program to touch it then waits for the
/// host. So that this is not ascribed to either side, this is called before each first time.
pub fn warm_up_memory() -> Outcome {
    let mut memory = memmap2::MmapMut::map_anon(full_or_quick(1 << 30, 1 << 20))?;
    #[cfg(target_os = "linux")]
    memory.advise(memmap2::Advice::HugePage)?;
    memory.fill(1);
    Ok(())
}

/// Measures every OpenCL device that falx also offers, then prints the table with these columns.
pub fn run(unit: &str, columns: &str, measure: fn(&Bench) -> Outcome<Vec<Row>>) -> ExitCode {
    let outcome = match std::env::var(DEVICE_VARIABLE) {
        Ok(number) => measure_one(&number, measure),
        Err(_) => measure_all(unit, columns),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure_one(number: &str, measure: fn(&Bench) -> Outcome<Vec<Row>>) -> Outcome {
    let number: usize = number.parse()?;
    let found = raw::devices()?.into_iter().nth(number).ok_or("the device is gone")?;
    let device = partner(&found)?.ok_or("falx does not offer this device")?;
    let label = found.label();
    for row in measure(&Bench { device, raw: raw::Raw::on(&found)? })? {
        let note = row.note.map(|note| format!(" {note}")).unwrap_or_default();
        println!("{ROW_MARK}{} {label} {:.3} {:.3} {:.3}{note}", row.case, row.falx, row.raw, row.ratio);
    }
    Ok(())
}

/// The same device as falx shows it; none if `FALX_DEVICE` hides it.
fn partner(found: &raw::Found) -> falx::Result<Option<falx::Device>> {
    Ok(falx::devices()?.into_iter().find(|device| {
        device.platform().name == found.platform
            && device.index() == found.index
            && device.name() == found.name
    }))
}

fn measure_all(unit: &str, columns: &str) -> Outcome {
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for (number, found) in raw::devices()?.iter().enumerate() {
        if partner(found)?.is_none() {
            continue;
        }
        println!("{}: {} ({})", found.label(), found.name, found.platform);
        match measure_in_child(number) {
            Ok(mut measured) => rows.append(&mut measured),
            Err(error) => failed.push(format!("{}: {error}", found.label())),
        }
    }
    if rows.is_empty() && failed.is_empty() {
        println!("no OpenCL device to compare on; ./scripts/install-runtimes installs some");
        return Ok(());
    }
    println!("\n# falx and raw in {unit}; a ratio above 1 means that falx is slower");
    println!("# {columns}");
    rows.iter().for_each(|row| println!("{row}"));
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}

fn measure_in_child(number: usize) -> Outcome<Vec<String>> {
    let child = Command::new(std::env::current_exe()?)
        .env(DEVICE_VARIABLE, number.to_string())
        // PoCL would take from its disk what an earlier run had it compile, and hide that falx has it compile anew.
        .env("POCL_KERNEL_CACHE", "0")
        .stderr(Stdio::inherit())
        .output()?;
    if !child.status.success() {
        return Err(format!("the measuring process failed: {}", child.status).into());
    }
    let output = String::from_utf8(child.stdout)?;
    Ok(output.lines().filter_map(|line| line.strip_prefix(ROW_MARK)).map(str::to_owned).collect())
}
