//! Lanes by name: `v.x`, `v.s3`, swizzles, and vectors made of single lanes.

use super::{Lane, Number, Vector};
use std::ops::{Deref, DerefMut};

macro_rules! fields {
    ($($name:ident $lanes:literal: $($lane:ident)*;)*) => { $(
        #[doc = concat!("The names of the lanes of a vector that has ", stringify!($lanes), ".")]
        #[repr(C)]
        #[derive(Debug)]
        pub struct $name<T> {
            $(
                #[doc = concat!("Lane `", stringify!($lane), "`.")]
                pub $lane: T,
            )*
        }

        impl<T: Lane<$lanes>> Deref for Vector<T, $lanes> {
            type Target = $name<T>;
            #[inline(always)]
            fn deref(&self) -> &$name<T> {
                // SAFETY: the names are a `repr(C)` struct of as many lanes as the array has elements.
                unsafe { &*std::ptr::from_ref(self.as_array()).cast() }
            }
        }
        impl<T: Lane<$lanes>> DerefMut for Vector<T, $lanes> {
            #[inline(always)]
            fn deref_mut(&mut self) -> &mut $name<T> {
                // SAFETY: as in `deref`; the vector is borrowed for as long as the result.
                unsafe { &mut *std::ptr::from_mut(self.as_mut_array()).cast() }
            }
        }

        impl<T: Lane<$lanes>> Vector<T, $lanes> {
            /// A vector of these lanes.
            ///
            /// ```
            /// # use falx::F32x2;
            /// assert_eq!(F32x2::new(1.0, 2.0).x, 1.0);
            /// ```
            #[inline(always)]
            #[allow(clippy::too_many_arguments)]
            pub const fn new($($lane: T),*) -> Self {
                Self::from_array([$($lane),*])
            }
        }
    )* };
}
fields! {
    Xy 2: x y;
    Xyz 3: x y z;
    Xyzw 4: x y z w;
    S8 8: s0 s1 s2 s3 s4 s5 s6 s7;
    S16 16: s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 sa sb sc sd se sf;
}

falx_macros::__swizzles!();

impl<T: Number + Lane<N>, const N: usize> Vector<T, N> {
    /// The lanes at these positions; those beyond the last count from the first again.
    ///
    /// ```
    /// # use falx::{I32x4, I32x8};
    /// let v = I32x8::new(0, 10, 20, 30, 40, 50, 60, 70);
    /// assert_eq!(v.swizzle([7, 0, 9, 2]), I32x4::new(70, 0, 10, 20));
    /// ```
    #[inline(always)]
    pub fn swizzle<const M: usize>(self, positions: [usize; M]) -> Vector<T, M>
    where
        T: Lane<M>,
    {
        Vector::from_array(positions.map(|position| self.as_array()[position % N]))
    }
}

macro_rules! halves {
    ($($whole:literal $half:literal)*) => { $(
        impl<T: Number> Vector<T, $whole> {
            /// The first half of the lanes.
            ///
            /// ```
            /// # use falx::{I32x2, I32x4};
            /// assert_eq!(I32x4::new(1, 2, 3, 4).lo(), I32x2::new(1, 2));
            /// ```
            #[inline(always)]
            pub fn lo(self) -> Vector<T, $half> {
                Vector::from_array(std::array::from_fn(|lane| self.as_array()[lane]))
            }
            /// The second half of the lanes.
            ///
            /// ```
            /// # use falx::{I32x2, I32x4};
            /// assert_eq!(I32x4::new(1, 2, 3, 4).hi(), I32x2::new(3, 4));
            /// ```
            #[inline(always)]
            pub fn hi(self) -> Vector<T, $half> {
                Vector::from_array(std::array::from_fn(|lane| self.as_array()[$half + lane]))
            }
            /// The same with another first half.
            ///
            /// ```
            /// # use falx::{I32x2, I32x4};
            /// assert_eq!(I32x4::splat(0).with_lo(I32x2::new(1, 2)), I32x4::new(1, 2, 0, 0));
            /// ```
            #[inline(always)]
            #[must_use]
            pub fn with_lo(mut self, lanes: Vector<T, $half>) -> Self {
                self.as_mut_array()[..$half].copy_from_slice(lanes.as_array());
                self
            }
            /// The same with another second half.
            ///
            /// ```
            /// # use falx::{I32x2, I32x4};
            /// assert_eq!(I32x4::splat(0).with_hi(I32x2::new(1, 2)), I32x4::new(0, 0, 1, 2));
            /// ```
            #[inline(always)]
            #[must_use]
            pub fn with_hi(mut self, lanes: Vector<T, $half>) -> Self {
                self.as_mut_array()[$half..].copy_from_slice(lanes.as_array());
                self
            }
            /// The same with another in place of every second lane, from the first on.
            ///
            /// ```
            /// # use falx::{I32x2, I32x4};
            /// assert_eq!(I32x4::splat(0).with_even(I32x2::new(1, 2)), I32x4::new(1, 0, 2, 0));
            /// ```
            #[inline(always)]
            #[must_use]
            pub fn with_even(mut self, lanes: Vector<T, $half>) -> Self {
                (0..$half).for_each(|lane| self.as_mut_array()[2 * lane] = lanes.as_array()[lane]);
                self
            }
            /// The same with another in place of every second lane, from the second on.
            ///
            /// ```
            /// # use falx::{I32x2, I32x4};
            /// assert_eq!(I32x4::splat(0).with_odd(I32x2::new(1, 2)), I32x4::new(0, 1, 0, 2));
            /// ```
            #[inline(always)]
            #[must_use]
            pub fn with_odd(mut self, lanes: Vector<T, $half>) -> Self {
                (0..$half).for_each(|lane| self.as_mut_array()[2 * lane + 1] = lanes.as_array()[lane]);
                self
            }
            /// Every second lane, from the first on.
            ///
            /// ```
            /// # use falx::{I32x2, I32x4};
            /// assert_eq!(I32x4::new(1, 2, 3, 4).even(), I32x2::new(1, 3));
            /// ```
            #[inline(always)]
            pub fn even(self) -> Vector<T, $half> {
                Vector::from_array(std::array::from_fn(|lane| self.as_array()[2 * lane]))
            }
            /// Every second lane, from the second on.
            ///
            /// ```
            /// # use falx::{I32x2, I32x4};
            /// assert_eq!(I32x4::new(1, 2, 3, 4).odd(), I32x2::new(2, 4));
            /// ```
            #[inline(always)]
            pub fn odd(self) -> Vector<T, $half> {
                Vector::from_array(std::array::from_fn(|lane| self.as_array()[2 * lane + 1]))
            }
        }
        impl<T: Number> Vector<T, $half> {
            /// The lanes of this vector, and behind them those of another.
            ///
            /// ```
            /// # use falx::{I32x2, I32x4};
            /// assert_eq!(I32x2::new(1, 2).concat(I32x2::new(3, 4)), I32x4::new(1, 2, 3, 4));
            /// ```
            #[inline(always)]
            pub fn concat(self, other: Self) -> Vector<T, $whole> {
                let (first, second) = (self.as_array(), other.as_array());
                let lane = |lane: usize| if lane < $half { first[lane] } else { second[lane - $half] };
                Vector::from_array(std::array::from_fn(lane))
            }
        }
    )* };
}
halves!(4 2 8 4 16 8);

macro_rules! extended {
    ($($lanes:literal $more:literal)*) => { $(
        impl<T: Number> Vector<T, $lanes> {
            /// The lanes of this vector, and behind them one more.
            ///
            /// ```
            /// # use falx::{I32x2, I32x3};
            /// assert_eq!(I32x2::new(1, 2).extend(3), I32x3::new(1, 2, 3));
            /// ```
            #[inline(always)]
            pub fn extend(self, last: T) -> Vector<T, $more> {
                Vector::from_array(std::array::from_fn(|lane| self.as_array().get(lane).copied().unwrap_or(last)))
            }
        }
    )* };
}
extended!(2 3 3 4);
