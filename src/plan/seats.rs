//! `Seats`: which pieces of a buffer a command stands on in a device memory: those that are there, and those that come.
//!
//! A piece is a box whose elements lie one after the other. Pieces of one buffer never overlap in one memory, so that every
//! element has one place there. Knows nothing of how much room there is: that is for [`room`](super::room).

use super::command::BufferId;
use crate::geometry::{Block, Layout};
use smallvec::SmallVec;

/// A few boxes.
pub(super) type Blocks = SmallVec<[Block; 2]>;

/// What a command needs of one buffer: each of the pieces, which do not overlap, in memory without gaps.
#[derive(Clone, Debug)]
pub(super) struct Want {
    pub(super) buffer: BufferId,
    pub(super) layout: Layout,
    pieces: Blocks,
}

/// How to find seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// What comes is the whole buffer, or if some of it is there, what is wanted together with all that it overlaps.
    Ample,
    /// What comes is what is wanted.
    Plain,
    /// As plain, and nothing stays that is larger than what is wanted of it.
    Tight,
}

/// The pieces that a command stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seats {
    pub(super) kept: Blocks,
    pub(super) new: Blocks,
}

impl Want {
    /// Nothing of a buffer yet.
    pub(super) fn new(buffer: BufferId, layout: Layout) -> Self {
        Want { buffer, layout, pieces: Blocks::new() }
    }

    /// Also needs `block`.
    pub(super) fn add(&mut self, block: &Block) {
        add_run(&self.layout, &mut self.pieces, self.layout.run_around(block));
    }

    /// The bytes of some pieces.
    pub(super) fn size_bytes<'b>(&self, pieces: impl IntoIterator<Item = &'b Block>) -> usize {
        let sizes = pieces.into_iter().map(|piece| piece.size().saturating_mul(self.layout.element_bytes));
        sizes.fold(0, usize::saturating_add)
    }

    /// Where it is seated, if these pieces are `held`.
    pub(super) fn seats(&self, held: &[Block], manner: Manner) -> Seats {
        let mut seats = Seats::default();
        // What comes takes the place of what it overlaps; others may have stood on that.
        while let Some(piece) = self.pieces.iter().find(|piece| !seats.have(piece, held, manner)) {
            let block = if manner == Manner::Ample { self.grown(piece, held) } else { *piece };
            add_run(&self.layout, &mut seats.new, block);
        }
        let is_used = |there: &Block| self.pieces.iter().any(|piece| manner.suits(there, piece));
        let kept = held.iter().filter(|there| is_used(there) && !overlaps_any(there, &seats.new));
        seats.kept = kept.copied().collect();
        seats
    }

    fn grown(&self, piece: &Block, held: &[Block]) -> Block {
        if held.is_empty() {
            return self.layout.whole();
        }
        let overlapped = held.iter().filter(|there| there.overlaps(piece));
        self.layout.run_around(&overlapped.fold(*piece, |all, there| all.bounding(there)))
    }
}

impl Manner {
    /// Whether a piece that is held will do for one that is wanted.
    fn suits(self, held: &Block, wanted: &Block) -> bool {
        match self {
            Manner::Ample | Manner::Plain => held.contains(wanted),
            Manner::Tight => held == wanted,
        }
    }
}

impl Seats {
    /// Whether `piece` has a seat: one that comes, or one that is held and stays.
    fn have(&self, piece: &Block, held: &[Block], manner: Manner) -> bool {
        let stays = |there: &Block| manner.suits(there, piece) && !overlaps_any(there, &self.new);
        self.new.iter().any(|new| new.contains(piece)) || held.iter().any(stays)
    }
}

/// Whether some index of `block` is in one of `others`.
pub(super) fn overlaps_any(block: &Block, others: &[Block]) -> bool {
    others.iter().any(|other| other.overlaps(block))
}

/// Adds a run to runs that do not overlap: those that it overlaps become one with it.
fn add_run(layout: &Layout, runs: &mut Blocks, mut run: Block) {
    if runs.iter().any(|other| other.contains(&run)) {
        return;
    }
    while let Some(position) = runs.iter().position(|other| other.overlaps(&run)) {
        run = layout.run_around(&run.bounding(&runs.swap_remove(position)));
    }
    runs.push(run);
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: Layout = Layout { extent: [1, 8, 10], element_bytes: 4 };

    fn want(blocks: &[Block]) -> Want {
        let mut want = Want::new(BufferId(1), ROWS);
        blocks.iter().for_each(|block| want.add(block));
        want
    }

    fn rows(from: usize, to: usize) -> Block {
        Block::new([0, from, 0], [1, to, 10])
    }

    fn part(row: usize, from: usize, to: usize) -> Block {
        Block::new([0, row, from], [1, row + 1, to])
    }

    fn seats(kept: &[Block], new: &[Block]) -> Seats {
        Seats { kept: kept.into(), new: new.into() }
    }

    #[test]
    fn what_is_wanted_has_no_gaps_and_does_not_overlap() {
        let wanted = [part(0, 2, 5), Block::new([0, 2, 3], [1, 4, 7]), part(3, 0, 2), part(0, 4, 9)];
        assert_eq!(want(&wanted).pieces[..], [rows(2, 4), part(0, 2, 9)]);
    }

    #[test]
    fn a_buffer_comes_as_a_whole_or_as_what_is_wanted() {
        let want = want(&[rows(1, 3), rows(5, 6)]);
        assert_eq!(want.seats(&[], Manner::Ample), seats(&[], &[rows(0, 8)]));
        assert_eq!(want.seats(&[], Manner::Plain), seats(&[], &[rows(1, 3), rows(5, 6)]));
    }

    #[test]
    fn what_holds_the_wanted_is_kept_and_what_overlaps_it_is_joined_or_gives_way() {
        let (want, held) = (want(&[rows(1, 3), rows(5, 7)]), [rows(0, 4), rows(4, 6)]);
        assert_eq!(want.seats(&held, Manner::Ample), seats(&[rows(0, 4)], &[rows(4, 7)]));
        assert_eq!(want.seats(&held, Manner::Plain), seats(&[rows(0, 4)], &[rows(5, 7)]));
        assert_eq!(want.seats(&held, Manner::Tight), seats(&[], &[rows(1, 3), rows(5, 7)]));
    }

    #[test]
    fn what_stood_on_a_piece_that_gives_way_gets_another() {
        let (want, held) = (want(&[rows(0, 2), rows(3, 6)]), [rows(0, 4)]);
        assert_eq!(want.seats(&held, Manner::Ample), seats(&[], &[rows(0, 6)]));
        assert_eq!(want.seats(&held, Manner::Plain), seats(&[], &[rows(3, 6), rows(0, 2)]));
    }
}
