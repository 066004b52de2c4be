//! Comparisons, and the masks they give.

use super::{Lane, Number, Vector};

macro_rules! comparisons {
    ($($name:ident $operator:tt;)*) => {
        impl<T: Number + Lane<N>, const N: usize> Vector<T, N>
        where
            bool: Lane<N>,
        {
            $(
                #[doc = concat!("The lanes where this `", stringify!($operator), "` the other.")]
                ///
                /// ```
                /// # use falx::F32x2;
                /// let (a, b) = (F32x2::new(1.0, 2.0), F32x2::new(1.0, 3.0));
                #[doc = concat!("assert_eq!(a.", stringify!($name), "(b).to_array(), [1.0 ", stringify!($operator), " 1.0, 2.0 ", stringify!($operator), " 3.0]);")]
                /// ```
                #[inline(always)]
                pub fn $name(self, other: Self) -> Vector<bool, N> {
                    self.zip(other, |left, right| left $operator right)
                }
            )*
        }
    };
}
comparisons!(eq ==; ne !=; lt <; le <=; gt >; ge >=;);

impl<const N: usize> Vector<bool, N>
where
    bool: Lane<N>,
{
    /// Whether any lane is set.
    ///
    /// ```
    /// # use falx::I32x4;
    /// assert!(I32x4::new(1, 2, 3, 4).gt(I32x4::splat(3)).any());
    /// ```
    #[inline(always)]
    pub fn any(self) -> bool {
        self.as_array().iter().fold(false, |any, lane| any | lane)
    }

    /// Whether all lanes are set.
    ///
    /// ```
    /// # use falx::I32x4;
    /// assert!(!I32x4::new(1, 2, 3, 4).gt(I32x4::splat(3)).all());
    /// ```
    #[inline(always)]
    pub fn all(self) -> bool {
        self.as_array().iter().fold(true, |all, lane| all & lane)
    }

    /// The lanes of `set` where this is set, and those of `unset` elsewhere.
    ///
    /// ```
    /// # use falx::I32x2;
    /// let (a, b) = (I32x2::new(5, 1), I32x2::new(3, 4));
    /// assert_eq!(a.lt(b).select(a, b), I32x2::new(3, 1));
    /// ```
    #[inline(always)]
    pub fn select<T: Lane<N>>(self, set: Vector<T, N>, unset: Vector<T, N>) -> Vector<T, N> {
        let (mask, set, unset) = (self.as_array(), set.as_array(), unset.as_array());
        Vector::from_array(std::array::from_fn(|lane| if mask[lane] { set[lane] } else { unset[lane] }))
    }
}
