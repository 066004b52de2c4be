//! Where a buffer's elements are current, and how a program gives them up.

use super::Buffer;
use super::element::Element;
use crate::platform::{Device, MemoryId};
use crate::runtime::runtime;

impl<T: Element, const D: usize> Buffer<T, D> {
    /// Whether every element is current in the memory of `device`, once the commands submitted so far are over, so that a
    /// command there would copy nothing.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let buffer = Buffer::from(vec![1u32, 2, 3]);
    /// assert!(buffer.is_current_on(Queue::new(Selector::host())?.device()));
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn is_current_on(&self, device: &Device) -> bool {
        self.current_bytes_on(device) == self.size_bytes()
    }

    /// How many bytes of the buffer are current in the memory of `device`, once the commands submitted so far are over: a
    /// command there that reads everything would copy the others. Bytes may be current in several memories.
    ///
    /// Of a buffer that [`Buffer::reinterpret`] made, as many as are current of the smallest box around it of the elements
    /// that it was made of, but not more than it has.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let (queue, buffer) = (Queue::new(Selector::host())?, Buffer::<u32>::new(100));
    /// queue.fill(&buffer.sub_buffer(10, 20)?, 7)?;
    /// assert_eq!(buffer.current_bytes_on(queue.device()), 80);
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn current_bytes_on(&self, device: &Device) -> usize {
        self.current_bytes(Some(device.memory()))
    }

    /// How many bytes of the buffer have contents, wherever they are, once the commands submitted so far are over.
    pub fn written_bytes(&self) -> usize {
        self.current_bytes(None)
    }

    fn current_bytes(&self, memory: Option<MemoryId>) -> usize {
        let portion = self.portion();
        if portion.storage.invalid.is_some() {
            return 0;
        }
        let (block, _) = portion.seen(&portion.block);
        let n_elements = runtime().current_in(&portion.storage, memory, &block);
        self.size_bytes().min(n_elements * portion.storage.layout.element_bytes)
    }

    /// Gives up what the buffer holds, for every command to come: reading it before something is written is an error then,
    /// and nothing is copied for its sake. Commands submitted before still find the elements. Does not wait.
    ///
    /// Of a buffer that [`Buffer::reinterpret`] made, a part that is no box of the elements that it was made of is kept.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let buffer = Buffer::from(vec![1u32, 2, 3]);
    /// buffer.sub_buffer(0, 2)?.discard();
    /// assert_eq!(buffer.host_read().unwrap_err().kind(), ErrorKind::Uninitialized);
    /// assert_eq!(*buffer.host_read_region(2, 1)?, [3]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    pub fn discard(&self) {
        let portion = self.portion();
        if portion.storage.invalid.is_some() {
            return;
        }
        if let (block, true) = portion.seen(&portion.block) {
            runtime().discard(&portion.storage, &block);
        }
    }
}
