//! `Runtime`: owns the planner, the engine and the backends. [`Runtime::submit`] is the whole path of a command.
//!
//! There is one runtime in a process. It is never torn down: drivers do not survive being released while a process exits.

mod end;
mod live;

pub use live::{LiveBuffer, live_buffers};

use crate::backend::{self, Lane, Memory};
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{
    Engine, ErrorSink, HostBlock, Kernels, Lanes, PartWork, ProfileSlot, Record, Storage, Until, Use, Whole,
    Work,
};
use crate::geometry::{Block, Layout};
use crate::plan::{
    BufferId, BufferShape, Command, Divisible, Part, Plan, Planner, Step, StepId, StepKind, System, TaskId,
};
use crate::platform::{Device, DeviceId, MemoryId, MemoryUse, PoolPolicy, PoolUse};
use crate::sync::Mutex;
use crate::trace::{self, Counters, Reason, Tally};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::sync::{Arc, OnceLock, Weak};

/// Everything between a command group and the devices.
pub(crate) struct Runtime {
    planner: Mutex<Planner>,
    /// The storages that are not gone, by their numbers.
    storages: Mutex<FxHashMap<BufferId, Weak<Storage>>>,
    pub(crate) engine: &'static Engine,
    pub(crate) kernels: Kernels,
    problems: Vec<String>,
}

/// A command with what it takes to carry it out.
pub(crate) struct Request<'q> {
    pub(crate) command: Command,
    pub(crate) work: Work,
    /// How it is done in parts, if it is of a kind that may be.
    pub(crate) division: Option<&'q dyn Parts>,
    pub(crate) uses: SmallVec<[Use; 4]>,
    pub(crate) sink: Option<Arc<ErrorSink>>,
    pub(crate) profile: Option<Arc<ProfileSlot>>,
    pub(crate) counters: Option<&'q Counters>,
    pub(crate) tally: Tally,
    pub(crate) reason: Reason,
    /// The last command of a queue that runs in order: this one waits for it and takes its place.
    pub(crate) last: Option<&'q Mutex<Option<TaskId>>>,
}

/// How a command is done in parts.
pub(crate) trait Parts: Divisible {
    /// What a part does.
    fn work(&self, whole: &Work, part: &Part) -> Work;
}

impl Request<'_> {
    /// What a `Run` step does: all of the command, or a part of it.
    fn run(&mut self, part: Option<&Part>) -> Work {
        match (part, self.division) {
            (Some(part), Some(division)) => division.work(&self.work, part),
            _ => std::mem::replace(&mut self.work, Work::Barrier),
        }
    }

    /// What a part uses that is not the first. What steps between the parts spoil is of this command, and stays spoilt.
    fn uses_of_part(&self) -> SmallVec<[Use; 4]> {
        self.uses.iter().map(|used| Use { overwrites: false, ..used.clone() }).collect()
    }
}

/// What memory that is given to a storage counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    /// Elements with values.
    Written,
    /// Elements that nothing has written, whatever their bytes are.
    Unwritten,
}

/// What became of a request.
pub(crate) struct Ticket {
    pub(crate) task: TaskId,
    pub(crate) step: StepId,
    pub(crate) dependencies: SmallVec<[TaskId; 4]>,
}

static RUNTIME: OnceLock<&'static Runtime> = OnceLock::new();

/// The runtime of this process; devices are looked for at the first call.
pub(crate) fn runtime() -> &'static Runtime {
    RUNTIME.get_or_init(|| {
        let discovery = backend::discover();
        end::prepare();
        let problems = discovery.problems.clone();
        let devices = discovery.devices.clone();
        Runtime::leak(devices, problems, move |device| discovery.open(device))
    })
}

/// How many calls of OpenCL drivers were made so far.
pub(crate) fn driver_calls() -> u64 {
    runtime().engine.lanes().driver_calls()
}

impl Runtime {
    /// A runtime over the given devices, for the rest of the process.
    pub(crate) fn leak(
        devices: Vec<Device>,
        problems: Vec<String>,
        open: impl Fn(&Device) -> Result<Arc<dyn Lane>> + Send + Sync + 'static,
    ) -> &'static Runtime {
        let memories = devices.iter().filter(|device| device.memory() != MemoryId::HOST);
        let system = System::new(memories.map(|device| (device.memory(), device.id())));
        let engine = Engine::leak(Lanes::new(devices, open));
        let (planner, storages) = (Mutex::new(Planner::new(system)), Mutex::default());
        let runtime = Runtime { planner, storages, engine, kernels: Kernels::new(end::prepare), problems };
        for device in engine.lanes().devices().iter().filter(|device| device.memory() != MemoryId::HOST) {
            runtime.set_limits(device);
        }
        Box::leak(Box::new(runtime))
    }

    /// Adds a device for the rest of the process, of the number that `open` gets.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(crate) fn add_device(&self, open: impl FnOnce(DeviceId) -> Result<Arc<dyn Lane>>) -> Result<Device> {
        let device = self.engine.lanes().add(open)?;
        end::prepare();
        self.planner.lock().add_memory(device.memory(), device.id());
        self.set_limits(&device);
        Ok(device)
    }

    /// Sets what buffers may have in the memory of a device of its own until the program says otherwise.
    fn set_limits(&self, device: &Device) {
        self.set_budget(device.memory(), usual_budget(device));
        let largest_bytes = device.limits().max_allocation_bytes;
        if largest_bytes > 0 {
            self.planner.lock().set_largest_allocation(device.memory(), largest_bytes);
        }
    }

    /// Every device that was found, the host device first.
    pub(crate) fn devices(&self) -> &[Device] {
        self.engine.lanes().devices()
    }

    /// Why devices are missing.
    pub(crate) fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The lane of a device.
    ///
    /// # Errors
    /// When the device cannot be used.
    pub(crate) fn lane(&self, device: DeviceId) -> Result<&Arc<dyn Lane>> {
        self.engine.lanes().open(device)
    }

    /// Makes the storage of a new buffer; `block` holds its contents, if it has any. A size that no memory can have makes
    /// a storage that answers every use with an error.
    pub(crate) fn storage(&self, layout: Layout, block: Option<HostBlock>) -> Arc<Storage> {
        let initialized_in = block.is_some().then_some(MemoryId::HOST);
        self.make_storage(layout, block, initialized_in, None)
    }

    /// Makes a storage over memory that is there already.
    pub(crate) fn storage_over(&self, layout: Layout, block: HostBlock, contents: Contents) -> Arc<Storage> {
        let initialized_in = (contents == Contents::Written).then_some(MemoryId::HOST);
        self.make_storage(layout, Some(block), initialized_in, None)
    }

    /// Makes a storage over memory of the program's own on a device, which holds its contents.
    pub(crate) fn storage_on(&self, layout: Layout, device: &Device, memory: Memory) -> Arc<Storage> {
        let place = Some(device.memory());
        let storage = self.make_storage(layout, None, place, place);
        storage.stand_on(device.memory(), memory);
        storage
    }

    /// A storage whose end is not told to the planner: in tests that is another runtime's.
    #[cfg(test)]
    pub(crate) fn storage_of_lab(&self, layout: Layout) -> Arc<Storage> {
        let Layout { extent, element_bytes } = layout;
        let shape = BufferShape {
            extent,
            element_bytes,
            initialized_in: None,
            imported_in: None,
            name: String::new(),
        };
        let id = self.planner.lock().register(shape);
        let storage = Arc::new(Storage::new(id, None, layout, None, |_| {}));
        self.remember(&storage);
        storage
    }

    fn make_storage(
        &self,
        layout: Layout,
        block: Option<HostBlock>,
        initialized_in: Option<MemoryId>,
        imported_in: Option<MemoryId>,
    ) -> Arc<Storage> {
        let Layout { extent, element_bytes } = layout;
        let size = extent.iter().try_fold(element_bytes, |size, extent| size.checked_mul(*extent));
        let invalid = size.is_none_or(|size| size > isize::MAX as usize / 4).then(|| {
            let text = format!("a buffer of {extent:?} elements of {element_bytes} bytes is larger than any memory; use a smaller range");
            Error::new(ErrorKind::Invalid, text)
        });
        let extent = if invalid.is_some() { [1, 1, 0] } else { extent };
        let layout = Layout { extent, element_bytes };
        let shape = BufferShape { extent, element_bytes, initialized_in, imported_in, name: String::new() };
        let id = self.planner.lock().register(shape);
        let storage = Arc::new(Storage::new(id, invalid, layout, block, forget));
        self.remember(&storage);
        storage
    }

    /// Remembers a storage, so that it can be made to give up memory and is known to be there; for each new `Arc` of it.
    pub(crate) fn remember(&self, storage: &Arc<Storage>) {
        let before = self.storages.lock().insert(storage.id, Arc::downgrade(storage));
        drop(before);
    }

    /// Gives a buffer a name, for messages and graphs.
    pub(crate) fn rename(&self, storage: &Storage, name: &str) {
        storage.set_name(name);
        self.planner.lock().rename(storage.id, name);
    }

    /// Plans a command, hands its steps to the engine, and starts what is ready. Does not wait.
    ///
    /// # Errors
    /// What planning finds wrong, such as a read of a region that nothing has written.
    pub(crate) fn submit(&self, request: &mut Request<'_>) -> Result<Ticket> {
        if request.command.memory == MemoryId::HOST {
            let mut written = request.uses.iter().filter(|used| used.access.writes());
            written.try_for_each(|used| used.storage.part_company())?;
        }
        if request.command.memory != MemoryId::HOST {
            self.reserve(request)?;
        }
        let mut planner = self.planner.lock();
        planner.settle(self.engine.settled());
        if let Some(before) = request.last.and_then(|last| *last.lock()) {
            request.command.after.push(before);
        }
        let (plan, parts) = match request.division {
            Some(division) => planner.plan_divisible(&request.command, division)?,
            None => (planner.plan(&request.command)?, Vec::new()),
        };
        request.last.iter().for_each(|last| *last.lock() = Some(plan.task));
        trace::record_graph(|| planner.describe(&request.command, &plan));
        let Plan { task, run: step, dependencies, steps } = plan;
        trace::count_command(request.counters, &request.tally);
        let records = self.records(request, steps, &parts);
        // Still under the planner's lock, so that steps reach the engine in the order of their numbers. What parts need is not worked
        // out under the engine's.
        let taken = match parts.is_empty() {
            true => self.engine.push(records),
            false => self.engine.push(records.collect::<Vec<_>>()),
        };
        drop(planner);
        self.engine.drive_on(taken);
        Ok(Ticket { task, step, dependencies })
    }

    /// Makes sure that the host has memory for what must leave a device, so that nothing is lost.
    fn reserve(&self, request: &Request<'_>) -> Result<()> {
        let leaving = match (self.planner.lock(), request.division) {
            (planner, None) => planner.leaving(&request.command)?,
            (planner, Some(division)) => match planner.leaving(&request.command) {
                Ok(leaving) => leaving,
                // Planning refuses it, and says why.
                Err(_) if division.n_units().is_err() => return Ok(()),
                Err(_) => planner.may_leave(&request.command),
            },
        };
        for buffer in leaving {
            let storage = self.storages.lock().get(&buffer).and_then(Weak::upgrade);
            let Some(Err(error)) = storage.map(|storage| storage.host().map(|_| ())) else { continue };
            // What a scope lent until it was over needs no saving.
            if error.kind() == ErrorKind::MemoryAllocation {
                return Err(error);
            }
        }
        Ok(())
    }

    /// Turns the steps of a plan into records for the engine; the last step does what the command asked, unless each part of it has
    /// a step of its own.
    fn records<'r>(
        &'r self,
        request: &'r mut Request<'_>,
        steps: SmallVec<[Step; 1]>,
        parts: &'r [Part],
    ) -> impl Iterator<Item = Record> + 'r {
        let first = steps.iter().find(|step| step.kind == StepKind::Run).filter(|_| parts.len() > 1);
        let whole = first.map(|first| Arc::new(Whole::new(first.id)));
        let mut parts = parts.iter();
        let mut is_first = true;
        steps.into_iter().map(move |step| {
            let is_run = step.kind == StepKind::Run;
            let work = match is_run {
                true => request.run(parts.next()),
                false => self.preparation(&step, request),
            };
            let mut record = Record::new(step, work, request.command.name);
            record.sink = if record.is_last { request.sink.take() } else { request.sink.clone() };
            if is_run {
                record.uses = match (std::mem::take(&mut is_first), record.is_last) {
                    (true, true) => std::mem::take(&mut request.uses),
                    (true, false) => request.uses.clone(),
                    (false, _) => request.uses_of_part(),
                };
                record.profile = request.profile.clone();
                record.whole = whole.clone();
            }
            record
        })
    }

    /// The work of a step that comes before the command's own.
    fn preparation(&self, step: &Step, request: &Request<'_>) -> Work {
        let work = match &step.kind {
            StepKind::Zero { buffer, memory, block } => {
                self.part(*buffer, request, *memory, *block).map(Work::Zero)
            }
            StepKind::Copy { buffer, from, block, .. } => {
                self.used(*buffer, request).map(|(storage, mut reason)| {
                    // What is taken from where the command needs it makes room there.
                    if *from != MemoryId::HOST && *from == request.command.memory {
                        reason = Reason::Eviction;
                    }
                    trace::count_copy(request.counters, reason, block.size() * storage.layout.element_bytes);
                    Work::Move(Box::new(PartWork { storage, block: *block, memory: *from }))
                })
            }
            StepKind::Reserve { buffer, memory, piece } => {
                self.part(*buffer, request, *memory, *piece).map(Work::Reserve)
            }
            StepKind::Release { buffer, memory, piece } => {
                self.part(*buffer, request, *memory, *piece).map(Work::Release)
            }
            StepKind::Run => None,
        };
        // A buffer that is gone meanwhile has nothing to save, and has given up its memory by that.
        work.unwrap_or(Work::Barrier)
    }

    /// What a step does with a part of a buffer, which is there unless the buffer is gone.
    fn part(
        &self,
        buffer: BufferId,
        request: &Request<'_>,
        memory: MemoryId,
        block: Block,
    ) -> Option<Box<PartWork>> {
        let (storage, _) = self.used(buffer, request)?;
        Some(Box::new(PartWork { storage, block, memory }))
    }

    /// The storage of a buffer, and why bytes of it are copied: for the command, or because others need its room.
    fn used(&self, buffer: BufferId, request: &Request<'_>) -> Option<(Arc<Storage>, Reason)> {
        if let Some(used) = request.uses.iter().find(|used| used.storage.id == buffer) {
            return Some((used.storage.clone(), request.reason));
        }
        Some((self.storages.lock().get(&buffer)?.upgrade()?, Reason::Eviction))
    }

    /// Sets how many bytes buffers may have in a device memory.
    pub(crate) fn set_budget(&self, memory: MemoryId, budget_bytes: Option<usize>) {
        self.planner.lock().set_budget(memory, budget_bytes);
        self.engine.lanes().pools(memory).iter().for_each(|pool| pool.set_budget(budget_bytes));
    }

    /// Sets what becomes of a device memory that buffers gave up.
    pub(crate) fn set_pool_policy(&self, memory: MemoryId, policy: PoolPolicy) {
        self.engine.lanes().pools(memory).iter().for_each(|pool| pool.set_policy(policy));
    }

    /// What the pool of a device memory has.
    pub(crate) fn pool_use(&self, memory: MemoryId) -> PoolUse {
        self.engine.lanes().pools(memory).first().map(|pool| pool.counts()).unwrap_or_default()
    }

    /// What buffers have in a device memory, once all that was submitted is over.
    pub(crate) fn held(&self, memory: MemoryId) -> MemoryUse {
        self.planner.lock().held(memory)
    }

    /// Blocks until a step is over, or its host access may begin.
    ///
    /// # Errors
    /// Why the step failed, or why the wait would never end.
    pub(crate) fn wait(&self, step: StepId, until: Until) -> Result<()> {
        self.engine.wait(step, until)
    }

    /// How many elements of a box of a buffer are current in a memory; in any, if none is named.
    pub(crate) fn current_in(&self, storage: &Storage, memory: Option<MemoryId>, block: &Block) -> usize {
        self.planner.lock().current_in(storage.id, memory, block)
    }

    /// Has a box of a buffer lose its contents, for every command to come.
    pub(crate) fn discard(&self, storage: &Storage, block: &Block) {
        storage.note_discard();
        self.planner.lock().discard(storage.id, block);
    }
}

/// Tells the planner that a buffer is gone. Everything that used it is over, or it would still hold its storage.
fn forget(buffer: BufferId) {
    let steps = runtime().planner.lock().forget(buffer);
    drop(steps);
    let gone = runtime().storages.lock().remove(&buffer);
    drop(gone);
}

/// What buffers may have on a device unless the user says otherwise: the driver needs some for itself, and does not always
/// say so when there is too little.
fn usual_budget(device: &Device) -> Option<usize> {
    Some(device.limits().global_memory_bytes / 10 * 9).filter(|bytes| *bytes > 0)
}

/// Every device that `FALX_DEVICE` lets through; all of them, the host device included, when it is not set.
///
/// ```
/// for device in falx::devices()? {
///     println!("{device}");
/// }
/// # Ok::<(), falx::Error>(())
/// ```
///
/// # Errors
/// [`ErrorKind::Platform`] if `FALX_DEVICE` names no device that is there.
pub fn devices() -> Result<Vec<Device>> {
    crate::platform::filtered(runtime().devices())
}

/// Why OpenCL devices are missing, each with what to do about it; empty when nothing is wrong.
///
/// ```
/// for problem in falx::platform_problems() {
///     eprintln!("{problem}");
/// }
/// ```
pub fn platform_problems() -> Vec<String> {
    runtime().problems().to_vec()
}
