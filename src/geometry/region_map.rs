//! `RegionMap`: a value for each index of a box, kept as disjoint boxes of equal values.
//!
//! The boxes are banded: the slowest dimension is cut into intervals, each of these into intervals of the middle
//! dimension, each of these into intervals of the fastest. The form is canonical (equal neighbours are always joined, so
//! that a map does not depend on the order of updates), and finding a box is a binary search in each dimension. The
//! price is that a cut in a slow dimension goes through everything beside it, which slices, tiles and halos do not mind.

use super::Block;
use super::intervals::Intervals;

/// A value for each index of a box from the origin.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionMap<V>(Intervals<Intervals<Intervals<V>>>);

impl<V> RegionMap<V> {
    /// `value` for each index of a box of this `extent`.
    pub fn new(extent: [usize; 3], value: V) -> Self {
        let [slow, middle, fast] = extent;
        RegionMap(Intervals::new(slow, Intervals::new(middle, Intervals::new(fast, value))))
    }

    /// The disjoint boxes that `block` meets, cut to it, with their values.
    pub fn query(&self, block: &Block) -> impl Iterator<Item = (Block, &V)> {
        let ([a, b, c], [x, y, z]) = (block.min, block.max);
        self.0.between(a, x).flat_map(move |(a, x, plane)| {
            plane.between(b, y).flat_map(move |(b, y, row)| {
                row.between(c, z).map(move |(c, z, value)| (Block::new([a, b, c], [x, y, z]), value))
            })
        })
    }

    /// Calls `visit` with each of the disjoint boxes that `block` meets, cut to it, and its value. Several times faster than
    /// [`RegionMap::query`].
    #[inline]
    pub fn visit(&self, block: &Block, mut visit: impl FnMut(Block, &V)) {
        // The usual case by far: one value for everything.
        if let Some((extent, value)) = self.only()
            && (0..3).all(|d| block.min[d] < block.max[d] && block.max[d] <= extent[d])
        {
            return visit(*block, value);
        }
        let ([a, b, c], [x, y, z]) = (block.min, block.max);
        self.0.visit(a, x, |a, x, plane| {
            plane.visit(b, y, |b, y, row| {
                row.visit(c, z, |c, z, value| visit(Block::new([a, b, c], [x, y, z]), value));
            });
        });
    }

    /// The extent and the value of everything, if that is one box.
    #[inline]
    fn only(&self) -> Option<([usize; 3], &V)> {
        let (slow, plane) = self.0.only()?;
        let (middle, row) = plane.only()?;
        let (fast, value) = row.only()?;
        Some(([slow, middle, fast], value))
    }

    /// All values, once for each box.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.values().flat_map(|plane| plane.values().flat_map(Intervals::values))
    }

    /// The number of boxes. Takes time linear in it.
    pub fn count(&self) -> usize {
        self.values().count()
    }
}

#[allow(dead_code, reason = "planning changes values in place; tests and later users give new ones")]
impl<V: Clone + PartialEq> RegionMap<V> {
    /// Gives each index of `block` this value.
    pub fn update(&mut self, block: &Block, value: V) {
        self.modify(block, |old| old.clone_from(&value));
    }

    /// Gives each index of `block` the value that `new_value` makes of its old one.
    pub fn update_with(&mut self, block: &Block, mut new_value: impl FnMut(&V) -> V) {
        self.modify(block, |old| *old = new_value(old));
    }

    /// Changes the values of `block` in place.
    #[inline]
    pub fn modify(&mut self, block: &Block, mut change: impl FnMut(&mut V)) {
        if block.is_empty() {
            return;
        }
        let ([a, b, c], [x, y, z]) = (block.min, block.max);
        self.0.modify(a, x, |plane| plane.modify(b, y, |row| row.modify(c, z, &mut change)));
    }
}
