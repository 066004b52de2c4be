//! `FALX_DUMP` writes each kernel's OpenCL C into a folder.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::all)]

mod common_language;
use common_language::on_each_device;
use falx::prelude::*;
use std::process::Command;

#[kernel_fn]
fn doubled(i: Id<1>, from: Read<f32>, to: Write<f32>) {
    to[i] = from[i] * 2.0;
}

/// What the child process of the test below does; alone it is a test like any other.
#[test]
fn a_named_kernel_runs() {
    on_each_device(|queue| {
        let (from, to) = (Buffer::from(vec![1.0f32, 2.0]), Buffer::<f32>::new(2));
        queue.submit(|h| h.parallel_for(2, doubled(from.read(h), to.write(h)))).unwrap();
        assert_eq!(*to.host_read().unwrap(), [2.0, 4.0]);
    });
}

#[test]
fn the_dump_folder_holds_the_kernel_under_its_name() {
    if falx::devices().unwrap().iter().all(Device::is_host) {
        // The host device runs kernels as Rust, so there is no OpenCL C to write.
        eprintln!("skipped: no OpenCL device, so nothing is dumped");
        return;
    }
    let folder = std::env::temp_dir().join(format!("falx-dump-{}", std::process::id()));
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_named_kernel_runs"])
        .env("FALX_DUMP", &folder)
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    let texts: Vec<(String, String)> = std::fs::read_dir(&folder)
        .map(|files| {
            let files = files.map(|file| file.unwrap().path());
            files.map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap())).collect()
        })
        .unwrap_or_default();
    let _ = std::fs::remove_dir_all(&folder);
    let found = texts
        .iter()
        .any(|(name, text)| name.contains("doubled") && text.contains("__kernel void falx_doubled("));
    assert!(found, "{texts:?}");
}
