//! Methods of arrays, as device functions: what Rust's own of slices mean.

// The macro writes the bounds of a block and of its method in one place.
#![allow(clippy::multiple_bound_locations)]

use super::{DeviceType, DeviceValue};
use falx_macros::device;

/// Those that kernels have beside `len`, `is_empty` and what gives parts.
#[device]
pub trait ArrayMethods<T> {
    /// `fill` of a slice
    fn fill(&mut self, value: T);
    /// `reverse` of a slice
    fn reverse(&mut self);
    /// `contains` of a slice
    fn contains(&self, sought: &T) -> bool
    where
        T: PartialEq;
}

#[device]
impl<T: DeviceValue + DeviceType<Erased = T>, const N: usize> ArrayMethods<T> for [T; N] {
    fn fill(&mut self, value: T) {
        for k in 0..N {
            self[k] = value;
        }
    }
    fn reverse(&mut self) {
        for k in 0..N / 2 {
            (self[k], self[N - 1 - k]) = (self[N - 1 - k], self[k]);
        }
    }
    fn contains(&self, sought: &T) -> bool
    where
        T: PartialEq,
    {
        for k in 0..N {
            if self[k] == *sought {
                return true;
            }
        }
        false
    }
}
