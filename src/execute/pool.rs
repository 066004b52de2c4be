//! `Pool`: host memory for buffers, kept and handed out again.
//!
//! Large blocks are huge pages, which who writes them first is given, or small pages, touched when they are made: left to a
//! driver's threads, the first touch of 64 MiB in these costs 25 to 200 ms. A block keeps the device objects that were made over it, so that
//! reuse costs no driver call. Blocks come back only when nothing uses them any more.

use super::count::{Count, Counted};
use crate::backend::Memory;
use crate::backend::pages::{self, HUGE_PAGE_BYTES};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{DeviceId, MemoryUse, PoolPolicy, PoolUse};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicUsize, Ordering};
use memmap2::MmapMut;
use once_cell::sync::OnceCell;
use smallvec::SmallVec;
use std::alloc::Layout;
use std::any::Any;
use std::borrow::Cow;
use std::ptr::NonNull;
use std::sync::{Arc, OnceLock};

/// From this size on a block is a mapping of its own, in huge pages.
const LARGE_BYTES: usize = 1 << 20;
const SMALL_ALIGN: usize = 4096;
/// The smallest block; also what an empty buffer gets, so that every kernel argument is a valid pointer, aligned for the
/// largest vectors.
const SMALLEST_BYTES: usize = 128;

/// Host memory, and what devices made of it.
pub(crate) struct Block {
    // Declared before `bytes`: device objects must go before the memory under them.
    /// What the first device made of it, which finds it without a lock; unless it is lent, since that is to be dropped early.
    first: OnceCell<(DeviceId, Memory)>,
    /// What others did.
    others: Mutex<SmallVec<[(DeviceId, Memory); 1]>>,
    bytes: Bytes,
    /// Whether every byte is known to be zero.
    pub(crate) zero: bool,
    /// Counts it, while it is in use and falx allocated it.
    counted: Option<Counted>,
    /// Whether the program reads it too, so that it must never change.
    shared: bool,
}

/// What keeps memory alive that falx did not allocate.
pub(crate) type Owner = Box<dyn Any + Send + Sync>;

enum Bytes {
    Small { pointer: NonNull<u8>, layout: Layout },
    Large { map: MmapMut, start: usize, size_bytes: usize },
    Owned { pointer: NonNull<u8>, size_bytes: usize, owner: Owner },
    Lent { pointer: NonNull<u8>, size_bytes: usize },
}

// SAFETY: the block owns its memory (or, when lent, the lender promised the same for the block's life); the pointer may be
// used from any thread, and falx orders every access to the bytes by its task graph.
unsafe impl Send for Block {}
// SAFETY: as above; the only interior mutability is behind a mutex, and in a cell that is set once.
unsafe impl Sync for Block {}

impl Block {
    /// Takes over memory that `owner` keeps alive.
    ///
    /// # Safety
    /// `pointer` leads to `size_bytes` initialised bytes that nothing else touches until `owner` is dropped.
    pub(crate) unsafe fn owned(pointer: NonNull<u8>, size_bytes: usize, owner: Owner) -> Self {
        Block::of(Bytes::Owned { pointer, size_bytes, owner }, false)
    }

    /// Uses memory that `owner` keeps alive and that others read, too.
    ///
    /// # Safety
    /// `pointer` leads to `size_bytes` initialised bytes that nobody changes until `owner` is dropped.
    pub(crate) unsafe fn shared(pointer: NonNull<u8>, size_bytes: usize, owner: Owner) -> Self {
        Block { shared: true, ..Block::of(Bytes::Owned { pointer, size_bytes, owner }, false) }
    }

    /// Whether others read the memory, so that it must never change.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared
    }

    /// Uses memory that somebody else keeps alive.
    ///
    /// # Safety
    /// `pointer` leads to `size_bytes` initialised bytes that nothing else touches until the block is dropped.
    pub(crate) unsafe fn lent(pointer: NonNull<u8>, size_bytes: usize) -> Self {
        Block::of(Bytes::Lent { pointer, size_bytes }, false)
    }

    /// Uses memory that somebody else keeps alive and that others read, too.
    ///
    /// # Safety
    /// `pointer` leads to `size_bytes` initialised bytes that nobody changes until the block is dropped.
    pub(crate) unsafe fn lent_shared(pointer: NonNull<u8>, size_bytes: usize) -> Self {
        Block { shared: true, ..Block::of(Bytes::Lent { pointer, size_bytes }, false) }
    }

    fn of(bytes: Bytes, zero: bool) -> Self {
        Block { first: OnceCell::new(), others: Mutex::default(), bytes, zero, counted: None, shared: false }
    }

    /// The first byte.
    pub(crate) fn pointer(&self) -> *mut u8 {
        match &self.bytes {
            Bytes::Small { pointer, .. } | Bytes::Owned { pointer, .. } | Bytes::Lent { pointer, .. } => {
                pointer.as_ptr()
            }
            Bytes::Large { map, start, .. } => map.as_ptr().wrapping_add(*start).cast_mut(),
        }
    }

    /// How many bytes there are.
    pub(crate) fn size_bytes(&self) -> usize {
        match &self.bytes {
            Bytes::Small { layout, .. } => layout.size(),
            Bytes::Large { size_bytes, .. }
            | Bytes::Owned { size_bytes, .. }
            | Bytes::Lent { size_bytes, .. } => *size_bytes,
        }
    }

    /// The block as memory of a device, made by `adopt` the first time.
    pub(crate) fn adopted(
        &self,
        device: DeviceId,
        adopt: impl Fn() -> Result<Memory>,
    ) -> Result<Cow<'_, Memory>> {
        if !matches!(self.bytes, Bytes::Lent { .. }) {
            if self.first.get().is_none() {
                // Another thread may have been faster, and what this one made goes: drivers are to keep the bytes once.
                let _ = self.first.set((device, adopt()?));
            }
            if let Some((_, memory)) = self.first.get().filter(|(owner, _)| *owner == device) {
                return Ok(Cow::Borrowed(memory));
            }
        }
        let known = |others: &[(DeviceId, Memory)]| {
            others.iter().find(|(owner, _)| *owner == device).map(|(_, memory)| Cow::Owned(memory.clone()))
        };
        if let Some(memory) = known(&self.others.lock()) {
            return Ok(memory);
        }
        let memory = adopt()?;
        let mut others = self.others.lock();
        if let Some(faster) = known(&others) {
            drop(others); // Before the other, which goes.
            return Ok(faster);
        }
        others.push((device, memory.clone()));
        Ok(Cow::Owned(memory))
    }

    /// Drops what devices made of a block that is lent.
    pub(crate) fn forget_devices(&self) {
        let others = std::mem::take(&mut *self.others.lock());
        drop(others);
    }

    /// Gives the memory back to who brought it; none if falx allocated it.
    pub(crate) fn into_owner(mut self) -> Option<Owner> {
        // Device objects must be gone before the owner may free the memory.
        self.first.take();
        self.others.get_mut().clear();
        match &mut self.bytes {
            Bytes::Owned { owner, .. } => Some(std::mem::replace(owner, Box::new(()))),
            _ => None,
        }
    }

    /// Whether an owner of this type brought the memory.
    pub(crate) fn is_owned_by<O: Any>(&self) -> bool {
        matches!(&self.bytes, Bytes::Owned { owner, .. } if (**owner).is::<O>())
    }

    fn is_pooled(&self) -> bool {
        matches!(self.bytes, Bytes::Small { .. } | Bytes::Large { .. })
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        if let Bytes::Small { pointer, layout } = self {
            // SAFETY: `small` allocated exactly this with the global allocator, and nothing else frees it.
            unsafe { std::alloc::dealloc(pointer.as_ptr(), *layout) }
        }
    }
}

/// The blocks that are not in use, by size class.
#[derive(Default)]
pub(crate) struct Pool {
    free: Mutex<Free>,
    count: Arc<Count>,
}

#[derive(Default)]
struct Free {
    /// `classes[n]` holds blocks of size class `n`.
    classes: Vec<Vec<Block>>,
    kept_bytes: usize,
}

impl Pool {
    /// The pool of this process.
    pub(crate) fn global() -> &'static Pool {
        static POOL: OnceLock<Pool> = OnceLock::new();
        POOL.get_or_init(|| {
            let pool = Pool::default();
            pool.set_policy(PoolPolicy::from_environment());
            pool
        })
    }

    /// A block of at least `size_bytes` bytes; contents as [`Block::zero`] says.
    ///
    /// # Errors
    /// [`ErrorKind::MemoryAllocation`] with the size, when the system has no more.
    pub(crate) fn take(&self, size_bytes: usize) -> Result<Block> {
        let class = size_class(size_bytes)?;
        let counted = Counted::new(&self.count, "a buffer", class_bytes(class), size_bytes)?;
        let reused = self.reuse(class);
        self.count.n_taken.fetch_add(1, Ordering::Relaxed);
        self.count.n_reused.fetch_add(u64::from(reused.is_some()), Ordering::Relaxed);
        let mut block = reused.map_or_else(|| self.make(class), Ok)?;
        block.counted = Some(counted);
        Ok(block)
    }

    /// A block that is no buffer's, and does not count as one.
    ///
    /// # Errors
    /// As for [`Pool::take`].
    pub(crate) fn take_uncounted(&self, size_bytes: usize) -> Result<Block> {
        let class = size_class(size_bytes)?;
        self.reuse(class).map_or_else(|| self.make(class), Ok)
    }

    /// Counts memory of a driver, which is of `size_bytes` bytes and lies beside the pool's, until what this returns is dropped.
    ///
    /// # Errors
    /// [`ErrorKind::MemoryAllocation`] with the sizes, if the budget does not bear it.
    pub(super) fn count_foreign(&self, whom: &str, size_bytes: usize) -> Result<Counted> {
        let counted = Counted::new(&self.count, whom, size_bytes, size_bytes)?;
        self.trim();
        Ok(counted)
    }

    fn make(&self, class: usize) -> Result<Block> {
        self.trim();
        let bytes = class_bytes(class);
        if bytes < LARGE_BYTES { small(bytes) } else { large(bytes) }
    }

    /// Sets how many bytes may be in use; blocks that are kept for later count against it only when memory is asked for.
    pub(crate) fn set_budget(&self, budget_bytes: Option<usize>) {
        self.count.budget.store(budget_bytes.unwrap_or(usize::MAX), Ordering::Relaxed);
    }

    /// What is in use.
    pub(crate) fn held(&self) -> MemoryUse {
        let load = |number: &AtomicUsize| number.load(Ordering::Relaxed);
        MemoryUse {
            held_bytes: load(&self.count.held),
            most_bytes: load(&self.count.most),
            budget_bytes: Some(load(&self.count.budget)).filter(|budget| *budget != usize::MAX),
        }
    }

    /// Sets what becomes of blocks that nobody uses.
    pub(crate) fn set_policy(&self, policy: PoolPolicy) {
        self.count.keep.store(policy.keep_bytes(), Ordering::Relaxed);
        let mut gone = Vec::new();
        let mut free = self.free.lock();
        while free.kept_bytes > policy.keep_bytes() {
            // The largest first.
            let Some(block) = free.classes.iter_mut().rev().find_map(Vec::pop) else { break };
            free.kept_bytes -= block.size_bytes();
            gone.push(block);
        }
        drop(free);
        drop(gone);
    }

    /// What is in use and what is kept, of buffers.
    pub(crate) fn counts(&self) -> PoolUse {
        let kept_bytes = self.free.lock().kept_bytes;
        let load = |number: &AtomicUsize| number.load(Ordering::Relaxed);
        PoolUse {
            live_bytes: load(&self.count.live),
            most_live_bytes: load(&self.count.most_live),
            reserved_bytes: load(&self.count.held) + kept_bytes,
            kept_bytes,
            n_taken: self.count.n_taken.load(Ordering::Relaxed),
            n_reused: self.count.n_reused.load(Ordering::Relaxed),
        }
    }

    /// Gives kept blocks back to the system where they exceed the budget together with those in use.
    fn trim(&self) {
        let mut free = self.free.lock();
        let (held, budget) =
            (self.count.held.load(Ordering::Relaxed), self.count.budget.load(Ordering::Relaxed));
        if free.kept_bytes > budget.saturating_sub(held) {
            let gone = std::mem::take(&mut *free);
            drop(free);
            drop(gone);
        }
    }

    fn reuse(&self, class: usize) -> Option<Block> {
        let mut free = self.free.lock();
        let mut block = free.classes.get_mut(class)?.pop()?;
        free.kept_bytes -= block.size_bytes();
        block.zero = false;
        Some(block)
    }

    /// Takes a block back that nothing uses any more.
    pub(crate) fn give_back(&self, mut block: Block) {
        block.counted = None;
        let size_bytes = block.size_bytes();
        if !block.is_pooled() {
            return;
        }
        let Ok(class) = size_class(size_bytes) else { return };
        let mut free = self.free.lock();
        // Looked at under the lock: a policy that is set meanwhile finds the block, or this finds the policy.
        let keep_bytes = self.count.keep.load(Ordering::Relaxed);
        if free.kept_bytes.saturating_add(size_bytes) > keep_bytes {
            return; // Dropped after the lock, being declared before it.
        }
        free.kept_bytes += size_bytes;
        if free.classes.len() <= class {
            free.classes.resize_with(class + 1, Vec::new);
        }
        free.classes[class].push(block);
    }
}

/// Four classes for each power of two, so that at most a quarter of a block is unused.
fn size_class(size_bytes: usize) -> Result<usize> {
    let size_bytes = size_bytes.max(SMALLEST_BYTES);
    if size_bytes > isize::MAX as usize / 4 {
        return Err(exhausted(size_bytes));
    }
    let exponent = (size_bytes - 1).ilog2() as usize;
    let quarter = 1usize << exponent.saturating_sub(2);
    let step = (size_bytes - (1 << exponent)).div_ceil(quarter);
    Ok(exponent * 4 + step)
}

fn class_bytes(class: usize) -> usize {
    let (exponent, step) = (class / 4, class % 4);
    (1 << exponent) + step * (1usize << exponent.saturating_sub(2))
}

fn exhausted(size_bytes: usize) -> Error {
    Error::new(
        ErrorKind::MemoryAllocation,
        format!(
            "the host has no {size_bytes} bytes for a buffer; drop buffers that are no longer needed, or use smaller ones"
        ),
    )
}

fn small(size_bytes: usize) -> Result<Block> {
    let layout = Layout::from_size_align(size_bytes, SMALL_ALIGN.min(size_bytes.next_power_of_two()))
        .map_err(|_| exhausted(size_bytes))?;
    // SAFETY: the layout's size is at least `SMALLEST_BYTES`.
    let pointer = unsafe { std::alloc::alloc_zeroed(layout) };
    let pointer = NonNull::new(pointer).ok_or_else(|| exhausted(size_bytes))?;
    Ok(Block::of(Bytes::Small { pointer, layout }, true))
}

fn large(size_bytes: usize) -> Result<Block> {
    let mut map = MmapMut::map_anon(size_bytes + HUGE_PAGE_BYTES).map_err(|_| exhausted(size_bytes))?;
    let start = map.as_ptr().align_offset(HUGE_PAGE_BYTES);
    pages::prepare_fresh(&mut map[start..start + size_bytes]);
    Ok(Block::of(Bytes::Large { map, start, size_bytes }, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_class_holds_its_sizes_and_wastes_at_most_a_quarter() {
        for size_bytes in (128..5000).chain([1 << 20, (1 << 20) + 1, 3 << 20, 64 << 20, (64 << 20) + 1]) {
            let bytes = class_bytes(size_class(size_bytes).unwrap());
            assert!(bytes >= size_bytes, "{size_bytes} got {bytes}");
            assert!(bytes <= size_bytes + size_bytes / 4 + 1, "{size_bytes} got {bytes}");
            assert_eq!(size_class(bytes).unwrap(), size_class(size_bytes).unwrap());
        }
    }

    #[test]
    fn a_returned_block_is_handed_out_again_and_is_not_called_zero() {
        let pool = Pool::default();
        let block = pool.take(5 << 20).unwrap();
        assert!(block.zero);
        let pointer = block.pointer();
        assert_eq!(pointer as usize % HUGE_PAGE_BYTES, 0);
        pool.give_back(block);
        let again = pool.take(5 << 20).unwrap();
        assert_eq!(again.pointer(), pointer);
        assert!(!again.zero);
    }

    #[test]
    fn blocks_in_use_are_counted_and_bounded() {
        let pool = Pool::default();
        pool.set_budget(Some(5000));
        let (one, two) = (pool.take(2048).unwrap(), pool.take(2048).unwrap());
        let error = pool.take(1024).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::MemoryAllocation);
        let text = "wants 1024 bytes of host memory, but of the 5000 that buffers may have 4096 are in use";
        assert!(error.to_string().contains(text), "{error}");
        pool.give_back(one);
        drop(two);
        let held = MemoryUse { held_bytes: 0, most_bytes: 4096, budget_bytes: Some(5000) };
        assert_eq!(pool.held(), held);
    }

    #[test]
    fn kept_blocks_go_where_new_ones_need_their_room() {
        let pool = Pool::default();
        pool.set_budget(Some(5000));
        let block = pool.take(4096).unwrap();
        pool.give_back(block);
        assert_eq!(pool.free.lock().kept_bytes, 4096);
        let _other = pool.take(2048).unwrap();
        assert_eq!(pool.free.lock().kept_bytes, 0);
    }

    #[test]
    fn no_more_is_kept_than_the_policy_says() {
        let pool = Pool::default();
        let blocks = [1000, 4096, 8192].map(|size_bytes| pool.take(size_bytes).unwrap());
        let counts = pool.counts();
        assert_eq!((counts.live_bytes, counts.reserved_bytes), (13288, 1024 + 4096 + 8192));
        assert!((counts.fragmentation() - (1.0 - 13288.0 / 13312.0)).abs() < 1e-12);
        blocks.into_iter().for_each(|block| pool.give_back(block));
        pool.set_policy(PoolPolicy::Cap(6000));
        assert_eq!(pool.counts().kept_bytes, 1024 + 4096);
        let again = pool.take(4096).unwrap();
        pool.set_policy(PoolPolicy::Release);
        pool.give_back(again);
        let counts = PoolUse { most_live_bytes: 13288, n_taken: 4, n_reused: 1, ..PoolUse::default() };
        assert_eq!(pool.counts(), counts);
    }

    #[test]
    fn an_impossible_size_is_an_error_that_names_it() {
        let error = Pool::default().take(usize::MAX).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::MemoryAllocation);
        assert!(error.to_string().contains(&usize::MAX.to_string()), "{error}");
    }
}
