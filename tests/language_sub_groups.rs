//! What the work-items of a sub-group do together follows from the sub-group's size, which is the device's to say.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

/// The size of the work-groups here: no multiple of any likely size of a sub-group.
const GROUP: usize = 44;

/// Runs a kernel over two work-groups that stores one value for each work-item, and gives the values with the size that the
/// device's sub-groups have.
macro_rules! run {
    ($queue:expr, $ty:ty, |$it:ident, $sub:ident| $value:expr) => {{
        let (out, most) = (Buffer::<$ty>::new(2 * GROUP), Buffer::<u32>::new(1));
        $queue
            .submit(|h| {
                let (out, most) = (out.write(h).no_init(), most.write(h));
                h.parallel_for(
                    NdRange::new(2 * GROUP, GROUP),
                    kernel!(move |$it: NdItem<1>| {
                        let $sub = $it.sub_group();
                        if $it.global_id()[0] == 0 {
                            most[0] = $sub.max_size() as u32;
                        }
                        let value = $value;
                        out[$it.global_id()] = value;
                    }),
                )
            })
            .unwrap();
        let most = most.host_read().unwrap()[0] as usize;
        (out.host_read().unwrap().to_vec(), most)
    }};
}

/// For each work-item of two work-groups what `value` makes of the local ids of its sub-group and its position there.
fn expected<T>(most: usize, value: impl Fn(&[usize], usize) -> T) -> Vec<T> {
    let group: Vec<usize> = (0..GROUP).collect();
    let subs = [&group, &group].into_iter().flat_map(|group| group.chunks(most));
    subs.flat_map(|sub| (0..sub.len()).map(|own| value(sub, own)).collect::<Vec<_>>()).collect()
}

#[test]
fn sub_groups_are_runs_of_neighbours_and_know_their_place() {
    on_each_device(|queue| {
        let (found, most) = run!(queue, u64, |it, sub| {
            let is_last = sub.group_id() + 1 == sub.group_count();
            let mut place = sub.local_id() + 100 * sub.size() + 10000 * sub.group_id();
            if is_last {
                place += 1000000;
            }
            if sub.leader() {
                place += 2000000;
            }
            place as u64
        });
        assert!(most > 0 && most <= GROUP.next_power_of_two(), "{most}");
        let expected = expected(most, |sub, own| {
            let number = sub[0] / most;
            let last = if sub[0] + sub.len() == GROUP { 1000000 } else { 0 };
            let leader = if own == 0 { 2000000 } else { 0 };
            (own + 100 * sub.len() + 10000 * number + last + leader) as u64
        });
        assert_eq!(found, expected);
    });
}

#[test]
fn shuffles_bring_the_value_of_another_position_or_the_own_one() {
    on_each_device(|queue| {
        let at = |sub: &[usize], own: usize, from: Option<usize>| {
            from.and_then(|from| sub.get(from)).copied().unwrap_or(sub[own]) as i16
        };
        let (found, most) = run!(queue, i16, |it, sub| sub.shuffle(it.local_linear_id() as i16, 3));
        assert_eq!(found, expected(most, |sub, own| at(sub, own, Some(3))));
        let (found, most) = run!(queue, i16, |it, sub| sub.shuffle(it.local_linear_id() as i16, usize::MAX));
        assert_eq!(found, expected(most, |sub, own| at(sub, own, None)));
        let (found, most) = run!(queue, i16, |it, sub| sub.shuffle_xor(it.local_linear_id() as i16, 5));
        assert_eq!(found, expected(most, |sub, own| at(sub, own, Some(own ^ 5))));
        let (found, most) = run!(queue, i16, |it, sub| sub.shuffle_up(it.local_linear_id() as i16, 2));
        assert_eq!(found, expected(most, |sub, own| at(sub, own, own.checked_sub(2))));
        let (found, most) = run!(queue, i16, |it, sub| sub.shuffle_down(it.local_linear_id() as i16, 3));
        assert_eq!(found, expected(most, |sub, own| at(sub, own, Some(own + 3))));
        let (found, most) =
            run!(queue, i16, |it, sub| sub.shuffle_down(it.local_linear_id() as i16, usize::MAX - 1));
        assert_eq!(found, expected(most, |sub, own| at(sub, own, None)));
    });
}

#[test]
fn conditions_are_asked_of_the_sub_group() {
    on_each_device(|queue| {
        let (found, most) = run!(queue, u64, |it, sub| sub.ballot(it.local_linear_id() % 3 == 0));
        let ballot = |sub: &[usize]| {
            sub.iter().enumerate().fold(0u64, |bits, (k, id)| bits | u64::from(id % 3 == 0) << k)
        };
        assert_eq!(found, expected(most, |sub, _| ballot(sub)));
        let (found, most) = run!(queue, u8, |it, sub| {
            let holds = it.local_linear_id() < 20;
            let any = sub.any_of(holds) as u8;
            let all = sub.all_of(holds) as u8;
            any + 2 * all + 4 * sub.none_of(holds) as u8
        });
        let asked = |sub: &[usize]| {
            let (any, all) = (sub.iter().any(|id| *id < 20), sub.iter().all(|id| *id < 20));
            u8::from(any) + 2 * u8::from(all) + 4 * u8::from(!any)
        };
        assert_eq!(found, expected(most, |sub, _| asked(sub)));
    });
}

#[test]
fn sub_groups_combine_in_the_order_that_is_promised() {
    fn combined(values: &[f32]) -> f32 {
        fn block(values: &[f32]) -> f32 {
            match values {
                [value] => *value,
                values => block(&values[..values.len() / 2]) + block(&values[values.len() / 2..]),
            }
        }
        let (first, mut rest) = values.split_at(1 << values.len().ilog2());
        let mut total = block(first);
        while !rest.is_empty() {
            let (first, others) = rest.split_at(1 << rest.len().ilog2());
            total += block(first);
            rest = others;
        }
        total
    }
    let values = |sub: &[usize]| sub.iter().map(|id| *id as f32 * 1.3e5 + 0.7).collect::<Vec<_>>();
    on_each_device(|queue| {
        let (found, most) = run!(queue, f32, |it, sub| {
            let own = it.local_linear_id() as f32 * 1.3e5 + 0.7;
            let all = sub.reduce_sum(own);
            let upto = sub.inclusive_scan_sum(own);
            all - upto * 3.0 + sub.exclusive_scan_sum(own) * 7.0
        });
        let sums = expected(most, |sub, own| {
            let values = values(sub);
            let before = if own == 0 { 0.0 } else { combined(&values[..own]) };
            combined(&values) - combined(&values[..=own]) * 3.0 + before * 7.0
        });
        assert_eq!(found, sums);
        let (found, most) = run!(queue, i64, |it, sub| {
            let own = it.local_linear_id() as i64 - 20;
            sub.reduce_min(own) * 1000 + sub.inclusive_scan_max(-own)
        });
        let ends = expected(most, |sub, _| (sub[0] as i64 - 20) * 1000 + 20 - sub[0] as i64);
        assert_eq!(found, ends);
    });
}

#[test]
fn what_work_items_stored_before_a_barrier_of_their_group_or_sub_group_is_there_after_it() {
    on_each_device(|queue| {
        let out = Buffer::<[usize; 2]>::new(80);
        queue
            .submit(|h| {
                let (out, tile) = (out.write(h).no_init(), h.local::<usize, 1>(40));
                h.parallel_for(
                    NdRange::new(80, 40),
                    kernel!(move |it: NdItem<1>| {
                        let (group, sub) = (it.group(), it.sub_group());
                        let (own, [at]) = (group.local_linear_id(), it.global_id());
                        tile[own] = at;
                        group.barrier();
                        let mirrored = tile[group.size() - 1 - own];
                        group.barrier();
                        tile[own] = mirrored + 1;
                        sub.barrier();
                        let first = own - sub.local_id();
                        let turned = tile[first + (sub.local_id() + 1) % sub.size()];
                        out[at] = [mirrored, turned];
                    }),
                )
            })
            .unwrap();
        let size = 16;
        let expected = |at: usize| {
            let (start, own) = (at / 40 * 40, at % 40);
            let (first, count) = (own / size * size, size.min(40 - own / size * size));
            [start + 39 - own, start + 39 - (first + (own - first + 1) % count) + 1]
        };
        assert_eq!(*out.host_read().unwrap(), (0..80).map(expected).collect::<Vec<_>>());
    });
}

#[test]
fn a_broadcast_from_beyond_the_sub_group_is_an_error_that_says_so() {
    on_each_device(|queue| {
        let (from, out) = (64usize, Buffer::from(vec![7u32; 32]));
        let event = queue
            .submit(|h| {
                let out = out.write(h);
                h.parallel_for(
                    NdRange::new(32, 32),
                    kernel!(move |it: NdItem<1>| {
                        out[it.global_id()] = it.sub_group().broadcast(1, from);
                    }),
                )
            })
            .unwrap();
        let text = event.wait().unwrap_err().to_string();
        assert!(text.contains("index 64 out of range"), "{text}");
    });
}

#[test]
fn values_of_one_type_are_not_mixed_up_with_those_of_the_next_that_is_exchanged() {
    on_each_device(|queue| {
        let run = |queue: &Queue| {
            let out = Buffer::<u64>::new(40);
            queue
                .submit(|h| {
                    let out = out.write(h).no_init();
                    h.parallel_for(
                        NdRange::new(40, 20),
                        kernel!(move |it: NdItem<1>| {
                            let (sub, [at]) = (it.sub_group(), it.global_id());
                            let (mut x, mut y, mut z) =
                                (at as f32 + 0.5, at as u16 * 3, (at as u64, at as i8));
                            for turn in 0..3usize {
                                x = sub.shuffle_down(x, turn + 1) + 1.0;
                                y = sub.shuffle_up(y, 1) ^ x.to_bits() as u16;
                                z = sub.shuffle_xor((z.0 + y as u64, z.1.wrapping_add(1)), turn + 1);
                                x = x + sub.reduce_sum(z.1 as i32) as f32;
                            }
                            out[at] = x.to_bits() as u64 ^ ((y as u64) << 32) ^ z.0 ^ z.1 as u64;
                        }),
                    )
                })
                .unwrap();
            out.into_vec().unwrap()
        };
        assert_eq!(run(queue), run(&Queue::new(Selector::host()).unwrap()));
    });
}

#[test]
fn sub_groups_of_several_dimensions_follow_the_linear_ids() {
    on_each_device(|queue| {
        let out = Buffer::<u64, 3>::new([2, 3, 8]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    NdRange::new([2, 3, 8], [2, 3, 8]),
                    kernel!(move |it: NdItem<3>| {
                        let sub = it.sub_group();
                        let own = it.local_linear_id();
                        let first = sub.broadcast(own, 0);
                        let is_right =
                            sub.local_id() == own % sub.max_size() && first == own - sub.local_id();
                        out[it.global_id()] = is_right as u64;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [1; 48]);
    });
}

macro_rules! same_bits {
    ($($test:ident $ty:ident)*) => { $(
        #[test]
        fn $test() {
            on_each_device(|queue| {
                if common_language::lacks(queue, stringify!($ty)) {
                    return;
                }
                for size in [1usize, 16, 31, 100] {
                    let n = 3 * size;
                    let values: Vec<$ty> = (0..n as u32).map(|k| (k.wrapping_mul(2654435761) >> 9) as $ty / 3 as $ty).collect();
                    let run = |queue: &Queue| {
                        let (from, out) = (Buffer::from(values.clone()), Buffer::<$ty>::new(5 * n));
                        queue
                            .submit(|h| {
                                let (from, out, tile) = (from.read(h), out.write(h).no_init(), h.local::<$ty, 1>(size));
                                h.parallel_for(NdRange::new(n, size), kernel!(move |it: NdItem<1>| {
                                    let ([at], [own], sub) = (it.global_id(), it.local_id(), it.sub_group());
                                    tile[own] = from[at];
                                    it.barrier();
                                    let mut x = tile[size - 1 - own];
                                    for turn in 0..3usize {
                                        x = x + sub.shuffle_xor(x, turn + 1);
                                    }
                                    out[5 * at] = sub.reduce_sum(x);
                                    out[5 * at + 1] = sub.inclusive_scan_max(x);
                                    out[5 * at + 2] = sub.exclusive_scan_sum(x);
                                    out[5 * at + 3] = sub.broadcast(x, sub.size() - 1);
                                    out[5 * at + 4] = sub.reduce_product(x) + it.group().reduce_min(x);
                                }))
                            })
                            .unwrap();
                        out.host_read().unwrap().iter().map(|x| x.to_le_bytes()).collect::<Vec<_>>()
                    };
                    let host = Queue::new(Selector::host()).unwrap();
                    assert_eq!(run(queue), run(&host), "work-groups of {size}");
                }
            });
        }
    )* };
}
same_bits! {
    i8_has_the_same_bits_through_any_sub_group i8
    u16_has_the_same_bits_through_any_sub_group u16
    u32_has_the_same_bits_through_any_sub_group u32
    i64_has_the_same_bits_through_any_sub_group i64
    f32_has_the_same_bits_through_any_sub_group f32
    f64_has_the_same_bits_through_any_sub_group f64
}

#[test]
fn a_work_item_that_ended_does_not_keep_its_sub_group() {
    on_each_device(|queue| {
        let out = Buffer::from(vec![0u32; 64]);
        let event = queue
            .submit(|h| {
                let out = out.read_write(h);
                h.parallel_for(
                    NdRange::new(64, 32),
                    kernel!(move |it: NdItem<1>| {
                        let [at] = it.global_id();
                        assert!(at != 40, "here");
                        let all = it.sub_group().any_of(at == 0);
                        out[at] = 1 + all as u32;
                    }),
                )
            })
            .unwrap();
        let text = event.wait().unwrap_err().to_string();
        assert!(text.contains("assertion `at != 40` failed: here, work-item 40"), "{text}");
    });
}

#[test]
fn halves_are_combined_and_exchanged() {
    on_each_device(|queue| {
        let value = |k: usize| f16::from_f32(k as f32 * 0.37 - 3.0);
        let (found, most) = run!(queue, f16, |it, sub| {
            let own = f16::from_f32(it.local_id()[0] as f32 * 0.37 - 3.0);
            sub.exclusive_scan_max(own) + sub.shuffle_xor(own, 1)
        });
        let expected = expected(most, |sub, own| {
            let largest = if own == 0 { f16::NEG_INFINITY } else { value(sub[own - 1]) };
            largest + value(*sub.get(own ^ 1).unwrap_or(&sub[own]))
        });
        assert_eq!(found, expected);
    });
}

/// What the work-items of a launch over `local` find in their sub-groups, work-group by work-group in the order of ids.
macro_rules! found_in {
    ($queue:expr, $d:literal, $local:expr) => {{
        let local: [usize; $d] = $local;
        let global = local.map(|extent| 2 * extent);
        let n: usize = global.iter().product();
        let values: Vec<f32> =
            (0..n as u32).map(|k| (k.wrapping_mul(2654435761) >> 9) as f32 / 3.0).collect();
        let (from, out) = (Buffer::from(values), Buffer::<f32>::new(5 * n));
        $queue
            .submit(|h| {
                let (from, out) = (from.read(h), out.write(h).no_init());
                h.parallel_for(
                    NdRange::new(global, local),
                    kernel!(move |it: NdItem<$d>| {
                        let (at, sub) = (it.global_linear_id(), it.sub_group());
                        let x = from[at];
                        out[5 * at] = sub.reduce_sum(x);
                        out[5 * at + 1] = sub.inclusive_scan_sum(x);
                        out[5 * at + 2] = sub.exclusive_scan_max(x);
                        out[5 * at + 3] = sub.shuffle_xor(x, 5);
                        out[5 * at + 4] = sub.broadcast(x, sub.size() - 1);
                    }),
                )
            })
            .unwrap();
        out.host_read().unwrap().iter().map(|x| x.to_bits()).collect::<Vec<_>>()
    }};
}

#[test]
fn sub_groups_of_two_and_three_dimensions_have_the_same_bits_however_rows_are_divided() {
    let host = Queue::new(Selector::host()).unwrap();
    on_each_device(|queue| {
        // Rows of whole sub-groups, a single row, and rows that sub-groups cross.
        for local in [[2, 16], [3, 48], [1, 100], [100, 1], [4, 17], [2, 8]] {
            assert_eq!(found_in!(queue, 2, local), found_in!(host, 2, local), "{local:?}");
        }
        for local in [[2, 2, 16], [1, 1, 33], [1, 3, 20], [2, 2, 2], [16, 2, 1]] {
            assert_eq!(found_in!(queue, 3, local), found_in!(host, 3, local), "{local:?}");
        }
    });
}

/// How often `x` can be halved until nothing is left.
#[device]
fn halvings(mut x: u32) -> u32 {
    let mut n = 0;
    while x != 0 {
        if n == 40 {
            return n;
        }
        x /= 2;
        n += 1;
    }
    n
}

#[test]
fn functions_with_loops_of_several_ends_leave_work_items_in_their_sub_groups() {
    on_each_device(|queue| {
        let (found, most) = run!(queue, i32, |it, sub| {
            let own = it.local_id()[0];
            let quotient = (own as i32).wrapping_div((own as i32).saturating_pow(own as u32));
            sub.inclusive_scan_sum(100 * quotient + halvings(own as u32) as i32)
        });
        let value = |own: usize| {
            let own = own as u32;
            100 * (own as i32 / (own as i32).saturating_pow(own)) + (u32::BITS - own.leading_zeros()) as i32
        };
        let sums = expected(most, |sub, own| sub[..=own].iter().map(|&item| value(item)).sum::<i32>());
        assert_eq!(found, sums);
    });
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Mixed {
    x: u8,
    vector: F32x3,
    place: (u64, [i16; 3]),
    seen: Option<u32>,
}

#[device]
fn mixed(k: usize) -> Mixed {
    let n = k as i16;
    let seen = if k % 2 == 0 { Some(k as u32) } else { None };
    Mixed { x: k as u8, vector: F32x3::splat(0.5 * k as f32), place: (k as u64 + 7, [n, -n, 3]), seen }
}

#[test]
fn values_that_are_no_scalars_are_exchanged_whole() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(2 * GROUP);
        let event = queue.submit(|h| {
            let out = out.write(h).no_init();
            h.parallel_for(
                NdRange::new(2 * GROUP, GROUP),
                kernel!(move |it: NdItem<1>| {
                    let (group, sub) = (it.group(), it.sub_group());
                    let (own, first) = (it.local_linear_id(), it.local_linear_id() - sub.local_id());
                    let has_next = sub.local_id() + 1 < sub.size();
                    let next = if has_next { own + 1 } else { own };
                    let before = if sub.local_id() > 0 { own - 1 } else { own };
                    let right = [
                        group.broadcast(mixed(own), 3) == mixed(3),
                        sub.broadcast(mixed(own), 2) == mixed(first + 2),
                        sub.shuffle(mixed(own), sub.local_id() + 1) == mixed(next),
                        sub.shuffle_up(mixed(own), 1) == mixed(before),
                        sub.shuffle_down((own, [own as u8; 2]), 1) == (next, [next as u8; 2]),
                        sub.shuffle_xor(I32x4::splat(own as i32), 1).w == (own ^ 1) as i32,
                    ];
                    let mut bits = 0;
                    for k in 0..6 {
                        bits |= (right[k] as u32) << k;
                    }
                    out[it.global_id()] = bits;
                }),
            )
        });
        event.unwrap().wait().unwrap();
        assert_eq!(*out.host_read().unwrap(), [63; 2 * GROUP]);
    });
}

#[test]
fn vectors_are_exchanged_beside_sums_of_scalars() {
    on_each_device(|queue| {
        let out = Buffer::<F32x4>::new(GROUP);
        let event = queue.submit(|h| {
            let out = out.write(h).no_init();
            h.parallel_for(
                NdRange::new(GROUP, GROUP),
                kernel!(move |it: NdItem<1>| {
                    let own = it.local_linear_id();
                    let sum = it.group().reduce_sum(own as u32) as f32;
                    out[own] = it.group().broadcast(F32x4::splat(own as f32), 5) + F32x4::splat(sum);
                }),
            )
        });
        event.unwrap().wait().unwrap();
        let sum = (GROUP * (GROUP - 1) / 2) as f32;
        assert_eq!(*out.host_read().unwrap(), [F32x4::splat(5.0 + sum); GROUP]);
    });
}
