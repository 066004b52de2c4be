//! Where the work-items of a reduction leave their results on the host device until a run of them is combined: what local
//! memory is for on other devices.
//!
//! Knows no types: how values are combined is a pair of functions, which `memory::reducer` makes for each type and operator.

use super::argument::ViewShape;
use super::twin::View;
use super::types::RUN;
use std::cell::{Cell, UnsafeCell};
use std::ptr;

/// How the results of a run of work-items become one.
#[derive(Debug)]
pub struct Reduction {
    /// The size of a result.
    pub size_bytes: usize,
    /// Its alignment.
    pub alignment: usize,
    /// Gives so many results at the first pointer the value that they begin with; the second leads to the run's element.
    ///
    /// # Safety
    /// Both are aligned and lead to initialised results, so many at the first and one at the second, which nothing else
    /// touches but through atomics.
    pub begin: unsafe fn(*mut u8, usize, *mut u8),
    /// Combines so many results at the first pointer, in their order, and leaves that in the run's element at the second.
    ///
    /// # Safety
    /// As for `begin`.
    pub finish: unsafe fn(*mut u8, usize, *mut u8),
}

/// As much memory as the widest element is aligned to.
#[repr(align(128))]
struct Line(#[allow(dead_code)] [u8; 128]);

/// A slot for the result of each work-item of a run or a work-group, for one reduction of a launch. Belongs to one thread.
pub struct Slots {
    position: usize,
    reduction: &'static Reduction,
    /// The memory in which each run has its element, and where these lie.
    elements: View,
    view: ViewShape,
    memory: Vec<UnsafeCell<Line>>,
    n_slots: usize,
    n_taken: Cell<usize>,
}

impl Slots {
    /// Slots for at most `n_slots` work-items; none if `elements` has no room for what the view shows. `position` is that
    /// among the arguments.
    pub fn new(
        position: usize,
        reduction: &'static Reduction,
        view: ViewShape,
        elements: View,
        n_slots: usize,
    ) -> Option<Self> {
        let end_bytes = view.base.checked_add(view.extent[0])?.checked_mul(reduction.size_bytes)?;
        if end_bytes > elements.size_bytes || !elements.pointer.addr().is_multiple_of(reduction.alignment) {
            return None;
        }
        let n_lines = n_slots.checked_mul(reduction.size_bytes)?.div_ceil(size_of::<Line>());
        let memory = (0..n_lines).map(|_| UnsafeCell::new(Line([0; 128]))).collect();
        Some(Slots { position, reduction, elements, view, memory, n_slots, n_taken: Cell::new(0) })
    }

    /// Makes the first `n_items` slots ready for work-items whose runs begin at the element `first`.
    pub fn begin(&self, first: usize, n_items: usize) {
        self.n_taken.set(0);
        // SAFETY: `each_run` gives what `begin` asks for.
        self.each_run(first, n_items, |slots, n, element| unsafe {
            (self.reduction.begin)(slots, n, element)
        });
    }

    /// Combines what was left in the slots.
    pub fn finish(&self, first: usize, n_items: usize) {
        // SAFETY: `each_run` gives what `finish` asks for.
        self.each_run(first, n_items, |slots, n, element| unsafe {
            (self.reduction.finish)(slots, n, element)
        });
    }

    /// Calls `work` with the slots of each run, how many they are, and the run's element: pointers that are aligned, to
    /// initialised memory, the slots this thread's own and the element that of a launch, which kernels touch through atomics.
    fn each_run(&self, first: usize, n_items: usize, work: impl Fn(*mut u8, usize, *mut u8)) {
        let Reduction { size_bytes, .. } = *self.reduction;
        let n_items = n_items.min(self.n_slots);
        for (run, start) in (0..n_items).step_by(RUN).enumerate() {
            let index = first + run;
            if index >= self.view.extent[0] {
                return;
            }
            // In bounds: `new` found room for so many slots and elements.
            let element = self.elements.pointer.wrapping_add((self.view.base + index) * size_bytes);
            work(self.slot(start), RUN.min(n_items - start), element);
        }
    }

    fn slot(&self, number: usize) -> *mut u8 {
        let memory = UnsafeCell::raw_get(self.memory.as_ptr()).cast::<u8>();
        memory.wrapping_add(number * self.reduction.size_bytes)
    }

    /// The slot of the next work-item, for a result of `size_bytes`; null if there is none.
    fn take(&self, size_bytes: usize) -> *mut u8 {
        let number = self.n_taken.get();
        if number >= self.n_slots || size_bytes != self.reduction.size_bytes {
            return ptr::null_mut();
        }
        self.n_taken.set(number + 1);
        self.slot(number)
    }
}

/// The slot of the work-item that begins now, for the reduction at a position among the arguments and results of `size_bytes`;
/// null outside of a reduction. It is aligned as its results are, holds as many bytes, all initialised, and is this thread's.
#[inline(always)]
pub fn take_slot(slots: &[Slots], position: usize, size_bytes: usize) -> *mut u8 {
    let of_reduction = slots.iter().find(|slots| slots.position == position);
    of_reduction.map_or(ptr::null_mut(), |slots| slots.take(size_bytes))
}
