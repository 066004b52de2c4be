//! `Region`: a set of indices, kept as disjoint boxes.

use super::Block;
use smallvec::SmallVec;
use std::fmt;

/// A set of indices.
///
/// Two regions are equal when they hold the same indices, however these are cut into boxes.
#[derive(Clone, Default)]
pub struct Region(SmallVec<[Block; 2]>);

#[allow(dead_code, reason = "the whole set algebra, tested as a whole; planning needs part of it")]
impl Region {
    /// The region of no index.
    pub fn new() -> Self {
        Region::default()
    }

    /// The region of boxes that are known not to overlap, joined into fewer boxes where they touch.
    pub fn from_disjoint(blocks: impl IntoIterator<Item = Block>) -> Self {
        let mut region = Region(blocks.into_iter().filter(|block| !block.is_empty()).collect());
        region.coalesce();
        region
    }

    /// The disjoint boxes it consists of, none of them empty.
    pub fn blocks(&self) -> &[Block] {
        &self.0
    }

    /// The number of indices inside.
    pub fn size(&self) -> usize {
        self.0.iter().map(Block::size).sum()
    }

    /// Whether no index is inside.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The smallest box that holds the region; empty if the region is.
    pub fn bounding(&self) -> Block {
        self.0.iter().fold(Block::new([0; 3], [0; 3]), |bounding, block| bounding.bounding(block))
    }

    /// Whether every index of `block` is inside.
    pub fn contains(&self, block: &Block) -> bool {
        let inside: usize = self.0.iter().map(|own| own.intersection(block).size()).sum();
        inside == block.size()
    }

    /// Whether some index is in both.
    pub fn overlaps(&self, block: &Block) -> bool {
        self.0.iter().any(|own| own.overlaps(block))
    }

    /// The indices in either.
    pub fn union(&self, other: &Region) -> Region {
        let added = other.difference(self);
        Region::from_disjoint(self.0.iter().copied().chain(added.0))
    }

    /// The indices in both.
    pub fn intersection(&self, other: &Region) -> Region {
        let pairs = self.0.iter().flat_map(|own| other.0.iter().map(move |block| own.intersection(block)));
        Region::from_disjoint(pairs)
    }

    /// The indices that are inside but not in `other`.
    pub fn difference(&self, other: &Region) -> Region {
        let mut rest = self.0.clone();
        for hole in &other.0 {
            if rest.iter().any(|block| block.overlaps(hole)) {
                rest = rest.iter().flat_map(|block| block.difference(hole)).collect();
            }
        }
        Region::from_disjoint(rest)
    }

    /// Joins boxes that share a whole face, until no two do along the order of any one dimension.
    fn coalesce(&mut self) {
        let mut joined = self.0.len() > 1;
        while joined {
            joined = false;
            // The fastest dimension first: long rows make the cheapest copies.
            for dimension in [2, 1, 0] {
                joined |= join_along(&mut self.0, dimension);
            }
        }
    }
}

/// Joins boxes that touch along `dimension` and agree in the others; says whether there were any.
fn join_along(blocks: &mut SmallVec<[Block; 2]>, dimension: usize) -> bool {
    let (first, second) = ((dimension + 1) % 3, (dimension + 2) % 3);
    let cross = |block: &Block| (block.min[first], block.max[first], block.min[second], block.max[second]);
    blocks.sort_unstable_by_key(|block| (cross(block), block.min[dimension]));
    let before = blocks.len();
    blocks.dedup_by(|next, kept| {
        let touches = cross(next) == cross(kept) && kept.max[dimension] == next.min[dimension];
        if touches {
            kept.max[dimension] = next.max[dimension];
        }
        touches
    });
    blocks.len() < before
}

impl From<Block> for Region {
    fn from(block: Block) -> Self {
        Region::from_disjoint([block])
    }
}

impl PartialEq for Region {
    fn eq(&self, other: &Self) -> bool {
        self.size() == other.size() && self.difference(other).is_empty()
    }
}

impl Eq for Region {}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Region {
    /// The boxes in order, such as `[0..4] + [8..12]`; `nothing` if there are none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut blocks = self.0.clone();
        blocks.sort_unstable_by_key(|block| block.min);
        match blocks.split_first() {
            None => write!(f, "nothing"),
            Some((first, rest)) => {
                write!(f, "{first}")?;
                rest.iter().try_for_each(|block| write!(f, " + {block}"))
            }
        }
    }
}
