//! Parts of a buffer, and other ways to see its bytes. Both are buffers themselves, over the same memory.

use super::Buffer;
use super::element::Element;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Block, Id, Layout, Range};

impl<T: Element, const D: usize> Buffer<T, D> {
    /// A part of the buffer as a buffer of its own over the same elements: `range` of them from `offset` on. It may begin
    /// anywhere, have gaps between its rows, be empty, overlap others, and have sub-buffers itself; commands wait for each
    /// other where the elements that they use are the same, through whatever buffer they use them.
    ///
    /// What takes the elements as one slice, [`Buffer::host_read`] for one, needs them contiguous in memory: whole rows but
    /// for the first dimension in which the part is smaller.
    ///
    /// # Errors
    /// [`ErrorKind::Accessor`] if the part leaves the buffer.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let matrix = Buffer::from_vec((0..12u32).collect(), [3, 4])?;
    /// let middle = matrix.sub_buffer([1, 1], [2, 2])?;
    /// Queue::new(Selector::default())?.submit(|h| {
    ///     let middle = middle.read_write(h);
    ///     h.parallel_for([2, 2], kernel!(move |i: Id<2>| middle[i] = 0))
    /// })?;
    /// assert_eq!(*matrix.host_read()?, [0, 1, 2, 3, 4, 0, 0, 7, 8, 0, 0, 11]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// Source: SYCL 2020, section 4.7.2.1, without its conditions; ordering by region is falx's.
    pub fn sub_buffer(&self, offset: impl Into<Id<D>>, range: impl Into<Range<D>>) -> Result<Self> {
        let (offset, range, own) = (offset.into(), range.into(), self.range());
        let inside = |d: usize| offset[d].checked_add(range[d]).is_some_and(|end| end <= own[d]);
        if !(0..D).all(inside) {
            let text = format!(
                "a region of {:?} elements from {:?} on leaves buffer `{}` of range {:?}",
                range.0,
                offset.0,
                self.name(),
                own.0
            );
            return Err(Error::new(ErrorKind::Accessor, text));
        }
        Ok(Buffer::of(self.handle().clone(), self.layout(), self.block().part(offset, range)))
    }

    /// Whether this is a part of a larger buffer.
    ///
    /// ```
    /// let buffer = falx::Buffer::from([1u32, 2, 3]);
    /// assert!(!buffer.is_sub_buffer());
    /// assert!(buffer.sub_buffer(1, 2)?.is_sub_buffer());
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn is_sub_buffer(&self) -> bool {
        self.block() != self.layout().whole()
    }

    /// The same bytes as elements of another type, in another range, or both: a buffer over the same memory.
    ///
    /// Commands through both wait for each other by the elements that the buffer was made of. A part of the new buffer that
    /// is no box of these counts as the smallest box around it. One command cannot write elements through one type and use
    /// them through another.
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`] if the sizes in bytes differ; [`ErrorKind::Invalid`] for a sub-buffer (see the whole
    /// buffer differently and take a part of that), and for a `Vec` that does not begin where the new type may begin.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let bytes = Buffer::from((0..16u32).collect::<Vec<_>>());
    /// let matrix = bytes.reinterpret::<[u32; 2], 2>([4, 2])?;
    /// assert_eq!(matrix.host_read()?[3], [6, 7]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// Source: SYCL 2020, section 4.7.2 (`buffer::reinterpret`).
    pub fn reinterpret<U: Element, const E: usize>(
        &self,
        range: impl Into<Range<E>>,
    ) -> Result<Buffer<U, E>> {
        const { assert!(E >= 1 && E <= 3, "a buffer has 1 to 3 dimensions") };
        const { assert!(size_of::<U>() > 0, "a buffer's elements have a size") };
        self.storage().usable()?;
        let range = range.into();
        let fault = if self.is_sub_buffer() {
            let text = "is a part of a larger one; reinterpret that and take the part then".to_owned();
            Some((ErrorKind::Invalid, text))
        } else if range.size().checked_mul(size_of::<U>()) != Some(self.size_bytes()) {
            let text = format!(
                "holds {} bytes, but {:?} of these elements take {} each",
                self.size_bytes(),
                range.0,
                size_of::<U>()
            );
            Some((ErrorKind::LengthMismatch, text))
        } else if !self.storage().is_aligned_to(align_of::<U>()) {
            let text = format!(
                "does not begin at a multiple of {} bytes; copy it with `from_slice`",
                align_of::<U>()
            );
            Some((ErrorKind::Invalid, text))
        } else {
            None
        };
        if let Some((kind, text)) = fault {
            let type_name = std::any::type_name::<U>();
            return Err(Error::new(
                kind,
                format!("buffer `{}` cannot be seen as `{type_name}`: it {text}", self.name()),
            ));
        }
        let layout = Layout { extent: range.padded(), element_bytes: size_of::<U>() };
        Ok(Buffer::of(self.handle().clone(), layout, Block::of_range(range)))
    }
}
