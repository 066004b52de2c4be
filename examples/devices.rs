//! Lists what falx can run on here, and why there is not more.
//!
//! The name in brackets is what `FALX_DEVICE` understands: `FALX_DEVICE=opencl:0.0 cargo run --example tour`.
//!
//! `cargo run --example devices [-- --all]`

use falx::Aspects;
use falx::prelude::*;

/// The device in one line, and with `--all` what it offers.
pub fn describe(device: &Device, all: bool) {
    let place = match device.kind() {
        DeviceKind::Host => "host".to_owned(),
        _ => format!("opencl:{}.{}", device.platform().index, device.index()),
    };
    println!(
        "[{place}] {}, {}, {} [{}]",
        device.platform().name,
        device.name(),
        device.version(),
        device.driver_version()
    );
    if all {
        let limits = device.limits();
        println!("    kind            {:?} by {}", device.kind(), device.vendor());
        println!("    compute units   {}", limits.max_compute_units);
        println!(
            "    memory          {} MiB, {} MiB at once",
            limits.global_memory_bytes >> 20,
            limits.max_allocation_bytes >> 20
        );
        println!("    local memory    {} KiB", limits.local_memory_bytes >> 10);
        println!("    work-group      {} at most", limits.max_work_group_size);
        println!("    aspects         {}", aspects(device.aspects()).join(", "));
    }
}

fn aspects(aspects: Aspects) -> Vec<&'static str> {
    let names = [
        (aspects.fp16, "fp16"),
        (aspects.fp64, "fp64"),
        (aspects.atomic64, "atomic64"),
        (aspects.sub_groups, "sub-groups"),
        (aspects.usm, "usm"),
        (aspects.exact_f32, "exact f32"),
    ];
    names.into_iter().filter_map(|(has, name)| has.then_some(name)).collect()
}

fn main() -> falx::Result<()> {
    let all = std::env::args().any(|argument| argument == "--all");
    for device in falx::devices()? {
        describe(&device, all);
    }
    for problem in falx::platform_problems() {
        println!("\n{problem}");
    }
    Ok(())
}
