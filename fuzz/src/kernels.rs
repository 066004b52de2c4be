//! Runs kernels by seed on every OpenCL device, in processes of their own: a driver that crashes or hangs takes only its
//! process along, and its kernel is known.

use crate::generate::BATCH;
use crate::interpret::{Outcome, run as interpret};
use crate::launch::{Batch, Difference, compare, describe};
use crate::options::Options;
use crate::program::Program;
use crate::{crashes, generate, shrink};
use falx::{Device, Queue};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How many kernels one process runs: drivers keep what they compiled.
const PART: u64 = 20 * BATCH;
/// How long one kernel may take on all devices.
const PATIENCE: Duration = Duration::from_secs(120);

/// What drivers say when they crash for a reason that is known and not falx's.
const KNOWN_CRASHES: [(&str, &str); 1] = [(
    "sycl-kernel-reduce-cross-barrier-values",
    "Intel's compiler crashes on a float that lives across a barrier",
)];

/// What became of some kernels.
#[derive(Default)]
struct Tally {
    kernels: u64,
    failing: u64,
    differences: u64,
    known_crashes: u64,
}

/// Prints the kernel of a seed, and what it does.
pub fn show(options: &Options) -> Result<u64, String> {
    let program = usable(options.seed).0;
    println!("{}", program.rust());
    match interpret(&program) {
        Some(Outcome::Failures(failures)) => {
            failures.iter().for_each(|it| println!("// {}", describe(it, &program)))
        }
        outcome => println!("// {outcome:?}"),
    }
    Ok(0)
}

/// The program of a seed, and what it should do.
pub fn usable(seed: u64) -> (Program, Outcome) {
    let position = (seed % BATCH) as usize;
    generate::batch(seed / BATCH, position + 1).swap_remove(position)
}

/// Runs all kernels in several processes; the number of differences.
///
/// # Errors
/// When there is no device, or no process can be started.
pub fn run(options: &Options) -> Result<u64, String> {
    let start = Instant::now();
    let first = options.seed;
    let parts =
        (0..options.count).step_by(PART as usize).map(|at| (first + at, PART.min(options.count - at)));
    let parts: Mutex<VecDeque<(u64, u64)>> = Mutex::new(parts.collect());
    let total = Mutex::new(Tally::default());
    let problem = Mutex::new(None);
    println!("kernels from seed {first} on, {} processes", options.jobs);
    std::thread::scope(|scope| {
        for job in 0..options.jobs {
            let (parts, total, problem) = (&parts, &total, &problem);
            scope.spawn(move || {
                while let Some((seed, count)) = next(parts) {
                    match part(options, job, seed, count, parts) {
                        Ok(tally) => add(total, &tally),
                        Err(text) => {
                            parts.lock().unwrap_or_else(|e| e.into_inner()).clear();
                            *problem.lock().unwrap_or_else(|e| e.into_inner()) = Some(text);
                        }
                    }
                }
            });
        }
    });
    if let Some(text) = problem.into_inner().unwrap_or_default() {
        return Err(text);
    }
    let total = total.into_inner().unwrap_or_default();
    if total.known_crashes > 0 {
        println!("{} of them crash a driver for a reason that is known", total.known_crashes);
    }
    println!("{} of them end in a failed check, {:.0} s", total.failing, start.elapsed().as_secs_f64());
    println!("kernels {} differences {}", total.kernels, total.differences);
    Ok(total.differences)
}

fn next(parts: &Mutex<VecDeque<(u64, u64)>>) -> Option<(u64, u64)> {
    parts.lock().unwrap_or_else(|e| e.into_inner()).pop_front()
}

fn add(total: &Mutex<Tally>, tally: &Tally) {
    let mut total = total.lock().unwrap_or_else(|e| e.into_inner());
    total.kernels += tally.kernels;
    total.failing += tally.failing;
    total.differences += tally.differences;
    total.known_crashes += tally.known_crashes;
}

/// Has a process run a part. If it dies, its kernel differs, and what is left of the part goes back to the others.
fn part(
    options: &Options,
    job: usize,
    seed: u64,
    count: u64,
    parts: &Mutex<VecDeque<(u64, u64)>>,
) -> Result<Tally, String> {
    let cache = std::env::temp_dir().join(format!("falx-fuzz-{}-{job}", std::process::id()));
    let mut child = start(options, seed, count, &cache)?;
    let (tally, last) = follow(&mut child, seed);
    // It has ended by itself, or must.
    let _ = child.kill();
    let _ = child.wait();
    let noise = std::fs::read(cache.join("stderr")).unwrap_or_default();
    let _ = std::fs::remove_dir_all(&cache);
    match last {
        Last::Done => Ok(tally),
        Last::Refused(text) => Err(text),
        Last::At(seed_of_death, why) => {
            let noise = String::from_utf8_lossy(&noise);
            let known_crash = KNOWN_CRASHES.iter().find(|(sign, _)| noise.contains(sign));
            match known_crash {
                Some((_, reason)) => println!("seed {seed_of_death}: {reason}"),
                None => report_crash(options, seed_of_death, why, &noise),
            }
            // Nothing is known yet of those before it in its batch.
            let known = seed + tally.kernels;
            let left =
                [(known, seed_of_death - known), (seed_of_death + 1, seed + count - (seed_of_death + 1))];
            let mut parts = parts.lock().unwrap_or_else(|e| e.into_inner());
            parts.extend(left.into_iter().filter(|(_, count)| *count > 0));
            let mut tally = tally;
            tally.kernels += 1;
            tally.known_crashes += u64::from(known_crash.is_some());
            tally.differences += u64::from(known_crash.is_none());
            Ok(tally)
        }
    }
}

/// Tells of a kernel that takes its process along.
fn report_crash(options: &Options, seed: u64, why: &str, noise: &str) {
    println!("\ndifference: seed {seed}: {why}\n{}", crashes::smallest(options, seed));
    let last: Vec<&str> = noise.lines().rev().take(20).collect();
    last.iter().rev().for_each(|line| println!("{line}"));
}

fn start(options: &Options, seed: u64, count: u64, cache: &std::path::Path) -> Result<Child, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args(["worker", "--seed", &seed.to_string(), "--count", &count.to_string()]);
    if let Some(device) = &options.device {
        command.env("FALX_DEVICE", device);
    }
    command.env("POCL_CACHE_DIR", cache).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(noise(cache)?);
    command.spawn().map_err(|error| format!("cannot start a process: {error}"))
}

/// Where the compilers' warnings go, with whatever a dying process says.
fn noise(folder: &std::path::Path) -> Result<std::fs::File, String> {
    let opened = std::fs::create_dir_all(folder).and_then(|()| std::fs::File::create(folder.join("stderr")));
    opened.map_err(|error| format!("cannot write into {}: {error}", folder.display()))
}

/// What a process said last.
enum Last {
    Done,
    /// It cannot run any kernel.
    Refused(String),
    /// It was at this seed when it ended or fell silent.
    At(u64, &'static str),
}

/// Reads what a process says: `at SEED`, `ok`, `fails`, `differs`, `done`, `refused ..`, and whatever else is for the user.
fn follow(child: &mut Child, first: u64) -> (Tally, Last) {
    let mut tally = Tally::default();
    let Some(output) = child.stdout.take() else { return (tally, Last::At(first, "no output")) };
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let mut at = first;
    loop {
        let line = match lines.recv_timeout(PATIENCE) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => return (tally, Last::At(at, "does not end")),
            Err(RecvTimeoutError::Disconnected) => return (tally, Last::At(at, "crashes")),
        };
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("@at", seed) => at = seed.parse().unwrap_or(at),
            ("@ok", failing) => {
                tally.kernels += 1;
                tally.failing += u64::from(failing == "failing");
            }
            ("@differs", _) => {
                tally.kernels += 1;
                tally.differences += 1;
            }
            ("@done", _) => return (tally, Last::Done),
            ("@refused", text) => return (tally, Last::Refused(text.to_owned())),
            _ => println!("{line}"),
        }
    }
}

/// Runs kernels in this process, and tells of each.
///
/// # Errors
/// Never; what is wrong is told.
pub fn work(options: &Options) -> Result<u64, String> {
    let queues = match queues() {
        Ok(queues) => queues,
        Err(text) => {
            println!("@refused {text}");
            return Ok(0);
        }
    };
    let (mut seed, end) = (options.seed, options.seed + options.count);
    while seed < end {
        let next = ((seed / BATCH + 1) * BATCH).min(end);
        run_batch(&queues, seed, next);
        seed = next;
    }
    say("@done");
    // Without the drivers' own tidying up, which some do not survive.
    std::process::exit(0)
}

/// Runs the kernels of some seeds of one batch.
fn run_batch(queues: &[(Device, Queue)], seed: u64, end: u64) {
    say(&format!("@at {seed}"));
    let skipped = (seed % BATCH) as usize;
    let batch = generate::batch(seed / BATCH, skipped + (end - seed) as usize);
    let programs: Vec<&Program> = batch[skipped..].iter().map(|(program, _)| program).collect();
    let mut differing: Vec<Option<(&Device, &Queue, Difference)>> = programs.iter().map(|_| None).collect();
    // Many barriers in one kernel are more than Intel's compiler bears.
    let together = if programs[0].tile.is_some() { 1 } else { programs.len() };
    for (device, queue) in queues {
        for (first, programs) in (0..).step_by(together).zip(programs.chunks(together)) {
            let kernel = Batch::new(queue, programs);
            for which in 0..programs.len() {
                let (number, (_, expected)) = (first + which, &batch[skipped + first + which]);
                say(&format!("@at {}", seed + number as u64));
                if differing[number].is_none() {
                    differing[number] =
                        kernel.compare(which, expected).map(|difference| (device, queue, difference));
                }
            }
        }
    }
    for (which, (differing, (program, expected))) in differing.into_iter().zip(&batch[skipped..]).enumerate()
    {
        // One program that no compiler takes refuses the others of its batch: alone they show what they do.
        let confirmed = differing.filter(|(_, queue, difference)| match difference {
            Difference::Refused(_) => compare(queue, program, expected).is_some(),
            _ => true,
        });
        match confirmed {
            Some((device, queue, difference)) => {
                report(seed + which as u64, device, queue, program, difference);
                say("@differs");
            }
            None => say(if matches!(expected, Outcome::Failures(_)) { "@ok failing" } else { "@ok" }),
        }
    }
}

pub fn say(line: &str) {
    println!("{line}");
    let _ = std::io::stdout().flush();
}

/// A queue on every OpenCL device.
pub fn queues() -> Result<Vec<(Device, Queue)>, String> {
    let devices = falx::devices().map_err(|error| error.to_string())?;
    let devices = devices.into_iter().filter(|device| !device.is_host());
    let queues = devices.map(|device| Queue::on(&device).map(|queue| (device, queue)));
    let queues: Vec<_> = queues.collect::<falx::Result<_>>().map_err(|error| error.to_string())?;
    if queues.is_empty() {
        let problems = falx::platform_problems().join("; ");
        return Err(format!("there is no OpenCL device to compare with. {problems}"));
    }
    Ok(queues)
}

/// Prints a difference, as small as it can be made.
fn report(seed: u64, device: &Device, queue: &Queue, program: &Program, difference: Difference) {
    let still = |candidate: &Program| {
        let found = interpret(candidate).and_then(|expected| compare(queue, candidate, &expected));
        found.is_some_and(|found| found.is_like(&difference))
    };
    let small = shrink::shrink(program, still);
    say(&format!("\ndifference: seed {seed} on {device}"));
    say(&small.rust());
    let expected = interpret(&small);
    match expected.as_ref().and_then(|expected| compare(queue, &small, expected)) {
        Some(found) => say(&format!("expected {}\nfound {found:x?}", expectation(expected, &small))),
        None => say(&format!("found {difference:x?}, but not always")),
    }
}

fn expectation(expected: Option<Outcome>, program: &Program) -> String {
    match expected {
        Some(Outcome::Values(values)) => format!("{values:x?}"),
        Some(Outcome::Failures(failures)) => {
            failures.first().map_or_else(String::new, |it| describe(it, program))
        }
        None => String::new(),
    }
}
