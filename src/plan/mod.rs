//! Turns commands into tasks, and tasks into steps. Pure: never calls a backend, never blocks, reads no clock.

mod command;

pub use command::{
    Access, BufferId, BufferShape, Command, CommandKind, Requirement, Step, StepId, StepKind, TaskId,
};
