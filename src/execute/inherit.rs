//! Memory of a device that passes from a buffer to the next in the order of a lane, while commands of the first still run.
//!
//! Commands on a lane run one after the other, and a memory other than the host's belongs to one device. So what commands ahead on
//! its lane use may serve those behind them at once, if nothing else is going to use it: the buffer has no handle any more, and
//! every command that holds it was handed to the lane. Who uses such memory elsewhere than on the lane waits
//! ([`Engine::await_heritage`]).

use super::engine::Engine;
use super::record::{Record, Stage};
use super::state::State;
use super::storage::Storage;
use super::work::Work;
use crate::backend::{Memory, Signal};
use crate::plan::StepId;
use crate::platform::DeviceId;
use smallvec::SmallVec;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

/// How many of the last commands of a lane are looked at.
const MOST_RECORDS: usize = 64;

/// Takes memory that it can use for something else, as it is.
pub(super) type Take<'t> = dyn FnMut(&mut Memory) -> bool + 't;

impl Engine {
    /// Memory of a device that only commands on its lane use, if `take` takes some.
    pub(super) fn inherit(&self, device: DeviceId, take: &mut Take<'_>) -> Option<Memory> {
        self.state().inherit(device, take)
    }

    /// Waits until nothing that memory of the device passed on from is under way, for who uses it elsewhere than on its lane.
    pub(crate) fn await_heritage(&'static self, device: DeviceId) {
        // What passes on from now on comes of memory that nobody waits for here.
        let heritage = self.state().heritage(device);
        if let Some((step, signal)) = heritage {
            self.attend(device, step, signal);
        }
    }
}

impl State {
    fn inherit(&mut self, device: DeviceId, take: &mut Take<'_>) -> Option<Memory> {
        let memory = self.passed_on(device, take)?;
        let lane = self.lane(device);
        lane.heritage = lane.in_flight.back().copied();
        Some(memory)
    }

    fn passed_on(&self, device: DeviceId, take: &mut Take<'_>) -> Option<Memory> {
        let in_flight = &self.lanes.get(usize::from(device.0))?.in_flight;
        let records = in_flight.iter().rev().take(MOST_RECORDS).filter_map(|step| self.get(*step));
        let records: SmallVec<[&Record; MOST_RECORDS]> = records.collect();
        storages(&records)
            .find_map(|storage| storage.pass_on(|memory| is_held_by(&records, storage) && take(memory)))
    }

    /// The step that all memory that passed on is free after, and its signal, unless it is over.
    fn heritage(&mut self, device: DeviceId) -> Option<(StepId, Arc<dyn Signal>)> {
        let step = self.lane(device).heritage?;
        let signal = self.get(step).and_then(Record::last_signal);
        if signal.is_none() {
            self.lane(device).heritage = None;
        }
        Some((step, signal?))
    }
}

fn storages<'r>(records: &'r [&Record]) -> impl Iterator<Item = &'r Arc<Storage>> {
    records.iter().flat_map(|record| held(record))
}

/// Whether these records are all that holds a storage. Nobody then gets at it any more but by its number, for messages or to save
/// what nobody can read.
fn is_held_by(records: &[&Record], storage: &Arc<Storage>) -> bool {
    let n_held = storages(records).filter(|held| Arc::ptr_eq(held, storage)).count();
    if n_held != Arc::strong_count(storage) {
        return false;
    }
    // Whoever held it too has let go of it after its last use.
    fence(Ordering::Acquire);
    true
}

/// The storages that a step holds which was handed to its lane.
fn held(record: &Record) -> SmallVec<[&Arc<Storage>; 8]> {
    let mut held: SmallVec<[&Arc<Storage>; 8]> = record.uses.iter().map(|used| &used.storage).collect();
    match &record.work {
        _ if !matches!(record.stage, Stage::Submitted(_)) => held.clear(),
        Some(Work::Fill(fill)) => held.push(&fill.to.storage),
        Some(Work::CopyRegion(copy)) => held.extend([&copy.from.storage, &copy.to.storage]),
        Some(Work::Sum(sum)) => held.extend(sum.from.iter().chain([&sum.to]).map(|part| &part.storage)),
        Some(Work::Move(part) | Work::Zero(part)) => held.push(&part.storage),
        _ => {}
    }
    held
}
