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
mod number;
mod operation;
mod outline;
mod program;
mod tape;
#[cfg(test)]
mod tests;
mod touch;
mod value;
mod walk;

use super::argument::{Argument, LaunchShape, ShapeKind, Slice};
use super::check::{Asks, CheckSet, Checks, LeftOut};
use super::lower::Module;
use super::lower::ir::Accessor;
use super::source::with_stack;
use super::touched::Touched;
use super::tree::Site;
use super::types::{Space, Type};
use crate::error::Result;
use knowledge::Knowledge;
use launch::{Known, Order};
use number::Number;
use outline::Outline;
use parking_lot::RwLock;
use program::Program;
use smallvec::SmallVec;
use std::fmt;
use std::sync::Arc;
use tape::Tape;
use touch::Touch;
use walk::{Found, Open, Walk};

/// What the launches of a kernel must show, since its code does not check it.
#[derive(Clone, Default)]
pub struct Footprint {
    /// The code, and what of it is gone through, if it leaves checks out.
    code: Option<Arc<Code>>,
    /// The captured arguments whose values decide about it.
    reads: Arc<[usize]>,
    /// How deep its statements and values nest, one function in the other.
    depth: usize,
}

/// Code that leaves checks out.
struct Code {
    module: Module,
    /// What of it is gone through.
    outline: Outline,
    /// What was found of earlier launches, for all that are alike: the latest last.
    programs: RwLock<Vec<(ShapeKind, Program)>>,
}

/// How many programs are kept: a kernel takes few ways, and each that does not fit costs part of the time of one that does.
const MOST_PROGRAMS: usize = 6;

/// How deep code may nest that is gone through on the stack of whoever launches.
const DEPTH_ON_ANY_STACK: usize = 64;

/// The numbers of a launch on which its footprint depends: equal ones give the same footprint.
pub type LaunchNumbers = SmallVec<[u64; 16]>;

/// What a launch touches of its accessors to buffers, by captured argument; nothing of those that are not listed.
pub type TouchedArguments = SmallVec<[(usize, Touched); 4]>;

/// The positions of checks that stay open, and what is touched.
type Outcome = (SmallVec<[usize; 8]>, Option<TouchedArguments>);

/// What is found of a launch.
#[derive(Default)]
pub struct Examined {
    /// The checks that the code leaves out though the launch does not make them needless: none if it may run.
    pub open: CheckSet,
    /// What it touches; `None` where that may be anything.
    pub touched: Option<TouchedArguments>,
}

/// What is known of a check in a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Where in the source.
    pub site: &'static Site,
    /// Of what.
    pub asks: Asks,
    /// Which component of the index.
    pub dimension: usize,
    /// Why the launch needs it, if it does.
    pub needed: Option<Needed>,
}

/// Why a launch needs a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// The largest index that may occur, as far as that is found.
    pub index: Option<i128>,
    /// The length it has to stay below.
    pub length: Option<i128>,
}

impl Footprint {
    /// That of a lowered kernel.
    pub(super) fn new(module: Module) -> Self {
        let is_shared = |accessor: &Accessor| accessor.space == Space::Global;
        if module.left_out.is_empty() && !module.kernel.accessors.iter().any(is_shared) {
            return Footprint::default();
        }
        let is_number = |ty: &Type| matches!(ty, Type::Scalar(scalar) if !scalar.is_float());
        let outline = Outline::of(&module);
        let decides = |argument: &usize| outline.captured.contains(argument);
        let reads = module.values.iter().filter(|(argument, _, ty)| is_number(ty) && decides(argument));
        let reads = reads.map(|(argument, ..)| *argument).collect();
        let depth = depth::of(&module);
        Footprint {
            reads,
            depth,
            code: Some(Arc::new(Code { module, outline, programs: RwLock::default() })),
        }
    }

    /// The numbers of a launch on which the outcome depends: equal ones give the same.
    #[inline]
    pub fn numbers(&self, arguments: &[Argument], shape: &LaunchShape) -> LaunchNumbers {
        let mut numbers = LaunchNumbers::new();
        if self.code.is_none() {
            return numbers;
        }
        // In loops, since `extend` costs several times as much.
        for extent in shape.global.iter().chain(&shape.local) {
            numbers.push(*extent as u64);
        }
        for argument in arguments {
            if let Argument::Global { view, .. } | Argument::Local { view, .. } = argument {
                for extent in &view.extent[..view.dimensions] {
                    numbers.push(*extent as u64);
                }
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
        self.code.as_ref().map_or(&[], |code| &code.module.left_out)
    }

    /// What a launch needs and touches: by what was found of launches alike, else by going through the code. If that is trusted, its indices are in range by the word of the program.
    pub fn examine(&self, arguments: &[Argument], shape: &LaunchShape, trusted: bool) -> Examined {
        let Some(code) = &self.code else { return Examined::default() };
        let (open, touched) = code.known(&self.numbers(arguments, shape), shape.kind).unwrap_or_else(|| {
            let Found { open, touched } = self.found(code, arguments, shape, None);
            (open.iter().map(|open| open.number).collect(), touched.map(|touched| shown(&touched)))
        });
        let mut names = CheckSet::default();
        for left_out in open.iter().map(|number| &self.left_out()[*number]) {
            if left_out.asks != Asks::Index || !trusted {
                names.insert(left_out.name);
            }
        }
        // Without work-items nothing is touched.
        let touched = if shape.size() == 0 { Some(TouchedArguments::new()) } else { touched };
        Examined { open: names, touched }
    }

    /// What a slice of a launch touches that may run; `None` where that may be anything.
    pub fn touched(
        &self,
        arguments: &[Argument],
        shape: &LaunchShape,
        slice: Slice,
    ) -> Option<TouchedArguments> {
        self.found(self.code.as_ref()?, arguments, shape, Some(slice)).touched.map(|touched| shown(&touched))
    }

    /// Forgets what was found of earlier launches.
    pub(super) fn forget(&self) {
        if let Some(code) = &self.code {
            code.programs.write().clear();
        }
    }

    /// What is known of each check that the code leaves out.
    pub fn explain(&self, arguments: &[Argument], shape: &LaunchShape) -> Vec<Explained> {
        let Some(code) = &self.code else { return Vec::new() };
        let mut explained: Vec<Explained> = Vec::new();
        let open = self.found(code, arguments, shape, None).open;
        for (number, LeftOut { site, dimension, asks, .. }) in self.left_out().iter().enumerate() {
            let found = open.iter().find(|open| open.number == number);
            let needed = found.map(|Open { index, length, .. }| Needed { index: *index, length: *length });
            let is_same =
                |known: &&mut Explained| std::ptr::eq(known.site, *site) && known.dimension == *dimension;
            match explained.iter_mut().find(is_same) {
                Some(known) => known.needed = known.needed.or(needed),
                None => explained.push(Explained { site, asks: *asks, dimension: *dimension, needed }),
            }
        }
        explained
    }

    /// Goes through the code for one launch, and keeps what was found for those that are alike; or for a slice of one.
    fn found(&self, code: &Code, arguments: &[Argument], shape: &LaunchShape, slice: Option<Slice>) -> Found {
        let Code { module, outline, .. } = code;
        let order = Order::new(arguments, &self.reads);
        let walk = || {
            let mut knowledge = Knowledge::default();
            let launch = Known::new(module, (arguments, shape, slice), &order, &mut knowledge);
            Walk::new(module, outline, launch, knowledge).run()
        };
        let program = |found: &Found, tape: &Tape| slice.map_or_else(|| Program::new(found, tape), |_| None);
        let recorded = || tape::recorded(walk, program);
        let (found, program) =
            if self.depth > DEPTH_ON_ANY_STACK { with_stack(recorded) } else { recorded() };
        if let Some(program) = program {
            code.keep(shape.kind, program);
        }
        found
    }
}

/// What is touched in the launch at hand.
fn shown(touched: &[Touch<Number>]) -> TouchedArguments {
    let shown = |touch: &Touch<Number>| touch.map(&mut |number| Some(number.shown()));
    touched.iter().filter_map(shown).map(|touch| touch.touched()).collect()
}

impl Code {
    /// What is found of a launch with these numbers, if one that is alike was gone through: the checks that stay open, by their
    /// positions, and what is touched.
    fn known(&self, numbers: &LaunchNumbers, kind: ShapeKind) -> Option<Outcome> {
        let programs = self.programs.read();
        programs.iter().rev().filter(|(of, _)| *of == kind).find_map(|(_, program)| program.run(numbers))
    }

    fn keep(&self, kind: ShapeKind, program: Program) {
        let mut programs = self.programs.write();
        if programs.len() >= MOST_PROGRAMS {
            programs.remove(0);
        }
        programs.push((kind, program));
    }
}

/// The code that a launch may run, with as few checks as is found, and what it touches. `bare` is the code without any, and
/// `with` makes the same with some. What is given was itself gone through for the launch.
///
/// # Errors
/// Those of `with`.
pub fn safe_code<C>(
    bare: C,
    examine: impl Fn(&C) -> Examined,
    with: impl Fn(Checks) -> Result<C>,
) -> Result<(C, Option<TouchedArguments>)> {
    let (mut code, mut needed) = (bare, CheckSet::default());
    loop {
        let Examined { open, touched } = examine(&code);
        if open.is_empty() {
            return Ok((code, touched));
        }
        // What is checked in the code is not open any more, so that there is something new each time.
        let is_new = open.iter().fold(false, |is_new, name| needed.insert(name) | is_new);
        code = with(if is_new { Checks::Only(needed.clone()) } else { Checks::All })?;
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Site { file, line, subject, .. } = self.site;
        if self.asks != Asks::Index {
            let (what, never, may) = match self.asks {
                Asks::Stride => ("step", "never leads beyond all numbers", "may lead beyond all numbers"),
                Asks::Step => ("step", "is never zero", "may be zero"),
                _ => ("divisor", "is never zero", "may be zero"),
            };
            let found = match self.needed {
                None => never.to_owned(),
                Some(_) => format!("{may}, as far as the launch tells"),
            };
            return write!(f, "{file}:{line}: the {what} of `{subject}` {found}");
        }
        write!(f, "{file}:{line}: the index of `{subject}`")?;
        if self.dimension > 0 {
            write!(f, ", component {},", self.dimension)?;
        }
        match self.needed {
            None => write!(f, " is always in range"),
            Some(Needed { index: Some(index), length: Some(length) }) if index < i128::from(u32::MAX) => {
                write!(f, " may be {index}, but has to stay below {length}")
            }
            Some(_) => write!(f, " may be anything, as far as the launch tells"),
        }
    }
}

impl fmt::Debug for Footprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n_left_out = self.left_out().len();
        write!(f, "Footprint({n_left_out} checks left out)")
    }
}
