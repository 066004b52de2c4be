//! Reductions: each work-item combines values into an element of its own, the one of its linear id, which a later command
//! combines with those of the others.

use super::builder::Builder;
use super::ir::*;
use super::method::{linear, usize_of};
use super::*;
use crate::kernel::groups::Combination;
use crate::kernel::tree::{BinaryOperator, LogicOperator};
use crate::kernel::types::{AccessMode, Joining, Reducing, Scalar};

/// What a kernel keeps of one reduction.
pub(super) struct Reducer {
    joining: Joining,
    /// The work-item's result so far.
    so_far: VariableId,
    /// Its element's index.
    own: Value,
}

impl Builder<'_, '_> {
    /// Gives every reduction of the kernel its first value.
    pub fn open_reducers(&mut self) {
        for accessor in 0..self.accessors.len() {
            let AccessMode::Reduce(reducing) = self.accessors[accessor].mode else { continue };
            let own = self.linear_id();
            let own = self.spill(own);
            let first = self.first_value(reducing, accessor, &own);
            let so_far = self.variable("t", first.ty.clone(), true, None);
            self.code.push(Statement::Declare(so_far, Some(first)));
            if reducing.begins_anew {
                let place = Place { root: Root::Element(accessor, vec![own.clone()]), path: Vec::new() };
                self.code.push(Statement::Store(place, self.read(so_far)));
            }
            self.reducers.insert(accessor, Reducer { joining: reducing.joining, so_far, own });
        }
    }

    /// What a reduction begins with: the value that changes nothing, or what is there.
    fn first_value(&self, reducing: Reducing, accessor: AccessorId, own: &Value) -> Value {
        let element = self.accessors[accessor].element.clone();
        match (reducing, &element) {
            (Reducing { joining: Joining::Known(combination), begins_anew: true }, Type::Scalar(scalar)) => {
                Value::literal(*scalar, combination.identity_bits(*scalar))
            }
            _ => Value::new(Node::Load(accessor, vec![own.clone()]), element),
        }
    }

    /// The row-major position in the launch: the element of a reduction that is the work-item's own. The memory has one for
    /// each work-item, so it needs no check.
    fn linear_id(&mut self) -> Value {
        let (ShapeKind::Range(dimensions) | ShapeKind::NdRange(dimensions)) = self.shared.shape else {
            return Value::usize(0);
        };
        self.context.parameters = true;
        let id = |dimension| usize_of(Node::Query(Query::GlobalId(dimension)));
        let extent = |dimension| usize_of(Node::Parameter(Content::GlobalRange(3 - dimensions + dimension)));
        linear((0..dimensions).map(id).collect(), (0..dimensions).map(extent).collect())
    }

    /// `reducer.combine(value)`
    pub fn combine_into(&mut self, accessor: AccessorId, value: Value, line: u32) -> Result<Option<Value>> {
        let Some(Reducer { joining, so_far, own }) = self.reducers.get(&accessor) else { return Ok(None) };
        let (joining, so_far, own) = (*joining, *so_far, own.clone());
        let value = self.atom(value);
        let result = self.joined(joining, self.read(so_far), value, line)?;
        self.assign(so_far, result);
        let place = Place { root: Root::Element(accessor, vec![own]), path: Vec::new() };
        self.code.push(Statement::Store(place, self.read(so_far)));
        Ok(Some(Value::unit()))
    }

    /// Two values as one; both are atoms.
    fn joined(&mut self, joining: Joining, first: Value, second: Value, line: u32) -> Result<Value> {
        match joining {
            Joining::Known(combination) => Ok(combined(combination, first, second)),
            Joining::Function(callee) => self.call_with(callee, vec![first, second], line),
        }
    }
}

/// Two values as one, in a way that falx knows; both are atoms.
fn combined(combination: Combination, first: Value, second: Value) -> Value {
    let operator = match combination {
        Combination::Sum => BinaryOperator::Add,
        Combination::Product => BinaryOperator::Multiply,
        Combination::And => BinaryOperator::And,
        Combination::Or => BinaryOperator::Or,
        Combination::Xor => BinaryOperator::Xor,
        Combination::Min => return preferred(BinaryOperator::Less, first, second),
        Combination::Max => return preferred(BinaryOperator::Greater, first, second),
    };
    Value::binary(operator, first, second)
}

/// The second if it stands in this relation to the first, or the first is no number.
fn preferred(relation: BinaryOperator, first: Value, second: Value) -> Value {
    let ty = first.ty.clone();
    let mut takes_second = Value::binary(relation, second.clone(), first.clone());
    if let Some(method) = first.scalar().and_then(|scalar| methods::find(scalar, "is_nan")) {
        let bool = Type::Scalar(Scalar::Bool);
        let is_nan = Value::new(Node::Method(method, vec![first.clone()]), bool.clone());
        takes_second = Value::new(Node::Logic(LogicOperator::Or, Box::new([takes_second, is_nan])), bool);
    }
    Value::new(Node::Select(Box::new([takes_second, second, first])), ty)
}
