//! What the work-items of a work-group do together has the same bits on every device, in an order that can be told.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{lacks, on_each_device};
use falx::prelude::*;

/// The sizes of work-groups that are tried with floats: powers of two, others, and one. Drivers compile for each.
const SIZES: &[usize] = &[1, 7, 44];
/// The size that is tried with integers, of which the order of combination does not show.
const SIZE: &[usize] = &[20];

/// The combination of the values, by the definition: the largest blocks first, from left to right.
fn reduced<T: Copy>(values: &[T], combine: impl Fn(T, T) -> T + Copy) -> T {
    fn block<T: Copy>(values: &[T], combine: impl Fn(T, T) -> T + Copy) -> T {
        match values {
            [value] => *value,
            values => {
                let (left, right) = values.split_at(values.len() / 2);
                combine(block(left, combine), block(right, combine))
            }
        }
    }
    let (first, mut rest) = values.split_at(1 << values.len().ilog2());
    let mut total = block(first, combine);
    while !rest.is_empty() {
        let (first, others) = rest.split_at(1 << rest.len().ilog2());
        total = combine(total, block(first, combine));
        rest = others;
    }
    total
}

/// For each work-item of each group: the reduction, the inclusive and the exclusive scan.
fn expected<T: Copy>(values: &[T], size: usize, identity: T, combine: impl Fn(T, T) -> T + Copy) -> Vec<T> {
    let mut all = Vec::new();
    for group in values.chunks(size) {
        for own in 0..size {
            let before = if own == 0 { identity } else { reduced(&group[..own], combine) };
            all.extend([reduced(group, combine), reduced(&group[..=own], combine), before]);
        }
    }
    all
}

/// A test that combines values of every size of group with each of the listed combinations.
macro_rules! combines {
    ($({$test:ident $ty:ident $sizes:ident $value:expr; $($reduce:ident $inclusive:ident $exclusive:ident $identity:expr, $combine:expr;)*})*) => { $(
        #[test]
        fn $test() {
            on_each_device(|queue| {
                if lacks(queue, stringify!($ty)) {
                    return;
                }
                for &size in $sizes {
                    let value: fn(u32) -> $ty = $value;
                    let values: Vec<$ty> = (0..3 * size as u32).map(|k| value(k.wrapping_mul(2654435761))).collect();
                    $({
                        let from = Buffer::from(values.clone());
                        let to = Buffer::<$ty>::new(9 * size);
                        queue
                            .submit(|h| {
                                let (from, to) = (from.read(h), to.write(h).no_init());
                                h.parallel_for(NdRange::new(3 * size, size), kernel!(move |it: NdItem<1>| {
                                    let [k] = it.global_id();
                                    let group = it.group();
                                    to[3 * k] = group.$reduce(from[k]);
                                    to[3 * k + 1] = group.$inclusive(from[k]);
                                    to[3 * k + 2] = group.$exclusive(from[k]);
                                }))
                            })
                            .unwrap();
                        let combine: fn($ty, $ty) -> $ty = $combine;
                        let expected = expected(&values, size, $identity, combine);
                        let bits = |values: &[$ty]| values.iter().map(|value| value.to_ne_bytes()).collect::<Vec<_>>();
                        assert_eq!(bits(&to.host_read().unwrap()), bits(&expected), "{} of {size}", stringify!($reduce));
                    })*
                }
            });
        }
    )* };
}

macro_rules! combines_integers {
    ($($test:ident $ty:ident,)*) => { combines! { $({
        $test $ty SIZE |bits| (bits as u64).wrapping_mul(0x9e3779b97f4a7c15) as $ty;
        reduce_sum inclusive_scan_sum exclusive_scan_sum 0, |a, b| a.wrapping_add(b);
        reduce_min inclusive_scan_min exclusive_scan_min $ty::MAX, |a, b| a.min(b);
    })* } };
}
combines_integers! {
    groups_combine_i8 i8,
    groups_combine_u8 u8,
    groups_combine_i16 i16,
    groups_combine_u16 u16,
    groups_combine_i32 i32,
    groups_combine_u32 u32,
    groups_combine_i64 i64,
}
combines! {{
    groups_combine_u64_in_every_way u64 SIZE |bits| (bits as u64).wrapping_mul(0x9e3779b97f4a7c15);
    reduce_product inclusive_scan_product exclusive_scan_product 1, |a, b| a.wrapping_mul(b);
    reduce_max inclusive_scan_max exclusive_scan_max 0, |a, b| a.max(b);
    reduce_xor inclusive_scan_xor exclusive_scan_xor 0, |a, b| a ^ b;
}{
    groups_combine_i32_in_every_way i32 SIZE |bits| bits as i32;
    reduce_max inclusive_scan_max exclusive_scan_max i32::MIN, |a, b| a.max(b);
    reduce_and inclusive_scan_and exclusive_scan_and !0, |a, b| a & b;
    reduce_or inclusive_scan_or exclusive_scan_or 0, |a, b| a | b;
}}

combines! {{
    groups_combine_f32_in_the_order_that_is_promised f32 SIZES
    |bits| (bits as f32 / 4e9 - 0.4) * if bits & 64 == 0 { 1e6 } else { 1.3 };
    reduce_sum inclusive_scan_sum exclusive_scan_sum 0.0, |a, b| a + b;
    reduce_product inclusive_scan_product exclusive_scan_product 1.0, |a, b| a * b;
}{
    groups_combine_f64_in_the_order_that_is_promised f64 SIZE
    |bits| (bits as f64 / 4e9 - 0.4) * if bits & 64 == 0 { 1e6 } else { 1.3 };
    reduce_sum inclusive_scan_sum exclusive_scan_sum 0.0, |a, b| a + b;
    reduce_product inclusive_scan_product exclusive_scan_product 1.0, |a, b| a * b;
    reduce_min inclusive_scan_min exclusive_scan_min f64::INFINITY, |a, b| a.min(b);
    reduce_max inclusive_scan_max exclusive_scan_max f64::NEG_INFINITY, |a, b| a.max(b);
}{
    groups_combine_f16_in_the_order_that_is_promised f16 SIZE
    |bits| f16::from_f32((bits as f32 / 4e9 - 0.4) * if bits & 64 == 0 { 100.0 } else { 1.3 });
    reduce_sum inclusive_scan_sum exclusive_scan_sum f16::ZERO, |a, b| a + b;
    reduce_product inclusive_scan_product exclusive_scan_product f16::ONE, |a, b| a * b;
    reduce_min inclusive_scan_min exclusive_scan_min f16::INFINITY, |a, b| if b < a { b } else { a };
    reduce_max inclusive_scan_max exclusive_scan_max f16::NEG_INFINITY, |a, b| if b > a { b } else { a };
}}

#[test]
fn halves_are_combined_beside_short_integers_and_a_nan_counts_for_nothing() {
    on_each_device(|queue| {
        let values = [f32::NAN, 3.0, 0.5, f32::NAN].map(f16::from_f32).to_vec();
        let (from, to) = (Buffer::from(values), Buffer::<u16>::new(4));
        queue
            .submit(|h| {
                let (from, to) = (from.read(h), to.write(h).no_init());
                h.parallel_for(
                    NdRange::new(4, 4),
                    kernel!(move |it: NdItem<1>| {
                        let [k] = it.global_id();
                        let low = it.group().reduce_min(from[k]).to_bits();
                        let high = it.group().reduce_max(from[k]).to_bits();
                        let most = it.group().reduce_max(10 * k as u16);
                        let third = it.group().broadcast(from[k], 2).to_bits();
                        let values = [low, high, most, third];
                        to[k] = values[k];
                    }),
                )
            })
            .unwrap();
        let [half, three] = [0.5, 3.0].map(|x| f16::from_f32(x).to_bits());
        assert_eq!(*to.host_read().unwrap(), [half, three, 30, half]);
    });
}

#[test]
fn the_smallest_and_largest_float_are_numbers_unless_none_is() {
    on_each_device(|queue| {
        let values = vec![f32::NAN, 3.0, f32::NAN, -0.0, 0.0, f32::NAN, f32::NAN, f32::NAN];
        let (from, to) = (Buffer::from(values), Buffer::<f32>::new(8));
        queue
            .submit(|h| {
                let (from, to) = (from.read(h), to.write(h).no_init());
                h.parallel_for(
                    NdRange::new(8, 2),
                    kernel!(move |it: NdItem<1>| {
                        let [k] = it.global_id();
                        let low = it.group().reduce_min(from[k]);
                        let high = it.group().reduce_max(from[k]);
                        to[k] = if k % 2 == 0 { low } else { high };
                    }),
                )
            })
            .unwrap();
        let found = to.host_read().unwrap();
        let bits: Vec<u32> = found[..6].iter().map(|value| value.to_bits()).collect();
        let expected = [3.0f32, 3.0, -0.0, -0.0, 0.0, 0.0].map(f32::to_bits);
        assert_eq!(bits, expected);
        assert!(found[6].is_nan() && found[7].is_nan());
    });
}

#[test]
fn conditions_are_asked_of_the_whole_group() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(64);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    NdRange::new(64, 16),
                    kernel!(move |it: NdItem<1>| {
                        let [k] = it.global_id();
                        let group = it.group();
                        let mut found = 0;
                        // One of group 0, all of group 1, all but one of group 2, none of group 3.
                        let holds = k == 5 || k >= 16 && k < 47;
                        if group.any_of(holds) {
                            found += 1;
                        }
                        if group.all_of(holds) {
                            found += 2;
                        }
                        if group.none_of(holds) {
                            found += 4;
                        }
                        out[k] = found;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = [1, 3, 1, 4].iter().flat_map(|found| [*found; 16]).collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn a_broadcast_reaches_every_work_item_of_its_group_in_two_dimensions() {
    on_each_device(|queue| {
        let out = Buffer::<i64, 2>::new([6, 8]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    NdRange::new([6, 8], [3, 4]),
                    kernel!(move |it: NdItem<2>| {
                        let [y, x] = it.global_id();
                        let group = it.group();
                        out[[y, x]] = group.broadcast((y * 100 + x) as i64, 4 + group.group_linear_id());
                    }),
                )
            })
            .unwrap();
        let expected: Vec<i64> = (0..48)
            .map(|k| {
                let (y, x) = (k / 8, k % 8);
                let (row, column) = (y / 3 * 3, x / 4 * 4);
                let from = 4 + y / 3 * 2 + x / 4;
                ((row + from / 4) * 100 + column + from % 4) as i64
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn a_broadcast_from_beyond_the_group_is_an_error_that_says_so() {
    on_each_device(|queue| {
        let (n, out) = (16usize, Buffer::from(vec![7u32; 32]));
        let event = queue
            .submit(|h| {
                let out = out.write(h);
                h.parallel_for(
                    NdRange::new(32, 16),
                    kernel!(move |it: NdItem<1>| {
                        out[it.global_id()] = it.group().broadcast(1, n);
                    }),
                )
            })
            .unwrap();
        let text = event.wait().unwrap_err().to_string();
        assert!(text.contains("index 16 out of range 16"), "{text}");
    });
}

#[test]
fn a_group_knows_its_place() {
    on_each_device(|queue| {
        let out = Buffer::<u64, 2>::new([4, 6]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    NdRange::new([4, 6], [2, 3]),
                    kernel!(move |it: NdItem<2>| {
                        let g = it.group();
                        let [gy, gx] = g.group_id();
                        let [y, x] = g.local_id();
                        let [h, w] = [g.local_range()[0], g.local_range()[1]];
                        let [rows, columns] = [g.group_range()[0], g.group_range()[1]];
                        let is_right = gy * columns + gx == g.group_linear_id()
                            && y * w + x == g.local_linear_id()
                            && h * w == g.size()
                            && rows * columns == 4
                            && g.leader() == (y + x == 0);
                        let place = g.group_linear_id() * 10 + g.local_linear_id();
                        out[it.global_id()] = if is_right { place as u64 } else { 1000 };
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u64> = (0..24)
            .map(|k| {
                let (y, x) = (k / 6, k % 6);
                (y / 2 * 2 + x / 3) * 10 + y % 2 * 3 + x % 3
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn operations_may_stand_in_loops_and_branches_that_all_work_items_take() {
    on_each_device(|queue| {
        let (rounds, out) = (5u32, Buffer::<u32>::new(40));
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    NdRange::new(40, 20),
                    kernel!(move |it: NdItem<1>| {
                        let group = it.group();
                        let mut own = it.local_linear_id() as u32;
                        for round in 0..rounds {
                            own = if round % 2 == 0 { group.inclusive_scan_sum(own) } else { own % 7 };
                            if group.reduce_max(own) > 100 {
                                own -= group.reduce_min(own);
                            }
                        }
                        out[it.global_id()] = own;
                    }),
                )
            })
            .unwrap();
        let mut group: Vec<u32> = (0..20).collect();
        for round in 0..5 {
            let mut sum = 0;
            for own in &mut group {
                sum += *own;
                *own = if round % 2 == 0 { sum } else { *own % 7 };
            }
            let (low, high) = (*group.iter().min().unwrap(), *group.iter().max().unwrap());
            if high > 100 {
                group.iter_mut().for_each(|own| *own -= low);
            }
        }
        assert_eq!(*out.host_read().unwrap(), group.repeat(2));
    });
}

#[test]
fn a_value_that_is_promised_to_be_uniform_and_is_not_is_an_error_that_names_the_line() {
    on_each_device(|queue| {
        let values = Buffer::from((0..64u32).map(|k| k / 40).collect::<Vec<_>>());
        let out = Buffer::<u32>::new(64);
        let event = queue
            .submit(|h| {
                let (values, out) = (values.read(h), out.write(h));
                h.parallel_for(
                    NdRange::new(64, 32),
                    kernel!(move |it: NdItem<1>| {
                        let i = it.global_id();
                        if falx::uniform(values[i] == 0) {
                            it.barrier();
                            out[i] = it.group().reduce_sum(1);
                        }
                    }),
                )
            })
            .unwrap();
        let text = event.wait().unwrap_err().to_string();
        let line = line!() - 9;
        assert!(
            text.contains("`uniform(values[i] == 0)` differs between the work-items of a group"),
            "{text}"
        );
        assert!(text.contains(&format!("language_groups.rs:{line}:")), "{line}: {text}");
        assert!(text.contains("work-item 40"), "{text}");
    });
}

#[test]
fn a_value_that_is_uniform_is_let_through() {
    on_each_device(|queue| {
        let values = Buffer::from((0..64u32).map(|k| k / 32 * 3).collect::<Vec<_>>());
        let out = Buffer::<u32>::new(64);
        queue
            .submit(|h| {
                let (values, out) = (values.read(h), out.write(h).no_init());
                h.parallel_for(
                    NdRange::new(64, 32),
                    kernel!(move |it: NdItem<1>| {
                        let i = it.global_id();
                        let mut sum = 0;
                        for k in 0..falx::uniform(values[i]) {
                            sum += it.group().reduce_sum(k);
                        }
                        out[i] = sum;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..64).map(|k| if k < 32 { 0 } else { 96 }).collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn a_kernel_may_return_early_where_its_whole_group_does() {
    on_each_device(|queue| {
        let (active, out) = (2usize, Buffer::from(vec![9u32; 48]));
        queue
            .submit(|h| {
                let out = out.write(h);
                h.parallel_for(
                    NdRange::new(48, 16),
                    kernel!(move |it: NdItem<1>| {
                        if it.group_id()[0] >= active {
                            return;
                        }
                        it.barrier();
                        out[it.global_id()] = it.group().reduce_sum(1);
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..48).map(|k| if k < 32 { 16 } else { 9 }).collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn operations_that_need_more_local_memory_than_there_is_are_refused_with_the_numbers() {
    on_each_device(|queue| {
        let limit = queue.device().limits().local_memory_bytes;
        let out = Buffer::<u64>::new(16);
        let error = queue
            .submit(|h| {
                let (out, tile) = (out.write(h), h.local::<u8, 1>(limit - 64));
                h.parallel_for(
                    NdRange::new(16, 16),
                    kernel!(move |it: NdItem<1>| {
                        tile[0] = 1;
                        out[it.global_id()] = it.group().reduce_sum(1);
                    }),
                )
            })
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::MemoryAllocation);
        let text = error.to_string();
        assert!(text.contains(&format!("uses {} bytes of local memory", limit - 64 + 128)), "{text}");
    });
}

#[test]
fn a_fence_waits_for_nobody() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(32);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    NdRange::new(32, 8),
                    kernel!(move |it: NdItem<1>| {
                        if it.local_id()[0] == 0 {
                            it.fence();
                        }
                        out[it.global_id()] = 5;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [5; 32]);
    });
}
