//! Threads for host tasks. A task may block for long, so each runs on a thread of its own; idle threads are kept.

use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

type Task = Box<dyn FnOnce() + Send>;

/// How long an idle thread waits for more work.
const KEEP: Duration = Duration::from_secs(2);

/// The idle threads, each with a number of its own.
static IDLE: Mutex<Vec<(u64, Sender<Task>)>> = Mutex::new(Vec::new());
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Runs `task` on an idle thread, or on a new one, or (when no thread can be had) at once.
pub(crate) fn run(task: Task) {
    let idle = IDLE.lock().pop();
    let task = match idle {
        // A thread in the list always receives: it takes itself out before it ends.
        Some((_, sender)) => match sender.send(task) {
            Ok(()) => return,
            Err(unsent) => unsent.0,
        },
        None => task,
    };
    let slot = Arc::new(Mutex::new(Some(task)));
    let first = slot.clone();
    let spawned = std::thread::Builder::new().name("falx-host-task".into()).spawn(move || work(&first));
    if spawned.is_err()
        && let Some(task) = slot.lock().take()
    {
        task();
    }
}

fn work(first: &Mutex<Option<Task>>) {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let mut task = first.lock().take();
    while let Some(run) = task {
        run();
        task = next(number);
    }
}

/// The next task; none when no task came for a while.
fn next(number: u64) -> Option<Task> {
    let (sender, receiver) = channel();
    IDLE.lock().push((number, sender));
    if let Ok(task) = receiver.recv_timeout(KEEP) {
        return Some(task);
    }
    let mut idle = IDLE.lock();
    match idle.iter().position(|(other, _)| *other == number) {
        Some(position) => {
            idle.remove(position);
            None
        }
        // Somebody took this thread from the list, so a task is on its way.
        None => {
            drop(idle);
            receiver.recv().ok()
        }
    }
}
