//! Memories that hold less than a program works on: results do not depend on it, and only what must move does.

#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_error, for_each_device, moved, where_only, works_in_place};
use falx::prelude::*;
use falx::{memory_use, set_memory_budget};
use serial_test::serial;

// Budgets and totals are of the whole process, so the tests of this binary run one after the other.

#[test]
#[serial]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

fn increment(queue: &Queue, numbers: &Buffer<u32>) -> Result<Event, Error> {
    queue.submit(|h| {
        let numbers = numbers.read_write(h);
        h.parallel_for(1024, kernel!(move |i: usize| numbers[i] += 1))
    })
}

#[test]
#[serial]
fn four_times_the_budget_is_worked_on_in_turns() {
    for_each_device(|queue| {
        where_only(2 * 4096, queue, || {
            let buffers: Vec<_> = (0..8).map(|n| Buffer::from(vec![100 * n as u32; 1024])).collect();
            let rounds = || {
                for _ in 0..3 {
                    buffers.iter().for_each(|numbers| drop(increment(queue, numbers).unwrap()));
                }
                queue.wait().unwrap();
            };
            // Each comes 3 times, and goes each time but for the last two.
            assert_eq!(moved(rounds), (24 * 4096, 0, 22 * 4096));
            let read = || {
                for (n, numbers) in buffers.iter().enumerate() {
                    assert_eq!(*numbers.host_read().unwrap(), [100 * n as u32 + 3; 1024]);
                }
            };
            assert_eq!(moved(read), (0, 2 * 4096, 0));
        });
    });
}

#[test]
#[serial]
fn what_was_only_read_leaves_without_a_copy() {
    for_each_device(|queue| {
        where_only(2 * 4096, queue, || {
            let tables: Vec<_> = (0..4).map(|n| Buffer::from(vec![n as u32; 1024])).collect();
            let sum = Buffer::from(vec![0u32; 1024]);
            let add = |table: &Buffer<u32>| {
                let work = |h: &Handler| {
                    let (table, sum) = (table.read(h), sum.read_write(h));
                    h.parallel_for(1024, kernel!(move |i: usize| sum[i] += table[i]))
                };
                queue.submit(work).unwrap();
            };
            let all = || tables.iter().chain(&tables).for_each(add);
            assert_eq!(moved(all), (9 * 4096, 0, 0));
            assert_eq!(*sum.host_read().unwrap(), [12; 1024]);
        });
    });
}

#[test]
#[serial]
fn a_command_whose_buffers_do_not_fit_together_is_refused() {
    for_each_device(|queue| {
        where_only(4096, queue, || {
            let device = queue.device();
            let before = memory_use(device).budget_bytes.unwrap();
            set_memory_budget(device, Some(4096));
            let (from, to) = (Buffer::from(vec![1u32; 1024]), Buffer::from(vec![1u32; 1024]));
            let both = queue.submit(|h| {
                let (from, to) = (from.read(h), to.read_write(h));
                h.parallel_for(1024, kernel!(move |i: usize| to[i] += from[to[i] as usize]))
            });
            let phrases = [
                "uses 8192 bytes of buffers together",
                "may hold 4096",
                "its smallest part uses 6144 bytes",
                "set_memory_budget",
            ];
            assert_error(both, ErrorKind::MemoryAllocation, &phrases);
            increment(queue, &to).unwrap();
            assert_eq!(*to.host_read().unwrap(), [2; 1024]);
            set_memory_budget(device, Some(before));
        });
    });
}

#[test]
#[serial]
fn a_buffer_that_is_dropped_leaves_its_room_to_others() {
    for_each_device(|queue| {
        where_only(4096, queue, || {
            let work = || {
                for _ in 0..10 {
                    let numbers = Buffer::from(vec![1u32; 1024]);
                    increment(queue, &numbers).unwrap().wait().unwrap();
                }
            };
            let (_, _, evicted) = moved(work);
            assert_eq!(evicted, 0);
        });
    });
}

#[test]
#[serial]
fn a_guard_on_the_host_does_not_keep_a_copy_on_the_device() {
    for_each_device(|queue| {
        where_only(4096, queue, || {
            let (held, other) = (Buffer::from(vec![1u32; 1024]), Buffer::from(vec![5u32; 1024]));
            increment(queue, &held).unwrap();
            let guard = held.host_read().unwrap();
            increment(queue, &other).unwrap().wait().unwrap();
            assert_eq!(*guard, [2; 1024]);
        });
    });
}

#[test]
#[serial]
fn unified_shared_memory_counts_as_host_memory_where_it_lies_there() {
    for_each_device(|queue| {
        let device = queue.device();
        let first = falx::usm::shared::<u32>(device, 1024).unwrap();
        if first.as_ptr().is_none() {
            return; // Buffers stand in, which count when they have memory.
        }
        let held = memory_use(device).held_bytes;
        set_memory_budget(device, Some(held + 4096));
        let second = falx::usm::host::<u32>(device, 1024).unwrap();
        assert_eq!(memory_use(device).held_bytes, held + 4096);
        let third = falx::usm::device::<u32>(device, 1000);
        let held_text = format!("of the {} that buffers may have {} are in use", held + 4096, held + 4096);
        let phrases = ["an allocation of device memory wants 4000 bytes", &held_text, "`set_memory_budget`"];
        assert_error(third, ErrorKind::MemoryAllocation, &phrases);
        drop((first, second));
        assert_eq!(memory_use(device).held_bytes, held - 4096);
        set_memory_budget(device, None);
    });
}

#[test]
#[serial]
fn host_memory_beyond_the_budget_is_an_error_of_the_command() {
    for_each_device(|queue| {
        if !works_in_place(queue.device()) {
            return;
        }
        let held = memory_use(queue.device()).held_bytes;
        set_memory_budget(queue.device(), Some(held + 4096));
        let (small, large) = (Buffer::<u32>::new(1024), Buffer::<u32>::new(2048));
        let zero = |buffer: &Buffer<u32>| queue.submit(|h| h.fill(&buffer.write(h), 0)).unwrap().wait();
        zero(&small).unwrap();
        let phrases = ["wants 8192 bytes of host memory", "are in use", "set_memory_budget"];
        assert_error(zero(&large), ErrorKind::MemoryAllocation, &phrases);
        set_memory_budget(queue.device(), None);
        let again = Buffer::<u32>::new(2048);
        zero(&again).unwrap();
        assert_eq!(*again.host_read().unwrap(), [0; 2048]);
    });
}

#[test]
#[serial]
fn what_the_host_has_no_room_for_stays_on_the_device() {
    for_each_device(|queue| {
        where_only(4096, queue, || {
            let host = common::devices().into_iter().find(Device::is_host).unwrap();
            let (kept, other) = (Buffer::<u32>::new(1024), Buffer::from(vec![1u32; 1024]));
            queue.submit(|h| h.fill(&kept.write(h), 7)).unwrap().wait().unwrap();
            set_memory_budget(&host, Some(memory_use(&host).held_bytes));
            let phrases = ["wants 4096 bytes of host memory", "set_memory_budget"];
            assert_error(increment(queue, &other), ErrorKind::MemoryAllocation, &phrases);
            set_memory_budget(&host, None);
            increment(queue, &other).unwrap();
            assert_eq!(*kept.host_read().unwrap(), [7; 1024]);
            assert_eq!(*other.host_read().unwrap(), [2; 1024]);
        });
    });
}

#[test]
#[serial]
fn a_buffer_that_a_kernel_is_given_and_does_not_touch_counts() {
    for_each_device(|queue| {
        where_only(8192, queue, || {
            let (one, two) = (Buffer::from(vec![1u32; 1024]), Buffer::from(vec![1u32; 1024]));
            let before = memory_use(queue.device()).held_bytes;
            let takes_one = true;
            let work = |h: &Handler| {
                let (one, two) = (one.read_write(h), two.read_write(h));
                h.parallel_for(
                    1024,
                    kernel!(move |i: usize| {
                        if takes_one {
                            one[i] += 1;
                        } else {
                            two[i] += 1;
                        }
                    }),
                )
            };
            queue.submit(work).unwrap();
            assert_eq!(memory_use(queue.device()).held_bytes - before, 8192);
            assert_eq!((one.host_read().unwrap()[0], two.host_read().unwrap()[0]), (2, 1));
        });
    });
}

/// Buffers in files, which Linux says of a process.
#[cfg(target_os = "linux")]
mod files {
    use super::*;
    use falx::set_spill_directory;
    use std::path::{Path, PathBuf};

    /// A new directory of this process.
    fn new_directory() -> PathBuf {
        let directory = std::env::temp_dir().join(format!("falx-budget-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir(&directory).unwrap();
        directory
    }

    /// How many memories of this process lie in files in a directory.
    fn n_files(directory: &Path) -> usize {
        assert_eq!(std::fs::read_dir(directory).unwrap().count(), 0, "the files have no names");
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.lines().filter(|line| line.contains(directory.to_str().unwrap())).count()
    }

    #[test]
    #[serial]
    fn host_memory_beyond_the_budget_lies_in_files() {
        for_each_device(|queue| {
            if !works_in_place(queue.device()) {
                return;
            }
            let directory = new_directory();
            let held = memory_use(queue.device()).held_bytes;
            set_memory_budget(queue.device(), Some(held + 4096));
            set_spill_directory(Some(&directory));
            let (small, large) = (Buffer::<u32>::new(1024), Buffer::<u32>::new(10_000));
            for buffer in [&small, &large] {
                queue.submit(|h| h.fill(&buffer.write(h), 5)).unwrap();
                increment(queue, buffer).unwrap();
            }
            assert_eq!(*small.host_read().unwrap(), [6; 1024]);
            assert_eq!(n_files(&directory), 1);
            assert_eq!(memory_use(queue.device()).held_bytes, held + 4096);
            let expected: Vec<u32> = (0..10_000).map(|i| if i < 1024 { 6 } else { 5 }).collect();
            assert_eq!(large.into_vec().unwrap(), expected);
            queue.wait().unwrap();
            assert_eq!(n_files(&directory), 0);

            set_spill_directory(Some(&directory.join("missing")));
            let other = Buffer::<u32>::new(1024);
            let refused = queue.submit(|h| h.fill(&other.write(h), 5)).unwrap().wait();
            let phrases = ["wants 4096 bytes in the file", "missing", "set_spill_directory"];
            assert_error(refused, ErrorKind::MemoryAllocation, &phrases);
            set_spill_directory(None);
            set_memory_budget(queue.device(), None);
            drop(std::fs::remove_dir(directory));
        });
    }

    #[test]
    #[serial]
    fn what_leaves_a_device_may_go_to_files() {
        for_each_device(|queue| {
            where_only(4096, queue, || {
                let directory = new_directory();
                let host = common::devices().into_iter().find(Device::is_host).unwrap();
                let (kept, other) = (Buffer::<u32>::new(1024), Buffer::from(vec![1u32; 1024]));
                queue.submit(|h| h.fill(&kept.write(h), 7)).unwrap().wait().unwrap();
                set_memory_budget(&host, Some(memory_use(&host).held_bytes));
                set_spill_directory(Some(&directory));
                increment(queue, &other).unwrap();
                assert_eq!(*kept.host_read().unwrap(), [7; 1024]);
                assert_eq!(n_files(&directory), 1);
                assert_eq!(*other.host_read().unwrap(), [2; 1024]);
                set_spill_directory(None);
                set_memory_budget(&host, None);
                drop(std::fs::remove_dir(directory));
            });
        });
    }
}
