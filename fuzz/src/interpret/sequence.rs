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
use std::rc::Rc;

/// The most values of one loop.
const LIMIT: i128 = 1000;

/// A value of a sequence, as far as it is known before the loop comes to it: closures run then.
#[derive(Clone)]
enum Item<'p> {
    Known(Value),
    Numbered(usize, Box<Item<'p>>),
    Mapped(Box<Item<'p>>, Local, &'p Expression),
    /// One that a closure wants, or else what becomes of the loop.
    Tested(Box<Item<'p>>, Local, &'p Expression, Next),
    /// One that a closure makes something of, or else what becomes of the loop.
    MappedIf(Box<Item<'p>>, Local, &'p Expression, Next),
    /// One that a closure makes something of, with what it has kept of those before.
    Scanned(Box<Item<'p>>, &'p Scan, Rc<RefCell<Value>>),
    /// One that is left out while a closure holds, as long as it has always held.
    Skipped(Box<Item<'p>>, Local, &'p Expression, Rc<Cell<bool>>),
}

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
        for item in self.items(frame, sequence)? {
            let value = match self.force(frame, item)? {
                Ok(value) => value,
                Err(Next::LeftOut) => continue,
                Err(Next::End) => break,
            };
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
        let items = self.items(frame, sequence)?;
        let mut total = self.of_nothing(frame, ending, ty)?;
        let mut place = 0;
        for item in items {
            let value = match self.force(frame, item)? {
                Ok(value) => value,
                Err(Next::LeftOut) => continue,
                Err(Next::End) => break,
            };
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

    fn items<'s>(&mut self, frame: &mut Frame, sequence: &'s Sequence) -> Result<Vec<Item<'s>>> {
        let mut items: Vec<Item<'_>> =
            self.source(frame, &sequence.source)?.into_iter().map(Item::Known).collect();
        for adaptor in &sequence.adaptors {
            match adaptor {
                Adaptor::Reverse => items.reverse(),
                Adaptor::StepBy(by) => items = items.into_iter().step_by(*by).collect(),
                Adaptor::Enumerate => {
                    let numbered = items.into_iter().enumerate();
                    items = numbered.map(|(at, item)| Item::Numbered(at, Box::new(item))).collect();
                }
                Adaptor::Skip(n) => {
                    let n = self.scalar(frame, n)? as usize;
                    items = items.into_iter().skip(n).collect();
                }
                Adaptor::Take(n) => items.truncate(self.scalar(frame, n)? as usize),
                Adaptor::Zip(other) => {
                    let others = self.items(frame, other)?;
                    let mut pairs = Vec::new();
                    for (left, right) in items.into_iter().zip(others) {
                        let (left, right) = (self.force(frame, left)?, self.force(frame, right)?);
                        let (Ok(left), Ok(right)) = (left, right) else { return Err(Flow::Refused) };
                        pairs.push(Item::Known(Value::List(vec![left, right])));
                    }
                    items = pairs;
                }
                Adaptor::Chain(other) => items.extend(self.items(frame, other)?),
                Adaptor::Cycle => {
                    let n = if items.is_empty() { 0 } else { LIMIT as usize };
                    items = items.into_iter().cycle().take(n).collect();
                }
                Adaptor::Parts(parts, n, _) => {
                    let whole =
                        items.into_iter().map(|item| self.force(frame, item)?.map_err(|_| Flow::Refused));
                    items = cut(*parts, *n, &whole.collect::<Result<Vec<_>>>()?);
                }
                closed => items = self.closed(frame, items, closed)?,
            }
        }
        Ok(items)
    }

    /// Values of which closures make something when the loop comes to them.
    fn closed<'s>(
        &mut self,
        frame: &mut Frame,
        items: Vec<Item<'s>>,
        adaptor: &'s Adaptor,
    ) -> Result<Vec<Item<'s>>> {
        let state = match adaptor {
            Adaptor::Scan(scan) => self.evaluate(frame, &scan.start)?,
            _ => Value::Unit,
        };
        let (skips, state) = (Rc::new(Cell::new(true)), Rc::new(RefCell::new(state)));
        let made = |item| {
            let item = Box::new(item);
            Ok(match adaptor {
                Adaptor::Map(local, _, value) => Item::Mapped(item, *local, value),
                Adaptor::Filter(local, _, value) => Item::Tested(item, *local, value, Next::LeftOut),
                Adaptor::TakeWhile(local, _, value) => Item::Tested(item, *local, value, Next::End),
                Adaptor::FilterMap(local, _, value) => Item::MappedIf(item, *local, value, Next::LeftOut),
                Adaptor::MapWhile(local, _, value) => Item::MappedIf(item, *local, value, Next::End),
                Adaptor::SkipWhile(local, _, value) => Item::Skipped(item, *local, value, skips.clone()),
                Adaptor::Scan(scan) => Item::Scanned(item, scan, state.clone()),
                _ => return Err(Flow::Refused),
            })
        };
        items.into_iter().map(made).collect()
    }

    /// A value, or how the loop goes on without one.
    fn force(&mut self, frame: &mut Frame, item: Item<'_>) -> Result<std::result::Result<Value, Next>> {
        Ok(match item {
            Item::Known(value) => Ok(value),
            Item::Numbered(at, inner) => {
                self.force(frame, *inner)?.map(|inner| Value::List(vec![Value::Bits(at as u64), inner]))
            }
            Item::Mapped(inner, local, value) => match self.force(frame, *inner)? {
                Ok(inner) => {
                    frame.locals[usize::from(local)] = Some(inner);
                    Ok(self.evaluate(frame, value)?)
                }
                next => next,
            },
            Item::MappedIf(inner, local, value, next) => match self.force(frame, *inner)? {
                Ok(inner) => {
                    frame.locals[usize::from(local)] = Some(inner);
                    match self.evaluate(frame, value)? {
                        Value::Variant(1, mut found) => found.pop().ok_or(next),
                        _ => Err(next),
                    }
                }
                next => next,
            },
            Item::Scanned(inner, scan, state) => match self.force(frame, *inner)? {
                Ok(inner) => {
                    frame.locals[usize::from(scan.item.0)] = Some(inner);
                    frame.locals[usize::from(scan.state.0)] = Some(state.borrow().clone());
                    let next = self.evaluate(frame, &scan.next)?;
                    *state.borrow_mut() = next;
                    match self.evaluate(frame, &scan.gives)? {
                        Value::Variant(1, mut found) => found.pop().ok_or(Next::End),
                        _ => Err(Next::End),
                    }
                }
                next => next,
            },
            Item::Skipped(inner, local, value, skips) => match self.force(frame, *inner)? {
                Ok(inner) if skips.get() => {
                    frame.locals[usize::from(local)] = Some(inner.clone());
                    skips.set(self.scalar(frame, value)? == 1);
                    if skips.get() { Err(Next::LeftOut) } else { Ok(inner) }
                }
                known => known,
            },
            Item::Tested(inner, local, value, next) => match self.force(frame, *inner)? {
                Ok(inner) => {
                    frame.locals[usize::from(local)] = Some(inner.clone());
                    if self.scalar(frame, value)? == 0 { Err(next) } else { Ok(inner) }
                }
                next => next,
            },
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

/// So many neighbours at a time.
fn cut<'p>(parts: Parts, n: usize, whole: &[Value]) -> Vec<Item<'p>> {
    let lists: Vec<&[Value]> = match parts {
        Parts::Windows => whole.windows(n).collect(),
        Parts::Chunks => whole.chunks(n).collect(),
        Parts::ChunksExact => whole.chunks_exact(n).collect(),
    };
    lists.into_iter().map(|part| Item::Known(Value::List(part.to_vec()))).collect()
}
