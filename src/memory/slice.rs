//! `Slice` and `SliceMut`: some elements of an array, of local memory or of a buffer, as one type that functions take.
//!
//! Neither ever lends an element, since work-items share what accessors reach: elements are copied out and in, by relaxed
//! atomics, so that any number of slices may lead to the same element.

use super::accessor::mode;
use super::accessor::{Accessor, LocalAccessor};
use super::element::{Element, load_relaxed, store_relaxed};
use super::part::{load_part, store_part};
use crate::kernel::tree::Site;
use crate::kernel::twin::{
    Load, Place, Sliced, SlicedMut, SlicedRow, SlicedRowMut, Store, narrowed, require_row,
};
use crate::kernel::{DeviceType, Failure, Type, ViewShape, report};
use std::marker::PhantomData;

/// Elements that lie in memory one stride from the next.
struct Elements<T> {
    /// The first; anything where there are none.
    first: *mut T,
    /// How far it is from one to the next, in elements.
    stride: usize,
    length: usize,
}

impl<T> Clone for Elements<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Elements<T> {}

impl<T: Element> Elements<T> {
    const NONE: Self = Elements { first: std::ptr::null_mut(), stride: 1, length: 0 };

    /// Those that a bound accessor of one dimension reaches.
    #[inline(always)]
    fn of_view(pointer: *mut T, view: &ViewShape) -> Self {
        if pointer.is_null() || view.extent[0] == 0 {
            return Self::NONE;
        }
        // SAFETY: a pointer that is not null was set by `memory_of`, which found the whole view inside the memory.
        let first = unsafe { pointer.add(view.base) };
        Elements { first, stride: view.stride[0], length: view.extent[0] }
    }

    /// Those of a row of a bound accessor, all of whose indices but the last are given; ends the work-item if there is none.
    #[inline(always)]
    fn of_row<const N: usize>(
        pointer: *mut T,
        view: &ViewShape,
        row: [usize; N],
        site: &'static Site,
    ) -> Self {
        require_row(row, std::array::from_fn(|dimension| view.extent[dimension]), site);
        if pointer.is_null() || view.extent[N] == 0 {
            return Self::NONE;
        }
        let before: usize = (0..N).map(|dimension| row[dimension] * view.stride[dimension]).sum();
        // SAFETY: as in `of_view`; there is such a row, and it has an element.
        let first = unsafe { pointer.add(view.base + before) };
        Elements { first, stride: view.stride[N], length: view.extent[N] }
    }

    #[inline(always)]
    fn narrowed(self, start: usize, end: Option<usize>, site: &'static Site) -> Self {
        let (start, length) = narrowed(start, end, self.length, site);
        if length == 0 {
            return Self::NONE;
        }
        // SAFETY: `start` is an element, as there are others behind it and `narrowed` found the range inside.
        let first = unsafe { self.first.add(start * self.stride) };
        Elements { first, length, ..self }
    }

    /// The element at `index`; null, after reporting, if there is none.
    #[inline(always)]
    fn at(&self, index: usize, site: &'static Site) -> *mut T {
        if index >= self.length {
            let (index, length) = ([index as u64, 0, 0], [self.length as u64, 0, 0]);
            report(Failure::Index { site, dimensions: 1, index, length });
            return std::ptr::null_mut();
        }
        // SAFETY: it is one of the elements, all of which lie inside the memory.
        unsafe { self.first.add(index * self.stride) }
    }
}

/// Elements that can be read: of an array that is the work-item's own, of local memory or of a buffer.
///
/// What a `#[device] fn` takes that should work on all of them. `a.slice(m..n)` and `a.slice(..)` make one inside of a kernel,
/// `a.slice([i], m..n)` one of a row of an accessor of two dimensions, `a.slice([i, j], m..n)` of one of three;
/// `s[i]` reads, `s.len()` counts, `s.slice(m..n)` is a part. Indices are checked, and named after the slice. Outside of kernels
/// only `len` and `is_empty` mean something.
///
/// ```
/// use falx::prelude::*;
///
/// #[device]
/// fn total(values: Slice<u32>) -> u32 {
///     let mut sum = 0;
///     for k in 0..values.len() {
///         sum += values[k];
///     }
///     sum
/// }
///
/// let queue = Queue::new(Selector::host())?;
/// let (data, sums) = (Buffer::from(vec![1u32, 2, 3, 4]), Buffer::<u32>::new(2));
/// queue.submit(|h| {
///     let (data, sums) = (data.read(h), sums.write(h).no_init());
///     h.parallel_for(2, kernel!(move |i: usize| {
///         let own = [10, 20, 30];
///         sums[i] = total(data.slice(2 * i..2 * i + 2)) + total(own.slice(i..));
///     }))
/// })?;
/// assert_eq!(*sums.host_read()?, [63, 57]);
/// # Ok::<(), falx::Error>(())
/// ```
pub struct Slice<'s, T> {
    elements: Elements<T>,
    /// What it is of is borrowed.
    brand: PhantomData<&'s T>,
}

/// Elements that can be read and stored to: of an array that is the work-item's own, of local memory or of a buffer.
///
/// As [`Slice`], but made by `a.slice_mut(m..n)`, and `s[i] = x` stores. Of an accessor other work-items may change the same
/// elements meanwhile, so there are no references to them.
///
/// ```
/// use falx::prelude::*;
///
/// #[device]
/// fn scale(values: SliceMut<f32>, by: f32) {
///     for k in 0..values.len() {
///         values[k] *= by;
///     }
/// }
///
/// let queue = Queue::new(Selector::host())?;
/// let data = Buffer::from(vec![1.0f32, 2.0, 3.0, 4.0]);
/// queue.submit(|h| {
///     let data = data.read_write(h);
///     h.parallel_for(2, kernel!(move |i: usize| scale(data.slice_mut(2 * i..2 * i + 2), 10.0 + i as f32)))
/// })?;
/// assert_eq!(*data.host_read()?, [10.0, 20.0, 33.0, 44.0]);
/// # Ok::<(), falx::Error>(())
/// ```
pub struct SliceMut<'s, T> {
    elements: Elements<T>,
    /// Copies share the elements as cells do.
    brand: PhantomData<&'s std::cell::Cell<T>>,
}

/// What both have.
macro_rules! both {
    ($($name:ident)*) => { $(
        impl<T> Clone for $name<'_, T> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<T> Copy for $name<'_, T> {}

        impl<T> $name<'_, T> {
            /// How many elements there are.
            pub fn len(&self) -> usize {
                self.elements.length
            }

            /// Whether there are none.
            pub fn is_empty(&self) -> bool {
                self.elements.length == 0
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Element> DeviceType for $name<'_, T> {
            type Erased = $name<'static, T>;
            fn describe() -> Type {
                Type::Slice(Box::new(T::describe()))
            }
            fn zero() -> Self {
                $name { elements: Elements::NONE, brand: PhantomData }
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: Element> Place for $name<'_, T> {
            type Element = T;
        }

        #[diagnostic::do_not_recommend]
        impl<T: Element> Load<usize> for $name<'_, T> {
            #[inline(always)]
            fn load(&self, index: usize, site: &'static Site) -> T {
                let element = self.elements.at(index, site);
                if element.is_null() {
                    return T::zeroed();
                }
                // SAFETY: the element lies in memory that the launch keeps, or in an array that is borrowed for as long as
                // the slice; meanwhile it is touched only by atomics as wide as it is aligned.
                unsafe { load_relaxed(element) }
            }
            #[inline(always)]
            fn load_part<P: DeviceType>(
                &self,
                index: usize,
                site: &'static Site,
                part: impl Fn(&T) -> Option<&P>,
            ) -> P {
                let element = self.elements.at(index, site);
                // SAFETY: as in `load`.
                let loaded = if element.is_null() { None } else { unsafe { load_part(element, part) } };
                loaded.unwrap_or_else(P::zero)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<'s, T: Element> Sliced<'_> for $name<'s, T> {
            type Slice = Slice<'s, T>;
            #[inline(always)]
            fn slice(&self, start: usize, end: Option<usize>, site: &'static Site) -> Slice<'s, T> {
                Slice { elements: self.elements.narrowed(start, end, site), brand: PhantomData }
            }
        }
    )* };
}
both!(Slice SliceMut);

#[diagnostic::do_not_recommend]
impl<T: Element> Store<usize> for SliceMut<'_, T> {
    #[inline(always)]
    fn store(&mut self, index: usize, value: T, site: &'static Site) {
        let element = self.elements.at(index, site);
        if !element.is_null() {
            // SAFETY: as in `load`; a `SliceMut` is only made of what can be written.
            unsafe { store_relaxed(element, value) }
        }
    }
    #[inline(always)]
    fn store_part<P: DeviceType>(
        &mut self,
        index: usize,
        value: P,
        site: &'static Site,
        part: impl Fn(&mut T) -> Option<&mut P>,
    ) {
        let element = self.elements.at(index, site);
        if !element.is_null() {
            // SAFETY: as in `store`.
            unsafe { store_part(element, value, part) }
        }
    }
}

#[diagnostic::do_not_recommend]
impl<'s, T: Element> SlicedMut<'_> for SliceMut<'s, T> {
    type Slice = SliceMut<'s, T>;
    #[inline(always)]
    fn slice_mut(&mut self, start: usize, end: Option<usize>, site: &'static Site) -> SliceMut<'s, T> {
        SliceMut { elements: self.elements.narrowed(start, end, site), brand: PhantomData }
    }
}

/// Arrays, and references to slices of them, that a work-item has to itself.
macro_rules! own {
    ([$($generics:tt)*] $ty:ty) => {
        #[diagnostic::do_not_recommend]
        impl<'v, T: Element, $($generics)*> Sliced<'v> for $ty {
            type Slice = Slice<'v, T>;
            #[inline(always)]
            fn slice(&'v self, start: usize, end: Option<usize>, site: &'static Site) -> Slice<'v, T> {
                let elements = Elements { first: self.as_ptr().cast_mut(), stride: 1, length: self.len() };
                Slice { elements: elements.narrowed(start, end, site), brand: PhantomData }
            }
        }
        #[diagnostic::do_not_recommend]
        impl<'v, T: Element, $($generics)*> SlicedMut<'v> for $ty {
            type Slice = SliceMut<'v, T>;
            #[inline(always)]
            fn slice_mut(&'v mut self, start: usize, end: Option<usize>, site: &'static Site) -> SliceMut<'v, T> {
                let elements = Elements { first: self.as_mut_ptr(), stride: 1, length: self.len() };
                SliceMut { elements: elements.narrowed(start, end, site), brand: PhantomData }
            }
        }
    };
}
own!([const N: usize] [T; N]);
own!([][T]);

#[diagnostic::do_not_recommend]
impl<'v, V: Sliced<'v> + ?Sized> Sliced<'v> for &V {
    type Slice = V::Slice;
    #[inline(always)]
    fn slice(&'v self, start: usize, end: Option<usize>, site: &'static Site) -> V::Slice {
        (**self).slice(start, end, site)
    }
}
#[diagnostic::do_not_recommend]
impl<'v, V: Sliced<'v> + ?Sized> Sliced<'v> for &mut V {
    type Slice = V::Slice;
    #[inline(always)]
    fn slice(&'v self, start: usize, end: Option<usize>, site: &'static Site) -> V::Slice {
        (**self).slice(start, end, site)
    }
}
#[diagnostic::do_not_recommend]
impl<'v, V: SlicedMut<'v> + ?Sized> SlicedMut<'v> for &mut V {
    type Slice = V::Slice;
    #[inline(always)]
    fn slice_mut(&'v mut self, start: usize, end: Option<usize>, site: &'static Site) -> V::Slice {
        (**self).slice_mut(start, end, site)
    }
}

/// What accessors reach is kept by the launch, so that slices of it outlive the borrow of the accessor.
macro_rules! shared {
    ([$($mode:ty),*]) => { $(
        shared!(Accessor<'h, T, 1, $mode>, Sliced, slice, Slice, [&]);
    )* };
    ($ty:ty, $trait:ident, $method:ident, $slice:ident, [$($reference:tt)*]) => {
        #[diagnostic::do_not_recommend]
        impl<'h, T: Element> $trait<'_> for $ty {
            type Slice = $slice<'h, T>;
            #[inline(always)]
            fn $method($($reference)* self, start: usize, end: Option<usize>, site: &'static Site) -> $slice<'h, T> {
                let elements = Elements::of_view(self.pointer, &self.view);
                $slice { elements: elements.narrowed(start, end, site), brand: PhantomData }
            }
        }
    };
}
shared!([mode::Read, mode::ReadWrite]);
shared!(LocalAccessor<'h, T, 1>, Sliced, slice, Slice, [&]);
shared!(Accessor<'h, T, 1, mode::ReadWrite>, SlicedMut, slice_mut, SliceMut, [&mut]);
shared!(LocalAccessor<'h, T, 1>, SlicedMut, slice_mut, SliceMut, [&mut]);

/// The rows of what has several dimensions: for each number of those that of a row's indices.
macro_rules! rows {
    ($($dimensions:literal $indices:literal;)*) => { $(
        rows!(Accessor<'h, T, $dimensions, mode::Read>, $indices, SlicedRow, slice_of_row, Slice, [&]);
        rows!(Accessor<'h, T, $dimensions, mode::ReadWrite>, $indices, SlicedRow, slice_of_row, Slice, [&]);
        rows!(LocalAccessor<'h, T, $dimensions>, $indices, SlicedRow, slice_of_row, Slice, [&]);
        rows!(Accessor<'h, T, $dimensions, mode::ReadWrite>, $indices, SlicedRowMut, slice_mut_of_row, SliceMut, [&mut]);
        rows!(LocalAccessor<'h, T, $dimensions>, $indices, SlicedRowMut, slice_mut_of_row, SliceMut, [&mut]);
    )* };
    ($ty:ty, $indices:literal, $trait:ident, $method:ident, $slice:ident, [$($reference:tt)*]) => {
        #[diagnostic::do_not_recommend]
        impl<'h, T: Element> $trait<[usize; $indices]> for $ty {
            type Slice = $slice<'h, T>;
            #[inline(always)]
            fn $method(
                $($reference)* self,
                row: [usize; $indices],
                start: usize,
                end: Option<usize>,
                site: &'static Site,
            ) -> $slice<'h, T> {
                let elements = Elements::of_row(self.pointer, &self.view, row, site);
                $slice { elements: elements.narrowed(start, end, site), brand: PhantomData }
            }
        }
    };
}
rows! {
    2 1;
    3 2;
}
