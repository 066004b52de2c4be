//! Constants are compiled into kernels and device functions: scalars, arrays, statics and those of types.

#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::num::Float;
use falx::prelude::*;

const FACTOR: f32 = 2.5;
const WEIGHTS: [f32; 4] = [0.5, 0.25, -1.0, 3.0];
const GRID: [[i32; 3]; 2] = [[1, 2, 3], [-4, i32::MIN, i32::MAX]];
static PRIMES: [u64; 5] = [2, 3, 5, 7, u64::MAX];
static FLAGS: [bool; 3] = [true, false, true];

mod limits {
    pub const LARGEST: u8 = 200;
    pub static OFFSET: i64 = -7;
}

struct Settings;
impl Settings {
    const STEPS: usize = 3;
}

#[device]
fn weighted(x: f32, k: usize) -> f32 {
    x * WEIGHTS[k] * FACTOR + f32::MAX.recip() * 0.0 + std::f32::consts::PI
}

#[device]
fn circumference<T: Float>(radius: T) -> T {
    T::TAU * radius
}

#[device]
fn nth_prime<const N: usize>() -> u64 {
    PRIMES[N]
}

#[device]
fn summed(row: [i32; 3]) -> i32 {
    let mut sum = 0;
    for k in 0..Settings::STEPS {
        sum += row[k];
    }
    sum + limits::LARGEST as i32
}

/// Runs a kernel over `N` items that writes one number for each.
macro_rules! outputs {
    ($queue:expr, $ty:ty; $n:literal; |$i:ident, $out:ident| $body:block) => {{
        let out = Buffer::<$ty>::new($n);
        let target = out.clone();
        $queue
            .submit(move |h| {
                let $out = target.write(h).no_init();
                h.parallel_for($n, kernel!(move |$i: usize| $body))
            })
            .unwrap();
        out.host_read().unwrap().to_vec()
    }};
}

#[test]
fn device_functions_use_constants_of_their_surroundings() {
    on_each_device(|queue| {
        let found = outputs!(queue, f32; 4; |i, out| { out[i] = weighted(i as f32, i) + circumference(1.0) });
        let plain = |k: usize| k as f32 * WEIGHTS[k] * FACTOR + std::f32::consts::PI + std::f32::consts::TAU;
        assert_eq!(found, [0, 1, 2, 3].map(plain));
    });
}

#[test]
fn arrays_of_arrays_are_indexed_and_copied() {
    on_each_device(|queue| {
        let found = outputs!(queue, i32; 2; |i, out| {
            let mut row = GRID[i];
            row[0] *= 10;
            out[i] = summed(row) ^ GRID[1][i + 1] ^ GRID[1][0];
        });
        let plain = |i: usize| {
            let mut row = GRID[i];
            row[0] *= 10;
            let sum = row[0].wrapping_add(row[1]).wrapping_add(row[2]) + 200;
            sum ^ GRID[1][i + 1] ^ GRID[1][0]
        };
        assert_eq!(found, [plain(0), plain(1)]);
    });
}

#[test]
fn statics_are_constants_too() {
    on_each_device(|queue| {
        let found = outputs!(queue, u64; 5; |i, out| {
            let flag = FLAGS[i % 3];
            out[i] = if flag { PRIMES[i] } else { nth_prime::<4>() - nth_prime::<1>() } + (limits::OFFSET + 7) as u64;
        });
        assert_eq!(found, [2, u64::MAX - 3, 5, 7, u64::MAX - 3]);
    });
}

#[test]
fn an_index_outside_a_constant_array_is_a_failed_check() {
    on_each_device(|queue| {
        let out = Buffer::<f32>::new(6);
        let event = queue.submit(|h| {
            let out = out.write(h).no_init();
            h.parallel_for(6, kernel!(move |i: usize| out[i] = WEIGHTS[i]))
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.contains("out of range 4 in `WEIGHTS`"), "{error}");
    });
}
