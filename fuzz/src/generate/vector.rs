//! Random vectors and masks, and what is made of them.

use super::{Generator, values};
use crate::program::{BinaryOperator, Expression, Kind, Scalar, Type, UnaryOperator, is_lane};

/// How many lanes there are; of eight and sixteen less often.
const N_LANES: [usize; 8] = [2, 2, 3, 3, 4, 4, 8, 16];
const COMPARISONS: [&str; 6] = ["lt", "le", "gt", "ge", "eq", "ne"];
/// Swizzles of two, three and four lanes; of two by the first two names.
const SWIZZLES: [&[&str]; 3] = [
    &["xy", "yx", "xx", "zx", "wy", "zz"],
    &["xyx", "yxy", "zyx", "xxz", "wzy", "ywx"],
    &["xyxy", "yyxx", "zxyz", "xzzy", "wzyx", "xwyz"],
];
/// What replaces lanes, each at most once: of two, three and four lanes.
const REPLACED: [&[&str]; 3] =
    [&["with_yx"], &["with_zx", "with_yxz", "with_xy"], &["with_wx", "with_zyx", "with_wzyx"]];
const OF_FLOATS: [(&str, usize); 10] = [
    ("abs", 0),
    ("floor", 0),
    ("ceil", 0),
    ("round", 0),
    ("round_ties_even", 0),
    ("trunc", 0),
    ("fract", 0),
    ("sqrt", 0),
    ("recip", 0),
    ("mul_add", 2),
];
const OF_INTEGERS: [(&str, usize); 8] = [
    ("min", 1),
    ("max", 1),
    ("clamp", 2),
    ("midpoint", 1),
    ("saturating_add", 1),
    ("saturating_sub", 1),
    ("count_ones", 0),
    ("leading_zeros", 0),
];

impl Generator {
    /// A vector or a mask.
    pub fn vector_type(&mut self) -> Type {
        let lane = if self.random.chance(12) { Scalar::Bool } else { self.scalar_that(is_lane) };
        Type::Vector(lane, self.n_lanes(lane))
    }

    /// Without three bytes, over some of which Intel's compiler does not finish.
    fn n_lanes(&mut self, lane: Scalar) -> usize {
        match *self.random.pick(&N_LANES) {
            3 if lane.bits() == 8 => 4,
            n => n,
        }
    }

    /// A vector; of `bool` a mask.
    pub fn vector(&mut self, lane: Scalar, n: usize, depth: usize) -> Expression {
        let (ty, is_mask) = (Type::Vector(lane, n), lane == Scalar::Bool);
        match self.random.below(16) {
            0..2 => {
                let list = (0..n).map(|_| self.scalar_expression(lane, depth + 1)).collect();
                Expression::new(Kind::Vector(list), ty)
            }
            2 => {
                let list = vec![self.scalar_expression(lane, depth)];
                Expression::new(Kind::Vector(list), ty)
            }
            // Masks have no swizzles, halves and the like.
            3 if n <= 4 && !is_mask => self.swizzled(lane, n, depth),
            4 if !is_mask => self.of_larger(lane, n, depth),
            5 if !is_mask => self.of_smaller(lane, n, depth),
            6 if n <= 4 && !is_mask => {
                let name = *self.random.pick(REPLACED[n - 2]);
                let (vector, lanes) = (self.expression(&ty, depth), Type::Vector(lane, name.len() - 5));
                let lanes = self.expression(&lanes, depth);
                self.vector_method(name, vec![vector, lanes], ty)
            }
            7 => {
                let mask = self.expression(&Type::Vector(Scalar::Bool, n), depth);
                let (set, unset) = (self.expression(&ty, depth), self.expression(&ty, depth));
                self.vector_method("select", vec![mask, set, unset], ty)
            }
            _ if is_mask => self.mask(n, depth),
            8..10 => self.converted(lane, n, depth),
            10..12 => self.lane_by_lane(lane, n, depth),
            12 if lane.is_float() || lane.is_signed() => {
                let value = Box::new(self.expression(&ty, depth));
                Expression::new(Kind::Unary(UnaryOperator::Negate, value), ty)
            }
            _ => self.combined(lane, n, depth),
        }
    }

    /// A scalar that is made of a vector.
    pub fn of_vector(&mut self, scalar: Scalar, depth: usize) -> Option<Expression> {
        if scalar == Scalar::Bool {
            let lane = self.scalar_that(is_lane);
            let n = self.n_lanes(lane);
            if self.random.chance(60) {
                let mask = self.expression(&Type::Vector(Scalar::Bool, n), depth);
                let name = if self.random.chance(50) { "any" } else { "all" };
                return Some(self.vector_method(name, vec![mask], Type::Scalar(scalar)));
            }
            let ty = Type::Vector(lane, n);
            let pair = Box::new([self.expression(&ty, depth), self.expression(&ty, depth)]);
            let operator = *self.random.pick(&[BinaryOperator::Equal, BinaryOperator::NotEqual]);
            let site = self.site();
            return Some(Expression::scalar(Kind::Binary(operator, pair, site), scalar));
        }
        if !is_lane(scalar) {
            return None;
        }
        let ty = Type::Vector(scalar, self.n_lanes(scalar));
        let vector = self.expression(&ty, depth);
        Some(match self.random.below(3) {
            0 => self.vector_method("sum", vec![vector], Type::Scalar(scalar)),
            1 if scalar.is_float() => {
                let other = self.expression(&ty, depth);
                self.vector_method("dot", vec![vector, other], Type::Scalar(scalar))
            }
            _ => {
                let lanes = ty.vector().map_or(1, |(_, lanes)| lanes);
                Expression::scalar(Kind::Field(Box::new(vector), self.random.below(lanes)), scalar)
            }
        })
    }

    fn vector_method(&mut self, name: &'static str, operands: Vec<Expression>, ty: Type) -> Expression {
        let site = self.site();
        Expression::new(Kind::Method(name, operands, site), ty)
    }

    /// `v.zyx()`
    fn swizzled(&mut self, lane: Scalar, n: usize, depth: usize) -> Expression {
        let of = self.n_lanes(lane).min(4);
        let names = &SWIZZLES[n - 2][..[2, 4, 6][of - 2]];
        let name = *self.random.pick(names);
        let vector = self.expression(&Type::Vector(lane, of), depth);
        self.vector_method(name, vec![vector], Type::Vector(lane, n))
    }

    /// Half of one that is twice as long.
    fn of_larger(&mut self, lane: Scalar, n: usize, depth: usize) -> Expression {
        if !matches!(n, 2 | 4 | 8) {
            return self.leaf(&Type::Vector(lane, n));
        }
        let vector = self.expression(&Type::Vector(lane, 2 * n), depth);
        let name = *self.random.pick(&["lo", "hi", "even", "odd"]);
        self.vector_method(name, vec![vector], Type::Vector(lane, n))
    }

    /// Two halves together, or one lane more.
    fn of_smaller(&mut self, lane: Scalar, n: usize, depth: usize) -> Expression {
        let (ty, has_three) = (Type::Vector(lane, n), lane.bits() != 8);
        match n {
            3 | 4 if n == 3 || has_three && self.random.chance(50) => {
                let first = self.expression(&Type::Vector(lane, n - 1), depth);
                let last = self.scalar_expression(lane, depth);
                self.vector_method("extend", vec![first, last], ty)
            }
            4 | 8 | 16 => {
                let half = Type::Vector(lane, n / 2);
                let halves = vec![self.expression(&half, depth), self.expression(&half, depth)];
                self.vector_method("concat", halves, ty)
            }
            _ => self.leaf(&ty),
        }
    }

    fn mask(&mut self, n: usize, depth: usize) -> Expression {
        let ty = Type::Vector(Scalar::Bool, n);
        match self.random.below(6) {
            0 => {
                let value = Box::new(self.expression(&ty, depth));
                Expression::new(Kind::Unary(UnaryOperator::Not, value), ty)
            }
            1..3 => {
                let operator =
                    *self.random.pick(&[BinaryOperator::And, BinaryOperator::Or, BinaryOperator::Xor]);
                let pair = Box::new([self.expression(&ty, depth), self.expression(&ty, depth)]);
                let site = self.site();
                Expression::new(Kind::Binary(operator, pair, site), ty)
            }
            _ => {
                let mut lane = self.scalar_that(is_lane);
                if n == 3 && lane.bits() == 8 {
                    lane = Scalar::I32;
                }
                let compared = Type::Vector(lane, n);
                let pair = vec![self.expression(&compared, depth), self.expression(&compared, depth)];
                let name = *self.random.pick(&COMPARISONS);
                self.vector_method(name, pair, ty)
            }
        }
    }

    /// `v.as_f32()`
    fn converted(&mut self, lane: Scalar, n: usize, depth: usize) -> Expression {
        let mut from = self.scalar_that(is_lane);
        if n == 3 && from.bits() == 8 {
            from = Scalar::U32;
        }
        let vector = self.expression(&Type::Vector(from, n), depth);
        let name = format!("as_{}", lane.rust_name()).leak();
        self.vector_method(name, vec![vector], Type::Vector(lane, n))
    }

    /// A method that works on each lane.
    fn lane_by_lane(&mut self, lane: Scalar, n: usize, depth: usize) -> Expression {
        let ty = Type::Vector(lane, n);
        let methods: &[(&'static str, usize)] = if lane.is_float() { &OF_FLOATS } else { &OF_INTEGERS };
        let (name, n_arguments) = *self.random.pick(methods);
        let mut operands = vec![self.expression(&ty, depth)];
        if !lane.is_float() && self.random.chance(20) {
            let name = if self.random.chance(50) { "rotate_left" } else { "rotate_right" };
            operands.push(self.scalar_expression(Scalar::U32, depth));
            return self.vector_method(name, operands, ty);
        }
        for _ in 0..n_arguments {
            operands.push(self.expression(&ty, depth));
        }
        self.vector_method(name, operands, ty)
    }

    /// `v + w`, where one of both may be a scalar.
    fn combined(&mut self, lane: Scalar, n: usize, depth: usize) -> Expression {
        use BinaryOperator::*;
        let operators: &[BinaryOperator] = match lane.is_float() {
            true => &[Add, Subtract, Multiply, Divide, Remainder],
            false => &[Add, Subtract, Multiply, And, Or, Xor, ShiftLeft, ShiftRight, Divide, Remainder],
        };
        let (operator, ty) = (*self.random.pick(operators), Type::Vector(lane, n));
        let left = match (self.random.chance(15), operator) {
            (true, Add | Subtract | Multiply) => self.scalar_expression(lane, depth),
            _ => self.expression(&ty, depth),
        };
        let right = match operator {
            Divide | Remainder if !lane.is_float() => self.vector_divisor(lane, n, depth),
            ShiftLeft | ShiftRight if self.random.chance(50) => self.scalar_expression(Scalar::U32, depth),
            _ if left.ty == ty && !matches!(operator, ShiftLeft | ShiftRight) && self.random.chance(15) => {
                self.scalar_expression(lane, depth)
            }
            _ => self.expression(&ty, depth),
        };
        let site = self.site();
        Expression::new(Kind::Binary(operator, Box::new([left, right]), site), ty)
    }

    /// A divisor with lanes that are seldom zero.
    fn vector_divisor(&mut self, lane: Scalar, n: usize, depth: usize) -> Expression {
        let ty = Type::Vector(lane, n);
        if self.random.chance(4) {
            return self.expression(&ty, depth);
        }
        if self.random.chance(40) {
            let divisor = 1 + values::scalar(&mut self.random, Scalar::U8, true) % 20;
            return Expression::new(Kind::Vector(vec![Expression::literal(lane, divisor)]), ty);
        }
        let one = Expression::new(Kind::Vector(vec![Expression::literal(lane, 1)]), ty.clone());
        let pair = Box::new([self.expression(&ty, depth), one]);
        let site = self.site();
        Expression::new(Kind::Binary(BinaryOperator::Or, pair, site), ty)
    }
}
