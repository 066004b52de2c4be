//! Owns the objects of OpenCL: each is released once, when its owner is dropped, and a failing release never panics.
//!
//! Also counts the calls made to the driver. Holds no policy.

use super::error::OpenClError;
use crate::error::{Error, ErrorKind, Result};
use opencl3::types::{
    cl_command_queue, cl_context, cl_device_id, cl_event, cl_int, cl_kernel, cl_mem, cl_program,
};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Through whom a device's driver is called: counts the calls and knows the process they may come from.
pub(super) struct Driver {
    calls: AtomicU64,
    process: u32,
    /// Names the device in messages.
    pub(super) device_name: String,
}

impl Driver {
    /// For the rest of the process, as devices are: what is made of a device needs no count of who uses its driver.
    pub(super) fn leak(device_name: String) -> &'static Self {
        notice_forks();
        Box::leak(Box::new(Driver { calls: AtomicU64::new(0), process: std::process::id(), device_name }))
    }

    /// How many calls were made to the driver.
    pub(super) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Makes one call, which is named `call` in errors.
    pub(super) fn call<T>(
        &self,
        call: &'static str,
        make: impl FnOnce() -> Result<T, cl_int>,
    ) -> Result<T, OpenClError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        make().map_err(|code| OpenClError::new(call, code))
    }

    /// An error in a forked child, where the driver's threads do not exist and most calls would hang.
    pub(super) fn check_process(&self) -> Result<()> {
        if self.is_own_process() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::DeviceLost,
            format!(
                "`{}` was opened by process {} and cannot be used in its forked child {}; use falx in one of them only",
                self.device_name,
                self.process,
                std::process::id()
            ),
        ))
    }

    fn is_own_process(&self) -> bool {
        !is_forked_child()
    }
}

/// Whether this process was forked from one that already used a driver.
///
/// Answers without a system call, because every submit asks.
#[cfg(unix)]
fn is_forked_child() -> bool {
    FORKED.load(Ordering::Relaxed)
}

#[cfg(not(unix))]
fn is_forked_child() -> bool {
    false
}

#[cfg(unix)]
static FORKED: AtomicBool = AtomicBool::new(false);

/// Has every later fork noticed in the child.
#[cfg(unix)]
fn notice_forks() {
    type Handler = Option<extern "C" fn()>;
    unsafe extern "C" {
        fn pthread_atfork(prepare: Handler, parent: Handler, child: Handler) -> std::ffi::c_int;
    }
    extern "C" fn in_child() {
        FORKED.store(true, Ordering::Relaxed);
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the declaration is POSIX's; the handler only stores to an atomic, which is safe after a fork.
        let refused = unsafe { pthread_atfork(None, None, Some(in_child)) };
        if refused != 0 {
            tracing::error!("forks cannot be noticed ({refused}); do not use falx in a forked child");
        }
    });
}

#[cfg(not(unix))]
fn notice_forks() {}

/// A kind of OpenCL object.
///
/// # Safety
/// - `release` gives back exactly one reference.
/// - Objects may be used by another thread than the one that made them (OpenCL 3.0, appendix A.2: all calls are
///   thread-safe except those that set arguments of one kernel).
pub(super) unsafe trait Resource {
    /// Its handle.
    type Raw: Copy;
    /// The function that releases it.
    const RELEASE: &'static str;
    /// # Safety
    /// `raw` is valid, and the caller owns one reference, which ends here.
    unsafe fn release(raw: Self::Raw) -> Result<(), cl_int>;
}

/// A kind of OpenCL object that several threads may use at a time.
///
/// # Safety
/// Every call that takes the object is thread-safe.
pub(super) unsafe trait ThreadSafe: Resource {}

/// One reference to an OpenCL object.
pub(super) struct Owned<R: Resource> {
    raw: R::Raw,
    driver: &'static Driver,
}

impl<R: Resource> Owned<R> {
    /// Takes over one reference.
    ///
    /// # Safety
    /// `raw` is valid and the caller owns one reference to it, which it gives away.
    pub(super) unsafe fn new(raw: R::Raw, driver: &'static Driver) -> Self {
        Owned { raw, driver }
    }

    /// The handle, valid as long as `self`.
    pub(super) fn raw(&self) -> R::Raw {
        self.raw
    }

    /// Through whom to call.
    pub(super) fn driver(&self) -> &'static Driver {
        self.driver
    }
}

impl<R: Resource> Drop for Owned<R> {
    fn drop(&mut self) {
        // In a forked child the object belongs to the parent; releasing may wait for threads that are not there.
        if !self.driver.is_own_process() {
            return;
        }
        // SAFETY: `new` was promised one reference, and only this drop gives it back.
        let released = self.driver.call(R::RELEASE, || unsafe { R::release(self.raw) });
        if let Err(error) = released {
            tracing::error!(device = self.driver.device_name, "{error}; the object is leaked");
        }
    }
}

// SAFETY: `Resource` promises that the object may be used by any thread.
unsafe impl<R: Resource> Send for Owned<R> {}
// SAFETY: `ThreadSafe` promises that calls from several threads at a time are allowed; `Driver` is `Sync`.
unsafe impl<R: ThreadSafe> Sync for Owned<R> {}

macro_rules! resource {
    ($(#[$doc:meta])* $name:ident, $raw:ty, $call:literal, $release:path) => {
        $(#[$doc])*
        pub(super) enum $name {}
        // SAFETY: the function releases one reference; see the trait for the rule on threads.
        unsafe impl Resource for $name {
            type Raw = $raw;
            const RELEASE: &'static str = $call;
            unsafe fn release(raw: $raw) -> Result<(), cl_int> {
                // SAFETY: the caller gives away one reference to a valid object.
                unsafe { $release(raw) }
            }
        }
    };
}

resource!(
    /// `cl_context`.
    ContextKind, cl_context, "clReleaseContext", cl3::context::release_context
);
resource!(
    /// `cl_command_queue`.
    QueueKind, cl_command_queue, "clReleaseCommandQueue", cl3::command_queue::release_command_queue
);
resource!(
    /// `cl_program`.
    ProgramKind, cl_program, "clReleaseProgram", cl3::program::release_program
);
resource!(
    /// `cl_kernel`: not [`ThreadSafe`], because its arguments are state that calls change.
    KernelKind, cl_kernel, "clReleaseKernel", cl3::kernel::release_kernel
);
resource!(
    /// `cl_mem`.
    MemoryKind, cl_mem, "clReleaseMemObject", cl3::memory::release_mem_object
);
resource!(
    /// `cl_event`.
    EventKind, cl_event, "clReleaseEvent", cl3::event::release_event
);

// SAFETY: OpenCL 3.0, appendix A.2: every call that takes a context is thread-safe.
unsafe impl ThreadSafe for ContextKind {}
// SAFETY: as above, for command queues.
unsafe impl ThreadSafe for QueueKind {}
// SAFETY: as above, for programs; falx builds a program only before anybody else sees it.
unsafe impl ThreadSafe for ProgramKind {}
// SAFETY: as above, for memory objects.
unsafe impl ThreadSafe for MemoryKind {}
// SAFETY: as above, for events.
unsafe impl ThreadSafe for EventKind {}

/// A device as its driver names it. Root devices live as long as the process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct DeviceHandle(pub(super) cl_device_id);

// SAFETY: a `cl_device_id` of a root device is never released, one of a part of a device lives as long as the queue of the lane that
// was made for it, which is never released, and OpenCL 3.0, appendix A.2 lets any thread use it.
unsafe impl Send for DeviceHandle {}
// SAFETY: as above.
unsafe impl Sync for DeviceHandle {}
