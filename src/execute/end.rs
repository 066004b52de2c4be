//! The end of the process: what is in a driver's hands is waited for, since drivers fall apart under work that is still going on.
//!
//! Their destructors run while the process ends, and their threads still compile and compute: PoCL and Intel's runtime for CPUs abort
//! then, or end with a signal.

use super::engine::Engine;
use crate::backend::{Lane, Signal};
use crate::error::Error;
use crate::plan::StepId;
use crate::platform::DeviceId;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::current;
use std::time::{Duration, Instant};

/// For how long a thread that is in the middle of a call may stay there: what it runs may be the user's, and may wait for the end.
const PATIENCE: Duration = Duration::from_secs(1);

/// After which time it is said what the process waits for.
const SILENCE: Duration = Duration::from_secs(10);

/// A step that a driver has.
struct InFlight<'e> {
    lane: &'e Arc<dyn Lane>,
    step: StepId,
    name: &'static str,
    signal: Arc<dyn Signal>,
}

impl Engine {
    /// Hands nothing to devices any more, waits until what drivers have is over, and says what of it failed: nobody else will. What the
    /// host device and host tasks do ends with the process, as threads do in Rust.
    pub(crate) fn end(&'static self) {
        self.close();
        let in_flight = self.in_flight();
        let late: Vec<_> = in_flight.iter().filter(|step| matches!(step.signal.poll(), Ok(false))).collect();
        let _told = (!late.is_empty()).then(|| tell_later(&late));
        for step in &late {
            step.lane.flush();
            // A failure is seen again when the step is retired.
            let _ = step.signal.wait();
        }
        let lanes: BTreeSet<_> = in_flight.iter().map(|step| step.lane.device().id().0).collect();
        lanes.into_iter().for_each(|device| self.retire(DeviceId(device)));
        self.tell_failures(&in_flight);
    }

    /// Waits until no watcher calls a driver any more.
    pub(crate) fn end_watchers(&self) {
        self.watchers().end(PATIENCE);
    }

    /// Has no more steps handed to lanes, and waits until no thread is about to.
    fn close(&self) {
        let start = Instant::now();
        let mut state = self.state();
        state.ended_by = Some(current().id());
        while state.lanes.iter().any(|lane| lane.busy) && start.elapsed() < PATIENCE {
            self.wait_for_change(&mut state, Duration::from_millis(10));
        }
    }

    fn in_flight(&self) -> Vec<InFlight<'_>> {
        let state = self.state();
        let submitted = state
            .records
            .iter()
            .filter_map(|record| Some((record.device, record.id, record.name, record.last_signal()?)));
        let submitted: Vec<_> = submitted.collect();
        drop(state);
        let of_drivers = submitted.into_iter().filter_map(|(device, step, name, signal)| {
            let lane = self.lanes().open(device).ok()?;
            (!lane.device().is_host()).then_some(InFlight { lane, step, name, signal })
        });
        of_drivers.collect()
    }

    fn tell_failures(&self, steps: &[InFlight<'_>]) {
        let state = self.state();
        let mut errors: Vec<Error> = Vec::new();
        for error in steps.iter().filter_map(|step| state.failures.get(&step.step)) {
            if !errors.iter().any(|known| known.is_same(error)) {
                errors.push(error.clone());
            }
        }
        drop(state);
        for error in errors {
            tell(&format!("{error}\n(the process ended without waiting for this)"));
        }
    }
}

fn tell(text: &str) {
    // Nobody can be told that standard error is closed.
    let _ = writeln!(std::io::stderr(), "falx: {text}");
}

/// Says what the process waits for, unless what this returns is dropped in time.
fn tell_later(late: &[&InFlight<'_>]) -> Sender<()> {
    let (sender, receiver) = channel();
    let oldest = late.first().map(|step| format!("`{}` on {}", step.name, step.lane.device()));
    let text = format!(
        "the process ends when what its devices work on is over, and {} is not after {} s; wait for it (`queue.wait()`) to learn \
         how it ends, or end the process by a signal",
        oldest.unwrap_or_default(),
        SILENCE.as_secs()
    );
    let wait = move || {
        if receiver.recv_timeout(SILENCE) == Err(RecvTimeoutError::Timeout) {
            tell(&text);
        }
    };
    // Without a thread nothing is said.
    let _ = std::thread::Builder::new().name("falx-end".to_owned()).spawn(wait);
    sender
}
