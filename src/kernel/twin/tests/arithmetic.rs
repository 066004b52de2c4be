//! What operators and methods mean.

use super::{Memory, run, run_single};
use crate::kernel::Failure;
use crate::prelude::*;

#[test]
fn vectors_are_added_element_by_element() {
    let (a, b, c) =
        (Memory::of(&[1.0f32, 2.0, 3.0]), Memory::of(&[10.0f32, 20.0, 30.0]), Memory::of(&[0.0f32; 3]));
    let scale = 0.5;
    {
        let (a, b, c) = (a.slots::<f32>(), b.slots::<f32>(), c.slots::<f32>());
        assert_eq!(run(3, kernel!(move |i: Id<1>| c[i] = scale * (a[i] + b[i]))), None);
    }
    assert_eq!(c.values::<f32>(), [5.5, 11.0, 16.5]);
}

#[test]
fn integers_wrap_in_every_profile() {
    let out = Memory::of(&[0i32; 8]);
    let (c, big, small) = (out.slots::<i32>(), i32::MAX, i32::MIN);
    run_single(kernel!(|| {
        c[0] = big + 1;
        c[1] = small - 1;
        c[2] = big * 2;
        c[3] = -small;
        c[4] = small.abs();
        c[5] = 3i32.pow(40);
        let mut x = big;
        x += 2;
        c[6] = x;
        c[7] = i32::MAX + i32::MAX;
    }));
    let pow = 3i32.wrapping_pow(40);
    assert_eq!(out.values::<i32>(), [i32::MIN, i32::MAX, -2, i32::MIN, i32::MIN, pow, i32::MIN + 1, -2]);
}

#[test]
fn shifts_count_modulo_the_width_of_the_left_operand() {
    let out = Memory::of(&[0i32; 5]);
    let (c, amount) = (out.slots::<i32>(), 33u8);
    run_single(kernel!(|| {
        c[0] = 1 << amount;
        c[1] = -8 >> 1;
        let narrow: u8 = 0x81;
        c[2] = (narrow << 9) as i32;
        c[3] = (narrow >> amount) as i32;
        let mut x = 1;
        x <<= 34;
        c[4] = x;
    }));
    assert_eq!(out.values::<i32>(), [2, -4, 2, 0x40, 4]);
}

#[test]
fn a_division_without_a_result_is_a_trap_and_gives_zero() {
    for (numerator, denominator) in [(7, 0), (i32::MIN, -1)] {
        let out = Memory::of(&[5i32; 3]);
        let c = out.slots::<i32>();
        let failure = run(
            1usize,
            kernel!(|_: usize| {
                c[0] = numerator / denominator;
                c[1] = numerator % denominator;
                c[2] = 9 / 2;
            }),
        );
        let Some(Failure::Division { site }) = failure else { panic!("no trap, but {failure:?}") };
        assert_eq!((site.subject, site.file), ("numerator / denominator", file!()));
        assert_eq!(site.line, line!() - 7);
        assert_eq!(out.values::<i32>(), [0, 0, 4]);
    }
}

#[test]
fn an_index_outside_of_an_array_is_a_trap_and_gives_zero() {
    let out = Memory::of(&[5i32; 2]);
    let (c, far) = (out.slots::<i32>(), 4);
    let failure = run(
        1usize,
        kernel!(|_: usize| {
            let mut tile = [1, 2, 3, 4];
            tile[far] = 9;
            c[0] = tile[far];
            c[1] = tile[3];
        }),
    );
    let Some(Failure::Index { site, dimensions: 1, index: [4, 0, 0], length: [4, 0, 0] }) = failure else {
        panic!("no trap, but {failure:?}")
    };
    assert_eq!((site.subject, site.column), ("tile", 13));
    assert_eq!(out.values::<i32>(), [0, 4]);
}

#[test]
fn the_value_of_a_compound_assignment_is_evaluated_before_its_place() {
    let out = Memory::of(&[0i32, 0, 10, 0]);
    let c = out.slots::<i32>();
    run_single(kernel!(|| {
        let mut n = 0;
        c[{
            n += 1;
            n
        }] += {
            n += 1;
            c[2] = 20;
            n as i32
        };
        let mut x = 1;
        x += {
            x = 10;
            5
        };
        c[0] = x;
        let mut k = 0;
        c[{
            k += 2;
            k
        }] = {
            k += 1;
            k as i32
        };
    }));
    assert_eq!(out.values::<i32>(), [15, 0, 21, 1]);
}

#[test]
fn casts_saturate_and_truncate_as_rust_does() {
    let out = Memory::of(&[0i64; 8]);
    let (c, huge, nothing) = (out.slots::<i64>(), 1e20f32, f32::NAN);
    run_single(kernel!(|| {
        c[0] = huge as i32 as i64;
        c[1] = nothing as i64;
        c[2] = -1 as i8 as u8 as i64;
        c[3] = !0 as u32 as i64;
        c[4] = 3000000000 as i64;
        c[5] = -1.5 as i64;
        c[6] = true as i64;
        c[7] = 300 as u16 as u8 as i64;
    }));
    assert_eq!(out.values::<i64>(), [i64::from(i32::MAX), 0, 255, 0xffff_ffff, 3_000_000_000, -1, 1, 44]);
}

#[test]
fn methods_mean_what_rust_says() {
    let out = Memory::of(&[0.0f32; 10]);
    let (c, zero, nothing) = (out.slots::<f32>(), -0.0f32, f32::NAN);
    run_single(kernel!(|| {
        c[0] = zero.signum();
        c[1] = nothing.min(2.0);
        c[2] = 2.5f32.mul_add(2.0, zero).sqrt() as f32;
        c[3] = f32::max(1.0, 3.0);
        c[4] = (-7.5f32).rem_euclid(2.0);
        c[5] = nothing.clamp(0.0, 1.0);
        c[6] = zero.clamp(2.0, 1.0);
        c[7] = f32::from_bits(0x40490fdb);
        c[8] = std::f32::consts::PI;
        c[9] = f32::abs(-3.0);
    }));
    let values = out.values::<f32>();
    assert_eq!(values[..5], [-1.0, 2.0, 5f32.sqrt(), 3.0, 0.5]);
    assert!(values[5].is_nan());
    assert_eq!(values[6..], [2.0, std::f32::consts::PI, std::f32::consts::PI, 3.0]);
}

#[test]
fn euclidean_division_by_zero_is_a_trap() {
    let out = Memory::of(&[0i32; 2]);
    let (c, zero) = (out.slots::<i32>(), 0);
    let failure = run(
        1usize,
        kernel!(|_: usize| {
            c[0] = (-7i32).rem_euclid(4);
            c[1] = 7i32.div_euclid(zero);
        }),
    );
    assert!(matches!(failure, Some(Failure::Division { .. })), "{failure:?}");
    assert_eq!(out.values::<i32>(), [1, 0]);
}

#[test]
fn atomic_operations_go_through_a_reference() {
    let (out, old) = (Memory::of(&[5u64, 0]), Memory::of(&[0u64; 3]));
    let (c, d) = (out.slots::<u64>(), old.slots::<u64>());
    let kernel = kernel!(|i: Id<1>| d[i] = c.atomic(i[0] % 2).fetch_add(3));
    assert_eq!(run(3, kernel), None);
    assert_eq!(out.values::<u64>(), [11, 3]);
    assert_eq!(old.values::<u64>(), [5, 0, 8]);
}
