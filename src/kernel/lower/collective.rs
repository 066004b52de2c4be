//! What the work-items of a group do together: barriers, reductions, scans, exchanges, and promises that they agree.
//!
//! Every such operation is a statement of its own, in the order of the source. Sub-groups are formed by falx: runs of
//! neighbours of a fixed length, which exchange values as the work-group does.

use super::builder::Builder;
use super::ir::*;
use super::method::{linear, usize_of};
use super::*;
use crate::kernel::groups::{Combination, SUB_GROUP_SIZE};
use crate::kernel::message::{Message, Piece};
use crate::kernel::tree::{BinaryOperator, UnaryOperator};
use crate::kernel::types::{ItemKind, Scalar};

/// What is said of a broken promise.
static DIVERGENCE: Message = Message {
    pieces: &[
        Piece::Text("`uniform("),
        Piece::Subject,
        Piece::Text(")` differs between the work-items of a group"),
    ],
};

/// Where a work-item stands in its group or sub-group.
pub(super) struct Standing {
    pub within: Within,
    pub own: Value,
    pub size: Value,
    /// Its place in the whole work-group.
    pub of_group: Value,
}

impl Builder<'_, '_> {
    /// Waits for the whole work-group.
    pub fn barrier(&mut self) -> Value {
        self.has_barrier = true;
        self.code.push(Statement::Barrier);
        Value::unit()
    }

    /// `falx::uniform(value)`
    pub fn agreed(&mut self, value: Value, site: &'static Site) -> Value {
        let value = self.atom(value);
        let first = self.collective(Within::Group, Operation::Gather(Value::usize(0)), value.clone());
        let code =
            self.shared.code_of(Report { site, message: Some((&DIVERGENCE, Vec::new())), given: Vec::new() });
        (self.context.traps, self.context.parameters) = (true, true);
        let report = Statement::Trap { code, values: Vec::new(), halts: false };
        // Compared by bits, so that what is no number agrees with itself.
        let differs = match value.scalar() {
            Some(scalar) if scalar.is_float() => self.differs_in_bits(scalar, value, first.clone()),
            _ => Value::binary(BinaryOperator::NotEqual, value, first.clone()),
        };
        self.code.push(Statement::If(differs, vec![report], Code::new()));
        first
    }

    pub fn differs_in_bits(&mut self, scalar: Scalar, left: Value, right: Value) -> Value {
        let Some(method) = methods::find(scalar, "to_bits") else { return Value::usize(0) };
        let ty = Type::Scalar(method.gives.scalar(scalar));
        let bits = |value| Value::new(Node::Method(method, vec![value]), ty.clone());
        Value::binary(BinaryOperator::NotEqual, bits(left), bits(right))
    }

    /// A method of a group or a sub-group.
    pub fn group_method(
        &mut self,
        kind: ItemKind,
        dimensions: usize,
        name: &str,
        arguments: Vec<Value>,
        site: &'static Site,
        line: u32,
    ) -> Result<Option<Value>> {
        let standing = self.standing(kind, dimensions);
        if name.ends_with("_with") {
            return self.joining(&standing, name, arguments, line);
        }
        let mut arguments = arguments.into_iter();
        Ok(match (arguments.next(), arguments.next()) {
            (None, _) if name == "barrier" => Some(self.barrier()),
            (None, _) if kind == ItemKind::Group => self.query_of_group(dimensions, name, standing),
            (None, _) => self.query_of_sub_group(dimensions, name, standing),
            (Some(value), None) => self.combining(standing, name, value),
            (Some(value), Some(from)) => self.exchange(&standing, name, value, from, site),
        })
    }

    fn standing(&mut self, kind: ItemKind, dimensions: usize) -> Standing {
        let (own, size) = (self.own_id(dimensions), total(dimensions));
        if kind == ItemKind::Group {
            return Standing { within: Within::Group, of_group: own.clone(), own, size };
        }
        let first =
            Value::binary(BinaryOperator::And, own.clone(), Value::usize(!(SUB_GROUP_SIZE as u64 - 1)));
        let rest = Value::binary(BinaryOperator::Subtract, size, first);
        let full = Value::usize(SUB_GROUP_SIZE as u64);
        let is_full = Value::binary(BinaryOperator::GreaterOrEqual, rest.clone(), full.clone());
        let size = Value::new(Node::Select(Box::new([is_full, full, rest])), Type::Scalar(Scalar::Usize));
        let of_group = own.clone();
        let own = Value::binary(BinaryOperator::And, own, Value::usize(SUB_GROUP_SIZE as u64 - 1));
        Standing { within: Within::SubGroup, own, size, of_group }
    }

    fn own_id(&mut self, dimensions: usize) -> Value {
        linear(queries(dimensions, Query::LocalId), queries(dimensions, Query::LocalRange))
    }

    fn query_of_group(&mut self, dimensions: usize, name: &str, standing: Standing) -> Option<Value> {
        Some(match name {
            "size" => standing.size,
            "leader" => Value::binary(BinaryOperator::Equal, standing.own, Value::usize(0)),
            "group_linear_id" => {
                linear(queries(dimensions, Query::GroupId), queries(dimensions, Query::GroupRange))
            }
            "group_id" | "group_range" | "local_id" | "local_range" | "local_linear_id" => {
                return self.item_method(dimensions, name);
            }
            _ => return None,
        })
    }

    fn query_of_sub_group(&mut self, dimensions: usize, name: &str, standing: Standing) -> Option<Value> {
        let length = Value::usize(SUB_GROUP_SIZE as u64);
        Some(match name {
            "local_id" => standing.own,
            "size" => standing.size,
            "max_size" => length,
            "leader" => Value::binary(BinaryOperator::Equal, standing.own, Value::usize(0)),
            "group_id" => Value::binary(BinaryOperator::Divide, self.own_id(dimensions), length),
            "group_count" => {
                let most = Value::usize(SUB_GROUP_SIZE as u64 - 1);
                let rounded = Value::binary(BinaryOperator::Add, total(dimensions), most);
                Value::binary(BinaryOperator::Divide, rounded, length)
            }
            _ => return None,
        })
    }

    /// The operations that combine.
    fn combining(&mut self, standing: Standing, name: &str, value: Value) -> Option<Value> {
        let within = standing.within;
        let known = |prefix| name.strip_prefix(prefix).and_then(Combination::named);
        if let Some(combination) = known("reduce_") {
            return Some(self.collective(within, Operation::Reduce(combination), value));
        }
        if let Some(combination) = known("inclusive_scan_") {
            return Some(self.collective(within, Operation::Inclusive(combination), value));
        }
        if let Some(combination) = known("exclusive_scan_") {
            return Some(self.collective(within, Operation::Exclusive(combination), value));
        }
        let mut reduced = |combination, value| self.collective(within, Operation::Reduce(combination), value);
        Some(match name {
            "any_of" => reduced(Combination::Or, value),
            "all_of" => reduced(Combination::And, value),
            "none_of" => {
                let any = reduced(Combination::Or, value);
                Value::new(Node::Unary(UnaryOperator::Not, Box::new(any)), Type::Scalar(Scalar::Bool))
            }
            "ballot" => {
                let bit = Value::new(Node::Cast(Box::new(value)), Type::Scalar(Scalar::U64));
                reduced(Combination::Or, Value::binary(BinaryOperator::ShiftLeft, bit, standing.own))
            }
            _ => return None,
        })
    }

    /// The operations that pass values on.
    fn exchange(
        &mut self,
        standing: &Standing,
        name: &str,
        value: Value,
        from: Value,
        site: &'static Site,
    ) -> Option<Value> {
        let (own, size) = (standing.own.clone(), standing.size.clone());
        let from = self.atom(from);
        let from = match name {
            "broadcast" => return Some(self.broadcast(standing, value, from, site)),
            "shuffle" => from,
            "shuffle_xor" => Value::binary(BinaryOperator::Xor, own.clone(), from),
            "shuffle_up" => Value::binary(BinaryOperator::Subtract, own.clone(), from),
            // Of two large numbers the sum might wrap around to a position that exists.
            "shuffle_down" => {
                let capped = self.smaller(from, size.clone());
                Value::binary(BinaryOperator::Add, own.clone(), capped)
            }
            _ => return None,
        };
        let from = self.spill(from);
        let exists = Value::binary(BinaryOperator::Less, from.clone(), size);
        let position = Value::new(Node::Select(Box::new([exists, from, own])), Type::Scalar(Scalar::Usize));
        let position = self.spill(position);
        Some(self.gathered(standing, position, value))
    }

    pub fn smaller(&mut self, left: Value, right: Value) -> Value {
        let is_smaller = Value::binary(BinaryOperator::Less, left.clone(), right.clone());
        Value::new(Node::Select(Box::new([is_smaller, left, right])), Type::Scalar(Scalar::Usize))
    }

    /// All come to the exchange, also those that ask for a position that does not exist.
    fn broadcast(&mut self, standing: &Standing, value: Value, from: Value, site: &'static Site) -> Value {
        let exists = Value::binary(BinaryOperator::Less, from.clone(), standing.size.clone());
        let exists = self.spill(exists);
        let zero = Value::usize(0);
        let position =
            Value::new(Node::Select(Box::new([exists, from.clone(), zero])), Type::Scalar(Scalar::Usize));
        let ty = value.ty.clone();
        let position = self.spill(position);
        let found = self.gathered(standing, position, value);
        let result = self.zeroed(ty);
        let length = self.atom(standing.size.clone());
        let code = self.shared.code(site);
        let check = Check { index: vec![from], length: vec![length], tested: vec![0], code };
        let store = Place { root: Root::Variable(result), path: Vec::new() };
        self.guard(&[check], vec![Statement::Store(store, found)]);
        self.read(result)
    }

    pub fn collective(&mut self, within: Within, operation: Operation, value: Value) -> Value {
        self.has_barrier = true;
        let result = self.variable("t", value.ty.clone(), false);
        self.code.push(Statement::Collective(Box::new(Collective { result, within, operation, value })));
        self.read(result)
    }
}

fn queries(dimensions: usize, query: fn(usize) -> Query) -> Vec<Value> {
    (0..dimensions).map(|dimension| usize_of(Node::Query(query(dimension)))).collect()
}

/// The number of work-items of a work-group.
fn total(dimensions: usize) -> Value {
    let product = |a, b| Value::binary(BinaryOperator::Multiply, a, b);
    queries(dimensions, Query::LocalRange).into_iter().reduce(product).unwrap_or(Value::usize(1))
}
