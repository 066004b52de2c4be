//! Calls of functions and closures.

use super::evaluate::{Flow, Frame, Result};
use super::machine::Machine;
use super::place::Target;
use crate::program::{Expression, Function, Kind, Local, Type, Value};
use std::ops::Range;
use std::rc::Rc;

/// A closure that changes nothing, with what is around it: that stays the same for as long as it lives.
#[derive(Clone)]
pub struct Closure {
    parameters: Rc<[(Local, Type)]>,
    value: Rc<Expression>,
    around: Rc<Frame>,
}

/// Where something lent by `&mut` comes from.
enum Lent {
    Whole(Target),
    /// Some elements of a variable of this type.
    Part(Target, Type, Range<usize>),
}

impl Closure {
    fn new(around: &Frame, parameters: &[(Local, Type)], value: &Expression) -> Self {
        Closure {
            parameters: parameters.into(),
            value: Rc::new(value.clone()),
            around: Rc::new(around.clone()),
        }
    }
}

impl Machine<'_> {
    pub fn call(
        &mut self,
        frame: &mut Frame,
        function: usize,
        accessors: &[usize],
        arguments: &[Expression],
    ) -> Result<Value> {
        let program = self.program;
        let function: &Function = program.functions.get(function).ok_or(Flow::Refused)?;
        let mut locals = vec![None; usize::from(function.n_locals)];
        let (mut closures, mut lent) = (Vec::new(), Vec::new());
        for ((local, _), argument) in function.parameters.iter().zip(arguments) {
            let value = match &argument.kind {
                Kind::Closure(parameters, value) => {
                    let closure = Closure::new(frame, parameters, value);
                    closures.push((*local, closure));
                    continue;
                }
                Kind::Borrow(place) if matches!(argument.ty, Type::Reference(_, true)) => {
                    let target = self.target(frame, place)?;
                    let value = self.load(frame, &target, &place.ty)?;
                    lent.push((*local, Lent::Whole(target)));
                    value
                }
                Kind::Part { base, start, end, .. } => {
                    let (target, range, elements) =
                        self.part(frame, base, start.as_deref(), end.as_deref())?;
                    if matches!(argument.ty, Type::Reference(_, true)) {
                        lent.push((*local, Lent::Part(target, base.ty.clone(), range)));
                    }
                    elements
                }
                _ => self.evaluate(frame, argument)?,
            };
            locals[usize::from(*local)] = Some(value);
        }
        let accessors = accessors.iter().map(|accessor| frame.accessors[*accessor]).collect();
        let mut inner = Frame { locals, closures, accessors, item: frame.item, is_over: false };
        let result = match self.block(&mut inner, &function.body) {
            Err(Flow::Return(value)) => value,
            other => other?,
        };
        for (local, lent) in lent {
            let value = inner.locals[usize::from(local)].take().ok_or(Flow::Refused)?;
            self.give_back(frame, lent, value)?;
        }
        Ok(result)
    }

    /// Some elements of a variable: it, which ones, and their values.
    fn part(
        &mut self,
        frame: &mut Frame,
        base: &Expression,
        start: Option<&Expression>,
        end: Option<&Expression>,
    ) -> Result<(Target, Range<usize>, Value)> {
        let target = self.target(frame, base)?;
        let Value::List(elements) = self.load(frame, &target, &base.ty)? else { return Err(Flow::Refused) };
        let start = start.map_or(Ok(0), |start| self.scalar(frame, start))? as usize;
        let end = end.map_or(Ok(elements.len() as u64), |end| self.scalar(frame, end))? as usize;
        let part = elements.get(start..end).ok_or(Flow::Refused)?.to_vec();
        Ok((target, start..end, Value::List(part)))
    }

    /// Puts what became of something lent back where it came from, as nobody else has touched that meanwhile.
    fn give_back(&mut self, frame: &mut Frame, lent: Lent, value: Value) -> Result<()> {
        match (lent, value) {
            (Lent::Whole(target), value) => self.store(frame, target, value),
            (Lent::Part(target, ty, range), Value::List(part)) => {
                let Value::List(mut whole) = self.load(frame, &target, &ty)? else {
                    return Err(Flow::Refused);
                };
                whole.splice(range, part);
                self.store(frame, target, Value::List(whole))
            }
            _ => Err(Flow::Refused),
        }
    }

    pub fn apply(&mut self, frame: &mut Frame, closure: Local, arguments: &[Expression]) -> Result<Value> {
        let values = arguments.iter().map(|argument| self.evaluate(frame, argument));
        let values = values.collect::<Result<Vec<_>>>()?;
        let found = frame.closures.iter().find(|(known, _)| *known == closure);
        let Closure { parameters, value, around } = found.ok_or(Flow::Refused)?.1.clone();
        let mut around = (*around).clone();
        for ((local, _), value) in parameters.iter().zip(values) {
            around.locals[usize::from(*local)] = Some(value);
        }
        self.evaluate(&mut around, &value)
    }
}
