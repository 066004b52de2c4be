//! `AtomicReference`: atomic operations on one element of an accessor.
//!
//! Operations are relaxed, and hold for the device, unless the reference says otherwise, as SYCL's `atomic_ref` is by default; on the host as on any
//! device.

use super::element::Element;
use crate::kernel::{Combination, Combine, DeviceType, Scalar, Space, Type};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicIsize, AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// Which memory an [`AtomicReference`] leads to, as types.
pub mod space {
    /// A buffer.
    #[derive(Clone, Copy, Debug)]
    pub struct Global;
    /// The local memory of a work-group.
    #[derive(Clone, Copy, Debug)]
    pub struct Local;
}

/// [`space::Global`] or [`space::Local`].
pub trait AddressSpace: Copy + 'static {
    /// The space as data.
    const SPACE: Space;
}
impl AddressSpace for space::Global {
    const SPACE: Space = Space::Global;
}
impl AddressSpace for space::Local {
    const SPACE: Space = Space::Local;
}

/// What atomic operations put in order beside themselves, as types.
pub mod order {
    /// Nothing.
    #[derive(Clone, Copy, Debug)]
    pub struct Relaxed;
    /// What stands behind the operation stays there.
    #[derive(Clone, Copy, Debug)]
    pub struct Acquire;
    /// What stands before the operation stays there.
    #[derive(Clone, Copy, Debug)]
    pub struct Release;
    /// Both.
    #[derive(Clone, Copy, Debug)]
    pub struct AcqRel;
    /// Both, and all such operations have one order that all work-items see.
    #[derive(Clone, Copy, Debug)]
    pub struct SeqCst;
}

/// One of [`order`].
pub trait MemoryOrder: Copy + 'static {
    /// The order as data.
    #[doc(hidden)]
    const ORDER: Ordering;
}

/// An order that loads can have.
#[diagnostic::on_unimplemented(
    message = "there are no loads that release",
    label = "a load is relaxed, `acquire` or `seq_cst`",
    note = "write `.acquire().load()`"
)]
pub trait LoadOrder: MemoryOrder {}

/// An order that stores can have.
#[diagnostic::on_unimplemented(
    message = "there are no stores that acquire",
    label = "a store is relaxed, `release` or `seq_cst`",
    note = "write `.release().store(value)`"
)]
pub trait StoreOrder: MemoryOrder {}

macro_rules! orders {
    ($($name:ident $($of:ident)*;)*) => { $(
        impl MemoryOrder for order::$name {
            const ORDER: Ordering = Ordering::$name;
        }
        $(
            #[diagnostic::do_not_recommend]
            impl $of for order::$name {}
        )*
    )* };
}
orders! {
    Relaxed LoadOrder StoreOrder;
    Acquire LoadOrder;
    Release StoreOrder;
    AcqRel;
    SeqCst LoadOrder StoreOrder;
}

type Brand<'h, S, O> = PhantomData<(&'h (), fn(S, O))>;

/// One element of an accessor, for atomic operations; `accessor.atomic(index)` gives it inside a kernel.
///
/// Operations are [relaxed](Self::relaxed) and hold for the whole [device](Self::device): `cells.atomic(0).acq_rel().fetch_add(1)`
/// asks for an order, `cells.atomic(0).work_group().fetch_add(1)` for a scope. Where the index was out of range every operation
/// does nothing and returns zero.
///
/// ```
/// use falx::prelude::*;
/// let (values, most) = (Buffer::from(vec![0.5f32, 2.5, 1.5]), Buffer::from(vec![f32::NEG_INFINITY]));
/// Queue::new(Selector::default())?.submit(|h| {
///     let (values, most) = (values.read(h), most.read_write(h));
///     h.parallel_for(3, kernel!(move |i: usize| {
///         most.atomic(0).fetch_max(values[i]);
///     }))
/// })?;
/// assert_eq!(most.host_read()?[0], 2.5);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.15.3 (`atomic_ref`); names as in `std::sync::atomic`.
pub struct AtomicReference<'h, T, S, O = order::Relaxed> {
    /// Null where the index was out of range.
    pointer: *mut T,
    brand: Brand<'h, S, O>,
}

impl<T, S, O> Clone for AtomicReference<'_, T, S, O> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, S, O> Copy for AtomicReference<'_, T, S, O> {}

#[diagnostic::do_not_recommend]
impl<T: AtomicElement, S: AddressSpace, O: MemoryOrder> DeviceType for AtomicReference<'_, T, S, O> {
    type Erased = AtomicReference<'static, T, S, O>;
    fn describe() -> Type {
        Type::Atomic(T::SCALAR, S::SPACE)
    }
    fn zero() -> Self {
        AtomicReference { pointer: std::ptr::null_mut(), brand: PhantomData }
    }
}

/// What an atomic operation does with the old value and its operand.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub enum Operation {
    Add,
    Subtract,
    Minimum,
    Maximum,
    And,
    Or,
    Xor,
    Load,
    Store,
    Swap,
}

/// The order of a load for which the whole operation's is asked.
fn of_load(order: Ordering) -> Ordering {
    match order {
        Ordering::Release => Ordering::Relaxed,
        Ordering::AcqRel => Ordering::Acquire,
        other => other,
    }
}

/// The order of a store for which the whole operation's is asked.
fn of_store(order: Ordering) -> Ordering {
    match order {
        Ordering::Acquire => Ordering::Relaxed,
        Ordering::AcqRel => Ordering::Release,
        other => other,
    }
}

/// An element that has atomic operations: the integers of 32 and 64 bits, `f32` and `f64`.
#[diagnostic::on_unimplemented(
    message = "there are no atomic operations on `{Self}`",
    note = "atomic operations exist on the integers of 32 and 64 bits, `f32` and `f64`; no device has them on `f16`: keep an `f32`, or the bits of two halves in a `u32`"
)]
pub trait AtomicElement: Element {
    /// The type as data.
    #[doc(hidden)]
    const SCALAR: Scalar;

    /// Applies `operation` and returns the old value.
    ///
    /// # Safety
    /// `pointer` is aligned and leads to an element that stays allocated during the call, and that others meanwhile
    /// only touch through atomics of its width.
    #[doc(hidden)]
    unsafe fn apply(pointer: *mut Self, operation: Operation, operand: Self, order: Ordering) -> Self;

    /// Puts `new` there if the bits of `current` are there; returns what was there before, as an error if they are not.
    ///
    /// # Safety
    /// As for [`apply`](Self::apply).
    #[doc(hidden)]
    unsafe fn compare_exchange(
        pointer: *mut Self,
        current: Self,
        new: Self,
        order: Ordering,
    ) -> Result<Self, Self>;
}

/// An element whose bits have atomic operations: the integers of 32 and 64 bits.
#[diagnostic::on_unimplemented(
    message = "there are no atomic operations on the bits of `{Self}`",
    note = "`fetch_and`, `fetch_or` and `fetch_xor` exist on the integers of 32 and 64 bits"
)]
pub trait AtomicBits: AtomicElement {}

macro_rules! atomic_integers {
    ($($ty:ty, $scalar:ident, $atomic:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl AtomicBits for $ty {}
        #[diagnostic::do_not_recommend]
        impl AtomicElement for $ty {
            const SCALAR: Scalar = Scalar::$scalar;

            #[inline(always)]
            unsafe fn apply(pointer: *mut Self, operation: Operation, operand: Self, order: Ordering) -> Self {
                // SAFETY: the caller vouches for alignment, lifetime and that all access is atomic.
                let element = unsafe { <$atomic>::from_ptr(pointer) };
                match operation {
                    Operation::Add => element.fetch_add(operand, order),
                    Operation::Subtract => element.fetch_sub(operand, order),
                    Operation::Minimum => element.fetch_min(operand, order),
                    Operation::Maximum => element.fetch_max(operand, order),
                    Operation::And => element.fetch_and(operand, order),
                    Operation::Or => element.fetch_or(operand, order),
                    Operation::Xor => element.fetch_xor(operand, order),
                    Operation::Load => element.load(of_load(order)),
                    Operation::Swap => element.swap(operand, order),
                    Operation::Store => {
                        element.store(operand, of_store(order));
                        0
                    }
                }
            }

            #[inline(always)]
            unsafe fn compare_exchange(
                pointer: *mut Self,
                current: Self,
                new: Self,
                order: Ordering,
            ) -> Result<Self, Self> {
                // SAFETY: the caller vouches for alignment, lifetime and that all access is atomic.
                let element = unsafe { <$atomic>::from_ptr(pointer) };
                element.compare_exchange(current, new, order, of_load(order))
            }
        }
    )* };
}
atomic_integers! {
    i32, I32, AtomicI32;
    u32, U32, AtomicU32;
    i64, I64, AtomicI64;
    u64, U64, AtomicU64;
}
#[cfg(target_pointer_width = "64")]
atomic_integers! {
    isize, Isize, AtomicIsize;
    usize, Usize, AtomicUsize;
}

macro_rules! atomic_floats {
    ($($ty:ty, $scalar:ident, $atomic:ty;)*) => { $(
        #[diagnostic::do_not_recommend]
        impl AtomicElement for $ty {
            const SCALAR: Scalar = Scalar::$scalar;

            #[inline(always)]
            unsafe fn apply(pointer: *mut Self, operation: Operation, operand: Self, order: Ordering) -> Self {
                // SAFETY: the caller vouches for alignment, lifetime and that all access is atomic; a float has the size
                // and alignment of its bits.
                let element = unsafe { <$atomic>::from_ptr(pointer.cast()) };
                let combination = match operation {
                    Operation::Load => return <$ty>::from_bits(element.load(of_load(order))),
                    Operation::Swap => return <$ty>::from_bits(element.swap(operand.to_bits(), order)),
                    Operation::Store => {
                        element.store(operand.to_bits(), of_store(order));
                        return 0.0;
                    }
                    Operation::Add => Combination::Sum,
                    Operation::Subtract => {
                        // SAFETY: passed on.
                        return unsafe { Self::apply(pointer, Operation::Add, -operand, order) };
                    }
                    Operation::Minimum => Combination::Min,
                    Operation::Maximum => Combination::Max,
                    // `AtomicBits` is for integers alone.
                    Operation::And | Operation::Or | Operation::Xor => return 0.0,
                };
                let combined = |bits| Some(<$ty>::combine(combination, <$ty>::from_bits(bits), operand).to_bits());
                let before = element.fetch_update(order, of_load(order), combined);
                <$ty>::from_bits(before.unwrap_or_else(|seen| seen))
            }

            #[inline(always)]
            unsafe fn compare_exchange(
                pointer: *mut Self,
                current: Self,
                new: Self,
                order: Ordering,
            ) -> Result<Self, Self> {
                // SAFETY: as in `apply`.
                let element = unsafe { <$atomic>::from_ptr(pointer.cast()) };
                let (current, new) = (current.to_bits(), new.to_bits());
                let before = element.compare_exchange(current, new, order, of_load(order));
                before.map(<$ty>::from_bits).map_err(<$ty>::from_bits)
            }
        }
    )* };
}
atomic_floats! {
    f32, F32, AtomicU32;
    f64, F64, AtomicU64;
}

impl<T: AtomicElement, S> AtomicReference<'_, T, S> {
    /// The element at `pointer`, or none if null.
    ///
    /// # Safety
    /// - `pointer` is null, or aligned and leads to an element that stays allocated while the kernel runs.
    /// - Meanwhile all access to it is through atomics of its width.
    #[inline(always)]
    pub(super) unsafe fn new(pointer: *mut T) -> Self {
        AtomicReference { pointer, brand: PhantomData }
    }
}

impl<'h, T: AtomicElement, S, O: MemoryOrder> AtomicReference<'h, T, S, O> {
    #[inline(always)]
    fn apply(self, operation: Operation, operand: T) -> T {
        if self.pointer.is_null() {
            return T::zeroed();
        }
        // SAFETY: `new` was promised all of this, and a reference does not outlive the work-item that made it, because
        // it cannot be captured or stored.
        unsafe { T::apply(self.pointer, operation, operand, O::ORDER) }
    }

    #[inline(always)]
    fn ordered<P>(self) -> AtomicReference<'h, T, S, P> {
        AtomicReference { pointer: self.pointer, brand: PhantomData }
    }

    /// The same element for relaxed operations: each is atomic, but orders nothing else. This is the default.
    #[inline(always)]
    pub fn relaxed(self) -> AtomicReference<'h, T, S, order::Relaxed> {
        self.ordered()
    }
    /// The same element for operations after which everything is seen that stood before a [release](Self::release) of what
    /// they read. Stores cannot be such.
    #[inline(always)]
    pub fn acquire(self) -> AtomicReference<'h, T, S, order::Acquire> {
        self.ordered()
    }
    /// The same element for operations before which everything takes effect that stands before them. Loads cannot be such.
    #[inline(always)]
    pub fn release(self) -> AtomicReference<'h, T, S, order::Release> {
        self.ordered()
    }
    /// The same element for operations that [acquire](Self::acquire) and [release](Self::release): those that load and store.
    #[inline(always)]
    pub fn acq_rel(self) -> AtomicReference<'h, T, S, order::AcqRel> {
        self.ordered()
    }
    /// The same element for operations that acquire and release, in one order that all work-items see.
    #[inline(always)]
    pub fn seq_cst(self) -> AtomicReference<'h, T, S, order::SeqCst> {
        self.ordered()
    }

    /// The same element for operations whose order this work-item alone relies on. A scope is the least that is asked for:
    /// falx may give more.
    #[inline(always)]
    pub fn work_item(self) -> Self {
        self
    }
    /// The same element for operations that are atomic and in order for the work-items of a sub-group; as for
    /// [`work_item`](Self::work_item).
    #[inline(always)]
    pub fn sub_group(self) -> Self {
        self
    }
    /// The same element for operations that are atomic and in order for the work-items of a work-group; as for
    /// [`work_item`](Self::work_item).
    #[inline(always)]
    pub fn work_group(self) -> Self {
        self
    }
    /// The same element for operations that are atomic and in order for all work-items of the device. This is the default.
    #[inline(always)]
    pub fn device(self) -> Self {
        self
    }
    /// The same element for operations that are atomic and in order also for other devices and the host, where the device has
    /// the aspect `atomic_system`. Elsewhere it is an error of `submit`.
    #[inline(always)]
    pub fn system(self) -> Self {
        self
    }

    /// Puts `new` there if `current` is there, bit for bit. Returns what was there before: `Ok` if it was `current`.
    ///
    /// An exchange that fails is a load, and has what a load can have of the order.
    ///
    /// # Errors
    /// What was there, if it was not `current`.
    #[inline(always)]
    pub fn compare_exchange(self, current: T, new: T) -> Result<T, T> {
        if self.pointer.is_null() {
            // No error, after which a loop would try again.
            return Ok(T::zeroed());
        }
        // SAFETY: as in `apply`.
        unsafe { T::compare_exchange(self.pointer, current, new, O::ORDER) }
    }
    /// As [`compare_exchange`](Self::compare_exchange), but may fail though `current` is there; use it in loops.
    ///
    /// # Errors
    /// What was there.
    #[inline(always)]
    pub fn compare_exchange_weak(self, current: T, new: T) -> Result<T, T> {
        self.compare_exchange(current, new)
    }

    /// Adds `value`; integers wrap around. Returns what was there before.
    #[inline(always)]
    pub fn fetch_add(self, value: T) -> T {
        self.apply(Operation::Add, value)
    }
    /// Subtracts `value`; integers wrap around. Returns what was there before.
    #[inline(always)]
    pub fn fetch_sub(self, value: T) -> T {
        self.apply(Operation::Subtract, value)
    }
    /// Keeps the smaller of the element and `value`, of floats the one that is a number; returns what was there before.
    #[inline(always)]
    pub fn fetch_min(self, value: T) -> T {
        self.apply(Operation::Minimum, value)
    }
    /// Keeps the larger of the element and `value`, of floats the one that is a number; returns what was there before.
    #[inline(always)]
    pub fn fetch_max(self, value: T) -> T {
        self.apply(Operation::Maximum, value)
    }
    /// Keeps the bits that are also set in `value`; returns what was there before.
    #[inline(always)]
    pub fn fetch_and(self, value: T) -> T
    where
        T: AtomicBits,
    {
        self.apply(Operation::And, value)
    }
    /// Sets the bits that are set in `value`; returns what was there before.
    #[inline(always)]
    pub fn fetch_or(self, value: T) -> T
    where
        T: AtomicBits,
    {
        self.apply(Operation::Or, value)
    }
    /// Flips the bits that are set in `value`; returns what was there before.
    #[inline(always)]
    pub fn fetch_xor(self, value: T) -> T
    where
        T: AtomicBits,
    {
        self.apply(Operation::Xor, value)
    }
    /// What is there now.
    #[inline(always)]
    pub fn load(self) -> T
    where
        O: LoadOrder,
    {
        self.apply(Operation::Load, T::zeroed())
    }
    /// Puts `value` there.
    #[inline(always)]
    pub fn store(self, value: T)
    where
        O: StoreOrder,
    {
        self.apply(Operation::Store, value);
    }
    /// Puts `value` there; returns what was there before.
    #[inline(always)]
    pub fn swap(self, value: T) -> T {
        self.apply(Operation::Swap, value)
    }
}
