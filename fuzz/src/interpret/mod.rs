//! Runs a [`Program`] on the host: what every device has to agree with.

mod call;
mod compare;
mod evaluate;
mod fitting;
mod float;
mod group;
mod machine;
pub mod operate;
mod place;
mod sequence;
mod tile;
mod vector;

use crate::program::{Program, Site, Type};

/// What a kernel does.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// The scalars of the elements of its outputs.
    Values(Vec<Vec<u64>>),
    /// The failure that is reported: any of these, since work-items of several groups may hide each other's.
    Failures(Vec<Failure>),
}

/// A failed check.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Failure {
    pub site: Site,
    pub found: Found,
    /// The work-item's position in the launch.
    pub item: usize,
}

/// What a failed check found.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Found {
    Division,
    /// So many dimensions, the index, the length.
    Index(usize, [u64; 2], [u64; 2]),
    /// From where to where, the length.
    Range([u64; 2], u64),
}

/// What `program` does; `None` if it takes too long, reads what was never given a value, or has work-items that race.
pub fn run(program: &Program) -> Option<Outcome> {
    let machine = machine::run(program)?;
    Some(match machine.failures.is_empty() {
        true => Outcome::Values(machine.results()),
        false => Outcome::Failures(machine.failures),
    })
}

/// Whether two outcomes are the same, for outputs with elements of these types.
pub fn agree(expected: &Outcome, found: &[Vec<u64>], elements: &[Type]) -> bool {
    let Outcome::Values(expected) = expected else { return false };
    let columns = expected.iter().zip(found).zip(elements);
    columns.into_iter().all(|((expected, found), element)| {
        let scalars = element.leaves();
        let mut pairs = expected.iter().zip(found).zip(scalars.iter().cycle());
        expected.len() == found.len()
            && pairs.all(|((left, right), scalar)| operate::same(*scalar, *left, *right))
    })
}
