//! The files that tracing writes: the timeline, the kernels' OpenCL C, the task graph.
//!
//! A file that cannot be written is reported once through `tracing` and then left alone: tracing never fails a program.

use crate::backend::Profile;
use crate::kernel::Source;
use crate::plan::{TaskRecord, dot};
use crate::platform::{Device, DeviceId};
use parking_lot::Mutex;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

struct Timeline {
    file: Option<Mutex<File>>,
}

fn the_timeline() -> &'static Timeline {
    static TIMELINE: OnceLock<Timeline> = OnceLock::new();
    TIMELINE.get_or_init(|| Timeline { file: variable("FALX_TRACE").and_then(|path| open_timeline(&path)) })
}

fn open_timeline(path: &Path) -> Option<Mutex<File>> {
    let open = || -> io::Result<File> {
        let mut file = File::create(path)?;
        // The format allows the closing bracket to be missing, so the file is whole after every line.
        writeln!(file, "[")?;
        Ok(file)
    };
    match open() {
        Ok(file) => Some(Mutex::new(file)),
        Err(error) => {
            tracing::error!("FALX_TRACE: cannot write `{}`: {error}", path.display());
            None
        }
    }
}

/// Whether a timeline is written.
pub(crate) fn timeline_is_on() -> bool {
    the_timeline().file.is_some()
}

/// Adds one command to the timeline.
pub(crate) fn timeline(name: &str, device: DeviceId, profile: &Profile) {
    let Some(file) = &the_timeline().file else { return };
    let start = profile.start_nanoseconds as f64 / 1000.0;
    let duration = profile.end_nanoseconds.saturating_sub(profile.start_nanoseconds) as f64 / 1000.0;
    let name = name.replace(['"', '\\'], "'");
    let line = format!(
        r#"{{"name":"{name}","ph":"X","pid":1,"tid":{},"ts":{start:.3},"dur":{duration:.3}}},"#,
        device.0
    );
    // A full disk must not fail the program; the line is lost.
    let _ = writeln!(file.lock(), "{line}");
}

/// Writes a kernel's OpenCL C into the folder that `FALX_DUMP` names.
pub(crate) fn dump(source: &Source, device: &Device) {
    static FOLDER: OnceLock<Option<PathBuf>> = OnceLock::new();
    let Some(folder) = FOLDER.get_or_init(|| variable("FALX_DUMP")) else { return };
    if device.is_host() {
        return;
    }
    let write = || -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let variant = if source.signature.traps { "checked" } else { "proven" };
        let hash = source.text.bytes().fold(0xcbf2_9ce4_8422_2325u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        std::fs::write(
            folder.join(format!("{}-{variant}-{:08x}.cl", source.function(), hash as u32)),
            &source.text,
        )
    };
    if let Err(error) = write() {
        tracing::error!("FALX_DUMP: cannot write to `{}`: {error}", folder.display());
    }
}

static GRAPH: Mutex<Vec<TaskRecord>> = Mutex::new(Vec::new());

/// The task graph so far as a DOT document, if `FALX_GRAPH` is set; an empty graph otherwise.
///
/// ```
/// assert!(falx::trace::graph_dot().starts_with("digraph"));
/// ```
pub fn graph_dot() -> String {
    dot(&GRAPH.lock())
}

/// Adds a task to the graph, and writes the graph to the file that `FALX_GRAPH` names.
pub(crate) fn record_graph(record: impl FnOnce() -> TaskRecord) {
    static PATH: OnceLock<Option<PathBuf>> = OnceLock::new();
    let Some(path) = PATH.get_or_init(|| variable("FALX_GRAPH")) else { return };
    let mut graph = GRAPH.lock();
    graph.push(record());
    if let Err(error) = std::fs::write(path, dot(&graph)) {
        tracing::error!("FALX_GRAPH: cannot write `{}`: {error}", path.display());
    }
}
