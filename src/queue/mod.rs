//! Queues, handlers and events: the user's view of work.
//!
//! A handler collects one command; a queue submits it; an event says how it fares. Decides nothing about order or copies.

mod checks;
mod division;
mod event;
pub mod foreign;
mod handler;
mod host_task;
mod launch;
#[allow(clippy::module_inception)]
mod queue;
mod reduce;
mod usm;

pub use event::{Event, EventStatus, Profiling};
pub(crate) use handler::Action;
pub use handler::{CommandResult, Handler};
pub use host_task::HostArguments;
pub use queue::{Queue, QueueOptions};
pub use reduce::{Reduction, Reductions, and, max, min, or, product, reduction, sum, xor};
pub use usm::Advice;
