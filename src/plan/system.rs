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
        let mut copiers = vec![Some(DeviceId::HOST)];
        for (memory, device) in memories {
            let position = usize::from(memory.0);
            if copiers.len() <= position {
                copiers.resize(position + 1, None);
            }
            copiers[position] = Some(device);
        }
        System { copiers }
    }

    /// The device whose lane copies in and out of `memory`; `None` if there is no such memory.
    pub fn copier(&self, memory: MemoryId) -> Option<DeviceId> {
        self.copiers.get(usize::from(memory.0)).copied().flatten()
    }
}
