//! `SubGroup`: the few work-items that run side by side, as they see themselves.

use super::combine::{Combination, Combine, CombineBits, reduce_with, scan, scan_with};
use super::group::combining;
use super::joining::Operator;
use super::meeting::exchange;
use crate::kernel::capture::DeviceValue;
use crate::kernel::types::{DeviceType, ItemKind, Type};

/// How many work-items a sub-group has, on the host as on devices, whether falx forms it or the device does.
pub const SUB_GROUP_SIZE: usize = 16;

/// The sub-group that a work-item belongs to; `it.sub_group()` gives it.
///
/// A sub-group is a run of neighbours, by linear id, of a work-group; the last of a work-group may be smaller than the
/// others. How many work-items it has is for the device to say ([`max_size`](Self::max_size)), so a kernel must not count on
/// a number; for a given size the results have the same bits on every device. Every work-item of the work-group must reach
/// each operation, else the kernel does not compile.
///
/// ```
/// use falx::prelude::*;
/// let out = Buffer::<u32>::new(64);
/// Queue::new(Selector::default())?.submit(|h| {
///     let out = out.write(h);
///     h.parallel_for(NdRange::new(64, 64), kernel!(move |it: NdItem<1>| {
///         let sub = it.sub_group();
///         let neighbour = sub.shuffle_xor(it.local_id()[0] as u32, 1);
///         out[it.global_id()] = neighbour;
///     }))
/// })?;
/// assert_eq!(out.host_read()?[..4], [1, 0, 3, 2]);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, sections 4.9.1.8 and 4.17.
#[derive(Clone, Copy, Debug)]
pub struct SubGroup {
    /// This work-item's position in the work-group, and the work-group's size.
    own: usize,
    total: usize,
}

impl SubGroup {
    #[inline(always)]
    pub(in crate::kernel) fn of(own: usize, total: usize) -> Self {
        SubGroup { own, total }
    }
    fn first(&self) -> usize {
        self.own - self.own % SUB_GROUP_SIZE
    }
    /// This work-item's position in its sub-group.
    #[inline(always)]
    pub fn local_id(&self) -> usize {
        self.own % SUB_GROUP_SIZE
    }
    /// How many work-items this sub-group has.
    #[inline(always)]
    pub fn size(&self) -> usize {
        SUB_GROUP_SIZE.min(self.total - self.first())
    }
    /// How many work-items a sub-group has at most: all but the last of a work-group have so many.
    #[inline(always)]
    pub fn max_size(&self) -> usize {
        SUB_GROUP_SIZE
    }
    /// The position of this sub-group in its work-group.
    #[inline(always)]
    pub fn group_id(&self) -> usize {
        self.own / SUB_GROUP_SIZE
    }
    /// How many sub-groups the work-group has.
    #[inline(always)]
    pub fn group_count(&self) -> usize {
        self.total.div_ceil(SUB_GROUP_SIZE)
    }
    /// Whether this work-item is the first of its sub-group.
    #[inline(always)]
    pub fn leader(&self) -> bool {
        self.local_id() == 0
    }
    /// Waits until every work-item of the sub-group has come here; local and global memory are then consistent within it.
    pub fn barrier(&self) {
        crate::kernel::group::barrier();
    }

    /// Gives every work-item the `value` of the one at position `from` of the sub-group. A `from` beyond the sub-group is an
    /// error of the launch.
    pub fn broadcast<T: DeviceValue>(&self, value: T, from: usize) -> T {
        self.shuffle(value, from)
    }
    /// The `value` of the work-item at position `from` of the sub-group; this work-item's own where there is none.
    pub fn shuffle<T: DeviceValue>(&self, value: T, from: usize) -> T {
        let from = if from < self.size() { from } else { self.local_id() };
        exchange(value, |_| {}, Some(self.first() + from))
    }
    /// The `value` of the work-item whose position differs from this one's in the bits of `mask`; this work-item's own where
    /// there is none.
    pub fn shuffle_xor<T: DeviceValue>(&self, value: T, mask: usize) -> T {
        self.shuffle(value, self.local_id() ^ mask)
    }
    /// The `value` of the work-item `delta` positions before this one; this work-item's own where there is none.
    pub fn shuffle_up<T: DeviceValue>(&self, value: T, delta: usize) -> T {
        self.shuffle(value, self.local_id().wrapping_sub(delta))
    }
    /// The `value` of the work-item `delta` positions after this one; this work-item's own where there is none.
    pub fn shuffle_down<T: DeviceValue>(&self, value: T, delta: usize) -> T {
        self.shuffle(value, self.local_id().saturating_add(delta))
    }
    /// The work-items in which `condition` holds: bit k is that of position k.
    pub fn ballot(&self, condition: bool) -> u64 {
        self.combined(Combination::Or, u64::from(condition) << self.local_id())
    }
    /// Whether `condition` holds in any work-item of the sub-group.
    pub fn any_of(&self, condition: bool) -> bool {
        self.combined(Combination::Or, u8::from(condition)) != 0
    }
    /// Whether `condition` holds in all work-items of the sub-group.
    pub fn all_of(&self, condition: bool) -> bool {
        self.combined(Combination::And, u8::from(condition)) != 0
    }
    /// Whether `condition` holds in no work-item of the sub-group.
    pub fn none_of(&self, condition: bool) -> bool {
        !self.any_of(condition)
    }

    fn settled<T: DeviceValue>(&self, value: T, settle: impl Fn(&mut [T]), read: usize) -> T {
        exchange(value, |values| values.chunks_mut(SUB_GROUP_SIZE).for_each(settle), Some(read))
    }
    fn joined_all<T: DeviceValue, O: Operator<T>>(&self, value: T) -> T {
        self.settled(value, |values| reduce_with(values, O::join), self.first() + self.size() - 1)
    }
    fn joined_up_to<T: DeviceValue, O: Operator<T>>(&self, value: T) -> T {
        self.settled(value, |values| scan_with(values, O::join), self.own)
    }
    fn joined_before<T: DeviceValue, O: Operator<T>>(&self, value: T, identity: T) -> T {
        let is_first = self.leader();
        let before = if is_first { self.own } else { self.own - 1 };
        let result = self.settled(value, |values| scan_with(values, O::join), before);
        if is_first { identity } else { result }
    }
    fn exchanged<T: Combine>(&self, combination: Combination, value: T, read: usize) -> T {
        let settle = |values: &mut [u64]| {
            values.chunks_mut(SUB_GROUP_SIZE).for_each(|values| scan::<T>(combination, values));
        };
        T::from_bits(exchange(T::bits(value), settle, Some(read)))
    }
    fn combined<T: Combine>(&self, combination: Combination, value: T) -> T {
        self.exchanged(combination, value, self.first() + self.size() - 1)
    }
    fn scanned<T: Combine>(&self, combination: Combination, value: T) -> T {
        self.exchanged(combination, value, self.own)
    }
    fn scanned_before<T: Combine>(&self, combination: Combination, value: T) -> T {
        let is_first = self.leader();
        let result = self.exchanged(combination, value, if is_first { self.own } else { self.own - 1 });
        if is_first { T::from_bits(combination.identity_bits(T::SCALAR)) } else { result }
    }
}

combining!([] SubGroup);

#[diagnostic::do_not_recommend]
impl DeviceType for SubGroup {
    type Erased = SubGroup;
    fn describe() -> Type {
        Type::Item(ItemKind::SubGroup, 1)
    }
    fn zero() -> Self {
        SubGroup { own: 0, total: 1 }
    }
}
