//! Ranges, ids and boxes of indices, and maps over them: pure arithmetic.
//!
//! Knows nothing of buffers or devices. Every box is three-dimensional inside (missing dimensions lead, with extent 1),
//! so that nothing above needs to be generic over dimensions. The last dimension varies fastest in memory.

mod block;
mod intervals;
mod layout;
mod range;
mod region;
mod region_map;
#[cfg(test)]
mod tests;

pub use block::Block;
pub use layout::Layout;
pub use range::{Id, NdRange, Range};
pub use region::Region;
pub use region_map::RegionMap;
