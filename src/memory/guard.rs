//! Host guards: how the host reads and writes a buffer's elements between commands.
//!
//! A guard is a task in the graph that ends when the guard is dropped. A guard that is forgotten never ends its task: what
//! depends on it never runs, and waiting for that is an error.

use super::Buffer;
use super::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{Storage, Until, Use, Work};
use crate::geometry::{Block, Range};
use crate::plan::{Access, Command, CommandKind, Requirement, StepId};
use crate::platform::{DeviceId, MemoryId};
use crate::runtime::{Request, runtime};
use crate::trace::Reason;
use smallvec::{SmallVec, smallvec};
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// The elements of a buffer, for reading on the host. Derefs to a slice in row-major order.
pub struct HostRead<T, const D: usize = 1>(Open<T, D>);

/// The elements of a buffer, for reading and writing on the host. Derefs to a slice in row-major order.
pub struct HostWrite<T, const D: usize = 1>(Open<T, D>);

/// A host access that was granted.
struct Open<T, const D: usize> {
    /// Keeps the elements.
    _storage: Arc<Storage>,
    step: StepId,
    first: *mut T,
    range: Range<D>,
    /// Guards stay on their thread, so that a wait can tell that its own thread is in its way.
    not_send: PhantomData<*const ()>,
}

impl<T: Element, const D: usize> Open<T, D> {
    fn new(buffer: &Buffer<T, D>, block: Block, range: Range<D>, access: Access) -> Result<Self> {
        let storage = buffer.storage().clone();
        storage.usable()?;
        let first = first_of_contiguous(&storage, &block)?;
        let step = runtime().submit(request(&storage, block, access))?.step;
        if let Err(error) = runtime().wait(step, Until::Open) {
            runtime().engine.cancel(step);
            return Err(error);
        }
        let host = match storage.host() {
            Ok(host) => host.pointer().cast::<T>(),
            Err(error) => {
                runtime().engine.cancel(step);
                return Err(error);
            }
        };
        Ok(Open { first: host.wrapping_add(first), _storage: storage, step, range, not_send: PhantomData })
    }
}

impl<T, const D: usize> Drop for Open<T, D> {
    fn drop(&mut self) {
        runtime().engine.finish(self.step, Ok(()));
    }
}

fn request(storage: &Arc<Storage>, block: Block, access: Access) -> Request<'static> {
    let overwrites = access == Access::Discard && block.extent() == storage.extent;
    Request {
        command: Command {
            kind: CommandKind::HostAccess,
            name: "host access",
            device: DeviceId::HOST,
            memory: MemoryId::HOST,
            requirements: smallvec![Requirement { buffer: storage.id, block, access }],
            after: SmallVec::new(),
        },
        work: Work::HostAccess(std::thread::current().id()),
        uses: smallvec![Use { storage: storage.clone(), access, overwrites }],
        sink: None,
        profile: None,
        counters: None,
        reason: Reason::HostAccess,
        last: None,
    }
}

/// The position of a box's first element, if the box is contiguous in memory.
fn first_of_contiguous(storage: &Storage, block: &Block) -> Result<usize> {
    let mut runs = crate::execute::contiguous_runs(block, storage.extent);
    let first = runs.next().map_or(0, |(first, _)| first);
    if runs.next().is_some() {
        let text = format!(
            "region {block:?} of buffer `{}` is not contiguous in memory; read whole rows, or the whole buffer",
            storage.name()
        );
        return Err(Error::new(ErrorKind::Accessor, text));
    }
    Ok(first)
}

impl<T: Element, const D: usize> HostRead<T, D> {
    pub(super) fn open(buffer: &Buffer<T, D>, block: Block, range: Range<D>) -> Result<Self> {
        Open::new(buffer, block, range, Access::Read).map(HostRead)
    }
}

impl<T: Element, const D: usize> HostWrite<T, D> {
    pub(super) fn open(buffer: &Buffer<T, D>, block: Block, range: Range<D>, access: Access) -> Result<Self> {
        Open::new(buffer, block, range, access).map(HostWrite)
    }
}

impl<T, const D: usize> HostRead<T, D> {
    /// The extent of what the guard shows.
    pub fn range(&self) -> Range<D> {
        self.0.range
    }
}

impl<T, const D: usize> HostWrite<T, D> {
    /// The extent of what the guard shows.
    pub fn range(&self) -> Range<D> {
        self.0.range
    }
}

impl<T, const D: usize> Deref for HostRead<T, D> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: the region is contiguous and inside the host block, which the storage keeps; its bytes are initialised
        // and any bytes are a valid `T`; the plan keeps every writer waiting until this guard is dropped.
        unsafe { std::slice::from_raw_parts(self.0.first, self.0.range.size()) }
    }
}

impl<T, const D: usize> Deref for HostWrite<T, D> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: as for `HostRead`.
        unsafe { std::slice::from_raw_parts(self.0.first, self.0.range.size()) }
    }
}

impl<T, const D: usize> DerefMut for HostWrite<T, D> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as for `HostRead`; the plan keeps readers waiting too, so the access is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.0.first, self.0.range.size()) }
    }
}

impl<T: fmt::Debug, const D: usize> fmt::Debug for HostRead<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: fmt::Debug, const D: usize> fmt::Debug for HostWrite<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
