//! `Handle`: a buffer's storage, and what becomes of the elements when the program's last handle is dropped.
//!
//! Dropping never blocks: whoever wants the elements gets them on a thread of their own, once they are there.

use super::Buffer;
use super::element::Element;
use super::guard;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{Deliver, HostClosure, Portion, Storage, Work, on_a_thread};
use crate::plan::{Access, Command, CommandKind, Requirement, StepId};
use crate::platform::{DeviceId, MemoryId};
use crate::runtime::{Request, runtime};
use crate::trace::{Reason, Tally};
use parking_lot::Mutex;
use smallvec::{SmallVec, smallvec};
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A handle of the program, counted apart from commands in flight, which hold the storage too.
pub(crate) struct Handle(Arc<Storage>);

impl Handle {
    pub(crate) fn new(storage: Arc<Storage>) -> Self {
        storage.handles.fetch_add(1, Ordering::Relaxed);
        Handle(storage)
    }

    /// The storage, if nothing else holds it and nobody waits for what it holds.
    pub(crate) fn into_last(self) -> std::result::Result<Storage, Handle> {
        if self.0.last_wish.lock().deliver.is_some() {
            return Err(self);
        }
        let handle = ManuallyDrop::new(self);
        // SAFETY: the handle is never dropped, so that the `Arc` is taken out of it only here.
        let storage = unsafe { std::ptr::read(&handle.0) };
        let mut storage = Arc::try_unwrap(storage).map_err(Handle)?;
        // Another handle may have said so just before it went.
        match storage.last_wish.get_mut().deliver.is_some() {
            true => {
                let storage = Arc::new(storage);
                runtime().remember(&storage);
                Err(Handle(storage))
            }
            false => Ok(storage),
        }
    }
}

impl Deref for Handle {
    type Target = Arc<Storage>;
    fn deref(&self) -> &Arc<Storage> {
        &self.0
    }
}

impl Clone for Handle {
    fn clone(&self) -> Self {
        Handle::new(self.0.clone())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.0.handles.fetch_sub(1, Ordering::AcqRel) > 1 {
            return;
        }
        let wish = std::mem::take(&mut *self.0.last_wish.lock());
        if let Some(deliver) = wish.deliver.filter(|_| wish.write_back) {
            deliver(&self.0);
        }
    }
}

impl<T: Element, const D: usize> Buffer<T, D> {
    /// Says who gets the elements (row-major) when the last handle to the buffer is dropped: `receive` is called then, after
    /// every command that writes the buffer, on a thread of its own, with the elements or with why there are none. Dropping
    /// the buffer does not wait for it. Only the last that was said counts.
    ///
    /// Handles that are forgotten (`std::mem::forget`) are never dropped, so that nothing is called.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let (sender, receiver) = std::sync::mpsc::channel();
    /// let numbers = Buffer::from(vec![1u32, 2, 3]);
    /// numbers.set_final_data(move |elements| drop(sender.send(elements.map(<[u32]>::to_vec))));
    /// Queue::new(Selector::default())?.fill(&numbers, 7)?;
    /// drop(numbers);
    /// assert_eq!(receiver.recv().unwrap()?, [7, 7, 7]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// Source: SYCL 2020, section 4.7.2 (`set_final_data`), which would wait.
    pub fn set_final_data(&self, receive: impl FnOnce(Result<&[T]>) + Send + 'static) {
        let (layout, block) = (self.layout(), self.block());
        let deliver: Deliver = Box::new(move |storage: &Arc<Storage>| {
            let portion = Portion { storage: storage.clone(), layout, block };
            deliver(portion, Box::new(receive));
        });
        // What was said before is dropped without the lock: it is the program's.
        let _before = self.storage().last_wish.lock().deliver.replace(deliver);
    }

    /// Whether the elements are handed on as [`Buffer::set_final_data`] says; they are, unless this is told otherwise.
    ///
    /// Source: SYCL 2020, section 4.7.2 (`set_write_back`).
    pub fn set_write_back(&self, write_back: bool) {
        self.storage().last_wish.lock().write_back = write_back;
    }
}

impl<T, const D: usize> Buffer<T, D> {
    /// What was said to [`Buffer::set_write_back`].
    pub(super) fn writes_back(&self) -> bool {
        self.handle().last_wish.lock().write_back
    }
}

/// Who waits for the elements; called without them where nothing else calls it.
struct Receiver<T: Element> {
    receive: Mutex<Option<Receive<T>>>,
    refusal: Mutex<Option<Error>>,
    storage: Arc<Storage>,
}

type Receive<T> = Box<dyn FnOnce(Result<&[T]>) + Send>;

/// Has the elements handed to `receive` when every command that writes them is over.
fn deliver<T: Element>(portion: Portion, receive: Receive<T>) {
    let storage = portion.storage.clone();
    let receiver = Receiver { receive: Mutex::new(Some(receive)), refusal: Mutex::default(), storage };
    let receiver = Arc::new(receiver);
    let (at_work, part) = (receiver.clone(), portion.clone());
    let closure: HostClosure = Box::new(move || {
        // SAFETY: this is the closure of a command that reads the portion.
        let elements = unsafe { guard::elements(&part) };
        let elements = elements.inspect_err(|error| *at_work.refusal.lock() = Some(error.clone()))?;
        let receive = at_work.receive.lock().take();
        receive.into_iter().for_each(|receive| receive(Ok(&elements)));
        Ok(())
    });
    let usable = portion.storage.usable();
    if let Err(error) = usable.and_then(|()| runtime().submit(&mut request(portion, closure))) {
        *receiver.refusal.lock() = Some(error);
    }
}

fn request(portion: Portion, closure: HostClosure) -> Request<'static> {
    let (block, access) = portion.demanded(&portion.block, Access::Read);
    let (buffer, within) = (portion.storage.id, portion.within());
    let part = portion.block;
    Request {
        command: Command {
            kind: CommandKind::HostTask,
            name: "final data",
            place: None,
            device: DeviceId::HOST,
            memory: MemoryId::HOST,
            requirements: smallvec![Requirement { buffer, block, within, access }],
            after: SmallVec::new(),
        },
        work: Work::HostTask(Some(closure)),
        division: None,
        uses: smallvec![portion.as_use(&part, access)],
        sink: None,
        profile: None,
        counters: None,
        tally: Tally::default(),
        reason: Reason::HostAccess,
        last: None,
    }
}

impl<T: Element> Drop for Receiver<T> {
    fn drop(&mut self) {
        let Some(receive) = self.receive.get_mut().take() else { return };
        let spoilt = || self.storage.spoilt_by(StepId(0)..StepId(u64::MAX));
        let error = self.refusal.get_mut().take().or_else(spoilt).unwrap_or_else(|| {
            let text =
                format!("buffer `{}` was dropped, and its elements could not be read", self.storage.name());
            Error::new(ErrorKind::Runtime, text)
        });
        // This may be any thread, one that must not wait included.
        on_a_thread(Box::new(move || {
            // Nobody is there to hear of a panic, which has been printed.
            let _ = catch_unwind(AssertUnwindSafe(|| receive(Err(error))));
        }));
    }
}
