//! `DevicePool`: memory of a device, allocated in slabs, kept and handed out again.
//!
//! Memory comes back when nothing uses it any more, which is when the last command that used it is over: whoever gets it next
//! need not wait for anything on the lane. Where no slab has room, memory may pass on from commands that are ahead on the lane
//! ([`inherit`](super::inherit)). Only then is the driver called; and for a part that was not made before.

use super::inherit::Take;
use super::slabs::{Piece, Slabs, Source};
use crate::backend::{Lane, Memory};
use crate::error::Result;
use crate::platform::{Device, PoolPolicy, PoolUse};
use crate::sync::Mutex;
use std::sync::Arc;

/// The pool of one device's memory.
pub(crate) struct DevicePool {
    slabs: Mutex<Slabs<Memory>>,
}

impl DevicePool {
    /// The pool of `device`, which has nothing yet.
    pub(super) fn new(device: &Device) -> Arc<Self> {
        let mut slabs = Slabs::new(device.limits().memory_alignment_bytes);
        slabs.set_keep(PoolPolicy::from_environment().keep_bytes());
        Arc::new(DevicePool { slabs: Mutex::new(slabs) })
    }

    /// Memory on the lane's device, contents unspecified. It goes back to the pool when its last clone is dropped. `inherit`
    /// finds memory of the pool that somebody has and gives up, if what it is given takes that.
    ///
    /// # Errors
    /// When the driver has none, even after it got back what is kept.
    pub(super) fn allocate(
        self: &Arc<Self>,
        lane: &dyn Lane,
        size_bytes: usize,
        inherit: impl FnOnce(&mut Take<'_>) -> Option<Memory>,
    ) -> Result<Memory> {
        let found = match self.change(|slabs| slabs.take(size_bytes)) {
            None => match inherit(&mut |memory| self.passes_on(memory, size_bytes)) {
                Some(memory) => return Ok(memory),
                None => None,
            },
            found => found,
        };
        let (piece, source) = found.map_or_else(|| self.in_new_slab(lane, size_bytes), Ok)?;
        let made = match source {
            Source::Ready(made) => Ok(made),
            Source::PartOf(whole) => lane.part(&whole, piece.place.offset_bytes, piece.size_bytes),
        };
        match made {
            Ok(made) => Ok(self.lend(piece, made)),
            Err(error) => {
                self.change(|slabs| slabs.give_back(piece, None));
                Err(error)
            }
        }
    }

    /// Whether memory that is in use serves a request as it is; counts it as taken by that.
    fn passes_on(self: &Arc<Self>, memory: &mut Memory, size_bytes: usize) -> bool {
        let lease = memory.lease_mut::<Lease>().filter(|lease| Arc::ptr_eq(&lease.pool, self));
        let piece = lease.and_then(|lease| lease.lent.as_mut()).map(|(piece, _)| piece);
        piece.is_some_and(|piece| self.slabs.lock().pass_on(piece, size_bytes))
    }

    fn in_new_slab(&self, lane: &dyn Lane, size_bytes: usize) -> Result<(Piece, Source<Memory>)> {
        let slab_bytes = self.change(|slabs| slabs.new_slab_bytes(size_bytes));
        let (whole, slab_bytes) = match lane.allocate(slab_bytes) {
            Ok(whole) => (whole, slab_bytes),
            Err(_) => {
                let least_bytes = self.change(|slabs| {
                    slabs.keep_at_most(0);
                    slabs.least_bytes(size_bytes)
                });
                (lane.allocate(least_bytes)?, least_bytes)
            }
        };
        Ok(self.change(|slabs| slabs.add(whole, slab_bytes, size_bytes)))
    }

    fn lend(self: &Arc<Self>, piece: Piece, made: Memory) -> Memory {
        made.clone().lent(Lease { pool: Arc::clone(self), lent: Some((piece, made)) })
    }

    /// Sets what becomes of memory that nobody uses.
    pub(crate) fn set_policy(&self, policy: PoolPolicy) {
        self.change(|slabs| slabs.set_keep(policy.keep_bytes()));
    }

    /// Sets how many bytes buffers may have, together with what is kept for later ones.
    pub(crate) fn set_budget(&self, budget_bytes: Option<usize>) {
        self.change(|slabs| slabs.set_budget(budget_bytes.unwrap_or(usize::MAX)));
    }

    /// What there is.
    pub(crate) fn counts(&self) -> PoolUse {
        self.slabs.lock().counts()
    }

    /// Does `change`, and drops what is gone by that when the lock is free again: that calls the driver.
    fn change<R>(&self, change: impl FnOnce(&mut Slabs<Memory>) -> R) -> R {
        let mut slabs = self.slabs.lock();
        let result = change(&mut slabs);
        let gone = slabs.take_gone();
        drop(slabs);
        drop(gone);
        result
    }
}

/// Memory that is in use, until it is dropped.
struct Lease {
    pool: Arc<DevicePool>,
    lent: Option<(Piece, Memory)>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some((piece, made)) = self.lent.take() {
            self.pool.change(|slabs| slabs.give_back(piece, Some(made)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::record::{Completion, RecordingLane, device};
    use crate::error::{Error, ErrorKind};
    use crate::platform::{DeviceId, MemoryId};

    fn setup() -> (RecordingLane, Arc<DevicePool>) {
        let device = device(DeviceId(1), MemoryId(1));
        let pool = DevicePool::new(&device);
        pool.set_policy(PoolPolicy::default()); // Whatever the environment says.
        (RecordingLane::new(device, Completion::AtOnce), pool)
    }

    fn nothing(_take: &mut Take<'_>) -> Option<Memory> {
        None
    }

    #[test]
    fn memory_in_use_passes_on_to_a_request_that_it_serves_as_it_is() {
        let (lane, pool) = setup();
        let taken = |has_bytes: usize, size_bytes: usize| {
            let memory = pool.allocate(&lane, has_bytes, nothing).unwrap();
            let n_taken = pool.counts().n_taken;
            let mut had = Some(memory.clone());
            let passed = pool.allocate(&lane, size_bytes, |take| {
                assert!(!take(had.as_mut()?), "a clone of it is in use");
                drop(memory);
                take(had.as_mut()?).then(|| had.take())?
            });
            drop(passed.unwrap());
            assert_eq!(pool.counts().n_taken, n_taken + 1);
            had.is_none()
        };
        // Rounded up to 128, the sizes of parts must be the same; of allocations, nearly.
        pool.set_policy(PoolPolicy::Release);
        assert!(taken(1000, 1024) && taken(1024, 1000) && !taken(1000, 500) && !taken(1000, 1025));
        assert!(taken(8 << 20, 8 << 20) && taken(9 << 20, 8 << 20));
        assert!(!taken(8 << 20, 7 << 20) && !taken(8 << 20, 9 << 20));
        let counts = pool.counts();
        assert_eq!((counts.live_bytes, counts.reserved_bytes, counts.n_reused), (0, 0, 4));
    }

    #[test]
    fn a_loop_calls_the_driver_once_for_a_slab_and_once_for_each_part() {
        let (lane, pool) = setup();
        for _ in 0..10 {
            let both = [4096, 100].map(|size_bytes| pool.allocate(&lane, size_bytes, nothing).unwrap());
            drop(both);
        }
        let lines = [
            "allocate m0: 1048576 bytes",
            "part m1: 4096 bytes from 0 of m0",
            "part m2: 128 bytes from 4096 of m0",
        ];
        assert_eq!(lane.take_lines(), lines);
        let counts = pool.counts();
        assert_eq!((counts.live_bytes, counts.kept_bytes, counts.n_reused), (0, 1 << 20, 19));
    }

    #[test]
    fn memory_is_in_use_until_its_last_clone_is_gone() {
        let (lane, pool) = setup();
        let memory = pool.allocate(&lane, 1000, nothing).unwrap();
        let clone = memory.clone();
        drop(memory);
        assert_eq!(pool.counts().live_bytes, 1000);
        drop(clone);
        assert_eq!(pool.counts().live_bytes, 0);
    }

    #[test]
    fn where_the_driver_has_no_more_it_gets_back_what_is_kept_before_that_is_an_error() {
        let (lane, pool) = setup();
        let refusal = || Error::new(ErrorKind::MemoryAllocation, "planned");
        drop(pool.allocate(&lane, 3 << 20, nothing).unwrap());
        lane.refuse_next(refusal());
        let small = pool.allocate(&lane, 1000, nothing).unwrap();
        assert_eq!(lane.take_lines(), ["allocate m0: 3145728 bytes", "allocate m1: 1024 bytes"]);
        assert_eq!(pool.counts().reserved_bytes, 1024);
        drop(small);
    }

    #[test]
    fn a_part_that_the_driver_refuses_is_not_lost() {
        let (lane, pool) = setup();
        let first = pool.allocate(&lane, 1000, nothing).unwrap();
        lane.refuse_next(Error::new(ErrorKind::MemoryAllocation, "planned"));
        assert!(pool.allocate(&lane, 1000, nothing).is_err());
        drop(first);
        pool.set_policy(PoolPolicy::Release);
        let counts = pool.counts();
        assert_eq!((counts.live_bytes, counts.reserved_bytes), (0, 0));
    }
}
