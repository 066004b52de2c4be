//! `f16` means in a kernel what the `half` crate says of it, on every device, bit for bit.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{lacks, on_each_device};
use falx::num::extremes::Extremes;
use falx::num::{Float, Number, Signed};
use falx::prelude::*;

/// A half's bits, where all that are no numbers are one.
#[device]
fn bits(x: f16) -> u16 {
    if x.is_nan() { 0x7e00 } else { x.to_bits() }
}

/// Every half.
fn halves() -> Vec<f16> {
    (0..=u16::MAX).map(f16::from_bits).collect()
}

/// Halves at which operators differ.
fn edges() -> Vec<f16> {
    let few = [
        0x0000, 0x0001, 0x0002, 0x0155, 0x03ff, 0x0400, 0x0401, 0x13ff, 0x1400, 0x2e66, 0x3555, 0x3800,
        0x3bff, 0x3c00, 0x3c01, 0x3e00, 0x4000, 0x4200, 0x4900, 0x57ff, 0x63d0, 0x6400, 0x67ff, 0x6bff,
        0x77ff, 0x7bff, 0x7c00, 0x7e00,
    ];
    few.iter().flat_map(|&bits| [f16::from_bits(bits), f16::from_bits(bits | 0x8000)]).collect()
}

#[test]
fn every_half_is_the_same_number_as_a_single_and_as_a_double() {
    let halves = halves();
    on_each_device(|queue| {
        let input = Buffer::from(halves.clone());
        let out = Buffer::<f32>::new(halves.len());
        queue
            .submit(|h| {
                let (input, out) = (input.read(h), out.write(h));
                h.parallel_for(1 << 16, kernel!(move |i: usize| out[i] = input[i].to_f32()))
            })
            .unwrap();
        for (half, &got) in halves.iter().zip(out.host_read().unwrap().iter()) {
            assert!(
                half.to_f32().to_bits() == got.to_bits() || (half.is_nan() && got.is_nan()),
                "{half:?} gives {got}"
            );
        }
        if lacks(queue, "f64") {
            return;
        }
        let out = Buffer::<f64>::new(halves.len());
        queue
            .submit(|h| {
                let (input, out) = (input.read(h), out.write(h));
                h.parallel_for(1 << 16, kernel!(move |i: usize| out[i] = input[i].to_f64()))
            })
            .unwrap();
        for (half, &got) in halves.iter().zip(out.host_read().unwrap().iter()) {
            assert!(
                half.to_f64().to_bits() == got.to_bits() || (half.is_nan() && got.is_nan()),
                "{half:?} gives {got}"
            );
        }
    });
}

/// Around every half: itself, the middle between it and the next one, and what lies next to that middle.
fn near_halves() -> Vec<f64> {
    let mut all = vec![f64::NAN, f64::INFINITY, 1e300, 1e-300, 65519.0, 65520.0, 65536.0, 3e38, 1e39, 1e-40];
    for bits in 0..0x7c00u16 {
        let (low, high) = (f16::from_bits(bits).to_f64(), f16::from_bits(bits + 1).to_f64());
        let middle = if high.is_infinite() { 65520.0 } else { (low + high) / 2.0 };
        let single = middle as f32;
        all.extend([low, middle, f64::from(single.next_up()), f64::from(single.next_down())]);
        all.extend([middle.next_up(), middle.next_down()]);
    }
    all.iter().flat_map(|&x| [x, -x]).collect()
}

/// The bits of the nearest half, ties to even, found among all of them. `f16::from_f64` is off near some ties.
fn nearest(x: f64) -> u16 {
    if x.is_nan() {
        return 0x7e00;
    }
    let value = |bits: u16| if bits == 0x7c00 { 65536.0 } else { f16::from_bits(bits).to_f64() };
    static ALL: std::sync::LazyLock<Vec<u16>> = std::sync::LazyLock::new(|| (0..=0x7c00).collect());
    let above = Ord::min(ALL.partition_point(|&bits| value(bits) < x.abs()), 0x7c00) as u16;
    let below = above.saturating_sub(1);
    let (up, down) = (value(above) - x.abs(), x.abs() - value(below));
    let is_below = down < up || (down == up && below % 2 == 0);
    let size = if is_below && x.abs() < 65536.0 { below } else { above };
    size | if x.is_sign_negative() { 0x8000 } else { 0 }
}

#[test]
fn singles_and_doubles_become_the_nearest_half() {
    let doubles = near_halves();
    let singles: Vec<f32> = doubles.iter().map(|&x| x as f32).collect();
    let n = doubles.len();
    on_each_device(|queue| {
        let input = Buffer::from(singles.clone());
        let out = Buffer::<f16>::new(n);
        queue
            .submit(|h| {
                let (input, out) = (input.read(h), out.write(h));
                h.parallel_for(n, kernel!(move |i: usize| out[i] = f16::from_f32(input[i])))
            })
            .unwrap();
        for (&single, &got) in singles.iter().zip(out.host_read().unwrap().iter()) {
            assert_eq!(bits(got), nearest(single.into()), "{single:e}");
        }
        if lacks(queue, "f64") {
            return;
        }
        let input = Buffer::from(doubles.clone());
        queue
            .submit(|h| {
                let (input, out) = (input.read(h), out.write(h));
                h.parallel_for(n, kernel!(move |i: usize| out[i] = f16::cast_from(input[i])))
            })
            .unwrap();
        for (&double, &got) in doubles.iter().zip(out.host_read().unwrap().iter()) {
            assert_eq!(bits(got), nearest(double), "{double:e}");
        }
    });
}

/// A test: on every device, each row's kernel expression gives the bits of its plain one, for all pairs of edge values.
macro_rules! rows {
    ($test:ident |$x:ident, $y:ident| { $($kernel:expr => $plain:expr;)* }) => {
        #[test]
        fn $test() {
            let edges = edges();
            let pairs: Vec<(f16, f16)> = edges.iter().flat_map(|&x| edges.iter().map(move |&y| (x, y))).collect();
            let n = pairs.len();
            let rows: &[(&str, fn(f16, f16) -> u16)] = &[
                $((stringify!($kernel), |$x: f16, $y: f16| { let _ = ($x, $y); $plain })),*
            ];
            on_each_device(|queue| {
                let left = Buffer::from(pairs.iter().map(|pair| pair.0).collect::<Vec<_>>());
                let right = Buffer::from(pairs.iter().map(|pair| pair.1).collect::<Vec<_>>());
                let out = Buffer::<u16, 2>::new([rows.len(), n]);
                queue.submit(|h| {
                    let (left, right, out) = (left.read(h), right.read(h), out.write(h));
                    h.parallel_for(n, kernel!(move |i: usize| {
                        let $x = left[i];
                        let $y = right[i];
                        let mut row = 0;
                        $(
                            out[[row, i]] = $kernel;
                            row += 1;
                        )*
                        let _ = row;
                    }))
                }).unwrap();
                let got = out.host_read().unwrap();
                for ((name, plain), row) in rows.iter().zip(got.chunks(n)) {
                    for (&(x, y), &got) in pairs.iter().zip(row) {
                        assert_eq!(got, plain(x, y), "`{name}` for x = {x:?} and y = {y:?}");
                    }
                }
            });
        }
    };
}

rows!(operators_of_halves_give_what_the_half_crate_gives |x, y| {
    bits(x + y) => bits(x + y);
    bits(x - y) => bits(x - y);
    bits(x * y) => bits(x * y);
    bits(x / y) => bits(x / y);
    bits(x % y) => bits(x % y);
    bits(-x) => bits(-x);
    bits(x * y + x) => bits(x * y + x);
    (x < y) as u16 => (x < y) as u16;
    (x <= y) as u16 => (x <= y) as u16;
    (x > y) as u16 => (x > y) as u16;
    (x >= y) as u16 => (x >= y) as u16;
    (x == y) as u16 => (x == y) as u16;
    (x != y) as u16 => (x != y) as u16;
    { let mut z = x; z += y; z *= x; bits(z) } => { let mut z = x; z += y; z *= x; bits(z) };
    bits(if x < y { x } else { y }) => bits(if x < y { x } else { y });
});

/// What a function of singles gives, rounded.
fn rounded(function: fn(f32) -> f32, x: f16) -> u16 {
    bits(f16::from_f32(function(x.to_f32())))
}

rows!(exact_methods_of_halves_are_those_of_singles_rounded_on_every_device |x, y| {
    x.to_bits() => x.to_bits();
    bits(f16::from_bits(x.to_bits() ^ 1)) => bits(f16::from_bits(x.to_bits() ^ 1));
    bits(x.sqrt()) => rounded(f32::sqrt, x);
    bits(x.recip()) => rounded(f32::recip, x);
    bits(x.floor()) => rounded(f32::floor, x);
    bits(x.ceil()) => rounded(f32::ceil, x);
    bits(x.round()) => rounded(f32::round, x);
    bits(x.round_ties_even()) => rounded(f32::round_ties_even, x);
    bits(x.trunc()) => rounded(f32::trunc, x);
    bits(x.fract() + f16::ZERO) => bits(f16::from_f32(x.to_f32().fract()) + f16::ZERO);
    bits(x.abs()) => rounded(f32::abs, x);
    bits(x.signum()) => rounded(f32::signum, x);
    bits(x.copysign(if y.is_nan() { f16::ONE } else { y })) => bits(x.copysign(if y.is_nan() { f16::ONE } else { y }));
    bits(x.max(y) + f16::ZERO) => bits(Extremes::max(x, y) + f16::ZERO);
    bits(f16::min(x, y) + f16::ZERO) => bits(Extremes::min(x, y) + f16::ZERO);
    bits(x.clamp(-f16::ONE, f16::PI)) => bits(if x < -f16::ONE { -f16::ONE } else if x > f16::PI { f16::PI } else { x });
    bits(x.mul_add(y, f16::ONE)) => bits(f16::from_f32(x.to_f32().mul_add(y.to_f32(), 1.0)));
    bits(x.rem_euclid(y)) => bits(f16::from_f32(x.to_f32().rem_euclid(y.to_f32())));
    bits(x.div_euclid(y)) => bits(f16::from_f32(x.to_f32().div_euclid(y.to_f32())));
    bits(x.powi(2)) => bits(f16::from_f32(x.to_f32() * x.to_f32()));
    bits(x.powi(-1)) => rounded(f32::recip, x);
    bits(x.to_radians()) => rounded(f32::to_radians, x);
    x.is_nan() as u16 => x.is_nan() as u16;
    x.is_infinite() as u16 => x.is_infinite() as u16;
    x.is_finite() as u16 => x.is_finite() as u16;
    x.is_normal() as u16 => x.is_normal() as u16;
    x.is_sign_negative() as u16 => x.is_sign_negative() as u16;
    x.cast::<i8>() as u16 => x.to_f32() as i8 as u16;
    x.cast::<u32>() as u16 => x.to_f32() as u32 as u16;
    bits(f16::cast_from(x.to_bits() as u64 * 70_000)) => nearest((u64::from(x.to_bits()) * 70_000) as f64);
    bits(f16::cast_from(x.to_bits() as i16)) => nearest(f64::from(x.to_bits() as i16));
});

/// The bits of a number, folded; of NaN those of zero.
#[device]
fn folded(x: f64) -> u16 {
    let x = if x.is_nan() { 0.0 } else { x };
    let n = x.to_bits();
    (n ^ (n >> 16) ^ (n >> 32) ^ (n >> 48)) as u16
}

rows!(halves_are_cast_by_as_to_what_their_numbers_are |x, y| {
    x as i8 as u16 => x.to_f64() as i8 as u16;
    x as u8 as u16 => x.to_f64() as u8 as u16;
    x as i16 as u16 => x.to_f64() as i16 as u16;
    x as u16 => x.to_f64() as u16;
    folded(x as i32 as f64) => folded(x.to_f64() as i32 as f64);
    folded(x as u32 as f64) => folded(x.to_f64() as u32 as f64);
    folded(x as i64 as f64) => folded(x.to_f64() as i64 as f64);
    folded(x as u64 as f64) => folded(x.to_f64() as u64 as f64);
    folded(x as isize as f64) => folded(x.to_f64() as isize as f64);
    folded(x as usize as f64) => folded(x.to_f64() as usize as f64);
    folded(x as f32 as f64) => folded(x.to_f64() as f32 as f64);
    folded(x as f64) => folded(x.to_f64());
    bits(x as f16) => bits(x);
    // A result, a part, an element, what a closure takes.
    folded((x * y) as f64) => folded((x * y).to_f64());
    folded((-x) as f64) => folded((-x).to_f64());
    folded((x, y).1 as f64 + [x, y][0] as f64) => folded(y.to_f64() + x.to_f64());
    { let whole = |z: f16| z as i64; whole(y) as u16 } => y.to_f64() as i64 as u16;
    (if x < y { x } else { y }) as u8 as u16 => (if x < y { x } else { y }).to_f64() as u8 as u16;
});

#[test]
fn functions_of_halves_are_off_by_one_place_at_most() {
    let halves = halves();
    let functions: [(&str, fn(f32) -> f32); 6] = [
        ("sin", f32::sin),
        ("exp", f32::exp),
        ("ln", f32::ln),
        ("tanh", f32::tanh),
        ("sin_cos", f32::cos),
        ("powf", |x| x.powf(1.5)),
    ];
    on_each_device(|queue| {
        let n = halves.len();
        let input = Buffer::from(halves.clone());
        let out = Buffer::<f16, 2>::new([6, n]);
        queue
            .submit(|h| {
                let (input, out) = (input.read(h), out.write(h));
                h.parallel_for(
                    n,
                    kernel!(move |i: usize| {
                        let x = input[i];
                        out[[0, i]] = x.sin();
                        out[[1, i]] = x.exp();
                        out[[2, i]] = x.ln();
                        out[[3, i]] = x.tanh();
                        out[[4, i]] = x.sin_cos().1;
                        out[[5, i]] = x.powf(f16::from_f32(1.5));
                    }),
                )
            })
            .unwrap();
        let line = |x: f16| i32::from(x.to_bits() & 0x7fff) * if x.is_sign_negative() { -1 } else { 1 };
        for ((name, plain), row) in functions.iter().zip(out.host_read().unwrap().chunks(n)) {
            for (&x, &got) in halves.iter().zip(row) {
                let wanted = f16::from_f32(plain(x.to_f32()));
                let near = wanted.is_nan() && got.is_nan() || (line(wanted) - line(got)).abs() <= 1;
                assert!(near, "{name} of {x:?} is {got:?}, not {wanted:?}");
            }
        }
    });
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Texel {
    color: [f16; 3],
    weight: f16,
}

const HALF: f16 = f16::from_f32_const(0.5);

#[device]
fn mean<T: Float>(x: T, y: T) -> T {
    (x + y) / T::cast_from(2)
}

#[test]
fn halves_are_captured_and_held_by_structs_arrays_tuples_and_options() {
    on_each_device(|queue| {
        let half = |x: f32| f16::from_f32(x);
        let texel = Texel { color: [half(1.0), half(2.5), half(-0.0)], weight: half(4.0) };
        let texels = Buffer::from(vec![texel; 2]);
        let out = Buffer::<f16>::new(4);
        let (scale, pair) = (half(3.0), (half(0.25), [half(7.0); 2]));
        queue
            .submit(|h| {
                let (texels, out) = (texels.read_write(h), out.write(h));
                h.single_task(kernel!(move || {
                    texels[1].color[1] = texels[0].color[1] * scale;
                    texels[1].weight += pair.0 - pair.1[1];
                    let found = if scale > HALF { Some(scale - HALF) } else { None };
                    out[0] = found.unwrap_or(f16::ZERO);
                    out[1] = mean(scale, HALF);
                    out[2] = f16::from_f32(1.0) / f16::from_f32(3.0);
                    out[3] = match texels[0].weight.to_f32() as i32 {
                        4 => f16::EPSILON,
                        _ => f16::MAX,
                    };
                }))
            })
            .unwrap();
        let wanted = Texel { color: [half(1.0), half(7.5), half(-0.0)], weight: half(-2.75) };
        assert_eq!(*texels.host_read().unwrap(), [texel, wanted]);
        assert_eq!(*out.host_read().unwrap(), [half(2.5), half(1.75), f16::from_bits(0x3555), f16::EPSILON]);
    });
}

#[test]
fn halves_are_printed_as_on_the_host() {
    on_each_device(|queue| {
        let log = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let copy = log.clone();
        let print = PrintSink::new(move |text| copy.lock().unwrap().push_str(text));
        let queue = Queue::with(&queue.device(), QueueOptions { print, ..QueueOptions::default() }).unwrap();
        let x = f16::from_f32(0.1);
        let event = queue.submit(|h| h.single_task(kernel!(move || println!("{x} {x:?} {x:.2}")))).unwrap();
        event.wait().unwrap();
        assert_eq!(*log.lock().unwrap(), format!("{x} {x:?} {x:.2}\n"));
    });
}

#[test]
fn local_memory_holds_halves() {
    on_each_device(|queue| {
        let data = Buffer::from((0..8).map(|k| f16::from_f32(k as f32)).collect::<Vec<_>>());
        queue
            .submit(|h| {
                let (data, tile) = (data.read_write(h), h.local::<f16, 1>(4));
                h.parallel_for(
                    NdRange::new(8, 4),
                    kernel!(move |it: NdItem<1>| {
                        let [own] = it.local_id();
                        tile[own] = data[it.global_id()] * HALF;
                        it.barrier();
                        data[it.global_id()] = tile[3 - own];
                    }),
                )
            })
            .unwrap();
        let got: Vec<f32> = data.host_read().unwrap().iter().map(|x| x.to_f32()).collect();
        assert_eq!(got, [1.5, 1.0, 0.5, 0.0, 3.5, 3.0, 2.5, 2.0]);
    });
}

#[test]
fn numbers_are_cast_to_halves_by_as() {
    on_each_device(|queue| {
        let out = Buffer::<f16>::new(6);
        let (large, small) = (70000u32, -2049i16);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.single_task(kernel!(move || {
                    out[0] = 1.5 as f16;
                    out[1] = -3 as f16;
                    out[2] = large as f16;
                    out[3] = small as f16;
                    out[4] = out.range()[0] as f16 + 0.1f32 as falx::f16;
                    out[5] = (large > 3) as u8 as f16;
                }))
            })
            .unwrap();
        let expected = [1.5, -3.0, f32::INFINITY, -2048.0, 6.1, 1.0].map(f16::from_f32);
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}
