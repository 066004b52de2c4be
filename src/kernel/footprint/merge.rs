//! Brings together what variables hold where several ways through the code meet.

use super::form::Form;
use super::knowledge::Bounds;
use super::launch::limits;
use super::walk::{Held, Walk};
use crate::kernel::lower::ir::VariableId;
use crate::kernel::types::{Scalar, Type};

/// What something holds after any of several ways.
#[derive(Clone, Debug)]
struct Met {
    /// What it holds after each of them, if that is the same.
    held: Option<Held>,
    /// Between which numbers an integer lies.
    bounds: Option<Bounds>,
}

/// Some variables, or one result, where several ways meet.
#[derive(Clone, Debug, Default)]
pub(super) struct Merge(Option<Vec<Met>>);

impl Merge {
    fn add(&mut self, arriving: Vec<Met>) {
        let Some(known) = &mut self.0 else {
            self.0 = Some(arriving);
            return;
        };
        for (known, met) in known.iter_mut().zip(arriving) {
            known.bounds = known.bounds.zip(met.bounds).map(|(one, two)| one.hull(two));
            known.held = known.held.take().filter(|held| met.held.as_ref() == Some(held));
        }
    }
}

impl Walk<'_> {
    /// The current way meets the others here.
    pub fn meet(&mut self, merge: &mut Merge, variables: &[VariableId]) {
        if self.knowledge.is_impossible() {
            return;
        }
        let met = variables.iter().map(|variable| {
            let held = self.frame.values[*variable].clone();
            self.met(held, self.scalar_of(*variable))
        });
        let met = met.collect();
        merge.add(met);
    }

    /// A function may give this result.
    pub fn meet_result(&mut self, held: Held, scalar: Option<Scalar>) {
        if self.knowledge.is_impossible() {
            return;
        }
        let met = self.met(held, scalar);
        self.frame.result.add(vec![met]);
    }

    fn met(&mut self, held: Held, scalar: Option<Scalar>) -> Met {
        let bounds = scalar.filter(|scalar| scalar.is_integer()).map(|scalar| {
            let number = self.number(&held, scalar);
            self.bounds(&number, scalar)
        });
        Met { held: Some(held), bounds }
    }

    /// Goes on behind the place where the ways met; nothing follows if there is none.
    pub fn go_on(&mut self, merge: Merge, variables: &[VariableId]) {
        let Some(met) = merge.0 else { return };
        for (variable, met) in variables.iter().zip(met) {
            self.frame.values[*variable] = self.held(met);
        }
    }

    /// The one result of all ways.
    pub fn merged(&mut self, merge: Merge) -> Option<Held> {
        let met = merge.0?.pop()?;
        Some(self.held(met))
    }

    fn held(&mut self, met: Met) -> Held {
        match (met.held, met.bounds) {
            (Some(held), _) => held,
            (None, Some(bounds)) => Held::Number(Form::symbol(self.knowledge.fresh(bounds))),
            (None, None) => Held::Anything,
        }
    }

    /// The bounds of what a variable holds, if it is an integer.
    pub fn bounds_of(&mut self, variable: VariableId) -> Option<(Bounds, Bounds)> {
        let scalar = self.scalar_of(variable)?;
        let held = self.frame.values[variable].clone();
        let number = self.number(&held, scalar);
        Some((self.bounds(&number, scalar), limits(scalar)))
    }

    pub fn scalar_of(&self, variable: VariableId) -> Option<Scalar> {
        match self.frame.function.variables[variable].ty {
            Type::Scalar(scalar) if scalar.is_integer() => Some(scalar),
            _ => None,
        }
    }
}
