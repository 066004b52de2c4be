//! What an accessor's demand comes to once it is known which elements its command touches.

use super::requirements::{Pending, Reach};
use crate::execute::{Portion, Use};
use crate::geometry::Block;
use crate::kernel::Touched;
use crate::plan::{Access, Requirement, Requirements};

impl Pending {
    /// A kernel is given the accessor, or one more copy of it, and touches no more through it than is `touched`; without it
    /// anything.
    #[inline]
    pub(super) fn touch(&mut self, touched: Option<&Touched>) {
        self.reach = match (&self.reach, touched) {
            (Reach::Whole, Some(touched)) => Reach::Found(*touched),
            (Reach::Found(known), Some(touched)) => Reach::Found(known.with(touched)),
            (Reach::Anything, _) | (_, None) => Reach::Anything,
        };
    }

    /// What a part of the command needs instead, which touches no more through the accessors than `touched`, one for each that the
    /// command was given of it; without one anything. Of what loses its contents a part has only what it touches.
    pub(crate) fn of_part<'t>(&self, touched: impl Iterator<Item = Option<&'t Touched>>) -> Pending {
        let mut part = Pending { reach: Reach::Whole, ..self.clone() };
        touched.for_each(|touched| part.touch(touched));
        if let (Access::Discard, Reach::Found(touched)) = (part.access, &part.reach) {
            let block = part.shifted(&touched.reads.bounding(&touched.writes));
            part.portion = Portion { block, ..part.portion };
        }
        part
    }

    /// What is known of the elements that the command touches, if less than all count.
    #[inline]
    fn found(&self) -> Option<&Touched> {
        match &self.reach {
            Reach::Found(touched) if self.access != Access::Discard => Some(touched),
            _ => None,
        }
    }

    /// Adds to `demands` the regions that are ordered against other commands and brought to the device: one, unless the
    /// command reads other elements than it writes.
    ///
    /// They are parts of one that has memory without gaps: around what is touched.
    ///
    /// With `no_init` the whole region loses its contents, as the program says so, whatever the command then writes.
    pub(crate) fn demands(&self, demands: &mut Requirements) {
        let within = self.within();
        let mut demand = |block: &Block, access| demands.push(self.demand(block, within, access));
        let Some(touched) = self.found() else { return demand(&self.portion.block, self.access) };
        let (reads, writes) = (self.shifted(&touched.reads), self.shifted(&touched.writes));
        let writing = if touched.fills { Access::Discard } else { Access::Write };
        match (reads.is_empty(), writes.is_empty()) {
            // The kernel is given the buffer's memory all the same.
            (true, true) => demand(&Block::new([0; 3], [0; 3]), Access::Read),
            (false, true) => demand(&reads, Access::Read),
            (true, false) => demand(&writes, writing),
            (false, false) if reads == writes => demand(&reads, Access::ReadWrite),
            (false, false) => {
                demand(&reads, Access::Read);
                demand(&writes, writing);
            }
        }
    }

    #[inline]
    fn demand(&self, part: &Block, within: Block, access: Access) -> Requirement {
        let (block, access) = self.portion.demanded(part, access);
        Requirement { buffer: self.portion.storage.id, block, within, access }
    }

    /// The part of the buffer that the command needs in memory without gaps.
    pub(crate) fn within(&self) -> Block {
        match self.found() {
            Some(touched) if self.portion.is_as_made() => {
                self.shifted(&touched.reads.bounding(&touched.writes))
            }
            _ => self.portion.within(),
        }
    }

    /// How the command uses the buffer, for what its failure spoils and whose failures spoil it.
    pub(crate) fn as_use(&self) -> Use {
        match self.found() {
            Some(touched) if touched.fills && touched.reads.is_empty() => {
                self.portion.as_use(&self.shifted(&touched.writes), Access::Discard)
            }
            _ => self.portion.as_use(&self.portion.block, self.access),
        }
    }

    /// A part of the accessor's region as a part of the buffer; what lies outside of the region is left out.
    #[inline]
    fn shifted(&self, part: &Block) -> Block {
        let block = &self.portion.block;
        let shift = |corner: [usize; 3]| std::array::from_fn(|d| block.min[d].saturating_add(corner[d]));
        let shifted = Block { min: shift(part.min), max: shift(part.max) };
        if part.is_empty() { *part } else { shifted.intersection(block) }
    }
}
