//! Launches that use more than their device may hold: done in parts where their footprints allow it, and nobody can tell.

#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_error, for_each_device, for_each_device_with, moved, where_only};
use falx::prelude::*;
use falx::{memory_use, set_memory_budget};
use serial_test::serial;

// Budgets and totals are of the whole process, so the tests of this binary run one after the other.

#[test]
#[serial]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

fn counted(n: usize) -> Buffer<u32> {
    (0..n as u32).collect()
}

#[test]
#[serial]
fn a_line_is_worked_on_in_parts_and_every_byte_comes_and_goes_once() {
    for_each_device(|queue| {
        where_only(4 * 4096, queue, || {
            let (from, to) = (counted(10_000), Buffer::<u32>::new(10_000));
            let work = || {
                let add = |h: &Handler| {
                    let (from, to) = (from.read(h), to.write(h).no_init());
                    h.parallel_for(
                        10_000,
                        kernel!(move |i: Item<1>| {
                            let (i, n) = (i.linear_id(), i.range().size());
                            to[i] = from[i] + n as u32
                        }),
                    )
                };
                queue.submit(add).unwrap().wait().unwrap();
            };
            // Parts of 2048 work-items take 16 KiB; the last, of 1808, is all that is there in the end.
            assert_eq!(moved(work), (40_000, 0, 32_768));
            let read = || assert_eq!(*to.host_read().unwrap(), (10_000..20_000).collect::<Vec<u32>>()[..]);
            assert_eq!(moved(read), (0, 7_232, 0));
        });
    });
}

#[test]
#[serial]
fn elements_change_in_place() {
    for_each_device(|queue| {
        where_only(4096, queue, || {
            let numbers = counted(5_000);
            let work = || {
                for _ in 0..2 {
                    let add = |h: &Handler| {
                        let numbers = numbers.read_write(h);
                        h.parallel_for(5_000, kernel!(move |i: usize| numbers[i] *= 2))
                    };
                    queue.submit(add).unwrap();
                }
                queue.wait().unwrap();
            };
            assert_eq!(moved(work), (2 * 20_000, 0, 2 * 20_000 - 4 * 904));
            assert_eq!(*numbers.host_read().unwrap(), (0..5_000).map(|i| 4 * i).collect::<Vec<u32>>()[..]);
        });
    });
}

#[test]
#[serial]
fn rows_at_the_border_of_two_parts_come_for_both() {
    for_each_device(|queue| {
        // 16 rows of 256 bytes, of 70: 7 that are read for each 6 that are written, but for the first and the last.
        where_only(18 * 256, queue, || {
            let from = Buffer::from_vec((0..70 * 64).collect::<Vec<u32>>(), [70, 64]).unwrap();
            let to = Buffer::<u32, 2>::new([70, 64]);
            let work = || {
                let blur = |h: &Handler| {
                    let (from, to) = (from.read(h), to.write(h).no_init());
                    h.parallel_for(
                        [70, 64],
                        kernel!(move |at: Id<2>| {
                            let [y, x] = at.get();
                            let (above, below) =
                                (if y > 0 { y - 1 } else { y }, if y < 69 { y + 1 } else { y });
                            to[at] = from[[above, x]] + from[at] + from[[below, x]]
                        }),
                    )
                };
                queue.submit(blur).unwrap().wait().unwrap();
            };
            let (for_commands, _, _) = moved(work);
            // 8 rows a part: 9 parts, so that 16 rows come twice.
            assert_eq!(for_commands, (70 + 16) * 256);
            let row = |y: u32| y * 64;
            let expected = |i: u32| {
                let (y, x) = (i / 64, i % 64);
                let (above, below) = (y.saturating_sub(1), (y + 1).min(69));
                row(above) + row(y) + row(below) + 3 * x
            };
            assert_eq!(*to.host_read().unwrap(), (0..70 * 64).map(expected).collect::<Vec<_>>()[..]);
        });
    });
}

#[test]
#[serial]
fn long_rows_are_worked_on_one_by_one() {
    for_each_device(|queue| {
        where_only(2 * 4000, queue, || {
            let (from, to) = (
                Buffer::from_vec((0..7000).collect::<Vec<u32>>(), [7, 1000]).unwrap(),
                Buffer::<u32, 2>::new([7, 1000]),
            );
            let work = || {
                let double = |h: &Handler| {
                    let (from, to) = (from.read(h), to.write(h).no_init());
                    h.parallel_for([7, 1000], kernel!(move |at: Id<2>| to[at] = 2 * from[at]))
                };
                queue.submit(double).unwrap().wait().unwrap();
            };
            assert_eq!(moved(work), (28_000, 0, 24_000));
            assert_eq!(*to.host_read().unwrap(), (0..7000).map(|i| 2 * i).collect::<Vec<u32>>()[..]);
        });
    });
}

#[test]
#[serial]
fn a_part_writes_nothing_beyond_its_end() {
    for_each_device(|queue| {
        where_only(10 * 400, queue, || {
            // The buffer has rows beyond those of the launch, which other launches have on the device.
            let numbers = Buffer::from_vec(vec![0u32; 3000], [30, 100]).unwrap();
            let work = |h: &Handler| {
                let numbers = numbers.read_write(h);
                h.parallel_for([25, 90], kernel!(move |at: Id<2>| numbers[at] += 1))
            };
            queue.submit(work).unwrap();
            let expected = |i: usize| u32::from(i < 2500 && i % 100 < 90);
            assert_eq!(*numbers.host_read().unwrap(), (0..3000).map(expected).collect::<Vec<_>>()[..]);
        });
    });
}

#[test]
#[serial]
fn planes_are_worked_on_in_parts() {
    for_each_device(|queue| {
        where_only(5 * 40 * 4, queue, || {
            let volume = Buffer::from_vec((0..11 * 40).collect::<Vec<u32>>(), [11, 5, 8]).unwrap();
            let work = || {
                let add = |h: &Handler| {
                    let volume = volume.read_write(h);
                    h.parallel_for(
                        [11, 5, 8],
                        kernel!(move |at: Item<3>| volume[at.id()] += at.linear_id() as u32),
                    )
                };
                queue.submit(add).unwrap().wait().unwrap();
            };
            assert_eq!(moved(work), (11 * 160, 0, 10 * 160));
            assert_eq!(*volume.host_read().unwrap(), (0..11 * 40).map(|i| 2 * i).collect::<Vec<u32>>()[..]);
        });
    });
}

#[test]
#[serial]
fn work_groups_are_not_taken_apart() {
    for_each_device(|queue| {
        where_only(4096, queue, || {
            let (sums, numbers) = (Buffer::<u32>::new(50), counted(50 * 48));
            let work = |h: &Handler| {
                let (sums, numbers) = (sums.write(h).no_init(), numbers.read(h));
                let own = h.local::<u32, 1>(48);
                h.parallel_for(
                    NdRange::new(50 * 48, 48),
                    kernel!(move |it: NdItem<1>| {
                        let (group, i) = (it.group_id()[0], it.local_id()[0]);
                        own[i] = numbers[it.global_id()[0]];
                        it.barrier();
                        if i == 0 {
                            let mut sum = 0;
                            for k in 0..48 {
                                sum += own[k];
                            }
                            sums[group] = sum + 100_000 * it.group_range()[0] as u32;
                        }
                    }),
                )
            };
            queue.submit(work).unwrap();
            let expected = |group: u32| (0..48).map(|i| 48 * group + i).sum::<u32>() + 5_000_000;
            assert_eq!(*sums.host_read().unwrap(), (0..50).map(expected).collect::<Vec<_>>()[..]);
        });
    });
}

#[test]
#[serial]
fn what_every_part_reads_comes_once_and_stays() {
    for_each_device(|queue| {
        where_only(4096, queue, || {
            let (table, numbers) = (counted(256), counted(4096));
            let work = || {
                let add = |h: &Handler| {
                    let (table, numbers) = (table.read(h), numbers.read_write(h));
                    h.parallel_for(
                        4096,
                        kernel!(move |i: usize| numbers[i] += table[(numbers[i] % 256) as usize]),
                    )
                };
                queue.submit(add).unwrap().wait().unwrap();
            };
            assert_eq!(moved(work), (1024 + 4 * 4096, 0, 4 * 4096 - 2048));
            let expected = |i: u32| i + i % 256;
            assert_eq!(*numbers.host_read().unwrap(), (0..4096).map(expected).collect::<Vec<_>>()[..]);
        });
    });
}

#[test]
#[serial]
fn elements_that_no_part_writes_are_there_all_the_same() {
    for_each_device(|queue| {
        where_only(2048, queue, || {
            let to = Buffer::<u32>::new(4096);
            let work = |h: &Handler| {
                let to = to.write(h).no_init();
                h.parallel_for(2000, kernel!(move |i: usize| to[i + 1000] = 7))
            };
            queue.submit(work).unwrap();
            assert_eq!(to.host_read().unwrap()[1000..3000], [7; 2000]);
            assert_eq!(to.written_bytes(), 4 * 4096);
        });
    });
}

#[test]
#[serial]
fn what_follows_waits_for_every_part_and_is_one_event() {
    let options = || QueueOptions { profiling: true, ..QueueOptions::default() };
    for_each_device_with(options, |queue| {
        where_only(4096, queue, || {
            let numbers = counted(4096);
            let add = |h: &Handler| {
                let numbers = numbers.read_write(h);
                h.parallel_for(4096, kernel!(move |i: usize| numbers[i] += 1))
            };
            let before = falx::trace::totals();
            let all = queue.submit(add).unwrap();
            let first = numbers.sub_buffer(0, 16).unwrap();
            let next = queue.fill(&first, 5).unwrap();
            assert_eq!(next.dependencies().len(), 1);
            next.wait().unwrap();
            assert_eq!(all.status(), EventStatus::Complete);
            assert_eq!(falx::trace::totals().since(&before).launches, 2);
            let times = all.profiling().unwrap();
            assert!(times.submit <= times.start && times.start < times.end);
            assert!(times.end <= next.profiling().unwrap().start);
        });
    });
}

#[test]
#[serial]
fn a_failed_check_in_any_part_is_the_failure_of_the_whole() {
    for_each_device(|queue| {
        where_only(4096, queue, || {
            let (numbers, ok) = (counted(4096), counted(4096));
            let work = |last: u32| {
                let divide = |h: &Handler| {
                    let (numbers, ok) = (numbers.read_write(h), ok.read(h));
                    h.parallel_for(
                        4096,
                        kernel!(move |i: usize| {
                            assert!(ok[i] < last, "element {i} is bad");
                            numbers[i] += 1
                        }),
                    )
                };
                queue.submit(divide).unwrap()
            };
            let phrases = ["element 700 is bad"];
            assert_error(work(700).wait(), ErrorKind::Kernel, &phrases);
            assert_error(queue.wait(), ErrorKind::Kernel, &phrases);
            queue.wait().unwrap();
            let tail = numbers.sub_buffer(4000, 96).unwrap();
            assert_error(tail.host_read(), ErrorKind::Kernel, &phrases);
            let overwrite = |h: &Handler| {
                let numbers = numbers.write(h).no_init();
                h.parallel_for(4096, kernel!(move |i: usize| numbers[i] = 1))
            };
            queue.submit(overwrite).unwrap();
            assert_eq!(*numbers.host_read().unwrap(), [1; 4096]);
        });
    });
}

/// Where `queue` may hold 4 KiB, `work` is refused in these words.
fn refused(queue: &Queue, work: impl Fn(&Handler), phrases: &[&str]) {
    where_only(4096, queue, || {
        let held = memory_use(queue.device()).held_bytes;
        let all = ["bytes of buffers together, but the memory of its device may hold", "`set_memory_budget`"];
        let phrases: Vec<&str> = all.iter().chain(phrases).copied().collect();
        assert_error(queue.submit(|h| work(h)), ErrorKind::MemoryAllocation, &phrases);
        assert_eq!(memory_use(queue.device()).held_bytes, held);
    });
}

#[test]
#[serial]
fn parts_that_need_what_others_write_are_refused() {
    for_each_device(|queue| {
        let numbers = counted(8192).named("numbers");
        let shift = |h: &Handler| {
            let numbers = numbers.read_write(h);
            h.parallel_for(8191, kernel!(move |i: usize| numbers[i] = numbers[i + 1]))
        };
        refused(
            queue,
            shift,
            &["is not run in parts: one part may write elements of `numbers` that another uses"],
        );
        let count = |h: &Handler| {
            let (numbers, all) = (numbers.read(h), numbers.read_write(h).region(0, 1));
            h.parallel_for(
                8192,
                kernel!(move |i: usize| if numbers[i] == 7 {
                    all[0] = 3;
                }),
            )
        };
        refused(queue, count, &["one part may write elements of `numbers` that another uses"]);
    });
}

#[test]
#[serial]
fn parts_that_may_touch_anything_are_refused() {
    for_each_device(|queue| {
        let (numbers, order) = (counted(8192).named("numbers"), counted(8192));
        let gather = |h: &Handler| {
            let (numbers, order) = (numbers.read_write(h), order.read(h));
            h.parallel_for(8192, kernel!(move |i: usize| numbers[order[i] as usize] = 1))
        };
        refused(queue, gather, &["its smallest part uses 34816 bytes, most of them of `numbers`"]);
    });
}

#[test]
#[serial]
fn what_has_no_parts_is_refused() {
    for_each_device(|queue| {
        let numbers = counted(8192);
        let total = Buffer::from(vec![0u32]);
        let single = |h: &Handler| {
            let numbers = numbers.read_write(h);
            h.single_task(kernel!(move || for i in 0..8192usize {
                numbers[i] = 1;
            }))
        };
        refused(queue, single, &["it has one work-item"]);
        let print = |h: &Handler| {
            let numbers = numbers.read(h);
            h.parallel_for(
                8192,
                kernel!(move |i: usize| if numbers[i] == 9000 {
                    println!("{i}")
                }),
            )
        };
        refused(queue, print, &["it prints"]);
        let sum = |h: &Handler| {
            let numbers = numbers.read(h);
            h.parallel_for_reduce(8192, falx::reduction::sum(&total), |total| {
                kernel!(move |i: usize| total.combine(numbers[i]))
            })
        };
        refused(queue, sum, &["it reduces"]);
    });
}

/// Numbers that look random, always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % end
    }
}

#[test]
#[serial]
fn random_launches_leave_what_they_leave_where_there_is_room() {
    for_each_device(|queue| {
        where_only(6 << 10, queue, || (1..=4).for_each(|seed| random_launches(queue, seed)));
    });
}

/// Launches over a matrix and its two halves of columns, each with a budget of its own.
fn random_launches(queue: &Queue, seed: u64) {
    const ROWS: usize = 61;
    const COLUMNS: usize = 48;
    let mut dice = Dice(seed);
    let device = queue.device();
    let budget = memory_use(device).budget_bytes;
    let held = memory_use(device).held_bytes;
    let mut plain: Vec<u32> = (0..(ROWS * COLUMNS) as u32).collect();
    let matrix = Buffer::from_vec(plain.clone(), [ROWS, COLUMNS]).unwrap();
    let other = Buffer::<u32, 2>::new([ROWS, COLUMNS]);
    queue.fill(&other.sub_buffer([0, 0], [8, COLUMNS]).unwrap(), 0).unwrap();
    for _ in 0..20 {
        set_memory_budget(device, Some(held + 3072 + 192 * dice.below(40)));
        let (first, rows) = (dice.below(20), 20 + dice.below(20));
        let add = |h: &Handler| {
            let matrix = matrix.read_write(h).region([first, 0], [rows, COLUMNS]);
            h.parallel_for(
                [rows, COLUMNS],
                kernel!(move |at: Item<2>| matrix[at.id()] += at.linear_id() as u32),
            )
        };
        queue.submit(add).unwrap();
        plain[first * COLUMNS..][..rows * COLUMNS].iter_mut().zip(0..).for_each(|(number, i)| *number += i);
        let copy = |h: &Handler| {
            let (from, to) = (matrix.read(h), other.write(h).no_init());
            h.parallel_for([ROWS, COLUMNS], kernel!(move |at: Id<2>| to[at] = from[at]))
        };
        queue.submit(copy).unwrap();
        if dice.below(3) == 0 {
            assert_eq!(*other.host_read().unwrap(), plain[..], "seed {seed}");
        }
    }
    assert_eq!(*matrix.host_read().unwrap(), plain[..], "seed {seed}");
    assert_eq!(*other.host_read().unwrap(), plain[..], "seed {seed}");
    set_memory_budget(device, budget);
}
