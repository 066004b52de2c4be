//! What can go wrong, as one type that every falx call returns.
//!
//! Knows nothing else of falx: every other module may name it.

use std::fmt;
use std::sync::Arc;

/// `std::result::Result` with falx's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of thing went wrong. Follows the error codes of SYCL 2020 (section 4.13.2, `sycl::errc`), and names a few
/// cases that SYCL leaves to the runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The runtime or a driver failed in a way that has no kind of its own.
    Runtime,
    /// A kernel failed while it ran: a bad index, a division by zero.
    Kernel,
    /// An accessor was misused: it belongs to another command group, or its range leaves the buffer.
    Accessor,
    /// The launch range or work-group size is not one the device can run.
    NdRange,
    /// An event was misused.
    Event,
    /// A kernel argument cannot be passed, or not to this device.
    KernelArgument,
    /// The kernel's OpenCL C did not build.
    Build,
    /// An argument of a falx call is invalid.
    Invalid,
    /// Memory could not be allocated.
    MemoryAllocation,
    /// No platform or device fits what was asked for.
    Platform,
    /// Profiling data was asked of a queue that does not collect it.
    Profiling,
    /// The device lacks an aspect that was asked for, such as `fp64`.
    FeatureNotSupported,
    /// The kernel cannot run on this device.
    KernelNotSupported,
    /// An object of another backend was passed.
    BackendMismatch,
    /// Two lengths that must be equal are not.
    LengthMismatch,
    /// Bytes were to be read that nothing has written.
    Uninitialized,
    /// The wait could never end, because the waiting thread holds what it waits for.
    Deadlock,
    /// The device failed and can no longer be used.
    DeviceLost,
}

/// An error of falx: what was asked, of what, and what to do about it.
///
/// Cheap to clone, because one failed launch is reported by everything that depends on it.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Arc::new(Inner { kind, message: message.into(), source: None }))
    }

    /// An error of `kind` that says `message` and was caused by `source`.
    pub fn with_source(
        kind: ErrorKind,
        message: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Error(Arc::new(Inner { kind, message: message.into(), source: Some(Box::new(source)) }))
    }

    /// Whether both report one and the same failure.
    pub(crate) fn is_same(&self, other: &Error) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What kind of thing went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether a kernel failed while it ran (a bad index, a division by zero).
    pub fn is_kernel(&self) -> bool {
        self.0.kind == ErrorKind::Kernel
    }

    /// Whether the device failed and can no longer be used.
    pub fn is_device_lost(&self) -> bool {
        self.0.kind == ErrorKind::DeviceLost
    }

    /// Whether the wait could never have ended.
    pub fn is_deadlock(&self) -> bool {
        self.0.kind == ErrorKind::Deadlock
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.0.kind, self.0.message)?;
        match &self.0.source {
            Some(source) => write!(f, " (caused by: {source})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}
