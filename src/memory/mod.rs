//! Buffers, accessors and host guards: the user's view of data.
//!
//! Owns no memory and decides nothing: it turns what the user asks for into requirements and commands for `runtime`.

#[cfg(test)]
mod access_tests;
mod accessible;
mod accessor;
mod atomic;
mod bind;
mod budget;
mod buffer;
mod construct;
mod demand;
mod element;
mod guard;
mod guard_index;
mod handle;
mod part;
mod places;
mod reducer;
mod requirements;
mod scope;
mod slice;
mod spill;
mod transfer;
mod update;
pub mod usm;
mod views;

pub use accessible::Accessible;
pub(crate) use accessor::DECLARED;
pub use accessor::{Accessor, Local, LocalAccessor, LocalArray, Read, ReadWrite, Write, local, mode};
pub use atomic::{AtomicBits, AtomicElement, AtomicReference, LoadOrder, MemoryOrder, StoreOrder, order};
pub use budget::{memory_use, pool_use, set_memory_budget, set_pool_policy};
pub use buffer::Buffer;
pub use element::{Element, FieldElement};
pub use guard::{HostRead, HostWrite};
pub use guard_index::HostIndex;
pub use reducer::Reducer;
pub(crate) use requirements::{Pending, Requirements, Settling};
pub use scope::{Lent, LentBuffer, LentSlice, Scope, scope};
pub use slice::{Slice, SliceMut};
pub use spill::set_spill_directory;
