//! Operations over the work-items of a group: what they mean, and how the host device does them.
//!
//! The meaning is the same on every device, bit for bit: values are combined in the order that `combine` fixes. `lower`
//! and `emit` follow it.

mod combine;
mod group;
mod joining;
mod meeting;
mod sub_group;
#[cfg(test)]
mod tests;
mod uniform;

pub use combine::{Combination, Combine, CombineBits};
pub use group::Group;
pub use joining::{NoOperator, Operator, operator, operator_argument};
pub(super) use meeting::{begin, set_own};
pub use sub_group::{SUB_GROUP_SIZE, SubGroup};
pub use uniform::{agreed, broadcast, uniform};
