//! Parts that the expansions of kernels and of device functions share.

use crate::model::{Body, Capture, CaptureKind, Parameter, Pattern, UNWITNESSED};
use crate::twin::{self, mixed, witness};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

/// Declares every witness of a body.
pub fn witnesses(body: &Body) -> TokenStream {
    let witnesses = body.witnesses.iter().enumerate().map(|(number, span)| {
        let (span, name) = (mixed(*span), witness(number as u16, *span));
        quote_spanned!(span => let #name = __falx::witness();)
    });
    let span = Span::mixed_site();
    quote_spanned!(span =>
        #[allow(unused_imports)]
        use ::falx::__private::{
            self as __falx, OptionMethods as _, ResultMethods as _, TiedByFalx as _, TiedByUser as _,
        };
        #(#witnesses)*
    )
}

/// All witnesses as nested pairs. Balanced, since the compiler follows nesting only so far.
pub fn witness_list(body: &Body) -> TokenStream {
    let leaves = body
        .witnesses
        .iter()
        .enumerate()
        .map(|(number, span)| witness(number as u16, *span).into_token_stream());
    balanced(&leaves.collect::<Vec<_>>())
}

fn balanced(leaves: &[TokenStream]) -> TokenStream {
    match leaves {
        [] => quote!(()),
        [leaf] => leaf.clone(),
        leaves => {
            let (left, right) = leaves.split_at(leaves.len() / 2);
            let (left, right) = (balanced(left), balanced(right));
            let span = Span::mixed_site();
            quote_spanned!(span => (#left, #right))
        }
    }
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
    let value = match (&parameter.pattern, parameter.ty) {
        (_, UNWITNESSED) => input.clone(),
        (Pattern::Bind(_), ty) => twin::tied(input.clone(), Some(ty), span),
        (pattern, ty) => twin::tied_to_pattern(twin::tied(input.clone(), Some(ty), span), pattern, span),
    };
    let pattern = twin::printed(&parameter.pattern);
    let span = mixed(span);
    quote_spanned!(span => let #pattern = #value;)
}

/// Silences lints about the shape of generated code; those about the user's names stay.
pub fn allowed() -> TokenStream {
    quote!(#[allow(
        unused_parens, unused_braces, non_shorthand_field_patterns, unused_assignments, arithmetic_overflow, unconditional_panic, unreachable_code,
        clippy::all, clippy::pedantic, elided_lifetimes_in_paths
    )])
}
