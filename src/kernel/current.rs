//! Which work-item the calling thread runs at the moment, so that a failed check can say so.

use super::trap::{Failure, TrapCell};
use std::cell::Cell;
use std::ptr;

struct Current {
    trap: Cell<*const TrapCell>,
    item: Cell<u64>,
}

thread_local! {
    static CURRENT: Current = const { Current { trap: Cell::new(ptr::null()), item: Cell::new(0) } };
}

/// Reports a failed check of the work-item that this thread runs; does nothing outside a kernel.
#[cold]
pub fn report(failure: Failure) {
    CURRENT.with(|current| {
        // SAFETY: `enter` keeps the cell alive for as long as the pointer is set, and only this thread sees it.
        if let Some(trap) = unsafe { current.trap.get().as_ref() } {
            trap.set(current.item.get(), failure);
        }
    });
}

/// Runs `work`, whose failures go to `trap`.
pub fn enter<R>(trap: &TrapCell, work: impl FnOnce() -> R) -> R {
    struct Leave(*const TrapCell);
    impl Drop for Leave {
        fn drop(&mut self) {
            CURRENT.with(|current| current.trap.set(self.0));
        }
    }
    let _leave = Leave(CURRENT.with(|current| current.trap.replace(trap)));
    work()
}

/// Says that this thread now runs the work-item at a linear position of the launch.
#[inline(always)]
pub fn set_item(linear: u64) {
    CURRENT.with(|current| current.item.set(linear));
}
