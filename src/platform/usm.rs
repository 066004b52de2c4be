//! Unified shared memory, as data: its kinds, and what a device has for each of them.

use std::fmt;

/// A kind of unified shared memory. Source: SYCL 2020, section 4.8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UsmKind {
    /// Memory of one device; the host reaches it by copies alone.
    Device,
    /// Host memory, for the host and every device.
    Host,
    /// Memory that the host and one device work on in turn.
    Shared,
}

impl fmt::Display for UsmKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UsmKind::Device => "device",
            UsmKind::Host => "host",
            UsmKind::Shared => "shared",
        })
    }
}

/// Where a device has unified shared memory of one kind from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UsmSource {
    /// Plain host memory: the host device.
    HostMemory,
    /// OpenCL's extension `cl_intel_unified_shared_memory`.
    IntelExtension,
    /// OpenCL's shared virtual memory, fine-grained.
    FineGrainSvm,
    /// Nowhere: buffers stand in. They behave alike, but their memory has no address that host and device share, so that there
    /// are no raw pointers and no allocator.
    Buffers,
}

impl UsmSource {
    /// Whether allocations have an address for host and device alike.
    pub fn has_addresses(self) -> bool {
        self != UsmSource::Buffers
    }
}

impl fmt::Display for UsmSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UsmSource::HostMemory => "host memory",
            UsmSource::IntelExtension => "cl_intel_unified_shared_memory",
            UsmSource::FineGrainSvm => "fine-grained SVM",
            UsmSource::Buffers => "buffers",
        })
    }
}

/// The sources of all kinds on one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UsmSources {
    pub(crate) device: UsmSource,
    pub(crate) host: UsmSource,
    pub(crate) shared: UsmSource,
}

impl UsmSources {
    /// One source for every kind.
    pub(crate) const fn all(source: UsmSource) -> Self {
        UsmSources { device: source, host: source, shared: source }
    }

    pub(crate) fn of(&self, kind: UsmKind) -> UsmSource {
        match kind {
            UsmKind::Device => self.device,
            UsmKind::Host => self.host,
            UsmKind::Shared => self.shared,
        }
    }
}
