//! Values that are promised to be the same in all work-items of a group, checked; and broadcasts, whose position is.

use super::meeting::exchange;
use super::{Group, SubGroup};
use crate::kernel::capture::DeviceValue;
use crate::kernel::current::report;
use crate::kernel::trap::Failure;
use crate::kernel::tree::Site;
use crate::kernel::twin::ScalarBits;
use crate::kernel::types::DeviceType;

/// Promises that `value` is the same in all work-items of the work-group, so that kernels may decide by it whether to reach
/// a barrier or another operation over the group.
///
/// The promise is checked: where a work-item has another value than the first of its group, the launch fails with an error
/// that names the line, and goes on with the first one's value. Every work-item of the group must come to it. Outside of
/// kernels it gives back its value. The value is a scalar.
///
/// ```
/// use falx::prelude::*;
/// let (rounds, out) = (Buffer::from(vec![3u32]), Buffer::<u32>::new(8));
/// Queue::new(Selector::default())?.submit(|h| {
///     let (rounds, out, tile) = (rounds.read(h), out.write(h), h.local::<u32, 1>(8));
///     h.parallel_for(NdRange::new(8, 8), kernel!(move |it: NdItem<1>| {
///         let own = it.local_id()[0];
///         tile[own] = own as u32;
///         // What is read from memory may differ between work-items, for all that the compiler knows.
///         for _ in 0..falx::uniform(rounds[0]) {
///             it.barrier();
///             let next = tile[(own + 1) % 8];
///             it.barrier();
///             tile[own] = next;
///         }
///         out[it.global_id()] = tile[own];
///     }))
/// })?;
/// assert_eq!(*out.host_read()?, [3, 4, 5, 6, 7, 0, 1, 2]);
/// # Ok::<(), falx::Error>(())
/// ```
#[inline(always)]
pub fn uniform<T: DeviceType + ScalarBits>(value: T) -> T {
    value
}

/// The value of the group's first work-item, after reporting a work-item that has another.
#[inline]
pub fn agreed<T: DeviceType + ScalarBits>(value: T, site: &'static Site) -> T {
    let own = ScalarBits::bits(value);
    let first = exchange(own, |_| {}, Some(0));
    if own != first {
        let text = format!("`uniform({})` differs between the work-items of a group", site.subject);
        report(Failure::Said { site, text });
    }
    ScalarBits::from_bits(first)
}

/// What can broadcast.
pub trait Broadcaster {
    /// How many positions there are.
    fn n_positions(&self) -> usize;
    /// The value of the work-item at a position that exists.
    fn value_of<T: DeviceValue>(&self, value: T, from: usize) -> T;
}

impl<const D: usize> Broadcaster for Group<D> {
    fn n_positions(&self) -> usize {
        self.size()
    }
    fn value_of<T: DeviceValue>(&self, value: T, from: usize) -> T {
        self.broadcast(value, from)
    }
}
impl Broadcaster for SubGroup {
    fn n_positions(&self) -> usize {
        self.size()
    }
    fn value_of<T: DeviceValue>(&self, value: T, from: usize) -> T {
        self.broadcast(value, from)
    }
}

/// `group.broadcast(value, from)`, or zero after reporting a `from` that is too large.
#[inline]
pub fn broadcast<T: DeviceValue>(group: impl Broadcaster, value: T, from: usize, site: &'static Site) -> T {
    let size = group.n_positions();
    // All must come to the exchange, whatever they ask for.
    let result = group.value_of(value, if from < size { from } else { 0 });
    if from < size {
        return result;
    }
    let (index, length) = ([from as u64, 0, 0], [size as u64, 0, 0]);
    report(Failure::Index { site, dimensions: 1, index, length });
    T::zero()
}
