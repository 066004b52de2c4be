//! Makes smaller what crashes a driver: each try runs in a process of its own, which repeats the way so far.

use crate::interpret::run as interpret;
use crate::kernels::usable;
use crate::launch::compare;
use crate::options::Options;
use crate::program::Program;
use crate::shrink::shrink;
use crate::worker::{queues, say};
use std::process::{Command, Stdio};

/// How many processes may be spent on one crash.
const TRIES: usize = 400;

/// The smallest program found that crashes as that of `seed` does, as Rust.
pub fn smallest(options: &Options, seed: u64) -> String {
    let mut crashed = String::new();
    for _ in 0..TRIES {
        let text = match outcome(options, seed, &crashed) {
            Ok(text) => text,
            Err(text) => return format!("{}\n{text}", usable(seed).0.rust()),
        };
        match text.lines().next_back() {
            Some("@survives") => crashed.push('0'),
            Some("@smallest") => return text.replace("@smallest", ""),
            _ => crashed.push('1'),
        }
    }
    usable(seed).0.rust()
}

fn outcome(options: &Options, seed: u64, crashed: &str) -> Result<String, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args(["attempt", "--seed", &seed.to_string(), "--crashed", crashed]);
    if let Some(device) = &options.device {
        command.env("FALX_DEVICE", device);
    }
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.map_err(|error| format!("cannot start a process: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
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
