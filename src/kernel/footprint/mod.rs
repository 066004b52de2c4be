//! Footprints: which elements a kernel's accesses may touch, as far as a launch decides it, so that checks may be left out.
//!
//! A kernel that was lowered without some checks must not run before its launch has shown that they are needless. The code
//! that runs is the code that is gone through here, with the numbers of the launch in the place of captured scalars, extents
//! and ranges. Says "not shown" whenever it is in doubt; never looks at data.

mod code;
mod depth;
mod form;
mod knowledge;
mod launch;
mod merge;
mod method;
mod operation;
#[cfg(test)]
mod tests;
mod value;
mod walk;

use super::argument::{Argument, LaunchShape};
use super::check::{CheckSet, LeftOut};
use super::lower::Module;
use super::source::with_stack;
use super::tree::Site;
use super::types::Type;
use knowledge::Knowledge;
use launch::Known;
use smallvec::SmallVec;
use std::fmt;
use std::sync::Arc;
use walk::{Open, Walk};

/// What the launches of a kernel must show, since its code does not check it.
#[derive(Clone, Default)]
pub struct Footprint {
    /// The code, if it leaves checks out.
    module: Option<Arc<Module>>,
    /// The captured arguments whose values decide about it.
    reads: Arc<[usize]>,
    /// How deep its statements and values nest, one function in the other.
    depth: usize,
}

/// How deep code may nest that is gone through on the stack of whoever launches.
const DEPTH_ON_ANY_STACK: usize = 64;

/// The numbers of a launch on which its footprint depends: equal ones give the same footprint.
pub type LaunchNumbers = SmallVec<[u64; 16]>;

/// A check that a launch needs, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Where in the source.
    pub site: &'static Site,
    /// Which component of the index.
    pub dimension: usize,
    /// The largest index that may occur, as far as that is found.
    pub index: Option<i128>,
    /// The length it has to stay below.
    pub length: Option<i128>,
}

impl Footprint {
    /// That of a lowered kernel.
    pub(super) fn new(module: Module) -> Self {
        if module.left_out.is_empty() {
            return Footprint::default();
        }
        let decides = |ty: &Type| matches!(ty, Type::Scalar(scalar) if !scalar.is_float());
        let reads = module.values.iter().filter(|(.., ty)| decides(ty)).map(|(argument, ..)| *argument);
        Footprint { reads: reads.collect(), depth: depth::of(&module), module: Some(Arc::new(module)) }
    }

    /// The numbers of a launch on which the outcome depends: equal ones give the same.
    pub fn numbers(&self, arguments: &[Argument], shape: &LaunchShape) -> LaunchNumbers {
        let mut numbers = LaunchNumbers::new();
        if self.module.is_none() {
            return numbers;
        }
        numbers.extend(shape.global.iter().chain(&shape.local).map(|extent| *extent as u64));
        for argument in arguments {
            if let Argument::Global { view, .. } | Argument::Local { view, .. } = argument {
                numbers.extend(view.extent[..view.dimensions].iter().map(|extent| *extent as u64));
            }
        }
        for argument in &*self.reads {
            if let Some(Argument::Value(bytes)) = arguments.get(*argument) {
                let mut word = [0; 8];
                word.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
                numbers.push(u64::from_ne_bytes(word));
            }
        }
        numbers
    }

    /// The checks that the code leaves out.
    pub fn left_out(&self) -> &[LeftOut] {
        self.module.as_ref().map_or(&[], |module| &module.left_out)
    }

    /// The checks that the code leaves out though this launch does not make them needless: none if it may run.
    pub fn open(&self, arguments: &[Argument], shape: &LaunchShape) -> CheckSet {
        let mut set = CheckSet::default();
        for (left_out, _) in self.found(arguments, shape) {
            set.insert(left_out.name);
        }
        set
    }

    /// Why each of these checks is needed.
    pub fn explain(&self, arguments: &[Argument], shape: &LaunchShape) -> Vec<Needed> {
        let mut needed: Vec<Needed> = Vec::new();
        for (LeftOut { site, dimension, .. }, Open { index, length, .. }) in self.found(arguments, shape) {
            let is_same = |known: &Needed| std::ptr::eq(known.site, site) && known.dimension == dimension;
            if !needed.iter().any(is_same) {
                needed.push(Needed { site, dimension, index, length });
            }
        }
        needed
    }

    fn found(&self, arguments: &[Argument], shape: &LaunchShape) -> Vec<(LeftOut, Open)> {
        let Some(module) = &self.module else { return Vec::new() };
        let walk = || {
            let mut knowledge = Knowledge::default();
            let launch = Known::new(module, arguments, shape, &mut knowledge);
            Walk::new(module, launch, knowledge).run()
        };
        let open = if self.depth > DEPTH_ON_ANY_STACK { with_stack(walk) } else { walk() };
        open.into_iter().map(|open| (module.left_out[open.number], open)).collect()
    }
}

impl fmt::Display for Needed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Site { file, line, subject, .. } = self.site;
        write!(f, "{file}:{line}: the index of `{subject}`")?;
        if self.dimension > 0 {
            write!(f, ", component {},", self.dimension)?;
        }
        match (self.index, self.length) {
            (Some(index), Some(length)) if index < i128::from(u32::MAX) => {
                write!(f, " may be {index}, but has to stay below {length}")
            }
            _ => write!(f, " may be anything, as far as the launch tells"),
        }
    }
}

impl fmt::Debug for Footprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n_left_out = self.module.as_ref().map_or(0, |module| module.left_out.len());
        write!(f, "Footprint({n_left_out} checks left out)")
    }
}
