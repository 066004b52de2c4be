//! `Accessible`: what commands can be given whole, without a word about accessors.

use super::Buffer;
use super::accessor::{Read, Write};
use super::element::Element;
use super::usm::{UsmBox, UsmSlice, UsmVec};
use crate::queue::Handler;

mod sealed {
    pub trait Sealed {}
}

/// Elements that a queue can fill, copy and bring somewhere: [`Buffer`], and [`UsmSlice`], [`UsmVec`] and [`UsmBox`] of unified
/// shared memory.
pub trait Accessible<T: Element, const D: usize>: sealed::Sealed {
    /// Reading access to all of it.
    fn read_access<'h>(&self, handler: &'h Handler) -> Read<'h, T, D>;
    /// Writing access to all of it.
    fn write_access<'h>(&self, handler: &'h Handler) -> Write<'h, T, D>;
}

macro_rules! accessible {
    ($([$($parameters:tt)*] $name:ty, $D:tt;)*) => { $(
        impl<$($parameters)*> sealed::Sealed for $name {}
        impl<$($parameters)*> Accessible<T, $D> for $name {
            fn read_access<'h>(&self, handler: &'h Handler) -> Read<'h, T, $D> {
                self.read(handler)
            }
            fn write_access<'h>(&self, handler: &'h Handler) -> Write<'h, T, $D> {
                self.write(handler)
            }
        }
    )* };
}
accessible! {
    [T: Element, const D: usize] Buffer<T, D>, D;
    [T: Element] UsmSlice<T>, 1;
    [T: Element, K] UsmVec<T, K>, 1;
    [T: Element, K] UsmBox<T, K>, 1;
}
