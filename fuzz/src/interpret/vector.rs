//! Vectors, lane by lane.

use super::evaluate::{Flow, Frame, Result};
use super::machine::Machine;
use super::operate;
use crate::program::{BinaryOperator, Expression, Kind, SCALARS, Scalar, Site, Type, Value};

/// Whether a construct does something to vectors.
pub fn is_of_vectors(kind: &Kind) -> bool {
    let is_vector = |expression: &Expression| expression.ty.vector().is_some();
    match kind {
        Kind::Unary(_, value) => is_vector(value),
        Kind::Binary(_, pair, _) => pair.iter().any(is_vector),
        Kind::Method(_, operands, _) => is_vector(&operands[0]),
        _ => false,
    }
}

impl Machine<'_> {
    /// A vector of its lanes, or of one for all of them.
    pub fn vector(&mut self, frame: &mut Frame, lanes: &[Expression], ty: &Type) -> Result<Value> {
        let values = lanes.iter().map(|lane| self.evaluate(frame, lane)).collect::<Result<Vec<_>>>()?;
        let (_, n_lanes) = ty.vector().ok_or(Flow::Refused)?;
        Ok(Value::List(if values.len() == 1 { vec![values[0].clone(); n_lanes] } else { values }))
    }

    pub fn vector_operation(&mut self, frame: &mut Frame, expression: &Expression) -> Result<Value> {
        match &expression.kind {
            Kind::Unary(operator, value) => {
                let (lane, _) = value.ty.vector().ok_or(Flow::Refused)?;
                let lanes = lanes(&self.evaluate(frame, value)?)?;
                Ok(list(lanes.into_iter().map(|bits| operate::unary(*operator, lane, bits))))
            }
            Kind::Binary(operator, pair, site) => {
                let values = [self.evaluate(frame, &pair[0])?, self.evaluate(frame, &pair[1])?];
                self.combine_vectors(*operator, [&pair[0].ty, &pair[1].ty], values, *site)
            }
            Kind::Method(name, operands, _) => {
                let values = operands.iter().map(|operand| self.evaluate(frame, operand));
                let values = values.collect::<Result<Vec<_>>>()?;
                let (lane, _) = operands[0].ty.vector().ok_or(Flow::Refused)?;
                let of_second = operands.get(1).and_then(|operand| operand.ty.vector());
                method(name, lane, of_second.map(|(lane, _)| lane), &values).ok_or(Flow::Refused)
            }
            _ => Err(Flow::Refused),
        }
    }

    /// `left operator right`, at least one of which is a vector.
    pub fn combine_vectors(
        &mut self,
        operator: BinaryOperator,
        types: [&Type; 2],
        [left, right]: [Value; 2],
        site: Site,
    ) -> Result<Value> {
        let found = types.iter().find_map(|ty| ty.vector());
        let (lane, n_lanes) = found.ok_or(Flow::Refused)?;
        let wide = |value: &Value| value.bits().map_or_else(|| lanes(value), |bits| Ok(vec![bits; n_lanes]));
        let (left, right) = (wide(&left)?, wide(&right)?);
        let pairs = left.into_iter().zip(right);
        let combined: Option<Vec<u64>> =
            pairs.map(|(left, right)| operate::binary(operator, lane, left, right)).collect();
        Ok(match (operator, combined) {
            (BinaryOperator::Equal, Some(equal)) => truth(equal.iter().all(|bits| *bits == 1)),
            (BinaryOperator::NotEqual, Some(differs)) => truth(differs.contains(&1)),
            (_, Some(combined)) => list(combined),
            (_, None) => {
                self.divided_by_zero(site);
                list(vec![0; n_lanes])
            }
        })
    }
}

fn lanes(value: &Value) -> Result<Vec<u64>> {
    let Value::List(lanes) = value else { return Err(Flow::Refused) };
    lanes.iter().map(|lane| lane.bits().ok_or(Flow::Refused)).collect()
}

fn list(lanes: impl IntoIterator<Item = u64>) -> Value {
    Value::List(lanes.into_iter().map(Value::Bits).collect())
}

fn truth(value: bool) -> Value {
    Value::Bits(u64::from(value))
}

/// A method of a vector with lanes of a scalar; the second operand may have others.
fn method(name: &str, lane: Scalar, of_second: Option<Scalar>, values: &[Value]) -> Option<Value> {
    let given: Vec<Vec<u64>> = values.iter().map(|value| lanes(value).ok().unwrap_or_default()).collect();
    let first = &given[0];
    let second = given.get(1).cloned().unwrap_or_default();
    if let Some(operator) = comparison(name) {
        let pairs = first.iter().zip(&second);
        let compared: Option<Vec<u64>> =
            pairs.map(|(left, right)| operate::binary(operator, lane, *left, *right)).collect();
        return compared.map(list);
    }
    if let Some(picked) = picked(name, first.len()) {
        return Some(list(picked.into_iter().map(|position| first[position])));
    }
    if let Some(replaced) = name.strip_prefix("with_").and_then(|name| picked(name, first.len())) {
        let mut lanes = first.clone();
        for (position, bits) in replaced.into_iter().zip(second) {
            lanes[position] = bits;
        }
        return Some(list(lanes));
    }
    if let Some(target) = name.strip_prefix("as_") {
        let target = SCALARS.iter().find(|scalar| scalar.rust_name() == target)?;
        return Some(list(first.iter().map(|bits| operate::cast(lane, *target, *bits))));
    }
    let sum = |lanes: &[u64]| {
        let (first, others) = lanes.split_first()?;
        others.iter().try_fold(*first, |sum, bits| operate::binary(BinaryOperator::Add, lane, sum, *bits))
    };
    Some(match name {
        "any" => truth(first.contains(&1)),
        "all" => truth(first.iter().all(|bits| *bits == 1)),
        "select" => {
            of_second?;
            let both = second.iter().zip(&given[2]);
            list(first.iter().zip(both).map(|(mask, (set, unset))| if *mask == 1 { *set } else { *unset }))
        }
        "sum" => Value::Bits(sum(first)?),
        "dot" => {
            let pairs = first.iter().zip(&second);
            let products: Option<Vec<u64>> = pairs
                .map(|(left, right)| operate::binary(BinaryOperator::Multiply, lane, *left, *right))
                .collect();
            Value::Bits(sum(&products?)?)
        }
        "concat" => list(first.iter().chain(&second).copied()),
        "extend" => list(first.iter().copied().chain(values[1].bits())),
        _ => return lane_by_lane(name, lane, values),
    })
}

/// A method that is that of the scalars; arguments are vectors, or one scalar for all lanes.
fn lane_by_lane(name: &str, lane: Scalar, values: &[Value]) -> Option<Value> {
    let n_lanes = lanes(&values[0]).ok()?.len();
    let wide = |value: &Value| match value.bits() {
        Some(bits) => Some(vec![bits; n_lanes]),
        None => lanes(value).ok(),
    };
    let given = values.iter().map(wide).collect::<Option<Vec<_>>>()?;
    let results = (0..n_lanes).map(|position| {
        let arguments: Vec<u64> = given[1..].iter().map(|lanes| lanes[position]).collect();
        operate::method(name, lane, given[0][position], &arguments)
    });
    results.collect::<Option<Vec<_>>>().map(list)
}

fn comparison(name: &str) -> Option<BinaryOperator> {
    Some(match name {
        "lt" => BinaryOperator::Less,
        "le" => BinaryOperator::LessOrEqual,
        "gt" => BinaryOperator::Greater,
        "ge" => BinaryOperator::GreaterOrEqual,
        "eq" => BinaryOperator::Equal,
        "ne" => BinaryOperator::NotEqual,
        _ => return None,
    })
}

/// The lanes that a swizzle picks of so many.
fn picked(name: &str, n_lanes: usize) -> Option<Vec<usize>> {
    let half = n_lanes / 2;
    match name {
        "lo" => Some((0..half).collect()),
        "hi" => Some((half..2 * half).collect()),
        "even" => Some((0..half).map(|lane| 2 * lane).collect()),
        "odd" => Some((0..half).map(|lane| 2 * lane + 1).collect()),
        _ if name.len() < 2 => None,
        _ => name.chars().map(|lane| "xyzw".find(lane)).collect(),
    }
}
