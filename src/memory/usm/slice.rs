//! `UsmSlice`: a part of an allocation, as commands see it.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Range;
use crate::memory::accessor::{Accessor, Read, ReadWrite, Write, mode::Mode};
use crate::memory::{Buffer, Element, HostWrite};
use crate::plan::Access;
use crate::platform::{Device, UsmKind};
use crate::queue::Handler;
use std::fmt;
use std::ops::{Bound, RangeBounds};

/// Some elements of unified shared memory, which they keep alive. A cheap handle: clones stand for the same elements.
///
/// Commands use them through accessors, like those of buffers: bounds are checked, and commands that touch the same elements
/// run one after the other, unless both only read.
pub struct UsmSlice<T> {
    pub(super) buffer: Buffer<T>,
    pub(super) device: Device,
    pub(super) kind: UsmKind,
    pub(super) offset: usize,
    pub(super) len: usize,
}

impl<T> Clone for UsmSlice<T> {
    fn clone(&self) -> Self {
        UsmSlice { buffer: self.buffer.clone(), device: self.device.clone(), ..*self }
    }
}

impl<T> fmt::Debug for UsmSlice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self { kind, device, offset, len, .. }, end) = (self, self.offset + self.len);
        write!(f, "elements {offset}..{end} ({len}) of {kind} memory of {device} in {:?}", self.buffer)
    }
}

impl<T: Element> UsmSlice<T> {
    /// The number of elements.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The kind of memory.
    pub fn kind(&self) -> UsmKind {
        self.kind
    }

    /// The device it was allocated on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The name, or `#` and a number.
    pub fn name(&self) -> String {
        self.buffer.name()
    }

    /// The elements in `range`.
    ///
    /// # Errors
    /// [`ErrorKind::Accessor`] if they are not all among these.
    ///
    /// ```
    /// use falx::{prelude::*, usm};
    /// let queue = Queue::new(Selector::default())?;
    /// let numbers = usm::shared::<u32>(queue.device(), 8)?;
    /// queue.fill(&numbers, 1)?;
    /// queue.fill(&numbers.slice(2..5)?, 7)?;
    /// assert_eq!(*numbers.host_read()?, [1, 1, 7, 7, 7, 1, 1, 1]);
    /// assert!(numbers.slice(5..9).is_err());
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Result<UsmSlice<T>> {
        let start = match range.start_bound() {
            Bound::Included(&start) => Some(start),
            Bound::Excluded(&before) => before.checked_add(1),
            Bound::Unbounded => Some(0),
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => last.checked_add(1),
            Bound::Excluded(&end) => Some(end),
            Bound::Unbounded => Some(self.len),
        };
        match (start, end) {
            (Some(start), Some(end)) if start <= end && end <= self.len => {
                let part = self.clone();
                Ok(UsmSlice { offset: self.offset + start, len: end - start, ..part })
            }
            _ => Err(self.no_such_part(range.start_bound(), range.end_bound())),
        }
    }

    fn no_such_part(&self, start: Bound<&usize>, end: Bound<&usize>) -> Error {
        let text = format!(
            "a slice of {} memory `{}` from {start:?} to {end:?} is not within its {} elements",
            self.kind,
            self.name(),
            self.len
        );
        Error::new(ErrorKind::Accessor, text)
    }

    /// Reading access for the command of `handler`; see [`Buffer::read`].
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`], from `submit`, if the queue drives another device than the memory's, unless it is host memory.
    pub fn read<'h>(&self, handler: &'h Handler) -> Read<'h, T> {
        self.access(handler, self.buffer.read(handler))
    }

    /// Writing access for the command of `handler`; see [`Buffer::write`].
    ///
    /// # Errors
    /// As for [`UsmSlice::read`].
    pub fn write<'h>(&self, handler: &'h Handler) -> Write<'h, T> {
        self.access(handler, self.buffer.write(handler))
    }

    /// Reading and writing access for the command of `handler`; see [`Buffer::read_write`].
    ///
    /// # Errors
    /// As for [`UsmSlice::read`].
    pub fn read_write<'h>(&self, handler: &'h Handler) -> ReadWrite<'h, T> {
        self.access(handler, self.buffer.read_write(handler))
    }

    fn access<'h, M: Mode>(
        &self,
        handler: &'h Handler,
        whole: Accessor<'h, T, 1, M>,
    ) -> Accessor<'h, T, 1, M> {
        if self.kind != UsmKind::Host && *handler.device() != self.device {
            handler.requirements().fail(self.of_another_device(handler.device()));
        }
        if self.len == self.buffer.size() { whole } else { whole.region(self.offset, self.len) }
    }

    fn of_another_device(&self, device: &Device) -> Error {
        let text = format!(
            "{} memory `{}` was allocated on `{}`, but the command is for `{device}`; use a queue on its device, host memory, or a buffer",
            self.kind,
            self.name(),
            self.device
        );
        Error::new(ErrorKind::Invalid, text)
    }

    /// Overwrites the elements, after every earlier command that uses them.
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`] if `elements` has another length; else as for [`Buffer::host_write`].
    pub fn copy_from_slice(&self, elements: &[T]) -> Result<()> {
        self.check_length("source", elements.len())?;
        self.host_write(self.offset, self.len, Access::Discard)?.copy_from_slice(elements);
        Ok(())
    }

    /// Copies the elements out, after every earlier command that writes them.
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`] if `elements` has another length; else as for [`Buffer::host_read`].
    pub fn copy_to_slice(&self, elements: &mut [T]) -> Result<()> {
        self.check_length("destination", elements.len())?;
        elements.copy_from_slice(&self.buffer.host_read_region(self.offset, Range([self.len]))?);
        Ok(())
    }

    /// A copy of the elements, after every earlier command that writes them.
    ///
    /// # Errors
    /// As for [`Buffer::host_read`].
    pub fn to_vec(&self) -> Result<Vec<T>> {
        Ok(self.buffer.host_read_region(self.offset, Range([self.len]))?.to_vec())
    }

    /// The whole allocation that these elements are part of, as a buffer: one that every device can use, and whose commands
    /// are ordered against those that use the allocation itself. The buffer keeps the allocation alive.
    ///
    /// ```
    /// use falx::{prelude::*, usm};
    /// let queue = Queue::new(Selector::default())?;
    /// let numbers = usm::device::<u32>(queue.device(), 4)?;
    /// let buffer = numbers.as_buffer();
    /// queue.fill(&buffer, 3)?;
    /// assert_eq!(numbers.to_vec()?, [3; 4]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn as_buffer(&self) -> Buffer<T> {
        self.buffer.clone()
    }

    /// Lets the host write elements of the allocation, whatever its kind.
    pub(super) fn host_write(&self, offset: usize, len: usize, access: Access) -> Result<HostWrite<T>> {
        HostWrite::open(self.buffer.sub_buffer(offset, len)?.portion(), Range([len]), access)
    }

    fn check_length(&self, what: &str, len: usize) -> Result<()> {
        if len == self.len {
            return Ok(());
        }
        let text = format!(
            "a slice of {} memory `{}` has {} elements but the {what} slice holds {len}",
            self.kind,
            self.name(),
            self.len
        );
        Err(Error::new(ErrorKind::LengthMismatch, text))
    }
}
