//! `Source`: a kernel as OpenCL C, with everything needed to launch it and to explain its failures.

use super::argument::{Argument, LaunchShape, ShapeKind};
use super::check::{CheckSet, Checks};
use super::footprint::{Footprint, safe_code};
use super::trap::Report;
use super::tree;
use super::types::Type;
use crate::error::Result;
use smallvec::SmallVec;

/// A `const` value that is printed into the OpenCL C; part of the cache key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Constant {
    /// The bits of its scalars, each zero-extended to 64, in order.
    pub bits: ConstantBits,
}

/// The bits of a constant's scalars.
pub type ConstantBits = SmallVec<[u64; 2]>;

/// A kernel as the macros hand it over: the tree and what rustc knows of it.
pub struct Template<'t> {
    /// The tree.
    pub tree: &'static tree::Kernel,
    /// The types of all witnesses.
    pub types: &'t [Type],
    /// The values of the captures of kind `Constant`, in order; behind them those of the specialization constants and the extents
    /// of local memory of several dimensions.
    pub constants: &'t [Constant],
    /// What it is launched over.
    pub shape: ShapeKind,
    /// What becomes of integers that overflow.
    pub overflow: Overflow,
    /// Whether the device has sub-groups of its own.
    pub device_sub_groups: bool,
    /// Whether these are those of falx: 16 neighbours each.
    pub native_sub_groups: bool,
    /// Where accessors may begin.
    pub beginnings: Beginnings,
    /// Whether it is launched over whole work-groups alone, so that no work-item pads the range.
    pub is_whole: bool,
}

/// Where the elements of a kernel's accessors may begin in the memory that it is given for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Beginnings {
    /// All with the memory, and each row where the one before ends.
    There,
    /// There, or later, with any distance between rows.
    Later,
    /// Anywhere, before the memory as well: it may have those elements alone that the launch touches.
    Anywhere,
}

/// What becomes of integers that overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// They wrap, as in a release build.
    #[default]
    Wraps,
    /// They wrap and are reported, and `debug_assert!` is checked: checked mode.
    Traps,
}

/// What a device must offer to run the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Double precision.
    pub fp64: bool,
    /// Atomic operations on 64-bit integers.
    pub atomic64: bool,
    /// Atomic operations that hold for the host and other devices, too.
    pub atomic_system: bool,
}

/// Who wrote a kernel's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// falx, by hand or out of a kernel in Rust: that it does not build is nobody's mistake but falx's or the driver's.
    Falx,
    /// The program.
    User,
}

/// What a driver makes a program of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Code {
    /// The text of its source.
    #[default]
    OpenClC,
    /// A SPIR-V module.
    SpirV(&'static [u8]),
    /// What the driver itself once made of a program.
    Binary(&'static [u8]),
}

/// A kernel as OpenCL C. Plain data: prints, compares, and can be tested without a device.
#[derive(Clone, Debug)]
pub struct Source {
    /// The kernel's name as its author knows it.
    pub title: &'static str,
    /// The OpenCL C; for other code nothing.
    pub text: String,
    /// What the driver is given.
    pub code: Code,
    /// Whose it is.
    pub author: Author,
    /// How the arguments are laid out.
    pub signature: Signature,
    /// What trap code `n` stands for: `reports[n - 1]`.
    pub reports: Vec<Report>,
    /// What the device must offer.
    pub needs: Needs,
    /// What the private arrays, tuples and structs of a work-item take at most.
    pub private_bytes: usize,
    /// How long the rows of work-groups have to be where falx chooses them, if they are longer than that in whole multiples.
    pub least_row: usize,
    /// Whether it may be launched over whole work-groups alone.
    pub is_whole: bool,
    /// How many work-items the work-groups that falx chooses may have at most.
    pub largest_group: usize,
    /// What its launches must show for it to run.
    pub footprint: Footprint,
}

/// The layout of a kernel's arguments. Argument 0 is a struct by value with every number; then one pointer for each
/// accessor and local accessor, in the order of the captures; then, if `scratch_bytes`, a local pointer; then, if `traps`, a
/// global pointer to the trap record; then, if `prints`, one to the memory for output.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Signature {
    /// Size of the struct in bytes (a multiple of 8, and of the largest alignment).
    pub size_bytes: usize,
    /// What goes where in the struct.
    pub fields: Vec<Field>,
    /// The captured arguments that are pointers, in the kernel's order.
    pub pointers: Vec<usize>,
    /// How many bytes of local memory the kernel takes for each work-item of a group, beside its local accessors.
    pub scratch_bytes: usize,
    /// Whether it takes the trap record.
    pub traps: bool,
    /// Whether it takes memory for output.
    pub prints: bool,
    /// Whether a work-item may end before its time, by a panic.
    pub halts: bool,
    /// Whether work-items wait for each other in what the user wrote.
    pub has_barrier: bool,
}

/// One number of the parameter struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Where it stands in the struct.
    pub offset_bytes: usize,
    /// What it is.
    pub content: Content,
}

/// What a field holds. Indices, extents and strides are `ulong`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The launch's global extent in a dimension (of three, padded).
    GlobalRange(usize),
    /// The captured scalar or array.
    Value(usize),
    /// An accessor's extent: argument, dimension (of its own).
    Extent(usize, usize),
    /// An accessor's stride in elements: argument, dimension (of its own; the last has stride 1 and no field).
    Stride(usize, usize),
    /// The element of the pointer at which the accessor begins.
    Base(usize),
    /// How many words there are for lines of output.
    PrintWords,
}

/// The bytes of a parameter struct.
pub type ParameterBytes = SmallVec<[u8; 128]>;

impl Signature {
    /// Writes the parameter struct of one launch. `arguments` are those the signature was made for; a field whose
    /// argument is missing or of another kind stays zero. There are `print_words` for output.
    #[inline]
    pub fn encode(&self, arguments: &[Argument], shape: &LaunchShape, print_words: usize) -> ParameterBytes {
        let mut bytes = ParameterBytes::from_elem(0, self.size_bytes);
        for field in &self.fields {
            let rest = bytes.get_mut(field.offset_bytes..).unwrap_or_default();
            match field.content {
                Content::Value(argument) => {
                    if let Some(Argument::Value(value)) = arguments.get(argument)
                        && let Some(place) = rest.get_mut(..value.len())
                    {
                        place.copy_from_slice(value);
                    }
                }
                content => {
                    if let Some(place) = rest.first_chunk_mut::<8>() {
                        let number = match content {
                            Content::PrintWords => print_words as u64,
                            content => number(content, arguments, shape),
                        };
                        *place = number.to_ne_bytes();
                    }
                }
            }
        }
        bytes
    }

    /// The index, extent or stride that a parameter struct holds; zero if it has none such.
    pub fn number_in(&self, parameters: &[u8], content: Content) -> u64 {
        let field = self.fields.iter().find(|field| field.content == content);
        let bytes = field.and_then(|field| parameters.get(field.offset_bytes..)?.first_chunk::<8>());
        bytes.map_or(0, |bytes| u64::from_ne_bytes(*bytes))
    }
}

impl Signature {
    /// Has what is behind a pointer count from `n_elements` further on: the memory that a launch has for it begins there. Where that is
    /// behind the accessor's first element, the distance wraps around, as the kernel's addition does.
    pub fn begin_at(&self, bytes: &mut ParameterBytes, pointer: usize, n_elements: usize) {
        let base = self.pointers.get(pointer).map(|argument| Content::Base(*argument));
        for field in self.fields.iter().filter(|field| Some(field.content) == base) {
            let place = bytes.get_mut(field.offset_bytes..).and_then(|rest| rest.first_chunk_mut::<8>());
            if let Some(number) = place {
                *number = u64::from_ne_bytes(*number).wrapping_sub(n_elements as u64).to_ne_bytes();
            }
        }
    }
}

/// A field that is an index, extent or stride.
#[inline]
fn number(content: Content, arguments: &[Argument], shape: &LaunchShape) -> u64 {
    let view = |argument: usize| match arguments.get(argument) {
        Some(Argument::Global { view, .. } | Argument::Local { view, .. }) => Some(view),
        _ => None,
    };
    let known = match content {
        Content::GlobalRange(dimension) => shape.global.get(dimension).copied(),
        Content::Extent(argument, dimension) => view(argument).and_then(|v| v.extent.get(dimension).copied()),
        Content::Stride(argument, dimension) => view(argument).and_then(|v| v.stride.get(dimension).copied()),
        Content::Base(argument) => view(argument).map(|view| view.base),
        Content::Value(_) | Content::PrintWords => None,
    };
    known.unwrap_or(0) as u64
}

impl Author {
    /// What the function of a kernel with this title is called in code of this author.
    pub fn function(self, title: &str) -> String {
        match self {
            Author::Falx => format!("falx_{title}"),
            Author::User => title.to_owned(),
        }
    }
}

impl Source {
    /// The kernel function's name in `text`.
    pub fn function(&self) -> String {
        self.author.function(self.title)
    }

    /// What a trap code stands for.
    pub fn report(&self, code: u64) -> Option<&Report> {
        self.reports.get(usize::try_from(code).ok()?.checked_sub(1)?)
    }
}

/// Turns a kernel into OpenCL C.
///
/// # Errors
/// [`crate::ErrorKind::Kernel`] for what only shows once types are known: recursion (with the cycle), a method that
/// the receiver's type does not have, a barrier that not every work-item reaches.
pub fn lower(template: &Template<'_>, checks: &Checks) -> Result<Source> {
    with_stack(|| {
        let module = super::lower::module(template, checks)?;
        let source = super::emit::print(&module);
        Ok(Source { footprint: Footprint::new(module), ..source })
    })
}

/// Turns a kernel into OpenCL C with no more checks than this launch needs.
///
/// # Errors
/// As for [`lower`].
pub fn lower_for(template: &Template<'_>, arguments: &[Argument], shape: &LaunchShape) -> Result<Source> {
    let bare = lower(template, &Checks::Only(CheckSet::default()))?;
    let examine = |source: &Source| source.footprint.examine(arguments, shape, false);
    Ok(safe_code(bare, examine, |checks| lower(template, &checks))?.0)
}

/// The stack on which kernels are lowered: expressions nest, and a caller's stack may be small or nearly used up.
const STACK_BYTES: usize = 32 * 1024 * 1024;

/// Runs `work` on a thread with a stack of its own.
pub(super) fn with_stack<R: Send>(work: impl Fn() -> R + Sync) -> R {
    let work = &work;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("falx-lower".to_owned()).stack_size(STACK_BYTES);
        match thread.spawn_scoped(scope, work).map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // Without a thread there is still the stack of this one.
            Err(_) => work(),
        }
    })
}
