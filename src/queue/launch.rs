//! Checks a kernel launch and makes it ready: everything that can be wrong with it is found here, before any driver is
//! asked to run something.

use super::division::Division;
use crate::error::{Error, ErrorKind, Result};
use crate::execute::{LaunchWork, PointerWork, PrintSink, ReachedArguments};
use crate::kernel::{Argument, KernelObject, LaunchShape, Overflow, Reached, ShapeKind, Source};
use crate::memory::{DECLARED, Requirements, Settling};
use crate::platform::{Device, MemoryId};
use crate::runtime::runtime;
use once_cell::sync::OnceCell;
use smallvec::SmallVec;
use std::sync::Arc;

/// How a queue wants its kernels to run.
#[derive(Clone, Default)]
pub(super) struct LaunchManner {
    /// What becomes of integers that overflow.
    pub(super) overflow: Overflow,
    /// Whether to say what is proven of each index.
    pub(super) explain: bool,
    /// Where output goes.
    pub(super) print: PrintSink,
    /// How many words of memory it has.
    pub(super) print_words: usize,
}

/// A kernel launch, and what it takes to do it in parts, on a device that may have to.
pub(super) fn prepare(
    requirements: &Requirements,
    device: &Device,
    shape: LaunchShape,
    object: &mut KernelObject<'_>,
    manner: &LaunchManner,
) -> Result<(Arc<LaunchWork>, Option<Box<Division>>)> {
    check_shape(device, &shape, object.tree.name)?;
    let local_bytes = check_groups(requirements, object)?;
    check_work_groups(&shape, object)?;
    check_local_memory(device, local_bytes, object.tree.name)?;
    let runtime = runtime();
    let lane = runtime.lane(device.id())?;
    let chosen = runtime.kernels.get(object, &shape, manner.overflow, manner.explain, &**lane)?;
    let kernel = &*chosen.compiled;
    check_private_memory(device, &shape, &kernel.source, object.tree.name)?;
    let signature = &kernel.source.signature;
    let memory = device.memory();
    let mut settling = requirements.settling();
    touch(&mut settling, object, &signature.pointers, chosen.reached.as_ref())?;
    let mut pointers = pointers(object, &signature.pointers, &mut settling, memory)?;
    drop(settling);
    if signature.scratch_bytes > 0 {
        let n_items: usize = shape.local.iter().product();
        let scratch_bytes = signature.scratch_bytes.saturating_mul(n_items).next_multiple_of(8);
        check_local_memory(device, local_bytes.saturating_add(scratch_bytes), object.tree.name)?;
        pointers.push(PointerWork::Local(scratch_bytes));
    }
    let parameters = signature.encode(object.arguments, &shape, manner.print_words);
    // Only what moves may be too much.
    let division = (memory != MemoryId::HOST).then(|| {
        let arguments = object.arguments.to_vec();
        Box::new(Division { chosen: chosen.clone(), arguments, shape, memory })
    });
    let launch = Arc::new(LaunchWork {
        parameters,
        pointers,
        shape,
        slice: shape.whole(),
        has_barrier: signature.has_barrier,
        body: object.body.take(),
        trap: OnceCell::new(),
        print: OnceCell::new(),
        print_sink: manner.print.clone(),
        print_words: manner.print_words,
        overflow: manner.overflow,
        chosen,
    });
    Ok((launch, division))
}

/// Where the arguments that are pointers lead to.
fn pointers(
    object: &KernelObject<'_>,
    arguments: &[usize],
    settling: &mut Settling<'_>,
    memory: MemoryId,
) -> Result<SmallVec<[PointerWork; 4]>> {
    // In a loop, since `collect` moves the list twice.
    let mut pointers = SmallVec::new();
    for argument in arguments {
        pointers.push(match &object.arguments[*argument] {
            Argument::Global { group, requirement, .. } => {
                PointerWork::Used(*requirement, settling.part(*group, *requirement, memory)?)
            }
            Argument::Local { size_bytes, .. } => PointerWork::Local(*size_bytes),
            Argument::Value(_) | Argument::Constant(_) => {
                unreachable!("lowering lists only accessors as pointers")
            }
        });
    }
    Ok(pointers)
}

/// Says what is touched through the kernel's accessors.
fn touch(
    settling: &mut Settling<'_>,
    object: &KernelObject<'_>,
    pointers: &[usize],
    reached: Option<&ReachedArguments>,
) -> Result<()> {
    for argument in pointers {
        let Argument::Global { group, requirement, view, .. } = &object.arguments[*argument] else {
            continue;
        };
        let reached = reached.map(|reached| reached_through(*argument, reached));
        settling.touch(*group, *requirement, view, reached)?;
    }
    Ok(())
}

/// What is touched through one accessor.
pub(super) fn reached_through(argument: usize, reached: &ReachedArguments) -> &Reached {
    reached.iter().find(|(of, _)| *of == argument).map_or(&Reached::NOTHING, |(_, reached)| reached)
}

/// Checks that every accessor is of this command group, or of none because the kernel declares it; returns the bytes of local memory.
fn check_groups(requirements: &Requirements, object: &KernelObject<'_>) -> Result<usize> {
    let mut local_bytes = 0;
    for (position, argument) in object.arguments.iter().enumerate() {
        let group = match argument {
            Argument::Value(_) | Argument::Constant(_) => continue,
            Argument::Global { group, .. } => *group,
            Argument::Local { group, size_bytes, .. } => {
                local_bytes = size_bytes.saturating_add(local_bytes);
                *group
            }
        };
        if group != requirements.group() && group != DECLARED {
            let name = argument_name(object, position);
            let text = format!(
                "kernel `{}` uses accessor `{name}` of another command group; make it from this group's handler",
                object.tree.name
            );
            return Err(Error::new(ErrorKind::Accessor, text));
        }
    }
    Ok(local_bytes)
}

/// Local memory is that of a work-group, so it takes a launch that has some.
fn check_work_groups(shape: &LaunchShape, object: &KernelObject<'_>) -> Result<()> {
    if matches!(shape.kind, ShapeKind::NdRange(_)) {
        return Ok(());
    }
    let is_local = |argument: &Argument| matches!(argument, Argument::Local { .. });
    let Some(position) = object.arguments.iter().position(is_local) else { return Ok(()) };
    let text = format!(
        "kernel `{}` uses local memory `{}`, but is launched without work-groups; launch it over an `NdRange`",
        object.tree.name,
        argument_name(object, position)
    );
    Err(Error::new(ErrorKind::KernelArgument, text))
}

/// What the kernel calls its argument at `position`.
fn argument_name(object: &KernelObject<'_>, position: usize) -> &'static str {
    let is_argument =
        |capture: &&crate::kernel::tree::Capture| capture.kind == crate::kernel::tree::CaptureKind::Argument;
    object.tree.captures.iter().filter(is_argument).nth(position).map_or("?", |capture| capture.name)
}

fn check_local_memory(device: &Device, local_bytes: usize, kernel: &str) -> Result<()> {
    let limit = device.limits().local_memory_bytes;
    if local_bytes <= limit {
        return Ok(());
    }
    let text = format!(
        "kernel `{kernel}` uses {local_bytes} bytes of local memory, but a work-group of `{device}` has {limit} bytes; use smaller arrays or work-groups"
    );
    Err(Error::new(ErrorKind::MemoryAllocation, text))
}

/// Private arrays live on the stacks of the device's threads, which end somewhere.
fn check_private_memory(device: &Device, shape: &LaunchShape, source: &Source, kernel: &str) -> Result<()> {
    let (limit, private_bytes) = (device.limits().private_memory_bytes, source.private_bytes);
    let n_items = match shape.kind {
        _ if device.is_host() => 1usize,
        ShapeKind::NdRange(_) => shape.local.iter().product(),
        _ => source.least_row,
    };
    let bytes = private_bytes.saturating_mul(n_items);
    if bytes <= limit {
        return Ok(());
    }
    let of_group = match n_items {
        1 => String::new(),
        n_items => format!(", {bytes} for a work-group of {n_items}"),
    };
    let text = format!(
        "kernel `{kernel}` uses {private_bytes} bytes of private memory for each work-item{of_group}, but `{device}` has {limit}; use smaller arrays, smaller work-groups, or a buffer"
    );
    Err(Error::new(ErrorKind::MemoryAllocation, text))
}

pub(super) fn check_shape(device: &Device, shape: &LaunchShape, kernel: &str) -> Result<()> {
    let refuse = |text: String| Err(Error::new(ErrorKind::NdRange, format!("kernel `{kernel}`: {text}")));
    let n_items = shape.global.iter().try_fold(1usize, |product, extent| product.checked_mul(*extent));
    // Half of what a `usize` counts leaves room for rounding up to whole work-groups.
    if n_items.is_none_or(|n_items| n_items > isize::MAX as usize) {
        return refuse(format!(
            "the range {:?} has more items than can be counted; use a smaller range",
            shape.global
        ));
    }
    let ShapeKind::NdRange(dimensions) = shape.kind else { return Ok(()) };
    let (global, local) = (&shape.global[3 - dimensions..], &shape.local[3 - dimensions..]);
    if local.contains(&0) {
        return refuse(format!(
            "a work-group of {local:?} has no work-items; every extent must be at least 1"
        ));
    }
    if global.iter().zip(local).any(|(global, local)| global % local != 0) {
        return refuse(format!(
            "a work-group of {local:?} does not divide the range {global:?}; round the range up and test the id in the kernel, or choose another work-group"
        ));
    }
    let limits = device.limits();
    let size = local.iter().try_fold(1usize, |size, extent| size.checked_mul(*extent)).unwrap_or(usize::MAX);
    if size > limits.max_work_group_size {
        return refuse(format!(
            "a work-group of {local:?} has {size} work-items, but `{device}` allows {}",
            limits.max_work_group_size
        ));
    }
    let sizes = limits.max_work_item_sizes;
    if shape.local.iter().zip(&sizes).any(|(local, limit)| local > limit) {
        return refuse(format!(
            "a work-group of {local:?} is too long in one dimension for `{device}`, which allows {:?}",
            &sizes[3 - dimensions..]
        ));
    }
    Ok(())
}
