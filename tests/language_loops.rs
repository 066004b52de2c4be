//! `for` goes through ranges and arrays as it does in Rust: forwards, backwards, in steps, up to the ends of each type.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same};
use falx::prelude::*;

same!(ranges_run_backwards, i64, |i| {
    let n = i as i32;
    let mut sum = 0i64;
    for k in (3..n).rev() {
        sum = sum * 3 % 1000003 + k as i64;
    }
    for k in (n..=40).rev() {
        sum = sum * 5 % 1000003 - k as i64;
    }
    for k in (-3..=3i8).rev() {
        sum = sum * 7 % 1000003 + k as i64;
    }
    for k in (0..5u8).rev().rev() {
        sum = sum * 11 % 1000003 + k as i64;
    }
    sum
});

same!(ranges_run_in_steps, u64, |i| {
    let n = i as u64;
    let mut sum = 0u64;
    for k in (1..n).step_by(3) {
        sum = sum * 31 % 1000003 + k;
    }
    for k in (n..=63).step_by(n as usize % 7 + 1) {
        sum = sum * 37 % 1000003 + k;
    }
    for k in (-100..100i16).step_by(33) {
        sum = sum * 41 % 1000003 + (k + 100) as u64;
    }
    for k in (0..n).step_by(1000) {
        sum += k + 1;
    }
    sum
});

same!(steps_and_directions_combine_in_their_order, u32, |i| {
    let n = i as u32;
    let mut sum = 0u32;
    for k in (0..n).rev().step_by(4) {
        sum = sum.wrapping_mul(31) + k;
    }
    for k in (0..n).step_by(4).rev() {
        sum = sum.wrapping_mul(31) + k;
    }
    for k in (0..i).step_by(2).step_by(3).rev() {
        sum = sum.wrapping_mul(31) + k as u32;
    }
    for k in (5..=n).rev().step_by(3).skip(1).take(4) {
        sum = sum.wrapping_mul(31) + k;
    }
    for k in (0..i).skip(2).rev().skip(1).step_by(5) {
        sum = sum.wrapping_mul(31) + k as u32;
    }
    for (place, k) in (10..n).enumerate().skip(3).step_by(2) {
        sum = sum.wrapping_mul(31) + k * 100 + place as u32;
    }
    for (place, k) in (10..i).enumerate().rev() {
        sum = sum.wrapping_mul(31) + k as u32 * 100 + place as u32;
    }
    sum
});

same!(ranges_end_where_their_type_ends, u64, |i| {
    let n = i as u64;
    let mut sum = 0u64;
    for k in (250..=255u8).rev() {
        sum = sum.wrapping_mul(3) + k as u64;
    }
    for k in (100..=255u8).step_by(50) {
        sum = sum.wrapping_mul(3) + k as u64;
    }
    for k in (-128..=127i8).step_by(100).take(5) {
        sum = sum.wrapping_mul(3) + k as u8 as u64;
    }
    for k in (u64::MAX - n..=u64::MAX).rev() {
        sum = sum.wrapping_mul(5) ^ k;
    }
    for k in (u64::MAX - 10 * n..=u64::MAX).step_by(7) {
        sum = sum.wrapping_mul(5) ^ k;
    }
    for k in (i64::MIN..=i64::MIN + n as i64).rev().step_by(3) {
        sum = sum.wrapping_mul(5) ^ k as u64;
    }
    for k in (0..=u64::MAX).step_by(usize::MAX) {
        sum = sum.wrapping_mul(7) ^ k;
    }
    for k in (n..u64::MAX - n % 3).step_by(1 << 63) {
        sum = sum.wrapping_mul(7) ^ k;
    }
    for k in (n % 2..u64::MAX).step_by(usize::MAX / 3 * 2 - i) {
        sum = sum.wrapping_mul(7) ^ k;
    }
    // Steps at which the sum with the length wraps around in some work-items, and not in others.
    for less in 5..8 {
        for k in (0..i % 5 + 1).step_by(usize::MAX - less) {
            sum = sum.wrapping_mul(7) ^ k as u64;
        }
        for k in (i..i + 3).step_by(usize::MAX - less + n as usize % 3) {
            sum = sum.wrapping_mul(7) ^ k as u64;
        }
    }
    for k in (0..=u64::MAX).rev().take(3) {
        sum = sum.wrapping_mul(7) ^ k;
    }
    for k in (i64::MIN..=i64::MAX).step_by(1 << 62) {
        sum = sum.wrapping_mul(7) ^ k as u64;
    }
    for k in (n..=u64::MAX).skip(5).take(2) {
        sum = sum.wrapping_mul(7) ^ k;
    }
    for k in (i32::MIN..=i32::MAX).step_by(1 << 30) {
        sum = sum.wrapping_mul(7) ^ k as u64;
    }
    for k in (i32::MAX - 3..i32::MAX).rev() {
        sum = sum.wrapping_mul(7) ^ k as u64;
    }
    for _ in (200..100u8).rev() {
        sum += 1;
    }
    for _ in (n + 1..=n).step_by(2) {
        sum += 1;
    }
    for _ in (i64::MIN..i64::MIN).rev() {
        sum += 1;
    }
    sum
});

same!(what_a_loop_goes_through_is_evaluated_once_and_in_order, u32, |i| {
    let mut order = 1u32;
    let mut turns = 0u32;
    for _ in ({
        order = order * 10 + 1;
        0
    }..{
        order = order * 10 + 2;
        i as u32
    })
        .step_by({
            order = order * 10 + 3;
            2
        })
        .skip({
            order = order * 10 + 4;
            1
        })
    {
        order += 1;
        turns += 1;
    }
    order * 100 + turns
});

same!(arrays_are_gone_through_by_value, f32, |i| {
    let x = i as f32;
    let mut values = [x, 1.5, -2.0, x * x, 7.0];
    let mut sum = 0.0f32;
    for value in values {
        values[1] = 100.0;
        sum = sum * 0.5 + value;
    }
    for value in values.into_iter().rev().step_by(2) {
        sum = sum * 0.25 + value;
    }
    for (k, mut value) in values.iter().copied().enumerate().skip(1) {
        value += k as f32;
        sum = sum * 0.5 + value;
    }
    for [a, b] in [[1.0, 2.0], [x, 4.0]] {
        sum += a * b;
    }
    for _ in [0u8; 3] {
        sum += 1.0;
    }
    for row in [[1, 2, 3], [4, 5, 6]] {
        for k in row {
            sum += k as f32;
        }
    }
    sum
});

same!(such_loops_are_left_and_continued, u32, |i| {
    let mut sum = 0u32;
    'outer: for a in (0..20u32).rev() {
        for b in (0..a).step_by(3) {
            match (a * b + i as u32) % 7 {
                1 => continue 'outer,
                2 => continue,
                3 if a < i as u32 % 20 => break 'outer,
                4 => break,
                other => sum += other + b,
            }
        }
        sum = sum * 3 % 10007;
    }
    sum
});

#[device]
fn first_multiple(of: u32, values: [u32; 6]) -> u32 {
    for (place, value) in values.into_iter().enumerate() {
        if value % of == 0 {
            return place as u32 * 1000 + value;
        }
    }
    7
}

same!(such_loops_are_returned_from, u32, |i| {
    let n = i as u32;
    first_multiple(n % 5 + 2, [n, n + 3, n * 2 + 1, 25, 7, 36])
});

#[test]
fn a_step_of_zero_is_a_failure_that_names_its_place_and_the_loop_still_ends() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(40);
        let event = queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    40,
                    kernel!(move |i: usize| {
                        let mut turns = 0;
                        for _ in (0..10u32).step_by(30usize.wrapping_sub(i)) {
                            turns += 1;
                        }
                        out[i] = turns;
                    }),
                )
            })
            .unwrap();
        let error = event.wait().unwrap_err().to_string();
        let end = "a step of zero in `(0..10u32).step_by(30usize.wrapping_sub(i))`, work-item 30";
        assert!(error.contains("language_loops.rs:") && error.ends_with(end), "{error}");
    });
}

#[test]
fn a_literal_step_of_zero_is_a_failure() {
    on_each_device(|queue| {
        let event = queue
            .submit(|h| {
                h.single_task(kernel!(move || {
                    for k in (0..10u32).step_by(0) {
                        let _ = k;
                    }
                }))
            })
            .unwrap();
        let error = event.wait().unwrap_err().to_string();
        assert!(error.contains("a step of zero in `(0..10u32).step_by(0)`"), "{error}");
    });
}

#[test]
fn a_loop_over_an_accessors_rows_needs_no_checks_in_either_direction() {
    on_each_device(|queue| {
        let from = Buffer::from((0..100u32).collect::<Vec<_>>());
        let out = Buffer::<u32>::new(2);
        queue
            .submit(|h| {
                let (from, out) = (from.read(h), out.write(h).no_init());
                h.single_task(kernel!(move || {
                    let mut sum = 0u32;
                    for k in (0..from.range()[0]).rev().step_by(3) {
                        sum = sum.wrapping_mul(31) + from[k];
                    }
                    out[0] = sum;
                    out[1] = 1;
                }))
            })
            .unwrap();
        let expected = (0..100u32).rev().step_by(3).fold(0u32, |sum, k| sum.wrapping_mul(31) + k);
        assert_eq!(out.host_read().unwrap()[0], expected);
    });
}
