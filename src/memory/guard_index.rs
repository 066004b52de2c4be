//! How host guards are indexed: as slices, and by one number for each dimension.

use super::guard::{HostRead, HostWrite};
use crate::geometry::{Id, Range};
use std::ops::{
    Bound, Deref, DerefMut, Index, IndexMut, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive,
};
use std::slice::SliceIndex;

/// What a host guard of `D` dimensions can be indexed by: an [`Id<D>`] or `[usize; D]`, which counts in each dimension, or
/// whatever indexes a slice, which counts elements in row-major order. An index that is not there panics, as with slices.
///
/// ```
/// use falx::prelude::*;
/// let table = Buffer::from_vec(vec![1, 2, 3, 4, 5, 6], [2, 3])?;
/// let mut shown = table.host_write()?;
/// shown[[1, 0]] = 40;
/// assert_eq!((shown[[1, 0]], shown[3], &shown[1..]), (40, 40, &[2, 3, 40, 5, 6][..]));
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.7.6.10 (`host_accessor`).
pub trait HostIndex<T, const D: usize> {
    /// What it leads to.
    type Output: ?Sized;
    /// What indexes the slice of all elements.
    type InSlice: SliceIndex<[T], Output = Self::Output>;

    /// The index into the slice of all elements, which lie row by row in `range`.
    fn in_slice(self, range: Range<D>) -> Self::InSlice;
}

impl<T, const D: usize> HostIndex<T, D> for [usize; D] {
    type Output = T;
    type InSlice = usize;

    #[track_caller]
    fn in_slice(self, range: Range<D>) -> usize {
        std::iter::zip(self, range.0).fold(0, |before, (at, extent)| {
            assert!(at < extent, "index {self:?} out of range {:?} in a host guard", range.0);
            before * extent + at
        })
    }
}

impl<T, const D: usize> HostIndex<T, D> for Id<D> {
    type Output = T;
    type InSlice = usize;

    #[track_caller]
    fn in_slice(self, range: Range<D>) -> usize {
        HostIndex::<T, D>::in_slice(self.0, range)
    }
}

macro_rules! as_slices {
    ($($index:ty),*) => {$(
        impl<T, const D: usize> HostIndex<T, D> for $index {
            type Output = <$index as SliceIndex<[T]>>::Output;
            type InSlice = $index;

            fn in_slice(self, _: Range<D>) -> $index {
                self
            }
        }
    )*};
}
as_slices!(
    usize,
    std::ops::Range<usize>,
    RangeFrom<usize>,
    RangeFull,
    RangeInclusive<usize>,
    RangeTo<usize>,
    RangeToInclusive<usize>,
    (Bound<usize>, Bound<usize>)
);

impl<T, const D: usize, I: HostIndex<T, D>> Index<I> for HostRead<T, D> {
    type Output = I::Output;

    #[track_caller]
    fn index(&self, index: I) -> &I::Output {
        &self.deref()[index.in_slice(self.range())]
    }
}

impl<T, const D: usize, I: HostIndex<T, D>> Index<I> for HostWrite<T, D> {
    type Output = I::Output;

    #[track_caller]
    fn index(&self, index: I) -> &I::Output {
        &self.deref()[index.in_slice(self.range())]
    }
}

impl<T, const D: usize, I: HostIndex<T, D>> IndexMut<I> for HostWrite<T, D> {
    #[track_caller]
    fn index_mut(&mut self, index: I) -> &mut I::Output {
        let range = self.range();
        &mut self.deref_mut()[index.in_slice(range)]
    }
}
