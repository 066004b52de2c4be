//! Makes smaller what crashes a driver: each try runs in a process of its own, which repeats the way so far.

use crate::interpret::run as interpret;
use crate::kernels::usable;
use crate::launch::compare;
use crate::options::Options;
use crate::process::{Folder, Process, Said, again};
use crate::program::Program;
use crate::shrink::shrink;
use crate::worker::{queues, say};
use std::time::{Duration, Instant};

/// How long may be spent on one crash.
const TIME: Duration = Duration::from_secs(240);
/// How long a smaller program may take: one that takes longer counts as one that crashes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a process found out.
enum Found {
    /// Whether the next smaller program crashes.
    Next(bool),
    /// There is none; the smallest so far as Rust.
    Smallest(String),
}

/// The smallest program found that crashes as that of `seed` does, as Rust. `job` keeps apart what runs at the same time.
pub fn smallest(options: &Options, seed: u64, job: usize) -> String {
    let (start, mut crashed) = (Instant::now(), String::new());
    while start.elapsed() < TIME {
        match outcome(options, seed, &crashed, job) {
            Ok(Found::Next(crashes)) => crashed.push(if crashes { '1' } else { '0' }),
            Ok(Found::Smallest(text)) => return text,
            Err(text) => return format!("{}\n{text}", usable(seed).0.rust()),
        }
    }
    // As small as it became in that time.
    let mut known = crashed.bytes();
    let small =
        shrink(&usable(seed).0, |candidate| interpret(candidate).is_some() && known.next() == Some(b'1'));
    small.rust()
}

fn outcome(options: &Options, seed: u64, crashed: &str, job: usize) -> Result<Found, String> {
    let (folder, seed) = (Folder::new("fuzz-attempt", job), seed.to_string());
    let mut command = again(options, &["attempt", "--seed", &seed, "--crashed", crashed], &folder)?;
    let process = Process::start(&mut command)?;
    let mut text = String::new();
    loop {
        match process.next(PATIENCE) {
            Said::Line(line) => match line.as_str() {
                "@tries" => {}
                "@survives" => return Ok(Found::Next(false)),
                "@smallest" => return Ok(Found::Smallest(text)),
                line => text.push_str(&format!("{line}\n")),
            },
            Said::End | Said::Silence => return Ok(Found::Next(true)),
        }
    }
}

/// In a process of its own: goes the way that `options.crashed` tells, and tries the next smaller program.
///
/// # Errors
/// When there is no device.
pub fn attempt(options: &Options) -> Result<u64, String> {
    let queues = queues()?;
    let (program, _) = usable(options.seed);
    let mut known = options.crashed.bytes();
    let small = shrink(&program, |candidate: &Program| {
        let Some(expected) = interpret(candidate) else { return false };
        if let Some(known) = known.next() {
            return known == b'1';
        }
        say("@tries");
        for (_, queue) in &queues {
            let _ = compare(queue, candidate, &expected);
        }
        say("@survives");
        std::process::exit(0)
    });
    say(&small.rust());
    say("@smallest");
    std::process::exit(0)
}
