//! What a kernel touches is what moves, what becomes stale, and what it waits for: not the whole of its accessors.

// Kernels here are written for what they touch, not in the shortest way.
#![allow(clippy::unwrap_used, clippy::all)]

mod common;
#[path = "movement/programs.rs"]
mod programs;

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

/// Of PoCL's devices several, so that there are memories enough.
#[test]
#[serial]
fn programs_move_the_fewest_bytes_that_they_can() {
    programs::table();
    if !common::is_child() {
        let settings = [("FALX_MEMORY", "separate"), ("POCL_DEVICES", "pthread pthread pthread")];
        let output = common::child(Some("programs_move_the_fewest_bytes_that_they_can"), &settings);
        common::succeeds(&output);
        print!("\nEach device with a memory of its own:\n{}", String::from_utf8_lossy(&output.stdout));
    }
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

        let table = Buffer::<u32, 2>::new([8, 10]).named("table");
        let fill = |h: &Handler| {
            let rows = table.write(h).region([2, 0], [4, 10]);
            h.parallel_for([4, 10], kernel!(move |i: Id<2>| rows[i] = 1))
        };
        queue.submit(fill).unwrap();
        let sum = |first: usize, columns: usize| {
            queue.submit(|h| {
                let rows = table.read_write(h).region([first, 1], [3, 9]);
                h.parallel_for([3, columns], kernel!(move |i: Id<2>| rows[i] += 1))
            })
        };
        sum(2, 9).unwrap();
        assert_error(sum(4, 5), ErrorKind::Uninitialized, &["table", "[6..7, 1..6]", "nothing has written"]);
        assert_eq!(*table.host_read_region([2, 0], [1, 3]).unwrap(), [1, 2, 2]);
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

#[test]
#[serial]
fn an_accessor_of_which_only_the_range_is_used_asks_for_nothing() {
    for_each_device(|queue| {
        let (unwritten, to) = (Buffer::<u32>::new(77), Buffer::<u32>::new(1));
        let count = || {
            let work = |h: &Handler| {
                let (unwritten, to) = (unwritten.read(h), to.write(h));
                h.single_task(kernel!(move || to[0] = unwritten.range()[0] as u32))
            };
            queue.submit(work).unwrap();
        };
        assert_eq!(moved(count), (0, 0));
        drop(unwritten);
        assert_eq!(*to.host_read().unwrap(), [77]);
    });
}

#[device]
#[derive(Clone, Copy)]
struct Pair {
    first: u32,
    second: u32,
}

#[test]
#[serial]
fn what_is_written_of_each_element_in_part_is_brought_first() {
    for_each_device(|queue| {
        let pairs = Buffer::from(vec![Pair { first: 1, second: 2 }; 10]);
        let change = || {
            let work = |h: &Handler| {
                let pairs = pairs.write(h);
                h.parallel_for(5, kernel!(move |i: usize| pairs[i].second = 3))
            };
            queue.submit(work).unwrap();
        };
        assert_eq!(moved(change), if_apart(queue, (40, 0)));
        let pairs = pairs.host_read().unwrap();
        let seen: Vec<(u32, u32)> = pairs.iter().map(|pair| (pair.first, pair.second)).collect();
        assert_eq!(seen, [[(1, 3); 5], [(1, 2); 5]].concat());
    });
}

#[test]
#[serial]
fn a_matrix_written_by_rows_and_columns_is_written_in_full() {
    for_each_device(|queue| {
        let (flat, matrix) = (Buffer::<u32>::new(24), Buffer::<u32, 2>::new([6, 4]));
        let width = 4usize;
        let fill = || {
            let work = |h: &Handler| {
                let flat = flat.write(h);
                let work =
                    kernel!(move |at: Id<2>| flat[at[0] * width + at[1]] = (10 * at[0] + at[1]) as u32);
                h.parallel_for([6, 4], work)
            };
            queue.submit(work).unwrap();
            let work = |h: &Handler| {
                let matrix = matrix.write(h);
                let work = kernel!(move |it: NdItem<2>| {
                    let [row, column] = it.global_id();
                    matrix[[column, row]] = (10 * column + row) as u32;
                });
                h.parallel_for(NdRange::new([4, 6], [2, 3]), work)
            };
            queue.submit(work).unwrap();
        };
        // Nothing was brought, and nothing had to be zeroed.
        assert_eq!(moved(fill), (0, 0));
        let expected: Vec<u32> = (0..24).map(|i| 10 * (i / 4) + i % 4).collect();
        assert_eq!(*flat.host_read().unwrap(), expected[..]);
        assert_eq!(*matrix.host_read().unwrap(), expected[..]);
    });
}

#[test]
#[serial]
fn every_other_element_is_not_all_of_them() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![5u32; 9]);
        let write = || {
            let work = |h: &Handler| {
                let numbers = numbers.write(h);
                h.parallel_for(4, kernel!(move |i: usize| numbers[2 * i + 1] = 0))
            };
            queue.submit(work).unwrap();
        };
        // Elements 1 to 7.
        assert_eq!(moved(write), if_apart(queue, (28, 0)));
        assert_eq!(*numbers.host_read().unwrap(), [5, 0, 5, 0, 5, 0, 5, 0, 5]);
    });
}

#[test]
#[serial]
fn what_some_work_items_return_before_is_not_written_in_full() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![5u32; 8]);
        let limit = 6usize;
        let write = || {
            let work = |h: &Handler| {
                let numbers = numbers.write(h);
                let work = kernel!(move |i: usize| {
                    if i >= limit {
                        return;
                    }
                    numbers[i] = 0;
                });
                h.parallel_for(8, work)
            };
            queue.submit(work).unwrap();
        };
        assert_eq!(moved(write), if_apart(queue, (24, 0)));
        assert_eq!(*numbers.host_read().unwrap(), [0, 0, 0, 0, 0, 0, 5, 5]);
    });
}
