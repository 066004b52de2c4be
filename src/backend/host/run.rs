//! `LaunchJob`: one kernel launch, spread over the processor's cores.
//!
//! Range launches are cut into runs of neighbouring items, nd-range launches into work-groups. The first few are timed,
//! so that short launches stay on this thread, where they end before another would have woken up.

use super::host_memory;
use super::memory::HostMemory;
use crate::backend::{Launch, Pointer};
use crate::error::{Error, ErrorKind, Result};
use crate::kernel::twin::{Environment, View};
use crate::kernel::{
    GroupError, HostBody, LaunchShape, Overflow, PrintMemory, RUN, Setting, ShapeKind, Slots, TrapCell,
    enter, group_counts, run_group_with_barriers, run_halting, run_items_that_halt,
};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};
use smallvec::SmallVec;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// How many items are run before it is decided whether to wake other threads.
const PROBE_ITEMS: usize = 64;
/// The least work worth another thread, or a part of its own.
const WORTHWHILE: Duration = Duration::from_micros(25);
/// How many parts each thread gets, so that uneven ones even out.
const PARTS_PER_THREAD: usize = 8;

type Views = SmallVec<[Option<View>; 8]>;

/// A launch with all that it needs, so that it can run after the call that submitted it has returned.
pub(super) struct LaunchJob {
    name: String,
    body: Arc<dyn HostBody>,
    /// For each argument its memory; local memory is filled in by each group.
    views: Views,
    local: Vec<LocalPart>,
    /// Keeps what `views` point to.
    _memories: SmallVec<[Arc<HostMemory>; 4]>,
    /// Whether each work-item needs a stack of its own: it may wait at barriers.
    has_barrier: bool,
    /// Whether work-items may panic.
    halts: bool,
    shape: LaunchShape,
    trap: TrapCell,
    print: Option<PrintMemory>,
    overflow: Overflow,
}

/// The local memory of one argument.
struct LocalPart {
    argument: usize,
    offset_lines: usize,
    size_bytes: usize,
}

/// What local memory is made of: aligned for the largest vectors.
#[derive(Clone, Copy)]
#[repr(align(128))]
struct Line(#[expect(dead_code, reason = "kernels reach it through pointers")] [u8; 128]);

// SAFETY: the views lead to memory that the job keeps and that `LaunchJob::new` was promised may be used until the launch
// is complete; running kernels touch it only through atomics.
unsafe impl Send for LaunchJob {}
// SAFETY: as for `Send`.
unsafe impl Sync for LaunchJob {}

impl LaunchJob {
    /// # Safety
    /// The arguments match the kernel's, and the memory that they lead to may be used until the job has run.
    pub(super) unsafe fn new(launch: &Launch<'_>) -> Result<Self> {
        let Some(body) = launch.body else {
            let message = format!("kernel `{}` is OpenCL C and cannot run on the host device", launch.name);
            return Err(Error::new(ErrorKind::KernelNotSupported, message));
        };
        let mut job = LaunchJob {
            name: launch.name.to_owned(),
            body: body.clone(),
            views: Views::new(),
            local: Vec::new(),
            _memories: SmallVec::new(),
            has_barrier: launch.has_barrier || launch.signature.halts,
            halts: launch.signature.halts,
            shape: launch.shape,
            trap: TrapCell::default(),
            print: None,
            overflow: launch.overflow,
        };
        if let Some(memory) = launch.print {
            let memory = host_memory(memory)?;
            // Behind the counters, and no more than there is.
            let n_words = launch.print_words.min((memory.size_bytes() / size_of::<u64>()).saturating_sub(1));
            // SAFETY: the memory has the counters and so many words, is this launch's alone, and the job keeps it.
            job.print = Some(unsafe { PrintMemory::new(memory.pointer().cast(), n_words) });
            job._memories.push(memory);
        }
        for (&argument, pointer) in launch.signature.pointers.iter().zip(&launch.pointers) {
            job.place(argument, pointer)?;
        }
        Ok(job)
    }

    /// Takes note of where an argument lies.
    fn place(&mut self, argument: usize, pointer: &Pointer<'_>) -> Result<()> {
        if self.views.len() <= argument {
            self.views.resize(argument + 1, None);
        }
        match pointer {
            Pointer::Memory(memory) => {
                let memory = host_memory(memory)?;
                self.views[argument] =
                    Some(View { pointer: memory.pointer(), size_bytes: memory.size_bytes() });
                self._memories.push(memory);
            }
            &Pointer::Local(size_bytes) => {
                let offset_lines = self.local_lines();
                self.local.push(LocalPart { argument, offset_lines, size_bytes });
            }
            // Only kernels that falx did not write have such, and those the host device refuses.
            Pointer::Value(_) => {}
        }
        Ok(())
    }

    /// The size of a group's local memory.
    fn local_lines(&self) -> usize {
        self.local.last().map_or(0, |part| part.offset_lines + part.size_bytes.div_ceil(size_of::<Line>()))
    }

    /// Runs it.
    ///
    /// # Errors
    /// [`ErrorKind::Kernel`] with the first failed check or a missed barrier; [`ErrorKind::MemoryAllocation`] if there is no memory for the
    /// work-items' stacks.
    pub(super) fn run(self) -> Result<()> {
        let failed = OnceLock::new();
        match self.shape.kind {
            ShapeKind::Single | ShapeKind::Range(_) if self.body.reductions().is_empty() => {
                spread(self.shape.size(), PROBE_ITEMS, &|items| {
                    if let Err(error) = self.run_items(items) {
                        let _ = failed.set(error);
                    }
                });
            }
            ShapeKind::Single | ShapeKind::Range(_) => {
                spread(self.shape.n_runs().unwrap_or(0), PROBE_ITEMS / RUN, &|runs| {
                    if let Err(error) = self.run_runs(runs) {
                        let _ = failed.set(error);
                    }
                });
            }
            ShapeKind::NdRange(_) => {
                spread(group_counts(&self.shape).iter().product(), 1, &|groups| {
                    if let Err(error) = self.run_groups(groups) {
                        let _ = failed.set(error);
                    }
                });
            }
        }
        match (failed.into_inner(), self.trap.take()) {
            // A failed check comes first, because what it made of the data may have led items past a barrier.
            (_, Some((item, failure))) => {
                Err(Error::new(ErrorKind::Kernel, failure.describe(&self.name, item, &self.shape)))
            }
            (Some(error), None) => Err(error.describe(&self.name)),
            (None, None) => Ok(()),
        }
    }

    fn run_items(&self, items: Range<usize>) -> Result<(), GroupError> {
        let environment = Environment { views: &self.views, trap: &self.trap, slots: &[] };
        enter(self.setting(), || self.run_items_in(&environment, items))
    }

    fn run_items_in(&self, environment: &Environment<'_>, items: Range<usize>) -> Result<(), GroupError> {
        if self.halts {
            return run_items_that_halt(&*self.body, environment, &self.shape, items);
        }
        self.body.run(environment, &self.shape, items);
        Ok(())
    }

    /// Runs the work-items of some runs of a reduction over a range.
    fn run_runs(&self, runs: Range<usize>) -> Result<(), GroupError> {
        let slots = self.slots(RUN);
        let environment = Environment { views: &self.views, trap: &self.trap, slots: &slots };
        enter(self.setting(), || {
            for run in runs {
                let items = self.shape.items_of_run(run);
                let n_items = items.len();
                self.reduced(&slots, run, n_items, || self.run_items_in(&environment, items))?;
            }
            Ok(())
        })
    }

    /// Slots for the results of `n_items` work-items at a time.
    fn slots(&self, n_items: usize) -> SmallVec<[Slots; 1]> {
        let reductions = self.body.reductions().iter();
        let slots = reductions.filter_map(|&(position, reduction, view)| {
            let elements = self.views.get(position).copied().flatten()?;
            Slots::new(position, reduction, view, elements, n_items)
        });
        slots.collect()
    }

    /// Runs `work`, the next `n_items` work-items, of which the first begins the run `first`, and combines their results.
    fn reduced(
        &self,
        slots: &[Slots],
        first: usize,
        n_items: usize,
        work: impl FnOnce() -> Result<(), GroupError>,
    ) -> Result<(), GroupError> {
        slots.iter().for_each(|slots| slots.begin(first, n_items));
        work()?;
        let finish = || slots.iter().for_each(|slots| slots.finish(first, n_items));
        // The user's operator may panic, too.
        if self.halts && !slots.is_empty() {
            return run_halting(&finish).map(drop);
        }
        finish();
        Ok(())
    }

    fn setting(&self) -> Setting<'_> {
        Setting { trap: &self.trap, print: self.print, overflow: self.overflow }
    }

    fn run_groups(&self, groups: Range<usize>) -> Result<(), GroupError> {
        with_local_memory(self.local_lines(), |local| {
            let mut views = self.views.clone();
            let start = local.as_mut_ptr();
            let lines = local.len();
            for part in &self.local {
                let pointer = start.wrapping_add(part.offset_lines).cast::<u8>();
                views[part.argument] = Some(View { pointer, size_bytes: part.size_bytes });
            }
            let n_items = self.shape.local.iter().product();
            let slots = self.slots(n_items);
            let environment = Environment { views: &views, trap: &self.trap, slots: &slots };
            enter(self.setting(), || {
                for group in groups {
                    // SAFETY: `start` leads to `lines` lines that `local` borrows for as long as this runs, and that
                    // only the items of this group touch, which have not begun.
                    unsafe { start.write_bytes(0, lines) };
                    let first = group * n_items.div_ceil(RUN);
                    self.reduced(&slots, first, n_items, || self.run_group(&environment, group))?;
                }
                Ok(())
            })
        })
    }

    fn run_group(&self, environment: &Environment<'_>, group: usize) -> Result<(), GroupError> {
        if self.has_barrier {
            return run_group_with_barriers(&*self.body, environment, &self.shape, group);
        }
        self.body.run_group(environment, &self.shape, group);
        Ok(())
    }
}

/// Lends `work` this thread's local memory.
fn with_local_memory<R>(lines: usize, work: impl FnOnce(&mut [Line]) -> R) -> R {
    thread_local! {
        static MEMORY: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
    }
    // Taken out while in use, so that a kernel that panics or launches another leaves nothing borrowed.
    let mut memory = MEMORY.take();
    if memory.len() < lines {
        memory.resize(lines, Line([0; size_of::<Line>()]));
    }
    let result = work(&mut memory[..lines]);
    MEMORY.set(memory);
    result
}

/// Calls `run` with parts of `0..count` that together hold each number once, on as many threads as are worth it.
fn spread(count: usize, probe: usize, run: &(dyn Fn(Range<usize>) + Sync)) {
    let probed = probe.min(count);
    let begin = Instant::now();
    run(0..probed);
    let left = count - probed;
    let nanoseconds_each = (begin.elapsed().as_nanos() / probed.max(1) as u128).max(1);
    let worthwhile = usize::try_from(WORTHWHILE.as_nanos() / nanoseconds_each).unwrap_or(usize::MAX).max(1);
    match pool() {
        Some(pool) if left > worthwhile => {
            let part = worthwhile.max(left.div_ceil(pool.current_num_threads() * PARTS_PER_THREAD));
            pool.install(|| {
                (0..left.div_ceil(part)).into_par_iter().with_max_len(1).for_each(|index| {
                    let first = probed + index * part;
                    run(first..count.min(first + part));
                });
            });
        }
        _ if left > 0 => run(probed..count),
        _ => {}
    }
}

/// The threads of all lanes of the host device, or none if there is one core. Not rayon's own threads: a user may block
/// all of those in waits for the host device.
fn pool() -> Option<&'static ThreadPool> {
    static POOL: OnceLock<Option<ThreadPool>> = OnceLock::new();
    POOL.get_or_init(|| {
        let pool = ThreadPoolBuilder::new().thread_name(|index| format!("falx-host-{index}")).build().ok()?;
        (pool.current_num_threads() > 1).then_some(pool)
    })
    .as_ref()
}

/// How many threads run kernels.
pub(super) fn n_threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
