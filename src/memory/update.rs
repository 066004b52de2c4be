//! `fetch_update`: a loop around `compare_exchange_weak`, on the host and as a device function.

use super::atomic::{AddressSpace, AtomicElement, AtomicReference, MemoryOrder};
use crate::kernel::DeviceValue;
use crate::kernel::instance::Instance;
use crate::kernel::overload::Seen;
use crate::kernel::{DeviceType, Witness};
use falx_macros::device;

/// What the device function needs of a reference to an element.
pub trait Updated: DeviceType<Erased = Self> + 'static {
    /// The element.
    type Value: DeviceValue + DeviceType<Erased = Self::Value>;
    /// The same reference for relaxed operations.
    type Relaxed: Loaded<Value = Self::Value>;
    /// The same element for relaxed operations.
    fn relaxed(self) -> Self::Relaxed;
    /// As the reference's own.
    fn compare_exchange_weak(
        self,
        current: Self::Value,
        new: Self::Value,
    ) -> Result<Self::Value, Self::Value>;
}

/// A reference to an element that can be loaded.
pub trait Loaded {
    /// The element.
    type Value;
    /// What is there.
    fn load(self) -> Self::Value;
}

impl<T, S, O> Updated for AtomicReference<'static, T, S, O>
where
    T: AtomicElement + DeviceValue + DeviceType<Erased = T>,
    S: AddressSpace,
    O: MemoryOrder,
{
    type Value = T;
    type Relaxed = AtomicReference<'static, T, S>;
    fn relaxed(self) -> Self::Relaxed {
        AtomicReference::relaxed(self)
    }
    fn compare_exchange_weak(self, current: T, new: T) -> Result<T, T> {
        AtomicReference::compare_exchange_weak(self, current, new)
    }
}

impl<T: AtomicElement, S> Loaded for AtomicReference<'static, T, S> {
    type Value = T;
    fn load(self) -> T {
        AtomicReference::load(self)
    }
}

/// What `fetch_update` is on a device.
#[device]
pub fn updated<A: Updated, F: FnMut(A::Value) -> Option<A::Value>>(
    cell: A,
    mut update: F,
) -> Result<A::Value, A::Value> {
    let mut seen = cell.relaxed().load();
    loop {
        let Some(new) = update(seen) else {
            return Err(seen);
        };
        match cell.compare_exchange_weak(seen, new) {
            Ok(before) => return Ok(before),
            Err(found) => seen = found,
        }
    }
}

impl<T: AtomicElement, S, O: MemoryOrder> AtomicReference<'_, T, S, O> {
    /// Puts there what `update` makes of what is there, and calls it again where another work-item came between. Returns what
    /// was there before.
    ///
    /// ```
    /// use falx::prelude::*;
    ///
    /// let cells = Buffer::from(vec![1u32]);
    /// Queue::new(Selector::default())?.submit(|h| {
    ///     let cells = cells.read_write(h);
    ///     h.parallel_for(5, kernel!(move |_: Id<1>| {
    ///         let _ = cells.atomic(0).fetch_update(|x| if x < 20 { Some(x * 3) } else { None });
    ///     }))
    /// })?;
    /// assert_eq!(*cells.host_read()?, [27]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// # Errors
    /// What was there, if `update` gave nothing to put there.
    #[inline(always)]
    pub fn fetch_update(self, mut update: impl FnMut(T) -> Option<T>) -> Result<T, T> {
        let mut seen = self.relaxed().load();
        loop {
            let Some(new) = update(seen) else { return Err(seen) };
            match self.compare_exchange_weak(seen, new) {
                Ok(before) => return Ok(before),
                Err(found) => seen = found,
            }
        }
    }
}

impl<T, S, O> AtomicReference<'_, T, S, O> {
    /// Ties a witness to the device function of `fetch_update`.
    #[doc(hidden)]
    #[inline(always)]
    #[allow(clippy::unused_self, clippy::type_complexity)]
    pub fn fetch_update_falx(
        &self,
        _witness: Witness<Instance<updated, (AtomicReference<'static, T, S, O>,)>>,
        _given: (Seen<impl Sized>, impl Sized),
        _result: &Result<T, T>,
    ) {
    }
}
