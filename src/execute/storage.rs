//! `Storage`: the memories of one buffer. Made lazily, each when a step first needs it.
//!
//! Does not know which of them holds current bytes: that is `plan`'s business. Tasks in flight hold the storage, so its
//! memory goes only when nothing can use it any more.

use super::pool::{Block, Pool};
use super::spill::host_memory;
use crate::backend::{Lane, Memory};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{self, Layout};
use crate::plan::{BufferId, StepId};
use crate::platform::MemoryId;
use crate::sync::Mutex;
use crate::trace::{self, Reason};
use once_cell::sync::OnceCell;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// What becomes of a buffer's elements when the program has no handle to it any more.
pub(crate) struct LastWish {
    pub(crate) deliver: Option<Deliver>,
    pub(crate) write_back: bool,
}

/// Hands the elements to whoever asked for them.
pub(crate) type Deliver = Box<dyn FnOnce(&Arc<Storage>) + Send>;

impl Default for LastWish {
    fn default() -> Self {
        LastWish { deliver: None, write_back: true }
    }
}

/// A part of a buffer that has memory on a device, or will have it when that is first used.
struct Piece {
    memory: MemoryId,
    block: geometry::Block,
    made: Option<Memory>,
    /// What it had, and others have now: kept as long as commands hold the storage that were handed over before that.
    passed_on: Vec<Memory>,
}

impl Piece {
    fn new(memory: MemoryId, block: geometry::Block, made: Option<Memory>) -> Self {
        Piece { memory, block, made, passed_on: Vec::new() }
    }
}

/// Memory for a part of a buffer.
pub(crate) struct Ground<'s> {
    pub(crate) memory: Cow<'s, Memory>,
    /// Whose elements it has, one after the other.
    pub(crate) block: geometry::Block,
}

/// The memories of one buffer.
pub(crate) struct Storage {
    /// The buffer's number in the plan.
    pub(crate) id: BufferId,
    name: OnceLock<String>,
    /// Why it cannot be used at all: its size is not one that memory can have.
    pub(crate) invalid: Option<Error>,
    /// Its elements, as it was made.
    pub(crate) layout: Layout,
    host: OnceCell<Block>,
    /// In place of `host` once something is written, where that is shared with the program.
    own: OnceCell<Block>,
    /// Whether elements may have lost contents that they had.
    discarded: AtomicBool,
    /// How many handles the program has.
    pub(crate) handles: AtomicUsize,
    /// What is done with the elements when the last of these is dropped.
    pub(crate) last_wish: Mutex<LastWish>,
    devices: Mutex<SmallVec<[Piece; 1]>>,
    /// Whether the memory was only lent, and the loan is over.
    revoked: AtomicBool,
    poisoned: AtomicBool,
    /// The failed steps that spoilt contents which nothing has overwritten since.
    poison: Mutex<Vec<(StepId, Error)>>,
    /// Called when the storage goes, with the buffer's number.
    on_drop: fn(BufferId),
}

impl Storage {
    /// A storage over `block`, or over memory to be made when it is needed.
    pub(crate) fn new(
        id: BufferId,
        invalid: Option<Error>,
        layout: Layout,
        block: Option<Block>,
        on_drop: fn(BufferId),
    ) -> Self {
        Storage {
            id,
            name: OnceLock::new(),
            invalid,
            layout,
            host: block.map_or_else(OnceCell::new, OnceCell::with_value),
            own: OnceCell::new(),
            discarded: AtomicBool::new(false),
            handles: AtomicUsize::new(0),
            last_wish: Mutex::default(),
            devices: Mutex::default(),
            revoked: AtomicBool::new(false),
            poisoned: AtomicBool::new(false),
            poison: Mutex::default(),
            on_drop,
        }
    }

    /// Its name, for messages.
    pub(crate) fn name(&self) -> String {
        self.name.get().cloned().unwrap_or_else(|| format!("#{}", self.id.0))
    }

    /// Gives it a name, unless it has one.
    pub(crate) fn set_name(&self, name: &str) {
        let _ = self.name.set(name.into());
    }

    /// The size of all elements.
    pub(crate) fn size_bytes(&self) -> usize {
        self.layout.size_bytes()
    }

    /// The buffer's bytes in host memory.
    ///
    /// # Errors
    /// When the host has no memory for them.
    pub(crate) fn host(&self) -> Result<&Block> {
        if self.revoked.load(Ordering::Acquire) {
            let text = format!("buffer `{}` was lent by a scope that is over", self.name());
            return Err(Error::new(ErrorKind::Invalid, text));
        }
        match self.own.get() {
            Some(own) => Ok(own),
            None => self.host.get_or_try_init(|| host_memory(self.size_bytes())),
        }
    }

    /// As [`Storage::host`], for whoever changes them. What is shared with the program is copied first: it never changes
    /// there, so whenever that is, it is what later readers must find, and earlier ones may go on where they are.
    ///
    /// # Errors
    /// As for [`Storage::host`].
    pub(crate) fn host_to_write(&self) -> Result<&Block> {
        let host = self.host()?;
        if !host.is_shared() {
            return Ok(host);
        }
        self.own.get_or_try_init(|| {
            let own = host_memory(self.size_bytes())?;
            trace::count_copy(None, Reason::Construction, self.size_bytes());
            // SAFETY: both blocks have at least as many bytes, and nothing else knows of `own` yet; nobody writes what is
            // shared.
            unsafe { std::ptr::copy_nonoverlapping(host.pointer(), own.pointer(), self.size_bytes()) };
            Ok(own)
        })
    }

    /// Stops sharing the bytes in host memory with the program, since a command is going to change them.
    ///
    /// # Errors
    /// As for [`Storage::host`].
    pub(crate) fn part_company(&self) -> Result<()> {
        match self.host.get() {
            Some(host) if host.is_shared() => self.host_to_write().map(drop),
            _ => Ok(()),
        }
    }

    /// Whether every byte in host memory that nothing has written since the buffer was made, or lost its contents, is zero.
    ///
    /// # Errors
    /// As for [`Storage::host`].
    pub(crate) fn is_fresh(&self) -> Result<bool> {
        Ok(self.host()?.zero && !self.discarded.load(Ordering::Acquire))
    }

    /// Remembers that elements lost contents that they had.
    pub(crate) fn note_discard(&self) {
        self.discarded.store(true, Ordering::Release);
    }

    /// Whether the host's bytes begin at a multiple of `alignment`, as far as that is settled.
    pub(crate) fn is_aligned_to(&self, alignment: usize) -> bool {
        self.host.get().is_none_or(|block| block.pointer().addr().is_multiple_of(alignment))
    }

    /// The memory around a part of the buffer as `lane`'s device sees it: the whole buffer's, unless the part lies in one for
    /// which memory was set aside.
    ///
    /// # Errors
    /// When the device or the host has no memory for it.
    pub(crate) fn memory(&self, lane: &dyn Lane, part: &geometry::Block) -> Result<Ground<'_>> {
        let device = lane.device();
        if device.memory() == MemoryId::HOST {
            let block = self.host()?;
            // SAFETY: the block lives as long as the storage, which every task that uses the memory holds; blocks are
            // initialised, and at least one byte long.
            let memory =
                block.adopted(device.id(), || unsafe { lane.adopt(block.pointer(), block.size_bytes()) })?;
            return Ok(Ground { memory, block: self.layout.whole() });
        }
        let part = self.layout.run_around(part);
        let devices = self.devices.lock();
        let piece = devices.iter().find(|p| p.memory == device.memory() && p.block.contains(&part));
        let (block, made) =
            piece.map_or((self.layout.whole(), None), |piece| (piece.block, piece.made.clone()));
        drop(devices);
        let memory = match made {
            Some(memory) => memory,
            None => self.make(lane, block)?,
        };
        Ok(Ground { memory: Cow::Owned(memory), block })
    }

    /// Has the buffer stand on memory of a device that is there already.
    pub(crate) fn stand_on(&self, memory: MemoryId, made: Memory) {
        self.devices.lock().push(Piece::new(memory, self.layout.whole(), Some(made)));
    }

    /// Makes the memory of a part, unless another thread was faster: interop tasks come here beside the thread that hands steps to
    /// the device's lane.
    fn make(&self, lane: &dyn Lane, block: geometry::Block) -> Result<Memory> {
        let made = lane.allocate((block.size() * self.layout.element_bytes).max(1))?;
        let memory = lane.device().memory();
        let mut devices = self.devices.lock();
        match devices.iter_mut().find(|piece| (piece.memory, piece.block) == (memory, block)) {
            Some(Piece { made: Some(known), .. }) => {
                let known = known.clone();
                drop(devices); // Before the other, which goes back.
                return Ok(known);
            }
            Some(piece) => piece.made = Some(made.clone()),
            None => devices.push(Piece::new(memory, block, Some(made.clone()))),
        }
        Ok(made)
    }

    /// Hands memory that it has on a device over to whom `take` takes it for, if it takes any.
    pub(super) fn pass_on(&self, mut take: impl FnMut(&mut Memory) -> bool) -> Option<Memory> {
        let mut devices = self.devices.lock();
        devices.iter_mut().find_map(|piece| {
            let memory = piece.made.take_if(&mut take)?;
            piece.passed_on.push(memory.without_lease());
            Some(memory)
        })
    }

    /// Sets memory on the devices that have `memory` aside for a part of the buffer: elements that lie one after the other.
    pub(crate) fn reserve(&self, memory: MemoryId, block: geometry::Block) {
        self.devices.lock().push(Piece::new(memory, block, None));
    }

    /// Gives up what a part of the buffer has on the devices that have `memory`. Called when nothing uses it any more.
    pub(crate) fn release(&self, memory: MemoryId, block: geometry::Block) {
        let mut devices = self.devices.lock();
        let position = devices.iter().position(|piece| (piece.memory, piece.block) == (memory, block));
        let gone = position.map(|position| devices.swap_remove(position));
        drop(devices);
        drop(gone);
    }

    /// How many bytes it has, in which memories.
    pub(crate) fn held_bytes(&self) -> SmallVec<[(MemoryId, usize); 2]> {
        let blocks = self.host.get().into_iter().chain(self.own.get());
        let host_bytes: usize = blocks.map(Block::size_bytes).sum();
        let host = Some((MemoryId::HOST, host_bytes)).filter(|(_, bytes)| *bytes > 0);
        let mut held: SmallVec<[(MemoryId, usize); 2]> = host.into_iter().collect();
        for piece in self.devices.lock().iter().filter(|piece| piece.made.is_some()) {
            let size_bytes = piece.block.size() * self.layout.element_bytes;
            match held.iter_mut().find(|(memory, _)| *memory == piece.memory) {
                Some((_, bytes)) => *bytes += size_bytes,
                None => held.push((piece.memory, size_bytes)),
            }
        }
        held
    }

    /// Takes the block out, for `into_vec`.
    pub(crate) fn into_block(mut self) -> Option<Block> {
        self.own.take().or_else(|| self.host.take())
    }

    /// Remembers that what the buffer holds after `step` is spoilt. Every step below `settled` is over.
    pub(crate) fn poison(&self, step: StepId, settled: StepId, error: &Error) {
        let mut poison = self.poison.lock();
        // What settled steps spoilt is overwritten all at once or not at all, so one of them stands for all.
        if poison.len() >= 16 {
            let settled_one = poison.iter().position(|(step, _)| *step < settled);
            let mut position = 0..;
            poison.retain(|(step, _)| position.next() == settled_one || *step >= settled);
        }
        poison.push((step, error.clone()));
        self.poisoned.store(true, Ordering::Release);
    }

    /// Forgets what steps before `step` spoilt, because it overwrote the whole buffer. Steps behind it may have failed
    /// before it was seen to be over: a driver refuses at once.
    pub(crate) fn heal(&self, step: StepId) {
        if self.poisoned.load(Ordering::Acquire) {
            let mut poison = self.poison.lock();
            poison.retain(|(spoiler, _)| *spoiler > step);
            self.poisoned.store(!poison.is_empty(), Ordering::Release);
        }
    }

    /// Puts lent memory out of reach of steps that were not handed over yet.
    pub(crate) fn revoke(&self) {
        self.revoked.store(true, Ordering::Release);
    }

    /// Drops what devices made of the host's block. Called when nothing uses it any more.
    pub(crate) fn forget_devices(&self) {
        self.host.get().into_iter().chain(self.own.get()).for_each(Block::forget_devices);
    }

    /// Whether it can be used at all.
    ///
    /// # Errors
    /// Why not.
    pub(crate) fn usable(&self) -> Result<()> {
        self.invalid.clone().map_or(Ok(()), Err)
    }

    /// The error of one of these steps that spoilt what the next one finds, if one did.
    pub(crate) fn spoilt_by(&self, steps: Range<StepId>) -> Option<Error> {
        if !self.poisoned.load(Ordering::Acquire) {
            return None;
        }
        let poison = self.poison.lock();
        poison.iter().find(|(spoiler, _)| steps.contains(spoiler)).map(|(_, error)| error.clone())
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        // Before the planner gives the room to others.
        self.devices.get_mut().clear();
        (self.on_drop)(self.id);
        let blocks = self.own.take().into_iter().chain(self.host.take());
        blocks.for_each(|block| Pool::global().give_back(block));
    }
}
