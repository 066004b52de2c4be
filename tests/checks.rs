//! What the program and the environment may say of the checks of indices.

// Kernels here are written for what they mean, not in the shortest way.
#![allow(clippy::unwrap_used, clippy::all)]

mod common;

use common::{assert_error, child, for_each_device, is_child, succeeds};
use falx::prelude::*;

/// A gather, which no launch proves to be in range.
fn gather(queue: &Queue, trusted: bool) -> Buffer<u32> {
    let (order, from) = (Buffer::from(vec![2usize, 0, 1]), Buffer::from(vec![10u32, 20, 30]));
    let to = Buffer::<u32>::new(3);
    let work = |h: &Handler| {
        let (order, from, to) = (order.read(h), from.read(h), to.write(h));
        let gather = kernel!(move |i: usize| to[i] = from[order[i]]);
        match trusted {
            // SAFETY: `order` holds indices of `from`.
            true => h.parallel_for(3, unsafe { gather.unchecked() }),
            false => h.parallel_for(3, gather),
        }
    };
    queue.submit(work).unwrap();
    to
}

#[test]
fn a_trusted_kernel_does_the_same_and_one_like_it_is_checked_all_the_same() {
    for_each_device(|queue| {
        for trusted in [true, false, true] {
            assert_eq!(*gather(queue, trusted).host_read().unwrap(), [30, 10, 20]);
        }
    });
}

#[kernel_fn]
fn trusted_divides(i: Id<1>, order: Read<usize>, to: ReadWrite<u32>) {
    to[order[i]] /= order[i] as u32;
}

#[test]
fn a_trusted_kernel_is_still_told_of_its_divisions_by_zero() {
    for_each_device(|queue| {
        let (order, to) = (Buffer::from(vec![2usize, 0, 1]), Buffer::from(vec![7u32; 3]));
        let work = |h: &Handler| {
            // SAFETY: `order` holds indices of `to`.
            h.parallel_for(3, unsafe { trusted_divides(order.read(h), to.read_write(h)).unchecked() })
        };
        let event = queue.submit(work).unwrap();
        assert_error(event.wait(), ErrorKind::Kernel, &["trusted_divides", "division by zero"]);
    });
}

#[kernel_fn]
fn trusted_gathers(i: Id<1>, order: Read<usize>, from: Read<u32>, to: Write<u32>) {
    to[i] = from[order[i]];
}

/// Run by the test below in a process of its own.
#[test]
fn a_kernel_runs_with_and_without_its_checks() {
    for_each_device(|queue| {
        let (order, from) = (Buffer::from(vec![2usize, 0, 1]), Buffer::from(vec![10u32, 20, 30]));
        for trusted in [true, false] {
            let to = Buffer::<u32>::new(3);
            let work = |h: &Handler| {
                let gather = trusted_gathers(order.read(h), from.read(h), to.write(h));
                match trusted {
                    // SAFETY: `order` holds indices of `from`.
                    true => h.parallel_for(3, unsafe { gather.unchecked() }),
                    false => h.parallel_for(3, gather),
                }
            };
            queue.submit(work).unwrap();
            assert_eq!(*to.host_read().unwrap(), [30, 10, 20]);
        }
    });
}

#[test]
fn the_code_of_a_trusted_kernel_has_no_checks_of_indices() {
    if is_child() || common::devices().iter().all(Device::is_host) {
        return println!("skipped: the host device runs kernels as Rust");
    }
    let folder = std::env::temp_dir().join(format!("falx-trusted-{}", std::process::id()));
    let dump = folder.to_str().unwrap();
    succeeds(&child(Some("a_kernel_runs_with_and_without_its_checks"), &[("FALX_DUMP", dump)]));
    let files = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    let texts: Vec<String> = files.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let _ = std::fs::remove_dir_all(&folder);
    let gathers: Vec<&String> = texts.iter().filter(|text| text.contains("falx_trusted_gathers(")).collect();
    let n_checked = gathers.iter().filter(|text| text.contains("falx_fail(")).count();
    assert!(n_checked > 0 && n_checked < gathers.len(), "{n_checked} of {}", gathers.len());
}

/// Run by the test below in a process of its own.
#[test]
fn a_kernel_is_explained() {
    for_each_device(|queue| {
        for _ in 0..2 {
            gather(queue, false);
        }
    });
}

#[test]
fn each_index_is_explained_once_for_each_launch_that_is_new() {
    if is_child() {
        return;
    }
    let output = child(Some("a_kernel_is_explained"), &[("FALX_CHECKS", "explain")]);
    succeeds(&output);
    let text = String::from_utf8_lossy(&output.stderr);
    let line = 1 + include_str!("checks.rs")
        .lines()
        .position(|line| line.contains("to[i] = from[order[i]]"))
        .unwrap();
    for device in common::devices() {
        let expected = format!(
            "falx: kernel `kernel` over [3] on {device}: 2 of 3 checks of indices are needless\n  \
             {0}:{line}: the index of `to` is always in range\n",
            file!()
        );
        let found: Vec<&str> = text
            .split("falx: ")
            .filter(|part| format!("falx: {part}").contains(&expected[..expected.find('\n').unwrap()]))
            .collect();
        assert_eq!(found.len(), 1, "{device}: {text}");
        for part in [
            format!("{}:{line}: the index of `to` is always in range", file!()),
            format!("{}:{line}: the index of `order` is always in range", file!()),
            format!("{}:{line}: the index of `from` may be anything, as far as the launch tells", file!()),
        ] {
            assert!(found[0].contains(&part), "`{part}` is missing in: {}", found[0]);
        }
    }
}

#[test]
fn a_word_in_the_environment_that_means_nothing_is_an_error() {
    if is_child() {
        return;
    }
    let output = child(Some("a_kernel_is_explained"), &[("FALX_CHECKS", "explan")]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("`explan` means nothing"), "{text}");
}
