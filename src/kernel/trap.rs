//! Traps: how a failed check gets from a running kernel to an [`Error`](crate::Error).
//!
//! On an OpenCL device the kernel stores into a record of [`WORDS`] x [`SLOTS`] words, slot by local id, so that the store
//! vectorises; on the host the twin fills a [`TrapCell`]. Both become a [`Trap`].

use super::argument::{LaunchShape, ShapeKind};
use super::tree::Site;
use parking_lot::Mutex;

/// How many slots the record has: the largest first local extent, beyond which slots are shared.
pub const SLOTS: usize = 1024;
/// What the words of a slot are multiplied with to make its last one. Not rotations, which Oclgrind lacks.
pub(super) const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
/// How many 64-bit words each slot has; the record is laid out word by word (all slots' word 0 first).
pub const WORDS: usize = 10;

/// What a record has in place of the number of dimensions where a promise of `uniform` was broken.
pub const DIVERGENT: u64 = 16;

/// One failed check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trap {
    /// The number of the launch.
    pub launch: u64,
    /// Which check of the kernel.
    pub site: Failure,
    /// The work-item, as its linear position in the launch.
    pub item: u64,
}

/// What a check found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// A value that was promised to be the same in all work-items of a group, and is not.
    Divergent {
        /// Where in the source.
        site: &'static Site,
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
        if slot.is_none_or(|(known, _)| item < known) {
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
            | Failure::Divergent { site }
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
            Failure::Divergent { .. } => {
                format!("`uniform({})` differs between the work-items of a group", site.subject)
            }
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

/// Finds what failed in the launch with the smallest number that is in the record; of that launch, in the first
/// work-item that is. `resolve` finds the site of a trap code of a launch.
///
/// None if nothing failed.
pub fn decode(words: &[u64], resolve: impl Fn(u64, u16) -> Option<&'static Site>) -> Option<Trap> {
    let slots = words.len().min(SLOTS * WORDS) / WORDS;
    if slots < SLOTS {
        return None;
    }
    (0..SLOTS)
        .filter_map(|slot| Record::read(words, slot).trap(&resolve))
        .min_by_key(|(is_torn, trap)| {
            // What two work-items wrote at once says too little: any whole record is better.
            (trap.launch, *is_torn, trap.item)
        })
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
        let mix = self.0[..9].iter().fold(0, |mix: u64, word| mix.wrapping_mul(MIX).wrapping_add(*word));
        mix == self.0[9]
    }

    /// What it says, and whether it is torn.
    fn trap(&self, resolve: impl Fn(u64, u16) -> Option<&'static Site>) -> Option<(bool, Trap)> {
        let [word, item, i0, i1, i2, n0, n1, n2, dimensions, _] = self.0;
        if word == 0 {
            return None;
        }
        let launch = word >> 16;
        let site = resolve(launch, word as u16)?;
        let is_torn = !self.is_whole();
        let failure = match dimensions {
            _ if is_torn => Failure::Unknown { site },
            0 => Failure::Division { site },
            DIVERGENT => Failure::Divergent { site },
            n => Failure::Index { site, dimensions: n as usize, index: [i0, i1, i2], length: [n0, n1, n2] },
        };
        Some((is_torn, Trap { launch, site: failure, item }))
    }
}
