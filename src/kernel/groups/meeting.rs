//! How the work-items of a group exchange values on the host device: each hands in its own, and behind a barrier the first to
//! go on works out what everybody gets.
//!
//! Work-items of a group run on one thread, in turns. Where one has panicked, or not all come, what the others get has no
//! meaning, and who runs the group reports that.

use super::super::group::barrier;
use std::cell::RefCell;

#[derive(Default)]
struct Meeting {
    /// The work-item that runs now.
    own: usize,
    /// What was handed in, by work-item.
    values: Vec<u64>,
    /// How many exchanges each work-item has come to.
    rounds: Vec<u64>,
    /// What everybody gets of the latest exchange that is worked out.
    results: Vec<u64>,
    /// Which that is, from 1.
    settled: u64,
}

thread_local! {
    static MEETING: RefCell<Meeting> = RefCell::default();
}

/// Says that this thread now runs a group of so many work-items.
pub fn begin(size: usize) {
    MEETING.with_borrow_mut(|meeting| {
        meeting.values.clear();
        meeting.values.resize(size, 0);
        meeting.results.clear();
        meeting.results.resize(size, 0);
        meeting.rounds.clear();
        meeting.rounds.resize(size, 0);
        meeting.settled = 0;
    });
}

/// Says that this thread now runs the work-item at a position of its group.
pub fn set_own(position: usize) {
    MEETING.with_borrow_mut(|meeting| meeting.own = position);
}

/// Hands in `value`; gives what `settle` makes of all values at the position `read`, or of this work-item where there is no
/// such position. Every work-item of the group calls it, with the same `settle`.
pub(super) fn exchange(value: u64, settle: impl FnOnce(&mut [u64]), read: Option<usize>) -> u64 {
    MEETING.with_borrow_mut(|meeting| {
        let own = meeting.own;
        if own < meeting.values.len() {
            meeting.values[own] = value;
            meeting.rounds[own] += 1;
        }
    });
    barrier();
    MEETING.with_borrow_mut(|meeting| {
        let round = meeting.rounds.get(meeting.own).copied().unwrap_or(0);
        if meeting.settled < round {
            // Nobody has handed in a value for the next exchange: who does has come here first.
            meeting.settled = round;
            meeting.results.copy_from_slice(&meeting.values);
            settle(&mut meeting.results);
        }
        let at = read.unwrap_or(meeting.own);
        meeting.results.get(at).copied().unwrap_or(value)
    })
}
