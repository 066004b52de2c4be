//! Goes through the code of a kernel once, for all work-items of one launch at a time.
//!
//! What a variable holds is a form over symbols, equal to its value up to what wraps around: sums and products need not fit
//! on the way, as long as the result does where it is used. Whatever this cannot follow becomes a symbol of its own.

use super::form::Form;
use super::knowledge::{Bounds, Knowledge, Made, Truth};
use super::launch::{Known, limits};
use super::number::Number;
use super::outline::Outline;
use super::touch::{Sides, Touch, Touches};
use crate::kernel::lower::Module;
use crate::kernel::lower::ir::*;
use crate::kernel::types::{Scalar, Type};
use std::rc::Rc;

/// What is known of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Held {
    /// An integer.
    Number(Form),
    /// A `bool`.
    Truth(Rc<Truth>),
    /// An array, id, range, tuple or struct by its parts.
    Parts(Rc<[Held]>),
    /// Nothing.
    Anything,
}

/// A check that the code leaves out and that was not shown to be needless.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    pub number: usize,
    /// The largest index, and the length it should stay below, as far as they are known.
    pub index: Option<i128>,
    pub length: Option<i128>,
}

/// What is found of a launch.
pub(super) struct Found {
    pub open: Vec<Open>,
    /// What is touched of each accessor to a buffer; `None` where that may be anything.
    pub touched: Option<Vec<Touch<Number>>>,
}

/// One function while it is gone through.
pub(super) struct Frame<'m> {
    pub function: &'m Function,
    pub values: Vec<Held>,
    /// Which captured argument each accessor is.
    pub accessors: Vec<Option<usize>>,
    /// What surrounds the current place and can be left.
    pub exits: Vec<super::code::Exit<'m>>,
    pub result: super::merge::Merge,
}

/// How many values may be looked at and steps of proofs be taken, and how deep functions may call each other.
const WORK_LIMIT: usize = 40_000;
const CALL_DEPTH_LIMIT: usize = 24;

pub(super) struct Walk<'m> {
    pub module: &'m Module,
    outline: &'m Outline,
    pub launch: Known<'m>,
    pub knowledge: Knowledge,
    pub frame: Frame<'m>,
    /// The checks that are left out and not needless, in the order in which that was found.
    pub open: Vec<Open>,
    /// Which of the checks that are left out were come to.
    pub seen: Vec<bool>,
    /// What is touched so far.
    pub touches: Touches,
    /// Boxes that are written in full, by captured argument.
    pub filled: Vec<(usize, Sides<Number>)>,
    n_calls: usize,
    work: usize,
}

impl<'m> Walk<'m> {
    pub fn new(module: &'m Module, outline: &'m Outline, launch: Known<'m>, knowledge: Knowledge) -> Self {
        let accessors = module.kernel.accessors.iter().map(|accessor| accessor.argument).collect();
        Walk {
            module,
            outline,
            launch,
            knowledge,
            frame: Frame::new(&module.kernel, accessors),
            open: Vec::new(),
            seen: vec![false; module.left_out.len()],
            touches: Touches::default(),
            filled: Vec::new(),
            n_calls: 0,
            work: 0,
        }
    }

    /// The checks that must be kept in the code, and what is touched.
    pub fn run(mut self) -> Found {
        self.code(&self.outline.kernel);
        let touched = self.all_touched();
        let unseen = (0..self.seen.len()).filter(|number| self.is_exhausted() || !self.seen[*number]);
        let unseen: Vec<Open> = unseen.map(|number| Open { number, index: None, length: None }).collect();
        self.open.extend(unseen);
        Found { open: self.open, touched }
    }

    /// Whether so much was looked at that nothing is claimed.
    pub fn is_exhausted(&self) -> bool {
        self.work + self.knowledge.n_steps() >= WORK_LIMIT
    }

    /// Runs `work` with what it learns kept to itself.
    pub fn apart<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        let mark = self.knowledge.mark();
        let result = work(self);
        self.knowledge.back_to(mark);
        result
    }

    /// An integer of which only the type is known.
    pub fn fresh(&mut self, scalar: Scalar) -> Form {
        Form::symbol(self.knowledge.fresh(limits(scalar)))
    }

    /// What is known of a value of which only the type is known.
    pub fn anything(&mut self, ty: &Type) -> Held {
        match ty {
            Type::Scalar(scalar) if scalar.is_integer() => Held::Number(self.fresh(*scalar)),
            _ => Held::Anything,
        }
    }

    /// The integer itself: the form, if it fits the type.
    pub fn number(&mut self, held: &Held, scalar: Scalar) -> Form {
        let Held::Number(form) = held else { return self.fresh(scalar) };
        let limits = limits(scalar);
        if let Some(form) = self.fitting(form, limits) {
            return form;
        }
        self.knowledge.made(Made::Wrapped(scalar), form, &Form::default(), limits).0
    }

    /// A form within some limits, or shifted there by as often as all its values wrap around.
    fn fitting(&self, form: &Form, limits: Bounds) -> Option<Form> {
        let contains = |bounds: &Option<Bounds>| bounds.is_some_and(|bounds| limits.contains(bounds));
        if contains(&self.knowledge.interval(form)) {
            return Some(form.clone());
        }
        let bounds = self.knowledge.bounds(form)?;
        if limits.contains(bounds) {
            return Some(form.clone());
        }
        let span = limits.most - limits.least + 1;
        let turns = bounds.least.checked_sub(limits.least)?.floor(span);
        // As often in every launch that follows this one, so that the form has no quotients.
        let shifted = match turns.pinned() {
            0 => None,
            turns => form.plus_number(span.checked_mul(turns)?.checked_neg()?),
        };
        [shifted, Some(form.clone())].into_iter().flatten().find(|form| {
            let knowledge = &self.knowledge;
            knowledge.is_never_negative(form.plus_number(-limits.least))
                && knowledge.is_never_negative(form.times(-1).and_then(|form| form.plus_number(limits.most)))
        })
    }

    /// The bounds of an integer, which is no form that wraps.
    pub fn bounds(&self, form: &Form, scalar: Scalar) -> Bounds {
        let limits = limits(scalar);
        self.knowledge.bounds(form).map_or(limits, |bounds| bounds.common(limits))
    }

    /// A left-out check: shows that an index stays below its length.
    pub fn show(&mut self, check: usize, index: &Form, length: &Form) {
        self.seen[check] = true;
        let rest = length.minus(index).and_then(|rest| rest.plus_number(-1));
        if !self.knowledge.is_never_negative(rest) {
            let most = |form: &Form| self.knowledge.bounds(form).map(|bounds| bounds.most.shown());
            let open = Open { number: check, index: most(index), length: most(length) };
            self.open.push(open);
        }
    }

    /// A left-out check: shows that a divisor is neither 0 nor -1.
    pub fn show_divisor(&mut self, check: usize, divisor: &Form) {
        self.seen[check] = true;
        let is_positive = self.knowledge.is_never_negative(divisor.plus_number(-1));
        let below = divisor.times(-1).and_then(|opposite| opposite.plus_number(-2));
        if !is_positive && !self.knowledge.is_never_negative(below) {
            self.open.push(Open { number: check, index: None, length: None });
        }
    }

    /// Counts a value that is looked at; gives whether there may be more.
    pub fn count(&mut self) -> bool {
        self.work += 1;
        !self.is_exhausted()
    }

    /// A call of a device function.
    pub fn call(&mut self, number: usize, arguments: &[Value]) -> Held {
        let function = &self.module.functions[number];
        let given = arguments.iter().filter(|argument| !matches!(argument.node, Node::Item | Node::Unit));
        let mut accessors = vec![None; function.accessors.len()];
        let mut values = vec![Held::Anything; function.variables.len()];
        for (parameter, argument) in function.parameters.iter().zip(given) {
            match (parameter, &argument.node) {
                (Parameter::Accessor(own), Node::Accessor(accessor)) => {
                    accessors[*own] = self.frame.accessors[*accessor];
                }
                (Parameter::Accessor(_), _) => {}
                (Parameter::Variable(variable), _) => values[*variable] = self.value(argument),
            }
        }
        if self.n_calls >= CALL_DEPTH_LIMIT {
            self.work = WORK_LIMIT;
            return self.anything(&function.result);
        }
        self.n_calls += 1;
        let frame = Frame { values, ..Frame::new(function, accessors) };
        let outer = std::mem::replace(&mut self.frame, frame);
        let code = &self.outline.functions[number];
        self.apart(|walk| walk.code(code));
        let result = std::mem::replace(&mut self.frame, outer).result;
        self.n_calls -= 1;
        self.merged(result).unwrap_or_else(|| self.anything(&function.result))
    }
}

impl<'m> Frame<'m> {
    fn new(function: &'m Function, accessors: Vec<Option<usize>>) -> Self {
        let values = vec![Held::Anything; function.variables.len()];
        Frame { function, values, accessors, exits: Vec::new(), result: Default::default() }
    }
}
