//! Turns a pass of a sum into a launch of `kernels/reduce.cl`, built once for each element type.

use super::device::OpenClLane;
use super::foreign::{self, Foreign, ReduceParameters};
use crate::backend::{Memory, Signal, Sum};
use crate::error::Result;
use smallvec::SmallVec;
use std::sync::Arc;

/// # Safety
/// As for [`crate::backend::Lane::sum`].
pub(super) unsafe fn sum(
    lane: &OpenClLane,
    from: &[&Memory],
    to: &Memory,
    sum: &Sum,
) -> Result<Arc<dyn Signal>> {
    let products = from.len() > 1;
    let kernel = lane.reduce[sum.summand as usize * 2 + usize::from(products)].get_or_try_init(|| {
        // SAFETY: `ReduceParameters` is laid out as the struct in `kernels/reduce.cl`.
        unsafe { Foreign::build(lane, foreign::reduce(sum.summand, products)) }
    })?;
    let parameters =
        ReduceParameters { first: sum.first as u64, length: sum.length as u64, run: sum.run as u64 };
    let memories: SmallVec<[&Memory; 3]> = from.iter().copied().chain([to]).collect();
    // SAFETY: each work-item reads inside `length` elements from `first` on and writes its own element of `to`, all of
    // which the caller promises to be there.
    unsafe { kernel.launch(lane, &parameters, &memories, foreign::exactly(sum.n_items, 1)) }
}
