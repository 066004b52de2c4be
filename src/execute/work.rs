//! `Work`: what one step does, with everything it needs, and how it is handed to a lane.

use super::kernels::Compiled;
use super::prints::{PrintRecord, PrintSink};
use super::sheet::{Sheet, Sheets};
use super::signals::Refused;
use super::storage::Storage;
use crate::backend::{At, CopyBox, Lane, Launch, Memory, Place, Pointer, Signal, Sum};
use crate::error::Result;
use crate::geometry::{Block, Layout};
use crate::kernel::{HostBody, LaunchShape, Overflow, ParameterBytes, SLOTS, WORDS, is_clear, is_silent};
use crate::plan::Access;
use crate::platform::{DeviceId, MemoryId};
use crate::trace::CheckCount;
use once_cell::sync::OnceCell;
use smallvec::SmallVec;
use std::sync::Arc;
use std::thread::ThreadId;

/// A closure for a host task.
pub(crate) type HostClosure = Box<dyn FnOnce() -> Result<()> + Send>;

/// What one step does.
pub(crate) enum Work {
    /// Runs a kernel.
    Launch(Box<LaunchWork>),
    /// Fills a region with one value.
    Fill(Box<FillWork>),
    /// Copies a region of one buffer to a region of another (or the same) in one memory.
    CopyRegion(Box<CopyWork>),
    /// Sums runs of elements.
    Sum(Box<SumWork>),
    /// Copies a region of a buffer between host memory and the lane's device.
    Move {
        /// The buffer.
        storage: Arc<Storage>,
        /// The region.
        block: Block,
        /// Where the bytes are.
        from: MemoryId,
    },
    /// Gives up the memory that a buffer has on a device.
    Release {
        /// The buffer.
        storage: Arc<Storage>,
        /// The memory.
        memory: MemoryId,
    },
    /// Sets a region to zero bytes.
    Zero {
        /// The buffer.
        storage: Arc<Storage>,
        /// The region.
        block: Block,
    },
    /// Runs a closure on a thread of its own.
    HostTask(Option<HostClosure>),
    /// Lets this thread of the user touch the buffer; ends when its guard goes.
    HostAccess(ThreadId),
    /// Nothing.
    Barrier,
}

/// One kernel launch.
pub(crate) struct LaunchWork {
    pub(crate) kernel: Arc<Compiled>,
    /// For the totals.
    pub(crate) checks: CheckCount,
    pub(crate) body: Option<Arc<dyn HostBody>>,
    pub(crate) parameters: ParameterBytes,
    pub(crate) pointers: SmallVec<[PointerWork; 4]>,
    pub(crate) shape: LaunchShape,
    pub(crate) has_barrier: bool,
    /// Where the launch reports failed checks; set when it is handed over.
    pub(crate) trap: OnceCell<Arc<Sheet>>,
    /// Where the launch prints; set when it is handed over.
    pub(crate) print: OnceCell<Arc<PrintRecord>>,
    /// Where its output goes in the end.
    pub(crate) print_sink: PrintSink,
    /// How many words there are for it.
    pub(crate) print_words: usize,
    pub(crate) overflow: Overflow,
}

/// The memory that launches report into.
#[derive(Default)]
pub(crate) struct Reports {
    pub(crate) traps: Sheets,
    pub(crate) prints: Sheets,
}

impl Reports {
    /// Takes back what a launch reported into that is over.
    pub(crate) fn give_back(&self, device: DeviceId, mut launch: LaunchWork) {
        if let Some(trap) = launch.trap.take() {
            self.traps.give_back(device, trap, usize::MAX, |words| !is_clear(words));
        }
        if let Some(print) = launch.print.take()
            && let Some(print) = Arc::into_inner(print)
        {
            self.prints.give_back(device, print.sheet, 1, |words| !is_silent(words));
        }
    }
}

/// A pointer argument of a launch.
pub(crate) enum PointerWork {
    /// To a buffer.
    Storage(Arc<Storage>),
    /// To so many bytes of local memory.
    Local(usize),
    /// No pointer, but a value.
    Value(SmallVec<[u8; 16]>),
}

/// A box of a buffer's elements, as an accessor or a guard sees them.
#[derive(Clone)]
pub(crate) struct Portion {
    pub(crate) storage: Arc<Storage>,
    /// How the buffer's bytes are seen; not always as the buffer was made.
    pub(crate) layout: Layout,
    pub(crate) block: Block,
}

impl Portion {
    /// The smallest box of the buffer as it was made that holds a part of this, and whether it holds no more.
    pub(crate) fn seen(&self, part: &Block) -> (Block, bool) {
        if self.storage.invalid.is_some() {
            return (Block::new([0; 3], [0; 3]), true);
        }
        self.layout.seen_in(&self.storage.layout, part)
    }

    /// What it takes of the buffer as it was made to use a part of this so: elements of which other bytes must stay are
    /// not given up.
    pub(crate) fn demanded(&self, part: &Block, access: Access) -> (Block, Access) {
        match (self.seen(part), access) {
            ((block, false), Access::Discard) => (block, Access::Write),
            ((block, _), access) => (block, access),
        }
    }

    /// How a command that uses a part of this so uses the buffer.
    pub(crate) fn into_use(self, part: &Block, access: Access) -> Use {
        let (block, access) = self.demanded(part, access);
        let overwrites = access == Access::Discard && block == self.storage.layout.whole();
        Use { storage: self.storage, access, overwrites }
    }

    /// Whether some element may be in both.
    pub(crate) fn overlaps(&self, other: &Portion) -> bool {
        self.storage.id == other.storage.id && self.seen(&self.block).0.overlaps(&other.seen(&other.block).0)
    }

    fn place<'m>(&self, memory: &'m Memory) -> Place<'m> {
        Place { at: At::Memory(memory), origin: self.block.min, extent: self.layout.extent }
    }
}

/// One fill.
pub(crate) struct FillWork {
    pub(crate) to: Portion,
    pub(crate) pattern: SmallVec<[u8; 16]>,
}

/// One pass of a sum.
pub(crate) struct SumWork {
    /// One buffer, or two whose elements are multiplied.
    pub(crate) from: SmallVec<[Arc<Storage>; 2]>,
    pub(crate) to: Arc<Storage>,
    pub(crate) sum: Sum,
}

/// One copy between regions.
pub(crate) struct CopyWork {
    pub(crate) from: Portion,
    pub(crate) to: Portion,
}

/// How a step uses a buffer: what is poisoned when it fails, and what poisons it.
pub(crate) struct Use {
    pub(crate) storage: Arc<Storage>,
    pub(crate) access: Access,
    /// Whether the whole buffer is overwritten.
    pub(crate) overwrites: bool,
}

/// What became of a step that was handed to a lane.
pub(crate) type Submitted = Result<SmallVec<[Arc<dyn Signal>; 1]>>;

impl Work {
    /// Hands the work to its lane. Called by one thread at a time per lane, holding no lock.
    pub(crate) fn submit(&self, lane: &dyn Lane, reports: &Reports) -> Submitted {
        match self {
            Work::Launch(launch) => launch.submit(lane, reports),
            Work::Fill(fill) => fill.submit(lane),
            Work::Zero { storage, block } => zero(lane, storage, block),
            Work::CopyRegion(copy) => copy.submit(lane).map(one),
            Work::Sum(sum) => sum.submit(lane).map(one),
            Work::Move { storage, block, from } => move_block(lane, storage, block, *from).map(one),
            Work::Release { .. } | Work::HostTask(_) | Work::HostAccess(_) | Work::Barrier => {
                Ok(SmallVec::new())
            }
        }
    }
}

fn one(signal: Arc<dyn Signal>) -> SmallVec<[Arc<dyn Signal>; 1]> {
    SmallVec::from_elem(signal, 1)
}

/// Hands the parts of one step over, until one is refused. What was taken by then runs, and the step must keep its memory
/// until that is over.
fn in_parts(parts: impl Iterator<Item = Result<Arc<dyn Signal>>>) -> Submitted {
    let mut signals: SmallVec<[Arc<dyn Signal>; 1]> = SmallVec::new();
    for part in parts {
        match part {
            Ok(signal) => signals.push(signal),
            Err(error) if signals.is_empty() => return Err(error),
            Err(error) => {
                // First, since the last one is waited for.
                let refused: Arc<dyn Signal> = Arc::new(Refused(error));
                signals.insert(0, refused);
                break;
            }
        }
    }
    Ok(signals)
}

impl LaunchWork {
    fn submit(&self, lane: &dyn Lane, reports: &Reports) -> Submitted {
        let signature = &self.kernel.source.signature;
        // The host device reports failed checks by itself.
        let trap = match signature.traps && !lane.device().is_host() {
            true => Some(self.trap.get_or_try_init(|| reports.traps.take(lane, SLOTS * WORDS))?),
            false => None,
        };
        let print = match signature.prints {
            true => Some(self.print.get_or_try_init(|| {
                reports.prints.take(lane, self.print_words + 1).map(|sheet| Arc::new(PrintRecord::new(sheet)))
            })?),
            false => None,
        };
        // Of the memory for output only the counters must be clear.
        let sheets = trap.map(|sheet| (sheet, SLOTS * WORDS)).into_iter();
        let sheets = sheets.chain(print.map(|print| (&print.sheet, 1)));
        let separate: SmallVec<[_; 2]> = sheets.filter(|(sheet, _)| sheet.is_separate()).collect();
        let launch =
            || self.launch(lane, trap.map(|sheet| sheet.memory()), print.map(|print| print.sheet.memory()));
        if separate.is_empty() {
            return launch().map(one);
        }
        let before = separate.iter().map(|(sheet, n_words)| sheet.prepare(lane, *n_words));
        let after = separate.iter().map(|(sheet, _)| sheet.fetch(lane));
        in_parts(before.chain(std::iter::once_with(launch)).chain(after))
    }

    fn launch(
        &self,
        lane: &dyn Lane,
        trap: Option<&Memory>,
        print: Option<&Memory>,
    ) -> Result<Arc<dyn Signal>> {
        let mut pointers: SmallVec<[Pointer<'_>; 4]> = SmallVec::with_capacity(self.pointers.len());
        for pointer in &self.pointers {
            pointers.push(match pointer {
                PointerWork::Storage(storage) => Pointer::Memory(storage.memory(lane)?),
                PointerWork::Local(size_bytes) => Pointer::Local(*size_bytes),
                PointerWork::Value(bytes) => Pointer::Value(bytes),
            });
        }
        let launch = Launch {
            program: &self.kernel.program,
            body: self.body.as_ref(),
            name: self.kernel.source.title(),
            signature: &self.kernel.source.signature,
            parameters: &self.parameters,
            pointers,
            trap,
            print,
            print_words: self.print_words,
            overflow: self.overflow,
            shape: self.shape,
            has_barrier: self.has_barrier,
        };
        // SAFETY: `prepare` matched the arguments to this signature; the record that owns this work keeps the storages
        // until the signal has been seen complete.
        unsafe { lane.launch(&launch) }
    }
}

impl SumWork {
    fn submit(&self, lane: &dyn Lane) -> Result<Arc<dyn Signal>> {
        let from =
            self.from.iter().map(|from| from.memory(lane)).collect::<Result<SmallVec<[Memory; 2]>>>()?;
        let from: SmallVec<[&Memory; 2]> = from.iter().collect();
        let to = self.to.memory(lane)?;
        // SAFETY: `algorithm` made the command from the buffers' own ranges; the record keeps both storages.
        unsafe { lane.sum(&from, &to, &self.sum) }
    }
}

impl FillWork {
    fn submit(&self, lane: &dyn Lane) -> Submitted {
        fill_block(lane, &self.to.storage, &self.to.layout, &self.to.block, &self.pattern)
    }
}

impl CopyWork {
    fn submit(&self, lane: &dyn Lane) -> Result<Arc<dyn Signal>> {
        let (from, to) = (self.from.storage.memory(lane)?, self.to.storage.memory(lane)?);
        let copy = CopyBox {
            from: self.from.place(&from),
            to: self.to.place(&to),
            extent: self.from.block.extent(),
            element_bytes: self.from.layout.element_bytes,
        };
        // SAFETY: the handler checked that both blocks lie in their buffers, have one extent and do not overlap; the
        // record that owns this work keeps both storages.
        unsafe { lane.copy(&copy) }
    }
}

fn move_block(lane: &dyn Lane, storage: &Storage, block: &Block, from: MemoryId) -> Result<Arc<dyn Signal>> {
    let memory = storage.memory(lane)?;
    let device = At::Memory(&memory);
    let (from, to) = if from == MemoryId::HOST {
        (At::Host(storage.host()?.pointer()), device)
    } else {
        (device, At::Host(storage.host_to_write()?.pointer()))
    };
    let place = |at| Place { at, origin: block.min, extent: storage.layout.extent };
    let copy = CopyBox {
        from: place(from),
        to: place(to),
        extent: block.extent(),
        element_bytes: storage.layout.element_bytes,
    };
    // SAFETY: the planner only asks for blocks inside the buffer; the record keeps the storage, and the plan orders
    // every other access to these bytes before or after this step.
    unsafe { lane.copy(&copy) }
}

fn zero(lane: &dyn Lane, storage: &Storage, block: &Block) -> Submitted {
    let fresh = lane.device().memory() == MemoryId::HOST && storage.is_fresh()?;
    if fresh { Ok(SmallVec::new()) } else { fill_block(lane, storage, &storage.layout, block, &[0]) }
}

/// Fills a box, one fill for each run of bytes that is contiguous in memory.
fn fill_block(
    lane: &dyn Lane,
    storage: &Storage,
    layout: &Layout,
    block: &Block,
    pattern: &[u8],
) -> Submitted {
    let memory = storage.memory(lane)?;
    in_parts(layout.runs(block).map(|(first, count)| {
        let (offset, size) = (first * layout.element_bytes, count * layout.element_bytes);
        // SAFETY: the box lies in the buffer, so every run does; the record keeps the storage.
        unsafe { lane.fill(&memory, pattern, offset, size) }
    }))
}
