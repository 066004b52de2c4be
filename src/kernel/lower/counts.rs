//! How many positions a sequence has, and how many are left of them: counted before a loop begins, so that nothing can overflow on its way.

use super::builder::Builder;
use super::ir::*;
use super::literal::extend;
use super::sequence::{minus, plus, select};
use super::*;
use crate::kernel::tree::BinaryOperator;
use crate::kernel::types::Scalar;

/// How many positions there are. All values are atoms.
#[derive(Clone)]
pub(super) enum Count {
    /// So many.
    Of(Value),
    /// From zero to the last, if there are any: for ranges that may have one more than the largest `usize`.
    UpTo { any: Value, last: Value },
}

impl Count {
    /// More than anything takes, if there are any.
    pub fn endless(any: Value) -> Self {
        Count::UpTo { any, last: Value::usize(u64::MAX) }
    }
}

impl Builder<'_, '_> {
    pub fn count(&mut self, start: &Value, end: &Value, inclusive: bool) -> Count {
        let scalar = start.scalar().unwrap_or(Scalar::Usize);
        if let (Node::Literal(first), Node::Literal(last)) = (&start.node, &end.node) {
            let number = |bits: u64| match scalar.is_signed() {
                true => i128::from(extend(scalar, bits) as i64),
                false => i128::from(bits),
            };
            let count = (number(*last) - number(*first) + i128::from(inclusive)).max(0);
            return match u64::try_from(count) {
                Ok(count) => Count::Of(Value::usize(count)),
                Err(_) => Count::UpTo { any: Value::bool(true), last: Value::usize(u64::MAX) },
            };
        }
        let operator = if inclusive { BinaryOperator::LessOrEqual } else { BinaryOperator::Less };
        let any = Value::binary(operator, start.clone(), end.clone());
        let distance = distance(scalar, start, end);
        if inclusive && scalar.bits() == 64 {
            let (any, last) = (self.atom(any), self.atom(distance));
            return Count::UpTo { any, last };
        }
        let length = if inclusive { plus(distance, 1) } else { distance };
        Count::Of(self.atom(select(any, length, Value::usize(0))))
    }

    /// As many as both have.
    pub fn shorter(&mut self, one: Count, other: Count) -> Count {
        match (one, other) {
            (count, Count::Of(length)) | (Count::Of(length), count) => self.taken(count, length),
            (Count::UpTo { any, last }, Count::UpTo { any: other_any, last: other_last }) => {
                let is_less = Value::binary(BinaryOperator::Less, last.clone(), other_last.clone());
                let any = self.atom(test::both(any, other_any));
                Count::UpTo { any, last: self.atom(select(is_less, last, other_last)) }
            }
        }
    }

    /// The last position; anything if there is none.
    pub fn last(&mut self, count: &Count) -> Value {
        match count {
            Count::Of(length) => match length.node {
                Node::Literal(length) => Value::usize(length.wrapping_sub(1)),
                _ => self.atom(minus(length.clone(), Value::usize(1))),
            },
            Count::UpTo { last, .. } => last.clone(),
        }
    }

    pub fn stepped(&mut self, count: Count, step: &Value) -> Count {
        match count {
            Count::Of(length) => {
                if let (Node::Literal(length), Node::Literal(step)) = (&length.node, &step.node) {
                    return Count::Of(Value::usize(length.div_ceil(*step)));
                }
                let is_empty = Value::binary(BinaryOperator::Equal, length.clone(), Value::usize(0));
                let turns =
                    Value::binary(BinaryOperator::Divide, minus(length, Value::usize(1)), step.clone());
                Count::Of(self.atom(select(is_empty, Value::usize(0), plus(turns, 1))))
            }
            Count::UpTo { any, last } => {
                let last = self.atom(Value::binary(BinaryOperator::Divide, last, step.clone()));
                Count::UpTo { any, last }
            }
        }
    }

    pub fn taken(&mut self, count: Count, taken: Value) -> Count {
        let length = match count {
            Count::Of(length) => {
                if let (Node::Literal(length), Node::Literal(taken)) = (&length.node, &taken.node) {
                    return Count::Of(Value::usize(*length.min(taken)));
                }
                let is_less = Value::binary(BinaryOperator::Less, length.clone(), taken.clone());
                select(is_less, length, taken)
            }
            Count::UpTo { any, last } => {
                let is_less = Value::binary(BinaryOperator::Less, last.clone(), taken.clone());
                let some = self.atom(select(is_less, plus(last, 1), taken));
                select(any, some, Value::usize(0))
            }
        };
        Count::Of(self.atom(length))
    }

    pub fn skipped(&mut self, count: Count, skipped: &Value) -> Count {
        match count {
            Count::Of(length) => {
                if let (Node::Literal(length), Node::Literal(skipped)) = (&length.node, &skipped.node) {
                    return Count::Of(Value::usize(length.saturating_sub(*skipped)));
                }
                let is_more = Value::binary(BinaryOperator::Greater, length.clone(), skipped.clone());
                let rest = select(is_more, minus(length, skipped.clone()), Value::usize(0));
                Count::Of(self.atom(rest))
            }
            Count::UpTo { any, last } => {
                let reaches = Value::binary(BinaryOperator::GreaterOrEqual, last.clone(), skipped.clone());
                let any = self.atom(test::both(any, reaches));
                Count::UpTo { any, last: self.atom(minus(last, skipped.clone())) }
            }
        }
    }
}

/// How far it is from `start` to `end`, if it is not below.
fn distance(scalar: Scalar, start: &Value, end: &Value) -> Value {
    let unsigned = Type::Scalar(scalar.unsigned());
    let of = |value: &Value| match value.ty == unsigned || value.scalar() == Some(Scalar::Usize) {
        true => value.clone(),
        false => Value::new(Node::Cast(Box::new(value.clone())), unsigned.clone()),
    };
    let distance = match start.node {
        Node::Literal(0) => of(end),
        _ => minus(of(end), of(start)),
    };
    match distance.scalar() {
        Some(Scalar::Usize) => distance,
        _ => Value::new(Node::Cast(Box::new(distance)), Type::Scalar(Scalar::Usize)),
    }
}
