//! Indices, each with the conditions under which it is right.

use super::Maker;
use crate::footprints::program::{BinaryOperator, Expression, Index, Kind, LogicOperator, Role, Scalar};

/// A component of an index.
pub struct Component {
    pub value: Expression,
    /// All must hold where it is used.
    pub guards: Vec<Expression>,
}

impl From<Expression> for Component {
    fn from(value: Expression) -> Self {
        Component { value, guards: Vec::new() }
    }
}

fn binary(operator: BinaryOperator, left: &Expression, right: &Expression) -> Expression {
    Expression::binary(operator, left.clone(), right.clone())
}

fn add(left: &Expression, right: &Expression) -> Expression {
    binary(BinaryOperator::Add, left, right)
}

fn subtract(left: &Expression, right: &Expression) -> Expression {
    binary(BinaryOperator::Subtract, left, right)
}

fn multiply(left: &Expression, right: &Expression) -> Expression {
    binary(BinaryOperator::Multiply, left, right)
}

impl Maker<'_> {
    /// An index of an accessor, and what must hold.
    pub fn index(&mut self, accessor: usize) -> (Index, Vec<Expression>) {
        let extent = self.program.accessors[accessor].extent.clone();
        let global = &self.program.shape.global;
        let fits = extent.len() == global.len() && extent.iter().zip(global).all(|(side, n)| side >= n);
        if self.random.chance(if fits { 15 } else { 1 }) && extent.len() == self.program.shape.n_dimensions()
        {
            return (Index::Own, Vec::new());
        }
        let mut components = Vec::new();
        let mut guards = Vec::new();
        for (dimension, side) in extent.iter().enumerate() {
            let length = match self.random.chance(75) {
                true => Expression::extent(accessor, dimension),
                false => self.number(*side as u64),
            };
            let made = self.component(*side as u64, &length);
            components.push(made.value);
            guards.extend(made.guards);
        }
        (Index::At(components), guards)
    }

    /// A component below `extent`, which `length` gives.
    pub fn component(&mut self, extent: u64, length: &Expression) -> Component {
        match self.random.below(34) {
            0..=4 => self.plain(extent, length),
            5..=7 => self.flat(extent, length),
            8..=9 => self.mirrored(extent, length),
            10..=14 => self.shifted(extent, length),
            15..=17 => self.wrapped(extent, length),
            18..=19 => self.shrunk(extent, length),
            20..=21 => self.clamped(extent, length),
            22..=23 => self.saturated(extent, length),
            24 => self.loaded(extent, length),
            25 => self.partner(extent, length),
            26..=27 => self.narrow(extent, length),
            28 => self.selected(extent, length),
            29 => self.difference(extent, length),
            30 => self.element_of_table(extent, length),
            31 => self.signed(extent, length),
            32 => self.chosen_by_flag(extent, length),
            _ => {
                let value = self.wild(2);
                self.guarded(value, length)
            }
        }
    }

    /// A value under the condition that it is below `length`.
    fn guarded(&mut self, value: Expression, length: &Expression) -> Component {
        let guard = match self.random.below(12) {
            // Right only as long as the other type has the number.
            3 => {
                let scalar = *self.random.pick(&[Scalar::I32, Scalar::I64, Scalar::U32, Scalar::U8]);
                let [value, length] = [&value, length].map(|side| side.clone().cast(scalar));
                binary(BinaryOperator::Less, &value, &length)
            }
            0 => binary(BinaryOperator::Greater, length, &value),
            1 => binary(BinaryOperator::GreaterOrEqual, &value, length).not(),
            2 => {
                let one = Expression::usize(1);
                let is_some = binary(BinaryOperator::Greater, length, &Expression::usize(0));
                let fits = binary(BinaryOperator::LessOrEqual, &value, &subtract(length, &one));
                Expression::logic(LogicOperator::And, is_some, fits)
            }
            _ => binary(BinaryOperator::Less, &value, length),
        };
        Component { value, guards: vec![guard] }
    }

    /// A value in scope as it is, if one fits.
    fn plain(&mut self, extent: u64, length: &Expression) -> Component {
        match self.below(extent) {
            Some(known) if self.random.chance(85) => known.value.into(),
            _ => {
                let value = self.any().value;
                self.guarded(value, length)
            }
        }
    }

    /// `row * width + column`
    fn flat(&mut self, extent: u64, length: &Expression) -> Component {
        let column = self.any();
        let row = self.any();
        let width = match self.random.chance(80) {
            true => self.number(column.below),
            false => self.number(row.below),
        };
        let value = add(&multiply(&row.value, &width), &column.value);
        if row.below * column.below <= extent {
            return value.into();
        }
        self.guarded(value, length)
    }

    /// `length - 1 - x`
    fn mirrored(&mut self, extent: u64, length: &Expression) -> Component {
        let Some(known) = self.below(extent) else { return self.plain(extent, length) };
        let one = Expression::usize(1);
        match self.random.below(3) {
            0 => subtract(length, &add(&known.value, &one)).into(),
            _ => subtract(&subtract(length, &one), &known.value).into(),
        }
    }

    /// `x - c` and `x + c`, as stencils have them.
    fn shifted(&mut self, extent: u64, length: &Expression) -> Component {
        let known = self.below(extent + 1).unwrap_or_else(|| self.any());
        let (by, guard_by) = self.small();
        if self.random.chance(50) {
            let guard = match self.random.below(3) {
                0 => binary(BinaryOperator::LessOrEqual, &guard_by, &known.value),
                1 => binary(BinaryOperator::Less, &known.value, &guard_by).not(),
                _ => binary(BinaryOperator::GreaterOrEqual, &known.value, &guard_by),
            };
            let value = subtract(&known.value, &by);
            if known.below <= extent {
                return Component { value, guards: vec![guard] };
            }
            let mut made = self.guarded(value, length);
            made.guards.insert(0, guard);
            return made;
        }
        let value = add(&known.value, &by);
        match self.random.below(3) {
            0 => {
                let guard = binary(BinaryOperator::Less, &known.value, &subtract(length, &by));
                let enough = binary(BinaryOperator::GreaterOrEqual, length, &by);
                Component { value, guards: vec![enough, guard] }
            }
            _ => self.guarded(value, length),
        }
    }

    /// A small number, twice, each as it may be written: by a literal, a captured value or a value in scope.
    fn small(&mut self) -> (Expression, Expression) {
        let number = match self.random.chance(20) {
            true => {
                let known = self.any();
                return (known.value.clone(), known.value);
            }
            false => self.random.between(1, 4) as u64,
        };
        (self.number(number), self.number(number))
    }

    /// `x % length`, `x & (length - 1)`, `x.min(length - 1)`; right unless there are no elements.
    fn wrapped(&mut self, extent: u64, length: &Expression) -> Component {
        let value = match self.random.chance(60) {
            true => self.any().value,
            false => self.wild(2),
        };
        let one = Expression::usize(1);
        let last = subtract(length, &one);
        let value = match self.random.below(4) {
            0 if extent.is_power_of_two() => binary(BinaryOperator::And, &value, &last),
            0 | 1 => Expression::method("min", vec![value, last]),
            2 => {
                let mask = (extent + 1).next_power_of_two() / 2;
                binary(BinaryOperator::And, &value, &Expression::usize(mask.saturating_sub(1)))
            }
            _ => binary(BinaryOperator::Remainder, &value, length),
        };
        if extent > 0 && self.random.chance(80) {
            return value.into();
        }
        let is_some = binary(BinaryOperator::Greater, length, &Expression::usize(0));
        Component { value, guards: vec![is_some] }
    }

    /// `x / c`, `x >> c` and multiples of them.
    fn shrunk(&mut self, extent: u64, length: &Expression) -> Component {
        let known = self.any();
        let divisor = self.random.between(1, 5) as u64;
        let (value, below) = match self.random.below(3) {
            0 => {
                let by = Expression::usize(divisor - 1);
                (
                    binary(BinaryOperator::ShiftRight, &known.value, &by),
                    known.below.div_ceil(1 << (divisor - 1)),
                )
            }
            1 => {
                let by = self.number(divisor);
                let rounded = multiply(&binary(BinaryOperator::Divide, &known.value, &by), &by);
                (rounded, known.below)
            }
            _ => {
                let by = self.number(divisor);
                (binary(BinaryOperator::Divide, &known.value, &by), known.below.div_ceil(divisor))
            }
        };
        if below <= extent { value.into() } else { self.guarded(value, length) }
    }

    /// `(x as i32 - c).clamp(0, length as i32 - 1) as usize` and its kin.
    fn clamped(&mut self, extent: u64, length: &Expression) -> Component {
        let scalar = *self.random.pick(&[Scalar::I32, Scalar::I64, Scalar::Isize]);
        let value = self.any().value.cast(scalar);
        let by = Expression::literal(scalar, self.random.below(4) as u64);
        let operator = if self.random.chance(60) { BinaryOperator::Subtract } else { BinaryOperator::Add };
        let moved = binary(operator, &value, &by);
        let zero = Expression::literal(scalar, 0);
        let last = subtract(&length.clone().cast(scalar), &Expression::literal(scalar, 1));
        let value = match self.random.below(3) {
            0 => {
                let low = Expression::method("max", vec![moved, zero]);
                Expression::method("min", vec![low, last])
            }
            1 => {
                let high = Expression::method("min", vec![moved, last]);
                Expression::method("max", vec![high, zero])
            }
            _ => Expression::method("clamp", vec![moved, zero, last]),
        };
        let value = value.cast(Scalar::Usize);
        if extent > 0 { value.into() } else { self.guarded(value, length) }
    }

    /// `x.saturating_sub(c)`, `x.checked_sub(c).unwrap_or(0)`
    fn saturated(&mut self, extent: u64, length: &Expression) -> Component {
        let known = self.below(extent).unwrap_or_else(|| self.any());
        let (by, _) = self.small();
        let value = match self.random.below(3) {
            0 => {
                let otherwise = if self.random.chance(60) { Expression::usize(0) } else { self.any().value };
                let parts = Box::new([known.value, by, otherwise]);
                Expression::new(Kind::CheckedOr("checked_sub", parts), Scalar::Usize)
            }
            _ => Expression::method("saturating_sub", vec![known.value, by]),
        };
        if known.below <= extent { value.into() } else { self.guarded(value, length) }
    }

    /// Loaded data, made to fit.
    fn loaded(&mut self, extent: u64, length: &Expression) -> Component {
        let inputs = self.accessors(Role::Input);
        let accessor = *self.random.pick(&inputs);
        let scalar = self.program.accessors[accessor].scalar;
        let n = self.program.accessors[accessor].extent.clone();
        let components = n.iter().enumerate().map(|(dimension, side)| {
            let length = Expression::extent(accessor, dimension);
            self.plain(*side as u64, &length).value
        });
        let index = Index::At(components.collect());
        let site = self.site();
        let value = Expression::new(Kind::Load(accessor, index, site), scalar).cast(Scalar::Usize);
        match self.random.below(3) {
            0 if extent > 0 => binary(BinaryOperator::Remainder, &value, length).into(),
            1 => self.guarded(value, length),
            _ => value.into(),
        }
    }

    /// `x ^ c` with a power of two.
    fn partner(&mut self, extent: u64, length: &Expression) -> Component {
        let known = self.below(extent).unwrap_or_else(|| self.any());
        let power = 1 << self.random.below(4);
        let by = self.number(power);
        let operator = *self.random.pick(&[BinaryOperator::Xor, BinaryOperator::Xor, BinaryOperator::Or]);
        let value = binary(operator, &known.value, &by);
        let bound = known.below.next_power_of_two();
        if bound <= extent && self.random.chance(60) { value.into() } else { self.guarded(value, length) }
    }

    /// Computed in another type.
    fn narrow(&mut self, extent: u64, length: &Expression) -> Component {
        let known = self.below(extent).unwrap_or_else(|| self.any());
        let scalar = *self.random.pick(&[Scalar::U32, Scalar::I32, Scalar::U8, Scalar::I64, Scalar::U16]);
        let value = known.value.cast(scalar);
        let one = Expression::literal(scalar, 1);
        let (moved, below) = match self.random.below(4) {
            0 => (subtract(&subtract(&length.clone().cast(scalar), &one), &value), known.below),
            1 => (add(&value, &one), known.below + 1),
            2 => (subtract(&value, &one), u64::MAX),
            _ => (value, known.below),
        };
        let value = moved.cast(Scalar::Usize);
        if below <= extent { value.into() } else { self.guarded(value, length) }
    }

    /// `if x > 0 { x - 1 } else { 0 }` and `if x + 1 < length { x + 1 } else { x }`
    fn selected(&mut self, extent: u64, length: &Expression) -> Component {
        let known = self.below(extent).unwrap_or_else(|| self.any());
        let one = Expression::usize(1);
        let parts = match self.random.chance(50) {
            true => {
                let condition = binary(BinaryOperator::Greater, &known.value, &Expression::usize(0));
                [condition, subtract(&known.value, &one), Expression::usize(0)]
            }
            false => {
                let next = add(&known.value, &one);
                [binary(BinaryOperator::Less, &next, length), next, known.value]
            }
        };
        Expression::new(Kind::Select(Box::new(parts)), Scalar::Usize).into()
    }

    /// `x - y`, `x.abs_diff(y)`
    fn difference(&mut self, extent: u64, length: &Expression) -> Component {
        let (one, other) = match (self.below(extent), self.below(extent)) {
            (Some(one), Some(other)) => (one.value, other.value),
            _ => return self.plain(extent, length),
        };
        match self.random.below(3) {
            0 => Expression::method("abs_diff", vec![one, other]).into(),
            _ => {
                let guards = vec![binary(BinaryOperator::GreaterOrEqual, &one, &other)];
                Component { value: subtract(&one, &other), guards }
            }
        }
    }

    /// An element of a private or captured array.
    fn element_of_table(&mut self, extent: u64, length: &Expression) -> Component {
        if self.arrays.is_empty() {
            return self.plain(extent, length);
        }
        let (array, scalar, n, _) = *self.random.pick(&self.arrays);
        let inner = match self.below(n as u64) {
            Some(known) => known.value,
            None => Expression::usize(self.random.below(n) as u64),
        };
        let site = self.site();
        let value =
            Expression::new(Kind::Element(array, n, Box::new(inner), site), scalar).cast(Scalar::Usize);
        match self.random.chance(50) {
            true => self.guarded(value, length),
            false => value.into(),
        }
    }

    /// Divided where numbers may be negative.
    fn signed(&mut self, extent: u64, length: &Expression) -> Component {
        let scalar = *self.random.pick(&[Scalar::I32, Scalar::I64, Scalar::I8]);
        let [left, right] = [self.any().value, self.any().value].map(|side| side.cast(scalar));
        let difference = if self.random.chance(60) { subtract(&left, &right) } else { left };
        let by = Expression::literal(scalar, self.random.between(1, 5) as u64);
        let by = match self.random.chance(30) {
            true => subtract(&Expression::literal(scalar, 0), &by),
            false => by,
        };
        let value = match self.random.below(4) {
            0 => binary(BinaryOperator::Divide, &difference, &by),
            1 => binary(BinaryOperator::Remainder, &difference, &by),
            2 => binary(BinaryOperator::ShiftRight, &difference, &Expression::literal(scalar, 1)),
            _ => Expression::method("rem_euclid", vec![difference, by]),
        };
        let value = value.cast(Scalar::Usize);
        if extent > 3 && self.random.chance(50) { value.into() } else { self.guarded(value, length) }
    }

    /// `(a < b) as usize`
    fn chosen_by_flag(&mut self, extent: u64, length: &Expression) -> Component {
        let flag = self.comparison().cast(Scalar::Usize);
        let value = match self.random.below(3) {
            0 => add(&self.any().value, &flag),
            1 => multiply(&self.any().value, &flag),
            _ => flag,
        };
        if extent > 1 && self.random.chance(50) { value.into() } else { self.guarded(value, length) }
    }

    /// Any arithmetic at all.
    pub fn wild(&mut self, depth: usize) -> Expression {
        if depth == 0 || self.random.chance(25) {
            return match self.random.chance(75) {
                true => self.any().value,
                false => Expression::usize(*self.random.pick(&super::environment::HOSTILE)),
            };
        }
        let (left, right) = (self.wild(depth - 1), self.wild(depth - 1));
        use BinaryOperator::*;
        let operator = *self.random.pick(&[Add, Add, Subtract, Subtract, Multiply, And, Or, Xor, ShiftRight]);
        match self.random.below(10) {
            0 => {
                let scalar =
                    *self.random.pick(&[Scalar::U8, Scalar::I32, Scalar::U32, Scalar::I8, Scalar::I64]);
                left.cast(scalar).cast(Scalar::Usize)
            }
            1 => {
                let name =
                    *self.random.pick(&["wrapping_sub", "wrapping_add", "wrapping_mul", "saturating_add"]);
                Expression::method(name, vec![left, right])
            }
            2 => {
                let name = *self.random.pick(&["min", "max", "abs_diff"]);
                Expression::method(name, vec![left, right])
            }
            3 => binary(ShiftLeft, &left, &Expression::usize(self.random.below(64) as u64)),
            4 => self.called(left),
            _ => binary(operator, &left, &right),
        }
    }
}
