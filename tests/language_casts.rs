//! `as` means in a kernel what it means in Rust, on every device: from every scalar type to every other, for all edge values.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{float32, float64, table};

macro_rules! casts {
    ($($test:ident $from:ident)*) => { $(
        table!($test, $from, |x, y| {
            (x as i8) as u64 => x as i8;
            (x as u8) as u64 => x as u8;
            (x as i16) as u64 => x as i16;
            (x as u16) as u64 => x as u16;
            (x as i32) as u64 => x as i32;
            (x as u32) as u64 => x as u32;
            (x as i64) as u64 => x as i64;
            (x as u64) => x as u64;
            (x as isize) as u64 => x as isize;
            (x as usize) as u64 => x as usize;
            float32(x as f32) => x as f32;
            // Through a value that is not stored, so that a compiler may be tempted to leave a step out.
            ((x as i8 as i32) + (x as u8 as i32)) as u64 => (x as i8 as i32) + (x as u8 as i32);
            ((x as f32) as i32) as u64 => x as f32 as i32;
            ((x as i16) as u32 >> 3) as u64 => x as i16 as u32 >> 3;
            ((x as u32) as f32 as u64) => x as u32 as f32 as u64;
        });
    )* };
}
casts! {
    casts_of_i8_give_what_rust_gives i8
    casts_of_i16_give_what_rust_gives i16
    casts_of_i32_give_what_rust_gives i32
    casts_of_i64_give_what_rust_gives i64
    casts_of_isize_give_what_rust_gives isize
    casts_of_u8_give_what_rust_gives u8
    casts_of_u16_give_what_rust_gives u16
    casts_of_u32_give_what_rust_gives u32
    casts_of_u64_give_what_rust_gives u64
    casts_of_usize_give_what_rust_gives usize
    casts_of_f32_saturate_as_in_rust f32
    casts_of_f64_saturate_as_in_rust f64
}

macro_rules! doubles {
    ($($test:ident $from:ident)*) => { $(
        table!($test, $from, |x, y| {
            float64(x as f64) => x as f64;
            float64(x as f64 / 3.0) => x as f64 / 3.0;
            float32(x as f64 as f32) => x as f64 as f32;
            (x as f64 as i64) as u64 => x as f64 as i64;
            (x as f64 as u32) as u64 => x as f64 as u32;
        });
    )* };
}
doubles! {
    casts_of_i8_to_double_give_what_rust_gives i8
    casts_of_u8_to_double_give_what_rust_gives u8
    casts_of_i16_to_double_give_what_rust_gives i16
    casts_of_u16_to_double_give_what_rust_gives u16
    casts_of_isize_to_double_give_what_rust_gives isize
    casts_of_usize_to_double_give_what_rust_gives usize
    casts_of_i32_to_double_give_what_rust_gives i32
    casts_of_u32_to_double_give_what_rust_gives u32
    casts_of_i64_to_double_give_what_rust_gives i64
    casts_of_u64_to_double_give_what_rust_gives u64
    casts_of_f32_to_double_give_what_rust_gives f32
    casts_of_f64_to_single_give_what_rust_gives f64
}

table!(bools_compare_combine_and_cast_as_in_rust, i32, |x, y| {
    ((x > 1) & (y > 1)) as u64 => (x > 1) & (y > 1);
    ((x > 1) | (y > 1)) as u64 => (x > 1) | (y > 1);
    ((x > 1) ^ (y > 1)) as u64 => (x > 1) ^ (y > 1);
    (!(x > 1)) as u64 => x <= 1;
    ((x > 1) && !(y > 1)) as u64 => (x > 1) && (y <= 1);
    ((x > 1) || !(y > 1)) as u64 => (x > 1) || (y <= 1);
    ((x > 1) == (y > 1)) as u64 => (x > 1) == (y > 1);
    ((x > 1) != (y > 1)) as u64 => (x > 1) != (y > 1);
    ((x > 1) < (y > 1)) as u64 => (x <= 1) & (y > 1);
    ((x > 1) >= (y > 1)) as u64 => (x > 1) | (y <= 1);
    ((x > 1) as u8 + 255) as u64 => ((x > 1) as u8).wrapping_add(255);
    ((x > 1) as i64 - 1) as u64 => (x > 1) as i64 - 1;
    ((x > 1) as usize * 3) as u64 => (x > 1) as usize * 3;
});

table!(bools_cast_to_every_integer_as_zero_or_one, i32, |x, y| {
    ((x > y) as i8) as u64 => (x > y) as i8;
    ((x > y) as u8) as u64 => (x > y) as u8;
    ((x > y) as i16) as u64 => (x > y) as i16;
    ((x > y) as u16) as u64 => (x > y) as u16;
    ((x > y) as i32) as u64 => (x > y) as i32;
    ((x > y) as u32) as u64 => (x > y) as u32;
    ((x > y) as i64) as u64 => (x > y) as i64;
    ((x > y) as u64) => (x > y) as u64;
    ((x > y) as isize) as u64 => (x > y) as isize;
    ((x > y) as usize) as u64 => (x > y) as usize;
    ((x > y) as bool) as u64 => x > y;
    (-((x > y) as i32)) as u64 => -((x > y) as i32);
    ((x > y) as u8 as f32 as i32) as u64 => (x > y) as i32;
});

table!(a_literal_with_a_type_keeps_it_under_a_cast, i32, |x, y| {
    (!0u8 as u32) as u64 => !0u8 as u32;
    ((!32usize) as f64 as u64) => (!32usize) as f64 as u64;
    (5_000_000_000u64 as f32 as u64) => 5_000_000_000u64 as f32 as u64;
    (-1i8 as u16) as u64 => -1i8 as u16;
    (1e10f32 as i32) as u64 => 1e10f32 as i32;
});
