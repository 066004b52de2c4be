//! `Lab`: a runtime over simulated devices. Their memories are real, and a command takes effect when it is completed.

use super::super::work::{CopyWork, FillWork};
use super::super::{Engine, HostClosure, Storage, Until, Use, Work};
use crate::backend::record::device;
use crate::backend::{At, CopyBox, Lane, Launch, Memory, Profile, Program, Signal, Sum};
use crate::error::{Error, ErrorKind, Result};
use crate::execute::Portion;
use crate::geometry::{Block, Layout};
use crate::kernel::Source;
use crate::plan::{Access, Command, CommandKind, Requirement, TaskId};
use crate::platform::{Device, DeviceId, MemoryId};
use crate::runtime::{Parts, Request, Runtime, Ticket};
use crate::sync::{Condvar, Mutex};
use crate::trace::{Reason, Tally};
use smallvec::{SmallVec, smallvec};
use std::collections::VecDeque;
use std::sync::Arc;

/// The host device, one that shares its memory, and two with memories of their own.
pub(super) const HOST: usize = 0;
pub(super) const SHARED: usize = 1;
pub(super) const NEAR: usize = 2;
pub(super) const FAR: usize = 3;
const MEMORIES: [u8; 4] = [0, 0, 1, 2];

#[derive(Default)]
struct SimulatedSignal {
    outcome: Mutex<Option<Result<()>>>,
    changed: Condvar,
}

impl Signal for SimulatedSignal {
    fn poll(&self) -> Result<bool> {
        self.outcome.lock().clone().map_or(Ok(false), |outcome| outcome.map(|()| true))
    }
    fn wait(&self) -> Result<()> {
        let mut outcome = self.outcome.lock();
        while outcome.is_none() {
            self.changed.wait(&mut outcome);
        }
        outcome.clone().unwrap_or(Ok(()))
    }
    fn profile(&self) -> Option<Profile> {
        None
    }
}

/// Where the bytes of a simulated memory are.
pub(super) struct SimulatedMemory {
    pointer: *mut u8,
    _own: Option<Arc<Box<[u64]>>>,
}

impl SimulatedMemory {
    /// The first byte of memory of a device that nothing is under way on.
    #[cfg(shuttle)]
    pub(super) fn first(&self) -> u8 {
        // SAFETY: the memory has a byte, and nothing touches it now.
        unsafe { *self.pointer }
    }
}
// SAFETY: the bytes are only touched by operations under the lane's lock, which the engine orders across lanes.
unsafe impl Send for SimulatedMemory {}
// SAFETY: as above.
unsafe impl Sync for SimulatedMemory {}

type Effect = Box<dyn FnOnce() + Send>;

pub(super) fn portion(storage: &Arc<Storage>, block: Block) -> Portion {
    Portion { storage: storage.clone(), layout: storage.layout, block }
}

#[derive(Default)]
struct Pending {
    queue: VecDeque<(Effect, Arc<SimulatedSignal>)>,
    log: Vec<String>,
    /// How many submissions pass before one is refused.
    refuse_after: Option<usize>,
}

pub(super) struct SimulatedLane {
    device: Device,
    pending: Mutex<Pending>,
}

struct Bytes(*mut u8);
// SAFETY: as for `SimulatedMemory`.
unsafe impl Send for Bytes {}
impl Bytes {
    fn at(&self, offset: usize) -> *mut u8 {
        self.0.wrapping_add(offset)
    }
}

pub(super) fn broken() -> Error {
    Error::new(ErrorKind::Runtime, "the simulated driver refused")
}

impl SimulatedLane {
    fn submit(&self, line: String, effect: Effect) -> Result<Arc<dyn Signal>> {
        let mut pending = self.pending.lock();
        match &mut pending.refuse_after {
            Some(0) => {
                pending.refuse_after = None;
                return Err(broken());
            }
            Some(left) => *left -= 1,
            None => {}
        }
        let signal = Arc::new(SimulatedSignal::default());
        pending.log.push(line);
        pending.queue.push_back((effect, signal.clone()));
        Ok(signal)
    }

    /// Ends the oldest command. `false` if there is none.
    pub(super) fn complete(&self, outcome: Result<()>) -> bool {
        let mut pending = self.pending.lock();
        let Some((effect, signal)) = pending.queue.pop_front() else { return false };
        if outcome.is_ok() {
            effect();
        }
        *signal.outcome.lock() = Some(outcome);
        signal.changed.notify_all();
        true
    }

    pub(super) fn refuse_after(&self, n_submissions: usize) {
        self.pending.lock().refuse_after = Some(n_submissions);
    }

    pub(super) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.pending.lock().log)
    }

    fn pointer(&self, at: &At<'_>) -> Bytes {
        match at {
            At::Host(pointer) => Bytes(*pointer),
            At::Memory(memory) => Bytes(
                memory.inner.downcast_ref::<SimulatedMemory>().map_or(std::ptr::null_mut(), |m| m.pointer),
            ),
        }
    }
}

impl Lane for SimulatedLane {
    fn device(&self) -> &Device {
        &self.device
    }
    fn compile(&self, _source: &Source) -> Result<Arc<Program>> {
        Err(broken())
    }
    fn allocate(&self, size_bytes: usize) -> Result<Memory> {
        let mut own = vec![u64::MAX; size_bytes.div_ceil(8)].into_boxed_slice();
        let pointer = own.as_mut_ptr().cast();
        Ok(Memory::new(SimulatedMemory { pointer, _own: Some(own.into()) }))
    }
    fn part(&self, whole: &Memory, offset_bytes: usize, _size_bytes: usize) -> Result<Memory> {
        let whole = whole.inner.downcast_ref::<SimulatedMemory>().ok_or_else(broken)?;
        let pointer = whole.pointer.wrapping_add(offset_bytes);
        Ok(Memory::new(SimulatedMemory { pointer, _own: whole._own.clone() }))
    }
    unsafe fn adopt(&self, pointer: *mut u8, _size_bytes: usize) -> Result<Memory> {
        Ok(Memory::new(SimulatedMemory { pointer, _own: None }))
    }
    unsafe fn launch(&self, _launch: &Launch<'_>) -> Result<Arc<dyn Signal>> {
        Err(broken())
    }
    unsafe fn copy(&self, copy: &CopyBox<'_>) -> Result<Arc<dyn Signal>> {
        let (from, to) = (self.pointer(&copy.from.at), self.pointer(&copy.to.at));
        let (first, second) =
            (copy.from.origin[2] * copy.element_bytes, copy.to.origin[2] * copy.element_bytes);
        let size_bytes = copy.extent[2] * copy.element_bytes;
        // SAFETY: the caller promised that both places hold the box; the test's buffers have one dimension.
        let effect = move || unsafe { std::ptr::copy(from.at(first), to.at(second), size_bytes) };
        let ends = match (&copy.from.at, &copy.to.at) {
            (At::Host(_), _) => "in",
            (_, At::Host(_)) => "out",
            _ => "over",
        };
        self.submit(format!("copy {ends}"), Box::new(effect))
    }
    unsafe fn fill(
        &self,
        memory: &Memory,
        pattern: &[u8],
        offset_bytes: usize,
        size_bytes: usize,
    ) -> Result<Arc<dyn Signal>> {
        let to = self.pointer(&At::Memory(memory));
        let pattern = pattern.to_vec();
        let line = format!("fill {}", pattern[0]);
        let effect = move || {
            for offset in 0..size_bytes {
                // SAFETY: the caller promised that the memory holds the range.
                unsafe { *to.at(offset_bytes + offset) = pattern[offset % pattern.len()] };
            }
        };
        self.submit(line, Box::new(effect))
    }
    unsafe fn sum(&self, _from: &[&Memory], _to: &Memory, _sum: &Sum) -> Result<Arc<dyn Signal>> {
        Err(broken())
    }
    fn flush(&self) {}
}

pub(super) struct Lab {
    pub(super) runtime: &'static Runtime,
    pub(super) lanes: Vec<Arc<SimulatedLane>>,
}

/// Elements `first..end` of a buffer.
pub(super) fn elements(first: usize, end: usize) -> Block {
    Block::new([0, 0, first], [1, 1, end])
}

impl Lab {
    pub(super) fn new() -> Self {
        let number = |n: usize| DeviceId(n as _);
        let lane = |n: usize| {
            let device = device(number(n), MemoryId(MEMORIES[n] as _));
            Arc::new(SimulatedLane { device, pending: Mutex::default() })
        };
        let lanes: Vec<_> = (0..MEMORIES.len()).map(lane).collect();
        let (devices, open) = (lanes.iter().map(|lane| lane.device.clone()).collect(), lanes.clone());
        let runtime =
            Runtime::leak(devices, Vec::new(), move |device| Ok(open[device.id().0 as usize].clone() as _));
        Lab { runtime, lanes }
    }

    pub(super) fn engine(&self) -> &'static Engine {
        self.runtime.engine
    }

    /// Lets buffers have so many bytes in the memory of each of these devices.
    pub(super) fn limit(&self, devices: impl IntoIterator<Item = usize>, n_bytes: usize) {
        for device in devices {
            self.runtime.set_budget(MemoryId(MEMORIES[device] as _), Some(n_bytes));
        }
    }

    /// A buffer of `extent` bytes without contents.
    pub(super) fn buffer(&self, extent: [usize; 3]) -> Arc<Storage> {
        self.runtime.storage_of_lab(Layout { extent, element_bytes: 1 })
    }

    /// Submits a command that uses parts of buffers, after others.
    pub(super) fn submit(
        &self,
        kind: CommandKind,
        device: usize,
        uses: &[(&Arc<Storage>, Block, Access)],
        after: &[TaskId],
        work: Work,
    ) -> Ticket {
        self.carry_out(&mut self.request(kind, device, uses, after, work))
    }

    /// Has the engine do what is asked for, which is valid.
    fn carry_out(&self, request: &mut Request<'_>) -> Ticket {
        self.runtime.submit(request).expect("the command is valid")
    }

    /// A command that uses parts of buffers, after others.
    fn request<'r>(
        &self,
        kind: CommandKind,
        device: usize,
        uses: &[(&Arc<Storage>, Block, Access)],
        after: &[TaskId],
        work: Work,
    ) -> Request<'r> {
        let requirement = |&(storage, block, access): &(&Arc<Storage>, Block, Access)| Requirement {
            buffer: storage.id,
            block,
            within: block,
            access,
        };
        let using = |&(storage, block, access): &(&Arc<Storage>, Block, Access)| Use {
            storage: storage.clone(),
            access,
            overwrites: access == Access::Discard && block.extent() == storage.layout.extent,
        };
        Request {
            command: Command {
                kind,
                name: "test",
                place: None,
                device: DeviceId(device as _),
                memory: MemoryId(MEMORIES[device] as _),
                requirements: uses.iter().map(requirement).collect(),
                after: SmallVec::from_slice(after),
            },
            work,
            division: None,
            uses: uses.iter().map(using).collect(),
            sink: None,
            profile: None,
            counters: None,
            tally: Tally::default(),
            reason: Reason::Command,
            last: None,
        }
    }

    /// Does the work of a command that uses parts of buffers in parts, where all of it does not fit.
    pub(super) fn divide(
        &self,
        device: usize,
        uses: &[(&Arc<Storage>, Block, Access)],
        division: &dyn Parts,
    ) -> Ticket {
        let request = self.request(CommandKind::Launch, device, uses, &[], Work::Barrier);
        self.carry_out(&mut Request { division: Some(division), ..request })
    }

    /// Fills part of a buffer with `value`.
    pub(super) fn fill(&self, device: usize, storage: &Arc<Storage>, block: Block, value: u8) -> Ticket {
        let work = FillWork { to: portion(storage, block), pattern: smallvec![value] };
        let uses = [(storage, block, Access::Discard)];
        self.submit(CommandKind::Launch, device, &uses, &[], Work::Fill(Box::new(work)))
    }

    /// Copies part of one buffer to the same part of another.
    pub(super) fn copy(&self, device: usize, from: &Arc<Storage>, to: &Arc<Storage>, block: Block) -> Ticket {
        let (from_block, to_block) = (block, block);
        let work = CopyWork { from: portion(from, from_block), to: portion(to, to_block) };
        let uses = [(from, block, Access::Read), (to, block, Access::Discard)];
        self.submit(CommandKind::Launch, device, &uses, &[], Work::CopyRegion(Box::new(work)))
    }

    /// A host access that nobody waits for yet.
    pub(super) fn host(&self, storage: &Arc<Storage>, access: Access) -> Ticket {
        let [planes, rows, columns] = storage.layout.extent;
        let uses = [(storage, Block::new([0; 3], [planes, rows, columns]), access)];
        self.submit(CommandKind::HostAccess, HOST, &uses, &[], Work::HostAccess(std::thread::current().id()))
    }

    pub(super) fn host_task(
        &self,
        uses: &[(&Arc<Storage>, Block, Access)],
        closure: impl FnOnce() -> Result<()> + Send + 'static,
    ) -> Ticket {
        let closure: HostClosure = Box::new(closure);
        self.submit(CommandKind::HostTask, HOST, uses, &[], Work::HostTask(Some(closure)))
    }

    pub(super) fn barrier(&self, after: &[TaskId]) -> Ticket {
        self.submit(CommandKind::Barrier, HOST, &[], after, Work::Barrier)
    }

    /// Waits for a host access, looks at the bytes, and ends it.
    pub(super) fn look<R>(
        &self,
        storage: &Arc<Storage>,
        access: Access,
        look: impl FnOnce(&mut [u8]) -> R,
    ) -> Result<R> {
        let step = self.host(storage, access).step;
        if let Err(error) = self.engine().wait(step, Until::Open) {
            self.engine().cancel(step);
            return Err(error);
        }
        let pointer = storage.host()?.pointer();
        // SAFETY: the host access is open, so nothing else touches the bytes (or only reads them, as `look` then does).
        let result = look(unsafe { std::slice::from_raw_parts_mut(pointer, storage.size_bytes()) });
        self.engine().finish(step, Ok(()));
        Ok(result)
    }

    pub(super) fn is_over(&self, ticket: &Ticket) -> bool {
        for device in 0..self.lanes.len() {
            self.engine().retire(DeviceId(device as _));
        }
        self.engine().is_over(ticket.step)
    }
}
