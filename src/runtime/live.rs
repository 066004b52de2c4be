//! `LiveBuffer`: a buffer that is not gone, for programs that look for those that they forgot; and the report of them when the
//! process ends.

use super::{Runtime, runtime};
use crate::execute::Storage;
use crate::platform::Device;
use std::fmt;
use std::io::{self, Write as _};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

/// A buffer or USM allocation that is not gone yet: see [`live_buffers`].
#[derive(Clone, Debug, PartialEq)]
pub struct LiveBuffer {
    /// Its name; `#` and a number if it was given none.
    pub name: String,
    /// The size of all elements.
    pub size_bytes: usize,
    /// How many handles the program has, parts and other views among them. None where only commands that are not over, or that
    /// nobody saw end, hold it.
    pub n_handles: usize,
    /// How many bytes it has in which memories, each by a device that works on it; be they falx's own, or taken over.
    pub memories: Vec<(Device, usize)>,
}

impl LiveBuffer {
    fn of(storage: &Storage, runtime: &Runtime) -> Self {
        let memories = storage.held_bytes().into_iter();
        LiveBuffer {
            name: storage.name(),
            size_bytes: storage.size_bytes(),
            n_handles: storage.handles.load(Ordering::Relaxed),
            memories: memories
                .filter_map(|(memory, bytes)| Some((runtime.engine.lanes().device_of(memory)?, bytes)))
                .collect(),
        }
    }
}

impl fmt::Display for LiveBuffer {
    /// Such as ``buffer `velocity` of 4096 bytes (1 handle): 4096 bytes in the memory of the host device``.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LiveBuffer { name, size_bytes, n_handles, memories } = self;
        write!(f, "buffer `{name}` of {size_bytes} bytes ")?;
        match n_handles {
            0 => write!(f, "(held by commands)")?,
            1 => write!(f, "(1 handle)")?,
            more => write!(f, "({more} handles)")?,
        }
        for (index, (device, bytes)) in memories.iter().enumerate() {
            write!(f, "{} {bytes} bytes in the memory of {device}", if index == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}

/// The buffers and USM allocations that are not gone yet, the oldest first. Those that the program has no handle to any more are
/// among them while commands use them.
///
/// With `FALX_LEAKS=1`, what is left of them is printed when the process ends: on standard error, one a line.
///
/// ```
/// use falx::prelude::*;
///
/// let velocity = Buffer::from(vec![0.0f32; 1024]).named("velocity");
/// let live = falx::live_buffers();
/// let found = live.iter().find(|buffer| buffer.name == "velocity").unwrap();
/// assert_eq!((found.size_bytes, found.n_handles, found.memories[0].1), (4096, 1, 4096));
/// drop(velocity);
/// assert!(falx::live_buffers().iter().all(|buffer| buffer.name != "velocity"));
/// ```
pub fn live_buffers() -> Vec<LiveBuffer> {
    let runtime = runtime();
    let storages = runtime.live_storages();
    storages.iter().map(|storage| LiveBuffer::of(storage, runtime)).collect()
}

impl Runtime {
    /// Every storage that is not gone. Dropping the last reference to one takes the lock that this took, and let go.
    fn live_storages(&self) -> Vec<Arc<Storage>> {
        let mut storages: Vec<_> = self.storages.lock().values().filter_map(Weak::upgrade).collect();
        storages.sort_by_key(|storage| storage.id);
        storages
    }
}

/// Prints what is left, if `FALX_LEAKS` says so. Releases nothing.
pub(super) fn report_if_asked(runtime: &Runtime) {
    if std::env::var_os("FALX_LEAKS").is_none_or(|value| value.is_empty() || value == "0") {
        return;
    }
    let storages = runtime.live_storages();
    let mut text = match storages.len() {
        1 => "falx: 1 buffer is left\n".to_owned(),
        n => format!("falx: {n} buffers are left\n"),
    };
    for storage in &storages {
        text += &format!("falx: {}\n", LiveBuffer::of(storage, runtime));
    }
    std::mem::forget(storages);
    // Nobody can be told that standard error is closed.
    let _ = io::stderr().write_all(text.as_bytes());
}
