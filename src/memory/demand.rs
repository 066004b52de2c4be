//! What an accessor's demand comes to once it is known which elements its command touches.

use super::requirements::{Pending, Reach};
use crate::execute::Use;
use crate::geometry::Block;
use crate::kernel::Touched;
use crate::plan::{Access, Requirement};
use smallvec::SmallVec;

impl Pending {
    /// A kernel is given the accessor, or one more copy of it, and touches no more through it than is `touched`; without it
    /// anything.
    pub(super) fn touch(&mut self, touched: Option<Touched>) {
        self.reach = match (self.reach, touched) {
            (Reach::Whole, Some(touched)) => Reach::Found(touched),
            (Reach::Found(known), Some(touched)) => Reach::Found(known.with(&touched)),
            (Reach::Anything, _) | (_, None) => Reach::Anything,
        };
    }

    /// What is known of the elements that the command touches, if less than all count.
    fn found(&self) -> Option<Touched> {
        match self.reach {
            Reach::Found(touched) if self.access != Access::Discard => Some(touched),
            _ => None,
        }
    }

    /// The regions that are ordered against other commands and brought to the device: one, unless the command reads other
    /// elements than it writes.
    ///
    /// They are parts of one that has memory without gaps: around what is touched.
    ///
    /// With `no_init` the whole region loses its contents, as the program says so, whatever the command then writes.
    pub(crate) fn demands(&self) -> SmallVec<[Requirement; 2]> {
        let demand = |block: Block, access| {
            let (block, access) = self.portion.demanded(&block, access);
            Requirement { buffer: self.portion.storage.id, block, within: self.within(), access }
        };
        let Some(touched) = self.found() else {
            return SmallVec::from_iter([demand(self.portion.block, self.access)]);
        };
        let writing = if touched.fills { Access::Discard } else { Access::Write };
        let both = [(touched.reads, Access::Read), (touched.writes, writing)];
        let both = both.map(|(block, access)| (self.shifted(&block), access));
        let mut demands: SmallVec<[Requirement; 2]> = both
            .into_iter()
            .filter(|(block, _)| !block.is_empty())
            .map(|(block, access)| demand(block, access))
            .collect();
        if demands.is_empty() {
            // The kernel is given some of the buffer's memory all the same.
            let (buffer, nothing) = (self.portion.storage.id, Block::new([0; 3], [0; 3]));
            demands.push(Requirement { buffer, block: nothing, within: self.within(), access: Access::Read });
        }
        demands
    }

    /// The part of the buffer that the command needs in memory without gaps.
    pub(super) fn within(&self) -> Block {
        match self.found() {
            Some(touched) if self.portion.is_as_made() => {
                self.shifted(&touched.reads.bounding(&touched.writes))
            }
            _ => self.portion.within(),
        }
    }

    /// How the command uses the buffer, for what its failure spoils and whose failures spoil it.
    pub(crate) fn into_use(self) -> Use {
        let (written, access) = match self.found() {
            None => (self.portion.block, self.access),
            Some(touched) if touched.fills && touched.reads.is_empty() => {
                (self.shifted(&touched.writes), Access::Discard)
            }
            Some(_) => (self.portion.block, self.access),
        };
        self.portion.into_use(&written, access)
    }

    /// A part of the accessor's region as a part of the buffer; what lies outside of the region is left out.
    fn shifted(&self, part: &Block) -> Block {
        let block = &self.portion.block;
        let shift = |corner: [usize; 3]| std::array::from_fn(|d| block.min[d].saturating_add(corner[d]));
        let shifted = Block { min: shift(part.min), max: shift(part.max) };
        if part.is_empty() { *part } else { shifted.intersection(block) }
    }
}
