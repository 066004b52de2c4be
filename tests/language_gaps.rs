//! One test by name for each place where OpenCL C, taken literally, means something else than Rust.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{float32, on_each_device, same, table};
use falx::prelude::*;

table!(signed_overflow_wraps_and_is_not_assumed_away, i32, |x, y| {
    (x + 1 > x) as u64 => x.wrapping_add(1) > x;
    (x * 2 / 2) as u64 => x.wrapping_mul(2) / 2;
    (x - y < x) as u64 => x.wrapping_sub(y) < x;
    (-x) as u64 => x.wrapping_neg();
});
table!(ushort_product_wraps, u16, |x, y| {
    (x * y) as u64 => x.wrapping_mul(y);
    ((x * y) >> 1) as u64 => x.wrapping_mul(y) >> 1;
    (x * y > 5) as u64 => x.wrapping_mul(y) > 5;
});
table!(bytes_are_cut_after_every_operation, u8, |x, y| {
    ((x + y) / 2) as u64 => x.wrapping_add(y) / 2;
    (!x >> 1) as u64 => !x >> 1;
    ((x - y) as u32) as u64 => x.wrapping_sub(y) as u32;
});
table!(choices_between_bytes_are_bytes_for_methods, u8, |x, y| {
    (if x > y { x } else { y }).abs_diff(3) as u64 => (if x > y { x } else { y }).abs_diff(3);
    (if x > y { x } else { y }).min(y) as u64 => (if x > y { x } else { y }).min(y);
    y.min((x > y) as u8) as u64 => y.min((x > y) as u8);
    x.saturating_add(if x > y { y } else { 9 }) as u64 => x.saturating_add(if x > y { y } else { 9 });
});
table!(shifts_of_bytes_mask_their_amount_to_three_bits, i8, |x, y| {
    (x << y) as u64 => x.wrapping_shl(y as u32);
    (x >> y) as u64 => x.wrapping_shr(y as u32);
});
table!(the_smallest_integer_has_itself_as_magnitude, i32, |x, y| {
    x.abs() as u64 => x.wrapping_abs();
    (x.abs() as i64) as u64 => x.wrapping_abs() as i64;
    (x.abs() < 0) as u64 => x == i32::MIN;
});
table!(zero_has_as_many_leading_zeros_as_bits, u32, |x, y| {
    x.leading_zeros() as u64 => x.leading_zeros();
    x.trailing_zeros() as u64 => x.trailing_zeros();
    (x as u8).leading_zeros() as u64 => (x as u8).leading_zeros();
    (x as i16).trailing_zeros() as u64 => (x as i16).trailing_zeros();
});
table!(float_to_int_casts_saturate_and_take_nan_for_zero, f32, |x, y| {
    (x as i32) as u64 => x as i32;
    (x as u8) as u64 => x as u8;
    (x as u32) as u64 => x as u32;
    (x as i64) as u64 => x as i64;
});
table!(integers_become_the_nearest_float_ties_to_even, i64, |x, y| {
    float32(x as f32) => x as f32;
    float32((x as u64) as f32) => x as u64 as f32;
});
table!(float_literals_have_the_type_of_their_use, f32, |x, y| {
    float32(x * 0.1) => x * 0.1;
    float32(x * 1e-40) => x * 1e-40;
    float32(x + 16777217.0) => x + 16777217.0;
    float32(f32::INFINITY - x) => f32::INFINITY - x;
    float32(f32::MIN * 0.5 + x) => f32::MIN * 0.5 + x;
});
table!(products_and_sums_are_not_contracted, f32, |x, y| {
    float32(x * y + 0.1) => x * y + 0.1;
    float32(x * x - y * y) => x * x - y * y;
    float32(x.mul_add(y, 0.1)) => x.mul_add(y, 0.1);
});
table!(divisions_and_roots_are_correctly_rounded, f32, |x, y| {
    float32(x / y) => x / y;
    float32(1.0 / x) => 1.0 / x;
    float32((x * x + y * y).sqrt()) => (x * x + y * y).sqrt();
    float32(x.sqrt() / y.sqrt()) => x.sqrt() / y.sqrt();
});
table!(subnormals_are_kept, f32, |x, y| {
    float32(x * 1e-38) => x * 1e-38;
    float32(x * 1e-38 * 1e20) => x * 1e-38 * 1e20;
    float32(1e-39 + y) => 1e-39 + y;
});
table!(float_max_ignores_nan, f32, |x, y| {
    float32(x.max(y) + 0.0) => x.max(y) + 0.0;
    float32(x.min(y) + 0.0) => x.min(y) + 0.0;
    float32(x.max(1.0)) => x.max(1.0);
});
table!(clamp_keeps_nan, f32, |x, y| {
    float32(x.clamp(-2.0, 3.0)) => x.clamp(-2.0, 3.0);
});
table!(remainders_have_the_sign_of_the_dividend, f32, |x, y| {
    float32(x % y) => x % y;
    float32(x % 0.7) => x % 0.7;
});
table!(comparisons_with_nan_are_false, f32, |x, y| {
    (x < y || x >= y) as u64 => x < y || x >= y;
    (!(x < y)) as u64 => !(x < y);
    (x == x) as u64 => x == x;
    (x != x) as u64 => x != x;
});
table!(halves_round_away_from_zero_or_to_even, f32, |x, y| {
    float32(x.round()) => x.round();
    float32(x.round_ties_even()) => x.round_ties_even();
    float32((x * 0.5).round()) => (x * 0.5).round();
});
table!(signum_and_fract_keep_the_sign, f32, |x, y| {
    float32(x.signum()) => x.signum();
    float32((-x).fract()) => (-x).fract();
    float32(x.copysign(y)) => x.copysign(y);
});

table!(the_smallest_integer_divided_by_minus_one_wraps, i32, |x, y| {
    (if y == 0 { 7 } else { x.wrapping_div(y) }) as u64 => if y == 0 { 7 } else { x.wrapping_div(y) };
    (if y == 0 { 7 } else { x.wrapping_rem(y) }) as u64 => if y == 0 { 7 } else { x.wrapping_rem(y) };
});
table!(the_ends_of_types_are_literals, i64, |x, y| {
    (x ^ i64::MIN) as u64 => x ^ i64::MIN;
    (x & -9_223_372_036_854_775_808) as u64 => x & i64::MIN;
    (x as i32 ^ -2_147_483_648) as u64 => x as i32 ^ i32::MIN;
    ((x as u64) ^ 18_446_744_073_709_551_615) => !(x as u64);
    (x as u32 ^ 4_294_967_295) as u64 => !(x as u32);
});

same!(the_value_of_an_assignment_comes_before_its_place, u32, |i| {
    let mut a = [0u32; 4];
    let mut k = i % 2;
    a[{
        k += 1;
        k
    }] = {
        k *= 2;
        k as u32 + 5
    };
    a[{
        k -= 1;
        k
    }] += {
        k += 1;
        10 * k as u32
    };
    a[0] + a[1] * 7 + a[2] * 49 + a[3] * 343
});

same!(the_right_side_of_and_and_or_runs_only_if_it_decides, u32, |i| {
    let mut n = 0;
    let mut counted = |holds: bool| {
        n += 1;
        holds
    };
    let (a, b) = (i % 2 == 0, i % 3 == 0);
    let both = counted(a) && counted(b);
    let either = counted(a) || counted(b);
    n * 4 + both as u32 * 2 + either as u32
});

same!(arrays_and_tuples_are_assigned_passed_and_returned_as_values, u32, |i| {
    #[device]
    fn turned((a, [b, c]): (u32, [u32; 2])) -> ([u32; 2], u32) {
        ([b, a], c)
    }
    let first = (i as u32, [1, 2]);
    let mut second = first;
    second.1[0] += 5;
    let (pair, last) = turned(second);
    let mut other = pair;
    other[1] = 9;
    first.1[0] + pair[0] * 10 + pair[1] * 100 + last * 1000 + other[1]
});

same!(a_break_in_a_match_leaves_the_loop_around_it, u32, |i| {
    let mut n = i as u32;
    let steps = loop {
        match n % 5 {
            0 => break n,
            1 | 2 => {
                n += 3;
                continue;
            }
            _ => n += 1,
        }
        n += 10;
    };
    steps + n
});

#[test]
fn bools_and_sizes_travel_by_value() {
    on_each_device(|queue| {
        let out = Buffer::<u64>::new(4);
        let (flags, size, offset) = ([true, false, true], usize::MAX, isize::MIN);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    4,
                    kernel!(move |i: usize| {
                        let flag = flags[i % 3];
                        out[i] = if flag { size as u64 - i as u64 } else { (offset + i as isize) as u64 };
                    }),
                )
            })
            .unwrap();
        let expected = [u64::MAX, i64::MIN as u64 + 1, u64::MAX - 2, u64::MAX - 3];
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn names_that_opencl_reserves_are_ordinary_names() {
    on_each_device(|queue| {
        let (kernel, global) = (Buffer::from(vec![1u32; 4]), 3u32);
        queue
            .submit(|h| {
                let uint = kernel.read_write(h);
                h.parallel_for(
                    4,
                    kernel!(move |get_global_id: usize| {
                        let half = global;
                        let local = half + 1;
                        let max = local * 2;
                        let int = max.max(half);
                        let p = int - 1;
                        let t = p;
                        let falx_trap = t;
                        let float4 = [falx_trap; 2];
                        let constant = float4[1];
                        uint[get_global_id] += constant;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*kernel.host_read().unwrap(), [8; 4]);
    });
}

#[device]
fn endless(x: u32) -> u32 {
    if x == 0 { 0 } else { further(x - 1) + 1 }
}

#[device]
fn further(x: u32) -> u32 {
    endless(x)
}

#[test]
fn recursion_is_an_error() {
    on_each_device(|queue| {
        let out = Buffer::from(vec![1u32; 4]);
        let error = queue
            .submit(|h| {
                let out = out.write(h);
                h.parallel_for(4, kernel!(move |i: usize| out[i] = endless(i as u32)));
            })
            .unwrap_err();
        let text = error.to_string();
        let (first, second) = (text.find("`endless` ("), text.find("-> `further` ("));
        assert!(first < second && text.contains("-> `endless`; write it as a loop"), "{error}");
        let mut lines = include_str!("language_gaps.rs").lines();
        let line = lines.position(|line| line.starts_with("fn endless")).unwrap() + 1;
        assert!(text.contains(&format!("tests/language_gaps.rs:{line})")), "{error}");
    });
}
