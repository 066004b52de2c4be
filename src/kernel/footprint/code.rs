//! What is known at each act.

use super::form::{Form, Symbol};
use super::knowledge::Bounds;
use super::launch::limits;
use super::merge::Merge;
use super::outline::{Act, Code, Target};
use super::touch::Access;
use super::walk::{Held, Walk};
use crate::kernel::lower::ir::*;
use crate::kernel::types::Scalar;

/// Something around the current place that can be left or gone on with.
pub(super) struct Exit<'m> {
    target: Target,
    variables: &'m [VariableId],
    /// Where those meet that leave it.
    left: Merge,
    /// Of a loop, what is expected of each variable at the start of every turn.
    expected: Vec<Expected>,
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

impl<'m> Walk<'m> {
    pub fn code(&mut self, code: &'m Code) {
        for act in &code.acts {
            if !self.count() {
                return;
            }
            self.act(act);
        }
    }

    fn act(&mut self, act: &'m Act) {
        match act {
            Act::Assign(variable, value) => {
                self.frame.values[*variable] = match value {
                    Some(value) => self.value(value),
                    None => self.anything(&self.frame.function.variables[*variable].ty),
                };
            }
            Act::Ask(value) => _ = self.value(value),
            Act::Write { accessor, index, fills } => {
                if *fills {
                    self.fill(*accessor, index);
                }
                self.touch(*accessor, index, Access::Write);
            }
            Act::If { condition, then, otherwise, assigned } => {
                self.branch(condition, [then, otherwise], assigned);
            }
            Act::Loop { head, body, number } => self.repetition(head, body, *number),
            Act::Block(target, body) => self.block(*target, body),
            Act::Leave(target) => self.leave(*target),
            Act::NextTurn(number) => self.end_of_turn(*number),
            Act::Return(value) => {
                if let Some(value) = value {
                    let held = self.value(value);
                    self.meet_result(held, value.scalar());
                }
            }
            Act::End | Act::MayEnd => self.end(),
        }
    }

    pub fn all(&mut self, values: &[Value]) {
        for value in values {
            self.value(value);
        }
    }

    /// A work-item may end here: it gives zero, or goes on behind what only the others do.
    fn end(&mut self) {
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
        let (variables, mut left) = (exit.variables, std::mem::take(&mut exit.left));
        self.meet(&mut left, variables);
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

    fn branch(&mut self, condition: &Value, sides: [&'m Code; 2], assigned: &'m [VariableId]) {
        let sides = [(true, sides[0]), (false, sides[1])];
        let found = self.condition(condition);
        let found = found.as_ref();
        // What follows comes after the other side, so that what that knows stays known.
        let leaving = sides.iter().position(|(_, code)| code.leaves);
        let leaving = leaving
            .or_else(|| sides.iter().position(|(outcome, _)| self.is_impossible(condition, found, *outcome)));
        if let Some(leaving) = leaving {
            let [(outcome, code), (other, rest)] = [sides[leaving], sides[1 - leaving]];
            let before = self.values_of(&code.assigned);
            self.apart(|walk| {
                walk.assume_once(condition, found, outcome);
                walk.code(code);
            });
            self.set_values(&code.assigned, &before);
            self.assume_once(condition, found, other);
            return self.code(rest);
        }
        let (before, mut merge) = (self.values_of(assigned), Merge::default());
        for (outcome, code) in sides {
            self.set_values(assigned, &before);
            self.apart(|walk| {
                walk.assume_once(condition, found, outcome);
                walk.code(code);
                walk.meet(&mut merge, assigned);
            });
        }
        self.go_on(merge, assigned);
    }

    /// Whether a condition never has an outcome.
    fn is_impossible(&mut self, condition: &Value, found: Option<&Held>, outcome: bool) -> bool {
        self.apart(|walk| {
            walk.assume_once(condition, found, outcome);
            walk.knowledge.is_impossible()
        })
    }

    fn block(&mut self, target: Target, body: &'m Code) {
        let variables = &body.assigned[..];
        let mut exit = Exit { target, variables, left: Merge::default(), expected: Vec::new() };
        // Those that have ended before come by at the end as well.
        if target == Target::Halted {
            self.meet(&mut exit.left, variables);
        }
        self.frame.exits.push(exit);
        let end = self.apart(|walk| {
            walk.code(body);
            let mut end = walk.frame.exits.pop().map(|exit| exit.left).unwrap_or_default();
            if !body.leaves {
                walk.meet(&mut end, variables);
            }
            end
        });
        self.go_on(end, variables);
    }

    /// A loop: expects that what it assigns stays beyond where it starts, and expects less as long as that does not come true.
    fn repetition(&mut self, head: &'m Head, body: &'m Code, number: usize) {
        let range = match head {
            Head::Count { start, end, step, .. } => Some([start, end, step].map(|value| self.value(value))),
            Head::Forever | Head::While(_) => None,
        };
        let variables = &body.assigned[..];
        let before = self.values_of(variables);
        let mut expected: Vec<Expected> = Vec::new();
        for &variable in variables {
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
                variables,
                left: Merge::default(),
                expected: expected.clone(),
            };
            self.frame.exits.push(exit);
            self.apart(|walk| walk.turn(head, range.as_ref(), body, number));
            let Some(exit) = self.frame.exits.pop() else { return };
            if exit.expected.iter().all(|one| one.hoped == one.found) || self.is_exhausted() {
                return self.go_on(exit.left, variables);
            }
            expected = exit.expected;
            expected.iter_mut().for_each(|one| one.hoped = one.found);
            self.open.truncate(n_open);
            self.set_values(variables, &before);
        }
    }

    /// Any turn of a loop, and its end.
    fn turn(&mut self, head: &'m Head, range: Option<&[Held; 3]>, body: &'m Code, number: usize) {
        let variables = &body.assigned[..];
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
        let found = match head {
            Head::While(condition) => self.condition(condition),
            _ => None,
        };
        match head {
            Head::Forever => {}
            Head::Count { .. } => self.leave(Target::Numbered(number)),
            Head::While(condition) => self.apart(|walk| {
                walk.assume_once(condition, found.as_ref(), false);
                walk.leave(Target::Numbered(number));
            }),
        }
        self.set_values(variables, &first);
        match (head, range) {
            (Head::While(condition), _) => self.assume_once(condition, found.as_ref(), true),
            (Head::Count { variable, inclusive, .. }, Some(range)) => {
                self.counter(*variable, range, *inclusive);
            }
            _ => {}
        }
        self.code(body);
        if !body.leaves {
            self.end_of_turn(number);
        }
    }

    /// The counter of a loop, in a turn that takes place.
    fn counter(&mut self, variable: VariableId, range: &[Held; 3], inclusive: bool) {
        let Some(scalar) = self.scalar_of(variable) else { return };
        let [start, end, step] = range.each_ref().map(|value| self.number(value, scalar));
        let last = if inclusive { Some(end) } else { end.plus_number(-1) };
        let turns = last.as_ref().and_then(|last| last.minus(&start));
        let counter = match self.by_turns(&start, turns, &step) {
            Some(counter) => counter,
            None => Form::symbol(self.knowledge.fresh(limits(scalar))),
        };
        self.knowledge.learn(counter.minus(&start));
        self.knowledge.learn(last.and_then(|last| last.minus(&counter)));
        self.frame.values[variable] = Held::Number(counter);
    }

    /// What has grown in some turns by a known step, other than one, no further than `way`.
    fn by_turns(&mut self, start: &Form, way: Option<Form>, step: &Form) -> Option<Form> {
        let step = step.as_number().filter(|step| *step > 1)?;
        let (most, _) = self.divided(&way?, step)?;
        let turns = Form::symbol(self.knowledge.fresh(limits(Scalar::Usize)));
        self.knowledge.learn(most.minus(&turns));
        start.plus(&turns.times(step)?)
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
