//! Interop tasks: closures that enqueue commands of OpenCL on buffers in their place among falx's commands.

use super::{cl_command_queue, cl_context, cl_device_id, cl_event, cl_mem, cl_platform_id};
use crate::error::Result;
use crate::execute::native::{self, Lane, OpenClLane, Signal, TaskQueue};
use crate::execute::{HostClosure, Portion, Work};
use crate::memory::{Accessor, Element, Requirements};
use crate::plan::CommandKind;
use crate::platform::Device;
use crate::queue::{Action, CommandResult, Handler};
use crate::runtime::runtime;
use smallvec::SmallVec;
use std::cell::{OnceCell, RefCell};
use std::marker::PhantomData;
use std::sync::Arc;

/// What an interop task works with: the objects of OpenCL of its device. See [`Handler::interop_task`].
///
/// All handles are falx's, and valid until the task returns; retain what is to last longer, but for a `cl_mem`: see
/// [`NativeMemory::mem`].
///
/// Source: SYCL 2020, section 4.10 (`interop_handle`).
pub struct Interop<'t> {
    device: &'t Device,
    lane: &'t OpenClLane,
    queue: OnceCell<TaskQueue<'t>>,
    events: RefCell<Vec<Arc<dyn Signal>>>,
}

impl Interop<'_> {
    /// The device of the queue that the task was submitted to.
    pub fn device(&self) -> &Device {
        self.device
    }

    /// The context that every buffer of the task is in.
    pub fn context(&self) -> cl_context {
        self.lane.context()
    }

    /// The device, as its driver names it.
    pub fn device_id(&self) -> cl_device_id {
        self.lane.device_id()
    }

    /// The platform of the device.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn platform_id(&self) -> Result<cl_platform_id> {
        self.lane.platform_id()
    }

    /// An in-order queue of the device that only this task enqueues on. When the task returns, or panics, falx waits until
    /// everything on it is over, before any command that waits for the task begins. It takes the times of commands.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn queue(&self) -> Result<cl_command_queue> {
        let queue = match self.queue.get() {
            Some(queue) => queue,
            None => {
                let made = self.lane.task_queue()?;
                self.queue.get_or_init(|| made)
            }
        };
        Ok(queue.raw())
    }

    /// Has the task be over only when `event` is, for commands on queues of the program's own. falx retains the event; if its
    /// command fails, the task does.
    ///
    /// # Safety
    /// `event` is a valid event of OpenCL.
    ///
    /// # Errors
    /// What the driver reports.
    pub unsafe fn wait_for(&self, event: cl_event) -> Result<()> {
        // SAFETY: the caller's promise.
        let signal = unsafe { native::import_event(event) }?;
        self.events.borrow_mut().push(signal);
        Ok(())
    }

    /// Waits for everything that the task enqueued.
    fn finish(&mut self) -> Result<()> {
        let finished = self.queue.get_mut().map_or(Ok(()), TaskQueue::finish);
        let events = self.events.get_mut().drain(..);
        events.map(|event| event.wait()).fold(finished, Result::and)
    }
}

impl Drop for Interop<'_> {
    fn drop(&mut self) {
        // A task that panicked may have enqueued something, which uses memory that others are about to get.
        if let Err(error) = self.finish() {
            tracing::error!("{error}");
        }
    }
}

/// Where the elements of an accessor are, for commands of OpenCL.
#[derive(Clone, Copy, Debug)]
pub struct NativeMemory<'t> {
    mem: cl_mem,
    offset_bytes: usize,
    extent: [usize; 3],
    whole: [usize; 3],
    element_bytes: usize,
    task: PhantomData<&'t ()>,
}

impl NativeMemory<'_> {
    fn of(lane: &dyn Lane, portion: &Portion) -> Result<Self> {
        let (whole, element_bytes) = (portion.layout.extent, portion.layout.element_bytes);
        let [slow, middle, fast] = portion.block.min;
        let first = (slow * whole[1] + middle) * whole[2] + fast;
        let extent = portion.block.extent();
        let (mem, first_bytes) = native::memory(lane, portion)?;
        let offset_bytes = first * element_bytes - first_bytes;
        Ok(NativeMemory { mem, offset_bytes, extent, whole, element_bytes, task: PhantomData })
    }

    /// The buffer of OpenCL, which may hold more than the accessor's elements, and may be a part of another. It is falx's, and valid
    /// until the task returns: falx gives what it stands on to others when the buffer goes or makes room, so that one that was
    /// retained may then only be released.
    pub fn mem(&self) -> cl_mem {
        self.mem
    }

    /// Where in it the first element of the accessor is.
    pub fn offset_bytes(&self) -> usize {
        self.offset_bytes
    }

    /// The extent of the accessor, with leading ones where it has less than three dimensions.
    pub fn extent(&self) -> [usize; 3] {
        self.extent
    }

    /// How many elements the accessor has.
    pub fn n_elements(&self) -> usize {
        self.extent.iter().product()
    }

    /// The size of an element.
    pub fn element_bytes(&self) -> usize {
        self.element_bytes
    }

    /// How far the beginnings of two neighbouring rows are apart (`buffer_row_pitch`).
    pub fn row_pitch_bytes(&self) -> usize {
        self.whole[2] * self.element_bytes
    }

    /// How far the beginnings of two neighbouring planes are apart (`buffer_slice_pitch`).
    pub fn slice_pitch_bytes(&self) -> usize {
        self.whole[1] * self.row_pitch_bytes()
    }
}

/// The accessors of an interop task: `()`, one accessor, or a tuple of up to six.
pub trait InteropArguments {
    /// What the closure gets for them: [`NativeMemory`], or a tuple of it.
    type Memories<'t>;
    #[doc(hidden)]
    fn requirements(&self) -> SmallVec<[(u64, usize); 4]>;
    #[doc(hidden)]
    fn memories<'t>(memories: &[NativeMemory<'t>]) -> Self::Memories<'t>;
}

impl InteropArguments for () {
    type Memories<'t> = ();
    fn requirements(&self) -> SmallVec<[(u64, usize); 4]> {
        SmallVec::new()
    }
    fn memories<'t>(_memories: &[NativeMemory<'t>]) {}
}

impl<T: Element, const D: usize, M> InteropArguments for Accessor<'_, T, D, M> {
    type Memories<'t> = NativeMemory<'t>;
    fn requirements(&self) -> SmallVec<[(u64, usize); 4]> {
        SmallVec::from_elem(self.named(), 1)
    }
    fn memories<'t>(memories: &[NativeMemory<'t>]) -> NativeMemory<'t> {
        memories[0]
    }
}

macro_rules! tuples {
    ($($name:ident $dimensions:ident $element:ident $mode:ident $index:tt),*) => {
        impl<$($element: Element, const $dimensions: usize, $mode),*> InteropArguments
            for ($(Accessor<'_, $element, $dimensions, $mode>,)*)
        {
            type Memories<'t> = ($(tuples!(@memory $name 't),)*);
            fn requirements(&self) -> SmallVec<[(u64, usize); 4]> {
                [$(self.$index.named()),*].into_iter().collect()
            }
            fn memories<'t>(memories: &[NativeMemory<'t>]) -> Self::Memories<'t> {
                ($(memories[$index],)*)
            }
        }
    };
    (@memory $name:ident $life:lifetime) => { NativeMemory<$life> };
}
tuples!(A DA TA MA 0);
tuples!(A DA TA MA 0, B DB TB MB 1);
tuples!(A DA TA MA 0, B DB TB MB 1, C DC TC MC 2);
tuples!(A DA TA MA 0, B DB TB MB 1, C DC TC MC 2, E DE TE ME 3);
tuples!(A DA TA MA 0, B DB TB MB 1, C DC TC MC 2, E DE TE ME 3, F DF TF MF 4);
tuples!(A DA TA MA 0, B DB TB MB 1, C DC TC MC 2, E DE TE ME 3, F DF TF MF 4, G DG TG MG 5);

impl Handler {
    /// Runs a closure that calls OpenCL, in its place among the commands, with the elements of the given accessors current on
    /// the queue's device: [`NativeMemory`] for each accessor; `()` for none, a tuple for several. The closure runs on a thread
    /// of its own. Whatever it enqueues on [`Interop::queue`], or hands to [`Interop::wait_for`], is over before any command
    /// that waits for this one begins; on other queues it must wait itself.
    ///
    /// Calls of OpenCL are `unsafe`, and what they touch is for the closure to keep to: the elements of its accessors, in
    /// their modes. All handles are falx's, and none of them may be used when the task has returned, unless it was
    /// retained; a `cl_mem` not even then.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let queue = Queue::new(Selector::default())?;
    /// # if queue.device().is_host() { return Ok(()); }
    /// let numbers = Buffer::from(vec![1u32, 2, 3, 4]);
    /// queue.submit(|h| {
    ///     let upper = numbers.write(h).region(2, 2);
    ///     h.interop_task(upper, |interop, upper| {
    ///         let (queue, mut mem) = (interop.opencl3_queue()?, upper.opencl3_buffer::<u32>()?);
    ///         // SAFETY: queue and buffer are of one context, and the command stays inside the accessor's elements.
    ///         unsafe { queue.enqueue_fill_buffer(&mut mem, &[7], upper.offset_bytes(), 8, &[]) }?;
    ///         Ok(())
    ///     });
    /// })?;
    /// assert_eq!(*numbers.host_read()?, [1, 2, 7, 7]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// # Errors
    /// From `submit`: [`ErrorKind::BackendMismatch`](crate::ErrorKind::BackendMismatch) on the host device. What the closure
    /// returns as an error, its panic, and the failure of what it enqueued become the command's error.
    ///
    /// Source: SYCL 2020, section 4.10 (host tasks with an `interop_handle`).
    pub fn interop_task<A, F, R>(&self, accessors: A, task: F)
    where
        A: InteropArguments,
        F: FnOnce(&Interop<'_>, A::Memories<'_>) -> R + Send + 'static,
        R: CommandResult,
    {
        let closure = closure(self.device(), self.requirements(), &accessors, task);
        if let Some(closure) = self.requirements().note(closure) {
            let work = Work::HostTask(Some(closure));
            self.set(Action::new(CommandKind::InteropTask, "interop task", work));
        }
    }
}

/// The closure that an interop task's thread runs.
fn closure<A, F, R>(
    device: &Device,
    requirements: &Requirements,
    accessors: &A,
    task: F,
) -> Result<HostClosure>
where
    A: InteropArguments,
    F: FnOnce(&Interop<'_>, A::Memories<'_>) -> R + Send + 'static,
    R: CommandResult,
{
    let lane = runtime().lane(device.id())?;
    native::opencl(&**lane)?;
    let listed = accessors.requirements();
    let portions = listed.iter().map(|(group, position)| Ok(requirements.get(*group, *position)?.portion));
    let portions = portions.collect::<Result<Vec<Portion>>>()?;
    let device = device.clone();
    Ok(Box::new(move || {
        let memories = portions.iter().map(|portion| NativeMemory::of(&**lane, portion));
        let memories = memories.collect::<Result<SmallVec<[NativeMemory<'_>; 4]>>>()?;
        // The task's own queue is not behind what the lane still does with memory that these buffers got.
        runtime().engine.await_heritage(device.id());
        let lane = native::opencl(&**lane)?;
        let mut interop =
            Interop { device: &device, lane, queue: OnceCell::new(), events: RefCell::default() };
        let result = task(&interop, A::memories(&memories)).into_result();
        // However the task ended: what it enqueued uses memory that others are about to get.
        let finished = interop.finish();
        result.and(finished)
    }))
}
