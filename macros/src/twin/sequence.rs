//! Prints what a `for` goes through as the iterators of Rust.

use super::{expression, mixed, operand, site, tied};
use crate::model::{Adaptor, Source, Traversal};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// The iterator of a `for`.
pub fn iterator(traversal: &Traversal, span: Span) -> TokenStream {
    traversal
        .adaptors
        .iter()
        .fold(source(&traversal.source, span), |sequence, adaptor| adapted(&sequence, adaptor))
}

fn source(source: &Source, span: Span) -> TokenStream {
    match source {
        Source::Range { start, end, dots, ty, .. } => {
            let (start, end) = (tied(expression(start), Some(*ty), span), expression(end));
            let span = mixed(span);
            quote_spanned!(span => ({ let start = #start; let end = #end; start #dots end }))
        }
        Source::Array(array) => operand(array),
    }
}

fn adapted(sequence: &TokenStream, adaptor: &Adaptor) -> TokenStream {
    match adaptor {
        Adaptor::Reverse(name) | Adaptor::Enumerate(name) | Adaptor::Same(name) => {
            let span = mixed(name.span());
            quote_spanned!(span => #sequence.#name())
        }
        Adaptor::Skip(name, count) | Adaptor::Take(name, count) => {
            let (span, count) = (mixed(name.span()), expression(count));
            quote_spanned!(span => #sequence.#name(#count))
        }
        Adaptor::StepBy(name, step, number) => {
            let (step, number) = (expression(step), site(*number, name.span()));
            let span = mixed(name.span());
            quote_spanned!(span => __falx::step_by(#sequence, #step, #number))
        }
    }
}
