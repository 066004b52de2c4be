//! `Room`: which pieces of buffers have memory in which device memory, and which must give it up where no more may be held.
//!
//! A buffer has memory there as a whole while there is room for that, else for those pieces of it that commands use. The
//! piece that was not used for longest goes first. What it alone holds is brought to the host's memory before (see
//! [`lower`](super::lower)).

use super::command::{BufferId, StepId};
use super::graph::Wait;
use super::seats::{Blocks, Manner, Seats, Want, overlaps_any};
use crate::geometry::{Block, Layout};
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
    /// The largest piece that the device gives memory to, as far as it says so.
    largest_bytes: Option<usize>,
    held_bytes: usize,
    most_bytes: usize,
    buffers: FxHashMap<BufferId, Pieces>,
    /// The steps that took memory away from buffers, in order, with the bytes that each gives back; without those of which
    /// it is known that they are over.
    pending: Vec<(StepId, usize)>,
}

/// The memory of one buffer.
#[derive(Debug, Default)]
struct Pieces {
    held: SmallVec<[Held; 1]>,
    /// The pieces that were taken away, by steps that may not have happened yet.
    released: SmallVec<[(Block, StepId); 1]>,
}

/// The memory of one piece of a buffer.
#[derive(Debug)]
struct Held {
    block: Block,
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

/// A piece of a buffer that a command stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seat {
    pub(super) buffer: BufferId,
    pub(super) block: Block,
    pub(super) size_bytes: usize,
    /// Whether it has no memory yet.
    pub(super) is_new: bool,
    /// Whether it is less than the whole buffer.
    pub(super) is_part: bool,
}

/// A piece of a buffer that gives up its memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Departure {
    pub(super) buffer: BufferId,
    pub(super) block: Block,
    /// The steps that use the memory.
    pub(super) users: SmallVec<[StepId; 2]>,
}

/// What a command stands on, and what must go for it.
#[derive(Debug, Default)]
pub(super) struct Seating {
    pub(super) seats: SmallVec<[Seat; 4]>,
    pub(super) leaving: SmallVec<[Departure; 1]>,
    /// Whether memory of the command's own buffers is among what goes.
    pub(super) is_moved: bool,
}

impl Room {
    /// Sets how many bytes may be held in `memory`.
    pub(super) fn set_budget(&mut self, memory: MemoryId, budget_bytes: Option<usize>) {
        self.memories.entry(memory).or_default().budget_bytes = budget_bytes;
    }

    /// Sets the largest piece that should have memory in `memory`, where smaller ones do.
    pub(super) fn set_largest(&mut self, memory: MemoryId, largest_bytes: usize) {
        self.memories.entry(memory).or_default().largest_bytes = Some(largest_bytes);
    }

    /// What is held in `memory`.
    pub(super) fn held(&self, memory: MemoryId) -> MemoryUse {
        self.memories.get(&memory).map_or_else(MemoryUse::default, |holding| MemoryUse {
            held_bytes: holding.held_bytes,
            most_bytes: holding.most_bytes,
            budget_bytes: holding.budget_bytes,
        })
    }

    /// The pieces of a buffer that have memory in `memory`.
    pub(super) fn pieces(&self, memory: MemoryId, buffer: BufferId) -> Blocks {
        self.memories.get(&memory).map_or_else(Blocks::new, |holding| holding.blocks(buffer))
    }

    /// The buffers that have memory in `memory`.
    pub(super) fn seated(&self, memory: MemoryId) -> SmallVec<[BufferId; 1]> {
        let buffers = self.memories.get(&memory).into_iter().flat_map(|holding| &holding.buffers);
        buffers.filter(|(_, pieces)| !pieces.held.is_empty()).map(|(buffer, _)| *buffer).collect()
    }

    /// What a command that `wants` this (each buffer once) stands on in `memory`, and what goes from there before.
    pub(super) fn seating(&self, memory: MemoryId, wants: &[Want]) -> Result<Seating, Shortage> {
        let none = Holding::default();
        self.memories.get(&memory).unwrap_or(&none).seating(wants)
    }

    /// Adds to `wait` what must be over before `seats` are there, of what was planned before.
    pub(super) fn before(&mut self, memory: MemoryId, seats: &[Seat], settled: StepId, wait: &mut Wait) {
        let Some(holding) = self.memories.get_mut(&memory) else { return };
        let mut new_bytes = 0usize;
        for seat in seats {
            if seat.is_new {
                new_bytes = new_bytes.saturating_add(seat.size_bytes);
            }
            let Some(pieces) = holding.buffers.get_mut(&seat.buffer) else { continue };
            if seat.is_new {
                pieces.released.retain(|(_, step)| *step >= settled);
                let overlapped = pieces.released.iter().filter(|(block, _)| block.overlaps(&seat.block));
                overlapped.for_each(|(_, step)| wait.push(*step));
            } else if let Some(held) = pieces.held.iter().find(|held| held.block == seat.block) {
                held.after.iter().for_each(|step| wait.push(*step));
            }
        }
        holding.pending.retain(|(step, _)| *step >= settled);
        let pending_bytes = sum(holding.pending.iter().map(|(_, size)| *size));
        let there_bytes = holding.held_bytes.saturating_add(pending_bytes);
        if new_bytes > 0 && there_bytes.saturating_add(new_bytes) > holding.most_allowed() {
            holding.pending.iter().for_each(|(step, _)| wait.push(*step));
        }
    }

    /// Remembers that a buffer has memory in `memory` from the start.
    pub(super) fn begins_in(&mut self, memory: MemoryId, buffer: BufferId, layout: Layout) {
        let (block, size_bytes) = (layout.whole(), layout.size_bytes());
        self.comes(
            memory,
            &Seat { buffer, block, size_bytes, is_new: true, is_part: false },
            SmallVec::new(),
        );
    }

    /// Remembers that a new seat has memory in `memory`, once the steps `after` are over.
    pub(super) fn comes(&mut self, memory: MemoryId, seat: &Seat, after: SmallVec<[StepId; 1]>) {
        let holding = self.memories.entry(memory).or_default();
        holding.held_bytes = holding.held_bytes.saturating_add(seat.size_bytes);
        holding.most_bytes = holding.most_bytes.max(holding.held_bytes);
        let pieces = holding.buffers.entry(seat.buffer).or_default();
        // Whoever comes later comes after this one.
        pieces.released.retain(|(block, _)| !seat.block.contains(block));
        let (block, size_bytes) = (seat.block, seat.size_bytes);
        pieces.held.push(Held { block, size_bytes, after, users: SmallVec::new() });
    }

    /// Remembers that step `user` uses the memory of what is around `block` in `memory`, if that is a device's.
    pub(super) fn uses(
        &mut self,
        memory: MemoryId,
        buffer: BufferId,
        block: &Block,
        user: StepId,
        settled: StepId,
    ) {
        let pieces = self.memories.get_mut(&memory).and_then(|holding| holding.buffers.get_mut(&buffer));
        let held = pieces.and_then(|pieces| pieces.held.iter_mut().find(|held| held.block.contains(block)));
        held.into_iter().for_each(|held| held.add_user(user, settled));
    }

    /// Remembers that step `release` takes the memory of a piece of a buffer in `memory` away.
    pub(super) fn leaves(&mut self, memory: MemoryId, buffer: BufferId, block: &Block, release: StepId) {
        let Some(holding) = self.memories.get_mut(&memory) else { return };
        let Some(pieces) = holding.buffers.get_mut(&buffer) else { return };
        let Some(position) = pieces.held.iter().position(|held| held.block == *block) else { return };
        let held = pieces.held.remove(position);
        pieces.released.push((*block, release));
        holding.held_bytes = holding.held_bytes.saturating_sub(held.size_bytes);
        holding.pending.push((release, held.size_bytes));
    }

    /// Forgets a buffer that is gone, and its memory with it.
    pub(super) fn forget(&mut self, buffer: BufferId) {
        for holding in self.memories.values_mut() {
            let pieces = holding.buffers.remove(&buffer).unwrap_or_default();
            let size_bytes = sum(pieces.held.iter().map(|held| held.size_bytes));
            holding.held_bytes = holding.held_bytes.saturating_sub(size_bytes);
        }
    }
}

impl Holding {
    fn most_allowed(&self) -> usize {
        self.budget_bytes.unwrap_or(usize::MAX)
    }

    fn blocks(&self, buffer: BufferId) -> Blocks {
        let held = self.buffers.get(&buffer).into_iter().flat_map(|pieces| &pieces.held);
        held.map(|held| held.block).collect()
    }

    fn seating(&self, wants: &[Want]) -> Result<Seating, Shortage> {
        let size_bytes = |seats: &[Seat]| sum(seats.iter().map(|seat| seat.size_bytes));
        let mut seats = self.seats_in_free_room(wants);
        if size_bytes(&seats) > self.most_allowed() {
            seats.clear();
            for want in wants {
                let found = want.seats(&self.blocks(want.buffer), Manner::Tight);
                seats.extend(seats_of(want, &found));
            }
        }
        let (wanted_bytes, budget_bytes) = (size_bytes(&seats), self.most_allowed());
        if wanted_bytes > budget_bytes {
            return Err(Shortage { wanted_bytes, budget_bytes });
        }
        let mut leaving = self.in_the_way(&seats);
        let is_moved = !leaving.is_empty();
        self.make_others_leave(&seats, &mut leaving);
        Ok(Seating { seats, leaving, is_moved })
    }

    /// Seats that are no larger than what is wanted where others would have to leave for them, or the device does not give so
    /// much at once.
    fn seats_in_free_room(&self, wants: &[Want]) -> SmallVec<[Seat; 4]> {
        let mut free_bytes = self.most_allowed().saturating_sub(self.held_bytes);
        let mut seats = SmallVec::new();
        for want in wants {
            let held = self.blocks(want.buffer);
            let free_after = |seats: &Seats| {
                let replaced = held.iter().filter(|there| overlaps_any(there, &seats.new));
                let free_bytes = free_bytes.saturating_add(want.size_bytes(replaced));
                free_bytes.checked_sub(want.size_bytes(&seats.new))
            };
            let largest_bytes = self.largest_bytes.unwrap_or(usize::MAX);
            let mut found = want.seats(&held, Manner::Ample);
            let is_large = found.new.iter().any(|piece| want.size_bytes([piece]) > largest_bytes);
            if is_large || free_after(&found).is_none() {
                found = want.seats(&held, Manner::Plain);
            }
            free_bytes = free_after(&found).unwrap_or(0);
            seats.extend(seats_of(want, &found));
        }
        seats
    }

    /// What must go because it overlaps new seats.
    fn in_the_way(&self, seats: &[Seat]) -> SmallVec<[Departure; 1]> {
        let mut leaving = SmallVec::new();
        for seat in seats.iter().filter(|seat| seat.is_new) {
            let held = self.buffers.get(&seat.buffer).into_iter().flat_map(|pieces| &pieces.held);
            let overlapped = held.filter(|held| held.block.overlaps(&seat.block));
            for held in overlapped {
                let known = |one: &Departure| (one.buffer, one.block) == (seat.buffer, held.block);
                if !leaving.iter().any(known) {
                    leaving.push(departure(seat.buffer, held));
                }
            }
        }
        leaving
    }

    /// Adds what else must go so that no more is held than may be.
    fn make_others_leave(&self, seats: &[Seat], leaving: &mut SmallVec<[Departure; 1]>) {
        let new_bytes = sum(seats.iter().filter(|seat| seat.is_new).map(|seat| seat.size_bytes));
        let over_bytes = self.held_bytes.saturating_add(new_bytes).saturating_sub(self.most_allowed());
        if over_bytes == 0 {
            return;
        }
        let pieces = self.buffers.iter();
        let pieces = pieces.flat_map(|(buffer, pieces)| pieces.held.iter().map(move |held| (*buffer, held)));
        let goes = |(buffer, held): &(BufferId, &Held)| {
            leaving.iter().any(|one| (one.buffer, one.block) == (*buffer, held.block))
        };
        let gone_bytes = sum(pieces.clone().filter(goes).map(|(_, held)| held.size_bytes));
        let mut over_bytes = over_bytes.saturating_sub(gone_bytes);
        let stands = |(buffer, held): &(BufferId, &Held)| {
            seats.iter().any(|seat| (seat.buffer, seat.block) == (*buffer, held.block))
        };
        let mut others: Vec<_> = pieces.filter(|one| !goes(one) && !stands(one)).collect();
        others.sort_by_key(|(buffer, held)| (held.users.last().copied(), *buffer, held.block.min));
        for (buffer, held) in others {
            if over_bytes == 0 {
                break;
            }
            over_bytes = over_bytes.saturating_sub(held.size_bytes);
            leaving.push(departure(buffer, held));
        }
    }
}

fn departure(buffer: BufferId, held: &Held) -> Departure {
    Departure { buffer, block: held.block, users: held.users.clone() }
}

fn seats_of<'w>(want: &'w Want, found: &'w Seats) -> impl Iterator<Item = Seat> + 'w {
    let seat = |block: &Block, is_new| Seat {
        buffer: want.buffer,
        block: *block,
        size_bytes: want.size_bytes([block]),
        is_new,
        is_part: *block != want.layout.whole(),
    };
    let kept = found.kept.iter().map(move |block| seat(block, false));
    kept.chain(found.new.iter().map(move |block| seat(block, true)))
}

/// The sum, or the most there can be: sizes are what programs say.
fn sum(sizes: impl Iterator<Item = usize>) -> usize {
    sizes.fold(0, usize::saturating_add)
}
