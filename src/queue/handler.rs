//! `Handler`: collects the one command of a command group.

use super::division::Division;
use super::event::Event;
use super::foreign::{self, ForeignKernel};
use super::host_task::HostArguments;
use super::launch::{self, LaunchManner};
use super::reduce::Companions;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{CopyWork, FillWork, Work};
use crate::geometry::Range;
use crate::kernel::{IntoShape, ItemOf, Kernel, KernelObject, LaunchShape, Runs, ShapeKind};
use crate::memory::{Element, Local, LocalAccessor, Pending, Read, Requirements, Write};
use crate::plan::{CommandKind, TaskId};
use crate::platform::Device;
use smallvec::SmallVec;
use std::borrow::Borrow;
use std::cell::RefCell;
use std::sync::Arc;

/// Collects one command: made by [`Queue::submit`](crate::Queue::submit), which hands it to a closure.
///
/// Mistakes are collected too, and the first of them is what `submit` returns; nothing runs then. It stays on the thread that
/// submits; accessors may be made narrower on others.
///
/// Source: SYCL 2020, section 4.9.4.
pub struct Handler {
    requirements: Requirements,
    device: Device,
    manner: LaunchManner,
    action: RefCell<Option<Action>>,
    after: RefCell<SmallVec<[TaskId; 2]>>,
    pub(super) companions: RefCell<Companions>,
}

/// The command that was asked for.
pub(crate) struct Action {
    pub(crate) kind: CommandKind,
    pub(crate) name: &'static str,
    /// Where a kernel in Rust stands.
    pub(crate) place: Option<(&'static str, u32)>,
    pub(crate) work: Work,
    /// How many bytes an explicit copy was asked to copy.
    pub(crate) explicit_bytes: usize,
    /// What it takes to do it in parts, if that may be.
    pub(crate) division: Option<Box<Division>>,
}

impl Action {
    /// One that was asked for no explicit copy, and has no parts.
    pub(crate) fn new(kind: CommandKind, name: &'static str, work: Work) -> Self {
        Action { kind, name, place: None, work, explicit_bytes: 0, division: None }
    }
}

/// What the closure of a command group or of a host task may return: nothing, or a `Result` of nothing.
pub trait CommandResult {
    /// The result.
    ///
    /// # Errors
    /// The closure's own.
    fn into_result(self) -> Result<()>;
}
impl CommandResult for () {
    fn into_result(self) -> Result<()> {
        Ok(())
    }
}
impl CommandResult for Result<()> {
    fn into_result(self) -> Result<()> {
        self
    }
}

impl Handler {
    #[inline(always)]
    pub(super) fn new(device: Device, manner: LaunchManner) -> Self {
        Handler {
            requirements: Requirements::new(),
            device,
            manner,
            action: RefCell::default(),
            after: RefCell::default(),
            companions: RefCell::default(),
        }
    }

    /// The device that the command is for.
    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    pub(crate) fn requirements(&self) -> &Requirements {
        &self.requirements
    }

    /// Takes the command. A group without a command is one that waits for its requirements.
    pub(super) fn take_action(&mut self) -> Action {
        self.action.get_mut().take().unwrap_or(Action::new(CommandKind::Barrier, "barrier", Work::Barrier))
    }

    /// Whether the group can be submitted.
    ///
    /// # Errors
    /// The first mistake that was made in it.
    pub(super) fn check(&mut self) -> Result<()> {
        self.requirements.check()
    }

    /// What the command needs.
    pub(super) fn pending(&mut self) -> &[Pending] {
        self.requirements.all()
    }

    /// Takes the tasks that the command waits for, whatever they touch.
    pub(super) fn take_after(&mut self) -> SmallVec<[TaskId; 2]> {
        std::mem::take(self.after.get_mut())
    }

    /// Has the command wait for another, or for several, whatever they touch: `&event`, `[&one, &other]`, `&events` of a slice,
    /// a `Vec` or an `Option`.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let queue = Queue::new(Selector::default())?;
    /// let data = [Buffer::<u32>::new(8), Buffer::<u32>::new(8)];
    /// let filled = [queue.fill(&data[0], 1)?, queue.fill(&data[1], 2)?];
    /// queue.submit(|h| h.depends_on(&filled))?.wait()?; // A group without a command waits for what it names.
    /// assert_eq!(filled[1].status(), EventStatus::Complete);
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// Source: SYCL 2020, section 4.9.4.1.
    pub fn depends_on(&self, events: impl IntoIterator<Item = impl Borrow<Event>>) {
        // The iterator may be the program's own, and use the handler.
        let tasks: SmallVec<[TaskId; 2]> = events.into_iter().map(|event| event.borrow().task).collect();
        self.after.borrow_mut().extend(tasks);
    }

    /// Local memory for the kernel: `range` elements for each work-group.
    ///
    /// # Errors
    /// [`ErrorKind::MemoryAllocation`], from `submit`, if a work-group of the device cannot have that much.
    pub fn local<T: Element, const D: usize>(&self, range: impl Into<Range<D>>) -> Local<'_, T, D> {
        let range = range.into();
        let limit = self.device.limits().local_memory_bytes;
        let size_bytes = range.size().saturating_mul(size_of::<T>());
        if size_bytes > limit {
            self.requirements.fail(Error::new(
                ErrorKind::MemoryAllocation,
                format!(
                    "{:?} elements of local memory are {size_bytes} bytes, but a work-group of `{}` has {limit} bytes; use smaller work-groups",
                    range.0, self.device
                ),
            ));
            return LocalAccessor::new(self.requirements.group(), Range([0; D]));
        }
        LocalAccessor::new(self.requirements.group(), range)
    }

    /// Runs a kernel once. The kernel is `kernel!(|| ..)`.
    ///
    /// Source: SYCL 2020, section 4.9.4.2.1.
    #[inline]
    pub fn single_task(&self, kernel: impl Kernel<()>) {
        let shape = LaunchShape { kind: ShapeKind::Single, global: [1; 3], local: [1; 3] };
        kernel.with_object(self.runs(), |object| self.launch(shape, object));
    }

    /// Runs a kernel for each item of `range`: a `usize`, a `[usize; D]`, a [`Range`], or an
    /// [`NdRange`](crate::NdRange) for kernels with work-groups.
    ///
    /// The kernel is built for the device when it is first launched there; a new range never builds it again (on
    /// some devices, work-groups of another shape do). Over rows and columns it is built once more when it was launched over whole
    /// work-groups 64 times.
    ///
    /// # Errors
    /// From `submit`: [`ErrorKind::NdRange`] if the work-group size does not divide the range or exceeds the device's
    /// limits; [`ErrorKind::KernelNotSupported`] if the kernel needs an aspect that the device lacks;
    /// [`ErrorKind::Accessor`] if the kernel uses an accessor of another command group.
    ///
    /// Source: SYCL 2020, section 4.9.4.2.2.
    #[inline]
    pub fn parallel_for<S, I, K>(&self, range: S, kernel: K)
    where
        S: IntoShape,
        I: ItemOf<S::Shape>,
        K: Kernel<I>,
    {
        kernel.with_object(self.runs(), |object| self.launch(range.shape(), object));
    }

    /// Runs a kernel that falx did not write for each item of `range`, exactly. falx's last dimension is OpenCL's first.
    ///
    /// The program is built when it is first launched on the device.
    ///
    /// # Safety
    /// - The kernel's parameters are those of `kernel`, in order and type.
    /// - For this range and these arguments it stays inside what its accessors lead to and its local memory, does not race, and comes to
    ///   its end. Of a buffer, memory may be there for what an accessor leads to alone.
    ///
    /// # Errors
    /// From `submit`: [`ErrorKind::KernelNotSupported`] on the host device, and for SPIR-V on a device that takes none;
    /// [`ErrorKind::Build`] with the compiler's log; [`ErrorKind::KernelArgument`] for an accessor to a part of a buffer that
    /// does not begin at its first element.
    pub unsafe fn parallel_for_foreign(&self, range: impl IntoShape, kernel: ForeignKernel) {
        let name = kernel.name();
        let prepared =
            foreign::prepare(&self.requirements, &self.device, range.shape(), &kernel, &self.manner);
        if let Some(work) = self.requirements.note(prepared) {
            let work = Work::Launch(Arc::new(work));
            self.set(Action::new(CommandKind::Launch, name, work));
        }
    }

    pub(super) fn runs(&self) -> Runs {
        if self.device.is_host() { Runs::OnHost } else { Runs::OnDevice }
    }

    pub(super) fn launch(&self, shape: LaunchShape, object: &mut KernelObject<'_>) {
        let (name, place) = (object.tree.name, (object.tree.file, object.tree.line));
        let prepared = launch::prepare(&self.requirements, &self.device, shape, object, &self.manner);
        if let Some((launch, division)) = self.requirements.note(prepared) {
            let work = Work::Launch(launch);
            let action = Action::new(CommandKind::Launch, name, work);
            self.set(Action { place: Some(place), division, ..action });
        }
    }

    /// Sets every element of an accessor to `value`.
    ///
    /// # Errors
    /// From `submit`: [`ErrorKind::Invalid`] if an element is not 1, 2, 4, 8 or 16 bytes long.
    ///
    /// Source: SYCL 2020, section 4.9.4.3.
    pub fn fill<T: Element, const D: usize>(&self, accessor: &Write<'_, T, D>, value: T) {
        let Some(to) = self.requirements.note(self.requirements.get(accessor.group, accessor.requirement))
        else {
            return;
        };
        if !matches!(size_of::<T>(), 1 | 2 | 4 | 8 | 16) {
            let text = format!(
                "cannot fill buffer `{}` with elements of {} bytes; elements of 1, 2, 4, 8 or 16 bytes can be filled, others by a kernel",
                to.portion.storage.name(),
                size_of::<T>()
            );
            return self.requirements.fail(Error::new(ErrorKind::Invalid, text));
        }
        let pattern = SmallVec::from_slice(bytemuck::bytes_of(&value));
        let work = Work::Fill(Box::new(FillWork { to: to.portion, pattern }));
        self.set(Action::new(CommandKind::Launch, "fill", work));
    }

    /// Copies the elements of one accessor to another of the same range.
    ///
    /// # Errors
    /// From `submit`: [`ErrorKind::LengthMismatch`] if the ranges differ; [`ErrorKind::Invalid`] if the regions overlap.
    ///
    /// Source: SYCL 2020, section 4.9.4.3.
    pub fn copy<T: Element, const D: usize>(&self, from: &Read<'_, T, D>, to: &Write<'_, T, D>) {
        let both = self.requirements.get(from.group, from.requirement);
        let both = both.and_then(|from| Ok((from, self.requirements.get(to.group, to.requirement)?)));
        let Some((from, to)) = self.requirements.note(both.and_then(check_copy)) else { return };
        let explicit_bytes = from.portion.block.size() * size_of::<T>();
        let work = Work::CopyRegion(Box::new(CopyWork { from: from.portion, to: to.portion }));
        self.set(Action { explicit_bytes, ..Action::new(CommandKind::Launch, "copy", work) });
    }

    /// Runs a closure on the host, in its place among the commands, with the elements of the given accessors as slices:
    /// `&[T]` for a [`Read`], `&mut [T]` for a [`Write`] or [`ReadWrite`](crate::ReadWrite); `()` for none, a tuple for
    /// several. The closure runs on a thread of its own.
    ///
    /// ```
    /// use falx::prelude::*;
    /// let (from, to) = (Buffer::from(vec![1, 2, 3]), Buffer::<i32>::new(3));
    /// Queue::new(Selector::default())?.submit(|h| {
    ///     let (from, to) = (from.read(h), to.write(h));
    ///     h.host_task((from, to), |(from, to)| to.copy_from_slice(from));
    /// })?;
    /// assert_eq!(*to.host_read()?, [1, 2, 3]);
    /// # Ok::<(), falx::Error>(())
    /// ```
    ///
    /// # Errors
    /// From `submit`: [`ErrorKind::Accessor`] if a region is not contiguous, or two of them overlap and one is written.
    /// What the closure returns as an error, and its panic, become the command's error.
    ///
    /// Source: SYCL 2020, section 4.9.4.4.
    pub fn host_task<A, F, R>(&self, accessors: A, task: F)
    where
        A: HostArguments,
        F: FnOnce(A::Slices<'_>) -> R + Send + 'static,
        R: CommandResult,
    {
        let closure = super::host_task::closure(&self.requirements, &accessors, task);
        if let Some(closure) = self.requirements.note(closure) {
            let work = Work::HostTask(Some(closure));
            self.set(Action::new(CommandKind::HostTask, "host task", work));
        }
    }

    /// Asks for a command of falx's own that reads through some accessors and writes through another.
    pub(crate) fn device_work(
        &self,
        name: &'static str,
        from: &[(u64, usize)],
        to: (u64, usize),
        work: impl FnOnce(SmallVec<[Pending; 2]>, Pending) -> Work,
    ) {
        let from = from.iter().map(|(group, position)| self.requirements.get(*group, *position)).collect();
        let from = self.requirements.note(from);
        let to = self.requirements.note(self.requirements.get(to.0, to.1));
        if let (Some(from), Some(to)) = (from, to) {
            self.set(Action::new(CommandKind::Launch, name, work(from, to)));
        }
    }

    pub(crate) fn set(&self, action: Action) {
        let mut slot = self.action.borrow_mut();
        match &*slot {
            None => *slot = Some(action),
            Some(first) => self.requirements.fail(Error::new(
                ErrorKind::Invalid,
                format!(
                    "a command group holds one command, but this one has two: `{}` and `{}`; submit them one by one",
                    first.name, action.name
                ),
            )),
        }
    }
}

fn check_copy((from, to): (Pending, Pending)) -> Result<(Pending, Pending)> {
    let (source, target) = (&from.portion, &to.portion);
    let (from_name, to_name) = (source.storage.name(), target.storage.name());
    if source.block.extent() != target.block.extent() {
        let text = format!(
            "cannot copy region {:?} of buffer `{from_name}` to region {:?} of buffer `{to_name}`: their extents differ",
            source.block, target.block
        );
        return Err(Error::new(ErrorKind::LengthMismatch, text));
    }
    if source.overlaps(target) {
        let text = format!(
            "cannot copy region {:?} of buffer `{from_name}` to region {:?} of the same buffer: they overlap",
            source.block, target.block
        );
        return Err(Error::new(ErrorKind::Invalid, text));
    }
    Ok((from, to))
}
