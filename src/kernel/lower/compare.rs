//! Comparisons of values that are made of others: arrays, tuples, structs, enums.
//!
//! They mean what a derived impl says: parts are compared in order, and the first that differs decides. Long arrays are
//! compared in a loop. Floats that are no numbers are unequal to all and neither below nor above.

use super::builder::Builder;
use super::ir::*;
use super::pattern::element_type;
use super::test::{both, either};
use super::*;
use crate::kernel::tree::BinaryOperator;
use crate::kernel::types::{Aggregate, Scalar, Variant};

/// How many elements are compared without a loop.
const UNROLLED: usize = 4;

impl Builder<'_, '_> {
    /// A comparison of values that are no scalars; `None` if their types have none.
    pub fn compared(&mut self, operator: BinaryOperator, left: &Value, right: &Value) -> Option<Value> {
        if left.ty != right.ty || !is_comparable(&left.ty, operator) {
            return None;
        }
        let left = self.repeatable_parts(left.clone());
        let right = self.repeatable_parts(right.clone());
        match operator {
            BinaryOperator::Equal => Some(self.equal(left, right)),
            BinaryOperator::NotEqual => Some(Value::negated(self.equal(left, right))),
            _ => Some(self.ordered(operator, left, right)),
        }
    }

    /// Whether a value is the constant of a pattern, which rustc has found fit for that; a variant is, whatever its enum derives.
    pub fn is_constant(&mut self, value: &Value, constant: &Value) -> Value {
        let value = self.repeatable_parts(value.clone());
        let constant = self.repeatable_parts(constant.clone());
        self.equal(value, constant)
    }

    /// Whether two repeatable values of a comparable type are equal.
    fn equal(&mut self, left: Value, right: Value) -> Value {
        match left.ty.clone() {
            Type::Scalar(_) => Value::binary(BinaryOperator::Equal, left, right),
            Type::Unit => Value::bool(true),
            Type::Vector(..) => self.equal_vectors(left, right),
            Type::Aggregate(aggregate) if !aggregate.variants.is_empty() => {
                self.by_variant(&aggregate, left, right, BinaryOperator::Equal)
            }
            ty if length(&ty) > UNROLLED => self.in_loop(BinaryOperator::Equal, left, right),
            ty => {
                let parts = self.pairs(&ty, &left, &right);
                self.all_equal(parts)
            }
        }
    }

    fn all_equal(&mut self, parts: Vec<(Value, Value)>) -> Value {
        parts.into_iter().fold(Value::bool(true), |all, (left, right)| {
            let equal = self.equal(left, right);
            both(all, equal)
        })
    }

    /// `left < right` and its kin of two repeatable values.
    fn ordered(&mut self, operator: BinaryOperator, left: Value, right: Value) -> Value {
        match left.ty.clone() {
            Type::Scalar(_) => Value::binary(operator, left, right),
            Type::Aggregate(aggregate) if !aggregate.variants.is_empty() => {
                self.by_variant(&aggregate, left, right, operator)
            }
            ty if length(&ty) > UNROLLED => self.in_loop(operator, left, right),
            ty => {
                let parts = self.pairs(&ty, &left, &right);
                self.first_decides(operator, parts)
            }
        }
    }

    /// Lists of parts in their order: the first that differs decides.
    fn first_decides(&mut self, operator: BinaryOperator, parts: Vec<(Value, Value)>) -> Value {
        let is_last_equal = Value::bool(holds_for_equal(operator));
        parts.into_iter().rev().fold(is_last_equal, |rest, (left, right)| {
            let is_last = matches!(rest.node, Node::Literal(_));
            if is_last {
                return self.ordered(operator, left, right);
            }
            let decided = self.ordered(strict(operator), left.clone(), right.clone());
            let undecided = self.equal(left, right);
            either(decided, both(undecided, rest))
        })
    }

    /// Enums: the variants first, then the fields of the one that both are.
    fn by_variant(
        &mut self,
        aggregate: &Aggregate,
        left: Value,
        right: Value,
        operator: BinaryOperator,
    ) -> Value {
        let (own, other) = (self.tag(&left), self.tag(&right));
        let known = [&own, &other].into_iter().find_map(literal);
        let is_same = Value::binary(BinaryOperator::Equal, own, other);
        let mut all = Value::bool(true);
        let possible = aggregate.variants.iter().zip(0..);
        for (variant, position) in possible.filter(|(_, position)| known.is_none_or(|tag| tag == *position)) {
            let fields = variant
                .fields
                .iter()
                .map(|(_, slot)| (self.field(left.clone(), *slot), self.field(right.clone(), *slot)));
            let fields: Vec<_> = fields.collect();
            let compared = match operator {
                BinaryOperator::Equal => self.all_equal(fields),
                _ => self.first_decides(operator, fields),
            };
            if !compared.is_true() {
                let other_variant = Value::negated(self.is_variant(&left, position));
                all = both(all, either(other_variant, compared));
            }
        }
        let of_same = both(is_same, all);
        if operator == BinaryOperator::Equal {
            return of_same;
        }
        let number = |builder: &mut Self, value| builder.discriminant(value, Scalar::I64);
        let (Some(own), Some(other)) = (number(self, left), number(self, right)) else { return of_same };
        either(Value::binary(strict(operator), own, other), of_same)
    }

    /// Arrays, element by element until two differ.
    fn in_loop(&mut self, operator: BinaryOperator, left: Value, right: Value) -> Value {
        let bool_type = Type::Scalar(Scalar::Bool);
        let result = self.variable("t", bool_type, true);
        self.code.push(Statement::Declare(result, Some(Value::bool(holds_for_equal(operator)))));
        let end = Value::usize(length(&left.ty) as u64);
        let position = self.variable("t", Type::Scalar(Scalar::Usize), false);
        self.variables[position].late = true;
        let number = self.n_loops;
        self.n_loops += 1;
        let outer = std::mem::take(&mut self.code);
        let index = self.read(position);
        let (own, other) = (self.part_at(&left, index.clone()), self.part_at(&right, index));
        let (own, other) = (self.repeatable_parts(own), self.repeatable_parts(other));
        let is_same = self.equal(own.clone(), other.clone());
        let is_same = self.atom(is_same);
        let decided = match operator {
            BinaryOperator::Equal => Value::bool(false),
            _ => self.ordered(strict(operator), own, other),
        };
        let mut leave =
            vec![Statement::Store(Place { root: Root::Variable(result), path: Vec::new() }, decided)];
        leave.push(Statement::Break(number, None));
        self.code.push(Statement::If(is_same, Code::new(), leave));
        let body = std::mem::replace(&mut self.code, outer);
        let head = Head::counting(position, end);
        self.code.push(Statement::Loop { head, body, break_label: None, continue_label: None, number });
        self.read(result)
    }

    /// The parts of two values of one type, in order.
    fn pairs(&mut self, ty: &Type, left: &Value, right: &Value) -> Vec<(Value, Value)> {
        let part = |builder: &mut Self, value: &Value, position: usize| match ty {
            Type::Aggregate(_) => builder.field(value.clone(), position),
            _ => builder.part_at(value, Value::usize(position as u64)),
        };
        (0..length(ty)).map(|position| (part(self, left, position), part(self, right, position))).collect()
    }

    fn part_at(&mut self, value: &Value, position: Value) -> Value {
        let ty = element_type(&value.ty);
        match &value.node {
            Node::Components(_) => self.element(value.clone(), position),
            _ => Value::new(Node::Element(Box::new([value.clone(), position])), ty),
        }
    }
}

/// Whether values of a type are compared by what they consist of.
fn is_comparable(ty: &Type, operator: BinaryOperator) -> bool {
    let is_equality = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
    match ty {
        Type::Scalar(_) | Type::Unit => true,
        Type::Vector(..) | Type::Id(_) | Type::Range(_) => is_equality,
        Type::Array(element, _) => is_comparable(element, operator),
        Type::Aggregate(aggregate) => {
            let is_numbered = |variant: &Variant| i64::try_from(variant.discriminant).is_ok();
            (if is_equality { aggregate.is_comparable } else { aggregate.is_ordered })
                && aggregate.variants.iter().all(is_numbered)
                && aggregate.fields.iter().all(|field| is_comparable(&field.ty, operator))
        }
        _ => false,
    }
}

/// The bits of a literal.
fn literal(value: &Value) -> Option<u64> {
    match value.node {
        Node::Literal(bits) => Some(bits),
        _ => None,
    }
}

/// How many parts a value of a type has.
fn length(ty: &Type) -> usize {
    match ty {
        Type::Array(_, length) | Type::Id(length) | Type::Range(length) => *length,
        Type::Aggregate(aggregate) => aggregate.fields.len(),
        _ => 0,
    }
}

/// `<` of `<=`.
fn strict(operator: BinaryOperator) -> BinaryOperator {
    match operator {
        BinaryOperator::LessOrEqual => BinaryOperator::Less,
        BinaryOperator::GreaterOrEqual => BinaryOperator::Greater,
        other => other,
    }
}

/// What an operator says of what is equal.
fn holds_for_equal(operator: BinaryOperator) -> bool {
    matches!(operator, BinaryOperator::Equal | BinaryOperator::LessOrEqual | BinaryOperator::GreaterOrEqual)
}
