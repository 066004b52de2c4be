//! Checks of indices, divisors and steps: which there are, and which of them a kernel's code contains. In place of one of a step that
//! might wrap around it has another way to count.
//!
//! A kernel is lowered once for each set of checks that its launches need; whatever the set, a check keeps its name.

use super::tree::Site;
use rustc_hash::FxHasher;
use smallvec::SmallVec;
use std::hash::{Hash, Hasher};

/// The name of a check: of which component of which index, or of which division, reached by which calls. Checks that share a name are kept or left
/// out together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckName(u64);

/// Where code stands that is lowered in several places, as the calls that lead there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CallPath(u64);

/// Some checks, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CheckSet(SmallVec<[CheckName; 4]>);

/// Which checks of indices, divisors and steps the code contains.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Checks {
    /// Every one.
    All,
    /// These. What the others ask must be shown of each launch.
    Only(CheckSet),
}

/// A check that the code leaves out.
#[derive(Clone, Copy, Debug)]
pub struct LeftOut {
    /// Its name.
    pub name: CheckName,
    /// Where in the source.
    pub site: &'static Site,
    /// Of what.
    pub asks: Asks,
    /// Which component of the index.
    pub dimension: usize,
}

/// What a check is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// An index: whether it stays below its length.
    Index,
    /// A divisor: whether the division has a result.
    Divisor,
    /// The step of a loop or the length of its parts: whether it is more than zero.
    Step,
    /// The step through a range: whether it leads from everywhere in the range to a number.
    Stride,
}

impl CheckName {
    /// The check of a component of the index at `site`.
    pub fn new(path: CallPath, site: &'static Site, dimension: usize) -> Self {
        CheckName(hash((path, std::ptr::from_ref(site), dimension)))
    }
}

impl CallPath {
    /// The way on through a call, which `call` tells from the others.
    pub fn through(self, call: impl Hash) -> Self {
        CallPath(hash((self, call)))
    }
}

impl CheckSet {
    /// Adds a check; gives whether it is new.
    pub fn insert(&mut self, name: CheckName) -> bool {
        match self.0.binary_search(&name) {
            Ok(_) => false,
            Err(position) => {
                self.0.insert(position, name);
                true
            }
        }
    }
    /// Whether a check is among them.
    pub fn contains(&self, name: CheckName) -> bool {
        self.0.binary_search(&name).is_ok()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = CheckName> {
        self.0.iter().copied()
    }
}

impl Checks {
    /// Whether the code contains a check.
    pub fn has(&self, name: CheckName) -> bool {
        match self {
            Checks::All => true,
            Checks::Only(set) => set.contains(name),
        }
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}
