//! Device functions take and give what Rust's functions do, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;

#[device]
fn gcd(a: u32, b: u32) -> u32 {
    let mut a = a;
    let mut b = b;
    while b != 0 {
        let t = a % b;
        a = b;
        b = t;
    }
    a
}

#[device]
fn classified(x: i32) -> i32 {
    if x < 0 {
        return -1;
    }
    for k in 2..x {
        if k * k > x {
            return 2;
        }
        if x % k == 0 {
            return k;
        }
    }
    3
}

#[device]
fn sum_of(source: Read<'_, u32>, from: usize, to: usize) -> u32 {
    let mut sum = 0;
    for k in from..to {
        sum += source[k];
    }
    sum
}

#[device]
fn put(out: Write<'_, u32, 2>, at: [usize; 2], value: u32) {
    out[at] = value;
}

#[device]
fn both(x: u32) -> u32 {
    gcd(x, 36) * 100 + gcd(x, 10)
}

#[test]
fn device_functions_return_early_and_call_each_other() {
    on_each_device(|queue| {
        let out = Buffer::<i32, 2>::new([2, 60]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    60,
                    kernel!(move |i: usize| {
                        out[[0, i]] = classified(i as i32 - 5);
                        out[[1, i]] = both(i as u32) as i32;
                    }),
                )
            })
            .unwrap();
        let plain = |x: i32| {
            (x >= 0)
                .then(|| {
                    (2..x)
                        .find_map(|k| {
                            if k * k > x {
                                Some(2)
                            } else if x % k == 0 {
                                Some(k)
                            } else {
                                None
                            }
                        })
                        .unwrap_or(3)
                })
                .unwrap_or(-1)
        };
        let divisor = |a: u32, b: u32| {
            let (mut a, mut b) = (a, b);
            while b != 0 {
                (a, b) = (b, a % b);
            }
            a
        };
        let first = (0..60).map(|i| plain(i - 5));
        let second = (0..60).map(|x| (divisor(x, 36) * 100 + divisor(x, 10)) as i32);
        assert_eq!(*out.host_read().unwrap(), first.chain(second).collect::<Vec<_>>());
    });
}

#[test]
fn device_functions_take_accessors_of_whole_buffers_and_of_regions() {
    on_each_device(|queue| {
        let source = Buffer::from((0..100u32).collect::<Vec<_>>());
        let out = Buffer::from_vec(vec![9u32; 6 * 8], [6, 8]).unwrap();
        queue
            .submit(|h| {
                let source = source.read(h).region(10, 80);
                let out = out.write(h).region([1, 2], [4, 5]);
                h.parallel_for(
                    [4, 5],
                    kernel!(move |at: [usize; 2]| {
                        put(out, at, sum_of(source, at[0], at[0] + at[1] * 10));
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..6u32)
            .flat_map(|y| (0..8u32).map(move |x| (y, x)))
            .map(|(y, x)| match (1..5).contains(&y) && (2..7).contains(&x) {
                true => (y - 1..y - 1 + (x - 2) * 10).map(|k| k + 10).sum(),
                false => 9,
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[kernel_fn]
fn scaled<const N: usize>(i: Id<1>, factor: f32, from: Read<f32>, to: Write<f32>) {
    let mut x = from[i];
    for _ in 0..N {
        x *= factor;
    }
    to[i] = x;
}

#[test]
fn kernel_functions_are_generic_over_constants() {
    on_each_device(|queue| {
        let from = Buffer::from(vec![1.0f32, 2.5, -3.0]);
        let (two, five) = (Buffer::<f32>::new(3), Buffer::<f32>::new(3));
        for factor in [3.0, 0.1] {
            queue.submit(|h| h.parallel_for(3, scaled::<2>(factor, from.read(h), two.write(h)))).unwrap();
            queue.submit(|h| h.parallel_for(3, scaled::<5>(factor, from.read(h), five.write(h)))).unwrap();
            let plain = |x: f32, n: usize| (0..n).fold(x, |x, _| x * factor);
            assert_eq!(*two.host_read().unwrap(), [1.0, 2.5, -3.0].map(|x| plain(x, 2)));
            assert_eq!(*five.host_read().unwrap(), [1.0, 2.5, -3.0].map(|x| plain(x, 5)));
        }
    });
}
