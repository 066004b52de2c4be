//! Calls of functions and closures.

use super::Found;
use super::evaluate::{Flow, Frame, Result};
use super::machine::Machine;
use super::place::{Target, Window};
use crate::program::{Expression, Function, Kind, Local, Site, Type, Value};
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

/// What a function is given that takes a slice.
enum Part {
    /// Of an accessor.
    Window(Window),
    /// Some elements of a variable of a type, and their values.
    Elements(Target, Type, Range<usize>, Value),
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
        let (mut closures, mut windows, mut lent) = (Vec::new(), Vec::new(), Vec::new());
        for ((local, _), argument) in function.parameters.iter().zip(arguments) {
            let value = match &argument.kind {
                Kind::Closure(parameters, value) => {
                    let closure = Closure::new(frame, parameters, value);
                    closures.push((*local, closure));
                    continue;
                }
                Kind::Borrow(place) if matches!(argument.ty, Type::Reference(_, true)) => {
                    let target = self.target(frame, place)?;
                    self.require(frame, &target)?;
                    let value = self.load(frame, &target, &place.ty)?;
                    lent.push((*local, Lent::Whole(target)));
                    value
                }
                Kind::Part { .. } => match self.part(frame, argument)? {
                    Part::Window(window) => {
                        windows.push((*local, window));
                        continue;
                    }
                    Part::Elements(target, ty, range, elements) => {
                        if matches!(argument.ty, Type::Reference(_, true) | Type::View(_, true)) {
                            lent.push((*local, Lent::Part(target, ty, range)));
                        }
                        elements
                    }
                },
                _ => self.evaluate(frame, argument)?,
            };
            locals[usize::from(*local)] = Some(value);
        }
        let accessors = accessors.iter().map(|accessor| frame.accessors[*accessor]).collect();
        let mut inner = Frame { locals, closures, windows, accessors, item: frame.item, is_over: false };
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

    /// Some elements of a variable or an accessor. A row or range that is not there ends the work-item.
    fn part(&mut self, frame: &mut Frame, part: &Expression) -> Result<Part> {
        let Kind::Part { base, row, start, end, site } = &part.kind else { return Err(Flow::Refused) };
        let mut number =
            |end: &Option<Box<Expression>>| end.as_ref().map(|end| self.scalar(frame, end)).transpose();
        let (row, start, end) = (number(row)?, number(start)?.unwrap_or(0), number(end)?);
        if let Some(window) = self.whole(frame, base, row, *site)? {
            let end = end.unwrap_or(window.length);
            self.inside([start, end], window.length, *site)?;
            let first = window.first + start as usize;
            return Ok(Part::Window(Window { first, length: end - start, ..window }));
        }
        let target = self.target(frame, base)?;
        let Value::List(elements) = self.load(frame, &target, &base.ty)? else { return Err(Flow::Refused) };
        let length = elements.len() as u64;
        let end = end.unwrap_or(length);
        self.inside([start, end], length, *site)?;
        let range = start as usize..end as usize;
        let part = Value::List(elements[range.clone()].to_vec());
        Ok(Part::Elements(target, base.ty.clone(), range, part))
    }

    /// All elements of what leads to an accessor, or of one of its rows.
    fn whole(
        &mut self,
        frame: &Frame,
        base: &Expression,
        row: Option<u64>,
        site: Site,
    ) -> Result<Option<Window>> {
        let Kind::Whole(accessor) = base.kind else { return Ok(frame.window(base)) };
        let accessor = *frame.accessors.get(accessor).ok_or(Flow::Refused)?;
        let (_, extent) = self.program.accessor(accessor).ok_or(Flow::Refused)?;
        match (row, &extent[..]) {
            (None, [length]) => Ok(Some(Window { accessor, first: 0, length: *length as u64 })),
            (Some(row), [rows, _]) if row >= *rows as u64 => {
                self.fail(site, Found::Index(1, [row, 0], [*rows as u64, 0]));
                Err(Flow::Ended)
            }
            (Some(row), [_, columns]) => {
                Ok(Some(Window { accessor, first: row as usize * columns, length: *columns as u64 }))
            }
            _ => Err(Flow::Refused),
        }
    }

    /// Ends the work-item unless a range lies inside of so many elements.
    fn inside(&mut self, [start, end]: [u64; 2], length: u64, site: Site) -> Result<()> {
        if start <= end && end <= length {
            return Ok(());
        }
        self.fail(site, Found::Range([start, end], length));
        Err(Flow::Ended)
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
