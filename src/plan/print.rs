//! Plans as text, one line each, for snapshots and graphs.

use super::command::{Access, Command, CommandKind, Plan, Step, StepKind, TaskId};
use super::{BufferId, Planner};
use crate::geometry::Block;
use crate::platform::{DeviceId, MemoryId};
use std::fmt;

/// What a command became, with names in place of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRecord {
    /// The task.
    pub task: TaskId,
    /// What kind of command it was.
    pub kind: CommandKind,
    /// The name of the kernel or of the operation.
    pub name: &'static str,
    /// The device whose lane runs it.
    pub device: DeviceId,
    /// The memory in which it needs its regions.
    pub memory: MemoryId,
    /// The name of the buffer, the region and the use of each requirement.
    pub requirements: Vec<(String, Block, Access)>,
    /// The tasks that must be complete before it.
    pub dependencies: Vec<TaskId>,
    /// Its steps, as text.
    pub steps: Vec<String>,
}

impl Planner {
    /// The record of a command and of what it became.
    pub fn describe(&self, command: &Command, plan: &Plan) -> TaskRecord {
        let requirements = command.requirements.iter();
        TaskRecord {
            task: plan.task,
            kind: command.kind,
            name: command.name,
            device: command.device,
            memory: command.memory,
            requirements: requirements.map(|one| (self.name(one.buffer), one.block, one.access)).collect(),
            dependencies: plan.dependencies.to_vec(),
            steps: plan.steps.iter().map(|step| self.describe_step(step, command.name)).collect(),
        }
    }

    fn describe_step(&self, step: &Step, run: &str) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = write_step(&mut text, step, run, |buffer| self.name(buffer));
        text
    }

    fn name(&self, buffer: BufferId) -> String {
        match self.shape(buffer) {
            Some(shape) if !shape.name.is_empty() => shape.name.clone(),
            _ => numbered(buffer),
        }
    }
}

fn numbered(buffer: BufferId) -> String {
    format!("b{}", buffer.0)
}

fn write_step(
    out: &mut dyn fmt::Write,
    step: &Step,
    run: &str,
    name: impl Fn(BufferId) -> String,
) -> fmt::Result {
    match step.kind {
        StepKind::Zero { buffer, memory, block } => write!(out, "zero {}{block} in {memory}", name(buffer))?,
        StepKind::Copy { buffer, from, to, block } => {
            write!(out, "copy {}{block} {from}->{to}", name(buffer))?
        }
        StepKind::Reserve { buffer, memory, piece } => {
            write!(out, "reserve {}{piece} in {memory}", name(buffer))?
        }
        StepKind::Release { buffer, memory, piece } => {
            write!(out, "release {}{piece} in {memory}", name(buffer))?
        }
        StepKind::Run => write!(out, "run {run} on {}", step.device)?,
    }
    if let Some((first, rest)) = step.after.split_first() {
        write!(out, " after s{}", first.0)?;
        rest.iter().try_for_each(|other| write!(out, " s{}", other.0))?;
    }
    Ok(())
}

impl fmt::Display for Step {
    /// Such as `copy b1[0..64] host->m1 after s3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_step(f, self, &format!("t{}", self.task.0), numbered)
    }
}

impl fmt::Display for Plan {
    /// The steps with their numbers, such as `s4 copy b1[0..64] host->m1 after s3; s5 run t5 on d1 after s4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            let separator = if position == 0 { "" } else { "; " };
            write!(f, "{separator}s{} {step}", step.id.0)?;
        }
        Ok(())
    }
}

impl fmt::Display for TaskRecord {
    /// The steps, such as `copy velocity[0..64] host->m1 after s3; run blur on d1 after s4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.steps.join("; "))
    }
}

impl Command {
    /// What it is called in messages.
    pub(super) fn title(&self) -> String {
        let place = self.place.map_or_else(String::new, |(file, line)| format!(" at {file}:{line}"));
        format!("{} `{}`{place}", self.kind, self.name)
    }
}

impl fmt::Display for CommandKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            CommandKind::Launch => "kernel",
            CommandKind::HostTask => "host task",
            CommandKind::InteropTask => "interop task",
            CommandKind::HostAccess => "host access",
            CommandKind::Barrier => "barrier",
        })
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::Read => "read",
            Access::Write => "write",
            Access::ReadWrite => "read-write",
            Access::Discard => "discard",
        })
    }
}

impl fmt::Display for MemoryId {
    /// `host`, or `m1` and so on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            MemoryId::HOST => f.write_str("host"),
            MemoryId(number) => write!(f, "m{number}"),
        }
    }
}

impl fmt::Display for DeviceId {
    /// `host`, or `d1` and so on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            DeviceId::HOST => f.write_str("host"),
            DeviceId(number) => write!(f, "d{number}"),
        }
    }
}
