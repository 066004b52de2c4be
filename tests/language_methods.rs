//! The methods of numbers mean in a kernel what std says of them, on every device, for all pairs of edge values.
//!
//! What the tables of `language_integers` and `language_floats` have is not repeated here.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{float32, float64, on_each_device, table};
use falx::{Buffer, kernel};

/// The rows that all integers share, and those of one type; `as u64` keeps all their bits.
macro_rules! integers {
    ($($test:ident $ty:ident |$x:ident, $y:ident| { $($own:tt)* })*) => { $(
        table!($test, $ty, |$x, $y| {
            $x.saturating_mul($y) as u64 => $x.saturating_mul($y);
            $x.saturating_pow(3) as u64 => $x.saturating_pow(3);
            $x.saturating_pow($y as u32 % 9) as u64 => $x.saturating_pow($y as u32 % 9);
            (if $y == 0 { 0 } else { $x.saturating_div($y) }) as u64 => if $y == 0 { 0 } else { $x.saturating_div($y) };
            (if $y == 0 { 0 } else { $x.wrapping_div($y) }) as u64 => if $y == 0 { 0 } else { $x.wrapping_div($y) };
            (if $y == 0 { 0 } else { $x.wrapping_rem($y) }) as u64 => if $y == 0 { 0 } else { $x.wrapping_rem($y) };
            (if $y == 0 { 0 } else { $x.wrapping_div_euclid($y) }) as u64
                => if $y == 0 { 0 } else { $x.wrapping_div_euclid($y) };
            (if $y == 0 { 0 } else { $x.wrapping_rem_euclid($y) }) as u64
                => if $y == 0 { 0 } else { $x.wrapping_rem_euclid($y) };
            $x.unbounded_shl($y as u32 % 80) as u64 => $x.unbounded_shl($y as u32 % 80);
            $x.unbounded_shr($y as u32 % 80) as u64 => $x.unbounded_shr($y as u32 % 80);
            $x.midpoint($y) as u64 => $x.midpoint($y);
            $x.to_be() as u64 => $x.to_be();
            $x.to_le() as u64 => $x.to_le();
            $ty::from_be($x) as u64 => $ty::from_be($x);
            $ty::from_le($x) as u64 => $ty::from_le($x);
            (if $x > 0 { $x.ilog2() } else { 9 }) as u64 => if $x > 0 { $x.ilog2() } else { 9 };
            (if $x > 0 { $x.ilog10() } else { 9 }) as u64 => if $x > 0 { $x.ilog10() } else { 9 };
            (if $x > 0 && $y > 1 { $x.ilog($y) } else { 9 }) as u64 => if $x > 0 && $y > 1 { $x.ilog($y) } else { 9 };
            $ty::max($x, $y) as u64 => $ty::max($x, $y);
            $ty::rotate_left($x, 5) as u64 => $ty::rotate_left($x, 5);
            $ty::saturating_add($x, $y) as u64 => $ty::saturating_add($x, $y);
            $ty::pow($x, 2) as u64 => $ty::wrapping_pow($x, 2);
            $($own)*
        });
    )* };
}
macro_rules! signed {
    ($($test:ident $ty:ident $unsigned:ident)*) => {
        integers! { $($test $ty |x, y| {
            x.saturating_neg() as u64 => x.saturating_neg();
            x.saturating_abs() as u64 => x.saturating_abs();
            x.cast_unsigned() as u64 => x.cast_unsigned();
            x.wrapping_add_unsigned(y as $unsigned) as u64 => x.wrapping_add_unsigned(y as $unsigned);
            x.wrapping_sub_unsigned(y as $unsigned) as u64 => x.wrapping_sub_unsigned(y as $unsigned);
            x.saturating_add_unsigned(y as $unsigned) as u64 => x.saturating_add_unsigned(y as $unsigned);
            x.saturating_sub_unsigned(y as $unsigned) as u64 => x.saturating_sub_unsigned(y as $unsigned);
            (if x < 0 { 0 } else { x.isqrt() }) as u64 => if x < 0 { 0 } else { x.isqrt() };
        })* }
    };
}
macro_rules! unsigned {
    ($($test:ident $ty:ident $signed:ident)*) => {
        integers! { $($test $ty |x, y| {
            x.cast_signed() as u64 => x.cast_signed();
            x.wrapping_add_signed(y as $signed) as u64 => x.wrapping_add_signed(y as $signed);
            x.saturating_add_signed(y as $signed) as u64 => x.saturating_add_signed(y as $signed);
            x.next_power_of_two() as u64 => x.checked_next_power_of_two().unwrap_or(0);
            x.is_multiple_of(y) as u64 => x.is_multiple_of(y);
            (if y == 0 { 0 } else { x.div_ceil(y) }) as u64 => if y == 0 { 0 } else { x.div_ceil(y) };
            (if y == 0 { 0 } else { x.next_multiple_of(y) }) as u64 => if y == 0 {
                0
            } else {
                x.checked_next_multiple_of(y).unwrap_or_else(|| x.wrapping_add(y - x % y))
            };
            x.isqrt() as u64 => x.isqrt();
        })* }
    };
}
signed! {
    i8_methods_give_what_rust_gives i8 u8
    i16_methods_give_what_rust_gives i16 u16
    i32_methods_give_what_rust_gives i32 u32
    i64_methods_give_what_rust_gives i64 u64
    isize_methods_give_what_rust_gives isize usize
}
unsigned! {
    u8_methods_give_what_rust_gives u8 i8
    u16_methods_give_what_rust_gives u16 i16
    u32_methods_give_what_rust_gives u32 i32
    u64_methods_give_what_rust_gives u64 i64
    usize_methods_give_what_rust_gives usize isize
}

macro_rules! exact_floats {
    ($test:ident $ty:ident $out:ident |$x:ident, $y:ident|) => {
        table!($test, $ty, |$x, $y| {
            $out($x.next_up()) => $x.next_up();
            $out($x.next_down()) => $x.next_down();
            $out($x.midpoint($y)) => $x.midpoint($y);
            $x.is_subnormal() as u64 => $x.is_subnormal();
            $out($ty::sqrt($x)) => $ty::sqrt($x);
            $out($ty::max($x, $y) + 0.0) => $ty::max($x, $y) + 0.0;
            $out($ty::mul_add($x, $y, 1.5)) => $ty::mul_add($x, $y, 1.5);
            $out($ty::copysign($x, $y)) => $ty::copysign($x, $y);
            $out($ty::abs($x)) => $ty::abs($x);
            $out($ty::clamp($x, -1.0, 1.0)) => $ty::clamp($x, -1.0, 1.0);
            $out($ty::rem_euclid($x, $y)) => $ty::rem_euclid($x, $y);
        });
    };
}
exact_floats!(f32_methods_give_what_rust_gives f32 float32 |x, y|);
exact_floats!(f64_methods_give_what_rust_gives f64 float64 |x, y|);

// A power of few factors is multiplied out, so it has the same bits everywhere.
macro_rules! small_powers {
    ($test:ident $ty:ident $out:ident |$x:ident, $y:ident|) => {
        table!($test, $ty, |$x, $y| {
            $out($x.powi(-1)) => 1.0 / $x;
            $out($x.powi(0)) => 1.0 as $ty;
            $out($x.powi(1)) => $x;
            $out($x.powi(2)) => $x * $x;
            $out($x.powi(3)) => $x * $x * $x;
            $out($ty::powi($x + $y, 2)) => ($x + $y) * ($x + $y);
        });
    };
}
small_powers!(small_powers_of_f32_are_products f32 float32 |x, y|);
small_powers!(small_powers_of_f64_are_products f64 float64 |x, y|);

/// A test: a method that has no result for an operand is a trap, and gives zero meanwhile.
macro_rules! traps {
    ($($test:ident: $ty:ident |$x:ident| $method:expr, $name:literal;)*) => { $(
        #[test]
        fn $test() {
            on_each_device(|queue| {
                let input = Buffer::from(vec![0 as $ty]);
                let out = Buffer::<u64>::new(1);
                let run = queue.submit(|h| {
                    let (input, out) = (input.read(h), out.write(h));
                    h.parallel_for(1, kernel!(move |i: usize| {
                        let $x = input[i];
                        out[i] = $method as u64;
                    }))
                });
                run.unwrap();
                let error = out.host_read().unwrap_err().to_string();
                assert!(error.contains($name), "{error}");
            });
        }
    )* };
}
traps! {
    the_binary_logarithm_of_zero_is_a_trap: u32 |x| x.ilog2(), "`x.ilog2()`";
    the_decimal_logarithm_of_zero_is_a_trap: i64 |x| x.ilog10(), "`x.ilog10()`";
    a_logarithm_to_base_one_is_a_trap: u8 |x| (x + 5).ilog(x + 1), "`(x + 5).ilog(x + 1)`";
    the_root_of_a_negative_integer_is_a_trap: i32 |x| (x - 1).isqrt(), "`(x - 1).isqrt()`";
    a_multiple_of_zero_is_a_trap: u16 |x| (x + 1).next_multiple_of(x), "`(x + 1).next_multiple_of(x)`";
    rounding_up_a_division_by_zero_is_a_trap: usize |x| (x + 1).div_ceil(x), "`(x + 1).div_ceil(x)`";
    a_wrapping_division_by_zero_is_a_trap: i8 |x| (x + 1).wrapping_div(x), "`(x + 1).wrapping_div(x)`";
    a_saturating_division_by_zero_is_a_trap: i8 |x| (x + 1).saturating_div(x), "`(x + 1).saturating_div(x)`";
}
