//! `AtomicReference`: atomic operations on one element of an accessor.
//!
//! Every operation is relaxed, as the default of SYCL's `atomic_ref` in a kernel; on the host as on any device.

use super::element::Element;
use crate::kernel::{DeviceType, Scalar, Space, Type};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicU64, Ordering};

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

type Brand<'h, S> = PhantomData<(&'h (), fn(S))>;

/// One element of an accessor, for atomic operations; `accessor.atomic(index)` gives it inside a kernel.
///
/// Where the index was out of range every operation does nothing and returns zero.
///
/// Source: SYCL 2020, section 4.15.3 (`atomic_ref`).
pub struct AtomicReference<'h, T, S> {
    /// Null where the index was out of range.
    pointer: *mut T,
    brand: Brand<'h, S>,
}

impl<T, S> Clone for AtomicReference<'_, T, S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, S> Copy for AtomicReference<'_, T, S> {}

#[diagnostic::do_not_recommend]
impl<T: AtomicElement, S: AddressSpace> DeviceType for AtomicReference<'_, T, S> {
    type Erased = AtomicReference<'static, T, S>;
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

/// An element that has atomic operations: `i32`, `u32`, `i64` and `u64`.
#[diagnostic::on_unimplemented(
    message = "there are no atomic operations on `{Self}`",
    note = "atomic operations exist on `i32`, `u32`, `i64` and `u64`"
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
    unsafe fn apply(pointer: *mut Self, operation: Operation, operand: Self) -> Self;
}

macro_rules! atomic_elements {
    ($($ty:ty, $scalar:ident, $atomic:ty;)*) => { $(
        impl AtomicElement for $ty {
            const SCALAR: Scalar = Scalar::$scalar;

            #[inline(always)]
            unsafe fn apply(pointer: *mut Self, operation: Operation, operand: Self) -> Self {
                // SAFETY: the caller vouches for alignment, lifetime and that all access is atomic.
                let element = unsafe { <$atomic>::from_ptr(pointer) };
                let order = Ordering::Relaxed;
                match operation {
                    Operation::Add => element.fetch_add(operand, order),
                    Operation::Subtract => element.fetch_sub(operand, order),
                    Operation::Minimum => element.fetch_min(operand, order),
                    Operation::Maximum => element.fetch_max(operand, order),
                    Operation::And => element.fetch_and(operand, order),
                    Operation::Or => element.fetch_or(operand, order),
                    Operation::Xor => element.fetch_xor(operand, order),
                    Operation::Load => element.load(order),
                    Operation::Swap => element.swap(operand, order),
                    Operation::Store => {
                        element.store(operand, order);
                        0
                    }
                }
            }
        }
    )* };
}
atomic_elements! {
    i32, I32, AtomicI32;
    u32, U32, AtomicU32;
    i64, I64, AtomicI64;
    u64, U64, AtomicU64;
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

    #[inline(always)]
    fn apply(self, operation: Operation, operand: T) -> T {
        if self.pointer.is_null() {
            return T::zeroed();
        }
        // SAFETY: `new` was promised all of this, and a reference does not outlive the work-item that made it, because
        // it cannot be captured or stored.
        unsafe { T::apply(self.pointer, operation, operand) }
    }

    /// Adds `value`, wrapping around; returns what was there before.
    #[inline(always)]
    pub fn fetch_add(self, value: T) -> T {
        self.apply(Operation::Add, value)
    }
    /// Subtracts `value`, wrapping around; returns what was there before.
    #[inline(always)]
    pub fn fetch_sub(self, value: T) -> T {
        self.apply(Operation::Subtract, value)
    }
    /// Keeps the smaller of the element and `value`; returns what was there before.
    #[inline(always)]
    pub fn fetch_min(self, value: T) -> T {
        self.apply(Operation::Minimum, value)
    }
    /// Keeps the larger of the element and `value`; returns what was there before.
    #[inline(always)]
    pub fn fetch_max(self, value: T) -> T {
        self.apply(Operation::Maximum, value)
    }
    /// Keeps the bits that are also set in `value`; returns what was there before.
    #[inline(always)]
    pub fn fetch_and(self, value: T) -> T {
        self.apply(Operation::And, value)
    }
    /// Sets the bits that are set in `value`; returns what was there before.
    #[inline(always)]
    pub fn fetch_or(self, value: T) -> T {
        self.apply(Operation::Or, value)
    }
    /// Flips the bits that are set in `value`; returns what was there before.
    #[inline(always)]
    pub fn fetch_xor(self, value: T) -> T {
        self.apply(Operation::Xor, value)
    }
    /// What is there now.
    #[inline(always)]
    pub fn load(self) -> T {
        self.apply(Operation::Load, T::zeroed())
    }
    /// Puts `value` there.
    #[inline(always)]
    pub fn store(self, value: T) {
        self.apply(Operation::Store, value);
    }
    /// Puts `value` there; returns what was there before.
    #[inline(always)]
    pub fn swap(self, value: T) -> T {
        self.apply(Operation::Swap, value)
    }
}
