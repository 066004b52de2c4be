//! One test by name for each place where OpenCL C, taken literally, means something else than Rust.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{float32, on_each_device, table};
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
