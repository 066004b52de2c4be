//! What exists, as data: platforms, devices, memories, aspects, limits; and how one is chosen.
//!
//! Names only `error`. Discovery itself is the backends' work; what they find is kept here as plain values.

mod device;
mod filter;
mod listing;
mod pool;
#[cfg(test)]
mod sample;
mod selector;
mod usm;

pub(crate) use device::DeviceInfo;
pub use device::{Aspects, Device, DeviceId, DeviceKind, Limits, MemoryId, MemoryUse, PlatformInfo};
pub use filter::Filter;
pub use listing::{describe, list};
pub use pool::{PoolPolicy, PoolUse};
pub use selector::Selector;
pub(crate) use usm::UsmSources;
pub use usm::{UsmKind, UsmSource};

/// The devices that `FALX_DEVICE` lets through.
pub(crate) fn filtered(devices: &[Device]) -> crate::error::Result<Vec<Device>> {
    match Filter::from_environment()? {
        Some(filter) => filter.apply(devices),
        None => Ok(devices.to_vec()),
    }
}
