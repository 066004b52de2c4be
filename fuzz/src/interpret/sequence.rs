//! What loops go through.

use super::Found;
use super::evaluate::{Flow, Frame, Result, wide};
use super::machine::Machine;
use crate::program::{Adaptor, Block, Expression, Local, LoopId, Parts, Pattern, Sequence, Source, Value};

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
                Adaptor::Filter(local, _, value) | Adaptor::TakeWhile(local, _, value) => {
                    let next = if matches!(adaptor, Adaptor::Filter(..)) { Next::LeftOut } else { Next::End };
                    let tested =
                        items.into_iter().map(|item| Item::Tested(Box::new(item), *local, value, next));
                    items = tested.collect();
                }
                Adaptor::Parts(parts, n, _) => {
                    let whole =
                        items.into_iter().map(|item| self.force(frame, item)?.map_err(|_| Flow::Refused));
                    items = cut(*parts, *n, &whole.collect::<Result<Vec<_>>>()?);
                }
                Adaptor::Map(local, _, value) => {
                    let mapped = items.into_iter().map(|item| Item::Mapped(Box::new(item), *local, value));
                    items = mapped.collect();
                }
            }
        }
        Ok(items)
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
        Ok((input.extent.clone(), input.contents.iter().map(|bits| Value::Bits(*bits)).collect()))
    }
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
