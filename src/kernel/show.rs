//! Shows the OpenCL C of a kernel without a device, for tests of its text and for benchmarks.

use super::argument::LaunchShape;
use super::check::{CheckSet, Checks};
use super::footprint::Needed;
use super::item::IntoShape;
use super::object::{Kernel, KernelObject, Runs};
use super::source::{Overflow, Template, lower, lower_for};
use super::tree::Site;
use crate::error::Result;

/// Which checks of indices to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// All of them.
    Checked,
    /// Those that this launch needs.
    Proven,
}

/// Which checks of indices a launch over `range` needs, each with what is known of it.
///
/// # Errors
/// What lowering finds wrong.
pub fn needed_checks<I: super::WorkItem>(
    kernel: impl Kernel<I>,
    range: impl IntoShape,
) -> Result<Vec<String>> {
    let object = kernel.into_object_for(Runs::OnDevice);
    let shape = range.shape();
    let source =
        with_template(&object, &shape, |template| lower(template, &Checks::Only(CheckSet::default())))?;
    let needed = source.footprint.explain(&object.arguments, &shape);
    Ok(needed.iter().map(ToString::to_string).collect())
}

/// The OpenCL C of a kernel launched over `range`, with every check or with those alone that such a launch needs.
///
/// # Errors
/// What lowering finds wrong.
pub fn opencl_c<I: super::WorkItem>(
    kernel: impl Kernel<I>,
    range: impl IntoShape,
    variant: Variant,
) -> Result<String> {
    let object = kernel.into_object_for(Runs::OnDevice);
    let shape = range.shape();
    let source = with_template(&object, &shape, |template| match variant {
        Variant::Checked => lower(template, &Checks::All),
        Variant::Proven => lower_for(template, &object.arguments, &shape),
    });
    source.map(|source| source.text)
}

fn with_template<R>(
    object: &KernelObject,
    shape: &LaunchShape,
    work: impl FnOnce(&Template<'_>) -> Result<R>,
) -> Result<R> {
    let mut types = Vec::new();
    (object.types)(&mut types);
    work(&Template {
        tree: object.tree,
        types: &types,
        constants: &object.compiled_in(),
        shape: shape.kind,
        overflow: Overflow::Wraps,
        native_sub_groups: false,
    })
}

/// A check of one component of an index.
#[derive(Clone, Debug)]
pub struct IndexCheck {
    /// Where the index stands.
    pub site: &'static Site,
    /// Which component.
    pub dimension: usize,
    /// Whether the code that is launched contains it; else the launch has shown that it is needless.
    pub is_kept: bool,
    /// Why it is needed, as far as that is known.
    pub reason: String,
}

/// Every check of an index that the code of a launch over `range` contains, or leaves out. What is inlined several times
/// has several for one site.
///
/// # Errors
/// What lowering finds wrong.
pub fn index_checks<I: super::WorkItem>(
    kernel: impl Kernel<I>,
    range: impl IntoShape,
) -> Result<Vec<IndexCheck>> {
    let object = kernel.into_object_for(Runs::OnDevice);
    let (arguments, shape) = (&object.arguments, range.shape());
    let none = Checks::Only(CheckSet::default());
    let bare = with_template(&object, &shape, |template| lower(template, &none))?;
    let launched = with_template(&object, &shape, |template| lower_for(template, arguments, &shape))?;
    let reasons = bare.footprint.explain(arguments, &shape);
    let left_out: Vec<_> = launched.footprint.left_out().iter().map(|check| check.name).collect();
    Ok(bare
        .footprint
        .left_out()
        .iter()
        .map(|check| {
            let is_same = |it: &&Needed| std::ptr::eq(it.site, check.site) && it.dimension == check.dimension;
            let reason = reasons.iter().find(is_same).map(Needed::to_string).unwrap_or_default();
            let is_kept = !left_out.contains(&check.name);
            IndexCheck { site: check.site, dimension: check.dimension, is_kept, reason }
        })
        .collect())
}
