//! Device functions that are generic over types and constants mean what Rust's functions do, on every device.

#![allow(clippy::all)]

mod common_language;
use common_language::{lacks, on_each_device, same};
use falx::num::{Float, Integer, Number, Signed};
use falx::prelude::*;

#[device]
fn smoothstep<T: Float>(low: T, high: T, x: T) -> T {
    let t = ((x - low) / (high - low)).clamp(T::ZERO, T::ONE);
    t * t * (T::cast_from(3) - T::cast_from(2.0) * t)
}

#[device]
fn horner<T, const N: usize>(coefficients: [T; N], x: T) -> T
where
    T: Number,
{
    let mut sum = T::ZERO;
    for k in 0..N {
        sum = sum * x + coefficients[N - 1 - k];
    }
    sum
}

#[device]
fn gcd<T: Integer>(a: T, b: T) -> T {
    let mut a = a;
    let mut b = b;
    while b != T::ZERO {
        let rest = a % b;
        a = b;
        b = rest;
    }
    a
}

#[device]
fn distance<T: Signed>(a: T, b: T) -> T {
    T::abs(a - b)
}

#[device]
fn larger<T: PartialOrd>(a: T, b: T) -> T {
    if a > b { a } else { b }
}

#[device]
fn norm<T: Float>(x: T, y: T) -> T {
    larger((x * x + y * y).sqrt(), T::EPSILON)
}

#[device]
fn parity<const SEED: u32, const FLIP: bool>(x: u32) -> bool {
    ((x ^ SEED).count_ones() % 2 == 1) != FLIP
}

#[device]
fn row<T: Number>(source: Read<'_, T, 2>, row: usize) -> T {
    let mut sum = T::ZERO;
    for k in 0..source.range()[1] {
        sum += source[[row, k]];
    }
    sum
}

mod shapes {
    pub mod inner {
        /// Doubles.
        #[falx::device]
        pub fn twice<T: falx::num::Number>(x: T) -> T {
            x + x
        }
    }
    pub use inner::twice as doubled;
}
use shapes::inner::twice;

#[test]
fn a_generic_function_is_compiled_for_each_type() {
    on_each_device(|queue| {
        let (single, integers) = (Buffer::<f32>::new(5), Buffer::<i64>::new(5));
        let (a, b) = (single.clone(), integers.clone());
        queue
            .submit(move |h| {
                let (single, integers) = (a.write(h).no_init(), b.write(h).no_init());
                h.parallel_for(
                    5,
                    kernel!(move |i: usize| {
                        let x = i as f32;
                        single[i] = smoothstep(0.5, 3.5, x) + norm(x, 2.0) + horner([1.0, 0.5, 0.25], x);
                        integers[i] =
                            horner([1, -2, 3, 4], i as i64) + distance(i as i64, 3) + gcd(i as i64 * 6, 4);
                    }),
                )
            })
            .unwrap();
        let plain = |i: usize| {
            let x = i as f32;
            smoothstep(0.5, 3.5, x) + norm(x, 2.0) + horner([1.0, 0.5, 0.25], x)
        };
        let expected: Vec<f32> = (0..5).map(plain).collect();
        assert_eq!(*single.host_read().unwrap(), expected[..]);
        let plain = |i: i64| 1 - 2 * i + 3 * i * i + 4 * i * i * i + (i - 3).abs() + gcd(6 * i, 4);
        assert_eq!(*integers.host_read().unwrap(), [0, 1, 2, 3, 4].map(plain));
    });
}

#[test]
fn the_same_function_in_double_precision_rounds_in_double_precision() {
    on_each_device(|queue| {
        if lacks(queue, "f64") {
            return;
        }
        let out = Buffer::<f64>::new(4);
        let c = out.clone();
        queue
            .submit(move |h| {
                let c = c.write(h).no_init();
                h.parallel_for(4, kernel!(move |i: usize| c[i] = norm(i as f64 / 3.0, 1.0)))
            })
            .unwrap();
        let plain = |x: f64| ((x / 3.0) * (x / 3.0) + 1.0).sqrt();
        assert_eq!(*out.host_read().unwrap(), [0.0, 1.0, 2.0, 3.0].map(plain));
    });
}

#[test]
fn constants_can_be_given_by_hand_or_be_inferred() {
    on_each_device(|queue| {
        let out = Buffer::<u32, 2>::new([3, 4]);
        let c = out.clone();
        queue
            .submit(move |h| {
                let c = c.write(h).no_init();
                h.parallel_for(
                    4,
                    kernel!(move |i: usize| {
                        let x = i as u32;
                        c[[0, i]] = parity::<5, false>(x) as u32;
                        c[[1, i]] = parity::<5, true>(x) as u32;
                        c[[2, i]] = horner::<u32, 2>([7, 3], x);
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [0, 1, 1, 0, 1, 0, 0, 1, 7, 10, 13, 16]);
    });
}

fn apply<T: Number>(queue: &Queue, values: Vec<T>, factor: T) -> Vec<T> {
    let rows = values.len() / 2;
    let (source, out) = (Buffer::from_vec(values, [rows, 2]).unwrap(), Buffer::<T>::new(rows));
    let (a, c) = (source.clone(), out.clone());
    queue
        .submit(move |h| {
            let (a, c) = (a.read(h), c.write(h).no_init());
            h.parallel_for(rows, kernel!(move |i: usize| c[i] = larger(row(a, i) * factor, T::ONE)))
        })
        .unwrap();
    out.host_read().unwrap().to_vec()
}

#[test]
fn a_generic_kernel_passes_its_type_on_to_generic_functions() {
    on_each_device(|queue| {
        assert_eq!(apply(queue, vec![1.5f32, 2.0, -4.0, 1.0], 2.0), [7.0, 1.0]);
        assert_eq!(apply(queue, vec![100u8, 30, 3, 4], 2), [4, 14]);
        assert_eq!(apply(queue, vec![-5i64, 30, 3, 4], -3), [1, 1]);
    });
}

#[test]
fn functions_are_found_through_modules_and_re_exports() {
    on_each_device(|queue| {
        let out = Buffer::<i32>::new(3);
        let c = out.clone();
        queue
            .submit(move |h| {
                let c = c.write(h).no_init();
                h.parallel_for(
                    3,
                    kernel!(move |i: usize| {
                        c[i] = twice(i as i32) + shapes::doubled(10) + shapes::inner::twice::<i32>(100);
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [220, 222, 224]);
    });
}

#[device]
fn narrow<T: Number, U: Number>(x: T) -> U {
    x.cast()
}

#[test]
fn conversions_between_type_parameters_are_those_of_as() {
    on_each_device(|queue| {
        let out = Buffer::<i64>::new(6);
        let c = out.clone();
        queue
            .submit(move |h| {
                let c = c.write(h).no_init();
                h.single_task(kernel!(move || {
                    c[0] = narrow::<f32, u8>(300.7) as i64;
                    c[1] = narrow::<f32, i32>(-1e20) as i64;
                    c[2] = narrow::<i64, i16>(70000) as i64;
                    c[3] = narrow::<i32, u64>(-1) as i64;
                    c[4] = 16777217i32.cast::<f32>() as i64;
                    c[5] = i8::cast_from(200u8) as i64;
                }))
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [255, i32::MIN as i64, 4464, -1, 16777216, -56]);
        assert_eq!((narrow::<f32, u8>(300.7), narrow::<i32, u64>(-1)), (255, u64::MAX));
    });
}

#[device]
fn nearest<T: Number>(x: T, low: T, high: T) -> T {
    x.max(low).min(high) + T::min(low, high) - low.clamp(low, high)
}

#[device]
fn mixed<I: Integer, F: Float>(k: usize, i: I, f: F) -> usize {
    k.min(7) + i.max(I::ONE).cast::<usize>() + f.min(F::ONE).cast::<usize>()
}

same!(numbers_in_scope_leave_min_and_max_of_integers_alone, u64, |i| {
    let (low, high) = (3u64.min(i as u64), 9u64.clamp(2, 30));
    nearest(i as u64, low, high) + i.max(5) as u64 * 100 + mixed(i, 4u8, 2.0f32) as u64 * 10_000
});

#[device]
fn summed<T: Number>(group: Group<1>, x: T) -> T {
    group.reduce_sum(x)
}

#[test]
fn groups_combine_whatever_is_a_number() {
    on_each_device(|queue| {
        let sums = Buffer::<u32>::new(2);
        queue
            .submit(|h| {
                let sums = sums.write(h).no_init();
                h.parallel_for(
                    NdRange::new(8, 4),
                    kernel!(move |it: NdItem<1>| {
                        let group = it.group();
                        let sum = summed(group, it.global_id()[0] as f32 + 0.5);
                        sums[group.group_id()] = summed(group, 1u32) * 100 + sum as u32;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*sums.host_read().unwrap(), [408, 424]);
    });
}
