//! Comparisons of arrays, tuples, structs and enums mean the same on every device as in Rust.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::num::Number;
use falx::prelude::*;

/// The six comparisons of two values of a type that has all of them, as bits.
macro_rules! six {
    ($a:expr, $b:expr) => {
        ($a == $b) as u32
            | ($a != $b) as u32 * 2
            | ($a < $b) as u32 * 4
            | ($a <= $b) as u32 * 8
            | ($a > $b) as u32 * 16
            | ($a >= $b) as u32 * 32
    };
}

/// Compares every two of some values, which a kernel makes of three numbers by `$make`.
macro_rules! compares {
    ($({$test:ident $parts:expr; |$x:ident, $y:ident, $z:ident| $make:expr})*) => { $(
        #[test]
        fn $test() {
            on_each_device(|queue| {
                let parts: Vec<[f32; 3]> = $parts;
                let n = parts.len();
                let (from, to) = (Buffer::from(parts.concat()), Buffer::<u32, 2>::new([n, n]));
                let event = queue.submit(|h| {
                    let (from, to) = (from.read(h), to.write(h).no_init());
                    h.parallel_for([n, n], kernel!(move |[i, k]: [usize; 2]| {
                        let ($x, $y, $z) = (from[3 * i], from[3 * i + 1], from[3 * i + 2]);
                        let left = $make;
                        let ($x, $y, $z) = (from[3 * k], from[3 * k + 1], from[3 * k + 2]);
                        let right = $make;
                        to[[i, k]] = (left == right) as u32
                            | (left != right) as u32 * 2
                            | (left < right) as u32 * 4
                            | (left <= right) as u32 * 8
                            | (left > right) as u32 * 16
                            | (left >= right) as u32 * 32;
                    }))
                });
                event.unwrap().wait().unwrap();
                let make = |[$x, $y, $z]: [f32; 3]| $make;
                let expected: Vec<u32> = parts
                    .iter()
                    .flat_map(|left| parts.iter().map(|right| six!(make(*left), make(*right))))
                    .collect();
                assert_eq!(*to.host_read().unwrap(), expected);
            });
        }
    )* };
}

/// Every combination of a few numbers, among them one that is none.
fn threes() -> Vec<[f32; 3]> {
    let numbers = [0.0, 1.0, -2.0, f32::NAN];
    let all = numbers.iter().flat_map(|x| numbers.iter().map(move |y| (*x, *y)));
    all.flat_map(|(x, y)| numbers.iter().map(move |z| [x, y, *z])).collect()
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Pair<T> {
    first: T,
    second: T,
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
struct Nested {
    pair: Pair<f32>,
    rest: [i32; 2],
    flag: bool,
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Shape {
    Point,
    Circle(f32),
    Box { width: f32, height: f32 },
}

#[device]
fn shape(kind: f32, x: f32, y: f32) -> Shape {
    if kind == 0.0 {
        Shape::Point
    } else if kind == 1.0 {
        Shape::Circle(x)
    } else {
        Shape::Box { width: y, height: x }
    }
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[repr(i8)]
enum Level {
    Low = 10,
    Middle = -3,
    High = 0,
}

#[device]
fn level(x: f32) -> Level {
    if x == 0.0 {
        Level::Low
    } else if x == 1.0 {
        Level::Middle
    } else {
        Level::High
    }
}

compares! {
    {tuples_are_compared_in_order threes(); |x, y, z| (x, (y as i32, z), ())}
    {short_arrays_are_compared_in_order threes(); |x, y, z| [x, y, z]}
    {long_arrays_are_compared_in_order threes(); |x, y, z| [0.0, x, 0.5, y, y, z, x]}
    {arrays_of_arrays_are_compared_in_order threes(); |x, y, z| [[x, y], [y, z], [z, z], [x, 0.0], [1.0, y], [z, x]]}
    {structs_are_compared_by_their_fields_in_order threes(); |x, y, z| Nested {
        pair: Pair { first: x, second: y },
        rest: [z as i32, 3],
        flag: y > z,
    }}
    {enums_are_compared_by_their_variants_and_then_by_fields threes(); |x, y, z| shape(x, y, z)}
    {enums_are_ordered_by_their_discriminants threes(); |x, y, z| (level(x), level(y), level(z))}
    {options_and_results_are_compared threes(); |x, y, z| (
        if x == 0.0 { None } else { Some(y) },
        if y == 0.0 { Ok::<f32, i32>(z) } else { Err(z as i32) },
    )}
}

#[test]
fn what_a_result_keeps_of_another_variant_is_not_compared() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(3);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    3,
                    kernel!(move |i: usize| {
                        let some = if i < 2 { Some(7u32) } else { None };
                        out[i] = (some.ok_or(i) == Ok(7)) as u32 * 10 + (some.ok_or(i) == Err(i)) as u32;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [10, 10, 1]);
    });
}

#[test]
fn vectors_ids_and_references_are_compared_inside_of_others() {
    on_each_device(|queue| {
        let (out, two, three) = (Buffer::<u32>::new(4), Id([2]), Id([3]));
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    4,
                    kernel!(move |i: Id<1>| {
                        let v = F32x2::new(1.0, i[0] as f32);
                        let (one, other) = ((v, i), (F32x2::new(1.0, 2.0), two));
                        out[i] = (one == other) as u32
                            + (&one != &other) as u32 * 2
                            + ([i; 6] == [three; 6]) as u32 * 4;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [2, 2, 1, 6]);
    });
}

#[test]
fn an_assertion_compares_what_is_made_of_parts() {
    on_each_device(|queue| {
        let event = queue.submit(|h| {
            h.parallel_for(
                3,
                kernel!(move |i: usize| {
                    assert!([i, 1] != [2, 1]);
                }),
            )
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.ends_with("assertion `[i, 1] != [2, 1]` failed, work-item 2"), "{error}");
    });
}

#[device]
#[derive(Clone, Copy)]
struct Angle(i32);

impl PartialEq for Angle {
    fn eq(&self, other: &Self) -> bool {
        self.0 % 360 == other.0 % 360
    }
}

#[test]
fn an_equality_of_the_users_own_is_refused_by_name() {
    on_each_device(|queue| {
        let event = queue.submit(|h| {
            h.parallel_for(
                1,
                kernel!(move |i: usize| {
                    assert!(Angle(i as i32) == Angle(0));
                }),
            )
        });
        let error = event.unwrap_err().to_string();
        let part = "kernels cannot compare `Angle` with `Angle`; write `#[derive(PartialEq)]`";
        assert!(error.contains(part), "{error}");
    });
}

/// An angle, which is the same after a full turn.
#[device]
#[derive(Clone, Copy, Debug)]
struct Turning {
    degrees: i32,
}

#[device]
impl PartialEq for Turning {
    fn eq(&self, other: &Self) -> bool {
        self.degrees.rem_euclid(360) == other.degrees.rem_euclid(360)
    }
}

#[device]
impl PartialEq<i32> for Turning {
    fn eq(&self, degrees: &i32) -> bool {
        *self == Turning { degrees: *degrees }
    }
}

#[device]
#[derive(Clone, Copy)]
struct Tagged<T> {
    value: T,
    tag: u32,
}

#[device]
impl<T: Number> PartialEq for Tagged<T> {
    fn eq(&self, other: &Tagged<T>) -> bool {
        self.value == other.value
    }
}

#[test]
fn structs_are_compared_by_what_the_user_wrote() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(4);
        let event = queue.submit(|h| {
            let out = out.write(h).no_init();
            h.parallel_for(
                4,
                kernel!(move |i: usize| {
                    let angle = Turning { degrees: i as i32 * 180 };
                    let start = Turning { degrees: -720 };
                    let other = Tagged { value: i as u8, tag: 1 };
                    assert_eq!(start, Turning { degrees: 360 });
                    assert_ne!(angle, 90);
                    out[i] = (angle == start) as u32
                        + 10 * (angle != start) as u32
                        + 100 * (angle == 540) as u32
                        + 1000 * (other != Tagged { value: 2u8, tag: 5 }) as u32;
                }),
            )
        });
        event.unwrap().wait().unwrap();
        assert_eq!(*out.host_read().unwrap(), [1001, 1110, 1, 1110]);
    });
}
