//! Turns tokens into syntax, refusing what nests so deeply that parsing it could exhaust the stack.

use crate::check::DEPTH_LIMIT;
use proc_macro2::{Span, TokenStream, TokenTree};

/// Parses `tokens`.
pub fn parse<T: syn::parse::Parse>(tokens: TokenStream) -> syn::Result<T> {
    check_depth(&tokens, 0)?;
    syn::parse2(tokens)
}

fn check_depth(tokens: &TokenStream, depth: usize) -> syn::Result<()> {
    for token in tokens.clone() {
        let TokenTree::Group(group) = token else { continue };
        if depth == DEPTH_LIMIT {
            let message = format!(
                "kernels nest brackets at most {DEPTH_LIMIT} deep\n\
                 hint: bind parts of this with `let`, or move them into a `#[device] fn`"
            );
            return Err(syn::Error::new(group.span_open(), message));
        }
        check_depth(&group.stream(), depth + 1)?;
    }
    Ok(())
}

/// Refuses arguments of an attribute that takes none.
pub fn no_arguments(attribute: &TokenStream) -> syn::Result<()> {
    match attribute.clone().into_iter().next() {
        Some(token) => Err(syn::Error::new(token.span(), "this attribute takes no arguments")),
        None => Ok(()),
    }
}

/// The span of the first token.
pub fn first_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}
