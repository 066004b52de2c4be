//! `Filter`: the devices that the variable `FALX_DEVICE` lets a program see.
//!
//! Turns text such as `opencl:gpu,host` into alternatives, and a list of devices into those that fit one of them.

use super::listing::list;
use super::{Device, DeviceKind};
use crate::error::{Error, ErrorKind, Result};

/// The name of the variable.
pub const VARIABLE: &str = "FALX_DEVICE";

/// Which devices may be used: those that fit one of the alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    text: String,
    alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Alternative {
    /// `host`, `cpu`, `gpu`, `accelerator`, also after `opencl:`.
    Kind(DeviceKind),
    /// `opencl`.
    OpenCl,
    /// `opencl:1.0`: the platform's and the device's number.
    Number { platform: usize, device: usize },
    /// Part of the device's or the platform's name, in lower case.
    Name(String),
}

impl Filter {
    /// What the environment says; `None` if the variable is not set or empty.
    ///
    /// # Errors
    /// As for [`Filter::parse`].
    pub fn from_environment() -> Result<Option<Self>> {
        match std::env::var_os(VARIABLE) {
            Some(value) if !value.is_empty() => Self::parse(&value.to_string_lossy()).map(Some),
            _ => Ok(None),
        }
    }

    /// Reads alternatives separated by commas: `host`, `cpu`, `gpu`, `opencl` (or `opencl:*`), `opencl:cpu`, `opencl:gpu`,
    /// `opencl:<platform>.<device>`, or part of a platform's or device's name such as `pocl` or `intel`.
    ///
    /// # Errors
    /// [`ErrorKind::Platform`] naming the alternative that is not one of these.
    pub fn parse(text: &str) -> Result<Self> {
        let alternatives = text.split(',').map(|part| alternative(part, text)).collect::<Result<_>>()?;
        Ok(Filter { text: text.to_owned(), alternatives })
    }

    /// The devices that fit, in the order in which they were found.
    ///
    /// # Errors
    /// [`ErrorKind::Platform`] if none fits, with what there is.
    pub fn apply(&self, devices: &[Device]) -> Result<Vec<Device>> {
        let fitting: Vec<_> = devices.iter().filter(|device| self.fits(device)).cloned().collect();
        if fitting.is_empty() {
            let text =
                format!("{VARIABLE} is `{}`, which no device fits; there is\n{}", self.text, list(devices));
            return Err(Error::new(ErrorKind::Platform, text));
        }
        Ok(fitting)
    }

    fn fits(&self, device: &Device) -> bool {
        self.alternatives.iter().any(|alternative| alternative.fits(device))
    }
}

impl Alternative {
    fn fits(&self, device: &Device) -> bool {
        match self {
            Alternative::Kind(kind) => device.kind() == *kind,
            Alternative::OpenCl => !device.is_host(),
            Alternative::Number { platform, device: number } => {
                !device.is_host() && device.platform().index == *platform && device.index() == *number
            }
            Alternative::Name(name) => {
                let holds = |text: &str| text.to_lowercase().contains(name);
                !device.is_host() && (holds(device.name()) || holds(&device.platform().name))
            }
        }
    }
}

fn alternative(part: &str, text: &str) -> Result<Alternative> {
    let part = part.trim().to_lowercase();
    match part.split_once(':') {
        Some(("opencl", rest)) => opencl_alternative(rest).ok_or_else(|| unknown(&part, text)),
        Some(_) => Err(unknown(&part, text)),
        None if part.is_empty() => Err(unknown(&part, text)),
        None => Ok(plain_alternative(part)),
    }
}

fn opencl_alternative(rest: &str) -> Option<Alternative> {
    match rest {
        "cpu" => Some(Alternative::Kind(DeviceKind::Cpu)),
        "gpu" => Some(Alternative::Kind(DeviceKind::Gpu)),
        "accelerator" => Some(Alternative::Kind(DeviceKind::Accelerator)),
        "*" => Some(Alternative::OpenCl),
        numbers => {
            let (platform, device) = numbers.split_once('.')?;
            Some(Alternative::Number { platform: platform.parse().ok()?, device: device.parse().ok()? })
        }
    }
}

fn plain_alternative(part: String) -> Alternative {
    match part.as_str() {
        "host" => Alternative::Kind(DeviceKind::Host),
        "cpu" => Alternative::Kind(DeviceKind::Cpu),
        "gpu" => Alternative::Kind(DeviceKind::Gpu),
        "accelerator" => Alternative::Kind(DeviceKind::Accelerator),
        "opencl" => Alternative::OpenCl,
        // What everybody calls PoCL, its platform spells out.
        "pocl" => Alternative::Name("portable computing language".to_owned()),
        _ => Alternative::Name(part),
    }
}

fn unknown(part: &str, text: &str) -> Error {
    let text = format!(
        "{VARIABLE} is `{text}`, in which `{part}` is not understood; write `host`, `cpu`, `gpu`, `opencl`, \
         `opencl:cpu`, `opencl:gpu`, `opencl:<platform>.<device>` or part of a device's name, separated by commas"
    );
    Error::new(ErrorKind::Platform, text)
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    fn fitting(text: &str) -> Vec<u16> {
        let devices = Filter::parse(text).unwrap().apply(&sample::devices()).unwrap();
        devices.iter().map(|device| device.id().0).collect()
    }

    #[test]
    fn every_form_fits_the_devices_it_names() {
        assert_eq!(fitting("host"), [0]);
        assert_eq!(fitting("opencl"), [1, 2, 3]);
        assert_eq!(fitting("opencl:cpu"), [1, 2]);
        assert_eq!(fitting("cpu"), [1, 2]);
        assert_eq!(fitting("opencl:gpu"), [3]);
        assert_eq!(fitting("gpu"), [3]);
        assert_eq!(fitting("opencl:1.0"), [2]);
        assert_eq!(fitting("opencl:1.1"), [3]);
        assert_eq!(fitting("PoCL"), [1]);
        assert_eq!(fitting("intel"), [2, 3]);
        assert_eq!(fitting("arc"), [3]);
    }

    #[test]
    fn alternatives_add_up_in_the_order_of_discovery() {
        assert_eq!(fitting("gpu, host,pocl"), [0, 1, 3]);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (text, part) in [("cuda:0", "`cuda:0`"), ("host,opencl:1.x", "`opencl:1.x`"), ("host,", "``")] {
            let error = Filter::parse(text).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Platform);
            assert!(error.to_string().contains(&format!("in which {part} is not understood")), "{error}");
        }
    }

    #[test]
    fn filter_that_nothing_fits_is_an_error_that_lists_what_there_is() {
        let error = Filter::parse("nvidia").unwrap().apply(&sample::devices()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Platform);
        let text = error.to_string();
        assert!(text.starts_with("FALX_DEVICE is `nvidia`, which no device fits; there is\n"), "{text}");
        assert!(text.contains("[opencl:1.1]") && text.contains("[host]"), "{text}");
    }
}
