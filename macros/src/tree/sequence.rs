//! Prints what a `for` goes through.

use super::{block, boxed, pattern, site_reference};
use crate::model::{Adaptor, Block, Loop, Source, Traversal};
use proc_macro2::TokenStream;
use quote::quote;

/// A `for` through a sequence.
pub fn for_each(opened: &Loop, traversal: &Traversal, body: &Block) -> TokenStream {
    let (id, bound, body) = (opened.id, pattern(&traversal.pattern), block(body));
    let source = source(&traversal.source);
    let adaptors = traversal.adaptors.iter().filter_map(adaptor);
    quote!(ForEach {
        id: #id, pattern: #bound, source: ::falx::__private::tree::Source::#source,
        adaptors: &[#(::falx::__private::tree::Adaptor::#adaptors),*], body: #body
    })
}

fn source(source: &Source) -> TokenStream {
    match source {
        Source::Range { start, end, inclusive, ty, .. } => {
            let (start, end) = (boxed(start), boxed(end));
            quote!(Range { start: #start, end: #end, inclusive: #inclusive, ty: #ty })
        }
        Source::Array(array) => {
            let array = boxed(array);
            quote!(Array(#array))
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
        Adaptor::Same(_) => return None,
    })
}
