//! Every device there is: the host device, then what the OpenCL drivers offer.

use super::opencl::{self, LaneOptions};
use super::{Lane, host};
use crate::error::{Error, ErrorKind, Result};
use crate::platform::{Device, DeviceId};
use std::sync::Arc;

/// What was found.
pub struct Discovery {
    /// The devices in the order of their numbers; the host device is the first.
    pub devices: Vec<Device>,
    /// Why devices are missing, each with what to do about it.
    pub problems: Vec<String>,
    opencl: Vec<opencl::Found>,
}

/// Looks for devices. Never fails: the host device is always there.
pub fn discover() -> Discovery {
    let mut devices = vec![host::device()];
    let (opencl, problems) = match opencl::discover() {
        Ok(found) => (found.devices, found.problems),
        Err(error) => (Vec::new(), vec![error.to_string()]),
    };
    devices.extend(opencl.iter().map(|found| found.device.clone()));
    Discovery { devices, problems, opencl }
}

impl Discovery {
    /// Opens a lane of a device.
    ///
    /// # Errors
    /// What the driver reports; [`ErrorKind::Platform`] if the device is none of these.
    pub fn open(&self, device: &Device) -> Result<Arc<dyn Lane>> {
        if device.id() == DeviceId::HOST {
            return Ok(Arc::new(host::HostLane::new(device.clone())?));
        }
        let found = self.opencl.iter().find(|found| found.device.id() == device.id()).ok_or_else(|| {
            Error::new(ErrorKind::Platform, format!("device `{device}` is not one of those that were found"))
        })?;
        // Times cost a tenth of a microsecond a command, and any queue may ask for them.
        Ok(Arc::new(found.open(LaneOptions { profiling: true })?))
    }
}
