//! `FALX_CHECKS=explain`: what is proven of each index of a kernel, and why not.

use crate::kernel::{Argument, LaunchShape, ShapeKind, Source};
use crate::platform::Device;

/// Writes to standard error what a launch proves of each index of a kernel, whose `source` has no checks of them.
pub(crate) fn explain(source: &Source, arguments: &[Argument], shape: &LaunchShape, device: &Device) {
    let checks = source.footprint.explain(arguments, shape);
    let n_proven = checks.iter().filter(|check| check.needed.is_none()).count();
    let dimensions = match shape.kind {
        ShapeKind::Single => 0,
        ShapeKind::Range(dimensions) | ShapeKind::NdRange(dimensions) => dimensions.min(3),
    };
    let mut text = format!(
        "falx: kernel `{}` over {:?} on {device}: {n_proven} of {} checks of indices are needless",
        source.title,
        &shape.global[3 - dimensions..],
        checks.len()
    );
    for check in checks {
        text += &format!("\n  {check}");
    }
    // All at once, so that the lines of several threads do not mix.
    eprintln!("{text}");
}
