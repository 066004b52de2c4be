//! That a sanitizer sees what the rest of falx prevents: host memory that goes while a command is about to read it. Does nothing
//! where `FALX_SANITIZED` does not say that there is one.

use super::lab::{Lab, NEAR};
use crate::backend::{At, CopyBox, Lane, Place};
use std::process::Command;

const IS_SANITIZED: &str = "FALX_SANITIZED";
const MAKES_FAULT: &str = "FALX_FAULT";

#[test]
fn a_sanitizer_sees_host_memory_that_goes_while_a_command_is_under_way() {
    if std::env::var_os(IS_SANITIZED).is_none() {
        return;
    }
    let this = std::env::current_exe().unwrap();
    let arguments = ["--exact", "execute::tests::fault::host_memory_goes_while_a_command_is_under_way"];
    let child = Command::new(this).args(arguments).env(MAKES_FAULT, "1").output().unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(!child.status.success() && said.contains("AddressSanitizer: heap-use-after-free"), "{said}");
}

#[test]
fn host_memory_goes_while_a_command_is_under_way() {
    if std::env::var_os(MAKES_FAULT).is_none() {
        return; // Started by the test above.
    }
    let lab = Lab::new();
    let lane = &lab.lanes[NEAR];
    let memory = lane.allocate(64).unwrap();
    let mut host = Box::new([7u8; 64]);
    let place = |at| Place { at, origin: [0; 3], extent: [1, 1, 64] };
    let copy = CopyBox {
        from: place(At::Host(host.as_mut_ptr())),
        to: place(At::Memory(&memory)),
        extent: [1, 1, 64],
        element_bytes: 1,
    };
    // SAFETY: none: this is the fault that the process is to be ended for.
    unsafe { lane.copy(&copy) }.unwrap();
    drop(host);
    lane.complete(Ok(()));
}
