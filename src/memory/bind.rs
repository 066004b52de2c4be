//! Turns an accessor into memory: what `a[i]` means for an accessor when a kernel runs on the host.
//!
//! An index outside the accessor is reported and touches nothing; so does an accessor that was never bound to memory,
//! or to memory it does not fit into.

use super::accessor::mode::{self, Mode};
use super::accessor::{Accessor, LocalAccessor};
use super::atomic::{AtomicElement, AtomicReference, space};
use super::element::{Element, load_relaxed, store_relaxed};
use super::part::{load_part, store_part};
use crate::geometry::Id;
use crate::kernel::tree::Site;
use crate::kernel::twin::{Atomic, Capture, Environment, Load, Place, Rows, Store};
use crate::kernel::{AccessMode, Argument, DeviceType, Failure, Space, Type, ViewShape, report};
use std::marker::PhantomData;
use std::ptr;

/// The view of an accessor to nothing.
const NOTHING: ViewShape = ViewShape { dimensions: 0, extent: [0; 3], stride: [1; 3], base: 0 };

#[diagnostic::do_not_recommend]
impl<T: Element, const D: usize, M: Mode> DeviceType for Accessor<'_, T, D, M> {
    type Erased = Accessor<'static, T, D, M>;
    fn describe() -> Type {
        Type::Accessor {
            element: Box::new(T::describe()),
            dimensions: D,
            mode: M::MODE,
            space: Space::Global,
        }
    }
    fn zero() -> Self {
        Accessor {
            group: 0,
            requirement: 0,
            view: NOTHING,
            pointer: ptr::null_mut(),
            requirements: ptr::null(),
            brand: PhantomData,
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Element, const D: usize> DeviceType for LocalAccessor<'_, T, D> {
    type Erased = LocalAccessor<'static, T, D>;
    fn describe() -> Type {
        Type::Accessor {
            element: Box::new(T::describe()),
            dimensions: D,
            mode: AccessMode::ReadWrite,
            space: Space::Local,
        }
    }
    fn zero() -> Self {
        LocalAccessor { group: 0, view: NOTHING, pointer: ptr::null_mut(), brand: PhantomData }
    }
}

#[diagnostic::do_not_recommend]
// SAFETY: the lifetime only brands the accessor with its command group; the memory is kept by the launch.
unsafe impl<T: Element, const D: usize, M: Mode> Capture for Accessor<'_, T, D, M> {
    fn argument(&self) -> Argument {
        Argument::Global {
            group: self.group,
            requirement: self.requirement,
            view: self.view,
            reduction: None,
        }
    }

    #[inline(always)]
    fn bind(self, environment: &Environment<'_>, position: usize) -> Self {
        // The command group is gone when its kernel runs.
        let requirements = ptr::null();
        Accessor { pointer: memory_of::<T, D>(&self.view, environment, position), requirements, ..self }
    }
}

#[diagnostic::do_not_recommend]
// SAFETY: as for `Accessor`.
unsafe impl<T: Element, const D: usize> Capture for LocalAccessor<'_, T, D> {
    fn argument(&self) -> Argument {
        let elements = self.view.extent[..D].iter().fold(1usize, |size, &extent| size.saturating_mul(extent));
        let size_bytes = elements.saturating_mul(size_of::<T>());
        Argument::Local { group: self.group, size_bytes, view: self.view }
    }

    #[inline(always)]
    fn bind(self, environment: &Environment<'_>, position: usize) -> Self {
        LocalAccessor { pointer: memory_of::<T, D>(&self.view, environment, position), ..self }
    }
}

/// Where the argument at `position` lies, or null if there is no memory or `view` does not fit into it.
#[inline(always)]
pub(super) fn memory_of<T: Element, const D: usize>(
    view: &ViewShape,
    environment: &Environment<'_>,
    position: usize,
) -> *mut T {
    let Some(Some(memory)) = environment.views.get(position) else { return ptr::null_mut() };
    let elements = memory.size_bytes.checked_div(size_of::<T>()).unwrap_or(usize::MAX);
    let pointer = memory.pointer.cast::<T>();
    match end::<D>(view) {
        Some(end) if end <= elements && pointer.is_aligned() => pointer,
        _ => ptr::null_mut(),
    }
}

/// One past the last element that `view` reaches; `None` if that overflows.
#[inline(always)]
fn end<const D: usize>(view: &ViewShape) -> Option<usize> {
    let mut last = view.base;
    for dimension in 0..D {
        let Some(steps) = view.extent[dimension].checked_sub(1) else { return Some(0) };
        last = last.checked_add(steps.checked_mul(view.stride[dimension])?)?;
    }
    last.checked_add(1)
}

/// The element of a bound accessor at `index`; null, after reporting, if there is none.
#[inline(always)]
fn element<T, const D: usize>(
    pointer: *mut T,
    view: &ViewShape,
    index: [usize; D],
    site: &'static Site,
) -> *mut T {
    if pointer.is_null() || (0..D).any(|dimension| index[dimension] >= view.extent[dimension]) {
        report_index(pointer.is_null(), view, &index, site);
        return ptr::null_mut();
    }
    let offset =
        (0..D).fold(view.base, |offset, dimension| offset + index[dimension] * view.stride[dimension]);
    // SAFETY: a pointer that is not null was set by `memory_of`, which found the element at the largest index inside
    // the memory; `index` is no larger in any dimension, so `offset` did not overflow and lies inside too.
    unsafe { pointer.add(offset) }
}

#[cold]
fn report_index(unbound: bool, view: &ViewShape, index: &[usize], site: &'static Site) {
    let (mut indices, mut length) = ([0; 3], [0; 3]);
    for (dimension, &component) in index.iter().enumerate() {
        indices[dimension] = component as u64;
        length[dimension] = if unbound { 0 } else { view.extent[dimension] as u64 };
    }
    report(Failure::Index { site, dimensions: index.len(), index: indices, length });
}

#[inline(always)]
fn load<T: Element, const D: usize>(
    pointer: *mut T,
    view: &ViewShape,
    index: [usize; D],
    site: &'static Site,
) -> T {
    let element = element(pointer, view, index, site);
    if element.is_null() {
        return T::zeroed();
    }
    // SAFETY: `element` lies inside the memory that the launch keeps while kernels run, and was aligned by `memory_of`;
    // running kernels touch it only through this file and `atomic`, in atomics as wide as the element is aligned.
    unsafe { load_relaxed(element) }
}

#[inline(always)]
fn store<T: Element, const D: usize>(
    pointer: *mut T,
    view: &ViewShape,
    index: [usize; D],
    value: T,
    site: &'static Site,
) {
    let element = element(pointer, view, index, site);
    if !element.is_null() {
        // SAFETY: as in `load`; the accessor's type lets it write, so the planner gave it memory it may write.
        unsafe { store_relaxed(element, value) }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Element, const D: usize, M: Mode> Place for Accessor<'_, T, D, M> {
    type Element = T;
}
#[diagnostic::do_not_recommend]
impl<T: Element, const D: usize> Place for LocalAccessor<'_, T, D> {
    type Element = T;
}

// Written out for each mode, not for a trait of modes, so that the error for the wrong mode is the one of `Load`.
macro_rules! indexed {
    ($index:ty, $components:expr, [$($dimensions:tt)*], $D:tt) => {
        indexed!(load $index, $components, [$($dimensions)*], Accessor<'_, T, $D, mode::Read>);
        indexed!(load $index, $components, [$($dimensions)*], Accessor<'_, T, $D, mode::ReadWrite>);
        indexed!(load $index, $components, [$($dimensions)*], LocalAccessor<'_, T, $D>);
        indexed!(store $index, $components, [$($dimensions)*], Accessor<'_, T, $D, mode::Write>);
        indexed!(store $index, $components, [$($dimensions)*], Accessor<'_, T, $D, mode::ReadWrite>);
        indexed!(store $index, $components, [$($dimensions)*], LocalAccessor<'_, T, $D>);
        indexed!(atomic $index, $components, [$($dimensions)*], Accessor<'h, T, $D, mode::ReadWrite>, space::Global);
        indexed!(atomic $index, $components, [$($dimensions)*], LocalAccessor<'h, T, $D>, space::Local);
    };
    (load $index:ty, $components:expr, [$($dimensions:tt)*], $accessor:ty) => {
        impl<T: Element, $($dimensions)*> Load<$index> for $accessor {
            #[inline(always)]
            fn load(&self, index: $index, site: &'static Site) -> T {
                load(self.pointer, &self.view, $components(index), site)
            }
            #[inline(always)]
            fn load_part<P: DeviceType>(
                &self,
                index: $index,
                site: &'static Site,
                part: impl Fn(&T) -> Option<&P>,
            ) -> P {
                let element = element(self.pointer, &self.view, $components(index), site);
                // SAFETY: as in `load`.
                let loaded = if element.is_null() { None } else { unsafe { load_part(element, part) } };
                loaded.unwrap_or_else(P::zero)
            }
        }
    };
    (store $index:ty, $components:expr, [$($dimensions:tt)*], $accessor:ty) => {
        impl<T: Element, $($dimensions)*> Store<$index> for $accessor {
            #[inline(always)]
            fn store(&mut self, index: $index, value: T, site: &'static Site) {
                store(self.pointer, &self.view, $components(index), value, site);
            }
            #[inline(always)]
            fn store_part<P: DeviceType>(
                &mut self,
                index: $index,
                value: P,
                site: &'static Site,
                part: impl Fn(&mut T) -> Option<&mut P>,
            ) {
                let element = element(self.pointer, &self.view, $components(index), site);
                if !element.is_null() {
                    // SAFETY: as in `store`.
                    unsafe { store_part(element, value, part) }
                }
            }
        }
    };
    (atomic $index:ty, $components:expr, [$($dimensions:tt)*], $accessor:ty, $space:ty) => {
        impl<'h, T: AtomicElement, $($dimensions)*> Atomic<$index> for $accessor {
            type Reference = AtomicReference<'h, T, $space>;
            #[inline(always)]
            fn atomic(&self, index: $index, site: &'static Site) -> Self::Reference {
                let element = element(self.pointer, &self.view, $components(index), site);
                // SAFETY: `element` is null or lies inside memory that the launch keeps, as in `load` and `store`.
                unsafe { AtomicReference::new(element) }
            }
        }
    };
}
indexed!(usize, |index| [index], [], 1);
indexed!(Id<D>, |index: Id<D>| index.0, [const D: usize], D);
indexed!([usize; D], |index| index, [const D: usize], D);

/// What is reported of nothing: elements that are known to exist.
static NOWHERE: Site = Site { file: "", line: 0, column: 0, subject: "" };

macro_rules! read_whole {
    ($([$($generics:tt)*] $accessor:ident $rest:tt;)*) => { $( read_whole!(@ [$($generics)*] $accessor $rest); )* };
    (@ [$($generics:tt)*] $accessor:ident [$($rest:tt)*]) => {
        impl<$($generics)* T: Element> $accessor<'_, T, 1 $($rest)*> {
            /// The elements, for the `for` of a kernel: they need no check. Outside of kernels there are none.
            ///
            /// ```
            /// use falx::prelude::*;
            /// let (data, sum) = (Buffer::from(vec![1u32, 2, 3]), Buffer::<u32>::new(1));
            /// Queue::new(Selector::default())?.submit(|h| {
            ///     let (data, sum) = (data.read(h), sum.write(h).no_init());
            ///     h.single_task(kernel!(move || {
            ///         let mut total = 0;
            ///         for x in data.iter() {
            ///             total += x;
            ///         }
            ///         sum[0] = total;
            ///     }))
            /// })?;
            /// assert_eq!(*sum.host_read()?, [6]);
            /// # Ok::<(), falx::Error>(())
            /// ```
            #[inline(always)]
            pub fn iter(
                &self,
            ) -> impl ExactSizeIterator<Item = T> + DoubleEndedIterator + Clone + use<$($generics)* T> {
                let (pointer, view) = (self.pointer, self.view);
                let length = if pointer.is_null() { 0 } else { view.extent[0] };
                (0..length).map(move |position| load(pointer, &view, [position], &NOWHERE))
            }
        }
        #[diagnostic::do_not_recommend]
        impl<$($generics)* T: Element> Rows for $accessor<'_, T, 2 $($rest)*> {
            #[inline(always)]
            fn extent(&self) -> [usize; 2] {
                [self.view.extent[0], self.view.extent[1]]
            }
        }
    };
}
read_whole! {
    [] Accessor [, mode::Read];
    [] Accessor [, mode::ReadWrite];
    [] LocalAccessor [];
}
