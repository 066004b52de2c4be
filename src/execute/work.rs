//! `Work`: what one step does, with everything it needs, and how it is handed to a lane.

use super::kernels::Compiled;
use super::prints::{PrintRecord, PrintSink};
use super::sheet::{Sheet, Sheets};
use super::signals::Refused;
use super::storage::{Ground, Storage};
use super::variants::Chosen;
use crate::backend::{At, CopyBox, Lane, Launch, Memory, Place, Pointer, Signal, Sum};
use crate::error::Result;
use crate::geometry::{Block, Layout};
use crate::kernel::{
    HostBody, LaunchShape, Overflow, ParameterBytes, SLOTS, Slice, WORDS, is_clear, is_silent,
};
use crate::plan::Access;
use crate::platform::{DeviceId, MemoryId};
use once_cell::sync::OnceCell;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::sync::Arc;
use std::thread::ThreadId;

/// A closure for a host task.
pub(crate) type HostClosure = Box<dyn FnOnce() -> Result<()> + Send>;

/// What one step does.
pub(crate) enum Work {
    /// Runs a kernel.
    Launch(Arc<LaunchWork>),
    /// Fills a region with one value.
    Fill(Box<FillWork>),
    /// Copies a region of one buffer to a region of another (or the same) in one memory.
    CopyRegion(Box<CopyWork>),
    /// Sums runs of elements.
    Sum(Box<SumWork>),
    /// Copies a region of a buffer between host memory and the lane's device.
    Move(Box<PartWork>),
    /// Sets memory on a device aside for a part of a buffer.
    Reserve(Box<PartWork>),
    /// Gives up the memory that a part of a buffer has on a device.
    Release(Box<PartWork>),
    /// Sets a region to zero bytes.
    Zero(Box<PartWork>),
    /// Runs a closure on a thread of its own.
    HostTask(Option<HostClosure>),
    /// Lets this thread of the user touch the buffer; ends when its guard goes.
    HostAccess(ThreadId),
    /// Nothing.
    Barrier,
}

/// What a step does with a part of a buffer.
pub(crate) struct PartWork {
    pub(crate) storage: Arc<Storage>,
    pub(crate) block: Block,
    /// In which memory; of bytes that move, where they are.
    pub(crate) memory: MemoryId,
}

/// One kernel launch.
pub(crate) struct LaunchWork {
    /// The kernel with the checks that the launch needs.
    pub(crate) chosen: Arc<Chosen>,
    pub(crate) body: Option<Arc<dyn HostBody>>,
    pub(crate) parameters: ParameterBytes,
    pub(crate) pointers: SmallVec<[PointerWork; 4]>,
    pub(crate) shape: LaunchShape,
    /// What of the launch this runs.
    pub(crate) slice: Slice,
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
    /// Takes back what a launch reported into that is over. If somebody else looks at it still, that goes with them.
    pub(crate) fn give_back(&self, device: DeviceId, mut launch: Arc<LaunchWork>) {
        if !launch.has_reports() {
            return;
        }
        let Some(launch) = Arc::get_mut(&mut launch) else { return };
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
#[derive(Clone)]
pub(crate) enum PointerWork {
    /// To a buffer, by its position among those that the command uses; the kernel may touch a part of it.
    Used(usize, Block),
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
    #[inline]
    pub(crate) fn seen(&self, part: &Block) -> (Block, bool) {
        if self.storage.invalid.is_some() {
            return (Block::new([0; 3], [0; 3]), true);
        }
        self.layout.seen_in(&self.storage.layout, part)
    }

    /// What it takes of the buffer as it was made to use a part of this so: elements of which other bytes must stay are
    /// not given up.
    #[inline]
    pub(crate) fn demanded(&self, part: &Block, access: Access) -> (Block, Access) {
        match (self.seen(part), access) {
            ((block, false), Access::Discard) => (block, Access::Write),
            ((block, _), access) => (block, access),
        }
    }

    /// How a command that uses a part of this so uses the buffer.
    #[inline]
    pub(crate) fn as_use(&self, part: &Block, access: Access) -> Use {
        let (block, access) = self.demanded(part, access);
        let overwrites = access == Access::Discard && block == self.storage.layout.whole();
        Use { storage: self.storage.clone(), access, overwrites }
    }

    /// Whether some element may be in both.
    pub(crate) fn overlaps(&self, other: &Portion) -> bool {
        self.storage.id == other.storage.id && self.seen(&self.block).0.overlaps(&other.seen(&other.block).0)
    }

    /// The part of the buffer as it was made that a command needs without gaps: where the bytes are seen in another way all,
    /// since not every part of the buffer begins with an element of that.
    #[inline]
    pub(crate) fn within(&self) -> Block {
        if self.is_as_made() { self.block } else { self.storage.layout.whole() }
    }

    /// Whether the bytes are seen as the buffer was made.
    pub(crate) fn is_as_made(&self) -> bool {
        self.layout == self.storage.layout
    }

    /// The memory around it.
    ///
    /// # Errors
    /// When the device has none.
    pub(crate) fn ground(&self, lane: &dyn Lane) -> Result<Ground<'_>> {
        self.storage.memory(lane, &self.within())
    }

    fn place<'m>(&self, ground: &'m Ground<'_>) -> Place<'m> {
        match self.is_as_made() {
            true => ground.place(&self.block),
            false => {
                Place { at: At::Memory(&ground.memory), origin: self.block.min, extent: self.layout.extent }
            }
        }
    }
}

impl Ground<'_> {
    /// Where a box of the buffer begins.
    fn place(&self, block: &Block) -> Place<'_> {
        let origin = std::array::from_fn(|d| block.min[d] - self.block.min[d]);
        Place { at: At::Memory(&self.memory), origin, extent: self.block.extent() }
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
    pub(crate) from: SmallVec<[Portion; 2]>,
    pub(crate) to: Portion,
    pub(crate) sum: Sum,
}

/// One copy between regions.
pub(crate) struct CopyWork {
    pub(crate) from: Portion,
    pub(crate) to: Portion,
}

/// How a step uses a buffer: what is poisoned when it fails, and what poisons it.
#[derive(Clone)]
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
    /// `uses` are the buffers of the command.
    pub(crate) fn submit(&self, lane: &dyn Lane, reports: &Reports, uses: &[Use]) -> Submitted {
        match self {
            Work::Launch(launch) => launch.submit(lane, reports, uses),
            Work::Fill(fill) => fill.submit(lane),
            Work::Zero(part) => zero(lane, &part.storage, &part.block),
            Work::CopyRegion(copy) => copy.submit(lane).map(one),
            Work::Sum(sum) => sum.submit(lane).map(one),
            Work::Move(part) => move_block(lane, &part.storage, &part.block, part.memory).map(one),
            Work::Reserve(_) | Work::Release(_) | Work::HostTask(_) | Work::HostAccess(_) | Work::Barrier => {
                Ok(SmallVec::new())
            }
        }
    }

    /// Whether it does nothing but keep account of what memory buffers have.
    pub(crate) fn is_accounting(&self) -> bool {
        matches!(self, Work::Reserve(_) | Work::Release(_))
    }

    /// Does so. The pool has the memory back at once, and the driver where it must for others to have room, so the room is there when
    /// this is over.
    pub(crate) fn account(&self) {
        match self {
            Work::Reserve(part) => part.storage.reserve(part.memory, part.block),
            Work::Release(part) => part.storage.release(part.memory, part.block),
            _ => {}
        }
    }
}

fn one(signal: Arc<dyn Signal>) -> SmallVec<[Arc<dyn Signal>; 1]> {
    SmallVec::from_buf([signal])
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
    /// A slice of the launch, which needs these parts of buffers.
    pub(crate) fn sliced(&self, slice: Slice, pointers: SmallVec<[PointerWork; 4]>) -> LaunchWork {
        LaunchWork {
            chosen: self.chosen.clone(),
            body: self.body.clone(),
            parameters: self.parameters.clone(),
            pointers,
            shape: self.shape,
            slice,
            has_barrier: self.has_barrier,
            trap: OnceCell::new(),
            print: OnceCell::new(),
            print_sink: self.print_sink.clone(),
            print_words: self.print_words,
            overflow: self.overflow,
        }
    }

    /// The kernel.
    pub(crate) fn kernel(&self) -> &Compiled {
        &self.chosen.compiled
    }

    /// Whether the host has to look for what it reported.
    pub(super) fn has_reports(&self) -> bool {
        self.trap.get().is_some() || self.print.get().is_some()
    }

    fn submit(&self, lane: &dyn Lane, reports: &Reports, uses: &[Use]) -> Submitted {
        let signature = &self.kernel().source.signature;
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
        if trap.is_none() && print.is_none() {
            return self.launch(lane, uses, None, None).map(one);
        }
        // Of the memory for output only the counters must be clear.
        let sheets = trap.map(|sheet| (sheet, SLOTS * WORDS)).into_iter();
        let sheets = sheets.chain(print.map(|print| (&print.sheet, 1)));
        let separate: SmallVec<[_; 2]> = sheets.filter(|(sheet, _)| sheet.is_separate()).collect();
        let (trap, print) = (trap.map(|sheet| sheet.memory()), print.map(|print| print.sheet.memory()));
        let launch = || self.launch(lane, uses, trap, print);
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
        uses: &[Use],
        trap: Option<&Memory>,
        print: Option<&Memory>,
    ) -> Result<Arc<dyn Signal>> {
        let signature = &self.kernel().source.signature;
        let mut parameters = Cow::Borrowed(&self.parameters);
        let mut pointers: SmallVec<[Pointer<'_>; 4]> = SmallVec::new();
        for (position, pointer) in self.pointers.iter().enumerate() {
            pointers.push(match pointer {
                PointerWork::Used(used, part) => {
                    let storage = &uses[*used].storage;
                    let ground = storage.memory(lane, part)?;
                    let first = storage.layout.position(ground.block.min);
                    if first > 0 {
                        signature.begin_at(parameters.to_mut(), position, first);
                    }
                    Pointer::Memory(ground.memory)
                }
                PointerWork::Local(size_bytes) => Pointer::Local(*size_bytes),
                PointerWork::Value(bytes) => Pointer::Value(bytes),
            });
        }
        let launch = Launch {
            program: &self.kernel().program,
            body: self.body.as_ref(),
            name: self.kernel().source.title,
            signature,
            parameters: &parameters,
            pointers,
            trap,
            print,
            print_words: self.print_words,
            overflow: self.overflow,
            shape: self.shape,
            slice: self.slice,
            has_barrier: self.has_barrier,
        };
        // SAFETY: `prepare` matched the arguments to this signature; the record of this work keeps the storages that it uses
        // until the signal has been seen complete.
        unsafe { lane.launch(&launch) }
    }
}

impl SumWork {
    fn submit(&self, lane: &dyn Lane) -> Result<Arc<dyn Signal>> {
        let from =
            self.from.iter().map(|from| from.ground(lane)).collect::<Result<SmallVec<[Ground<'_>; 2]>>>()?;
        let from: SmallVec<[&Memory; 2]> = from.iter().map(|ground| &*ground.memory).collect();
        let to = self.to.ground(lane)?;
        // SAFETY: `algorithm` made the command from the buffers' own ranges, which begin with their first elements, as the
        // memory around them does by that; the record keeps both storages.
        unsafe { lane.sum(&from, &to.memory, &self.sum) }
    }
}

impl FillWork {
    fn submit(&self, lane: &dyn Lane) -> Submitted {
        let ground = self.to.ground(lane)?;
        fill_block(lane, &self.to.storage, &ground, &self.to.layout, &self.to.block, &self.pattern)
    }
}

impl CopyWork {
    fn submit(&self, lane: &dyn Lane) -> Result<Arc<dyn Signal>> {
        let (from, to) = (self.from.ground(lane)?, self.to.ground(lane)?);
        let copy = CopyBox {
            from: self.from.place(&from),
            to: self.to.place(&to),
            extent: self.from.block.extent(),
            element_bytes: self.from.layout.element_bytes,
        };
        // SAFETY: the handler checked that both blocks lie in their buffers, have one extent and do not overlap; both lie in
        // their grounds, whose memory the storages have, which the record that owns this work keeps.
        unsafe { lane.copy(&copy) }
    }
}

fn move_block(lane: &dyn Lane, storage: &Storage, block: &Block, from: MemoryId) -> Result<Arc<dyn Signal>> {
    let ground = storage.memory(lane, block)?;
    let on_device = ground.place(block);
    let on_host = |pointer| Place { at: At::Host(pointer), origin: block.min, extent: storage.layout.extent };
    let (from, to) = if from == MemoryId::HOST {
        (on_host(storage.host()?.pointer()), on_device)
    } else {
        (on_device, on_host(storage.host_to_write()?.pointer()))
    };
    let copy = CopyBox { from, to, extent: block.extent(), element_bytes: storage.layout.element_bytes };
    // SAFETY: the planner only asks for blocks inside one piece of the buffer; the record keeps the storage, and the plan orders
    // every other access to these bytes before or after this step.
    unsafe { lane.copy(&copy) }
}

fn zero(lane: &dyn Lane, storage: &Storage, block: &Block) -> Submitted {
    let fresh = lane.device().memory() == MemoryId::HOST && storage.is_fresh()?;
    if fresh {
        return Ok(SmallVec::new());
    }
    fill_block(lane, storage, &storage.memory(lane, block)?, &storage.layout, block, &[0])
}

/// Fills a box, one fill for each run of bytes that is contiguous in memory.
fn fill_block(
    lane: &dyn Lane,
    storage: &Storage,
    ground: &Ground<'_>,
    layout: &Layout,
    block: &Block,
    pattern: &[u8],
) -> Submitted {
    let start_bytes = storage.layout.position(ground.block.min) * storage.layout.element_bytes;
    in_parts(layout.runs(block).map(|(first, count)| {
        let (offset, size) = (first * layout.element_bytes - start_bytes, count * layout.element_bytes);
        // SAFETY: the box lies in its ground, so every run does; the record keeps the storage.
        unsafe { lane.fill(&ground.memory, pattern, offset, size) }
    }))
}
