//! Random indices against what falx proves of them: an index that is called proven and leaves its accessor is a failure.
//!
//! What leaves is found by brute force. Nothing is run on a device unless asked for: then the kernels are launched as any
//! others, and have to do what brute force does. Programs are made of a seed, in processes of their own: trees live as long as
//! a process, and a driver that crashes takes only its process along.

mod evaluate;
mod generate;
mod judge;
mod launch;
mod mutate;
mod part;
mod print;
mod program;
mod shrink;
#[cfg(test)]
mod tests;
mod tree;
mod visit;

use crate::options::Options;
use crate::process::{Folder, NOISE, PATIENCE, Process, Said, again};
pub use part::work;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// How many programs one process judges; and how many it runs, since drivers keep what they compiled.
const PART: [u64; 2] = [2000, 100];
/// Where Oclgrind writes what it finds wrong.
const REPORT: &str = "oclgrind";
/// How many of the commonest shapes that are not proven `--verbose` shows, and how many lines of what others say.
const SHOWN: usize = 40;

/// What became of some programs.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub struct Tally {
    pub programs: u64,
    /// Indices that were used and never left, and those of them that falx proves.
    pub inside: u64,
    pub proven: u64,
    /// Indices that left, of which some are called proven.
    pub left: u64,
    pub unsound: u64,
    /// Launches on a device that did something else, or took the process along.
    pub differences: u64,
}

impl Tally {
    fn numbers(&mut self) -> [&mut u64; 6] {
        [
            &mut self.programs,
            &mut self.inside,
            &mut self.proven,
            &mut self.left,
            &mut self.unsound,
            &mut self.differences,
        ]
    }

    pub fn add(&mut self, mut other: Tally) {
        self.numbers().into_iter().zip(other.numbers()).for_each(|(sum, more)| *sum += *more);
    }

    /// As the processes tell it to each other.
    pub fn line(mut self) -> String {
        self.numbers().map(|number| number.to_string()).join(" ")
    }

    fn read(line: &str) -> Tally {
        let mut tally = Tally::default();
        let numbers = line.split(' ').filter_map(|word| word.parse().ok());
        tally.numbers().into_iter().zip(numbers).for_each(|(place, number)| *place = number);
        tally
    }

    fn print(&self, options: &Options, time: Duration) {
        if self.programs < options.count {
            println!("the time ended before {} more programs", options.count - self.programs);
        }
        println!(
            "{} indices stay inside, {} of them proven; {} leave; {:.0} s",
            self.inside,
            self.proven,
            self.left,
            time.as_secs_f64()
        );
        if options.run {
            println!("differences {}", self.differences);
        }
        let percent = 100.0 * self.proven as f64 / self.inside.max(1) as f64;
        println!("footprints {} unsound {} proven {percent:.1}%", self.programs, self.unsound);
    }
}

/// Programs for one process.
#[derive(Clone, Copy)]
struct Part {
    seed: u64,
    count: u64,
}

/// What the processes are given, and what they find.
struct Run<'o> {
    options: &'o Options,
    end: Option<Instant>,
    parts: Mutex<VecDeque<Part>>,
    total: Mutex<Tally>,
    /// How often an index of each shape was not proven.
    shapes: Mutex<HashMap<String, u64>>,
    problem: Mutex<Option<String>>,
}

/// Judges programs in several processes; the number of failures.
///
/// # Errors
/// When no process can be started, or there is no device to run them on.
pub fn run(options: &Options) -> Result<u64, String> {
    let start = Instant::now();
    let run = Run {
        options,
        end: options.seconds.map(|seconds| start + Duration::from_secs(seconds)),
        parts: Mutex::new(parts(options)),
        total: Mutex::default(),
        shapes: Mutex::default(),
        problem: Mutex::default(),
    };
    println!("footprints from seed {} on, {} processes", options.seed, options.jobs);
    std::thread::scope(|scope| {
        for job in 0..options.jobs {
            let run = &run;
            scope.spawn(move || run.work(job));
        }
    });
    if let Some(text) = lock(&run.problem).take() {
        return Err(text);
    }
    print_shapes(&lock(&run.shapes));
    let total = *lock(&run.total);
    total.print(options, start.elapsed());
    Ok(total.unsound + total.differences)
}

/// Prints the program of a seed, and what becomes of its indices.
pub fn show(options: &Options) -> Result<u64, String> {
    part::show(options.seed, options.run)
}

fn parts(options: &Options) -> VecDeque<Part> {
    let size = PART[usize::from(options.run)];
    let starts = (0..options.count).step_by(size as usize);
    starts.map(|at| Part { seed: options.seed + at, count: size.min(options.count - at) }).collect()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn print_shapes(shapes: &HashMap<String, u64>) {
    let mut shapes: Vec<_> = shapes.iter().collect();
    shapes.sort_by_key(|(shape, n)| (std::cmp::Reverse(**n), shape.as_str()));
    for (shape, n) in shapes.into_iter().take(SHOWN) {
        println!("{n:6} times not proven: {shape}");
    }
}

impl Run<'_> {
    /// Runs parts until none is left, or the time is over.
    fn work(&self, job: usize) {
        while self.end.is_none_or(|end| Instant::now() < end) {
            let Some(part) = lock(&self.parts).pop_front() else { return };
            if let Err(text) = self.part(job, part) {
                lock(&self.parts).clear();
                *lock(&self.problem) = Some(text);
            }
        }
    }

    /// Has a process run a part. If it dies, what it had not yet come to goes back to the others.
    fn part(&self, job: usize, part: Part) -> Result<(), String> {
        let folder = Folder::new("footprints", job);
        let last = self.follow(start(self.options, part, &folder)?, part);
        let (noise, report) = (folder.read(NOISE), folder.read(REPORT));
        if !report.is_empty() {
            println!("\ndifference: Oclgrind on {} kernels from seed {} on:", part.count, part.seed);
            print_first(&report);
            lock(&self.total).differences += 1;
        }
        if let Some((seed, why)) = last? {
            println!("\ndifference: seed {seed} {why}");
            print_first(&noise);
            self.go_on_behind(part, seed);
        }
        Ok(())
    }

    /// Counts a seed that ended its process, and puts back what is left of its part.
    fn go_on_behind(&self, part: Part, seed: u64) {
        lock(&self.total).add(Tally { programs: 1, differences: 1, ..Tally::default() });
        let count = part.seed + part.count - seed - 1;
        if count > 0 {
            lock(&self.parts).push_back(Part { seed: seed + 1, count });
        }
    }

    /// Reads what a process says; the seed that it was at when it died or fell silent, if it did.
    fn follow(&self, process: Process, part: Part) -> Result<Option<(u64, &'static str)>, String> {
        let mut at = part.seed;
        loop {
            let line = match process.next(PATIENCE) {
                Said::Line(line) => line,
                Said::Silence => return Ok(Some((at, "does not end"))),
                Said::End => return Ok(Some((at, "ends its process"))),
            };
            match line.split_once(' ').unwrap_or((&line, "")) {
                ("@at", seed) => at = seed.parse().unwrap_or(at),
                ("@tally", numbers) => lock(&self.total).add(Tally::read(numbers)),
                ("@shape", shape) => *lock(&self.shapes).entry(shape.to_owned()).or_default() += 1,
                ("@refused", text) => return Err(text.to_owned()),
                ("@done", _) => return Ok(None),
                ("@tries", _) => {}
                _ => println!("{line}"),
            }
        }
    }
}

/// Prints the first lines of what somebody said.
fn print_first(text: &str) {
    text.lines().take(SHOWN).for_each(|line| println!("{line}"));
}

fn start(options: &Options, part: Part, folder: &Folder) -> Result<Process, String> {
    let [seed, count] = [part.seed, part.count].map(|number| number.to_string());
    let mut words = vec!["footprints-part", "--seed", &seed, "--count", &count];
    words.extend(options.run.then_some("--run"));
    words.extend(options.verbose.then_some("--verbose"));
    let mut command = again(options, &words, folder)?;
    Process::start(command.env("OCLGRIND_LOG", folder.path().join(REPORT)))
}
