//! `OpenClLane`: one in-order queue of one device, as a [`Lane`]; and the context that the lanes of a device share.

use super::discover::Found;
use super::error::OpenClError;
use super::foreign::{FillParameters, Foreign, ReduceParameters};
use super::handle::{ContextKind, DeviceHandle, Driver, EventKind, MemoryKind, Owned, QueueKind};
use super::memory::OpenClMemory;
use super::program::KernelProgram;
use super::signal::{EventSignal, Work};
use super::usm::{self, IntelFunctions};
use super::{copy, fill, launch, memory};
use crate::backend::{CopyBox, Lane, Launch, Memory, Program, Signal, Sum, UsmMemory};
use crate::error::Result;
use crate::kernel::Source;
use crate::platform::{Device, DeviceKind, MemoryId, UsmKind};
use cl3::command_queue as commands;
use cl3::types::cl_buffer_region;
use once_cell::sync::OnceCell;
use opencl3::types::{cl_event, cl_int, cl_mem};
use parking_lot::Mutex;
use std::ptr;
use std::sync::Arc;

/// A device and its context, which is made at first use and shared by all lanes.
pub(super) struct Opened {
    handle: DeviceHandle,
    driver: &'static Driver,
    context: OnceCell<Arc<Owned<ContextKind>>>,
    intel: OnceCell<IntelFunctions>,
}

impl Opened {
    pub(super) fn new(handle: DeviceHandle, name: &str) -> Self {
        Opened {
            handle,
            driver: Driver::leak(name.to_owned()),
            context: OnceCell::new(),
            intel: OnceCell::new(),
        }
    }

    /// A device in a context that is there already.
    pub(super) fn in_context(
        handle: DeviceHandle,
        driver: &'static Driver,
        context: Owned<ContextKind>,
    ) -> Self {
        let context = OnceCell::with_value(Arc::new(context));
        Opened { handle, driver, context, intel: OnceCell::new() }
    }

    pub(super) fn handle(&self) -> DeviceHandle {
        self.handle
    }

    pub(super) fn driver(&self) -> &'static Driver {
        self.driver
    }

    pub(super) fn context(&self) -> Result<&Arc<Owned<ContextKind>>, OpenClError> {
        self.context.get_or_try_init(|| {
            let devices = [self.handle.0];
            let context = self.driver.call("clCreateContext", || {
                cl3::context::create_context(&devices, ptr::null(), None, ptr::null_mut())
            })?;
            // SAFETY: the call gave one reference to a valid context.
            Ok(Arc::new(unsafe { Owned::new(context, self.driver) }))
        })
    }

    /// The functions of `cl_intel_unified_shared_memory`, looked for when first needed.
    pub(super) fn intel_functions(&self) -> Result<IntelFunctions, OpenClError> {
        self.intel.get_or_try_init(|| IntelFunctions::of(self.handle, self.driver)).copied()
    }

    pub(super) fn queue(&self, profiling: bool) -> Result<Owned<QueueKind>, OpenClError> {
        let context = self.context()?.raw();
        let properties = if profiling { commands::CL_QUEUE_PROFILING_ENABLE } else { 0 };
        // The call of OpenCL 1.2, because every version has it.
        // SAFETY: context and device are valid and belong together.
        let queue = self.driver.call("clCreateCommandQueue", || unsafe {
            commands::create_command_queue(context, self.handle.0, properties)
        })?;
        // SAFETY: the call gave one reference to a valid queue.
        Ok(unsafe { Owned::new(queue, self.driver) })
    }

    /// A buffer over host memory.
    ///
    /// # Safety
    /// `pointer` leads to `size_bytes` bytes that outlive the buffer and everything submitted on it.
    pub(super) unsafe fn adopt(
        &self,
        pointer: *mut u8,
        size_bytes: usize,
    ) -> Result<Owned<MemoryKind>, OpenClError> {
        let flags = cl3::memory::CL_MEM_READ_WRITE | cl3::memory::CL_MEM_USE_HOST_PTR;
        // SAFETY: the caller promises the memory.
        unsafe { self.buffer(flags, pointer, size_bytes) }
    }

    pub(super) fn allocate(&self, size_bytes: usize) -> Result<Owned<MemoryKind>, OpenClError> {
        // SAFETY: without host memory nothing is asked of the pointer.
        unsafe { self.buffer(cl3::memory::CL_MEM_READ_WRITE, ptr::null_mut(), size_bytes) }
    }

    /// A part of a buffer of this context that [`Opened::allocate`] made.
    pub(super) fn part(
        &self,
        buffer: cl_mem,
        offset_bytes: usize,
        size_bytes: usize,
    ) -> Result<Owned<MemoryKind>, OpenClError> {
        let region = cl_buffer_region { origin: offset_bytes, size: size_bytes };
        let flags = cl3::memory::CL_MEM_READ_WRITE;
        let region = ptr::from_ref(&region).cast();
        // SAFETY: the buffer is valid, and the region outlives the call, in which the driver checks it.
        let part = self.driver.call("clCreateSubBuffer", || unsafe {
            cl3::memory::create_sub_buffer(buffer, flags, cl3::memory::CL_BUFFER_CREATE_TYPE_REGION, region)
        })?;
        // SAFETY: the call gave one reference to a valid buffer.
        Ok(unsafe { Owned::new(part, self.driver) })
    }

    /// # Safety
    /// If `flags` say that host memory is used, as for [`Opened::adopt`].
    unsafe fn buffer(
        &self,
        flags: opencl3::types::cl_mem_flags,
        pointer: *mut u8,
        size_bytes: usize,
    ) -> Result<Owned<MemoryKind>, OpenClError> {
        let context = self.context()?.raw();
        // SAFETY: the context is valid; the caller answers for the pointer.
        let buffer = self.driver.call("clCreateBuffer", || unsafe {
            cl3::memory::create_buffer(context, flags, size_bytes, pointer.cast())
        })?;
        // SAFETY: the call gave one reference to a valid buffer.
        Ok(unsafe { Owned::new(buffer, self.driver) })
    }
}

/// How a lane is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneOptions {
    /// Whether the driver takes the time of every command.
    pub profiling: bool,
}

impl Found {
    /// Opens a lane: an in-order queue. The first lane of a device may take milliseconds, because it makes the context.
    ///
    /// # Errors
    /// What the driver reports.
    pub fn open(&self, options: LaneOptions) -> Result<OpenClLane> {
        self.opened.driver().check_process()?;
        let failed = |error: OpenClError| error.of(format!("opening a queue on `{}`", self.device.name()));
        let context = Arc::clone(self.opened.context().map_err(failed)?);
        let queue = self.opened.queue(options.profiling).map_err(failed)?;
        Ok(OpenClLane {
            device: self.device.clone(),
            opened: Arc::clone(&self.opened),
            context,
            queue,
            profiling: options.profiling,
            groups_are_free: groups_are_free(&self.device),
            fill: OnceCell::new(),
            reduce: Default::default(),
            idle_queues: Mutex::default(),
        })
    }
}

/// Whether the driver compiles a kernel for work-groups of all sizes. Measured of Intel's CPU runtime alone.
fn groups_are_free(device: &Device) -> bool {
    device.kind() == DeviceKind::Cpu && device.platform().name == "Intel(R) OpenCL"
}

/// A lane of an OpenCL device.
pub struct OpenClLane {
    pub(super) device: Device,
    pub(super) opened: Arc<Opened>,
    pub(super) context: Arc<Owned<ContextKind>>,
    pub(super) queue: Owned<QueueKind>,
    profiling: bool,
    /// Whether kernels are not compiled again for another size of work-groups.
    pub(super) groups_are_free: bool,
    /// The kernel that fills host memory, compiled at first use.
    pub(super) fill: OnceCell<Foreign<FillParameters>>,
    /// The kernels that sum, one for each element type, and one for its products.
    pub(super) reduce: [OnceCell<Foreign<ReduceParameters>>; 12],
    /// Queues for tasks of the program's own, which none has at the moment.
    pub(super) idle_queues: Mutex<Vec<Owned<QueueKind>>>,
}

impl OpenClLane {
    /// Makes one call that submits a command, and turns its event into a signal.
    pub(super) fn submit(
        &self,
        call: &'static str,
        work: Work,
        make: impl FnOnce() -> Result<cl_event, cl_int>,
    ) -> Result<Arc<dyn Signal>> {
        let driver = self.opened.driver();
        let event = driver.call(call, make).map_err(|error| error.of(work.on(&driver.device_name)))?;
        // SAFETY: the call gave one reference to a valid event.
        let event = unsafe { Owned::<EventKind>::new(event, driver) };
        Ok(Arc::new(EventSignal::new(event, work, self.profiling)))
    }

    fn memory(&self, buffer: Owned<MemoryKind>) -> Memory {
        Memory::new(OpenClMemory::new(buffer, Arc::clone(&self.context)))
    }
}

impl Lane for OpenClLane {
    fn device(&self) -> &Device {
        &self.device
    }

    unsafe fn sum(&self, from: &[&Memory], to: &Memory, sum: &Sum) -> Result<Arc<dyn Signal>> {
        // SAFETY: the caller's promise.
        unsafe { super::sum::sum(self, from, to, sum) }
    }

    fn compile(&self, source: &Source) -> Result<Arc<Program>> {
        self.opened.driver().check_process()?;
        let program = KernelProgram::build(self, source)?;
        Ok(Arc::new(Program { inner: Box::new(program) }))
    }

    fn allocate(&self, size_bytes: usize) -> Result<Memory> {
        self.opened.driver().check_process()?;
        let buffer = self.opened.allocate(size_bytes).map_err(|error| {
            error.of(format!("allocating {size_bytes} bytes on `{}`", self.device.name()))
        })?;
        Ok(self.memory(buffer))
    }

    fn part(&self, whole: &Memory, offset_bytes: usize, size_bytes: usize) -> Result<Memory> {
        self.opened.driver().check_process()?;
        let buffer = memory::of(self, whole)?.raw();
        let part = self.opened.part(buffer, offset_bytes, size_bytes).map_err(|error| {
            let name = self.device.name();
            error.of(format!("using {size_bytes} bytes from {offset_bytes} on of memory of `{name}`"))
        })?;
        Ok(Memory::new(OpenClMemory::part(part, Arc::clone(&self.context), whole.clone())))
    }

    unsafe fn adopt(&self, pointer: *mut u8, size_bytes: usize) -> Result<Memory> {
        self.opened.driver().check_process()?;
        debug_assert_eq!(self.device.memory(), MemoryId::HOST, "only devices on host memory can adopt it");
        // SAFETY: the caller promises the memory.
        let buffer = unsafe { self.opened.adopt(pointer, size_bytes) }.map_err(|error| {
            error.of(format!("sharing {size_bytes} bytes of host memory with `{}`", self.device.name()))
        })?;
        Ok(self.memory(buffer))
    }

    fn allocate_usm(&self, kind: UsmKind, size_bytes: usize) -> Result<UsmMemory> {
        self.opened.driver().check_process()?;
        usm::allocate(self, kind, size_bytes)
    }

    unsafe fn launch(&self, launch: &Launch<'_>) -> Result<Arc<dyn Signal>> {
        // SAFETY: the caller promises what `launch` asks for.
        unsafe { launch::launch(self, launch) }
    }

    unsafe fn copy(&self, copy: &CopyBox<'_>) -> Result<Arc<dyn Signal>> {
        self.opened.driver().check_process()?;
        // SAFETY: the caller promises what `copy` asks for.
        unsafe { copy::copy(self, copy) }
    }

    unsafe fn fill(
        &self,
        memory: &Memory,
        pattern: &[u8],
        offset_bytes: usize,
        size_bytes: usize,
    ) -> Result<Arc<dyn Signal>> {
        self.opened.driver().check_process()?;
        // SAFETY: the caller promises what `fill` asks for.
        unsafe { fill::fill(self, memory, pattern, offset_bytes, size_bytes) }
    }

    fn opencl(&self) -> Option<&OpenClLane> {
        Some(self)
    }

    fn driver_calls(&self) -> u64 {
        self.opened.driver().calls()
    }

    fn flush(&self) {
        let queue = self.queue.raw();
        if let Err(error) = self.opened.driver().call("clFlush", || commands::flush(queue)) {
            // Waiting for what was submitted will meet the failure again and report it.
            tracing::error!(device = self.device.name(), "{error}");
        }
    }
}
