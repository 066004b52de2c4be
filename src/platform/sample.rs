//! Devices for tests: the host, PoCL, and Intel's CPU and GPU on one platform.

use super::{Aspects, Device, DeviceId, DeviceInfo, DeviceKind, Limits, MemoryId, PlatformInfo};
use super::{UsmSource, UsmSources};
use std::sync::Arc;

pub(super) fn devices() -> Vec<Device> {
    vec![
        device(0, DeviceKind::Host, (2, "host"), (0, "host device")),
        device(1, DeviceKind::Cpu, (0, "Portable Computing Language"), (0, "pthread-cpu")),
        device(2, DeviceKind::Cpu, (1, "Intel(R) OpenCL"), (0, "Xeon")),
        device(3, DeviceKind::Gpu, (1, "Intel(R) OpenCL"), (1, "Arc")),
    ]
}

fn device(id: u16, kind: DeviceKind, platform: (usize, &str), name: (usize, &str)) -> Device {
    Device(Arc::new(DeviceInfo {
        id: DeviceId(id),
        memory: if kind == DeviceKind::Gpu { MemoryId(id) } else { MemoryId::HOST },
        platform: Arc::new(PlatformInfo {
            index: platform.0,
            name: platform.1.to_owned(),
            vendor: String::new(),
            version: "OpenCL 3.0".to_owned(),
        }),
        index: name.0,
        kind,
        name: name.1.to_owned(),
        vendor: String::new(),
        version: "OpenCL 3.0".to_owned(),
        driver_version: "1".to_owned(),
        aspects: Aspects { fp64: true, usm: true, ..Aspects::default() },
        limits: Limits {
            max_compute_units: 2,
            max_work_group_size: 1024,
            max_work_item_sizes: [1024; 3],
            local_memory_bytes: 32 << 10,
            global_memory_bytes: 4 << 30,
            max_allocation_bytes: 1 << 30,
            max_parameter_bytes: 1024,
            private_memory_bytes: usize::MAX,
            memory_alignment_bytes: Some(128),
        },
        usm: UsmSources::all(UsmSource::FineGrainSvm),
    }))
}
