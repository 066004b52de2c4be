//! What loops go through.

use super::Found;
use super::evaluate::{Flow, Frame, Result, wide};
use super::machine::Machine;
use super::operate;
use crate::program::{
    Adaptor, BinaryOperator, Block, Ending, Expression, Local, LoopId, Parts, Pattern, Scalar, Scan,
    Sequence, Source, Type, Value,
};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// The most values of one loop.
const LIMIT: i128 = 1000;

/// A value of a sequence, as far as it is known before the loop comes to it: closures run then.
#[derive(Clone)]
struct Item<'p> {
    value: Value,
    /// What becomes of it, in order.
    steps: Vec<Step<'p>>,
}

/// What an adaptor makes of one value.
#[derive(Clone)]
enum Step<'p> {
    Number(usize),
    Map(Local, &'p Expression),
    /// A closure wants it, or else this becomes of the loop.
    Test(Local, &'p Expression, Next),
    /// A closure makes something of it, or else this becomes of the loop.
    MapIf(Local, &'p Expression, Next),
    /// A closure makes something of it, with what it has kept of those before.
    Scan(&'p Scan, Rc<RefCell<Value>>),
    /// It is left out while a closure holds, as long as that has always held.
    Skip(Local, &'p Expression, Rc<Cell<bool>>),
    /// Those of a sequence stand in its place.
    FlatMap(Local, &'p Sequence),
    /// Its elements do.
    Flatten,
    /// Stands behind the steps of a sequence in the place of one value: that sequence ends, not the whole.
    Inner(Rc<Cell<bool>>),
}

/// The values of a sequence that the loop has not come to.
type Items<'p> = VecDeque<Item<'p>>;

/// How a loop goes on at a value.
#[derive(Clone, Copy)]
enum Next {
    LeftOut,
    End,
}

impl Machine<'_> {
    pub fn for_each(
        &mut self,
        frame: &mut Frame,
        id: LoopId,
        pattern: &Pattern,
        sequence: &Sequence,
        body: &Block,
    ) -> Result<Value> {
        let mut items = self.items(frame, sequence)?;
        while let Some(value) = self.next(frame, &mut items)? {
            if !frame.matches(pattern, &value) {
                return Err(Flow::Refused);
            }
            if self.round(frame, id, body)?.is_some() {
                break;
            }
        }
        Ok(Value::Unit)
    }

    /// `sequence.ending(..)`, of a type.
    pub fn ended(
        &mut self,
        frame: &mut Frame,
        sequence: &Sequence,
        ending: &Ending,
        ty: &Type,
    ) -> Result<Value> {
        let mut items = self.items(frame, sequence)?;
        let mut total = self.of_nothing(frame, ending, ty)?;
        let mut place = 0;
        while let Some(value) = self.next(frame, &mut items)? {
            if let Some(found) = self.found(frame, ending, &value, place)? {
                return Ok(found);
            }
            total = self.with_one_more(frame, ending, ty, total, value)?;
            place += 1;
        }
        Ok(if matches!(ending, Ending::Count) { Value::Bits(place) } else { total })
    }

    /// What it gives if there is no value.
    fn of_nothing(&mut self, frame: &mut Frame, ending: &Ending, ty: &Type) -> Result<Value> {
        let scalar = || ty.scalar().ok_or(Flow::Refused);
        Ok(match ending {
            Ending::Fold(start, ..) => self.evaluate(frame, start)?,
            Ending::Sum(_) if scalar()?.is_float() => Value::Bits(1 << (scalar()?.bits() - 1)),
            Ending::Product(_) => Value::Bits(operate::cast(Scalar::U8, scalar()?, 1)),
            Ending::All(..) => Value::Bits(1),
            _ => ty.zero(),
        })
    }

    /// What a search gives that ends at a value.
    fn found(
        &mut self,
        frame: &mut Frame,
        ending: &Ending,
        value: &Value,
        place: u64,
    ) -> Result<Option<Value>> {
        let (Ending::Any(local, _, closure)
        | Ending::All(local, _, closure)
        | Ending::Position(local, _, closure)
        | Ending::Find(local, _, closure)) = ending
        else {
            return Ok(None);
        };
        frame.locals[usize::from(*local)] = Some(value.clone());
        let holds = self.scalar(frame, closure)? == 1;
        Ok(match ending {
            Ending::All(..) => (!holds).then_some(Value::Bits(0)),
            _ if !holds => None,
            Ending::Any(..) => Some(Value::Bits(1)),
            Ending::Position(..) => Some(Value::Variant(1, vec![Value::Bits(place)])),
            _ => Some(Value::Variant(1, vec![value.clone()])),
        })
    }

    /// What it gives with one more value.
    fn with_one_more(
        &mut self,
        frame: &mut Frame,
        ending: &Ending,
        ty: &Type,
        total: Value,
        value: Value,
    ) -> Result<Value> {
        let combined = |operator| {
            let (total, value) = (total.bits()?, value.bits()?);
            operate::binary(operator, ty.scalar()?, total, value).map(Value::Bits)
        };
        match ending {
            Ending::Sum(_) => combined(BinaryOperator::Add).ok_or(Flow::Refused),
            Ending::Product(_) => combined(BinaryOperator::Multiply).ok_or(Flow::Refused),
            Ending::Min | Ending::Max | Ending::Last => {
                let kept = match total {
                    Value::Variant(1, mut kept) => kept.pop(),
                    _ => None,
                };
                let better = match kept {
                    Some(kept) => better(ending, ty, kept, value).ok_or(Flow::Refused)?,
                    None => value,
                };
                Ok(Value::Variant(1, vec![better]))
            }
            Ending::Fold(_, [(before, _), (next, _)], closure) => {
                frame.locals[usize::from(*before)] = Some(total);
                frame.locals[usize::from(*next)] = Some(value);
                self.evaluate(frame, closure)
            }
            _ => Ok(total),
        }
    }

    fn items<'s>(&mut self, frame: &mut Frame, sequence: &'s Sequence) -> Result<Items<'s>> {
        let mut items: Items<'s> = self.source(frame, &sequence.source)?.into_iter().map(Item::of).collect();
        for adaptor in &sequence.adaptors {
            match adaptor {
                Adaptor::Reverse => items.make_contiguous().reverse(),
                Adaptor::StepBy(by) => items = items.into_iter().step_by(*by).collect(),
                Adaptor::Enumerate => {
                    for (at, item) in items.iter_mut().enumerate() {
                        item.steps.push(Step::Number(at));
                    }
                }
                Adaptor::Skip(n) => {
                    let n = self.scalar(frame, n)? as usize;
                    items = items.into_iter().skip(n).collect();
                }
                Adaptor::Take(n) => items.truncate(self.scalar(frame, n)? as usize),
                Adaptor::Zip(other) => {
                    let others = self.items(frame, other)?;
                    let pairs = items.into_iter().zip(others);
                    let pairs = pairs.map(|(left, right)| {
                        Ok(Item::of(Value::List(vec![self.known(frame, left)?, self.known(frame, right)?])))
                    });
                    items = pairs.collect::<Result<_>>()?;
                }
                Adaptor::Chain(other) => items.extend(self.items(frame, other)?),
                Adaptor::Cycle => {
                    let n = if items.is_empty() { 0 } else { LIMIT as usize };
                    items = items.iter().cycle().take(n).cloned().collect();
                }
                Adaptor::Parts(parts, n, _) => {
                    let whole = items.into_iter().map(|item| self.known(frame, item));
                    items = cut(*parts, *n, &whole.collect::<Result<Vec<_>>>()?);
                }
                closed => {
                    let step = self.closed(frame, closed)?;
                    items.iter_mut().for_each(|item| item.steps.push(step.clone()));
                }
            }
        }
        Ok(items)
    }

    /// What a closure makes of each value when the loop comes to it.
    fn closed<'s>(&mut self, frame: &mut Frame, adaptor: &'s Adaptor) -> Result<Step<'s>> {
        Ok(match adaptor {
            Adaptor::Map(local, _, value) => Step::Map(*local, value),
            Adaptor::Filter(local, _, value) => Step::Test(*local, value, Next::LeftOut),
            Adaptor::TakeWhile(local, _, value) => Step::Test(*local, value, Next::End),
            Adaptor::FilterMap(local, _, value) => Step::MapIf(*local, value, Next::LeftOut),
            Adaptor::MapWhile(local, _, value) => Step::MapIf(*local, value, Next::End),
            Adaptor::SkipWhile(local, _, value) => Step::Skip(*local, value, Rc::new(Cell::new(true))),
            Adaptor::Scan(scan) => {
                let state = self.evaluate(frame, &scan.start)?;
                Step::Scan(scan, Rc::new(RefCell::new(state)))
            }
            Adaptor::FlatMap(local, _, inner) => Step::FlatMap(*local, inner),
            Adaptor::Flatten => Step::Flatten,
            _ => return Err(Flow::Refused),
        })
    }

    /// The next value, if there is one.
    fn next(&mut self, frame: &mut Frame, items: &mut Items<'_>) -> Result<Option<Value>> {
        while let Some(Item { value, steps }) = items.pop_front() {
            match self.made(frame, value, &steps, items)? {
                Ok(value) => return Ok(Some(value)),
                Err(Next::LeftOut) => {}
                Err(Next::End) => return Ok(None),
            }
        }
        Ok(None)
    }

    /// A value that no closure has to do with.
    fn known(&mut self, frame: &mut Frame, item: Item<'_>) -> Result<Value> {
        self.made(frame, item.value, &item.steps, &mut Items::new())?.map_err(|_| Flow::Refused)
    }

    /// What the steps make of a value, or how the loop goes on without it. What stands in its place comes before `rest`.
    fn made<'s>(
        &mut self,
        frame: &mut Frame,
        mut value: Value,
        steps: &[Step<'s>],
        rest: &mut Items<'s>,
    ) -> Result<std::result::Result<Value, Next>> {
        if steps.iter().any(|step| matches!(step, Step::Inner(is_over) if is_over.get())) {
            return Ok(Err(Next::LeftOut));
        }
        for (at, step) in steps.iter().enumerate() {
            let inner = match step {
                Step::FlatMap(local, sequence) => {
                    frame.locals[usize::from(*local)] = Some(value);
                    self.items(frame, sequence)?
                }
                Step::Flatten => match value {
                    Value::List(elements) => elements.into_iter().map(Item::of).collect(),
                    _ => return Err(Flow::Refused),
                },
                step => match self.step(frame, value, step)? {
                    Ok(made) => {
                        value = made;
                        continue;
                    }
                    Err(next) => return Ok(Err(ended_inside(next, &steps[at..]))),
                },
            };
            let ends = Step::Inner(Rc::new(Cell::new(false)));
            for mut item in inner.into_iter().rev() {
                item.steps.push(ends.clone());
                item.steps.extend_from_slice(&steps[at + 1..]);
                rest.push_front(item);
            }
            return Ok(Err(Next::LeftOut));
        }
        Ok(Ok(value))
    }

    fn step(
        &mut self,
        frame: &mut Frame,
        value: Value,
        step: &Step<'_>,
    ) -> Result<std::result::Result<Value, Next>> {
        let mut bind = |local: &Local, value: &Value| frame.locals[usize::from(*local)] = Some(value.clone());
        Ok(match step {
            Step::Number(at) => Ok(Value::List(vec![Value::Bits(*at as u64), value])),
            Step::Map(local, closure) => {
                bind(local, &value);
                Ok(self.evaluate(frame, closure)?)
            }
            Step::MapIf(local, closure, next) => {
                bind(local, &value);
                inside(self.evaluate(frame, closure)?).ok_or(*next)
            }
            Step::Scan(scan, state) => {
                bind(&scan.item.0, &value);
                bind(&scan.state.0, &state.borrow());
                let next = self.evaluate(frame, &scan.next)?;
                *state.borrow_mut() = next;
                inside(self.evaluate(frame, &scan.gives)?).ok_or(Next::End)
            }
            Step::Skip(local, closure, skips) => {
                if skips.get() {
                    bind(local, &value);
                    skips.set(self.scalar(frame, closure)? == 1);
                }
                if skips.get() { Err(Next::LeftOut) } else { Ok(value) }
            }
            Step::Test(local, closure, next) => {
                bind(local, &value);
                if self.scalar(frame, closure)? == 0 { Err(*next) } else { Ok(value) }
            }
            Step::Inner(_) => Ok(value),
            Step::FlatMap(..) | Step::Flatten => return Err(Flow::Refused),
        })
    }

    fn source(&mut self, frame: &mut Frame, source: &Source) -> Result<Vec<Value>> {
        match source {
            Source::Range(pair) => {
                let scalar = pair[0].ty.scalar().ok_or(Flow::Refused)?;
                let (start, end) = (self.scalar(frame, &pair[0])?, self.scalar(frame, &pair[1])?);
                let (start, end) = (wide(scalar, start), wide(scalar, end));
                if end - start > LIMIT {
                    return Err(Flow::Refused);
                }
                Ok((start..end).map(|value| Value::Bits(value as u64 & scalar.mask())).collect())
            }
            Source::Array(array) | Source::Lent(array) => match self.evaluate(frame, array)? {
                Value::List(values) => Ok(values),
                _ => Err(Flow::Refused),
            },
            Source::Accessor(accessor) => Ok(self.input(frame, *accessor)?.1.to_vec()),
            Source::Row(accessor, row, site) => {
                let row = self.scalar(frame, row)?;
                let (extent, values) = self.input(frame, *accessor)?;
                let (rows, columns) = (extent[0] as u64, extent[1]);
                if row >= rows {
                    self.fail(*site, Found::Index(1, [row, 0], [rows, 0]));
                    return Ok(Vec::new());
                }
                Ok(values[row as usize * columns..][..columns].to_vec())
            }
        }
    }

    /// The extents and elements of an input.
    fn input(&self, frame: &Frame, accessor: usize) -> Result<(Vec<usize>, Vec<Value>)> {
        let number = *frame.accessors.get(accessor).ok_or(Flow::Refused)?;
        let input = self.program.inputs.get(number).ok_or(Flow::Refused)?;
        Ok((input.extent.clone(), input.contents.clone()))
    }
}

/// The smaller, the larger or the later of two values; `ty` is an `Option` of them.
fn better(ending: &Ending, ty: &Type, kept: Value, value: Value) -> Option<Value> {
    let name = match ending {
        Ending::Last => return Some(value),
        ending => ending.name(),
    };
    let Type::Declared(of) = ty else { return None };
    let scalar = of.variants[1].fields[0].scalar()?;
    operate::method(name, scalar, kept.bits()?, &[value.bits()?]).map(Value::Bits)
}

impl Item<'_> {
    fn of(value: Value) -> Self {
        Item { value, steps: Vec::new() }
    }
}

/// How the loop goes on where a closure among these steps ends its sequence: that may be one in the place of a value.
fn ended_inside(next: Next, steps: &[Step<'_>]) -> Next {
    let inner = steps.iter().find_map(|step| match step {
        Step::Inner(is_over) => Some(is_over),
        _ => None,
    });
    match (next, inner) {
        (Next::End, Some(is_over)) => {
            is_over.set(true);
            Next::LeftOut
        }
        (next, _) => next,
    }
}

/// What is in an `Option`.
fn inside(option: Value) -> Option<Value> {
    match option {
        Value::Variant(1, mut found) => found.pop(),
        _ => None,
    }
}

/// So many neighbours at a time.
fn cut<'p>(parts: Parts, n: usize, whole: &[Value]) -> Items<'p> {
    let lists: Vec<&[Value]> = match parts {
        Parts::Windows => whole.windows(n).collect(),
        Parts::Chunks => whole.chunks(n).collect(),
        Parts::ChunksExact => whole.chunks_exact(n).collect(),
    };
    lists.into_iter().map(|part| Item::of(Value::List(part.to_vec()))).collect()
}
