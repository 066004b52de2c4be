//! The kernels that sum elements.

use super::super::foreign::{self, Foreign, ReduceParameters};
use super::*;
use crate::backend::Summand;

fn sum<T: Pod>(lane: &OpenClLane, summand: Summand, values: &[T]) -> T {
    const PARTIALS: usize = 64;
    // SAFETY: `ReduceParameters` is laid out as the struct in `kernels/reduce.cl`.
    let kernel: Foreign<ReduceParameters> =
        unsafe { Foreign::build(lane, foreign::reduce(summand, false)) }.unwrap();
    let (from, partials) = (upload(lane, values), lane.allocate(PARTIALS * size_of::<T>()).unwrap());
    let result = lane.allocate(size_of::<T>()).unwrap();
    let length = values.len() as u64;
    let first = ReduceParameters { first: 0, length, run: length.div_ceil(PARTIALS as u64) };
    let second = ReduceParameters { first: 0, length: PARTIALS as u64, run: PARTIALS as u64 };
    // SAFETY: the buffers hold what the parameters say.
    unsafe {
        let shape = foreign::exactly(PARTIALS, 1);
        kernel.launch(lane, &first, &[&from, &partials], shape).unwrap();
        kernel.launch(lane, &second, &[&partials, &result], foreign::exactly(1, 1)).unwrap().wait().unwrap();
    }
    download::<T>(lane, &result, 1)[0]
}

/// The order of additions that `kernels/reduce.cl` promises, in plain Rust.
fn sum_in_rust(values: &[f32]) -> f32 {
    let run = values.len().div_ceil(64);
    let mut partials: Vec<f32> = values.chunks(run).map(sum_of).collect();
    partials.resize(64, 0.0);
    sum_of(&partials)
}

fn sum_of(values: &[f32]) -> f32 {
    let mut vectors = [[0f32; 16]; 4];
    for block in values.chunks(64) {
        for (at, value) in block.iter().enumerate() {
            vectors[at / 16][at % 16] += value;
        }
    }
    let [a, b, c, d] = vectors;
    let mut lanes = std::array::from_fn::<f32, 16, _>(|lane| (a[lane] + b[lane]) + (c[lane] + d[lane]));
    for half in [8, 4, 2, 1] {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
    }
    lanes[0]
}

#[test]
#[serial]
fn reduction_sums_exactly_and_in_the_same_order_on_every_device() {
    for lane in lanes() {
        for length in [1usize, 63, 64, 1000, 20_011] {
            let values: Vec<i32> =
                (0..length as i32).map(|value| value.wrapping_mul(1_234_567_891)).collect();
            let expected = values.iter().fold(0i32, |sum, value| sum.wrapping_add(*value));
            assert_eq!(sum(&lane, Summand::I32, &values), expected, "{length} on {}", lane.device());
        }
        let wide: Vec<u64> = (0..5000).map(|value| u64::MAX - value).collect();
        assert_eq!(
            sum(&lane, Summand::U64, &wide),
            wide.iter().fold(0, |sum: u64, value| sum.wrapping_add(*value))
        );
        let floats: Vec<f32> = (0..20_011).map(|value| 1.0 / (value as f32 + 1.0)).collect();
        assert_eq!(sum(&lane, Summand::F32, &floats), sum_in_rust(&floats), "{}", lane.device());
        if lane.device().aspects().fp64 {
            let doubles: Vec<f64> = (0..1000).map(f64::from).collect();
            assert_eq!(sum(&lane, Summand::F64, &doubles), 499_500.0);
        }
    }
}
