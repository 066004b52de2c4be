//! Kernels written in OpenCL C by the user: their code, their arguments by type, and how a launch is made of them.
//!
//! The launchers that `falx-build` generates call this; what a kernel does with its pointers is nobody's to check.

use super::launch::{self, LaunchManner};
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{LaunchWork, PointerWork};
use crate::kernel::vector::{Number, Vector};
use crate::kernel::{
    Argument, Author, Capture, Code, LARGEST_GROUP, LaunchShape, Needs, ShapeKind, Signature, Source,
};
use crate::memory::{Accessor, Element, LocalAccessor, Requirements, mode};
use crate::platform::{Device, MemoryId};
use crate::runtime::runtime;
use once_cell::sync::OnceCell;
use smallvec::SmallVec;

/// What a program is built from. Made by generated launchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ForeignCode {
    /// OpenCL C.
    OpenClC(&'static str),
    /// A SPIR-V module.
    SpirV(&'static [u8]),
    /// What the device's own driver made of a program.
    Binary(&'static [u8]),
}

impl ForeignCode {
    fn described(&self) -> &'static str {
        match self {
            ForeignCode::OpenClC(_) => "OpenCL C",
            ForeignCode::SpirV(_) => "SPIR-V",
            ForeignCode::Binary(_) => "a binary",
        }
    }
}

/// A kernel that falx did not write, with its arguments: what a generated launcher returns, and
/// [`Handler::parallel_for_foreign`](crate::Handler::parallel_for_foreign) takes.
///
/// ```
/// use falx::foreign::{ForeignCode, ForeignKernel};
///
/// let code = ForeignCode::OpenClC("__kernel void ramp(__global uint *out) { out[get_global_id(0)] = get_global_id(0); }");
/// let out = falx::Buffer::<u32>::from(vec![0; 8]);
/// # let queue = falx::Queue::new(falx::Selector::default())?;
/// # if queue.device().is_host() { return Ok(()); }
/// queue.submit(|h| {
///     let kernel = ForeignKernel::new("ramp", code).pointer(&out.read_write(h));
///     // SAFETY: `ramp` has this one parameter, and writes one element for each work-item.
///     unsafe { h.parallel_for_foreign(8, kernel) }
/// })?;
/// assert_eq!(*out.host_read()?, [0, 1, 2, 3, 4, 5, 6, 7]);
/// # Ok::<(), falx::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ForeignKernel {
    name: &'static str,
    code: ForeignCode,
    arguments: Vec<Argument>,
}

impl ForeignKernel {
    /// The kernel `name` of a program, without arguments yet.
    pub fn new(name: &'static str, code: ForeignCode) -> Self {
        ForeignKernel { name, code, arguments: Vec::new() }
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Adds a pointer to a buffer's first element, or to local memory.
    pub fn pointer(mut self, accessor: &impl Capture) -> Self {
        self.arguments.push(accessor.argument());
        self
    }

    /// Adds a number, or several as a vector.
    pub fn value<T: Element + Copy>(mut self, value: T) -> Self {
        self.arguments.push(Argument::Value(SmallVec::from_slice(bytemuck::bytes_of(&value))));
        self
    }
}

/// An accessor that an OpenCL C kernel may read elements of type `T` through: a `const` pointer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no pointer through which a kernel reads `{T}`",
    note = "pass `buffer.read(h)` or `buffer.read_write(h)` of a buffer with elements of type `{T}`"
)]
pub trait ReadPointer<T>: Capture {}
impl<T: Element, const D: usize> ReadPointer<T> for Accessor<'_, T, D, mode::Read> {}
impl<T: Element, const D: usize> ReadPointer<T> for Accessor<'_, T, D, mode::ReadWrite> {}

/// An accessor that an OpenCL C kernel may read and write elements of type `T` through: a pointer that is not `const`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no pointer through which a kernel writes `{T}`",
    note = "pass `buffer.read_write(h)` or `buffer.write(h)` of a buffer with elements of type `{T}`"
)]
pub trait WritePointer<T>: Capture {}
impl<T: Element, const D: usize> WritePointer<T> for Accessor<'_, T, D, mode::Write> {}
impl<T: Element, const D: usize> WritePointer<T> for Accessor<'_, T, D, mode::ReadWrite> {}

/// Local memory of elements of type `T`: a `__local` pointer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no local memory of `{T}`",
    note = "pass `h.local::<{T}, 1>(length)`"
)]
pub trait LocalPointer<T>: Capture {}
impl<T: Element, const D: usize> LocalPointer<T> for LocalAccessor<'_, T, D> {}

/// OpenCL C's vectors, which launchers know as arrays, of as much room: falx's have their layout.
macro_rules! vectors {
    ($($lanes:literal takes $room:literal;)*) => { $(
        impl<T: Number, const D: usize> ReadPointer<[T; $room]> for Accessor<'_, Vector<T, $lanes>, D, mode::Read> {}
        impl<T: Number, const D: usize> ReadPointer<[T; $room]> for Accessor<'_, Vector<T, $lanes>, D, mode::ReadWrite> {}
        impl<T: Number, const D: usize> WritePointer<[T; $room]> for Accessor<'_, Vector<T, $lanes>, D, mode::Write> {}
        impl<T: Number, const D: usize> WritePointer<[T; $room]> for Accessor<'_, Vector<T, $lanes>, D, mode::ReadWrite> {}
        impl<T: Number, const D: usize> LocalPointer<[T; $room]> for LocalAccessor<'_, Vector<T, $lanes>, D> {}
    )* };
}
vectors! { 2 takes 2; 3 takes 4; 4 takes 4; 8 takes 8; 16 takes 16; }

/// The longest row of a work-group over a plain range.
const LONGEST_ROW: usize = 64;

/// The work of a launch.
pub(super) fn prepare(
    requirements: &Requirements,
    device: &Device,
    shape: LaunchShape,
    kernel: &ForeignKernel,
    manner: &LaunchManner,
) -> Result<LaunchWork> {
    if device.is_host() {
        let text = format!(
            "kernel `{}` is {} and cannot run on the host device; choose an OpenCL device",
            kernel.name,
            kernel.code.described()
        );
        return Err(Error::new(ErrorKind::KernelNotSupported, text));
    }
    let shape = exact(shape);
    launch::check_shape(device, &shape, kernel.name)?;
    let pointers = kernel.arguments.iter().enumerate();
    let pointers = pointers
        .map(|(position, argument)| pointer((requirements, device.memory()), kernel, position, argument));
    let pointers = pointers.collect::<Result<SmallVec<[PointerWork; 4]>>>()?;
    let runtime = runtime();
    let lane = runtime.lane(device.id())?;
    Ok(LaunchWork {
        parameters: SmallVec::new(),
        pointers,
        slice: shape.whole(),
        shape,
        has_barrier: false,
        body: None,
        trap: OnceCell::new(),
        print: OnceCell::new(),
        print_sink: manner.print.clone(),
        print_words: manner.print_words,
        overflow: manner.overflow,
        chosen: runtime.kernels.foreign(kernel.name, source(kernel), &**lane)?,
    })
}

/// A range as work-groups that divide it, since a foreign kernel does not know of work-items beyond its range.
fn exact(shape: LaunchShape) -> LaunchShape {
    match shape.kind {
        ShapeKind::Range(dimensions) => {
            let row = 1 << shape.global[2].trailing_zeros().min(LONGEST_ROW.ilog2());
            LaunchShape { kind: ShapeKind::NdRange(dimensions), global: shape.global, local: [1, 1, row] }
        }
        _ => shape,
    }
}

fn pointer(
    (requirements, memory): (&Requirements, MemoryId),
    kernel: &ForeignKernel,
    position: usize,
    argument: &Argument,
) -> Result<PointerWork> {
    match argument {
        Argument::Value(bytes) => Ok(PointerWork::Value(bytes.clone())),
        Argument::Local { size_bytes, .. } => Ok(PointerWork::Local(*size_bytes)),
        Argument::Constant(_) => {
            let text = format!(
                "argument {position} of kernel `{}` is a specialization constant, which only kernels in Rust have; pass its value",
                kernel.name
            );
            Err(Error::new(ErrorKind::KernelArgument, text))
        }
        Argument::Global { group, requirement, view, .. } => {
            let part = {
                let mut settling = requirements.settling();
                settling.touch(*group, *requirement, view, None)?;
                settling.part(*group, *requirement, memory)?
            };
            if view.base != 0 {
                let text = format!(
                    "argument {position} of kernel `{}` is a part of buffer `{}`, but an OpenCL C kernel gets a pointer to the buffer's first element; pass the whole buffer, and where to begin as a number",
                    kernel.name,
                    requirements.get(*group, *requirement)?.portion.storage.name()
                );
                return Err(Error::new(ErrorKind::KernelArgument, text));
            }
            // A part that begins with the first element has memory that does, too.
            Ok(PointerWork::Used(*requirement, part))
        }
    }
}

fn source(kernel: &ForeignKernel) -> Source {
    let (text, code) = match kernel.code {
        ForeignCode::OpenClC(text) => (text, Code::OpenClC),
        ForeignCode::SpirV(module) => ("", Code::SpirV(module)),
        ForeignCode::Binary(binary) => ("", Code::Binary(binary)),
    };
    Source {
        title: kernel.name,
        text: text.to_owned(),
        code,
        author: Author::User,
        signature: Signature::default(),
        reports: Vec::new(),
        needs: Needs::default(),
        private_bytes: 0,
        least_row: 1,
        is_whole: false,
        largest_group: LARGEST_GROUP,
        footprint: crate::kernel::Footprint::default(),
    }
}
