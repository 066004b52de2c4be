//! Methods and operators of `#[device]` structs mean in a kernel what they mean in Rust, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;
use std::ops::{Add, AddAssign, Mul, Neg, Not, Shl, Sub};

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Complex<T> {
    re: T,
    im: T,
}

#[device]
impl Complex<f32> {
    fn new(re: f32, im: f32) -> Self {
        Self { re, im }
    }

    fn norm_squared(self) -> f32 {
        self.re * self.re + self.im * self.im
    }

    fn conjugate(&self) -> Self {
        Complex { im: -self.im, ..*self }
    }

    /// Turns it by a quarter, and says whether it points up then.
    fn turn(&mut self, times: u32) -> bool {
        if times == 0 {
            return false;
        }
        for _ in 0..times {
            let Self { re, im } = *self;
            *self = Self::new(-im, re);
        }
        self.im > 0.0
    }
}

#[device]
impl Add for Complex<f32> {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

#[device]
impl Mul for Complex<f32> {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self::new(self.re * other.re - self.im * other.im, self.re * other.im + self.im * other.re)
    }
}

#[device]
impl Mul<f32> for Complex<f32> {
    type Output = Self;
    fn mul(self, factor: f32) -> Self {
        Self { re: self.re * factor, im: self.im * factor }
    }
}

#[device]
impl Mul<Complex<f32>> for f32 {
    type Output = Complex<f32>;
    fn mul(self, other: Complex<f32>) -> Complex<f32> {
        other * self
    }
}

#[device]
impl Neg for Complex<f32> {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.re, -self.im)
    }
}

#[device]
impl AddAssign for Complex<f32> {
    fn add_assign(&mut self, other: Self) {
        self.re += other.re;
        self.im += other.im;
    }
}

fn start(i: usize) -> Complex<f32> {
    Complex::new(i as f32 * 0.25 - 2.0, 1.0 - i as f32 * 0.125)
}

#[test]
fn operators_of_structs_call_what_the_user_wrote() {
    on_each_device(|queue| {
        let out = Buffer::from(vec![start(0); 16]);
        let c = Complex::new(0.5, -0.25);
        queue
            .submit(|h| {
                let out = out.read_write(h);
                h.parallel_for(
                    16,
                    kernel!(move |i: usize| {
                        let z = Complex::new(i as f32 * 0.25 - 2.0, 1.0 - i as f32 * 0.125);
                        let mut w = 2.0 * (z * z + c) * 0.5 + -z;
                        w += c;
                        out[i] = w;
                        out[i] += z;
                        out[i].re *= 2.0;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<_> = (0..16)
            .map(|i| {
                let z = start(i);
                let mut w = 2.0 * (z * z + c) * 0.5 + -z;
                w += c;
                w += z;
                w.re *= 2.0;
                w
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[test]
fn methods_take_their_receiver_by_value_by_reference_and_to_change_it() {
    on_each_device(|queue| {
        let out = Buffer::<f32, 2>::new([8, 4]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    8,
                    kernel!(move |i: usize| {
                        let mut pair = (Complex::new(i as f32, 1.0), 7u32);
                        let up = pair.0.turn(i as u32);
                        let mut z = pair.0.conjugate();
                        z.turn(1);
                        out[[i, 0]] = if up { 1.0 } else { 0.0 };
                        out[[i, 1]] = pair.0.re;
                        out[[i, 2]] = z.re * 10.0 + z.im;
                        out[[i, 3]] = Complex::new(z.re, 2.0).norm_squared();
                    }),
                )
            })
            .unwrap();
        let expected: Vec<f32> = (0..8)
            .flat_map(|i| {
                let mut one = Complex::new(i as f32, 1.0);
                let up = one.turn(i);
                let mut z = one.conjugate();
                z.turn(1);
                [if up { 1.0 } else { 0.0 }, one.re, z.re * 10.0 + z.im, z.re * z.re + 4.0]
            })
            .collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Grid<T, const N: usize> {
    cells: [T; N],
}

#[device]
impl<T: falx::num::Number, const N: usize> Grid<T, N> {
    fn filled(value: T) -> Self {
        Grid { cells: [value; N] }
    }

    fn total(self) -> T {
        let mut sum = self.cells[0];
        for k in 1..N {
            sum += self.cells[k];
        }
        sum
    }

    fn put(&mut self, at: usize, value: T) {
        self.cells[at % N] = value;
    }
}

#[test]
fn methods_of_generic_structs_are_made_for_each_instance() {
    on_each_device(|queue| {
        let out = Buffer::<u32, 2>::new([6, 2]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    6,
                    kernel!(move |i: usize| {
                        let mut small = Grid::<u32, 3>::filled(i as u32);
                        small.put(i, 100);
                        let mut large: Grid<f32, 5> = Grid::filled(0.5);
                        large.put(i + 1, i as f32);
                        out[[i, 0]] = small.total();
                        out[[i, 1]] = large.total() as u32;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u32> = (0..6).flat_map(|i| [i * 2 + 100, i + 2]).collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bits(u32);

#[device]
impl Not for Bits {
    type Output = Bits;
    fn not(self) -> Bits {
        Bits(!self.0)
    }
}

#[device]
impl Shl<u32> for Bits {
    type Output = u64;
    fn shl(self, by: u32) -> u64 {
        (self.0 as u64) << by
    }
}

#[device]
impl Sub<[u32; 2]> for Bits {
    type Output = (u32, Bits);
    fn sub(self, other: [u32; 2]) -> (u32, Bits) {
        (other[0], Bits(self.0 & !other[1]))
    }
}

#[test]
fn operators_may_take_and_give_what_they_like() {
    on_each_device(|queue| {
        let out = Buffer::<u64, 2>::new([4, 3]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    4,
                    kernel!(move |i: usize| {
                        let bits = Bits(i as u32 + 8);
                        let (first, rest) = bits - [5, 8];
                        out[[i, 0]] = (!bits).0 as u64;
                        out[[i, 1]] = bits << 30;
                        out[[i, 2]] = (first * 100 + rest.0) as u64;
                    }),
                )
            })
            .unwrap();
        let expected: Vec<u64> =
            (0..4u64).flat_map(|i| [!(i as u32 + 8) as u64, (i + 8) << 30, 500 + i]).collect();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}

/// The Julia set of a constant, after Gaston Julia: how many steps until a point escapes.
#[test]
fn a_julia_set_is_drawn_with_complex_numbers() {
    const LIMIT: u32 = 60;
    let side = 24;
    let c = Complex::new(-0.8, 0.156);
    let steps = |row: usize, column: usize| {
        let mut z = Complex::new(column as f32 * 0.125 - 1.5, row as f32 * 0.125 - 1.5);
        let mut n = 0;
        while n < LIMIT && z.norm_squared() <= 4.0 {
            z = z * z + c;
            n += 1;
        }
        n
    };
    let expected: Vec<u32> = (0..side * side).map(|k| steps(k / side, k % side)).collect();
    assert!(expected.iter().any(|n| *n == LIMIT) && expected.iter().any(|n| *n < 3));
    on_each_device(|queue| {
        let out = Buffer::<u32, 2>::new([side, side]);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.parallel_for(
                    [side, side],
                    kernel!(move |[row, column]: [usize; 2]| {
                        let mut z = Complex::new(column as f32 * 0.125 - 1.5, row as f32 * 0.125 - 1.5);
                        let mut n = 0;
                        while n < LIMIT && z.norm_squared() <= 4.0 {
                            z = z * z + c;
                            n += 1;
                        }
                        out[[row, column]] = n;
                    }),
                )
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), expected);
    });
}
