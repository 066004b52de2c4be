//! `System`: what planning must know of the machine.

use crate::platform::{DeviceId, MemoryId};

/// For each memory other than the host's, the device whose lane copies in and out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct System {
    // By number of memory.
    copiers: Vec<Option<DeviceId>>,
}

impl System {
    /// A system of the host's memory and these memories, each with the device whose lane copies in and out of it.
    pub fn new(memories: impl IntoIterator<Item = (MemoryId, DeviceId)>) -> Self {
        let mut system = System { copiers: vec![Some(DeviceId::HOST)] };
        memories.into_iter().for_each(|(memory, device)| system.add(memory, device));
        system
    }

    /// Adds a memory, with the device whose lane copies in and out of it.
    pub fn add(&mut self, memory: MemoryId, device: DeviceId) {
        let position = usize::from(memory.0);
        if self.copiers.len() <= position {
            self.copiers.resize(position + 1, None);
        }
        self.copiers[position] = Some(device);
    }

    /// The device whose lane copies in and out of `memory`; `None` if there is no such memory.
    pub fn copier(&self, memory: MemoryId) -> Option<DeviceId> {
        self.copiers.get(usize::from(memory.0)).copied().flatten()
    }
}
