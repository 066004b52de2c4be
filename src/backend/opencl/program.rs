//! Turns a [`Source`] into a kernel of OpenCL that remembers its arguments.

use super::device::OpenClLane;
use super::error::OpenClError;
use super::handle::{Driver, KernelKind, Owned, ProgramKind};
use super::memory;
use crate::backend::Memory;
use crate::error::{Error, ErrorKind, Result};
use crate::kernel::{Author, Code, Source};
use opencl3::types::{cl_kernel, cl_uint};
use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;
use std::ffi::{CString, c_void};
use std::fmt::Write;
use std::ptr;

/// A kernel built for one device.
pub(super) struct KernelProgram {
    /// The largest work-group that the driver runs it with.
    pub(super) work_group_limit: usize,
    /// What the private arrays of a work-item take.
    pub(super) private_bytes: usize,
    /// How long the rows of work-groups have to be where falx chooses them.
    pub(super) least_row: usize,
    /// Whether it may be launched over whole work-groups alone.
    pub(super) is_whole: bool,
    /// How many work-items a work-group that falx chooses may have at most.
    pub(super) largest_group: usize,
    kernel: Mutex<BoundKernel>,
    program: Owned<ProgramKind>,
}

/// A kernel and what its arguments are set to. Whoever holds it is the only one to set arguments and to enqueue.
pub(super) struct BoundKernel {
    kernel: Owned<KernelKind>,
    /// Its name, for messages.
    pub(super) name: &'static str,
    set: SmallVec<[Set; 8]>,
}

/// What an argument is set to.
#[derive(Clone, PartialEq)]
enum Set {
    Nothing,
    Bytes(SmallVec<[u8; 128]>),
    /// The serial number of a memory.
    Memory(u64),
    Local(usize),
}

/// One argument of a launch.
pub(super) enum Argument<'a> {
    /// A value, as its bytes on the device.
    Bytes(&'a [u8]),
    /// A pointer to memory.
    Memory(&'a Memory),
    /// So many bytes of local memory.
    Local(usize),
}

impl KernelProgram {
    pub(super) fn build(lane: &OpenClLane, source: &Source) -> Result<Self> {
        let program = build_program(lane, source)?;
        let kernel = create_kernel(&program, source)?;
        let work_group_limit = work_group_limit(lane, &kernel);
        Ok(KernelProgram {
            work_group_limit,
            private_bytes: source.private_bytes,
            least_row: source.least_row,
            is_whole: source.is_whole,
            largest_group: source.largest_group,
            kernel: Mutex::new(BoundKernel { kernel, name: source.title, set: SmallVec::new() }),
            program,
        })
    }

    /// Whether it was built for the device that `driver` belongs to.
    pub(super) fn belongs_to(&self, driver: &'static Driver) -> bool {
        ptr::eq(self.program.driver(), driver)
    }

    /// The kernel, to set arguments and enqueue. Arguments are shared state: hold on to it for both.
    pub(super) fn lock(&self) -> MutexGuard<'_, BoundKernel> {
        self.kernel.lock()
    }
}

impl BoundKernel {
    pub(super) fn raw(&self) -> cl_kernel {
        self.kernel.raw()
    }

    /// Sets argument `index`, unless it is set to the same already. The lane is one of the device that the kernel was built for.
    ///
    /// # Safety
    /// The argument fits the kernel's parameter.
    ///
    /// # Errors
    /// What the driver reports, and when memory is that of another device.
    pub(super) unsafe fn set(
        &mut self,
        lane: &OpenClLane,
        index: usize,
        argument: &Argument<'_>,
    ) -> Result<()> {
        if self.set.len() <= index {
            self.set.resize(index + 1, Set::Nothing);
        }
        if self.set[index].is(argument) {
            return Ok(());
        }
        // SAFETY: passed on.
        let set = unsafe { self.set_anew(lane, index, argument) };
        match set {
            Ok(()) => self.set[index].remember(argument),
            // A failed call leaves the argument in an unknown state.
            Err(_) => self.set[index] = Set::Nothing,
        }
        set
    }

    /// # Safety
    /// The argument fits the kernel's parameter.
    unsafe fn set_anew(&self, lane: &OpenClLane, index: usize, argument: &Argument<'_>) -> Result<()> {
        let handle;
        let (size, value): (usize, *const c_void) = match argument {
            Argument::Bytes(bytes) => (bytes.len(), bytes.as_ptr().cast()),
            Argument::Memory(memory) => {
                handle = memory::of(lane, memory)?.raw();
                (size_of_val(&handle), (&raw const handle).cast())
            }
            // Local memory of no bytes is an error in OpenCL, but an empty array in falx.
            Argument::Local(size_bytes) => ((*size_bytes).max(1), ptr::null()),
        };
        // SAFETY: `value` leads to `size` bytes or is null for local memory; nobody else sets arguments of what this holds; the rest is
        // the caller's promise.
        let set = self.kernel.driver().call("clSetKernelArg", || unsafe {
            cl3::kernel::set_kernel_arg(self.raw(), index as cl_uint, size, value)
        });
        set.map_err(|error| error.of(format!("setting argument {index} of kernel `{}`", self.name)))
    }
}

impl Set {
    fn is(&self, argument: &Argument<'_>) -> bool {
        match (self, argument) {
            (Set::Bytes(set), Argument::Bytes(bytes)) => set.as_slice() == *bytes,
            (Set::Memory(serial), Argument::Memory(memory)) => *serial == memory.serial(),
            (Set::Local(set), Argument::Local(size_bytes)) => set == size_bytes,
            _ => false,
        }
    }

    fn remember(&mut self, argument: &Argument<'_>) {
        match (self, argument) {
            // The usual case: numbers that differ from launch to launch, where there is room for them already.
            (Set::Bytes(set), Argument::Bytes(bytes)) if set.len() == bytes.len() => {
                set.copy_from_slice(bytes);
            }
            (set, Argument::Bytes(bytes)) => *set = Set::Bytes(SmallVec::from_slice(bytes)),
            (set, Argument::Memory(memory)) => *set = Set::Memory(memory.serial()),
            (set, Argument::Local(size_bytes)) => *set = Set::Local(*size_bytes),
        }
    }
}

fn build_program(lane: &OpenClLane, source: &Source) -> Result<Owned<ProgramKind>> {
    let driver = lane.opened.driver();
    check_code(lane, source)?;
    let program = create_program(lane, source).map_err(|error| creation_failure(lane, source, error))?;
    // SAFETY: the call gave one reference to a valid program.
    let program = unsafe { Owned::<ProgramKind>::new(program, driver) };
    let options = match lane.device.aspects().exact_f32 {
        // Oclgrind interprets, and lacks much of what its compiler makes of a program when it optimises.
        _ if lane.device.platform().name == "Oclgrind" => c"-cl-std=CL1.2 -cl-opt-disable",
        true => c"-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt",
        false => c"-cl-std=CL1.2",
    };
    let devices = [lane.opened.handle().0];
    driver
        .call("clBuildProgram", || {
            cl3::program::build_program(program.raw(), &devices, options, None, ptr::null_mut())
        })
        .map_err(|error| build_failure(lane, source, &program, error))?;
    Ok(program)
}

/// The program before it is built.
fn create_program(lane: &OpenClLane, source: &Source) -> Result<opencl3::types::cl_program, OpenClError> {
    let (driver, context) = (lane.opened.driver(), lane.context.raw());
    match source.code {
        Code::OpenClC => driver.call("clCreateProgramWithSource", || {
            cl3::program::create_program_with_source(context, &[source.text.as_str()])
        }),
        Code::SpirV(module) => {
            driver.call("clCreateProgramWithIL", || cl3::program::create_program_with_il(context, module))
        }
        Code::Binary(binary) => driver.call("clCreateProgramWithBinary", || {
            let devices = [lane.opened.handle().0];
            // SAFETY: one binary for one device of the context; the driver checks whether it made it.
            unsafe { cl3::program::create_program_with_binary(context, &devices, &[binary]) }
        }),
    }
}

/// Refuses SPIR-V where the device takes none: some drivers crash on the call.
fn check_code(lane: &OpenClLane, source: &Source) -> Result<()> {
    let Code::SpirV(_) = source.code else { return Ok(()) };
    let versions = lane.opened.driver().call("clGetDeviceInfo", || {
        cl3::device::get_device_data(lane.opened.handle().0, cl3::device::CL_DEVICE_IL_VERSION)
    });
    let takes_any = versions.is_ok_and(|text| String::from_utf8_lossy(&text).contains("SPIR-V"));
    if takes_any {
        return Ok(());
    }
    let text = format!(
        "kernel `{}` is SPIR-V, which `{}` does not take; give it as OpenCL C, or choose another device",
        source.title, lane.device
    );
    Err(Error::new(ErrorKind::KernelNotSupported, text))
}

fn creation_failure(lane: &OpenClLane, source: &Source, error: OpenClError) -> Error {
    if let Code::OpenClC = source.code {
        return error.of(format!("compiling kernel `{}` for `{}`", source.title, lane.device));
    }
    let what = if let Code::Binary(_) = source.code { "a binary" } else { "a SPIR-V module" };
    let text = format!(
        "kernel `{}` is {what} that the driver of `{}` does not take; make it with this driver and for this device, or give the kernel as OpenCL C",
        source.title, lane.device
    );
    Error::with_source(ErrorKind::Build, text, error)
}

fn build_failure(
    lane: &OpenClLane,
    source: &Source,
    program: &Owned<ProgramKind>,
    error: OpenClError,
) -> Error {
    let log = lane.opened.driver().call("clGetProgramBuildInfo", || {
        let device = lane.opened.handle().0;
        cl3::program::get_program_build_data(program.raw(), device, cl3::program::CL_PROGRAM_BUILD_LOG)
    });
    let log = log.map(|bytes| String::from_utf8_lossy(&bytes).trim_end_matches('\0').trim().to_owned());
    let log = log.unwrap_or_else(|error| format!("(none: {error})"));
    let blame = match source.author {
        Author::User => "",
        Author::Falx => {
            ". The OpenCL C below is falx's own, so this is a bug of falx or of the driver; please report it with this text"
        }
    };
    let text = format!(
        "kernel `{}` did not build for `{}`{blame}\n{}\nthe compiler's log:\n{log}",
        source.title,
        lane.device,
        numbered(&source.text)
    );
    Error::with_source(ErrorKind::Build, text, error)
}

/// The text with line numbers, as compilers count them.
fn numbered(text: &str) -> String {
    let mut listing = String::new();
    for (index, line) in text.lines().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(listing, "{:4} {line}", index + 1);
    }
    listing
}

fn create_kernel(program: &Owned<ProgramKind>, source: &Source) -> Result<Owned<KernelKind>> {
    let driver = program.driver();
    let name = CString::new(source.function()).map_err(|error| {
        Error::with_source(
            ErrorKind::Build,
            format!("kernel name `{}` holds a zero byte", source.title),
            error,
        )
    })?;
    let kernel = driver
        .call("clCreateKernel", || cl3::kernel::create_kernel(program.raw(), &name))
        .map_err(|error| error.of(format!("making kernel `{}` on `{}`", source.title, driver.device_name)))?;
    // SAFETY: the call gave one reference to a valid kernel.
    Ok(unsafe { Owned::new(kernel, driver) })
}

fn work_group_limit(lane: &OpenClLane, kernel: &Owned<KernelKind>) -> usize {
    let driver: &Driver = lane.opened.driver();
    let answer = driver.call("clGetKernelWorkGroupInfo", || {
        let device = lane.opened.handle().0;
        cl3::kernel::get_kernel_work_group_data(kernel.raw(), device, cl3::kernel::CL_KERNEL_WORK_GROUP_SIZE)
    });
    let limit = answer.ok().and_then(|bytes| bytes.try_into().ok()).map(usize::from_ne_bytes);
    limit.unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listing_counts_lines_from_one() {
        assert_eq!(numbered("a\n\nb"), "   1 a\n   2 \n   3 b\n");
    }
}
