//! `State`: what the engine knows, and what follows from what happens: which steps become ready, over or spoilt.
//!
//! Calls no driver and runs no closure; everything here happens under the engine's lock and takes no other, but those of a storage and
//! of a pool, in this order ([`inherit`](super::inherit)).

use super::engine::Until;
use super::record::{Record, Stage};
use super::signals::{Behind, Refused};
use super::work::{LaunchWork, Use, Work};
use crate::backend::{Profile, Signal};
use crate::error::{Error, Result};
use crate::plan::{Access, StepId};
use crate::platform::DeviceId;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::ThreadId;

/// How many steps may be on a lane before finished ones are looked for without anybody waiting; as many are looked at together.
///
/// Few enough that what is kept of them is still in the processor's cache when it goes, and that all of it finds room in the
/// allocator's cache: of 64 a launch took 0.2 us more on Intel's runtime.
pub(super) const RETIRE_EVERY: usize = 8;

#[derive(Default)]
pub(super) struct State {
    /// The number of `records[0]`.
    pub(super) base: u64,
    pub(super) records: VecDeque<Record>,
    /// Of each device that had something to do, by its number.
    pub(super) lanes: Vec<LaneState>,
    pub(super) failures: FxHashMap<StepId, Error>,
    pub(super) waiters: usize,
    /// The thread that ends the process: nothing is begun any more.
    pub(super) ended_by: Option<ThreadId>,
    /// Lanes on which so many steps were put that it is worth looking which are over.
    pub(super) to_retire: SmallVec<[DeviceId; 1]>,
    /// Lanes with ready steps that nobody may have looked at yet.
    pub(super) to_drain: SmallVec<[DeviceId; 4]>,
    /// Steps that are ready to set memory aside or to give it up.
    pub(super) accounting: Vec<StepId>,
    /// Host tasks that are ready to run.
    pub(super) host_tasks: Vec<StepId>,
    /// What finished steps owned; dropped when no lock is held.
    pub(super) dead: Vec<Dead>,
}

#[derive(Default)]
pub(super) struct LaneState {
    pub(super) ready: VecDeque<StepId>,
    pub(super) in_flight: VecDeque<StepId>,
    /// Whether a thread is handing steps to this lane.
    pub(super) busy: bool,
    pub(super) since_retire: usize,
    /// The last step that may use memory which passed on to steps behind it.
    pub(super) heritage: Option<StepId>,
}

pub(super) enum Blocker {
    Signal(DeviceId, StepId, Arc<dyn Signal>),
    ThisThread(String),
    Others,
}

/// A step that is over, how it ended, and when it ran.
pub(super) type Over = (StepId, Result<()>, Option<Profile>);

/// What a finished step of a lane owned.
pub(super) struct Dead {
    pub(super) device: DeviceId,
    pub(super) work: Option<Work>,
    _uses: SmallVec<[Use; 4]>,
    /// With its signals, which a driver is called for when they go.
    _stage: Stage,
}

/// A step that another lane waits for.
pub(super) type ToWatch = (StepId, DeviceId, Arc<dyn Signal>);

/// Steps that may be over, the oldest first.
pub(super) type Candidates = SmallVec<[Candidate; RETIRE_EVERY]>;

pub(super) struct Candidate {
    pub(super) step: StepId,
    pub(super) signals: SmallVec<[Arc<dyn Signal>; 1]>,
    /// The launch, if it reports anything.
    pub(super) reports: Option<Arc<LaunchWork>>,
    pub(super) profiled: bool,
}

impl Candidate {
    /// Whether every part is over, and how it ended.
    pub(super) fn poll(&self) -> Option<Result<()>> {
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
    pub(super) fn check(&self) -> Result<()> {
        let Some(launch) = &self.reports else { return Ok(()) };
        let Some(trap) = launch.trap.get() else { return Ok(()) };
        super::traps::result(trap, launch.kernel(), &launch.parameters, &launch.shape)
    }

    /// Hands over what the launch printed.
    pub(super) fn print(&self) {
        let Some(launch) = &self.reports else { return };
        if let Some(print) = launch.print.get() {
            print.deliver(launch.kernel(), &launch.print_sink);
        }
    }

    pub(super) fn profile(&self) -> Option<Profile> {
        let first = self.signals.first()?.profile()?;
        let last = self.signals.last()?.profile()?;
        Some(Profile { end_nanoseconds: last.end_nanoseconds, ..first })
    }
}

impl State {
    #[inline]
    pub(super) fn index(&self, step: StepId) -> Option<usize> {
        step.0.checked_sub(self.base).map(|index| index as usize).filter(|index| *index < self.records.len())
    }

    #[inline]
    pub(super) fn get(&self, step: StepId) -> Option<&Record> {
        self.index(step).map(|index| &self.records[index])
    }

    #[inline]
    pub(super) fn record(&mut self, step: StepId) -> &mut Record {
        let index = self.index(step).expect("a step keeps its record until it is over");
        &mut self.records[index]
    }

    #[inline]
    pub(super) fn lane(&mut self, device: DeviceId) -> &mut LaneState {
        let index = usize::from(device.0);
        if index >= self.lanes.len() {
            self.lanes.resize_with(index + 1, LaneState::default);
        }
        &mut self.lanes[index]
    }

    /// Takes one step in; returns the signals that must be watched for it.
    #[inline]
    pub(super) fn insert(&mut self, new: Record) -> SmallVec<[ToWatch; 1]> {
        if self.records.is_empty() {
            self.base = new.id.0;
        }
        let id = StepId(self.base + self.records.len() as u64);
        debug_assert_eq!(id, new.id, "steps arrive in order, without gaps");
        self.records.push_back(new);
        self.connect(id)
    }

    /// Has a step that was taken in wait for those before it, or start.
    fn connect(&mut self, id: StepId) -> SmallVec<[ToWatch; 1]> {
        let new = self.record(id);
        let (device, n_after) = (new.device, new.after.len());
        let on_lane = new.runs_on_lane();
        let is_access = matches!(new.work, Some(Work::HostAccess(_)));
        let mut unmet = 0;
        let mut watch = SmallVec::new();
        for position in 0..n_after {
            let after = self.record(id).after[position];
            let Some(index) = self.index(after) else { continue };
            let record = &mut self.records[index];
            if record.is_met_for(device, on_lane) {
                continue;
            }
            unmet += 1;
            record.successors.push(id);
            // A host access has a thread of its own that waits.
            let attended = record.watched || is_access;
            if let (Stage::Submitted(signals), false) = (&record.stage, attended) {
                record.watched = true;
                watch.extend(signals.last().map(|signal| (record.id, record.device, signal.clone())));
            }
        }
        self.record(id).unmet = unmet;
        if unmet == 0 {
            self.start(id);
        }
        watch
    }

    /// Lets a step start that waits for nothing any more.
    pub(super) fn start(&mut self, step: StepId) {
        if let Some(result) = self.make_ready(step) {
            self.finish(step, result);
        }
    }

    /// Moves a step on that waits for nothing any more; returns how it ended if it is over by that.
    pub(super) fn make_ready(&mut self, step: StepId) -> Option<Result<()>> {
        let record = self.record(step);
        let device = record.device;
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
            Some(work) if work.is_accounting() => self.accounting.push(step),
            _ => {
                self.lane(device).ready.push_back(step);
                self.to_drain.push(device);
            }
        }
        None
    }

    /// Records that a step was handed to its lane; returns its signal if another lane waits for it.
    pub(super) fn after_submission(
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
            // Over when the parts before it are.
            Err(error) if self.record(step).whole.is_some() => {
                SmallVec::from_elem(Arc::new(Refused(error)) as _, 1)
            }
            Err(error) => {
                self.finish(step, Err(error));
                return None;
            }
        };
        let record = self.record(step);
        let device = record.device;
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
        if watched { record.last_signal() } else { None }
    }

    /// Says that one of the steps that a step waits for is out of its way; returns how it ended if it is over by that.
    pub(super) fn meet(&mut self, step: StepId) -> Option<Result<()>> {
        let record = self.record(step);
        record.unmet -= 1;
        match record.unmet == 0 && matches!(record.stage, Stage::Waiting) {
            true => self.make_ready(step),
            false => None,
        }
    }

    /// Records that a step is over, and with it those that wait for nothing else and do nothing themselves.
    pub(super) fn finish(&mut self, step: StepId, result: Result<()>) {
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
    pub(super) fn conclude(&mut self, step: StepId, result: Result<()>) -> SmallVec<[StepId; 2]> {
        let Some(index) = self.index(step) else { return SmallVec::new() };
        let record = &mut self.records[index];
        if record.is_over() {
            return SmallVec::new();
        }
        let result = match record.whole.take() {
            Some(whole) => whole.after(result),
            None => result,
        };
        let device = record.device;
        let uses = std::mem::take(&mut record.uses);
        let work = record.work.take();
        let successors = std::mem::take(&mut record.successors);
        let sink = record.sink.take();
        let end = if result.is_ok() { Stage::Complete } else { Stage::Failed };
        let stage = std::mem::replace(&mut record.stage, end);
        match result {
            Ok(()) => uses.iter().filter(|used| used.overwrites).for_each(|used| used.storage.heal(step)),
            Err(error) => {
                let settled = StepId(self.base);
                let written = uses.iter().filter(|used| used.access.writes());
                written.for_each(|used| used.storage.poison(step, settled, &error));
                // The bytes that a step should have brought are not there, and who uses them must hear of it.
                if let Some(Work::Move(part) | Work::Zero(part)) = &work {
                    part.storage.poison(step, settled, &error);
                }
                if let Some(sink) = sink {
                    sink.push(error.clone());
                }
                self.failures.insert(step, error);
            }
        }
        self.dead.push(Dead { device, work, _uses: uses, _stage: stage });
        successors
    }

    /// The end of what a step waits for and that is ahead of it on its lane, for a step that has nothing to do.
    pub(super) fn behind(&self, step: StepId) -> Option<Arc<dyn Signal>> {
        let before = self.get(step)?.after.iter().rev().filter_map(|step| self.get(*step));
        before.filter_map(Record::last_signal).next().map(|signal| Arc::new(Behind(signal)) as _)
    }

    /// The signal to wait for next until a step that was handed to its lane is over; none if it is.
    pub(super) fn ahead_of(&self, device: DeviceId, step: StepId) -> Option<Arc<dyn Signal>> {
        self.get(step)?.last_signal()?;
        let front = self.lanes.get(usize::from(device.0))?.in_flight.front()?;
        self.get(*front)?.last_signal()
    }

    /// The steps that `step` waits for, that were handed to a lane, and that nobody watches; they count as watched now.
    pub(super) fn unattended(&mut self, step: StepId) -> SmallVec<[ToWatch; 1]> {
        let mut found = SmallVec::new();
        for after in self.record(step).after.clone() {
            let Some(index) = self.index(after) else { continue };
            let record = &mut self.records[index];
            if let (Some(signal), false) = (record.last_signal(), record.watched) {
                record.watched = true;
                found.push((after, record.device, signal));
            }
        }
        found
    }

    pub(super) fn oldest_in_flight(&self, device: DeviceId) -> Candidates {
        let mut candidates = Candidates::new();
        let in_flight = self.lanes.get(usize::from(device.0)).into_iter().flat_map(|lane| &lane.in_flight);
        for step in in_flight.take(RETIRE_EVERY) {
            let Some(record) = self.get(*step) else { continue };
            let Stage::Submitted(submitted) = &record.stage else { continue };
            // In a loop, since `clone` costs several times as much.
            let mut signals = SmallVec::new();
            submitted.iter().for_each(|signal| signals.push(signal.clone()));
            candidates.push(Candidate {
                step: *step,
                signals,
                reports: record.launch().filter(|launch| launch.has_reports()).cloned(),
                profiled: record.profile.is_some() || crate::trace::timeline_is_on(),
            });
        }
        candidates
    }

    pub(super) fn retire(
        &mut self,
        device: DeviceId,
        step: StepId,
        result: Result<()>,
        profile: Option<Profile>,
    ) {
        if self.lane(device).in_flight.front() != Some(&step) {
            return; // Another thread was faster.
        }
        self.lane(device).in_flight.pop_front();
        let record = self.record(step);
        if let (Some(slot), Some(profile)) = (&record.profile, profile) {
            slot.add(profile);
        }
        if let Some(profile) = profile {
            crate::trace::timeline(record.name, device, &profile);
        }
        let result = result.and_then(|()| record.poison().map_or(Ok(()), Err));
        self.finish(step, result);
    }

    pub(super) fn pop_finished(&mut self) {
        while self.records.front().is_some_and(Record::is_over) {
            self.records.pop_front();
            self.base += 1;
        }
    }

    pub(super) fn outcome(&self, step: StepId, until: Until) -> Option<Result<()>> {
        let over = || self.failures.get(&step).cloned().map_or(Ok(()), Err);
        let Some(record) = self.get(step) else { return Some(over()) };
        match &record.stage {
            Stage::Complete | Stage::Failed => Some(over()),
            Stage::Open(_) if until == Until::Open => Some(Ok(())),
            _ => None,
        }
    }

    /// Whether a step that `thread` waits for is not begun any more, because the same thread ends the process.
    pub(super) fn is_left_undone(&self, step: StepId, thread: ThreadId) -> bool {
        let stage = self.get(step).map(|record| &record.stage);
        self.ended_by == Some(thread) && matches!(stage, Some(Stage::Waiting | Stage::Ready))
    }

    /// What a waiting thread can do about `step` and what it directly waits for.
    pub(super) fn next_blocker(&self, step: StepId) -> Blocker {
        let Some(record) = self.get(step) else { return Blocker::Others };
        let direct = record.after.iter().filter_map(|after| self.get(*after));
        let mut signals = std::iter::once(record)
            .chain(direct)
            .filter_map(|record| Some((record.device, record.id, record.last_signal()?)));
        signals
            .next_back()
            .map_or(Blocker::Others, |(device, step, signal)| Blocker::Signal(device, step, signal))
    }

    /// What a waiting thread can do to bring `step` forward.
    pub(super) fn blocker(&self, step: StepId, this_thread: ThreadId) -> Blocker {
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
                        found = Blocker::Signal(record.device, step, signal.clone());
                    }
                }
                Stage::Open(owner) | Stage::Running(owner) if *owner == this_thread => {
                    return Blocker::ThisThread(record.holder());
                }
                Stage::Open(_) | Stage::Running(_) => {}
                Stage::Waiting => open.extend(record.after.iter().copied()),
            }
        }
        found
    }
}

/// Whether a step that uses a region this way can be spoilt by what the region holds.
pub(crate) fn reads(access: Access) -> bool {
    access != Access::Discard
}
