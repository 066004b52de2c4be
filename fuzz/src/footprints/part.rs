//! Judges the programs of some seeds in this process, and tells of each on standard output.

use super::Tally;
use super::evaluate::{Outcome, run};
use super::generate::generate;
use super::judge::{Verdict, compare, is_unsound, judge, may_not_end};
use super::program::{Program, Site};
use super::shrink::shrink;
use crate::options::Options;
use crate::random::Random;
use crate::worker::{queues, say};
use falx::{Device, Queue};

/// How often a seed may make a program that takes too long.
const ATTEMPTS: u64 = 50;

/// The program of a seed, and what it does; one that is launched has no steps near the largest numbers, since PoCL's compiler
/// crashes on one of those (seed 895), where LLVM 15 inlines functions.
pub fn usable(seed: u64, is_launched: bool) -> Option<(Program, Outcome)> {
    (0..ATTEMPTS).find_map(|attempt| {
        let mut random = Random::of(seed.wrapping_mul(ATTEMPTS).wrapping_add(attempt));
        let program = generate(&mut random, !is_launched);
        run(&program).map(|outcome| (program, outcome))
    })
}

/// Judges programs in this process, and tells of each.
///
/// # Errors
/// Never; what is wrong is told.
pub fn work(options: &Options) -> Result<u64, String> {
    let queues = match options.run.then(queues).transpose() {
        Ok(queues) => queues.unwrap_or_default(),
        Err(text) => {
            say(&format!("@refused {text}"));
            return Ok(0);
        }
    };
    for seed in options.seed..options.seed + options.count {
        say(&format!("@at {seed}"));
        let mut tally = Tally { programs: 1, ..Tally::default() };
        if let Some((program, outcome)) = usable(seed, options.run) {
            tally.add(judged(seed, &program, &outcome, options.verbose));
            tally.add(launched(seed, &program, &outcome, &queues));
        }
        say(&format!("@tally {}", tally.line()));
    }
    say("@done");
    // Without the drivers' own tidying up, which some do not survive.
    std::process::exit(0)
}

fn judged(seed: u64, program: &Program, outcome: &Outcome, verbose: bool) -> Tally {
    match judge(program, outcome) {
        Ok(verdict) => {
            if !(verdict.unsound.is_empty() && verdict.escaped.is_empty()) {
                report_unsound(seed, program);
            }
            if verbose {
                verdict.unproven.iter().for_each(|it| say(&format!("@shape {}", shape_of(program, it))));
            }
            Tally {
                inside: verdict.inside as u64,
                proven: verdict.proven as u64,
                left: verdict.left as u64,
                unsound: (verdict.unsound.len() + verdict.escaped.len()) as u64,
                ..Tally::default()
            }
        }
        Err(text) => {
            say(&format!("\ndifference: seed {seed} is refused: {text}\n{}", program.rust()));
            Tally { differences: 1, ..Tally::default() }
        }
    }
}

/// Prints a program with an index that is called proven and leaves, or something like it, as small as it can be made.
fn report_unsound(seed: u64, program: &Program) {
    let small = shrink(program, is_unsound);
    say(&format!("\nunsound: seed {seed}\n{}", small.rust()));
    let Some(outcome) = run(&small) else { return };
    let Ok(verdict) = judge(&small, &outcome) else { return };
    verdict.unsound.iter().for_each(|site| say(&describe(*site, &outcome)));
    for accessor in verdict.escaped {
        say(&format!("a{accessor} is touched elsewhere than falx says: {:?}", outcome.touched[accessor]));
    }
}

/// How an index left, or what else is wrong at its place.
fn describe(site: Site, outcome: &Outcome) -> String {
    if outcome.beyond.contains(&site) {
        return format!("site {site} has a step that is called proven, but leads beyond all numbers");
    }
    let left = outcome.uses.get(site as usize).map(|noted| &noted.left[..]).unwrap_or_default();
    let uses = left.iter().map(|it| format!("work-item {} uses {:?} of {:?}", it.item, it.index, it.extent));
    format!("site {site} is called proven, but {}", uses.collect::<Vec<_>>().join(", "))
}

/// The line of an index that is not proven, without what makes it differ from others of its kind.
fn shape_of(program: &Program, (site, reason): &(Site, String)) -> String {
    let text = program.rust();
    let mark = [format!("// {site}\n"), format!("/* {site} */")];
    let line = text.split_inclusive('\n').find(|line| mark.iter().any(|mark| line.contains(mark)));
    let mut shape = String::new();
    for letter in format!("{} [{reason}]", line.unwrap_or_default().trim()).chars() {
        if letter.is_ascii_digit() {
            if !shape.ends_with('#') {
                shape.push('#');
            }
        } else {
            shape.push(letter);
        }
    }
    shape
}

/// Launches the program on every device.
fn launched(seed: u64, program: &Program, outcome: &Outcome, queues: &[(Device, Queue)]) -> Tally {
    let mut tally = Tally::default();
    if may_not_end(program, outcome) {
        return tally;
    }
    for (device, queue) in queues {
        let Some(difference) = compare(program, outcome, queue) else { continue };
        tally.differences = 1;
        let small = shrink(program, |candidate| {
            // A sign of life: many of them take longer than a process may say nothing.
            say("@tries");
            let outcome = run(candidate).filter(|outcome| !may_not_end(candidate, outcome));
            let found = outcome.and_then(|outcome| compare(candidate, &outcome, queue));
            found.is_some_and(|found| found.is_like(&difference))
        });
        let again = run(&small).and_then(|outcome| compare(&small, &outcome, queue)).unwrap_or(difference);
        say(&format!("\ndifference: seed {seed} on {device}\n{}\nfound {again:?}", small.rust()));
    }
    tally
}

/// Prints the program of a seed, and what becomes of its indices.
///
/// # Errors
/// When it takes too long, or falx refuses it.
pub fn show(seed: u64, is_launched: bool) -> Result<u64, String> {
    let (program, outcome) =
        usable(seed, is_launched).ok_or("no program of this seed comes to an end in time")?;
    println!("{}", program.rust());
    let Verdict { unsound, unproven, .. } = judge(&program, &outcome)?;
    for (site, noted) in outcome.uses.iter().enumerate().skip(1) {
        let says = match unproven.iter().find(|(unproven, _)| *unproven as usize == site) {
            Some((_, reason)) => format!("not proven: {reason}"),
            None if unsound.contains(&(site as Site)) => "UNSOUND".to_owned(),
            None if !noted.left.is_empty() => "not proven".to_owned(),
            None => "proven, or never used".to_owned(),
        };
        println!("// {site}: {} times inside, {:?}, {says}", noted.inside, noted.left);
    }
    println!("// failures {:?}", outcome.failures);
    Ok(unsound.len() as u64)
}
