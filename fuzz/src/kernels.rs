//! Runs kernels by seed on every OpenCL device, in processes of their own: a driver that crashes or hangs takes only its
//! process along. What it was at runs again, one by one, so that the kernel that does it is known and no other is lost.

use crate::generate::BATCH;
use crate::interpret::{Outcome, run as interpret};
use crate::launch::describe;
use crate::options::Options;
use crate::process::{Folder, NOISE, PATIENCE, Process, Said, again};
use crate::program::Program;
use crate::{crashes, generate};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How many kernels one process runs: drivers keep what they compiled.
const PART: u64 = 10 * BATCH;

/// What drivers say when they crash for a reason that is known and not falx's.
const KNOWN_CRASHES: [(&str, &str); 2] = [
    (
        "sycl-kernel-reduce-cross-barrier-values",
        "Intel's compiler crashes on a float that lives across a barrier",
    ),
    (
        "Incoming edges to non-entry block",
        "PoCL's compiler gives up on nested conditions before a barrier that is itself inside of a condition",
    ),
];

/// Kernels for one process.
#[derive(Clone, Copy)]
struct Part {
    seed: u64,
    count: u64,
    /// Whether each is compiled by itself.
    alone: bool,
    /// Whether Intel's compiler may only use AVX2.
    narrow: bool,
}

/// What became of some kernels.
#[derive(Default)]
struct Tally {
    kernels: u64,
    failing: u64,
    differences: u64,
    known_crashes: u64,
    /// How often kernels that were compiled together took their process along.
    crashes_together: u64,
}

/// What the processes are given, and what they find.
struct Run<'o> {
    options: &'o Options,
    end: Option<Instant>,
    parts: Mutex<VecDeque<Part>>,
    total: Mutex<Tally>,
    problem: Mutex<Option<String>>,
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
    let run = Run {
        options,
        end: options.seconds.map(|seconds| start + Duration::from_secs(seconds)),
        parts: Mutex::new(parts(options.seed, options.count)),
        total: Mutex::default(),
        problem: Mutex::default(),
    };
    println!("kernels from seed {} on, {} processes", options.seed, options.jobs);
    std::thread::scope(|scope| {
        for job in 0..options.jobs {
            let run = &run;
            scope.spawn(move || run.work(job));
        }
    });
    if let Some(text) = lock(&run.problem).take() {
        return Err(text);
    }
    let total = run.total.into_inner().unwrap_or_default();
    total.print(options, start.elapsed());
    Ok(total.differences)
}

fn parts(first: u64, count: u64) -> VecDeque<Part> {
    let starts = (0..count).step_by(PART as usize);
    starts
        .map(|at| Part { seed: first + at, count: PART.min(count - at), alone: false, narrow: false })
        .collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.kernels += other.kernels;
        self.failing += other.failing;
        self.differences += other.differences;
        self.known_crashes += other.known_crashes;
        self.crashes_together += other.crashes_together;
    }

    fn print(&self, options: &Options, time: Duration) {
        if self.crashes_together > 0 {
            println!("{} times kernels crashed together and ran again one by one", self.crashes_together);
        }
        if self.known_crashes > 0 {
            println!("{} of them crash a driver for a reason that is known", self.known_crashes);
        }
        if self.kernels < options.count {
            println!("the time ended before {} more kernels", options.count - self.kernels);
        }
        println!("{} of them end in a failed check, {:.0} s", self.failing, time.as_secs_f64());
        println!("kernels {} differences {}", self.kernels, self.differences);
    }
}

impl Run<'_> {
    /// Runs parts until none is left, or the time is over.
    fn work(&self, job: usize) {
        while self.end.is_none_or(|end| Instant::now() < end) {
            let Some(part) = lock(&self.parts).pop_front() else { return };
            match self.part(job, part) {
                Ok(tally) => lock(&self.total).add(&tally),
                Err(text) => {
                    lock(&self.parts).clear();
                    *lock(&self.problem) = Some(text);
                }
            }
        }
    }

    /// Has a process run a part. If it dies, what it had not yet told of goes back to the others.
    fn part(&self, job: usize, part: Part) -> Result<Tally, String> {
        let folder = Folder::new("fuzz", job);
        let (mut tally, last) = follow(start(self.options, part, &folder)?, part);
        match last {
            Last::Done => {}
            Last::Refused(text) => return Err(text),
            // Intel's compiler gives a gather of AVX2 a register of AVX-512, and the processor refuses.
            Last::At(seed, 1, ILLEGAL) if !part.narrow => {
                println!("seed {seed}: {ILLEGAL}, and runs once more without AVX-512");
                self.put_back(part, seed, 1);
                lock(&self.parts).push_front(Part { seed, count: 1, alone: true, narrow: true });
            }
            Last::At(seed, count, why) => {
                match count {
                    1 => self.tell_crash((job, seed), why, &folder.read(NOISE), &mut tally),
                    _ => tally.crashes_together += 1,
                }
                self.put_back(part, seed, count);
            }
        }
        Ok(tally)
    }

    /// Puts back what is left of a part whose process ended while it ran `count` kernels from `seed` on.
    fn put_back(&self, part: Part, seed: u64, count: u64) {
        let after = seed + count;
        let left = Part { seed: after, count: part.seed + part.count - after, ..part };
        let again = Part { seed, count, alone: true, ..part };
        let mut parts = lock(&self.parts);
        parts.extend((left.count > 0).then_some(left));
        if count > 1 {
            parts.push_front(again);
        }
    }

    /// Tells of a kernel that takes its process along.
    fn tell_crash(&self, (job, seed): (usize, u64), why: &str, noise: &str, tally: &mut Tally) {
        tally.kernels += 1;
        if let Some((_, reason)) = KNOWN_CRASHES.iter().find(|(sign, _)| noise.contains(sign)) {
            tally.known_crashes += 1;
            println!("seed {seed}: {reason}");
            return;
        }
        tally.differences += 1;
        println!("\ndifference: seed {seed}: {why}\n{}", crashes::smallest(self.options, seed, job));
        let last: Vec<&str> = noise.lines().rev().take(20).collect();
        last.iter().rev().for_each(|line| println!("{line}"));
    }
}

fn start(options: &Options, part: Part, folder: &Folder) -> Result<Process, String> {
    let [seed, count] = [part.seed, part.count].map(|number| number.to_string());
    let mut words = vec!["worker", "--seed", &seed, "--count", &count];
    words.extend(part.alone.then_some("--alone"));
    let mut command = again(options, &words, folder)?;
    if part.narrow {
        command.env("CL_CONFIG_CPU_TARGET_ARCH", "core-avx2");
    }
    Process::start(&mut command)
}

/// Why a process ended.
const ILLEGAL: &str = "comes to an instruction that the processor does not have";

/// What a process said last.
enum Last {
    Done,
    /// It cannot run any kernel.
    Refused(String),
    /// It was at these kernels, from a seed on so many, when it ended or fell silent.
    At(u64, u64, &'static str),
}

/// Reads what a process says: `@at SEED COUNT`, and then for each of those kernels `@ok` or
/// `@differs`, before that `@tries` for each smaller kernel; `@done`, `@refused ..`, and whatever else is for the user.
fn follow(mut process: Process, part: Part) -> (Tally, Last) {
    let mut tally = Tally::default();
    let (mut seed, mut count) = (part.seed, 1);
    loop {
        let line = match process.next(PATIENCE) {
            Said::Line(line) => line,
            Said::Silence => return (tally, Last::At(seed, count, "does not end")),
            Said::End if process.met_no_instruction() => return (tally, Last::At(seed, count, ILLEGAL)),
            Said::End => return (tally, Last::At(seed, count, "crashes")),
        };
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("@at", numbers) => {
                let mut numbers = numbers.split(' ').filter_map(|number| number.parse().ok());
                (seed, count) = (numbers.next().unwrap_or(seed), numbers.next().unwrap_or(1));
            }
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
            ("@tries", _) => {}
            _ => println!("{line}"),
        }
    }
}
