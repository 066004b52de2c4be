//! `for` through sequences: each becomes a count and a value for each position.

use super::asking::Asking;
use super::builder::Builder;
use super::counts::Count;
use super::ir::*;
use super::stages::Stage;
use super::*;
use crate::kernel::tree::{
    Adaptor, BinaryOperator, Expression, ExpressionKind, LoopRef, Parts, Pattern, Source,
};
use crate::kernel::twin::{PART_OF_NOTHING, STEP_OF_ZERO};
use crate::kernel::types::Scalar;

/// A sequence of values by their positions, as far as these tell, and what then becomes of each.
pub(super) struct Sequence {
    pub count: Count,
    /// From how many positions only the first is taken, if not from each one, and where that stands.
    pub step: Option<(Value, &'static Site)>,
    pub item: Item,
    /// What the closures in `item` do.
    pub calls: Calls,
    pub stages: Vec<Stage>,
}

/// What closures do at the positions of a sequence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Calls {
    /// There are none.
    Nothing,
    /// They give a value at each position.
    Each,
    /// They leave some out.
    Some,
}

/// The value at a position. All values are atoms.
pub(super) enum Item {
    Number {
        start: Value,
        ty: Type,
    },
    Element(Value),
    /// An element of an array as a place, by the array's place and the element's type.
    Place(Box<(Value, Vec<Step>)>, Type),
    /// The element of an accessor, in this row if it has some.
    OfAccessor(AccessorId, Option<Value>),
    Zipped(Box<Item>, Box<Item>),
    /// What a closure makes of it.
    Asked(Box<Item>, Value, Asking),
    /// Those of one sequence, of which there are so many, and then those of another.
    Chained(Box<[Item; 2]>, Value),
    /// Elements that lie side by side: which parts of what, and how long they are.
    Part(Value, Parts, Value),
    /// The same position from the end.
    Reversed(Box<Item>, Value),
    Stepped(Box<Item>, Value),
    Skipped(Box<Item>, Value),
    Enumerated(Box<Item>),
    /// Those of so many, over and over.
    Cycled(Box<Item>, Value),
}

impl Sequence {
    /// A sequence of all values at its positions.
    pub fn new(count: Count, item: Item) -> Self {
        Sequence { count, step: None, item, calls: Calls::Nothing, stages: Vec::new() }
    }

    /// The same positions with other values.
    pub fn map(self, item: impl FnOnce(Box<Item>) -> Item) -> Self {
        Sequence { item: item(Box::new(self.item)), ..self }
    }

    /// Whether an adaptor only changes the positions: nobody could tell which closures it leaves uncalled.
    fn has_places_for(&self, adaptor: &Adaptor) -> bool {
        let most = match adaptor {
            Adaptor::StepBy(..) | Adaptor::Skip(_) | Adaptor::Zip(_) | Adaptor::Cycle => Calls::Nothing,
            Adaptor::Enumerate | Adaptor::Take(_) => Calls::Each,
            _ => Calls::Some,
        };
        self.stages.is_empty() && self.calls <= most
    }
}

impl Builder<'_, '_> {
    pub fn for_each(
        &mut self,
        id: LoopRef,
        pattern: &'static Pattern,
        sequence: &'static tree::Sequence,
        body: &'static tree::Block,
    ) -> Result<Value> {
        let Some(sequence) = self.prepared(sequence)? else { return Ok(Value::never()) };
        self.run_through(id, &sequence, name_of(pattern), |builder, value| {
            match pattern {
                Pattern::Bind { local, mutable: false, .. } if value.is_atom() => {
                    builder.bindings.insert(*local, value);
                }
                _ => builder.bind(pattern, value)?,
            }
            builder.block(body)
        })?;
        Ok(Value::unit())
    }

    /// A sequence that a closure gives.
    pub fn sequence_value(&mut self, sequence: &'static tree::Sequence) -> Result<Value> {
        let Some(sequence) = self.prepared(sequence)? else { return Ok(Value::never()) };
        self.sequences.push(Some(sequence));
        Ok(Value::new(Node::Sequence(self.sequences.len() - 1), Type::Unit))
    }

    /// What is to be gone through; `None` if one of its parts never ends normally.
    pub fn prepared(&mut self, sequence: &'static tree::Sequence) -> Result<Option<Sequence>> {
        let Some(mut values) = self.evaluated(sequence)? else { return Ok(None) };
        let sequence = self.sequence(sequence, &mut values)?;
        Ok(Some(self.striding(sequence)))
    }

    /// What a sequence is made of, evaluated once and in order: the ends of a range or the array, then what the adaptors
    /// take. `None` if one of them never ends normally.
    fn evaluated(&mut self, sequence: &'static tree::Sequence) -> Result<Option<std::vec::IntoIter<Value>>> {
        let mut expressions = Vec::new();
        parts(sequence, &mut expressions);
        let (expressions, lent): (Vec<_>, Vec<_>) = expressions.into_iter().unzip();
        let Some(values) = self.operands(&expressions)? else { return Ok(None) };
        let atoms = values.into_iter().zip(expressions).zip(lent).map(|((value, expression), is_lent)| {
            if matches!(
                expression.kind,
                ExpressionKind::Borrow { mutable: true, .. } | ExpressionKind::Closure(_)
            ) {
                return value;
            }
            let value = self.followed(value);
            let stays = is_lent && matches!(value.node, Node::Variable(_));
            if stays { value } else { self.atom(value) }
        });
        Ok(Some(atoms.collect::<Vec<_>>().into_iter()))
    }

    fn sequence(
        &mut self,
        sequence: &'static tree::Sequence,
        values: &mut std::vec::IntoIter<Value>,
    ) -> Result<Sequence> {
        let mut result = self.source(&sequence.source, values)?;
        for adaptor in sequence.adaptors {
            result = self.adapted(result, adaptor, values)?;
        }
        Ok(result)
    }

    fn source(
        &mut self,
        source: &'static Source,
        values: &mut std::vec::IntoIter<Value>,
    ) -> Result<Sequence> {
        let missing = || error("a loop lacks what it goes through");
        let first = values.next().ok_or_else(missing)?;
        match source {
            Source::Elements { .. } => self.elements(first),
            Source::Row { site, .. } => {
                let index = values.next().ok_or_else(missing)?;
                self.row(&first, index, site)
            }
            Source::From { .. } => {
                let (count, ty) = (Count::endless(Value::bool(true)), first.ty.clone());
                Ok(Sequence::new(count, Item::Number { start: first, ty }))
            }
            Source::Range { inclusive, .. } => {
                let end = values.next().ok_or_else(missing)?;
                Ok(self.range(first, end, *inclusive))
            }
        }
    }

    /// The elements of an array, or of an accessor.
    pub fn elements(&mut self, of: Value) -> Result<Sequence> {
        let (count, item) = match (&of.ty, &of.node) {
            (Type::Array(element, length), Node::Borrowed(place)) => {
                (Value::usize(*length as u64), Item::Place(place.clone(), (**element).clone()))
            }
            (Type::Array(_, length), _) => (Value::usize(*length as u64), Item::Element(of)),
            (Type::Accessor { dimensions: 1, .. }, Node::Accessor(accessor)) => {
                (self.extent(*accessor, 0), Item::OfAccessor(*accessor, None))
            }
            (other, _) => {
                return Err(error(format!(
                    "a loop in {} goes through a value of type `{}`; kernels go through ranges, arrays, accessors of one dimension \
                     and rows of those of two",
                    self.file,
                    method::describe(other)
                )));
            }
        };
        Ok(Sequence::new(Count::Of(count), item))
    }

    /// The elements of a row, of which there are none where there is no such row.
    fn row(&mut self, of: &Value, index: Value, site: &'static Site) -> Result<Sequence> {
        let Node::Accessor(accessor) = of.node else {
            return Err(error("a loop goes through a row of what is no accessor"));
        };
        let (rows, columns, mut checks) = (self.extent(accessor, 0), self.extent(accessor, 1), Vec::new());
        let index = self.one_below(index, rows, site, &mut checks);
        // Where the launch shows that there is such a row, it does so here: the row may have no elements.
        let index = if matches!(index.node, Node::Below(..)) { self.spill(index) } else { index };
        let item = Item::OfAccessor(accessor, Some(index));
        if checks.is_empty() {
            return Ok(Sequence::new(Count::Of(columns), item));
        }
        let length = self.zeroed(Type::Scalar(Scalar::Usize));
        let place = Place { root: Root::Variable(length), path: Vec::new() };
        self.guard(&checks, vec![Statement::Store(place, columns)]);
        Ok(Sequence::new(Count::Of(self.read(length)), item))
    }

    fn range(&mut self, start: Value, end: Value, inclusive: bool) -> Sequence {
        let count = self.count(&start, &end, inclusive);
        let ty = start.ty.clone();
        Sequence::new(count, Item::Number { start, ty })
    }

    fn adapted(
        &mut self,
        mut sequence: Sequence,
        adaptor: &'static Adaptor,
        values: &mut std::vec::IntoIter<Value>,
    ) -> Result<Sequence> {
        let mut next = || values.next().unwrap_or(Value::usize(1));
        let asked = match adaptor {
            Adaptor::Scan(..) => Some(Asking::Scan(self.state(next())?)),
            _ => self.asking(adaptor),
        };
        match (asked, adaptor) {
            (Some(asking), _) => self.ask(&mut sequence, next(), asking),
            (None, Adaptor::FlatMap(_)) => sequence.stages.push(Stage::Flat(Some(next()))),
            (None, Adaptor::Flatten) => sequence.stages.push(Stage::Flat(None)),
            (None, _) if sequence.has_places_for(adaptor) => return self.placed(sequence, adaptor, values),
            (None, _) => {
                let stage = self.stage(adaptor, values)?;
                sequence.stages.push(stage);
            }
        }
        Ok(sequence)
    }

    /// The variable that the closure of a `scan` changes.
    fn state(&mut self, start: Value) -> Result<VariableId> {
        if !start.ty.is_data() {
            return Err(error(format!("what a `scan` in {} begins with is no data", self.file)));
        }
        let state = self.variable("state", start.ty.clone(), true);
        self.code.push(Statement::Declare(state, Some(start)));
        Ok(state)
    }

    fn ask(&mut self, sequence: &mut Sequence, closure: Value, asking: Asking) {
        if !sequence.stages.is_empty() {
            return sequence.stages.push(Stage::Asked(closure, asking));
        }
        let item = std::mem::replace(&mut sequence.item, Item::Element(Value::unit()));
        sequence.item = Item::Asked(Box::new(item), closure, asking);
        sequence.calls = sequence.calls.max(asking.calls());
    }

    /// A sequence at other positions.
    fn placed(
        &mut self,
        sequence: Sequence,
        adaptor: &'static Adaptor,
        values: &mut std::vec::IntoIter<Value>,
    ) -> Result<Sequence> {
        let mut next = || values.next().unwrap_or(Value::usize(1));
        let sequence = self.dense(sequence);
        Ok(match adaptor {
            Adaptor::Zip(other) => {
                let other = self.partner(other, values, Calls::Each)?;
                let (count, calls) = (self.shorter(sequence.count, other.count), other.calls);
                let item = Item::Zipped(Box::new(sequence.item), Box::new(other.item));
                Sequence { calls, ..Sequence::new(count, item) }
            }
            Adaptor::Chain(other) => {
                let other = self.partner(other, values, Calls::Some)?;
                return self.chained(sequence, other);
            }
            Adaptor::Parts(parts, _, site) => {
                let length = self.step(next(), site, &PART_OF_NOTHING);
                return self.parts_of(sequence, *parts, length);
            }
            Adaptor::Reverse => {
                let last = self.last(&sequence.count);
                sequence.map(|item| Item::Reversed(item, last))
            }
            Adaptor::Enumerate => sequence.map(Item::Enumerated),
            Adaptor::StepBy(_, site) => {
                let step = self.step(next(), site, &STEP_OF_ZERO);
                Sequence { step: Some((step, site)), ..sequence }
            }
            Adaptor::Take(_) => Sequence { count: self.taken(sequence.count.clone(), next()), ..sequence },
            Adaptor::Skip(_) => {
                let skipped = next();
                let count = self.skipped(sequence.count.clone(), &skipped);
                Sequence { count, ..sequence.map(|item| Item::Skipped(item, skipped)) }
            }
            Adaptor::Cycle => self.cycled(sequence),
            _ => sequence,
        })
    }

    /// What an adaptor does with one value after the other.
    fn stage(&mut self, adaptor: &'static Adaptor, values: &mut std::vec::IntoIter<Value>) -> Result<Stage> {
        let counter = self.zeroed(Type::Scalar(Scalar::Usize));
        let mut next = || values.next().unwrap_or(Value::usize(1));
        Ok(match adaptor {
            Adaptor::Skip(_) => Stage::Skip(counter, next()),
            Adaptor::Take(_) => Stage::Take(counter, next()),
            Adaptor::Enumerate => Stage::Enumerate(counter),
            Adaptor::StepBy(_, site) => Stage::StepBy(counter, self.step(next(), site, &STEP_OF_ZERO)),
            Adaptor::Zip(other) => {
                let other = self.partner(other, values, Calls::Each)?;
                Stage::Zip(counter, Box::new((other.count, other.item)))
            }
            _ => return Err(self.without_places()),
        })
    }

    /// What is joined to a sequence: its positions have to tell all of it, but for what closures of this kind do.
    fn partner(
        &mut self,
        other: &'static tree::Sequence,
        values: &mut std::vec::IntoIter<Value>,
        most: Calls,
    ) -> Result<Sequence> {
        let other = self.sequence(other, values)?;
        let has_places = other.stages.is_empty() && other.calls <= most;
        if has_places { Ok(self.dense(other)) } else { Err(self.without_places()) }
    }

    /// What the macro has told before.
    fn without_places(&self) -> crate::error::Error {
        error(format!("a loop in {} has an adaptor behind one that leaves no positions", self.file))
    }

    /// A sequence over and over: without an end, if it has anything.
    fn cycled(&mut self, sequence: Sequence) -> Sequence {
        let length = match sequence.count.clone() {
            Count::Of(length) => length,
            Count::UpTo { last: Value { node: Node::Literal(u64::MAX), .. }, .. } => return sequence,
            Count::UpTo { any, last } => {
                // Nobody comes to where the largest number makes a difference.
                let is_most = Value::binary(BinaryOperator::Equal, last.clone(), Value::usize(u64::MAX));
                let more = Value::binary(BinaryOperator::Add, last.clone(), Value::usize(1));
                let length = self.atom(select(is_most, last, more));
                let count = Count::endless(any);
                return Sequence { count, ..sequence.map(|item| Item::Cycled(item, length)) };
            }
        };
        let any = match length.node {
            Node::Literal(length) => Value::bool(length != 0),
            _ => self.atom(Value::binary(BinaryOperator::NotEqual, length.clone(), Value::usize(0))),
        };
        Sequence { count: Count::endless(any), ..sequence.map(|item| Item::Cycled(item, length)) }
    }

    /// The value at a position, which is an atom; a number gets a variable of this name.
    pub fn item(&mut self, item: &Item, position: Value, name: &str) -> Result<Value> {
        Ok(match item {
            Item::Number { start, ty } => self.number_at(start, ty, position, name),
            Item::Element(array) => self.element(array.clone(), position),
            Item::Place(array, element) => {
                let (variable, mut path) = (**array).clone();
                path.push(Step::Index(self.atom(position)));
                Value::new(Node::Borrowed(Box::new((variable, path))), element.clone())
            }
            Item::OfAccessor(accessor, row) => {
                let element = self.accessors[*accessor].element.clone();
                let index = row.iter().cloned().chain([position]).collect();
                self.spill(Value::new(Node::Load(*accessor, index), element))
            }
            Item::Reversed(inner, last) => self.item(inner, minus(last.clone(), position), name)?,
            Item::Stepped(inner, step) => {
                let position = Value::binary(BinaryOperator::Multiply, position, step.clone());
                self.item(inner, position, name)?
            }
            Item::Skipped(inner, count) => {
                let position = Value::binary(BinaryOperator::Add, position, count.clone());
                self.item(inner, position, name)?
            }
            Item::Cycled(inner, length) => {
                let position = Value::binary(BinaryOperator::Remainder, position, length.clone());
                self.item(inner, position, name)?
            }
            Item::Enumerated(inner) => {
                let position = self.atom(position);
                let value = self.item(inner, position.clone(), name)?;
                pair(position, value)
            }
            Item::Zipped(one, other) => {
                let position = self.atom(position);
                let one = self.item(one, position.clone(), name)?;
                let other = self.item(other, position, name)?;
                pair(one, other)
            }
            Item::Asked(inner, closure, asking) => {
                // A variable is called as the pattern is only where the value is still its own there.
                let is_kept = !matches!(asking, Asking::Map | Asking::FilterMap(_));
                let value = self.item(inner, position, if is_kept { name } else { "t" })?;
                self.asked(value, closure, *asking, self.loops.len() - 1)?
            }
            Item::Chained(items, length) => self.chained_item(items, length, position, name)?,
            Item::Part(whole, parts, length) => self.part_of(whole, *parts, length, position),
        })
    }

    fn number_at(&mut self, start: &Value, ty: &Type, position: Value, name: &str) -> Value {
        let offset = match position.ty == *ty {
            true => position,
            false => Value::new(Node::Cast(Box::new(position)), ty.clone()),
        };
        let value = match start.node {
            Node::Literal(0) => offset,
            _ => Value::binary(BinaryOperator::Add, start.clone(), offset),
        };
        if matches!(value.node, Node::Variable(_)) {
            return value;
        }
        let variable = self.variable(name, ty.clone(), false);
        self.code.push(Statement::Declare(variable, Some(value)));
        self.read(variable)
    }
}

/// What a sequence is made of, in the order of evaluation, and whether it is only lent.
fn parts(sequence: &'static tree::Sequence, found: &mut Vec<(&'static Expression, bool)>) {
    match &sequence.source {
        Source::Range { start, end, .. } => found.extend([(*start, false), (*end, false)]),
        Source::From { start, .. } => found.push((*start, false)),
        Source::Elements { of, is_lent } => found.push((*of, *is_lent)),
        Source::Row { of, index, .. } => found.extend([(*of, false), (*index, false)]),
    }
    for adaptor in sequence.adaptors {
        match adaptor {
            Adaptor::StepBy(value, _)
            | Adaptor::Parts(_, value, _)
            | Adaptor::Skip(value)
            | Adaptor::Take(value)
            | Adaptor::Map(value)
            | Adaptor::Filter(value)
            | Adaptor::TakeWhile(value)
            | Adaptor::SkipWhile(value)
            | Adaptor::FilterMap(value)
            | Adaptor::MapWhile(value)
            | Adaptor::FlatMap(value)
            | Adaptor::Inspect(value) => {
                found.push((*value, false));
            }
            Adaptor::Scan(start, closure) => found.extend([(*start, false), (*closure, false)]),
            Adaptor::Zip(other) | Adaptor::Chain(other) => parts(other, found),
            Adaptor::Reverse | Adaptor::Enumerate | Adaptor::Flatten | Adaptor::Cycle => {}
        }
    }
}

/// Two values as a tuple.
pub(super) fn pair(one: Value, other: Value) -> Value {
    let fields = [("0", one.ty.clone()), ("1", other.ty.clone())];
    Value::new(Node::Components(vec![one, other]), Type::aggregate(None, fields))
}

/// What to call the numbers that a pattern takes.
fn name_of(pattern: &'static Pattern) -> &'static str {
    match pattern {
        Pattern::Bind { name, mutable: false, .. } => name,
        _ => "t",
    }
}

pub(super) fn minus(left: Value, right: Value) -> Value {
    Value::binary(BinaryOperator::Subtract, left, right)
}

pub(super) fn plus(left: Value, right: u64) -> Value {
    Value::binary(BinaryOperator::Add, left, Value::usize(right))
}

pub(super) fn select(condition: Value, yes: Value, no: Value) -> Value {
    let ty = yes.ty.clone();
    Value::new(Node::Select(Box::new([condition, yes, no])), ty)
}
