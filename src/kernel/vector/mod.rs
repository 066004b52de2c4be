//! `Vector`: short vectors such as `F32x4`, which OpenCL C has as `float4`.
//!
//! Plain Rust on the host, lane by lane, with the meaning that kernels give the same operations: integers wrap, and the
//! lanes of a sum are added from the first to the last. Knows nothing of trees or lowering beyond [`DeviceType`].
//!
//! # Layout
//! That of OpenCL C: a vector is aligned to its size, and one of three lanes takes the place of four.

mod convert;
mod device;
mod fields;
mod float;
mod geometry;
mod integer;
mod mask;
pub mod names;
mod operator;

pub use fields::{S8, S16, Xy, Xyz, Xyzw};
pub use names::*;

use super::types::DeviceType;
use bytemuck::{Pod, Zeroable};

/// What can be a lane of a vector of `N` lanes: the integers, the floats, and `bool` for masks.
///
/// # Safety
/// - `Lanes` is an array of `Self` with at least `N` elements.
/// - `Align` has the alignment of `Lanes`, rounded up to its size, if `Self` is [`Pod`].
#[diagnostic::on_unimplemented(
    message = "there is no vector of {N} lanes of type `{Self}`",
    note = "vectors have 2, 3, 4, 8 or 16 lanes, each a `bool`, an integer or a float"
)]
pub unsafe trait Lane<const N: usize>:
    DeviceType<Erased = Self> + Send + Sync + PartialEq + 'static
{
    /// The lanes in memory, where three take the place of four.
    #[doc(hidden)]
    type Lanes: Copy + Send + Sync;
    /// Nothing, aligned as the vector.
    #[doc(hidden)]
    type Align: Copy + Send + Sync;
    /// The lanes in memory, all zero.
    #[doc(hidden)]
    const ZERO: Self::Lanes;
}

/// A number as a lane: what arithmetic is done on. Implemented by the integers and floats that OpenCL C has vectors of.
pub trait Number:
    Lane<2> + Lane<3> + Lane<4> + Lane<8> + Lane<16> + PartialOrd + Pod + std::fmt::Debug
{
}

/// `N` lanes of type `T`, with OpenCL's layout: `Vector<f32, 4>` is `F32x4`, OpenCL's `float4`.
///
/// Operators and methods work lane by lane; a scalar operand counts for every lane. Up to four lanes are called `x y z w`,
/// eight and sixteen `s0` to `s7` and `s0` to `sf`; `v[i]` is a lane as well. In kernels everything means what it means
/// here, and becomes OpenCL's own vectors.
///
/// ```
/// use falx::F32x4;
///
/// let mut v = F32x4::new(1.0, 2.0, 3.0, 4.0);
/// v.w += 1.0;
/// let turned = v.wzyx() * 2.0 + F32x4::splat(0.5);
/// assert_eq!(turned, F32x4::new(10.5, 6.5, 4.5, 2.5));
/// assert_eq!(v.dot(F32x4::splat(1.0)), 11.0);
/// assert_eq!(v.gt(turned).select(v, turned).to_array(), [10.5, 6.5, 4.5, 5.0]);
/// ```
#[repr(C)]
pub struct Vector<T: Lane<N>, const N: usize> {
    align: [T::Align; 0],
    lanes: T::Lanes,
}

impl<T: Lane<N>, const N: usize> Clone for Vector<T, N> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Lane<N>, const N: usize> Copy for Vector<T, N> {}

// SAFETY: a vector is its lanes (`Align` takes no place), and those of a `Pod` type may all be zero.
unsafe impl<T: Lane<N> + Pod, const N: usize> Zeroable for Vector<T, N> {}
// SAFETY: the lanes fill the vector: `Align` has no elements, and `Lane` promises that it is aligned to no more than the
// size of the lanes, so that there is no padding. Any bits are lanes of a `Pod` type; nothing in it is a pointer or a cell.
unsafe impl<T: Lane<N> + Pod, const N: usize> Pod for Vector<T, N> {}

impl<T: Lane<N>, const N: usize> Vector<T, N> {
    /// How many lanes it has.
    pub const LANES: usize = N;

    /// A vector of these lanes.
    ///
    /// ```
    /// # use falx::I32x2;
    /// assert_eq!(I32x2::from_array([1, 2]), I32x2::new(1, 2));
    /// ```
    #[inline(always)]
    pub const fn from_array(lanes: [T; N]) -> Self {
        let mut vector: Self = Vector { align: [], lanes: T::ZERO };
        *vector.as_mut_array() = lanes;
        vector
    }

    /// A vector whose lanes are all `value`.
    ///
    /// ```
    /// # use falx::U8x3;
    /// assert_eq!(U8x3::splat(7).to_array(), [7, 7, 7]);
    /// ```
    #[inline(always)]
    pub const fn splat(value: T) -> Self {
        Self::from_array([value; N])
    }

    /// The lanes.
    ///
    /// ```
    /// # use falx::F64x2;
    /// assert_eq!(F64x2::new(0.5, 1.5).to_array(), [0.5, 1.5]);
    /// ```
    #[inline(always)]
    pub fn to_array(self) -> [T; N] {
        *self.as_array()
    }

    /// The lanes where they are.
    ///
    /// ```
    /// # use falx::I16x4;
    /// assert_eq!(I16x4::new(4, 3, 2, 1).as_array().iter().max(), Some(&4));
    /// ```
    #[inline(always)]
    pub const fn as_array(&self) -> &[T; N] {
        // SAFETY: `Lanes` is an array of at least `N` elements of type `T`, all initialised.
        unsafe { &*(&raw const self.lanes).cast() }
    }

    /// The lanes where they are, to be changed.
    ///
    /// ```
    /// # use falx::I16x4;
    /// let mut v = I16x4::new(4, 3, 2, 1);
    /// v.as_mut_array().sort();
    /// assert_eq!(v, I16x4::new(1, 2, 3, 4));
    /// ```
    #[inline(always)]
    pub const fn as_mut_array(&mut self) -> &mut [T; N] {
        // SAFETY: as in `as_array`; the vector is borrowed for as long as the result.
        unsafe { &mut *(&raw mut self.lanes).cast() }
    }

    /// What `operation` makes of each lane.
    #[inline(always)]
    fn map<R: Lane<N>>(self, operation: impl Fn(T) -> R) -> Vector<R, N> {
        let lanes = self.as_array();
        Vector::from_array(std::array::from_fn(|lane| operation(lanes[lane])))
    }

    /// What `operation` makes of each pair of lanes.
    #[inline(always)]
    fn zip<U: Lane<N>, R: Lane<N>>(self, other: Vector<U, N>, operation: impl Fn(T, U) -> R) -> Vector<R, N> {
        let (left, right) = (self.as_array(), other.as_array());
        Vector::from_array(std::array::from_fn(|lane| operation(left[lane], right[lane])))
    }
}

impl<T: Lane<N>, const N: usize> PartialEq for Vector<T, N> {
    /// Whether all lanes are equal.
    fn eq(&self, other: &Self) -> bool {
        self.as_array() == other.as_array()
    }
}

impl<T: Lane<N> + Eq, const N: usize> Eq for Vector<T, N> {}

impl<T: Lane<N> + std::hash::Hash, const N: usize> std::hash::Hash for Vector<T, N> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_array().hash(state);
    }
}

impl<T: Lane<N> + std::fmt::Debug, const N: usize> std::fmt::Debug for Vector<T, N> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_array().fmt(formatter)
    }
}

impl<T: Lane<N>, const N: usize> Default for Vector<T, N> {
    fn default() -> Self {
        Vector { align: [], lanes: T::ZERO }
    }
}

impl<T: Lane<N>, const N: usize> From<[T; N]> for Vector<T, N> {
    #[inline(always)]
    fn from(lanes: [T; N]) -> Self {
        Self::from_array(lanes)
    }
}

impl<T: Lane<N>, const N: usize> From<Vector<T, N>> for [T; N] {
    #[inline(always)]
    fn from(vector: Vector<T, N>) -> Self {
        vector.to_array()
    }
}

impl<T: Lane<N>, const N: usize> std::ops::Index<usize> for Vector<T, N> {
    type Output = T;
    #[inline(always)]
    fn index(&self, lane: usize) -> &T {
        &self.as_array()[lane]
    }
}

impl<T: Lane<N>, const N: usize> std::ops::IndexMut<usize> for Vector<T, N> {
    #[inline(always)]
    fn index_mut(&mut self, lane: usize) -> &mut T {
        &mut self.as_mut_array()[lane]
    }
}
