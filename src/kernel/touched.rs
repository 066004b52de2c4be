//! `Touched`: which elements of an accessor a launch may touch, as far as that is known before it runs.

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

    /// What is touched through two accessors to the same elements.
    pub fn with(&self, other: &Touched) -> Touched {
        Touched {
            reads: self.reads.bounding(&other.reads),
            writes: self.writes.bounding(&other.writes),
            fills: match (self.writes.is_empty(), other.writes.is_empty()) {
                (_, true) => self.fills,
                (true, _) => other.fills,
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

    fn elements(from: usize, to: usize) -> Block {
        Block::new([0, 0, from], [1, 1, to])
    }

    #[test]
    fn what_two_accessors_fill_together_is_filled_only_if_one_fills_it_alone() {
        let filled = |from, to| Touched { reads: NOTHING, writes: elements(from, to), fills: true };
        let some = |from, to| Touched { fills: false, ..filled(from, to) };
        assert_eq!(filled(0, 8).with(&some(2, 4)), filled(0, 8));
        assert_eq!(some(2, 4).with(&filled(0, 8)), filled(0, 8));
        assert_eq!(filled(0, 2).with(&filled(6, 8)), some(0, 8));
        assert_eq!(filled(0, 2).with(&Touched::NOTHING), filled(0, 2));
        assert_eq!(Touched::NOTHING.with(&filled(0, 2)), filled(0, 2));
        assert_eq!(some(0, 2).with(&some(0, 2)), some(0, 2));
    }

    #[test]
    fn what_two_accessors_read_is_read() {
        let read = |from, to| Touched { reads: elements(from, to), ..Touched::NOTHING };
        assert_eq!(read(0, 2).with(&read(6, 8)), read(0, 8));
    }
}
