//! The contract between `execute` and the devices.
//!
//! A backend does what it is told and nothing else. Validation is the caller's duty: sizes, ranges and lifetimes were
//! checked before a backend is called. A backend never plans, never copies on its own account, never blocks except in
//! [`Signal::wait`], and never calls back into falx. Errors here are those that a caller cannot foresee.

mod discover;
pub mod host;
pub mod opencl;
pub(crate) mod pages;
#[cfg(test)]
pub mod record;

pub use discover::discover;

use crate::error::{Error, ErrorKind, Result};
use crate::kernel::{HostBody, LaunchShape, Overflow, ParameterBytes, Signature, Slice, Source};
use crate::platform::{Device, UsmKind};
use smallvec::SmallVec;
use std::any::Any;
use std::borrow::Cow;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A lane of one device: commands on it run one after the other, in the order in which they were submitted.
///
/// The methods that submit (`launch`, `copy`, `fill`) are called by one thread at a time; all others by any thread.
pub trait Lane: Send + Sync {
    /// The device this lane belongs to.
    fn device(&self) -> &Device;

    /// Builds a kernel for the device. May take long (a driver compiles); called before anything is planned.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Build`] with the numbered source and the driver's log.
    fn compile(&self, source: &Source) -> Result<Arc<Program>>;

    /// Memory on the device, contents unspecified. `size_bytes` is not zero.
    ///
    /// # Errors
    /// [`crate::ErrorKind::MemoryAllocation`].
    fn allocate(&self, size_bytes: usize) -> Result<Memory>;

    /// A part of memory that [`Lane::allocate`] made, as memory of its own, which keeps the whole. Begins at a multiple of the
    /// device's [`memory_alignment_bytes`](crate::platform::Limits); lies in the whole; `size_bytes` is not zero.
    ///
    /// # Errors
    /// What the driver reports.
    fn part(&self, whole: &Memory, offset_bytes: usize, size_bytes: usize) -> Result<Memory>;

    /// Host memory as memory of this device, without copying. Only for devices whose memory is
    /// [`MemoryId::HOST`](crate::platform::MemoryId::HOST). `size_bytes` is not zero.
    ///
    /// # Safety
    /// `pointer` leads to `size_bytes` initialised bytes that outlive the returned memory and everything submitted on it.
    ///
    /// # Errors
    /// [`crate::ErrorKind::MemoryAllocation`].
    unsafe fn adopt(&self, pointer: *mut u8, size_bytes: usize) -> Result<Memory>;

    /// Unified shared memory, filled with zeros. Only of kinds that the device has a source with addresses for.
    /// `size_bytes` is not zero. The host may touch the bytes, and [`Lane::adopt`] takes them.
    ///
    /// # Errors
    /// [`crate::ErrorKind::MemoryAllocation`].
    fn allocate_usm(&self, kind: UsmKind, _size_bytes: usize) -> Result<UsmMemory> {
        let text = format!("`{}` has no {kind} memory with an address", self.device());
        Err(Error::new(ErrorKind::FeatureNotSupported, text))
    }

    /// Submits a kernel.
    ///
    /// # Safety
    /// The arguments match the kernel's signature; the memories are of this lane's device and are kept, with the host
    /// memory under them, until the signal has been seen complete.
    ///
    /// # Errors
    /// What the driver reports.
    unsafe fn launch(&self, launch: &Launch<'_>) -> Result<Arc<dyn Signal>>;

    /// Submits a copy of a box of bytes between two places, at least one of which is on this device.
    ///
    /// # Safety
    /// Both places hold the box; host memory stays alive and untouched by others until the signal is complete.
    ///
    /// # Errors
    /// What the driver reports.
    unsafe fn copy(&self, copy: &CopyBox<'_>) -> Result<Arc<dyn Signal>>;

    /// Submits a fill of `size_bytes` bytes from `offset_bytes` on with a repeated `pattern` of 1, 2, 4, 8 or 16 bytes
    /// (offset and size are multiples of its length).
    ///
    /// # Safety
    /// As for [`Lane::copy`].
    ///
    /// # Errors
    /// What the driver reports.
    unsafe fn fill(
        &self,
        memory: &Memory,
        pattern: &[u8],
        offset_bytes: usize,
        size_bytes: usize,
    ) -> Result<Arc<dyn Signal>>;

    /// Submits a sum: work-item `n` of `n_items` sums the `run` elements from `first + n * run` on, up to `length` elements
    /// in all, into element `n` of `to`; with two memories in `from` it sums the products of their elements. In the order of additions that `kernels/reduce.cl` has, on every device.
    ///
    /// # Safety
    /// As for [`Lane::copy`]; each of `from` holds `first + length` elements and `to` holds `n_items`.
    ///
    /// # Errors
    /// What the driver reports.
    unsafe fn sum(&self, from: &[&Memory], to: &Memory, sum: &Sum) -> Result<Arc<dyn Signal>>;

    /// Makes sure that everything submitted will start without further calls.
    fn flush(&self);

    /// The lane as one of OpenCL, for programs that call OpenCL themselves; none where there is no OpenCL under it.
    fn opencl(&self) -> Option<&opencl::OpenClLane> {
        None
    }

    /// How many calls were made to the driver of this device so far; 0 where there is none.
    fn driver_calls(&self) -> u64 {
        0
    }
}

/// When something that was submitted is complete.
pub trait Signal: Send + Sync {
    /// Whether it is complete; an error if it failed. Orders nothing: what was written is visible after [`Signal::wait`]
    /// on this signal or on a later one of the same lane.
    ///
    /// # Errors
    /// The reason it failed.
    fn poll(&self) -> Result<bool>;

    /// Blocks until it is complete.
    ///
    /// # Errors
    /// The reason it failed.
    fn wait(&self) -> Result<()>;

    /// When it was submitted, started and ended on the device, where that is known.
    fn profile(&self) -> Option<Profile>;

    /// Whether something was submitted at all, so that waiting for it orders memory.
    fn is_command(&self) -> bool {
        true
    }
}

/// Times of one command, in nanoseconds since an arbitrary point of its device's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// When it was handed to the device.
    pub submit_nanoseconds: u64,
    /// When it started to run.
    pub start_nanoseconds: u64,
    /// When it ended.
    pub end_nanoseconds: u64,
}

/// A kernel built for one device. What is inside is the backend's own.
pub struct Program {
    /// The backend's kernel.
    pub inner: Box<dyn Any + Send + Sync>,
}

/// Memory that one device can use. What is inside is the backend's own.
#[derive(Clone)]
pub struct Memory {
    /// The backend's memory object.
    pub inner: Arc<dyn Any + Send + Sync>,
    /// A number that no other memory ever has, unlike the handle of a driver, which it may use again.
    serial: u64,
    /// What takes it back when its last clone is dropped, if it does not simply go.
    lease: Option<Arc<dyn Any + Send + Sync>>,
}

impl Memory {
    /// A backend's memory object, which goes with the last clone.
    pub fn new(inner: impl Any + Send + Sync) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Memory { inner: Arc::new(inner), serial: NEXT.fetch_add(1, Ordering::Relaxed), lease: None }
    }

    /// What tells it from every other memory.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// The same memory, with what takes it back.
    pub fn lent(&self, lease: impl Any + Send + Sync) -> Self {
        Memory { lease: Some(Arc::new(lease)), ..self.without_lease() }
    }

    /// What takes it back, if that is an `L` and no other clone has it.
    pub fn lease_mut<L: Any + Send + Sync>(&mut self) -> Option<&mut L> {
        Arc::get_mut(self.lease.as_mut()?)?.downcast_mut()
    }

    /// The same memory, which nobody takes back for the sake of this one.
    pub fn without_lease(&self) -> Self {
        Memory { inner: Arc::clone(&self.inner), serial: self.serial, lease: None }
    }
}

/// Unified shared memory.
pub struct UsmMemory {
    /// The first byte.
    pub pointer: NonNull<u8>,
    /// What frees the memory when it is dropped.
    pub owner: Box<dyn Any + Send + Sync>,
}

/// One kernel launch, checked.
pub struct Launch<'l> {
    /// The kernel as built for this device (OpenCL); the host device runs `body`.
    pub program: &'l Program,
    /// The kernel as Rust, for the host device.
    pub body: Option<&'l Arc<dyn HostBody>>,
    /// The kernel's name, for messages and traces.
    pub name: &'l str,
    /// The layout of the arguments.
    pub signature: &'l Signature,
    /// The parameter struct.
    pub parameters: &'l ParameterBytes,
    /// One for each pointer of the signature, in order.
    pub pointers: SmallVec<[Pointer<'l>; 4]>,
    /// The memory of the trap record, if the signature has one.
    pub trap: Option<&'l Memory>,
    /// The memory for output, if the signature has one; of this launch alone.
    pub print: Option<&'l Memory>,
    /// How many words it has for lines.
    pub print_words: usize,
    /// What becomes of integers that overflow, on the host device.
    pub overflow: Overflow,
    /// Whether work-items wait for each other ([`Signature::has_barrier`](crate::kernel::Signature)).
    pub has_barrier: bool,
    /// The extents.
    pub shape: LaunchShape,
    /// What of it runs. Less than the whole only on a device with a memory of its own, of a kernel that was lowered for one, which
    /// has no reductions.
    pub slice: Slice,
}

/// A pointer argument of a launch.
pub enum Pointer<'l> {
    /// To a buffer.
    Memory(Cow<'l, Memory>),
    /// To so many bytes of local memory.
    Local(usize),
    /// No pointer, but a value by its bytes: kernels that falx did not write take theirs one by one.
    Value(&'l [u8]),
}

/// One end of a copy.
pub struct Place<'c> {
    /// Where it is.
    pub at: At<'c>,
    /// The first element of the box, in elements from the start of the memory.
    pub origin: [usize; 3],
    /// The extent of the whole memory, in elements.
    pub extent: [usize; 3],
}

/// Memory that can be copied from or to.
pub enum At<'c> {
    /// Memory of the lane's device.
    Memory(&'c Memory),
    /// Plain host memory.
    Host(*mut u8),
}

/// A box of elements to copy.
pub struct CopyBox<'c> {
    /// Where from.
    pub from: Place<'c>,
    /// Where to.
    pub to: Place<'c>,
    /// The extent of the box, in elements.
    pub extent: [usize; 3],
    /// The size of an element in bytes.
    pub element_bytes: usize,
}

/// The element types that can be summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Summand {
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
}

/// One pass of a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    /// The type of the elements.
    pub summand: Summand,
    /// The first element.
    pub first: usize,
    /// How many elements.
    pub length: usize,
    /// How many elements each work-item sums.
    pub run: usize,
    /// How many work-items there are.
    pub n_items: usize,
}
