//! Unified shared memory as memory that falx did not allocate itself: where it begins, and what frees it.

use super::pool::{Owner, Pool};
use crate::backend::Lane;
use crate::error::Result;
use crate::platform::UsmKind;
use std::ptr::NonNull;

/// `size_bytes` (at least 1) of unified shared memory, all of them zero; none where buffers stand in for it.
///
/// # Errors
/// When the device has no memory for them, or the budget of host memory, where all of it lies, does not bear them.
pub(crate) fn allocate_usm(
    lane: &dyn Lane,
    kind: UsmKind,
    size_bytes: usize,
) -> Result<Option<(NonNull<u8>, Owner)>> {
    if !lane.device().usm(kind).has_addresses() {
        return Ok(None);
    }
    let counted = Pool::global().count_foreign(&format!("an allocation of {kind} memory"), size_bytes)?;
    let memory = lane.allocate_usm(kind, size_bytes)?;
    // The memory goes first.
    Ok(Some((memory.pointer, Box::new((memory.owner, counted)))))
}
