//! `Lanes`: the lane of each device, opened when first used, and the pool of its memory; devices that the program brings are added
//! later.

use super::device_pool::DevicePool;
use super::engine::Engine;
use super::pooled_lane::PooledLane;
use crate::backend::Lane;
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Device, DeviceId, MemoryId};
use once_cell::sync::OnceCell;
use parking_lot::RwLock;
use rustc_hash::FxHashMap;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, OnceLock};

type Open = Box<dyn Fn(&Device) -> Result<Arc<dyn Lane>> + Send + Sync>;

/// The engine that lanes are for, once it is there.
pub(super) type Served = Arc<OnceLock<&'static Engine>>;

/// The lanes of all devices.
pub(crate) struct Lanes {
    devices: Vec<Device>,
    lanes: Vec<OnceCell<Arc<dyn Lane>>>,
    /// Of devices that have a memory of their own.
    pools: Vec<Option<Arc<DevicePool>>>,
    open: Open,
    next: AtomicU16,
    engine: Served,
    /// The lanes that were added, by their devices' numbers; for the rest of the process, as all are.
    added: RwLock<FxHashMap<DeviceId, &'static Added>>,
}

/// A device that the program brought.
struct Added {
    lane: Arc<dyn Lane>,
    pool: Option<Arc<DevicePool>>,
}

/// The pool of a device that has a memory of its own.
fn new_pool(device: &Device) -> Option<Arc<DevicePool>> {
    (device.memory() != MemoryId::HOST).then(|| DevicePool::new(device))
}

impl Lanes {
    /// The lanes of `devices` (in the order of their ids), which `open` opens.
    pub(crate) fn new(
        devices: Vec<Device>,
        open: impl Fn(&Device) -> Result<Arc<dyn Lane>> + Send + Sync + 'static,
    ) -> Self {
        let lanes: Vec<_> = devices.iter().map(|_| OnceCell::new()).collect();
        let pools = devices.iter().map(new_pool).collect();
        let next = AtomicU16::new(u16::try_from(lanes.len()).unwrap_or(u16::MAX));
        let (open, engine, added) = (Box::new(open), Served::default(), RwLock::default());
        Lanes { devices, lanes, pools, open, next, engine, added }
    }

    /// Says which engine hands steps to the lanes. Called once, before any is opened.
    pub(super) fn serve(&self, engine: &'static Engine) {
        let _ = self.engine.set(engine);
    }

    /// The lane with its memory from `pool`, if there is one.
    fn pooled(&self, lane: Arc<dyn Lane>, pool: Option<&Arc<DevicePool>>) -> Arc<dyn Lane> {
        match pool {
            Some(pool) => {
                Arc::new(PooledLane { lane, pool: Arc::clone(pool), engine: Arc::clone(&self.engine) })
            }
            None => lane,
        }
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
            Some(lane) => lane.get_or_try_init(|| {
                Ok(self.pooled((self.open)(&self.devices[index])?, self.pools[index].as_ref()))
            }),
            None => self.added.read().get(&device).map(|added| &added.lane).ok_or_else(|| {
                Error::new(ErrorKind::Platform, format!("there is no device of number {}", device.0))
            }),
        }
    }

    /// The pools of a memory that is not the host's.
    pub(crate) fn pools(&self, memory: MemoryId) -> Vec<Arc<DevicePool>> {
        let first = self.devices.iter().zip(&self.pools);
        let first =
            first.filter(|(device, _)| device.memory() == memory).filter_map(|(_, pool)| pool.clone());
        let added = self.added.read();
        let added = added.values().filter(|added| added.lane.device().memory() == memory);
        first.chain(added.filter_map(|added| added.pool.clone())).collect()
    }

    /// A device that works on a memory.
    pub(crate) fn device_of(&self, memory: MemoryId) -> Option<Device> {
        let is_there = |device: &&Device| device.memory() == memory;
        let added = || self.added.read().values().map(|added| added.lane.device()).find(is_there).cloned();
        self.devices.iter().find(is_there).cloned().or_else(added)
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
        let pool = new_pool(&device);
        let lane = self.pooled(lane, pool.as_ref());
        self.added.write().insert(device.id(), Box::leak(Box::new(Added { lane, pool })));
        Ok(device)
    }

    /// How many calls of the driver all lanes have made.
    pub(crate) fn driver_calls(&self) -> u64 {
        let first: u64 = self.lanes.iter().filter_map(OnceCell::get).map(|lane| lane.driver_calls()).sum();
        first + self.added.read().values().map(|added| added.lane.driver_calls()).sum::<u64>()
    }
}
