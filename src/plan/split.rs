//! `Split`: does a command part by part where all of it is more than a memory may hold.
//!
//! Parts follow each other along one dimension, each as large as there may be. What they read and write must show that their
//! order makes no difference. To everybody else they are one task, over with its last part.

use super::command::{Access, BufferId, Command, Plan, Requirement, Requirements, StepId, TaskId};
use super::graph::Wait;
use super::lower::Survey;
use super::merge;
use super::room::Shortage;
use super::{Lowered, Planner, called, tasks_of, too_much};
use crate::error::{ErrorKind, Result};
use crate::geometry::Region;
use crate::platform::MemoryId;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::ops::Range;

/// A command that may be done in parts.
pub trait Divisible {
    /// How many units there are, none of which is taken apart.
    ///
    /// # Errors
    /// Why it has no parts.
    fn n_units(&self) -> Result<usize, &'static str>;

    /// Parts of so many units, and multiples, cost least.
    fn grain(&self) -> usize {
        1
    }

    /// What the part of these units uses: not more than a larger part that holds it.
    fn requirements(&self, units: &Range<usize>) -> Requirements;
}

/// A part of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its units.
    pub units: Range<usize>,
    /// What they use.
    pub requirements: Requirements,
}

/// What the parts found so far use.
#[derive(Default)]
struct Used {
    buffers: FxHashMap<BufferId, Regions>,
}

#[derive(Default)]
struct Regions {
    read: Region,
    written: Region,
}

impl Used {
    /// Adds a part. Refused, with the buffer, if it reads or overwrites what an earlier one writes, or the other way round.
    fn add(&mut self, part: &Part) -> Result<(), BufferId> {
        for Requirement { buffer, block, access, .. } in &part.requirements {
            let Some(Regions { read, written }) = self.buffers.get(buffer) else { continue };
            if written.overlaps(block) || access.writes() && read.overlaps(block) {
                return Err(*buffer);
            }
        }
        for Requirement { buffer, block, access, .. } in &part.requirements {
            let Regions { read, written } = self.buffers.entry(*buffer).or_default();
            let region = if access.writes() { written } else { read };
            *region = region.union(&Region::from(*block));
        }
        Ok(())
    }
}

impl Planner {
    /// As [`Planner::plan`], for a command that is done in parts where all of it does not fit: with the parts, if there are any.
    /// The plan has a [`Run`](super::StepKind::Run) step for each, in order.
    ///
    /// # Errors
    /// As for [`Planner::plan`].
    pub fn plan_divisible(&mut self, command: &Command, whole: &dyn Divisible) -> Result<(Plan, Vec<Part>)> {
        let planned = self.plan(command);
        if !planned.as_ref().is_err_and(|error| error.kind() == ErrorKind::MemoryAllocation) {
            return Ok((planned?, Vec::new()));
        }
        let Err(shortage) = self.seating_for(command.memory, &command.requirements) else {
            return Ok((planned?, Vec::new()));
        };
        let merged = merge::merged(&command.requirements);
        let requirements = merged.as_deref().unwrap_or(&command.requirements);
        let mut survey = Survey::new(self.settled);
        self.survey(command, requirements, &mut survey)?;
        let parts = self.split(command, whole, shortage)?;
        Ok((self.plan_parts(command, requirements, &parts, &survey.tasks), parts))
    }

    /// The buffers of which memory may leave the command's memory before it is done in parts.
    pub fn may_leave(&self, command: &Command) -> SmallVec<[BufferId; 1]> {
        let mut buffers = self.room.seated(command.memory);
        let written = command.requirements.iter().filter(|requirement| requirement.access.writes());
        buffers.extend(written.map(|requirement| requirement.buffer));
        buffers.sort_unstable();
        buffers.dedup();
        buffers
    }

    /// The parts of a command, each of which fits.
    fn split(&self, command: &Command, whole: &dyn Divisible, shortage: Shortage) -> Result<Vec<Part>> {
        let refuse = |why: String| too_much(command, shortage, Some(why));
        let n_units = whole.n_units().map_err(|why| refuse(why.to_owned()))?;
        let (mut used, mut parts, mut length) = (Used::default(), Vec::new(), n_units);
        let mut first = 0;
        while first < n_units {
            let part = self.largest_part(command.memory, whole, first, length.min(n_units - first));
            let part = part.map_err(|smallest| refuse(self.too_coarse(&smallest)))?;
            if !part.requirements.iter().all(|one| is_among(one, &command.requirements)) {
                return Err(refuse("what a part uses may be more than what all of it uses".to_owned()));
            }
            used.add(&part).map_err(|buffer| refuse(self.conflict(buffer)))?;
            (first, length) = (part.units.end, part.units.len());
            parts.push(part);
        }
        Ok(parts)
    }

    /// The largest part from the unit `first` on, of at most `most` units, that fits; or what one unit wants.
    fn largest_part(
        &self,
        memory: MemoryId,
        whole: &dyn Divisible,
        first: usize,
        most: usize,
    ) -> Result<Part, Box<(Shortage, Requirements)>> {
        let part = |length: usize| {
            let units = first..first + length;
            let requirements = whole.requirements(&units);
            match self.seating_for(memory, &requirements) {
                Ok(_) => Ok(Part { units, requirements }),
                Err(shortage) => Err(Box::new((shortage, requirements))),
            }
        };
        // Parts that follow each other are mostly of one length.
        if let Ok(part) = part(most) {
            return Ok(part);
        }
        let (mut fitting, mut too_long) = (part(1)?, most);
        while fitting.units.len() + 1 < too_long {
            let length = fitting.units.len().midpoint(too_long);
            match part(length) {
                Ok(longer) => fitting = longer,
                Err(_) => too_long = length,
            }
        }
        let length = fitting.units.len();
        // If it fits: what is less mostly does.
        let of_grains = length / whole.grain() * whole.grain();
        Ok(if of_grains > 0 { part(of_grains).unwrap_or(fitting) } else { fitting })
    }

    fn too_coarse(&self, (shortage, requirements): &(Shortage, Requirements)) -> String {
        let size_bytes = |one: &&Requirement| {
            let shape = self.shape(one.buffer);
            shape.map_or(0, |shape| one.within.size().saturating_mul(shape.element_bytes))
        };
        let largest = requirements.iter().max_by_key(size_bytes);
        let largest = largest.map_or_else(String::new, |one| self.called(one.buffer));
        format!("its smallest part uses {} bytes, most of them of `{largest}`", shortage.wanted_bytes)
    }

    fn conflict(&self, buffer: BufferId) -> String {
        format!("one part may write elements of `{}` that another uses", self.called(buffer))
    }

    fn called(&self, buffer: BufferId) -> String {
        self.shape(buffer).map_or_else(String::new, |shape| called(buffer, shape))
    }

    /// Plans the parts of a command, which all fit, one after the other; all of it uses `requirements`, and waits for `tasks`.
    fn plan_parts(
        &mut self,
        command: &Command,
        requirements: &[Requirement],
        parts: &[Part],
        tasks: &Wait,
    ) -> Plan {
        self.give_up(requirements);
        let (start, mut waited_for) = (self.next_step, tasks.clone());
        let mut all = Lowered { run: start, steps: SmallVec::new(), saved: SmallVec::new() };
        for part in parts {
            let mut survey = Survey::new(self.settled);
            survey.tasks.extend(tasks);
            if !all.steps.is_empty() {
                survey.tasks.push(all.run);
            }
            let next = self.plan_part(command, &part.requirements, &mut survey);
            all.run = next.run;
            all.steps.extend(next.steps);
            all.saved.extend(next.saved);
            waited_for.extend(&survey.tasks);
        }
        let Lowered { run, mut steps, saved } = all;
        steps.iter_mut().for_each(|step| step.task = TaskId(run.0));
        self.record_whole(requirements, run);
        self.record_reads(&saved, run);
        let mut dependencies = tasks_of(waited_for);
        dependencies.retain(|task| task.0 < start.0);
        Plan { task: TaskId(run.0), run, dependencies, steps }
    }

    fn plan_part(&mut self, command: &Command, requirements: &[Requirement], survey: &mut Survey) -> Lowered {
        let merged = merge::merged(requirements);
        let disjoint = merged.as_deref().unwrap_or(requirements);
        for requirement in disjoint {
            if let Some(state) = self.buffers.get(&requirement.buffer) {
                survey.look(state, requirement, command.memory);
            }
        }
        // It fits, whatever else is there: so `split` has found.
        let seating = self.seating_for(command.memory, requirements).unwrap_or_default();
        let lowered = self.lower(command, disjoint, &seating, survey);
        for Requirement { buffer, block, .. } in disjoint.iter().filter(|one| one.access.writes()) {
            let Some(state) = self.buffers.get_mut(buffer) else { continue };
            state.record_part(block, lowered.run, command.memory);
        }
        lowered
    }

    /// Forgets the contents of what a command overwrites as a whole: no part of it brings or saves any of that.
    fn give_up(&mut self, requirements: &[Requirement]) {
        for Requirement { buffer, block, .. } in discarded(requirements) {
            self.discard(*buffer, block);
        }
    }

    /// Has all parts count as one task, for everybody who comes later. What of discarded elements no part has touched has
    /// unspecified contents: those of host memory.
    fn record_whole(&mut self, requirements: &[Requirement], run: StepId) {
        for Requirement { buffer, block, .. } in discarded(requirements) {
            let Some(state) = self.buffers.get_mut(buffer) else { continue };
            state.map.modify(block, |elements| {
                if !elements.residency.is_current_in(None) {
                    elements.residency.set_only(MemoryId::HOST, run);
                }
            });
        }
        for Requirement { buffer, block, access, .. } in requirements {
            let Some(state) = self.buffers.get_mut(buffer) else { continue };
            match access.writes() {
                true => state.record_writer(block, run, self.settled),
                false => state.record_read(block, run, self.settled),
            }
        }
    }
}

/// Whether others that use what a command uses are ordered against a part of it that uses `one`.
fn is_among(one: &Requirement, all: &[Requirement]) -> bool {
    let of_all = |needs: fn(Access) -> bool| {
        let mut same = all.iter().filter(|other| other.buffer == one.buffer && needs(other.access));
        !needs(one.access) || one.block.is_empty() || same.any(|other| other.block.contains(&one.block))
    };
    of_all(Access::reads) && of_all(Access::writes)
}

fn discarded(requirements: &[Requirement]) -> impl Iterator<Item = &Requirement> {
    requirements.iter().filter(|requirement| requirement.access == Access::Discard)
}
