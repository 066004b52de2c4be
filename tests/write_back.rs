//! What a buffer is made of, and where its elements go in the end.

#![allow(clippy::unwrap_used)]

mod common;

use common::{LIMIT, assert_error, close, for_each_device};
use falx::prelude::*;
use serial_test::serial;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

#[test]
#[serial]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

fn add_one(queue: &Queue, numbers: &Buffer<u32>) {
    let n = numbers.size();
    let work = |h: &Handler| {
        let numbers = numbers.read_write(h);
        h.parallel_for(n, kernel!(move |i: usize| numbers[i] += 1))
    };
    queue.submit(work).unwrap();
}

/// Where the buffer's elements arrive when it is dropped.
fn destination(numbers: &Buffer<u32>) -> Receiver<falx::Result<Vec<u32>>> {
    let (sender, receiver) = channel();
    numbers.set_final_data(move |elements| drop(sender.send(elements.map(<[u32]>::to_vec))));
    receiver
}

#[test]
#[serial]
fn a_buffer_is_made_of_anything_that_has_elements() {
    for_each_device(|queue| {
        let array = [1u32, 2, 3];
        let buffers = [
            Buffer::from(array),
            Buffer::from(&array[..]),
            Buffer::from(vec![1, 2, 3]),
            Buffer::from(vec![1, 2, 3].into_boxed_slice()),
            Buffer::from(Arc::<[u32]>::from(array)),
            (1..4).collect(),
        ];
        for buffer in buffers {
            add_one(queue, &buffer);
            assert_eq!(buffer.into_vec().unwrap(), [2, 3, 4]);
        }
        assert_eq!(array, [1, 2, 3]);
    });
}

#[test]
#[serial]
fn a_shared_slice_is_read_in_place_and_copied_once_before_it_is_written() {
    for_each_device(|queue| {
        let kept: Arc<[u32]> = Arc::from(vec![1; 100]);
        let numbers = Buffer::from(kept.clone());
        let before = falx::trace::totals();
        let sum = falx::algorithm::sum(queue, &numbers).unwrap();
        assert_eq!((sum, numbers.host_read().unwrap().as_ptr()), (100, kept.as_ptr()));
        let copied = |before| falx::trace::totals().since(before).bytes_for_construction;
        assert_eq!(copied(&before), 0);
        let guard = numbers.host_read_region(0, 50).unwrap();
        queue.fill(&numbers.sub_buffer(50, 50).unwrap(), 7).unwrap();
        add_one(queue, &numbers.sub_buffer(60, 40).unwrap());
        // The guard sees what it was opened for, the program what it shared.
        assert_eq!((*guard).to_vec(), [1; 50]);
        drop(guard);
        let expected: Vec<u32> =
            (0..100).map(|i| [1, 7, 8][usize::from(i >= 50) + usize::from(i >= 60)]).collect();
        assert_eq!(*numbers.host_read().unwrap(), expected[..]);
        assert_eq!(*kept, [1; 100]);
        assert_eq!(copied(&before), 400);
    });
}

#[test]
#[serial]
fn a_slice_that_nobody_else_has_is_taken_over() {
    for_each_device(|queue| {
        let only: Arc<[u32]> = Arc::from(vec![1; 100]);
        let address = only.as_ptr().addr();
        let before = falx::trace::totals();
        let numbers = Buffer::from(only);
        add_one(queue, &numbers);
        assert_eq!(numbers.host_read().unwrap().as_ptr().addr(), address);
        assert_eq!(falx::trace::totals().since(&before).bytes_for_construction, 0);
        assert_eq!(numbers.into_vec().unwrap(), [2; 100]);
    });
}

#[test]
#[serial]
fn a_shared_slice_becomes_a_vector_by_one_copy() {
    let kept: Arc<[u32]> = Arc::from(vec![1; 100]);
    let numbers = Buffer::from(kept.clone());
    let before = falx::trace::totals();
    assert_eq!(numbers.into_vec().unwrap(), [1; 100]);
    assert_eq!(falx::trace::totals().since(&before).bytes_for_construction, 400);
}

#[test]
#[serial]
fn a_weak_reference_counts_as_somebody_else() {
    let only: Arc<[u32]> = Arc::from(vec![1; 4]);
    let weak = Arc::downgrade(&only);
    let numbers = Buffer::from(only);
    numbers.host_write().unwrap().fill(2);
    assert_eq!(weak.upgrade().as_deref(), Some(&[1; 4][..]));
    assert_eq!(*numbers.host_read().unwrap(), [2; 4]);
}

#[test]
#[serial]
fn a_shared_slice_lives_as_long_as_its_buffer() {
    let kept: Arc<[u32]> = Arc::from(vec![1; 4]);
    let numbers = Buffer::from(kept.clone());
    assert_eq!(Arc::strong_count(&kept), 2);
    drop(numbers);
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[test]
#[serial]
fn the_final_data_arrives_when_the_last_handle_is_dropped() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 100]);
        let (arrival, second) = (destination(&numbers), numbers.clone());
        add_one(queue, &numbers);
        drop(numbers);
        assert!(arrival.try_recv().is_err());
        add_one(queue, &second);
        drop(second);
        assert_eq!(arrival.recv_timeout(LIMIT).unwrap().unwrap(), [3; 100]);
    });
}

#[test]
#[serial]
fn dropping_a_buffer_with_a_destination_does_not_wait() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let arrival = destination(&numbers);
        let (gate, holder) = close(queue, &numbers);
        drop(numbers);
        assert!(arrival.try_recv().is_err());
        gate.open();
        assert_eq!(arrival.recv_timeout(LIMIT).unwrap().unwrap(), [1; 4]);
        holder.wait().unwrap();
    });
}

#[test]
#[serial]
fn final_data_of_a_part_is_the_part() {
    for_each_device(|queue| {
        let matrix = Buffer::from_vec((0..6u32).collect(), [2, 3]).unwrap();
        let (sender, receiver) = channel();
        let column = matrix.sub_buffer([0, 1], [2, 1]).unwrap();
        column.set_final_data(move |elements| drop(sender.send(elements.map(<[u32]>::to_vec))));
        queue.fill(&matrix.sub_buffer([1, 0], [1, 3]).unwrap(), 7).unwrap();
        drop((column, matrix));
        assert_eq!(receiver.recv_timeout(LIMIT).unwrap().unwrap(), [1, 7]);
    });
}

#[test]
#[serial]
fn the_last_destination_counts_and_none_without_write_back() {
    let numbers = Buffer::from(vec![1u32; 4]);
    let (first, second) = (destination(&numbers), destination(&numbers));
    drop(numbers);
    assert_eq!(second.recv_timeout(LIMIT).unwrap().unwrap(), [1; 4]);
    assert!(first.recv().is_err());
    let numbers = Buffer::from(vec![1u32; 4]);
    let arrival = destination(&numbers);
    numbers.set_write_back(false);
    drop(numbers);
    assert!(arrival.recv_timeout(LIMIT).is_err());
}

#[test]
#[serial]
fn who_waits_for_elements_that_never_come_hears_why() {
    for_each_device(|queue| {
        let unwritten = Buffer::<u32>::new(4).named("unwritten");
        let arrival = destination(&unwritten);
        drop(unwritten);
        let heard = arrival.recv_timeout(LIMIT).unwrap();
        assert_error(heard, ErrorKind::Uninitialized, &["`unwritten`", "nothing has written"]);

        let (spoilt, at) = (Buffer::from(vec![1u32; 4]), Buffer::from(vec![9usize]));
        let arrival = destination(&spoilt);
        let fail = |h: &Handler| {
            let (spoilt, at) = (spoilt.read_write(h), at.read(h));
            h.single_task(kernel!(move || spoilt[at[0]] = 1))
        };
        queue.submit(fail).unwrap();
        drop(spoilt);
        let heard = arrival.recv_timeout(LIMIT).unwrap();
        assert_error(heard, ErrorKind::Kernel, &["index 9 out of range 4"]);
        let _ = queue.wait();
    });
}

#[test]
#[serial]
fn a_forgotten_handle_delivers_nothing_and_a_panic_of_the_receiver_harms_nobody() {
    let numbers = Buffer::from(vec![1u32; 4]);
    let arrival = destination(&numbers);
    std::mem::forget(numbers.clone());
    drop(numbers);
    assert!(arrival.try_recv().is_err());

    let numbers = Buffer::from(vec![1u32; 4]);
    let (sender, receiver) = channel::<()>();
    numbers.set_final_data(move |_| {
        let _told_by_its_end = sender;
        common::fall();
    });
    drop(numbers);
    assert!(receiver.recv_timeout(LIMIT).is_err());
    assert_eq!(Buffer::from(vec![1u32]).into_vec().unwrap(), [1]);
}

#[test]
#[serial]
fn a_buffer_with_a_destination_gives_its_vector_and_delivers_too() {
    let numbers = Buffer::from(vec![1u32; 4]);
    let arrival = destination(&numbers);
    assert_eq!(numbers.into_vec().unwrap(), [1; 4]);
    assert_eq!(arrival.recv_timeout(LIMIT).unwrap().unwrap(), [1; 4]);
}

#[test]
fn a_buffer_of_impossible_size_hands_on_why_there_is_nothing() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let numbers = Buffer::<u32>::new(1 << 61);
    numbers.set_final_data(move |elements| drop(sender.send(elements.map(<[u32]>::len))));
    drop(numbers);
    assert_error(receiver.recv().unwrap(), ErrorKind::Invalid, &["larger than any memory"]);
}
