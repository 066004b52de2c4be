//! Compares what falx proves, and what devices do, with what brute force finds.

use super::evaluate::{Hull, Leaving, Outcome, run};
use super::launch::{Hull as Said, Stopped, launch, proven};
use super::program::{MARK, Program, RESULT_SITE, Role, Site, Statement};
use crate::tree::FILE;
use falx::__private::{Asks, Proof};
use falx::Queue;
use std::collections::BTreeMap;

/// What was found out about the indices of one launch.
#[derive(Default, Debug)]
pub struct Verdict {
    /// Indices that were used and never left.
    pub inside: usize,
    /// Those of them that falx proves.
    pub proven: usize,
    /// Indices that left.
    pub left: usize,
    /// Indices that falx calls proven and that left; and so divisors and steps that are zero, and steps that lead beyond all numbers.
    pub unsound: Vec<Site>,
    /// Accessors, the results among them, that are touched where falx says that they are not.
    pub escaped: Vec<usize>,
    /// Indices that never left, but that falx does not prove, and why.
    pub unproven: Vec<(Site, String)>,
}

/// What falx says of every index, divisor and step, against what brute force finds.
///
/// # Errors
/// Why the kernel cannot be lowered.
pub fn judge(program: &Program, outcome: &Outcome) -> Result<Verdict, String> {
    let mut kept: BTreeMap<Site, Kept> = BTreeMap::new();
    let (proofs, hulls) = proven(program)?;
    let (indices, others): (Vec<_>, Vec<_>) = proofs.into_iter().partition(|check| check.asks == Asks::Index);
    for check in indices.into_iter().filter(|check| !check.proven) {
        let known = kept.entry(check.site.line).or_default();
        known.components |= 1 << check.dimension;
        known.reason = check.reason;
    }
    let (escaped, unsound) = (escaped(program, outcome, hulls), unsound_numbers(outcome, &others));
    let mut verdict = Verdict { escaped, unsound, ..Verdict::default() };
    for (site, noted) in (0..).zip(&outcome.uses).skip(RESULT_SITE as usize) {
        // A component that falx does not mention has no check, so it counts as proven.
        let Kept { components, reason } = kept.remove(&site).unwrap_or_default();
        // Where a component that is checked leaves as well, nothing is touched.
        let escapes = |left: &Leaving| left.components() & components == 0;
        match noted.left.is_empty() {
            false if noted.left.iter().any(escapes) => verdict.unsound.push(site),
            false => verdict.left += 1,
            true if noted.inside == 0 => {}
            true => {
                verdict.inside += 1;
                match components {
                    0 => verdict.proven += 1,
                    _ => verdict.unproven.push((site, reason)),
                }
            }
        }
    }
    Ok(verdict)
}

/// Where divisors and steps are all called proven, and one is not what it has to be. Of a stride that falx says nothing of, it
/// counts the turns.
fn unsound_numbers(outcome: &Outcome, proofs: &[Proof]) -> Vec<Site> {
    let mut proven: BTreeMap<(Site, bool), bool> = BTreeMap::new();
    for proof in proofs {
        let place = (proof.site.line, proof.asks == Asks::Stride);
        *proven.entry(place).or_insert(true) &= proof.proven;
    }
    let is_wrong = |(site, is_stride): &(Site, bool)| {
        (if *is_stride { &outcome.beyond } else { &outcome.failures }).contains(site)
    };
    let places = proven.into_iter().filter(|(place, proven)| *proven && is_wrong(place));
    places.map(|((site, _), _)| site).collect()
}

/// The accessors that are touched outside of what falx says, or not filled though it says so.
fn escaped(program: &Program, outcome: &Outcome, said: Option<Vec<Said>>) -> Vec<usize> {
    let Some(said) = said else { return Vec::new() };
    let is_wrong = |number: &usize| {
        if program.accessors.get(*number).is_some_and(|accessor| accessor.role == Role::Tile) {
            return false;
        }
        let touch = &outcome.touched[*number];
        match said.iter().find(|said| said.accessor == *number) {
            None => touch.read.is_some() || touch.written.is_some(),
            Some(said) => {
                let is_filled = !said.fills || !outcome.failures.is_empty() || fills(program, outcome, said);
                !(is_around(&said.reads, &touch.read) && is_around(&said.writes, &touch.written) && is_filled)
            }
        }
    };
    (0..outcome.touched.len()).filter(is_wrong).collect()
}

fn is_around(said: &[(usize, usize)], touched: &Hull) -> bool {
    let Some(touched) = touched else { return true };
    said.iter().zip(touched).all(|((start, end), (first, last))| start <= first && last < end)
}

/// Whether every element was written of those that falx says may be.
fn fills(program: &Program, outcome: &Outcome, said: &Said) -> bool {
    let output = program.accessors.get(said.accessor);
    let extent = output.map_or(&program.shape.global, |accessor| &accessor.extent);
    (0..extent.iter().product()).all(|element: usize| {
        let mut rest = element;
        let sides = said.writes.iter().zip(extent).rev();
        let is_said = sides.fold(true, |inside, ((start, end), side)| {
            let at = rest % side;
            rest /= side;
            inside && (*start..*end).contains(&at)
        });
        let is_written = match output {
            Some(_) => outcome.outputs[said.accessor].get(element) == Some(&MARK),
            None => outcome.finished[element],
        };
        !is_said || is_written
    })
}

/// The checks of an index that are launched.
#[derive(Default)]
struct Kept {
    /// Of these components, as bits: in some of the places at least where the code stands.
    components: u8,
    reason: String,
}

/// Whether falx calls an index proven that leaves.
pub fn is_unsound(program: &Program) -> bool {
    let verdict = run(program).and_then(|outcome| judge(program, &outcome).ok());
    verdict.is_some_and(|verdict| !(verdict.unsound.is_empty() && verdict.escaped.is_empty()))
}

/// How a device disagrees with brute force.
#[derive(Clone, PartialEq, Debug)]
pub enum Difference {
    /// Other elements of the accessor, or of the results if it has no number.
    Elements(Option<usize>),
    /// A failure where there is none or another, or none where there is one.
    Failure(String),
    /// The kernel did not get as far as running.
    Refused(String),
}

impl Difference {
    /// Whether both are of the same sort, so that one may stand for the other.
    pub fn is_like(&self, other: &Difference) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// Whether a device may be kept busy for ever where brute force is not: in kernels with barriers work-items that have ended go
/// through loops all the same, also through one that an assertion was to keep them from.
pub fn may_not_end(program: &Program, outcome: &Outcome) -> bool {
    let is_cut_short = program.body.contains(&Statement::Barrier) && outcome.finished.contains(&false);
    let mut has_while = false;
    program.clone().each_block(&mut |block| {
        has_while |= block.iter().any(|statement| matches!(statement, Statement::While { .. }));
    });
    is_cut_short && has_while
}

/// Launches the program and compares what it did.
pub fn compare(program: &Program, outcome: &Outcome, queue: &Queue) -> Option<Difference> {
    match launch(program, queue) {
        Err(Stopped::Before(text)) => Some(Difference::Refused(text)),
        Err(Stopped::Failed(text)) => {
            let is_known = |site: &Site| text.contains(&format!(" {FILE}:{site}:1: "));
            (!outcome.failures.iter().any(is_known)).then_some(Difference::Failure(text))
        }
        Ok(_) if !outcome.failures.is_empty() => Some(Difference::Failure("no failure".to_owned())),
        Ok(found) => {
            let outputs = program.accessors.iter().zip(found.outputs.iter().zip(&outcome.outputs));
            let differs =
                |(accessor, (found, expected)): (&super::program::Accessor, (&Vec<u64>, &Vec<u64>))| {
                    accessor.role == Role::Output && found != expected
                };
            let output = outputs.into_iter().position(differs);
            let is_other = output.is_some() || found.results != outcome.results;
            is_other.then_some(Difference::Elements(output))
        }
    }
}
