//! Random expressions of a wanted type.

use super::methods::{Gives, METHODS, Method, Takes, signed, unsigned};
use super::{Generator, Variable, values};
use crate::program::{
    BinaryOperator, Block, Expression, Index, Kind, Local, LogicOperator, POSITION, POSITION_IN_GROUP,
    Scalar, Statement, Type, UnaryOperator,
};

/// How deep expressions nest.
const DEPTH_LIMIT: usize = 6;

const ARITHMETIC: [BinaryOperator; 3] =
    [BinaryOperator::Add, BinaryOperator::Subtract, BinaryOperator::Multiply];
const BITS: [BinaryOperator; 3] = [BinaryOperator::And, BinaryOperator::Or, BinaryOperator::Xor];
const SHIFTS: [BinaryOperator; 2] = [BinaryOperator::ShiftLeft, BinaryOperator::ShiftRight];
pub const DIVISIONS: [BinaryOperator; 2] = [BinaryOperator::Divide, BinaryOperator::Remainder];
const COMPARISONS: [BinaryOperator; 6] = [
    BinaryOperator::Equal,
    BinaryOperator::NotEqual,
    BinaryOperator::Less,
    BinaryOperator::LessOrEqual,
    BinaryOperator::Greater,
    BinaryOperator::GreaterOrEqual,
];

impl Generator {
    /// An expression of a type.
    pub fn expression(&mut self, ty: &Type, depth: usize) -> Expression {
        if depth >= DEPTH_LIMIT || self.budget == 0 {
            return self.leaf(ty);
        }
        self.budget -= 1;
        if self.random.chance(25) {
            return self.leaf(ty);
        }
        if !self.uniform && !self.without_statements && self.random.chance(14) {
            return self.compound(ty, depth + 1);
        }
        if let (false, Type::Scalar(scalar)) = (self.uniform, ty)
            && self.random.chance(6)
            && let Some(found) = self.of_vector(*scalar, depth + 1)
        {
            return found;
        }
        if ty.scalar().is_none()
            && self.random.chance(30)
            && let Some(found) = self.stored(ty, depth + 1)
        {
            return found;
        }
        match ty {
            Type::Vector(lane, lanes) => self.vector(*lane, *lanes, depth + 1),
            Type::Unit => Expression::unit(Kind::Block(Block::default())),
            Type::Scalar(Scalar::Bool) => self.truth(depth + 1),
            Type::Scalar(scalar) if scalar.is_float() => self.float(*scalar, depth + 1),
            Type::Scalar(scalar) => self.integer(*scalar, depth + 1),
            Type::Array(element, length) => self.array(element, *length, depth + 1),
            Type::Tuple(_) | Type::Declared(_) => {
                self.make(ty, |generator, field| generator.expression(field, depth + 1))
            }
            Type::Reference(..)
            | Type::Slice(_)
            | Type::View(..)
            | Type::Closure(..)
            | Type::Specialized(_) => self.leaf(ty),
        }
    }

    pub fn scalar_expression(&mut self, scalar: Scalar, depth: usize) -> Expression {
        self.expression(&Type::Scalar(scalar), depth)
    }

    /// A variable if there is one, or a literal.
    pub fn leaf(&mut self, ty: &Type) -> Expression {
        let is_usable =
            |variable: &&Variable| variable.ty == *ty && (!self.uniform || self.is_uniform(variable.local));
        let usable: Vec<Local> = self.visible().filter(is_usable).map(|variable| variable.local).collect();
        if !usable.is_empty() && self.random.chance(75) {
            return Expression::local(*self.random.pick(&usable), ty.clone());
        }
        match ty {
            Type::Unit => Expression::unit(Kind::Block(Block::default())),
            Type::Specialized(_) => Expression::unit(Kind::Barrier),
            Type::Scalar(scalar) if self.constant_of(*scalar).is_some() && self.random.chance(30) => {
                let local = self.constant_of(*scalar).unwrap_or_default();
                Expression::scalar(Kind::Constant(local), *scalar)
            }
            Type::Scalar(scalar) => match self.of_another(*scalar) {
                Some(expression) if self.random.chance(70) => expression,
                _ => self.literal(*scalar),
            },
            Type::Array(element, length) => {
                let value = self.leaf(element);
                Expression::new(Kind::Repeat(Box::new(value), *length), ty.clone())
            }
            Type::Vector(lane, _) => {
                let value = self.leaf(&Type::Scalar(*lane));
                Expression::new(Kind::Vector(vec![value]), ty.clone())
            }
            Type::Tuple(_) | Type::Declared(_) => self.make(ty, Self::leaf),
            // Only arguments have such a type.
            Type::Reference(..) | Type::Slice(_) | Type::View(..) | Type::Closure(..) => {
                Expression::unit(Kind::Barrier)
            }
        }
    }

    /// A specialization constant of that scalar, which only the kernel itself can name.
    fn constant_of(&self, scalar: Scalar) -> Option<Local> {
        let mut captures = self.program.captures.iter().filter(|_| !self.in_function);
        captures.find(|(_, ty, _)| *ty == Type::Specialized(scalar)).map(|(local, ..)| *local)
    }

    fn literal(&mut self, scalar: Scalar) -> Expression {
        Expression::literal(scalar, values::scalar(&mut self.random, scalar, true))
    }

    /// A variable of another type, made to fit.
    fn of_another(&mut self, wanted: Scalar) -> Option<Expression> {
        let variables = self.visible().filter(|variable| !self.uniform || self.is_uniform(variable.local));
        let scalars = variables.filter_map(|variable| Some((variable.local, variable.ty.scalar()?)));
        let fitting: Vec<_> = scalars.filter(|(_, of)| *of != Scalar::Bool || !wanted.is_float()).collect();
        let (local, of) = *fitting.get(self.random.below(fitting.len().max(1)))?;
        let variable = Expression::local(local, Type::Scalar(of));
        if wanted != Scalar::Bool {
            return Some(Expression::scalar(Kind::Cast(Box::new(variable)), wanted));
        }
        let pair = Box::new([variable, self.literal(of)]);
        let (operator, site) = (*self.random.pick(&COMPARISONS), self.site());
        Some(Expression::scalar(Kind::Binary(operator, pair, site), Scalar::Bool))
    }

    /// A number that tells values of a scalar apart.
    pub fn digest(&mut self, value: Expression, scalar: Scalar) -> Expression {
        let wide = match scalar {
            Scalar::U64 => return value,
            Scalar::F16 => self.bits_of(value, Scalar::U16),
            Scalar::F32 => self.bits_of(value, Scalar::U32),
            Scalar::F64 => return self.bits_of(value, Scalar::U64),
            _ => value,
        };
        Expression::scalar(Kind::Cast(Box::new(wide)), Scalar::U64)
    }

    /// Whether a variable is the same for all work-items: captured ones are.
    fn is_uniform(&self, local: Local) -> bool {
        let is_captured = self.program.captures.iter().any(|(captured, ..)| *captured == local);
        (is_captured || self.uniform_locals.contains(&local))
            && ![POSITION, POSITION_IN_GROUP].contains(&local)
    }

    fn pair(&mut self, scalar: Scalar, depth: usize) -> Box<[Expression; 2]> {
        Box::new([self.scalar_expression(scalar, depth), self.scalar_expression(scalar, depth)])
    }

    fn binary(&mut self, operators: &[BinaryOperator], scalar: Scalar, depth: usize) -> Expression {
        let operator = *self.random.pick(operators);
        let pair = self.pair(scalar, depth);
        let site = self.site();
        Expression::scalar(Kind::Binary(operator, pair, site), scalar)
    }

    fn unary(&mut self, operator: UnaryOperator, scalar: Scalar, depth: usize) -> Expression {
        let value = self.scalar_expression(scalar, depth);
        Expression::scalar(Kind::Unary(operator, Box::new(value)), scalar)
    }

    fn truth(&mut self, depth: usize) -> Expression {
        match self.random.below(10) {
            0 => self.unary(UnaryOperator::Not, Scalar::Bool, depth),
            1 => self.binary(&BITS, Scalar::Bool, depth),
            2..5 => {
                let operator = if self.random.chance(50) { LogicOperator::And } else { LogicOperator::Or };
                Expression::scalar(Kind::Logic(operator, self.pair(Scalar::Bool, depth)), Scalar::Bool)
            }
            5 if self.random.chance(40) => self.fits(depth),
            5 => self.method_giving(Scalar::Bool, depth),
            6 if !self.uniform && self.random.chance(40) => self.compared(depth),
            _ => {
                let of = self.scalar();
                let mut compared = self.binary(&COMPARISONS, of, depth);
                compared.ty = Type::Scalar(Scalar::Bool);
                compared
            }
        }
    }

    /// A comparison of values that are made of others, half of them alike in most parts.
    fn compared(&mut self, depth: usize) -> Expression {
        let ty = self.ty();
        let (Type::Array(..) | Type::Tuple(_) | Type::Declared(_)) = ty else { return self.truth(depth) };
        let operators = if ty.is_ordered() { &COMPARISONS[..] } else { &COMPARISONS[..2] };
        let operator = *self.random.pick(operators);
        let left = self.expression(&ty, depth);
        let right = match left.kind {
            Kind::Local(_) if self.random.chance(70) => self.nearly(&left, depth),
            _ => self.expression(&ty, depth),
        };
        Expression::scalar(Kind::Binary(operator, Box::new([left, right]), self.site()), Scalar::Bool)
    }

    /// The same value as a variable's, but for some parts.
    fn nearly(&mut self, variable: &Expression, depth: usize) -> Expression {
        let mut part = |kind, ty: &Type| match self.random.chance(70) {
            true => Expression::new(kind, ty.clone()),
            false => self.expression(ty, depth + 1),
        };
        let of_field = |at: usize| Kind::Field(Box::new(variable.clone()), at);
        let kind = match &variable.ty {
            Type::Array(element, length) => {
                let of_element = |at| Kind::Element(Box::new([variable.clone(), Expression::usize(at)]), 0);
                Kind::Array((0..*length).map(|at| part(of_element(at), element)).collect())
            }
            Type::Tuple(fields) => {
                Kind::Make(0, fields.iter().enumerate().map(|(at, ty)| part(of_field(at), ty)).collect())
            }
            Type::Declared(of) if !of.is_enum => {
                let fields = of.variants[0].fields.iter().enumerate();
                Kind::Make(0, fields.map(|(at, ty)| part(of_field(at), ty)).collect())
            }
            _ => return variable.clone(),
        };
        Expression::new(kind, variable.ty.clone())
    }

    fn integer(&mut self, scalar: Scalar, depth: usize) -> Expression {
        match self.random.below(21) {
            20 => self.fitting(scalar, depth),
            0 if scalar.is_signed() => self.unary(UnaryOperator::Negate, scalar, depth),
            1 => self.unary(UnaryOperator::Not, scalar, depth),
            2..4 => self.cast(scalar, depth),
            4..6 => self.binary(&BITS, scalar, depth),
            6 => self.shift(scalar, depth),
            7 => self.division(scalar, depth),
            8..11 => self.method_giving(scalar, depth),
            11..13 => self.element(scalar, depth),
            13 if !self.uniform && matches!(scalar, Scalar::U16 | Scalar::U32 | Scalar::U64) => {
                self.bits_of_float(scalar, depth)
            }
            _ => self.binary(&ARITHMETIC, scalar, depth),
        }
    }

    fn float(&mut self, scalar: Scalar, depth: usize) -> Expression {
        match self.random.below(16) {
            0 => self.unary(UnaryOperator::Negate, scalar, depth),
            1..3 => self.cast(scalar, depth),
            3 => self.binary(&DIVISIONS, scalar, depth),
            4..7 => self.method_giving(scalar, depth),
            7..9 => self.element(scalar, depth),
            9 => self.float_of_bits(scalar, depth),
            _ => self.binary(&ARITHMETIC, scalar, depth),
        }
    }

    fn cast(&mut self, to: Scalar, depth: usize) -> Expression {
        let mut from = self.scalar();
        if from == Scalar::Bool && to.is_float() {
            // Rust has no such cast.
            from = Scalar::I32;
        }
        let value = self.scalar_expression(from, depth);
        Expression::scalar(Kind::Cast(Box::new(value)), to)
    }

    fn shift(&mut self, scalar: Scalar, depth: usize) -> Expression {
        let operator = *self.random.pick(&SHIFTS);
        let amount = if self.random.chance(50) { Scalar::U32 } else { scalar };
        let pair = Box::new([self.scalar_expression(scalar, depth), self.scalar_expression(amount, depth)]);
        let site = self.site();
        Expression::scalar(Kind::Binary(operator, pair, site), scalar)
    }

    fn division(&mut self, scalar: Scalar, depth: usize) -> Expression {
        let operator = *self.random.pick(&DIVISIONS);
        let left = self.scalar_expression(scalar, depth);
        let pair = Box::new([left, self.divisor(scalar, depth)]);
        let site = self.site();
        Expression::scalar(Kind::Binary(operator, pair, site), scalar)
    }

    /// A divisor that is seldom zero.
    pub fn divisor(&mut self, scalar: Scalar, depth: usize) -> Expression {
        if scalar.is_float() || self.random.chance(4) {
            return self.scalar_expression(scalar, depth);
        }
        if self.random.chance(40) {
            return Expression::literal(scalar, self.random.between(1, 20) as u64);
        }
        let any = self.scalar_expression(scalar, depth);
        let one = Expression::literal(scalar, 1);
        let site = self.site();
        Expression::scalar(Kind::Binary(BinaryOperator::Or, Box::new([any, one]), site), scalar)
    }

    fn method_giving(&mut self, wanted: Scalar, depth: usize) -> Expression {
        // A few tries find a receiver and a method that gives what is wanted.
        for _ in 0..20 {
            let receiver =
                if self.random.chance(50) && wanted != Scalar::Bool { wanted } else { self.scalar() };
            let method = self.random.pick(METHODS);
            if method.is_of(receiver) && method.result(receiver) == wanted {
                return self.method(method, receiver, depth);
            }
        }
        self.leaf(&Type::Scalar(wanted))
    }

    fn method(&mut self, method: &'static Method, receiver: Scalar, depth: usize) -> Expression {
        let first = match method.shows_sign {
            true => self.ordinary(receiver, depth),
            false => self.scalar_expression(receiver, depth),
        };
        let mut operands = vec![first];
        for takes in method.takes {
            operands.push(match takes {
                Takes::Same => self.scalar_expression(receiver, depth),
                Takes::Amount => self.scalar_expression(Scalar::U32, depth),
                Takes::Divisor => self.divisor(receiver, depth),
                Takes::Signed => self.scalar_expression(signed(receiver), depth),
                Takes::Unsigned => self.scalar_expression(unsigned(receiver), depth),
                Takes::Ordinary => self.ordinary(receiver, depth),
            });
        }
        let site = self.site();
        let call = Expression::scalar(Kind::Method(method.name, operands, site), method.result(receiver));
        match method.gives {
            Gives::SameOrZero => self.add_zero(call, receiver),
            _ => call,
        }
    }

    /// `value + 0.0`, which has but one zero.
    fn add_zero(&mut self, value: Expression, scalar: Scalar) -> Expression {
        let site = self.site();
        let pair = Box::new([value, Expression::literal(scalar, 0)]);
        Expression::scalar(Kind::Binary(BinaryOperator::Add, pair, site), scalar)
    }

    /// A float that is not NaN.
    fn ordinary(&mut self, scalar: Scalar, depth: usize) -> Expression {
        match self.random.below(3) {
            0 => self.float_of_bits(scalar, depth),
            1 => {
                let value = self.scalar_expression(Scalar::I32, depth);
                Expression::scalar(Kind::Cast(Box::new(value)), scalar)
            }
            _ => Expression::literal(scalar, values::scalar(&mut self.random, scalar, true)),
        }
    }

    /// `f32::from_bits(bits & 0xbfff_ffff)`, which is never NaN.
    fn float_of_bits(&mut self, scalar: Scalar, depth: usize) -> Expression {
        let (bits, mask) = match scalar {
            Scalar::F16 => (Scalar::U16, 0xbfff),
            Scalar::F32 => (Scalar::U32, 0xbfff_ffff),
            _ => (Scalar::U64, 0xbfff_ffff_ffff_ffff),
        };
        let any = self.scalar_expression(bits, depth);
        let site = self.site();
        let pair = Box::new([any, Expression::literal(bits, mask)]);
        let masked = Expression::scalar(Kind::Binary(BinaryOperator::And, pair, site), bits);
        let site = self.site();
        Expression::scalar(Kind::Method("from_bits", vec![masked], site), scalar)
    }

    /// The bits of a float, one for all NaNs: `{ let x = ..; if x.is_nan() { 1 } else { x.to_bits() } }`.
    fn bits_of_float(&mut self, bits: Scalar, depth: usize) -> Expression {
        let scalar = float_of_width(bits);
        let value = self.scalar_expression(scalar, depth);
        self.bits_of(value, bits)
    }

    fn bits_of(&mut self, value: Expression, bits: Scalar) -> Expression {
        let scalar = float_of_width(bits);
        let local = self.new_local();
        let ty = Type::Scalar(scalar);
        let x = || Expression::local(local, ty.clone());
        let sites = (self.site(), self.site());
        let is_nan = Expression::scalar(Kind::Method("is_nan", vec![x()], sites.0), Scalar::Bool);
        let to_bits = Expression::scalar(Kind::Method("to_bits", vec![x()], sites.1), bits);
        let giving = |value| Block { statements: Vec::new(), value: Some(Box::new(value)) };
        let choice = Kind::If(Box::new(is_nan), giving(Expression::literal(bits, 1)), Some(giving(to_bits)));
        let statements = vec![Statement::Let { local, ty: ty.clone(), mutable: false, value: Some(value) }];
        let block = Block { statements, value: Some(Box::new(Expression::scalar(choice, bits))) };
        Expression::scalar(Kind::Block(block), bits)
    }

    fn array(&mut self, element: &Type, length: usize, depth: usize) -> Expression {
        let ty = Type::Array(Box::new(element.clone()), length);
        if self.random.chance(30) {
            let value = self.expression(element, depth);
            return Expression::new(Kind::Repeat(Box::new(value), length), ty);
        }
        let list = (0..length).map(|_| self.expression(element, depth)).collect();
        Expression::new(Kind::Array(list), ty)
    }

    /// An element of an array or of an accessor.
    fn element(&mut self, scalar: Scalar, depth: usize) -> Expression {
        if self.uniform {
            return self.leaf(&Type::Scalar(scalar));
        }
        let ty = Type::Scalar(scalar);
        if self.tile_is_shared
            && self.random.chance(50)
            && let Some(found) = self.stored(&ty, depth)
        {
            return found;
        }
        if let Some(applied) = self.apply(scalar, depth) {
            return applied;
        }
        if self.random.chance(60)
            && let Some(found) = self.stored(&ty, depth)
        {
            return found;
        }
        if self.random.chance(60)
            && let Some(part) = self.part_of_variable(&ty, false, depth)
        {
            return part;
        }
        self.element_of_array(scalar, depth)
    }

    /// Where the work-item's own element is: in functions at their first parameter.
    pub fn own_index(&self) -> Index {
        match self.in_function {
            true => Index::At(vec![Expression::local(POSITION, Type::Scalar(Scalar::Usize))]),
            false => Index::Own,
        }
    }

    fn element_of_array(&mut self, scalar: Scalar, depth: usize) -> Expression {
        let element = Type::Scalar(scalar);
        let mut found = Vec::new();
        for variable in self.visible() {
            match &variable.ty {
                Type::Array(inner, length) if **inner == element => found.push((variable.clone(), *length)),
                Type::Slice(inner) if **inner == element => found.push((variable.clone(), 0)),
                _ => {}
            }
        }
        let (base, length) = match found.is_empty() || self.random.chance(10) {
            true => {
                let length = self.random.between(1, 4);
                (self.array(&element, length, depth), length)
            }
            false => {
                let (variable, length) = self.random.pick(&found).clone();
                (Expression::local(variable.local, variable.ty), length)
            }
        };
        let site = self.site();
        let index = match base.ty {
            Type::Slice(_) => self.index_of_slice(base.clone(), depth),
            _ => self.index_of_array(length, depth),
        };
        Expression::scalar(Kind::Element(Box::new([base, index]), site), scalar)
    }

    /// `any % slice.len()`, where nearly always there is something.
    pub fn index_of_slice(&mut self, slice: Expression, depth: usize) -> Expression {
        if self.random.chance(20) {
            return Expression::usize(self.random.below(2));
        }
        let before = std::mem::replace(&mut self.without_statements, true);
        let any = self.scalar_expression(Scalar::Usize, depth);
        self.without_statements = before;
        let sites = (self.site(), self.site());
        let length = Expression::scalar(Kind::Method("len", vec![slice], sites.0), Scalar::Usize);
        let pair = Box::new([any, length]);
        Expression::scalar(Kind::Binary(BinaryOperator::Remainder, pair, sites.1), Scalar::Usize)
    }

    /// An index of an array, which it must not change: Rust refuses that.
    pub fn index_of_array(&mut self, length: usize, depth: usize) -> Expression {
        let before = std::mem::replace(&mut self.without_statements, true);
        let index = self.index(length, depth);
        self.without_statements = before;
        index
    }

    /// An index, nearly always below `length`.
    pub fn index(&mut self, length: usize, depth: usize) -> Expression {
        let length = if self.random.chance(2) { length + 1 } else { length };
        let position = Expression::local(POSITION, Type::Scalar(Scalar::Usize));
        match self.random.below(6) {
            0 if length >= self.program.shape.n_items() => position,
            0..3 => Expression::usize(self.random.below(length)),
            _ => {
                let any = self.scalar_expression(Scalar::Usize, depth);
                let site = self.site();
                let (operator, right) = match length.is_power_of_two() && self.random.chance(50) {
                    true => (BinaryOperator::And, length - 1),
                    false => (BinaryOperator::Remainder, length),
                };
                let pair = Box::new([any, Expression::usize(right)]);
                Expression::scalar(Kind::Binary(operator, pair, site), Scalar::Usize)
            }
        }
    }
}

/// The float that is as wide as an integer.
fn float_of_width(bits: Scalar) -> Scalar {
    match bits {
        Scalar::U16 => Scalar::F16,
        Scalar::U32 => Scalar::F32,
        _ => Scalar::F64,
    }
}
