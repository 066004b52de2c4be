//! How the work-items of a group exchange values on the host device: each hands in its own, the last to come works out what
//! everybody gets, and a barrier later each takes that.
//!
//! Work-items of a group run on one thread, in turns. A group whose work-items do not all come gets values without meaning,
//! and an error from who runs it.

use super::super::group::barrier;
use std::cell::RefCell;

#[derive(Default)]
struct Meeting {
    /// The work-item that runs now.
    own: usize,
    /// What was handed in, by work-item.
    values: Vec<u64>,
    /// What everybody gets, until the next exchange is complete.
    results: Vec<u64>,
    n_arrived: usize,
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
        meeting.n_arrived = 0;
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
        let Some(place) = meeting.values.get_mut(own) else { return };
        *place = value;
        meeting.n_arrived += 1;
        if meeting.n_arrived == meeting.values.len() {
            meeting.n_arrived = 0;
            // Everybody has taken the earlier results, for everybody is here.
            settle(&mut meeting.values);
            std::mem::swap(&mut meeting.values, &mut meeting.results);
        }
    });
    barrier();
    MEETING.with_borrow(|meeting| {
        let at = read.unwrap_or(meeting.own);
        meeting.results.get(at).copied().unwrap_or(value)
    })
}
