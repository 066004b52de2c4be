//! Writes the outline of one function.

use super::need::{is_unknown, tells};
use super::{Act, Called, Code, Target};
use crate::kernel::lower::ir::*;
use std::collections::BTreeSet;

pub(super) struct Writer<'m> {
    pub function: &'m Function,
    /// The functions before.
    pub called: &'m [Called],
    pub captured: &'m mut BTreeSet<usize>,
    /// Which variables decide.
    pub decides: Vec<bool>,
    /// What was written of the code at hand.
    acts: Vec<Act>,
    /// Whether every work-item comes to the place at hand that does not fail.
    is_certain: bool,
    pub has_questions: bool,
}

impl<'m> Writer<'m> {
    pub fn new(function: &'m Function, called: &'m [Called], captured: &'m mut BTreeSet<usize>) -> Self {
        let decides = vec![false; function.variables.len()];
        Writer {
            function,
            called,
            captured,
            decides,
            acts: Vec::new(),
            is_certain: false,
            has_questions: false,
        }
    }

    /// The outline, and what callers must know of it.
    pub fn write(mut self, is_kernel: bool) -> (Code, Called) {
        loop {
            // What is found to decide makes more decide, until nothing new does.
            let before = self.decides.clone();
            let code = self.whole(is_kernel);
            if self.decides == before {
                return (code, self.seen_from_outside());
            }
        }
    }

    fn whole(&mut self, is_kernel: bool) -> Code {
        self.is_certain = is_kernel;
        for statement in &self.function.body {
            self.statement(statement);
            self.is_certain &= !may_return(statement);
        }
        Code::new(std::mem::take(&mut self.acts), &[])
    }

    fn seen_from_outside(&self) -> Called {
        let decides = self.function.parameters.iter().map(|parameter| match parameter {
            Parameter::Variable(variable) => self.decides[*variable],
            Parameter::Accessor(_) => false,
        });
        Called { decides: decides.collect(), asks: self.has_questions }
    }

    pub fn act(&mut self, act: Act) {
        self.acts.push(act);
    }

    fn code(&mut self, statements: &[Statement]) -> Code {
        let outer = std::mem::take(&mut self.acts);
        let is_certain = std::mem::take(&mut self.is_certain);
        let mut declared = Vec::new();
        for statement in statements {
            self.statement(statement);
            match statement {
                Statement::Declare(variable, _) => declared.push(*variable),
                Statement::Collective(collective) => declared.push(collective.result),
                _ => {}
            }
        }
        self.is_certain = is_certain;
        Code::new(std::mem::replace(&mut self.acts, outer), &declared)
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Line(_) | Statement::Barrier | Statement::Fence => {}
            Statement::Declare(variable, value) => self.assign(*variable, value.as_ref()),
            Statement::Store(place, value) => self.store(place, value),
            Statement::Evaluate(value) => self.ask(value),
            Statement::If(condition, then, otherwise) => self.branch(condition, then, otherwise),
            Statement::Loop { head, body, number, .. } => self.repetition(head, body, *number),
            Statement::Block { body, number, .. } => self.block(Target::Numbered(*number), body),
            Statement::UnlessHalted(body, _) => self.block(Target::Halted, body),
            Statement::Break(number, _) => self.act(Act::Leave(Target::Numbered(*number))),
            Statement::Continue(number, _) => self.act(Act::NextTurn(*number)),
            Statement::Return(value) => self.give(value.as_ref()),
            Statement::Collective(collective) => {
                self.ask(&collective.value);
                if let Operation::Gather(position) = &collective.operation {
                    self.ask(position);
                }
                self.assign(collective.result, None);
            }
            Statement::Trap { values, halts, .. } => {
                self.ask_all(values);
                if *halts {
                    self.act(Act::End);
                }
            }
            Statement::Print { values, .. } => self.ask_all(values),
            Statement::LeaveIfHalted => self.act(Act::MayEnd),
        }
    }

    fn assign(&mut self, variable: VariableId, value: Option<&Value>) {
        if self.decides[variable] {
            let value = value.map(|value| self.need(value));
            self.act(Act::Assign(variable, value));
        } else {
            self.ask_all(value);
        }
    }

    fn store(&mut self, Place { root, path }: &Place, value: &Value) {
        match root {
            Root::Variable(variable) if path.is_empty() => return self.assign(*variable, Some(value)),
            Root::Variable(variable) => {
                self.ask(value);
                self.assign(*variable, None);
            }
            Root::Element(accessor, index) => {
                self.ask(value);
                if self.is_buffer(*accessor) {
                    self.touch(*accessor, index, path.is_empty());
                } else {
                    self.ask_all(index);
                }
            }
        }
        self.ask_all(path.iter().filter_map(Step::index));
    }

    fn touch(&mut self, accessor: AccessorId, index: &[Value], is_whole: bool) {
        self.has_questions = true;
        let index = index.iter().map(|component| self.need(component)).collect();
        self.act(Act::Write { accessor, index, fills: is_whole && self.is_certain });
    }

    fn give(&mut self, value: Option<&Value>) {
        let value = match value {
            Some(value) if tells(&value.ty) => Some(self.need(value)),
            _ => {
                self.ask_all(value);
                None
            }
        };
        self.act(Act::Return(value));
    }

    fn branch(&mut self, condition: &Value, then: &[Statement], otherwise: &[Statement]) {
        let (then, otherwise) = (self.code(then), self.code(otherwise));
        if then.acts.is_empty() && otherwise.acts.is_empty() {
            return self.ask(condition);
        }
        let condition = self.need(condition);
        let mut assigned = [&then.assigned[..], &otherwise.assigned].concat();
        if is_unknown(&condition) && assigned.is_empty() && !then.may_leave && !otherwise.may_leave {
            // Nothing is learnt from such a condition, nor does it matter behind it which side was taken.
            return self.acts.extend(then.acts.into_iter().chain(otherwise.acts));
        }
        assigned.sort_unstable();
        assigned.dedup();
        self.act(Act::If { condition, then, otherwise, assigned });
    }

    fn repetition(&mut self, head: &Head, body: &[Statement], number: usize) {
        let body = self.code(body);
        let is_idle = body.assigned.is_empty() && body.only_leaves(number);
        let head = match head {
            Head::Count { start, end, step, .. } if is_idle => return self.ask_all([start, end, step]),
            Head::While(condition) if is_idle && !self.asks(condition) => return,
            Head::Forever if is_idle => return,
            Head::Count { variable, start, end, step, inclusive } => {
                let [start, end, step] = [start, end, step].map(|value| self.need(value));
                Head::Count { variable: *variable, start, end, step: Box::new(step), inclusive: *inclusive }
            }
            Head::While(condition) => Head::While(self.need(condition)),
            Head::Forever => Head::Forever,
        };
        self.act(Act::Loop { head, body, number });
    }

    fn block(&mut self, target: Target, body: &[Statement]) {
        let body = self.code(body);
        if !body.acts.is_empty() {
            self.act(Act::Block(target, body));
        }
    }
}

/// Whether a work-item may be done before what follows a statement, other than by a failure.
fn may_return(statement: &Statement) -> bool {
    let any = |code: &[Statement]| code.iter().any(may_return);
    match statement {
        Statement::Return(_) => true,
        Statement::If(_, then, otherwise) => any(then) || any(otherwise),
        Statement::Loop { body, .. } | Statement::Block { body, .. } | Statement::UnlessHalted(body, _) => {
            any(body)
        }
        _ => false,
    }
}
