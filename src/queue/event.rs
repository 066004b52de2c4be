//! `Event`: how a submitted command fares.

use crate::error::{Error, ErrorKind, Result};
use crate::execute::{HostClosure, ProfileSlot, Standing, Until, Work};
use crate::plan::{Command, CommandKind, StepId, TaskId};
use crate::platform::{DeviceId, MemoryId};
use crate::runtime::{Request, runtime};
use crate::trace::{Reason, Tally};
use smallvec::SmallVec;
use std::sync::Arc;
use std::time::Duration;

/// A submitted command: to wait for, to ask about, and to have other commands depend on. Cheap to clone.
///
/// ```
/// use falx::prelude::*;
/// let queue = Queue::new(Selector::default())?;
/// let data = Buffer::<u32>::new(8);
/// let event = queue.fill(&data, 5)?;
/// event.wait()?;
/// assert_eq!(event.status(), EventStatus::Complete);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.6.6.
#[derive(Clone)]
pub struct Event {
    pub(super) task: TaskId,
    pub(super) step: StepId,
    pub(super) dependencies: SmallVec<[TaskId; 4]>,
    pub(super) profile: Option<Arc<ProfileSlot>>,
}

impl std::fmt::Debug for Event {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Event of task {}", self.task.0)
    }
}

/// One event is a list of one, for [`depends_on`](crate::Handler::depends_on).
impl<'e> IntoIterator for &'e Event {
    type Item = &'e Event;
    type IntoIter = std::iter::Once<&'e Event>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self)
    }
}

/// How far a command has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventStatus {
    /// It waits for others.
    Submitted,
    /// It was handed to its device.
    Running,
    /// It is over, well or not.
    Complete,
}

/// When a command was handed to its device, started and ended there, on the device's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profiling {
    /// When it was handed to the device.
    pub submit: Duration,
    /// When it started to run.
    pub start: Duration,
    /// When it ended.
    pub end: Duration,
}

impl Event {
    /// A closure on the host that waits for some commands and touches nothing, of no queue.
    pub(crate) fn of_host_task(name: &'static str, after: &[&Event], closure: HostClosure) -> Result<Event> {
        let ticket = runtime().submit(&mut Request {
            command: Command {
                kind: CommandKind::HostTask,
                name,
                place: None,
                device: DeviceId::HOST,
                memory: MemoryId::HOST,
                requirements: SmallVec::new(),
                after: after.iter().map(|event| event.task).collect(),
            },
            work: Work::HostTask(Some(closure)),
            division: None,
            uses: SmallVec::new(),
            sink: None,
            profile: None,
            counters: None,
            tally: Tally::default(),
            reason: Reason::Command,
            last: None,
        })?;
        Ok(Event { task: ticket.task, step: ticket.step, dependencies: ticket.dependencies, profile: None })
    }

    /// Blocks until the command is over.
    ///
    /// # Errors
    /// What it failed with; [`ErrorKind::Deadlock`] if this thread holds a host guard that it waits for.
    pub fn wait(&self) -> Result<()> {
        runtime().wait(self.step, Until::Complete)
    }

    /// How far the command has come. Does not block.
    pub fn status(&self) -> EventStatus {
        match runtime().engine.status(self.step) {
            Standing::Waiting => EventStatus::Submitted,
            Standing::Submitted => EventStatus::Running,
            Standing::Complete => EventStatus::Complete,
        }
    }

    /// Waits for the command and says when it ran.
    ///
    /// # Errors
    /// [`ErrorKind::Profiling`] if the queue was made without profiling, or the command ran on no device; else as for
    /// [`Event::wait`].
    ///
    /// Source: SYCL 2020, section 4.6.6.2.
    pub fn profiling(&self) -> Result<Profiling> {
        let missing = |text| Error::new(ErrorKind::Profiling, text);
        let no_slot = "the queue collects no times; make it with `QueueOptions { profiling: true, .. }`";
        let slot = self.profile.as_ref().ok_or_else(|| missing(no_slot))?;
        self.wait()?;
        let profile =
            slot.get().ok_or_else(|| missing("the command ran on no device, so there are no times"))?;
        Ok(Profiling {
            submit: Duration::from_nanos(profile.submit_nanoseconds),
            start: Duration::from_nanos(profile.start_nanoseconds),
            end: Duration::from_nanos(profile.end_nanoseconds),
        })
    }

    /// The commands that this one waits for, as far as they were not over when it was submitted.
    ///
    /// Source: SYCL 2020, section 4.6.6 (`get_wait_list`).
    pub fn dependencies(&self) -> Vec<Event> {
        let event = |task: &TaskId| Event {
            task: *task,
            step: StepId(task.0),
            dependencies: SmallVec::new(),
            profile: None,
        };
        self.dependencies.iter().map(event).collect()
    }
}
