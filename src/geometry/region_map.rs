//! `RegionMap`: a value for each index of a box, kept as disjoint boxes of equal values.

use super::Block;

/// A value for each index of a box.
#[derive(Clone, Debug)]
pub struct RegionMap<V>(Vec<(Block, V)>);
