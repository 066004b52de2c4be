//! Vectors as a type of the kernel language: what the host twin does with them, and how they travel.

use super::super::argument::Argument;
use super::super::capture::{Bytes, Value};
use super::super::tree::Site;
use super::super::twin::{Capture, Load, Operation, Place, Store};
use super::super::types::{DeviceType, Scalar, Type};
use super::{Lane, Vector};

#[diagnostic::do_not_recommend]
impl<T: Lane<N>, const N: usize> DeviceType for Vector<T, N> {
    type Erased = Self;

    fn describe() -> Type {
        match T::describe() {
            Type::Scalar(scalar) => Type::Vector(scalar, N),
            // Only scalars are lanes.
            other => other,
        }
    }

    #[inline(always)]
    fn zero() -> Self {
        Self::default()
    }

    #[inline(always)]
    fn lane_bits(value: Self, lane: usize) -> u64 {
        value.as_array().get(lane).map_or(0, |lane| T::bits(*lane))
    }

    #[inline(always)]
    fn widen<X: DeviceType>(value: X) -> Self {
        Self::from_array(std::array::from_fn(|lane| T::from_bits(X::lane_bits(value, lane))))
    }

    /// Lane by lane; without a result if any lane has none.
    #[inline(always)]
    fn evaluate(value: Self, operation: Operation<Self>) -> Option<Self> {
        let mut result = value;
        for (position, lane) in result.as_mut_array().iter_mut().enumerate() {
            *lane = T::evaluate(*lane, operation.map(|operand| operand.as_array()[position]))?;
        }
        Some(result)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Lane<N>, const N: usize> Place for Vector<T, N> {
    type Element = T;
}
#[diagnostic::do_not_recommend]
impl<T: Lane<N>, const N: usize> Load<usize> for Vector<T, N> {
    #[inline(always)]
    fn load(&self, index: usize, site: &'static Site) -> T {
        self.as_array().load(index, site)
    }
}
#[diagnostic::do_not_recommend]
impl<T: Lane<N>, const N: usize> Store<usize> for Vector<T, N> {
    #[inline(always)]
    fn store(&mut self, index: usize, value: T, site: &'static Site) {
        self.as_mut_array().store(index, value, site);
    }
}

impl<T: Lane<N> + Value, const N: usize> Value for Vector<T, N> {
    fn append(&self, bytes: &mut Bytes) {
        let start = bytes.len();
        for lane in self.as_array() {
            match T::describe() {
                // The lanes of a mask have all bits set, or none.
                Type::Scalar(Scalar::Bool) => bytes.push(0u8.wrapping_sub(T::bits(*lane) as u8)),
                _ => lane.append(bytes),
            }
        }
        bytes.resize(start + size_of::<Self>(), 0);
    }
}

#[diagnostic::do_not_recommend]
// SAFETY: a vector is nothing but numbers and has no lifetime.
unsafe impl<T: Lane<N> + Value, const N: usize> Capture for Vector<T, N> {
    fn argument(&self) -> Argument {
        let mut bytes = Bytes::new();
        self.append(&mut bytes);
        Argument::Value(bytes)
    }
}
