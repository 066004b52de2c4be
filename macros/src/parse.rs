//! Turns tokens into syntax, refusing what nests so deeply that parsing it could exhaust the stack. (`syn` copies the tokens before,
//! which takes far less of it for each bracket.)

use crate::check::DEPTH_LIMIT;
use proc_macro2::{Span, TokenStream};
use syn::buffer::Cursor;
use syn::parse::{Parse, ParseStream, Parser};

/// Parses `tokens`.
pub fn parse<T: Parse>(tokens: TokenStream) -> syn::Result<T> {
    let checked = |input: ParseStream<'_>| {
        check_depth(input.cursor(), 0)?;
        T::parse(input)
    };
    checked.parse2(tokens)
}

fn check_depth(mut tokens: Cursor<'_>, depth: usize) -> syn::Result<()> {
    while !tokens.eof() {
        let Some((inner, _, span, rest)) = tokens.any_group() else {
            let Some((_, rest)) = tokens.token_tree() else { return Ok(()) };
            tokens = rest;
            continue;
        };
        if depth == DEPTH_LIMIT {
            let message = format!(
                "kernels nest brackets at most {DEPTH_LIMIT} deep\n\
                 hint: bind parts of this with `let`, or move them into a `#[device] fn`"
            );
            return Err(syn::Error::new(span.open(), message));
        }
        check_depth(inner, depth + 1)?;
        tokens = rest;
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
