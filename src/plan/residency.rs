//! Which memories hold the current bytes of some elements, and since which step.
//!
//! The only place that decides what must be copied. Knows nothing of tasks: whoever overwrites bytes has waited for all
//! their readers (see [`graph`](super::graph)), and copies are part of the tasks they are made for, so a copy need only
//! wait for the step that produced its bytes where it takes them from.

use super::command::StepId;
use super::graph::SETTLED;
use crate::platform::MemoryId;
use smallvec::SmallVec;

/// The memories with current bytes, each with the step that put them there; in order of memories.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Residency(SmallVec<[(MemoryId, StepId); 2]>);

/// Where a reader in some memory finds the current bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// There, once the step is complete.
    Here(StepId),
    /// Elsewhere: `source` is the host's memory if that holds them.
    Away { source: MemoryId, producer: StepId },
    /// Nowhere: nothing has written them.
    Nowhere,
}

impl Residency {
    /// Of elements that nothing has written.
    pub(super) fn nowhere() -> Self {
        Residency(SmallVec::new())
    }

    /// Of elements that have had contents in `memory` from the start.
    pub(super) fn initially_in(memory: MemoryId) -> Self {
        Residency(SmallVec::from_slice(&[(memory, SETTLED)]))
    }

    /// Where a reader in `memory` finds the bytes.
    #[inline]
    pub(super) fn seen_from(&self, memory: MemoryId) -> Whereabouts {
        match (self.producer_in(memory), self.0.first()) {
            (Some(producer), _) => Whereabouts::Here(producer),
            // The host's memory has the lowest number, so it is first if it is there at all.
            (None, Some(&(source, producer))) => Whereabouts::Away { source, producer },
            (None, None) => Whereabouts::Nowhere,
        }
    }

    /// The step that made the bytes current in `memory`, if they are.
    #[inline]
    pub(super) fn producer_in(&self, memory: MemoryId) -> Option<StepId> {
        self.0.iter().find(|(place, _)| *place == memory).map(|&(_, producer)| producer)
    }

    /// The step that made the bytes current in `memory`, if they are so nowhere else.
    pub(super) fn only_in(&self, memory: MemoryId) -> Option<StepId> {
        match self.0[..] {
            [(place, producer)] if place == memory => Some(producer),
            _ => None,
        }
    }

    /// Forgets that the bytes are in `memory`.
    pub(super) fn remove(&mut self, memory: MemoryId) {
        self.0.retain(|(place, _)| *place != memory);
    }

    /// Whether the bytes are current in `memory`, or anywhere if none is named.
    pub(super) fn is_current_in(&self, memory: Option<MemoryId>) -> bool {
        memory.map_or(!self.0.is_empty(), |memory| self.producer_in(memory).is_some())
    }

    /// Remembers that `producer` brought current bytes to `memory`, without changing them.
    pub(super) fn add(&mut self, memory: MemoryId, producer: StepId) {
        match self.0.binary_search_by_key(&memory, |&(place, _)| place) {
            Ok(position) => self.0[position].1 = producer,
            Err(position) => self.0.insert(position, (memory, producer)),
        }
    }

    /// Remembers that `producer` changed the bytes in `memory`: they are current nowhere else.
    #[inline]
    pub(super) fn set_only(&mut self, memory: MemoryId, producer: StepId) {
        self.0.clear();
        self.0.push((memory, producer));
    }

    /// Forgets which steps brought the bytes where those are complete.
    pub(super) fn forget_settled(&mut self, settled: StepId) {
        for (_, producer) in &mut self.0 {
            if *producer < settled {
                *producer = SETTLED;
            }
        }
    }
}
