//! Turns what the loader offers into `Device`s: plain data about every platform and device that answers.
//!
//! What does not answer is left out and the reason kept. Opens nothing, except CPU devices for the probe of their memory.

use super::device::Opened;
use super::error::{LIBRARY_MISSING, OpenClError};
use super::handle::DeviceHandle;
use super::{probe, usm};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Aspects, Device, DeviceId, DeviceInfo, DeviceKind, Limits, MemoryId, PlatformInfo};
use crate::platform::{UsmSource, UsmSources};
use cl3::device as driver;
use opencl3::types::{cl_device_id, cl_device_info, cl_int, cl_platform_id};
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Arc;

/// What was found.
pub struct Discovery {
    /// The devices, platform by platform, with numbers from 1 on.
    pub devices: Vec<Found>,
    /// Why platforms or devices were left out, one sentence each.
    pub problems: Vec<String>,
}

/// A device that was found, and can be opened.
pub struct Found {
    /// What is known of it.
    pub device: Device,
    pub(super) opened: Arc<Opened>,
}

/// Asks every OpenCL driver for its devices.
///
/// Cost: some milliseconds; CPU devices are opened to see whether they work on host memory in place.
///
/// # Errors
/// [`crate::ErrorKind::Platform`] if there is no OpenCL on this machine, with what to install.
pub fn discover() -> Result<Discovery> {
    check_named_library(std::env::var_os(LIBRARY_VARIABLE).as_deref())?;
    let platforms = cl3::platform::get_platform_ids().map_err(no_platform)?;
    let mut discovery = Discovery { devices: Vec::new(), problems: Vec::new() };
    for (index, &platform) in platforms.iter().enumerate() {
        discovery.add_platform(index, platform);
    }
    Ok(discovery)
}

/// Where `cl3` looks for the loader first; paths are separated by `;`.
const LIBRARY_VARIABLE: &str = "OPENCL_DYLIB_PATH";
const INSTALL: &str = "install the loader (Debian: `ocl-icd-libopencl1`) and a driver (`pocl-opencl-icd`)";

/// Refuses paths to nothing: `cl3` would silently take another library than the one that was named.
fn check_named_library(named: Option<&OsStr>) -> Result<()> {
    let Some(named) = named.and_then(OsStr::to_str).filter(|named| !named.is_empty()) else { return Ok(()) };
    // A plain file name is for the system's search path to find.
    let may_exist = |path: &str| !path.contains('/') || Path::new(path).exists();
    if named.split(';').any(may_exist) {
        return Ok(());
    }
    let text = format!("{LIBRARY_VARIABLE} is `{named}`, where no library is; unset it, or {INSTALL}");
    Err(Error::with_source(ErrorKind::Platform, text, OpenClError::new("dlopen", LIBRARY_MISSING)))
}

fn no_platform(code: cl_int) -> Error {
    OpenClError::new("clGetPlatformIDs", code).of_with("looking for OpenCL platforms", INSTALL)
}

impl Discovery {
    fn add_platform(&mut self, index: usize, platform: cl_platform_id) {
        let info = match platform_info(index, platform) {
            Ok(info) => Arc::new(info),
            Err(error) => {
                return self.problems.push(format!("OpenCL platform {index} does not answer: {error}"));
            }
        };
        let devices = match cl3::device::get_device_ids(platform, driver::CL_DEVICE_TYPE_ALL) {
            Ok(devices) => devices,
            Err(code) => {
                let error = OpenClError::new("clGetDeviceIDs", code);
                return self
                    .problems
                    .push(format!("OpenCL platform `{}` lists no devices: {error}", info.name));
            }
        };
        for (index, &device) in devices.iter().enumerate() {
            if let Err(reason) = self.add_device(&info, index, device) {
                self.problems.push(format!("device {index} of `{}` cannot be used: {reason}", info.name));
            }
        }
    }

    fn add_device(
        &mut self,
        platform: &Arc<PlatformInfo>,
        index: usize,
        device: cl_device_id,
    ) -> Result<(), String> {
        let next = u16::try_from(self.devices.len() + 1).map_err(|_| "there are too many devices")?;
        let query = Query(device);
        check_usable(&query).map_err(|error| error.to_string())?;
        let mut info = device_info(&query, platform, index, next).map_err(|error| error.to_string())?;
        let opened = Arc::new(Opened::new(DeviceHandle(device), &info.name));
        if probe::works_in_place(info.kind, &opened) {
            info.memory = MemoryId::HOST;
            info.usm = usm::sources(has_intel_usm(&query), |property| query.optional(property));
        }
        self.devices.push(Found { device: Device(Arc::new(info)), opened });
        Ok(())
    }
}

/// What is known of a device that the program brings.
///
/// # Errors
/// Why falx cannot use it.
pub(super) fn device_of_the_program(device: cl_device_id, number: DeviceId) -> Result<DeviceInfo> {
    let query = Query(device);
    let failed = |error: OpenClError| error.of("asking what a `cl_device_id` is");
    check_usable(&query).map_err(|reason| {
        Error::new(ErrorKind::Platform, format!("the `cl_device_id` cannot be used: {reason}"))
    })?;
    let platform: cl_platform_id =
        super::native::handle_of(&query.bytes(driver::CL_DEVICE_PLATFORM).map_err(failed)?);
    let position = |of: &cl_platform_id| *of == platform;
    let platforms = cl3::platform::get_platform_ids().map_err(no_platform)?;
    let info = platform_info(platforms.iter().position(position).unwrap_or(0), platform).map_err(failed)?;
    let siblings = cl3::device::get_device_ids(platform, driver::CL_DEVICE_TYPE_ALL).unwrap_or_default();
    let index = siblings.iter().position(|sibling| *sibling == device).unwrap_or(0);
    device_info(&query, &Arc::new(info), index, number.0).map_err(failed)
}

/// Reads properties of one device.
struct Query(cl_device_id);

impl Query {
    fn bytes(&self, property: cl_device_info) -> Result<Vec<u8>, OpenClError> {
        driver::get_device_data(self.0, property).map_err(|code| OpenClError::new("clGetDeviceInfo", code))
    }

    fn text(&self, property: cl_device_info) -> Result<String, OpenClError> {
        self.bytes(property).map(|bytes| text(&bytes))
    }

    /// An integer of whatever width the driver gives it.
    fn number(&self, property: cl_device_info) -> Result<u64, OpenClError> {
        self.bytes(property).map(|bytes| number(&bytes))
    }

    fn size(&self, property: cl_device_info) -> Result<usize, OpenClError> {
        self.number(property).map(|number| usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// Zero where the driver does not know the property: it came with a later version.
    fn optional(&self, property: cl_device_info) -> u64 {
        self.number(property).unwrap_or(0)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').trim().to_owned()
}

/// A little-endian number of whatever width.
pub(super) fn number(bytes: &[u8]) -> u64 {
    let mut padded = [0; 8];
    let length = bytes.len().min(8);
    padded[..length].copy_from_slice(&bytes[..length]);
    u64::from_le_bytes(padded)
}

fn platform_info(index: usize, platform: cl_platform_id) -> Result<PlatformInfo, OpenClError> {
    let read = |property| {
        cl3::platform::get_platform_data(platform, property)
            .map(|bytes| text(&bytes))
            .map_err(|code| OpenClError::new("clGetPlatformInfo", code))
    };
    Ok(PlatformInfo {
        index,
        name: read(cl3::platform::CL_PLATFORM_NAME)?,
        vendor: read(cl3::platform::CL_PLATFORM_VENDOR)?,
        version: read(cl3::platform::CL_PLATFORM_VERSION)?,
    })
}

fn check_usable(query: &Query) -> Result<(), Box<dyn std::error::Error>> {
    if query.number(driver::CL_DEVICE_AVAILABLE)? == 0 {
        return Err("the driver says that it is not available".into());
    }
    if query.number(driver::CL_DEVICE_COMPILER_AVAILABLE)? == 0 {
        return Err("it has no OpenCL C compiler".into());
    }
    if query.number(driver::CL_DEVICE_ENDIAN_LITTLE)? == 0 {
        return Err("it stores bytes in big-endian order, which falx does not support".into());
    }
    Ok(())
}

fn device_info(
    query: &Query,
    platform: &Arc<PlatformInfo>,
    index: usize,
    number: u16,
) -> Result<DeviceInfo, OpenClError> {
    Ok(DeviceInfo {
        id: DeviceId(number),
        memory: MemoryId(number),
        platform: Arc::clone(platform),
        index,
        kind: kind(query.number(driver::CL_DEVICE_TYPE)?),
        name: query.text(driver::CL_DEVICE_NAME)?,
        vendor: query.text(driver::CL_DEVICE_VENDOR)?,
        version: query.text(driver::CL_DEVICE_VERSION)?,
        driver_version: query.text(driver::CL_DRIVER_VERSION)?,
        aspects: aspects(query)?,
        limits: limits(query, platform)?,
        // Where host and device do not work on one memory, buffers move what either needs.
        usm: UsmSources::all(UsmSource::Buffers),
    })
}

fn kind(device_type: u64) -> DeviceKind {
    if device_type & driver::CL_DEVICE_TYPE_GPU != 0 {
        DeviceKind::Gpu
    } else if device_type & driver::CL_DEVICE_TYPE_CPU != 0 {
        DeviceKind::Cpu
    } else {
        DeviceKind::Accelerator
    }
}

fn aspects(query: &Query) -> Result<Aspects, OpenClError> {
    let extensions = query.text(driver::CL_DEVICE_EXTENSIONS)?;
    let has = |wanted: &str| extensions.split_ascii_whitespace().any(|extension| extension == wanted);
    let single = query.number(driver::CL_DEVICE_SINGLE_FP_CONFIG)?;
    Ok(Aspects {
        fp16: has("cl_khr_fp16"),
        fp64: has("cl_khr_fp64") || query.optional(driver::CL_DEVICE_DOUBLE_FP_CONFIG) != 0,
        atomic64: has("cl_khr_int64_base_atomics") && has("cl_khr_int64_extended_atomics"),
        atomic_system: atomics_are_the_processors(query)?,
        sub_groups: has("cl_khr_subgroups")
            || has("cl_intel_subgroups")
            || query.optional(driver::CL_DEVICE_MAX_NUM_SUB_GROUPS) != 0,
        sub_groups_of_16: has("cl_intel_subgroups")
            && has("cl_intel_required_subgroup_size")
            && sub_group_sizes(query).contains(&16),
        usm: has("cl_intel_unified_shared_memory") || query.optional(driver::CL_DEVICE_SVM_CAPABILITIES) != 0,
        exact_f32: single & driver::CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT != 0,
    })
}

fn has_intel_usm(query: &Query) -> bool {
    let extensions = query.text(driver::CL_DEVICE_EXTENSIONS).unwrap_or_default();
    extensions.split_ascii_whitespace().any(|extension| extension == "cl_intel_unified_shared_memory")
}

/// The sizes that a kernel can ask its sub-groups to have.
fn sub_group_sizes(query: &Query) -> Vec<usize> {
    const SUB_GROUP_SIZES_INTEL: cl_device_info = 0x4108;
    let sizes = query.bytes(SUB_GROUP_SIZES_INTEL).unwrap_or_default();
    sizes.chunks_exact(size_of::<usize>()).map(|bytes| number(bytes) as usize).collect()
}

/// Whether atomic operations hold for the whole system. Those of OpenCL C 1.2, which falx prints, hold for the device alone,
/// but on a processor that says it has the others they are the same instructions.
fn atomics_are_the_processors(query: &Query) -> Result<bool, OpenClError> {
    let scopes = query.optional(driver::CL_DEVICE_ATOMIC_MEMORY_CAPABILITIES);
    let is_processor = kind(query.number(driver::CL_DEVICE_TYPE)?) == DeviceKind::Cpu;
    Ok(is_processor && scopes & driver::CL_DEVICE_ATOMIC_SCOPE_ALL_DEVICES != 0)
}

/// What PoCL's CPU devices have for the private arrays of a whole work-group, which they keep on the stack of a thread: half
/// of the 8 MiB that threads usually get. Beyond it the process would die.
const POCL_PRIVATE_MEMORY_BYTES: usize = 4 << 20;

/// What the widest vectors are aligned to, whatever a device asks for.
const LARGEST_ELEMENT_BYTES: usize = 128;

fn limits(query: &Query, platform: &PlatformInfo) -> Result<Limits, OpenClError> {
    let is_pocl = platform.name == "Portable Computing Language";
    let sizes = query.bytes(driver::CL_DEVICE_MAX_WORK_ITEM_SIZES)?;
    let mut sizes = sizes.chunks_exact(size_of::<usize>()).map(|bytes| number(bytes) as usize);
    // OpenCL's first dimension varies fastest, falx's last one.
    let [first, second, third] = std::array::from_fn(|_| sizes.next().unwrap_or(1));
    // PoCL 3.1 dies when it copies boxes from or to parts of buffers, and later versions are known to, in other cases.
    let alignment_bytes = (query.size(driver::CL_DEVICE_MEM_BASE_ADDR_ALIGN)? / 8).max(LARGEST_ELEMENT_BYTES);
    Ok(Limits {
        max_compute_units: query.size(driver::CL_DEVICE_MAX_COMPUTE_UNITS)?,
        max_work_group_size: query.size(driver::CL_DEVICE_MAX_WORK_GROUP_SIZE)?,
        max_work_item_sizes: [third, second, first],
        local_memory_bytes: query.size(driver::CL_DEVICE_LOCAL_MEM_SIZE)?,
        global_memory_bytes: query.size(driver::CL_DEVICE_GLOBAL_MEM_SIZE)?,
        max_allocation_bytes: query.size(driver::CL_DEVICE_MAX_MEM_ALLOC_SIZE)?,
        max_parameter_bytes: query.size(driver::CL_DEVICE_MAX_PARAMETER_SIZE)?,
        private_memory_bytes: if is_pocl { POCL_PRIVATE_MEMORY_BYTES } else { usize::MAX },
        memory_alignment_bytes: if is_pocl { None } else { Some(alignment_bytes) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_of_any_width_is_read() {
        assert_eq!(number(&1u32.to_le_bytes()), 1);
        assert_eq!(number(&(1u64 << 40).to_le_bytes()), 1 << 40);
        assert_eq!(number(&[]), 0);
    }

    #[test]
    fn missing_library_is_an_error_that_says_what_to_install() {
        let error = no_platform(LIBRARY_MISSING);
        assert_eq!(error.kind(), crate::ErrorKind::Platform);
        assert!(error.to_string().contains("ocl-icd-libopencl1"), "{error}");
        assert!(error.to_string().contains("pocl-opencl-icd"), "{error}");
    }
}
