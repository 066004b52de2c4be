//! What falx says it did: totals of queues and of the process, the timeline, the dumped kernels, the graph.

#![allow(clippy::unwrap_used)]

mod common;

use common::{child, for_each_device, is_child, succeeds};
use falx::prelude::*;
use falx::trace::totals;
use serial_test::serial;
use std::path::PathBuf;

#[kernel_fn]
fn count_on(i: Id<1>, numbers: ReadWrite<u32>) {
    numbers[i] = numbers[i] + 1;
}

fn increment(queue: &Queue, numbers: &Buffer<u32>) -> Event {
    queue.submit(|h| h.parallel_for(numbers.size(), count_on(numbers.read_write(h)))).unwrap()
}

#[test]
#[serial]
fn commands_launches_and_host_tasks_are_counted_per_queue_and_in_total() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]);
        let other = Queue::on(queue.device()).unwrap();
        let before = totals();
        (0..3).for_each(|_| drop(increment(queue, &numbers)));
        queue.submit(|h| h.host_task((), |()| {})).unwrap();
        queue.barrier().unwrap();
        queue.fill(&numbers, 1).unwrap();
        increment(&other, &numbers);
        assert_eq!(numbers.into_vec().unwrap(), [2; 8]);
        let (own, all) = (queue.totals(), totals().since(&before));
        assert_eq!((own.commands, own.launches, own.host_tasks), (6, 4, 1));
        assert_eq!((other.totals().commands, other.totals().launches), (1, 1));
        // The host access of `into_vec` is a command of no queue.
        assert_eq!((all.commands, all.launches, all.host_tasks), (8, 5, 1));
        queue.wait().unwrap();
    });
}

#[test]
#[serial]
fn drivers_are_called_for_opencl_devices_and_never_for_the_host() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]);
        let calls = || {
            let before = totals();
            increment(queue, &numbers).wait().unwrap();
            totals().since(&before).driver_calls
        };
        calls();
        // What earlier commands leave is given back to drivers by other threads, now and then at the same time.
        let fewest = (0..20).map(|_| calls()).min().unwrap();
        assert_eq!(fewest == 0, queue.device().is_host(), "{fewest} calls");
    });
}

#[kernel_fn]
fn count_where(i: Id<1>, places: Read<u32>, numbers: ReadWrite<u32>) {
    numbers[places[i] as usize] = 7;
}

#[test]
#[serial]
fn memory_for_what_checks_report_is_used_again() {
    for_each_device(|queue| {
        let (places, numbers) = (Buffer::from(vec![3u32, 1, 0]), Buffer::from(vec![1u32; 8]));
        let launch = |is_checked: bool| {
            let before = totals();
            let event = match is_checked {
                true => {
                    queue.submit(|h| h.parallel_for(3, count_where(places.read(h), numbers.read_write(h))))
                }
                false => Ok(increment(queue, &numbers)),
            };
            event.unwrap().wait().unwrap();
            totals().since(&before).driver_calls
        };
        let fewest = |is_checked| (0..20).map(|_| launch(is_checked)).min().unwrap();
        // Where a device has a memory of its own, the report is cleared and fetched for each launch.
        let is_shared = std::env::var_os("FALX_MEMORY").is_none();
        let (checked, proven) = (fewest(true), fewest(false));
        assert!(checked == proven || !is_shared, "{checked} calls with checks, {proven} without");
    });
}

#[test]
#[serial]
fn a_refused_command_is_not_counted() {
    for_each_device(|queue| {
        let before = totals();
        queue.copy(&Buffer::<u32>::new(4), &Buffer::<u32>::new(4)).unwrap_err();
        queue.copy(&Buffer::from(vec![1; 4]), &Buffer::<u32>::new(5)).unwrap_err();
        queue.submit(|_| Err::<(), _>(Error::new(ErrorKind::Invalid, "no"))).unwrap_err();
        let after = totals().since(&before);
        assert_eq!((after.commands, after.launches, after.bytes_explicit, after.copies), (0, 0, 0, 0));
    });
}

/// A fresh place for what a child process writes.
fn place(name: &str) -> PathBuf {
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&place);
    std::fs::create_dir_all(&place).unwrap();
    place
}

/// What child processes run: a small program on every device.
#[test]
#[serial]
fn a_small_program() {
    for_each_device(|queue| {
        let numbers = Buffer::from(vec![1u32; 8]).named("sheep");
        increment(queue, &numbers).wait().unwrap();
        assert_eq!(numbers.into_vec().unwrap(), [2; 8]);
    });
    if is_child() && std::env::var_os("FALX_GRAPH").is_some() {
        let graph = falx::trace::graph_dot();
        assert!(graph.starts_with("digraph") && graph.contains("sheep"), "{graph}");
    }
}

#[test]
#[serial]
fn the_timeline_is_a_json_list_of_the_launches() {
    if is_child() {
        return;
    }
    let file = place("timeline").join("trace.json");
    succeeds(&child(Some("a_small_program"), &[("FALX_TRACE", file.to_str().unwrap())]));
    let text = std::fs::read_to_string(&file).unwrap();
    let n_launches = text.matches("\"count_on\"").count();
    assert!(text.trim_start().starts_with('['), "{text}");
    assert!(n_launches >= common::devices().iter().filter(|device| !device.is_host()).count(), "{text}");
}

#[test]
#[serial]
fn the_kernels_opencl_c_is_written_where_asked() {
    if is_child() {
        return;
    }
    let folder = place("dump");
    succeeds(&child(Some("a_small_program"), &[("FALX_DUMP", folder.to_str().unwrap())]));
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    if common::devices().iter().all(|device| device.is_host()) {
        return println!("skipped: no OpenCL device, so no OpenCL C");
    }
    let sources: Vec<_> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    assert!(
        sources.iter().any(|text| text.contains("kernel void") && text.contains("count_on")),
        "{files:?}"
    );
}

#[test]
#[serial]
fn the_graph_names_buffers_and_commands() {
    if is_child() {
        return;
    }
    let file = place("graph").join("graph.dot");
    succeeds(&child(Some("a_small_program"), &[("FALX_GRAPH", file.to_str().unwrap())]));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("digraph") && text.contains("sheep") && text.contains("count_on"), "{text}");
}

#[test]
#[serial]
fn checks_are_counted_and_those_that_a_launch_makes_needless() {
    for_each_device(|queue| {
        let (order, from) = (Buffer::from(vec![2usize, 0, 1]), Buffer::from(vec![10u32, 20, 30]));
        let to = Buffer::<u32>::new(3);
        let before = queue.totals();
        let work = |h: &Handler| {
            let (order, from, to) = (order.read(h), from.read(h), to.write(h));
            h.parallel_for(3, kernel!(move |i: usize| to[i] = from[order[i]]))
        };
        queue.submit(work).unwrap();
        // All but the index that comes from a buffer.
        let since = queue.totals().since(&before);
        assert_eq!((since.checks, since.checks_needless), (3, 2));
        let part = |h: &Handler| {
            let from = from.read_write(h);
            h.parallel_for(2, kernel!(move |i: usize| from[i + 1] /= i as u32 + 1))
        };
        queue.submit(part).unwrap();
        let since = queue.totals().since(&before);
        assert_eq!((since.checks, since.checks_needless), (5, 4));
        assert_eq!(*from.host_read().unwrap(), [10, 20, 15]);
    });
}
