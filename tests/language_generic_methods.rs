//! Methods that are generic themselves, or take closures, mean in a kernel what they mean in Rust, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::same;
use falx::num::Number;
use falx::prelude::*;

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Triple<T> {
    parts: [T; 3],
}

#[device]
impl<T: Number> Triple<T> {
    fn of(first: T, step: T) -> Self {
        Triple { parts: [first, first + step, first + step + step] }
    }

    /// As many of one value as wanted.
    fn repeated<const N: usize>(value: T) -> [T; N] {
        [value; N]
    }

    fn converted<U: Number>(value: U) -> Self {
        Self { parts: [value.cast::<T>(); 3] }
    }

    fn map<F: Fn(T) -> T>(self, f: F) -> Self {
        Triple { parts: [f(self.parts[0]), f(self.parts[1]), f(self.parts[2])] }
    }

    fn part<const N: usize>(&self) -> T {
        self.parts[N]
    }

    fn sum_as<U: Number>(&self) -> U {
        self.parts[0].cast::<U>() + self.parts[1].cast::<U>() + self.parts[2].cast::<U>()
    }

    fn plus<const N: usize>(&self, others: [T; N]) -> T {
        let mut sum = self.parts[0];
        for other in others {
            sum += other;
        }
        sum
    }

    fn fold<U, F>(self, start: U, f: F) -> U
    where
        U: Number,
        F: Fn(U, T) -> U,
    {
        let mut result = start;
        for part in self.parts {
            result = f(result, part);
        }
        result
    }

    /// Changes each part, and says how many there are.
    fn change(&mut self, f: impl Fn(usize, T) -> T) -> usize {
        for k in 0..3 {
            self.parts[k] = f(k, self.parts[k]);
        }
        3
    }

    fn visit(&self, mut f: impl FnMut(T)) {
        for part in self.parts {
            f(part);
        }
    }

    fn copied_into(&self, to: &mut [T]) {
        for k in 0..to.len() {
            to[k] = self.parts[k];
        }
    }
}

same!(constants_of_a_method_are_written_or_inferred, u32, |i| {
    let triple = Triple::of(i as u32, 10);
    let repeated: [u32; 2] = Triple::<u32>::repeated(5);
    triple.part::<2>() * 1000 + triple.plus([1, 2]) * 10 + repeated[1] + Triple::<u32>::repeated::<4>(1)[3]
});

same!(types_of_a_method_are_written_or_inferred, u64, |i| {
    let triple = Triple::of(i as u8, 100);
    let sum: u32 = triple.sum_as();
    let thrice = Triple::<u64>::converted(i as u16);
    triple.sum_as::<u64>() * 100_000 + sum as u64 * 10 + thrice.part::<1>()
});

same!(methods_take_closures, f32, |i| {
    let offset = i as f32;
    let mapped = Triple::of(1.0f32, 2.0).map(|x| x.sqrt() * 2.0 + offset);
    mapped.map(|x| x.sqrt() + offset).fold(1.0f32, |product, x| product * x)
});

same!(closures_that_methods_take_change_what_is_around_them, u32, |i| {
    let mut triple = Triple::of(i as u32, 1);
    let count = triple.change(|k, x| x * 10u32.pow(k as u32));
    let mut most = 1;
    triple.visit(|x| most += most + x);
    most * 10 + count as u32
});

same!(methods_take_slices_of_arrays, u32, |i| {
    let mut own = [7; 4];
    Triple::of(i as u32, 3).copied_into(&mut own[1..3]);
    own[0] + 10 * own[1] + 100 * own[2] + 1000 * own[3]
});

#[device]
trait Shape {
    fn area(&self) -> f32;
    fn scaled<T: Number>(&self, by: T) -> f32;
    fn measured<F: Fn(f32) -> f32>(&self, f: F) -> f32 {
        f(self.area()) + 1.0
    }
    fn corners<const N: usize>() -> [u32; N];
}

#[device]
#[derive(Clone, Copy)]
struct Square(f32);

#[device]
impl Shape for Square {
    fn area(&self) -> f32 {
        self.0 * self.0
    }
    fn scaled<T: Number>(&self, by: T) -> f32 {
        self.area() * by.cast::<f32>()
    }
    fn corners<const N: usize>() -> [u32; N] {
        [4; N]
    }
}

#[device]
impl Shape for f32 {
    fn area(&self) -> f32 {
        *self * 3.0
    }
    fn scaled<U: Number>(&self, by: U) -> f32 {
        self.area() + by.cast::<f32>()
    }
    fn measured<F: Fn(f32) -> f32>(&self, f: F) -> f32 {
        f(*self)
    }
    fn corners<const M: usize>() -> [u32; M] {
        [0; M]
    }
}

#[device]
fn of_shape<S: Shape>(shape: S, offset: f32) -> f32 {
    let corners: [u32; 2] = S::corners();
    shape.scaled(2u8) + shape.measured(|area| area + offset) + corners[1] as f32
}

same!(methods_of_traits_are_generic, f32, |i| {
    let offset = i as f32;
    of_shape(Square(offset), 0.5) * 1000.0 + of_shape(offset, offset) + Square(2.0).scaled(3i64)
});

#[device]
fn through_a_reference(triple: &mut Triple<u32>) -> u32 {
    let count = triple.change(|_, x| x + 1);
    triple.part::<0>() + count as u32
}

same!(generic_methods_are_called_through_references, u32, |i| {
    let mut triple = Triple::of(i as u32, 1);
    through_a_reference(&mut triple) * 100 + triple.part::<2>()
});
