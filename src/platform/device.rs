//! `Device`: what is known of one device.

use super::usm::{UsmKind, UsmSource, UsmSources};
use std::fmt;
use std::sync::Arc;

/// The number of a device in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceId(pub u16);

impl DeviceId {
    /// The host device, which is always there.
    pub const HOST: DeviceId = DeviceId(0);
}

/// The number of a memory in this process. Devices may share one; bytes only move between different memories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemoryId(pub u16);

impl MemoryId {
    /// Host memory: the memory of the host device and of every OpenCL device that works on host memory in place.
    pub const HOST: MemoryId = MemoryId(0);
}

/// What buffers have in a memory: see [`memory_use`](crate::memory_use).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryUse {
    /// The bytes of buffers that have memory there, once all that was submitted is over.
    pub held_bytes: usize,
    /// The most that there were at any time.
    pub most_bytes: usize,
    /// How many there may be at once; none for no limit.
    pub budget_bytes: Option<usize>,
}

/// What kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum DeviceKind {
    /// The host itself: kernels run as Rust.
    Host,
    Cpu,
    Gpu,
    Accelerator,
}

/// What a device may or may not offer. Source: SYCL 2020, section 4.6.4.5.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Aspects {
    pub fp16: bool,
    pub fp64: bool,
    /// Atomic operations on 64-bit integers.
    pub atomic64: bool,
    /// Atomic operations that hold for the host and other devices, too.
    pub atomic_system: bool,
    pub sub_groups: bool,
    /// Sub-groups of 16, which kernels then use where those are neighbours.
    pub sub_groups_of_16: bool,
    /// Pointers shared between host and device (SVM or Intel USM).
    pub usm: bool,
    /// Division and square root of `f32` are correctly rounded.
    pub exact_f32: bool,
}

/// What a device can bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Limits {
    pub max_compute_units: usize,
    pub max_work_group_size: usize,
    /// In falx's order: the last dimension varies fastest.
    pub max_work_item_sizes: [usize; 3],
    pub local_memory_bytes: usize,
    pub global_memory_bytes: usize,
    pub max_allocation_bytes: usize,
    /// What the arguments of a kernel may take together.
    pub max_parameter_bytes: usize,
    /// What the private arrays of a work-group's items may take together where the driver keeps them on a thread's stack;
    /// on the host device those of one work-item. `usize::MAX` where no limit is known.
    pub private_memory_bytes: usize,
    /// Where in an allocation a part of it may begin as memory of its own: at multiples of this. None where the driver's parts are
    /// not to be relied on.
    pub memory_alignment_bytes: Option<usize>,
}

/// A platform: one driver and the devices it offers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PlatformInfo {
    /// Its number among the platforms; the host's is the last.
    pub index: usize,
    pub name: String,
    pub vendor: String,
    pub version: String,
}

/// A device: a cheap handle to what is known of it.
#[derive(Clone)]
pub struct Device(pub(crate) Arc<DeviceInfo>);

/// What is known of a device.
#[derive(Clone, Debug)]
pub(crate) struct DeviceInfo {
    pub(crate) id: DeviceId,
    pub(crate) memory: MemoryId,
    pub(crate) platform: Arc<PlatformInfo>,
    /// Its number within its platform.
    pub(crate) index: usize,
    pub(crate) kind: DeviceKind,
    pub(crate) name: String,
    pub(crate) vendor: String,
    pub(crate) version: String,
    pub(crate) driver_version: String,
    pub(crate) aspects: Aspects,
    pub(crate) limits: Limits,
    pub(crate) usm: UsmSources,
}

impl AsRef<Device> for Device {
    fn as_ref(&self) -> &Device {
        self
    }
}

impl Device {
    /// Its number in this process.
    pub fn id(&self) -> DeviceId {
        self.0.id
    }
    /// The memory it works on.
    pub fn memory(&self) -> MemoryId {
        self.0.memory
    }
    /// The platform it belongs to.
    pub fn platform(&self) -> &PlatformInfo {
        &self.0.platform
    }
    /// Its number within its platform.
    pub fn index(&self) -> usize {
        self.0.index
    }
    /// What kind of device it is.
    pub fn kind(&self) -> DeviceKind {
        self.0.kind
    }
    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }
    /// Who made it.
    pub fn vendor(&self) -> &str {
        &self.0.vendor
    }
    /// The version of the interface it offers, such as `OpenCL 3.0`.
    pub fn version(&self) -> &str {
        &self.0.version
    }
    /// The version of its driver.
    pub fn driver_version(&self) -> &str {
        &self.0.driver_version
    }
    /// What it offers.
    pub fn aspects(&self) -> Aspects {
        self.0.aspects
    }
    /// What it can bear.
    pub fn limits(&self) -> Limits {
        self.0.limits
    }
    /// Where its unified shared memory of a kind comes from.
    pub fn usm(&self, kind: UsmKind) -> UsmSource {
        self.0.usm.of(kind)
    }
    /// Whether it is the host device.
    pub fn is_host(&self) -> bool {
        self.0.kind == DeviceKind::Host
    }
}

impl PartialEq for Device {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}
impl Eq for Device {}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Device({}: {})", self.0.id.0, self.0.name)
    }
}

impl fmt::Display for Device {
    /// The device's name and its platform's, such as `cpu on Portable Computing Language`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.kind {
            DeviceKind::Host => write!(f, "host device"),
            _ => write!(f, "{} ({})", self.0.name, self.0.platform.name),
        }
    }
}
