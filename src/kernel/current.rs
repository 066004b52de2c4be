//! Which work-item the calling thread runs at the moment, and of which launch, so that a failed check can say so and output
//! finds its way.

use super::print::PrintMemory;
use super::source::Overflow;
use super::trap::{Failure, TrapCell};
use std::cell::Cell;
use std::ptr;

/// What a running kernel knows of its launch.
#[derive(Clone, Copy)]
pub struct Setting<'s> {
    /// Where failures go.
    pub trap: &'s TrapCell,
    /// Where output goes.
    pub print: Option<PrintMemory>,
    /// What becomes of integers that overflow.
    pub overflow: Overflow,
}

impl<'s> From<&'s TrapCell> for Setting<'s> {
    fn from(trap: &'s TrapCell) -> Self {
        Setting { trap, print: None, overflow: Overflow::Wraps }
    }
}

struct Current {
    trap: Cell<*const TrapCell>,
    print: Cell<Option<PrintMemory>>,
    overflow: Cell<Overflow>,
    item: Cell<u64>,
}

thread_local! {
    static CURRENT: Current = const {
        Current {
            trap: Cell::new(ptr::null()),
            print: Cell::new(None),
            overflow: Cell::new(Overflow::Wraps),
            item: Cell::new(0),
        }
    };
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

/// Whether this thread runs a kernel.
pub(super) fn is_inside() -> bool {
    CURRENT.with(|current| !current.trap.get().is_null())
}

/// Whether this thread runs a kernel in checked mode.
#[inline(always)]
pub fn is_checked() -> bool {
    CURRENT.with(|current| current.overflow.get() == Overflow::Traps)
}

/// Writes a line of output of the work-item that this thread runs.
pub(super) fn write_line(code: u64, values: &[u64]) {
    CURRENT.with(|current| {
        if let Some(print) = current.print.get() {
            print.write(code, current.item.get(), values);
        }
    });
}

/// Runs `work`, a part of a launch with this setting.
pub fn enter<'s, R>(setting: impl Into<Setting<'s>>, work: impl FnOnce() -> R) -> R {
    struct Leave(*const TrapCell, Option<PrintMemory>, Overflow);
    impl Drop for Leave {
        fn drop(&mut self) {
            CURRENT.with(|current| {
                current.trap.set(self.0);
                current.print.set(self.1);
                current.overflow.set(self.2);
            });
        }
    }
    let setting = setting.into();
    let _leave = CURRENT.with(|current| {
        let trap = current.trap.replace(setting.trap);
        Leave(trap, current.print.replace(setting.print), current.overflow.replace(setting.overflow))
    });
    work()
}

/// Says that this thread now runs the work-item at a linear position of the launch.
#[inline(always)]
pub fn set_item(linear: u64) {
    CURRENT.with(|current| current.item.set(linear));
}

/// The work-item that this thread runs.
pub fn item() -> u64 {
    CURRENT.with(|current| current.item.get())
}
