//! Integer operators and methods mean in a kernel what they mean in Rust, on every device, for all pairs of edge values.
//! Overflow wraps, as in a release build.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same, table};
use falx::prelude::*;

/// The rows that all integers share, and those of one type; `as u64` keeps all their bits.
macro_rules! integers {
    ($($test:ident $ty:ident |$x:ident, $y:ident| { $($own:tt)* })*) => { $(
        table!($test, $ty, |$x, $y| {
            ($x + $y) as u64 => $x.wrapping_add($y);
            ($x - $y) as u64 => $x.wrapping_sub($y);
            ($x * $y) as u64 => $x.wrapping_mul($y);
            ($x & $y) as u64 => $x & $y;
            ($x | $y) as u64 => $x | $y;
            ($x ^ $y) as u64 => $x ^ $y;
            (!$x) as u64 => !$x;
            ($x << $y) as u64 => $x.wrapping_shl($y as u32);
            ($x >> $y) as u64 => $x.wrapping_shr($y as u32);
            ($x << 3) as u64 => $x << 3;
            ($x >> 3) as u64 => $x >> 3;
            (if $y == 0 || (!$y == 0 && ($x << 1) == 0) { $x } else { $x / $y }) as u64
                => if $y == 0 || (!$y == 0 && ($x << 1) == 0) { $x } else { $x / $y };
            (if $y == 0 || (!$y == 0 && ($x << 1) == 0) { $x } else { $x % $y }) as u64
                => if $y == 0 || (!$y == 0 && ($x << 1) == 0) { $x } else { $x % $y };
            (if $y == 0 || (!$y == 0 && ($x << 1) == 0) { $x } else { $x.div_euclid($y) }) as u64
                => if $y == 0 || (!$y == 0 && ($x << 1) == 0) { $x } else { $x.div_euclid($y) };
            (if $y == 0 || (!$y == 0 && ($x << 1) == 0) { $x } else { $x.rem_euclid($y) }) as u64
                => if $y == 0 || (!$y == 0 && ($x << 1) == 0) { $x } else { $x.rem_euclid($y) };
            ($x / 7) as u64 => $x / 7;
            ($x % 7) as u64 => $x % 7;
            ($x == $y) as u64 => $x == $y;
            ($x != $y) as u64 => $x != $y;
            ($x < $y) as u64 => $x < $y;
            ($x <= $y) as u64 => $x <= $y;
            ($x > $y) as u64 => $x > $y;
            ($x >= $y) as u64 => $x >= $y;
            ($x + 1 > $x) as u64 => $x.wrapping_add(1) > $x;
            (($x * $y + $x) - $y * 3 >> 2) as u64
                => $x.wrapping_mul($y).wrapping_add($x).wrapping_sub($y.wrapping_mul(3)) >> 2;
            ($x.wrapping_add($y)) as u64 => $x.wrapping_add($y);
            ($x.wrapping_sub($y)) as u64 => $x.wrapping_sub($y);
            ($x.wrapping_mul($y)) as u64 => $x.wrapping_mul($y);
            ($x.wrapping_neg()) as u64 => $x.wrapping_neg();
            ($x.wrapping_shl($y as u32)) as u64 => $x.wrapping_shl($y as u32);
            ($x.wrapping_shr($y as u32)) as u64 => $x.wrapping_shr($y as u32);
            ($x.saturating_add($y)) as u64 => $x.saturating_add($y);
            ($x.saturating_sub($y)) as u64 => $x.saturating_sub($y);
            ($x.rotate_left($y as u32)) as u64 => $x.rotate_left($y as u32);
            ($x.rotate_right($y as u32)) as u64 => $x.rotate_right($y as u32);
            ($x.leading_zeros()) as u64 => $x.leading_zeros();
            ($x.trailing_zeros()) as u64 => $x.trailing_zeros();
            ($x.leading_ones()) as u64 => $x.leading_ones();
            ($x.trailing_ones()) as u64 => $x.trailing_ones();
            ($x.swap_bytes()) as u64 => $x.swap_bytes();
            ($x.reverse_bits()) as u64 => $x.reverse_bits();
            ($x.wrapping_pow(5)) as u64 => $x.wrapping_pow(5);
            ($x.count_ones()) as u64 => $x.count_ones();
            ($x.count_zeros()) as u64 => $x.count_zeros();
            ($x.abs_diff($y)) as u64 => $x.abs_diff($y);
            ($x.pow(3)) as u64 => $x.wrapping_pow(3);
            ($x.pow($y as u32 % 40)) as u64 => $x.wrapping_pow($y as u32 % 40);
            ($x.min($y)) as u64 => $x.min($y);
            ($x.max($y)) as u64 => $x.max($y);
            ($x.clamp(3, 100)) as u64 => $x.clamp(3, 100);
            $($own)*
        });
    )* };
}

macro_rules! signed {
    ($($test:ident $ty:ident)*) => {
        integers! { $($test $ty |x, y| {
            (-x) as u64 => x.wrapping_neg();
            x.abs() as u64 => x.wrapping_abs();
            x.signum() as u64 => x.signum();
            x.wrapping_abs() as u64 => x.wrapping_abs();
            x.unsigned_abs() as u64 => x.unsigned_abs();
            x.is_positive() as u64 => x.is_positive();
            x.is_negative() as u64 => x.is_negative();
            (-x / 5 + y % -3) as u64 => (x.wrapping_neg() / 5).wrapping_add(y % -3);
        })* }
    };
}
macro_rules! unsigned {
    ($($test:ident $ty:ident)*) => {
        integers! { $($test $ty |x, y| {
            x.is_power_of_two() as u64 => x.is_power_of_two();
        })* }
    };
}

signed! {
    i8_operators_give_what_rust_gives i8
    i16_operators_give_what_rust_gives i16
    i32_operators_give_what_rust_gives i32
    i64_operators_give_what_rust_gives i64
    isize_operators_give_what_rust_gives isize
}
unsigned! {
    u8_operators_give_what_rust_gives u8
    u16_operators_give_what_rust_gives u16
    u32_operators_give_what_rust_gives u32
    u64_operators_give_what_rust_gives u64
    usize_operators_give_what_rust_gives usize
}

#[test]
fn what_is_shifted_out_of_an_id_is_gone() {
    on_each_device(|queue| {
        let columns: [Buffer<i64>; 8] = std::array::from_fn(|_| Buffer::new(512));
        let launched = queue.submit(|h| {
            let [a, b, c, d, e, f, g, k] = columns.each_ref().map(|column| column.write(h).no_init());
            h.parallel_for(
                512,
                kernel!(move |i: usize| {
                    a[i] = ((i as i32) << 26) as i64;
                    b[i] = ((i as i16) << 10) as i64;
                    c[i] = (i as i32 * 67108864) as i64;
                    d[i] = (((i as i32) << 26) >> 26) as i64;
                    e[i] = (67108864 * i as i32) as i64;
                    f[i] = (i32::MIN * (i as i32)) as u64 as i64;
                    g[i] = (i as i32 * 67108864 + 1) as i64;
                    k[i] = (1024 * i as i16) as i64;
                }),
            )
        });
        launched.unwrap();
        for (i, n) in (0..512).zip(0i32..) {
            let found: Vec<i64> = columns.iter().map(|column| column.host_read().unwrap()[i]).collect();
            let (int, short) = (n << 26, i64::from((n as i16) << 10));
            let int = |shift: u32| i64::from(int >> shift);
            let expected = [int(0), short, int(0), int(26), int(0), i64::from(n << 31), int(0) + 1, short];
            assert_eq!(found, expected, "work-item {i}");
        }
    });
}

// Intel's CPU compiler counts such numbers along with the ids, and does it wrongly where nothing hides them.
same!(
    complements_of_ids_count_down_from_the_first_work_item_to_the_last,
    usize,
    |i| {
        let (narrow, signed) = (i as u32, i as i32);
        let wide = (i & 3) * 64 + (!i - i) * 5 + (usize::MAX - i + (i << 1)) % 19;
        wide + ((!narrow - narrow) * 7) as usize % 1009 + (-1 - signed - signed) as u8 as usize
    },
    |i| {
        let (narrow, signed) = (i as u32, i as i32);
        let fives = (!i).wrapping_sub(i).wrapping_mul(5);
        let sevens = (!narrow).wrapping_sub(narrow).wrapping_mul(7) as usize % 1009;
        let wide =
            ((i & 3) * 64).wrapping_add(fives).wrapping_add((usize::MAX - i).wrapping_add(i << 1) % 19);
        wide.wrapping_add(sevens).wrapping_add((-1 - signed - signed) as u8 as usize)
    }
);
same!(
    sums_of_an_id_and_a_large_literal_wrap_with_their_sign,
    u64,
    |i| {
        let mut sum = 0u64;
        if i as f64 > 0.5 {
            let last = i as i32 + 2147483600;
            sum = last as u64;
        }
        if i % 3 != 7 {
            sum -= (i as i32 - -2147483600) as u64 ^ 5;
        }
        sum
    },
    |i| {
        let last = (i as i32).wrapping_add(2147483600) as u64;
        (if i > 0 { last } else { 0 }).wrapping_sub(last ^ 5)
    }
);
same!(
    what_saturates_by_a_signed_number_keeps_its_type_as_an_argument,
    u16,
    |i| {
        let (small, signed) = (i as u16 * 900, i as i16 * 1000 - 20000);
        let below = small.saturating_add(small.saturating_sub_signed(signed));
        below ^ small.saturating_sub(small.saturating_add_signed(signed))
    },
    |i| {
        let (small, signed) =
            ((i as u16).wrapping_mul(900), (i as i16).wrapping_mul(1000).wrapping_sub(20000));
        let below = small.saturating_add(small.saturating_sub_signed(signed));
        below ^ small.saturating_sub(small.saturating_add_signed(signed))
    }
);

#[test]
fn the_smallest_number_keeps_its_sign_when_it_is_negated() {
    on_each_device(|queue| {
        let [signs, differences, shorts] = std::array::from_fn(|_| Buffer::<i64>::new(16));
        let launched = queue.submit(|h| {
            let [signs, differences, shorts] =
                [&signs, &differences, &shorts].map(|column| column.write(h).no_init());
            h.parallel_for(
                16,
                kernel!(move |i: usize| {
                    let x = ((i as i32) << 28).wrapping_neg();
                    signs[i] = x.signum() as i64;
                    let y = -((i as i64) << 60);
                    let (positive, negative) = ((y > 0) as i64, (y < 0) as i64);
                    differences[i] = positive - negative;
                    let z = ((i as u16) << (i as u16)).wrapping_neg() as i16;
                    let w = ((i as i32) << 28) * -1;
                    shorts[i] = z.signum() as i64 * 10 + ((w > 0) as i8 - (w < 0) as i8) as i64;
                }),
            )
        });
        launched.unwrap();
        for (i, n) in (0..16).zip(0i32..) {
            let found = [&signs, &differences, &shorts].map(|column| column.host_read().unwrap()[i]);
            let sign = i64::from((n << 28).wrapping_neg().signum());
            let short = i64::from(((n as u16).wrapping_shl(n as u32)).wrapping_neg().cast_signed().signum());
            assert_eq!(found, [sign, sign, short * 10 + sign], "work-item {i}");
        }
    });
}
