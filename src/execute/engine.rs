//! The engine: hands steps to their lanes when they are ready, and notices when they are complete.
//!
//! A step is handed to its in-order lane as soon as everything it waits for is complete or already on that lane. Nothing
//! is ever left to a driver's own event chains, since drivers differ in what they do when one link fails. No lock is held
//! while a driver or a closure of the user runs.

use super::kernels::Compiled;
use super::lanes::Lanes;
use super::record::{Record, Stage};
use super::signals::Behind;
use super::storage::Storage;
use super::traps::{TrapRecord, TrapRecords};
use super::watch::Watchers;
use super::work::{HostClosure, LaunchWork, Use, Work};
use crate::backend::{Profile, Signal};
use crate::error::{Error, ErrorKind, Result};
use crate::kernel::LaunchShape;
use crate::plan::{Access, Step, StepId};
use crate::platform::DeviceId;
use parking_lot::{Condvar, Mutex, MutexGuard};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// How many steps may be on a lane before finished ones are looked for without anybody waiting.
const RETIRE_EVERY: usize = 256;

/// How often a waiting thread looks through everything that it waits for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Where the errors of a queue's steps are collected until somebody asks.
#[derive(Default)]
pub(crate) struct ErrorSink(Mutex<Vec<Error>>);

impl ErrorSink {
    /// Takes what was collected.
    pub(crate) fn take(&self) -> Vec<Error> {
        std::mem::take(&mut *self.0.lock())
    }
    /// Keeps an error, once: what depends on a failed command fails with the same one.
    fn push(&self, error: Error) {
        let mut errors = self.0.lock();
        if !errors.iter().any(|kept| kept.is_same(&error)) {
            errors.push(error);
        }
    }
}

/// Where the times of a step are kept for its event.
#[derive(Default)]
pub(crate) struct ProfileSlot(pub(crate) OnceLock<Profile>);

/// A step on its way to the engine.
pub(crate) struct Job {
    pub(crate) step: Step,
    pub(crate) work: Work,
    pub(crate) uses: SmallVec<[Use; 4]>,
    pub(crate) sink: Option<Arc<ErrorSink>>,
    pub(crate) profile: Option<Arc<ProfileSlot>>,
    pub(crate) name: &'static str,
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

pub(crate) struct Engine {
    lanes: Lanes,
    traps: TrapRecords,
    state: Mutex<State>,
    changed: Condvar,
    /// Every step below this number is over.
    settled: AtomicU64,
    watchers: Watchers,
}

#[derive(Default)]
struct State {
    /// The number of `records[0]`.
    base: u64,
    records: VecDeque<Record>,
    lanes: Vec<LaneState>,
    failures: FxHashMap<StepId, Error>,
    waiters: usize,
    /// Lanes on which so many steps were put that it is worth looking which are over.
    to_retire: SmallVec<[DeviceId; 1]>,
    /// Lanes with ready steps that nobody may have looked at yet.
    to_drain: SmallVec<[DeviceId; 4]>,
    /// Host tasks that are ready to run.
    host_tasks: Vec<StepId>,
    /// What finished steps owned; dropped when no lock is held.
    dead: Vec<(DeviceId, Option<Work>, SmallVec<[Use; 4]>)>,
}

#[derive(Default)]
struct LaneState {
    ready: VecDeque<StepId>,
    in_flight: VecDeque<StepId>,
    /// Whether a thread is handing steps to this lane.
    busy: bool,
    since_retire: usize,
}

impl Engine {
    /// An engine over `lanes`, for the rest of the process.
    pub(crate) fn leak(lanes: Lanes) -> &'static Self {
        let n_devices = lanes.devices().len();
        let mut state = State::default();
        state.lanes.resize_with(n_devices, LaneState::default);
        let engine: &'static Engine = Box::leak(Box::new(Engine {
            lanes,
            traps: TrapRecords::new(n_devices),
            state: Mutex::new(state),
            changed: Condvar::new(),
            settled: AtomicU64::new(0),
            watchers: Watchers::new(n_devices),
        }));
        engine.watchers.serve(engine);
        engine
    }

    pub(crate) fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// Every step below this is over.
    pub(crate) fn settled(&self) -> StepId {
        StepId(self.settled.load(Ordering::Acquire))
    }

    /// Takes steps in, in the order of their numbers. Never blocks and calls nothing; [`Engine::drive`] comes next.
    pub(crate) fn push(&self, jobs: impl IntoIterator<Item = Job>) {
        let mut state = self.state.lock();
        for job in jobs {
            let watch = state.insert(job);
            for (step, device, signal) in watch {
                self.watchers.watch(device, step, signal);
            }
        }
    }

    /// Hands every ready step to its lane, and runs what else became ready.
    pub(crate) fn drive(&'static self) {
        let mut state = self.state.lock();
        loop {
            if let Some(device) = state.to_drain.pop() {
                state = self.drain(state, device);
            } else if let Some(device) = state.to_retire.pop() {
                MutexGuard::unlocked(&mut state, || self.retire_once(device));
            } else if !state.host_tasks.is_empty() {
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
        while !state.lane(device).busy {
            let Some(step) = state.lane(device).ready.pop_front() else { break };
            state.lane(device).busy = true;
            let work = state.record(step).work.take();
            let submitted = MutexGuard::unlocked(&mut state, || self.hand_over(device, work.as_ref()));
            state.lane(device).busy = false;
            state.record(step).work = work;
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

    fn hand_over(&self, device: DeviceId, work: Option<&Work>) -> super::work::Submitted {
        let lane = self.lanes.open(device)?;
        match work {
            Some(work) => work.submit(&**lane, &self.traps),
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
        let dead = if state.dead.is_empty() { Vec::new() } else { std::mem::take(&mut state.dead) };
        drop(state);
        for (device, work, _uses) in dead {
            match work {
                Some(Work::Launch(mut launch)) => {
                    if let Some(record) = launch.trap.take() {
                        self.traps.give_back(device.0 as usize, record);
                    }
                }
                // What the user's closure captured may panic when it goes, which must not end a watcher.
                Some(Work::HostTask(Some(closure))) => contained(move || drop(closure)),
                _ => {}
            }
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
        loop {
            let candidates = self.state.lock().oldest_in_flight(device);
            let mut over: SmallVec<[Over; 64]> = SmallVec::new();
            for candidate in &candidates {
                let Some(result) = candidate.poll() else { break };
                let profile = if candidate.profiled { candidate.profile() } else { None };
                over.push((candidate.step, result, profile));
            }
            let n_over = over.len();
            // Makes what all of them wrote visible to this thread, and to those that learn of it from this one.
            let mut signals =
                candidates[..n_over].iter().rev().flat_map(|candidate| candidate.signals.iter().rev());
            if let Some(signal) = signals.find(|signal| signal.is_command()) {
                let _ = signal.wait();
            }
            for ((_, result, _), candidate) in over.iter_mut().zip(&candidates) {
                if result.is_ok() {
                    *result = candidate.check();
                }
            }
            let mut state = self.state.lock();
            for (step, result, profile) in over {
                state.retire(device, step, result, profile);
            }
            self.leave(state);
            if n_over == 0 || n_over < candidates.len() {
                break;
            }
        }
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
                Blocker::Others => {
                    state.waiters += 1;
                    self.changed.wait_for(&mut state, LOOK_AGAIN);
                    state.waiters -= 1;
                }
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
            let busy = state.records.iter().find(|record| record.is_under_way() && record.touches(storage));
            match busy.map(|record| (&record.step, record.last_signal())) {
                None => return,
                Some((step, Some(signal))) => {
                    let (device, step) = (step.device, step.id);
                    drop(state);
                    self.attend(device, step, signal);
                }
                Some((_, None)) => {
                    state.waiters += 1;
                    self.changed.wait_for(&mut state, Duration::from_millis(50));
                    state.waiters -= 1;
                }
            }
        }
    }

    /// Whether a step is over, as far as anybody looked.
    pub(crate) fn is_over(&self, step: StepId) -> bool {
        self.state.lock().get(step).is_none_or(Record::is_over)
    }

    /// Where a step stands, without waiting.
    pub(crate) fn status(&'static self, step: StepId) -> Standing {
        let device = match self.state.lock().get(step) {
            Some(record) => record.step.device,
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

fn deadlock(holder: &str) -> Error {
    Error::new(ErrorKind::Deadlock, format!("this wait can never end: it waits for {holder}"))
}

enum Blocker {
    Signal(DeviceId, StepId, Arc<dyn Signal>),
    ThisThread(String),
    Others,
}

/// A step that is over, how it ended, and when it ran.
type Over = (StepId, Result<()>, Option<Profile>);

/// A step that another lane waits for.
type ToWatch = (StepId, DeviceId, Arc<dyn Signal>);

struct Candidate {
    step: StepId,
    signals: SmallVec<[Arc<dyn Signal>; 1]>,
    trap: Option<TrapCheck>,
    profiled: bool,
}

/// What it takes to read a launch's failed checks.
struct TrapCheck {
    record: Arc<TrapRecord>,
    kernel: Arc<Compiled>,
    shape: LaunchShape,
}

impl TrapCheck {
    fn of(launch: &LaunchWork) -> Option<TrapCheck> {
        let record = launch.trap.get()?.clone();
        Some(TrapCheck { record, kernel: launch.kernel.clone(), shape: launch.shape })
    }
}

impl Candidate {
    /// Whether every part is over, and how it ended.
    fn poll(&self) -> Option<Result<()>> {
        let mut result = Ok(());
        for signal in &self.signals {
            match signal.poll() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => result = Err(error),
            }
        }
        Some(result)
    }

    /// What the launch's checks found.
    fn check(&self) -> Result<()> {
        self.trap.as_ref().map_or(Ok(()), |trap| trap.record.result(&trap.kernel, &trap.shape))
    }

    fn profile(&self) -> Option<Profile> {
        let first = self.signals.first()?.profile()?;
        let last = self.signals.last()?.profile()?;
        Some(Profile { end_nanoseconds: last.end_nanoseconds, ..first })
    }
}

impl State {
    fn index(&self, step: StepId) -> Option<usize> {
        step.0.checked_sub(self.base).map(|index| index as usize).filter(|index| *index < self.records.len())
    }

    fn get(&self, step: StepId) -> Option<&Record> {
        self.index(step).map(|index| &self.records[index])
    }

    fn record(&mut self, step: StepId) -> &mut Record {
        let index = self.index(step).expect("a step keeps its record until it is over");
        &mut self.records[index]
    }

    fn lane(&mut self, device: DeviceId) -> &mut LaneState {
        &mut self.lanes[device.0 as usize]
    }

    /// Takes one step in; returns the signals that must be watched for it.
    fn insert(&mut self, job: Job) -> SmallVec<[ToWatch; 1]> {
        let id = job.step.id;
        let device = job.step.device;
        if self.records.is_empty() {
            self.base = id.0;
        }
        debug_assert_eq!(id.0, self.base + self.records.len() as u64, "steps arrive in order, without gaps");
        let mut unmet = 0;
        let mut watch = SmallVec::new();
        for after in &job.step.after {
            let Some(index) = self.index(*after) else { continue };
            let record = &mut self.records[index];
            if record.is_met_for(device, &job.work) {
                continue;
            }
            unmet += 1;
            record.successors.push(id);
            // A host access has a thread of its own that waits.
            let attended = record.watched || matches!(job.work, Work::HostAccess(_));
            if let (Stage::Submitted(signals), false) = (&record.stage, attended) {
                record.watched = true;
                watch.extend(
                    signals.last().map(|signal| (record.step.id, record.step.device, signal.clone())),
                );
            }
        }
        self.records.push_back(Record::new(job, unmet));
        if unmet == 0 {
            self.start(id);
        }
        watch
    }

    /// Lets a step start that waits for nothing any more.
    fn start(&mut self, step: StepId) {
        if let Some(result) = self.make_ready(step) {
            self.finish(step, result);
        }
    }

    /// Moves a step on that waits for nothing any more; returns how it ended if it is over by that.
    fn make_ready(&mut self, step: StepId) -> Option<Result<()>> {
        let record = self.record(step);
        let device = record.step.device;
        record.stage = Stage::Ready;
        match &record.work {
            Some(Work::HostAccess(thread)) => {
                let open = Stage::Open(*thread);
                match record.poison() {
                    Some(error) => return Some(Err(error)),
                    None => record.stage = open,
                }
            }
            Some(Work::HostTask(_)) => match record.poison() {
                Some(error) => return Some(Err(error)),
                None => self.host_tasks.push(step),
            },
            Some(Work::Barrier) => return Some(Ok(())),
            _ => {
                self.lane(device).ready.push_back(step);
                self.to_drain.push(device);
            }
        }
        None
    }

    /// Records that a step was handed to its lane; returns its signal if another lane waits for it.
    fn after_submission(
        &mut self,
        step: StepId,
        submitted: super::work::Submitted,
    ) -> Option<Arc<dyn Signal>> {
        let signals = match submitted {
            Ok(signals) if signals.is_empty() => match self.behind(step) {
                Some(behind) => SmallVec::from_elem(behind, 1),
                None => {
                    self.finish(step, Ok(()));
                    return None;
                }
            },
            Ok(signals) => signals,
            Err(error) => {
                self.finish(step, Err(error));
                return None;
            }
        };
        let last = signals.last().cloned();
        let record = self.record(step);
        let device = record.step.device;
        record.stage = Stage::Submitted(signals);
        let successors = std::mem::take(&mut record.successors);
        let lane = self.lane(device);
        lane.in_flight.push_back(step);
        lane.since_retire += 1;
        if lane.since_retire >= RETIRE_EVERY {
            lane.since_retire = 0;
            self.to_retire.push(device);
        }
        let mut others: SmallVec<[StepId; 2]> = SmallVec::new();
        for successor in successors {
            if self.record(successor).follows_on(device) {
                if let Some(result) = self.meet(successor) {
                    self.finish(successor, result);
                }
            } else {
                others.push(successor)
            }
        }
        // A host access has a thread of its own that waits.
        let watched = others.iter().any(|other| {
            !matches!(self.get(*other).and_then(|r| r.work.as_ref()), Some(Work::HostAccess(_)))
        });
        let record = self.record(step);
        record.successors = others;
        record.watched = watched;
        if watched { last } else { None }
    }

    /// Says that one of the steps that a step waits for is out of its way; returns how it ended if it is over by that.
    fn meet(&mut self, step: StepId) -> Option<Result<()>> {
        let record = self.record(step);
        record.unmet -= 1;
        match record.unmet == 0 && matches!(record.stage, Stage::Waiting) {
            true => self.make_ready(step),
            false => None,
        }
    }

    /// Records that a step is over, and with it those that wait for nothing else and do nothing themselves.
    fn finish(&mut self, step: StepId, result: Result<()>) {
        // A list, not recursion: a program may queue up any number of barriers behind one step.
        let mut over: SmallVec<[(StepId, Result<()>); 1]> = SmallVec::from_iter([(step, result)]);
        while let Some((step, result)) = over.pop() {
            for successor in self.conclude(step, result) {
                if let Some(result) = self.meet(successor) {
                    over.push((successor, result));
                }
            }
        }
    }

    /// Records that one step is over; returns those that wait for it.
    fn conclude(&mut self, step: StepId, result: Result<()>) -> SmallVec<[StepId; 2]> {
        let Some(index) = self.index(step) else { return SmallVec::new() };
        let record = &mut self.records[index];
        if record.is_over() {
            return SmallVec::new();
        }
        let device = record.step.device;
        let uses = std::mem::take(&mut record.uses);
        let work = record.work.take();
        let successors = std::mem::take(&mut record.successors);
        let sink = record.sink.take();
        record.stage = if result.is_ok() { Stage::Complete } else { Stage::Failed };
        match result {
            Ok(()) => uses.iter().filter(|used| used.overwrites).for_each(|used| used.storage.heal(step)),
            Err(error) => {
                let settled = StepId(self.base);
                let written = uses.iter().filter(|used| used.access.writes());
                written.for_each(|used| used.storage.poison(step, settled, &error));
                // The bytes that a step should have brought are not there, and who uses them must hear of it.
                if let Some(Work::Move { storage, .. } | Work::Zero { storage, .. }) = &work {
                    storage.poison(step, settled, &error);
                }
                if let Some(sink) = sink {
                    sink.push(error.clone());
                }
                self.failures.insert(step, error);
            }
        }
        self.dead.push((device, work, uses));
        successors
    }

    /// The end of what a step waits for and that is ahead of it on its lane, for a step that has nothing to do.
    fn behind(&self, step: StepId) -> Option<Arc<dyn Signal>> {
        let before = self.get(step)?.step.after.iter().rev().filter_map(|step| self.get(*step));
        before.filter_map(Record::last_signal).next().map(|signal| Arc::new(Behind(signal)) as _)
    }

    /// The signal to wait for next until a step that was handed to its lane is over; none if it is.
    fn ahead_of(&self, device: DeviceId, step: StepId) -> Option<Arc<dyn Signal>> {
        self.get(step)?.last_signal()?;
        let front = self.lanes[device.0 as usize].in_flight.front()?;
        self.get(*front)?.last_signal()
    }

    /// The steps that `step` waits for, that were handed to a lane, and that nobody watches; they count as watched now.
    fn unattended(&mut self, step: StepId) -> SmallVec<[ToWatch; 1]> {
        let mut found = SmallVec::new();
        for after in self.record(step).step.after.clone() {
            let Some(index) = self.index(after) else { continue };
            let record = &mut self.records[index];
            if let (Some(signal), false) = (record.last_signal(), record.watched) {
                record.watched = true;
                found.push((after, record.step.device, signal));
            }
        }
        found
    }

    fn oldest_in_flight(&mut self, device: DeviceId) -> SmallVec<[Candidate; 64]> {
        let mut candidates = SmallVec::new();
        for step in self.lanes[device.0 as usize].in_flight.iter().take(64) {
            let Some(record) = self.get(*step) else { continue };
            let Stage::Submitted(signals) = &record.stage else { continue };
            candidates.push(Candidate {
                step: *step,
                signals: signals.clone(),
                trap: record.launch().and_then(TrapCheck::of),
                profiled: record.profile.is_some() || crate::trace::timeline_is_on(),
            });
        }
        candidates
    }

    fn retire(&mut self, device: DeviceId, step: StepId, result: Result<()>, profile: Option<Profile>) {
        if self.lane(device).in_flight.front() != Some(&step) {
            return; // Another thread was faster.
        }
        self.lane(device).in_flight.pop_front();
        let record = self.record(step);
        if let (Some(slot), Some(profile)) = (&record.profile, profile) {
            let _ = slot.0.set(profile);
        }
        if let Some(profile) = profile {
            crate::trace::timeline(record.name, device, &profile);
        }
        let result = result.and_then(|()| record.poison().map_or(Ok(()), Err));
        self.finish(step, result);
    }

    fn pop_finished(&mut self) {
        while self.records.front().is_some_and(Record::is_over) {
            self.records.pop_front();
            self.base += 1;
        }
    }

    fn outcome(&self, step: StepId, until: Until) -> Option<Result<()>> {
        let over = || self.failures.get(&step).cloned().map_or(Ok(()), Err);
        let Some(record) = self.get(step) else { return Some(over()) };
        match &record.stage {
            Stage::Complete | Stage::Failed => Some(over()),
            Stage::Open(_) if until == Until::Open => Some(Ok(())),
            _ => None,
        }
    }

    /// What a waiting thread can do about `step` and what it directly waits for.
    fn next_blocker(&self, step: StepId) -> Blocker {
        let Some(record) = self.get(step) else { return Blocker::Others };
        let direct = record.step.after.iter().filter_map(|after| self.get(*after));
        let mut signals = std::iter::once(record)
            .chain(direct)
            .filter_map(|record| Some((record.step.device, record.step.id, record.last_signal()?)));
        signals
            .next_back()
            .map_or(Blocker::Others, |(device, step, signal)| Blocker::Signal(device, step, signal))
    }

    /// What a waiting thread can do to bring `step` forward.
    fn blocker(&self, step: StepId, this_thread: ThreadId) -> Blocker {
        let mut found = Blocker::Others;
        let mut seen = rustc_hash::FxHashSet::default();
        let mut open: SmallVec<[StepId; 16]> = SmallVec::from_elem(step, 1);
        while let Some(step) = open.pop() {
            let Some(record) = self.get(step) else { continue };
            if !seen.insert(step) {
                continue;
            }
            match &record.stage {
                Stage::Complete | Stage::Failed | Stage::Ready => {}
                Stage::Submitted(signals) => {
                    if let Some(signal) = signals.last() {
                        found = Blocker::Signal(record.step.device, step, signal.clone());
                    }
                }
                Stage::Open(owner) | Stage::Running(owner) if *owner == this_thread => {
                    return Blocker::ThisThread(record.holder());
                }
                Stage::Open(_) | Stage::Running(_) => {}
                Stage::Waiting => open.extend(record.step.after.iter().copied()),
            }
        }
        found
    }
}

/// Whether a step that uses a region this way can be spoilt by what the region holds.
pub(crate) fn reads(access: Access) -> bool {
    access != Access::Discard
}
