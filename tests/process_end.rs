//! A process ends in peace, whatever its devices are doing.

mod common;

use falx::prelude::*;
use std::sync::Mutex;

/// Keeps a device busy for a while, with kernels that were not built before.
fn keep_busy(queue: &Queue) {
    let out = Buffer::<f32>::new(1 << 18);
    for _ in 0..20 {
        let submitted = queue.submit(|h| {
            let out = out.write(h).no_init();
            h.parallel_for(
                1 << 18,
                kernel!(move |i: Id<1>| {
                    let mut x = i[0] as f32;
                    for _ in 0..200 {
                        x = x * 0.5 + 1.0;
                    }
                    out[i] = x;
                }),
            )
        });
        submitted.unwrap();
    }
}

#[test]
fn a_process_may_end_while_its_devices_work() {
    const NAME: &str = "a_process_may_end_while_its_devices_work";
    if common::is_child() {
        return common::devices().iter().for_each(|device| keep_busy(&Queue::on(device).unwrap()));
    }
    for _ in 0..5 {
        common::succeeds(&common::child(Some(NAME), &[]));
    }
}

static WAITING: Mutex<Vec<(Queue, Event)>> = Mutex::new(Vec::new());

/// Waits, after falx has ended, for what never began.
extern "C" fn wait_late() {
    for (queue, event) in &*WAITING.lock().unwrap() {
        let (of_event, of_queue) = (event.wait().unwrap_err(), queue.wait().unwrap_err());
        assert_eq!(of_event.to_string(), of_queue.to_string());
        eprintln!("{of_event}");
    }
}

#[test]
fn what_waits_for_a_forgotten_guard_does_not_keep_the_process() {
    const NAME: &str = "what_waits_for_a_forgotten_guard_does_not_keep_the_process";
    unsafe extern "C" {
        fn atexit(function: extern "C" fn()) -> std::ffi::c_int;
    }
    if common::is_child() {
        // SAFETY: the declaration is that of C. A panic in the function ends the process.
        assert_eq!(unsafe { atexit(wait_late) }, 0);
        for device in common::devices() {
            let (queue, data) = (Queue::on(&device).unwrap(), Buffer::from(vec![0u32; 64]));
            std::mem::forget(data.host_write().unwrap());
            let submitted = queue.submit(|h| {
                let data = data.write(h);
                h.parallel_for(64, kernel!(move |i: Id<1>| data[i] = 1))
            });
            WAITING.lock().unwrap().push((queue, submitted.unwrap()));
        }
        return;
    }
    let output = common::child(Some(NAME), &[]);
    common::succeeds(&output);
    let text = String::from_utf8(output.stderr).unwrap();
    let told = text.matches("the process ends: what no device had begun by then is not done any more");
    assert_eq!(told.count(), common::devices().len(), "{text}");
}

#[test]
fn a_failure_that_nobody_waited_for_is_told_at_the_end() {
    const NAME: &str = "a_failure_that_nobody_waited_for_is_told_at_the_end";
    let devices = common::devices();
    let devices = devices.iter().filter(|device| !device.is_host());
    if common::is_child() {
        for device in devices {
            let (queue, data) = (Queue::on(device).unwrap(), Buffer::from(vec![0u32; 64]).named("data"));
            let submitted = queue.submit(|h| {
                let data = data.read_write(h);
                h.parallel_for(64, kernel!(move |i: Id<1>| data[i[0]] = data[data[i[0]] as usize + 64]))
            });
            submitted.unwrap();
        }
        return;
    }
    let output = common::child(Some(NAME), &[]);
    common::succeeds(&output);
    let text = String::from_utf8(output.stderr).unwrap();
    let told = text.matches("index 64 out of range 64 in `data`").count();
    assert_eq!(told, devices.count(), "{text}");
}
