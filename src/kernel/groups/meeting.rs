//! How the work-items of a group exchange values on the host device: each hands in its own, and behind a barrier the first to
//! go on works out what everybody gets.
//!
//! Work-items of a group run on one thread, in turns. Where one has panicked, or not all come, what the others get has no
//! meaning, and who runs the group reports that.

use super::super::group::barrier;
use std::any::Any;
use std::cell::RefCell;

struct Meeting {
    /// How many work-items the group has.
    size: usize,
    /// The work-item that runs now.
    own: usize,
    /// What was handed in, by work-item: a `Vec` of whatever is exchanged.
    values: Box<dyn Any>,
    /// How many exchanges each work-item has come to.
    rounds: Vec<u64>,
    /// What everybody gets of the latest exchange that is worked out, as the values.
    results: Box<dyn Any>,
    /// Which that is, from 1.
    settled: u64,
}

impl Default for Meeting {
    fn default() -> Self {
        Meeting {
            size: 0,
            own: 0,
            values: Box::new(()),
            rounds: Vec::new(),
            results: Box::new(()),
            settled: 0,
        }
    }
}

thread_local! {
    static MEETING: RefCell<Meeting> = RefCell::default();
}

/// Says that this thread now runs a group of so many work-items.
pub fn begin(size: usize) {
    MEETING.with_borrow_mut(|meeting| {
        meeting.size = size;
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
pub(super) fn exchange<T: Copy + 'static>(value: T, settle: impl FnOnce(&mut [T]), read: Option<usize>) -> T {
    MEETING.with_borrow_mut(|meeting| {
        let (own, size) = (meeting.own, meeting.size);
        if own < size {
            list(&mut meeting.values, size, value)[own] = value;
            meeting.rounds[own] += 1;
        }
    });
    barrier();
    if let Some(mut results) = MEETING.with_borrow_mut(|meeting| meeting.settling(value)) {
        // Nothing is borrowed here, since the operator of a user may end the work-item.
        settle(&mut results);
        MEETING.with_borrow_mut(|meeting| meeting.results = Box::new(results));
    }
    MEETING.with_borrow(|meeting| {
        let at = read.unwrap_or(meeting.own);
        let results = meeting.results.downcast_ref::<Vec<T>>();
        results.and_then(|results| results.get(at)).copied().unwrap_or(value)
    })
}

impl Meeting {
    /// What was handed in, for the first work-item to go on, which works out what everybody gets; `value` is its own.
    fn settling<T: Copy + 'static>(&mut self, value: T) -> Option<Vec<T>> {
        let round = self.rounds.get(self.own).copied().unwrap_or(0);
        if self.settled >= round {
            return None;
        }
        // Nobody has handed in a value for the next exchange: who does has come here first.
        self.settled = round;
        let mut results = match std::mem::replace(&mut self.results, Box::new(())).downcast::<Vec<T>>() {
            Ok(results) => *results,
            Err(_) => Vec::new(),
        };
        results.clear();
        results.extend_from_slice(list(&mut self.values, self.size, value));
        Some(results)
    }
}

/// The list that holds values of this type, of which a new one has `value` everywhere.
fn list<T: Copy + 'static>(values: &mut Box<dyn Any>, size: usize, value: T) -> &mut Vec<T> {
    if values.downcast_ref::<Vec<T>>().is_none_or(|list| list.len() != size) {
        *values = Box::new(vec![value; size]);
    }
    values.downcast_mut().unwrap_or_else(|| unreachable!("it holds such a list by now"))
}
