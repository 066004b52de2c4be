//! `for` through what is made of pieces: parts of arrays, and one sequence behind another.

use super::builder::Builder;
use super::counts::Count;
use super::ir::*;
use super::sequence::{Item, Sequence, minus, select};
use super::*;
use crate::kernel::tree::{BinaryOperator, Parts};

impl Builder<'_, '_> {
    /// One sequence behind another.
    pub fn chained(&mut self, first: Sequence, second: Sequence) -> Result<Sequence> {
        let calls = first.calls.max(second.calls);
        let (Count::Of(length), Count::Of(rest)) = (first.count, second.count) else {
            return Err(error(format!(
                "a chain in {} has a range without an end, or with one of 64 bits that belongs to it; write `a..b`",
                self.file
            )));
        };
        let total = self.atom(Value::binary(BinaryOperator::Add, length.clone(), rest));
        let item = Item::Chained(Box::new([first.item, second.item]), length);
        Ok(Sequence { calls, ..Sequence::new(Count::Of(total), item) })
    }

    /// Parts of an array, none of which is empty.
    pub fn parts_of(
        &mut self,
        Sequence { count, item, .. }: Sequence,
        parts: Parts,
        length: Value,
    ) -> Result<Sequence> {
        let Item::Element(array) = item else {
            return Err(error(format!("a loop in {} goes through parts of what is no array", self.file)));
        };
        let whole = self.lent(array);
        let count = match (parts, count) {
            (Parts::Windows, count) => {
                let less = self.atom(minus(length.clone(), Value::usize(1)));
                self.skipped(count, &less)
            }
            (Parts::Chunks, count) => self.stepped(count, &length),
            (Parts::ChunksExact, Count::Of(whole)) => {
                Count::Of(self.atom(Value::binary(BinaryOperator::Divide, whole, length.clone())))
            }
            (Parts::ChunksExact, count) => count,
        };
        Ok(Sequence::new(count, Item::Part(whole, parts, length)))
    }

    /// A part of a slice, by its position among them.
    pub fn part_of(&mut self, whole: &Value, parts: Parts, length: &Value, position: Value) -> Value {
        let Node::Slice(window) = &whole.node else { return whole.clone() };
        let first = match parts {
            Parts::Windows => position,
            _ => Value::binary(BinaryOperator::Multiply, position, length.clone()),
        };
        let first = self.atom(first);
        let length = match parts {
            Parts::Chunks => {
                let rest = self.atom(minus(window.length.clone(), first.clone()));
                let is_less = Value::binary(BinaryOperator::Less, rest.clone(), length.clone());
                self.atom(select(is_less, rest, length.clone()))
            }
            _ => length.clone(),
        };
        let start = self.atom(Value::binary(BinaryOperator::Add, window.start.clone(), first));
        let part = Window { start, length, ..(**window).clone() };
        Value::new(Node::Slice(Box::new(part)), whole.ty.clone())
    }

    /// The value, of two sequences, at a position in both.
    pub fn chained_item(
        &mut self,
        items: &[Item; 2],
        length: &Value,
        position: Value,
        name: &str,
    ) -> Result<Value> {
        let position = self.atom(position);
        let is_first = Value::binary(BinaryOperator::Less, position.clone(), length.clone());
        let (mut first, value) = self.scoped(|builder| builder.item(&items[0], position.clone(), name))?;
        let position = minus(position, length.clone());
        let (mut second, other) = self.scoped(|builder| builder.item(&items[1], position, name))?;
        if !value.ty.is_data() {
            return Err(error(format!("a chain in {} goes through what is no data", self.file)));
        }
        let result = self.late(value.ty.clone());
        self.code.push(Statement::Declare(result, None));
        for (code, value) in [(&mut first, value), (&mut second, other)] {
            if !value.is_never() {
                code.push(Statement::Store(Place { root: Root::Variable(result), path: Vec::new() }, value));
            }
        }
        self.code.push(Statement::If(is_first, first, second));
        Ok(self.read(result))
    }
}
