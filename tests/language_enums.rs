//! Enums, `Option` and `Result` mean in a kernel what they mean in Rust, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same};
use falx::prelude::*;

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
enum Direction {
    North,
    East,
    South,
    West,
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(i16)]
enum Level {
    Low = -300,
    Middle,
    High = 1000,
    X = 7,
}

#[device]
#[derive(Clone, Copy, Debug)]
enum Shape {
    Nothing,
    Circle(f32),
    Rectangle { width: f32, height: f32 },
    Tagged(u8, Direction, [i32; 2]),
}

#[device]
fn turned(from: Direction) -> Direction {
    match from {
        Direction::North => Direction::East,
        Direction::East => Direction::South,
        Direction::South => Direction::West,
        Direction::West => Direction::North,
    }
}

same!(a_variant_goes_through_functions_and_back, u32, |i| {
    let mut at = Direction::North;
    for _ in 0..i % 7 {
        at = turned(at);
    }
    let name = match at {
        Direction::North | Direction::South => 10,
        other => other as u32 * 100,
    };
    name + at as u32 + (at == Direction::West) as u32 * 1000 + (at != Direction::East) as u32 * 5000
});

#[device]
fn level(n: usize, other: Level) -> Level {
    match n % 4 {
        0 => Level::Low,
        1 => Level::Middle,
        2 => Level::High,
        _ => other,
    }
}

same!(discriminants_are_what_the_source_says, i64, |i| {
    let level = level(i, Level::X);
    let byte = level as u8;
    let wide = level as i64;
    let unsigned = level as u64;
    let last = match level {
        Level::X => 1,
        Level::Middle => 2,
        _ => 3,
    };
    wide * 1000 + byte as i64 + (unsigned >> 60) as i64 * 7 + last
});

#[device]
fn shape(n: usize) -> Shape {
    let x = n as f32;
    match n % 5 {
        0 => Shape::Nothing,
        1 => Shape::Circle(x),
        2 => Shape::Rectangle { height: x, width: 2.5 },
        3 => Shape::Tagged(n as u8, Direction::South, [n as i32, -1]),
        _ => Shape::Tagged(200, Direction::North, [0, n as i32]),
    }
}

#[device]
fn area(shape: Shape) -> f32 {
    match shape {
        Shape::Nothing => 0.0,
        Shape::Circle(radius) if radius > 30.0 => -radius,
        Shape::Circle(radius) => 3.0 * radius * radius,
        Shape::Rectangle { width: 2.5, height } if height > 40.0 => height,
        Shape::Rectangle { width, .. } if width < 0.0 => 1.0,
        Shape::Rectangle { width, height } => width * height,
        Shape::Tagged(200.., .., [_, last]) => last as f32 * 0.5,
        Shape::Tagged(tag, Direction::South | Direction::North, [first, _]) => (tag as i32 + first) as f32,
        Shape::Tagged(..) => 7.0,
    }
}

same!(variants_carry_data, f32, |i| { area(shape(i)) });

same!(variants_are_values_of_a_kernel, f32, |i| {
    let mut current = Shape::Nothing;
    let mut sum = 0.0f32;
    for k in 0..i {
        current = match current {
            Shape::Nothing => Shape::Circle(k as f32),
            Shape::Circle(r) if k % 3 == 0 => Shape::Rectangle { width: r, height: 0.5 },
            Shape::Circle(r) => Shape::Circle(r + 1.0),
            other => {
                if let Shape::Rectangle { width, .. } = other {
                    sum += width;
                }
                Shape::Nothing
            }
        };
    }
    let pair = (current, [shape(i), Shape::Nothing]);
    let x = match pair {
        (Shape::Circle(x) | Shape::Rectangle { width: x, .. }, _) => x,
        (Shape::Nothing, [Shape::Circle(x), _]) => -x,
        _ => 0.25,
    };
    sum + x
});

#[device]
#[derive(Clone, Copy)]
enum Either<A, B> {
    Left(A),
    Right(B),
}

#[device]
fn side(n: u32) -> Either<u32, f32> {
    if n % 2 == 0 { Either::Left(n) } else { Either::Right(n as f32 * 0.5) }
}

same!(an_enum_may_be_generic, f32, |i| {
    let mut sum = 0.0f32;
    for k in 0..i as u32 {
        sum += match side(k) {
            Either::Left(n) => n as f32,
            Either::Right(x) => x * 3.0,
        };
    }
    sum
});

#[device]
fn half(n: u32) -> Option<u32> {
    if n % 2 == 0 { Some(n / 2) } else { None }
}

#[device]
fn quarter(n: u32) -> Option<u32> {
    let half_of_it = half(n)?;
    let quarter = half(half_of_it)?;
    Some(quarter)
}

#[device]
fn checked(n: i32, by: i32) -> Result<i32, u8> {
    match by {
        0 => Err(1),
        -1 if n == 5 => Err(2),
        _ => Ok(n / by),
    }
}

#[device]
fn twice(n: i32, by: i32) -> Result<f32, u8> {
    let once = checked(n, by)?;
    let again = checked(once * 7, by - 1)?;
    Ok(again as f32 * 0.5)
}

same!(options_are_matched_and_asked, u32, |i| {
    let n = i as u32;
    let mut sum = 0u32;
    if let Some(x) = quarter(n) {
        sum += x * 10;
    }
    if let Some(x) = half(n)
        && x > 10
        && let None = half(x)
    {
        sum += x * 1000;
    }
    let kept = half(n).unwrap_or(77);
    let also = half(n).or(quarter(n + 1)).unwrap_or(3);
    let both = half(n).and(half(n / 2));
    sum += kept + also + half(n).is_some() as u32 * 5 + both.is_none() as u32 * 100000;
    match both {
        Some(end) => sum + end,
        None => sum + 9,
    }
});

same!(results_are_matched_and_asked, f32, |i| {
    let n = i as i32 - 3;
    let first = match twice(n, n % 4) {
        Ok(x) => x,
        Err(1) => -1.0,
        Err(code) => code as f32 * 100.0,
    };
    let second = checked(n, n % 3).ok().unwrap_or(50) as f32;
    let third = checked(5, n).err().unwrap_or(9) as f32;
    let fourth = match half(i as u32).ok_or(1.5f32) {
        Ok(x) => x as f32,
        Err(x) => x,
    };
    let fifth = checked(n, 0).or(checked(n, 2)).is_ok() as u32 as f32;
    first + 10.0 * second + 1000.0 * third + fourth + fifth
});

same!(while_let_runs_until_there_is_none, u32, |i| {
    let mut n = i as u32 * 8;
    let mut turns = 0u32;
    while let Some(next @ 1..) = half(n) {
        n = next;
        turns += 1;
    }
    n * 100 + turns
});

#[test]
fn enums_are_captured() {
    on_each_device(|queue| {
        for (mode, offset, expected) in
            [(Direction::North, None, [1, 2]), (Direction::West, Some(10u32), [10, 11])]
        {
            let shape = Shape::Tagged(3, Direction::East, [4, 5]);
            let out = Buffer::<u32>::new(2);
            queue
                .submit(|h| {
                    let out = out.write(h).no_init();
                    h.parallel_for(
                        2,
                        kernel!(move |i: usize| {
                            let base = match (mode, offset) {
                                (Direction::North, _) => 1,
                                (Direction::West, Some(offset)) => offset,
                                _ => 99,
                            };
                            let Shape::Tagged(3, Direction::East, [4, 5]) = shape else { return };
                            out[i] = base + i as u32;
                        }),
                    )
                })
                .unwrap();
            assert_eq!(*out.host_read().unwrap(), expected);
        }
    });
}

#[test]
fn unwrapping_nothing_is_a_failure_that_names_its_place() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(40);
        let event = queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    40,
                    kernel!(move |i: usize| {
                        out[i] = half(if i == 25 { 3 } else { 4 }).unwrap();
                    }),
                )
            })
            .unwrap();
        let error = event.wait().unwrap_err().to_string();
        let end =
            "there is nothing inside to unwrap in `half(if i == 25 { 3 } else { 4 }).unwrap()`, work-item 25";
        assert!(error.contains("language_enums.rs:") && error.ends_with(end), "{error}");
        let event = queue.submit(|h| {
            h.single_task(kernel!(move || {
                let _ = checked(1, 0).expect("a divisor");
            }))
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.contains(": a divisor"), "{error}");
    });
}
