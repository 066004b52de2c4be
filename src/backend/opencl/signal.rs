//! `EventSignal`: an OpenCL event as a [`Signal`].
//!
//! Asks the event itself: a queue that finished without an error is no proof, because drivers lose failures on the way.

use super::error::OpenClError;
use super::handle::{EventKind, Owned};
use crate::backend::{Profile, Signal};
use crate::error::{Error, Result};
use cl3::event as driver;
use cl3::info_type::InfoType;
use opencl3::types::cl_int;
use std::sync::atomic::{AtomicBool, Ordering};

const COMPLETE: cl_int = driver::CL_COMPLETE;

/// What a signal is the completion of, for messages.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    Kernel(&'static str),
    Copy,
    Fill,
    /// Whatever the program itself enqueued.
    Imported,
}

impl Work {
    pub(super) fn on(&self, device: &str) -> String {
        match self {
            Work::Kernel(name) => format!("kernel `{name}` on `{device}`"),
            Work::Copy => format!("a copy on `{device}`"),
            Work::Fill => format!("a fill on `{device}`"),
            Work::Imported => format!("a command of {device}"),
        }
    }
}

/// The completion of one submitted command.
pub(super) struct EventSignal {
    event: Owned<EventKind>,
    work: Work,
    profiling: bool,
    complete: AtomicBool,
}

impl EventSignal {
    pub(super) fn new(event: Owned<EventKind>, work: Work, profiling: bool) -> Self {
        EventSignal { event, work, profiling, complete: AtomicBool::new(false) }
    }

    /// The status that the driver gives: 0 is complete, above is on its way, below failed.
    fn status(&self) -> Result<cl_int> {
        let event = self.event.raw();
        let status = self
            .event
            .driver()
            .call("clGetEventInfo", || {
                driver::get_event_info(event, driver::CL_EVENT_COMMAND_EXECUTION_STATUS)
            })
            .map_err(|error| self.failed(error))?;
        match status {
            InfoType::Int(status) => Ok(status),
            _ => Ok(driver::CL_SUBMITTED),
        }
    }

    fn failed(&self, error: OpenClError) -> Error {
        error.of(self.work.on(&self.event.driver().device_name))
    }

    /// `clWaitForEvents`: the synchronisation point at which the command's writes become visible to the host.
    fn synchronise(&self) -> Result<(), OpenClError> {
        let event = self.event.raw();
        self.event.driver().call("clWaitForEvents", || driver::wait_for_events(&[event]))
    }

    fn time(&self, which: opencl3::types::cl_profiling_info) -> Option<u64> {
        let event = self.event.raw();
        let answer = self
            .event
            .driver()
            .call("clGetEventProfilingInfo", || driver::get_event_profiling_info(event, which));
        match answer {
            Ok(InfoType::Ulong(nanoseconds)) => Some(nanoseconds),
            _ => None,
        }
    }
}

impl Signal for EventSignal {
    fn poll(&self) -> Result<bool> {
        if self.complete.load(Ordering::Acquire) {
            return Ok(true);
        }
        self.event.driver().check_process()?;
        // A driver that cannot say how the command stands may still be running it: only its end is an answer then.
        let Ok(status) = self.status() else {
            return self.synchronise().map(|()| true).map_err(|error| self.failed(error));
        };
        match status {
            COMPLETE => Ok(true),
            failed if failed < 0 => Err(self.failed(OpenClError::new("clGetEventInfo", failed))),
            _ => Ok(false),
        }
    }

    fn wait(&self) -> Result<()> {
        if self.complete.load(Ordering::Acquire) {
            return Ok(());
        }
        self.event.driver().check_process()?;
        let waited = self.synchronise();
        // The event's own status says more than the wait, which only knows that some event failed.
        match self.status()? {
            COMPLETE => {
                self.complete.store(true, Ordering::Release);
                Ok(())
            }
            failed if failed < 0 => Err(self.failed(OpenClError::new("clWaitForEvents", failed))),
            running => Err(self.failed(waited.err().unwrap_or(OpenClError {
                call: "clWaitForEvents",
                code: running,
                name: "not complete",
            }))),
        }
    }

    fn profile(&self) -> Option<Profile> {
        if !self.profiling {
            return None;
        }
        Some(Profile {
            submit_nanoseconds: self.time(driver::CL_PROFILING_COMMAND_SUBMIT)?,
            start_nanoseconds: self.time(driver::CL_PROFILING_COMMAND_START)?,
            end_nanoseconds: self.time(driver::CL_PROFILING_COMMAND_END)?,
        })
    }
}

/// The signal of a command that had nothing to do.
pub(super) struct Complete;

impl Signal for Complete {
    fn poll(&self) -> Result<bool> {
        Ok(true)
    }
    fn wait(&self) -> Result<()> {
        Ok(())
    }
    fn is_command(&self) -> bool {
        false
    }
    fn profile(&self) -> Option<Profile> {
        None
    }
}
