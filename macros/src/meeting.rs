//! Prints what device functions ask of their callers because the work-items of a group meet in them, and the calls that may
//! break it: as constants, since only the compiler knows which function a path leads to.

use crate::twin::mixed;
use crate::uniform::{Agreement, Condition, DoubtfulCall};
use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// For each call what makes the compiler stop, should the called function ask for what the call breaks.
pub fn assertions(calls: &[DoubtfulCall]) -> TokenStream {
    let assertions = calls.iter().flat_map(|DoubtfulCall { path, place, arguments }| {
        let place = place.as_ref().map(|message| assertion(path, &quote!(meets), message, path.span()));
        let arguments = arguments.iter().filter(|(position, ..)| *position < 64);
        let arguments = arguments.map(|(position, span, message)| {
            let bit = Literal::u64_unsuffixed(1 << position);
            assertion(path, &quote!(agreed & #bit != 0), message, *span)
        });
        place.into_iter().chain(arguments)
    });
    quote!(#(#assertions)*)
}

fn assertion(path: &syn::Path, broken: &TokenStream, message: &str, span: Span) -> TokenStream {
    let span = mixed(span);
    quote_spanned!(span => const _: () = if <#path>::__MEETING.#broken { ::core::panic!(#message) };)
}

/// What a function asks for, as a constant beside it.
pub fn constant(
    name: &proc_macro2::Ident,
    vis: &syn::Visibility,
    has_barrier: bool,
    agreement: &Agreement,
) -> TokenStream {
    let own = Literal::u64_unsuffixed(agreement.parameters);
    let conditions = agreement.conditions.iter().map(|Condition { path, place, arguments }| {
        let place = Literal::u64_unsuffixed(*place);
        let arguments = arguments.iter().map(|(position, parameters)| {
            let (position, parameters) =
                (Literal::usize_unsuffixed(*position), Literal::u64_unsuffixed(*parameters));
            quote!((#position, #parameters))
        });
        quote!(.through(&<#path>::__MEETING, #place, &[#(#arguments),*]))
    });
    let span = Span::mixed_site();
    quote_spanned!(span =>
        impl #name {
            #[doc(hidden)]
            #[allow(dead_code)]
            #vis const __MEETING: ::falx::__private::Meeting =
                ::falx::__private::Meeting { meets: #has_barrier, agreed: #own }#(#conditions)*;
        }
    )
}
