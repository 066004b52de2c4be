//! `Worker`: the thread of a lane. Turns jobs into completed signals, one after the other.
//!
//! Outlives every job: whatever goes wrong in one becomes the error of its signal.

use super::run::LaunchJob;
use super::signal::{Completion, signal};
use super::sum::SumJob;
use super::transfer::{CopyJob, FillJob};
use crate::backend::Signal;
use crate::error::{Error, ErrorKind, Result};
use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};

/// What a lane can be told to do.
pub(super) enum Job {
    Launch(Box<LaunchJob>),
    Copy(Box<CopyJob>),
    Fill(Box<FillJob>),
    Sum(Box<SumJob>),
}

/// The thread and the way to it.
pub(super) struct Worker {
    jobs: Option<Sender<(Job, Completion)>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// Starts the thread.
    pub(super) fn start() -> Result<Self> {
        let (jobs, receiver) = mpsc::channel();
        let thread = thread::Builder::new().name("falx-host".into()).spawn(move || work(&receiver)).map_err(
            |cause| {
                Error::with_source(ErrorKind::Runtime, "the system gives no thread to the host device", cause)
            },
        )?;
        Ok(Worker { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Hands a job to the thread.
    pub(super) fn submit(&self, job: Job) -> Result<Arc<dyn Signal>> {
        let (signal, completion) = signal();
        match self.jobs.as_ref().map(|jobs| jobs.send((job, completion))) {
            Some(Ok(())) => Ok(signal),
            _ => Err(Error::new(ErrorKind::DeviceLost, "the thread of the host device has ended")),
        }
    }
}

impl Drop for Worker {
    /// Finishes what was submitted.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            // The last owner may be something that a job held; the thread then ends by itself when it is done.
            && thread.thread().id() != thread::current().id()
        {
            // Panics are caught where they happen, so there is nothing to learn from the result.
            let _ = thread.join();
        }
    }
}

fn work(jobs: &Receiver<(Job, Completion)>) {
    for (job, completion) in jobs {
        completion.start();
        // The job is consumed inside, so that nothing of it is left when waiters go on.
        let outcome = panic::catch_unwind(AssertUnwindSafe(move || match job {
            Job::Launch(launch) => launch.run(),
            Job::Copy(copy) => copy.run(),
            Job::Fill(fill) => fill.run(),
            Job::Sum(sum) => sum.run(),
        }));
        completion.complete(outcome.unwrap_or_else(|payload| Err(panicked(payload))));
    }
}

fn panicked(payload: Box<dyn Any + Send>) -> Error {
    let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
        (Some(text), _) => text,
        (_, Some(text)) => text.as_str(),
        _ => "no message",
    };
    let error = Error::new(ErrorKind::Kernel, format!("a kernel panicked on the host device: {text}"));
    // A payload may panic in turn when it is dropped, which would end the thread.
    let _ = panic::catch_unwind(AssertUnwindSafe(move || drop(payload))).map_err(std::mem::forget);
    error
}
