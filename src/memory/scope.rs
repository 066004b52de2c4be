//! `scope`: buffers over memory that is merely borrowed.
//!
//! The scope never returns, not even by a panic, while a command may still touch the borrowed memory; afterwards the
//! memory is out of reach of every handle that may have been kept or forgotten.

use super::accessor::{Read, ReadWrite, Write};
use super::element::Element;
use super::{Buffer, HostRead, HostWrite, guard};
use crate::error::Result;
use crate::execute::{HostBlock, Pool, Storage};
use crate::geometry::Range;
use crate::queue::Handler;
use crate::runtime::runtime;
use parking_lot::Mutex;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::Arc;

/// Brings the last bytes of a lent buffer home.
type BringHome = Box<dyn Fn() -> Result<()>>;

/// Copies what a lent buffer holds in the end.
type Wish<'env> = Box<dyn FnOnce() -> Result<()> + Send + 'env>;

/// Where buffers over borrowed memory are made; see [`scope`].
pub struct Scope<'scope, 'env: 'scope> {
    lent: Mutex<Vec<(Arc<Storage>, BringHome)>>,
    /// What else is done with the elements while they can still be reached.
    wishes: Mutex<Vec<Wish<'env>>>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

/// Runs `work`, which may make buffers over memory that it borrows, and waits for every command that uses them.
///
/// When the scope returns, the bytes that commands wrote are in the borrowed slices. Devices that share memory with the
/// host work on the slices in place.
///
/// ```
/// use falx::prelude::*;
/// let mut numbers = [1, 2, 3];
/// falx::scope(|s| {
///     let buffer = s.buffer(&mut numbers);
///     Queue::new(Selector::default())?.submit(|h| {
///         let numbers = buffer.read_write(h);
///         h.parallel_for(3, kernel!(move |i: Id<1>| numbers[i] = numbers[i] * 10))
///     })
/// })??;
/// assert_eq!(numbers, [10, 20, 30]);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// # Errors
/// What a command failed with that wrote one of the buffers; [`crate::ErrorKind::Deadlock`] if a host guard was forgotten.
///
/// Source: the write-back rules of SYCL 2020, section 4.7.2.3, restated as `std::thread::scope` does for threads.
pub fn scope<'env, R>(work: impl for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> R) -> Result<R> {
    struct Finish<'f, 'scope, 'env>(&'f Scope<'scope, 'env>);
    impl Drop for Finish<'_, '_, '_> {
        fn drop(&mut self) {
            // Only reached with something left to do when `work` panicked; its panic says more than an error here could.
            let _ = self.0.finish();
        }
    }
    let scope =
        Scope { lent: Mutex::default(), wishes: Mutex::default(), scope: PhantomData, env: PhantomData };
    let finish = Finish(&scope);
    let value = work(&scope);
    let result = finish.0.finish();
    drop(finish);
    result.map(|()| value)
}

impl<'scope, 'env> Scope<'scope, 'env> {
    /// A buffer that works on `elements` in place; what commands write is there when the scope returns.
    pub fn buffer<T: Element>(&'scope self, elements: &'env mut [T]) -> LentBuffer<'scope, T> {
        // SAFETY: the slice is borrowed for 'env, which outlives the scope; `finish` waits for everything that may touch it
        // and then puts it out of reach.
        let lend = |pointer, size_bytes| unsafe { HostBlock::lent(pointer, size_bytes) };
        let buffer = lent(elements.as_mut_ptr(), elements.len(), lend);
        self.expect_home(&buffer);
        LentBuffer { buffer, scope: PhantomData }
    }

    /// A buffer of `elements` that never changes them: commands read them in place, and before one writes to them in host
    /// memory the buffer makes a copy of its own. Nothing is written back; [`Scope::set_final_data`] gives the result.
    ///
    /// ```
    /// let (numbers, mut doubled) = ([1u32, 2, 3], [0; 3]);
    /// falx::scope(|s| {
    ///     let buffer = s.copy_on_write(&numbers);
    ///     s.set_final_data(&buffer, &mut doubled)?;
    ///     buffer.host_write()?.iter_mut().for_each(|x| *x *= 2);
    ///     Ok::<(), falx::Error>(())
    /// })??;
    /// assert_eq!((numbers, doubled), ([1, 2, 3], [2, 4, 6]));
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn copy_on_write<T: Element>(&'scope self, elements: &'env [T]) -> LentBuffer<'scope, T> {
        let buffer = lent(elements.as_ptr().cast_mut(), elements.len(), Self::lend_shared);
        buffer.set_write_back(false);
        self.expect_home(&buffer);
        LentBuffer { buffer, scope: PhantomData }
    }

    /// Copies what `buffer` holds when the scope ends into `destination`, which has its length, whatever becomes of the
    /// slice that it was made of.
    ///
    /// # Errors
    /// [`crate::ErrorKind::LengthMismatch`] if the lengths differ. From [`scope`], why there is nothing to copy.
    ///
    /// Source: SYCL 2020, section 4.7.2 (`set_final_data`).
    pub fn set_final_data<T: Element>(
        &'scope self,
        buffer: &LentBuffer<'scope, T>,
        destination: &'env mut [T],
    ) -> Result<()> {
        let buffer = buffer.buffer.clone();
        buffer.check_length("destination", destination.len())?;
        self.wishes.lock().push(Box::new(move || buffer.copy_to_slice(destination)));
        Ok(())
    }

    /// A buffer that commands can read `elements` through, in place.
    pub fn read_only<T: Element>(&'scope self, elements: &'env [T]) -> LentSlice<'scope, T> {
        let buffer = lent(elements.as_ptr().cast_mut(), elements.len(), Self::lend_shared);
        buffer.set_write_back(false);
        self.expect_home(&buffer);
        LentSlice { buffer, scope: PhantomData }
    }

    fn lend_shared(pointer: NonNull<u8>, size_bytes: usize) -> HostBlock {
        // SAFETY: as in `buffer`, and nobody changes a shared slice.
        unsafe { HostBlock::lent_shared(pointer, size_bytes) }
    }

    /// Has the scope wait, in the end, until no command uses the buffer any more, with the last bytes at home unless they
    /// are not wanted there.
    fn expect_home<T: Element>(&self, buffer: &Buffer<T>) {
        let home = buffer.clone();
        let bring_home = move || match home.writes_back() {
            true => home.host_write().map(drop),
            // Waits for the same commands, and brings nothing.
            false => guard::wait_for_users(home.portion()),
        };
        self.lent.lock().push((buffer.storage().clone(), Box::new(bring_home)));
    }

    /// Waits until nothing touches the lent memory any more, with the last bytes at home, and puts it out of reach.
    fn finish(&self) -> Result<()> {
        let wishes = std::mem::take(&mut *self.wishes.lock());
        let mut result = Ok(());
        for wish in wishes {
            result = result.and(wish());
        }
        let lent = std::mem::take(&mut *self.lent.lock());
        for (storage, bring_home) in lent {
            result = result.and(bring_home());
            // Even when that failed, nothing may touch the memory any more. First no step gets hold of it, then those
            // that did are waited for; the other way round, one could start in between.
            storage.revoke();
            runtime().engine.quiesce(&storage);
            storage.forget_devices();
        }
        result
    }
}

/// A buffer over `len` elements that `lend` lends.
fn lent<T: Element>(
    pointer: *mut T,
    len: usize,
    lend: impl Fn(NonNull<u8>, usize) -> HostBlock,
) -> Buffer<T> {
    let size_bytes = len * size_of::<T>();
    let block = match NonNull::new(pointer.cast::<u8>()) {
        Some(pointer) if size_bytes > 0 => Some(lend(pointer, size_bytes)),
        _ => Pool::global().take(0).ok(),
    };
    Buffer::with_block(Range([len]), block)
}

/// A buffer over memory that a [`scope`] borrows.
pub struct LentBuffer<'scope, T> {
    buffer: Buffer<T>,
    scope: PhantomData<&'scope mut &'scope ()>,
}

/// A buffer over memory that a [`scope`] borrows for reading.
pub struct LentSlice<'scope, T> {
    buffer: Buffer<T>,
    scope: PhantomData<&'scope mut &'scope ()>,
}

/// A host guard that ends with its buffer's scope.
pub struct Lent<'a, G> {
    guard: G,
    buffer: PhantomData<&'a ()>,
}

impl<G: Deref> Deref for Lent<'_, G> {
    type Target = G::Target;
    fn deref(&self) -> &G::Target {
        &self.guard
    }
}

impl<G: DerefMut> DerefMut for Lent<'_, G> {
    fn deref_mut(&mut self) -> &mut G::Target {
        &mut self.guard
    }
}

impl<T: Element> LentBuffer<'_, T> {
    /// As [`Buffer::read`].
    pub fn read<'h>(&self, handler: &'h Handler) -> Read<'h, T> {
        self.buffer.read(handler)
    }
    /// As [`Buffer::write`].
    pub fn write<'h>(&self, handler: &'h Handler) -> Write<'h, T> {
        self.buffer.write(handler)
    }
    /// As [`Buffer::read_write`].
    pub fn read_write<'h>(&self, handler: &'h Handler) -> ReadWrite<'h, T> {
        self.buffer.read_write(handler)
    }
    /// As [`Buffer::host_read`].
    ///
    /// # Errors
    /// As for [`Buffer::host_read`].
    pub fn host_read(&self) -> Result<Lent<'_, HostRead<T>>> {
        self.buffer.host_read().map(|guard| Lent { guard, buffer: PhantomData })
    }
    /// As [`Buffer::host_write`].
    ///
    /// # Errors
    /// As for [`Buffer::host_write`].
    pub fn host_write(&self) -> Result<Lent<'_, HostWrite<T>>> {
        self.buffer.host_write().map(|guard| Lent { guard, buffer: PhantomData })
    }
    /// Whether the elements are in the borrowed slice when the scope returns; they are, unless this is told otherwise. Then
    /// what is elsewhere is not brought there, and the slice may hold old elements and new ones.
    ///
    /// Source: SYCL 2020, section 4.7.2 (`set_write_back`).
    pub fn set_write_back(&self, write_back: bool) {
        self.buffer.set_write_back(write_back);
    }
    /// The number of elements.
    pub fn size(&self) -> usize {
        self.buffer.size()
    }
}

impl<T: Element> LentSlice<'_, T> {
    /// As [`Buffer::read`].
    pub fn read<'h>(&self, handler: &'h Handler) -> Read<'h, T> {
        self.buffer.read(handler)
    }
    /// The number of elements.
    pub fn size(&self) -> usize {
        self.buffer.size()
    }
}
