//! `Region`: a set of indices, kept as disjoint boxes.

use super::Block;

/// A set of indices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Region(Vec<Block>);
