//! Turns devices into text for people: one line each, or all that is known.

use super::{Device, DeviceKind, UsmKind};
use std::fmt::{self, Write};

/// One line for each device, in the manner of `sycl-ls`.
pub fn list(devices: &[Device]) -> String {
    devices.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// All that is known of each device.
pub fn describe(devices: &[Device]) -> String {
    devices.iter().map(paragraph).collect::<Vec<_>>().join("\n\n")
}

/// The name by which `FALX_DEVICE` picks the device.
fn key(device: &Device) -> String {
    match device.kind() {
        DeviceKind::Host => "host".to_owned(),
        _ => format!("opencl:{}.{}", device.platform().index, device.index()),
    }
}

fn kind(device: &Device) -> &'static str {
    match device.kind() {
        DeviceKind::Host => "host",
        DeviceKind::Cpu => "cpu",
        DeviceKind::Gpu => "gpu",
        DeviceKind::Accelerator => "accelerator",
    }
}

fn line(device: &Device) -> String {
    if device.is_host() {
        return format!("[{}] {}", key(device), device.name());
    }
    let platform = &device.platform().name;
    format!("[{}] {platform}, {}, {}, {}", key(device), kind(device), device.name(), device.version())
}

fn paragraph(device: &Device) -> String {
    let mut text = line(device);
    // Writing to a string cannot fail.
    let _ = write_details(&mut text, device);
    text
}

fn write_details(text: &mut String, device: &Device) -> fmt::Result {
    let (limits, memory) = (device.limits(), device.memory());
    write!(text, "\n  vendor                {}", device.vendor())?;
    write!(text, "\n  driver                {}", device.driver_version())?;
    write!(text, "\n  platform              {}", device.platform().version)?;
    match memory {
        super::MemoryId::HOST => write!(text, "\n  memory                host memory, in place")?,
        own => write!(text, "\n  memory                its own (number {})", own.0)?,
    }
    write!(text, "\n  aspects               {}", aspects(device))?;
    let [device_source, host, shared] =
        [UsmKind::Device, UsmKind::Host, UsmKind::Shared].map(|kind| device.usm(kind));
    match device_source == host && host == shared {
        true => write!(text, "\n  usm                   {host}")?,
        false => {
            write!(text, "\n  usm                   device: {device_source}, host: {host}, shared: {shared}")?
        }
    }
    write!(text, "\n  compute units         {}", limits.max_compute_units)?;
    let [slow, middle, fast] = limits.max_work_item_sizes;
    let group = limits.max_work_group_size;
    write!(text, "\n  work-group size       at most {group}, in each dimension [{slow}, {middle}, {fast}]")?;
    write!(text, "\n  global memory         {}", bytes(limits.global_memory_bytes))?;
    write!(text, "\n  one allocation        at most {}", bytes(limits.max_allocation_bytes))?;
    write!(text, "\n  local memory          {}", bytes(limits.local_memory_bytes))
}

fn aspects(device: &Device) -> String {
    let aspects = device.aspects();
    let all = [
        (aspects.fp16, "fp16"),
        (aspects.fp64, "fp64"),
        (aspects.atomic64, "atomic64"),
        (aspects.atomic_system, "atomic_system"),
        (aspects.sub_groups, "sub_groups"),
        (aspects.sub_groups_of_16, "sub_groups_of_16"),
        (aspects.usm, "usm"),
        (aspects.exact_f32, "exact_f32"),
    ];
    let names: Vec<_> = all.iter().filter(|(has, _)| *has).map(|(_, name)| *name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

fn bytes(size_bytes: usize) -> String {
    const UNITS: [(usize, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.iter().find(|(unit, _)| size_bytes >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", size_bytes as f64 / *unit as f64),
        None => format!("{size_bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn list_has_one_line_for_each_device_beginning_with_what_the_filter_takes() {
        let expected = "[host] host device\n\
            [opencl:0.0] Portable Computing Language, cpu, pthread-cpu, OpenCL 3.0\n\
            [opencl:1.0] Intel(R) OpenCL, cpu, Xeon, OpenCL 3.0\n\
            [opencl:1.1] Intel(R) OpenCL, gpu, Arc, OpenCL 3.0";
        assert_eq!(list(&sample::devices()), expected);
    }

    #[test]
    fn description_says_where_a_device_works_and_what_it_offers() {
        let text = describe(&sample::devices()[1..2]);
        assert!(text.contains("memory                host memory, in place"), "{text}");
        assert!(text.contains("aspects               fp64 usm"), "{text}");
        assert!(text.contains("usm                   fine-grained SVM"), "{text}");
        assert!(text.contains("global memory         4.0 GiB"), "{text}");
    }

    #[test]
    fn sizes_are_given_in_the_largest_unit_that_fits() {
        assert_eq!([bytes(12), bytes(1536), bytes(3 << 20)], ["12 B", "1.5 KiB", "3.0 MiB"]);
    }
}
