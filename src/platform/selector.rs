//! `Selector`: how a device is chosen.

use super::{Device, DeviceKind};
use std::fmt;
use std::sync::Arc;

/// Chooses a device by score: the highest wins, none below zero.
///
/// Source: SYCL 2020, section 4.6.1.1.
#[derive(Clone)]
pub struct Selector(Choice);

#[derive(Clone)]
enum Choice {
    Default,
    Kind(DeviceKind),
    By(Arc<dyn Fn(&Device) -> i32 + Send + Sync>),
}

impl Selector {
    /// Any CPU OpenCL device.
    pub fn cpu() -> Self {
        Selector(Choice::Kind(DeviceKind::Cpu))
    }
    /// Any GPU.
    pub fn gpu() -> Self {
        Selector(Choice::Kind(DeviceKind::Gpu))
    }
    /// The host device.
    pub fn host() -> Self {
        Selector(Choice::Kind(DeviceKind::Host))
    }
    /// The device with the highest score; devices with a negative score are never chosen.
    pub fn by(score: impl Fn(&Device) -> i32 + Send + Sync + 'static) -> Self {
        Selector(Choice::By(Arc::new(score)))
    }
}

impl Default for Selector {
    /// A GPU if there is one, else an OpenCL CPU device, else the host device.
    fn default() -> Self {
        Selector(Choice::Default)
    }
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Choice::Default => f.write_str("Selector::default()"),
            Choice::Kind(kind) => write!(f, "Selector::{kind:?}"),
            Choice::By(_) => f.write_str("Selector::by(..)"),
        }
    }
}
