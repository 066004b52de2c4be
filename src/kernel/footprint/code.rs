//! What is known at each statement.

use super::form::{Form, Symbol};
use super::knowledge::Bounds;
use super::launch::limits;
use super::merge::{Merge, assigned, leaves};
use super::touch::Access;
use super::walk::{Held, Walk};
use crate::kernel::lower::ir::*;

/// Something around the current place that can be left or gone on with.
pub(super) struct Exit {
    target: Target,
    variables: Vec<VariableId>,
    /// Where those meet that leave it.
    left: Merge,
    /// Of a loop, what is expected of each variable at the start of every turn.
    expected: Vec<Expected>,
}

#[derive(Clone, Copy, PartialEq)]
enum Target {
    /// The loop or block with this number.
    Numbered(usize),
    /// The end of what only those do that have not ended.
    Halted,
}

/// What is expected of an integer at the start of every turn of a loop: at first what held before it.
#[derive(Clone, Copy)]
struct Expected {
    variable: VariableId,
    /// Where it was before the loop.
    first: Bounds,
    /// Between what it is expected.
    hoped: Bounds,
    /// Where else it was found.
    found: Bounds,
    /// What its type has.
    limits: Bounds,
    /// What stands for it at the start of a turn.
    symbol: Symbol,
}

/// How often a loop is gone through, each time with less expected, before nothing is.
const LOOP_ATTEMPTS: usize = 6;

impl Walk<'_> {
    pub fn code(&mut self, code: &[Statement]) {
        for statement in code {
            if !self.count() {
                return;
            }
            self.statement(statement);
        }
    }

    pub fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Line(_) | Statement::Barrier | Statement::Fence => {}
            Statement::Declare(variable, value) => {
                let held = match value {
                    Some(value) => self.value(value),
                    None => self.anything(&self.frame.function.variables[*variable].ty),
                };
                self.frame.values[*variable] = held;
            }
            Statement::Store(place, value) => self.store(place, value),
            Statement::Evaluate(value) => {
                self.value(value);
            }
            Statement::If(condition, then, otherwise) => self.branch(condition, then, otherwise),
            Statement::Loop { head, body, number, .. } => self.repetition(head, body, *number),
            Statement::Block { body, number, .. } => self.block(body, Target::Numbered(*number)),
            // Those that have ended before come by at the end as well.
            Statement::UnlessHalted(body, _) => self.block(body, Target::Halted),
            Statement::Break(number, _) => self.leave(Target::Numbered(*number)),
            Statement::Continue(number, _) => self.end_of_turn(*number),
            Statement::Return(value) => {
                if let Some(value) = value {
                    let held = self.value(value);
                    self.meet_result(held, value.scalar());
                }
            }
            Statement::Collective(collective) => {
                self.value(&collective.value);
                if let Operation::Gather(position) = &collective.operation {
                    self.value(position);
                }
                let held = self.anything(&collective.value.ty);
                self.frame.values[collective.result] = held;
            }
            Statement::Trap { values, halts, .. } => {
                self.all(values);
                if *halts {
                    self.halt();
                }
            }
            Statement::Print { values, .. } => self.all(values),
            Statement::LeaveIfHalted => self.halt(),
        }
    }

    pub fn all(&mut self, values: &[Value]) {
        for value in values {
            self.value(value);
        }
    }

    fn store(&mut self, place: &Place, value: &Value) {
        let held = self.value(value);
        for index in place.path.iter().filter_map(Step::index) {
            self.value(index);
        }
        match &place.root {
            Root::Variable(variable) if place.path.is_empty() => self.frame.values[*variable] = held,
            Root::Variable(variable) => self.frame.values[*variable] = Held::Anything,
            Root::Element(accessor, index) => self.touch(*accessor, index, Access::Write),
        }
    }

    /// A work-item may end here: it gives zero, or goes on behind what only the others do.
    fn halt(&mut self) {
        if self.frame.exits.iter().any(|exit| exit.target == Target::Halted) {
            return self.leave(Target::Halted);
        }
        let result = Value::new(Node::Zero, self.frame.function.result.clone());
        let held = self.value(&result);
        self.meet_result(held, result.scalar());
    }

    fn leave(&mut self, target: Target) {
        let Some(position) = self.frame.exits.iter().rposition(|exit| exit.target == target) else { return };
        let exit = &mut self.frame.exits[position];
        let (variables, mut left) = (exit.variables.clone(), std::mem::take(&mut exit.left));
        self.meet(&mut left, &variables);
        self.frame.exits[position].left = left;
    }

    fn values_of(&self, variables: &[VariableId]) -> Vec<Held> {
        variables.iter().map(|variable| self.frame.values[*variable].clone()).collect()
    }

    fn set_values(&mut self, variables: &[VariableId], values: &[Held]) {
        for (variable, value) in variables.iter().zip(values) {
            self.frame.values[*variable] = value.clone();
        }
    }

    fn branch(&mut self, condition: &Value, then: &[Statement], otherwise: &[Statement]) {
        let sides = [(true, then), (false, otherwise)];
        // What follows comes after the other side, so that what that knows stays known.
        let leaving = sides.iter().position(|(_, code)| leaves(code));
        let leaving =
            leaving.or_else(|| sides.iter().position(|(outcome, _)| self.is_impossible(condition, *outcome)));
        if let Some(leaving) = leaving {
            let [(outcome, code), (other, rest)] = [sides[leaving], sides[1 - leaving]];
            let variables = assigned(code);
            let before = self.values_of(&variables);
            self.apart(|walk| {
                walk.assume(condition, outcome);
                walk.code(code);
            });
            self.set_values(&variables, &before);
            self.assume(condition, other);
            return self.code(rest);
        }
        let mut variables = [assigned(then), assigned(otherwise)].concat();
        variables.sort_unstable();
        variables.dedup();
        let (before, mut merge) = (self.values_of(&variables), Merge::default());
        for (outcome, code) in sides {
            self.set_values(&variables, &before);
            self.apart(|walk| {
                walk.assume(condition, outcome);
                walk.code(code);
                walk.meet(&mut merge, &variables);
            });
        }
        self.go_on(merge, &variables);
    }

    /// Whether a condition never has an outcome.
    fn is_impossible(&mut self, condition: &Value, outcome: bool) -> bool {
        self.apart(|walk| {
            walk.assume(condition, outcome);
            walk.knowledge.is_impossible()
        })
    }

    fn block(&mut self, body: &[Statement], target: Target) {
        let variables = assigned(body);
        let mut exit =
            Exit { target, variables: variables.clone(), left: Merge::default(), expected: Vec::new() };
        if target == Target::Halted {
            self.meet(&mut exit.left, &variables);
        }
        self.frame.exits.push(exit);
        let end = self.apart(|walk| {
            walk.code(body);
            let mut end = walk.frame.exits.pop().map(|exit| exit.left).unwrap_or_default();
            if !leaves(body) {
                walk.meet(&mut end, &variables);
            }
            end
        });
        self.go_on(end, &variables);
    }

    /// A loop: expects that what it assigns stays beyond where it starts, and expects less as long as that does not come true.
    fn repetition(&mut self, head: &Head, body: &[Statement], number: usize) {
        let range = match head {
            Head::Count { start, end, .. } => Some([self.value(start), self.value(end)]),
            Head::Forever | Head::While(_) => None,
        };
        let variables = assigned(body);
        let before = self.values_of(&variables);
        let mut expected: Vec<Expected> = Vec::new();
        for &variable in &variables {
            if let Some((first, limits)) = self.bounds_of(variable) {
                expected.push(Expected { variable, first, hoped: first, found: first, limits, symbol: 0 });
            }
        }
        for attempt in 0..=LOOP_ATTEMPTS {
            if attempt == LOOP_ATTEMPTS {
                expected.iter_mut().for_each(|one| (one.hoped, one.found) = (one.limits, one.limits));
            }
            let n_open = self.open.len();
            let exit = Exit {
                target: Target::Numbered(number),
                variables: variables.clone(),
                left: Merge::default(),
                expected: expected.clone(),
            };
            self.frame.exits.push(exit);
            self.apart(|walk| walk.turn(head, range.as_ref(), body, number, &variables));
            let Some(exit) = self.frame.exits.pop() else { return };
            if exit.expected.iter().all(|one| one.hoped == one.found) || self.is_exhausted() {
                return self.go_on(exit.left, &variables);
            }
            expected = exit.expected;
            expected.iter_mut().for_each(|one| one.hoped = one.found);
            self.open.truncate(n_open);
            self.set_values(&variables, &before);
        }
    }

    /// Any turn of a loop, and its end.
    fn turn(
        &mut self,
        head: &Head,
        range: Option<&[Held; 2]>,
        body: &[Statement],
        number: usize,
        variables: &[VariableId],
    ) {
        for &variable in variables {
            self.frame.values[variable] = self.anything(&self.frame.function.variables[variable].ty);
        }
        if let Some(exit) = self.frame.exits.last_mut() {
            for one in &mut exit.expected {
                one.symbol = self.knowledge.fresh(one.hoped);
                self.frame.values[one.variable] = Held::Number(Form::symbol(one.symbol));
            }
        }
        let first = self.values_of(variables);
        match head {
            Head::Forever => {}
            Head::Count { .. } => self.leave(Target::Numbered(number)),
            Head::While(condition) => self.apart(|walk| {
                walk.assume(condition, false);
                walk.leave(Target::Numbered(number));
            }),
        }
        self.set_values(variables, &first);
        match (head, range) {
            (Head::While(condition), _) => self.assume(condition, true),
            (Head::Count { variable, inclusive, .. }, Some(range)) => {
                self.counter(*variable, range, *inclusive);
            }
            _ => {}
        }
        self.code(body);
        if !leaves(body) {
            self.end_of_turn(number);
        }
    }

    /// The counter of a loop, in a turn that takes place.
    fn counter(&mut self, variable: VariableId, [start, end]: &[Held; 2], inclusive: bool) {
        let Some(scalar) = self.scalar_of(variable) else { return };
        let (start, end) = (self.number(start, scalar), self.number(end, scalar));
        let counter = Form::symbol(self.knowledge.fresh(limits(scalar)));
        self.knowledge.learn(counter.minus(&start));
        let beyond = i128::from(!inclusive);
        self.knowledge.learn(end.minus(&counter).and_then(|rest| rest.plus_number(-beyond)));
        self.frame.values[variable] = Held::Number(counter);
    }

    /// The next turn of a loop begins: what is expected of it has to be so.
    fn end_of_turn(&mut self, number: usize) {
        let target = Target::Numbered(number);
        let Some(position) = self.frame.exits.iter().rposition(|exit| exit.target == target) else { return };
        let mut expected = std::mem::take(&mut self.frame.exits[position].expected);
        for one in &mut expected {
            let Some(scalar) = self.scalar_of(one.variable) else { continue };
            let held = self.frame.values[one.variable].clone();
            let value = self.number(&held, scalar);
            // What depends on the turn before goes on growing, and so does what did not come true twice.
            let grows = value.coefficient(one.symbol) != 0;
            let (found, limits) = (self.bounds(&value, scalar), one.limits);
            if !self.knowledge.is_never_negative(value.plus_number(-one.hoped.least)) {
                let is_last = grows || one.hoped.least != one.first.least;
                one.found.least = one.found.least.min(if is_last { limits.least } else { found.least });
            }
            let below = value.times(-1).and_then(|value| value.plus_number(one.hoped.most));
            if !self.knowledge.is_never_negative(below) {
                let is_last = grows || one.hoped.most != one.first.most;
                one.found.most = one.found.most.max(if is_last { limits.most } else { found.most });
            }
        }
        self.frame.exits[position].expected = expected;
    }
}
