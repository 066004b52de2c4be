//! Watchers: threads that wait for steps which another lane waits for, one a lane, started when first needed.

use super::engine::Engine;
use crate::backend::Signal;
use crate::plan::StepId;
use crate::platform::DeviceId;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{JoinHandle, current, sleep};
use std::time::{Duration, Instant};

type Watched = (StepId, Arc<dyn Signal>);

/// A thread and what it is to watch next.
struct Watcher {
    steps: Sender<Watched>,
    thread: Option<JoinHandle<()>>,
}

/// The watchers of all lanes.
#[derive(Default)]
pub(crate) struct Watchers {
    running: Mutex<FxHashMap<DeviceId, Watcher>>,
    engine: std::sync::OnceLock<&'static Engine>,
}

impl Watchers {
    /// Says which engine to tell. Called once, before anything is watched.
    pub(crate) fn serve(&self, engine: &'static Engine) {
        let _ = self.engine.set(engine);
    }

    /// Has the steps of a lane retired once `signal` is complete.
    pub(crate) fn watch(&self, device: DeviceId, step: StepId, signal: Arc<dyn Signal>) {
        let Some(engine) = self.engine.get().copied() else { return };
        let mut running = self.running.lock();
        let watcher = running.entry(device).or_insert_with(|| start(engine, device));
        if watcher.steps.send((step, signal)).is_err() {
            tracing::error!("the watcher of device {} is gone", device.0);
        }
    }

    /// Waits until the watchers are through with what they watch, each for `patience` at the most.
    pub(super) fn end(&self, patience: Duration) {
        let watchers = std::mem::take(&mut *self.running.lock());
        for Watcher { steps, thread } in watchers.into_values() {
            drop(steps);
            // A watcher that ends the process does not wait for itself.
            let Some(thread) = thread.filter(|thread| thread.thread().id() != current().id()) else {
                continue;
            };
            let start = Instant::now();
            while !thread.is_finished() && start.elapsed() < patience {
                sleep(Duration::from_micros(100));
            }
        }
    }
}

fn start(engine: &'static Engine, device: DeviceId) -> Watcher {
    let (sender, receiver) = channel::<Watched>();
    let work = move || {
        for (step, signal) in receiver {
            engine.attend(device, step, signal);
        }
    };
    let name = format!("falx-watch-{}", device.0);
    let thread = std::thread::Builder::new().name(name).spawn(work);
    let thread = thread.inspect_err(|error| tracing::error!("cannot start a watcher: {error}")).ok();
    Watcher { steps: sender, thread }
}
