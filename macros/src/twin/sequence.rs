//! Prints what a `for` goes through as the iterators of Rust.

use super::{mixed, operand, site, tied};
use crate::model::{Adaptor, Ended, Sequence, Source};
use crate::put::{put, rust};
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The iterator of a `for`.
pub fn iterator(sequence: &Sequence, span: Span) -> TokenStream {
    let mut tokens = TokenStream::new();
    source(&sequence.source, span, &mut tokens);
    sequence.adaptors.iter().fold(tokens, |sequence, adaptor| adapted(&sequence, adaptor, span))
}

/// `iterator.ending(arguments)`; sums wrap as kernels do, and do not panic.
pub fn ended(ended: &Ended, outer: Span, tokens: &mut TokenStream) {
    let Ended { sequence, name, turbofish, declared, arguments, site: number, ty } = ended;
    let (iterator, span) = (iterator(sequence, outer), mixed(name.span()));
    let checked = super::checked(outer);
    let value = match name.to_string().as_str() {
        "sum" | "product" => {
            let site = site(*number, name.span());
            rust!(span => __falx::#name(#iterator, #checked, #site)).to_token_stream()
        }
        "min" => rust!(span => __falx::smallest(#iterator)).to_token_stream(),
        "max" => rust!(span => __falx::largest(#iterator)).to_token_stream(),
        _ => rust!(span => #iterator.#name #turbofish (#(#arguments),*)).to_token_stream(),
    };
    let declared = declared.as_ref().map(|declared| rust!(span => : #declared));
    let value = rust!(span => { let result #declared = #value; result });
    tied(value, Some(*ty), span).to_tokens(tokens);
}

fn source(source: &Source, span: Span, tokens: &mut TokenStream) {
    match source {
        Source::Range { start, end, dots, ty, .. } => {
            let (start, span) = (tied(start, Some(*ty), span), mixed(span));
            put!(tokens, span => ({ let start = #start; let end = #end; start #dots end }));
        }
        Source::From(start, ty) => {
            let (start, span) = (tied(start, Some(*ty), span), mixed(span));
            put!(tokens, span => __falx::counted_from(#start));
        }
        Source::Elements(None, _, elements) => operand(elements).to_tokens(tokens),
        Source::Elements(and, _, elements) => {
            let elements = operand(elements);
            put!(tokens, mixed(span) => (#and #elements));
        }
        Source::Row(accessor, name, index, number) => {
            let (accessor, site, span) = (operand(accessor), site(*number, name.span()), mixed(name.span()));
            put!(tokens, span => ::falx::__private::row(&#accessor, #index, #site));
        }
    }
}

fn adapted(sequence: &TokenStream, adaptor: &Adaptor, outer: Span) -> TokenStream {
    match adaptor {
        Adaptor::Reverse(name)
        | Adaptor::Enumerate(name)
        | Adaptor::Flatten(name)
        | Adaptor::Cycle(name)
        | Adaptor::Same(name) => rust!(mixed(name.span()) => #sequence.#name()).to_token_stream(),
        Adaptor::Skip(name, argument)
        | Adaptor::Take(name, argument)
        | Adaptor::Map(name, argument)
        | Adaptor::Filter(name, argument)
        | Adaptor::FlatMap(name, argument)
        | Adaptor::Closed(name, argument) => {
            rust!(mixed(name.span()) => #sequence.#name(#argument)).to_token_stream()
        }
        Adaptor::Scan(name, start, closure) => {
            rust!(mixed(name.span()) => #sequence.#name(#start, #closure)).to_token_stream()
        }
        Adaptor::Zip(name, other) | Adaptor::Chain(name, other) => {
            let other = iterator(other, outer);
            rust!(mixed(name.span()) => #sequence.#name(#other)).to_token_stream()
        }
        Adaptor::Parts(name, length, number) => {
            let number = site(*number, name.span());
            rust!(mixed(name.span()) => #sequence.#name(__falx::part_length(#length, #number)))
                .to_token_stream()
        }
        Adaptor::StepBy(name, step, number) => {
            let number = site(*number, name.span());
            rust!(mixed(name.span()) => __falx::step_by(#sequence, #step, #number)).to_token_stream()
        }
    }
}
