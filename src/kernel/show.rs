//! Shows the OpenCL C of a kernel without a device, for tests of its text and for benchmarks.

use super::item::IntoShape;
use super::object::{Kernel, Runs};
use super::source::{Overflow, Source, Template, Variant, lower};
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
