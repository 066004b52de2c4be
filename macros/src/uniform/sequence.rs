//! Sequences of loops: whether work-items go through as many values, and through the same.

use super::cause::{Cause, Head, Origin, Written};
use super::{Kind, Place, Value, Walk};
use syn::visit::Visit;
use syn::{Expr, ExprMethodCall};

/// Why a sequence may differ between work-items.
#[derive(Clone, Copy, Default)]
pub(super) struct Sequence<'s> {
    /// In how many values it has.
    pub length: Option<Cause<'s>>,
    /// In the values.
    pub value: Option<Cause<'s>>,
}

impl<'s> Sequence<'s> {
    fn of(cause: Option<Cause<'s>>) -> Self {
        Sequence { length: cause, value: cause }
    }

    fn or(self, other: Self) -> Self {
        Sequence { length: self.length.or(other.length), value: self.value.or(other.value) }
    }
}

impl<'s> Walk<'s> {
    /// What a `for` goes through.
    pub(super) fn sequence(&mut self, sequence: &'s Expr) -> Sequence<'s> {
        let (source, calls) = crate::check::source_and_calls(sequence);
        let value = self.value(source);
        let mut result = match value.kind {
            // The elements of an accessor, of which all work-items see as many.
            Kind::Memory => {
                let element = Cause::new(Origin::Element(Written(sequence)), Written(sequence));
                Sequence { length: None, value: Some(element) }
            }
            _ => Sequence::of(value.cause),
        };
        for call in calls {
            result = self.adapted(result, call, source);
        }
        Sequence { value: result.value.or(result.length), ..result }
    }

    /// What a method makes of a sequence.
    fn adapted(
        &mut self,
        sequence: Sequence<'s>,
        call: &'s ExprMethodCall,
        source: &'s Expr,
    ) -> Sequence<'s> {
        let given: Vec<_> = call.args.iter().collect();
        match (call.method.to_string().as_str(), &given[..]) {
            ("iter_mut", _) => {
                self.lend(source, Written(call));
                sequence
            }
            ("zip" | "chain", [other]) => sequence.or(self.sequence(other)),
            ("scan", [start, Expr::Closure(closure)]) => {
                let state = self.number(start);
                let made = self.called(closure, state.or(sequence.value), sequence.length);
                Sequence { value: made.or(sequence.value), length: sequence.length.or(made) }
            }
            ("flat_map", [Expr::Closure(closure)]) => {
                let made = self.flattened(closure, &sequence);
                Sequence { value: made.value, length: sequence.length.or(made.length) }
            }
            ("map", [Expr::Closure(closure)]) => {
                Sequence { value: self.called(closure, sequence.value, sequence.length), ..sequence }
            }
            ("inspect", [Expr::Closure(closure)]) => {
                self.called(closure, sequence.value, sequence.length);
                sequence
            }
            (_, [Expr::Closure(closure)]) => {
                let made = self.called(closure, sequence.value, sequence.length);
                Sequence { value: sequence.value.or(made), length: sequence.length.or(made) }
            }
            _ => {
                let causes: Vec<_> = given.into_iter().map(|argument| self.number(argument)).collect();
                sequence.or(Sequence::of(causes.into_iter().flatten().next()))
            }
        }
    }

    /// Why what a closure gives may differ, which is called with each value of a sequence.
    fn called(
        &mut self,
        closure: &'s syn::ExprClosure,
        given: Option<Cause<'s>>,
        length: Option<Cause<'s>>,
    ) -> Option<Cause<'s>> {
        self.in_closure(closure, given, length, |walk| walk.number(&closure.body))
    }

    /// The sequence that a closure gives for a value.
    fn flattened(&mut self, closure: &'s syn::ExprClosure, of: &Sequence<'s>) -> Sequence<'s> {
        self.in_closure(closure, of.value, of.length, |walk| match &*closure.body {
            Expr::Block(_) => Sequence::of(walk.number(&closure.body)),
            body => walk.sequence(body),
        })
    }

    /// A closure that is called here, with what differs as `given` does, by those that are left if the `length` of a sequence differs.
    fn in_closure<R>(
        &mut self,
        closure: &'s syn::ExprClosure,
        given: Option<Cause<'s>>,
        length: Option<Cause<'s>>,
        work: impl FnOnce(&mut Self) -> R,
    ) -> R
    where
        R: FromCause<'s>,
    {
        let (frames, returned) = (std::mem::take(&mut self.frames), self.returned.take());
        let written = Written(closure);
        let place = Place { head: Head::Keyword("", written), condition: &closure.body, start: written };
        let result = self.parted(length, &place, |walk| {
            walk.scoped(|walk| {
                for input in &closure.inputs {
                    walk.bind_pattern(input, &Value::plain(given));
                }
                work(walk)
            })
        });
        (self.frames, self.returned) = (frames, returned);
        match leaves_early(&closure.body) {
            true => R::from_cause(Cause::new(Origin::Unknown(written), written)),
            false => result,
        }
    }
}

/// What may differ because of one cause.
trait FromCause<'s> {
    fn from_cause(cause: Cause<'s>) -> Self;
}
impl<'s> FromCause<'s> for Option<Cause<'s>> {
    fn from_cause(cause: Cause<'s>) -> Self {
        Some(cause)
    }
}
impl<'s> FromCause<'s> for Sequence<'s> {
    fn from_cause(cause: Cause<'s>) -> Self {
        Sequence::of(Some(cause))
    }
}

/// Whether a body has other ways to a value than its end, which are not followed here.
fn leaves_early(body: &Expr) -> bool {
    struct Ways(bool);
    impl<'e> Visit<'e> for Ways {
        fn visit_expr_return(&mut self, _: &'e syn::ExprReturn) {
            self.0 = true;
        }
        fn visit_expr_try(&mut self, _: &'e syn::ExprTry) {
            self.0 = true;
        }
    }
    let mut ways = Ways(false);
    ways.visit_expr(body);
    ways.0
}
