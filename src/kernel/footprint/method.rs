//! What is known of the results of methods of integers.

use super::form::Form;
use super::knowledge::{Bounds, Made};
use super::launch::limits;
use super::number::Number;
use super::walk::{Held, Walk};
use crate::kernel::lower::ir::Value;
use crate::kernel::types::Scalar;

impl Walk<'_> {
    /// A method, by its name.
    pub fn method(&mut self, name: &'static str, operands: &[Value], result: Option<Scalar>) -> Held {
        let held: Vec<Held> = operands.iter().map(|operand| self.value(operand)).collect();
        let scalars: Option<Vec<Scalar>> = operands.iter().map(Value::scalar).collect();
        let (Some(scalars), Some(result)) = (scalars, result) else { return Held::Anything };
        if !result.is_integer() || !scalars.iter().all(|scalar| scalar.is_integer()) {
            return Held::Anything;
        }
        match (name, &held[..], &scalars[..]) {
            ("wrapping_neg", [Held::Number(form)], _) => form.times(-1).into(),
            ("cast_signed" | "cast_unsigned" | "to_le" | "from_le", [same], _) => same.clone(),
            (
                "wrapping_add_signed" | "wrapping_add_unsigned",
                [Held::Number(left), Held::Number(right)],
                _,
            ) => left.plus(right).into(),
            (
                "wrapping_sub_signed" | "wrapping_sub_unsigned",
                [Held::Number(left), Held::Number(right)],
                _,
            ) => left.minus(right).into(),
            (_, [one], [scalar]) => {
                let one = self.number(one, *scalar);
                self.of_one(name, &one, *scalar, result).into()
            }
            (_, [one, two], [scalar, other]) => {
                let (one, two) = (self.number(one, *scalar), self.number(two, *other));
                self.of_two(name, &one, &two, *scalar).into()
            }
            ("clamp", [x, low, high], [scalar, ..]) => {
                let [x, low, high] = [x, low, high].map(|operand| self.number(operand, *scalar));
                self.clamped(&x, &low, &high, *scalar).into()
            }
            _ => Held::Anything,
        }
    }

    fn of_one(&mut self, name: &'static str, one: &Form, scalar: Scalar, result: Scalar) -> Option<Form> {
        let bounds = self.bounds(one, scalar);
        let of_bits = Bounds::new(0, i128::from(scalar.bits()));
        let bounds = match name {
            "abs" | "wrapping_abs" | "unsigned_abs" | "saturating_abs" => {
                if bounds.least >= 0 {
                    return Some(one.clone());
                }
                let most = bounds.most.max(-bounds.least);
                // The smallest number wraps to itself.
                if most > limits(result).most { limits(result) } else { Bounds::new(0, most) }
            }
            "signum" => Bounds::new(-1, 1),
            "count_ones" | "count_zeros" | "leading_zeros" | "leading_ones" | "trailing_zeros"
            | "trailing_ones" => of_bits,
            "ilog2" | "ilog10" => Bounds::new(0, i128::from(scalar.bits()) - 1),
            "isqrt" if bounds.least >= 0 => Bounds::new(0, root(bounds.most.pinned())),
            _ => return None,
        };
        Some(self.knowledge.made(Made::Named(name), one, &Form::default(), bounds).0)
    }

    fn of_two(&mut self, name: &'static str, one: &Form, two: &Form, scalar: Scalar) -> Option<Form> {
        match name {
            "min" => self.smaller(one, two, scalar),
            "max" => {
                let (one, two) = (one.times(-1)?, two.times(-1)?);
                let bounds = [&one, &two].map(|form| self.knowledge.bounds(form));
                self.smaller_of(&one, &two, bounds)?.times(-1)
            }
            "saturating_sub" => {
                let difference = one.minus(two)?;
                self.saturated(&difference, scalar)
            }
            "saturating_add" => {
                let sum = one.plus(two)?;
                self.saturated(&sum, scalar)
            }
            "abs_diff" => self.distance(one, two),
            "wrapping_div" => self.quotient(one, two, scalar),
            "wrapping_rem" => self.remainder(one, two, scalar),
            "rem_euclid" | "wrapping_rem_euclid" => Some(self.divided(one, positive(two)?)?.1),
            "div_euclid" | "wrapping_div_euclid" => Some(self.divided(one, positive(two)?)?.0),
            "div_ceil" => {
                let divisor = positive(two)?;
                Some(self.divided(&one.plus_number(divisor - 1)?, divisor)?.0)
            }
            "next_multiple_of" => {
                let divisor = positive(two)?;
                self.divided(&one.plus_number(divisor - 1)?, divisor)?.0.times(divisor)
            }
            "midpoint" if !scalar.is_signed() => Some(self.divided(&one.plus(two)?, 2)?.0),
            _ => None,
        }
    }

    /// The smaller of two numbers of a type.
    pub fn smaller(&mut self, one: &Form, two: &Form, scalar: Scalar) -> Option<Form> {
        let bounds = [one, two].map(|form| Some(self.bounds(form, scalar)));
        self.smaller_of(one, two, bounds)
    }

    fn smaller_of(&mut self, one: &Form, two: &Form, bounds: [Option<Bounds>; 2]) -> Option<Form> {
        if self.knowledge.is_never_negative(two.minus(one)) {
            return Some(one.clone());
        }
        if self.knowledge.is_never_negative(one.minus(two)) {
            return Some(two.clone());
        }
        let [Some(first), Some(second)] = bounds else { return None };
        let bounds = Bounds::new(first.least.min(second.least), first.most.min(second.most));
        let (result, is_new) = self.knowledge.made(Made::Named("min"), one, two, bounds);
        if is_new {
            self.knowledge.learn(one.minus(&result));
            self.knowledge.learn(two.minus(&result));
        }
        Some(result)
    }

    /// A number as the nearest one that a type has.
    fn saturated(&mut self, form: &Form, scalar: Scalar) -> Option<Form> {
        let limits = limits(scalar);
        let low = self.knowledge.is_never_negative(form.plus_number(-limits.least));
        let high = self.knowledge.is_never_negative(form.times(-1)?.plus_number(limits.most));
        if low && high {
            return Some(form.clone());
        }
        let bounds = self.knowledge.bounds(form)?;
        let cut = |number: Number| number.max(limits.least).min(limits.most);
        let bounds = Bounds::new(cut(bounds.least), cut(bounds.most));
        let (result, is_new) = self.knowledge.made(Made::Wrapped(scalar), form, &Form::number(1), bounds);
        if is_new && high {
            self.knowledge.learn(result.minus(form));
        }
        if is_new && low {
            self.knowledge.learn(form.minus(&result));
        }
        Some(result)
    }

    fn distance(&mut self, one: &Form, two: &Form) -> Option<Form> {
        let (over, under) = (one.minus(two)?, two.minus(one)?);
        for form in [&over, &under] {
            if self.knowledge.is_never_negative(Some(form.clone())) {
                return Some(form.clone());
            }
        }
        let most = self.knowledge.bounds(&over)?.most.max(self.knowledge.bounds(&under)?.most);
        let (result, is_new) = self.knowledge.made(Made::Named("abs_diff"), one, two, Bounds::new(0, most));
        if is_new {
            self.knowledge.learn(result.minus(&over));
            self.knowledge.learn(result.minus(&under));
        }
        Some(result)
    }

    fn clamped(&mut self, x: &Form, low: &Form, high: &Form, scalar: Scalar) -> Option<Form> {
        let of = |walk: &Self, form: &Form| walk.bounds(form, scalar);
        let (x_bounds, lows, highs) = (of(self, x), of(self, low), of(self, high));
        let is_ordered = self.knowledge.is_never_negative(high.minus(low));
        if !is_ordered {
            let bounds = x_bounds.hull(lows).hull(highs);
            return Some(Form::symbol(self.knowledge.fresh(bounds)));
        }
        let least = x_bounds.least.max(lows.least).min(highs.least);
        let most = x_bounds.most.max(lows.most).min(highs.most);
        let result = Form::symbol(self.knowledge.fresh(Bounds::new(least, most)));
        self.knowledge.learn(result.minus(low));
        self.knowledge.learn(high.minus(&result));
        Some(result)
    }
}

fn positive(form: &Form) -> Option<Number> {
    form.as_number().filter(|number| *number > 0)
}

fn root(number: i128) -> i128 {
    u64::try_from(number).map_or(i128::from(u32::MAX), |number| number.isqrt().into())
}
