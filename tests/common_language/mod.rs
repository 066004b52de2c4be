//! What the tests of the kernel language share: every device in turn, tables of operators, and how floats are compared.

#![allow(dead_code, unused_macros, unused_imports)]

mod numbers;
mod same;
mod table;
mod vectors;

pub use numbers::{Bits, Edges, float32, float64, ulps32, ulps64};
pub(crate) use same::same;
pub use table::{Pairs, judge, judge_near};
pub(crate) use table::{near, table};
pub use vectors::edges;
pub(crate) use vectors::vectors;

use falx::{Device, DeviceKind, Queue};
use std::sync::Mutex;

/// The names by which `FALX_EXPECT` calls platforms, and what the platforms call themselves.
const PLATFORMS: [(&str, &str); 3] =
    [("pocl", "Portable Computing Language"), ("intel", "Intel(R) OpenCL"), ("oclgrind", "Oclgrind")];

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs `test` on the host device and on every OpenCL device, and says on which. Collects all failures, so that a
/// difference between two devices is seen at once.
#[track_caller]
pub fn on_each_device(test: impl Fn(&Queue)) {
    let devices = falx::devices().unwrap();
    check_expected(&devices);
    let mut failures = Vec::new();
    for device in &devices {
        let queue = Queue::on(device).unwrap();
        eprintln!("on {device}");
        // Oclgrind aborts when two threads use it at once.
        let turn = is_slow(&queue).then(|| ONE_AT_A_TIME.lock());
        let run = std::panic::AssertUnwindSafe(|| test(&queue));
        if let Err(panic) = std::panic::catch_unwind(run) {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            failures.push(format!("{device}: {}", text.unwrap_or_default()));
        }
        drop(turn);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Whether a device interprets its kernels, so that large launches would take minutes.
pub fn is_slow(queue: &Queue) -> bool {
    queue.device().platform().name.contains("Oclgrind")
}

/// Whether a test of this type cannot run on a device; says so.
pub fn lacks(queue: &Queue, ty: &str) -> bool {
    let is_lacking = ty == "f64" && !queue.device().aspects().fp64;
    if is_lacking {
        eprintln!("SKIPPED on {}, which has no fp64", queue.device());
    }
    is_lacking
}

/// Fails if a platform is missing that `FALX_EXPECT` names; without OpenCL says loudly what was not tested.
fn check_expected(devices: &[Device]) {
    let expected = std::env::var("FALX_EXPECT").unwrap_or_default();
    for name in expected.split(',').filter(|name| !name.is_empty() && *name != "none") {
        let known = PLATFORMS.iter().find(|(short, _)| *short == name);
        let (_, platform) =
            known.unwrap_or_else(|| panic!("FALX_EXPECT names the unknown platform `{name}`"));
        let is_there = devices.iter().any(|device| device.platform().name == *platform);
        assert!(
            is_there,
            "`{platform}` is expected but falx shows {devices:?}: {:?}",
            falx::platform_problems()
        );
    }
    if devices.iter().all(|device| device.kind() == DeviceKind::Host) {
        eprintln!("SKIPPED on OpenCL devices, of which there are none: {:?}", falx::platform_problems());
    }
}
