//! What queues do with unified shared memory by SYCL's names, beside what they do with everything accessible.

use super::event::Event;
use super::handler::{Action, Handler};
use super::queue::Queue;
use crate::error::Result;
use crate::execute::{FillWork, Work};
use crate::memory::{Accessible, Element, Write};
use crate::plan::CommandKind;
use smallvec::SmallVec;

/// What a program says of elements that it will use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Advice {
    /// Kernels of the queue's device use them next: brings them there.
    NextOnDevice,
    /// The host uses them next: brings them there.
    NextOnHost,
    /// They are read far more often than written. falx needs no such hint, since any number of memories may hold what is only
    /// read; nothing happens.
    ReadMostly,
}

impl Handler {
    /// Sets every byte of an accessor's elements to `byte`.
    ///
    /// Source: SYCL 2020, section 4.9.4.3 (`memset`).
    pub fn memset<T: Element, const D: usize>(&self, accessor: &Write<'_, T, D>, byte: u8) {
        let (group, position) = accessor.named();
        let Some(to) = self.requirements().note(self.requirements().get(group, position)) else { return };
        let pattern = SmallVec::from_slice(&[byte]);
        let work = Work::Fill(Box::new(FillWork { to: to.portion, pattern }));
        self.set(Action::new(CommandKind::Launch, "memset", work));
    }
}

impl Queue {
    /// Copies elements to as many others, in unified shared memory or a buffer, once everything that uses either is over.
    /// To wait for more, copy in a command group: `h.depends_on(&event); h.copy(&from.read(h), &to.write(h))`.
    ///
    /// ```
    /// use falx::{prelude::*, usm};
    /// let queue = Queue::new(Selector::default())?;
    /// let from = usm::UsmVec::<u32, usm::Shared>::from_slice(queue.device(), &[1, 2, 3, 4])?;
    /// let to = usm::device::<u32>(queue.device(), 2)?;
    /// queue.memcpy(&to, &from.slice(1..3)?)?;
    /// assert_eq!(to.to_vec()?, [2, 3]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::LengthMismatch`](crate::ErrorKind::LengthMismatch) if their numbers differ;
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if they overlap, or belong to another device.
    ///
    /// Source: SYCL 2020, section 4.9.4.3.
    pub fn memcpy<T: Element>(
        &self,
        to: &impl Accessible<T, 1>,
        from: &impl Accessible<T, 1>,
    ) -> Result<Event> {
        self.copy(from, to)
    }

    /// Sets every byte of some elements to `byte`.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if they belong to another device.
    ///
    /// Source: SYCL 2020, section 4.9.4.3.
    pub fn memset<T: Element, const D: usize>(&self, to: &impl Accessible<T, D>, byte: u8) -> Result<Event> {
        self.submit(|h| h.memset(&to.write_access(h).no_init(), byte))
    }

    /// Says what some elements will be used for; see [`Advice`].
    ///
    /// # Errors
    /// [`ErrorKind::Uninitialized`](crate::ErrorKind::Uninitialized) if nothing has written elements that would be brought
    /// somewhere.
    ///
    /// Source: SYCL 2020, section 4.9.4.3.
    pub fn mem_advise<T: Element, const D: usize>(
        &self,
        elements: &impl Accessible<T, D>,
        advice: Advice,
    ) -> Result<Event> {
        match advice {
            Advice::NextOnDevice => self.prefetch(elements),
            Advice::NextOnHost => self.update_host(elements),
            Advice::ReadMostly => self.submit(|_| {}),
        }
    }
}
