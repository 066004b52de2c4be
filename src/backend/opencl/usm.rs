//! Unified shared memory: what drivers call shared virtual memory, and Intel's extension.
//!
//! Allocates and frees. Commands reach the memory as buffers over it (`CL_MEM_USE_HOST_PTR`), like all host memory.

use super::device::{OpenClLane, Opened};
use super::error::OpenClError;
use super::handle::{ContextKind, DeviceHandle, Driver, Owned};
use crate::backend::{UsmMemory, pages};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Device, UsmKind, UsmSource, UsmSources};
use cl3::device as driver;
use cl3::error_codes::{
    CL_INVALID_VALUE, CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_SUCCESS, DLOPEN_FUNCTION_NOT_AVAILABLE,
};
use cl3::memory::{CL_MEM_READ_WRITE, CL_MEM_SVM_FINE_GRAIN_BUFFER, svm_alloc, svm_free};
use opencl3::types::{cl_context, cl_device_id, cl_device_info, cl_int, cl_platform_id, cl_uint};
use std::ffi::{CStr, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;

/// What Intel's extension calls its properties of a device: whether kernels reach memory of a kind.
const DEVICE_HOST_MEM_CAPABILITIES_INTEL: cl_device_info = 0x4190;
const DEVICE_DEVICE_MEM_CAPABILITIES_INTEL: cl_device_info = 0x4191;
const DEVICE_SINGLE_DEVICE_SHARED_MEM_CAPABILITIES_INTEL: cl_device_info = 0x4192;
const ACCESS_INTEL: u64 = 1;
/// The alignment of OpenCL's largest type. Left to the driver (0), it is a page on some.
const ALIGNMENT: cl_uint = 128;

/// The sources of a device that works on host memory in place; `optional` reads a number of it, 0 where it has none.
pub(super) fn sources(has_extension: bool, optional: impl Fn(cl_device_info) -> u64) -> UsmSources {
    let svm = optional(driver::CL_DEVICE_SVM_CAPABILITIES);
    let otherwise = if svm & driver::CL_DEVICE_SVM_FINE_GRAIN_BUFFER != 0 {
        UsmSource::FineGrainSvm
    } else {
        // The host may touch coarse-grained memory only while it is mapped.
        UsmSource::Buffers
    };
    let source = |capabilities| match has_extension && optional(capabilities) & ACCESS_INTEL != 0 {
        true => UsmSource::IntelExtension,
        false => otherwise,
    };
    UsmSources {
        device: source(DEVICE_DEVICE_MEM_CAPABILITIES_INTEL),
        host: source(DEVICE_HOST_MEM_CAPABILITIES_INTEL),
        shared: source(DEVICE_SINGLE_DEVICE_SHARED_MEM_CAPABILITIES_INTEL),
    }
}

type OnContext = unsafe extern "C" fn(cl_context, *const u64, usize, cl_uint, *mut cl_int) -> *mut c_void;
type OnDevice =
    unsafe extern "C" fn(cl_context, cl_device_id, *const u64, usize, cl_uint, *mut cl_int) -> *mut c_void;
type Free = unsafe extern "C" fn(cl_context, *mut c_void) -> cl_int;

/// The functions of Intel's extension, which no loader exports.
#[derive(Clone, Copy)]
pub(super) struct IntelFunctions {
    host: OnContext,
    device: OnDevice,
    shared: OnDevice,
    free: Free,
}

impl IntelFunctions {
    /// Asks the platform of a device for them.
    pub(super) fn of(handle: DeviceHandle, driver: &Driver) -> Result<Self, OpenClError> {
        let bytes = driver
            .call("clGetDeviceInfo", || driver::get_device_data(handle.0, driver::CL_DEVICE_PLATFORM))?;
        let address = bytes.try_into().map(usize::from_ne_bytes).unwrap_or_default();
        let platform = ptr::with_exposed_provenance_mut::<c_void>(address);
        let find = |name| driver.call("clGetExtensionFunctionAddressForPlatform", || find(platform, name));
        let (host, device) = (find(c"clHostMemAllocINTEL")?, find(c"clDeviceMemAllocINTEL")?);
        let (shared, free) = (find(c"clSharedMemAllocINTEL")?, find(c"clMemFreeINTEL")?);
        // SAFETY: the extension gives the functions of these names these types, and no function is at null.
        unsafe {
            Ok(IntelFunctions {
                host: std::mem::transmute::<*mut c_void, OnContext>(host),
                device: std::mem::transmute::<*mut c_void, OnDevice>(device),
                shared: std::mem::transmute::<*mut c_void, OnDevice>(shared),
                free: std::mem::transmute::<*mut c_void, Free>(free),
            })
        }
    }

    /// # Safety
    /// The context is valid and the device is in it.
    unsafe fn allocate(
        &self,
        kind: UsmKind,
        context: cl_context,
        device: cl_device_id,
        size_bytes: usize,
    ) -> Result<*mut c_void, cl_int> {
        let mut status = CL_SUCCESS;
        let (none, status_place) = (ptr::null(), &raw mut status);
        // SAFETY: the caller's promise; no properties are given, and the place for the status outlives the call.
        let pointer = unsafe {
            match kind {
                UsmKind::Host => (self.host)(context, none, size_bytes, ALIGNMENT, status_place),
                UsmKind::Device => (self.device)(context, device, none, size_bytes, ALIGNMENT, status_place),
                UsmKind::Shared => (self.shared)(context, device, none, size_bytes, ALIGNMENT, status_place),
            }
        };
        if status == CL_SUCCESS { Ok(pointer) } else { Err(status) }
    }
}

/// The address of an extension's function; an error if the platform has none of this name.
fn find(platform: cl_platform_id, name: &CStr) -> Result<*mut c_void, cl_int> {
    let library = cl3::load_library().as_ref().map_err(|_| DLOPEN_FUNCTION_NOT_AVAILABLE)?;
    // The platform is that of a device, so valid.
    let found = library.clGetExtensionFunctionAddressForPlatform(platform, name.as_ptr());
    found.filter(|address| !address.is_null()).ok_or(DLOPEN_FUNCTION_NOT_AVAILABLE)
}

/// An allocation, which is freed when it is dropped.
struct Allocation {
    pointer: NonNull<c_void>,
    context: Arc<Owned<ContextKind>>,
    /// By Intel's extension, else by OpenCL's own function.
    free: Option<Free>,
}

// SAFETY: all that is done with the pointer is freeing it, which any thread may do (OpenCL 3.0, appendix A.2).
unsafe impl Send for Allocation {}
// SAFETY: nothing can be done through a shared reference.
unsafe impl Sync for Allocation {}

impl Drop for Allocation {
    fn drop(&mut self) {
        let driver = self.context.driver();
        // As for every object: in a forked child the memory belongs to the parent.
        if driver.check_process().is_err() {
            return;
        }
        let (context, pointer) = (self.context.raw(), self.pointer.as_ptr());
        let freed = match self.free {
            None => driver.call("clSVMFree", || {
                // SAFETY: `clSVMAlloc` gave the pointer for this context. Whoever owned the memory dropped all that used it.
                unsafe { svm_free(context, pointer) }
            }),
            Some(free) => driver.call("clMemFreeINTEL", || {
                // SAFETY: as above, with the functions of the extension.
                match unsafe { free(context, pointer) } {
                    CL_SUCCESS => Ok(()),
                    code => Err(code),
                }
            }),
        };
        if let Err(error) = freed {
            tracing::error!(device = driver.device_name, "{error}; {pointer:?} is leaked");
        }
    }
}

/// As [`crate::backend::Lane::allocate_usm`].
pub(super) fn allocate(lane: &OpenClLane, kind: UsmKind, size_bytes: usize) -> Result<UsmMemory> {
    let source = lane.device.usm(kind);
    let failed = |error: OpenClError| {
        let what = format!("allocating {size_bytes} bytes of {kind} memory on `{}`", lane.device.name());
        error.of(what)
    };
    let (pointer, free) = match source {
        UsmSource::IntelExtension => intel(&lane.opened, kind, size_bytes).map_err(failed)?,
        UsmSource::FineGrainSvm => (svm(&lane.opened, size_bytes).map_err(failed)?, None),
        UsmSource::HostMemory | UsmSource::Buffers => return Err(not_supported(&lane.device, kind)),
    };
    let none_left = OpenClError::new("allocation", CL_MEM_OBJECT_ALLOCATION_FAILURE);
    let pointer = NonNull::new(pointer).ok_or_else(|| failed(none_left))?;
    let owner = Box::new(Allocation { pointer, context: Arc::clone(&lane.context), free });
    let pointer = pointer.cast::<u8>();
    if !pointer.addr().get().is_multiple_of(ALIGNMENT as usize) {
        return Err(failed(OpenClError::new(
            "an allocation that is not aligned as asked for",
            CL_INVALID_VALUE,
        )));
    }
    // SAFETY: the allocation has so many bytes, and the device works on the host's own memory, or it would have no source.
    unsafe { pages::fill_fresh(pointer.as_ptr(), size_bytes) };
    Ok(UsmMemory { pointer, owner })
}

fn intel(
    opened: &Opened,
    kind: UsmKind,
    size_bytes: usize,
) -> Result<(*mut c_void, Option<Free>), OpenClError> {
    let functions = opened.intel_functions()?;
    let context = opened.context()?.raw();
    let pointer = opened.driver().call("clMemAllocINTEL", || {
        // SAFETY: context and device are valid and belong together.
        unsafe { functions.allocate(kind, context, opened.handle().0, size_bytes) }
    })?;
    Ok((pointer, Some(functions.free)))
}

fn svm(opened: &Opened, size_bytes: usize) -> Result<*mut c_void, OpenClError> {
    let context = opened.context()?.raw();
    opened.driver().call("clSVMAlloc", || {
        // SAFETY: the context is valid.
        unsafe { svm_alloc(context, CL_MEM_READ_WRITE | CL_MEM_SVM_FINE_GRAIN_BUFFER, size_bytes, ALIGNMENT) }
            .map_err(|code| {
                match code {
                    // A null pointer, which says no more.
                    CL_INVALID_VALUE => CL_MEM_OBJECT_ALLOCATION_FAILURE,
                    code => code,
                }
            })
    })
}

fn not_supported(device: &Device, kind: UsmKind) -> Error {
    let text = format!("`{device}` has no {kind} memory with an address");
    Error::new(ErrorKind::FeatureNotSupported, text)
}

#[cfg(test)]
mod tests {
    use super::super::{LaneOptions, discover};
    use super::*;
    use crate::backend::Lane;
    use crate::platform::MemoryId;
    use serial_test::serial;

    const KINDS: [UsmKind; 3] = [UsmKind::Device, UsmKind::Host, UsmKind::Shared];

    #[test]
    fn a_source_is_the_extension_else_fine_grained_svm_else_buffers() {
        let svm = |capabilities| move |wanted| if wanted == 0x1053 { capabilities } else { 0 };
        assert_eq!(sources(true, svm(0)), UsmSources::all(UsmSource::Buffers));
        assert_eq!(sources(false, svm(1)), UsmSources::all(UsmSource::Buffers));
        assert_eq!(sources(true, svm(0b11)), UsmSources::all(UsmSource::FineGrainSvm));
        let shared_alone = |wanted| match wanted {
            DEVICE_SINGLE_DEVICE_SHARED_MEM_CAPABILITIES_INTEL => ACCESS_INTEL,
            driver::CL_DEVICE_SVM_CAPABILITIES => 1,
            _ => 0,
        };
        let shared = UsmSource::IntelExtension;
        let mixed = UsmSources { shared, ..UsmSources::all(UsmSource::Buffers) };
        assert_eq!(sources(true, shared_alone), mixed);
        assert_eq!(sources(false, shared_alone), UsmSources::all(UsmSource::Buffers));
    }

    #[test]
    #[serial]
    fn memory_is_zero_and_aligned_and_the_lane_works_on_it_where_it_lies_until_it_is_freed() {
        let Ok(found) = discover() else { return println!("skipped: no OpenCL") };
        for found in found.devices.iter().filter(|found| found.device.memory() == MemoryId::HOST) {
            let lane = found.open(LaneOptions::default()).unwrap();
            for kind in KINDS.into_iter().filter(|kind| lane.device.usm(*kind).has_addresses()) {
                let size_bytes = 4096 + 16;
                let memory = lane.allocate_usm(kind, size_bytes).unwrap();
                let first = memory.pointer.as_ptr();
                // SAFETY: the allocation has so many bytes, and nothing works on it when this is called.
                let bytes = || unsafe { std::slice::from_raw_parts(first, size_bytes) }.to_vec();
                assert_eq!((first.addr() % ALIGNMENT as usize, bytes()), (0, vec![0; size_bytes]));
                // SAFETY: the allocation outlives what is adopted and everything submitted on it.
                let adopted = unsafe { lane.adopt(first, size_bytes) }.unwrap();
                // SAFETY: as above; the range lies in it.
                let fill = unsafe { lane.fill(&adopted, &[7], 4096, 16) }.unwrap();
                fill.wait().unwrap();
                let expected: Vec<u8> = (0..size_bytes).map(|n| if n < 4096 { 0 } else { 7 }).collect();
                assert_eq!(bytes(), expected, "{kind} memory of {}", lane.device);
                drop((fill, adopted));
                let calls = lane.driver_calls();
                drop(memory);
                assert_eq!(lane.driver_calls() - calls, 1, "freed once");
            }
        }
    }

    #[test]
    #[serial]
    fn more_than_there_is_is_an_error_that_names_kind_size_and_device() {
        let Ok(found) = discover() else { return println!("skipped: no OpenCL") };
        for found in &found.devices {
            let lane = found.open(LaneOptions::default()).unwrap();
            for kind in KINDS.into_iter().filter(|kind| lane.device.usm(*kind).has_addresses()) {
                let error = lane.allocate_usm(kind, 1 << 46).err().unwrap();
                assert_eq!(error.kind(), ErrorKind::MemoryAllocation, "{error:?}");
                let text = error.to_string();
                assert!(text.contains(&format!("{} bytes of {kind} memory", 1u64 << 46)), "{text}");
            }
        }
    }
}
