//! What is known of the results of operations on integers.

use super::form::Form;
use super::knowledge::{Bounds, Made};
use super::launch::limits;
use super::number::Number;
use super::walk::{Held, Walk};
use crate::kernel::tree::BinaryOperator;
use crate::kernel::types::Scalar;

impl Walk<'_> {
    /// An operation that is no comparison.
    pub fn operation(
        &mut self,
        operator: BinaryOperator,
        [left, right]: [Held; 2],
        [scalar, other]: [Scalar; 2],
    ) -> Held {
        use BinaryOperator::*;
        let (Held::Number(left), Held::Number(right)) = (&left, &right) else { return Held::Anything };
        match operator {
            Add => left.plus(right).into(),
            Subtract => left.minus(right).into(),
            Multiply => self.product(left, right, scalar).into(),
            _ => {
                let left = self.number(&Held::Number(left.clone()), scalar);
                let right = self.number(&Held::Number(right.clone()), other);
                match operator {
                    Divide => self.quotient(&left, &right, scalar).into(),
                    Remainder => self.remainder(&left, &right, scalar).into(),
                    ShiftLeft => self.shifted(&left, &right, scalar).into(),
                    ShiftRight => self.shifted_back(&left, &right, scalar).into(),
                    And => self.and(&left, &right, scalar).into(),
                    Or | Xor => self.or(operator == Or, &left, &right, scalar).into(),
                    _ => Held::Anything,
                }
            }
        }
    }

    /// A product, up to what wraps around.
    fn product(&mut self, left: &Form, right: &Form, scalar: Scalar) -> Option<Form> {
        if let Some(factor) = right.as_number() {
            return left.times(factor);
        }
        if let Some(factor) = left.as_number() {
            return right.times(factor);
        }
        let [left, right] = [left, right].map(|factor| self.number(&Held::Number(factor.clone()), scalar));
        let bounds = products(self.bounds(&left, scalar), self.bounds(&right, scalar))?;
        let (left, right) = if left.terms() <= right.terms() { (left, right) } else { (right, left) };
        Some(self.knowledge.made(Made::Product, &left, &right, bounds).0)
    }

    fn is_at_least(&self, form: &Form, number: i128) -> bool {
        self.knowledge.is_never_negative(form.plus_number(-number))
    }

    /// `left / right`
    pub fn quotient(&mut self, left: &Form, right: &Form, scalar: Scalar) -> Option<Form> {
        if !self.is_at_least(left, 0) || !self.is_at_least(right, 1) {
            let bounds = self.quotients(left, right, scalar)?;
            return Some(Form::symbol(self.knowledge.fresh(bounds)));
        }
        match right.as_number() {
            Some(divisor) => Some(self.divided(left, divisor)?.0),
            None => {
                let (over, under) = (self.bounds(left, scalar), self.bounds(right, scalar));
                let bounds =
                    Bounds::new(over.least.floor(under.most.max(1)), over.most.floor(under.least.max(1)));
                let (quotient, is_new) = self.knowledge.made(Made::Quotient, left, right, bounds);
                if is_new {
                    self.knowledge.learn(left.minus(&quotient));
                }
                Some(quotient)
            }
        }
    }

    /// The bounds of a quotient whose operands may be negative: as far as the left side lies from zero.
    fn quotients(&self, left: &Form, right: &Form, scalar: Scalar) -> Option<Bounds> {
        let bounds = self.bounds(left, scalar);
        if self.is_at_least(right, 1) {
            let divisor = self.bounds(right, scalar).least.max(1);
            let least = if bounds.least > 0 { Number::ZERO } else { bounds.least.ceiling(divisor)? };
            let most = if bounds.most < 0 { Number::ZERO } else { bounds.most.floor(divisor) };
            return Some(Bounds { least, most });
        }
        let most = bounds.most.max(bounds.least.checked_neg()?);
        // The smallest number by -1 wraps to itself.
        Some(Bounds::new(-most, most).common(limits(scalar)))
    }

    /// Quotient and remainder by a positive number, rounded down: `left = divisor * quotient + remainder`.
    pub fn divided(&mut self, left: &Form, divisor: impl Into<Number>) -> Option<(Form, Form)> {
        let divisor = divisor.into();
        if divisor < 1 {
            // Only where no work-item comes.
            return None;
        }
        if divisor == 1 {
            return Some((left.clone(), Form::number(0)));
        }
        let bounds = self.knowledge.bounds(left)?;
        let (least, most) = (bounds.least.floor(divisor), bounds.most.floor(divisor));
        if least == most {
            // All in one turn: the remainder is as exact as what is divided.
            return Some((
                Form::number(least),
                left.plus_number(least.checked_mul(divisor)?.checked_neg()?)?,
            ));
        }
        let by = Form::number(divisor);
        let (quotient, is_new) = self.knowledge.made(Made::Quotient, left, &by, Bounds::new(least, most));
        let within = Bounds::new(0, divisor - 1);
        let (remainder, _) = self.knowledge.made(Made::Remainder, left, &by, within);
        if is_new {
            let sum = quotient.times(divisor)?.plus(&remainder)?;
            self.knowledge.learn(left.minus(&sum));
            self.knowledge.learn(sum.minus(left));
        }
        Some((quotient, remainder))
    }

    /// `left % right`
    pub fn remainder(&mut self, left: &Form, right: &Form, scalar: Scalar) -> Option<Form> {
        let is_positive = self.is_at_least(right, 1);
        if !self.is_at_least(left, 0) || !is_positive {
            let bounds = self.bounds(left, scalar);
            let (mut low, mut high) = (bounds.least.min(0), bounds.most.max(0));
            if is_positive {
                let largest = self.bounds(right, scalar).most - 1;
                (low, high) = (low.max(-largest), high.min(largest));
            }
            return Some(Form::symbol(self.knowledge.fresh(Bounds::new(low, high))));
        }
        match right.as_number() {
            Some(divisor) => Some(self.divided(left, divisor)?.1),
            None => {
                let largest = self.bounds(right, scalar).most - 1;
                let bounds = Bounds::new(0, largest.min(self.bounds(left, scalar).most));
                let (remainder, is_new) = self.knowledge.made(Made::Remainder, left, right, bounds);
                if is_new {
                    self.knowledge.learn(left.minus(&remainder));
                    self.knowledge.learn(right.minus(&remainder).and_then(|rest| rest.plus_number(-1)));
                }
                Some(remainder)
            }
        }
    }

    fn shifted(&mut self, left: &Form, amount: &Form, scalar: Scalar) -> Option<Form> {
        match amount.as_number() {
            Some(amount) => left.times(1i128 << (amount.pinned() & i128::from(scalar.bits() - 1))),
            None => {
                let limits = limits(scalar);
                Some(self.knowledge.made(Made::Named("<<"), left, amount, limits).0)
            }
        }
    }

    fn shifted_back(&mut self, left: &Form, amount: &Form, scalar: Scalar) -> Option<Form> {
        if let Some(amount) = amount.as_number() {
            let divisor = 1i128 << (amount.pinned() & i128::from(scalar.bits() - 1));
            return Some(self.divided(left, divisor)?.0);
        }
        let bounds = self.bounds(left, scalar);
        let bounds = Bounds::new(bounds.least.min(0), bounds.most.max(0));
        let (result, is_new) = self.knowledge.made(Made::Named(">>"), left, amount, bounds);
        if is_new && self.is_at_least(left, 0) {
            self.knowledge.learn(left.minus(&result));
        }
        Some(result)
    }

    fn and(&mut self, left: &Form, right: &Form, scalar: Scalar) -> Option<Form> {
        let positive = [left, right].map(|side| self.is_at_least(side, 0));
        for (side, mask) in [(left, right), (right, left)] {
            // The lowest bits of a number are its remainder, also of one below zero.
            if let Some(mask) = mask.as_number().map(Number::pinned)
                && mask >= 0
                && (mask + 1).count_ones() == 1
            {
                return Some(self.divided(side, mask + 1)?.1);
            }
        }
        let most = [left, right].into_iter().zip(positive).filter(|(_, is_positive)| *is_positive);
        let most = most.map(|(side, _)| self.bounds(side, scalar).most).reduce(|one, two| one.min(two));
        let bounds = most.map_or(limits(scalar), |most| Bounds::new(0, most));
        let (result, is_new) = self.knowledge.made(Made::And, left, right, bounds);
        for (side, is_positive) in [left, right].into_iter().zip(positive) {
            if is_new && is_positive {
                self.knowledge.learn(side.minus(&result));
            }
        }
        Some(result)
    }

    /// `left | right` or `left ^ right`
    fn or(&mut self, is_or: bool, left: &Form, right: &Form, scalar: Scalar) -> Option<Form> {
        let made = if is_or { Made::Or } else { Made::Xor };
        if !self.is_at_least(left, 0) || !self.is_at_least(right, 0) {
            return Some(self.knowledge.made(made, left, right, limits(scalar)).0);
        }
        let (one, two) = (self.bounds(left, scalar), self.bounds(right, scalar));
        let least = if is_or { one.least.max(two.least) } else { Number::ZERO };
        let bounds = Bounds::new(least, of_all_ones(one.most.max(two.most)));
        let (result, is_new) = self.knowledge.made(made, left, right, bounds);
        if is_new {
            self.knowledge.learn(left.plus(right).and_then(|sum| sum.minus(&result)));
            if is_or {
                self.knowledge.learn(result.minus(left));
                self.knowledge.learn(result.minus(right));
            }
        }
        Some(result)
    }
}

/// The smallest number with ones alone in its binary digits that is no less than one of 64 bits.
fn of_all_ones(number: Number) -> i128 {
    let ones = (0..=64).map(|bits| (1i128 << bits) - 1);
    // By comparing, so that numbers with as many digits follow the same tape.
    ones.into_iter().find(|ones| number <= *ones).unwrap_or(i128::MAX)
}

fn products(one: Bounds, two: Bounds) -> Option<Bounds> {
    let corners =
        [(one.least, two.least), (one.least, two.most), (one.most, two.least), (one.most, two.most)];
    let corners = corners.map(|(one, two)| one.checked_mul(two));
    let bounds = corners.map(|corner| corner.map(|corner| Bounds::new(corner, corner)));
    bounds.into_iter().reduce(|one, two| Some(one?.hull(two?)))?
}
