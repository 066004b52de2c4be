//! Files as host memory, for buffers that there is no room for.
//!
//! A block lies in a file of its own that has no name any more, so that nobody else finds it and it goes with the block,
//! whatever becomes of the process. What is touched often the system keeps in memory.

use super::pool::{Block, Pool};
use crate::error::{Error, ErrorKind, Result};
use memmap2::MmapMut;
use parking_lot::Mutex;
use std::fs::{self, File, OpenOptions};
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
    static FILES: AtomicU64 = AtomicU64::new(0);
    // Whole pages, so that every kernel argument is a valid pointer to enough for the largest vectors.
    let size_bytes = size_bytes.max(1).next_multiple_of(PAGE_BYTES);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let path = directory.join(format!("falx-{}-{number}.spill", std::process::id()));
    let free_bytes = disk::free_bytes(directory);
    if free_bytes.is_some_and(|free_bytes| (size_bytes as u64) > free_bytes) {
        return Err(refused(&path, size_bytes, free_bytes, io::ErrorKind::StorageFull.into()));
    }
    let refused = |error| refused(&path, size_bytes, free_bytes, error);
    let mut spilled = spilled(&path, size_bytes).map_err(refused)?;
    let pointer = spilled.map.as_mut().and_then(|map| NonNull::new(map.as_mut_ptr()));
    let pointer = pointer.ok_or_else(|| refused(io::ErrorKind::OutOfMemory.into()))?;
    // SAFETY: the mapping has so many bytes, all of them on the disk, and stays where it is until `spilled` is dropped. Nothing
    // else touches them: see `spilled`.
    let mut block = unsafe { Block::owned(pointer, size_bytes, Box::new(spilled)) };
    block.zero = true;
    Ok(block)
}

fn spilled(path: &Path, size_bytes: usize) -> io::Result<Spilled> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let path = fs::remove_file(path).is_err().then(|| path.to_owned());
    let mut spilled = Spilled { map: None, path };
    // A page of a hole that finds no room on the disk later would end the process.
    if !disk::allocate(&file, size_bytes)? {
        io::copy(&mut io::repeat(0).take(size_bytes as u64), &mut file)?;
    }
    // SAFETY: the file is new, for this user alone, and has no name, or a name that says whose it is, so that nothing else
    // writes or shortens it while it is mapped.
    spilled.map = Some(unsafe { memmap2::MmapOptions::new().len(size_bytes).map_mut(&file) }?);
    Ok(spilled)
}

fn refused(path: &Path, size_bytes: usize, free_bytes: Option<u64>, error: io::Error) -> Error {
    let free = free_bytes.map_or_else(String::new, |bytes| format!(", where {bytes} are free"));
    let text = format!(
        "a buffer wants {size_bytes} bytes in the file `{}`{free}, but: {error}; make room there, or give another directory to \
         `set_spill_directory`",
        path.display()
    );
    Error::with_source(ErrorKind::MemoryAllocation, text, error)
}

/// What the system says and does about room on disks.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
mod disk {
    use super::*;
    use std::ffi::CString;
    use std::mem::MaybeUninit;
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::OsStrExt;

    /// How many bytes are free for this user where `directory` lies, if the system says so.
    pub(super) fn free_bytes(directory: &Path) -> Option<u64> {
        let path = CString::new(directory.as_os_str().as_bytes()).ok()?;
        let mut found = MaybeUninit::<libc::statvfs64>::uninit();
        // SAFETY: `path` ends with a zero, and `found` has room for what is written.
        if unsafe { libc::statvfs64(path.as_ptr(), found.as_mut_ptr()) } != 0 {
            return None;
        }
        // SAFETY: the call succeeded, so it has written all of it.
        let found = unsafe { found.assume_init() };
        // Some file systems count nothing.
        (found.f_blocks > 0).then(|| found.f_bavail.saturating_mul(found.f_frsize))
    }

    /// Gives the first `size_bytes` bytes of a new file their place on the disk, as zeroes; says whether that can be done.
    pub(super) fn allocate(file: &File, size_bytes: usize) -> io::Result<bool> {
        let size_bytes = i64::try_from(size_bytes).map_err(|_| io::ErrorKind::FileTooLarge)?;
        loop {
            // SAFETY: the descriptor is open for writing as long as `file` lives.
            match unsafe { libc::posix_fallocate64(file.as_raw_fd(), 0, size_bytes) } {
                0 => return Ok(true),
                // A signal came.
                libc::EINTR => {}
                libc::EOPNOTSUPP | libc::EINVAL | libc::ENOSYS => return Ok(false),
                error => return Err(io::Error::from_raw_os_error(error)),
            }
        }
    }
}

/// Where nobody is asked, room is found by writing.
#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
mod disk {
    use super::*;

    pub(super) fn free_bytes(_directory: &Path) -> Option<u64> {
        None
    }

    pub(super) fn allocate(_file: &File, _size_bytes: usize) -> io::Result<bool> {
        Ok(false)
    }
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64"))]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_the_disk_has_no_room_for_is_an_error_that_names_it_before_anything_is_written() {
        let directory = std::env::temp_dir().join(format!("falx-full-{}", std::process::id()));
        fs::create_dir(&directory).unwrap();
        let error = block(&directory, 1 << 60).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::MemoryAllocation);
        let text = error.to_string();
        let file = format!("wants 1152921504606846976 bytes in the file `{}/falx-", directory.display());
        assert!(text.contains(&file) && text.contains(" are free, but: "), "{text}");
        // Nothing is in it.
        fs::remove_dir(&directory).unwrap();
    }

    #[test]
    fn every_page_of_a_file_has_its_place_on_the_disk_before_it_is_touched() {
        use std::os::unix::fs::MetadataExt;
        let path = std::env::temp_dir().join(format!("falx-place-{}", std::process::id()));
        let file = File::create_new(&path).unwrap();
        assert!(disk::allocate(&file, 3 << 20).unwrap());
        let found = file.metadata().unwrap();
        fs::remove_file(path).unwrap();
        assert_eq!(found.len(), 3 << 20);
        assert!(found.blocks() * 512 >= 3 << 20, "{} blocks", found.blocks());
    }

    #[test]
    fn a_disk_that_refuses_is_an_error_and_not_a_fault() {
        let file = File::open("/dev/null").unwrap();
        assert!(disk::allocate(&file, 4096).is_err());
    }
}
