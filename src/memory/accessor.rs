//! `Accessor` and `LocalAccessor`: how a kernel reaches the elements of a buffer and of local memory.
//!
//! An accessor is a small `Copy` value branded with the lifetime of its command group. Outside a kernel it knows where
//! it lies in its buffer; inside, `Capture::bind` has given it the memory too.

use super::element::Element;
use super::requirements::Requirements;
use crate::error::{Error, ErrorKind};
use crate::geometry::{Id, Range};
use crate::kernel::ViewShape;
use crate::plan::Access;
use std::marker::PhantomData;

/// What may be done through an accessor, as types.
pub mod mode {
    use crate::kernel::AccessMode;
    use crate::plan::Access;

    /// Reading.
    #[derive(Clone, Copy, Debug)]
    pub struct Read;
    /// Writing; what is not written keeps its value.
    #[derive(Clone, Copy, Debug)]
    pub struct Write;
    /// Reading and writing.
    #[derive(Clone, Copy, Debug)]
    pub struct ReadWrite;

    mod sealed {
        pub trait Sealed {}
        impl Sealed for super::Read {}
        impl Sealed for super::Write {}
        impl Sealed for super::ReadWrite {}
    }

    /// A mode as data: [`Read`], [`Write`] or [`ReadWrite`].
    pub trait Mode: sealed::Sealed + Copy + 'static {
        #[doc(hidden)]
        const ACCESS: Access;
        #[doc(hidden)]
        const MODE: AccessMode;
    }
    impl Mode for Read {
        const ACCESS: Access = Access::Read;
        const MODE: AccessMode = AccessMode::Read;
    }
    impl Mode for Write {
        const ACCESS: Access = Access::Write;
        const MODE: AccessMode = AccessMode::Write;
    }
    impl Mode for ReadWrite {
        const ACCESS: Access = Access::ReadWrite;
        const MODE: AccessMode = AccessMode::ReadWrite;
    }
}

/// Access to a buffer from a command group: made by [`Buffer::read`](crate::Buffer::read),
/// [`write`](crate::Buffer::write) and [`read_write`](crate::Buffer::read_write), used in its kernel.
///
/// In a kernel `a[i]` reads and `a[i] = value` writes an element; `i` is an [`Id`], a `[usize; D]`, or a `usize` in one
/// dimension. Every index is checked.
///
/// Source: SYCL 2020, section 4.7.6.
pub struct Accessor<'h, T, const D: usize, M> {
    pub(crate) group: u64,
    pub(crate) requirement: usize,
    pub(crate) view: ViewShape,
    /// The memory, once bound; null before.
    pub(crate) pointer: *mut T,
    /// The command group's requirements, valid for `'h`; null inside kernels.
    pub(crate) requirements: *const Requirements,
    #[allow(clippy::type_complexity, reason = "a brand is said in one place")]
    pub(crate) brand: PhantomData<(&'h (), fn(M))>,
}

// SAFETY: outside kernels the pointers lead to a `Sync` value that lives for `'h`; inside, elements are only touched by
// relaxed atomics.
unsafe impl<T: Send + Sync, const D: usize, M> Send for Accessor<'_, T, D, M> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync, const D: usize, M> Sync for Accessor<'_, T, D, M> {}

impl<T, const D: usize, M> Clone for Accessor<'_, T, D, M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, const D: usize, M> Copy for Accessor<'_, T, D, M> {}

impl<'h, T, const D: usize, M> Accessor<'h, T, D, M> {
    pub(crate) fn new(requirements: &'h Requirements, requirement: usize, view: ViewShape) -> Self {
        Accessor {
            group: requirements.group(),
            requirement,
            view,
            pointer: std::ptr::null_mut(),
            requirements,
            brand: PhantomData,
        }
    }

    /// The extent of what can be accessed.
    pub fn range(&self) -> Range<D> {
        Range(std::array::from_fn(|dimension| self.view.extent[dimension]))
    }

    /// How many elements that are.
    pub fn size(&self) -> usize {
        self.range().size()
    }

    /// How many elements that are, as slices say it.
    pub fn len(&self) -> usize {
        self.size()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.size() == 0
    }

    /// The requirement it stands for: command group and position.
    pub(crate) fn named(&self) -> (u64, usize) {
        (self.group, self.requirement)
    }

    /// The requirements of its command group; none for accessors to nothing and for those inside a running kernel.
    fn requirements(&self) -> Option<&'h Requirements> {
        // SAFETY: null, or made from a `&'h Requirements`, and an accessor can be named for no longer than `'h`; copies
        // whose lifetime is erased are only let out by `Capture::bind`, which makes the pointer null.
        unsafe { self.requirements.as_ref() }
    }

    /// Narrows the access to `range` elements from `offset` on: index 0 is then the element at `offset`. The command
    /// group only waits for others that touch this region, and only this region is moved.
    ///
    /// # Errors
    /// [`ErrorKind::Accessor`], from `submit`, if the region leaves what could be accessed before.
    ///
    /// Source: SYCL 2020, section 4.7.6.4 (ranged accessors); ordering by region is falx's.
    pub fn region(mut self, offset: impl Into<Id<D>>, range: impl Into<Range<D>>) -> Self {
        let (Id(offset), Range(range)) = (offset.into(), range.into());
        let Some(view) = self.view.part(offset, range) else {
            self.refuse_region(&offset, &range);
            return self;
        };
        let before = std::mem::replace(&mut self.view, view);
        let Some(requirements) = self.requirements() else { return self };
        // Through a copy from before another narrowing, the block would not be what the view shows.
        requirements.change_seen(self.requirement, &before, |pending| {
            pending.portion.block = pending.portion.block.part(Id(offset), Range(range));
            pending.view = view;
        });
        self
    }

    fn refuse_region(&self, offset: &[usize; D], range: &[usize; D]) {
        let Some(requirements) = self.requirements() else { return };
        let pending = requirements.get(self.group, self.requirement);
        let name = pending.map_or_else(|_| String::new(), |pending| pending.portion.storage.name());
        requirements.fail(Error::new(
            ErrorKind::Accessor,
            format!(
                "an accessor to {range:?} elements from {offset:?} on leaves buffer `{name}`, of which {:?} elements can be accessed",
                self.range().0
            ),
        ));
    }
}

impl<T, const D: usize> Accessor<'_, T, D, mode::Write> {
    /// Gives up what the region held: nothing is brought to the device for the kernel's sake, and elements that it does
    /// not write hold unspecified values afterwards.
    ///
    /// Source: SYCL 2020, section 4.7.6.4 (`property::no_init`).
    #[must_use]
    pub fn no_init(self) -> Self {
        if let Some(requirements) = self.requirements() {
            requirements.change(self.requirement, |pending| pending.access = Access::Discard);
        }
        self
    }
}

/// Reading access to a buffer.
pub type Read<'h, T, const D: usize = 1> = Accessor<'h, T, D, mode::Read>;
/// Writing access to a buffer: what the kernel does not write keeps its value, unless [`Accessor::no_init`].
pub type Write<'h, T, const D: usize = 1> = Accessor<'h, T, D, mode::Write>;
/// Reading and writing access to a buffer.
pub type ReadWrite<'h, T, const D: usize = 1> = Accessor<'h, T, D, mode::ReadWrite>;

/// Memory shared by the work-items of one work-group: made by [`Handler::local`](crate::Handler::local). Its contents
/// are unspecified when a work-group starts.
///
/// Source: SYCL 2020, section 4.7.6.11.
pub struct LocalAccessor<'h, T, const D: usize> {
    pub(crate) group: u64,
    pub(crate) view: ViewShape,
    /// The memory, once bound; null before.
    pub(crate) pointer: *mut T,
    pub(crate) brand: PhantomData<&'h ()>,
}

// SAFETY: elements are only touched by relaxed atomics.
unsafe impl<T: Send + Sync, const D: usize> Send for LocalAccessor<'_, T, D> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync, const D: usize> Sync for LocalAccessor<'_, T, D> {}

impl<T, const D: usize> Clone for LocalAccessor<'_, T, D> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, const D: usize> Copy for LocalAccessor<'_, T, D> {}

impl<T, const D: usize> LocalAccessor<'_, T, D> {
    pub(crate) fn new(group: u64, range: Range<D>) -> Self {
        LocalAccessor {
            group,
            view: ViewShape::whole(range),
            pointer: std::ptr::null_mut(),
            brand: PhantomData,
        }
    }

    /// The extent.
    pub fn range(&self) -> Range<D> {
        Range(std::array::from_fn(|dimension| self.view.extent[dimension]))
    }

    /// How many elements that are.
    pub fn size(&self) -> usize {
        self.range().size()
    }

    /// How many elements that are, as slices say it.
    pub fn len(&self) -> usize {
        self.size()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.size() == 0
    }
}

/// The command group of local memory that a kernel declares: any.
pub(crate) const DECLARED: u64 = u64::MAX;

/// An array of local memory that a kernel declares: `[T; N]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no array that can lie in local memory",
    label = "not an array of elements",
    note = "write `local::<[f32; 256]>()`; an element may be an array itself"
)]
pub trait LocalArray {
    /// What it holds.
    type Element;
    /// How many of them.
    #[doc(hidden)]
    const LENGTH: usize;
}

#[diagnostic::do_not_recommend]
impl<T: Element, const N: usize> LocalArray for [T; N] {
    type Element = T;
    const LENGTH: usize = N;
}

/// Declares local memory in a kernel: an array `A` that each work-group has once, wherever in the kernel the declaration
/// stands. Its contents are unspecified when a work-group starts.
///
/// `let tile = falx::local::<[f32; 256]>();` makes an accessor like those that [`Handler::local`](crate::Handler::local) makes
/// before the launch, where the size may depend on what is known only there. The launch has to be over an
/// [`NdRange`](crate::NdRange); what a kernel declares counts towards the local memory of the device.
///
/// # Errors
/// [`ErrorKind::MemoryAllocation`], from `submit`, if a work-group of the device cannot have that much.
///
/// ```
/// use falx::prelude::*;
/// let data = Buffer::from((0..8u32).collect::<Vec<_>>());
/// Queue::new(Selector::default())?.submit(|h| {
///     let data = data.read_write(h);
///     h.parallel_for(NdRange::new(8, 4), kernel!(move |it: NdItem<1>| {
///         let tile = falx::local::<[u32; 4]>();
///         let [own] = it.local_id();
///         tile[own] = data[it.global_id()];
///         it.barrier();
///         data[it.global_id()] = tile[3 - own];
///     }))
/// })?;
/// assert_eq!(*data.host_read()?, [3, 2, 1, 0, 7, 6, 5, 4]);
/// # Ok::<(), falx::Error>(())
/// ```
///
/// Source: SYCL 2020 with `group_local_memory` of `SYCL_EXT_ONEAPI_LOCAL_MEMORY`.
pub fn local<A: LocalArray>() -> LocalAccessor<'static, A::Element, 1> {
    LocalAccessor::new(DECLARED, Range([A::LENGTH]))
}

/// Short for [`LocalAccessor`].
pub type Local<'h, T, const D: usize = 1> = LocalAccessor<'h, T, D>;
