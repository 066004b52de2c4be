//! Which allocation an address belongs to.
//!
//! An allocation is listed from before it is handed out until just before it is freed.

use crate::execute::Storage;
use crate::platform::{Device, UsmKind};
use parking_lot::Mutex;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

/// What is known of an allocation with an address.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) size_bytes: usize,
    pub(super) kind: UsmKind,
    pub(super) device: Device,
    /// What stands on it.
    storage: Weak<Storage>,
    /// The same, if it is only freed by its address.
    kept: Option<Arc<Storage>>,
}

/// The allocations, by their first address.
static ENTRIES: Mutex<BTreeMap<usize, Entry>> = Mutex::new(BTreeMap::new());

/// Lists an allocation as long as this lives, and then frees it.
pub(super) struct Listed {
    address: usize,
    /// Frees the memory.
    _owner: Box<dyn Any + Send + Sync>,
}

impl Listed {
    pub(super) fn new(
        address: usize,
        size_bytes: usize,
        kind: UsmKind,
        device: &Device,
        owner: Box<dyn Any + Send + Sync>,
    ) -> Self {
        let entry = Entry { size_bytes, kind, device: device.clone(), storage: Weak::new(), kept: None };
        ENTRIES.lock().insert(address, entry);
        Listed { address, _owner: owner }
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        // The owner goes after this, so nobody can get the address anew before it is free here. The lock is released by
        // the time the entry is dropped.
        let entry = ENTRIES.lock().remove(&self.address);
        drop(entry);
    }
}

/// Says what stands on the allocation at `address`.
pub(super) fn set_storage(address: usize, storage: &Arc<Storage>) {
    if let Some(entry) = ENTRIES.lock().get_mut(&address) {
        entry.storage = Arc::downgrade(storage);
    }
}

/// Keeps what stands on the allocation at `address` until [`release`].
pub(super) fn keep(address: usize, storage: Arc<Storage>) {
    if let Some(entry) = ENTRIES.lock().get_mut(&address) {
        entry.kept = Some(storage);
    }
}

/// Stops keeping what stands on the allocation at `address`; none if it was not kept.
pub(super) fn release(address: usize) -> Option<Arc<Storage>> {
    ENTRIES.lock().get_mut(&address)?.kept.take()
}

/// The allocation that `address` lies in, with its first address.
pub(super) fn find(address: usize) -> Option<(usize, Entry)> {
    let entries = ENTRIES.lock();
    let (&first, entry) = entries.range(..=address).next_back()?;
    (address - first < entry.size_bytes).then(|| (first, entry.clone()))
}

impl Entry {
    /// What stands on it, unless that is just going.
    pub(super) fn storage(&self) -> Option<Arc<Storage>> {
        self.storage.upgrade()
    }
}

/// The kind of unified shared memory that a pointer leads to; none if it leads elsewhere.
///
/// ```
/// use falx::usm;
/// let numbers = usm::shared::<u32>(falx::Queue::new(falx::Selector::host())?.device(), 4)?;
/// assert_eq!(usm::kind_of(numbers.as_ptr().unwrap()), Some(usm::UsmKind::Shared));
/// assert_eq!(usm::kind_of(&0u32), None);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.8.3.4 (`get_pointer_type`; none is `usm::alloc::unknown`).
pub fn kind_of<T>(pointer: *const T) -> Option<UsmKind> {
    find(pointer.addr()).map(|(_, entry)| entry.kind)
}

/// The device whose unified shared memory a pointer leads to; none if it leads elsewhere.
///
/// Source: SYCL 2020, section 4.8.3.4 (`get_pointer_device`).
pub fn device_of<T>(pointer: *const T) -> Option<Device> {
    find(pointer.addr()).map(|(_, entry)| entry.device)
}
