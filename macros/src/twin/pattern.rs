//! Prints patterns and `let`s, and ties what they bind to its witnesses without counting as a use of it.

use super::{expression, mixed, tied, witness};
use crate::model::{Binding, Expression, Pattern};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

/// A pattern as the user wrote it.
pub fn printed(pattern: &Pattern) -> TokenStream {
    print(pattern, true)
}

fn print(pattern: &Pattern, keep_mut: bool) -> TokenStream {
    match pattern {
        Pattern::Bind(Binding { name, mutable, .. }) if *mutable && keep_mut => quote!(mut #name),
        Pattern::Bind(Binding { name, .. }) => quote!(#name),
        Pattern::Wild(span) => quote_spanned!(*span => _),
        Pattern::Array(elements, span) => {
            let elements = elements.iter().map(|element| print(element, keep_mut));
            quote_spanned!(*span => [#(#elements),*])
        }
        Pattern::Id(path, inner) => {
            let inner = print(inner, keep_mut);
            quote!(#path(#inner))
        }
    }
}

/// `let pattern: declared = value;`
pub fn let_statement(
    pattern: &Pattern,
    declared: Option<&TokenStream>,
    value: Option<&Expression>,
) -> TokenStream {
    let declared = declared.map(|declared| quote!(: #declared));
    let printed = print(pattern, true);
    match value {
        Some(value) => {
            let span = value.span;
            let value = tied_to_pattern(expression(value), pattern, span);
            quote!(let #printed #declared = #value;)
        }
        None => quote!(let #printed #declared;),
    }
}

/// A value whose parts are tied to the witnesses of the names that a pattern gives them.
pub fn tied_to_pattern(value: TokenStream, pattern: &Pattern, span: Span) -> TokenStream {
    let span = mixed(span);
    match pattern {
        Pattern::Bind(Binding { is_opaque: true, .. }) => value,
        Pattern::Bind(binding) => tied(value, Some(binding.ty), span),
        Pattern::Wild(_) => value,
        composed => {
            // Taken apart a second time in a branch that never runs, so that an unused name is still reported as unused.
            let parts = print(composed, false);
            let mut bindings = Vec::new();
            collect(composed, &mut bindings);
            let notes = bindings.into_iter().map(|binding| {
                let (witness, name) = (witness(binding.ty, span), &binding.name);
                quote_spanned!(span => #witness.note(&#name);)
            });
            quote_spanned!(span => { let value = #value; if false { let #parts = value; #(#notes)* } value })
        }
    }
}

fn collect<'p>(pattern: &'p Pattern, bindings: &mut Vec<&'p Binding>) {
    match pattern {
        Pattern::Bind(binding) => bindings.push(binding),
        Pattern::Wild(_) => {}
        Pattern::Array(elements, _) => elements.iter().for_each(|element| collect(element, bindings)),
        Pattern::Id(_, inner) => collect(inner, bindings),
    }
}
