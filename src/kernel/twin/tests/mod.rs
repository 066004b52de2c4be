//! Kernels run as plain Rust, through the twin that the macros make of them.

mod arithmetic;
mod control;
mod functions;
mod witnesses;

use super::Atomic;
use crate::geometry::{Id, Range};
use crate::kernel::{
    AccessMode, Argument, Capture, DeviceType, Environment, Failure, IntoShape, Kernel, Load, Place, Space,
    Store, TrapCell, Type, ViewShape, WorkItem, enter, tree::Site,
};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

/// Elements that kernels read and write, as an accessor would.
pub struct Slots<'a, T> {
    cells: &'a [AtomicU64],
    element: PhantomData<fn() -> T>,
}

impl<T> Clone for Slots<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Slots<'_, T> {}

impl<T: DeviceType> DeviceType for Slots<'_, T> {
    type Erased = Slots<'static, T::Erased>;
    fn describe() -> Type {
        Type::Accessor {
            element: Box::new(T::describe()),
            dimensions: 1,
            mode: AccessMode::ReadWrite,
            space: Space::Global,
        }
    }
    fn zero() -> Self {
        Slots { cells: &[], element: PhantomData }
    }
}

// SAFETY: `run` borrows the cells for as long as the kernel runs.
unsafe impl<T: DeviceType> Capture for Slots<'_, T> {
    fn argument(&self) -> Argument {
        Argument::Global {
            group: 0,
            requirement: 0,
            view: ViewShape::whole(Range([self.cells.len()])),
            reduction: None,
        }
    }
}

impl<T: DeviceType> Place for Slots<'_, T> {
    type Element = T;
}
impl<T: DeviceType> Load<usize> for Slots<'_, T> {
    fn load(&self, index: usize, _site: &'static Site) -> T {
        T::from_bits(self.cells[index].load(Ordering::Relaxed))
    }
}
impl<T: DeviceType> Store<usize> for Slots<'_, T> {
    fn store(&mut self, index: usize, value: T, _site: &'static Site) {
        self.cells[index].store(T::bits(value), Ordering::Relaxed);
    }
    fn store_part<P: DeviceType>(
        &mut self,
        index: usize,
        value: P,
        site: &'static Site,
        part: impl Fn(&mut T) -> Option<&mut P>,
    ) {
        let mut whole = self.load(index, site);
        if let Some(place) = part(&mut whole) {
            *place = value;
        }
        self.store(index, whole, site);
    }
}
impl<T: DeviceType> Load<Id<1>> for Slots<'_, T> {
    fn load(&self, index: Id<1>, site: &'static Site) -> T {
        self.load(index.0[0], site)
    }
}
impl<T: DeviceType> Store<Id<1>> for Slots<'_, T> {
    fn store(&mut self, index: Id<1>, value: T, site: &'static Site) {
        self.store(index.0[0], value, site);
    }
    fn store_part<P: DeviceType>(
        &mut self,
        index: Id<1>,
        value: P,
        site: &'static Site,
        part: impl Fn(&mut T) -> Option<&mut P>,
    ) {
        let mut whole = self.load(index, site);
        if let Some(place) = part(&mut whole) {
            *place = value;
        }
        self.store(index, whole, site);
    }
}

/// One of the slots, for atomic operations.
pub struct Slot<'a, T>(&'a AtomicU64, PhantomData<fn() -> T>);

impl Slot<'_, u64> {
    pub fn fetch_add(&self, value: u64) -> u64 {
        self.0.fetch_add(value, Ordering::Relaxed)
    }
}
impl<'a, T: DeviceType> Atomic<usize> for Slots<'a, T> {
    type Reference = Slot<'a, T>;
    fn atomic(&self, index: usize, _site: &'static Site) -> Slot<'a, T> {
        Slot(&self.cells[index], PhantomData)
    }
}

/// Memory for `Slots`.
pub struct Memory(Vec<AtomicU64>);

impl Memory {
    pub fn of<T: DeviceType>(values: &[T]) -> Self {
        Memory(values.iter().map(|value| AtomicU64::new(T::bits(*value))).collect())
    }
    pub fn slots<T: DeviceType>(&self) -> Slots<'_, T> {
        Slots { cells: &self.0, element: PhantomData }
    }
    pub fn values<T: DeviceType>(&self) -> Vec<T> {
        self.0.iter().map(|cell| T::from_bits(cell.load(Ordering::Relaxed))).collect()
    }
}

/// Runs a kernel over a range and gives back the first failure.
pub fn run<I: WorkItem>(shape: impl IntoShape, kernel: impl Kernel<I>) -> Option<Failure> {
    let (shape, object, trap) = (shape.shape(), kernel.into_object(), TrapCell::default());
    let views = vec![None; object.arguments.len()];
    let environment = Environment { views: &views, trap: &trap, slots: &[] };
    enter(&trap, || object.body.as_ref().unwrap().run(&environment, &shape, 0..shape.size()));
    trap.take().map(|(_, failure)| failure)
}

/// Runs a single task that must not fail.
pub fn run_single(kernel: impl Kernel<()>) {
    assert_eq!(run(1, kernel), None);
}

/// The types that a kernel's witnesses learnt.
pub fn types<I: WorkItem>(kernel: impl Kernel<I>) -> Vec<Type> {
    let mut types = Vec::new();
    (kernel.into_object().types)(&mut types);
    types
}
