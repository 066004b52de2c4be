//! Unified shared memory as memory that falx did not allocate itself: where it begins, and what frees it.

use super::pool::Owner;
use crate::backend::Lane;
use crate::error::Result;
use crate::platform::UsmKind;
use std::ptr::NonNull;

/// `size_bytes` (at least 1) of unified shared memory, all of them zero; none where buffers stand in for it.
///
/// # Errors
/// When the device has no memory for them.
pub(crate) fn allocate_usm(
    lane: &dyn Lane,
    kind: UsmKind,
    size_bytes: usize,
) -> Result<Option<(NonNull<u8>, Owner)>> {
    if !lane.device().usm(kind).has_addresses() {
        return Ok(None);
    }
    lane.allocate_usm(kind, size_bytes).map(|memory| Some((memory.pointer, memory.owner)))
}
