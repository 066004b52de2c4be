//! What is known of the host device, as a [`DeviceInfo`].

use super::run::n_threads;
use crate::platform::{Aspects, Device, DeviceId, DeviceInfo, DeviceKind, Limits, MemoryId, PlatformInfo};
use crate::platform::{UsmSource, UsmSources};
use std::fs;
use std::sync::Arc;

/// What a work-group may take of each core's cache.
const LOCAL_MEMORY_BYTES: usize = 256 * 1024;
/// A quarter of the smallest stack that a work-item runs on, since unoptimised Rust copies arrays about.
const PRIVATE_MEMORY_BYTES: usize = 64 * 1024;
const MAX_WORK_GROUP_SIZE: usize = 1024;
/// Where the system does not tell.
const ASSUMED_MEMORY_BYTES: usize = 1 << 30;

/// The host device, as the last of the platforms: whoever collects the platforms sets its `index`.
pub fn device() -> Device {
    Device(Arc::new(device_info()))
}

fn device_info() -> DeviceInfo {
    let threads = n_threads();
    let memory_bytes = system_memory_bytes().unwrap_or(ASSUMED_MEMORY_BYTES);
    let version = env!("CARGO_PKG_VERSION").to_owned();
    DeviceInfo {
        id: DeviceId::HOST,
        memory: MemoryId::HOST,
        platform: Arc::new(PlatformInfo {
            index: 0,
            name: "host".into(),
            vendor: "falx".into(),
            version: version.clone(),
        }),
        index: 0,
        kind: DeviceKind::Host,
        name: match processor_name() {
            Some(processor) => format!("host device ({threads} threads, {processor})"),
            None => format!("host device ({threads} threads)"),
        },
        vendor: "falx".into(),
        version: format!("falx {version}"),
        driver_version: version,
        aspects: Aspects {
            fp16: false,
            fp64: true,
            atomic64: true,
            atomic_system: true,
            sub_groups: false,
            sub_groups_of_16: false,
            usm: true,
            exact_f32: true,
        },
        limits: Limits {
            max_compute_units: threads,
            max_work_group_size: MAX_WORK_GROUP_SIZE,
            max_work_item_sizes: [MAX_WORK_GROUP_SIZE; 3],
            local_memory_bytes: LOCAL_MEMORY_BYTES,
            global_memory_bytes: memory_bytes,
            max_allocation_bytes: memory_bytes,
            max_parameter_bytes: usize::MAX,
            private_memory_bytes: PRIVATE_MEMORY_BYTES,
            memory_alignment_bytes: Some(super::memory::ALIGNMENT),
        },
        usm: UsmSources::all(UsmSource::HostMemory),
    }
}

fn processor_name() -> Option<String> {
    value_of(&fs::read_to_string("/proc/cpuinfo").ok()?, "model name").map(str::to_owned)
}

fn system_memory_bytes() -> Option<usize> {
    let information = fs::read_to_string("/proc/meminfo").ok()?;
    let kilobytes: usize = value_of(&information, "MemTotal")?.strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// The value of the first line `key : value`.
fn value_of<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == key).then_some(value.trim())
    })
}
