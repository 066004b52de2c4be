//! Containers that live in unified shared memory.

#![cfg(feature = "allocator-api2")]
#![allow(clippy::unwrap_used)]

mod common;

use allocator_api2::vec::Vec;
use common::{assert_error, for_each_device};
use falx::prelude::*;
use falx::usm::{self, HostReachable, OnHost, Shared, UsmAllocator};
use hashbrown::{DefaultHashBuilder, HashMap};

/// An allocator, or that there is none where the device has no addresses.
fn allocator<K: HostReachable>(queue: &Queue) -> Option<UsmAllocator<K>> {
    let made = UsmAllocator::new(queue.device());
    if queue.device().usm(K::KIND).has_addresses() {
        return Some(made.unwrap());
    }
    assert_error(made, ErrorKind::FeatureNotSupported, &[&K::KIND.to_string()]);
    None
}

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

#[test]
fn a_vec_grows_in_shared_memory_and_kernels_work_on_it_in_place() {
    for_each_device(|queue| {
        let Some(allocator) = allocator::<Shared>(queue) else { return };
        let mut numbers = Vec::new_in(allocator);
        (0..5000u32).for_each(|n| numbers.push(n));
        assert_eq!(usm::kind_of(numbers.as_ptr()), Some(usm::UsmKind::Shared));
        let pointer = numbers.as_ptr();
        falx::scope(|s| {
            let buffer = s.buffer(&mut numbers);
            queue.submit(|h| {
                let numbers = buffer.read_write(h);
                h.parallel_for(5000, kernel!(move |i: Id<1>| numbers[i] = 3 * numbers[i]))
            })
        })
        .unwrap()
        .unwrap();
        assert!((0..5000).all(|n| numbers[n] == 3 * n as u32));
        falx::scope(|s| {
            let inner = s.buffer(&mut numbers[1001..4003]);
            queue.submit(|h| {
                let inner = inner.read_write(h);
                h.parallel_for(3002, kernel!(move |i: Id<1>| inner[i] = 0))
            })
        })
        .unwrap()
        .unwrap();
        assert!((0..5000).all(|n| numbers[n] == if (1001..4003).contains(&n) { 0 } else { 3 * n as u32 }));
        assert_eq!(numbers.as_ptr(), pointer);
        let end = pointer.wrapping_add(4999);
        drop(numbers);
        // Another test may have the memory for a while.
        common::comes_true(|| (usm::kind_of(pointer), usm::kind_of(end)) == (None, None));
    });
}

#[test]
fn a_hash_map_lives_in_host_memory() {
    for_each_device(|queue| {
        let Some(allocator) = allocator::<OnHost>(queue) else { return };
        let mut squares = HashMap::with_hasher_in(DefaultHashBuilder::default(), allocator);
        squares.extend((0..1000u64).map(|n| (n, n * n)));
        let first: *const u64 = squares.get(&7).unwrap();
        assert_eq!(usm::kind_of(first), Some(usm::UsmKind::Host));
        assert_eq!(usm::device_of(first).as_ref(), Some(queue.device()));
        assert!((0..1000).all(|n| squares[&n] == n * n));
        squares.clear();
        squares.shrink_to_fit();
        common::comes_true(|| usm::kind_of(first).is_none());
    });
}

#[test]
fn what_no_element_is_aligned_to_is_refused_and_not_leaked() {
    use allocator_api2::alloc::{Allocator, Layout};
    for_each_device(|queue| {
        let Some(allocator) = allocator::<Shared>(queue) else { return };
        // More than any allocation is aligned to by chance: one of several must fall beside it.
        let layout = Layout::from_size_align(64, 1 << 30).unwrap();
        assert!(allocator.allocate(layout).is_err());
        let empty = allocator.allocate(Layout::from_size_align(0, 64).unwrap()).unwrap();
        assert_eq!((empty.len(), empty.cast::<u8>().addr().get() % 64), (0, 0));
    });
}
