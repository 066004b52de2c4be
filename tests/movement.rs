//! What a kernel touches is what moves, what becomes stale, and what it waits for: not the whole of its accessors.

// Kernels here are written for what they touch, not in the shortest way.
#![allow(clippy::unwrap_used, clippy::all)]

mod common;

use common::{Gate, assert_error, for_each_device, works_in_place};
use falx::prelude::*;
use falx::trace::totals;
use serial_test::serial;

// Totals are of the whole process, so the tests of this binary run one after the other.

#[test]
#[serial]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

/// The bytes that `work` moved: for commands, for the host.
fn moved(work: impl FnOnce()) -> (u64, u64) {
    let before = totals();
    work();
    let since = totals().since(&before);
    (since.bytes_for_commands, since.bytes_for_host)
}

/// What is expected where bytes have to move, on this device.
fn if_apart(queue: &Queue, expected: (u64, u64)) -> (u64, u64) {
    if works_in_place(queue.device()) { (0, 0) } else { expected }
}

/// Adds one to the first `n` elements.
fn increment_first(queue: &Queue, numbers: &Buffer<u32>, n: usize) -> Event {
    let work = |h: &Handler| {
        let numbers = numbers.read_write(h);
        h.parallel_for(n, kernel!(move |i: usize| numbers[i] += 1))
    };
    queue.submit(work).unwrap()
}

#[test]
#[serial]
fn only_what_a_kernel_reads_is_brought_to_it() {
    for_each_device(|queue| {
        let (from, to) = (Buffer::from((0..1000u32).collect::<Vec<_>>()), Buffer::<u32>::new(100));
        let gather = || {
            let work = |h: &Handler| {
                let (from, to) = (from.read(h), to.write(h).no_init());
                h.parallel_for(100, kernel!(move |i: usize| to[i] = from[i + 300] + from[2 * i]))
            };
            queue.submit(work).unwrap();
        };
        // Elements 0 to 399.
        assert_eq!(moved(gather), if_apart(queue, (1600, 0)));
        let expected: Vec<u32> = (0..100).map(|i| i + 300 + 2 * i).collect();
        assert_eq!(*to.host_read().unwrap(), expected[..]);
    });
}

#[test]
#[serial]
fn a_row_of_a_matrix_is_all_that_moves_for_a_kernel_over_it() {
    for_each_device(|queue| {
        let (matrix, sums) = (Buffer::from_vec(vec![1u32; 200], [10, 20]).unwrap(), Buffer::<u32>::new(20));
        let row = 7usize;
        let take = || {
            let work = |h: &Handler| {
                let (matrix, sums) = (matrix.read(h), sums.write(h).no_init());
                h.parallel_for(20, kernel!(move |i: usize| sums[i] = matrix[[row, i]]))
            };
            queue.submit(work).unwrap();
        };
        assert_eq!(moved(take), if_apart(queue, (80, 0)));
        assert_eq!(*sums.host_read().unwrap(), [1; 20]);
    });
}

#[test]
#[serial]
fn only_what_a_kernel_writes_becomes_stale_on_the_host() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![5u32; 1000]);
        let change = || drop(increment_first(queue, &numbers, 10));
        assert_eq!(moved(change), if_apart(queue, (40, 0)));
        let expected: Vec<u32> = (0..1000).map(|i| if i < 10 { 6 } else { 5 }).collect();
        let read = || assert_eq!(*numbers.host_read().unwrap(), expected[..]);
        assert_eq!(moved(read), if_apart(queue, (0, 40)));
    });
}

#[test]
#[serial]
fn what_a_kernel_writes_in_full_is_not_brought_to_it() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![5u32; 100]);
        let overwrite = || {
            let work = |h: &Handler| {
                let numbers = numbers.write(h);
                h.parallel_for(100, kernel!(move |i: usize| numbers[i] = i as u32))
            };
            queue.submit(work).unwrap();
        };
        assert_eq!(moved(overwrite), (0, 0));
        let expected: Vec<u32> = (0..100).collect();
        assert_eq!(*numbers.host_read().unwrap(), expected[..]);
    });
}

#[test]
#[serial]
fn what_a_kernel_may_leave_out_is_brought_to_it() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![5u32; 100]);
        let write_even = || {
            let work = |h: &Handler| {
                let numbers = numbers.write(h);
                let write = kernel!(move |i: usize| {
                    if i % 2 == 0 {
                        numbers[i] = 0;
                    }
                });
                h.parallel_for(100, write)
            };
            queue.submit(work).unwrap();
        };
        // The last that it may write is element 98.
        assert_eq!(moved(write_even), if_apart(queue, (396, 0)));
        let expected: Vec<u32> = (0..100).map(|i| if i % 2 == 0 { 0 } else { 5 }).collect();
        assert_eq!(*numbers.host_read().unwrap(), expected[..]);
    });
}

#[test]
#[serial]
fn an_index_that_comes_from_data_may_be_any() {
    for_each_device(|queue| {
        let indices = Buffer::from(vec![3u32, 99, 0]);
        let (from, to) = (Buffer::from((0..100u32).collect::<Vec<_>>()), Buffer::<u32>::new(3));
        let gather = || {
            let work = |h: &Handler| {
                let (indices, from, to) = (indices.read(h), from.read(h), to.write(h));
                h.parallel_for(3, kernel!(move |i: usize| to[i] = from[indices[i] as usize]))
            };
            queue.submit(work).unwrap();
        };
        assert_eq!(moved(gather), if_apart(queue, (412, 0)));
        assert_eq!(*to.host_read().unwrap(), [3, 99, 0]);
    });
}

#[test]
#[serial]
fn reading_elements_that_nothing_has_written_is_an_error_that_names_them() {
    for_each_device(|queue| {
        let numbers = Buffer::<u32>::new(100).named("numbers");
        let fill = |h: &Handler| {
            let numbers = numbers.write(h);
            h.parallel_for(60, kernel!(move |i: usize| numbers[i] = 1))
        };
        queue.submit(fill).unwrap();
        increment_first(queue, &numbers, 60);
        let too_many = queue.submit(|h| {
            let numbers = numbers.read_write(h);
            h.parallel_for(80, kernel!(move |i: usize| numbers[i] += 1))
        });
        assert_error(too_many, ErrorKind::Uninitialized, &["numbers", "[60..80]", "nothing has written"]);
        assert_error(numbers.host_read(), ErrorKind::Uninitialized, &["numbers", "[60..100]"]);
        assert_eq!(*numbers.host_read_region(0, 60).unwrap(), [2; 60]);
    });
}

#[test]
#[serial]
fn kernels_on_the_halves_of_a_buffer_do_not_wait_for_each_other() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![0u32; 200]);
        let add = |offset: usize| {
            let work = |h: &Handler| {
                let numbers = numbers.read_write(h);
                h.parallel_for(100, kernel!(move |i: usize| numbers[offset + i] += 1))
            };
            queue.submit(work).unwrap()
        };
        // A command that holds back the first half until it is let go.
        let (gate, keeper) = Gate::new();
        let holder = queue.submit(|h| {
            let first = numbers.read_write(h).region(0, 100);
            h.host_task(first, move |_| keeper.wait());
        });
        let (first, second) = (add(0), add(100));
        second.wait().unwrap();
        assert_ne!(first.status(), EventStatus::Complete);
        gate.open();
        first.wait().unwrap();
        holder.unwrap().wait().unwrap();
        assert_eq!(*numbers.host_read().unwrap(), [1; 200]);
    });
}

#[test]
#[serial]
fn a_kernel_that_fills_a_spoilt_buffer_mends_it() {
    for_each_device(|queue| {
        let (indices, numbers) = (Buffer::from(vec![100usize]), Buffer::from(vec![5u32; 100]));
        let fail = |h: &Handler| {
            let (indices, numbers) = (indices.read(h), numbers.read_write(h));
            h.single_task(kernel!(move || numbers[indices[0]] = 1))
        };
        queue.submit(fail).unwrap();
        assert_error(numbers.host_read(), ErrorKind::Kernel, &["index 100 out of range 100"]);
        let fill = |h: &Handler| {
            let numbers = numbers.write(h);
            h.parallel_for(100, kernel!(move |i: usize| numbers[i] = 1))
        };
        queue.submit(fill).unwrap();
        assert_eq!(*numbers.host_read().unwrap(), [1; 100]);
        assert_error(queue.wait(), ErrorKind::Kernel, &["index 100 out of range 100"]);
    });
}
