//! Random loops through arrays, accessors, rows, and what iterators make of them.

use super::Generator;
use crate::program::{Adaptor, BinaryOperator, Expression, Kind, Scalar, Sequence, Source, Statement, Type};

impl Generator {
    /// `for pattern in sequence { .. }`
    pub fn for_each(&mut self, depth: usize) -> Statement {
        let (mut sequence, mut item) = self.plain_sequence(depth);
        let mut is_mapped = false;
        for _ in 0..self.random.below(3) {
            let (adaptor, made) = self.adaptor(&item, is_mapped, depth);
            is_mapped |= matches!(adaptor, Adaptor::Map(..));
            sequence.adaptors.push(adaptor);
            item = made;
        }
        let id = self.new_loop();
        let n_before = self.scope.len();
        let pattern = self.pattern(&item, false);
        let body = self.loop_body(id, depth);
        self.scope.truncate(n_before);
        Statement::Expression(Expression::unit(Kind::ForEach(id, pattern, Box::new(sequence), body)))
    }

    /// A sequence of which nothing is made yet, and the type of its values.
    fn plain_sequence(&mut self, depth: usize) -> (Sequence, Type) {
        let (source, item) = match self.random.below(6) {
            0 => self.range(depth),
            1..3 => self.elements_of_input(depth).unwrap_or_else(|| self.elements(depth)),
            _ => self.elements(depth),
        };
        (Sequence { source, adaptors: Vec::new() }, item)
    }

    /// Of types whose ranges know their length.
    fn range(&mut self, depth: usize) -> (Source, Type) {
        let scalar = *self.random.pick(&[Scalar::Usize, Scalar::I32, Scalar::U8, Scalar::I16]);
        let start = Expression::literal(scalar, self.random.below(3) as u64);
        let end = self.small(scalar, 6, depth);
        (Source::Range(Box::new([start, end])), Type::Scalar(scalar))
    }

    /// `any % n`, or a number below.
    fn small(&mut self, scalar: Scalar, n: usize, depth: usize) -> Expression {
        if self.random.chance(60) {
            return Expression::literal(scalar, self.random.below(n) as u64);
        }
        let any = self.scalar_expression(scalar, depth + 1);
        let site = self.site();
        let pair = Box::new([any, Expression::literal(scalar, n as u64)]);
        Expression::scalar(Kind::Binary(BinaryOperator::Remainder, pair, site), scalar)
    }

    fn elements(&mut self, depth: usize) -> (Source, Type) {
        let arrays = self.visible().filter_map(|variable| match &variable.ty {
            Type::Array(element, _) => {
                Some((Expression::local(variable.local, variable.ty.clone()), (**element).clone()))
            }
            _ => None,
        });
        let arrays: Vec<_> = arrays.collect();
        if !arrays.is_empty() && self.random.chance(80) {
            let (array, element) = self.random.pick(&arrays).clone();
            return (Source::Array(Box::new(array)), element);
        }
        let (element, length) = (self.field_type(), self.random.between(1, 4));
        let array = self.expression(&Type::Array(Box::new(element.clone()), length), depth + 1);
        (Source::Array(Box::new(array)), element)
    }

    fn elements_of_input(&mut self, depth: usize) -> Option<(Source, Type)> {
        if self.inputs.is_empty() {
            return None;
        }
        let (accessor, scalar, extent) = self.random.pick(&self.inputs).clone();
        let source = match extent[..] {
            [rows, _] => {
                let site = self.site();
                Source::Row(accessor, Box::new(self.index(rows, depth + 1)), site)
            }
            _ => Source::Accessor(accessor),
        };
        Some((source, Type::Scalar(scalar)))
    }

    /// What is done to a sequence of values of a type, and the type of what it makes.
    fn adaptor(&mut self, item: &Type, is_mapped: bool, depth: usize) -> (Adaptor, Type) {
        match self.random.below(if is_mapped { 3 } else { 7 }) {
            0 => (Adaptor::Reverse, item.clone()),
            1 => {
                let numbered = vec![Type::Scalar(Scalar::Usize), item.clone()];
                (Adaptor::Enumerate, Type::Tuple(numbered))
            }
            2 => self.map(item, depth),
            3 => (Adaptor::StepBy(self.random.between(1, 4)), item.clone()),
            4 => (Adaptor::Skip(Box::new(self.small(Scalar::Usize, 3, depth))), item.clone()),
            5 => (Adaptor::Take(Box::new(self.small(Scalar::Usize, 6, depth))), item.clone()),
            _ => {
                let (other, of_other) = self.plain_sequence(depth);
                (Adaptor::Zip(other), Type::Tuple(vec![item.clone(), of_other]))
            }
        }
    }

    /// `.map(|x| value)`, which changes nothing.
    fn map(&mut self, item: &Type, depth: usize) -> (Adaptor, Type) {
        let n_before = self.scope.len();
        let local = self.declare(item, false);
        // The closure lives as long as the loop, whose body may change the others.
        let n_lent = self.lent.len();
        let mutable = self.scope.iter().filter(|variable| variable.mutable).map(|variable| variable.local);
        self.lent.extend(mutable);
        let before = std::mem::replace(&mut self.without_statements, true);
        let gives = self.field_type();
        let value = self.expression(&gives, depth + 1);
        self.without_statements = before;
        self.lent.truncate(n_lent);
        self.scope.truncate(n_before);
        (Adaptor::Map(local, item.clone(), Box::new(value)), gives)
    }
}
