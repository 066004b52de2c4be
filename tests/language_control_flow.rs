//! Loops, conditions and the order of evaluation mean in a kernel what they mean in Rust, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same};
use falx::prelude::*;

same!(if_else_chains_are_values, i32, |i| {
    let sign = if i < 20 {
        -1
    } else if i < 40 {
        0
    } else {
        1
    };
    sign * (i as i32)
});

same!(nested_loops_with_break_and_continue_count_as_in_rust, u32, |i| {
    let mut count = 0u32;
    for a in 0..(i as u32) {
        if a % 3 == 1 {
            continue;
        }
        let mut b = a;
        while b > 0 {
            b /= 2;
            if b == 5 {
                break;
            }
            count += b;
        }
    }
    count
});

same!(labelled_breaks_leave_the_named_loop, i64, |i| {
    let mut sum = 0i64;
    'outer: for a in 0..20i64 {
        'middle: for b in 0..20i64 {
            for c in 0..20i64 {
                if c > b {
                    continue 'middle;
                }
                if a * b * c > 30 * (i as i64) {
                    break 'outer;
                }
                sum += a + 2 * b + 3 * c;
            }
            sum -= 1;
        }
    }
    sum
});

same!(loops_give_values_through_break, u64, |i| {
    let mut x = i as u64 + 27;
    let mut steps = 0u64;
    let end = loop {
        if x == 1 {
            break steps;
        }
        if steps > 60 {
            break x;
        }
        x = if x % 2 == 0 { x / 2 } else { 3 * x + 1 };
        steps += 1;
    };
    end + loop {
        break 1000;
    }
});

same!(ranges_may_be_empty_reversed_inclusive_and_end_at_the_largest_value, i64, |i| {
    let mut sum = 0i64;
    for k in 5..(i as i32) {
        sum += k as i64;
    }
    for k in -3..=3i8 {
        sum = sum * 3 + k as i64;
    }
    for k in 250..=255u8 {
        sum = sum + k as i64;
    }
    for k in 2147483640..=2147483647i32 {
        sum = sum + k as i64 % 7;
    }
    for k in 18446744073709551610..=18446744073709551615u64 {
        sum += (k % 11) as i64;
    }
    for k in 9..=(i as u32) {
        sum -= k as i64;
    }
    for _ in 0..3 {
        sum = sum % 1000003 * 2;
    }
    sum
});

same!(a_changed_copy_of_the_counter_does_not_change_the_loop, u32, |i| {
    let mut sum = 0;
    for k in 0..10u32 {
        let mut k = k;
        k *= 2;
        sum += k + i as u32;
    }
    sum
});

same!(a_range_is_evaluated_once, u32, |i| {
    let mut end = 5u32;
    let mut turns = 0;
    for _ in 0..end {
        end += i as u32 + 1;
        turns += 1;
    }
    turns * 1000 + end
});

same!(shadowed_names_are_new_variables, i32, |i| {
    let x = i as i32;
    let y = {
        let x = x * 2;
        let x = x + 1;
        x
    };
    let x = x - y;
    let int = x + 1;
    let float = int * 2;
    let kernel = float + int;
    let half = kernel - y;
    half + x
});

same!(operands_are_evaluated_from_left_to_right, i32, |i| {
    let mut x = i as i32;
    let first = x + {
        x += 10;
        x
    } * {
        x += 1;
        x
    } - x;
    first * 3 + {
        let t = x;
        x = 0;
        t
    } - x
});

same!(the_right_side_of_a_logic_operator_runs_only_if_needed, i32, |i| {
    let mut calls = 0;
    let n = i as i32;
    let a = n > 10 && {
        calls += 1;
        n > 20
    };
    let b = n > 30 || {
        calls += 10;
        n < 5
    };
    let c = a && b || {
        calls += 100;
        true
    };
    calls * 8 + (a as i32) * 4 + (b as i32) * 2 + c as i32
});

same!(a_guarded_division_does_not_fail, i32, |i| {
    let n = i as i32 - 5;
    if n != 0 && 100 / n > 3 { 100 / n } else { -1 }
});

same!(deferred_lets_are_set_on_every_path, f32, |i| {
    let scale;
    if i % 2 == 0 {
        scale = 0.5;
    } else {
        scale = 0.1;
    }
    scale * i as f32
});

same!(compound_assignments_take_every_operator, u32, |i| {
    let mut x = i as u32 + 100;
    x += 3;
    x -= 1;
    x *= 7;
    x /= 2;
    x %= 1001;
    x &= 0xfff;
    x |= 0x10;
    x ^= 0x55;
    x <<= 4;
    x >>= 1;
    x
});

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

same!(constants_of_rust_are_constants_of_kernels, u64, |i| {
    (i as u64).wrapping_mul(STEP) ^ (u32::MAX as u64) ^ (i64::MIN as u64) ^ (f32::MAX.to_bits() as u64)
});

#[test]
fn an_early_return_ends_its_own_work_item_alone() {
    on_each_device(|queue| {
        let out = Buffer::from(vec![7u32; 64]);
        queue
            .submit(|h| {
                let out = out.write(h);
                h.parallel_for(
                    64,
                    kernel!(move |i: usize| {
                        if i % 3 == 0 {
                            return;
                        }
                        for k in 0..i {
                            if k == 20 {
                                out[i] = 1000;
                                return;
                            }
                        }
                        out[i] = i as u32;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..64)
            .map(|i| {
                if i % 3 == 0 {
                    7
                } else if i > 20 {
                    1000
                } else {
                    i
                }
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn an_element_is_indexed_after_the_assigned_value_was_computed() {
    on_each_device(|queue| {
        let out = Buffer::from(vec![0u32; 8]);
        queue
            .submit(|h| {
                let out = out.read_write(h);
                h.single_task(kernel!(move || {
                    let mut at = 0;
                    out[at] = {
                        at = 3;
                        5
                    };
                    out[{
                        at += 1;
                        at
                    }] += {
                        at += 1;
                        10 + at as u32
                    };
                }))
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [0, 0, 0, 5, 0, 14, 0, 0]);
    });
}

/// Terms of very different size, whose sum depends on their order.
fn terms() -> Vec<f32> {
    (0..1000u32).map(|k| (k.wrapping_mul(2654435761) >> 8) as f32 * 0.37 - 3e6).collect()
}

#[test]
fn float_sums_keep_their_order() {
    let terms = terms();
    let sum = terms.iter().fold(0.0f32, |sum, x| sum + x);
    let product = terms.iter().fold(1.0f32, |sum, x| sum * (1.0 + x * 1e-8));
    let alternating =
        terms.iter().enumerate().fold(0.0f32, |sum, (k, x)| if k % 2 == 0 { sum + x } else { sum - x });
    on_each_device(|queue| {
        let from = Buffer::from(terms.clone());
        // Every work-item sums the same terms: in the vector part of a group and in what remains.
        let out = Buffer::from_vec(vec![0.0f32; 4 * 203], [4, 203]).unwrap();
        queue
            .submit(|h| {
                let (from, out) = (from.read(h), out.read_write(h));
                h.parallel_for(
                    203,
                    kernel!(move |i: usize| {
                        let mut sum = 0.0;
                        for k in 0..1000 {
                            sum += from[k];
                        }
                        out[[0, i]] = sum;
                        let mut k = 0;
                        let mut product = 1.0;
                        while k < from.range()[0] {
                            product = product * (1.0 + from[k] * 1e-8);
                            k += 1;
                        }
                        out[[1, i]] = product;
                        let mut both = [0.0f32; 2];
                        for k in 0..1000 {
                            both[1] = if k % 2 == 0 { both[1] + from[k] } else { both[1] - from[k] };
                        }
                        out[[2, i]] = both[1] + both[0];
                        for k in 0..1000 {
                            out[[3, i]] += from[k];
                        }
                    }),
                )
            })
            .unwrap();
        let out = out.host_read().unwrap();
        for (row, expected) in [sum, product, alternating, sum].into_iter().enumerate() {
            let wrong =
                out[row * 203..][..203].iter().filter(|got| got.to_bits() != expected.to_bits()).count();
            assert_eq!(wrong, 0, "row {row}");
        }
    });
}

#[test]
fn a_single_task_sums_floats_in_order() {
    let terms = terms();
    let expected = terms.iter().fold(0.0f32, |sum, x| sum + x);
    on_each_device(|queue| {
        let (from, out) = (Buffer::from(terms.clone()), Buffer::<f32>::new(1));
        queue
            .submit(|h| {
                let (from, out) = (from.read(h), out.write(h).no_init());
                h.single_task(kernel!(move || {
                    let mut sum = 0.0;
                    for k in 0..from.range()[0] {
                        sum += from[k];
                    }
                    out[0] = sum;
                }))
            })
            .unwrap();
        assert_eq!(out.host_read().unwrap()[0].to_bits(), expected.to_bits());
    });
}
