//! How many bytes move, and why: none for devices that work on host memory, and exactly the missing ones for others.

#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_error, for_each_device, for_each_pair, works_in_place};
use falx::prelude::*;
use falx::trace::{Totals, totals};
use serial_test::serial;

// Totals are of the whole process, so the tests of this binary run one after the other.

#[test]
#[serial]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

/// Runs `work` and returns what it added to the totals of the process.
fn counted(work: impl FnOnce()) -> Totals {
    let before = totals();
    work();
    totals().since(&before)
}

/// The bytes that `work` moved: for commands, for the host.
fn moved(work: impl FnOnce()) -> (u64, u64) {
    let totals = counted(work);
    assert_eq!(totals.bytes_for_construction, 0);
    assert_eq!(totals.copies == 0, totals.bytes_copied() == 0);
    (totals.bytes_for_commands, totals.bytes_for_host)
}

/// What is expected where bytes have to move, on this device.
fn if_apart(queue: &Queue, expected: (u64, u64)) -> (u64, u64) {
    if works_in_place(queue.device()) { (0, 0) } else { expected }
}

fn increment(queue: &Queue, numbers: &Buffer<u32>) {
    let n = numbers.size();
    queue
        .submit(|h| {
            let numbers = numbers.read_write(h);
            h.parallel_for(n, kernel!(move |i: Id<1>| numbers[i] = numbers[i] + 1))
        })
        .unwrap();
}

#[test]
#[serial]
fn cpu_devices_work_in_place_unless_told_otherwise() {
    let separate = std::env::var_os("FALX_MEMORY").is_some();
    for device in common::devices() {
        assert_eq!(works_in_place(&device), device.is_host() || !separate, "{device}");
    }
}

#[test]
#[serial]
fn data_goes_out_once_and_comes_back_once() {
    for_each_device(|queue| {
        let bytes = moved(|| {
            let numbers = Buffer::from(vec![1u32; 1000]);
            (0..10).for_each(|_| increment(queue, &numbers));
            assert_eq!(*numbers.host_read().unwrap(), [11; 1000]);
            assert_eq!(*numbers.host_read().unwrap(), [11; 1000]);
        });
        assert_eq!(bytes, if_apart(queue, (4000, 4000)));
    });
}

#[test]
#[serial]
fn reading_on_the_host_does_not_make_the_device_stale() {
    for_each_device(|queue| {
        let bytes = moved(|| {
            let (from, to) = (Buffer::from(vec![1u32; 100]), Buffer::<u32>::new(100));
            for _ in 0..5 {
                queue.copy(&from, &to).unwrap();
                assert_eq!(*from.host_read().unwrap(), [1; 100]);
                assert_eq!(*to.host_read().unwrap(), [1; 100]);
            }
        });
        // `from` goes out once; `to` comes back after each copy.
        assert_eq!(bytes, if_apart(queue, (400, 5 * 400)));
    });
}

#[test]
#[serial]
fn nothing_goes_out_for_what_is_overwritten() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 100]);
        assert_eq!(moved(|| drop(queue.fill(&numbers, 7).unwrap())), (0, 0));
        let overwrite = || {
            queue
                .submit(|h| {
                    let numbers = numbers.write(h).no_init();
                    h.parallel_for(100, kernel!(move |i: usize| numbers[i] = i as u32))
                })
                .unwrap();
        };
        assert_eq!(moved(overwrite), (0, 0));
        let host = || numbers.host_write_no_init().unwrap().fill(3);
        assert_eq!(moved(host), (0, 0));
        // Now the host has the only current bytes, and all of them are needed.
        assert_eq!(moved(|| increment(queue, &numbers)), if_apart(queue, (400, 0)));
        assert_eq!(moved(|| assert_eq!(numbers.host_read().unwrap()[0], 4)), if_apart(queue, (0, 400)));
    });
}

#[test]
#[serial]
fn fresh_buffers_move_nothing_until_the_host_reads() {
    for_each_device(|queue| {
        let (a, b) = (Buffer::<u32>::new(100), Buffer::<u32>::new(100));
        let work = || {
            queue.fill(&a, 1).unwrap();
            queue.copy(&a, &b).unwrap();
            increment(queue, &b);
            queue.wait().unwrap();
        };
        assert_eq!(moved(work), (0, 0));
        assert_eq!(moved(|| assert_eq!(*b.host_read().unwrap(), [2; 100])), if_apart(queue, (0, 400)));
    });
}

#[test]
#[serial]
fn only_the_region_that_is_used_moves() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 1000]);
        let part = || {
            queue
                .submit(|h| {
                    let part = numbers.read_write(h).region(100, 50);
                    h.parallel_for(50, kernel!(move |i: Id<1>| part[i] = part[i] + 1))
                })
                .unwrap();
        };
        assert_eq!(moved(part), if_apart(queue, (200, 0)));
        assert_eq!(moved(part), (0, 0));
        let outside = || assert_eq!(*numbers.host_read_region(0, 100).unwrap(), [1; 100]);
        assert_eq!(moved(outside), (0, 0));
        let inside =
            || assert_eq!(*numbers.host_read_region(90, 20).unwrap(), [[1; 10], [3; 10]].concat()[..]);
        assert_eq!(moved(inside), if_apart(queue, (0, 40)));
        let all = || assert_eq!(numbers.host_read().unwrap().iter().sum::<u32>(), 1100);
        assert_eq!(moved(all), if_apart(queue, (0, 160)));
        // The rest goes out; the part is still there.
        assert_eq!(moved(|| increment(queue, &numbers)), if_apart(queue, (3800, 0)));
        queue.wait().unwrap();
    });
}

#[test]
#[serial]
fn boxes_of_two_dimensions_move_row_by_row() {
    for_each_device(|queue| {
        let plane = Buffer::from_vec(vec![1u32; 100], [10, 10]).unwrap();
        let part = || {
            queue
                .submit(|h| {
                    let part = plane.read_write(h).region([2, 3], [4, 5]);
                    h.parallel_for([4, 5], kernel!(move |i: Id<2>| part[i] = part[i] + 1))
                })
                .unwrap();
        };
        assert_eq!(moved(part), if_apart(queue, (80, 0)));
        let home = || {
            let plane = plane.host_read().unwrap();
            let twos: Vec<usize> = (0..100).filter(|n| plane[*n] == 2).collect();
            let expected: Vec<usize> = (2..6).flat_map(|y| (3..8).map(move |x| 10 * y + x)).collect();
            assert_eq!((twos, plane.iter().sum::<u32>()), (expected, 120));
        };
        assert_eq!(moved(home), if_apart(queue, (0, 80)));
    });
}

#[test]
#[serial]
fn what_a_plain_write_may_leave_out_is_brought_first() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 100]);
        let half = || {
            queue
                .submit(|h| {
                    let numbers = numbers.write(h);
                    h.parallel_for(50, kernel!(move |i: Id<1>| numbers[i[0] * 2] = 9))
                })
                .unwrap();
        };
        // Elements 0 to 98, in which the kernel leaves out every other one.
        assert_eq!(moved(half), if_apart(queue, (396, 0)));
        assert_eq!(numbers.into_vec().unwrap(), [9, 1].repeat(50));
    });
}

#[test]
#[serial]
fn without_contents_is_lost_beside_a_reader_of_the_same_buffer() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 100]);
        let work = || {
            queue
                .submit(|h| {
                    let (from, to) = (numbers.read(h), numbers.write(h).no_init());
                    h.parallel_for(100, kernel!(move |i: Id<1>| to[i] = from[i] + 1))
                })
                .unwrap();
        };
        assert_eq!(moved(work), if_apart(queue, (400, 0)));
        assert_eq!(numbers.into_vec().unwrap(), [2; 100]);
    });
}

#[test]
#[serial]
fn prefetching_moves_the_bytes_ahead_of_the_kernel() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 100]);
        assert_eq!(moved(|| drop(queue.prefetch(&numbers).unwrap())), if_apart(queue, (400, 0)));
        assert_eq!(moved(|| increment(queue, &numbers)), (0, 0));
        queue.wait().unwrap();
    });
}

#[test]
#[serial]
fn two_devices_in_turn_send_the_bytes_through_the_host() {
    for_each_pair(|first, second| {
        let apart = |queue: &Queue| u64::from(!works_in_place(queue.device()));
        let numbers = Buffer::from(vec![1u32; 1000]);
        let bytes = moved(|| {
            for _ in 0..4 {
                increment(first, &numbers);
                increment(second, &numbers);
            }
            assert_eq!(*numbers.host_read().unwrap(), [9; 1000]);
        });
        // Each turn: home from the other device, if it is apart, and out to this one, if it is.
        let commands = (4 * apart(first) + 4 * apart(second)) + (3 * apart(second) + 4 * apart(first));
        assert_eq!(bytes, (4000 * commands, 4000 * apart(second)));
    });
}

#[test]
#[serial]
fn readers_on_two_devices_need_one_copy_each() {
    for_each_pair(|first, second| {
        let apart = |queue: &Queue| u64::from(!works_in_place(queue.device()));
        let from = Buffer::from(vec![1u32; 1000]);
        let (a, b) = (Buffer::<u32>::new(1000), Buffer::<u32>::new(1000));
        let bytes = moved(|| {
            for _ in 0..3 {
                first.copy(&from, &a).unwrap();
                second.copy(&from, &b).unwrap();
            }
            first.wait().unwrap();
            second.wait().unwrap();
        });
        assert_eq!(bytes, (4000 * (apart(first) + apart(second)), 0));
    });
}

#[test]
#[serial]
fn a_host_task_counts_as_a_command_on_the_host() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 100]);
        let bytes = moved(|| {
            increment(queue, &numbers);
            queue.submit(|h| h.host_task(numbers.read_write(h), |n| n[0] = 10)).unwrap();
            increment(queue, &numbers);
            assert_eq!(numbers.host_read().unwrap()[..2], [11, 3]);
        });
        assert_eq!(bytes, if_apart(queue, (1200, 400)));
    });
}

#[test]
#[serial]
fn explicit_copies_are_counted_apart() {
    for_each_device(|queue| {
        let (from, to) = (Buffer::from(vec![1u64; 100]), Buffer::<u64>::new(100));
        let totals = counted(|| {
            queue.copy(&from, &to).unwrap();
            queue.submit(|h| h.copy(&from.read(h).region(0, 10), &to.write(h).region(5, 10))).unwrap();
            queue.wait().unwrap();
        });
        assert_eq!(totals.bytes_explicit, 880);
        assert_eq!((totals.bytes_for_commands, totals.bytes_for_host), if_apart(queue, (800, 0)));
    });
}

#[test]
#[serial]
fn making_and_taking_apart_buffers_copies_only_what_it_must() {
    for_each_device(|queue| {
        let totals = counted(|| {
            let numbers = Buffer::from(vec![1u32; 100]);
            increment(queue, &numbers);
            assert_eq!(numbers.into_vec().unwrap(), [2; 100]);
        });
        assert_eq!(totals.bytes_for_construction, 0);
        let totals = counted(|| {
            let numbers = Buffer::from_slice(&[1u32; 100]);
            let clone = numbers.clone();
            assert_eq!((numbers.into_vec().unwrap(), clone.size()), (vec![1; 100], 100));
        });
        assert_eq!(totals.bytes_for_construction, 800);
    });
}

#[test]
#[serial]
fn borrowed_memory_is_worked_on_in_place() {
    for_each_device(|queue| {
        let (mut numbers, constants) = (vec![1u32; 1000], vec![5u32; 1000]);
        let bytes = moved(|| {
            falx::scope(|s| {
                let (numbers, constants) = (s.buffer(&mut numbers), s.read_only(&constants));
                queue
                    .submit(|h| {
                        let (numbers, constants) = (numbers.read_write(h), constants.read(h));
                        h.parallel_for(1000, kernel!(move |i: Id<1>| numbers[i] = numbers[i] + constants[i]))
                    })
                    .unwrap();
            })
            .unwrap();
        });
        assert_eq!(bytes, if_apart(queue, (8000, 4000)));
        assert_eq!(numbers, [6; 1000]);
    });
}

#[test]
#[serial]
fn a_refused_command_moves_nothing() {
    for_each_device(|queue| {
        let (data, empty) = (Buffer::from(vec![1u32; 100]), Buffer::<u32>::new(100));
        let bytes = moved(|| {
            let event = queue.submit(|h| {
                let (data, empty) = (data.read_write(h), empty.read(h));
                h.parallel_for(100, kernel!(move |i: Id<1>| data[i] = empty[i]))
            });
            assert_error(event, ErrorKind::Uninitialized, &["nothing has written"]);
        });
        assert_eq!(bytes, (0, 0));
        assert_eq!(moved(|| increment(queue, &data)), if_apart(queue, (400, 0)));
        queue.wait().unwrap();
    });
}
