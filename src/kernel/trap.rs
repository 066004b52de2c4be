//! Traps: how a failed check gets from a running kernel to an [`Error`](crate::Error).
//!
//! On an OpenCL device the kernel stores into a record of [`WORDS`] x [`SLOTS`] words, slot by local id, so that the store
//! vectorises; on the host the twin fills a [`TrapCell`]. Both become a [`Trap`].

use super::argument::LaunchShape;
use super::tree::Site;
use parking_lot::Mutex;

/// How many slots the record has: the largest first local extent, beyond which slots are shared.
pub const SLOTS: usize = 1024;
/// How many 64-bit words each slot has; the record is laid out word by word (all slots' word 0 first).
pub const WORDS: usize = 10;

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
}

/// Where the host twin reports the first failure of a launch.
#[derive(Debug, Default)]
pub struct TrapCell(Mutex<Option<(u64, Failure)>>);

impl TrapCell {
    /// Remembers `failure` of the work-item at linear position `item`, unless one is remembered already.
    #[cold]
    pub fn set(&self, item: u64, failure: Failure) {
        self.0.lock().get_or_insert((item, failure));
    }

    /// Takes what was remembered.
    pub fn take(&self) -> Option<(u64, Failure)> {
        self.0.lock().take()
    }
}

impl Failure {
    /// The error text: kernel, file, line, index, length, work-item.
    pub fn describe(&self, kernel: &str, item: u64, shape: &LaunchShape) -> String {
        let _ = (kernel, item, shape);
        todo!()
    }
}
