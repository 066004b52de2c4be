//! The methods of `Option` and `Result` that take closures mean in a kernel what they mean in Rust, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::same;
use falx::prelude::*;

#[device]
fn third(i: u32) -> Option<u32> {
    if i % 3 == 0 { Some(i / 3) } else { None }
}

#[device]
fn halved(i: u32) -> Result<u32, f32> {
    if i % 2 == 0 { Ok(i / 2) } else { Err(i as f32 * 0.5) }
}

same!(what_is_inside_of_an_option_is_mapped, u64, |i| {
    let limit = 10u32;
    let i = i as u32;
    let mapped = third(i).map(|x| x as u64 * 100).unwrap_or_else(|| limit as u64);
    let chained = third(i).and_then(|x| third(x)).or_else(|| third(i + 1)).map_or(7, |x| x + 1);
    let tested = third(i).is_some_and(|x| x > limit) as u32 * 2 + third(i).is_none_or(|x| x < limit) as u32;
    let filtered = third(i).filter(|x| *x % 2 == 0).map_or_else(|| 9, |x| x % 9);
    mapped * 1_000_000 + chained as u64 * 1000 + tested as u64 * 10 + filtered as u64
});

same!(what_is_inside_of_a_result_is_mapped, f32, |i| {
    let i = i as u32;
    let bonus = i as f32 * 1000.0;
    let mapped = halved(i).map(|x| x + 1).map_err(|x| x * 4.0 + bonus);
    let value = mapped.map_or_else(|error| error, |x| x as f32);
    let chained = halved(i)
        .and_then(|x| halved(x))
        .or_else(|error| if error > 5.0 { Ok(1) } else { Err(error as i32) });
    let outer = chained.unwrap_or_else(|error| (error + 50) as u32);
    let tested = halved(i).is_ok_and(|x| x > 9) as u32 + 2 * halved(i).is_err_and(|x| x > 9.0) as u32;
    let made = third(i).ok_or_else(|| i + 5).map_or(3, |x| x * 2);
    value + outer as f32 * 0.5 + tested as f32 * 0.25 + made as f32
});

same!(closures_change_what_is_around_them_when_they_are_called, u32, |i| {
    let mut calls = 0;
    let found = third(i as u32).map(|x| {
        calls += 1;
        x
    });
    let other = found.unwrap_or_else(|| {
        calls += 10;
        5
    });
    calls * 100 + other
});
