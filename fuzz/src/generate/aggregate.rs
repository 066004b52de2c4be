//! Random structs, enums and tuples, and the patterns that take them apart.

use super::Generator;
use crate::program::{
    Arm, Block, Declaration, Expression, Kind, LogicOperator, Pattern, Scalar, Statement, Type, Variant,
};
use std::sync::Arc;

/// What a way leads through: an index of an array of so many, or a field.
pub enum Step {
    Index(usize),
    Field(usize),
}

/// A part of a value.
pub struct Part {
    pub steps: Vec<Step>,
    pub ty: Type,
}

impl Generator {
    /// Decides which structs and enums there are.
    pub fn declarations(&mut self) {
        for number in 0..self.random.below(4) {
            let declaration = match self.random.below(4) {
                0 => Declaration::option(self.field_type()),
                1 => self.structure(number),
                _ => self.enumeration(number),
            };
            if self.program.declarations.iter().all(|known| known.name != declaration.name) {
                self.program.declarations.push(Arc::new(declaration));
            }
        }
    }

    fn structure(&mut self, number: usize) -> Declaration {
        let name = format!("S{number}");
        let fields = (0..self.random.between(1, 4)).map(|_| self.field_type()).collect();
        Declaration { variants: vec![Variant { name: name.clone(), fields }], name, is_enum: false }
    }

    fn enumeration(&mut self, number: usize) -> Declaration {
        let n_variants = self.random.between(1, 5);
        let variants = (0..n_variants).map(|variant| Variant {
            name: format!("Case{variant}"),
            fields: (0..self.random.below(3)).map(|_| self.field_type()).collect(),
        });
        let variants = variants.collect();
        Declaration { name: format!("E{number}"), variants, is_enum: true }
    }

    /// A type for a field: a scalar, sometimes an array or a struct that was declared before.
    pub fn field_type(&mut self) -> Type {
        if self.random.chance(8) {
            return self.vector_type();
        }
        let n_declarations = self.program.declarations.len();
        match self.random.below(10) {
            0 => Type::Array(Box::new(Type::Scalar(self.scalar())), self.random.between(1, 4)),
            1 if n_declarations > 0 => {
                Type::Declared(self.program.declarations[self.random.below(n_declarations)].clone())
            }
            _ => Type::Scalar(self.scalar()),
        }
    }

    /// A tuple, a struct or an enum, of fields that `field` makes.
    pub fn make(&mut self, ty: &Type, mut field: impl FnMut(&mut Self, &Type) -> Expression) -> Expression {
        let (variant, fields) = match ty {
            Type::Declared(of) => {
                let variant = self.random.below(of.variants.len());
                (variant, of.variants[variant].fields.clone())
            }
            Type::Tuple(fields) => (0, fields.clone()),
            _ => (0, Vec::new()),
        };
        let fields = fields.iter().map(|ty| field(self, ty)).collect();
        Expression::new(Kind::Make(variant, fields), ty.clone())
    }

    /// A part of a variable that has some type, if there is one. Parts of `mutable` variables only, where asked.
    pub fn part_of_variable(&mut self, wanted: &Type, mutable: bool, depth: usize) -> Option<Expression> {
        let mut found = Vec::new();
        for variable in self.visible().filter(|variable| variable.mutable || !mutable) {
            let mut parts = Vec::new();
            parts_of(&variable.ty, &mut Vec::new(), &mut parts);
            let fitting = parts.into_iter().filter(|part| part.ty == *wanted);
            found.extend(fitting.map(|part| (variable.local, variable.ty.clone(), part)));
        }
        if found.is_empty() {
            return None;
        }
        let (local, ty, part) = found.swap_remove(self.random.below(found.len()));
        let whole = Expression::local(local, ty);
        // The index of a place that a reference leads to must not go through the same reference.
        let n_lent = self.lent.len();
        self.lent.extend((mutable && self.in_function).then_some(local));
        let part = part.steps.into_iter().fold(whole, |base, step| self.step(base, step, depth));
        self.lent.truncate(n_lent);
        Some(part)
    }

    pub fn step(&mut self, base: Expression, step: Step, depth: usize) -> Expression {
        match step {
            Step::Index(length) => {
                let element = match base.ty.clone() {
                    Type::Array(element, _) => element,
                    Type::Vector(lane, _) => Box::new(Type::Scalar(lane)),
                    _ => return base,
                };
                let (index, site) = (self.index_of_array(length, depth), self.site());
                Expression::new(Kind::Element(Box::new([base, index]), site), *element)
            }
            Step::Field(position) => {
                let ty = field(&base.ty, position);
                Expression::new(Kind::Field(Box::new(base), position), ty)
            }
        }
    }

    /// `let (a, [_, b]) = value;`
    pub fn let_pattern(&mut self, depth: usize) -> Statement {
        let ty = match self.random.chance(40) {
            true => Type::Array(Box::new(Type::Scalar(self.scalar())), self.random.between(1, 4)),
            false => self.ty(),
        };
        let value = self.expression(&ty, depth);
        let pattern = self.pattern(&ty, false);
        Statement::LetPattern { pattern, value }
    }

    /// A `match` with a value of a type, or a statement.
    pub fn match_of(&mut self, ty: &Type, depth: usize) -> Expression {
        let of = self.told_apart();
        let value = self.expression(&of, depth + 1);
        let mut arms = Vec::new();
        for _ in 0..self.random.between(1, 4) {
            let arm = self.arm(&of, true, ty, depth);
            arms.push(arm);
        }
        arms.push(self.arm(&of, false, ty, depth));
        Expression::new(Kind::Match(Box::new(value), arms), ty.clone())
    }

    /// A type whose values patterns tell apart.
    pub fn told_apart(&mut self) -> Type {
        let of = self.ty();
        if is_told_apart(&of) { of } else { Type::Scalar(Scalar::I32) }
    }

    /// A condition; sometimes one with a `let`, whose names stay in scope.
    pub fn condition(&mut self, depth: usize) -> Expression {
        if self.random.chance(70) {
            return self.scalar_expression(Scalar::Bool, depth);
        }
        let before = self.random.chance(25).then(|| self.scalar_expression(Scalar::Bool, depth + 1));
        let of = self.told_apart();
        let value = Box::new(self.expression(&of, depth + 1));
        let test = Expression::scalar(Kind::Let(self.pattern(&of, true), value), Scalar::Bool);
        let after = self.random.chance(25).then(|| self.scalar_expression(Scalar::Bool, depth + 1));
        let both = |left, right| {
            Expression::scalar(Kind::Logic(LogicOperator::And, Box::new([left, right])), Scalar::Bool)
        };
        let test = match before {
            Some(before) => both(before, test),
            None => test,
        };
        match after {
            Some(after) => both(test, after),
            None => test,
        }
    }

    fn arm(&mut self, of: &Type, fails: bool, ty: &Type, depth: usize) -> Arm {
        let n_before = self.scope.len();
        let pattern = self.pattern(of, fails);
        // Without statements, which might assign to what is matched.
        let guard = (fails && self.random.chance(25)).then(|| self.leaf(&Type::Scalar(Scalar::Bool)));
        let n_statements = self.random.below(3);
        let block = self.block_of(ty, n_statements, depth + 1);
        self.scope.truncate(n_before);
        let body = match block {
            Block { statements, value: Some(value) } if statements.is_empty() => *value,
            block => Expression::new(Kind::Block(block), ty.clone()),
        };
        Arm { pattern, guard, body }
    }

    /// A pattern for a type: one that takes everything, unless it may fail.
    pub fn pattern(&mut self, ty: &Type, fails: bool) -> Pattern {
        if self.random.chance(if fails { 15 } else { 30 }) {
            return self.bind_or_wild(ty);
        }
        match ty {
            Type::Scalar(scalar) if fails && !scalar.is_float() => self.scalar_pattern(*scalar),
            Type::Array(element, length) => {
                Pattern::Array((0..*length).map(|_| self.pattern(element, fails)).collect())
            }
            Type::Tuple(fields) => {
                Pattern::Tuple(fields.iter().map(|field| self.pattern(field, fails)).collect())
            }
            Type::Declared(of) if fails || of.variants.len() == 1 => {
                let variant = self.random.below(of.variants.len());
                let fields = of.variants[variant].fields.iter();
                let parts = fields.map(|field| self.pattern(field, fails)).collect();
                Pattern::Variant(of.clone(), variant, parts)
            }
            _ => self.bind_or_wild(ty),
        }
    }

    fn bind_or_wild(&mut self, ty: &Type) -> Pattern {
        match self.random.chance(70) {
            true => Pattern::Bind(self.declare(ty, false), ty.clone()),
            false => Pattern::Wild,
        }
    }

    fn scalar_pattern(&mut self, scalar: Scalar) -> Pattern {
        let number = |generator: &mut Self| super::values::scalar(&mut generator.random, scalar, true);
        let pattern = match self.random.below(4) {
            0 if scalar != Scalar::Bool => {
                // In the order of the bits, which is that of the numbers on either side of zero.
                let (low, high) = (number(self), number(self));
                let sign = |bits: u64| scalar.is_signed() && bits & scalar.minimum_bits() != 0;
                let is_ordered = (!sign(low), low) <= (!sign(high), high);
                let (low, high) = if is_ordered { (low, high) } else { (high, low) };
                Pattern::Range(scalar, low, high)
            }
            1 => Pattern::Or((0..2).map(|_| Pattern::Scalar(scalar, number(self))).collect()),
            _ => Pattern::Scalar(scalar, number(self)),
        };
        match self.random.chance(20) {
            true => Pattern::At(
                self.declare(&Type::Scalar(scalar), false),
                Type::Scalar(scalar),
                Box::new(pattern),
            ),
            false => pattern,
        }
    }
}

/// The type of a field of a tuple or a struct.
fn field(ty: &Type, position: usize) -> Type {
    match ty {
        Type::Vector(lane, _) => Type::Scalar(*lane),
        Type::Tuple(fields) => fields[position].clone(),
        Type::Declared(of) => of.variants[0].fields[position].clone(),
        other => other.clone(),
    }
}

/// Whether a pattern can tell values of a type apart.
fn is_told_apart(ty: &Type) -> bool {
    match ty {
        Type::Unit | Type::Vector(..) => false,
        Type::Scalar(scalar) => !scalar.is_float(),
        _ => true,
    }
}

/// All parts of a type but itself, each with its way.
pub fn parts_of(ty: &Type, steps: &mut Vec<Step>, found: &mut Vec<Part>) {
    let copy = |steps: &[Step]| steps.iter().map(Step::copied).collect();
    let mut inner: Vec<(Step, Type)> = Vec::new();
    match ty {
        Type::Array(element, length) => inner.push((Step::Index(*length), (**element).clone())),
        Type::Vector(lane, lanes) => {
            inner.push((Step::Index(*lanes), Type::Scalar(*lane)));
            inner.extend((0..*lanes).map(|at| (Step::Field(at), Type::Scalar(*lane))));
        }
        Type::Tuple(fields) => {
            inner.extend(fields.iter().enumerate().map(|(at, ty)| (Step::Field(at), ty.clone())));
        }
        Type::Declared(of) if !of.is_enum => {
            let fields = of.variants[0].fields.iter().enumerate();
            inner.extend(fields.map(|(at, ty)| (Step::Field(at), ty.clone())));
        }
        _ => {}
    }
    for (step, ty) in inner {
        steps.push(step);
        found.push(Part { steps: copy(steps), ty: ty.clone() });
        parts_of(&ty, steps, found);
        steps.pop();
    }
}

impl Step {
    pub fn copied(&self) -> Step {
        match self {
            Step::Index(length) => Step::Index(*length),
            Step::Field(position) => Step::Field(*position),
        }
    }
}
