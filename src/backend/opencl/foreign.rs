//! Kernels written by hand in OpenCL C (`kernels/*.cl`) as [`Source`]s, with their parameters as Rust types.
//!
//! They follow the convention of every falx kernel (a struct of numbers first, then the pointers), so that they are
//! compiled and launched through [`Lane`](crate::backend::Lane) like any other. Launching them is as unsafe as any
//! launch: the parameters are the only bounds they know.

use crate::backend::{Lane, Launch, Memory, Pointer, Program, Signal, Summand};
use crate::error::Result;
use crate::kernel::{Author, Code, LaunchShape, Needs, ShapeKind, Signature, Source};
use bytemuck::NoUninit;
use std::borrow::Cow;
use std::sync::Arc;

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/kernels.rs"));
}

/// The parameters of `kernels/fill.cl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, NoUninit)]
pub struct FillParameters {
    /// The first byte to fill.
    pub first: u64,
    /// How many bytes.
    pub size: u64,
    /// The pattern, repeated to 16 bytes, as it stands in memory.
    pub pattern: [u8; 16],
}

/// How many bytes one work-item of the fill writes.
pub const FILL_CHUNK: usize = 4096;

/// The parameters of `kernels/reduce.cl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, NoUninit)]
pub struct ReduceParameters {
    /// The first element.
    pub first: u64,
    /// How many elements.
    pub length: u64,
    /// How many elements each work-item sums into one partial.
    pub run: u64,
}

/// A kernel that fills bytes with a pattern. Pointers: the memory. Shape: one work-item for each [`FILL_CHUNK`] bytes.
pub fn fill() -> Source {
    source::<FillParameters>("fill", embedded::FILL.to_owned(), 1, Needs::default())
}

/// A kernel that sums runs of elements, or of products. Pointers: the elements (twice for products), the partials. Shape: exactly one work-item for each
/// partial, so an nd-range. A second launch with one work-item over the partials gives the sum.
pub fn reduce(summand: Summand, products: bool) -> Source {
    // Signed integers are summed as unsigned ones, whose overflow wraps.
    let (scalar, lanes) = match summand {
        Summand::I32 | Summand::U32 => ("uint", 16),
        Summand::I64 | Summand::U64 => ("ulong", 8),
        Summand::F32 => ("float", 16),
        Summand::F64 => ("double", 8),
    };
    let half = lanes / 2;
    let text = format!(
        "#define TYPE {scalar}\n#define LANES {lanes}\n#define HALF_LANES {half}\n{}{}",
        if products { "#define PRODUCTS\n" } else { "" },
        embedded::REDUCE
    );
    let needs = Needs { fp64: summand == Summand::F64, ..Needs::default() };
    source::<ReduceParameters>("reduce", text, if products { 3 } else { 2 }, needs)
}

fn source<P>(title: &'static str, text: String, n_pointers: usize, needs: Needs) -> Source {
    let signature = Signature {
        size_bytes: size_of::<P>(),
        fields: Vec::new(),
        pointers: (0..n_pointers).collect(),
        scratch_bytes: 0,
        traps: false,
        prints: false,
        halts: false,
        has_barrier: false,
    };
    Source {
        title,
        text,
        code: Code::OpenClC,
        author: Author::Falx,
        signature,
        reports: Vec::new(),
        needs,
        private_bytes: 0,
        least_row: 1,
        is_whole: false,
        largest_group: usize::MAX,
        footprint: crate::kernel::Footprint::default(),
    }
}

/// A kernel written by hand, with the type of its parameters.
pub struct Foreign<P> {
    source: Source,
    program: Arc<Program>,
    parameters: std::marker::PhantomData<fn(P)>,
}

impl<P: NoUninit> Foreign<P> {
    /// Builds `source` for the lane's device.
    ///
    /// # Safety
    /// The kernel's first parameter is a struct laid out as `P`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Build`].
    pub unsafe fn build(lane: &dyn Lane, source: Source) -> Result<Self> {
        Ok(Foreign { program: lane.compile(&source)?, source, parameters: std::marker::PhantomData })
    }

    /// Launches the kernel over `shape`; see [`at_least`] and [`exactly`].
    ///
    /// # Safety
    /// - As for [`Lane::launch`]; `memories` are the kernel's pointers, in order.
    /// - With these parameters the kernel stays inside the memories.
    ///
    /// # Errors
    /// What the driver reports.
    pub unsafe fn launch(
        &self,
        lane: &dyn Lane,
        parameters: &P,
        memories: &[&Memory],
        shape: LaunchShape,
    ) -> Result<Arc<dyn Signal>> {
        let launch = Launch {
            program: &self.program,
            body: None,
            name: self.source.title,
            signature: &self.source.signature,
            parameters: &bytemuck::bytes_of(parameters).iter().copied().collect(),
            pointers: memories.iter().map(|memory| Pointer::Memory(Cow::Borrowed(*memory))).collect(),
            trap: None,
            print: None,
            print_words: 0,
            overflow: crate::kernel::Overflow::Wraps,
            has_barrier: false,
            slice: shape.whole(),
            shape,
        };
        // SAFETY: the caller promises what `Lane::launch` asks for.
        unsafe { lane.launch(&launch) }
    }
}

/// A launch over `n_items` work-items whose work-groups the backend chooses. There may be more work-items than asked for.
pub fn at_least(n_items: usize) -> LaunchShape {
    LaunchShape { kind: ShapeKind::Range(1), global: [1, 1, n_items], local: [1; 3] }
}

/// A launch over exactly `n_items` work-items in work-groups of `group`, of which `n_items` is a multiple.
pub fn exactly(n_items: usize, group: usize) -> LaunchShape {
    LaunchShape { kind: ShapeKind::NdRange(1), global: [1, 1, n_items], local: [1, 1, group] }
}
