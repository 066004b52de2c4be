//! `Room`: which buffers have memory in which device memory, and which must give it up where no more may be held.
//!
//! A buffer has memory there as a whole or not at all. The one that was not used for longest goes first. What it alone
//! holds is brought to the host's memory before (see [`lower`](super::lower)).

use super::command::{BufferId, StepId};
use super::graph::Wait;
use crate::platform::{MemoryId, MemoryUse};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// What is held in each device memory; the host's is not counted.
#[derive(Debug, Default)]
pub(super) struct Room {
    memories: FxHashMap<MemoryId, Holding>,
}

/// What is held in one memory.
#[derive(Debug, Default)]
struct Holding {
    budget_bytes: Option<usize>,
    held_bytes: usize,
    most_bytes: usize,
    held: FxHashMap<BufferId, Held>,
    /// The steps that took memory away from buffers, which may not have happened yet.
    released: FxHashMap<BufferId, StepId>,
    /// The same in order, with the bytes that each gives back, without those of buffers that are gone and known to be over.
    pending: Vec<(StepId, usize)>,
}

/// The memory of one buffer.
#[derive(Debug)]
pub(super) struct Held {
    size_bytes: usize,
    /// The steps that made room for it.
    after: SmallVec<[StepId; 1]>,
    /// The steps that use it, in order; not all of those that are over.
    users: SmallVec<[StepId; 2]>,
}

impl Held {
    fn add_user(&mut self, step: StepId, settled: StepId) {
        if self.users.len() == self.users.capacity() {
            self.users.retain(|user| *user >= settled);
        }
        self.users.push(step);
    }
}

/// More bytes are wanted at once than may be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shortage {
    pub(super) wanted_bytes: usize,
    pub(super) budget_bytes: usize,
}

/// A buffer that gives up its memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Departure {
    pub(super) buffer: BufferId,
    /// The steps that use the memory.
    pub(super) users: SmallVec<[StepId; 2]>,
}

impl Room {
    /// Sets how many bytes may be held in `memory`.
    pub(super) fn set_budget(&mut self, memory: MemoryId, budget_bytes: Option<usize>) {
        self.memories.entry(memory).or_default().budget_bytes = budget_bytes;
    }

    /// What is held in `memory`.
    pub(super) fn held(&self, memory: MemoryId) -> MemoryUse {
        self.memories.get(&memory).map_or_else(MemoryUse::default, |holding| MemoryUse {
            held_bytes: holding.held_bytes,
            most_bytes: holding.most_bytes,
            budget_bytes: holding.budget_bytes,
        })
    }

    /// Which buffers must go from `memory` before `wanted` (each buffer once, with its size) are there together.
    pub(super) fn departures(
        &self,
        memory: MemoryId,
        wanted: &[(BufferId, usize)],
    ) -> Result<SmallVec<[Departure; 1]>, Shortage> {
        let mut leaving = SmallVec::new();
        let Some(holding) = self.memories.get(&memory) else { return Ok(leaving) };
        let Some(budget_bytes) = holding.budget_bytes else { return Ok(leaving) };
        let wanted_bytes = sum(wanted.iter().map(|(_, size)| *size));
        if wanted_bytes > budget_bytes {
            return Err(Shortage { wanted_bytes, budget_bytes });
        }
        let is_new = |buffer: &BufferId| !holding.held.contains_key(buffer);
        let new_bytes = sum(wanted.iter().filter(|(buffer, _)| is_new(buffer)).map(|(_, size)| *size));
        let mut over = holding.held_bytes.saturating_add(new_bytes).saturating_sub(budget_bytes);
        if over == 0 {
            return Ok(leaving);
        }
        let others = holding.held.iter().filter(|(buffer, _)| !wanted.iter().any(|(one, _)| one == *buffer));
        let mut others: Vec<_> = others.collect();
        others.sort_by_key(|(buffer, held)| (held.users.last().copied(), **buffer));
        for (&buffer, held) in others {
            leaving.push(Departure { buffer, users: held.users.clone() });
            over = over.saturating_sub(held.size_bytes);
            if over == 0 {
                break;
            }
        }
        Ok(leaving)
    }

    /// Adds to `wait` what must be over before `wanted` may have memory in `memory` together, of what was planned before.
    pub(super) fn before(
        &mut self,
        memory: MemoryId,
        wanted: &[(BufferId, usize)],
        settled: StepId,
        wait: &mut Wait,
    ) {
        let Some(holding) = self.memories.get_mut(&memory) else { return };
        let mut new_bytes = 0usize;
        for (buffer, size_bytes) in wanted {
            holding.released.get(buffer).into_iter().for_each(|step| wait.push(*step));
            match holding.held.get(buffer) {
                Some(held) => held.after.iter().for_each(|step| wait.push(*step)),
                None => new_bytes = new_bytes.saturating_add(*size_bytes),
            }
        }
        holding.pending.retain(|(step, _)| *step >= settled);
        let pending_bytes = sum(holding.pending.iter().map(|(_, size)| *size));
        let there_bytes = holding.held_bytes.saturating_add(pending_bytes);
        if new_bytes > 0 && there_bytes.saturating_add(new_bytes) > holding.budget_bytes.unwrap_or(usize::MAX)
        {
            holding.pending.iter().for_each(|(step, _)| wait.push(*step));
        }
    }

    /// Remembers that `buffer` has memory in `memory`.
    pub(super) fn comes(&mut self, memory: MemoryId, buffer: BufferId, size_bytes: usize) -> &mut Held {
        let holding = self.memories.entry(memory).or_default();
        holding.released.remove(&buffer);
        holding.held.entry(buffer).or_insert_with(|| {
            holding.held_bytes = holding.held_bytes.saturating_add(size_bytes);
            holding.most_bytes = holding.most_bytes.max(holding.held_bytes);
            Held { size_bytes, after: SmallVec::new(), users: SmallVec::new() }
        })
    }

    /// Remembers that the task of step `run` uses the memory of `buffer` in `memory`, which it has once `room` is over.
    pub(super) fn uses(
        &mut self,
        memory: MemoryId,
        (buffer, size_bytes): (BufferId, usize),
        room: &Wait,
        run: StepId,
        settled: StepId,
    ) {
        let held = self.comes(memory, buffer, size_bytes);
        if held.users.is_empty() {
            held.after = room.clone().into_steps().into_iter().collect();
        }
        held.add_user(run, settled);
    }

    /// Remembers that step `copy` takes bytes of `buffer` from `memory`, if that is a device's.
    pub(super) fn copied_from(&mut self, memory: MemoryId, buffer: BufferId, copy: StepId, settled: StepId) {
        let holding = self.memories.get_mut(&memory);
        let held = holding.and_then(|holding| holding.held.get_mut(&buffer));
        held.into_iter().for_each(|held| held.add_user(copy, settled));
    }

    /// Remembers that step `release` takes the memory of `buffer` in `memory` away.
    pub(super) fn leaves(&mut self, memory: MemoryId, buffer: BufferId, release: StepId) {
        let Some(holding) = self.memories.get_mut(&memory) else { return };
        if let Some(held) = holding.held.remove(&buffer) {
            holding.held_bytes = holding.held_bytes.saturating_sub(held.size_bytes);
            holding.released.insert(buffer, release);
            holding.pending.push((release, held.size_bytes));
        }
    }

    /// Forgets a buffer that is gone, and its memory with it.
    pub(super) fn forget(&mut self, buffer: BufferId) {
        for holding in self.memories.values_mut() {
            holding.released.remove(&buffer);
            if let Some(held) = holding.held.remove(&buffer) {
                holding.held_bytes = holding.held_bytes.saturating_sub(held.size_bytes);
            }
        }
    }
}

/// The sum, or the most there can be: sizes are what programs say.
fn sum(sizes: impl Iterator<Item = usize>) -> usize {
    sizes.fold(0, usize::saturating_add)
}
