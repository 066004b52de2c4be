//! Random loops through arrays, accessors, rows, and what iterators make of them.

use super::{Generator, Variable};
use crate::program::{
    Adaptor, BinaryOperator, Declaration, Ending, Expression, Kind, Local, Parts, Scalar, Scan, Sequence,
    Source, Statement, Type,
};
use std::sync::Arc;

/// What Rust and falx let stand behind the adaptors so far.
#[derive(Clone, Copy)]
struct Chain {
    /// Whether it can be gone through from its end.
    turns: bool,
    /// Whether its length is known to Rust.
    is_exact: bool,
    /// Whether no closure stands before that would be called for what is left out.
    is_known: bool,
    /// Whether nothing leaves values out.
    is_whole: bool,
    /// Whether it has no end of its own.
    goes_on: bool,
    /// Whether its values are slices.
    is_cut: bool,
}

impl Generator {
    /// `for pattern in sequence { .. }`
    pub fn for_each(&mut self, depth: usize) -> Statement {
        let n_lent = self.lent.len();
        let (sequence, item) = self.sequence(depth);
        let statement = self.go_through(sequence, &item, depth);
        self.lent.truncate(n_lent);
        statement
    }

    /// Any sequence with adaptors, and the type of its values; lends what must not change meanwhile.
    fn sequence(&mut self, depth: usize) -> (Sequence, Type) {
        let (mut sequence, mut item) = match self.random.chance(30) {
            true => self.lent_sequence().unwrap_or_else(|| self.plain_sequence(depth)),
            false => self.plain_sequence(depth),
        };
        let mut chain = Chain {
            turns: true,
            is_exact: true,
            is_known: true,
            is_whole: true,
            goes_on: true,
            is_cut: matches!(item, Type::Slice(_)),
        };
        for _ in 0..self.random.below(4) {
            if self.random.chance(8) {
                self.cycle(&mut sequence, &mut chain, depth);
                continue;
            }
            let Some((adaptor, made)) = self.any_adaptor(&item, &mut chain, depth) else { continue };
            sequence.adaptors.push(adaptor);
            item = made;
        }
        (sequence, item)
    }

    /// `.cycle().take(n)`, where it may stand.
    fn cycle(&mut self, sequence: &mut Sequence, chain: &mut Chain, depth: usize) {
        if !(chain.is_known && chain.is_whole && chain.goes_on) || chain.is_cut {
            return;
        }
        (chain.turns, chain.is_exact, chain.goes_on) = (false, false, false);
        let n = self.small(Scalar::Usize, 12, depth);
        sequence.adaptors.extend([Adaptor::Cycle, Adaptor::Take(Box::new(n))]);
    }

    /// `.scan(start, |r, x| { let s = *r; *r = next; gives })`
    fn scan(&mut self, item: &Type, depth: usize) -> (Adaptor, Type) {
        let (of_state, made) = (self.field_type(), self.field_type());
        let start = self.closed(&of_state, depth);
        let n_before = self.scope.len();
        let (reference, state) = (self.new_local(), self.declare(&of_state, false));
        let (local, gives) = self.closure_over(item, &option(made.clone()), depth);
        // Names the same value as `gives` may.
        self.scope.push(Variable { local, ty: item.clone(), mutable: false });
        let next = self.closed_over(&of_state, depth);
        self.scope.truncate(n_before);
        let (item, state) = ((local, item.clone()), (state, of_state));
        (Adaptor::Scan(Box::new(Scan { start, reference, item, state, next, gives: *gives })), made)
    }

    /// `sequence.fold(..)` and the like, of which something of a scalar is made.
    pub fn ended(&mut self, scalar: Scalar, depth: usize) -> Expression {
        let n_lent = self.lent.len();
        let (mut sequence, mut item) = self.sequence(depth);
        let wanted = Type::Scalar(scalar);
        let choice = self.random.below(8);
        if item != wanted && (matches!(item, Type::Slice(_)) || choice < 4 && scalar != Scalar::Bool) {
            let (local, value) = self.closure_over(&item, &wanted, depth);
            sequence.adaptors.push(Adaptor::Map(local, item, value));
            item = wanted.clone();
        }
        let ended = self.ended_by(choice, scalar, sequence, &item, depth);
        self.lent.truncate(n_lent);
        ended
    }

    /// By sums, the smallest and the like, which take scalars; or by what takes values of any type.
    fn ended_by(
        &mut self,
        choice: usize,
        scalar: Scalar,
        sequence: Sequence,
        item: &Type,
        depth: usize,
    ) -> Expression {
        let (wanted, is_wanted) = (Type::Scalar(scalar), *item == Type::Scalar(scalar));
        let (ending, ty) = match choice {
            0 if is_wanted && scalar != Scalar::Bool => (Ending::Sum(self.site()), wanted),
            1 if is_wanted && scalar != Scalar::Bool => (Ending::Product(self.site()), wanted),
            2 if is_wanted && scalar.is_integer() => {
                let ending = if self.random.chance(50) { Ending::Min } else { Ending::Max };
                (ending, option(wanted))
            }
            3 if is_wanted => (Ending::Last, option(wanted)),
            4 if is_wanted => {
                let (local, value) = self.closure_over(item, &Type::Scalar(Scalar::Bool), depth);
                (Ending::Find(local, item.clone(), value), option(wanted))
            }
            5 if scalar == Scalar::Usize => {
                let (local, value) = self.closure_over(item, &Type::Scalar(Scalar::Bool), depth);
                (Ending::Position(local, item.clone(), value), option(wanted))
            }
            6 if scalar == Scalar::Usize => (Ending::Count, wanted),
            _ if scalar == Scalar::Bool => {
                let (local, value) = self.closure_over(item, &wanted, depth);
                let ending = if self.random.chance(50) { Ending::Any } else { Ending::All };
                (ending(local, item.clone(), value), wanted)
            }
            _ => {
                let start = Box::new(self.closed(&wanted, depth));
                let n_before = self.scope.len();
                let sum = self.declare(&wanted, false);
                let (local, value) = self.closure_over(item, &wanted, depth);
                self.scope.truncate(n_before);
                (Ending::Fold(start, [(sum, wanted.clone()), (local, item.clone())], value), wanted)
            }
        };
        let id = self.new_loop();
        let is_option = ty.scalar().is_none();
        let ended = Expression::new(Kind::Ended(id, Box::new(sequence), ending), ty);
        if !is_option {
            return ended;
        }
        let default = self.closed(&Type::Scalar(scalar), depth);
        let site = self.site();
        Expression::scalar(Kind::Method("unwrap_or", vec![ended, default], site), scalar)
    }

    /// `for pattern in sequence { .. }` through values of type `item`.
    fn go_through(&mut self, sequence: Sequence, item: &Type, depth: usize) -> Statement {
        let id = self.new_loop();
        let n_before = self.scope.len();
        let pattern = self.pattern(item, false);
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
        let (accessor, element, extent) = self.random.pick(&self.inputs).clone();
        let source = match extent[..] {
            [rows, _] => {
                let site = self.site();
                Source::Row(accessor, Box::new(self.index(rows, depth + 1)), site)
            }
            _ => Source::Accessor(accessor),
        };
        Some((source, element))
    }

    /// `.map(|x| value)`, which changes nothing.
    fn map(&mut self, item: &Type, depth: usize) -> (Adaptor, Type) {
        let gives = self.field_type();
        let (local, value) = self.closure_over(item, &gives, depth);
        (Adaptor::Map(local, item.clone(), value), gives)
    }

    /// A closure's parameter and value.
    fn closure_over(&mut self, item: &Type, gives: &Type, depth: usize) -> (Local, Box<Expression>) {
        let n_before = self.scope.len();
        let local = self.declare(item, false);
        let value = self.closed_over(gives, depth);
        self.scope.truncate(n_before);
        (local, Box::new(value))
    }

    /// What a closure gives that lives as long as the loop, whose body may change what is mutable.
    fn closed_over(&mut self, gives: &Type, depth: usize) -> Expression {
        let n_lent = self.lent.len();
        let mutable = self.scope.iter().filter(|variable| variable.mutable).map(|variable| variable.local);
        self.lent.extend(mutable);
        let value = self.closed(gives, depth);
        self.lent.truncate(n_lent);
        value
    }

    /// A value that changes nothing on its way.
    fn closed(&mut self, ty: &Type, depth: usize) -> Expression {
        let before = std::mem::replace(&mut self.without_statements, true);
        let value = self.expression(ty, depth + 1);
        self.without_statements = before;
        value
    }

    /// An array that does not change as long as it is gone through, or parts of it.
    fn lent_sequence(&mut self) -> Option<(Sequence, Type)> {
        let arrays = self.visible().filter_map(|variable| match &variable.ty {
            Type::Array(element, _) => Some((variable.local, variable.ty.clone(), (**element).clone())),
            _ => None,
        });
        let arrays: Vec<_> = arrays.collect();
        if arrays.is_empty() {
            return None;
        }
        let (local, ty, element) = self.random.pick(&arrays).clone();
        self.lent.push(local);
        let source = Source::Lent(Box::new(Expression::local(local, ty)));
        if element.scalar().is_none() || self.random.chance(30) {
            return Some((Sequence { source, adaptors: Vec::new() }, element));
        }
        let parts = *self.random.pick(&[Parts::Windows, Parts::Chunks, Parts::ChunksExact]);
        let parts = Adaptor::Parts(parts, self.random.between(1, 4), self.site());
        Some((Sequence { source, adaptors: vec![parts] }, Type::Slice(Box::new(element))))
    }

    /// An adaptor that may stand there, if the first that comes to mind may.
    fn any_adaptor(&mut self, item: &Type, chain: &mut Chain, depth: usize) -> Option<(Adaptor, Type)> {
        let counts = chain.is_known && chain.is_whole && !chain.is_cut;
        let same = |adaptor| Some((adaptor, item.clone()));
        let choice = self.random.below(16);
        // What takes from the front must know the length, to be turned round.
        if matches!(choice, 1 | 3..7) && !chain.is_exact {
            chain.turns = false;
        }
        match choice {
            0 if chain.turns => same(Adaptor::Reverse),
            1 if chain.is_whole && !chain.is_cut => {
                let numbered = vec![Type::Scalar(Scalar::Usize), item.clone()];
                Some((Adaptor::Enumerate, Type::Tuple(numbered)))
            }
            2 => {
                (chain.is_known, chain.is_cut) = (false, false);
                Some(self.map(item, depth))
            }
            3 if counts => same(Adaptor::StepBy(self.random.between(1, 4))),
            4 if counts => same(Adaptor::Skip(Box::new(self.small(Scalar::Usize, 3, depth)))),
            5 if counts => same(Adaptor::Take(Box::new(self.small(Scalar::Usize, 6, depth)))),
            6 if counts => {
                let (other, of_other) = self.plain_sequence(depth);
                Some((Adaptor::Zip(other), Type::Tuple(vec![item.clone(), of_other])))
            }
            7 if chain.goes_on && !chain.is_cut => {
                let other = self.sequence_of(item, depth)?;
                chain.is_exact = false;
                same(Adaptor::Chain(other))
            }
            8..14 => Some(self.leaving_out(choice, item, chain, depth)),
            14 | 15 => self.flattened(item, chain, depth),
            _ => None,
        }
    }

    /// An adaptor whose closure leaves values out, or ends the sequence.
    fn leaving_out(
        &mut self,
        choice: usize,
        item: &Type,
        chain: &mut Chain,
        depth: usize,
    ) -> (Adaptor, Type) {
        (chain.is_exact, chain.is_known, chain.is_whole) = (false, false, false);
        chain.turns &= matches!(choice, 8 | 11);
        chain.goes_on &= !matches!(choice, 9 | 12 | 13);
        chain.is_cut &= matches!(choice, 8..11);
        match choice {
            11 | 12 => {
                let made = self.field_type();
                let (local, value) = self.closure_over(item, &option(made.clone()), depth);
                let adaptor = if choice == 11 { Adaptor::FilterMap } else { Adaptor::MapWhile };
                (adaptor(local, item.clone(), value), made)
            }
            13 => self.scan(item, depth),
            _ => {
                let (local, value) = self.closure_over(item, &Type::Scalar(Scalar::Bool), depth);
                let adaptor = match choice {
                    8 => Adaptor::Filter,
                    9 => Adaptor::TakeWhile,
                    _ => Adaptor::SkipWhile,
                };
                (adaptor(local, item.clone(), value), item.clone())
            }
        }
    }

    /// `.flatten()` where the values are arrays, or `.flat_map(|x| sequence)`.
    fn flattened(&mut self, item: &Type, chain: &mut Chain, depth: usize) -> Option<(Adaptor, Type)> {
        *chain = Chain {
            turns: false,
            is_exact: false,
            is_known: false,
            is_whole: false,
            goes_on: false,
            is_cut: false,
        };
        if let Type::Array(element, _) = item
            && self.random.chance(60)
        {
            return Some((Adaptor::Flatten, (**element).clone()));
        }
        let (n_before, n_lent) = (self.scope.len(), self.lent.len());
        // Of what its closures name they have copies.
        let is_hidden = |it: &&Variable| it.mutable || matches!(it.ty, Type::Closure(..));
        self.lent.extend(self.scope.iter().filter(is_hidden).map(|variable| variable.local));
        let local = self.declare(item, false);
        let before = std::mem::replace(&mut self.without_statements, true);
        let (mut inner, mut made) = self.plain_sequence(depth + 1);
        for _ in 0..self.random.below(3) {
            let (adaptor, gives) = match self.random.below(3) {
                0 => self.map(&made, depth + 1),
                choice => {
                    let (local, value) = self.closure_over(&made, &Type::Scalar(Scalar::Bool), depth + 1);
                    let adaptor = if choice == 1 { Adaptor::Filter } else { Adaptor::TakeWhile };
                    (adaptor(local, made.clone(), value), made.clone())
                }
            };
            inner.adaptors.push(adaptor);
            made = gives;
        }
        self.without_statements = before;
        self.scope.truncate(n_before);
        self.lent.truncate(n_lent);
        Some((Adaptor::FlatMap(local, item.clone(), inner), made))
    }

    /// A plain sequence of values of a type.
    fn sequence_of(&mut self, item: &Type, depth: usize) -> Option<Sequence> {
        let inputs = self.inputs.iter().filter(|(_, element, extent)| extent.len() == 1 && item == element);
        let inputs: Vec<usize> = inputs.map(|(accessor, ..)| *accessor).collect();
        let source = match item {
            Type::Slice(_) => return None,
            _ if !inputs.is_empty() && self.random.chance(40) => Source::Accessor(*self.random.pick(&inputs)),
            _ => {
                let length = self.random.between(1, 4);
                let array = Type::Array(Box::new(item.clone()), length);
                Source::Array(Box::new(self.expression(&array, depth + 1)))
            }
        };
        Some(Sequence { source, adaptors: Vec::new() })
    }
}

fn option(value: Type) -> Type {
    Type::Declared(Arc::new(Declaration::option(value)))
}
