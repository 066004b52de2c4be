//! Reductions: each work-item combines values into an element of its own, the one of its linear id, which a later command
//! combines with those of the others.

use super::builder::Builder;
use super::ir::*;
use super::method::{linear, usize_of};
use super::*;
use crate::kernel::groups::Combination;
use crate::kernel::tree::{BinaryOperator, LogicOperator};
use crate::kernel::types::{AccessMode, Scalar};

/// What a kernel keeps of one reduction.
pub(super) struct Reducer {
    combination: Combination,
    /// The work-item's result so far.
    so_far: VariableId,
    /// Its element's index.
    own: Value,
}

impl Builder<'_, '_> {
    /// Gives every reduction of the kernel its first value.
    pub fn open_reducers(&mut self) {
        for accessor in 0..self.accessors.len() {
            let (combination, begins_anew) = match self.accessors[accessor].mode {
                AccessMode::Reduce(combination) => (combination, true),
                AccessMode::Update(combination) => (combination, false),
                _ => continue,
            };
            let Type::Scalar(scalar) = self.accessors[accessor].element else { continue };
            let own = self.linear_id();
            let own = self.spill(own);
            let place = Place { root: Root::Element(accessor, vec![own.clone()]), path: Vec::new() };
            let first = match begins_anew {
                true => Value::literal(scalar, combination.identity_bits(scalar)),
                false => Value::new(Node::Load(accessor, vec![own.clone()]), Type::Scalar(scalar)),
            };
            let so_far = self.variable("t", Type::Scalar(scalar), true, None);
            self.code.push(Statement::Declare(so_far, Some(first)));
            if begins_anew {
                self.code.push(Statement::Store(place, self.read(so_far)));
            }
            self.reducers.insert(accessor, Reducer { combination, so_far, own });
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
    pub fn combine_into(&mut self, accessor: AccessorId, value: Value) -> Option<Value> {
        let Reducer { combination, so_far, own } = self.reducers.get(&accessor)?;
        let (combination, so_far, own) = (*combination, *so_far, own.clone());
        let value = self.atom(value);
        let result = combined(combination, self.read(so_far), value);
        self.assign(so_far, result);
        let place = Place { root: Root::Element(accessor, vec![own]), path: Vec::new() };
        self.code.push(Statement::Store(place, self.read(so_far)));
        Some(Value::unit())
    }
}

/// Two values as one; both are atoms.
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
