//! Which parts of buffers have memory where.

use super::requests::EXTENTS;
use crate::geometry::Block;
use crate::plan::Access;
use crate::platform::MemoryId;
use proptest::prelude::*;

/// A part of a buffer that has memory on a device.
pub type Piece = (usize, Block, MemoryId);

/// The bytes of pieces.
pub fn size_bytes<'p>(pieces: impl IntoIterator<Item = &'p Piece>) -> usize {
    pieces.into_iter().map(|(_, block, _)| 4 * block.size()).sum()
}

/// The bytes of the pieces in `memory`.
pub fn held_bytes(held: &[Piece], memory: MemoryId) -> usize {
    size_bytes(held.iter().filter(|(_, _, place)| *place == memory))
}

/// Whether two pieces have an element in one memory.
pub fn overlap(one: &Piece, two: &Piece) -> bool {
    (one.0, one.2) == (two.0, two.2) && one.1.overlaps(&two.1)
}

/// The smallest piece that has all elements of `block`: rows or planes, unless it is a part of one row.
pub fn around(buffer: usize, block: &Block) -> Block {
    let [_, rows, columns] = EXTENTS[buffer];
    let mut piece = *block;
    if block.max[0] - block.min[0] > 1 {
        (piece.min[1], piece.max[1]) = (0, rows);
    }
    if piece.max[0] - piece.min[0] > 1 || piece.max[1] - piece.min[1] > 1 {
        (piece.min[2], piece.max[2]) = (0, columns);
    }
    piece
}

/// The least bytes with which the elements of each use lie in one piece, and no element in two.
pub fn least_bytes(uses: &[(usize, Block, Access)]) -> usize {
    let mut pieces: Vec<Piece> = Vec::new();
    for (buffer, block, _) in uses {
        let mut piece = (*buffer, around(*buffer, block), MemoryId::HOST);
        while let Some(position) = pieces.iter().position(|other| overlap(other, &piece)) {
            piece.1 = around(*buffer, &piece.1.bounding(&pieces.remove(position).1));
        }
        pieces.push(piece);
    }
    size_bytes(&pieces)
}

/// The position of the piece that all of `block` lies in; the whole buffer gets memory if there is none. No piece may overlap
/// another.
pub fn stand(
    held: &mut Vec<Piece>,
    buffer: usize,
    block: &Block,
    memory: MemoryId,
) -> Result<Piece, TestCaseError> {
    let lies_in = |piece: &&Piece| (piece.0, piece.2) == (buffer, memory) && piece.1.contains(block);
    if let Some(piece) = held.iter().find(lies_in) {
        return Ok(*piece);
    }
    let whole = (buffer, Block::new([0; 3], EXTENTS[buffer]), memory);
    prop_assert!(!held.iter().any(|piece| overlap(piece, &whole)), "{}{} is in no piece", buffer, block);
    held.push(whole);
    Ok(whole)
}
