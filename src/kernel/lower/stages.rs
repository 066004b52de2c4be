//! What becomes of the values of a sequence one after the other, where their positions alone do not tell: behind a `filter`, which
//! leaves some out, `skip` has to count; and what `flat_map` makes of each has values of its own.

use super::asking::Asking;
use super::builder::Builder;
use super::counts::Count;
use super::ir::*;
use super::sequence::{Item, Sequence, pair};
use super::*;
use crate::kernel::tree::{BinaryOperator, LoopRef};
use crate::kernel::types::Scalar;

/// What is done with one value after the other. Variables count those that came so far; values are atoms.
pub(super) enum Stage {
    /// What a closure makes of it.
    Asked(Value, Asking),
    /// All but the first so many.
    Skip(VariableId, Value),
    /// The first, and from there on every so manieth.
    StepBy(VariableId, Value),
    /// Only so many. Nothing before is asked for more.
    Take(VariableId, Value),
    /// With its number.
    Enumerate(VariableId),
    /// With that of another sequence at the same position.
    Zip(VariableId, Box<(Count, Item)>),
    /// The values of what a closure makes of it, or else of itself.
    Flat(Option<Value>),
}

/// The stages behind a loop, and which of the loops around they end.
#[derive(Clone, Copy)]
struct Level<'q> {
    stages: &'q [Stage],
    ends: usize,
}

impl Builder<'_, '_> {
    /// A loop through a sequence, which does with each value what `step` lowers.
    pub fn run_through(
        &mut self,
        id: LoopRef,
        sequence: &Sequence,
        name: &str,
        step: impl FnOnce(&mut Self, Value) -> Result<Value>,
    ) -> Result<()> {
        self.run(id, sequence, &[], name, step)
    }

    /// The same for a sequence whose values go through further stages, of loops around it.
    fn run(
        &mut self,
        id: LoopRef,
        sequence: &Sequence,
        around: &[Level<'_>],
        name: &str,
        step: impl FnOnce(&mut Self, Value) -> Result<Value>,
    ) -> Result<()> {
        let (end, inclusive, any) = match sequence.count.clone() {
            Count::Of(length) => (length, false, Value::bool(true)),
            Count::UpTo { any, last } => (last, true, any),
        };
        let position = self.variable("t", Type::Scalar(Scalar::Usize), false);
        self.variables[position].late = true;
        let stride = sequence.step.as_ref().map_or(Value::usize(1), |(step, _)| step.clone());
        let head = Head::Count {
            variable: position,
            start: Value::usize(0),
            end,
            step: Box::new(stride),
            inclusive,
        };
        let (code, _) = self.scoped(|builder| {
            builder.enclose(id, head, |builder, _| {
                let ends = builder.loops.len() - 1;
                builder.loops[ends].is_inner = !around.is_empty();
                let own = Level { stages: &sequence.stages, ends };
                let levels: Vec<_> = [own].into_iter().chain(around.iter().copied()).collect();
                builder.leave_when_taken(&levels)?;
                let position = builder.read(position);
                let value = builder.item(&sequence.item, position, name)?;
                builder.pass(id, value, &levels, name, step)
            })
        })?;
        match any.is_true() {
            true => self.code.extend(code),
            false => self.code.push(Statement::If(any, code, Code::new())),
        }
        Ok(())
    }

    /// One value through all stages.
    fn pass(
        &mut self,
        id: LoopRef,
        mut value: Value,
        levels: &[Level<'_>],
        name: &str,
        step: impl FnOnce(&mut Self, Value) -> Result<Value>,
    ) -> Result<Value> {
        for (number, level) in levels.iter().enumerate() {
            for (place, stage) in level.stages.iter().enumerate() {
                if value.is_never() {
                    return Ok(value);
                }
                if let Stage::Flat(closure) = stage {
                    let Some(inner) = self.flattened(value, closure.as_ref())? else {
                        return Ok(Value::never());
                    };
                    let behind = Level { stages: &level.stages[place + 1..], ends: level.ends };
                    let around: Vec<_> = [behind].iter().chain(&levels[number + 1..]).copied().collect();
                    self.run(id, &inner, &around, name, step)?;
                    return Ok(Value::unit());
                }
                value = self.staged(value, stage, level.ends)?;
            }
        }
        if value.is_never() { Ok(value) } else { step(self, value) }
    }

    /// The sequence that is made of a value; `None` if the closure never ends normally.
    fn flattened(&mut self, value: Value, closure: Option<&Value>) -> Result<Option<Sequence>> {
        let Some(Value { node: Node::Closure(closure), .. }) = closure else {
            let value = self.atom(value);
            return self.elements(value).map(Some);
        };
        let made = self.apply_to(*closure, vec![value], 0)?;
        if made.is_never() {
            return Ok(None);
        }
        let made = match made.node {
            Node::Sequence(number) => self.sequences.get_mut(number).and_then(Option::take),
            _ => None,
        };
        let lacking = || error(format!("the closure of a `flat_map` in {} gives no sequence", self.file));
        made.ok_or_else(lacking).map(Some)
    }

    /// Ends the loops whose values are to be no more than have come, before they are asked for the next.
    fn leave_when_taken(&mut self, levels: &[Level<'_>]) -> Result<()> {
        for level in levels {
            for stage in level.stages {
                if let Stage::Take(counter, wanted) = stage {
                    let is_done =
                        Value::binary(BinaryOperator::GreaterOrEqual, self.read(*counter), wanted.clone());
                    self.leave_if(is_done, level.ends)?;
                }
            }
        }
        Ok(())
    }

    /// One value through one stage, which may go on to the next, or end a loop.
    fn staged(&mut self, value: Value, stage: &Stage, ends: usize) -> Result<Value> {
        match stage {
            Stage::Asked(closure, asking) => return self.asked(value, closure, *asking, ends),
            Stage::Skip(counter, wanted) => {
                let is_skipped = Value::binary(BinaryOperator::Less, self.read(*counter), wanted.clone());
                let (skip, _) = self.scoped(|builder| {
                    builder.count_up(*counter);
                    builder.continue_at(builder.loops.len() - 1)
                })?;
                self.code.push(Statement::If(is_skipped, skip, Code::new()));
            }
            Stage::StepBy(counter, step) => {
                let rest = Value::binary(BinaryOperator::Remainder, self.read(*counter), step.clone());
                let rest = self.spill(rest);
                self.count_up(*counter);
                let is_skipped = Value::binary(BinaryOperator::NotEqual, rest, Value::usize(0));
                let (skip, _) = self.scoped(|builder| builder.continue_at(builder.loops.len() - 1))?;
                self.code.push(Statement::If(is_skipped, skip, Code::new()));
            }
            Stage::Take(counter, _) => self.count_up(*counter),
            Stage::Enumerate(counter) => {
                let number = self.read(*counter);
                let number = self.spill(number);
                self.count_up(*counter);
                return Ok(pair(number, value));
            }
            Stage::Zip(counter, other) => {
                let (count, item) = &**other;
                let position = self.read(*counter);
                let position = self.spill(position);
                self.leave_if(is_beyond(&position, count), ends)?;
                self.count_up(*counter);
                let other = self.item(item, position, "t")?;
                return Ok(if other.is_never() { other } else { pair(value, other) });
            }
            Stage::Flat(_) => {}
        }
        Ok(value)
    }

    fn count_up(&mut self, counter: VariableId) {
        let next = Value::binary(BinaryOperator::Add, self.read(counter), Value::usize(1));
        self.assign(counter, next);
    }

    /// Ends a loop if a condition holds.
    fn leave_if(&mut self, condition: Value, ends: usize) -> Result<()> {
        let (leave, _) = self.scoped(|builder| builder.break_at(ends))?;
        self.code.push(Statement::If(condition, leave, Code::new()));
        Ok(())
    }
}

/// Whether a sequence has no value at a position any more.
fn is_beyond(position: &Value, count: &Count) -> Value {
    match count.clone() {
        Count::Of(length) => Value::binary(BinaryOperator::GreaterOrEqual, position.clone(), length),
        Count::UpTo { any, last } => {
            let is_there = Value::binary(BinaryOperator::LessOrEqual, position.clone(), last);
            Value::negated(test::both(any, is_there))
        }
    }
}
