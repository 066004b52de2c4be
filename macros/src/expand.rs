//! Parts that the expansions of kernels and of device functions share.

use crate::model::{Body, Capture, CaptureKind, Parameter, Pattern, UNWITNESSED};
use crate::put::put;
use crate::twin::{self, mixed, witness};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

/// The variables that hold the witnesses of a body.
pub fn witness_names(body: &Body) -> Vec<Ident> {
    let names = body.witnesses.iter().enumerate();
    names.map(|(number, span)| witness(number as u16, mixed(*span))).collect()
}

/// How many witnesses are made at once, in fewer words than one by one.
const TOGETHER: usize = 8;

/// Declares all witnesses.
pub fn witnesses(names: &[Ident]) -> TokenStream {
    let span = Span::mixed_site();
    let mut tokens = quote_spanned!(span =>
        #[allow(unused_imports)]
        use ::falx::__private::{
            self as __falx, ArrayMethods as _, BoolMethods as _, ChangedPlace as _, CastAsItIs as _, CastOfHalf as _, CastOfOther as _, Comparison as _, OptionMethods as _, OrderingMethods as _, PartialComparison as _, ResultMethods as _, TiedByFalx as _, TiedByUser as _, TotalComparison as _, witness as __witness, witnesses as __witnesses,
        };
    );
    let chunks = names.chunks_exact(TOGETHER);
    for name in chunks.remainder() {
        put!(&mut tokens, span => let #name = __witness(););
    }
    for names in chunks {
        put!(&mut tokens, span => let (#(#names),*) = __witnesses(););
    }
    tokens
}

/// How long the tuples of a list of witnesses are at most.
const TUPLE: usize = 8;

/// All witnesses as nested tuples. Balanced, since the compiler follows nesting only so far.
pub fn witness_list(names: &[Ident]) -> TokenStream {
    if names.is_empty() {
        return quote!(());
    }
    let mut parts: Vec<_> = names.iter().cloned().map(TokenTree::Ident).collect();
    while parts.len() != 1 {
        let mut tuples = TokenStream::new();
        for parts in parts.chunks(TUPLE) {
            put!(&mut tuples, Span::mixed_site() => (#(#parts),*));
        }
        parts = tuples.into_iter().collect();
    }
    parts.into_iter().collect()
}

/// The constants of a body, each tied to its witness.
pub fn constant_list(body: &Body) -> Vec<TokenStream> {
    let constants = body.captures.iter().filter(|capture| capture.kind == CaptureKind::Constant);
    let tied = constants.map(|Capture { path, ty, span, .. }| {
        let span = mixed(*span);
        let witness = witness(*ty, span);
        quote_spanned!(span => __falx::constant(#path, #witness))
    });
    tied.collect()
}

/// Binds a parameter's pattern to the value `input`, and ties both to their witnesses.
pub fn bind_parameter(parameter: &Parameter, input: &TokenStream, span: Span) -> TokenStream {
    let pattern = &parameter.pattern;
    let own = (parameter.ty != UNWITNESSED).then_some(parameter.ty);
    let tied = twin::tied(input, own, span);
    // A single name shares the witness of the parameter.
    let value = match pattern {
        Pattern::Bind(_) => tied.to_token_stream(),
        pattern => twin::tied_to_pattern(tied, pattern, span).to_token_stream(),
    };
    let span = mixed(span);
    quote_spanned!(span => let #pattern = #value;)
}

/// Silences lints about the shape of generated code; those about the user's names stay.
pub fn allowed(body: &Body) -> TokenStream {
    let by_user = &body.allowed;
    quote!(#(#[allow(#by_user)])* #[allow(
        unused_parens, unused_braces, non_shorthand_field_patterns, unused_assignments, arithmetic_overflow, unconditional_panic, unreachable_code,
        clippy::all, clippy::pedantic, elided_lifetimes_in_paths
    )])
}
