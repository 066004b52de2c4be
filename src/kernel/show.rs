//! Shows the OpenCL C of a kernel without a device, for tests of its text and for benchmarks.

use super::item::IntoShape;
use super::object::{Kernel, Runs};
use super::source::{Overflow, Source, Template, Variant, lower};
use super::tree::Site;
use crate::error::Result;

/// The OpenCL C of a kernel launched over `range`, with every check or without those that can be proven at launch.
///
/// # Errors
/// What lowering finds wrong.
pub fn opencl_c<I: super::WorkItem>(
    kernel: impl Kernel<I>,
    range: impl IntoShape,
    variant: Variant,
) -> Result<String> {
    let object = kernel.into_object_for(Runs::OnDevice);
    let mut types = Vec::new();
    (object.types)(&mut types);
    let shape = range.shape().kind;
    let template = Template {
        tree: object.tree,
        types: &types,
        constants: &object.constants,
        shape,
        overflow: Overflow::Wraps,
        native_sub_groups: false,
    };
    lower(&template, variant).map(|source: Source| source.text)
}

/// What a launch proves of one checked index.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Where it stands.
    pub site: &'static Site,
    /// Whether the kernel that runs has no check for it.
    pub proven: bool,
    /// Why it is not proven.
    pub reason: String,
}

/// What a launch of a kernel over `range` proves, for each checked index.
///
/// # Errors
/// What lowering finds wrong.
pub fn proofs<I: super::WorkItem>(kernel: impl Kernel<I>, range: impl IntoShape) -> Result<Vec<Proof>> {
    let object = kernel.into_object_for(Runs::OnDevice);
    let mut types = Vec::new();
    (object.types)(&mut types);
    let (shape, constants) = (range.shape(), object.compiled_in());
    let template = Template {
        tree: object.tree,
        types: &types,
        constants: &constants,
        shape: shape.kind,
        overflow: Overflow::Wraps,
        native_sub_groups: false,
    };
    let (checked, proven) = (lower(&template, Variant::Checked)?, lower(&template, Variant::Proven)?);
    let holds = proven.proven_by(&object.arguments, &shape);
    let is_left = |site: &Site| proven.reports.iter().any(|report| std::ptr::eq(report.site, site));
    Ok(checked
        .reports
        .iter()
        .map(|report| Proof {
            site: report.site,
            proven: holds && !is_left(report.site),
            reason: String::new(),
        })
        .collect())
}
