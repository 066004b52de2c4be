//! `Accessor` and `LocalAccessor`: how a kernel reaches the elements of a buffer and of local memory.
//!
//! An accessor is a small `Copy` value branded with the lifetime of its command group. Outside a kernel it knows where
//! it lies in its buffer; inside, `Capture::bind` has given it the memory too.

use crate::geometry::Range;
use crate::kernel::ViewShape;
use std::marker::PhantomData;

/// What may be done through an accessor, as types.
pub mod mode {
    /// Reading.
    #[derive(Clone, Copy, Debug)]
    pub struct Read;
    /// Writing; what is not written keeps its value.
    #[derive(Clone, Copy, Debug)]
    pub struct Write;
    /// Reading and writing.
    #[derive(Clone, Copy, Debug)]
    pub struct ReadWrite;
}

/// Access to a buffer from a kernel.
pub struct Accessor<'h, T, const D: usize, M> {
    pub(crate) group: u64,
    pub(crate) requirement: usize,
    pub(crate) view: ViewShape,
    /// The memory, once bound; null before.
    pub(crate) pointer: *mut T,
    pub(crate) brand: PhantomData<(&'h (), fn(M))>,
}

impl<T, const D: usize, M> Clone for Accessor<'_, T, D, M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T, const D: usize, M> Copy for Accessor<'_, T, D, M> {}

impl<T, const D: usize, M> Accessor<'_, T, D, M> {
    /// The extent of what can be accessed.
    pub fn range(&self) -> Range<D> {
        Range(std::array::from_fn(|dimension| self.view.extent[dimension]))
    }
}

/// Reading access to a buffer.
pub type Read<'h, T, const D: usize = 1> = Accessor<'h, T, D, mode::Read>;
/// Writing access to a buffer.
pub type Write<'h, T, const D: usize = 1> = Accessor<'h, T, D, mode::Write>;
/// Reading and writing access to a buffer.
pub type ReadWrite<'h, T, const D: usize = 1> = Accessor<'h, T, D, mode::ReadWrite>;

/// Memory shared by the work-items of one work-group.
pub struct LocalAccessor<'h, T, const D: usize> {
    pub(crate) group: u64,
    pub(crate) view: ViewShape,
    /// The memory, once bound; null before.
    pub(crate) pointer: *mut T,
    pub(crate) brand: PhantomData<&'h ()>,
}

/// Short for [`LocalAccessor`].
pub type Local<'h, T, const D: usize = 1> = LocalAccessor<'h, T, D>;
