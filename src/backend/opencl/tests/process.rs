//! What a process has of OpenCL as a whole: libraries and drivers that are missing, variables that say what devices are, and children.

use super::*;

/// Runs one test of this file in a process of its own, with a variable set.
fn in_child(test: &str, variable: &str, value: &str) -> std::process::Output {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("backend::opencl::tests::process::{test}"), "--nocapture"])
        .env_remove("OPENCL_DYLIB_PATH")
        .env(variable, value)
        .env("FALX_TEST_CHILD", "1")
        .output()
        .unwrap()
}

#[test]
#[serial]
fn missing_library_or_driver_is_an_error_and_not_a_panic() {
    if std::env::var_os("FALX_TEST_CHILD").is_some() {
        return println!("answer: {}", discover().err().unwrap());
    }
    let test = "missing_library_or_driver_is_an_error_and_not_a_panic";
    for (variable, answer) in [
        ("OPENCL_DYLIB_PATH", "answer: OPENCL_DYLIB_PATH is `/nonexistent`"),
        ("OCL_ICD_VENDORS", "answer: looking for OpenCL platforms failed: no OpenCL driver is installed"),
    ] {
        if variable == "OCL_ICD_VENDORS" && !cl3::is_opencl_runtime_available() {
            println!("skipped: there is no OpenCL loader that could lack a driver");
            continue;
        }
        let output = in_child(test, variable, "/nonexistent");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        assert!(text.contains(answer), "{text}");
        assert!(text.contains("pocl-opencl-icd"), "{text}");
    }
}

#[test]
#[serial]
fn every_device_has_a_memory_of_its_own_when_the_variable_says_so() {
    if std::env::var_os("FALX_TEST_CHILD").is_some() {
        assert!(devices().iter().all(|found| found.device.memory() != MemoryId::HOST));
        return;
    }
    let test = "every_device_has_a_memory_of_its_own_when_the_variable_says_so";
    let output = in_child(test, "FALX_MEMORY", "separate");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[cfg(unix)]
mod calls {
    unsafe extern "C" {
        pub fn fork() -> i32;
        pub fn waitpid(process: i32, status: *mut i32, options: i32) -> i32;
        pub fn _exit(code: i32) -> !;
    }
}

#[cfg(unix)]
#[test]
#[serial]
fn forked_child_gets_an_error_instead_of_a_hang() {
    for lane in lanes() {
        // SAFETY: the child makes one call and ends at once, without running anything of the test harness.
        let child = unsafe { calls::fork() };
        if child == 0 {
            let refused = lane.allocate(16).is_err_and(|error| error.is_device_lost());
            // SAFETY: always allowed.
            unsafe { calls::_exit(if refused { 42 } else { 1 }) };
        }
        let mut status = 0;
        // SAFETY: `child` is a child of this process, and `status` is writable.
        unsafe { calls::waitpid(child, &raw mut status, 0) };
        assert_eq!(status >> 8, 42, "{}", lane.device());
    }
}

#[test]
#[serial]
fn discovery_tells_what_it_found() {
    let before = std::time::Instant::now();
    let found = discover();
    println!("discovery took {:?}", before.elapsed());
    for (index, found) in found.iter().flat_map(|discovery| &discovery.devices).enumerate() {
        let device = &found.device;
        println!(
            "{device}: {:?} {:?} {:?} {:?}",
            device.memory(),
            device.kind(),
            device.aspects(),
            device.limits()
        );
        assert_eq!(usize::from(device.id().0), index + 1);
        assert!(device.limits().max_work_group_size >= 1);
        assert!(device.limits().max_work_item_sizes.iter().all(|&size| size >= 1));
        assert!(!device.name().is_empty() && !device.platform().name.is_empty());
    }
}
