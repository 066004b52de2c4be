//! Prints panics and output: the values in order, then a call of falx; rustc checks the format in a branch that never runs.

use super::{messages, mixed, site};
use crate::model::Said;
use crate::put::{put, rust};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// A panic: never returns.
pub fn panic(said: &Said, span: Span, tokens: &mut TokenStream) {
    call(said, "panic", span, tokens);
}

/// Output.
pub fn print(said: &Said, span: Span, tokens: &mut TokenStream) {
    call(said, "print", span, tokens);
}

fn call(said: &Said, function: &str, span: Span, tokens: &mut TokenStream) {
    let span = mixed(span);
    let named = said.values.iter().enumerate();
    let names: Vec<Ident> = named
        .map(|(position, value)| format_ident!("value_{}", position, span = mixed(value.span)))
        .collect();
    let values = names.iter().zip(&said.values).map(|(name, value)| rust!(span => let #name = #value;));
    let shown = names.iter().map(|name| rust!(span => .with(#name)));
    let checked = checked_format(said, &names, span);
    let (function, site, messages) = (Ident::new(function, span), site(said.site, span), messages(span));
    let message = proc_macro2::Literal::usize_unsuffixed(said.message);
    put!(tokens, span => {
        #(#values)*
        if false { #checked }
        __falx::#function(#site, &#messages[#message], __falx::Shown::new() #(#shown)*)
    });
}

/// What rustc sees of the format.
fn checked_format(said: &Said, names: &[Ident], span: Span) -> TokenStream {
    let (before, shown) = names.split_at(said.before);
    let compared =
        before.iter().map(|name| quote_spanned!(span => let _ = ::core::format_args!("{:?}", #name);));
    let string = said.literal.as_ref().map(|literal| {
        let arguments = shown.iter().zip(&said.names[said.before..]).map(|(value, name)| match name {
            Some(name) => quote!(#name = #value),
            None => quote!(#value),
        });
        quote_spanned!(span => let _ = ::core::format_args!(#literal #(, #arguments)*);)
    });
    quote!(#(#compared)* #string)
}
