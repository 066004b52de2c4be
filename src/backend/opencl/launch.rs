//! Turns a [`Launch`] into arguments and sizes of one `clEnqueueNDRangeKernel`.

use super::device::OpenClLane;
use super::program::{Argument, BoundKernel, KernelProgram};
use super::signal::{Complete, Work};
use crate::backend::{Launch, Pointer, Program, Signal};
use crate::error::{Error, ErrorKind, Result};
use crate::kernel::{LARGEST_GROUP, LaunchShape, ShapeKind, Slice, TILE};
use crate::platform::DeviceKind;
use opencl3::types::cl_uint;
use std::ptr;
use std::sync::Arc;

/// The work-group size of launches whose work-groups falx chooses. It never depends on the range where that can be
/// helped, because PoCL compiles a kernel again for every new size.
///
/// Measured with a triad over 2^25 floats: work-groups of 64 reach 87 % of the best bandwidth on PoCL and 83 % on Intel's
/// CPU runtime, 256 reach 93 % and 95 %, 512 reach 96 % and 98 %. Larger ones leave cores idle in small launches.
const WORK_GROUP: usize = 512;
/// The same on GPUs, where large work-groups leave fewer registers to each work-item.
const GPU_WORK_GROUP: usize = 256;
/// Where a driver compiles kernels for work-groups of any size, those of a large launch have so many work-items at most, and so many
/// work-groups for each compute unit at least. Intel's CPU runtime takes some 25 ns for each: in groups of 512, of an addition in
/// the cache a tenth, and a quarter of a short one.
const LARGE_WORK_GROUP: usize = 2048;
const GROUPS_PER_UNIT: usize = 32;
// Kernels report failed checks by the position in the work-group; those that do have no large ones, by `largest_group`.
// Reductions have local memory for so many.
const _: () = assert!(WORK_GROUP <= LARGEST_GROUP && GPU_WORK_GROUP <= LARGEST_GROUP);
const _: () = assert!(WORK_GROUP <= crate::kernel::SLOTS && GPU_WORK_GROUP <= crate::kernel::SLOTS);

/// # Safety
/// As for [`crate::backend::Lane::launch`].
pub(super) unsafe fn launch(lane: &OpenClLane, launch: &Launch<'_>) -> Result<Arc<dyn Signal>> {
    if launch.shape.global.contains(&0) {
        return Ok(Arc::new(Complete));
    }
    lane.opened.driver().check_process()?;
    let program = kernel_program(lane, launch.program)?;
    let limit = largest_group(lane, program, launch);
    if limit < program.least_row {
        return Err(too_short(lane, launch, limit, program.least_row));
    }
    let shape = launch.shape.sliced(launch.slice);
    let rows = if launch.shape.has_rows_apart(launch.slice) { 1 } else { TILE[0] };
    let sizes = Sizes::of(&shape, limit, rows).ok_or_else(|| too_large(launch))?;
    if program.is_whole && sizes.is_padded(&shape) {
        return Err(padded(launch));
    }
    let mut kernel = program.lock();
    // SAFETY: the caller promises that the arguments match the signature.
    unsafe { set_arguments(lane, &mut kernel, launch) }?;
    let (queue, raw) = (lane.queue.raw(), kernel.raw());
    let offset = sizes.offset(launch.slice);
    // SAFETY: all arguments are set, and the kernel is locked. The caller keeps the memories.
    lane.submit("clEnqueueNDRangeKernel", Work::Kernel(kernel.name), || unsafe {
        let (global, local) = (sizes.global.as_ptr(), sizes.local.as_ptr());
        cl3::command_queue::enqueue_nd_range_kernel(
            queue,
            raw,
            sizes.dimensions,
            offset.as_ref().map_or(ptr::null(), |offset| offset.as_ptr()),
            global,
            local,
            0,
            ptr::null(),
        )
    })
}

/// How many work-items a work-group that falx chooses may have.
fn largest_group(lane: &OpenClLane, program: &KernelProgram, launch: &Launch<'_>) -> usize {
    let limits = lane.device.limits();
    let preferred = match lane.device.kind() {
        DeviceKind::Gpu => GPU_WORK_GROUP,
        _ if lane.groups_are_free && launch.slice == launch.shape.whole() => {
            even_group(&launch.shape, limits.max_compute_units)
        }
        _ => WORK_GROUP,
    };
    // Smaller work-groups where private arrays are large; that they fit at all was checked before.
    let room = limits.private_memory_bytes / program.private_bytes.max(1);
    preferred
        .min(program.largest_group)
        .min(program.work_group_limit)
        .min(limits.max_work_item_sizes[2])
        .min(room)
}

/// The work-group of a launch that leaves enough of them for each compute unit, whatever its size.
fn even_group(shape: &LaunchShape, n_units: usize) -> usize {
    let n_items = shape.global.into_iter().fold(1usize, usize::saturating_mul);
    let even = n_items / n_units.saturating_mul(GROUPS_PER_UNIT).max(1);
    largest_power_of_two(even).clamp(WORK_GROUP, LARGE_WORK_GROUP)
}

/// The kernel behind `program`, which must be built for the lane's device: drivers crash on each other's kernels.
fn kernel_program<'p>(lane: &OpenClLane, program: &'p Program) -> Result<&'p KernelProgram> {
    let own = |program: &&KernelProgram| program.belongs_to(lane.opened.driver());
    program.inner.downcast_ref::<KernelProgram>().filter(own).ok_or_else(|| {
        let text = format!("a kernel built for another device was launched on `{}`", lane.device.name());
        Error::new(ErrorKind::BackendMismatch, text)
    })
}

fn too_large(launch: &Launch<'_>) -> Error {
    let text =
        format!("kernel `{}`: the range {:?} does not fit into 64 bits", launch.name, launch.shape.global);
    Error::new(ErrorKind::NdRange, text)
}

/// Work-items beyond the range would run what is only shown to be in range for those within.
fn padded(launch: &Launch<'_>) -> Error {
    let text = format!(
        "kernel `{}` was built for ranges of whole work-groups, and launched over {:?}",
        launch.name, launch.shape.global
    );
    Error::new(ErrorKind::NdRange, text)
}

fn too_short(lane: &OpenClLane, launch: &Launch<'_>, limit: usize, least: usize) -> Error {
    let text = format!(
        "kernel `{}` takes work-groups of at least {least}, but `{}` runs it in work-groups of at most {limit}; launch it over an `NdRange`",
        launch.name, lane.device
    );
    Error::new(ErrorKind::NdRange, text)
}

/// # Safety
/// The arguments of `launch` match the kernel's signature.
unsafe fn set_arguments(lane: &OpenClLane, kernel: &mut BoundKernel, launch: &Launch<'_>) -> Result<()> {
    let mut index = 0;
    let mut set = |argument: Argument<'_>| {
        // SAFETY: the caller's promise.
        unsafe { kernel.set(lane, index, &argument) }?;
        index += 1;
        Ok::<(), Error>(())
    };
    // OpenCL C has no empty structs: a kernel without numbers begins with its pointers.
    if !launch.parameters.is_empty() {
        set(Argument::Bytes(launch.parameters))?;
    }
    for pointer in &launch.pointers {
        set(match pointer {
            Pointer::Memory(memory) => Argument::Memory(memory),
            Pointer::Local(size_bytes) => Argument::Local(*size_bytes),
            Pointer::Value(bytes) => Argument::Bytes(bytes),
        })?;
    }
    for report in launch.trap.iter().chain(&launch.print) {
        set(Argument::Memory(report))?;
    }
    Ok(())
}

/// The sizes of a launch in OpenCL's order: the first dimension varies fastest.
#[derive(Debug, PartialEq, Eq)]
struct Sizes {
    dimensions: cl_uint,
    global: [usize; 3],
    local: [usize; 3],
}

impl Sizes {
    /// `limit` is how many work-items a work-group that falx chooses may have, and `rows` how many rows. `None` if the padded range
    /// overflows.
    fn of(shape: &LaunchShape, limit: usize, rows: usize) -> Option<Self> {
        let [slow, middle, fast] = shape.global;
        match shape.kind {
            ShapeKind::Single => Some(Sizes { dimensions: 1, global: [1; 3], local: [1; 3] }),
            ShapeKind::NdRange(dimensions) => {
                let [local_slow, local_middle, local_fast] = shape.local;
                let (global, local) = ([fast, middle, slow], [local_fast, local_middle, local_slow]);
                Some(Sizes { dimensions: dimensions as cl_uint, global, local })
            }
            ShapeKind::Range(dimensions) => {
                let local = work_group(dimensions, limit, rows);
                let global = [
                    fast.checked_next_multiple_of(local[0])?,
                    middle.checked_next_multiple_of(local[1])?,
                    slow,
                ];
                Some(Sizes { dimensions: dimensions as cl_uint, global, local })
            }
        }
    }

    /// The position of the first work-item, if that is not the first of all.
    fn offset(&self, slice: Slice) -> Option<[usize; 3]> {
        let mut offset = [0; 3];
        offset[self.dimensions as usize - 1] = slice.first;
        (slice.first > 0).then_some(offset)
    }

    /// Whether there are more work-items than the launch has.
    fn is_padded(&self, shape: &LaunchShape) -> bool {
        self.global.iter().zip(shape.global.iter().rev()).any(|(padded, extent)| padded > extent)
    }
}

/// The work-group of a range, in OpenCL's order, of at most `limit` work-items: one for each number of dimensions, unless there
/// are fewer `rows` at once.
fn work_group(dimensions: usize, limit: usize, rows: usize) -> [usize; 3] {
    let limit = largest_power_of_two(limit);
    if dimensions == 1 {
        return [limit, 1, 1];
    }
    let columns = TILE[1].min(limit);
    [columns, rows.min(limit / columns), 1]
}

fn largest_power_of_two(limit: usize) -> usize {
    1 << limit.max(1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(dimensions: usize, global: [usize; 3]) -> LaunchShape {
        LaunchShape { kind: ShapeKind::Range(dimensions), global, local: [1; 3] }
    }

    #[test]
    fn last_dimension_is_the_first_of_opencl_and_padded_to_whole_work_groups() {
        let sizes = Sizes::of(&range(3, [3, 5, 1000]), WORK_GROUP, TILE[0]).unwrap();
        assert_eq!(sizes, Sizes { dimensions: 3, global: [1024, 8, 3], local: [64, 4, 1] });
    }

    #[test]
    fn every_long_or_single_row_has_the_same_work_group_so_that_nothing_is_compiled_again() {
        for length in [1, 7, 511, 512, 513, 1 << 25] {
            assert_eq!(
                Sizes::of(&range(1, [1, 1, length]), WORK_GROUP, TILE[0]).unwrap().local,
                [WORK_GROUP, 1, 1]
            );
        }
    }

    #[test]
    fn large_launches_have_large_work_groups_but_enough_for_every_compute_unit() {
        let of = |length| even_group(&range(1, [1, 1, length]), 2);
        let (few, some, many) = (of(64 * 1024 - 1), of(64 * 1024), of(64 * 8192));
        assert_eq!((few, some, many, of(usize::MAX)), (512, 1024, 2048, 2048));
        assert_eq!(even_group(&range(2, [1, 1 << 10, 1 << 10]), 64), 512);
    }

    #[test]
    fn every_range_of_rows_has_the_same_work_group_so_that_nothing_is_compiled_again() {
        for (rows, columns) in [(1, 1), (3, 1_000_000), (1_000_000, 3), (17, 64), (1 << 12, 1 << 12)] {
            let sizes = Sizes::of(&range(2, [1, rows, columns]), WORK_GROUP, TILE[0]).unwrap();
            assert_eq!(sizes.local, [64, 4, 1], "{rows} x {columns}");
        }
    }

    #[test]
    fn limit_of_the_kernel_holds_and_sizes_stay_powers_of_two() {
        assert_eq!(Sizes::of(&range(1, [1, 1, 1000]), 100, TILE[0]).unwrap().local, [64, 1, 1]);
        assert_eq!(Sizes::of(&range(1, [1, 1, 1000]), 0, TILE[0]).unwrap().local, [1, 1, 1]);
        assert_eq!(Sizes::of(&range(2, [1, 9, 1000]), 100, TILE[0]).unwrap().local, [64, 1, 1]);
        assert_eq!(Sizes::of(&range(2, [1, 9, 1000]), 3, TILE[0]).unwrap().local, [2, 1, 1]);
    }

    #[test]
    fn slice_begins_where_it_is_and_its_work_groups_do_not_reach_beyond_it() {
        let whole = range(2, [1, 70, 100]);
        let sizes = |first, end| {
            let slice = Slice { first, end };
            let rows = if whole.has_rows_apart(slice) { 1 } else { TILE[0] };
            let sizes = Sizes::of(&whole.sliced(slice), WORK_GROUP, rows).unwrap();
            (sizes.offset(slice), sizes.global, sizes.local)
        };
        assert_eq!(sizes(0, 70), (None, [128, 72, 1], [64, 4, 1]));
        assert_eq!(sizes(0, 8), (None, [128, 8, 1], [64, 4, 1]));
        assert_eq!(sizes(2, 10), (Some([0, 2, 0]), [128, 8, 1], [64, 4, 1]));
        assert_eq!(sizes(8, 11), (Some([0, 8, 0]), [128, 3, 1], [64, 1, 1]));
        assert_eq!(sizes(64, 70), (Some([0, 64, 0]), [128, 6, 1], [64, 1, 1]));
    }

    #[test]
    fn work_groups_of_an_nd_range_are_the_users() {
        let shape = LaunchShape { kind: ShapeKind::NdRange(2), global: [1, 8, 32], local: [1, 2, 16] };
        assert_eq!(
            Sizes::of(&shape, 1, TILE[0]).unwrap(),
            Sizes { dimensions: 2, global: [32, 8, 1], local: [16, 2, 1] }
        );
    }

    #[test]
    fn range_that_overflows_when_padded_is_refused() {
        assert_eq!(Sizes::of(&range(1, [1, 1, usize::MAX]), WORK_GROUP, TILE[0]), None);
    }
}
