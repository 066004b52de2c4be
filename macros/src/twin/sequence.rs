//! Prints what a `for` goes through as the iterators of Rust.

use super::{expression, mixed, operand, site, tied};
use crate::model::{Adaptor, Sequence, Source};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// The iterator of a `for`.
pub fn iterator(sequence: &Sequence, span: Span) -> TokenStream {
    let source = source(&sequence.source, span);
    sequence.adaptors.iter().fold(source, |sequence, adaptor| adapted(&sequence, adaptor, span))
}

fn source(source: &Source, span: Span) -> TokenStream {
    match source {
        Source::Range { start, end, dots, ty, .. } => {
            let (start, end) = (tied(expression(start), Some(*ty), span), expression(end));
            let span = mixed(span);
            quote_spanned!(span => ({ let start = #start; let end = #end; start #dots end }))
        }
        Source::Elements(None, _, elements) => operand(elements),
        Source::Elements(and, _, elements) => {
            let (span, elements) = (mixed(span), operand(elements));
            quote_spanned!(span => (#and #elements))
        }
        Source::Row(accessor, name, index, number) => {
            let (accessor, index, site) = (operand(accessor), expression(index), site(*number, name.span()));
            let span = mixed(name.span());
            quote_spanned!(span => ::falx::__private::row(&#accessor, #index, #site))
        }
    }
}

fn adapted(sequence: &TokenStream, adaptor: &Adaptor, outer: Span) -> TokenStream {
    match adaptor {
        Adaptor::Reverse(name) | Adaptor::Enumerate(name) | Adaptor::Same(name) => {
            let span = mixed(name.span());
            quote_spanned!(span => #sequence.#name())
        }
        Adaptor::Skip(name, argument)
        | Adaptor::Take(name, argument)
        | Adaptor::Map(name, argument)
        | Adaptor::Filter(name, argument) => {
            let (span, argument) = (mixed(name.span()), expression(argument));
            quote_spanned!(span => #sequence.#name(#argument))
        }
        Adaptor::Zip(name, other) | Adaptor::Chain(name, other) => {
            let (span, other) = (mixed(name.span()), iterator(other, outer));
            quote_spanned!(span => #sequence.#name(#other))
        }
        Adaptor::Parts(name, length, number) => {
            let (length, number) = (expression(length), site(*number, name.span()));
            let span = mixed(name.span());
            quote_spanned!(span => #sequence.#name(__falx::part_length(#length, #number)))
        }
        Adaptor::StepBy(name, step, number) => {
            let (step, number) = (expression(step), site(*number, name.span()));
            let span = mixed(name.span());
            quote_spanned!(span => __falx::step_by(#sequence, #step, #number))
        }
    }
}
