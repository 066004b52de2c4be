//! The host's turn with a buffer: guards, and copies to and from slices.

use super::Buffer;
use super::element::Element;
use super::guard::{self, HostRead, HostWrite};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Id, Range};
use crate::plan::Access;

impl<T: Element, const D: usize> Buffer<T, D> {
    /// Waits for every earlier command that writes the buffer, brings the elements to the host where they are not there
    /// yet, and lets the host read them as a slice (row-major). Commands that write the buffer wait until the guard is
    /// dropped.
    ///
    /// Cost: at most one copy of the buffer; none for devices that share memory with the host.
    ///
    /// # Errors
    /// What a command failed with that wrote the buffer; [`ErrorKind::Uninitialized`] if nothing has written it;
    /// [`ErrorKind::Deadlock`] if this thread holds a writing guard of the same buffer.
    ///
    /// Source: SYCL 2020, section 4.7.6.10 (`host_accessor`).
    pub fn host_read(&self) -> Result<HostRead<T, D>> {
        HostRead::open(self.portion(), self.range())
    }

    /// Like [`Buffer::host_read`] for `range` elements from `offset` on, which must be contiguous in memory (whole rows
    /// but for the first dimension in which the region is smaller). Only they are waited for and moved.
    ///
    /// # Errors
    /// As for [`Buffer::host_read`]; [`ErrorKind::Accessor`] if the region leaves the buffer or is not contiguous.
    ///
    /// ```
    /// let buffer = falx::Buffer::from(vec![1u32, 2, 3, 4]);
    /// assert_eq!(*buffer.host_read_region(1, 2)?, [2, 3]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn host_read_region(
        &self,
        offset: impl Into<Id<D>>,
        range: impl Into<Range<D>>,
    ) -> Result<HostRead<T, D>> {
        self.sub_buffer(offset, range)?.host_read()
    }

    /// Waits for every earlier command that uses the buffer, brings the elements to the host where they are not there
    /// yet, and lets the host read and write them as a slice (row-major). Elements that nothing has written yet are zero.
    /// Commands that use the buffer wait until the guard is dropped.
    ///
    /// # Errors
    /// As for [`Buffer::host_read`].
    ///
    /// ```
    /// let buffer = falx::Buffer::<u32>::new(3);
    /// buffer.host_write()?[1] = 7;
    /// assert_eq!(*buffer.host_read()?, [0, 7, 0]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn host_write(&self) -> Result<HostWrite<T, D>> {
        HostWrite::open(self.portion(), self.range(), Access::Write)
    }

    /// Like [`Buffer::host_write`], but gives up what the buffer held: nothing is brought to the host, and the slice
    /// starts with unspecified values.
    ///
    /// # Errors
    /// As for [`Buffer::host_write`].
    pub fn host_write_no_init(&self) -> Result<HostWrite<T, D>> {
        HostWrite::open(self.portion(), self.range(), Access::Discard)
    }

    /// Overwrites the buffer with `elements` (row-major), after every earlier command that uses it. A sub-buffer need not
    /// be contiguous in memory for it.
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`] if the slice has another length; else as for [`Buffer::host_write`].
    pub fn copy_from_slice(&self, elements: &[T]) -> Result<()> {
        self.check_length("source", elements.len())?;
        guard::copy_in(self.portion(), elements)
    }

    /// Copies the buffer into `elements` (row-major), after every earlier command that writes it. A sub-buffer need not be
    /// contiguous in memory for it.
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`] if the slice has another length; else as for [`Buffer::host_read`].
    ///
    /// ```
    /// let buffer = falx::Buffer::from(vec![1u32, 2, 3]);
    /// let error = buffer.copy_to_slice(&mut [0; 4]).unwrap_err();
    /// assert_eq!(error.kind(), falx::ErrorKind::LengthMismatch);
    /// ```
    pub fn copy_to_slice(&self, elements: &mut [T]) -> Result<()> {
        self.check_length("destination", elements.len())?;
        guard::copy_out(self.portion(), elements)
    }

    /// A copy of the elements (row-major), after every earlier command that writes them. [`Buffer::into_vec`] need not copy.
    ///
    /// # Errors
    /// As for [`Buffer::host_read`].
    pub fn to_vec(&self) -> Result<Vec<T>> {
        self.portion().storage.usable()?;
        let mut elements = vec![T::zeroed(); self.size()];
        guard::copy_out(self.portion(), &mut elements)?;
        Ok(elements)
    }

    pub(super) fn check_length(&self, what: &str, len: usize) -> Result<()> {
        if len == self.size() {
            return Ok(());
        }
        let text = format!(
            "buffer `{}` holds {} elements but the {what} slice holds {len}",
            self.name(),
            self.size()
        );
        Err(Error::new(ErrorKind::LengthMismatch, text))
    }
}
