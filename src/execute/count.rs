//! `Count`: how much host memory buffers have, and how much they may have.

use crate::error::{Error, ErrorKind, Result};
use crate::platform::PoolPolicy;
use crate::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;

/// The bytes in use, and how many there may be.
pub(super) struct Count {
    pub(super) held: AtomicUsize,
    pub(super) most: AtomicUsize,
    /// As they were asked for, without what blocks have beyond that.
    pub(super) live: AtomicUsize,
    pub(super) most_live: AtomicUsize,
    pub(super) n_taken: AtomicU64,
    pub(super) n_reused: AtomicU64,
    /// `usize::MAX` for no limit.
    pub(super) budget: AtomicUsize,
    /// How many unused bytes are kept before blocks are given back to the system.
    pub(super) keep: AtomicUsize,
}

impl Default for Count {
    fn default() -> Self {
        Count {
            held: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            live: AtomicUsize::new(0),
            most_live: AtomicUsize::new(0),
            n_taken: AtomicU64::new(0),
            n_reused: AtomicU64::new(0),
            budget: AtomicUsize::new(usize::MAX),
            keep: AtomicUsize::new(PoolPolicy::default().keep_bytes()),
        }
    }
}

/// So many bytes in use, until it is dropped.
pub(super) struct Counted {
    count: Arc<Count>,
    size_bytes: usize,
    asked_bytes: usize,
}

impl Counted {
    /// Counts `size_bytes` for `whom`, who asked for `asked_bytes`.
    ///
    /// # Errors
    /// [`ErrorKind::MemoryAllocation`] if there may not be so many.
    pub(super) fn new(count: &Arc<Count>, whom: &str, size_bytes: usize, asked_bytes: usize) -> Result<Self> {
        let budget = count.budget.load(Ordering::Relaxed);
        let with_these = |held: usize| held.checked_add(size_bytes).filter(|sum| *sum <= budget);
        let held = count.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, with_these);
        let held = held.map_err(|held| over_budget(whom, size_bytes, held, budget))?;
        count.most.fetch_max(held + size_bytes, Ordering::Relaxed);
        let live = count.live.fetch_add(asked_bytes, Ordering::Relaxed) + asked_bytes;
        count.most_live.fetch_max(live, Ordering::Relaxed);
        Ok(Counted { count: count.clone(), size_bytes, asked_bytes })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // In this order, so that no more than may be held is ever seen alive.
        self.count.live.fetch_sub(self.asked_bytes, Ordering::Relaxed);
        self.count.held.fetch_sub(self.size_bytes, Ordering::Relaxed);
    }
}

fn over_budget(whom: &str, size_bytes: usize, held_bytes: usize, budget_bytes: usize) -> Error {
    Error::new(
        ErrorKind::MemoryAllocation,
        format!(
            "{whom} wants {size_bytes} bytes of host memory, but of the {budget_bytes} that buffers may have {held_bytes} are in \
             use; drop buffers that are no longer needed, or raise the limit with `set_memory_budget`"
        ),
    )
}
