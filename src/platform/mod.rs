//! What exists, as data: platforms, devices, memories, aspects, limits; and how one is chosen.
//!
//! Names only `error`. Discovery itself is the backends' work; what they find is kept here as plain values.

mod device;
mod selector;

pub(crate) use device::DeviceInfo;
pub use device::{Aspects, Device, DeviceId, DeviceKind, Limits, MemoryId, PlatformInfo};
pub use selector::Selector;
