//! Constants are compiled into kernels and device functions: scalars, arrays, statics and those of types.

#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::num::Float;
use falx::prelude::*;

const FACTOR: f32 = 2.5;
const WEIGHTS: [f32; 4] = [0.5, 0.25, -1.0, 3.0];
const GRID: [[i32; 3]; 2] = [[1, 2, 3], [-4, i32::MIN, i32::MAX]];
static PRIMES: [u64; 5] = [2, 3, 5, 7, u64::MAX];
static FLAGS: [bool; 3] = [true, false, true];

mod limits {
    pub const LARGEST: u8 = 200;
    pub static OFFSET: i64 = -7;
}

struct Settings;
impl Settings {
    const STEPS: usize = 3;
}

#[device]
fn weighted(x: f32, k: usize) -> f32 {
    x * WEIGHTS[k] * FACTOR + f32::MAX.recip() * 0.0 + std::f32::consts::PI
}

#[device]
fn circumference<T: Float>(radius: T) -> T {
    T::TAU * radius
}

#[device]
fn nth_prime<const N: usize>() -> u64 {
    PRIMES[N]
}

#[device]
fn summed(row: [i32; 3]) -> i32 {
    let mut sum = 0;
    for k in 0..Settings::STEPS {
        sum += row[k];
    }
    sum + limits::LARGEST as i32
}

/// Runs a kernel over `N` items that writes one number for each.
macro_rules! outputs {
    ($queue:expr, $ty:ty; $n:literal; |$i:ident, $out:ident| $body:block) => {{
        let out = Buffer::<$ty>::new($n);
        let target = out.clone();
        $queue
            .submit(move |h| {
                let $out = target.write(h).no_init();
                h.parallel_for($n, kernel!(move |$i: usize| $body))
            })
            .unwrap();
        out.host_read().unwrap().to_vec()
    }};
}

#[test]
fn device_functions_use_constants_of_their_surroundings() {
    on_each_device(|queue| {
        let found = outputs!(queue, f32; 4; |i, out| { out[i] = weighted(i as f32, i) + circumference(1.0) });
        let plain = |k: usize| k as f32 * WEIGHTS[k] * FACTOR + std::f32::consts::PI + std::f32::consts::TAU;
        assert_eq!(found, [0, 1, 2, 3].map(plain));
    });
}

#[test]
fn arrays_of_arrays_are_indexed_and_copied() {
    on_each_device(|queue| {
        let found = outputs!(queue, i32; 2; |i, out| {
            let mut row = GRID[i];
            row[0] *= 10;
            out[i] = summed(row) ^ GRID[1][i + 1] ^ GRID[1][0];
        });
        let plain = |i: usize| {
            let mut row = GRID[i];
            row[0] *= 10;
            let sum = row[0].wrapping_add(row[1]).wrapping_add(row[2]) + 200;
            sum ^ GRID[1][i + 1] ^ GRID[1][0]
        };
        assert_eq!(found, [plain(0), plain(1)]);
    });
}

#[test]
fn statics_are_constants_too() {
    on_each_device(|queue| {
        let found = outputs!(queue, u64; 5; |i, out| {
            let flag = FLAGS[i % 3];
            out[i] = if flag { PRIMES[i] } else { nth_prime::<4>() - nth_prime::<1>() } + (limits::OFFSET + 7) as u64;
        });
        assert_eq!(found, [2, u64::MAX - 3, 5, 7, u64::MAX - 3]);
    });
}

#[test]
fn an_index_outside_a_constant_array_is_a_failed_check() {
    on_each_device(|queue| {
        let out = Buffer::<f32>::new(6);
        let event = queue.submit(|h| {
            let out = out.write(h).no_init();
            h.parallel_for(6, kernel!(move |i: usize| out[i] = WEIGHTS[i]))
        });
        let error = event.unwrap().wait().unwrap_err().to_string();
        assert!(error.contains("out of range 4 in `WEIGHTS`"), "{error}");
    });
}

/// Without `PartialEq`, which patterns of variants do not need.
#[device]
#[derive(Clone, Copy)]
pub(crate) enum Axis {
    X,
    Y = 7,
    Z,
}

#[device]
impl Axis {
    const MAIN: Self = Axis::Y;

    fn next(self) -> Self {
        match self {
            Self::X => Axis::Y,
            Axis::Y => Axis::Z,
            Axis::Z => Self::X,
        }
    }
}

#[device]
#[derive(Clone, Copy, PartialEq)]
enum Cell {
    O,
    X(u32),
    BOX { width: u32, depth: i8 },
}

#[device]
impl Cell {
    const UNIT: Cell = Cell::BOX { width: 1, depth: -1 };
    const NONE: Option<Cell> = None;
}

const FAVOURITE: Cell = Cell::X(3);

#[device]
fn valued(cell: Cell) -> u32 {
    match cell {
        Cell::O => 1,
        FAVOURITE => 100,
        Cell::UNIT => 200,
        Cell::X(value) => value,
        Cell::BOX { width, depth: 0 } => width,
        Cell::BOX { width, depth } => width * 10 + depth as u32,
    }
}

#[device]
#[derive(Clone, Copy)]
enum Maybe<T> {
    NO,
    YES(T),
}

#[device]
fn counted(maybe: Maybe<u32>) -> u32 {
    match maybe {
        Maybe::<u32>::NO => 0,
        Maybe::YES(count) => count,
    }
}

mod axes {
    pub(crate) use super::Axis::{X, Y};
}

#[test]
fn variants_in_capitals_are_variants_and_constants_of_enums_are_constants() {
    use axes::{X, Y};
    let expected = [Axis::Y as u32 + Axis::X.next() as u32, 8, 3, 100 + 1 + 21 - 2, 200 + 5 + 200 + 6];
    on_each_device(|queue| {
        let found = outputs!(queue, u32; 5; |i, out| {
            out[i] = match i {
                0 => Axis::Y as u32 + Axis::X.next() as u32,
                1 => match Axis::MAIN.next() {
                    Y => 1,
                    X => 2,
                    Axis::Z => Axis::Z as u32,
                },
                2 => if let Axis::Y = Axis::MAIN { 3 } else { 4 },
                3 => valued(Cell::X(i as u32)) + valued(Cell::O) + valued(Cell::BOX { width: 2, depth: 1 }) - 2,
                _ => valued(Cell::NONE.unwrap_or(Cell::UNIT)) + valued(Cell::BOX { width: 5, depth: 0 })
                    + if Cell::UNIT == (Cell::BOX { width: 1, depth: -1 }) { 200 } else { 0 }
                    + counted(Maybe::YES(6)) + counted(Maybe::<u32>::NO),
            };
        });
        assert_eq!(found, expected);
    });
}

#[device]
#[derive(Clone, Copy)]
struct Point {
    at: [f32; 2],
    step: F32x2,
    is_fixed: bool,
}

#[device]
impl Point {
    const ORIGIN: Point = Point { at: [0.5, 1.0], step: F32x2::new(2.0, 4.0), is_fixed: true };
    const BOTH: [Point; 2] = [Point::ORIGIN, Point { is_fixed: false, at: [8.0, 16.0], ..Self::ORIGIN }];
}

const PAIR: (u8, [F32x4; 2]) = (200, [F32x4::new(1.0, 2.0, 3.0, 4.0), F32x4::splat(0.25)]);

#[test]
fn constants_are_structs_vectors_tuples_and_arrays_of_them() {
    on_each_device(|queue| {
        let found = outputs!(queue, f32; 4; |i, out| {
            let point = Point::ORIGIN;
            out[i] = match i {
                0 | 1 => point.at[i] + (point.step * Point::ORIGIN.step).y + point.is_fixed as u32 as f32,
                2 => Point::BOTH[i - 1].at[1] + Point::BOTH[1].step.x + Point::BOTH[i - 1].is_fixed as u32 as f32,
                _ => PAIR.0 as f32 + PAIR.1[i - 3].w + PAIR.1[1].x,
            };
        });
        assert_eq!(found, [17.5, 18.0, 18.0, 204.25]);
    });
}

#[device]
fn packed(digits: [u32; 3]) -> u32 {
    const BASE: u32 = 10;
    #[device]
    fn next(so_far: u32, digit: u32) -> u32 {
        so_far * BASE + digit
    }
    let mut number = 0;
    for digit in digits {
        number = next(number, digit);
    }
    number + BASE
}

#[test]
fn items_may_stand_in_kernels_and_device_functions() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(4);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    4,
                    kernel!(move |i: usize| {
                        use limits::LARGEST as MOST;
                        const N: usize = 3;
                        const SCALE: u32 = 100;
                        #[device]
                        #[derive(Clone, Copy)]
                        struct Digits {
                            all: [u32; N],
                        }
                        let digits = Digits { all: [i as u32; N] };
                        out[i] = packed(digits.all) * SCALE + shifted(MOST as u32);
                        #[device]
                        fn shifted(x: u32) -> u32 {
                            x + N as u32
                        }
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [1203, 12303, 23403, 34503]);
    });
}
