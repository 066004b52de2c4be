//! `RecordedSignal`: a completion that a test brings about.

use crate::backend::{Profile, Signal};
use crate::error::Result;
use parking_lot::{Condvar, Mutex};

/// A completion that comes when somebody says so.
#[derive(Default)]
pub(super) struct RecordedSignal {
    outcome: Mutex<Option<Result<()>>>,
    changed: Condvar,
}

impl RecordedSignal {
    /// Completes, or fails. Only the first call counts.
    pub(super) fn complete(&self, outcome: Result<()>) {
        self.outcome.lock().get_or_insert(outcome);
        self.changed.notify_all();
    }
}

impl Signal for RecordedSignal {
    fn poll(&self) -> Result<bool> {
        match &*self.outcome.lock() {
            Some(Ok(())) => Ok(true),
            Some(Err(error)) => Err(error.clone()),
            None => Ok(false),
        }
    }

    fn wait(&self) -> Result<()> {
        let mut outcome = self.outcome.lock();
        loop {
            match &*outcome {
                Some(outcome) => return outcome.clone(),
                None => self.changed.wait(&mut outcome),
            }
        }
    }

    fn profile(&self) -> Option<Profile> {
        None
    }
}
