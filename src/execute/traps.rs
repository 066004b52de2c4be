//! What failed checks of a launch become: the error that everybody gets who waits for it.
//!
//! The record is read when the launch is seen complete, which somebody waits for anyway; launches whose checks were all
//! proven away have none.

use super::kernels::Compiled;
use super::sheet::Sheet;
use crate::error::{Error, ErrorKind, Result};
use crate::kernel::{LaunchShape, ParameterBytes, decode, is_clear};

/// The first failure that a complete launch reported, if any. Answers the same however often it is asked.
///
/// # Errors
/// The failure: kernel, file, line, work-item, and what the check found.
pub(crate) fn result(
    record: &Sheet,
    kernel: &Compiled,
    parameters: &ParameterBytes,
    shape: &LaunchShape,
) -> Result<()> {
    if is_clear(record.words()) {
        return Ok(());
    }
    let argument = |content| kernel.source.signature.number_in(parameters, content);
    let text = decode(record.words(), |code| kernel.source.report(code), argument)
        .map(|trap| trap.site.describe(kernel.source.title, trap.item, shape));
    let text = text.unwrap_or_else(|| format!("kernel `{}`: a check failed", kernel.source.title));
    Err(Error::new(ErrorKind::Kernel, text))
}
