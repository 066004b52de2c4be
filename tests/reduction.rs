//! Reductions give the same bits on every device, in an order that the launch alone decides.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
#[path = "reduction/operators.rs"]
mod operators;
use common_language::on_each_device;
use falx::prelude::*;
use falx::reduction::{and, max, min, or, product, reduction, sum, xor};

/// The values combined as reductions do: runs of 32 neighbours, each from the identity on, until one is left; then from
/// `start` on.
fn folded<T: Copy>(values: &[T], identity: T, start: T, combine: impl Fn(T, T) -> T) -> T {
    folded_by(values.len(), values, identity, start, combine)
}

/// The same where the first runs are those of rows, or work-groups, of so many values.
fn folded_by<T: Copy>(row: usize, values: &[T], identity: T, start: T, combine: impl Fn(T, T) -> T) -> T {
    // A work-item combines what it has with the identity that it begins with.
    let values: Vec<T> = values.iter().map(|value| combine(identity, *value)).collect();
    let of_run = |run: &[T]| run.iter().fold(identity, |total, part| combine(total, *part));
    let mut parts: Vec<T> = values.chunks(row.max(1)).flat_map(|row| row.chunks(32).map(of_run)).collect();
    while parts.len() > 1 {
        parts = parts.chunks(32).map(of_run).collect();
    }
    parts.first().map_or(start, |total| combine(start, *total))
}

#[test]
fn several_reductions_in_one_launch_begin_with_what_their_buffers_hold() {
    on_each_device(|queue| {
        let values: Vec<i32> = (0..5000i32).map(|k| k.wrapping_mul(740_287) >> 8).collect();
        let from = Buffer::from(values.clone());
        let (total, low, high, bits) = (
            Buffer::from(vec![1000]),
            Buffer::from(vec![0]),
            Buffer::from(vec![i32::MIN]),
            Buffer::from(vec![7]),
        );
        let event = queue
            .submit(|h| {
                let from = from.read(h);
                let reductions = (sum(&total), min(&low), max(&high), xor(&bits));
                h.parallel_for_reduce(5000, reductions, |(total, low, high, bits)| {
                    kernel!(move |i: Id<1>| {
                        total.combine(from[i]);
                        low.combine(from[i]);
                        high.combine(from[i]);
                        bits.combine(from[i]);
                    })
                })
            })
            .unwrap();
        event.wait().unwrap();
        assert_eq!(*total.host_read().unwrap(), [values.iter().fold(1000, |a: i32, b| a.wrapping_add(*b))]);
        assert_eq!(*low.host_read().unwrap(), [*values.iter().min().unwrap().min(&0)]);
        assert_eq!(*high.host_read().unwrap(), [*values.iter().max().unwrap()]);
        assert_eq!(*bits.host_read().unwrap(), [values.iter().fold(7, |a, b| a ^ b)]);
    });
}

#[test]
fn floats_are_added_in_the_order_that_is_promised() {
    for count in [1usize, 2, 31, 33, 511, 512, 513, 543, 1000, 40_000] {
        let values: Vec<f32> =
            (0..count as u32).map(|k| (k.wrapping_mul(2654435761) >> 8) as f32 * 0.37 - 3e6).collect();
        let expected = folded(&values, 0.0, 0.25f32, |a, b| a + b);
        on_each_device(|queue| {
            let (from, total) = (Buffer::from(values.clone()), Buffer::from(vec![0.25f32]));
            queue
                .submit(|h| {
                    let from = from.read(h);
                    h.parallel_for_reduce(count, sum(&total), |total| {
                        kernel!(move |i: usize| total.combine(from[i]))
                    })
                })
                .unwrap();
            assert_eq!(total.host_read().unwrap()[0].to_bits(), expected.to_bits(), "{count}");
        });
    }
}

#[test]
fn halves_are_reduced_in_the_order_that_is_promised() {
    for count in [1usize, 33, 700] {
        let value = |k: u32| f16::from_f32((k.wrapping_mul(2654435761) >> 20) as f32 * 0.01 - 11.0);
        let values: Vec<f16> = (0..count as u32).map(value).collect();
        let total_of = folded(&values, f16::ZERO, f16::ONE, |a, b| a + b);
        let least_of = folded(&values, f16::INFINITY, f16::ONE, |a, b| if b < a { b } else { a });
        on_each_device(|queue| {
            let from = Buffer::from(values.clone());
            let (total, least) = (Buffer::from(vec![f16::ONE]), Buffer::from(vec![f16::ONE]));
            queue
                .submit(|h| {
                    let from = from.read(h);
                    h.parallel_for_reduce(count, (sum(&total), min(&least)), |(total, least)| {
                        kernel!(move |i: usize| {
                            total.combine(from[i]);
                            least.combine(from[i]);
                        })
                    })
                })
                .unwrap();
            assert_eq!(total.host_read().unwrap()[0].to_bits(), total_of.to_bits(), "{count}");
            assert_eq!(least.host_read().unwrap()[0].to_bits(), least_of.to_bits(), "{count}");
        });
    }
}

#[test]
fn a_reduction_may_begin_with_the_identity() {
    on_each_device(|queue| {
        // Without contents: to begin with what is there would be an error.
        let (total, times, low) = (Buffer::<u64>::new(1), Buffer::from(vec![9u8]), Buffer::<f32>::new(1));
        queue
            .submit(|h| {
                let reductions = (
                    sum(&total).initialize_to_identity(),
                    product(&times).initialize_to_identity(),
                    min(&low).initialize_to_identity(),
                );
                h.parallel_for_reduce(100, reductions, |(total, times, low)| {
                    kernel!(move |i: usize| {
                        total.combine(i as u64 * 1_000_000_007);
                        if i % 40 == 1 {
                            times.combine(3);
                            low.combine(i as f32);
                        }
                    })
                })
            })
            .unwrap();
        assert_eq!(*total.host_read().unwrap(), [4950 * 1_000_000_007]);
        assert_eq!(*times.host_read().unwrap(), [27]);
        assert_eq!(*low.host_read().unwrap(), [1.0]);
    });
}

#[test]
fn a_work_item_may_combine_often_or_never_or_return_before() {
    on_each_device(|queue| {
        let total = Buffer::from(vec![5i64]);
        queue
            .submit(|h| {
                h.parallel_for_reduce(300, sum(&total), |total| {
                    kernel!(move |i: usize| {
                        if i % 3 == 0 {
                            return;
                        }
                        for k in 0..i {
                            if k % 2 == 1 {
                                total.combine(k as i64);
                            }
                        }
                    })
                })
            })
            .unwrap();
        let part = |i: i64| (0..i).filter(|k| k % 2 == 1).sum::<i64>();
        let expected: i64 = (0..300).filter(|i| i % 3 != 0).map(part).sum();
        assert_eq!(*total.host_read().unwrap(), [5 + expected]);
    });
}

#[test]
fn ranges_of_two_and_three_dimensions_and_work_groups_can_be_reduced() {
    on_each_device(|queue| {
        let (flat, deep, groups) =
            (Buffer::from(vec![0u32]), Buffer::from(vec![!0u32]), Buffer::from(vec![0u32]));
        queue
            .submit(|h| {
                h.parallel_for_reduce([70, 33], or(&flat), |flat| {
                    kernel!(move |i: Id<2>| flat.combine((i[0] * 256 + i[1]) as u32))
                })
            })
            .unwrap();
        queue
            .submit(|h| {
                h.parallel_for_reduce([5, 6, 7], and(&deep), |deep| {
                    kernel!(move |it: Item<3>| deep.combine(!(it.linear_id() as u32 & 0x80)))
                })
            })
            .unwrap();
        queue
            .submit(|h| {
                let tile = h.local::<u32, 1>(16);
                h.parallel_for_reduce(NdRange::new(96, 16), max(&groups), |most| {
                    kernel!(move |it: NdItem<1>| {
                        let own = it.local_id()[0];
                        tile[own] = (it.global_id()[0] * 37 % 96) as u32;
                        it.barrier();
                        let group = it.group();
                        most.combine(tile[15 - own] + group.reduce_min(tile[own]));
                    })
                })
            })
            .unwrap();
        let all = (0..70u32).flat_map(|y| (0..33).map(move |x| y * 256 + x)).fold(0, |a, b| a | b);
        assert_eq!(*flat.host_read().unwrap(), [all]);
        assert_eq!(*deep.host_read().unwrap(), [!0x80]);
        let items: Vec<u32> = (0..96).map(|k| k * 37 % 96).collect();
        let most = items.chunks(16).map(|group| group.iter().max().unwrap() + group.iter().min().unwrap());
        assert_eq!(*groups.host_read().unwrap(), [most.max().unwrap()]);
    });
}

#[test]
fn a_launch_without_work_items_leaves_what_the_buffer_holds() {
    on_each_device(|queue| {
        let (kept, new) = (Buffer::from(vec![3u16]), Buffer::from(vec![3u16]));
        queue
            .submit(|h| {
                let reductions = (sum(&kept), product(&new).initialize_to_identity());
                h.parallel_for_reduce(0, reductions, |(kept, new)| {
                    kernel!(move |i: usize| {
                        kept.combine(i as u16);
                        new.combine(i as u16);
                    })
                })
            })
            .unwrap();
        assert_eq!(*kept.host_read().unwrap(), [3]);
        assert_eq!(*new.host_read().unwrap(), [1]);
    });
}

#[test]
fn a_failed_check_in_the_kernel_spoils_the_result() {
    on_each_device(|queue| {
        let (from, total) = (Buffer::from(vec![1i32; 10]), Buffer::from(vec![0i32]));
        queue
            .submit(|h| {
                let from = from.read(h);
                h.parallel_for_reduce(
                    11,
                    sum(&total),
                    |total| kernel!(move |i: usize| total.combine(from[i])),
                )
            })
            .unwrap();
        let text = total.host_read().unwrap_err().to_string();
        assert!(text.contains("index 10 out of range 10 in `from`"), "{text}");
    });
}

#[test]
fn the_buffer_of_a_reduction_holds_one_element() {
    on_each_device(|queue| {
        let total = Buffer::from(vec![0i32; 2]).named("total");
        let error = queue
            .submit(|h| {
                h.parallel_for_reduce(11, sum(&total), |total| {
                    kernel!(move |i: usize| total.combine(i as i32))
                })
            })
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        let text = error.to_string();
        assert!(text.contains("buffer `total` has 2 elements; use a buffer of one element"), "{text}");
    });
}

#[test]
fn a_result_that_nothing_has_written_is_refused_before_anything_is_launched() {
    on_each_device(|queue| {
        let (total, seen) = (Buffer::<i32>::new(1).named("total"), Buffer::from(vec![0i32; 11]));
        let reduce = |h: &Handler| {
            let seen = seen.read_write(h);
            h.parallel_for_reduce(11, sum(&total), |total| {
                kernel!(move |i: usize| {
                    seen[i] = 1;
                    total.combine(i as i32)
                })
            })
        };
        let error = queue.submit(|h| reduce(h)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Uninitialized);
        let text = error.to_string();
        let remedy =
            "what buffer `total` holds, which nothing has written; call `initialize_to_identity` on it";
        assert!(text.contains(remedy), "{text}");
        assert_eq!(*seen.host_read().unwrap(), [0; 11]);
        queue.fill(&total, 100).unwrap();
        queue.submit(|h| reduce(h)).unwrap();
        assert_eq!(total.host_read().unwrap()[0], 155);
    });
}

/// Floats of which no two sums in another order are alike.
fn uneven(count: usize) -> Vec<f32> {
    (0..count as u32).map(|k| (k.wrapping_mul(2654435761) >> 8) as f32 * 0.37 - 3e6).collect()
}

#[test]
fn rows_of_ranges_are_added_in_the_order_that_is_promised() {
    let ranges =
        [[1, 1, 1], [1, 1, 500], [1, 3, 7], [1, 70, 33], [1, 2000, 3], [3, 5, 64], [7, 9, 100], [2, 130, 65]];
    for range in ranges {
        let values = uneven(range.iter().product());
        let expected = folded_by(range[2], &values, 0.0, 0.5f32, |a, b| a + b);
        on_each_device(|queue| {
            let (from, deep, flat) =
                (Buffer::from(values.clone()), Buffer::from(vec![0.5f32]), Buffer::from(vec![0.5f32]));
            queue
                .submit(|h| {
                    let from = from.read(h);
                    h.parallel_for_reduce(range, sum(&deep), |total| {
                        kernel!(move |it: Item<3>| total.combine(from[it.linear_id()]))
                    })
                })
                .unwrap();
            queue
                .submit(|h| {
                    let from = from.read(h);
                    h.parallel_for_reduce([range[0] * range[1], range[2]], sum(&flat), |total| {
                        kernel!(move |it: Item<2>| total.combine(from[it.linear_id()]))
                    })
                })
                .unwrap();
            assert_eq!(deep.host_read().unwrap()[0].to_bits(), expected.to_bits(), "{range:?}");
            assert_eq!(flat.host_read().unwrap()[0].to_bits(), expected.to_bits(), "{range:?}");
        });
    }
}

#[test]
fn work_groups_are_added_in_the_order_that_is_promised() {
    for (range, local) in [
        ([1, 1, 96], [1, 1, 16]),
        ([1, 1, 2048], [1, 1, 1024]),
        ([1, 1, 900], [1, 1, 300]),
        ([1, 12, 33], [1, 4, 11]),
        ([4, 6, 10], [2, 3, 5]),
        ([3, 3, 3], [1, 1, 1]),
    ] {
        // The values of a group, group by group, each in the order of the local ids.
        let values = uneven(range.iter().product());
        let expected = folded_by(local.iter().product(), &values, 0.0, -1.5f32, |a, b| a + b);
        on_each_device(|queue| {
            let (from, total) = (Buffer::from(values.clone()), Buffer::from(vec![-1.5f32]));
            let most = Buffer::from(vec![0u64]);
            queue
                .submit(|h| {
                    let from = from.read(h);
                    let reductions = (sum(&total), max(&most));
                    h.parallel_for_reduce(NdRange::new(range, local), reductions, |(total, most)| {
                        kernel!(move |it: NdItem<3>| {
                            let group = it.group();
                            let at = group.group_linear_id() * group.size() + it.local_linear_id();
                            most.combine(at as u64 * 3);
                            total.combine(from[at]);
                        })
                    })
                })
                .unwrap();
            assert_eq!(total.host_read().unwrap()[0].to_bits(), expected.to_bits(), "{range:?} {local:?}");
            assert_eq!(*most.host_read().unwrap(), [values.len() as u64 * 3 - 3], "{range:?} {local:?}");
        });
    }
}

#[test]
fn a_kernel_with_barriers_and_early_returns_reduces_over_rows_of_groups() {
    on_each_device(|queue| {
        let total = Buffer::from(vec![7i64]);
        queue
            .submit(|h| {
                let tile = h.local::<i64, 2>([4, 12]);
                h.parallel_for_reduce(NdRange::new([16, 36], [4, 12]), sum(&total), |total| {
                    kernel!(move |it: NdItem<2>| {
                        let [y, x] = it.local_id();
                        tile[[y, x]] = it.global_linear_id() as i64;
                        if it.group_id()[0] == 3 {
                            return;
                        }
                        it.barrier();
                        if x > 9 {
                            return;
                        }
                        total.combine(tile[[3 - y, 11 - x]]);
                    })
                })
            })
            .unwrap();
        let items = (0..16i64).flat_map(|y| (0..36).map(move |x| [y, x]));
        let kept = items.filter(|[y, x]| *y < 12 && 11 - x % 12 <= 9);
        assert_eq!(*total.host_read().unwrap(), [7 + kept.map(|[y, x]| y * 36 + x).sum::<i64>()]);
    });
}
