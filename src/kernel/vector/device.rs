//! Vectors as a type of the kernel language: what the host twin does with them, and how they travel.

use super::super::argument::Argument;
use super::super::capture::{DeviceValue, ValueBytes, value_argument};
use super::super::tree::Site;
use super::super::twin::{Capture, Load, Operation, Part, PartMut, Place, Store, Words};
use super::super::types::{DeviceType, Scalar, Type};
use super::{Lane, Vector};

#[diagnostic::do_not_recommend]
impl<T: Lane<N>, const N: usize> DeviceType for Vector<T, N> {
    type Erased = Self;
    const IS_NUMBER: bool = true;

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

    fn append_words(value: Self, words: &mut Words) {
        words.extend(value.as_array().iter().map(|lane| T::bits(*lane)));
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
impl<T: Lane<N>, const N: usize> Part<usize> for Vector<T, N> {
    #[inline(always)]
    fn part(&self, index: usize, site: &'static Site) -> Option<&T> {
        self.as_array().part(index, site)
    }
}
#[diagnostic::do_not_recommend]
impl<T: Lane<N>, const N: usize> PartMut<usize> for Vector<T, N> {
    #[inline(always)]
    fn part_mut(&mut self, index: usize, site: &'static Site) -> Option<&mut T> {
        self.as_mut_array().part_mut(index, site)
    }
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
    #[inline(always)]
    fn store_part<P: DeviceType>(
        &mut self,
        index: usize,
        value: P,
        site: &'static Site,
        part: impl Fn(&mut T) -> Option<&mut P>,
    ) {
        self.as_mut_array().store_part(index, value, site, part);
    }
}

impl<T: Lane<N> + DeviceValue, const N: usize> DeviceValue for Vector<T, N> {
    const SIZE_BYTES: usize = size_of::<Self>();
    // A vector is aligned to its size.
    const ALIGNMENT: usize = size_of::<Self>();
    #[inline]
    fn append(&self, bytes: &mut ValueBytes) {
        for lane in self.as_array() {
            match T::describe() {
                // The lanes of a mask have all bits set, or none.
                Type::Scalar(Scalar::Bool) => (-(T::bits(*lane) as i8)).append(bytes),
                _ => lane.append(bytes),
            }
        }
    }
}

#[diagnostic::do_not_recommend]
// SAFETY: a vector is nothing but numbers and has no lifetime.
unsafe impl<T: Lane<N> + DeviceValue, const N: usize> Capture for Vector<T, N> {
    fn argument(&self) -> Argument {
        value_argument(self)
    }
}
