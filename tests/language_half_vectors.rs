//! Vectors of halves mean in a kernel what they mean in plain Rust, bit for bit on every device: each lane is an `f16`.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{Bits, Edges, edges, lacks, on_each_device, vectors};
use falx::prelude::*;

macro_rules! halves {
    ($($computed:ident $compared:ident $vector:ident)*) => { $(
        vectors!($computed, $vector, f16, |x, y, s| {
            x + y;
            x - y;
            x * y;
            x / y;
            x % y;
            -x;
            x + s;
            s - x;
            x * y + x;
            x.mul_add(y, x);
            x.sqrt();
            x.abs();
            x.floor();
            x.round();
            x.round_ties_even();
            x.fract() + f16::ZERO;
            x.signum();
            x.recip();
            x.to_radians();
            { let mut z = x; z += y; z *= x; z };
        });
        vectors!($compared, $vector, f16, |x, y, s| {
            x.min(y) + f16::ZERO;
            x.max(y) + f16::ZERO;
            x.clamp($vector::splat(-f16::ONE), $vector::splat(f16::PI));
            x.lt(y).select(x, y);
            x.ge($vector::splat(s)).select(x, y);
            if x.eq(y).any() { x } else { y };
            if x.le(y).all() { x } else { y };
            if x == y { x } else { y };
            if x != y { x } else { y };
            $vector::splat(x.sum());
            $vector::splat(x.dot(y));
            $vector::splat(x.length());
            x.normalize();
            $vector::splat(x[$vector::LANES - 1]);
            $vector::from_bits(x.to_bits());
            $vector::from(x.to_array());
            x.with_yx(y.xy());
        });
    )* };
}
halves! {
    two_halves_compute_as_in_rust two_halves_are_compared_as_in_rust F16x2
    three_halves_compute_as_in_rust three_halves_are_compared_as_in_rust F16x3
    four_halves_compute_as_in_rust four_halves_are_compared_as_in_rust F16x4
}

// Few rows: PoCL's compiler takes long over wide vectors.
macro_rules! wide_halves {
    ($($test:ident $vector:ident)*) => { $(
        vectors!($test, $vector, f16, |x, y, s| {
            x + y;
            x / y;
            s - x;
            x.mul_add(y, x);
            x.lt(y).select(x, y);
            $vector::splat(x.dot(y));
            x.lo().concat(y.hi());
            x.even().concat(y.odd());
        });
    )* };
}
wide_halves! {
    eight_halves_compute_as_in_rust F16x8
    sixteen_halves_compute_as_in_rust F16x16
}

#[test]
fn on_the_host_a_lane_is_what_the_half_crate_makes_of_it() {
    let (left, right) = (edges::<f16, F16x4, 4>(0), edges::<f16, F16x4, 4>(1));
    for (x, y) in left.into_iter().zip(right) {
        for k in 0..4 {
            assert_eq!((x + y)[k].bits(), (x[k] + y[k]).bits());
            assert_eq!((x * y)[k].bits(), (x[k] * y[k]).bits());
            assert_eq!(x.sqrt()[k].bits(), f16::from_f32(x[k].to_f32().sqrt()).bits());
            assert_eq!(x.lt(y)[k], x[k] < y[k]);
            assert_eq!(x.as_i8()[k], x[k].to_f32() as i8);
        }
    }
}

#[test]
fn vectors_of_halves_become_others_and_others_become_them() {
    let value = |k: usize| F32x4::new(k as f32 * 0.37, -1e9, 2049.0, k as f32 - 9.5);
    on_each_device(|queue| {
        let from = Buffer::from((0..20).map(value).collect::<Vec<_>>());
        let (halves, singles) = (Buffer::<F16x4, 2>::new([3, 20]), Buffer::<F32x4>::new(20));
        let (bytes, words) = (Buffer::<I8x4>::new(20), Buffer::<U32x4>::new(20));
        queue
            .submit(|h| {
                let (from, halves, singles) = (from.read(h), halves.write(h), singles.write(h));
                let (bytes, words) = (bytes.write(h), words.write(h));
                h.parallel_for(
                    20,
                    kernel!(move |i: usize| {
                        let x = from[i].as_f16();
                        halves[[0, i]] = x;
                        halves[[1, i]] = from[i].as_i32().as_f16();
                        halves[[2, i]] = from[i].as_u64().as_f16();
                        singles[i] = x.as_f32();
                        bytes[i] = x.as_i8();
                        words[i] = x.as_u32();
                    }),
                )
            })
            .unwrap();
        let (halves, singles) = (halves.host_read().unwrap(), singles.host_read().unwrap());
        let (bytes, words) = (bytes.host_read().unwrap(), words.host_read().unwrap());
        for i in 0..20 {
            let lanes = value(i).to_array();
            let half = lanes.map(f16::from_f32);
            assert_eq!(halves[i].to_array(), half);
            assert_eq!(halves[20 + i].to_array(), lanes.map(|x| f16::from_f32(x as i32 as f32)));
            assert_eq!(halves[40 + i].to_array(), lanes.map(|x| f16::from_f32(x as u64 as f32)));
            assert_eq!(singles[i].to_array(), half.map(f16::to_f32));
            assert_eq!(bytes[i].to_array(), half.map(|x| x.to_f32() as i8));
            assert_eq!(words[i].to_array(), half.map(|x| x.to_f32() as u32));
        }
    });
}

#[test]
fn doubles_become_the_nearest_halves_in_vectors_too() {
    on_each_device(|queue| {
        if lacks(queue, "f64") {
            return;
        }
        // Between two halves, and a little more: rounded to a single first it would be the even one.
        let x = F64x2::new(2049.0 + 1e-9, -2051.0 + 1e-9);
        let (from, to) = (Buffer::from(vec![x]), Buffer::<F16x2>::new(1));
        queue
            .submit(|h| {
                let (from, to) = (from.read(h), to.write(h));
                h.single_task(kernel!(move || to[0] = from[0].as_f16()))
            })
            .unwrap();
        assert_eq!(to.host_read().unwrap()[0].to_array().map(f16::to_f32), [2050.0, -2050.0]);
    });
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pixel {
    color: F16x4,
    place: U32x2,
}

#[device]
fn brightened(pixel: Pixel, by: F16x4) -> Pixel {
    let mut pixel = pixel;
    pixel.color += by;
    pixel.color.w = f16::ONE;
    pixel
}

#[test]
fn vectors_of_halves_are_captured_and_held_by_structs_arrays_and_local_memory() {
    let half = f16::from_f32;
    let by = F16x4::new(half(0.5), half(1.0), half(-2.0), half(8.0));
    let start = Pixel { color: F16x4::splat(half(0.25)), place: U32x2::new(3, 4) };
    on_each_device(|queue| {
        let (pixels, triples) = (Buffer::from(vec![start; 4]), Buffer::<F16x3>::new(4));
        queue
            .submit(|h| {
                let (pixels, triples) = (pixels.read_write(h), triples.write(h));
                let tile = h.local::<F16x4, 1>(2);
                h.parallel_for(
                    NdRange::new(4, 2),
                    kernel!(move |it: NdItem<1>| {
                        let [i] = it.global_id();
                        let [own] = it.local_id();
                        pixels[i] = brightened(pixels[i], by);
                        tile[own] = pixels[i].color * f16::from_f32(own as f32);
                        it.barrier();
                        let both = [tile[0], tile[1]];
                        triples[i] = both[1 - own].zyx();
                    }),
                )
            })
            .unwrap();
        let color = F16x4::new(half(0.75), half(1.25), half(-1.75), f16::ONE);
        assert_eq!(*pixels.host_read().unwrap(), [Pixel { color, ..start }; 4]);
        let [zero, full] = [F16x3::new(half(-0.0), half(0.0), half(0.0)), color.zyx()];
        assert_eq!(*triples.host_read().unwrap(), [full, zero, full, zero]);
    });
}
