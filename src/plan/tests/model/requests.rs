//! What random programs ask for.

use crate::geometry::Block;
use crate::plan::{Access, BufferId, Divisible, Requirement, Requirements};
use proptest::prelude::*;
use std::ops::Range;

/// A command of a random program; buffers by position.
#[derive(Clone, Debug)]
pub struct Request {
    pub memory: u16,
    pub uses: Vec<(usize, Block, Access)>,
    /// How far back the task lies that it names, if it names one.
    pub after: Option<usize>,
    /// Whether everything before it is complete.
    pub settle: bool,
    /// Whether it may be done in parts, and each of them reads all that is read.
    pub parts: Option<bool>,
}

/// How many units a request has that may be done in parts.
pub const N_UNITS: usize = 3;

impl Request {
    /// What some units use.
    pub fn part(&self, units: &Range<usize>) -> Vec<(usize, Block, Access)> {
        let uses = self.uses.iter().filter_map(|&(buffer, block, access)| {
            let is_whole = access == Access::Read && self.parts == Some(true);
            let part = if is_whole { block } else { cut(&block, units) };
            (!part.is_empty()).then_some((buffer, part, access))
        });
        uses.collect()
    }
}

/// What some units have of a box: a share of its longest extent.
pub fn cut(block: &Block, units: &Range<usize>) -> Block {
    let extent = block.extent();
    let longest = (0..3).max_by_key(|d| extent[*d]).unwrap_or(0);
    let mut part = *block;
    let end = |unit: usize| block.min[longest] + extent[longest] * unit / N_UNITS;
    (part.min[longest], part.max[longest]) = (end(units.start), end(units.end));
    part
}

/// A request as the planner knows it.
pub struct Units<'r>(pub &'r Request, pub &'r [BufferId]);

impl Units<'_> {
    pub fn of(&self, uses: &[(usize, Block, Access)]) -> Requirements {
        let requirement = |&(buffer, block, access): &(usize, Block, Access)| Requirement {
            buffer: self.1[buffer],
            block,
            within: block,
            access,
        };
        uses.iter().map(requirement).collect()
    }
}

impl Divisible for Units<'_> {
    fn n_units(&self) -> Result<usize, &'static str> {
        self.0.parts.map(|_| N_UNITS).ok_or("it has none")
    }

    fn requirements(&self, units: &Range<usize>) -> Requirements {
        self.of(&self.0.part(units))
    }
}

/// The extents of the buffers; the last has no contents.
pub const EXTENTS: [[usize; 3]; 4] = [[1, 1, 12], [1, 4, 4], [2, 3, 2], [1, 1, 5]];
pub const MEMORIES: u16 = 4;

pub type Element = (usize, [usize; 3]);

pub fn elements(buffer: usize, block: &Block) -> impl Iterator<Item = Element> {
    let ([a, b, c], [x, y, z]) = (block.min, block.max);
    (a..x).flat_map(move |a| (b..y).flat_map(move |b| (c..z).map(move |c| (buffer, [a, b, c]))))
}

pub fn one_use() -> impl Strategy<Value = (usize, Block, Access)> {
    let side = |extent: usize| (0..extent, 1..=extent);
    (0..EXTENTS.len()).prop_flat_map(move |buffer| {
        let [slow, middle, fast] = EXTENTS[buffer];
        let block = (side(slow), side(middle), side(fast)).prop_map(move |sides| {
            let sides = [sides.0, sides.1, sides.2];
            let max = std::array::from_fn(|d| (sides[d].0 + sides[d].1).min(EXTENTS[buffer][d]));
            Block::new(sides.map(|side| side.0), max)
        });
        let access = [Access::Read, Access::Read, Access::Write, Access::ReadWrite, Access::Discard];
        (Just(buffer), block, proptest::sample::select(access.to_vec()))
    })
}

pub fn request() -> impl Strategy<Value = Request> {
    let uses = proptest::collection::vec(one_use(), 0..4);
    let (after, settle) = (proptest::option::weighted(0.1, 1..5usize), proptest::bool::weighted(0.05));
    let parts = proptest::option::weighted(0.9, proptest::bool::weighted(0.3));
    (0..MEMORIES, uses, after, settle, parts).prop_map(|(memory, uses, after, settle, parts)| Request {
        memory,
        uses,
        after,
        settle,
        parts,
    })
}

/// How many bytes buffers may take on each device: all of them, two of them, or not even one.
pub fn budget() -> impl Strategy<Value = Option<usize>> {
    proptest::option::of(16..180usize)
}
