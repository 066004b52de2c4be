//! `HostSignal`: when one job of a lane is complete, and how it ended.

use crate::backend::{Profile, Signal};
use crate::error::{Error, ErrorKind, Result};
use parking_lot::{Condvar, Mutex};
use std::sync::{Arc, OnceLock};
use std::thread::{self, ThreadId};
use std::time::Instant;

/// What waiters look at.
pub(super) struct HostSignal {
    progress: Mutex<Progress>,
    changed: Condvar,
    submit_nanoseconds: u64,
}

#[derive(Default)]
struct Progress {
    start_nanoseconds: u64,
    /// The thread that runs it, once it runs.
    runner: Option<ThreadId>,
    end: Option<End>,
}

struct End {
    nanoseconds: u64,
    outcome: Result<()>,
}

/// The duty to complete a signal. A job that is lost completes its signal with an error.
pub(super) struct Completion(Arc<HostSignal>);

/// A signal and the duty to complete it.
pub(super) fn signal() -> (Arc<HostSignal>, Completion) {
    let signal = Arc::new(HostSignal {
        progress: Mutex::default(),
        changed: Condvar::new(),
        submit_nanoseconds: nanoseconds(),
    });
    (signal.clone(), Completion(signal))
}

impl Completion {
    /// Says that the job runs now, on this thread.
    pub(super) fn start(&self) {
        let mut progress = self.0.progress.lock();
        progress.start_nanoseconds = nanoseconds();
        progress.runner = Some(thread::current().id());
    }

    /// Says how the job ended.
    pub(super) fn complete(self, outcome: Result<()>) {
        self.0.end(outcome);
    }
}

impl Drop for Completion {
    fn drop(&mut self) {
        self.0.end(Err(Error::new(ErrorKind::Runtime, "the host device stopped before it ran this")));
    }
}

impl HostSignal {
    /// The first end counts.
    fn end(&self, outcome: Result<()>) {
        let mut progress = self.progress.lock();
        if progress.end.is_none() {
            progress.end = Some(End { nanoseconds: nanoseconds(), outcome });
            self.changed.notify_all();
        }
    }
}

impl Signal for HostSignal {
    fn poll(&self) -> Result<bool> {
        match &self.progress.lock().end {
            Some(end) => end.outcome.clone().map(|()| true),
            None => Ok(false),
        }
    }

    fn wait(&self) -> Result<()> {
        let mut progress = self.progress.lock();
        loop {
            if let Some(end) = &progress.end {
                return end.outcome.clone();
            }
            if progress.runner == Some(thread::current().id()) {
                return Err(Error::new(
                    ErrorKind::Deadlock,
                    "a kernel on the host device waits for its own end",
                ));
            }
            self.changed.wait(&mut progress);
        }
    }

    fn profile(&self) -> Option<Profile> {
        let progress = self.progress.lock();
        progress.end.as_ref().map(|end| Profile {
            submit_nanoseconds: self.submit_nanoseconds,
            start_nanoseconds: progress.start_nanoseconds,
            end_nanoseconds: end.nanoseconds,
        })
    }
}

/// Nanoseconds since the first call in this process.
fn nanoseconds() -> u64 {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    u64::try_from(ORIGIN.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}
