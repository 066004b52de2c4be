//! Host guards: how the host reads and writes a buffer's elements between commands.
//!
//! A guard is a task in the graph that ends when the guard is dropped. A guard that is forgotten never ends its task: what
//! depends on it never runs, and waiting for that is an error.

use super::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{Portion, Until, Work};
use crate::geometry::Range;
use crate::plan::{Access, Command, CommandKind, Requirement, StepId};
use crate::platform::{DeviceId, MemoryId};
use crate::runtime::{Request, runtime};
use crate::trace::{Reason, Tally};
use smallvec::{SmallVec, smallvec};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// The elements of a buffer, for reading on the host. Derefs to a slice in row-major order; in two and three dimensions
/// `guard[[row, column]]` is one element, see [`HostIndex`](super::HostIndex).
pub struct HostRead<T, const D: usize = 1>(Shown<T, D>);

/// The elements of a buffer, for reading and writing on the host. Derefs to a slice in row-major order; indexed like
/// [`HostRead`].
pub struct HostWrite<T, const D: usize = 1>(Shown<T, D>);

/// A host access that was granted.
struct Open<T> {
    /// Keeps the elements.
    portion: Portion,
    step: StepId,
    /// The buffer's first element, whether it is one of these or not.
    host: *mut T,
    /// Guards stay on their thread, so that a wait can tell that its own thread is in its way.
    not_send: PhantomData<*const ()>,
}

/// A host access to elements that lie one after the other.
struct Shown<T, const D: usize> {
    _open: Open<T>,
    first: *mut T,
    range: Range<D>,
}

impl<T: Element> Open<T> {
    fn new(portion: Portion, access: Access) -> Result<Self> {
        Open::granted(portion, access, access)
    }

    /// An access that takes its place in the order as one of `order` does, and then does no more than `access`.
    fn granted(portion: Portion, order: Access, access: Access) -> Result<Self> {
        portion.storage.usable()?;
        let step = runtime().submit(&mut request(&portion, order, access))?.step;
        let granted = runtime().wait(step, Until::Open);
        let host = granted.and_then(|()| match access.writes() {
            true => portion.storage.host_to_write(),
            false => portion.storage.host(),
        });
        match host.map(|host| host.pointer().cast::<T>()) {
            Ok(host) => Ok(Open { portion, step, host, not_send: PhantomData }),
            Err(error) => {
                runtime().engine.cancel(step);
                Err(error)
            }
        }
    }
}

impl<T> Drop for Open<T> {
    fn drop(&mut self) {
        runtime().engine.finish(self.step, Ok(()));
    }
}

impl<T: Element, const D: usize> Shown<T, D> {
    fn new(portion: Portion, range: Range<D>, access: Access) -> Result<Self> {
        portion.storage.usable()?;
        let first = first_of_contiguous(&portion)?;
        let open = Open::<T>::new(portion, access)?;
        Ok(Shown { first: open.host.wrapping_add(first), _open: open, range })
    }
}

fn request(portion: &Portion, order: Access, access: Access) -> Request<'static> {
    let (block, demanded) = portion.demanded(&portion.block, order);
    let (buffer, within) = (portion.storage.id, portion.within());
    Request {
        command: Command {
            kind: CommandKind::HostAccess,
            name: "host access",
            place: None,
            device: DeviceId::HOST,
            memory: MemoryId::HOST,
            requirements: smallvec![Requirement { buffer, block, within, access: demanded }],
            after: SmallVec::new(),
        },
        work: Work::HostAccess(std::thread::current().id()),
        division: None,
        uses: smallvec![portion.as_use(&portion.block, access)],
        sink: None,
        profile: None,
        counters: None,
        tally: Tally::default(),
        reason: Reason::HostAccess,
        last: None,
    }
}

/// The position of a portion's first element, if it is contiguous in memory.
fn first_of_contiguous(portion: &Portion) -> Result<usize> {
    portion.layout.first_of_contiguous(&portion.block).ok_or_else(|| {
        let text = format!(
            "region {:?} of buffer `{}` is not contiguous in memory; read whole rows, the whole buffer, or a copy",
            portion.block,
            portion.storage.name()
        );
        Error::new(ErrorKind::Accessor, text)
    })
}

/// Waits until no command uses a portion any more, with its bytes at home.
pub(super) fn come_home(portion: Portion) -> Result<()> {
    Open::<u8>::granted(portion, Access::ReadWrite, Access::Read).map(drop)
}

/// Waits until no command uses a portion any more, wherever its bytes are; they are given up.
pub(super) fn wait_for_users(portion: Portion) -> Result<()> {
    Open::<u8>::granted(portion, Access::Discard, Access::Read).map(drop)
}

/// Copies a portion out into `elements`, which has its size.
pub(super) fn copy_out<T: Element>(portion: Portion, elements: &mut [T]) -> Result<()> {
    let open = Open::<T>::new(portion, Access::Read)?;
    let mut rest = elements;
    for (first, count) in open.portion.layout.runs(&open.portion.block) {
        let Some((run, after)) = rest.split_at_mut_checked(count) else { break };
        // SAFETY: the run lies in the host block, which the storage keeps; its bytes are initialised and any bytes are a
        // valid `T`; the plan keeps writers waiting while this is open.
        run.copy_from_slice(unsafe { std::slice::from_raw_parts(open.host.add(first), count) });
        rest = after;
    }
    Ok(())
}

/// Copies `elements`, which has its size, over a portion.
pub(super) fn copy_in<T: Element>(portion: Portion, elements: &[T]) -> Result<()> {
    let open = Open::<T>::new(portion, Access::Discard)?;
    let mut rest = elements;
    for (first, count) in open.portion.layout.runs(&open.portion.block) {
        let Some((run, after)) = rest.split_at_checked(count) else { break };
        // SAFETY: as in `copy_out`; the plan keeps readers waiting, too.
        unsafe { std::slice::from_raw_parts_mut(open.host.add(first), count) }.copy_from_slice(run);
        rest = after;
    }
    Ok(())
}

/// The elements of a portion: where they lie, if they lie one after the other.
///
/// # Safety
/// Called by a command in host memory that reads the portion, and not used after it.
pub(super) unsafe fn elements<T: Element>(portion: &Portion) -> Result<Cow<'_, [T]>> {
    let host = portion.storage.host()?.pointer().cast::<T>();
    // SAFETY: the runs lie in the host block, which the storage keeps; its bytes are initialised and any bytes are a valid
    // `T`; the caller promised that the plan keeps writers waiting.
    let run = |first, count| unsafe { std::slice::from_raw_parts(host.add(first), count) };
    match portion.layout.first_of_contiguous(&portion.block) {
        Some(first) => Ok(Cow::Borrowed(run(first, portion.block.size()))),
        None => {
            let runs = portion.layout.runs(&portion.block);
            Ok(Cow::Owned(runs.flat_map(|(first, count)| run(first, count).iter().copied()).collect()))
        }
    }
}

impl<T: Element, const D: usize> HostRead<T, D> {
    pub(super) fn open(portion: Portion, range: Range<D>) -> Result<Self> {
        Shown::new(portion, range, Access::Read).map(HostRead)
    }
}

impl<T: Element, const D: usize> HostWrite<T, D> {
    pub(super) fn open(portion: Portion, range: Range<D>, access: Access) -> Result<Self> {
        Shown::new(portion, range, access).map(HostWrite)
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
