//! What an accessor's demand comes to once it is known which elements its command touches.

use super::requirements::{Pending, Reach};
use crate::execute::{Portion, Use};
use crate::geometry::Block;
use crate::kernel::{Part, Reached};
use crate::plan::{Access, Requirement, Requirements};
use crate::platform::MemoryId;

/// The box of nothing.
const NOTHING: Block = Block::new([0; 3], [0; 3]);

impl Pending {
    /// A kernel is given the accessor, or one more copy of it, and touches no more through it than is `reached`; without it
    /// anything.
    #[inline]
    pub(super) fn touch(&mut self, reached: Option<&Reached>) {
        self.reach = match (&self.reach, reached) {
            (Reach::Whole, Some(reached)) => Reach::Found(*reached),
            (Reach::Found(known), Some(reached)) => Reach::Found(known.with(reached)),
            (Reach::Anything, _) | (_, None) => Reach::Anything,
        };
    }

    /// What a part of the command needs instead, which touches no more through the accessors than is `reached`, one for each that the
    /// command was given of it; without one anything. Of what loses its contents a part has only what it touches.
    pub(crate) fn of_part<'r>(&self, reached: impl Iterator<Item = Option<&'r Reached>>) -> Pending {
        let mut part = Pending { reach: Reach::Whole, ..self.clone() };
        reached.for_each(|reached| part.touch(reached));
        if let (Access::Discard, Reach::Found(reached)) = (part.access, &part.reach) {
            let block = part.block_of(&reached.reads.with(&reached.writes));
            part.portion = Portion { block, ..part.portion };
        }
        part
    }

    /// What is known of the elements that the command touches, if less than all count.
    #[inline]
    fn found(&self) -> Option<&Reached> {
        match &self.reach {
            Reach::Found(reached) if self.access != Access::Discard => Some(reached),
            _ => None,
        }
    }

    /// A part of the accessor's region as a part of the buffer.
    #[inline]
    fn block_of(&self, part: &Part) -> Block {
        let region = &self.portion.block;
        match part {
            Part::Nothing => NOTHING,
            Part::Whole => *region,
            Part::Inside(block) => {
                let moved = |corner: [usize; 3]| std::array::from_fn(|d| region.min[d] + corner[d]);
                Block { min: moved(block.min), max: moved(block.max) }
            }
        }
    }

    /// Adds to `demands` the regions that are ordered against other commands and brought to the device: one, unless the
    /// command reads other elements than it writes.
    ///
    /// They are parts of one that has memory without gaps: around what is touched. `memory` is where the command runs.
    ///
    /// With `no_init` the whole region loses its contents, as the program says so, whatever the command then writes.
    pub(crate) fn demands(&self, memory: MemoryId, demands: &mut Requirements) {
        let within = self.within(memory);
        let mut demand = |block: &Block, access| demands.push(self.demand(block, within, access));
        let Some(Reached { reads, writes, fills }) = self.found() else {
            return demand(&self.portion.block, self.access);
        };
        let writing = if *fills { Access::Discard } else { Access::Write };
        match (reads, writes) {
            // The kernel is given the buffer's memory all the same, also where it touches nothing of it.
            (_, Part::Nothing) => demand(&self.block_of(reads), Access::Read),
            (Part::Nothing, _) => demand(&self.block_of(writes), writing),
            _ if reads == writes => demand(&self.block_of(reads), Access::ReadWrite),
            _ => {
                demand(&self.block_of(reads), Access::Read);
                demand(&self.block_of(writes), writing);
            }
        }
    }

    #[inline]
    fn demand(&self, part: &Block, within: Block, access: Access) -> Requirement {
        let (block, access) = self.portion.demanded(part, access);
        Requirement { buffer: self.portion.storage.id, block, within, access }
    }

    /// The part of the buffer that the command needs in `memory` without gaps: in the host's memory buffers are whole.
    #[inline]
    pub(crate) fn within(&self, memory: MemoryId) -> Block {
        match self.found() {
            _ if memory == MemoryId::HOST => self.portion.storage.layout.whole(),
            Some(reached) if self.portion.is_as_made() => self.block_of(&reached.reads.with(&reached.writes)),
            _ => self.portion.within(),
        }
    }

    /// How the command uses the buffer, for what its failure spoils and whose failures spoil it.
    #[inline]
    pub(crate) fn as_use(&self) -> Use {
        match self.found() {
            Some(Reached { reads: Part::Nothing, writes, fills: true }) => {
                self.portion.as_use(&self.block_of(writes), Access::Discard)
            }
            _ => self.portion.as_use(&self.portion.block, self.access),
        }
    }
}
