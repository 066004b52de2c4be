//! Float operators and methods mean in a kernel what they mean in Rust, on every device, for all pairs of edge values.
//!
//! `+ - * / % sqrt mul_add` and what rounds, compares or moves bits are exact. The bounds of the others are those of the
//! OpenCL C specification ("Relative error as ULPs"), plus one for the rounding of the reference; the sign of a zero that
//! `min` and `max` give is left open by Rust.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{float32, float64, near, on_each_device, table, ulps32, ulps64};
use falx::prelude::*;

macro_rules! exact {
    ($test:ident $ty:ident $out:ident |$x:ident, $y:ident|) => {
        table!($test, $ty, |$x, $y| {
            $out($x + $y) => $x + $y;
            $out($x - $y) => $x - $y;
            $out($x * $y) => $x * $y;
            $out($x / $y) => $x / $y;
            $out($x % $y) => $x % $y;
            $out(-$x) => -$x;
            $out($x * $y + $x) => $x * $y + $x;
            $out($x - $x * $y) => $x - $x * $y;
            $out(($x + $y) - $x) => ($x + $y) - $x;
            $out($x * 0.5 + $y * 0.1) => $x * 0.5 + $y * 0.1;
            $out($x / 3.0) => $x / 3.0;
            $out($x + 0.0) => $x + 0.0;
            $out(0.0 - $x) => 0.0 - $x;
            $out($x.mul_add($y, $x)) => $x.mul_add($y, $x);
            $out($x.sqrt()) => $x.sqrt();
            $out($x.abs()) => $x.abs();
            $out($x.floor()) => $x.floor();
            $out($x.ceil()) => $x.ceil();
            $out($x.round()) => $x.round();
            $out($x.round_ties_even()) => $x.round_ties_even();
            $x.is_normal() as u64 => $x.is_normal();
            $x.is_sign_positive() as u64 => $x.is_sign_positive();
            $out($x.trunc()) => $x.trunc();
            $out($x.fract()) => $x.fract();
            $out($x.signum()) => $x.signum();
            $out($x.copysign($y)) => $x.copysign($y);
            $out($x.recip()) => $x.recip();
            $out($x.min($y) + 0.0) => $x.min($y) + 0.0;
            $out($x.max($y) + 0.0) => $x.max($y) + 0.0;
            $out($x.clamp(-1.5, 100.0)) => $x.clamp(-1.5, 100.0);
            $out($x.rem_euclid($y)) => $x.rem_euclid($y);
            $out($x.div_euclid($y)) => $x.div_euclid($y);
            $out($x.to_radians()) => $x.to_radians();
            $out($x.to_degrees()) => $x.to_degrees();
            $out($ty::from_bits($x.to_bits() ^ 1)) => $ty::from_bits($x.to_bits() ^ 1);
            ($x == $y) as u64 => $x == $y;
            ($x != $y) as u64 => $x != $y;
            ($x < $y) as u64 => $x < $y;
            ($x <= $y) as u64 => $x <= $y;
            ($x > $y) as u64 => $x > $y;
            ($x >= $y) as u64 => $x >= $y;
            (!($x < $y)) as u64 => !($x < $y);
            $x.is_nan() as u64 => $x.is_nan();
            $x.is_infinite() as u64 => $x.is_infinite();
            $x.is_finite() as u64 => $x.is_finite();
            $x.is_sign_negative() as u64 => $x.is_sign_negative();
        });
    };
}
exact!(f32_operators_give_what_rust_gives f32 float32 |x, y|);
exact!(f64_operators_give_what_rust_gives f64 float64 |x, y|);

#[test]
fn zero_over_an_integer_times_a_literal_is_nan_where_the_integer_is_zero() {
    on_each_device(|queue| {
        let (integers, quotients) = (Buffer::from(vec![0i32, 1, -1, 7]), Buffer::<f32>::new(8));
        let launched = queue.submit(|h| {
            let (integers, quotients) = (integers.read(h), quotients.write(h).no_init());
            h.parallel_for(
                4,
                kernel!(move |i: usize| {
                    quotients[2 * i] = 0.0 / integers[i] as f32 * 3.0;
                    quotients[2 * i + 1] = (1.5 - 0.0 / integers[i] as f32) * 3.0;
                }),
            )
        });
        launched.unwrap();
        let found = quotients.host_read().unwrap().to_vec();
        assert!(found[0].is_nan() && found[1].is_nan(), "{found:?}");
        let bits: Vec<u32> = found[2..].iter().map(|value| value.to_bits()).collect();
        assert_eq!(bits, [0.0f32, 4.5, -0.0, 4.5, 0.0, 4.5].map(f32::to_bits));
    });
}

/// Runs one expression of constants in a work-group of 16, and returns what the last work-item found.
macro_rules! constant {
    ($queue:expr, $ty:ty, $value:expr) => {{
        let column = Buffer::<$ty>::new(16);
        let launched = $queue.submit(|h| {
            let column = column.write(h).no_init();
            h.parallel_for(
                NdRange::new(16, 16),
                kernel!(move |it: NdItem<1>| column[it.global_id()] = $value),
            )
        });
        launched.unwrap();
        let last = column.host_read().unwrap()[15];
        last
    }};
}

#[test]
fn constants_are_rounded_as_other_numbers_are() {
    on_each_device(|queue| {
        assert_eq!(constant!(queue, f32, 3.4e38f32.round_ties_even()), 3.4e38);
        assert_eq!(constant!(queue, f32, (-8388609.0f32).round_ties_even()), -8388609.0);
        assert_eq!(constant!(queue, f32, 8388606.5f32.round_ties_even()), 8388606.0);
        assert_eq!(constant!(queue, f64, 1.7e308f64.round_ties_even()), 1.7e308);
        assert_eq!(constant!(queue, f64, (-1.6e19f64).round_ties_even()), -1.6e19);
        assert_eq!(constant!(queue, f64, 3.5f64.round_ties_even()), 4.0);
        assert_eq!(constant!(queue, u64, (0.0f64 / 0.0).floor().is_nan() as u64), 1);
        assert_eq!(constant!(queue, u64, (0.0f64 / 0.0).ceil().is_nan() as u64), 1);
        assert_eq!(constant!(queue, u64, (0.0f64 / 0.0).round_ties_even().is_nan() as u64), 1);
        assert_eq!(constant!(queue, u64, (0.0f32 / 0.0).trunc().is_nan() as u64), 1);
        assert_eq!(constant!(queue, u64, (0.0f32 / 0.0).round().is_nan() as u64), 1);
        assert_eq!(constant!(queue, u64, 0.0f32.div_euclid(0.0f32.trunc()).is_nan() as u64), 1);
    });
}

#[test]
fn a_negated_float_lives_across_a_barrier() {
    on_each_device(|queue| {
        let columns: [Buffer<f32>; 4] = std::array::from_fn(|_| Buffer::new(16));
        let doubles = Buffer::<f64>::new(16);
        let launched = queue.submit(|h| {
            let [a, b, c, d] = columns.each_ref().map(|column| column.write(h).no_init());
            let doubles = doubles.write(h).no_init();
            h.parallel_for(
                NdRange::new(16, 16),
                kernel!(move |it: NdItem<1>| {
                    let i = it.local_linear_id();
                    let (negated, product) = (-(i as f32), i as f32 * -1.0);
                    let (quotient, difference) = (i as f32 / -1.0, -0.0 - i as f32);
                    let double = -(i as f64);
                    it.barrier();
                    a[i] = negated;
                    b[i] = product;
                    c[i] = quotient;
                    d[i] = difference;
                    doubles[i] = double;
                }),
            )
        });
        launched.unwrap();
        let expected: Vec<u32> = (0..16).map(|i| (-(i as f32)).to_bits()).collect();
        for column in &columns {
            let found: Vec<u32> = column.host_read().unwrap().iter().map(|value| value.to_bits()).collect();
            assert_eq!(found, expected);
        }
        let found: Vec<u64> = doubles.host_read().unwrap().iter().map(|value| value.to_bits()).collect();
        assert_eq!(found, (0..16).map(|i| (-(i as f64)).to_bits()).collect::<Vec<_>>());
    });
}

#[test]
fn lanes_of_a_negated_vector_live_across_a_barrier() {
    on_each_device(|queue| {
        let columns: [Buffer<f32>; 4] = std::array::from_fn(|_| Buffer::new(64));
        let doubles = Buffer::<f64>::new(64);
        let launched = queue.submit(|h| {
            let [a, b, c, d] = columns.each_ref().map(|column| column.write(h).no_init());
            let doubles = doubles.write(h).no_init();
            h.parallel_for(
                NdRange::new(64, 32),
                kernel!(move |it: NdItem<1>| {
                    let i = it.global_linear_id();
                    let all = F32x3::splat(i as f32);
                    let negated = (-all).y;
                    let product = (all * -1.0).x;
                    let quotient = (all / F32x3::splat(-1.0)).z;
                    let difference = (F32x3::new(-0.0, -0.0, -0.0) - all).y;
                    let double = (-F64x2::splat(i as f64)).y;
                    it.barrier();
                    a[i] = negated;
                    b[i] = product;
                    c[i] = quotient;
                    d[i] = difference;
                    doubles[i] = double;
                }),
            )
        });
        launched.unwrap();
        let expected: Vec<u32> = (0..64).map(|i| (-(i as f32)).to_bits()).collect();
        for column in &columns {
            let found: Vec<u32> = column.host_read().unwrap().iter().map(|value| value.to_bits()).collect();
            assert_eq!(found, expected);
        }
        let found: Vec<u64> = doubles.host_read().unwrap().iter().map(|value| value.to_bits()).collect();
        assert_eq!(found, (0..64).map(|i| (-(i as f64)).to_bits()).collect::<Vec<_>>());
    });
}

near!(f32_functions_are_as_exact_as_opencl_promises, f32, ulps32, |x, y| {
    x.exp(), 4 => f64::from(x).exp() as f32;
    x.exp2(), 4 => f64::from(x).exp2() as f32;
    x.exp_m1(), 4 => f64::from(x).exp_m1() as f32;
    x.ln(), 4 => f64::from(x).ln() as f32;
    x.ln_1p(), 3 => f64::from(x).ln_1p() as f32;
    x.log2(), 4 => f64::from(x).log2() as f32;
    x.log10(), 4 => f64::from(x).log10() as f32;
    x.log(y.abs() + 2.5), 9 => f64::from(x).log(f64::from(y.abs() + 2.5)) as f32;
    x.sin(), 5 => f64::from(x).sin() as f32;
    x.cos(), 5 => f64::from(x).cos() as f32;
    x.tan(), 6 => f64::from(x).tan() as f32;
    x.asin(), 5 => f64::from(x).asin() as f32;
    x.acos(), 5 => f64::from(x).acos() as f32;
    x.atan(), 6 => f64::from(x).atan() as f32;
    x.atan2(y), 7 => f64::from(x).atan2(f64::from(y)) as f32;
    x.sinh(), 5 => f64::from(x).sinh() as f32;
    x.cosh(), 5 => f64::from(x).cosh() as f32;
    x.tanh(), 6 => f64::from(x).tanh() as f32;
    x.asinh(), 5 => f64::from(x).asinh() as f32;
    x.acosh(), 5 => f64::from(x).acosh() as f32;
    x.atanh(), 6 => f64::from(x).atanh() as f32;
    x.cbrt(), 3 => f64::from(x).cbrt() as f32;
    x.hypot(y), 5 => f64::from(x).hypot(f64::from(y)) as f32;
    x.powf(y), 17 => f64::from(x).powf(f64::from(y)) as f32;
    x.powi(3), 17 => f64::from(x).powi(3) as f32;
    x.clamp(-1e15, 1e15).powi(-2), 17 => f64::from(x.clamp(-1e15, 1e15)).powi(-2) as f32;
    x.powi(0), 0 => f64::from(x).powi(0) as f32;
});

near!(f64_functions_are_as_exact_as_opencl_promises, f64, ulps64, |x, y| {
    x.exp(), 4 => x.exp();
    x.exp2(), 4 => x.exp2();
    x.exp_m1(), 4 => x.exp_m1();
    x.ln(), 4 => x.ln();
    x.ln_1p(), 3 => x.ln_1p();
    x.log2(), 4 => x.log2();
    x.log10(), 4 => x.log10();
    x.log(y.abs() + 2.5), 9 => x.log(y.abs() + 2.5);
    x.sin(), 5 => x.sin();
    x.cos(), 5 => x.cos();
    x.tan(), 6 => x.tan();
    x.asin(), 5 => x.asin();
    x.acos(), 5 => x.acos();
    x.atan(), 6 => x.atan();
    x.atan2(y), 7 => x.atan2(y);
    x.sinh(), 5 => x.sinh();
    x.cosh(), 5 => x.cosh();
    x.tanh(), 6 => x.tanh();
    x.cbrt(), 3 => x.cbrt();
    x.hypot(y), 5 => x.hypot(y);
    x.powf(y), 17 => x.powf(y);
    x.powi(3), 17 => x.powi(3);
    x.clamp(-1e150, 1e150).powi(-2), 17 => x.clamp(-1e150, 1e150).powi(-2);
    x.powi(0), 0 => x.powi(0);
});
