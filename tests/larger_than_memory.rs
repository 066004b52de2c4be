//! Buffers larger than the memory of a device: it has the parts that commands use, and no results depend on that.

#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_error, for_each_device, moved, where_only};
use falx::foreign::{ForeignCode, ForeignKernel};
use falx::prelude::*;
use falx::{algorithm, memory_use};
use serial_test::serial;

// Budgets and totals are of the whole process, so the tests of this binary run one after the other.

#[test]
#[serial]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

/// 8192 elements, each its own number: 32 KiB.
fn counted() -> Buffer<u32> {
    (0..8192).collect()
}

fn increment<const D: usize>(queue: &Queue, part: &Buffer<u32, D>) -> Event {
    let n = part.range();
    let work = |h: &Handler| {
        let part = part.read_write(h);
        h.parallel_for(n, kernel!(move |i: Id<D>| part[i] += 1))
    };
    queue.submit(work).unwrap()
}

#[test]
#[serial]
fn its_parts_take_turns() {
    for_each_device(|queue| {
        where_only(2 * 4096, queue, || {
            let numbers = counted();
            let rounds = || {
                for part in (0..16).map(|turn| turn % 8 * 1024) {
                    increment(queue, &numbers.sub_buffer(part, 1024).unwrap());
                }
                queue.wait().unwrap();
            };
            // Each part comes twice, and goes each time but for the last two.
            assert_eq!(moved(rounds), (16 * 4096, 0, 14 * 4096));
            let expected: Vec<u32> = (2..8194).collect();
            let read = || assert_eq!(*numbers.host_read().unwrap(), expected[..]);
            assert_eq!(moved(read), (0, 2 * 4096, 0));
        });
    });
}

#[test]
#[serial]
fn one_command_uses_parts_that_lie_far_apart() {
    for_each_device(|queue| {
        where_only(2 * 4096, queue, || {
            let numbers = counted();
            let add = |h: &Handler| {
                let from = numbers.read(h).region(7000, 1024);
                let to = numbers.read_write(h).region(100, 1024);
                h.parallel_for(1024, kernel!(move |i: usize| to[i] += from[i]))
            };
            let work = || drop(queue.submit(add).unwrap());
            assert_eq!(moved(work), (2 * 4096, 0, 0));
            let expected = |i: u32| if (100..1124).contains(&i) { 2 * i + 6900 } else { i };
            assert_eq!(*numbers.host_read().unwrap(), (0..8192).map(expected).collect::<Vec<_>>()[..]);
        });
    });
}

#[test]
#[serial]
fn an_accessor_to_the_whole_takes_what_its_kernel_touches() {
    for_each_device(|queue| {
        where_only(2 * 4096, queue, || {
            let numbers = counted();
            let increment = |first: usize| {
                let work = |h: &Handler| {
                    let numbers = numbers.read_write(h);
                    h.parallel_for(1024, kernel!(move |i: usize| numbers[first + i] += 1))
                };
                queue.submit(work).unwrap();
            };
            let rounds = || {
                (0..16).for_each(|turn| increment(turn % 8 * 1024));
                queue.wait().unwrap();
            };
            assert_eq!(moved(rounds), (16 * 4096, 0, 14 * 4096));
            assert_eq!(*numbers.host_read().unwrap(), (2..8194).collect::<Vec<u32>>()[..]);
        });
    });
}

#[test]
#[serial]
fn rows_that_a_kernel_finds_by_a_number_are_all_that_it_takes_of_a_matrix() {
    for_each_device(|queue| {
        where_only(3 * 256, queue, || {
            let matrix = Buffer::from_vec((0..4096).collect::<Vec<u32>>(), [64, 64]).unwrap();
            for row in (1..64).rev() {
                let work = |h: &Handler| {
                    let matrix = matrix.read_write(h);
                    h.parallel_for(64, kernel!(move |i: usize| matrix[[row, i]] += matrix[[row - 1, i]]))
                };
                queue.submit(work).unwrap();
            }
            let expected = |i: u32| if i < 64 { i } else { 2 * i - 64 };
            assert_eq!(*matrix.host_read().unwrap(), (0..4096).map(expected).collect::<Vec<_>>()[..]);
        });
    });
}

#[test]
#[serial]
fn two_copies_of_an_accessor_share_what_is_around_both() {
    for_each_device(|queue| {
        where_only(2 * 4096, queue, || {
            let numbers = counted();
            for never in [0usize, 1] {
                let work = |h: &Handler| {
                    let (to, from) = (numbers.read_write(h), numbers.read(h));
                    let (again, last) = (from, 6000usize);
                    let body = kernel!(move |i: usize| {
                        to[5000 + i] += from[last - i];
                        if never > 1 {
                            to[0] = again[i];
                        }
                    });
                    h.parallel_for(500, body)
                };
                queue.submit(work).unwrap();
            }
            let once: Vec<u32> =
                (0..8192).map(|i| if (5000..5500).contains(&i) { 11_000 } else { i }).collect();
            let twice = |i: usize| match i {
                5000..5500 => once[i] + once[6000 - (i - 5000)],
                _ => once[i],
            };
            assert_eq!(*numbers.host_read().unwrap(), (0..8192).map(twice).collect::<Vec<_>>()[..]);
        });
    });
}

#[test]
#[serial]
fn a_command_that_uses_more_at_once_is_refused() {
    for_each_device(|queue| {
        where_only(2 * 4096, queue, || {
            let numbers = counted();
            let held_bytes = memory_use(queue.device()).held_bytes;
            let work = |h: &Handler| {
                let numbers = numbers.read_write(h);
                h.parallel_for(8192, kernel!(move |i: usize| numbers[i] += numbers[8191 - i]))
            };
            let phrases = ["uses 32768 bytes of buffers together", "`sub_buffer`", "`set_memory_budget`"];
            assert_error(queue.submit(work), ErrorKind::MemoryAllocation, &phrases);
            // Seen in another way, every part takes the whole.
            let pairs = numbers.reinterpret::<[u32; 2], 1>(4096).unwrap().sub_buffer(0, 2).unwrap();
            let work = |h: &Handler| h.fill(&pairs.write(h), [0; 2]);
            assert_error(queue.submit(work), ErrorKind::MemoryAllocation, &phrases);
            assert_eq!(memory_use(queue.device()).held_bytes, held_bytes);
            assert_eq!(numbers.host_read().unwrap()[8191], 8191);
        });
    });
}

#[test]
#[serial]
fn columns_of_some_rows_take_the_room_of_these_rows() {
    for_each_device(|queue| {
        where_only(8 * 256, queue, || {
            let matrix = Buffer::from_vec((0..4096).collect::<Vec<u32>>(), [64, 64]).unwrap();
            for row in (0..64).step_by(8) {
                increment(queue, &matrix.sub_buffer([row, 16], [8, 32]).unwrap());
            }
            let expected = |i: u32| if (16..48).contains(&(i % 64)) { i + 1 } else { i };
            assert_eq!(*matrix.host_read().unwrap(), (0..4096).map(expected).collect::<Vec<_>>()[..]);
        });
    });
}

#[test]
#[serial]
fn planes_of_a_volume_take_turns() {
    for_each_device(|queue| {
        where_only(2 * 256, queue, || {
            let volume = Buffer::from_vec((0..1024).collect::<Vec<u32>>(), [16, 8, 8]).unwrap();
            for plane in (0..15).rev() {
                increment(queue, &volume.sub_buffer([plane, 2, 3], [2, 1, 4]).unwrap());
            }
            let expected = |i: u32| match (i / 64, i / 8 % 8, i % 8) {
                (0 | 15, 2, 3..7) => i + 1,
                (_, 2, 3..7) => i + 2,
                _ => i,
            };
            assert_eq!(*volume.host_read().unwrap(), (0..1024).map(expected).collect::<Vec<_>>()[..]);
        });
    });
}

#[test]
#[serial]
fn what_was_never_written_is_zero_beside_what_was() {
    for_each_device(|queue| {
        where_only(4096, queue, || {
            let (numbers, places) = (Buffer::<u32>::new(8192), Buffer::from(vec![3u32, 5]));
            for part in [0, 4000, 7400] {
                let part = numbers.sub_buffer(part, 700).unwrap();
                let work = |h: &Handler| {
                    let (part, places) = (part.write(h), places.read(h));
                    h.parallel_for(2, kernel!(move |i: usize| part[places[i] as usize] = 9))
                };
                queue.submit(work).unwrap();
                let expected = |i: usize| if i == 3 || i == 5 { 9 } else { 0 };
                assert_eq!(*part.host_read().unwrap(), (0..700).map(expected).collect::<Vec<u32>>()[..]);
            }
        });
    });
}

#[test]
#[serial]
fn an_index_outside_of_a_part_is_found_and_touches_nothing() {
    for_each_device(|queue| {
        where_only(4096, queue, || {
            let (numbers, places) = (counted(), Buffer::from(vec![3u32, 1000]));
            let part = numbers.sub_buffer(5000, 700).unwrap();
            let work = |h: &Handler| {
                let (part, places) = (part.read_write(h), places.read(h));
                h.parallel_for(2, kernel!(move |i: usize| part[places[i] as usize] = 9))
            };
            let event = queue.submit(work).unwrap();
            assert_error(event.wait(), ErrorKind::Kernel, &["index 1000 out of range 700"]);
            assert_error(queue.wait(), ErrorKind::Kernel, &["index 1000 out of range 700"]);
        });
    });
}

#[test]
#[serial]
fn parts_are_filled_copied_and_summed() {
    for_each_device(|queue| {
        where_only(8192, queue, || {
            let numbers = counted();
            let part = |offset| numbers.sub_buffer(offset, 1000).unwrap();
            queue.fill(&part(6000), 3).unwrap();
            queue.copy(&part(6000), &part(0)).unwrap();
            queue.copy(&part(3000), &part(4500)).unwrap();
            assert_eq!(algorithm::sum(queue, &part(0)).unwrap(), 3000);
            assert_eq!(algorithm::sum(queue, &part(4500)).unwrap(), (3000..4000).sum());
            assert_eq!(algorithm::dot(queue, &part(0), &part(6000)).unwrap(), 9000);
        });
    });
}

#[test]
#[serial]
fn a_kernel_in_opencl_c_gets_the_part_that_begins_with_the_first_element() {
    for_each_device(|queue| {
        if queue.device().is_host() {
            return;
        }
        where_only(8192, queue, || {
            let numbers = counted();
            increment(queue, &numbers.sub_buffer(100, 500).unwrap());
            let code = ForeignCode::OpenClC(
                "kernel void ramp(global uint *out) { out[get_global_id(0)] += get_global_id(0); }",
            );
            let work = |h: &Handler| {
                let kernel = ForeignKernel::new("ramp", code).pointer(&numbers.read_write(h).region(0, 1000));
                // SAFETY: `ramp` has this one parameter, and writes one element for each of the 1000 work-items.
                unsafe { h.parallel_for_foreign(1000, kernel) }
            };
            queue.submit(work).unwrap();
            let expected = |i: u32| 2 * i + u32::from((100..600).contains(&i));
            let first = numbers.host_read_region(0, 1000).unwrap();
            assert_eq!(*first, (0..1000).map(expected).collect::<Vec<_>>()[..]);
        });
    });
}

/// Numbers that look random, always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end
    }

    /// The first element and the length of a part of `n` elements that is not larger than `most`.
    fn part(&mut self, n: usize, most: usize) -> (usize, usize) {
        let length = 1 + self.below(most);
        (self.below(n - length + 1), length)
    }
}

#[test]
#[serial]
fn random_commands_on_parts_leave_what_they_leave_in_plain_memory() {
    for_each_device(|queue| {
        where_only(6 << 10, queue, || (1..=8).for_each(|seed| random_commands(queue, seed)));
    });
}

fn random_commands(queue: &Queue, seed: u64) {
    const N: usize = 4096;
    let mut dice = Dice(seed);
    let numbers: Buffer<u32> = (0..N as u32).collect();
    let mut plain: Vec<u32> = (0..N as u32).collect();
    for _ in 0..60 {
        let (first, length) = dice.part(N, 512);
        let part = numbers.sub_buffer(first, length).unwrap();
        match dice.below(5) {
            0 | 1 => {
                increment(queue, &part);
                plain[first..first + length].iter_mut().for_each(|number| *number += 1);
            }
            2 => {
                queue.fill(&part, seed as u32).unwrap();
                plain[first..first + length].fill(seed as u32);
            }
            3 => {
                let to = dice.below(N - length + 1);
                if to.abs_diff(first) >= length {
                    queue.copy(&part, &numbers.sub_buffer(to, length).unwrap()).unwrap();
                    plain.copy_within(first..first + length, to);
                }
            }
            _ => {
                part.host_write().unwrap()[0] = 77;
                plain[first] = 77;
                assert_eq!(*part.host_read().unwrap(), plain[first..first + length], "seed {seed}");
            }
        }
    }
    assert_eq!(*numbers.host_read().unwrap(), plain[..], "seed {seed}");
}
