//! Methods that also tell whether their result fits mean in a kernel what std says of them, on every device, for all pairs
//! of edge values.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{float32, float64, on_each_device, table};
use falx::{Buffer, kernel};

/// A test: each `Option` is `Some` where it is in plain Rust, with the same value; each pair has the same parts.
macro_rules! fitting {
    ($test:ident, $ty:ty, |$x:ident, $y:ident| { $($option:expr;)* } { $($pair:expr;)* }) => {
        table!($test, $ty, |$x, $y| {
            $(
                $option.is_some() as u64 => $option.is_some();
                $option.unwrap_or(3) as u64 => $option.unwrap_or(3);
            )*
            $(
                $pair.0 as u64 => $pair.0;
                $pair.1 as u64 => $pair.1;
            )*
        });
    };
}

macro_rules! integers {
    ($($test:ident $ty:ident |$x:ident, $y:ident| { $($option:expr;)* } { $($pair:expr;)* })*) => { $(
        fitting!($test, $ty, |$x, $y| {
            $x.checked_add($y);
            $x.checked_sub($y);
            $x.checked_mul($y);
            $x.checked_div($y);
            $x.checked_rem($y);
            $x.checked_div_euclid($y);
            $x.checked_rem_euclid($y);
            $x.checked_neg();
            $x.checked_pow($y as u32 % 9);
            $x.checked_pow($y as u32);
            $x.checked_shl($y as u32);
            $x.checked_shr($y as u32 % 80);
            $x.checked_ilog2();
            $x.checked_ilog10();
            $x.checked_ilog($y);
            $ty::checked_add($x, 1);
            $($option;)*
        } {
            $x.overflowing_add($y);
            $x.overflowing_sub($y);
            $x.overflowing_mul($y);
            (if $y == 0 { ($x, false) } else { $x.overflowing_div($y) });
            (if $y == 0 { ($x, false) } else { $x.overflowing_rem($y) });
            (if $y == 0 { ($x, false) } else { $x.overflowing_div_euclid($y) });
            (if $y == 0 { ($x, false) } else { $x.overflowing_rem_euclid($y) });
            $x.overflowing_neg();
            $x.overflowing_pow($y as u32 % 9);
            $x.overflowing_shl($y as u32);
            $x.overflowing_shr($y as u32 % 80);
            $($pair;)*
        });
    )* };
}
macro_rules! signed {
    ($($test:ident $ty:ident $unsigned:ident)*) => {
        integers! { $($test $ty |x, y| {
            x.checked_abs();
            x.checked_isqrt();
            x.checked_add_unsigned(y as $unsigned);
            x.checked_sub_unsigned(y as $unsigned);
        } {
            x.overflowing_abs();
            x.overflowing_add_unsigned(y as $unsigned);
            x.overflowing_sub_unsigned(y as $unsigned);
        })* }
    };
}
macro_rules! unsigned {
    ($($test:ident $ty:ident $signed:ident)*) => {
        integers! { $($test $ty |x, y| {
            x.checked_add_signed(y as $signed);
            x.checked_sub_signed(y as $signed);
            x.checked_signed_diff(y);
            x.checked_next_power_of_two();
            x.checked_next_multiple_of(y);
            Some(x.wrapping_sub_signed(y as $signed));
            Some(x.saturating_sub_signed(y as $signed));
        } {
            x.overflowing_add_signed(y as $signed);
            x.overflowing_sub_signed(y as $signed);
            x.carrying_add(y, x > 5);
            x.borrowing_sub(y, y > 5);
            x.carrying_mul(y, x / 2);
            x.carrying_mul_add(y, x / 2, y);
        })* }
    };
}
signed! {
    i8_results_fit_where_they_do_in_rust i8 u8
    i16_results_fit_where_they_do_in_rust i16 u16
    i32_results_fit_where_they_do_in_rust i32 u32
    i64_results_fit_where_they_do_in_rust i64 u64
    isize_results_fit_where_they_do_in_rust isize usize
}
unsigned! {
    u8_results_fit_where_they_do_in_rust u8 i8
    u16_results_fit_where_they_do_in_rust u16 i16
    u32_results_fit_where_they_do_in_rust u32 i32
    u64_results_fit_where_they_do_in_rust u64 i64
    usize_results_fit_where_they_do_in_rust usize isize
}

macro_rules! sines_and_cosines {
    ($test:ident $ty:ident $out:ident |$x:ident, $y:ident|) => {
        table!($test, $ty, |$x, $y| {
            ($out($x.sin_cos().0) == $out($x.sin())) as u64 => 1u64;
            ($out($x.sin_cos().1) == $out($x.cos())) as u64 => 1u64;
            ($out($ty::sin_cos($x + $y).1) == $out(($x + $y).cos())) as u64 => 1u64;
        });
    };
}
sines_and_cosines!(sin_cos_of_f32_is_the_sine_and_the_cosine f32 float32 |x, y|);
sines_and_cosines!(sin_cos_of_f64_is_the_sine_and_the_cosine f64 float64 |x, y|);

/// The sum while it fits, by `?`; what is left of 2 to the 64 is told by a pattern.
#[falx::device]
fn sum_of_squares(up_to: u32) -> Option<u64> {
    let mut sum = 0u64;
    for k in 0..up_to as u64 {
        sum = sum.checked_add(k.checked_pow(4)?)?;
    }
    Some(sum)
}

#[test]
fn checked_results_are_options_like_any_other() {
    on_each_device(|queue| {
        let out = Buffer::<u64>::new(4);
        queue
            .submit(|h| {
                let out = out.write(h);
                h.parallel_for(
                    4,
                    kernel!(move |i: usize| {
                        let length = [10, 100, 4000, 100_000][i];
                        if let Some(sum) = sum_of_squares(length) {
                            out[i] = sum;
                        } else {
                            let (wrapped, overflows) = u64::MAX.overflowing_add(length as u64);
                            out[i] = wrapped + overflows as u64;
                        }
                    }),
                )
            })
            .unwrap();
        let expected = [10, 100, 4000, 100_000].map(|length| sum_of_squares(length).unwrap_or(length.into()));
        assert_eq!(*out.host_read().unwrap(), expected);
        assert_eq!(expected[3], 100_000);
    });
}

macro_rules! generic_results {
    ($($ty:ty)*) => { $({
        let (x, y) = (<$ty>::MAX, 3 as $ty);
        assert_eq!(distance_to(x, y), Some(x - y));
        assert_eq!(distance_to(<$ty>::MIN, y), <$ty>::MIN.checked_sub(y));
    })* };
}

#[falx::device]
fn distance_to<T: falx::num::Integer>(x: T, y: T) -> Option<T> {
    let (distance, overflows) = x.overflowing_sub(y);
    if overflows { None } else { distance.checked_add(T::ZERO) }
}

#[test]
fn generic_functions_have_the_methods_that_tell_whether_a_result_fits() {
    generic_results!(i8 u16 i32 u64);
    on_each_device(|queue| {
        let out = Buffer::<i64>::new(2);
        queue
            .submit(|h| {
                let out = out.write(h);
                h.single_task(kernel!(move || {
                    out[0] = distance_to(200u8, 50).unwrap_or(1) as i64;
                    out[1] = distance_to(-100i8, 50).unwrap_or(1) as i64;
                }))
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [150, 1]);
    });
}

#[test]
fn an_overflowing_division_by_zero_is_a_trap_that_gives_zero() {
    on_each_device(|queue| {
        let input = Buffer::from(vec![0i32]);
        let out = Buffer::<i32>::new(1);
        let event = queue.submit(|h| {
            let (input, out) = (input.read(h), out.write(h));
            h.parallel_for(1, kernel!(move |i: usize| out[i] = 7i32.overflowing_div(input[i]).0))
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.contains("`7i32.overflowing_div(input[i])`"), "{error}");
    });
}

#[test]
fn checked_mode_leaves_alone_what_is_asked_whether_it_fits() {
    on_each_device(|queue| {
        let options = falx::QueueOptions { checked: true, ..Default::default() };
        let queue = falx::Queue::with(&queue.device(), options).unwrap();
        let out = Buffer::from(vec![i32::MIN, 1]);
        queue
            .submit(|h| {
                let out = out.read_write(h);
                h.single_task(kernel!(move || {
                    let least = out[0];
                    out[0] = least.checked_neg().unwrap_or(5) + least.checked_abs().unwrap_or(6);
                    out[1] = least.overflowing_sub(out[1]).0 / 2 + least.checked_mul(2).unwrap_or(1);
                }))
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [11, i32::MAX / 2 + 1]);
    });
}
