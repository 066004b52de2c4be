//! `Group`: the work-group, as its work-items see it.

use super::combine::{Combination, Combine, CombineBits, reduce_with, scan, scan_with};
use super::joining::Operator;
use super::meeting::exchange;
use crate::geometry::Range;
use crate::kernel::capture::DeviceValue;
use crate::kernel::item::{NdItem, linear};
use crate::kernel::types::{DeviceType, ItemKind, Type};

/// The work-group that a work-item belongs to, with the operations that its work-items do together; `it.group()` gives it.
///
/// Every work-item of the group must reach each of them, else the kernel does not compile; `falx::uniform` helps where only
/// the author knows that all agree. The results have the same bits on every device. Values are combined in the order of
/// the work-items' linear ids, in a way that depends on their number alone: neighbours in pairs, pairs of pairs, and so on;
/// the blocks of 2^k neighbours that the group's size consists of, largest first, from left to right.
///
/// ```
/// use falx::prelude::*;
/// let (data, sums) = (Buffer::from((1..=8u32).collect::<Vec<_>>()), Buffer::<u32>::new(2));
/// Queue::new(Selector::default())?.submit(|h| {
///     let (data, sums) = (data.read_write(h), sums.write(h));
///     h.parallel_for(NdRange::new(8, 4), kernel!(move |it: NdItem<1>| {
///         let i = it.global_id();
///         let group = it.group();
///         let sum = group.reduce_sum(data[i]);
///         data[i] = group.inclusive_scan_sum(data[i]);
///         if group.leader() {
///             sums[group.group_id()] = sum;
///         }
///     }))
/// })?;
/// assert_eq!(*sums.host_read()?, [10, 26]);
/// assert_eq!(*data.host_read()?, [1, 3, 6, 10, 5, 11, 18, 26]);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, sections 4.9.1.7 and 4.17.
#[derive(Clone, Copy, Debug)]
pub struct Group<const D: usize> {
    pub(super) item: NdItem<D>,
}

impl<const D: usize> Group<D> {
    #[inline(always)]
    pub(in crate::kernel) fn of(item: NdItem<D>) -> Self {
        Group { item }
    }
    /// The position of the work-group among the work-groups.
    #[inline(always)]
    pub fn group_id(&self) -> [usize; D] {
        self.item.group_id()
    }
    /// The row-major position of the work-group among the work-groups.
    #[inline(always)]
    pub fn group_linear_id(&self) -> usize {
        linear(self.item.group_id(), self.item.group_range().0)
    }
    /// How many work-groups there are in each dimension.
    #[inline(always)]
    pub fn group_range(&self) -> Range<D> {
        self.item.group_range()
    }
    /// The position of this work-item in the work-group.
    #[inline(always)]
    pub fn local_id(&self) -> [usize; D] {
        self.item.local_id()
    }
    /// The row-major position of this work-item in the work-group.
    #[inline(always)]
    pub fn local_linear_id(&self) -> usize {
        self.item.local_linear_id()
    }
    /// The extent of the work-group.
    #[inline(always)]
    pub fn local_range(&self) -> Range<D> {
        self.item.local_range()
    }
    /// How many work-items the work-group has.
    #[inline(always)]
    pub fn size(&self) -> usize {
        self.item.local_range().0.iter().product()
    }
    /// Whether this work-item is the first of its group.
    #[inline(always)]
    pub fn leader(&self) -> bool {
        self.local_linear_id() == 0
    }
    /// Waits until every work-item of the group has come here, as [`NdItem::barrier`] does.
    pub fn barrier(&self) {
        self.item.barrier();
    }

    /// Gives every work-item the `value` of the one at the linear position `from`. A `from` beyond the group is an error of
    /// the launch.
    pub fn broadcast<T: DeviceValue>(&self, value: T, from: usize) -> T {
        exchange(value, |_| {}, Some(from))
    }
    /// Whether `condition` holds in any work-item of the group.
    pub fn any_of(&self, condition: bool) -> bool {
        self.combined(Combination::Or, u8::from(condition)) != 0
    }
    /// Whether `condition` holds in all work-items of the group.
    pub fn all_of(&self, condition: bool) -> bool {
        self.combined(Combination::And, u8::from(condition)) != 0
    }
    /// Whether `condition` holds in no work-item of the group.
    pub fn none_of(&self, condition: bool) -> bool {
        !self.any_of(condition)
    }

    fn joined_all<T: DeviceValue, O: Operator<T>>(&self, value: T) -> T {
        exchange(value, |values| reduce_with(values, O::join), Some(self.size().saturating_sub(1)))
    }
    fn joined_up_to<T: DeviceValue, O: Operator<T>>(&self, value: T) -> T {
        exchange(value, |values| scan_with(values, O::join), None)
    }
    fn joined_before<T: DeviceValue, O: Operator<T>>(&self, value: T, identity: T) -> T {
        let before = self.local_linear_id().checked_sub(1);
        let result = exchange(value, |values| scan_with(values, O::join), before);
        if before.is_some() { result } else { identity }
    }
    fn exchanged<T: DeviceType>(&self, value: T, settle: impl FnOnce(&mut [u64]), read: Option<usize>) -> T {
        T::from_bits(exchange(T::bits(value), settle, read))
    }
    pub(super) fn combined<T: Combine>(&self, combination: Combination, value: T) -> T {
        let last = self.size().saturating_sub(1);
        self.exchanged(value, |values| scan::<T>(combination, values), Some(last))
    }
    fn scanned<T: Combine>(&self, combination: Combination, value: T) -> T {
        self.exchanged(value, |values| scan::<T>(combination, values), None)
    }
    fn scanned_before<T: Combine>(&self, combination: Combination, value: T) -> T {
        let before = self.local_linear_id().checked_sub(1);
        let result = self.exchanged(value, |values| scan::<T>(combination, values), before);
        if before.is_some() { result } else { T::from_bits(combination.identity_bits(T::SCALAR)) }
    }
}

/// The operations of one group type that combine values.
macro_rules! combining {
    ([$($generics:tt)*] $group:ty; $($bound:ident $combination:ident $what:literal $reduce:ident $inclusive:ident $exclusive:ident;)*) => {
        impl<$($generics)*> $group { $(
            #[doc = concat!("The ", $what, " of the values of all work-items of the group.")]
            pub fn $reduce<T: $bound>(&self, value: T) -> T {
                self.combined(Combination::$combination, value)
            }
            #[doc = concat!("The ", $what, " of the values of all work-items up to this one, in the order of their linear ids.")]
            pub fn $inclusive<T: $bound>(&self, value: T) -> T {
                self.scanned(Combination::$combination, value)
            }
            #[doc = concat!("The ", $what, " of the values of all work-items before this one; for the first, the value that changes nothing.")]
            pub fn $exclusive<T: $bound>(&self, value: T) -> T {
                self.scanned_before(Combination::$combination, value)
            }
        )*
            /// What the operator makes of the values of all work-items of the group; `operator!` gives one.
            pub fn reduce_with<T: DeviceValue, O: Operator<T>>(&self, value: T, operator: O) -> T {
                let _ = operator;
                self.joined_all::<T, O>(value)
            }
            /// What the operator makes of the values of all work-items up to this one, in the order of their linear ids.
            pub fn inclusive_scan_with<T: DeviceValue, O: Operator<T>>(&self, value: T, operator: O) -> T {
                let _ = operator;
                self.joined_up_to::<T, O>(value)
            }
            /// What the operator makes of the values of all work-items before this one; for the first, `identity`.
            pub fn exclusive_scan_with<T: DeviceValue, O: Operator<T>>(&self, value: T, identity: T, operator: O) -> T {
                let _ = operator;
                self.joined_before::<T, O>(value, identity)
            }
        }
    };
    ([$($generics:tt)*] $group:ty) => { combining! { [$($generics)*] $group;
        Combine Sum "sum" reduce_sum inclusive_scan_sum exclusive_scan_sum;
        Combine Product "product" reduce_product inclusive_scan_product exclusive_scan_product;
        Combine Min "smallest" reduce_min inclusive_scan_min exclusive_scan_min;
        Combine Max "largest" reduce_max inclusive_scan_max exclusive_scan_max;
        CombineBits And "bitwise and" reduce_and inclusive_scan_and exclusive_scan_and;
        CombineBits Or "bitwise or" reduce_or inclusive_scan_or exclusive_scan_or;
        CombineBits Xor "bitwise exclusive or" reduce_xor inclusive_scan_xor exclusive_scan_xor;
    } };
}
pub(super) use combining;
combining!([const D: usize] Group<D>);

#[diagnostic::do_not_recommend]
impl<const D: usize> DeviceType for Group<D> {
    type Erased = Group<D>;
    fn describe() -> Type {
        Type::Item(ItemKind::Group, D)
    }
    fn zero() -> Self {
        Group { item: NdItem::zero() }
    }
}
