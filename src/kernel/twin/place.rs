//! Indexing of values: arrays, ids and ranges.

use super::super::current::report;
use super::super::trap::Failure;
use super::super::tree::Site;
use super::super::types::DeviceType;
use super::{Load, Part, PartMut, Place, Store};
use crate::geometry::{Id, Range};

/// Reports an index outside of `length`.
#[cold]
fn out_of_range(index: usize, length: usize, site: &'static Site) {
    let (index, length) = ([index as u64, 0, 0], [length as u64, 0, 0]);
    report(Failure::Index { site, dimensions: 1, index, length });
}

/// The element at `index`, or none after a report.
#[inline(always)]
fn element<'e, T>(elements: &'e [T], index: usize, site: &'static Site) -> Option<&'e T> {
    let element = elements.get(index);
    if element.is_none() {
        out_of_range(index, elements.len(), site);
    }
    element
}

macro_rules! indexed {
    ([$($generics:tt)*] $ty:ty: $element:ty, |$value:ident| $elements:expr) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Place for $ty {
            type Element = $element;
        }
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Part<usize> for $ty {
            #[inline(always)]
            fn part(&self, index: usize, site: &'static Site) -> Option<&$element> {
                let $value = self;
                element($elements, index, site)
            }
        }
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Load<usize> for $ty {
            #[inline(always)]
            fn load(&self, index: usize, site: &'static Site) -> $element {
                self.part(index, site).copied().unwrap_or_else(<$element>::zero)
            }
            #[inline(always)]
            fn load_part<P: DeviceType>(
                &self,
                index: usize,
                site: &'static Site,
                part: impl Fn(&$element) -> Option<&P>,
            ) -> P {
                self.part(index, site).and_then(part).copied().unwrap_or_else(P::zero)
            }
        }
    };
}
indexed!([T: DeviceType, const N: usize] [T; N]: T, |array| array);
indexed!([T: DeviceType] [T]: T, |slice| slice);
indexed!([const D: usize] Id<D>: usize, |id| &id.0);
indexed!([const D: usize] Range<D>: usize, |range| &range.0);

macro_rules! stored {
    ([$($generics:tt)*] $ty:ty) => {
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> PartMut<usize> for $ty {
            #[inline(always)]
            fn part_mut(&mut self, index: usize, site: &'static Site) -> Option<&mut T> {
                let length = self.len();
                let element = self.get_mut(index);
                if element.is_none() {
                    out_of_range(index, length, site);
                }
                element
            }
        }
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Store<usize> for $ty {
            #[inline(always)]
            fn store(&mut self, index: usize, value: T, site: &'static Site) {
                if let Some(element) = self.part_mut(index, site) {
                    *element = value;
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
                if let Some(place) = self.part_mut(index, site).and_then(part) {
                    *place = value;
                }
            }
        }
    };
}
stored!([T: DeviceType, const N: usize] [T; N]);
stored!([T: DeviceType] [T]);
