//! Runs the kernels of some seeds in this process, a few at a time as one kernel, and tells of each on standard output.

use crate::generate::BATCH;
use crate::interpret::{Outcome, run as interpret};
use crate::launch::{Batch, Difference, compare, describe};
use crate::options::Options;
use crate::program::Program;
use crate::{generate, shrink};
use falx::{Device, Queue};
use std::io::Write;

/// A program, and what it should do.
type Expected = (Program, Outcome);

/// Runs kernels in this process, and tells of each.
///
/// # Errors
/// Never; what is wrong is told.
pub fn work(options: &Options) -> Result<u64, String> {
    let queues = match queues() {
        Ok(queues) => queues,
        Err(text) => {
            say(&format!("@refused {text}"));
            return Ok(0);
        }
    };
    let (mut seed, end) = (options.seed, options.seed + options.count);
    while seed < end {
        let next = ((seed / BATCH + 1) * BATCH).min(end);
        run_batch(&queues, seed, next, options);
        seed = next;
    }
    say("@done");
    // Without the drivers' own tidying up, which some do not survive.
    std::process::exit(0)
}

/// Runs the kernels of some seeds of one batch.
fn run_batch(queues: &[(Device, Queue)], seed: u64, end: u64, options: &Options) {
    let skipped = (seed % BATCH) as usize;
    let batch = generate::batch(seed / BATCH, skipped + (end - seed) as usize);
    // Of programs with barriers PoCL gains nothing. Several in the branches of one kernel take its compiler minutes, and one then lost
    // what another had noted of a failed check: seeds 164 and 165, right with PoCL's other way to make work-groups.
    let has_barriers = batch[0].0.tile.is_some();
    let together = if options.alone || has_barriers { 1 } else { BATCH as usize };
    for (programs, seed) in batch[skipped..].chunks(together).zip((seed..).step_by(together)) {
        say(&format!("@at {seed} {}", programs.len()));
        run_chunk(queues, programs, seed);
    }
}

/// Runs some programs as one kernel on each device, and tells of each program.
fn run_chunk(queues: &[(Device, Queue)], programs: &[Expected], seed: u64) {
    let mut differing: Vec<Option<(&Device, &Queue, Difference)>> = programs.iter().map(|_| None).collect();
    let together: Vec<&Program> = programs.iter().map(|(program, _)| program).collect();
    for (device, queue) in queues {
        let kernel = Batch::new(queue, &together);
        for (which, (_, expected)) in programs.iter().enumerate() {
            if differing[which].is_none() {
                let difference = kernel.compare(which, expected);
                differing[which] = difference.map(|difference| (device, queue, difference));
            }
        }
    }
    for (differing, (seed, (program, expected))) in differing.into_iter().zip((seed..).zip(programs)) {
        // One program that no compiler takes refuses the others with it: alone they show what they do.
        let confirmed = differing.filter(|(_, queue, difference)| match difference {
            Difference::Refused(_) => compare(queue, program, expected).is_some(),
            _ => true,
        });
        match confirmed {
            Some((device, queue, difference)) => {
                report(seed, device, queue, program, difference);
                say("@differs");
            }
            None => say(if matches!(expected, Outcome::Failures(_)) { "@ok failing" } else { "@ok" }),
        }
    }
}

/// Prints a line at once.
pub fn say(line: &str) {
    println!("{line}");
    // Who no longer listens needs no answer.
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
        // A sign of life: many of them take longer than a process may say nothing.
        say("@tries");
        let found = interpret(candidate).and_then(|expected| compare(queue, candidate, &expected));
        found.is_some_and(|found| found.is_like(&difference))
    };
    let small = shrink::shrink(program, still);
    say(&format!("\ndifference: seed {seed} on {device}"));
    say(&small.rust());
    let expected = interpret(&small);
    match expected.as_ref().and_then(|expected| compare(queue, &small, expected)) {
        Some(found) => say(&format!("expected {}\nfound {found:x?}", expectation(expected, &small))),
        None => say(&format!("found {difference:x?}, but only together with its neighbours, or not always")),
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
