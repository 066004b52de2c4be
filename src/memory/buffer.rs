//! `Buffer`: data that kernels on any device and the host work on in turn.

use super::accessor::{Accessor, Read, ReadWrite, Write, mode::Mode};
use super::element::Element;
use super::handle::Handle;
use super::requirements::{Pending, Reach};
use crate::execute::{HostBlock, Portion, Storage};
use crate::geometry::{Block, Layout, Range};
use crate::kernel::ViewShape;
use crate::queue::Handler;
use crate::runtime::runtime;
use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A box of elements in `D` dimensions (1 to 3) that kernels on any device and the host work on in turn.
///
/// A cheap handle: clones share the elements. falx knows which memory holds current bytes of which region, and copies
/// only what a command or the host needs and where it is missing; devices that share memory with the host copy nothing.
/// Dropping a buffer never blocks; commands that use it still run.
///
/// ```
/// use falx::prelude::*;
/// let queue = Queue::new(Selector::default())?;
/// let numbers = Buffer::from(vec![1.0f32, 2.0, 3.0]);
/// queue.submit(|h| {
///     let numbers = numbers.read_write(h);
///     h.parallel_for(3, kernel!(move |i: Id<1>| numbers[i] = 2.0 * numbers[i]))
/// })?;
/// assert_eq!(*numbers.host_read()?, [2.0, 4.0, 6.0]);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020, section 4.7.2.
pub struct Buffer<T, const D: usize = 1> {
    handle: Handle,
    /// How the bytes of the storage are seen.
    layout: Layout,
    /// Which of the elements seen so are this buffer's.
    block: Block,
    /// How kernels find the elements in the buffer's memory.
    view: ViewShape,
    elements: PhantomData<fn() -> T>,
}

impl<T, const D: usize> Clone for Buffer<T, D> {
    fn clone(&self) -> Self {
        Buffer { handle: self.handle.clone(), elements: PhantomData, ..*self }
    }
}

impl<T, const D: usize> fmt::Debug for Buffer<T, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, range) = (self.handle.name(), self.range().0);
        write!(f, "Buffer `{name}` of {range:?} {}", std::any::type_name::<T>())
    }
}

impl<T, const D: usize> Buffer<T, D> {
    /// The extent.
    pub fn range(&self) -> Range<D> {
        let extent = self.block.extent();
        Range(std::array::from_fn(|dimension| extent[3 - D + dimension]))
    }

    /// The number of elements.
    pub fn size(&self) -> usize {
        self.range().size()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.size() == 0
    }

    pub(super) fn handle(&self) -> &Handle {
        &self.handle
    }
}

impl<T: Element, const D: usize> Buffer<T, D> {
    /// A buffer without contents: reading what nothing has written yet is an error. No memory is used before it is
    /// needed. A range that no memory can hold makes a buffer whose every use is an error.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let matrix = Buffer::<f32, 2>::new([4, 8]);
    /// assert_eq!(matrix.size(), 32);
    /// assert_eq!(matrix.host_read().unwrap_err().kind(), ErrorKind::Uninitialized);
    /// ```
    pub fn new(range: impl Into<Range<D>>) -> Self {
        Buffer::with_block(range.into(), None)
    }

    pub(crate) fn with_block(range: Range<D>, block: Option<HostBlock>) -> Self {
        const { assert!(D >= 1 && D <= 3, "a buffer has 1 to 3 dimensions") };
        const { assert!(size_of::<T>() > 0, "a buffer's elements have a size") };
        let layout = Layout { extent: range.padded(), element_bytes: size_of::<T>() };
        let storage = runtime().storage(layout, block);
        Buffer::of(Handle::new(storage), layout, Block::of_range(range))
    }

    pub(super) fn of(handle: Handle, layout: Layout, block: Block) -> Self {
        Buffer { handle, layout, block, view: view_of::<D>(&layout, &block), elements: PhantomData }
    }

    /// A buffer of the elements that a storage already has.
    pub(crate) fn of_storage(storage: Arc<Storage>, range: Range<D>) -> Self {
        let layout = storage.layout;
        Buffer::of(Handle::new(storage), layout, Block::of_range(range))
    }

    /// Gives the buffer a name, which messages, traces and graphs use. The first name stays.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        runtime().rename(&self.handle, name);
        self
    }

    /// The name, or `#` and a number.
    pub fn name(&self) -> String {
        self.handle.name()
    }

    /// The size of all elements in bytes.
    pub fn size_bytes(&self) -> usize {
        match self.handle.invalid {
            Some(_) => 0,
            None => self.size() * size_of::<T>(),
        }
    }

    pub(crate) fn storage(&self) -> &Arc<Storage> {
        &self.handle
    }

    pub(super) fn into_handle(self) -> Handle {
        self.handle
    }

    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    /// Which elements of the layout are this buffer's.
    pub(super) fn block(&self) -> Block {
        self.block
    }

    pub(super) fn portion(&self) -> Portion {
        Portion { storage: self.storage().clone(), layout: self.layout, block: self.block }
    }

    /// Whether the elements lie at the beginning of the buffer's memory, one after the other.
    pub(crate) fn is_at_the_beginning(&self) -> bool {
        self.handle.invalid.is_some() || self.layout.first_of_contiguous(&self.block) == Some(0)
    }

    /// Reading access for the command of `handler`.
    pub fn read<'h>(&self, handler: &'h Handler) -> Read<'h, T, D> {
        self.access(handler)
    }

    /// Writing access for the command of `handler`. Elements that the command does not write keep their values. Those that
    /// it may write are brought to the device first, unless falx finds that the kernel writes all of them; where it cannot
    /// know, say [`no_init`](Accessor::no_init) when they are. Of a buffer without contents, the elements that a kernel leaves
    /// out between those that it writes become zero; where it cannot write there are still none.
    pub fn write<'h>(&self, handler: &'h Handler) -> Write<'h, T, D> {
        self.access(handler)
    }

    /// Reading and writing access for the command of `handler`.
    pub fn read_write<'h>(&self, handler: &'h Handler) -> ReadWrite<'h, T, D> {
        self.access(handler)
    }

    fn access<'h, M: Mode>(&self, handler: &'h Handler) -> Accessor<'h, T, D, M> {
        let requirements = handler.requirements();
        if let Some(error) = &self.handle.invalid {
            requirements.fail(error.clone());
        }
        let pending = || Pending {
            portion: self.portion(),
            element: TypeId::of::<T>(),
            access: M::ACCESS,
            view: self.view,
            settled: false,
            reach: Reach::default(),
        };
        Accessor::new(requirements, requirements.add(pending), self.view)
    }
}

/// How kernels find elements of a layout that are a buffer of `D` dimensions.
fn view_of<const D: usize>(layout: &Layout, block: &Block) -> ViewShape {
    let of = |padded: [usize; 3]| std::array::from_fn(|dimension| padded[3 - D + dimension]);
    let whole = ViewShape::whole::<D>(Range(of(layout.extent)));
    // Always inside: whoever made the buffer has seen to that.
    whole.part::<D>(of(block.min), of(block.extent())).unwrap_or(whole)
}
