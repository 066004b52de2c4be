//! `Lanes`: the lane of each device, opened when first used; devices that the program brings are added later.

use crate::backend::Lane;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Device, DeviceId};
use once_cell::sync::OnceCell;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

type Open = Box<dyn Fn(&Device) -> Result<Arc<dyn Lane>> + Send + Sync>;

/// The lanes of all devices.
pub(crate) struct Lanes {
    devices: Vec<Device>,
    lanes: Vec<OnceCell<Arc<dyn Lane>>>,
    open: Open,
    next: AtomicU16,
    /// The lanes that were added, by their devices' numbers; for the rest of the process, as all are.
    added: RwLock<FxHashMap<DeviceId, &'static Arc<dyn Lane>>>,
}

impl Lanes {
    /// The lanes of `devices` (in the order of their ids), which `open` opens.
    pub(crate) fn new(
        devices: Vec<Device>,
        open: impl Fn(&Device) -> Result<Arc<dyn Lane>> + Send + Sync + 'static,
    ) -> Self {
        let lanes: Vec<_> = devices.iter().map(|_| OnceCell::new()).collect();
        let next = AtomicU16::new(u16::try_from(lanes.len()).unwrap_or(u16::MAX));
        Lanes { devices, lanes, open: Box::new(open), next, added: RwLock::default() }
    }

    /// The devices that were there from the start.
    pub(crate) fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// The lane of a device.
    ///
    /// # Errors
    /// When the device cannot be used.
    pub(crate) fn open(&self, device: DeviceId) -> Result<&Arc<dyn Lane>> {
        let index = usize::from(device.0);
        match self.lanes.get(index) {
            Some(lane) => lane.get_or_try_init(|| (self.open)(&self.devices[index])),
            None => self.added.read().get(&device).copied().ok_or_else(|| {
                Error::new(ErrorKind::Platform, format!("there is no device of number {}", device.0))
            }),
        }
    }

    /// Adds the lane that `open` makes for a device of a number that no other has.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn add(&self, open: impl FnOnce(DeviceId) -> Result<Arc<dyn Lane>>) -> Result<Device> {
        let next = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| next.checked_add(1));
        let number = next.map_err(|_| Error::new(ErrorKind::Platform, "there are too many devices"))?;
        let lane = open(DeviceId(number))?;
        let device = lane.device().clone();
        self.added.write().insert(device.id(), Box::leak(Box::new(lane)));
        Ok(device)
    }

    /// How many calls of the driver all lanes have made.
    pub(crate) fn driver_calls(&self) -> u64 {
        let first: u64 = self.lanes.iter().filter_map(OnceCell::get).map(|lane| lane.driver_calls()).sum();
        first + self.added.read().values().map(|lane| lane.driver_calls()).sum::<u64>()
    }
}
