//! Shows the OpenCL C of a kernel without a device, for tests of its text and for benchmarks.

use super::argument::{Argument, LaunchShape};
use super::check::{Asks, CheckSet, Checks, LeftOut};
use super::footprint::{Explained, Footprint, LaunchNumbers, TouchedArguments, safe_code};
use super::item::IntoShape;
use super::object::{Kernel, KernelObject, Runs};
use super::source::{Overflow, Source, Template, lower, lower_for};
use super::tree::Site;
use crate::error::Result;
use rustc_hash::FxHashMap;
use std::cell::RefCell;

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
    let shape = range.shape();
    let explained = kernel.with_object(Runs::OnDevice, |object| {
        let lower = |template: &Template<'_>| lower(template, &Checks::Only(CheckSet::default()));
        with_template(object, &shape, lower).map(|bare| bare.footprint.explain(object.arguments, &shape))
    })?;
    Ok(explained.iter().filter(|check| check.needed.is_some()).map(ToString::to_string).collect())
}

/// What a launch proves of one component of an index, of a divisor or of a step.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Where that stands.
    pub site: &'static Site,
    /// What the check is of.
    pub asks: Asks,
    /// Which component.
    pub dimension: usize,
    /// Whether the code that runs has no check of it, in none of the places where it is inlined.
    pub proven: bool,
    /// What is known of it.
    pub reason: String,
}

/// What a launch of a kernel over `range` proves of each index, divisor and step, and what it touches of its accessors to buffers, by captured
/// argument; `None` where that may be anything.
///
/// # Errors
/// What lowering finds wrong.
pub fn proofs<I: super::WorkItem>(
    kernel: impl Kernel<I>,
    range: impl IntoShape,
) -> Result<(Vec<Proof>, Option<TouchedArguments>)> {
    let shape = range.shape();
    kernel.with_object(Runs::OnDevice, |object| proofs_of(object, shape))
}

fn proofs_of(
    object: &KernelObject<'_>,
    shape: LaunchShape,
) -> Result<(Vec<Proof>, Option<TouchedArguments>)> {
    let (bare, (runs, touched)) = with_template(object, &shape, |template| {
        let bare = lower(template, &Checks::Only(CheckSet::default()))?;
        // Others come first, so that what is found of them may serve.
        let examine = |source: &Source| {
            for (arguments, shape) in neighbours(object.arguments, &shape) {
                source.footprint.examine(&arguments, &shape, false);
            }
            source.footprint.examine(object.arguments, &shape, false)
        };
        Ok((bare.clone(), safe_code(bare, examine, |checks| lower(template, &checks))?))
    })?;
    let places = |source: &Source, check: &Explained| {
        let is_same = |it: &&LeftOut| std::ptr::eq(it.site, check.site) && it.dimension == check.dimension;
        source.footprint.left_out().iter().filter(is_same).count()
    };
    let explained = bare.footprint.explain(object.arguments, &shape);
    let proof = |check: &Explained| Proof {
        site: check.site,
        asks: check.asks,
        dimension: check.dimension,
        proven: places(&runs, check) == places(&bare, check),
        reason: check.to_string(),
    };
    Ok((explained.iter().map(proof).collect(), touched))
}

/// Launches that differ from one in some of their numbers by a little.
fn neighbours(arguments: &[Argument], shape: &LaunchShape) -> Vec<(Vec<Argument>, LaunchShape)> {
    let same = |extent: usize| extent;
    let more = |extent: usize| extent.saturating_add(1);
    let less = |extent: usize| extent.saturating_sub(1).max(1);
    let twice = |extent: usize| extent.saturating_mul(2);
    vec![
        neighbour(arguments, shape, more, more),
        neighbour(arguments, shape, same, twice),
        neighbour(arguments, shape, less, same),
        neighbour(arguments, shape, twice, twice),
    ]
}

/// A launch with other extents, of itself and of its accessors, and other captured values.
fn neighbour(
    arguments: &[Argument],
    shape: &LaunchShape,
    of_launch: impl Fn(usize) -> usize,
    of_accessor: impl Fn(usize) -> usize,
) -> (Vec<Argument>, LaunchShape) {
    let mut arguments = arguments.to_vec();
    for argument in &mut arguments {
        match argument {
            Argument::Global { view, .. } | Argument::Local { view, .. } => {
                view.extent = view.extent.map(&of_accessor);
            }
            Argument::Value(bytes) => bytes.iter_mut().take(1).for_each(|byte| *byte = byte.wrapping_add(1)),
            Argument::Constant(_) => {}
        }
    }
    (arguments, LaunchShape { global: shape.global.map(of_launch), ..*shape })
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
    let shape = range.shape();
    let source = kernel.with_object(Runs::OnDevice, |object| {
        with_template(object, &shape, |template| match variant {
            Variant::Checked => lower(template, &Checks::All),
            Variant::Proven => lower_for(template, object.arguments, &shape),
        })
    });
    source.map(|source| source.text)
}

/// A launch of which it is asked again and again what it needs, for benchmarks.
pub struct Launch {
    /// All that is gone through to find the code that runs, that code last.
    footprints: Vec<Footprint>,
    arguments: Vec<Argument>,
    shape: LaunchShape,
    known: FxHashMap<LaunchNumbers, usize>,
}

impl Launch {
    /// A launch of a kernel over `range`.
    ///
    /// # Errors
    /// What lowering finds wrong.
    pub fn of<I: super::WorkItem>(kernel: impl Kernel<I>, range: impl IntoShape) -> Result<Launch> {
        let shape = range.shape();
        kernel.with_object(Runs::OnDevice, |object| Launch::of_object(object, shape))
    }

    fn of_object(object: &KernelObject<'_>, shape: LaunchShape) -> Result<Launch> {
        let footprints = RefCell::new(Vec::new());
        with_template(object, &shape, |template| {
            let bare = lower(template, &Checks::Only(CheckSet::default()))?;
            let examine = |source: &Source| {
                footprints.borrow_mut().push(source.footprint.clone());
                source.footprint.examine(object.arguments, &shape, false)
            };
            safe_code(bare, examine, |checks| lower(template, &checks))
        })?;
        let footprints = footprints.into_inner();
        let known = FxHashMap::default();
        let mut launch = Launch { footprints, arguments: object.arguments.to_vec(), shape, known };
        launch.known.insert(launch.numbers(), launch.examined());
        Ok(launch)
    }

    fn numbers(&self) -> LaunchNumbers {
        let bare = self.footprints.first();
        bare.map(|bare| bare.numbers(&self.arguments, &self.shape)).unwrap_or_default()
    }

    /// Finds what is known of its numbers.
    pub fn looked_up(&self) -> Option<usize> {
        self.known.get(&self.numbers()).copied()
    }

    /// Goes through the code, as for the first numbers; gives of how many accessors something is touched.
    pub fn gone_through(&self) -> usize {
        self.footprints.iter().for_each(Footprint::forget);
        self.examined()
    }

    /// Finds what is needed as for numbers that were not seen before, but are decided about as others were; gives of how many
    /// accessors something is touched.
    pub fn examined(&self) -> usize {
        let mut n_touched = 0;
        for footprint in &self.footprints {
            let touched = footprint.examine(&self.arguments, &self.shape, false).touched;
            n_touched = touched.map_or(0, |touched| touched.len());
        }
        n_touched
    }
}

fn with_template<R>(
    object: &KernelObject<'_>,
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
        device_sub_groups: false,
        native_sub_groups: false,
        beginnings: object.beginnings(),
        is_whole: false,
    })
}
