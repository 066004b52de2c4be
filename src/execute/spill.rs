//! Files as host memory, for buffers that there is no room for.
//!
//! A block lies in a file of its own that has no name any more, so that nobody else finds it and it goes with the block,
//! whatever becomes of the process. What is touched often the system keeps in memory.

use super::pool::{Block, Pool};
use crate::error::{Error, ErrorKind, Result};
use memmap2::MmapMut;
use parking_lot::Mutex;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

/// Where files may lie, if anywhere.
static DIRECTORY: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Sets where the files of blocks lie that there is no room for; none for nowhere.
pub(crate) fn set_spill_directory(directory: Option<&Path>) {
    *DIRECTORY.lock() = directory.map(Path::to_owned);
}

/// Host memory of at least `size_bytes` bytes for a buffer: from the pool, or in a file where the pool has none left.
///
/// # Errors
/// [`ErrorKind::MemoryAllocation`] if there is no room for it.
pub(super) fn host_memory(size_bytes: usize) -> Result<Block> {
    Pool::global().take(size_bytes).or_else(|error| {
        let directory = DIRECTORY.lock().clone();
        directory.map_or(Err(error), |directory| block(&directory, size_bytes))
    })
}

const PAGE_BYTES: usize = 4096;

/// A file in memory.
struct Spilled {
    map: Option<MmapMut>,
    /// Where the file is, if its name could not be removed while it is in use.
    path: Option<PathBuf>,
}

impl Drop for Spilled {
    fn drop(&mut self) {
        self.map = None;
        // There is nobody to tell that a file stays.
        self.path.iter().for_each(|path| drop(fs::remove_file(path)));
    }
}

/// At least `size_bytes` zero bytes that lie in a file in `directory`.
fn block(directory: &Path, size_bytes: usize) -> Result<Block> {
    // Whole pages, so that every kernel argument is a valid pointer to enough for the largest vectors.
    let size_bytes = size_bytes.max(1).next_multiple_of(PAGE_BYTES);
    let mut spilled =
        spilled(directory, size_bytes).map_err(|error| refused(directory, size_bytes, error))?;
    let pointer = spilled.map.as_mut().and_then(|map| NonNull::new(map.as_mut_ptr()));
    let pointer = pointer.ok_or_else(|| refused(directory, size_bytes, io::ErrorKind::OutOfMemory.into()))?;
    // SAFETY: the mapping has so many bytes, all of them written, and stays where it is until `spilled` is dropped. Nothing
    // else touches them: see `spilled`.
    let mut block = unsafe { Block::owned(pointer, size_bytes, Box::new(spilled)) };
    block.zero = true;
    Ok(block)
}

fn spilled(directory: &Path, size_bytes: usize) -> io::Result<Spilled> {
    static FILES: AtomicU64 = AtomicU64::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let path = directory.join(format!("falx-{}-{number}.spill", std::process::id()));
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path)?;
    let path = fs::remove_file(&path).is_err().then_some(path);
    let mut spilled = Spilled { map: None, path };
    // Written, since a page of a hole that finds no room on the disk later would end the process.
    io::copy(&mut io::repeat(0).take(size_bytes as u64), &mut file)?;
    // SAFETY: the file is new, for this user alone, and has no name, or a name that says whose it is, so that nothing else
    // writes or shortens it while it is mapped.
    spilled.map = Some(unsafe { memmap2::MmapOptions::new().len(size_bytes).map_mut(&file) }?);
    Ok(spilled)
}

fn refused(directory: &Path, size_bytes: usize, error: io::Error) -> Error {
    let text = format!(
        "a buffer wants {size_bytes} bytes in a file in `{}`, but: {error}; make room there, or give another directory to \
         `set_spill_directory`",
        directory.display()
    );
    Error::with_source(ErrorKind::MemoryAllocation, text, error)
}
