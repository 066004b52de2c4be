//! References in kernels: a shared one is as good as the value, since nothing changes while it is borrowed.

use super::super::tree::Site;
use super::super::types::{DeviceType, Type};
use super::{Load, Part, PartMut, Place, Store};

#[diagnostic::do_not_recommend]
impl<T: DeviceType> DeviceType for &T {
    type Erased = T::Erased;
    fn describe() -> Type {
        T::describe()
    }
    fn zero() -> Self {
        // Never called: what can fail to be there holds no references.
        Box::leak(Box::new(T::zero()))
    }
}

macro_rules! through {
    ($reference:ty) => {
        #[diagnostic::do_not_recommend]
        impl<V: Place + ?Sized> Place for $reference {
            type Element = V::Element;
        }
        #[diagnostic::do_not_recommend]
        impl<Index, V: Load<Index> + ?Sized> Load<Index> for $reference {
            #[inline(always)]
            fn load(&self, index: Index, site: &'static Site) -> V::Element {
                (**self).load(index, site)
            }
            #[inline(always)]
            fn load_part<P: DeviceType>(
                &self,
                index: Index,
                site: &'static Site,
                part: impl Fn(&V::Element) -> Option<&P>,
            ) -> P {
                (**self).load_part(index, site, part)
            }
        }
        #[diagnostic::do_not_recommend]
        impl<Index, V: Part<Index> + ?Sized> Part<Index> for $reference {
            #[inline(always)]
            fn part(&self, index: Index, site: &'static Site) -> Option<&V::Element> {
                (**self).part(index, site)
            }
        }
    };
}
through!(&V);
through!(&mut V);

#[diagnostic::do_not_recommend]
impl<Index, V: Store<Index> + ?Sized> Store<Index> for &mut V {
    #[inline(always)]
    fn store(&mut self, index: Index, value: V::Element, site: &'static Site) {
        (**self).store(index, value, site);
    }
    #[inline(always)]
    fn store_part<P: DeviceType>(
        &mut self,
        index: Index,
        value: P,
        site: &'static Site,
        part: impl Fn(&mut V::Element) -> Option<&mut P>,
    ) {
        (**self).store_part(index, value, site, part);
    }
}
#[diagnostic::do_not_recommend]
impl<Index, V: PartMut<Index> + ?Sized> PartMut<Index> for &mut V {
    #[inline(always)]
    fn part_mut(&mut self, index: Index, site: &'static Site) -> Option<&mut V::Element> {
        (**self).part_mut(index, site)
    }
}

/// What is stored to: a variable, or what a reference leads to.
pub trait ChangedPlace {
    /// Borrows it. A method, so that Rust follows a mutable reference, whose variable needs no `mut`.
    #[inline(always)]
    fn falx_place(&mut self) -> &mut Self {
        self
    }
}
impl<T: ?Sized> ChangedPlace for T {}
