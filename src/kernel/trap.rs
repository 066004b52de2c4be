//! Traps: how a failed check gets from a running kernel to an [`Error`](crate::Error).
//!
//! On an OpenCL device the kernel stores into a record of [`WORDS`] x [`SLOTS`] words, slot by linear local id, so that the store
//! vectorises; on the host the twin fills a [`TrapCell`]. Both become a [`Trap`].

use super::argument::{LaunchShape, ShapeKind};
use super::message::Message;
use super::source::Content;
use super::tree::Site;
use super::types::Type;
use parking_lot::Mutex;

/// How many slots the record has: the most work-items of a group beyond which slots are shared.
pub const SLOTS: usize = 1024;
/// What the words of a slot are multiplied with to make its last one. Not rotations, which Oclgrind lacks.
pub(super) const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
/// How many 64-bit words each slot has; the record is laid out word by word (all slots' word 0 first): the code of the
/// check, the work-item, how many values there are, the values, and a mix of all these.
pub const WORDS: usize = VALUES + 4;
/// How many values a failed check can report.
pub const VALUES: usize = 8;

/// One failed check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Which check of the kernel.
    pub site: Failure,
    /// The work-item, as its linear position in the launch.
    pub item: u64,
}

/// What a trap code stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Where in the source.
    pub site: &'static Site,
    /// What is said and the types of the values in it; without one it is about an index or a division.
    pub message: Option<(&'static Message, Vec<Type>)>,
    /// For each value, where the launch's arguments hold it: work-items keep only those that these do not.
    pub given: Vec<Option<Content>>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// An index outside `length`, in so many dimensions.
    Index {
        /// Where in the source.
        site: &'static Site,
        /// The number of dimensions.
        dimensions: usize,
        /// The index.
        index: [u64; 3],
        /// The extent it had to stay below.
        length: [u64; 3],
    },
    /// A division or remainder by zero, or of the smallest integer by -1.
    Division {
        /// Where in the source.
        site: &'static Site,
    },
    /// The kernel said so itself: a panic, an assertion, or an overflow where those are looked for.
    Said {
        /// Where in the source.
        site: &'static Site,
        /// What it said.
        text: String,
    },
    /// Several work-items wrote the same slot at once, so only the site is sure.
    Unknown {
        /// Where in the source.
        site: &'static Site,
    },
}

/// Where the host twin reports the failures of a launch; it keeps the first failure of the first work-item that failed.
#[derive(Debug, Default)]
pub struct TrapCell(Mutex<Option<(u64, Failure)>>);

impl TrapCell {
    /// Remembers `failure` of the work-item at linear position `item`, unless one of it or of an earlier work-item is
    /// remembered already.
    #[cold]
    pub fn set(&self, item: u64, failure: Failure) {
        let mut slot = self.0.lock();
        if slot.as_ref().is_none_or(|(known, _)| item < *known) {
            *slot = Some((item, failure));
        }
    }

    /// Takes what was remembered.
    pub fn take(&self) -> Option<(u64, Failure)> {
        self.0.lock().take()
    }
}

impl Failure {
    /// Where in the source.
    pub fn site(&self) -> &'static Site {
        match self {
            Failure::Index { site, .. }
            | Failure::Division { site }
            | Failure::Said { site, .. }
            | Failure::Unknown { site } => site,
        }
    }

    /// The error text: kernel, file, line, index, length, work-item.
    pub fn describe(&self, kernel: &str, item: u64, shape: &LaunchShape) -> String {
        let site = self.site();
        let found = match self {
            Failure::Index { dimensions, index, length, .. } => format!(
                "index {} out of range {} in `{}`",
                tuple(index, *dimensions),
                tuple(length, *dimensions),
                site.subject
            ),
            Failure::Division { .. } => {
                format!("division by zero or of the smallest value by -1 in `{}`", site.subject)
            }
            Failure::Said { text, .. } => text.clone(),
            Failure::Unknown { .. } => format!(
                "a check of `{}` failed in several work-items at once, so that the values are lost",
                site.subject
            ),
        };
        let item = position(item, shape);
        format!("kernel `{kernel}` at {}:{}:{}: {found}, {item}", site.file, site.line, site.column)
    }
}

/// An index as Rust would print it: a number, or a list of them.
fn tuple(values: &[u64; 3], dimensions: usize) -> String {
    match dimensions {
        0 | 1 => values[0].to_string(),
        _ => format!("{:?}", &values[..dimensions.min(3)]),
    }
}

fn position(item: u64, shape: &LaunchShape) -> String {
    let dimensions = match shape.kind {
        ShapeKind::Single => return "in its only work-item".to_owned(),
        ShapeKind::Range(dimensions) | ShapeKind::NdRange(dimensions) => dimensions.clamp(1, 3),
    };
    let [_, rows, columns] = shape.global.map(|extent| extent.max(1) as u64);
    let whole = [item / columns / rows, item / columns % rows, item % columns];
    let mut own = [0; 3];
    own[..dimensions].copy_from_slice(&whole[3 - dimensions..]);
    format!("work-item {}", tuple(&own, dimensions))
}

/// Whether no check failed in any launch that used the record. Reads only the first word of each slot.
pub fn is_clear(words: &[u64]) -> bool {
    // No early exit, so that this becomes a few wide instructions.
    words.iter().take(SLOTS).fold(0, |seen, word| seen | word) == 0
}

/// Finds what failed in the first work-item that is in the record. `resolve` says what a trap code stands for, and `argument`
/// what the launch was given.
///
/// None if nothing failed.
pub fn decode<'r>(
    words: &[u64],
    resolve: impl Fn(u64) -> Option<&'r Report>,
    argument: impl Fn(Content) -> u64,
) -> Option<Trap> {
    let slots = words.len().min(SLOTS * WORDS) / WORDS;
    if slots < SLOTS {
        return None;
    }
    (0..SLOTS)
        .filter_map(|slot| Record::read(words, slot).trap(&resolve, &argument))
        // What two work-items wrote at once says too little: any whole record is better.
        .min_by_key(|(is_torn, trap)| (*is_torn, trap.item))
        .map(|(_, trap)| trap)
}

/// One slot of the record.
struct Record([u64; WORDS]);

impl Record {
    fn read(words: &[u64], slot: usize) -> Self {
        Record(std::array::from_fn(|word| words[word * SLOTS + slot]))
    }

    /// Whether one work-item alone wrote it. The same mix as in the OpenCL C that writes it.
    fn is_whole(&self) -> bool {
        let (mixed, rest) = self.0.split_at(WORDS - 1);
        let mix = mixed.iter().fold(0, |mix: u64, word| mix.wrapping_mul(MIX).wrapping_add(*word));
        rest == [mix]
    }

    /// What it says, and whether it is torn.
    fn trap<'r>(
        &self,
        resolve: impl Fn(u64) -> Option<&'r Report>,
        argument: impl Fn(Content) -> u64,
    ) -> Option<(bool, Trap)> {
        let [code, item, count, values @ .., _] = &self.0;
        if *code == 0 {
            return None;
        }
        let report = resolve(*code)?;
        let is_torn = !self.is_whole();
        let count = (*count as usize).min(VALUES);
        let failure = match is_torn {
            true => Failure::Unknown { site: report.site },
            false => report.failure(&report.completed(&values[..count], argument)),
        };
        Some((is_torn, Trap { site: failure, item: *item }))
    }
}

impl Report {
    /// All values, of which work-items kept some.
    fn completed(&self, kept: &[u64], argument: impl Fn(Content) -> u64) -> Vec<u64> {
        let mut kept = kept.iter().copied();
        let given: Vec<u64> = self
            .given
            .iter()
            .map_while(|given| given.map_or_else(|| kept.next(), |given| Some(argument(given))))
            .collect();
        given.into_iter().chain(kept).collect()
    }

    /// What was found, by the values that were reported.
    fn failure(&self, values: &[u64]) -> Failure {
        let site = self.site;
        if let Some((message, types)) = &self.message {
            return Failure::Said { site, text: message.render(site.subject, types, values) };
        }
        if values.is_empty() {
            return Failure::Division { site };
        }
        let (mut index, mut length) = ([0; 3], [0; 3]);
        let dimensions = (values.len() / 2).min(3);
        index[..dimensions].copy_from_slice(&values[..dimensions]);
        length[..dimensions].copy_from_slice(&values[dimensions..2 * dimensions]);
        Failure::Index { site, dimensions, index, length }
    }
}
