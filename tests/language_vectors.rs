//! Vectors mean in a kernel what they mean in plain Rust, on every device, lane by lane and bit for bit.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{Bits, Edges, edges, lacks, on_each_device, vectors};
use falx::prelude::*;

macro_rules! floats {
    ($($test:ident $vector:ident $lane:ident)*) => { $(
        vectors!($test, $vector, $lane, |x, y, s| {
            x + y;
            x - y;
            x * y;
            x / y;
            x % y;
            -x;
            x + s;
            s - x;
            x * 2.5;
            1.0 / x;
            x * y + x;
            x.mul_add(y, x);
            x.sqrt();
            x.abs();
            x.floor();
            x.ceil();
            x.trunc();
            x.round();
            x.round_ties_even();
            x.fract();
            x.signum();
            x.copysign(y);
            x.recip();
            x.to_radians();
            x.to_degrees();
            x.min(y) + 0.0;
            x.max(y) + 0.0;
            x.clamp($vector::splat(-1.5), $vector::splat(100.0));
            x.lt(y).select(x, y);
            x.le(y).select(x, y);
            x.gt(y).select(x, y);
            x.ge(y).select(x, y);
            x.eq(y).select(x, -y);
            x.ne(y).select(x, -y);
            (x.lt(y) & !y.lt($vector::splat(0.0))).select(x, y);
            (x.lt(y) | y.lt(x)).select(x, $vector::splat(7.0));
            (x.lt(y) ^ x.lt($vector::splat(s))).select(x, y);
            if x.lt(y).any() { x } else { y };
            if x.lt(y).all() { x } else { y };
            if x == y { x } else { y };
            if x != y { x } else { y };
            $vector::splat(x.sum());
            $vector::splat(x.dot(y));
            $vector::splat(x.length());
            $vector::splat(x.distance(y));
            x.normalize();
            $vector::splat(x[0]);
            $vector::splat(x[($vector::LANES - 1)]);
            $vector::from_bits(x.to_bits());
            $vector::from(x.to_array());
        });
    )* };
}
floats! {
    two_floats_compute_as_in_rust F32x2 f32
    three_floats_compute_as_in_rust F32x3 f32
    four_floats_compute_as_in_rust F32x4 f32
    eight_floats_compute_as_in_rust F32x8 f32
    sixteen_floats_compute_as_in_rust F32x16 f32
    two_doubles_compute_as_in_rust F64x2 f64
    three_doubles_compute_as_in_rust F64x3 f64
    four_doubles_compute_as_in_rust F64x4 f64
}

// Eight and sixteen doubles in kernels of few rows: no operation is slow by itself, but PoCL's compiler takes time out of all
// proportion to the size of a kernel of such vectors, 40 seconds for the rows of `floats`.
macro_rules! wide_doubles {
    ($($test:ident $more:ident $vector:ident)*) => { $(
        vectors!($test, $vector, f64, |x, y, s| {
            x + y;
            x - s;
            x * y;
            x / y;
            -x;
            x.sqrt();
            x.mul_add(y, x);
            x.abs();
            x.lt(y).select(x, y);
            if x.lt(y).all() { x } else { y };
            $vector::splat(x.sum());
            $vector::splat(x.dot(y));
        });
        vectors!($more, $vector, f64, |x, y, s| {
            x.min(y) + 0.0;
            x.clamp($vector::splat(-1.5), $vector::splat(100.0));
            x.copysign(y);
            x.floor();
            $vector::splat(x[($vector::LANES - 1)]);
            $vector::from_bits(x.to_bits());
            $vector::from(x.to_array());
            x.lo().concat(y.hi());
            x.even().concat(y.odd());
        });
    )* };
}
wide_doubles! {
    eight_doubles_compute_as_in_rust eight_doubles_are_rearranged_as_in_rust F64x8
    sixteen_doubles_compute_as_in_rust sixteen_doubles_are_rearranged_as_in_rust F64x16
}

macro_rules! integers {
    ($($test:ident $vector:ident $lane:ident)*) => { $(
        vectors!($test, $vector, $lane, |x, y, s| {
            x + y;
            x - y;
            x * y;
            x + s;
            s * x;
            x / 7;
            x % 7;
            y.abs() * 0 + x / (y & 15 | 1).max($vector::splat(1));
            x & y;
            x | y;
            x ^ s;
            !x;
            x << y;
            x >> y;
            x << 3;
            x >> 3u32;
            x.min(y);
            x.max(y);
            x.abs();
            x.clamp($vector::splat(3), $vector::splat(100));
            x.saturating_add(y);
            x.saturating_sub(y);
            x.midpoint(y);
            x.count_ones();
            x.leading_zeros();
            x.rotate_left(5);
            x.rotate_right(s as u32);
            x.lt(y).select(x, y);
            x.ge($vector::splat(s)).select(x, y);
            if x.eq(y).any() { x } else { y };
            if x.ne(y).all() { x } else { y };
            $vector::splat(x.sum());
            $vector::splat(x.dot(y));
            $vector::splat(x[1]);
            $vector::splat(x[s as usize & 1]);
        });
    )* };
}
integers! {
    four_i8_compute_as_in_rust I8x4 i8
    four_u8_compute_as_in_rust U8x4 u8
    three_u16_compute_as_in_rust U16x3 u16
    sixteen_u8_compute_as_in_rust U8x16 u8
    eight_i16_compute_as_in_rust I16x8 i16
    two_u16_compute_as_in_rust U16x2 u16
    two_i32_compute_as_in_rust I32x2 i32
    three_i32_compute_as_in_rust I32x3 i32
    four_i32_compute_as_in_rust I32x4 i32
    sixteen_i32_compute_as_in_rust I32x16 i32
    four_u32_compute_as_in_rust U32x4 u32
    two_i64_compute_as_in_rust I64x2 i64
    eight_i64_compute_as_in_rust I64x8 i64
    four_u64_compute_as_in_rust U64x4 u64
}

// Fewer rows: one driver does not finish compiling some operations on three bytes.
vectors!(three_bytes_compute_as_in_rust, U8x3, u8, |x, y, s| {
    x + y;
    x - y;
    s * x;
    !x;
    x << y;
    x.min(y);
    x.saturating_add(y);
    x.lt(y).select(x, y);
});
