//! What values stay below: the little that is needed to leave out most checks.
//!
//! Only upper bounds of unsigned integers; those are never below zero.

use super::builder::Builder;
use super::ir::*;
use super::*;
use crate::kernel::tree::BinaryOperator;
use crate::kernel::types::Scalar;

impl Builder<'_, '_> {
    /// What a value always stays below, in every work-item.
    pub fn bound(&self, value: &Value) -> Option<OwnId> {
        let scalar = value.scalar().filter(|scalar| scalar.is_integer() && !scalar.is_signed())?;
        match &value.node {
            Node::Variable(variable) => self.variables[*variable].own,
            Node::Query(Query::GlobalId(component)) => Some(OwnId::Global(*component)),
            Node::Query(Query::LocalId(component)) => Some(OwnId::Local(*component)),
            Node::Literal(bits) => Some(OwnId::Constant(*bits)),
            Node::Binary(operator, pair) => self.largest_result(*operator, pair, scalar).map(OwnId::Constant),
            Node::Cast(inner) => self.bound_of_cast(inner, scalar),
            Node::Method(method, operands) if method.name == "min" => {
                operands.iter().filter_map(|operand| self.largest(operand)).min().map(OwnId::Constant)
            }
            _ => None,
        }
    }

    /// The largest number a value can be, where that is a constant.
    fn largest(&self, value: &Value) -> Option<u64> {
        match self.bound(value) {
            Some(OwnId::Constant(largest)) => Some(largest),
            _ => None,
        }
    }

    fn largest_result(&self, operator: BinaryOperator, pair: &[Value; 2], scalar: Scalar) -> Option<u64> {
        let (left, right) = (self.largest(&pair[0]), self.largest(&pair[1]));
        let largest = match operator {
            BinaryOperator::Add => left?.checked_add(right?)?,
            BinaryOperator::Multiply => left?.checked_mul(right?)?,
            BinaryOperator::Divide => left?,
            BinaryOperator::And => left.into_iter().chain(right).min()?,
            BinaryOperator::Remainder => match pair[1].node {
                Node::Literal(divisor) => divisor.checked_sub(1)?,
                _ => return None,
            },
            BinaryOperator::ShiftRight => match pair[1].node {
                Node::Literal(amount) => {
                    left.unwrap_or(scalar.mask()) >> (amount & u64::from(scalar.bits() - 1))
                }
                _ => left?,
            },
            _ => return None,
        };
        (largest <= scalar.mask()).then_some(largest)
    }

    fn bound_of_cast(&self, inner: &Value, target: Scalar) -> Option<OwnId> {
        let source = inner.scalar().filter(|scalar| !scalar.is_float() && !scalar.is_signed())?;
        if source.bits() > target.bits() {
            return None;
        }
        match self.bound(inner) {
            None if source.bits() <= 16 => Some(OwnId::Constant(source.mask())),
            known => known,
        }
    }

    /// What the counter of `for counter in _..end` stays below.
    pub fn bound_of_counter(&self, end: &Value, inclusive: bool) -> Option<OwnId> {
        let scalar = end.scalar().filter(|scalar| scalar.is_integer() && !scalar.is_signed())?;
        match (&end.node, inclusive) {
            (Node::Literal(end), false) => Some(OwnId::Constant(end.saturating_sub(1))),
            (_, true) => self.largest(end).map(OwnId::Constant),
            (Node::Extent(accessor, dimension), false) => {
                let argument = self.accessors[*accessor].argument?;
                Some(OwnId::Extent(argument, *dimension))
            }
            (Node::Parameter(Content::Value(argument)), false) => Some(OwnId::Captured(*argument)),
            (Node::Cast(inner), false) if inner.scalar().is_some_and(|s| s.bits() <= scalar.bits()) => {
                self.bound_of_counter(inner, false)
            }
            _ => self.largest(end).map(OwnId::Constant),
        }
    }
}
