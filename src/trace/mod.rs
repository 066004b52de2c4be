//! What falx did, counted: launches, driver calls, bytes copied and why; a timeline; the kernels' OpenCL C; the graph.
//!
//! Costs a few relaxed additions when nothing is switched on. Three environment variables switch more on:
//! `FALX_TRACE=file.json` writes a timeline that Perfetto and `chrome://tracing` show, `FALX_DUMP=folder` writes each
//! kernel's OpenCL C, and `FALX_GRAPH=file.dot` writes the task graph.

mod explain;
mod files;

pub(crate) use explain::explain;
pub use files::graph_dot;
pub(crate) use files::{dump, record_graph, timeline, timeline_is_on};

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Why bytes were copied between memories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A command needed them on its device.
    Command,
    /// The host asked for them.
    HostAccess,
    /// Another buffer needed their room in a device's memory.
    Eviction,
    /// A buffer was made from a slice, or given back as a `Vec` that others still share.
    Construction,
}

/// Counters of one queue, or of the whole process.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    commands: AtomicU64,
    launches: AtomicU64,
    host_tasks: AtomicU64,
    checks: AtomicU64,
    checks_needless: AtomicU64,
    copies: AtomicU64,
    bytes_command: AtomicU64,
    bytes_host: AtomicU64,
    bytes_eviction: AtomicU64,
    bytes_construction: AtomicU64,
    bytes_explicit: AtomicU64,
}

/// What was counted so far.
///
/// ```
/// let before = falx::trace::totals();
/// let buffer = falx::Buffer::from(vec![1u32, 2, 3]);
/// assert_eq!(buffer.host_read()?[2], 3);
/// assert_eq!(falx::trace::totals().since(&before).bytes_copied(), 0);
/// # Ok::<(), falx::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Commands submitted, of every kind.
    pub commands: u64,
    /// Kernels launched.
    pub launches: u64,
    /// Host tasks run.
    pub host_tasks: u64,
    /// Checks of indices and divisors in the kernels launched, each as often as it stands in a kernel's code.
    pub checks: u64,
    /// Those among them that the launches showed to be needless, so that the code that ran had none.
    pub checks_needless: u64,
    /// Copies between memories.
    pub copies: u64,
    /// Bytes copied because a command needed them on its device.
    pub bytes_for_commands: u64,
    /// Bytes copied because the host asked for them.
    pub bytes_for_host: u64,
    /// Bytes copied to the host because another buffer needed their room in a device's memory.
    pub bytes_for_evictions: u64,
    /// Bytes copied to make a buffer from a slice, or a `Vec` from a buffer that is still shared.
    pub bytes_for_construction: u64,
    /// Bytes that explicit `copy` commands were asked to copy; not part of [`Totals::bytes_copied`].
    pub bytes_explicit: u64,
    /// Calls of OpenCL drivers. Counted for the whole process only.
    pub driver_calls: u64,
}

impl Totals {
    /// All bytes that falx copied on its own account.
    pub fn bytes_copied(&self) -> u64 {
        self.bytes_for_commands + self.bytes_for_host + self.bytes_for_evictions + self.bytes_for_construction
    }

    /// What was counted since `earlier`.
    pub fn since(&self, earlier: &Totals) -> Totals {
        Totals {
            commands: self.commands - earlier.commands,
            launches: self.launches - earlier.launches,
            host_tasks: self.host_tasks - earlier.host_tasks,
            checks: self.checks - earlier.checks,
            checks_needless: self.checks_needless - earlier.checks_needless,
            copies: self.copies - earlier.copies,
            bytes_for_commands: self.bytes_for_commands - earlier.bytes_for_commands,
            bytes_for_host: self.bytes_for_host - earlier.bytes_for_host,
            bytes_for_evictions: self.bytes_for_evictions - earlier.bytes_for_evictions,
            bytes_for_construction: self.bytes_for_construction - earlier.bytes_for_construction,
            bytes_explicit: self.bytes_explicit - earlier.bytes_explicit,
            driver_calls: self.driver_calls - earlier.driver_calls,
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} commands, {} launches with {} of {} checks needless, {} driver calls, {} copies, {} bytes copied",
            self.commands,
            self.launches,
            self.checks_needless,
            self.checks,
            self.driver_calls,
            self.copies,
            self.bytes_copied()
        )
    }
}

static PROCESS: Counters = Counters::new();

impl Counters {
    pub(crate) const fn new() -> Self {
        Counters {
            commands: AtomicU64::new(0),
            launches: AtomicU64::new(0),
            host_tasks: AtomicU64::new(0),
            checks: AtomicU64::new(0),
            checks_needless: AtomicU64::new(0),
            copies: AtomicU64::new(0),
            bytes_command: AtomicU64::new(0),
            bytes_host: AtomicU64::new(0),
            bytes_eviction: AtomicU64::new(0),
            bytes_construction: AtomicU64::new(0),
            bytes_explicit: AtomicU64::new(0),
        }
    }

    /// What was counted so far.
    pub(crate) fn totals(&self) -> Totals {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Totals {
            commands: load(&self.commands),
            launches: load(&self.launches),
            host_tasks: load(&self.host_tasks),
            checks: load(&self.checks),
            checks_needless: load(&self.checks_needless),
            copies: load(&self.copies),
            bytes_for_commands: load(&self.bytes_command),
            bytes_for_host: load(&self.bytes_host),
            bytes_for_evictions: load(&self.bytes_eviction),
            bytes_for_construction: load(&self.bytes_construction),
            bytes_explicit: load(&self.bytes_explicit),
            driver_calls: 0,
        }
    }
}

/// Adds to a counter of a queue (if any) and of the process.
fn add(queue: Option<&Counters>, counter: impl Fn(&Counters) -> &AtomicU64, count: u64) {
    counter(&PROCESS).fetch_add(count, Ordering::Relaxed);
    if let Some(queue) = queue {
        counter(queue).fetch_add(count, Ordering::Relaxed);
    }
}

/// What the whole process did so far.
pub fn totals() -> Totals {
    Totals { driver_calls: crate::runtime::driver_calls(), ..PROCESS.totals() }
}

/// Counts a command. Commands are counted one at a time, under the planner's lock, so that plain additions are enough.
pub(crate) fn count_command(queue: Option<&Counters>, tally: &Tally) {
    for counters in queue.into_iter().chain([&PROCESS]) {
        let add = |counter: &AtomicU64, count: u64| {
            if count > 0 {
                counter.store(counter.load(Ordering::Relaxed).wrapping_add(count), Ordering::Relaxed);
            }
        };
        add(&counters.commands, 1);
        add(&counters.launches, u64::from(tally.is_launch));
        add(&counters.host_tasks, u64::from(tally.is_host_task));
        add(&counters.checks, tally.checks.all);
        add(&counters.checks_needless, tally.checks.needless);
        add(&counters.bytes_explicit, tally.explicit_bytes as u64);
    }
}

/// What a command adds to the counters besides itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    /// Whether it launches a kernel.
    pub(crate) is_launch: bool,
    /// Whether it is a host task.
    pub(crate) is_host_task: bool,
    /// The checks of its kernel.
    pub(crate) checks: CheckCount,
    /// How many bytes it was asked to copy.
    pub(crate) explicit_bytes: usize,
}

/// Checks in the code of a kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CheckCount {
    /// All that there may be.
    pub(crate) all: u64,
    /// Those that a launch makes needless.
    pub(crate) needless: u64,
}

pub(crate) fn count_copy(queue: Option<&Counters>, reason: Reason, size_bytes: usize) {
    add(queue, |counters| &counters.copies, 1);
    match reason {
        Reason::Command => add(queue, |counters| &counters.bytes_command, size_bytes as u64),
        Reason::HostAccess => add(queue, |counters| &counters.bytes_host, size_bytes as u64),
        Reason::Eviction => add(queue, |counters| &counters.bytes_eviction, size_bytes as u64),
        Reason::Construction => add(queue, |counters| &counters.bytes_construction, size_bytes as u64),
    }
}
