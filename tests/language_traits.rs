//! `#[device] trait`s mean what Rust's traits do, on every device.

#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::num::Number;
use falx::prelude::*;

mod shapes {
    use falx::prelude::*;

    /// Something flat.
    #[device]
    pub trait Shape {
        /// How many sides it has.
        const SIDES: u32;

        /// The smallest one.
        fn unit() -> Self;

        /// How large it is.
        fn area(&self) -> f32;

        /// Makes it larger; says how large it was.
        fn grow(&mut self, by: f32) -> f32;

        /// The area of several.
        fn area_of(&self, count: u32) -> f32 {
            let mut sum = 0.0;
            for _ in 0..count {
                sum += self.area();
            }
            sum
        }

        /// Grows twice.
        fn grow_twice(&mut self, by: f32) -> f32 {
            if by < 0.0 {
                return -1.0;
            }
            self.grow(by);
            self.grow(by) + Self::SIDES as f32
        }

        /// What is left of the area without the unit's.
        fn rest(self) -> f32 {
            self.area() - Self::unit().area()
        }
    }
}
use shapes::Shape;

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Square {
    side: f32,
}

#[device]
impl Shape for Square {
    const SIDES: u32 = 4;
    fn unit() -> Self {
        Square { side: 1.0 }
    }
    fn area(&self) -> f32 {
        self.side * self.side
    }
    fn grow(&mut self, by: f32) -> f32 {
        let before = self.area();
        self.side += by;
        before
    }
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
enum Figure {
    Point,
    Rectangle(f32, f32),
}

#[device]
impl shapes::Shape for Figure {
    const SIDES: u32 = 0;
    fn unit() -> Self {
        Figure::Rectangle(0.5, 0.5)
    }
    fn area(&self) -> f32 {
        match *self {
            Figure::Point => 0.0,
            Figure::Rectangle(width, height) => width * height,
        }
    }
    fn grow(&mut self, by: f32) -> f32 {
        let before = self.area();
        *self = match *self {
            Figure::Point => Figure::Rectangle(by, by),
            Figure::Rectangle(width, height) => Figure::Rectangle(width + by, height),
        };
        before
    }
    /// Not the sum.
    fn area_of(&self, count: u32) -> f32 {
        self.area() * count as f32 + 0.25
    }
}

/// The side of a square.
#[device]
impl Shape for f32 {
    const SIDES: u32 = 400;
    fn unit() -> f32 {
        2.0
    }
    fn area(&self) -> f32 {
        *self * *self
    }
    fn grow(&mut self, by: f32) -> f32 {
        let before = self.area();
        *self += by;
        before
    }
}

/// Everything that a shape can do, as one number.
#[device]
fn measured<S: Shape>(mut shape: S) -> f32 {
    let before = shape.grow_twice(1.0);
    let borrowed = &shape;
    before * 10000.0 + borrowed.area_of(3) * 100.0 + shape.rest() + S::unit().area() * 0.125 + S::SIDES as f32
}

#[device]
fn total(first: impl Shape, second: impl Shape + Copy) -> f32 {
    first.area() + second.area_of(2)
}

#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pair<A, B> {
    left: A,
    right: B,
}

#[device]
impl<A: Shape, B: Shape> Pair<A, B> {
    fn both(&self) -> f32 {
        self.left.area() + self.right.area()
    }
}

#[device]
impl<A: Shape, B: Shape> Shape for Pair<A, B> {
    const SIDES: u32 = A::SIDES + B::SIDES;
    fn unit() -> Self {
        Pair { left: A::unit(), right: B::unit() }
    }
    fn area(&self) -> f32 {
        self.both()
    }
    fn grow(&mut self, by: f32) -> f32 {
        self.left.grow(by) + self.right.grow(2.0 * by)
    }
}

/// What the host makes of it, in plain Rust.
fn plain_measured(before: f32, area_of: f32, area: f32, unit: f32, sides: f32) -> f32 {
    before * 10000.0 + area_of * 100.0 + (area - unit) + unit * 0.125 + sides
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
fn functions_over_a_trait_call_what_each_implementor_has() {
    let square = plain_measured(4.0 + 4.0, 27.0, 9.0, 1.0, 4.0);
    let figure = plain_measured(1.0 + 0.0, 6.25, 2.0, 0.25, 0.0);
    let number = plain_measured(4.0 + 400.0, 27.0, 9.0, 4.0, 400.0);
    on_each_device(|queue| {
        let found = outputs!(queue, f32; 3; |i, out| {
            out[i] = if i == 0 {
                measured(Square { side: 1.0 })
            } else if i == 1 {
                measured(Figure::Point)
            } else {
                measured(1.0f32)
            };
        });
        assert_eq!(found, [square, figure, number]);
    });
    assert_eq!(
        [measured(Square { side: 1.0 }), measured(Figure::Point), measured(1.0f32)],
        [square, figure, number]
    );
}

#[test]
fn kernels_call_the_methods_of_traits_directly() {
    on_each_device(|queue| {
        let found = outputs!(queue, f32; 2; |i, out| {
            let mut square = Square { side: i as f32 };
            let grown = square.grow(0.5);
            let side = 3.0f32;
            out[i] = square.area() + 10.0 * grown + side.area_of(1) + Square::unit().rest()
                + <Figure as Shape>::unit().area() + Square::SIDES as f32 + total(square, 2.0f32);
        });
        let plain = |i: f32| (i + 0.5) * (i + 0.5) * 2.0 + 10.0 * i * i + 9.0 + 0.25 + 4.0 + 8.0;
        assert_eq!(found, [plain(0.0), plain(1.0)]);
    });
}

#[test]
fn generic_implementors_pass_calls_on() {
    on_each_device(|queue| {
        let found = outputs!(queue, f32; 2; |i, out| {
            let inner = Pair { left: Square { side: i as f32 }, right: 2.0f32 };
            let mut outer = Pair { left: inner, right: Figure::Rectangle(2.0, 3.0) };
            let before = outer.grow(1.0);
            out[i] = before * 1000.0 + outer.area() * 10.0 + Pair::<Square, Figure>::SIDES as f32
                + Pair::<Square, f32>::unit().both();
        });
        let plain = |i: f32| {
            let before = i * i + 4.0 + 6.0;
            before * 1000.0 + ((i + 1.0) * (i + 1.0) + 16.0 + 12.0) * 10.0 + 4.0 + 5.0
        };
        assert_eq!(found, [plain(0.0), plain(1.0)]);
    });
}

#[kernel_fn]
fn areas<S: Shape>(i: usize, shape: S, out: Write<f32>) {
    let mut grown = shape;
    for _ in 0..i {
        grown.grow(1.0);
    }
    out[i] = grown.area();
}

#[test]
fn kernels_are_generic_over_traits() {
    on_each_device(|queue| {
        let out = Buffer::<f32>::new(3);
        queue.submit(|h| h.parallel_for(3, areas(Square { side: 2.0 }, out.write(h).no_init()))).unwrap();
        assert_eq!(*out.host_read().unwrap(), [4.0, 9.0, 16.0]);
        queue
            .submit(|h| h.parallel_for(3, areas(Figure::Rectangle(1.0, 3.0), out.write(h).no_init())))
            .unwrap();
        assert_eq!(*out.host_read().unwrap(), [3.0, 6.0, 9.0]);
    });
}

/// Combines values of one type in a way of its own.
#[device]
trait Monoid {
    type Value: Number;
    const STEPS: usize;
    fn empty() -> Self::Value;
    fn join(left: Self::Value, right: Self::Value) -> Self::Value;
    fn shifted(self, by: Self::Value) -> Self::Value {
        Self::join(Self::empty(), by)
    }
}

#[device]
#[derive(Clone, Copy)]
struct Sum;

#[device]
impl Monoid for Sum {
    type Value = u32;
    const STEPS: usize = 3;
    fn empty() -> u32 {
        7
    }
    fn join(left: Self::Value, right: u32) -> Self::Value {
        left + right
    }
}

#[device]
#[derive(Clone, Copy)]
struct Product;

#[device]
impl Monoid for Product {
    type Value = f32;
    const STEPS: usize = 2;
    fn empty() -> Self::Value {
        1.5
    }
    fn join(left: f32, right: f32) -> f32 {
        left * right
    }
}

#[device]
fn folded<M: Monoid>(monoid: M, value: M::Value) -> M::Value {
    let mut all = M::empty();
    for _ in 0..M::STEPS {
        all = M::join(all, value);
    }
    all + monoid.shifted(value)
}

#[test]
fn associated_types_and_constants_are_those_of_the_implementor() {
    on_each_device(|queue| {
        let found = outputs!(queue, u32; 2; |i, out| {
            out[i] = folded(Sum, i as u32 + 1) * 1000 + (folded(Product, i as f32 + 2.0) * 8.0) as u32;
        });
        let plain = |i: u32| {
            let (n, x) = (i + 1, i as f32 + 2.0);
            (7 + 3 * n + 7 + n) * 1000 + ((1.5 * x * x + 1.5 * x) * 8.0) as u32
        };
        assert_eq!(found, [plain(0), plain(1)]);
    });
}

/// A trait with parameters, of which a type implements several instances.
#[device]
trait Scale<Factor, const TIMES: usize> {
    fn scaled(&self, by: Factor) -> f32;
    fn scaled_again(&self, by: Factor) -> f32 {
        let mut sum = 0.0;
        for _ in 0..TIMES {
            sum += self.scaled(by);
        }
        sum
    }
}

#[device]
impl Scale<f32, 2> for Square {
    fn scaled(&self, by: f32) -> f32 {
        self.side * by
    }
}

#[device]
impl Scale<u32, 3> for Figure {
    fn scaled(&self, by: u32) -> f32 {
        self.area() + by as f32
    }
}

#[device]
fn scaled_by<F: Number, const N: usize, S: Scale<F, N>>(scale: S, by: F) -> f32 {
    scale.scaled_again(by) * 10.0 + scale.scaled(by)
}

#[test]
fn traits_with_parameters_are_told_apart_by_them() {
    on_each_device(|queue| {
        let found = outputs!(queue, f32; 2; |i, out| {
            out[i] = scaled_by(Square { side: 2.0 }, i as f32) + scaled_by(Figure::Point, i as u32) * 1000.0;
        });
        assert_eq!(found, [0.0, 42.0 + 31000.0]);
    });
}

/// A trait over another.
#[device]
trait Solid: Shape {
    fn height(&self) -> f32;
    fn volume(&self) -> f32 {
        self.area() * self.height()
    }
}

#[device]
impl Solid for Square {
    fn height(&self) -> f32 {
        self.side
    }
}

#[device]
fn filled<S: Solid>(solid: S) -> f32 {
    solid.volume() + solid.area()
}

#[test]
fn supertraits_lend_their_methods() {
    on_each_device(|queue| {
        let found = outputs!(queue, f32; 2; |i, out| {
            out[i] = filled(Square { side: i as f32 + 1.0 });
        });
        assert_eq!(found, [2.0, 12.0]);
    });
}

#[test]
fn methods_are_called_through_references() {
    #[device]
    fn through(shape: &Square, changed: &mut Square) -> f32 {
        changed.grow(1.0);
        shape.area() + changed.area()
    }
    on_each_device(|queue| {
        let found = outputs!(queue, f32; 2; |i, out| {
            let mut square = Square { side: i as f32 };
            let other = square;
            out[i] = through(&other, &mut square) * 10.0 + square.side;
        });
        assert_eq!(found, [11.0, 52.0]);
    });
}

#[test]
fn recursion_through_a_trait_is_an_error_that_shows_the_cycle() {
    #[device]
    trait Endless {
        fn first(&self) -> u32;
        fn second(&self) -> u32 {
            self.first() + 1
        }
    }
    #[device]
    impl Endless for u32 {
        fn first(&self) -> u32 {
            self.second() + 1
        }
    }
    for device in &falx::devices().unwrap() {
        if device.kind() == DeviceKind::Host {
            continue;
        }
        let queue = Queue::on(device).unwrap();
        let out = Buffer::<u32>::new(1);
        let error = queue
            .submit(|h| {
                let out = out.write(h).no_init();
                h.single_task(kernel!(move || out[0] = 1u32.first()))
            })
            .unwrap_err()
            .to_string();
        assert!(error.contains("cannot be recursive: `u32_first`"), "{error}");
    }
}
