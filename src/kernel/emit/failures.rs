//! Which values of failed checks a work-item keeps until it reports them: those that the host does not know anyway.
//!
//! What is kept is carried through every loop that contains a check. Lengths of captured accessors are arguments of the
//! launch, so the host fills them in (`trap::Report`).

use super::Printer;
use crate::kernel::lower::Module;
use crate::kernel::lower::ir::*;
use crate::kernel::source::Content;
use crate::kernel::trap::Report;

/// What the checks of a module report.
pub struct Failures {
    /// What the host knows of the values of each report; nothing of those that are reported in different ways.
    given: Vec<Option<Vec<Option<Content>>>>,
    /// How many values a work-item keeps at most; none if nothing can fail. What a function takes the record for may have been
    /// left out as unreachable, but it is handed on all the same.
    pub most_kept: Option<usize>,
}

impl Failures {
    pub fn of(module: &Module) -> Self {
        let mut failures = Failures { given: vec![None; module.reports.len()], most_kept: None };
        let functions = || module.functions.iter().chain([&module.kernel]);
        for function in functions() {
            let is_kernel = std::ptr::eq(function, &module.kernel);
            let given = |value: &Value| given(function, is_kernel, value);
            function.body.iter().for_each(|statement| failures.note(statement, &given));
        }
        let kept = |code: usize, values: &[Value]| values.len() - failures.count_given(code);
        let in_functions = functions().filter_map(|function| {
            let in_body = function.body.iter().filter_map(|statement| most(statement, &kept)).max();
            in_body.max(function.context.traps.then_some(0))
        });
        failures.most_kept = in_functions.max();
        failures
    }

    /// The reports with what is known of their values.
    pub fn reports(&self, reports: &[Report]) -> Vec<Report> {
        let with = |(report, given): (&Report, &Option<Vec<Option<Content>>>)| Report {
            given: given.clone().unwrap_or_default(),
            ..report.clone()
        };
        reports.iter().zip(&self.given).map(with).collect()
    }

    /// What the host knows of a value that a check reports.
    pub fn given(&self, code: usize, position: usize) -> Option<Content> {
        *self.given.get(code - 1)?.as_ref()?.get(position)?
    }

    fn count_given(&self, code: usize) -> usize {
        self.given[code - 1].iter().flatten().flatten().count()
    }

    fn note(&mut self, statement: &Statement, given: &impl Fn(&Value) -> Option<Content>) {
        if let Statement::Trap { code, values, .. } = statement {
            let new: Vec<Option<Content>> = values.iter().map(given).collect();
            let known = &mut self.given[code - 1];
            let is_same = known.as_ref().is_none_or(|known| *known == new);
            *known = Some(if is_same { new } else { vec![None; values.len()] });
        }
        statement.inside().for_each(|inner| self.note(inner, given));
    }
}

/// The most that a check in the statement keeps.
fn most(statement: &Statement, kept: &impl Fn(usize, &[Value]) -> usize) -> Option<usize> {
    let own = match statement {
        Statement::Trap { code, values, .. } => Some(kept(*code, values)),
        Statement::LeaveIfHalted | Statement::UnlessHalted(..) => Some(0),
        Statement::Collective(collective) => {
            collective.value.any(&mut |part| part.node == Node::Alive).then_some(0)
        }
        _ => None,
    };
    statement.inside().filter_map(|inner| most(inner, kept)).max().max(own)
}

/// What the host knows of a value.
fn given(function: &Function, is_kernel: bool, value: &Value) -> Option<Content> {
    match &value.node {
        Node::Extent(accessor, dimension) if is_kernel => {
            let argument = function.accessors[*accessor].argument?;
            Some(Content::Extent(argument, *dimension))
        }
        _ => None,
    }
}

impl Printer<'_> {
    /// The values that a failed check keeps; of the others the arguments must hold what the host is to look up.
    pub fn kept<'v>(&mut self, code: usize, values: &'v [Value]) -> Vec<&'v Value> {
        let mut kept = Vec::with_capacity(values.len());
        for (position, value) in values.iter().enumerate() {
            match self.failures.given(code, position) {
                Some(content) => drop(self.field(content)),
                None => kept.push(value),
            }
        }
        kept
    }
}
