//! Turns commands into tasks, and tasks into steps. Pure: never calls a backend, never blocks, reads no clock.
//!
//! ```text
//! Command -> merge      its requirements, made disjoint
//!         -> graph      which earlier tasks it waits for: those that use overlapping regions and conflict
//!         -> residency  which bytes it needs are not where it needs them
//!         -> room       which parts of buffers it stands on in a device memory, and what must leave there for them
//!         -> split      which parts it is done in, if all of it is more than there may be
//!         -> lower      what to copy and to zero before it runs
//!         -> Plan
//! ```
//!
//! Equal commands on an equal system give equal steps. Orders follow SYCL 2020 (section 3.8.1) refined by region:
//! uses of disjoint regions are never ordered.

mod buffer;
mod command;
mod dot;
mod graph;
mod lower;
mod merge;
mod print;
mod residency;
mod room;
mod seats;
mod split;
mod system;
#[cfg(test)]
mod tests;

pub use command::{
    Access, BufferId, BufferShape, Command, CommandKind, Plan, Requirement, Requirements, Step, StepId,
    StepKind, TaskId,
};
pub use dot::dot;
pub use print::TaskRecord;
pub use split::{Divisible, Part};
pub use system::System;

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Block, Region};
use crate::platform::{DeviceId, MemoryId, MemoryUse};
use buffer::BufferState;
use graph::Wait;
use lower::{Buffers, Lowering, Survey};
use residency::Residency;
use room::{Room, Seating, Shortage};
use seats::Want;
use smallvec::SmallVec;

/// Plans commands in the order in which they are submitted, and remembers what that will do to each buffer.
#[derive(Debug)]
pub struct Planner {
    system: System,
    buffers: Buffers,
    room: Room,
    next_buffer: BufferId,
    next_step: StepId,
    settled: StepId,
}

/// The steps of a command, or of a part of one.
struct Lowered {
    run: StepId,
    steps: SmallVec<[Step; 1]>,
    /// What is saved before others lose their memory.
    saved: SmallVec<[(BufferId, Block); 1]>,
}

impl Planner {
    /// A planner for `system`, with no buffers.
    pub fn new(system: System) -> Self {
        Planner {
            system,
            buffers: Buffers::default(),
            room: Room::default(),
            next_buffer: BufferId(1),
            next_step: StepId(1),
            settled: StepId(1),
        }
    }

    /// Adds a buffer.
    pub fn register(&mut self, shape: BufferShape) -> BufferId {
        let buffer = self.next_buffer;
        self.next_buffer.0 += 1;
        let begins_in = shape.initialized_in.filter(|memory| *memory != MemoryId::HOST);
        if let Some(memory) = begins_in.filter(|_| shape.imported_in.is_none()) {
            self.room.begins_in(memory, buffer, shape.layout());
        }
        self.buffers.insert(buffer, BufferState::new(shape));
        buffer
    }

    /// Removes a buffer, and returns the steps that may still use its memory: once these are complete it can be freed.
    pub fn forget(&mut self, buffer: BufferId) -> SmallVec<[StepId; 8]> {
        let mut wait = Wait::new(self.settled);
        self.room.forget(buffer);
        if let Some(state) = self.buffers.remove(&buffer) {
            // What a new writer would wait for; copies were waited for by the tasks they were made for.
            state.map.values().for_each(|elements| elements.order.before_write(&mut wait));
        }
        wait.into_steps()
    }

    /// Gives a buffer a name.
    pub fn rename(&mut self, buffer: BufferId, name: &str) {
        if let Some(state) = self.buffers.get_mut(&buffer) {
            state.shape.name = name.to_owned();
        }
    }

    /// Plans a command: its place in the order, and the steps it takes. Nothing changes if it is refused.
    ///
    /// # Errors
    /// [`ErrorKind::Uninitialized`] if it reads what nothing has written; [`ErrorKind::Accessor`] if a region leaves its
    /// buffer; [`ErrorKind::MemoryAllocation`] if its buffers take more bytes together than its memory may hold;
    /// [`ErrorKind::Invalid`] if it names a buffer, a memory or an earlier task that there is not.
    pub fn plan(&mut self, command: &Command) -> Result<Plan> {
        let merged = merge::merged(&command.requirements);
        let requirements = merged.as_deref().unwrap_or(&command.requirements);
        let mut survey = Survey::new(self.settled);
        self.survey(command, requirements, &mut survey)?;
        let seating = self.seating(command, &command.requirements)?;
        let Lowered { run, steps, saved } = self.lower(command, requirements, &seating, &mut survey);
        self.record(command.memory, requirements, run);
        self.record_reads(&saved, run);
        Ok(Plan { task: TaskId(run.0), run, dependencies: tasks_of(survey.tasks), steps })
    }

    /// Makes the steps of a command, or of a part of one.
    fn lower(
        &mut self,
        command: &Command,
        requirements: &[Requirement],
        seating: &Seating,
        survey: &mut Survey,
    ) -> Lowered {
        let mut cleared = Wait::new(self.settled);
        self.room.before(command.memory, &seating.seats, self.settled, &mut cleared);
        let mut lowering = Lowering {
            system: &self.system,
            buffers: &mut self.buffers,
            room: &mut self.room,
            settled: self.settled,
            next_step: self.next_step,
            cleared,
            steps: SmallVec::new(),
        };
        let saved = lowering.make_room(command.memory, seating, survey);
        if seating.is_moved {
            lowering.look_again(command.memory, requirements, survey);
        }
        let run = lowering.lower(command, survey);
        let steps = lowering.steps;
        self.next_step = StepId(run.0 + 1);
        for seat in &seating.seats {
            self.room.uses(command.memory, seat.buffer, &seat.block, run, self.settled);
        }
        Lowered { run, steps, saved }
    }

    /// Learns that every step below `below` is complete: nothing planned later waits for them.
    pub fn settle(&mut self, below: StepId) {
        self.settled = self.settled.max(below.min(self.next_step));
    }

    /// How many elements of `block` are current in `memory`, or in any memory if none is named, once all that is planned
    /// is complete.
    pub fn current_in(&self, buffer: BufferId, memory: Option<MemoryId>, block: &Block) -> usize {
        let Some(state) = self.buffers.get(&buffer) else { return 0 };
        let parts = state.map.query(block).filter(|(_, elements)| elements.residency.is_current_in(memory));
        parts.map(|(part, _)| part.size()).sum()
    }

    /// Forgets the contents of `block`: to every command planned later, nothing has written it. Who uses the bytes by now
    /// is waited for as before.
    pub fn discard(&mut self, buffer: BufferId, block: &Block) {
        if let Some(state) = self.buffers.get_mut(&buffer) {
            state.map.modify(block, |elements| elements.residency = Residency::nowhere());
        }
    }

    /// What is known of a buffer.
    pub fn shape(&self, buffer: BufferId) -> Option<&BufferShape> {
        self.buffers.get(&buffer).map(|state| &state.shape)
    }

    /// Finds out what the command must wait for and bring, or why it is refused.
    fn survey(&self, command: &Command, requirements: &[Requirement], survey: &mut Survey) -> Result<()> {
        if self.system.copier(command.memory).is_none() {
            return Err(unknown_memory(command));
        }
        for &task in &command.after {
            if task.0 >= self.next_step.0 {
                return Err(unknown_task(command, task));
            }
            survey.tasks.push(StepId(task.0));
        }
        for requirement in requirements {
            let Some(state) = self.buffers.get(&requirement.buffer) else {
                return Err(unknown_buffer(command, requirement.buffer));
            };
            if !state.whole().contains(&requirement.block) {
                return Err(outside(command, requirement, &state.shape));
            }
            survey.look(state, requirement, command.memory);
        }
        match survey.unwritten.first() {
            Some(&(buffer, _)) => Err(self.unwritten(command, buffer, survey)),
            None => Ok(()),
        }
    }

    /// Remembers the uses of a task that is planned.
    fn record(&mut self, memory: MemoryId, requirements: &[Requirement], run: StepId) {
        for requirement in requirements {
            let Some(state) = self.buffers.get_mut(&requirement.buffer) else { continue };
            if requirement.access.writes() {
                state.record_write(&requirement.block, run, memory, self.settled);
            } else {
                state.record_read(&requirement.block, run, self.settled);
            }
        }
    }

    /// Remembers that a task counts as a reader of what it had saved.
    fn record_reads(&mut self, saved: &[(BufferId, Block)], run: StepId) {
        for (buffer, block) in saved {
            let Some(state) = self.buffers.get_mut(buffer) else { continue };
            state.record_read(block, run, self.settled);
        }
    }

    /// The buffers of which memory must leave the command's memory before it can run there.
    ///
    /// # Errors
    /// [`ErrorKind::MemoryAllocation`] if its own buffers take more bytes together than there may be.
    pub fn leaving(&self, command: &Command) -> Result<SmallVec<[BufferId; 1]>> {
        let seating = self.seating(command, &command.requirements)?;
        Ok(seating.leaving.into_iter().map(|departure| departure.buffer).collect())
    }

    /// What the command stands on in a device's memory, and what must go from there before it can run.
    fn seating(&self, command: &Command, requirements: &[Requirement]) -> Result<Seating> {
        self.seating_for(command.memory, requirements).map_err(|shortage| too_much(command, shortage, None))
    }

    fn seating_for(&self, memory: MemoryId, requirements: &[Requirement]) -> Result<Seating, Shortage> {
        if memory == MemoryId::HOST {
            return Ok(Seating::default());
        }
        let mut wants: SmallVec<[Want; 4]> = SmallVec::new();
        for requirement in requirements {
            let Some(state) = self.buffers.get(&requirement.buffer) else { continue };
            if state.shape.imported_in == Some(memory) {
                continue;
            }
            let known = wants.iter().position(|want| want.buffer == requirement.buffer);
            let position = known.unwrap_or_else(|| {
                wants.push(Want::new(requirement.buffer, state.shape.layout()));
                wants.len() - 1
            });
            wants[position].add(&requirement.within);
        }
        self.room.seating(memory, &wants)
    }

    /// Adds a memory to the system, with the device whose lane copies in and out of it.
    pub fn add_memory(&mut self, memory: MemoryId, device: DeviceId) {
        self.system.add(memory, device);
    }

    /// Sets how many bytes buffers may have in a device memory; none for no limit. What is there already stays until room
    /// is needed.
    pub fn set_budget(&mut self, memory: MemoryId, budget_bytes: Option<usize>) {
        self.room.set_budget(memory, budget_bytes);
    }

    /// Sets how many bytes a device gives at once. A buffer that is larger has memory there for the parts that are used.
    pub fn set_largest_allocation(&mut self, memory: MemoryId, largest_bytes: usize) {
        self.room.set_largest(memory, largest_bytes);
    }

    /// What buffers have in a device memory, once all that is planned has happened.
    pub fn held(&self, memory: MemoryId) -> MemoryUse {
        self.room.held(memory)
    }

    /// The longest list of readers remembered for any element of a buffer.
    #[cfg(test)]
    fn readers_of(&self, buffer: BufferId) -> usize {
        self.buffers[&buffer].map.values().map(|elements| elements.order.readers()).max().unwrap_or(0)
    }

    /// The number of boxes remembered of a buffer.
    #[cfg(test)]
    fn boxes_of(&self, buffer: BufferId) -> usize {
        self.buffers[&buffer].map.count()
    }

    fn unwritten(&self, command: &Command, buffer: BufferId, survey: &Survey) -> Error {
        let blocks = survey.unwritten.iter().filter(|(of, _)| *of == buffer).map(|&(_, block)| block);
        let region = Region::from_disjoint(blocks);
        let name = self.shape(buffer).map_or_else(String::new, |shape| called(buffer, shape));
        let message = format!(
            "{} reads `{name}`{region}, which nothing has written; make the buffer from data or write it first",
            command.title()
        );
        Error::new(ErrorKind::Uninitialized, message)
    }
}

/// What a buffer is called in messages: its name, or its number.
fn called(buffer: BufferId, shape: &BufferShape) -> String {
    if shape.name.is_empty() { format!("#{}", buffer.0) } else { shape.name.clone() }
}

/// The tasks that have these `Run` steps.
fn tasks_of(wait: Wait) -> SmallVec<[TaskId; 4]> {
    wait.into_steps().iter().map(|step| TaskId(step.0)).collect()
}

/// Why a command does not fit, and why it is not done in parts, if it is of a kind that may be.
fn too_much(
    command: &Command,
    Shortage { wanted_bytes, budget_bytes }: Shortage,
    undivided: Option<String>,
) -> Error {
    let undivided = undivided.map_or_else(String::new, |why| format!(", and is not run in parts: {why}"));
    let message = format!(
        "{} uses {wanted_bytes} bytes of buffers together, but the memory of its device may hold {budget_bytes}{undivided}; \
         have it use smaller parts (`sub_buffer`), one after the other, or raise the limit with `set_memory_budget`",
        command.title()
    );
    Error::new(ErrorKind::MemoryAllocation, message)
}

fn unknown_memory(command: &Command) -> Error {
    let message = format!(
        "{} wants memory {}, which is not in the system; use the memory of one of its devices",
        command.title(),
        command.memory.0
    );
    Error::new(ErrorKind::Invalid, message)
}

fn unknown_task(command: &Command, task: TaskId) -> Error {
    let message = format!(
        "{} depends on task {}, which was never submitted here; pass events of the same runtime",
        command.title(),
        task.0
    );
    Error::new(ErrorKind::Invalid, message)
}

fn unknown_buffer(command: &Command, buffer: BufferId) -> Error {
    let message = format!(
        "{} uses buffer number {}, which is gone; keep a handle to it until everything is submitted",
        command.title(),
        buffer.0
    );
    Error::new(ErrorKind::Invalid, message)
}

fn outside(command: &Command, requirement: &Requirement, shape: &BufferShape) -> Error {
    let message = format!(
        "{} wants `{}`{}, but the buffer reaches only {}; choose a range and offset inside it",
        command.title(),
        called(requirement.buffer, shape),
        requirement.block,
        Block::new([0; 3], shape.extent)
    );
    Error::new(ErrorKind::Accessor, message)
}
