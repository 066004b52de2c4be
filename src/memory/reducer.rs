//! `Reducer`: what a kernel of a reduction combines its values into.
//!
//! Every run of work-items has an element in the memory behind it; `queue::reduce` combines those. On the host device the results
//! of a run are combined here, on others by what `kernel::lower` makes of a reducer.

use super::bind::memory_of;
use super::element::{Element, load_relaxed, store_relaxed};
use crate::kernel::twin::{Capture, Environment};
use crate::kernel::{
    AccessMode, Argument, DeviceType, Operator, Reducing, Reduction, Space, Type, ViewShape, current_item,
    take_slot,
};
use std::marker::PhantomData;
use std::ptr;

type Brand<'h, O> = PhantomData<(&'h (), fn(O))>;

/// What a kernel combines values into: made by
/// [`Handler::parallel_for_reduce`](crate::Handler::parallel_for_reduce), captured by the kernel.
///
/// With `BY_RUNS` its memory has an element for each run of neighbours, else for each work-item. With `KEEPS` it begins with what its memory holds, else with the value that changes nothing. Where the operator's type
/// does not tell that value, the memory holds it from the beginning.
///
/// Source: SYCL 2020, section 4.9.2.3 (`reducer`).
pub struct Reducer<'h, T, O, const BY_RUNS: bool = true, const KEEPS: bool = false> {
    group: u64,
    requirement: usize,
    view: ViewShape,
    /// The work-item's own element, inside a kernel; null elsewhere.
    own: *mut T,
    brand: Brand<'h, O>,
}

// SAFETY: the pointer is null outside kernels, and inside leads to an element that one work-item uses alone, on the thread
// that runs it.
unsafe impl<T: Send + Sync, O, const BY_RUNS: bool, const KEEPS: bool> Send
    for Reducer<'_, T, O, BY_RUNS, KEEPS>
{
}
// SAFETY: as above.
unsafe impl<T: Send + Sync, O, const BY_RUNS: bool, const KEEPS: bool> Sync
    for Reducer<'_, T, O, BY_RUNS, KEEPS>
{
}

impl<T, O, const BY_RUNS: bool, const KEEPS: bool> Clone for Reducer<'_, T, O, BY_RUNS, KEEPS> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, O, const BY_RUNS: bool, const KEEPS: bool> Copy for Reducer<'_, T, O, BY_RUNS, KEEPS> {}

impl<T: Element, O: Operator<T>, const BY_RUNS: bool, const KEEPS: bool> Reducer<'_, T, O, BY_RUNS, KEEPS> {
    /// Over the memory of a requirement.
    pub(crate) fn over((group, requirement): (u64, usize), view: ViewShape) -> Self {
        Reducer { group, requirement, view, own: ptr::null_mut(), brand: PhantomData }
    }

    /// Combines `value` with what this work-item has combined so far.
    #[inline(always)]
    pub fn combine(&self, value: T) {
        if self.own.is_null() {
            return;
        }
        // SAFETY: `bind` found the element inside the memory that the launch keeps, and running kernels touch it only
        // through atomics as wide as it is aligned; or it is a slot that `take_slot` gave to this thread alone.
        unsafe {
            let so_far = load_relaxed(self.own);
            store_relaxed(self.own, O::join(so_far, value));
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Element, O: Operator<T>, const BY_RUNS: bool, const KEEPS: bool> DeviceType
    for Reducer<'_, T, O, BY_RUNS, KEEPS>
{
    type Erased = Reducer<'static, T, O, BY_RUNS, KEEPS>;
    fn describe() -> Type {
        let begins_anew = !KEEPS && O::identity().is_some();
        let mode = AccessMode::Reduce(Reducing { joining: O::joining(), begins_anew, by_runs: BY_RUNS });
        Type::Accessor { element: Box::new(T::describe()), dimensions: 1, mode, space: Space::Global }
    }
    fn zero() -> Self {
        let nothing = ViewShape { dimensions: 0, extent: [0; 3], stride: [1; 3], base: 0 };
        Reducer::over((0, 0), nothing)
    }
}

#[diagnostic::do_not_recommend]
// SAFETY: the lifetime only brands the reducer with its command group; the memory is kept by the launch.
unsafe impl<T: Element, O: Operator<T>, const BY_RUNS: bool, const KEEPS: bool> Capture
    for Reducer<'_, T, O, BY_RUNS, KEEPS>
{
    fn argument(&self) -> Argument {
        let reduction = BY_RUNS.then_some(const { &combines::<T, O>() });
        Argument::Global { group: self.group, requirement: self.requirement, view: self.view, reduction }
    }

    /// Called when a work-item begins, which gives it its slot or its element.
    #[inline(always)]
    fn bind(self, environment: &Environment<'_>, position: usize) -> Self {
        if BY_RUNS {
            return Reducer { own: take_slot(environment.slots, position, size_of::<T>()).cast(), ..self };
        }
        let memory = memory_of::<T, 1>(&self.view, environment, position);
        let item = current_item() as usize;
        if memory.is_null() || item >= self.view.extent[0] {
            return Reducer { own: ptr::null_mut(), ..self };
        }
        // SAFETY: `memory_of` found all elements of the view, which begins at its base, inside the memory.
        let own = unsafe { memory.add(self.view.base + item) };
        if let (false, Some(identity)) = (KEEPS, O::identity()) {
            // SAFETY: as in `combine`.
            unsafe { store_relaxed(own, identity) };
        }
        Reducer { own, ..self }
    }
}

/// How the host device combines the results of a run.
const fn combines<T: Element, O: Operator<T>>() -> Reduction {
    Reduction {
        size_bytes: size_of::<T>(),
        alignment: align_of::<T>(),
        begin: begin::<T, O>,
        finish: finish::<T, O>,
    }
}

/// See [`Reduction::begin`].
///
/// # Safety
/// As written there.
unsafe fn begin<T: Element, O: Operator<T>>(slots: *mut u8, n_slots: usize, element: *mut u8) {
    // SAFETY: the caller's promise.
    let first = unsafe { first_value::<T, O>(element) };
    for slot in 0..n_slots {
        // SAFETY: the caller's promise; `slot` is one of the slots.
        unsafe { store_relaxed(slots.cast::<T>().add(slot), first) };
    }
}

/// See [`Reduction::finish`].
///
/// # Safety
/// As written there.
unsafe fn finish<T: Element, O: Operator<T>>(slots: *mut u8, n_slots: usize, element: *mut u8) {
    // SAFETY: the caller's promise.
    let mut total = unsafe { first_value::<T, O>(element) };
    for slot in 0..n_slots {
        // SAFETY: the caller's promise; `slot` is one of the slots.
        total = O::join(total, unsafe { load_relaxed(slots.cast::<T>().add(slot)) });
    }
    // SAFETY: the caller's promise.
    unsafe { store_relaxed(element.cast(), total) };
}

/// What a run begins with: the value that changes nothing, which its element holds where the operator's type does not tell.
///
/// # Safety
/// `element` is aligned and leads to a `T`, which others touch only through atomics.
unsafe fn first_value<T: Element, O: Operator<T>>(element: *mut u8) -> T {
    // SAFETY: the caller's promise.
    O::identity().unwrap_or_else(|| unsafe { load_relaxed(element.cast()) })
}
