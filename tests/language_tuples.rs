//! Tuples are values in a kernel as they are in Rust, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same};
use falx::prelude::*;

#[device]
fn divided(a: u32, b: u32) -> (u32, u32) {
    (a / b, a % b)
}

#[device]
fn swapped(pair: (u32, (i64, bool))) -> ((i64, bool), u32) {
    let (first, second) = pair;
    (second, first)
}

#[device]
fn extremes(values: [i32; 5]) -> (i32, i32) {
    let mut found = (values[0], values[0]);
    for k in 1..5 {
        let (low, high) = found;
        if values[k] < low {
            found.0 = values[k];
        }
        if values[k] > high {
            found.1 = values[k];
        }
    }
    found
}

#[test]
fn functions_return_tuples_that_patterns_take_apart() {
    on_each_device(|queue| {
        let out = Buffer::<u32, 2>::new([50, 3]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    50,
                    kernel!(move |i: usize| {
                        let (quotient, rest) = divided(i as u32 * 7, 5);
                        let ((long, flag), mut short) = swapped((quotient, (rest as i64 - 2, rest > 2)));
                        short += 1;
                        out[[i, 0]] = short;
                        out[[i, 1]] = long as u32;
                        out[[i, 2]] = if flag { divided(99, 10).1 } else { 1 };
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..50)
            .flat_map(|i| {
                let (quotient, rest) = (i * 7 / 5, i * 7 % 5);
                [quotient + 1, (rest as i64 - 2) as u32, if rest > 2 { 9 } else { 1 }]
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn fields_of_tuples_are_values_and_places() {
    on_each_device(|queue| {
        let out = Buffer::<i32, 2>::new([20, 4]);
        let shift = (3, (1.5f32, [4i32, 5]));
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    20,
                    kernel!(move |i: usize| {
                        let mut t = (i as i32, (0.5f32, [1, 2, 3]), (true,));
                        t.0 += shift.0;
                        (t.1).1[i % 3] = 70;
                        t.1.1[0] *= shift.1.1[1];
                        t.1.0 += shift.1.0;
                        t.2.0 = !t.2.0 && i > 2;
                        let (first, .., (last,)) = t;
                        let (low, high) = extremes([t.1.1[0], t.1.1[1], t.1.1[2], first, -4]);
                        out[[i, 0]] = first + last as i32;
                        out[[i, 1]] = t.1.1[0] * 1000 + t.1.1[1];
                        out[[i, 2]] = (t.1.0 * 2.0) as i32;
                        out[[i, 3]] = low * 100 + high;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<i32> = (0..20usize)
            .flat_map(|i| {
                let mut values = [1, 2, 3];
                values[i % 3] = 70;
                values[0] *= 5;
                let first = i as i32 + 3;
                let all = [values[0], values[1], values[2], first, -4];
                let (low, high) = (all.iter().min().unwrap(), all.iter().max().unwrap());
                [first, values[0] * 1000 + values[1], 4, low * 100 + high]
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn tuples_are_copied_and_chosen_whole() {
    on_each_device(|queue| {
        let out = Buffer::<u64, 2>::new([16, 2]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    16,
                    kernel!(move |i: usize| {
                        let even = (i as u64, 1u8);
                        let mut all = [(0u64, 0u8); 3];
                        all[i % 3] = if i % 2 == 0 { even } else { (100, 2) };
                        let copy = all;
                        all[0].1 += 5;
                        let best = loop {
                            if copy[1].1 > 0 {
                                break copy[1];
                            }
                            break all[0];
                        };
                        out[[i, 0]] = best.0;
                        out[[i, 1]] = best.1 as u64;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u64> = (0..16u64)
            .flat_map(|i| {
                let chosen = if i % 2 == 0 { (i, 1) } else { (100, 2) };
                let first = if i % 3 == 0 { (chosen.0, chosen.1 + 5) } else { (0, 5) };
                let best = if i % 3 == 1 { chosen } else { first };
                [best.0, best.1]
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn the_parts_of_a_tuple_are_evaluated_from_left_to_right() {
    on_each_device(|queue| {
        let out = Buffer::<u32, 2>::new([4, 3]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    4,
                    kernel!(move |i: usize| {
                        let mut n = i as u32;
                        let t = (
                            n,
                            {
                                n += 10;
                                n
                            },
                            n,
                        );
                        out[[i, 0]] = t.0;
                        out[[i, 1]] = t.1;
                        out[[i, 2]] = t.2;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..4).flat_map(|i| [i, i + 10, i + 10]).collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn accessors_may_be_in_tuples() {
    on_each_device(|queue| {
        let from = Buffer::from(vec![1.0f32, 2.0, 3.0]);
        let to = Buffer::<f32>::new(3);
        queue
            .submit(|h| {
                let (from, to) = (from.read(h), to.write(h).no_init());
                h.parallel_for(
                    3,
                    kernel!(move |i: usize| {
                        let mut both = (from, to, i);
                        both.1[both.2] = both.0[i] * 2.0;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*to.host_read().unwrap(), [2.0, 4.0, 6.0]);
    });
}

#[test]
fn an_index_inside_of_a_tuple_is_checked() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(4);
        queue
            .submit(|h| {
                let out = out.write(h);
                h.parallel_for(
                    4,
                    kernel!(move |i: usize| {
                        let t = (7u32, [1u32, 2, 3]);
                        out[i] = t.1[i];
                    }),
                )
            })
            .unwrap();
        let error = out.host_read().unwrap_err().to_string();
        assert!(error.contains("`t.1`") && error.contains('3'), "{error}");
    });
}

#[test]
fn tuples_and_structs_are_matched() {
    #[device]
    #[derive(Clone, Copy)]
    struct Step {
        kind: u8,
        by: (i32, bool),
    }
    on_each_device(|queue| {
        let out = Buffer::<i32>::new(12);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    12,
                    kernel!(move |i: usize| {
                        let step = Step { kind: (i % 4) as u8, by: (i as i32, i > 6) };
                        let first = match (i % 3, step.by) {
                            (0, (n, true)) => n,
                            (1, (n @ 2..=5, _)) => n * 10,
                            (_, (.., flag)) if flag => -1,
                            (k, ..) => 100 + k as i32,
                        };
                        let second = match step {
                            Step { kind: 0, .. } => 1000,
                            Step { by: (n, false), kind } => n * 1000 + kind as i32 * 10000,
                            _ => 0,
                        };
                        out[i] = first + second;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<i32> = (0..12)
            .map(|i| {
                let (n, flag) = (i, i > 6);
                let first = match (i % 3, (n, flag)) {
                    (0, (n, true)) => n,
                    (1, (n @ 2..=5, _)) => n * 10,
                    (_, (.., flag)) if flag => -1,
                    (k, ..) => 100 + k,
                };
                first
                    + if i % 4 == 0 {
                        1000
                    } else if !flag {
                        n * 1000 + i % 4 * 10000
                    } else {
                        0
                    }
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[device]
#[derive(Clone, Copy)]
struct Pair {
    left: u32,
    right: u32,
}

same!(patterns_are_assigned_to_from_left_to_right, u32, |i| {
    let (mut a, mut b) = (i as u32, 100 + i as u32);
    (a, b) = (b, a);
    let mut values = [1u32, 2, 3];
    let mut k;
    (k, values[2 - i % 3], _) = (i % 3, a, b);
    (k, values[k]) = ((k + 1) % 3, 9);
    [values[k], .., a] = [a * 2, 7, 7, b + 5];
    let mut pair = Pair { left: a, right: b };
    Pair { left: b, right: pair.left } = pair;
    (pair.right, ..) = (values[2], 0, 1);
    let c;
    ((a, c), [b]) = ((a + 1, b), [b * 3]);
    _ = c + 1;
    a + b * 7 + c * 3 + pair.left * 11 + pair.right * 13 + values[0] * 17 + values[1] * 19 + k as u32
});
