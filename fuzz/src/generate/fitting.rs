//! Methods that say whether their result fits: `checked_..`, `overflowing_..` and the carrying ones.

use super::Generator;
use crate::program::{Declaration, Expression, Kind, Scalar, Type};
use std::sync::Arc;

/// What an argument is.
#[derive(Clone, Copy)]
enum Takes {
    Nothing,
    Same,
    Amount,
    /// Of the same type, and a `bool`.
    Carry,
    /// Of the same type, twice.
    Two,
}

const CHECKED: [(&str, Takes); 9] = [
    ("checked_add", Takes::Same),
    ("checked_sub", Takes::Same),
    ("checked_mul", Takes::Same),
    ("checked_div", Takes::Same),
    ("checked_rem", Takes::Same),
    ("checked_neg", Takes::Nothing),
    ("checked_shl", Takes::Amount),
    ("checked_shr", Takes::Amount),
    ("checked_pow", Takes::Amount),
];
const OVERFLOWING: [(&str, Takes); 7] = [
    ("overflowing_add", Takes::Same),
    ("overflowing_sub", Takes::Same),
    ("overflowing_mul", Takes::Same),
    ("overflowing_neg", Takes::Nothing),
    ("overflowing_shl", Takes::Amount),
    ("overflowing_shr", Takes::Amount),
    ("overflowing_pow", Takes::Amount),
];
const CARRYING: [(&str, Takes); 4] = [
    ("carrying_add", Takes::Carry),
    ("borrowing_sub", Takes::Carry),
    ("carrying_mul", Takes::Same),
    ("carrying_mul_add", Takes::Two),
];

impl Generator {
    /// An integer out of what such a method gives.
    pub fn fitting(&mut self, scalar: Scalar, depth: usize) -> Expression {
        match self.random.below(if scalar.is_signed() { 2 } else { 3 }) {
            0 => {
                let found = self.checked(scalar, depth);
                let default = self.scalar_expression(scalar, depth);
                let site = self.site();
                Expression::scalar(Kind::Method("unwrap_or", vec![found, default], site), scalar)
            }
            1 => self.first_of(&OVERFLOWING, Type::Scalar(Scalar::Bool), scalar, depth),
            _ if self.random.chance(50) => {
                self.first_of(&CARRYING[..2], Type::Scalar(Scalar::Bool), scalar, depth)
            }
            _ => {
                let (name, takes) = *self.random.pick(&CARRYING[2..]);
                let mut operands = self.operands(takes, scalar, depth);
                operands.push(self.scalar_expression(scalar, depth));
                let pair = Type::Tuple(vec![Type::Scalar(scalar); 2]);
                self.part_of(name, operands, pair, scalar)
            }
        }
    }

    /// Whether a result fits.
    pub fn fits(&mut self, depth: usize) -> Expression {
        let mut scalar = self.scalar();
        if !scalar.is_integer() {
            scalar = Scalar::I32;
        }
        if self.random.chance(50) {
            let found = self.checked(scalar, depth);
            let site = self.site();
            let name = if self.random.chance(50) { "is_some" } else { "is_none" };
            return Expression::scalar(Kind::Method(name, vec![found], site), Scalar::Bool);
        }
        let (name, takes) = *self.random.pick(&OVERFLOWING);
        let operands = self.operands(takes, scalar, depth);
        let pair = Type::Tuple(vec![Type::Scalar(scalar), Type::Scalar(Scalar::Bool)]);
        let site = self.site();
        let both = Expression::new(Kind::Method(name, operands, site), pair);
        Expression::scalar(Kind::Field(Box::new(both), 1), Scalar::Bool)
    }

    fn checked(&mut self, scalar: Scalar, depth: usize) -> Expression {
        let (name, takes) = *self.random.pick(&CHECKED);
        let operands = self.operands(takes, scalar, depth);
        let option = Type::Declared(Arc::new(Declaration::option(Type::Scalar(scalar))));
        let site = self.site();
        Expression::new(Kind::Method(name, operands, site), option)
    }

    fn first_of(
        &mut self,
        methods: &[(&'static str, Takes)],
        second: Type,
        scalar: Scalar,
        depth: usize,
    ) -> Expression {
        let (name, takes) = *self.random.pick(methods);
        let operands = self.operands(takes, scalar, depth);
        self.part_of(name, operands, Type::Tuple(vec![Type::Scalar(scalar), second]), scalar)
    }

    /// One of the parts of a pair that has the type of a scalar.
    fn part_of(
        &mut self,
        name: &'static str,
        operands: Vec<Expression>,
        pair: Type,
        scalar: Scalar,
    ) -> Expression {
        let site = self.site();
        let is_second = matches!(&pair, Type::Tuple(parts) if parts[1] == parts[0]) && self.random.chance(50);
        let both = Expression::new(Kind::Method(name, operands, site), pair);
        Expression::scalar(Kind::Field(Box::new(both), usize::from(is_second)), scalar)
    }

    fn operands(&mut self, takes: Takes, scalar: Scalar, depth: usize) -> Vec<Expression> {
        let others: &[Scalar] = match takes {
            Takes::Nothing => &[],
            Takes::Same => &[scalar],
            Takes::Amount => &[Scalar::U32],
            Takes::Carry => &[scalar, Scalar::Bool],
            Takes::Two => &[scalar, scalar],
        };
        let all = [&[scalar], others].concat();
        all.iter().map(|scalar| self.scalar_expression(*scalar, depth)).collect()
    }
}
