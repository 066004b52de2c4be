//! Patterns on references, and `self` as one: the names that they bind are references in kernels as in Rust, on every device.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::{on_each_device, same};
use falx::num::Float;
use falx::prelude::*;

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape<T> {
    Point,
    Circle { center: [T; 2], radius: T },
    Polygon(usize, [T; 3]),
}

#[device]
fn radius_of<T: Float>(shape: &Shape<T>) -> T {
    match shape {
        Shape::Circle { radius, .. } => *radius,
        _ => T::ONE,
    }
}

#[device]
fn shrink<T: Float>(shape: &mut Shape<T>) {
    if let Shape::Circle { radius, .. } = shape {
        *radius /= T::cast_from(2);
    }
}

#[device]
impl<T: Float> Shape<T> {
    const LEAST: i32 = -500;

    fn area(&self) -> T {
        match self {
            Shape::Point => T::ZERO,
            Self::Circle { radius, .. } if *radius < T::ZERO => -T::ONE,
            Self::Circle { radius: r, center: [x, _] } => *r * *r + *x,
            Self::Polygon(n @ 1..=3, sides) => sides[*n - 1],
            Self::Polygon(..) => T::ONE,
        }
    }

    fn grow(&mut self, by: T) {
        if let Shape::Circle { radius, .. } = self {
            *radius += by;
        }
        match self {
            Shape::Polygon(n, sides) => {
                *n += 1;
                sides[0] += by;
            }
            Shape::Circle { center: [x, y], .. } => std::mem::swap(x, y),
            Shape::Point => {}
        }
        shrink(self);
        if self.area() < by && matches!(self, Shape::Point) {
            *self = Shape::Polygon(0, [by; 3]);
        }
        let Shape::Polygon(_, [first, ..]) = self else { return };
        *first = *first + by;
    }

    fn several(&self) -> T {
        let whole = self;
        assert!(self.area() > T::cast_from(Self::LEAST), "the area is too small");
        let is_large = matches!(*self, Shape::Circle { radius, .. } if radius > T::ONE);
        radius_of(whole) + radius_of(self) + if is_large { self.area() } else { T::ZERO }
    }

    fn consumed(self) -> T {
        match self {
            Shape::Circle { radius, .. } => radius,
            _ => radius_of(&self),
        }
    }
}

same!(methods_match_on_their_receivers_as_references, f32, |i| {
    let mut shape = match i % 4 {
        0 => Shape::Point,
        1 => Shape::Circle { center: [1.0, 2.0], radius: i as f32 },
        2 => Shape::Polygon(i % 5, [1.0, 2.0, i as f32]),
        _ => Shape::Circle { center: [0.0, 1.0], radius: -9.0 },
    };
    let before = shape.area();
    shape.grow(2.0);
    before + shape.area() * 3.0 + shape.several() + shape.consumed()
});

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stack {
    items: [u32; 4],
    length: usize,
}

#[device]
impl Stack {
    fn push(&mut self, item: u32) -> bool {
        let Self { items, length } = self;
        if *length == 4 {
            return false;
        }
        items[*length] = item;
        *length += 1;
        true
    }

    fn pop(&mut self) -> Option<u32> {
        if self.length == 0 {
            return None;
        }
        self.length -= 1;
        Some(self.items[self.length])
    }

    fn ends(&mut self) -> u32 {
        let Stack { items: [first, .., last], .. } = self;
        *first += 1;
        *last += *first;
        *last
    }
}

same!(fields_are_changed_through_patterns, u32, |i| {
    let mut stack = Stack { items: [0; 4], length: 0 };
    let mut n = 0;
    for k in 0..i as u32 % 7 {
        if stack.push(k * k) {
            n += 1;
        }
    }
    let ends = stack.ends();
    while let Some(item) = stack.pop() {
        n = n * 3 + item;
    }
    n + ends * 1000
});

#[device]
fn bump(option: &mut Option<u32>) -> bool {
    match option {
        Some(x) => {
            *x += 1;
            true
        }
        None => {
            *option = Some(7);
            false
        }
    }
}

#[device]
fn classify(x: &mut u32) -> u32 {
    match x {
        0 => 1,
        1..=5 => {
            *x = 9;
            2
        }
        n => {
            *n -= 1;
            *n
        }
    }
}

same!(names_in_patterns_on_mutable_references_are_mutable_references, u32, |i| {
    let mut option = if i % 2 == 0 { Some(i as u32) } else { None };
    let bumped = bump(&mut option) as u32 + bump(&mut option) as u32;
    let mut x = i as u32 % 8;
    let class = classify(&mut x);
    let mut pair = (i as u32, 3);
    if let (a, 2..) = &mut pair {
        *a += 100;
    }
    let (a, b) = &mut pair;
    *a += *b;
    option.unwrap_or(0) + bumped * 10 + class * 1000 + x + pair.0 * 7
});

same!(loops_take_mutable_elements_apart, u32, |i| {
    let mut pairs = [(1u32, 2u32), (3, i as u32)];
    for (a, _) in &mut pairs {
        *a += 1;
    }
    for (k, (_, b)) in pairs.iter_mut().enumerate() {
        *b *= k as u32 + 2;
    }
    for (pair, more) in pairs.iter_mut().zip([10, 20]) {
        pair.0 += more;
    }
    let [first, second] = &mut pairs;
    first.0 += second.1;
    std::mem::swap(first, second);
    let mut grid = [[1, 2], [3, i as u32]];
    for [left, right] in grid.iter_mut() {
        std::mem::swap(left, right);
        *left += 1;
    }
    for row in &mut grid {
        row[0] *= 3;
    }
    pairs[0].0 + pairs[1].0 * 3 + pairs[1].1 * 100 + grid[1][0] * 10000 + grid[0][1]
});

same!(patterns_lend_by_ref_and_by_shared_references, u32, |i| {
    let pairs = [(1u32, 2u32), (3, i as u32)];
    let (ref left, right) = (pairs, 4);
    let mut total = left[1].1 + right;
    for &(a, b) in &pairs {
        total += a * b;
    }
    for (a, b) in pairs.iter() {
        total += a + *b;
    }
    let [(x, _), .., (_, y)] = &pairs;
    match &Some((total, *x)) {
        Some((n, ..)) if *n > 40 => *n + *x,
        Some((ref_n, _)) => *ref_n * y,
        None => 0,
    }
});

#[device]
fn bump_pair((a, b): &mut (u32, u32), [by, ..]: [u32; 2], _: u32) {
    *a += by;
    *b *= 2;
}

#[device]
trait Measured {
    fn measured(&self, scale_and_offset: (u32, u32)) -> u32;
    fn twice(&self, [low, high]: [u32; 2]) -> u32 {
        self.measured((low, 0)) + self.measured((high, 1))
    }
}

#[device]
impl Measured for Stack {
    fn measured(&self, (scale, offset): (u32, u32)) -> u32 {
        println!("{}", self.length);
        self.items[0] * scale + offset
    }
}

same!(parameters_are_taken_apart_where_they_stand, u32, |i| {
    let mut pair = (i as u32, 3);
    bump_pair(&mut pair, [5, 1], 0);
    pair.0 + pair.1 * 100
});

#[test]
fn methods_take_their_parameters_apart_and_speak_of_self() {
    on_each_device(|queue| {
        let out = Buffer::<u32>::new(1);
        queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.single_task(kernel!(move || {
                    let stack = Stack { items: [2; 4], length: 1 };
                    out[0] = stack.twice([10, 100]) + stack.measured((1, 7)) * 1000;
                }))
            })
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [9 * 1000 + 221]);
    });
}

#[device]
#[derive(Clone, Copy, Debug)]
struct Table {
    rows: u32,
    columns: u32,
    first: [u32; 2],
}

#[device]
impl Table {
    fn extent_of_all(&self) -> u32 {
        let doubled = 2;
        assert!(self.rows * self.columns < 100, "{} elements", doubled * self.rows * self.columns);
        assert!(matches!(*self, Table { rows: 1.., .. }) && self.first[1] * self.rows < 50);
        self.rows * self.columns + doubled * self.first[0]
    }
}

same!(macros_in_methods_multiply_by_parts_of_self, u32, |i| {
    let table = Table { rows: i as u32 % 4 + 1, columns: 3, first: [i as u32, 2] };
    table.extent_of_all()
});
