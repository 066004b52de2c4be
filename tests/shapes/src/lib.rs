//! Device code that other crates use: functions, structs, traits and constants, also by another path.

use falx::prelude::*;

/// How much larger a frame is on each side.
pub const MARGIN: f32 = 0.5;

/// The weights of a blur.
pub static WEIGHTS: [u32; 3] = [1, 2, 1];

/// Something flat.
#[device]
pub trait Shape {
    /// How many sides it has.
    const SIDES: u32;

    /// How large it is.
    fn area(&self) -> f32;

    /// How large it is with a frame around it.
    fn framed(&self) -> f32 {
        self.area() + Self::SIDES as f32 * MARGIN
    }
}

/// A square.
#[device]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Square<T> {
    /// The length of its sides.
    pub side: T,
}

#[device]
impl<T: falx::num::Float> Square<T> {
    /// One with a longer side.
    pub fn longer(self, by: T) -> Self {
        Square { side: self.side + by }
    }

    /// The smallest one.
    pub fn smallest() -> Self {
        Square { side: T::ONE }
    }
}

#[device]
impl Shape for Square<f32> {
    const SIDES: u32 = 4;
    fn area(&self) -> f32 {
        self.side * self.side
    }
}

mod sums {
    use falx::prelude::*;

    /// The sum of what a function makes of the values.
    #[device]
    pub fn sum_of(values: Slice<'_, u32>, f: impl Fn(u32) -> u32) -> u32 {
        let mut sum = 0;
        for k in 0..values.len() {
            sum += f(values[k]) * crate::WEIGHTS[k % 3];
        }
        sum
    }
}
pub use sums::sum_of as weighted_sum;

/// A kernel.
#[kernel_fn]
pub fn areas<S: Shape>(i: usize, shape: S, out: Write<'_, f32>) {
    out[i] = shape.framed() * i as f32;
}
