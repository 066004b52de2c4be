//! `Range`, `Id` and `NdRange`: how far an index space reaches and where one item stands in it.

use std::ops::Index;

/// The extent of an index space in `D` dimensions (1 to 3); the last dimension varies fastest.
///
/// ```
/// use falx::Range;
/// let range = Range::from([4, 8]);
/// assert_eq!(range.size(), 32);
/// assert_eq!(range[1], 8);
/// ```
/// Source: SYCL 2020, section 4.9.1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range<const D: usize>(pub [usize; D]);

impl<const D: usize> Range<D> {
    /// The number of elements: the product of all extents, or `usize::MAX` where that does not fit.
    pub fn size(&self) -> usize {
        self.0.iter().try_fold(1usize, |product, &extent| product.checked_mul(extent)).unwrap_or(usize::MAX)
    }

    /// The extents, padded with leading ones to three dimensions.
    pub fn padded(&self) -> [usize; 3] {
        let mut padded = [1; 3];
        padded[3 - D..].copy_from_slice(&self.0);
        padded
    }
}

impl From<usize> for Range<1> {
    fn from(extent: usize) -> Self {
        Range([extent])
    }
}

impl<const D: usize> From<[usize; D]> for Range<D> {
    fn from(extents: [usize; D]) -> Self {
        Range(extents)
    }
}

impl<const D: usize> Index<usize> for Range<D> {
    type Output = usize;
    fn index(&self, dimension: usize) -> &usize {
        &self.0[dimension]
    }
}

/// One point of an index space in `D` dimensions (1 to 3).
///
/// Source: SYCL 2020, section 4.9.1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id<const D: usize>(pub [usize; D]);

impl<const D: usize> Id<D> {
    /// The id as a plain array.
    pub fn get(&self) -> [usize; D] {
        self.0
    }
}

impl From<usize> for Id<1> {
    fn from(index: usize) -> Self {
        Id([index])
    }
}

impl<const D: usize> From<[usize; D]> for Id<D> {
    fn from(indices: [usize; D]) -> Self {
        Id(indices)
    }
}

impl<const D: usize> From<Id<D>> for [usize; D] {
    fn from(id: Id<D>) -> Self {
        id.0
    }
}

impl<const D: usize> Index<usize> for Id<D> {
    type Output = usize;
    fn index(&self, dimension: usize) -> &usize {
        &self.0[dimension]
    }
}

/// An index space cut into work-groups: the whole extent and the extent of one work-group.
///
/// Source: SYCL 2020, section 4.9.1.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NdRange<const D: usize> {
    /// The extent of the whole launch.
    pub global: Range<D>,
    /// The extent of one work-group; must divide `global` in every dimension.
    pub local: Range<D>,
}

impl<const D: usize> NdRange<D> {
    /// A launch over `global`, in work-groups of `local`. Whether one divides the other is checked at launch.
    pub fn new(global: impl Into<Range<D>>, local: impl Into<Range<D>>) -> Self {
        NdRange { global: global.into(), local: local.into() }
    }
}
