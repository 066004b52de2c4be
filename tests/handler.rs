//! What a command group may ask for: launches of every shape, copies, fills; and what it may not.

#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_error, close, for_each_device, for_each_pair};
use falx::prelude::*;

#[test]
fn everything_here_holds_with_separate_memories() {
    common::again_with_separate_memories();
}

#[test]
fn two_commands_in_one_group_are_refused_by_name_and_neither_runs() {
    for_each_device(|queue| {
        let (a, b) = (Buffer::from(vec![1u32; 4]), Buffer::from(vec![2u32; 4]));
        let event = queue.submit(|h| {
            let to = a.write(h);
            h.fill(&to, 9);
            h.copy(&b.read(h), &to);
        });
        assert_error(event, ErrorKind::Invalid, &["one command", "`fill`", "`copy`", "one by one"]);
        let event = queue.submit(|h| {
            h.host_task((), |()| common::fall());
            h.single_task(kernel!(|| {}));
        });
        assert_error(event, ErrorKind::Invalid, &["one command", "`host task`"]);
        queue.wait().unwrap();
        assert_eq!((a.into_vec().unwrap(), b.into_vec().unwrap()), (vec![1; 4], vec![2; 4]));
    });
}

#[test]
fn the_first_of_several_mistakes_is_reported() {
    for_each_device(|queue| {
        let (a, b) = (Buffer::from(vec![1u32; 4]).named("a"), Buffer::from(vec![2u32; 5]).named("b"));
        let event = queue.submit(|h| {
            h.copy(&a.read(h), &b.write(h));
            h.fill(&a.write(h).region(3, 2), 9);
        });
        assert_error(event, ErrorKind::LengthMismatch, &["`a`", "`b`", "extents differ"]);
        assert_eq!(a.into_vec().unwrap(), [1; 4]);
    });
}

#[test]
fn a_single_task_runs_once() {
    for_each_device(|queue| {
        let count = Buffer::from(vec![0u32]);
        queue
            .submit(|h| {
                let count = count.read_write(h);
                h.single_task(kernel!(|| count[0] = count[0] + 1))
            })
            .unwrap();
        assert_eq!(count.into_vec().unwrap(), [1]);
    });
}

#[test]
fn every_item_of_odd_ranges_runs_exactly_once() {
    for_each_device(|queue| {
        for n in [1usize, 2, 63, 64, 65, 511, 513, 1000, 4099, 600_007] {
            let counts = Buffer::from(vec![0u32; n]);
            queue
                .submit(|h| {
                    let counts = counts.read_write(h);
                    h.parallel_for(n, kernel!(move |i: Id<1>| counts[i] = counts[i] + 1))
                })
                .unwrap();
            assert_eq!(counts.into_vec().unwrap(), vec![1; n], "{n} items");
        }
        for range in [[1usize, 1], [1, 100], [100, 1], [7, 13], [33, 65]] {
            let counts = Buffer::from_vec(vec![0u32; range[0] * range[1]], range).unwrap();
            queue
                .submit(|h| {
                    let counts = counts.read_write(h);
                    h.parallel_for(range, kernel!(move |i: Id<2>| counts[i] = counts[i] + 1))
                })
                .unwrap();
            assert_eq!(counts.into_vec().unwrap(), vec![1; range[0] * range[1]], "{range:?}");
        }
        for range in [[1usize, 1, 1], [3, 5, 7], [1, 9, 30], [17, 2, 3]] {
            let n: usize = range.iter().product();
            let counts = Buffer::from_vec(vec![0u32; n], range).unwrap();
            queue
                .submit(|h| {
                    let counts = counts.read_write(h);
                    h.parallel_for(range, kernel!(move |i: Id<3>| counts[i] = counts[i] + 1))
                })
                .unwrap();
            assert_eq!(counts.into_vec().unwrap(), vec![1; n], "{range:?}");
        }
    });
}

#[test]
fn work_groups_cut_the_range_as_asked() {
    for_each_device(|queue| {
        let seen = Buffer::<u32, 2>::new([6, 8]);
        queue
            .submit(|h| {
                let seen = seen.write(h).no_init();
                h.parallel_for(
                    NdRange::new([6, 8], [3, 4]),
                    kernel!(move |it: NdItem<2>| {
                        let [y, x] = it.local_id();
                        seen[it.global_id()] = (y * 10 + x) as u32;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..6).flat_map(|y| (0..8).map(move |x| y % 3 * 10 + x % 4)).collect();
        assert_eq!(seen.into_vec().unwrap(), expected);
    });
}

#[test]
fn local_memory_is_shared_by_a_work_group() {
    for_each_device(|queue| {
        let numbers = Buffer::from((0..64u32).collect::<Vec<_>>());
        queue
            .submit(|h| {
                let (numbers, tile) = (numbers.read_write(h), h.local::<u32, 1>(16));
                h.parallel_for(
                    NdRange::new(64, 16),
                    kernel!(move |it: NdItem<1>| {
                        let [g] = it.global_id();
                        let [l] = it.local_id();
                        tile[l] = numbers[g];
                        it.barrier();
                        numbers[g] = tile[15 - l];
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..64).map(|n| n / 16 * 16 + 15 - n % 16).collect();
        assert_eq!(numbers.into_vec().unwrap(), expected);
    });
}

#[test]
fn work_groups_that_do_not_fit_are_refused_with_their_sizes() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4096]);
        let line = |global: usize, local: usize| {
            queue.submit(|h| {
                let numbers = numbers.write(h);
                h.parallel_for(
                    NdRange::new(global, local),
                    kernel!(move |it: NdItem<1>| numbers[it.global_id()] = 2),
                )
            })
        };
        assert_error(
            line(10, 4),
            ErrorKind::NdRange,
            &["[4]", "does not divide", "[10]", "round the range up"],
        );
        assert_error(line(10, 0), ErrorKind::NdRange, &["[0]", "at least 1"]);
        let limit = queue.device().limits().max_work_group_size;
        let device = queue.device().to_string();
        let (size, allowed) = ((limit + 1).to_string(), format!("allows {limit}"));
        assert_error(line(limit + 1, limit + 1), ErrorKind::NdRange, &[&size, &device, &allowed]);
        let plane = queue.submit(|h| {
            let numbers = numbers.write(h);
            h.parallel_for(
                NdRange::new([8, 6], [4, 4]),
                kernel!(move |it: NdItem<2>| numbers[it.global_id()[1]] = 2),
            )
        });
        assert_error(plane, ErrorKind::NdRange, &["[4, 4]", "does not divide", "[8, 6]"]);
        queue.wait().unwrap();
        assert_eq!(numbers.into_vec().unwrap(), vec![1; 4096]);
    });
}

#[test]
fn more_local_memory_than_there_is_is_refused() {
    for_each_device(|queue| {
        let limit = queue.device().limits().local_memory_bytes;
        let numbers = Buffer::from(vec![1u32; 16]);
        let event = queue.submit(|h| {
            let (numbers, tile) = (numbers.write(h), h.local::<u32, 1>(limit / 4 + 1));
            h.parallel_for(
                NdRange::new(16, 16),
                kernel!(move |it: NdItem<1>| {
                    let [l] = it.local_id();
                    tile[l] = 5;
                    numbers[l] = tile[l];
                }),
            )
        });
        let limit_bytes = format!("{limit} bytes");
        assert_error(
            event,
            ErrorKind::MemoryAllocation,
            &["local memory", &limit_bytes, "smaller work-groups"],
        );
        // Two halves are too much together.
        let event = queue.submit(|h| {
            let (numbers, a) = (numbers.write(h), h.local::<u32, 1>(limit / 8 + 8));
            let b = h.local::<u32, 1>(limit / 8 + 8);
            h.parallel_for(
                NdRange::new(16, 16),
                kernel!(move |it: NdItem<1>| {
                    let [l] = it.local_id();
                    a[l] = 5;
                    b[l] = 6;
                    numbers[l] = a[l] + b[l];
                }),
            )
        });
        assert_error(event, ErrorKind::MemoryAllocation, &["local memory", &limit_bytes]);
        assert_eq!(numbers.into_vec().unwrap(), [1; 16]);
    });
}

#[test]
fn regions_are_copied_in_one_dimension() {
    for_each_device(|queue| {
        let (from, to) = (Buffer::from((0..10u32).collect::<Vec<_>>()), Buffer::from(vec![99u32; 6]));
        queue.submit(|h| h.copy(&from.read(h).region(3, 4), &to.write(h).region(1, 4))).unwrap();
        assert_eq!(to.into_vec().unwrap(), [99, 3, 4, 5, 6, 99]);
        assert_eq!(from.into_vec().unwrap(), (0..10).collect::<Vec<u32>>());
    });
}

#[test]
fn regions_are_copied_within_one_buffer() {
    for_each_device(|queue| {
        let numbers = Buffer::from((0..8u32).collect::<Vec<_>>());
        queue.submit(|h| h.copy(&numbers.read(h).region(0, 4), &numbers.write(h).region(4, 4))).unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [0, 1, 2, 3, 0, 1, 2, 3]);
    });
}

#[test]
fn regions_are_copied_in_two_dimensions() {
    for_each_device(|queue| {
        let from = Buffer::from_vec((0..20u16).collect(), [4, 5]).unwrap();
        let to = Buffer::from_vec(vec![99u16; 18], [3, 6]).unwrap();
        queue
            .submit(|h| h.copy(&from.read(h).region([1, 2], [2, 3]), &to.write(h).region([1, 1], [2, 3])))
            .unwrap();
        let expected = [99, 99, 99, 99, 99, 99, 99, 7, 8, 9, 99, 99, 99, 12, 13, 14, 99, 99];
        assert_eq!(to.into_vec().unwrap(), expected);
    });
}

#[test]
fn regions_are_copied_in_three_dimensions() {
    for_each_device(|queue| {
        let from = Buffer::from_vec((0..60u64).collect(), [3, 4, 5]).unwrap();
        let to = Buffer::from_vec(vec![0u64; 3 * 3 * 3], [3, 3, 3]).unwrap();
        queue
            .submit(|h| {
                h.copy(&from.read(h).region([1, 1, 2], [2, 2, 2]), &to.write(h).region([0, 1, 1], [2, 2, 2]))
            })
            .unwrap();
        let mut expected = [0u64; 27];
        for (z, y, x) in (0..8).map(|n| (n / 4, n / 2 % 2, n % 2)) {
            expected[z * 9 + (y + 1) * 3 + x + 1] = ((z + 1) * 20 + (y + 1) * 5 + x + 2) as u64;
        }
        assert_eq!(to.into_vec().unwrap(), expected);
    });
}

#[test]
fn copies_between_regions_that_differ_or_overlap_are_refused() {
    for_each_device(|queue| {
        let (a, b) = (Buffer::from(vec![1u32; 8]).named("a"), Buffer::from(vec![2u32; 5]).named("b"));
        assert_error(queue.copy(&a, &b), ErrorKind::LengthMismatch, &["`a`", "`b`", "differ"]);
        let event = queue.submit(|h| h.copy(&a.read(h).region(0, 4), &a.write(h).region(3, 4)));
        assert_error(event, ErrorKind::Invalid, &["`a`", "same buffer", "overlap"]);
        assert_error(queue.copy(&a, &a), ErrorKind::Invalid, &["`a`", "overlap"]);
        let (planes, others) = (Buffer::<u32, 2>::new([2, 6]), Buffer::<u32, 2>::new([3, 4]));
        queue.fill(&planes, 1).unwrap();
        // As many elements, but of another shape.
        assert_error(queue.copy(&planes, &others), ErrorKind::LengthMismatch, &["extents differ"]);
        assert_eq!((a.into_vec().unwrap(), b.into_vec().unwrap()), (vec![1; 8], vec![2; 5]));
    });
}

/// Fills a buffer of 5 elements and a part of it.
fn fills<T: falx::Element + PartialEq + std::fmt::Debug>(queue: &Queue, first: T, second: T) {
    let buffer = Buffer::<T>::new(5);
    queue.fill(&buffer, first).unwrap();
    queue.submit(|h| h.fill(&buffer.write(h).region(1, 3).no_init(), second)).unwrap();
    assert_eq!(buffer.into_vec().unwrap(), [first, second, second, second, first]);
}

#[test]
fn elements_of_one_to_sixteen_bytes_are_filled() {
    for_each_device(|queue| {
        fills(queue, 0x12u8, 0xff);
        fills(queue, -300i16, 300);
        fills(queue, [1u8, 2], [3, 4]);
        fills(queue, 1.5f32, -0.25);
        fills(queue, u64::MAX - 1, 0x0123_4567_89ab_cdef);
        fills(queue, [1.0f32, 2.0], [3.0, 4.0]);
        fills(queue, [1u32, 2, 3, 4], [5, 6, 7, 8]);
        fills(queue, [1u64, 2], [3, 4]);
        fills(queue, [9u8; 16], [8; 16]);
    });
}

#[test]
fn elements_of_other_sizes_are_not_filled() {
    for_each_device(|queue| {
        let buffer = Buffer::from(vec![[1u8, 2, 3]; 4]).named("colours");
        let event = queue.fill(&buffer, [4, 5, 6]);
        assert_error(event, ErrorKind::Invalid, &["`colours`", "3 bytes", "1, 2, 4, 8 or 16", "kernel"]);
        assert_eq!(buffer.into_vec().unwrap(), [[1, 2, 3]; 4]);
    });
}

#[test]
fn regions_of_two_and_three_dimensions_are_filled() {
    for_each_device(|queue| {
        let plane = Buffer::from_vec(vec![0u8; 20], [4, 5]).unwrap();
        queue.submit(|h| h.fill(&plane.write(h).region([1, 1], [2, 3]), 7)).unwrap();
        let expected = [0, 0, 0, 0, 0, 0, 7, 7, 7, 0, 0, 7, 7, 7, 0, 0, 0, 0, 0, 0];
        assert_eq!(plane.into_vec().unwrap(), expected);
        let space = Buffer::from_vec(vec![0u32; 27], [3, 3, 3]).unwrap();
        queue.submit(|h| h.fill(&space.write(h).region([1, 0, 1], [2, 2, 1]), 7)).unwrap();
        let filled = space.into_vec().unwrap();
        let places: Vec<usize> = (0..27).filter(|n| filled[*n] == 7).collect();
        assert_eq!((places, filled.iter().sum::<u32>()), (vec![10, 13, 19, 22], 28));
    });
}

#[test]
fn depends_on_orders_commands_that_share_nothing() {
    for_each_pair(|first, second| {
        let (slow, fast) = (Buffer::from(vec![1u32; 4]), Buffer::<u32>::new(4));
        let (gate, event) = close(first, &slow);
        let after = second
            .submit(|h| {
                h.depends_on(&event);
                h.fill(&fast.write(h), 2);
            })
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(10));
        assert_eq!(after.status(), EventStatus::Submitted);
        gate.open();
        after.wait().unwrap();
        assert_eq!(event.status(), EventStatus::Complete);
    });
}

#[test]
fn depends_on_takes_one_event_or_several() {
    for_each_pair(|first, second| {
        let slow = [Buffer::from(vec![1u32; 4]), Buffer::from(vec![1u32; 4]), Buffer::from(vec![1u32; 4])];
        let closed: Vec<_> = slow.iter().map(|buffer| close(first, buffer)).collect();
        let (gates, events): (Vec<_>, Vec<_>) = closed.into_iter().unzip();
        let of_a_list = second.submit(|h| h.depends_on(&events)).unwrap();
        let of_names = second.submit(|h| h.depends_on([&events[0], &events[1]])).unwrap();
        let last = events.first();
        let of_one = second.submit(|h| h.depends_on(last)).unwrap();
        let counts = [&of_a_list, &of_names, &of_one].map(|event| event.dependencies().len());
        assert_eq!(counts, [3, 2, 1]);
        gates.into_iter().for_each(common::Gate::open);
        of_a_list.wait().unwrap();
        assert!(events.iter().all(|event| event.status() == EventStatus::Complete));
        [of_names, of_one].iter().for_each(|event| event.wait().unwrap());
    });
}

#[test]
fn depends_on_what_is_over_costs_nothing() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let old = queue.fill(&numbers, 2).unwrap();
        queue.wait().unwrap();
        for value in 3..6 {
            let event = queue.submit(|h| {
                h.depends_on(&old);
                h.depends_on(&old);
                h.fill(&numbers.write(h), value);
            });
            event.unwrap().wait().unwrap();
        }
        assert_eq!(numbers.into_vec().unwrap(), [5; 4]);
    });
}

#[test]
fn captured_scalars_have_the_values_of_the_submission() {
    for_each_device(|queue| {
        let sums = Buffer::from(vec![0u64; 4]);
        for (step, scale) in [(1u64, 2.0f32), (10, 0.5), (100, 4.0)] {
            queue
                .submit(|h| {
                    let sums = sums.read_write(h);
                    h.parallel_for(
                        4,
                        kernel!(move |i: Id<1>| sums[i] = sums[i] + step * (scale * 2.0) as u64),
                    )
                })
                .unwrap();
        }
        assert_eq!(sums.into_vec().unwrap(), [4 + 10 + 800; 4]);
    });
}

#[test]
fn atomics_count_exactly() {
    for_each_device(|queue| {
        let counts = Buffer::from(vec![0u32; 3]);
        queue
            .submit(|h| {
                let counts = counts.read_write(h);
                h.parallel_for(
                    3001,
                    kernel!(move |i: usize| {
                        counts.atomic(i % 3).fetch_add(1);
                    }),
                )
            })
            .unwrap();
        assert_eq!(counts.into_vec().unwrap(), [1001, 1000, 1000]);
    });
}

#[test]
fn local_memory_without_work_groups_is_refused() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let event = queue.submit(|h| {
            let (numbers, tile) = (numbers.write(h), h.local::<u32, 1>(4));
            h.single_task(kernel!(|| {
                tile[0] = 5;
                numbers[0] = tile[0];
            }))
        });
        assert_error(event, ErrorKind::KernelArgument, &["`tile`", "local memory", "`NdRange`"]);
        let event = queue.submit(|h| {
            let (numbers, tile) = (numbers.write(h), h.local::<u32, 1>(4));
            h.parallel_for(
                4,
                kernel!(move |i: Id<1>| {
                    tile[i] = 5;
                    numbers[i] = tile[i];
                }),
            )
        });
        assert_error(event, ErrorKind::KernelArgument, &["`tile`", "local memory", "`NdRange`"]);
        assert_eq!(numbers.into_vec().unwrap(), [1; 4]);
    });
}

#[test]
fn local_memory_without_elements_traps_when_it_is_used() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let event = queue.submit(|h| {
            let (numbers, tile) = (numbers.write(h), h.local::<u32, 1>(0));
            h.parallel_for(
                NdRange::new(4, 4),
                kernel!(move |it: NdItem<1>| {
                    let [l] = it.local_id();
                    numbers[l] = tile[l];
                }),
            )
        });
        assert_error(event.unwrap().wait(), ErrorKind::Kernel, &["out of range 0", "`tile`"]);
    });
}

#[test]
fn work_groups_of_no_items_at_all_run_nothing() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let event = queue.submit(|h| {
            let numbers = numbers.write(h);
            h.parallel_for(NdRange::new(0, 4), kernel!(move |it: NdItem<1>| numbers[it.global_id()] = 2))
        });
        event.unwrap().wait().unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [1; 4]);
    });
}

#[test]
fn more_items_than_can_be_counted_are_refused() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 4]);
        let event = queue.submit(|h| {
            let numbers = numbers.write(h);
            h.parallel_for([usize::MAX, 2], kernel!(move |i: Id<2>| numbers[i[1]] = 2))
        });
        assert_error(event, ErrorKind::NdRange, &["18446744073709551615", "smaller range"]);
        let event = queue.submit(|h| {
            let numbers = numbers.write(h);
            let groups = NdRange::new([1 << 40, 1 << 40], [1, 4]);
            h.parallel_for(groups, kernel!(move |it: NdItem<2>| numbers[it.local_id()[1]] = 2))
        });
        assert_error(event, ErrorKind::NdRange, &["smaller range"]);
        assert_eq!(numbers.into_vec().unwrap(), [1; 4]);
    });
}
