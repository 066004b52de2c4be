//! Parts that the expansions of kernels and of device functions share.

use crate::model::{Body, Capture, CaptureKind, Parameter, Pattern, UNWITNESSED};
use crate::put::{Print, put, rust};
use crate::twin::{self, mixed, witness};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

/// Declares every witness of a body.
pub fn witnesses(body: &Body) -> TokenStream {
    let witnesses = body.witnesses.iter().enumerate().map(|(number, span)| {
        let (span, name) = (mixed(*span), witness(number as u16, *span));
        rust!(span => let #name = __witness();)
    });
    let witnesses = Print(move |tokens: &mut TokenStream| {
        witnesses.clone().for_each(|witness| witness.to_tokens(tokens));
    });
    let span = Span::mixed_site();
    quote_spanned!(span =>
        #[allow(unused_imports)]
        use ::falx::__private::{
            self as __falx, ArrayMethods as _, BoolMethods as _, ChangedPlace as _, CastAsItIs as _, CastOfHalf as _, CastOfOther as _, Comparison as _, OptionMethods as _, OrderingMethods as _, PartialComparison as _, ResultMethods as _, TiedByFalx as _, TiedByUser as _, TotalComparison as _, witness as __witness,
        };
        #witnesses
    )
}

/// All witnesses as nested tuples. Balanced, since the compiler follows nesting only so far.
pub fn witness_list(body: &Body) -> TokenStream {
    let leaves = body.witnesses.iter().enumerate().map(|(number, span)| witness(number as u16, *span));
    let mut tokens = TokenStream::new();
    balanced(&leaves.collect::<Vec<_>>(), &mut tokens);
    tokens
}

/// How long the tuples of a list of witnesses are at most.
const TUPLE: usize = 8;

fn balanced(leaves: &[Ident], tokens: &mut TokenStream) {
    if let [leaf] = leaves {
        return leaf.to_tokens(tokens);
    }
    let part = |leaves| Print(move |tokens: &mut TokenStream| balanced(leaves, tokens));
    let parts = leaves.chunks(leaves.len().div_ceil(TUPLE).max(1)).map(part);
    put!(tokens, Span::mixed_site() => (#(#parts),*));
}

/// The constants of a body, each tied to its witness.
pub fn constant_list(body: &Body) -> Vec<TokenStream> {
    let constants = body.captures.iter().filter(|capture| capture.kind == CaptureKind::Constant);
    let tied = constants.map(|Capture { path, ty, span, .. }| {
        let (witness, span) = (witness(*ty, *span), mixed(*span));
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
