//! Devices: what is listed, how one is chosen, and what `FALX_DEVICE` hides.

#![allow(clippy::unwrap_used)]

mod common;

use common::{assert_error, child, devices, is_child, succeeds};
use falx::prelude::*;

#[test]
fn the_host_device_comes_first_unless_it_is_hidden() {
    let devices = devices();
    if std::env::var_os("FALX_DEVICE").is_none() {
        assert!(devices[0].is_host());
    }
    assert!(devices.iter().filter(|device| device.is_host()).count() <= 1);
}

#[test]
fn every_device_says_what_it_is_and_what_it_can_bear() {
    for device in devices() {
        println!("{device:?}");
        for text in [device.name(), device.vendor(), device.version(), &device.platform().name] {
            assert!(!text.is_empty(), "{device:?}");
        }
        let limits = device.limits();
        assert!(limits.max_compute_units >= 1 && limits.max_work_group_size >= 1, "{limits:?}");
        assert!(limits.max_work_item_sizes.iter().all(|size| *size >= 1), "{limits:?}");
        assert!(limits.local_memory_bytes >= 1024 && limits.global_memory_bytes > limits.local_memory_bytes);
        assert!(limits.max_allocation_bytes <= limits.global_memory_bytes, "{limits:?}");
        assert_eq!(device.is_host(), device.kind() == DeviceKind::Host);
        assert!(!device.is_host() || device.aspects().fp64);
    }
}

#[test]
fn devices_are_equal_to_themselves_only() {
    let (first, second) = (devices(), devices());
    for (i, a) in first.iter().enumerate() {
        for (j, b) in second.iter().enumerate() {
            assert_eq!((a == b, a.id() == b.id()), (i == j, i == j));
        }
    }
}

#[test]
fn queues_run_on_the_device_they_are_made_for() {
    for device in devices() {
        let queue = Queue::on(&device).unwrap();
        assert_eq!(queue.device(), &device);
        assert!(!queue.is_in_order());
        let own = device.clone();
        let chosen = Queue::new(Selector::by(move |device| if *device == own { 1 } else { -1 })).unwrap();
        assert_eq!(chosen.device(), &device);
        assert!(format!("{chosen:?}").contains(&device.to_string()));
    }
}

#[test]
fn the_default_is_the_best_there_is() {
    let chosen = Queue::new(Selector::default()).unwrap().device().kind();
    let kinds: Vec<_> = devices().iter().map(Device::kind).collect();
    let best = [DeviceKind::Gpu, DeviceKind::Cpu, DeviceKind::Host];
    assert_eq!(Some(chosen), best.into_iter().find(|kind| kinds.contains(kind)));
}

#[test]
fn a_selector_that_nothing_fits_is_an_error_that_lists_what_there_is() {
    let error = Queue::new(Selector::by(|_| -1));
    let first = devices()[0].name().to_owned();
    assert_error(error, ErrorKind::Platform, &["was asked for", &first]);
}

#[test]
fn the_environment_hides_devices() {
    let wanted = std::env::var("FALX_DEVICE").unwrap_or_default();
    if is_child() {
        let devices = falx::devices().unwrap();
        match wanted.as_str() {
            "host" => assert!(devices.len() == 1 && devices[0].is_host(), "{devices:?}"),
            "opencl" => assert!(!devices.is_empty() && devices.iter().all(|device| !device.is_host())),
            _ => {}
        }
        return;
    }
    let run = |value| {
        succeeds(&child(
            Some("the_environment_hides_devices"),
            &[("FALX_DEVICE", value), ("FALX_EXPECT", "")],
        ))
    };
    run("host");
    match devices().iter().any(|device| !device.is_host()) {
        true => run("opencl"),
        false => println!("skipped: no OpenCL device that could be chosen"),
    }
}
