//! What the work-items of a group do together.

use super::evaluate::Frame;
use super::machine::Machine;
use super::{Found, operate};
use crate::program::{
    Action, BinaryOperator, Combination, Expression, Group, SUB_GROUP, Scalar, Site, Type, Value, Way,
};

impl Machine<'_> {
    /// What each work-item of a group gets.
    pub fn of_group(
        &mut self,
        items: &mut [Frame],
        group: Group,
        operands: &[Expression],
        site: Site,
        ty: &Type,
    ) -> Option<Vec<Value>> {
        let given: Vec<Vec<Value>> =
            operands.iter().map(|operand| self.values(items, operand)).collect::<Option<_>>()?;
        let size = if group.is_of_sub_group { SUB_GROUP } else { items.len() };
        let mut results = Vec::new();
        for first in (0..items.len()).step_by(size) {
            let together = first..(first + size).min(items.len());
            let given: Vec<&[Value]> = given.iter().map(|values| &values[together.clone()]).collect();
            results.extend(match group.action {
                Action::Combine(way, combination) => {
                    let results = combined(way, combination, ty.scalar()?, &bits(given[0])?)?;
                    results.into_iter().map(Value::Bits).collect()
                }
                Action::Ask => asked(group.method, &bits(given[0])?)?,
                Action::Exchange => {
                    self.exchanged(group.method, &items[together], given[0], &bits(given[1])?, site, ty)?
                }
            });
        }
        Some(results)
    }

    /// The values of others, which each asks for by a number.
    fn exchanged(
        &mut self,
        method: &str,
        items: &[Frame],
        values: &[Value],
        numbers: &[u64],
        site: Site,
        ty: &Type,
    ) -> Option<Vec<Value>> {
        let mut results = Vec::new();
        for (own, number) in numbers.iter().enumerate() {
            let from = match method {
                "broadcast" | "shuffle" => *number,
                "shuffle_xor" => own as u64 ^ number,
                "shuffle_up" => (own as u64).wrapping_sub(*number),
                "shuffle_down" => (own as u64).saturating_add(*number),
                _ => return None,
            };
            results.push(match values.get(usize::try_from(from).ok()?) {
                Some(value) => value.clone(),
                None if method == "broadcast" => {
                    self.item = items[own].item;
                    self.fail(site, Found::Index(1, [from, 0], [values.len() as u64, 0]));
                    ty.zero()
                }
                None => values[own].clone(),
            });
        }
        Some(results)
    }
}

fn bits(values: &[Value]) -> Option<Vec<u64>> {
    values.iter().map(Value::bits).collect()
}

/// The answers to a question about conditions.
fn asked(method: &str, conditions: &[u64]) -> Option<Vec<Value>> {
    let holds = |condition: &u64| *condition == 1;
    let answer = match method {
        "any_of" => operate::truth(conditions.iter().any(holds)),
        "all_of" => operate::truth(conditions.iter().all(holds)),
        "none_of" => operate::truth(!conditions.iter().any(holds)),
        "ballot" => conditions.iter().rev().fold(0, |bits, condition| bits << 1 | condition),
        _ => return None,
    };
    Some(vec![Value::Bits(answer); conditions.len()])
}

/// What each work-item of a group gets of what all of them give.
fn combined(way: Way, combination: Combination, scalar: Scalar, given: &[u64]) -> Option<Vec<u64>> {
    let up_to = |n: usize| match n {
        0 => Some(identity(combination, scalar)),
        n => in_blocks(combination, scalar, &given[..n]),
    };
    let n = given.len();
    match way {
        Way::Reduce => Some(vec![up_to(n)?; n]),
        Way::Inclusive => (1..=n).map(up_to).collect(),
        Way::Exclusive => (0..n).map(up_to).collect(),
    }
}

/// Combines values, of which there are some, in the order that falx promises, since floats show it: blocks of a power of two,
/// the largest first, from left to right, and within each of them neighbours, then pairs of neighbours, and so on.
fn in_blocks(combination: Combination, scalar: Scalar, mut values: &[u64]) -> Option<u64> {
    let mut total = None;
    while let Some(power) = values.len().checked_ilog2() {
        let (block, rest) = values.split_at(1 << power);
        let of_block = in_pairs(combination, scalar, block)?;
        total = Some(match total {
            Some(before) => combine(combination, scalar, before, of_block)?,
            None => of_block,
        });
        values = rest;
    }
    total
}

fn in_pairs(combination: Combination, scalar: Scalar, block: &[u64]) -> Option<u64> {
    match block {
        [only] => Some(*only),
        _ => {
            let (left, right) = block.split_at(block.len() / 2);
            let halves = (in_pairs(combination, scalar, left)?, in_pairs(combination, scalar, right)?);
            combine(combination, scalar, halves.0, halves.1)
        }
    }
}

fn combine(combination: Combination, scalar: Scalar, left: u64, right: u64) -> Option<u64> {
    let is_better = |operator| operate::binary(operator, scalar, right, left);
    match combination {
        Combination::Operator(operator) => operate::binary(operator, scalar, left, right),
        // Numbers before NaNs, and the first of two zeros.
        Combination::Method(name) if scalar.is_float() => {
            let operator = if name == "min" { BinaryOperator::Less } else { BinaryOperator::Greater };
            let takes_right = operate::is_nan(scalar, left) || is_better(operator)? == 1;
            Some(if takes_right { right } else { left })
        }
        Combination::Method(name) => operate::method(name, scalar, left, &[right]),
    }
}

/// What changes nothing when it is combined with.
fn identity(combination: Combination, scalar: Scalar) -> u64 {
    let of_float = |value: f32| operate::cast(Scalar::F32, scalar, u64::from(value.to_bits()));
    let largest = if scalar.is_signed() { scalar.mask() >> 1 } else { scalar.mask() };
    match combination {
        Combination::Operator(BinaryOperator::And) => scalar.mask(),
        Combination::Operator(BinaryOperator::Multiply) if scalar.is_float() => of_float(1.0),
        Combination::Operator(BinaryOperator::Multiply) => 1,
        Combination::Operator(_) => 0,
        Combination::Method("min") if scalar.is_float() => of_float(f32::INFINITY),
        Combination::Method(_) if scalar.is_float() => of_float(f32::NEG_INFINITY),
        Combination::Method("min") => largest,
        Combination::Method(_) => !largest & scalar.mask(),
    }
}
