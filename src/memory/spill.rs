//! Files for buffers that host memory has no room for.

use crate::execute;
use std::path::Path;

/// Sets a directory for buffers that host memory has no room for; `None`, as at first, for none.
///
/// Host memory that falx cannot have, because of the [budget](crate::set_memory_budget) or because the system has no more, lies in
/// files there, one for each buffer, which go with the buffers and have no names. Devices that work on host memory work on them
/// in place, and what leaves a device with a memory of its own goes there. Results do not depend on it. What is touched often the
/// system keeps in memory; the rest costs what the disk costs, which suits what is mostly read. [`memory_use`](crate::memory_use)
/// does not count it. Buffers that have their memory already stay where they are.
///
/// A command whose buffers find no room there either fails with
/// [`ErrorKind::MemoryAllocation`](crate::ErrorKind::MemoryAllocation). The error names the file,
/// how large it was to be, and how much room there is; a file has all of its room from the start, so that a disk that becomes full
/// later does no harm.
///
/// ```
/// use falx::prelude::*;
///
/// falx::set_spill_directory(Some(&std::env::temp_dir()));
/// falx::set_spill_directory(None);
/// # Ok::<(), falx::Error>(())
/// ```
pub fn set_spill_directory(directory: Option<&Path>) {
    execute::set_spill_directory(directory);
}
