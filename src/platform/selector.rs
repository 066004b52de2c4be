//! `Selector`: how a device is chosen.

use super::listing::list;
use super::{Device, DeviceKind};
use crate::error::{Error, ErrorKind, Result};
use std::fmt;
use std::sync::Arc;

/// Chooses a device by score: the highest wins, none below zero.
///
/// Source: SYCL 2020, section 4.6.1.1.
#[derive(Clone)]
pub struct Selector(Choice);

#[derive(Clone)]
enum Choice {
    Default,
    Kind(DeviceKind),
    By(Arc<dyn Fn(&Device) -> i32 + Send + Sync>),
}

impl Selector {
    /// Any CPU OpenCL device.
    pub fn cpu() -> Self {
        Selector(Choice::Kind(DeviceKind::Cpu))
    }
    /// Any GPU.
    pub fn gpu() -> Self {
        Selector(Choice::Kind(DeviceKind::Gpu))
    }
    /// The host device.
    pub fn host() -> Self {
        Selector(Choice::Kind(DeviceKind::Host))
    }
    /// The device with the highest score; devices with a negative score are never chosen.
    pub fn by(score: impl Fn(&Device) -> i32 + Send + Sync + 'static) -> Self {
        Selector(Choice::By(Arc::new(score)))
    }

    /// The device with the highest score among `devices`; of equal ones the first.
    ///
    /// # Errors
    /// [`ErrorKind::Platform`] if no device fits, with the devices that exist.
    pub fn choose(&self, devices: &[Device]) -> Result<Device> {
        let mut best: Option<(i32, &Device)> = None;
        for device in devices {
            let score = self.score(device);
            if score >= 0 && best.is_none_or(|(highest, _)| score > highest) {
                best = Some((score, device));
            }
        }
        best.map(|(_, device)| device.clone()).ok_or_else(|| self.nothing_fits(devices))
    }

    fn score(&self, device: &Device) -> i32 {
        match &self.0 {
            Choice::Default => default_score(device),
            Choice::Kind(kind) if device.kind() == *kind => 0,
            Choice::Kind(_) => -1,
            Choice::By(score) => score(device),
        }
    }

    fn nothing_fits(&self, devices: &[Device]) -> Error {
        let wanted = match &self.0 {
            Choice::Default => "a device",
            Choice::Kind(DeviceKind::Host) => "the host device",
            Choice::Kind(DeviceKind::Cpu) => "an OpenCL CPU device",
            Choice::Kind(DeviceKind::Gpu) => "a GPU",
            Choice::Kind(DeviceKind::Accelerator) => "an accelerator",
            Choice::By(_) => "a device with a score of zero or more",
        };
        let there = if devices.is_empty() {
            "there are none".to_owned()
        } else {
            format!("there is\n{}", list(devices))
        };
        Error::new(ErrorKind::Platform, format!("{wanted} was asked for, but {there}"))
    }
}

fn default_score(device: &Device) -> i32 {
    match device.kind() {
        DeviceKind::Gpu => 3,
        DeviceKind::Cpu => 2,
        // Accelerators often are simulators or run precompiled kernels only.
        DeviceKind::Accelerator => 0,
        DeviceKind::Host => 1,
    }
}

impl Default for Selector {
    /// A GPU if there is one, else an OpenCL CPU device, else the host device.
    fn default() -> Self {
        Selector(Choice::Default)
    }
}

impl fmt::Debug for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Choice::Default => f.write_str("Selector::default()"),
            Choice::Kind(kind) => write!(f, "Selector::{kind:?}"),
            Choice::By(_) => f.write_str("Selector::by(..)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn chosen(selector: &Selector, devices: &[Device]) -> u16 {
        selector.choose(devices).unwrap().id().0
    }

    #[test]
    fn default_is_a_gpu_then_an_opencl_cpu_device_then_the_host() {
        let devices = sample::devices();
        assert_eq!(chosen(&Selector::default(), &devices), 3);
        assert_eq!(chosen(&Selector::default(), &devices[..3]), 1);
        assert_eq!(chosen(&Selector::default(), &devices[..1]), 0);
    }

    #[test]
    fn kinds_choose_the_first_device_of_their_kind() {
        let devices = sample::devices();
        assert_eq!(chosen(&Selector::cpu(), &devices), 1);
        assert_eq!(chosen(&Selector::gpu(), &devices), 3);
        assert_eq!(chosen(&Selector::host(), &devices), 0);
    }

    #[test]
    fn own_score_chooses_the_highest_and_never_a_negative_one() {
        let devices = sample::devices();
        assert_eq!(chosen(&Selector::by(|device| i32::from(device.id().0 == 2)), &devices), 2);
        let error = Selector::by(|_| -1).choose(&devices).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Platform);
    }

    #[test]
    fn error_says_what_was_asked_for_and_which_devices_exist() {
        let error = Selector::gpu().choose(&sample::devices()[..2]).unwrap_err();
        let expected = "a GPU was asked for, but there is\n[host] host device\n\
            [opencl:0.0] Portable Computing Language, cpu, pthread-cpu, OpenCL 3.0";
        assert_eq!(error.to_string(), expected);
        assert_eq!(
            Selector::gpu().choose(&[]).unwrap_err().to_string(),
            "a GPU was asked for, but there are none"
        );
    }
}
