//! `Touched`: which elements of an accessor a launch may touch, as far as that is known before it runs.

use super::argument::ViewShape;
use crate::geometry::Block;

/// Which elements of one accessor a launch may touch; boxes are relative to the accessor's first element, with leading
/// dimensions of extent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touched {
    /// It reads none outside.
    pub reads: Block,
    /// It writes none outside.
    pub writes: Block,
    /// Whether it writes every element of `writes`, unless it fails.
    pub fills: bool,
}

/// The box of nothing.
const NOTHING: Block = Block::new([0; 3], [0; 3]);

impl Touched {
    /// No element.
    pub const NOTHING: Touched = Touched { reads: NOTHING, writes: NOTHING, fills: false };

    /// The same as parts of what an accessor sees; what lies outside of that is left out.
    pub fn seen_through(&self, view: &ViewShape) -> Reached {
        let (reads, writes) = (Part::of(&self.reads, view), Part::of(&self.writes, view));
        Reached { reads, writes, fills: self.fills }
    }
}

/// A part of the elements that an accessor sees. Launches that touch all of them are the usual ones, and are told from others
/// without a look at boxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// None of them.
    Nothing,
    /// All of them.
    Whole,
    /// Those in a box, relative to the first.
    Inside(Block),
}

impl Part {
    fn of(block: &Block, view: &ViewShape) -> Part {
        let mut whole = Block::new([0; 3], [1; 3]);
        let dimensions = view.dimensions.min(3);
        whole.max[3 - dimensions..].copy_from_slice(&view.extent[..dimensions]);
        match block.intersection(&whole) {
            inside if inside.is_empty() => Part::Nothing,
            inside if inside == whole => Part::Whole,
            inside => Part::Inside(inside),
        }
    }

    /// The smallest part that holds both.
    pub fn with(&self, other: &Part) -> Part {
        match (self, other) {
            (Part::Nothing, part) | (part, Part::Nothing) => *part,
            (Part::Inside(one), Part::Inside(two)) => Part::Inside(one.bounding(two)),
            _ => Part::Whole,
        }
    }

    fn contains(&self, other: &Part) -> bool {
        match (self, other) {
            (Part::Whole, _) | (_, Part::Nothing) => true,
            (Part::Inside(one), Part::Inside(two)) => one.contains(two),
            _ => false,
        }
    }
}

/// What a launch may touch of what an accessor sees: [`Touched`] as parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// It reads nothing else.
    pub reads: Part,
    /// It writes nothing else.
    pub writes: Part,
    /// Whether it writes every element of `writes`, unless it fails.
    pub fills: bool,
}

impl Reached {
    /// No element.
    pub const NOTHING: Reached = Reached { reads: Part::Nothing, writes: Part::Nothing, fills: false };

    /// What is touched through two accessors to the same elements.
    pub fn with(&self, other: &Reached) -> Reached {
        Reached {
            reads: self.reads.with(&other.reads),
            writes: self.writes.with(&other.writes),
            fills: match (self.writes, other.writes) {
                (_, Part::Nothing) => self.fills,
                (Part::Nothing, _) => other.fills,
                // The box around two filled ones may hold more than they do.
                _ => {
                    self.fills && self.writes.contains(&other.writes)
                        || other.fills && other.writes.contains(&self.writes)
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(from: usize, to: usize) -> Part {
        Part::Inside(Block::new([0, 0, from], [1, 1, to]))
    }

    #[test]
    fn what_two_accessors_fill_together_is_filled_only_if_one_fills_it_alone() {
        let filled = |writes| Reached { writes, fills: true, ..Reached::NOTHING };
        let some = |writes| Reached { fills: false, ..filled(writes) };
        let (all, whole) = (elements(0, 8), Part::Whole);
        assert_eq!(filled(all).with(&some(elements(2, 4))), filled(all));
        assert_eq!(some(elements(2, 4)).with(&filled(all)), filled(all));
        assert_eq!(filled(elements(0, 2)).with(&filled(elements(6, 8))), some(all));
        assert_eq!(filled(elements(0, 2)).with(&Reached::NOTHING), filled(elements(0, 2)));
        assert_eq!(Reached::NOTHING.with(&filled(elements(0, 2))), filled(elements(0, 2)));
        assert_eq!(some(elements(0, 2)).with(&some(elements(0, 2))), some(elements(0, 2)));
        assert_eq!(filled(whole).with(&some(elements(0, 2))), filled(whole));
        assert_eq!(filled(elements(0, 2)).with(&some(whole)), some(whole));
    }

    #[test]
    fn what_two_accessors_read_is_read() {
        let read = |reads| Reached { reads, ..Reached::NOTHING };
        assert_eq!(read(elements(0, 2)).with(&read(elements(6, 8))), read(elements(0, 8)));
        assert_eq!(read(elements(0, 2)).with(&read(Part::Whole)), read(Part::Whole));
        assert_eq!(read(elements(0, 2)).with(&Reached::NOTHING), read(elements(0, 2)));
    }

    #[test]
    fn what_is_touched_through_an_accessor_is_a_part_of_what_it_sees() {
        let view = ViewShape { dimensions: 2, extent: [4, 8, 1], stride: [16, 1, 1], base: 3 };
        let part = |min, max| Part::of(&Block::new(min, max), &view);
        assert_eq!(part([0; 3], [1, 4, 8]), Part::Whole);
        assert_eq!(part([0; 3], [1, 5, 9]), Part::Whole);
        assert_eq!(part([0, 1, 0], [1, 4, 8]), Part::Inside(Block::new([0, 1, 0], [1, 4, 8])));
        assert_eq!(part([0, 1, 2], [1, 9, 9]), Part::Inside(Block::new([0, 1, 2], [1, 4, 8])));
        assert_eq!(part([0, 4, 0], [1, 9, 9]), Part::Nothing);
        assert_eq!(part([0; 3], [0; 3]), Part::Nothing);
    }
}
