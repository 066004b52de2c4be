//! `Block`: a box of indices, in three dimensions.

use super::{Id, Range};
use smallvec::SmallVec;
use std::fmt;

/// A half-open box of indices: `min` is inside, `max` is not. Empty when any extent is zero.
///
/// (`Box` in the design; named otherwise because `Box` is the owned pointer to every Rust reader.)
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Block {
    /// The first index in each dimension.
    pub min: [usize; 3],
    /// One past the last index in each dimension.
    pub max: [usize; 3],
}

impl Block {
    /// The box from `min` up to, and without, `max`.
    pub const fn new(min: [usize; 3], max: [usize; 3]) -> Self {
        Block { min, max }
    }

    /// The whole of a `range`, from its origin.
    pub fn of_range<const D: usize>(range: Range<D>) -> Self {
        Block { min: [0; 3], max: range.padded() }
    }

    /// The box of `range` indices from `offset` on, counted from the first index of this.
    pub fn part<const D: usize>(&self, offset: Id<D>, range: Range<D>) -> Self {
        let mut part = *self;
        for dimension in 0..D {
            let padded = 3 - D + dimension;
            part.min[padded] += offset[dimension];
            part.max[padded] = part.min[padded] + range[dimension];
        }
        part
    }

    /// The extent in each dimension.
    #[inline]
    pub fn extent(&self) -> [usize; 3] {
        std::array::from_fn(|d| self.max[d].saturating_sub(self.min[d]))
    }

    /// The number of indices inside.
    pub fn size(&self) -> usize {
        self.extent().iter().product()
    }

    /// Whether no index is inside.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.extent().contains(&0)
    }

    /// The indices in both boxes (possibly empty).
    #[inline]
    pub fn intersection(&self, other: &Block) -> Block {
        Block {
            min: std::array::from_fn(|d| self.min[d].max(other.min[d])),
            max: std::array::from_fn(|d| self.max[d].min(other.max[d])),
        }
    }

    /// Whether some index is in both boxes.
    #[inline]
    pub fn overlaps(&self, other: &Block) -> bool {
        !self.intersection(other).is_empty()
    }

    /// Whether every index of `other` is inside.
    #[inline]
    pub fn contains(&self, other: &Block) -> bool {
        other.is_empty() || (0..3).all(|d| self.min[d] <= other.min[d] && other.max[d] <= self.max[d])
    }

    /// The smallest box that holds both.
    #[inline]
    pub fn bounding(&self, other: &Block) -> Block {
        if self.is_empty() {
            return *other;
        }
        if other.is_empty() {
            return *self;
        }
        Block {
            min: std::array::from_fn(|d| self.min[d].min(other.min[d])),
            max: std::array::from_fn(|d| self.max[d].max(other.max[d])),
        }
    }

    /// The indices that are inside but not in `other`, as at most six disjoint boxes.
    ///
    /// Slabs are cut off dimension by dimension, the slowest first, so that the pieces are as contiguous as possible.
    pub fn difference(&self, other: &Block) -> SmallVec<[Block; 6]> {
        let mut pieces = SmallVec::new();
        let hole = self.intersection(other);
        if hole.is_empty() {
            if !self.is_empty() {
                pieces.push(*self);
            }
            return pieces;
        }
        let mut rest = *self;
        for d in 0..3 {
            let (mut before, mut after) = (rest, rest);
            before.max[d] = hole.min[d];
            after.min[d] = hole.max[d];
            pieces.extend([before, after].into_iter().filter(|piece| !piece.is_empty()));
            (rest.min[d], rest.max[d]) = (hole.min[d], hole.max[d]);
        }
        pieces
    }
}

impl fmt::Display for Block {
    /// As `Debug`: `[2..4, 0..8]`, without leading dimensions of extent one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c] = self.min;
        let [x, y, z] = self.max;
        if (a, b, x, y) == (0, 0, 1, 1) {
            write!(f, "[{c}..{z}]")
        } else if (a, x) == (0, 1) {
            write!(f, "[{b}..{y}, {c}..{z}]")
        } else {
            write!(f, "[{a}..{x}, {b}..{y}, {c}..{z}]")
        }
    }
}
