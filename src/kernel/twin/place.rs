//! Indexing of values: arrays, ids and ranges.

use super::super::current::report;
use super::super::trap::Failure;
use super::super::tree::Site;
use super::super::types::DeviceType;
use super::{Load, Place, Store};
use crate::geometry::{Id, Range};

/// Reports an index outside of `length`.
#[cold]
fn out_of_range(index: usize, length: usize, site: &'static Site) {
    let (index, length) = ([index as u64, 0, 0], [length as u64, 0, 0]);
    report(Failure::Index { site, dimensions: 1, index, length });
}

#[inline(always)]
fn load<T: DeviceType>(elements: &[T], index: usize, site: &'static Site) -> T {
    match elements.get(index) {
        Some(element) => *element,
        None => {
            out_of_range(index, elements.len(), site);
            T::zero()
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: DeviceType, const N: usize> Place for [T; N] {
    type Element = T;
}
#[diagnostic::do_not_recommend]
impl<T: DeviceType, const N: usize> Load<usize> for [T; N] {
    #[inline(always)]
    fn load(&self, index: usize, site: &'static Site) -> T {
        load(self, index, site)
    }
}
#[diagnostic::do_not_recommend]
impl<T: DeviceType, const N: usize> Store<usize> for [T; N] {
    #[inline(always)]
    fn store(&mut self, index: usize, value: T, site: &'static Site) {
        match self.get_mut(index) {
            Some(element) => *element = value,
            None => out_of_range(index, N, site),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<const D: usize> Place for Id<D> {
    type Element = usize;
}
#[diagnostic::do_not_recommend]
impl<const D: usize> Load<usize> for Id<D> {
    #[inline(always)]
    fn load(&self, index: usize, site: &'static Site) -> usize {
        load(&self.0, index, site)
    }
}

#[diagnostic::do_not_recommend]
impl<const D: usize> Place for Range<D> {
    type Element = usize;
}
#[diagnostic::do_not_recommend]
impl<const D: usize> Load<usize> for Range<D> {
    #[inline(always)]
    fn load(&self, index: usize, site: &'static Site) -> usize {
        load(&self.0, index, site)
    }
}
