//! Turns a command whose requirements are disjoint into steps: what to copy and to zero before it runs.
//!
//! In two halves. [`Survey`] only looks, and is where a command can be refused; [`Lowering`] makes steps and remembers
//! what they will do, and cannot fail.

use super::buffer::{BufferState, Elements};
use super::command::{Access, BufferId, Command, Requirement, Step, StepId, StepKind, TaskId};
use super::graph::Wait;
use super::residency::Whereabouts;
use super::room::{Departure, Room, Seating};
use super::seats::Blocks;
use super::system::System;
use crate::geometry::{Block, Region};
use crate::platform::{DeviceId, MemoryId};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

/// The buffers that are registered.
pub(super) type Buffers = FxHashMap<BufferId, BufferState>;

/// What a command finds: whom to wait for, and which bytes are not where it needs them.
pub(super) struct Survey {
    /// The tasks it depends on, by their `Run` steps.
    pub(super) tasks: Wait,
    /// The steps that brought the bytes that are already where it needs them.
    producers: Wait,
    /// Bytes that are elsewhere.
    away: SmallVec<[Away; 2]>,
    /// Bytes to be written in part that nothing has written, or that were given up since.
    blank: SmallVec<[(BufferId, Block); 1]>,
    /// The tasks that use such bytes from before they were given up.
    before_blank: Wait,
    /// Bytes to be read that nothing has written.
    pub(super) unwritten: SmallVec<[(BufferId, Block); 1]>,
}

/// Bytes that are current in `source` but not where they are needed.
#[derive(Clone, Copy)]
struct Away {
    buffer: BufferId,
    block: Block,
    source: MemoryId,
    producer: StepId,
}

impl Away {
    /// What of it is in a piece.
    fn inside(&self, piece: &Block) -> Option<Away> {
        let block = self.block.intersection(piece);
        (!block.is_empty()).then_some(Away { block, ..*self })
    }
}

impl Survey {
    /// Finds nothing yet; all steps below `settled` are complete.
    pub(super) fn new(settled: StepId) -> Self {
        Survey {
            tasks: Wait::new(settled),
            producers: Wait::new(settled),
            away: SmallVec::new(),
            blank: SmallVec::new(),
            before_blank: Wait::new(settled),
            unwritten: SmallVec::new(),
        }
    }

    /// Looks at what one requirement, needed in `memory`, meets in its buffer.
    pub(super) fn look(&mut self, state: &BufferState, requirement: &Requirement, memory: MemoryId) {
        state.map.visit(&requirement.block, |block, elements| {
            match requirement.access {
                Access::Read => elements.order.before_read(&mut self.tasks),
                _ => elements.order.before_write(&mut self.tasks),
            }
            if requirement.access != Access::Discard {
                self.locate(requirement, memory, block, elements);
            }
        });
    }

    /// Finds out where the bytes of `block` are, which are needed in `memory`.
    fn locate(&mut self, requirement: &Requirement, memory: MemoryId, block: Block, elements: &Elements) {
        let buffer = requirement.buffer;
        match elements.residency.seen_from(memory) {
            Whereabouts::Here(producer) => self.producers.push(producer),
            Whereabouts::Away { source, producer } => {
                self.away.push(Away { buffer, block, source, producer });
            }
            Whereabouts::Nowhere if requirement.access != Access::Write => {
                self.unwritten.push((buffer, block));
            }
            Whereabouts::Nowhere => {
                self.blank.push((buffer, block));
                elements.order.before_write(&mut self.before_blank);
            }
        }
    }

    /// Brings together what is of one buffer, however the requirements are ordered.
    fn sort_by_buffer(&mut self) {
        self.away.sort_by_key(|part| part.buffer);
        self.blank.sort_by_key(|&(buffer, _)| buffer);
    }
}

/// Steps in the making.
pub(super) struct Lowering<'p> {
    pub(super) system: &'p System,
    pub(super) buffers: &'p mut Buffers,
    pub(super) room: &'p mut Room,
    pub(super) settled: StepId,
    pub(super) next_step: StepId,
    /// What must be over before anything new has memory where the command runs.
    pub(super) cleared: Wait,
    pub(super) steps: SmallVec<[Step; 1]>,
}

impl Lowering<'_> {
    /// Makes the steps of `command`, its `Run` step last, and returns the number of that one.
    pub(super) fn lower(&mut self, command: &Command, survey: &mut Survey) -> StepId {
        survey.sort_by_buffer();
        let mut wait = Wait::new(self.settled);
        wait.extend(&survey.tasks);
        wait.extend(&survey.producers);
        wait.extend(&self.cleared);
        self.zero(command, survey);
        self.bring(command.memory, &survey.away);
        // The copies that bring bytes to the host's memory on their way are waited for by those that carry them on.
        let arrivals = self.steps.iter().filter(|step| arrives_in(step, command.memory));
        arrivals.for_each(|step| wait.push(step.id));
        let run = self.push(command.device, StepKind::Run, wait);
        self.steps.iter_mut().for_each(|step| step.task = TaskId(run.0));
        run
    }

    /// Zeroes what the command would leave partly unwritten.
    fn zero(&mut self, command: &Command, survey: &Survey) {
        for group in survey.blank.chunk_by(|one, two| one.0 == two.0) {
            let (buffer, memory) = (group[0].0, command.memory);
            for piece in self.pieces(memory, buffer) {
                let inside = group.iter().map(|(_, block)| block.intersection(&piece));
                let inside = inside.filter(|block| !block.is_empty());
                for &block in Region::from_disjoint(inside).blocks() {
                    let mut wait = survey.before_blank.clone();
                    wait.extend(&self.cleared);
                    let zero = self.push(command.device, StepKind::Zero { buffer, memory, block }, wait);
                    self.room.uses(memory, buffer, &block, zero, self.settled);
                }
            }
        }
    }

    /// Makes bytes current in `memory`, buffer by buffer.
    fn bring(&mut self, memory: MemoryId, away: &[Away]) {
        for group in away.chunk_by(|one, two| one.buffer == two.buffer) {
            let in_host = self.bring_to_host(group);
            if memory != MemoryId::HOST {
                self.copy(MemoryId::HOST, memory, &in_host);
            }
        }
    }

    /// Makes bytes of one buffer current in the host's memory, and says who brings them there.
    fn bring_to_host(&mut self, away: &[Away]) -> SmallVec<[Away; 2]> {
        let mut in_host: SmallVec<[Away; 2]> = SmallVec::new();
        let mut sources: SmallVec<[MemoryId; 4]> = away.iter().map(|part| part.source).collect();
        sources.sort_unstable();
        sources.dedup();
        for source in sources {
            let parts: SmallVec<[Away; 2]> =
                away.iter().filter(|part| part.source == source).copied().collect();
            if source == MemoryId::HOST {
                in_host.extend(parts);
            } else {
                in_host.extend(self.copy(source, MemoryId::HOST, &parts));
            }
        }
        in_host
    }

    /// Copies `parts` of one buffer, in as few boxes as they make, and says which steps produce which of them in `to`.
    fn copy(&mut self, from: MemoryId, to: MemoryId, parts: &[Away]) -> SmallVec<[Away; 2]> {
        let Some(buffer) = parts.first().map(|part| part.buffer) else { return SmallVec::new() };
        let far = if from == MemoryId::HOST { to } else { from };
        // `Planner::plan` has refused commands in unknown memories, and bytes are only where commands were.
        let device = self.system.copier(far).unwrap_or(DeviceId::HOST);
        let mut copied = SmallVec::new();
        for piece in self.pieces(far, buffer) {
            let parts: SmallVec<[Away; 2]> = parts.iter().filter_map(|part| part.inside(&piece)).collect();
            for &block in Region::from_disjoint(parts.iter().map(|part| part.block)).blocks() {
                let mut wait =
                    if to == MemoryId::HOST { Wait::new(self.settled) } else { self.cleared.clone() };
                let inside = parts.iter().filter(|part| block.contains(&part.block));
                inside.for_each(|part| wait.push(part.producer));
                let copy = self.push(device, StepKind::Copy { buffer, from, to, block }, wait);
                // Both ends, though the command waits for what is brought: it may be refused when that is on its way.
                for memory in [from, to] {
                    self.room.uses(memory, buffer, &block, copy, self.settled);
                }
                if let Some(state) = self.buffers.get_mut(&buffer) {
                    state.record_copy(&block, copy, to);
                }
                copied.push(Away { buffer, block, source: to, producer: copy });
            }
        }
        copied
    }

    /// The parts of a buffer that have memory of their own each in `memory`, none of which a step may go beyond.
    fn pieces(&self, memory: MemoryId, buffer: BufferId) -> Blocks {
        let Some(state) = self.buffers.get(&buffer) else { return Blocks::new() };
        match memory == MemoryId::HOST || state.shape.imported_in == Some(memory) {
            true => Blocks::from_elem(state.whole(), 1),
            false => self.room.pieces(memory, buffer),
        }
    }

    /// Makes room in `memory` for what the command stands on. Returns what it counts as a reader of by that, since it is
    /// saved before.
    pub(super) fn make_room(
        &mut self,
        memory: MemoryId,
        seating: &Seating,
        survey: &mut Survey,
    ) -> SmallVec<[(BufferId, Block); 1]> {
        let mut saved = SmallVec::new();
        for departure in &seating.leaving {
            let blocks = self.release(memory, departure, survey);
            saved.extend(blocks.into_iter().map(|block| (departure.buffer, block)));
        }
        for seat in seating.seats.iter().filter(|seat| seat.is_new) {
            if seat.is_part {
                let (buffer, piece) = (seat.buffer, seat.block);
                let kind = StepKind::Reserve { buffer, memory, piece };
                let reserve = self.push(DeviceId::HOST, kind, self.cleared.clone());
                self.cleared.push(reserve);
            }
        }
        for seat in seating.seats.iter().filter(|seat| seat.is_new) {
            self.room.comes(memory, seat, self.cleared.clone().into_steps().into_iter().collect());
        }
        saved
    }

    /// Takes the memory of a piece of a buffer in `memory` away. What is current nowhere else goes to the host's memory
    /// before. The task waits for those who wrote that, and counts as its reader: returns those parts.
    fn release(
        &mut self,
        memory: MemoryId,
        departure: &Departure,
        survey: &mut Survey,
    ) -> SmallVec<[Block; 1]> {
        let (buffer, piece) = (departure.buffer, departure.block);
        let mut wait = Wait::new(self.settled);
        departure.users.iter().for_each(|user| wait.push(*user));
        let mut alone: SmallVec<[Away; 2]> = SmallVec::new();
        if let Some(state) = self.buffers.get_mut(&buffer) {
            state.map.visit(&piece, |block, elements| {
                if let Some(producer) = elements.residency.only_in(memory) {
                    elements.order.before_read(&mut survey.tasks);
                    alone.push(Away { buffer, block, source: memory, producer });
                }
            });
        }
        self.copy(memory, MemoryId::HOST, &alone).iter().for_each(|saved| wait.push(saved.producer));
        if let Some(state) = self.buffers.get_mut(&buffer) {
            state.map.modify(&piece, |elements| elements.residency.remove(memory));
        }
        let release = self.push(DeviceId::HOST, StepKind::Release { buffer, memory, piece }, wait);
        self.room.leaves(memory, buffer, &piece, release);
        self.cleared.push(release);
        alone.iter().map(|part| part.block).collect()
    }

    /// Looks again at what the command meets, since its own buffers have moved.
    pub(super) fn look_again(&self, memory: MemoryId, requirements: &[Requirement], survey: &mut Survey) {
        let mut again = Survey::new(self.settled);
        for requirement in requirements {
            if let Some(state) = self.buffers.get(&requirement.buffer) {
                again.look(state, requirement, memory);
            }
        }
        again.tasks.extend(&survey.tasks);
        *survey = again;
    }

    fn push(&mut self, device: DeviceId, kind: StepKind, wait: Wait) -> StepId {
        let id = self.next_step;
        self.next_step.0 += 1;
        let after = SmallVec::from_slice(&wait.into_steps());
        self.steps.push(Step { id, task: TaskId(id.0), device, kind, after });
        id
    }
}

/// Whether a step puts bytes into `memory`.
fn arrives_in(step: &Step, memory: MemoryId) -> bool {
    match step.kind {
        StepKind::Zero { memory: to, .. } | StepKind::Copy { to, .. } => to == memory,
        StepKind::Reserve { .. } | StepKind::Release { .. } | StepKind::Run => false,
    }
}
