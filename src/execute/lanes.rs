//! `Lanes`: the lane of each device, opened when first used, and the pool of its memory.

use super::device_pool::DevicePool;
use super::pooled_lane::PooledLane;
use crate::backend::Lane;
use crate::error::Result;
use crate::platform::{Device, DeviceId, MemoryId};
use once_cell::sync::OnceCell;
use std::sync::Arc;

type Open = Box<dyn Fn(&Device) -> Result<Arc<dyn Lane>> + Send + Sync>;

/// The lanes of all devices.
pub(crate) struct Lanes {
    devices: Vec<Device>,
    lanes: Vec<OnceCell<Arc<dyn Lane>>>,
    /// Of devices that have a memory of their own.
    pools: Vec<Option<Arc<DevicePool>>>,
    open: Open,
}

impl Lanes {
    /// The lanes of `devices` (in the order of their ids), which `open` opens.
    pub(crate) fn new(
        devices: Vec<Device>,
        open: impl Fn(&Device) -> Result<Arc<dyn Lane>> + Send + Sync + 'static,
    ) -> Self {
        let lanes = devices.iter().map(|_| OnceCell::new()).collect();
        let has_own = |device: &&Device| device.memory() != MemoryId::HOST;
        let pools = devices.iter().map(|device| Some(device).filter(has_own).map(DevicePool::new)).collect();
        Lanes { devices, lanes, pools, open: Box::new(open) }
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
        self.lanes[index].get_or_try_init(|| {
            let lane = (self.open)(&self.devices[index])?;
            Ok(match &self.pools[index] {
                Some(pool) => Arc::new(PooledLane { lane, pool: Arc::clone(pool) }),
                None => lane,
            })
        })
    }

    /// The pools of a memory that is not the host's.
    pub(crate) fn pools(&self, memory: MemoryId) -> impl Iterator<Item = &DevicePool> {
        let of_memory =
            self.devices.iter().zip(&self.pools).filter(move |(device, _)| device.memory() == memory);
        of_memory.filter_map(|(_, pool)| pool.as_deref())
    }

    /// How many calls of the driver all lanes have made.
    pub(crate) fn driver_calls(&self) -> u64 {
        self.lanes.iter().filter_map(OnceCell::get).map(|lane| lane.driver_calls()).sum()
    }
}
