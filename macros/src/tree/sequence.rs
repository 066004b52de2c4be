//! Prints what a `for` goes through.

use super::{block, boxed, pattern, site_reference};
use crate::model::{Adaptor, Block, Loop, Sequence, Source, Traversal, Use};
use proc_macro2::TokenStream;
use quote::quote;

/// A `for` through a sequence.
pub fn for_each(opened: &Loop, traversal: &Traversal, body: &Block) -> TokenStream {
    let (id, bound, body) = (opened.id, pattern(&traversal.pattern), block(body));
    let sequence = sequence(&traversal.sequence);
    quote!(ForEach { id: #id, pattern: #bound, sequence: #sequence, body: #body })
}

fn sequence(sequence: &Sequence) -> TokenStream {
    let source = source(&sequence.source);
    let adaptors = sequence.adaptors.iter().filter_map(adaptor);
    quote!(::falx::__private::tree::Sequence {
        source: ::falx::__private::tree::Source::#source,
        adaptors: &[#(::falx::__private::tree::Adaptor::#adaptors),*]
    })
}

fn source(source: &Source) -> TokenStream {
    match source {
        Source::Range { start, end, inclusive, ty, .. } => {
            let (start, end) = (boxed(start), boxed(end));
            quote!(Range { start: #start, end: #end, inclusive: #inclusive, ty: #ty })
        }
        Source::Elements(_, Use::Changed, elements) => {
            let elements = boxed(elements);
            let line = super::line(proc_macro2::Span::call_site());
            quote!(Elements { is_lent: true, of: &::falx::__private::tree::Expression {
                kind: ::falx::__private::tree::ExpressionKind::Borrow { mutable: true, value: #elements }, line: #line
            } })
        }
        Source::Elements(_, usage, elements) => {
            let (elements, is_lent) = (boxed(elements), *usage == Use::Lent);
            quote!(Elements { of: #elements, is_lent: #is_lent })
        }
        Source::Row(accessor, _, index, site) => {
            let (accessor, index, site) = (boxed(accessor), boxed(index), site_reference(*site));
            quote!(Row { of: #accessor, index: #index, site: #site })
        }
    }
}

fn adaptor(adaptor: &Adaptor) -> Option<TokenStream> {
    Some(match adaptor {
        Adaptor::Reverse(_) => quote!(Reverse),
        Adaptor::Enumerate(_) => quote!(Enumerate),
        Adaptor::StepBy(_, step, site) => {
            let (step, site) = (boxed(step), site_reference(*site));
            quote!(StepBy(#step, #site))
        }
        Adaptor::Skip(_, count) => {
            let count = boxed(count);
            quote!(Skip(#count))
        }
        Adaptor::Take(_, count) => {
            let count = boxed(count);
            quote!(Take(#count))
        }
        Adaptor::Zip(_, other) => {
            let other = sequence(other);
            quote!(Zip(&#other))
        }
        Adaptor::Map(_, closure) => {
            let closure = boxed(closure);
            quote!(Map(#closure))
        }
        Adaptor::Same(_) => return None,
    })
}
