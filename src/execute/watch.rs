//! Watchers: threads that wait for steps which another lane waits for, one a lane, started when first needed.

use super::engine::Engine;
use crate::backend::Signal;
use crate::plan::StepId;
use crate::platform::DeviceId;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

type Watched = (StepId, Arc<dyn Signal>);

/// The watchers of all lanes.
pub(crate) struct Watchers {
    senders: Vec<Mutex<Option<Sender<Watched>>>>,
    engine: std::sync::OnceLock<&'static Engine>,
}

impl Watchers {
    pub(crate) fn new(n_devices: usize) -> Self {
        Watchers {
            senders: (0..n_devices).map(|_| Mutex::new(None)).collect(),
            engine: std::sync::OnceLock::new(),
        }
    }

    /// Says which engine to tell. Called once, before anything is watched.
    pub(crate) fn serve(&self, engine: &'static Engine) {
        let _ = self.engine.set(engine);
    }

    /// Has the steps of a lane retired once `signal` is complete.
    pub(crate) fn watch(&self, device: DeviceId, step: StepId, signal: Arc<dyn Signal>) {
        let Some(engine) = self.engine.get().copied() else { return };
        let mut sender = self.senders[device.0 as usize].lock();
        let running = sender.get_or_insert_with(|| start(engine, device));
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
