//! `Record`: what the engine knows of one step that is not over yet.

use super::engine::{ErrorSink, ProfileSlot};
use super::state::reads;
use super::storage::Storage;
use super::work::{LaunchWork, Use, Work};
use crate::backend::Signal;
use crate::error::{Error, Result};
use crate::plan::{Step, StepId};
use crate::platform::DeviceId;
use smallvec::SmallVec;
use std::sync::{Arc, OnceLock};
use std::thread::ThreadId;

/// How far a step has come.
pub(crate) enum Stage {
    /// Something it waits for is not over.
    Waiting,
    /// It may start, and is about to be handed over.
    Ready,
    /// It was handed to its lane.
    Submitted(SmallVec<[Arc<dyn Signal>; 1]>),
    /// A thread of the user holds it (a host access).
    Open(ThreadId),
    /// A thread runs it (a host task).
    Running(ThreadId),
    /// It is over.
    Complete,
    /// It is over and failed; the engine keeps the error.
    Failed,
}

/// What the steps share that do the parts of one command.
pub(crate) struct Whole {
    /// The first part.
    first: StepId,
    failure: OnceLock<Error>,
}

impl Whole {
    /// Of a command whose first part is done by the step `first`.
    pub(crate) fn new(first: StepId) -> Self {
        Whole { first, failure: OnceLock::new() }
    }

    /// How the command fares once a part ended so, and those before it: as the first of them that failed.
    pub(super) fn after(&self, part: Result<()>) -> Result<()> {
        if let Err(error) = part {
            let _ = self.failure.set(error);
        }
        self.failure.get().cloned().map_or(Ok(()), Err)
    }
}

pub(crate) struct Record {
    pub(crate) id: StepId,
    pub(crate) device: DeviceId,
    /// The steps that it waits for.
    pub(crate) after: SmallVec<[StepId; 4]>,
    pub(crate) stage: Stage,
    /// How many of the steps it waits for are still in its way.
    pub(crate) unmet: u32,
    pub(crate) work: Option<Work>,
    pub(crate) uses: SmallVec<[Use; 4]>,
    pub(crate) successors: SmallVec<[StepId; 2]>,
    /// Whether a watcher waits for its signal.
    pub(crate) watched: bool,
    /// That of its queue; until it is over.
    pub(crate) sink: Option<Arc<ErrorSink>>,
    /// Whether it is the last step of its command.
    pub(crate) is_last: bool,
    pub(crate) profile: Option<Arc<ProfileSlot>>,
    /// The command that it does a part of, if it is done in parts.
    pub(crate) whole: Option<Arc<Whole>>,
    pub(crate) name: &'static str,
}

impl Record {
    /// A step on its way to the engine, of a command called `name`.
    #[inline(always)]
    pub(crate) fn new(step: Step, work: Work, name: &'static str) -> Self {
        Record {
            id: step.id,
            device: step.device,
            after: step.after,
            stage: Stage::Waiting,
            unmet: 0,
            work: Some(work),
            uses: SmallVec::new(),
            successors: SmallVec::new(),
            watched: false,
            sink: None,
            is_last: StepId(step.task.0) == step.id,
            profile: None,
            whole: None,
            name,
        }
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Complete | Stage::Failed)
    }

    /// Whether a driver or a host task may be at work on it, or is about to be.
    pub(crate) fn is_under_way(&self) -> bool {
        matches!(self.stage, Stage::Ready | Stage::Submitted(_) | Stage::Running(_))
    }

    /// The signal that comes last, if it was handed to its lane.
    pub(crate) fn last_signal(&self) -> Option<Arc<dyn Signal>> {
        match &self.stage {
            Stage::Submitted(signals) => signals.last().cloned(),
            _ => None,
        }
    }

    /// Whether it uses a buffer.
    pub(crate) fn touches(&self, storage: &Storage) -> bool {
        let own = match &self.work {
            Some(Work::Move(part) | Work::Zero(part) | Work::Reserve(part) | Work::Release(part)) => {
                part.storage.id == storage.id
            }
            // What it does and uses is with the lane this moment, and may be anything.
            None => true,
            _ => false,
        };
        own || self.uses.iter().any(|used| used.storage.id == storage.id)
    }

    /// Whether a later step of `device`, which goes to its lane or not, need not wait for this one: it is over, or ahead of it on
    /// the same in-order lane.
    #[inline]
    pub(crate) fn is_met_for(&self, device: DeviceId, on_lane: bool) -> bool {
        match &self.stage {
            Stage::Complete | Stage::Failed => true,
            Stage::Submitted(_) => self.device == device && on_lane,
            _ => false,
        }
    }

    /// Whether it goes to the lane of `device`, so that being behind another step there is order enough.
    pub(crate) fn follows_on(&self, device: DeviceId) -> bool {
        self.device == device && self.runs_on_lane()
    }

    /// Whether it goes to the lane of its device.
    #[inline]
    pub(crate) fn runs_on_lane(&self) -> bool {
        let runs = |work: &Work| {
            let elsewhere = matches!(work, Work::HostTask(_) | Work::HostAccess(_) | Work::Barrier);
            !elsewhere && !work.is_accounting()
        };
        self.work.as_ref().is_some_and(runs)
    }

    /// What the thread that owns it should do to bring it to an end, for the message of a wait that cannot.
    pub(crate) fn holder(&self) -> String {
        match self.uses.first() {
            Some(used) if matches!(self.work, Some(Work::HostAccess(_))) => {
                let name = used.storage.name();
                format!(
                    "the host guard of buffer `{name}`, which this same thread holds; drop the guard before waiting"
                )
            }
            _ => "the host task that is waiting; return from it instead of waiting for what depends on it"
                .into(),
        }
    }

    /// The launch, if it is one.
    pub(crate) fn launch(&self) -> Option<&Arc<LaunchWork>> {
        match &self.work {
            Some(Work::Launch(launch)) => Some(launch),
            _ => None,
        }
    }

    /// The error that spoilt something it reads, if any; or that spoilt, on the way from one part of its command to the next, what
    /// a part before it wrote.
    pub(crate) fn poison(&self) -> Option<Error> {
        self.uses.iter().find_map(|used| match (reads(used.access), &self.whole) {
            (true, _) => used.storage.spoilt_by(StepId(0)..self.id),
            (false, Some(whole)) => used.storage.spoilt_by(whole.first..self.id),
            (false, None) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn a_command_fares_as_the_first_of_its_parts_that_failed() {
        let (whole, failed) = (Whole::new(StepId(0)), |text: &str| Err(Error::new(ErrorKind::Kernel, text)));
        let text = |result: Result<()>| result.map_err(|error| error.to_string());
        assert_eq!(text(whole.after(Ok(()))), Ok(()));
        let first = text(whole.after(failed("first")));
        assert!(first.as_ref().is_err_and(|text| text.contains("first")));
        assert_eq!(text(whole.after(failed("second"))), first);
        assert_eq!(text(whole.after(Ok(()))), first);
    }
}
