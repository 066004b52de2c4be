//! Watchers: threads that wait for steps which another lane waits for, one a lane, started when first needed.

use super::engine::Engine;
use crate::backend::Signal;
use crate::plan::StepId;
use crate::platform::DeviceId;
use parking_lot::Mutex;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

type Watched = (StepId, Arc<dyn Signal>);

/// The watchers of all lanes.
#[derive(Default)]
pub(crate) struct Watchers {
    senders: Mutex<FxHashMap<DeviceId, Sender<Watched>>>,
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
        let mut senders = self.senders.lock();
        let running = senders.entry(device).or_insert_with(|| start(engine, device));
        if running.send((step, signal)).is_err() {
            tracing::error!("the watcher of device {} is gone", device.0);
        }
    }
}

fn start(engine: &'static Engine, device: DeviceId) -> Sender<Watched> {
    let (sender, receiver) = channel::<Watched>();
    let work = move || {
        for (step, signal) in receiver {
            engine.attend(device, step, signal);
        }
    };
    let name = format!("falx-watch-{}", device.0);
    if let Err(error) = std::thread::Builder::new().name(name).spawn(work) {
        tracing::error!("cannot start a watcher: {error}");
    }
    sender
}
