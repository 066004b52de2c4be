//! The locks of what many threads share: those of `parking_lot`; in tests of schedules (`FALX_SHUTTLE=1`, see `build.rs`) such as
//! `shuttle` decides about.

#[cfg(not(all(test, shuttle)))]
pub(crate) use parking_lot::{Condvar, Mutex, MutexGuard};
#[cfg(all(test, shuttle))]
pub(crate) use scheduled::{Condvar, Mutex, MutexGuard};

/// Atomic numbers, likewise.
pub(crate) mod atomic {
    #[cfg(all(test, shuttle))]
    pub(crate) use shuttle::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
    #[cfg(not(all(test, shuttle)))]
    pub(crate) use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
}

/// What `parking_lot` has, as far as falx uses it, over `shuttle`.
#[cfg(all(test, shuttle))]
mod scheduled {
    use shuttle::sync as inner;
    use std::ops::{Deref, DerefMut};
    use std::sync::PoisonError;
    use std::time::Duration;

    /// A lock.
    #[derive(Default)]
    pub(crate) struct Mutex<T>(inner::Mutex<T>);

    impl<T> Mutex<T> {
        pub(crate) fn new(value: T) -> Self {
            Mutex(inner::Mutex::new(value))
        }

        pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
            MutexGuard { mutex: &self.0, guard: Some(locked(&self.0)) }
        }

        pub(crate) fn get_mut(&mut self) -> &mut T {
            self.0.get_mut().unwrap_or_else(PoisonError::into_inner)
        }
    }

    fn locked<T>(mutex: &inner::Mutex<T>) -> inner::MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a lock guards.
    pub(crate) struct MutexGuard<'m, T> {
        mutex: &'m inner::Mutex<T>,
        /// None while it is unlocked.
        guard: Option<inner::MutexGuard<'m, T>>,
    }

    impl<T> MutexGuard<'_, T> {
        pub(crate) fn unlocked<R>(guard: &mut Self, work: impl FnOnce() -> R) -> R {
            guard.guard = None;
            let result = work();
            guard.guard = Some(locked(guard.mutex));
            result
        }
    }

    impl<T> Deref for MutexGuard<'_, T> {
        type Target = T;
        fn deref(&self) -> &T {
            self.guard.as_ref().expect("it is locked")
        }
    }

    impl<T> DerefMut for MutexGuard<'_, T> {
        fn deref_mut(&mut self) -> &mut T {
            self.guard.as_mut().expect("it is locked")
        }
    }

    /// A condition that may come about while a lock is free.
    #[derive(Default)]
    pub(crate) struct Condvar(inner::Condvar);

    impl Condvar {
        pub(crate) fn new() -> Self {
            Condvar::default()
        }

        pub(crate) fn notify_all(&self) {
            self.0.notify_all();
        }

        pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
            let taken = guard.guard.take().expect("it is locked");
            guard.guard = Some(self.0.wait(taken).unwrap_or_else(PoisonError::into_inner));
        }

        /// Any time is over some time: whoever waits so looks again.
        pub(crate) fn wait_for<T>(&self, guard: &mut MutexGuard<'_, T>, _limit: Duration) {
            MutexGuard::unlocked(guard, shuttle::thread::yield_now);
        }
    }
}
