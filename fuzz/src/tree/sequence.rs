//! What loops go through.

use super::{Builder, at, keep, site};
use crate::program::{Adaptor, Ending, Expression, Local, Scalar, Scan, Sequence, Source, Type};
use falx::__private::tree;

impl Builder {
    pub fn sequence(&mut self, sequence: &Sequence) -> tree::Sequence {
        let source = match &sequence.source {
            Source::Range(pair) => tree::Source::Range {
                start: self.kept(&pair[0]),
                end: self.kept(&pair[1]),
                inclusive: false,
                ty: self.of(&pair[0].ty),
            },
            Source::Array(array) => tree::Source::Elements { of: self.kept(array), is_lent: false },
            Source::Lent(array) => tree::Source::Elements { of: self.kept(array), is_lent: true },
            Source::Accessor(accessor) => {
                let of = keep(at(tree::ExpressionKind::Local(self.accessors[*accessor])));
                tree::Source::Elements { of, is_lent: true }
            }
            Source::Row(accessor, row, number) => {
                let of = keep(at(tree::ExpressionKind::Local(self.accessors[*accessor])));
                tree::Source::Row { of, index: self.kept(row), site: site(*number) }
            }
        };
        let adaptors = sequence.adaptors.iter().map(|adaptor| self.adaptor(adaptor));
        tree::Sequence { source, adaptors: adaptors.collect::<Vec<_>>().leak() }
    }

    fn adaptor(&mut self, adaptor: &Adaptor) -> tree::Adaptor {
        use tree::Adaptor as To;
        match adaptor {
            Adaptor::Reverse => To::Reverse,
            Adaptor::StepBy(by) => To::StepBy(keep(at(self.literal(Scalar::Usize, *by as u64))), site(1)),
            Adaptor::Enumerate => To::Enumerate,
            Adaptor::Skip(n) => To::Skip(self.kept(n)),
            Adaptor::Take(n) => To::Take(self.kept(n)),
            Adaptor::Zip(other) => To::Zip(keep(self.sequence(other))),
            Adaptor::Chain(other) => To::Chain(keep(self.sequence(other))),
            Adaptor::Map(local, ty, value) => To::Map(self.closure_of(*local, ty, value)),
            Adaptor::Filter(local, ty, value) => To::Filter(self.closure_of(*local, ty, value)),
            Adaptor::TakeWhile(local, ty, value) => To::TakeWhile(self.closure_of(*local, ty, value)),
            Adaptor::SkipWhile(local, ty, value) => To::SkipWhile(self.closure_of(*local, ty, value)),
            Adaptor::FilterMap(local, ty, value) => To::FilterMap(self.closure_of(*local, ty, value)),
            Adaptor::MapWhile(local, ty, value) => To::MapWhile(self.closure_of(*local, ty, value)),
            Adaptor::Cycle => To::Cycle,
            Adaptor::Flatten => To::Flatten,
            Adaptor::FlatMap(local, ty, inner) => {
                let inner = keep(self.sequence(inner));
                let body = keep(at(tree::ExpressionKind::Sequence(inner)));
                To::FlatMap(self.closure_with(&[(*local, ty.clone())], body))
            }
            Adaptor::Scan(scan) => To::Scan(self.kept(&scan.start), self.scanning(scan)),
            Adaptor::Parts(parts, n, number) => {
                To::Parts(*parts, keep(at(self.literal(Scalar::Usize, *n as u64))), site(*number))
            }
        }
    }

    pub fn ending(&mut self, ending: &Ending) -> tree::Ending {
        use tree::Ending as To;
        match ending {
            Ending::Sum(number) => To::Sum(site(*number)),
            Ending::Product(number) => To::Product(site(*number)),
            Ending::Min => To::Min,
            Ending::Max => To::Max,
            Ending::Count => To::Count,
            Ending::Last => To::Last,
            Ending::Fold(start, parameters, value) => {
                To::Fold(self.kept(start), self.closure_over(parameters, value))
            }
            Ending::Any(local, ty, value) => To::Any(self.closure_of(*local, ty, value)),
            Ending::All(local, ty, value) => To::All(self.closure_of(*local, ty, value)),
            Ending::Position(local, ty, value) => To::Position(self.closure_of(*local, ty, value)),
            Ending::Find(local, ty, value) => To::Find(self.closure_of(*local, ty, value)),
        }
    }

    fn closure_of(&mut self, local: Local, ty: &Type, value: &Expression) -> &'static tree::Expression {
        self.closure_over(&[(local, ty.clone())], value)
    }

    /// `|r, x| { let s = *r; *r = next; gives }`
    fn scanning(&mut self, scan: &Scan) -> &'static tree::Expression {
        use tree::ExpressionKind as To;
        let (state, of_state) = &scan.state;
        let place = || keep(at(To::Follow(keep(at(To::Local(scan.reference))))));
        let read = tree::Statement::Let {
            pattern: self.bind(*state, of_state, false),
            value: Some(at(To::Follow(keep(at(To::Local(scan.reference)))))),
            line: 1,
        };
        let write = tree::Statement::Expression(at(To::Assign(place(), self.kept(&scan.next))));
        let body = tree::Block { statements: vec![read, write].leak(), value: Some(self.kept(&scan.gives)) };
        let parameters =
            vec![self.bind(scan.reference, of_state, false), self.bind(scan.item.0, &scan.item.1, false)];
        let closure =
            tree::Closure { parameters: parameters.leak(), body: keep(at(To::Block(body))), moved: &[] };
        keep(at(To::Closure(keep(closure))))
    }

    fn closure_over(
        &mut self,
        parameters: &[(Local, Type)],
        value: &Expression,
    ) -> &'static tree::Expression {
        let value = self.kept(value);
        self.closure_with(parameters, value)
    }

    fn closure_with(
        &mut self,
        parameters: &[(Local, Type)],
        body: &'static tree::Expression,
    ) -> &'static tree::Expression {
        let parameters = parameters.iter().map(|(local, ty)| self.bind(*local, ty, false));
        let parameters = parameters.collect::<Vec<_>>().leak();
        let closure = tree::Closure { parameters, body, moved: &[] };
        keep(at(tree::ExpressionKind::Closure(keep(closure))))
    }
}
