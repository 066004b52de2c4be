//! What every test of the public interface shares: every device in turn, watchdogs, gates, and runs of the same tests in
//! a child process with other settings.

// Each test binary compiles this module for itself and uses a part of it.
#![allow(dead_code, clippy::unwrap_used)]

use falx::prelude::*;
use falx::{MemoryUse, memory_use, set_memory_budget};
use std::panic::resume_unwind;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How long one test may take on one device. What takes longer hangs.
pub const LIMIT: Duration = Duration::from_secs(60);

/// How `FALX_EXPECT` calls platforms, and what they call themselves.
const PLATFORMS: [(&str, &str); 3] =
    [("pocl", "Portable Computing Language"), ("intel", "Intel(R) OpenCL"), ("oclgrind", "Oclgrind")];

/// Every device that is there, the host device first. Says so when it is the only one.
pub fn devices() -> Vec<Device> {
    let devices = falx::devices().unwrap();
    let expected = std::env::var("FALX_EXPECT").unwrap_or_default();
    for (short, platform) in
        PLATFORMS.iter().filter(|(short, _)| expected.split(',').any(|name| name == *short))
    {
        let found = devices.iter().any(|device| device.platform().name == *platform);
        assert!(found, "FALX_EXPECT names `{short}`, but falx shows {devices:?}");
    }
    if devices.iter().all(|device| device.is_host()) {
        println!("skipped: no OpenCL device on this machine; only the host device is tested");
    }
    devices
}

/// Runs a test on every device, each on a queue of its own and under a watchdog.
pub fn for_each_device(test: fn(&Queue)) {
    for_each_device_with(QueueOptions::default, test);
}

/// As [`for_each_device`], on queues with options.
pub fn for_each_device_with(options: fn() -> QueueOptions, test: fn(&Queue)) {
    for device in devices() {
        println!("on {device}");
        within(LIMIT, move || test(&Queue::with(&device, options()).unwrap()));
    }
}

/// Runs a test on every pair of different devices, in both orders.
pub fn for_each_pair(test: fn(&Queue, &Queue)) {
    let devices = devices();
    for first in &devices {
        for second in devices.iter().filter(|second| *second != first) {
            println!("on {first}, then {second}");
            let (first, second) = (Queue::on(first).unwrap(), Queue::on(second).unwrap());
            within(LIMIT, move || test(&first, &second));
        }
    }
}

/// Runs a test on a thread of its own; panics where it panics, or when it is not over after `limit`.
pub fn within<R: Send + 'static>(limit: Duration, test: impl FnOnce() -> R + Send + 'static) -> R {
    let (done, result) = channel();
    let thread = std::thread::spawn(move || {
        let value = test();
        let _ = done.send(());
        value
    });
    if result.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
        panic!("the test hangs: it is not over after {limit:?}");
    }
    thread.join().unwrap_or_else(|panic| resume_unwind(panic))
}

/// Whether a device works on host memory in place, so that nothing is ever copied for it.
pub fn works_in_place(device: &Device) -> bool {
    devices_unfiltered_host().is_none_or(|host| host.memory() == device.memory())
}

fn devices_unfiltered_host() -> Option<Device> {
    falx::devices().unwrap().into_iter().find(Device::is_host)
}

/// The bytes that `work` moved: for commands, for the host, to make room.
pub fn moved(work: impl FnOnce()) -> (u64, u64, u64) {
    let before = falx::trace::totals();
    work();
    let since = falx::trace::totals().since(&before);
    (since.bytes_for_commands, since.bytes_for_host, since.bytes_for_evictions)
}

/// Runs `test` where buffers may have `n_bytes` more than they have; only on devices that have a memory of their own.
pub fn where_only(n_bytes: usize, queue: &Queue, test: impl FnOnce()) {
    let device = queue.device();
    if works_in_place(device) {
        return;
    }
    queue.wait().unwrap();
    let MemoryUse { held_bytes, budget_bytes, .. } = memory_use(device);
    set_memory_budget(device, Some(held_bytes + n_bytes));
    test();
    assert!(memory_use(device).held_bytes <= held_bytes + n_bytes);
    set_memory_budget(device, budget_bytes);
}

/// Holds a command back until it is opened; whoever waits for it longer than [`LIMIT`] panics.
pub struct Gate(Sender<()>);

/// The other side of a [`Gate`].
pub struct GateKeeper(Receiver<()>);

impl Gate {
    /// A closed gate, and who stands at it.
    pub fn new() -> (Gate, GateKeeper) {
        let (sender, receiver) = channel();
        (Gate(sender), GateKeeper(receiver))
    }

    /// Lets the command go on.
    pub fn open(self) {
        self.0.send(()).unwrap();
    }
}

impl GateKeeper {
    /// Waits until the gate is open.
    pub fn wait(self) {
        self.0.recv_timeout(LIMIT).expect("the gate is opened in time");
    }
}

/// Submits a host task that keeps `buffer` for writing until the gate is opened, and leaves it as it is.
pub fn close<T: falx::Element, const D: usize>(queue: &Queue, buffer: &Buffer<T, D>) -> (Gate, Event) {
    let (gate, keeper) = Gate::new();
    let event = queue.submit(|h| h.host_task(buffer.read_write(h), move |_elements| keeper.wait())).unwrap();
    (gate, event)
}

/// Waits, for a while, until an event has a status.
pub fn comes_to(event: &Event, status: EventStatus) {
    let start = Instant::now();
    while event.status() != status {
        assert!(start.elapsed() < LIMIT, "{event:?} is {:?} and does not become {status:?}", event.status());
        std::thread::yield_now();
    }
}

/// Panics, as the test wants.
pub fn fall() {
    panic!("a panic that the test wants");
}

/// Asserts the kind of an error and that its text holds every one of `phrases`.
#[track_caller]
pub fn assert_error<T: std::fmt::Debug>(result: Result<T, Error>, kind: ErrorKind, phrases: &[&str]) {
    let error = result.expect_err("this must be an error");
    assert_eq!(error.kind(), kind, "{error}");
    for phrase in phrases {
        assert!(error.to_string().contains(phrase), "`{error}` does not say `{phrase}`");
    }
}

/// Set in child processes, which must not start more of them.
const CHILD: &str = "FALX_TEST_CHILD";

/// Whether this process was started by [`child`].
pub fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

/// Runs tests of this binary in a new process with other settings: those that `filter` picks, or all.
pub fn child(filter: Option<&str>, settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    if let Some(filter) = filter {
        command.args([filter, "--exact"]);
    }
    command.arg("--nocapture").env(CHILD, "1").envs(settings.iter().copied());
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = child.id();
    let (done, output) = channel();
    std::thread::spawn(move || done.send(child.wait_with_output()));
    match output.recv_timeout(5 * LIMIT) {
        Ok(output) => output.unwrap(),
        Err(_) => {
            let _ = Command::new("kill").arg(id.to_string()).status();
            panic!("the child process hangs");
        }
    }
}

/// Runs every test of this binary again where each OpenCL device has a memory of its own, so that bytes have to move.
pub fn again_with_separate_memories() {
    if is_child() {
        return;
    }
    if devices().iter().all(|device| device.is_host()) {
        return println!("skipped: no OpenCL device that could have a memory of its own");
    }
    succeeds(&child(None, &[("FALX_MEMORY", "separate")]));
}

/// Waits until something holds that other threads bring about.
#[track_caller]
pub fn comes_true(holds: impl Fn() -> bool) {
    let start = std::time::Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "it never comes true");
        std::thread::yield_now();
    }
}

/// Asserts that a child process ended well; shows what it printed otherwise.
#[track_caller]
pub fn succeeds(output: &Output) {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "the child process failed: {}\n{out}\n{err}", output.status);
}
