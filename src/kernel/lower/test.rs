//! What a pattern tests, and which part of the value each of its names gets.

use super::builder::Builder;
use super::ir::*;
use super::literal::integer;
use super::*;
use crate::kernel::tree::{BinaryOperator, LocalRef, LogicOperator, Pattern};
use crate::kernel::types::Scalar;

/// How many ways a pattern may match that has to be tried one by one.
const ALTERNATIVES: usize = 256;

/// A name of a pattern and the part that it gets.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Name {
    pub name: &'static str,
    pub local: LocalRef,
    pub mutable: bool,
    pub value: Value,
}

/// One way for a pattern to match.
#[derive(Clone, Debug)]
pub(super) struct Alternative {
    pub condition: Value,
    pub names: Vec<Name>,
}

/// Whether the cases of `a | b` become one condition where they bind the same, or are to be tried one by one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cases {
    Joined,
    Apart,
}

impl Alternative {
    fn always() -> Self {
        Alternative { condition: Value::bool(true), names: Vec::new() }
    }

    fn when(condition: Value) -> Vec<Self> {
        vec![Alternative { condition, names: Vec::new() }]
    }

    /// The same, if something else holds, too.
    pub fn under(self, condition: Value) -> Self {
        Alternative { condition: both(condition, self.condition), ..self }
    }

    fn and(&self, other: &Alternative) -> Self {
        let condition = both(self.condition.clone(), other.condition.clone());
        Alternative { condition, names: self.names.iter().chain(&other.names).cloned().collect() }
    }
}

impl Pattern {
    /// Whether it is `..` or `name @ ..`.
    pub(super) fn is_rest(&self) -> bool {
        match self {
            Pattern::Rest => true,
            Pattern::At { inner, .. } => matches!(inner, Pattern::Rest),
            _ => false,
        }
    }
}

impl Builder<'_, '_> {
    /// The ways in which `value` may match, in the order in which Rust tries them. The value costs nothing to write twice.
    pub fn alternatives(
        &mut self,
        pattern: &'static Pattern,
        value: &Value,
        cases: Cases,
    ) -> Result<Vec<Alternative>> {
        Ok(match pattern {
            Pattern::Wild | Pattern::Rest => vec![Alternative::always()],
            Pattern::Bind { name, local, mutable, .. } => {
                let name = Name { name, local: *local, mutable: *mutable, value: value.clone() };
                vec![Alternative { names: vec![name], ..Alternative::always() }]
            }
            Pattern::At { name, local, mutable, inner } => {
                let name = Name { name, local: *local, mutable: *mutable, value: value.clone() };
                let mut ways = self.alternatives(inner, value, cases)?;
                ways.iter_mut().for_each(|way| way.names.insert(0, name.clone()));
                ways
            }
            Pattern::Id(inner) => {
                let value = self.as_array(value.clone());
                self.alternatives(inner, &value, cases)?
            }
            Pattern::Array(patterns) => {
                let parts = self.array_parts(patterns, value)?;
                self.all_of(parts, cases)?
            }
            Pattern::Tuple { leading, trailing } => {
                let parts = self.tuple_parts(leading, trailing, value.clone())?;
                self.all_of(parts, cases)?
            }
            Pattern::Struct(fields) => {
                let parts = self.struct_parts(fields, value.clone())?;
                self.all_of(parts, cases)?
            }
            Pattern::Variant { name, inner } => self.variant_alternatives(name, inner, value, cases)?,
            Pattern::Or(patterns) => self.any_of(patterns, value, cases)?,
            compared => {
                let value = self.followed(value.clone());
                Alternative::when(self.is_as_said(compared, value)?)
            }
        })
    }

    /// Whether a value is what a pattern without parts and names says.
    fn is_as_said(&mut self, pattern: &'static Pattern, value: Value) -> Result<Value> {
        Ok(match pattern {
            Pattern::Range { low, high, inclusive } => self.within(&value, *low, *high, *inclusive)?,
            Pattern::Bool(true) => value,
            Pattern::Bool(false) => Value::negated(value),
            constant => {
                let constant = self.pattern_constant(constant, &value)?;
                self.is_constant(&value, &constant)
            }
        })
    }

    /// Parts that all have to match: every combination of their ways, the first part's varying slowest.
    pub fn all_of(
        &mut self,
        parts: Vec<(&'static Pattern, Value)>,
        cases: Cases,
    ) -> Result<Vec<Alternative>> {
        let mut ways = vec![Alternative::always()];
        for (pattern, part) in parts {
            let next = self.alternatives(pattern, &part, cases)?;
            if ways.len() * next.len() > ALTERNATIVES {
                return Err(self.too_many_alternatives());
            }
            ways = ways.iter().flat_map(|way| next.iter().map(|next| way.and(next))).collect();
        }
        Ok(ways)
    }

    fn any_of(
        &mut self,
        patterns: &'static [Pattern],
        value: &Value,
        cases: Cases,
    ) -> Result<Vec<Alternative>> {
        let mut ways = Vec::new();
        for pattern in patterns {
            ways.extend(self.alternatives(pattern, value, cases)?);
            if ways.len() > ALTERNATIVES && cases == Cases::Apart {
                return Err(self.too_many_alternatives());
            }
        }
        let binds_the_same = ways.windows(2).all(|pair| pair[0].names == pair[1].names);
        if cases == Cases::Joined && binds_the_same {
            let names = ways.first().map_or(Vec::new(), |way| way.names.clone());
            let condition = ways.into_iter().map(|way| way.condition).reduce(either);
            return Ok(vec![Alternative { condition: condition.unwrap_or(Value::bool(false)), names }]);
        }
        Ok(ways)
    }

    fn too_many_alternatives(&self) -> Error {
        error(format!(
            "a pattern in {} can match in more than {ALTERNATIVES} ways, each of which would have to be tried; \
             test a part of it in the arm's body",
            self.file
        ))
    }

    /// The elements of an array beside the patterns that take them.
    fn array_parts(
        &mut self,
        patterns: &'static [Pattern],
        value: &Value,
    ) -> Result<Vec<(&'static Pattern, Value)>> {
        let Type::Array(element, count) = value.ty.clone() else {
            return Err(error(format!("a pattern in {} takes an array apart that is none", self.file)));
        };
        let parts = self.components(value.clone(), count);
        let rest = patterns.iter().position(Pattern::is_rest);
        let (before, after) = match rest {
            Some(rest) => (rest, patterns.len() - rest - 1),
            None => (patterns.len(), 0),
        };
        let mut taken: Vec<_> = patterns[..before].iter().zip(parts.iter().cloned()).collect();
        if let Some(pattern @ Pattern::At { .. }) = rest.map(|rest| &patterns[rest]) {
            let middle = parts[before..count - after].to_vec();
            let ty = Type::Array(element, middle.len());
            taken.push((pattern, Value::new(Node::Components(middle), ty)));
        }
        taken.extend(patterns[patterns.len() - after..].iter().zip(parts[count - after..].iter().cloned()));
        Ok(taken)
    }

    /// The constant that a pattern compares with.
    fn pattern_constant(&mut self, pattern: &'static Pattern, value: &Value) -> Result<Value> {
        let scalar = value.scalar().unwrap_or(Scalar::I32);
        match pattern {
            Pattern::Integer { magnitude, negative } => Ok(integer(scalar, *magnitude, *negative)),
            Pattern::Float(digits) => self.float_of(scalar, digits, 0),
            Pattern::Constant(local) => self.bindings.get(local).cloned().ok_or_else(|| {
                error(format!("a pattern in {} names a constant that is not known", self.file))
            }),
            _ => Err(error(format!("a range in a pattern in {} has an end that is no constant", self.file))),
        }
    }

    fn within(
        &mut self,
        value: &Value,
        low: Option<&'static Pattern>,
        high: Option<&'static Pattern>,
        inclusive: bool,
    ) -> Result<Value> {
        let mut condition = Value::bool(true);
        if let Some(low) = low {
            let low = self.pattern_constant(low, value)?;
            if !is_smallest(&low) {
                condition = Value::binary(BinaryOperator::GreaterOrEqual, value.clone(), low);
            }
        }
        if let Some(high) = high {
            let high = self.pattern_constant(high, value)?;
            if !(inclusive && is_largest(&high)) {
                let below = if inclusive { BinaryOperator::LessOrEqual } else { BinaryOperator::Less };
                condition = both(condition, Value::binary(below, value.clone(), high));
            }
        }
        Ok(condition)
    }

    /// The value in a form whose parts cost nothing to write twice and never change.
    pub fn repeatable_parts(&mut self, value: Value) -> Value {
        match value.node {
            Node::Components(parts) => {
                let parts = parts.into_iter().map(|part| self.repeatable_parts(part)).collect();
                Value::new(Node::Components(parts), value.ty)
            }
            _ => self.atom(value),
        }
    }
}

/// `left && right`, shorter where one of them is known to hold.
pub(super) fn both(left: Value, right: Value) -> Value {
    match (left.is_true(), right.is_true()) {
        (true, _) => right,
        (_, true) => left,
        _ => Value::and(left, right),
    }
}

/// `left || right`, shorter where one of them is known to hold.
pub(super) fn either(left: Value, right: Value) -> Value {
    if left.is_true() || right.is_true() {
        return Value::bool(true);
    }
    let ty = left.ty.clone();
    Value::new(Node::Logic(LogicOperator::Or, Box::new([left, right])), ty)
}

/// Whether an integer literal is its type's smallest value.
fn is_smallest(value: &Value) -> bool {
    let smallest = |scalar: Scalar| if scalar.is_signed() { scalar.minimum_bits() } else { 0 };
    matches!((&value.node, integer_type(value)), (Node::Literal(bits), Some(scalar)) if *bits == smallest(scalar))
}

/// Whether an integer literal is its type's largest value.
fn is_largest(value: &Value) -> bool {
    let largest = |scalar: Scalar| if scalar.is_signed() { scalar.mask() >> 1 } else { scalar.mask() };
    matches!((&value.node, integer_type(value)), (Node::Literal(bits), Some(scalar)) if *bits == largest(scalar))
}

fn integer_type(value: &Value) -> Option<Scalar> {
    value.scalar().filter(|scalar| scalar.is_integer())
}
