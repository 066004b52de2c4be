//! `Lanes`: the lane of each device, opened when first used.

use crate::backend::Lane;
use crate::error::Result;
use crate::platform::{Device, DeviceId};
use once_cell::sync::OnceCell;
use std::sync::Arc;

type Open = Box<dyn Fn(&Device) -> Result<Arc<dyn Lane>> + Send + Sync>;

/// The lanes of all devices.
pub(crate) struct Lanes {
    devices: Vec<Device>,
    lanes: Vec<OnceCell<Arc<dyn Lane>>>,
    open: Open,
}

impl Lanes {
    /// The lanes of `devices` (in the order of their ids), which `open` opens.
    pub(crate) fn new(
        devices: Vec<Device>,
        open: impl Fn(&Device) -> Result<Arc<dyn Lane>> + Send + Sync + 'static,
    ) -> Self {
        let lanes = devices.iter().map(|_| OnceCell::new()).collect();
        Lanes { devices, lanes, open: Box::new(open) }
    }

    pub(crate) fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// The lane of a device.
    ///
    /// # Errors
    /// When the device cannot be used.
    pub(crate) fn open(&self, device: DeviceId) -> Result<&Arc<dyn Lane>> {
        let index = device.0 as usize;
        self.lanes[index].get_or_try_init(|| (self.open)(&self.devices[index]))
    }

    /// How many calls of the driver all lanes have made.
    pub(crate) fn driver_calls(&self) -> u64 {
        self.lanes.iter().filter_map(OnceCell::get).map(|lane| lane.driver_calls()).sum()
    }
}
