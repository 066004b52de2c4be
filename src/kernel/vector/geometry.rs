//! Vectors as points: sums over lanes, products, lengths.
//!
//! Lanes are added from the first to the last, on every device, so that the results have the same bits everywhere.

use super::float::{Float, Function};
use super::{Lane, Number, Vector};

impl<T: Number + Lane<N>, const N: usize> Vector<T, N> {
    /// The sum of the lanes, added from the first to the last; integers wrap.
    ///
    /// ```
    /// # use falx::I32x4;
    /// assert_eq!(I32x4::new(1, 2, 3, 4).sum(), 10);
    /// ```
    #[inline(always)]
    pub fn sum(self) -> T {
        let mut lanes = self.to_array().into_iter();
        let first = lanes.next().unwrap_or_else(T::zero);
        lanes.fold(first, |sum, lane| {
            T::evaluate(sum, super::super::twin::Operation::Add(lane)).unwrap_or(sum)
        })
    }

    /// The sum of the products of lanes: `(self * other).sum()`.
    ///
    /// ```
    /// # use falx::F32x3;
    /// assert_eq!(F32x3::new(1.0, 2.0, 3.0).dot(F32x3::new(1.0, 0.0, -1.0)), -2.0);
    /// ```
    #[inline(always)]
    pub fn dot(self, other: Self) -> T {
        (self * other).sum()
    }
}

impl<T: Float + Lane<N>, const N: usize> Vector<T, N> {
    /// How long it is: `self.dot(self).sqrt()`.
    ///
    /// ```
    /// # use falx::F64x2;
    /// assert_eq!(F64x2::new(3.0, 4.0).length(), 5.0);
    /// ```
    #[inline(always)]
    pub fn length(self) -> T {
        self.dot(self).call(Function::sqrt)
    }

    /// How far it is from another: `(self - other).length()`.
    ///
    /// ```
    /// # use falx::F32x2;
    /// assert_eq!(F32x2::new(4.0, 6.0).distance(F32x2::new(1.0, 2.0)), 5.0);
    /// ```
    #[inline(always)]
    pub fn distance(self, other: Self) -> T {
        (self - other).length()
    }

    /// In the same direction, of length one: `self / self.length()`. Not a number if the length is zero.
    ///
    /// ```
    /// # use falx::F32x2;
    /// assert_eq!(F32x2::new(0.0, 4.0).normalize(), F32x2::new(0.0, 1.0));
    /// ```
    #[inline(always)]
    pub fn normalize(self) -> Self {
        self / self.length()
    }
}

impl<T: Float> Vector<T, 3> {
    /// The vector that is orthogonal to both: `self.yzx() * other.zxy() - self.zxy() * other.yzx()`.
    ///
    /// ```
    /// # use falx::F32x3;
    /// let (x, y) = (F32x3::new(1.0, 0.0, 0.0), F32x3::new(0.0, 1.0, 0.0));
    /// assert_eq!(x.cross(y), F32x3::new(0.0, 0.0, 1.0));
    /// ```
    #[inline(always)]
    pub fn cross(self, other: Self) -> Self {
        self.yzx() * other.zxy() - self.zxy() * other.yzx()
    }
}
