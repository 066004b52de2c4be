//! What falx does when the process ends, be it that `main` returns or that `exit` is called.

use super::live;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// The process that this is for: a child that it forks has none of its threads, and nothing to wait for.
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// Whether that is done: a compiler that another thread called before may end after.
static HAS_ENDED: AtomicBool = AtomicBool::new(false);

/// Has the process wait, before it ends, for what drivers have in their hands, and then report what is left.
///
/// What a process was asked last it does first, and destructors are among what it was asked: so this is called again whenever a driver was
/// loaded or its compiler has run, which makes objects of its own.
pub(super) fn prepare() {
    unsafe extern "C" {
        fn atexit(function: extern "C" fn()) -> std::ffi::c_int;
    }
    if HAS_ENDED.load(Ordering::Relaxed) {
        return;
    }
    PROCESS.store(std::process::id(), Ordering::Relaxed);
    // SAFETY: the declaration is that of C; the function never unwinds, and touches only what lives as long as the process.
    let refused = unsafe { atexit(end) };
    if refused != 0 {
        tracing::error!(
            "the end of the process cannot be noticed ({refused}): wait for what you submit, or drivers may crash then"
        );
    }
}

extern "C" fn end() {
    // The first call is for all that were asked for.
    let process = PROCESS.swap(0, Ordering::Relaxed);
    if process != std::process::id() {
        return;
    }
    HAS_ENDED.store(true, Ordering::Relaxed);
    let Some(runtime) = super::RUNTIME.get() else { return };
    contained(|| runtime.engine.end());
    contained(|| runtime.engine.end_watchers());
    contained(|| live::report_if_asked(runtime));
}

/// A panic, such as of what a program has printed output delivered to, must not leave a function that C calls.
fn contained(work: impl FnOnce()) {
    // Whatever it leaves half done, nothing else looks at it any more; a payload may panic in turn when it is dropped.
    let _ = catch_unwind(AssertUnwindSafe(work)).map_err(std::mem::forget);
}
