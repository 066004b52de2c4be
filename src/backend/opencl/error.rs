//! Turns the codes of OpenCL into falx errors: the kind, what it means in words, and the code itself as `source()`.

use crate::error::{Error, ErrorKind};
use opencl3::error_codes as codes;
use opencl3::types::cl_int;

/// The loader library is not there (a code of `cl3`, not of OpenCL).
pub(super) const LIBRARY_MISSING: cl_int = codes::DLOPEN_RUNTIME_LOAD_FAILED;
/// The library lacks the function (a code of `cl3`, not of OpenCL).
const FUNCTION_MISSING: cl_int = codes::DLOPEN_FUNCTION_NOT_AVAILABLE;
/// The loader knows no driver (`CL_PLATFORM_NOT_FOUND_KHR`).
const NO_PLATFORM: cl_int = -1001;

/// What a driver answered: the `source()` of every error that a driver caused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{call}` returned {code} ({name})")]
pub struct OpenClError {
    /// The function of OpenCL that failed.
    pub call: &'static str,
    /// What it returned.
    pub code: i32,
    /// The name of the code.
    pub name: &'static str,
}

impl OpenClError {
    pub(super) fn new(call: &'static str, code: cl_int) -> Self {
        OpenClError { call, code, name: codes::error_text(code) }
    }

    /// The error that says `what` failed, why, and what to do about it.
    pub(super) fn of(self, what: impl AsRef<str>) -> Error {
        let (kind, meaning) = explain(self.code);
        let what = what.as_ref();
        Error::with_source(kind, format!("{what} failed: {meaning} ({})", self.name), self)
    }

    /// As [`OpenClError::of`], with a remedy that the code alone does not suggest.
    pub(super) fn of_with(self, what: &str, remedy: &str) -> Error {
        let (kind, meaning) = explain(self.code);
        Error::with_source(kind, format!("{what} failed: {meaning} ({}); {remedy}", self.name), self)
    }
}

/// The one table from codes to kinds and words.
fn explain(code: cl_int) -> (ErrorKind, &'static str) {
    use ErrorKind::{
        Build, DeviceLost, FeatureNotSupported, Invalid, KernelArgument, MemoryAllocation, NdRange, Platform,
        Profiling, Runtime,
    };
    match code {
        LIBRARY_MISSING => (Platform, "the OpenCL loader library was not found"),
        FUNCTION_MISSING => (FeatureNotSupported, "the OpenCL library is too old and lacks this function"),
        NO_PLATFORM => (Platform, "no OpenCL driver is installed"),
        codes::CL_DEVICE_NOT_FOUND => (Platform, "the driver found no device"),
        codes::CL_DEVICE_NOT_AVAILABLE => (DeviceLost, "the device is not available any more"),
        codes::CL_COMPILER_NOT_AVAILABLE => (FeatureNotSupported, "the driver has no OpenCL C compiler"),
        codes::CL_MEM_OBJECT_ALLOCATION_FAILURE => {
            (MemoryAllocation, "the device has no memory left; release buffers or use smaller ones")
        }
        codes::CL_OUT_OF_RESOURCES => (
            Runtime,
            "the device ran out of resources; use less local memory, fewer registers or smaller work-groups",
        ),
        codes::CL_OUT_OF_HOST_MEMORY => (MemoryAllocation, "the driver ran out of host memory"),
        codes::CL_PROFILING_INFO_NOT_AVAILABLE => (Profiling, "the queue does not collect profiling data"),
        codes::CL_MEM_COPY_OVERLAP => (Invalid, "source and destination of the copy overlap"),
        codes::CL_BUILD_PROGRAM_FAILURE => (Build, "the driver's compiler rejected the source"),
        codes::CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST => (Runtime, "the command ended with an error"),
        codes::CL_INVALID_VALUE => (Invalid, "the driver refused an argument"),
        codes::CL_INVALID_CONTEXT => (Invalid, "memory or kernel belong to another device"),
        codes::CL_INVALID_HOST_PTR | codes::CL_INVALID_MEM_OBJECT => {
            (Invalid, "the driver does not accept the memory")
        }
        codes::CL_INVALID_KERNEL_NAME => (Build, "the program holds no kernel of this name"),
        codes::CL_INVALID_ARG_INDEX
        | codes::CL_INVALID_ARG_VALUE
        | codes::CL_INVALID_ARG_SIZE
        | codes::CL_INVALID_KERNEL_ARGS => {
            (KernelArgument, "an argument does not fit the kernel's signature")
        }
        codes::CL_INVALID_WORK_DIMENSION
        | codes::CL_INVALID_WORK_GROUP_SIZE
        | codes::CL_INVALID_WORK_ITEM_SIZE
        | codes::CL_INVALID_GLOBAL_WORK_SIZE => {
            (NdRange, "the device cannot run this range or work-group size; see `Device::limits`")
        }
        codes::CL_INVALID_BUFFER_SIZE => {
            (MemoryAllocation, "the size is larger than one allocation may be; see `Device::limits`")
        }
        // What NVIDIA's driver returns once a kernel has broken the context.
        -9999 => (DeviceLost, "a kernel accessed memory it must not, and the device is lost to this process"),
        _ => (Runtime, "the driver reported an error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error as _;

    #[test]
    fn driver_code_is_kept_as_the_source_and_the_text_says_what_failed() {
        let error = OpenClError::new("clCreateBuffer", codes::CL_MEM_OBJECT_ALLOCATION_FAILURE)
            .of("allocating 8 bytes");
        assert_eq!(error.kind(), ErrorKind::MemoryAllocation);
        assert!(
            error.to_string().starts_with("allocating 8 bytes failed: the device has no memory left"),
            "{error}"
        );
        let source = error.source().unwrap().downcast_ref::<OpenClError>().unwrap();
        assert_eq!((source.call, source.code), ("clCreateBuffer", -4));
        assert_eq!(source.to_string(), "`clCreateBuffer` returned -4 (CL_MEM_OBJECT_ALLOCATION_FAILURE)");
    }

    #[test]
    fn unknown_code_is_a_runtime_error_that_names_the_number() {
        let error = OpenClError::new("clFlush", -4711).of("flushing");
        assert_eq!(error.kind(), ErrorKind::Runtime);
        assert!(format!("{error:?}").contains("-4711"), "{error:?}");
    }
}
