//! Operations over groups by an operator of the user's: written out as code, since the operator may fail or end its work-item;
//! and exchanges of what is no scalar.
//!
//! They combine in the order of [`crate::kernel::groups`] and through the memory of [`crate::kernel::emit`]'s own operations;
//! as these, every one ends with a barrier, so that the next may use the same memory.

use super::builder::Builder;
use super::collective::Standing;
use super::ir::*;
use super::reducer::{less, minus, plus};
use super::*;
use crate::kernel::groups::SUB_GROUP_SIZE;
use crate::kernel::tree::{BinaryOperator, LoopRef};
use crate::kernel::types::{AccessMode, Joining, Scalar};

/// Where values of the work-items of a group lie.
struct Slots {
    memory: AccessorId,
    /// The slot of the first work-item of the group or sub-group.
    first: Value,
    /// The work-item's place there.
    own: Value,
}

/// Values of the work-items of a group on their way to one.
struct Row {
    slots: Slots,
    /// How many there are.
    size: Value,
    /// How many times blocks of neighbours are doubled.
    n_doublings: Value,
    operator: Callee,
    line: u32,
}

impl Builder<'_, '_> {
    /// `reduce_with`, `inclusive_scan_with`, `exclusive_scan_with`; the operator is the last argument.
    pub fn joining(
        &mut self,
        standing: &Standing,
        name: &str,
        mut arguments: Vec<Value>,
        line: u32,
    ) -> Result<Option<Value>> {
        let Some(Type::Function(operator)) = arguments.pop().map(|operator| operator.ty) else {
            return Ok(None);
        };
        let arguments: Vec<_> = arguments.into_iter().map(|argument| self.atom(argument)).collect();
        let Some(value) = arguments.first().cloned() else { return Ok(None) };
        let row = self.hand_in_row(standing, value, operator, line);
        self.double_blocks(&row)?;
        let result = match (name, arguments.get(1)) {
            ("reduce_with", None) => self.total(&row)?,
            ("inclusive_scan_with", None) => {
                self.spread_blocks(&row)?;
                self.load_slot(&row.slots, row.slots.own.clone())
            }
            ("exclusive_scan_with", Some(identity)) => {
                self.spread_blocks(&row)?;
                self.before_own(&row, identity.clone())
            }
            _ => return Ok(None),
        };
        self.barrier();
        Ok(Some(result))
    }

    /// The value of the work-item at a position that exists.
    pub fn gathered(&mut self, standing: &Standing, position: Value, value: Value) -> Value {
        if value.scalar().is_some() {
            return self.collective(standing.within, Operation::Gather(position), value);
        }
        let slots = self.slots(standing, &value.ty);
        self.store_slot(&slots, value);
        self.barrier();
        let found = self.load_slot(&slots, position);
        self.barrier();
        found
    }

    /// Hands in a value.
    fn hand_in_row(&mut self, standing: &Standing, value: Value, operator: Callee, line: u32) -> Row {
        let slots = self.slots(standing, &value.ty);
        let size = self.spill(standing.size.clone());
        let n_doublings = match standing.within {
            Within::Group => self.bit_length(minus(size.clone(), usize(1))),
            // Not the sub-group's own size: all work-items of the work-group come to the same barriers.
            Within::SubGroup => usize(u64::from(SUB_GROUP_SIZE.ilog2())),
        };
        let row = Row { slots, size, n_doublings, operator, line };
        self.store_slot(&row.slots, value);
        row
    }

    /// Slots for values of a type.
    fn slots(&mut self, standing: &Standing, ty: &Type) -> Slots {
        let own = self.spill(standing.own.clone());
        let first = match standing.within {
            Within::Group => usize(0),
            Within::SubGroup => self.spill(minus(standing.of_group.clone(), own.clone())),
        };
        Slots { memory: self.scratch(ty), first, own }
    }

    /// The accessor by which values of a type are exchanged.
    fn scratch(&mut self, ty: &Type) -> AccessorId {
        let is_same = |known: &Accessor| known.is_scratch && known.element == *ty;
        if let Some(known) = self.accessors.iter().position(is_same) {
            return known;
        }
        let name = self.fresh_name("exchanged");
        self.accessors.push(Accessor {
            name,
            element: ty.clone(),
            dimensions: 1,
            mode: AccessMode::ReadWrite,
            space: Space::Local,
            argument: None,
            extents: None,
            is_scratch: true,
        });
        self.accessors.len() - 1
    }

    /// Turns the last value of each block into the block's result.
    fn double_blocks(&mut self, row: &Row) -> Result<()> {
        self.counted(row.n_doublings.clone(), |builder, round| {
            builder.barrier();
            let step = builder.spill(power_of_two(round));
            let rest = rest_of_block(row, &step);
            builder.join_from(row, &step, equal(rest, usize(0)))
        })?;
        self.barrier();
        Ok(())
    }

    /// Gives the last work-item of every other block all that stands before the block, from the largest blocks down.
    fn spread_blocks(&mut self, row: &Row) -> Result<()> {
        self.counted(row.n_doublings.clone(), |builder, round| {
            let exponent = minus(minus(row.n_doublings.clone(), usize(1)), round);
            let step = builder.spill(power_of_two(exponent));
            let is_last = equal(rest_of_block(row, &step), step.clone());
            let has_block_before = less(step.clone(), plus(row.slots.own.clone(), usize(1)));
            builder.join_from(row, &step, Value::and(is_last, has_block_before))?;
            builder.barrier();
            Ok(())
        })
    }

    /// Under a condition, puts what stands `step` places before a work-item's value before that.
    fn join_from(&mut self, row: &Row, step: &Value, condition: Value) -> Result<()> {
        let (code, ()) = self.scoped(|builder| {
            let left = builder.load_slot(&row.slots, minus(row.slots.own.clone(), step.clone()));
            let right = builder.load_slot(&row.slots, row.slots.own.clone());
            let joined = builder.joined(Joining::Function(row.operator), left, right, row.line)?;
            builder.store_slot(&row.slots, joined);
            Ok(())
        })?;
        self.code.push(Statement::If(condition, code, Code::new()));
        Ok(())
    }

    /// The results of the largest blocks that the group consists of, from left to right, as one.
    fn total(&mut self, row: &Row) -> Result<Value> {
        let n_smaller = minus(self.bit_length(row.size.clone()), usize(1));
        let n_smaller = self.spill(n_smaller);
        let largest = self.spill(power_of_two(n_smaller.clone()));
        let first = self.load_slot(&row.slots, minus(largest.clone(), usize(1)));
        let (end, total) = (self.changing(largest), self.changing(first));
        self.counted(n_smaller.clone(), |builder, round| {
            let block = builder.spill(power_of_two(minus(minus(n_smaller.clone(), usize(1)), round)));
            let (code, ()) = builder.scoped(|builder| {
                builder.assign(end, plus(builder.read(end), block.clone()));
                let part = builder.load_slot(&row.slots, minus(builder.read(end), usize(1)));
                let before = builder.spill(builder.read(total));
                let joined = builder.joined(Joining::Function(row.operator), before, part, row.line)?;
                builder.assign(total, joined);
                Ok(())
            })?;
            let is_part = Value::binary(BinaryOperator::NotEqual, and(row.size.clone(), block), usize(0));
            builder.code.push(Statement::If(is_part, code, Code::new()));
            Ok(())
        })?;
        Ok(self.spill(self.read(total)))
    }

    /// What stands before the work-item's own value; for the first, the value that changes nothing.
    fn before_own(&mut self, row: &Row, identity: Value) -> Value {
        let result = self.changing(identity);
        let place = plus(row.slots.first.clone(), minus(row.slots.own.clone(), usize(1)));
        let ty = self.variables[result].ty.clone();
        let before = Value::new(Node::Load(row.slots.memory, vec![place]), ty);
        let store = Statement::Store(Place { root: Root::Variable(result), path: Vec::new() }, before);
        self.code.push(Statement::If(less(usize(0), row.slots.own.clone()), vec![store], Code::new()));
        self.spill(self.read(result))
    }

    /// The value of the work-item at a place among them.
    fn load_slot(&mut self, slots: &Slots, place: Value) -> Value {
        let ty = self.accessors[slots.memory].element.clone();
        self.spill(Value::new(Node::Load(slots.memory, vec![plus(slots.first.clone(), place)]), ty))
    }

    fn store_slot(&mut self, slots: &Slots, value: Value) {
        let place = Root::Element(slots.memory, vec![plus(slots.first.clone(), slots.own.clone())]);
        self.code.push(Statement::Store(Place { root: place, path: Vec::new() }, value));
    }

    /// A variable that begins with a value.
    fn changing(&mut self, value: Value) -> VariableId {
        let variable = self.variable("t", value.ty.clone(), true);
        self.code.push(Statement::Declare(variable, Some(value)));
        variable
    }

    /// So many rounds, each told its number.
    fn counted(&mut self, n_rounds: Value, round: impl FnOnce(&mut Self, Value) -> Result<()>) -> Result<()> {
        let counter = self.variable("k", Type::Scalar(Scalar::Usize), false);
        self.variables[counter].late = true;
        let head = Head::counting(counter, n_rounds);
        self.enclose(LoopRef::MAX, head, |builder, _| {
            round(builder, builder.read(counter))?;
            Ok(Value::unit())
        })?;
        Ok(())
    }

    /// How many bits a number takes.
    fn bit_length(&mut self, value: Value) -> Value {
        let Some(method) = methods::find(Scalar::Usize, "leading_zeros") else { return usize(0) };
        let zeros = Value::new(Node::Method(method, vec![value]), Type::Scalar(Scalar::U32));
        let zeros = Value::new(Node::Cast(Box::new(zeros)), Type::Scalar(Scalar::Usize));
        self.spill(minus(usize(64), zeros))
    }
}

/// How far a work-item is behind the last block of twice `step` that ends before it or with it.
fn rest_of_block(row: &Row, step: &Value) -> Value {
    and(plus(row.slots.own.clone(), usize(1)), minus(plus(step.clone(), step.clone()), usize(1)))
}

fn usize(value: u64) -> Value {
    Value::usize(value)
}

fn power_of_two(exponent: Value) -> Value {
    Value::binary(BinaryOperator::ShiftLeft, usize(1), exponent)
}

fn and(left: Value, right: Value) -> Value {
    Value::binary(BinaryOperator::And, left, right)
}

fn equal(left: Value, right: Value) -> Value {
    Value::binary(BinaryOperator::Equal, left, right)
}
