//! The engine: hands steps to their lanes when they are ready, and notices when they are complete.
//!
//! A step is handed to its in-order lane as soon as everything it waits for is complete or already on that lane. Nothing
//! is ever left to a driver's own event chains, since drivers differ in what they do when one link fails. No lock is held
//! while a driver or a closure of the user runs.

use super::lanes::Lanes;
use super::record::{Record, Stage};
use super::state::{Blocker, Candidates, Dead, Over, RETIRE_EVERY, State};
use super::storage::Storage;
use super::watch::Watchers;
use super::work::{HostClosure, Reports, Submitted, Use, Work};
use crate::backend::{Profile, Signal};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::StepId;
use crate::platform::DeviceId;
use crate::sync::{Condvar, Mutex, MutexGuard};
use smallvec::SmallVec;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How often a waiting thread looks through everything that it waits for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Where the errors of a queue's steps are collected until somebody asks. A step belongs to the queue whose sink it has.
#[derive(Default)]
pub(crate) struct ErrorSink {
    errors: Mutex<Vec<Error>>,
    /// Every step of the queue below this number is over.
    settled: AtomicU64,
}

impl ErrorSink {
    /// Takes what was collected.
    pub(crate) fn take(&self) -> Vec<Error> {
        std::mem::take(&mut *self.errors.lock())
    }
    /// Keeps an error, once: what depends on a failed command fails with the same one.
    pub(super) fn push(&self, error: Error) {
        let mut errors = self.errors.lock();
        if !errors.iter().any(|kept| kept.is_same(&error)) {
            errors.push(error);
        }
    }
}

/// Where the times of a step are kept for its event.
#[derive(Default)]
pub(crate) struct ProfileSlot(Mutex<Option<Profile>>);

impl ProfileSlot {
    /// The times, once the step is over.
    pub(crate) fn get(&self) -> Option<Profile> {
        *self.0.lock()
    }

    /// Adds those of the step, or of the next part of what is done in several.
    pub(super) fn add(&self, next: Profile) {
        let mut known = self.0.lock();
        let first = known.unwrap_or(next);
        *known = Some(Profile { end_nanoseconds: next.end_nanoseconds, ..first });
    }
}

/// What a waiting thread waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// The step is over.
    Complete,
    /// The host access may begin.
    Open,
}

/// Where a step stands, for [`Engine::status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Waiting,
    Submitted,
    Complete,
}

/// The engine's bookkeeping, held from when steps were taken in until it is seen to them.
pub(crate) struct Taken<'e>(MutexGuard<'e, State>);

pub(crate) struct Engine {
    lanes: Lanes,
    reports: Reports,
    state: Mutex<State>,
    changed: Condvar,
    /// Every step below this number is over.
    settled: AtomicU64,
    watchers: Watchers,
}

impl Engine {
    /// An engine over `lanes`, for the rest of the process.
    pub(crate) fn leak(lanes: Lanes) -> &'static Self {
        let engine: &'static Engine = Box::leak(Box::new(Engine {
            lanes,
            reports: Reports::default(),
            state: Mutex::default(),
            changed: Condvar::new(),
            settled: AtomicU64::new(0),
            watchers: Watchers::default(),
        }));
        engine.watchers.serve(engine);
        engine.lanes.serve(engine);
        engine
    }

    pub(crate) fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    pub(super) fn watchers(&self) -> &Watchers {
        &self.watchers
    }

    /// Lets go of the bookkeeping until something may have changed, or `time` has passed.
    pub(super) fn wait_for_change(&self, state: &mut MutexGuard<'_, State>, time: Duration) {
        state.waiters += 1;
        self.changed.wait_for(state, time);
        state.waiters -= 1;
    }

    /// Every step below this is over.
    pub(crate) fn settled(&self) -> StepId {
        StepId(self.settled.load(Ordering::Acquire))
    }

    /// Takes steps in, in the order of their numbers. Never blocks and calls nothing; [`Engine::drive_on`] comes next.
    pub(crate) fn push(&self, records: impl IntoIterator<Item = Record>) -> Taken<'_> {
        let mut state = self.state.lock();
        for record in records {
            let watch = state.insert(record);
            for (step, device, signal) in watch {
                self.watchers.watch(device, step, signal);
            }
        }
        Taken(state)
    }

    /// Hands every ready step to its lane, and runs what else became ready.
    pub(crate) fn drive(&'static self) {
        self.drive_on(Taken(self.state.lock()));
    }

    /// As [`Engine::drive`], right after steps were taken in.
    pub(crate) fn drive_on(&'static self, Taken(mut state): Taken<'static>) {
        loop {
            if let Some(device) = state.to_drain.pop() {
                state = self.drain(state, device);
            } else if let Some(device) = state.to_retire.pop() {
                MutexGuard::unlocked(&mut state, || self.retire_once(device));
            } else if let Some(step) = state.accounting.pop() {
                let work = state.record(step).work.take();
                MutexGuard::unlocked(&mut state, || work.iter().for_each(Work::account));
                state.record(step).work = work;
                state.finish(step, Ok(()));
            } else if !state.host_tasks.is_empty() && state.ended_by.is_none() {
                let tasks = std::mem::take(&mut state.host_tasks);
                MutexGuard::unlocked(&mut state, || {
                    tasks.iter().for_each(|task| self.spawn_host_task(*task))
                });
            } else {
                break;
            }
        }
        self.leave(state);
    }

    /// Hands the ready steps of one lane to it, unless another thread is doing that.
    fn drain<'s>(&'static self, mut state: MutexGuard<'s, State>, device: DeviceId) -> MutexGuard<'s, State> {
        while !state.lane(device).busy && state.ended_by.is_none() {
            let Some(step) = state.lane(device).ready.pop_front() else { break };
            state.lane(device).busy = true;
            let record = state.record(step);
            let (work, uses) = (record.work.take(), std::mem::take(&mut record.uses));
            let submitted = MutexGuard::unlocked(&mut state, || self.hand_over(device, work.as_ref(), &uses));
            state.lane(device).busy = false;
            let record = state.record(step);
            (record.work, record.uses) = (work, uses);
            let watch = state.after_submission(step, submitted);
            if let Some(signal) = watch {
                self.watchers.watch(device, step, signal);
            }
            if state.waiters > 0 {
                self.changed.notify_all();
            }
        }
        state
    }

    fn hand_over(&self, device: DeviceId, work: Option<&Work>, uses: &[Use]) -> Submitted {
        let lane = self.lanes.open(device)?;
        match work {
            Some(work) => work.submit(&**lane, &self.reports, uses),
            None => Ok(SmallVec::new()),
        }
    }

    /// Unlocks, publishes how far everything is over, and drops what finished steps owned.
    fn leave(&self, mut state: MutexGuard<'_, State>) {
        state.pop_finished();
        self.settled.store(state.base, Ordering::Release);
        if state.waiters > 0 {
            self.changed.notify_all();
        }
        if state.dead.is_empty() {
            return;
        }
        let mut dead = std::mem::take(&mut state.dead);
        drop(state);
        dead.drain(..).for_each(|dead| self.bury(dead));
        // The room is used again: growing it anew would cost more than all else that is done for a step here.
        let mut state = self.state.lock();
        if state.dead.capacity() < dead.capacity() {
            std::mem::swap(&mut state.dead, &mut dead);
            state.dead.append(&mut dead);
        }
    }

    /// Drops what a finished step owned.
    fn bury(&self, mut dead: Dead) {
        match dead.work.take() {
            Some(Work::Launch(launch)) => self.reports.give_back(dead.device, launch),
            // What the user's closure captured may panic when it goes, which must not end a watcher.
            Some(Work::HostTask(Some(closure))) => contained(move || drop(closure)),
            _ => {}
        }
    }

    fn spawn_host_task(&'static self, step: StepId) {
        let mut state = self.state.lock();
        let record = state.record(step);
        let closure = match record.work.as_mut() {
            Some(Work::HostTask(closure)) => closure.take(),
            _ => None,
        };
        drop(state);
        super::host_tasks::run(Box::new(move || {
            self.state.lock().record(step).stage = Stage::Running(std::thread::current().id());
            self.finish(step, run_closure(closure));
        }));
    }

    /// Records that a step is over, and drives what that makes ready.
    pub(crate) fn finish(&'static self, step: StepId, result: Result<()>) {
        let mut state = self.state.lock();
        state.finish(step, result);
        self.leave(state);
        self.drive();
    }

    /// Notices which steps of a lane are over, oldest first, and drives what that makes ready.
    pub(crate) fn retire(&'static self, device: DeviceId) {
        self.retire_once(device);
        self.drive();
    }

    fn retire_once(&self, device: DeviceId) {
        while self.retire_oldest(device) {}
    }

    /// Looks at the oldest steps of a lane; returns whether all are over, so that more may be.
    fn retire_oldest(&self, device: DeviceId) -> bool {
        let candidates = self.state.lock().oldest_in_flight(device);
        let n_candidates = candidates.len();
        let over = seen_over(&candidates);
        drop(candidates);
        let n_over = over.len();
        let mut state = self.state.lock();
        for (step, result, profile) in over {
            state.retire(device, step, result, profile);
        }
        self.leave(state);
        n_over > 0 && n_over == n_candidates
    }

    /// Blocks until a step is over, or a host access may begin.
    ///
    /// # Errors
    /// The reason the step failed; [`ErrorKind::Deadlock`] when this thread itself holds what the step waits for.
    pub(crate) fn wait(&'static self, step: StepId, until: Until) -> Result<()> {
        let this_thread = std::thread::current().id();
        let mut looked: Option<Instant> = None;
        loop {
            let mut state = self.state.lock();
            if let Some(result) = state.outcome(step, until) {
                return result;
            }
            // Looking through all that the step waits for may take long, and what this thread holds does not change while
            // it waits: once is enough to find a deadlock. Later looks only help along what nobody else attends to.
            let blocker = if looked.is_none_or(|time| time.elapsed() >= LOOK_AGAIN) {
                looked = Some(Instant::now());
                state.blocker(step, this_thread)
            } else {
                state.next_blocker(step)
            };
            match blocker {
                Blocker::Signal(device, step, signal) => {
                    drop(state);
                    self.attend(device, step, signal);
                }
                Blocker::ThisThread(holder) => return Err(deadlock(&holder)),
                Blocker::Others if state.is_left_undone(step, this_thread) => return Err(left_undone()),
                Blocker::Others => self.wait_for_change(&mut state, LOOK_AGAIN),
            }
        }
    }

    /// Waits until a step that was handed to its lane is over, and records that.
    pub(super) fn attend(&'static self, device: DeviceId, step: StepId, mut signal: Arc<dyn Signal>) {
        if let Ok(lane) = self.lanes.open(device) {
            lane.flush();
        }
        loop {
            // A failure is seen again, and kept, when the step is retired.
            let _ = signal.wait();
            self.retire(device);
            // A step with nothing to do may be complete before those ahead of it on its lane are.
            match self.state.lock().ahead_of(device, step) {
                Some(ahead) => signal = ahead,
                None => return,
            }
        }
    }

    /// Gives up a host access whose wait failed. What waits for it still waits for what it waited for.
    pub(crate) fn cancel(&'static self, step: StepId) {
        let mut state = self.state.lock();
        // Nothing will be written, so what is spoilt stays spoilt.
        if let Some(index) = state.index(step) {
            state.records[index].uses.iter_mut().for_each(|used| used.overwrites = false);
        }
        match state.get(step).map(|record| &record.stage) {
            Some(Stage::Waiting) => {
                state.record(step).work = Some(Work::Barrier);
                // Its thread does not wait any more, so somebody else must.
                for (step, device, signal) in state.unattended(step) {
                    self.watchers.watch(device, step, signal);
                }
            }
            Some(Stage::Open(_)) => state.finish(step, Ok(())),
            _ => {}
        }
        self.leave(state);
        self.drive();
    }

    /// Waits until no step that uses `storage` is in a driver's or a host task's hands. Steps that still wait for something
    /// are not waited for.
    pub(crate) fn quiesce(&'static self, storage: &Storage) {
        loop {
            let mut state = self.state.lock();
            // At the end of the process what is ready is not handed over any more; what is being handed over has no work here.
            let has_ended = state.ended_by.is_some();
            let is_busy = |record: &&Record| {
                let is_left = has_ended && matches!(record.stage, Stage::Ready) && record.runs_on_lane();
                record.is_under_way() && !is_left && record.touches(storage)
            };
            let busy = state.records.iter().find(is_busy);
            match busy.map(|record| (record.device, record.id, record.last_signal())) {
                None => return,
                Some((device, step, Some(signal))) => {
                    drop(state);
                    self.attend(device, step, signal);
                }
                Some((_, _, None)) => self.wait_for_change(&mut state, LOOK_AGAIN),
            }
        }
    }

    /// The last steps of the commands whose errors go to `sink` that are not over, as far as anybody looked; in order.
    pub(crate) fn outstanding(&self, sink: &Arc<ErrorSink>) -> Vec<StepId> {
        let state = self.state.lock();
        // Steps that are over stay in the list as long as an earlier one is not, which may be long: they are looked at once.
        let settled = sink.settled.load(Ordering::Relaxed).saturating_sub(state.base) as usize;
        let is_own = |record: &&Record| record.sink.as_ref().is_some_and(|other| Arc::ptr_eq(other, sink));
        let own = state.records.range(settled.min(state.records.len())..).filter(is_own);
        let own: Vec<&Record> = own.filter(|record| !record.is_over()).collect();
        let end = state.base + state.records.len() as u64;
        sink.settled.store(own.first().map_or(end, |first| first.id.0), Ordering::Relaxed);
        own.iter().filter(|record| record.is_last).map(|record| record.id).collect()
    }

    /// Whether a step is over, as far as anybody looked.
    pub(crate) fn is_over(&self, step: StepId) -> bool {
        self.state.lock().get(step).is_none_or(Record::is_over)
    }

    /// Where a step stands, without waiting.
    pub(crate) fn status(&'static self, step: StepId) -> Standing {
        let device = match self.state.lock().get(step) {
            Some(record) => record.device,
            None => return Standing::Complete,
        };
        if let Ok(lane) = self.lanes.open(device) {
            lane.flush();
        }
        self.retire(device);
        match self.state.lock().get(step).map(|record| &record.stage) {
            None | Some(Stage::Complete | Stage::Failed) => Standing::Complete,
            Some(Stage::Submitted(_) | Stage::Open(_) | Stage::Running(_)) => Standing::Submitted,
            Some(Stage::Waiting | Stage::Ready) => Standing::Waiting,
        }
    }
}

/// Those candidates, the oldest first, that are over, and how they ended.
fn seen_over(candidates: &Candidates) -> SmallVec<[Over; RETIRE_EVERY]> {
    let mut over: SmallVec<[Over; RETIRE_EVERY]> = SmallVec::new();
    for candidate in candidates {
        let Some(result) = candidate.poll() else { break };
        let profile = if candidate.profiled { candidate.profile() } else { None };
        over.push((candidate.step, result, profile));
    }
    // Makes what all of them wrote visible to this thread, and to those that learn of it from this one.
    let ended = candidates[..over.len()].iter().rev();
    let mut signals = ended.flat_map(|candidate| candidate.signals.iter().rev());
    if let Some(signal) = signals.find(|signal| signal.is_command()) {
        let _ = signal.wait();
    }
    for ((_, result, _), candidate) in over.iter_mut().zip(candidates) {
        candidate.print();
        if result.is_ok() {
            *result = candidate.check();
        }
    }
    over
}

fn run_closure(closure: Option<HostClosure>) -> Result<()> {
    let Some(closure) = closure else { return Ok(()) };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(closure)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
        contained(move || drop(panic));
        Err(Error::new(ErrorKind::Runtime, format!("a host task panicked: {text}")))
    })
}

/// Drops something of the user's, whatever that does.
fn contained(drop: impl FnOnce()) {
    let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(drop));
    // A payload may panic in turn when it is dropped.
    let _ = dropped.map_err(std::mem::forget);
}

fn left_undone() -> Error {
    Error::new(ErrorKind::Runtime, "the process ends: what no device had begun by then is not done any more")
}

fn deadlock(holder: &str) -> Error {
    Error::new(ErrorKind::Deadlock, format!("this wait can never end: it waits for {holder}"))
}
