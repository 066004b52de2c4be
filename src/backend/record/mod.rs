//! A device that remembers what it was told and does nothing: for tests of everything above.
//!
//! Turns each call into a line of text. Moves no bytes and runs no kernels; its signals complete at once, or when the
//! test says so.

mod signal;

use super::{At, CopyBox, Lane, Launch, Memory, Place, Pointer, Program, Signal, Sum};
use crate::error::{Error, ErrorKind, Result};
use crate::kernel::Source;
use crate::platform::{Aspects, Device, DeviceId, DeviceInfo, DeviceKind, Limits, MemoryId, PlatformInfo};
use crate::platform::{UsmSource, UsmSources};
use parking_lot::Mutex;
use signal::RecordedSignal;
use std::collections::VecDeque;
use std::sync::Arc;

/// When the signals of a recording lane complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion {
    /// As soon as the command is submitted.
    AtOnce,
    /// When [`RecordingLane::complete_next`] or [`RecordingLane::complete_all`] is called.
    OnRequest,
}

/// A lane that remembers what it was told.
pub struct RecordingLane {
    device: Device,
    completion: Completion,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    lines: Vec<String>,
    pending: VecDeque<Arc<RecordedSignal>>,
    n_memories: usize,
    failure: Option<Error>,
}

/// A device with this number that works on `memory`: host memory, or one of its own. The host device is
/// [`DeviceId::HOST`]; all others pose as CPU or GPU devices, by their memory.
pub fn device(id: DeviceId, memory: MemoryId) -> Device {
    let (kind, name) = match (id, memory) {
        (DeviceId::HOST, _) => (DeviceKind::Host, "host device".to_owned()),
        (_, MemoryId::HOST) => (DeviceKind::Cpu, format!("recording cpu {}", id.0)),
        _ => (DeviceKind::Gpu, format!("recording gpu {}", id.0)),
    };
    let platform = PlatformInfo {
        index: 0,
        name: "Recording".to_owned(),
        vendor: "falx".to_owned(),
        version: "1".to_owned(),
    };
    Device(Arc::new(DeviceInfo {
        id,
        memory,
        platform: Arc::new(platform),
        index: usize::from(id.0),
        kind,
        name,
        vendor: "falx".to_owned(),
        version: "1".to_owned(),
        driver_version: "1".to_owned(),
        aspects: Aspects { fp64: true, atomic64: true, exact_f32: true, ..Aspects::default() },
        limits: Limits {
            max_compute_units: 1,
            max_work_group_size: 1024,
            max_work_item_sizes: [1024; 3],
            local_memory_bytes: 64 << 10,
            global_memory_bytes: 1 << 30,
            max_allocation_bytes: 1 << 28,
            max_parameter_bytes: 1024,
            private_memory_bytes: usize::MAX,
            memory_alignment_bytes: Some(128),
        },
        usm: UsmSources::all(UsmSource::Buffers),
    }))
}

/// What is inside the memories of a recording lane: their number, in the order in which they were made.
struct RecordedMemory(usize);

impl RecordingLane {
    /// A lane of `device`.
    pub fn new(device: Device, completion: Completion) -> Self {
        RecordingLane { device, completion, state: Mutex::default() }
    }

    /// The lines since the last call, and forgets them.
    pub fn take_lines(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().lines)
    }

    /// Completes the oldest command that is not complete. `false` if there is none.
    pub fn complete_next(&self) -> bool {
        let signal = self.state.lock().pending.pop_front();
        signal.inspect(|signal| signal.complete(Ok(()))).is_some()
    }

    /// Ends the oldest command that is not complete with `error`. `false` if there is none.
    pub fn fail_next(&self, error: Error) -> bool {
        let signal = self.state.lock().pending.pop_front();
        signal.inspect(|signal| signal.complete(Err(error))).is_some()
    }

    /// Makes the next call fail with `error`.
    pub fn refuse_next(&self, error: Error) {
        self.state.lock().failure = Some(error);
    }

    fn record(&self, line: String) -> Result<()> {
        let mut state = self.state.lock();
        match state.failure.take() {
            Some(error) => Err(error),
            None => {
                state.lines.push(line);
                Ok(())
            }
        }
    }

    fn submit(&self, line: String) -> Result<Arc<dyn Signal>> {
        self.record(line)?;
        let signal = Arc::new(RecordedSignal::default());
        match self.completion {
            Completion::AtOnce => signal.complete(Ok(())),
            Completion::OnRequest => self.state.lock().pending.push_back(Arc::clone(&signal)),
        }
        Ok(signal)
    }

    fn new_memory(&self, verb: &str, what: &str) -> Result<Memory> {
        let number = self.state.lock().n_memories;
        self.record(format!("{verb} m{number}: {what}"))?;
        self.state.lock().n_memories += 1;
        Ok(Memory::new(RecordedMemory(number)))
    }

    fn name(&self, memory: &Memory) -> Result<String> {
        match memory.inner.downcast_ref::<RecordedMemory>() {
            Some(memory) => Ok(format!("m{}", memory.0)),
            None => {
                let text = format!("memory of another backend was given to `{}`", self.device.name());
                Err(Error::new(ErrorKind::BackendMismatch, text))
            }
        }
    }

    fn place(&self, place: &Place<'_>) -> Result<String> {
        let at = match place.at {
            At::Memory(memory) => self.name(memory)?,
            At::Host(_) => "host".to_owned(),
        };
        Ok(format!("{at} {:?} of {:?}", place.origin, place.extent))
    }

    fn argument(&self, pointer: &Pointer<'_>) -> Result<String> {
        match pointer {
            Pointer::Memory(memory) => self.name(memory),
            Pointer::Local(size_bytes) => Ok(format!("local {size_bytes}")),
            Pointer::Value(bytes) => Ok(format!("{bytes:?}")),
        }
    }
}

impl Lane for RecordingLane {
    fn device(&self) -> &Device {
        &self.device
    }

    fn compile(&self, source: &Source) -> Result<Arc<Program>> {
        self.record(format!("compile {}", source.function()))?;
        Ok(Arc::new(Program { inner: Box::new(source.function()) }))
    }

    fn allocate(&self, size_bytes: usize) -> Result<Memory> {
        self.new_memory("allocate", &format!("{size_bytes} bytes"))
    }

    fn part(&self, whole: &Memory, offset_bytes: usize, size_bytes: usize) -> Result<Memory> {
        let whole = self.name(whole)?;
        self.new_memory("part", &format!("{size_bytes} bytes from {offset_bytes} of {whole}"))
    }

    unsafe fn adopt(&self, _pointer: *mut u8, size_bytes: usize) -> Result<Memory> {
        self.new_memory("adopt", &format!("{size_bytes} bytes"))
    }

    unsafe fn launch(&self, launch: &Launch<'_>) -> Result<Arc<dyn Signal>> {
        let pointers =
            launch.pointers.iter().map(|pointer| self.argument(pointer)).collect::<Result<Vec<_>>>()?;
        let mut line =
            format!("launch {}({}) over {:?}", launch.name, pointers.join(", "), launch.shape.global);
        if launch.shape.local != [1; 3] {
            line += &format!(" by {:?}", launch.shape.local);
        }
        self.submit(line)
    }

    unsafe fn copy(&self, copy: &CopyBox<'_>) -> Result<Arc<dyn Signal>> {
        let (from, to) = (self.place(&copy.from)?, self.place(&copy.to)?);
        self.submit(format!("copy {:?} x {} bytes: {from} -> {to}", copy.extent, copy.element_bytes))
    }

    unsafe fn fill(
        &self,
        memory: &Memory,
        pattern: &[u8],
        offset_bytes: usize,
        size_bytes: usize,
    ) -> Result<Arc<dyn Signal>> {
        let memory = self.name(memory)?;
        self.submit(format!("fill {memory} {offset_bytes}..{} with {pattern:?}", offset_bytes + size_bytes))
    }

    unsafe fn sum(&self, from: &[&Memory], to: &Memory, sum: &Sum) -> Result<Arc<dyn Signal>> {
        let from = from.iter().map(|from| self.name(from)).collect::<Result<Vec<_>>>()?.join(" * ");
        let to = self.name(to)?;
        let end = sum.first + sum.length;
        self.submit(format!("sum {from} {}..{end} into {} elements of {to}", sum.first, sum.n_items))
    }

    fn flush(&self) {
        self.state.lock().lines.push("flush".to_owned());
    }
}

#[cfg(test)]
mod tests;
