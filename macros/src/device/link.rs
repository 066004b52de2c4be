//! What leads a kernel from a method to its device function: hidden functions beside the method, under names made of its own.
//! Rustc says these names where a method is not there, so they say whose they are; nobody else writes such; and short behind the name, for
//! else rustc would take any two of them to be misspellings of each other.
//!
//! | | |
//! |---|---|
//! | `area_falx(&self, witness, given, result)` | ties a witness to the device function, by the types of what the method is given and gives |
//! | `origin_falx(..)` | calls, and tells which device function it was; for associated functions |
//! | `falx_of_area(..)` | of a trait: finds the device function of an implementor |

use crate::twin::mixed;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::parse_quote;

/// The name by which kernels call an associated function.
pub fn called_name(name: &Ident) -> Ident {
    format_ident!("{}_falx", name, span = name.span())
}

/// The name by which kernels find the device function of a method.
pub fn tying_name(name: &Ident) -> Ident {
    format_ident!("{}_falx", name, span = name.span())
}

/// The name by which a trait finds the device function of an implementor.
pub fn definition_name(name: &Ident) -> Ident {
    format_ident!("falx_of_{}", name, span = name.span())
}

/// What stands beside a method or an associated function; `call` is the call of the latter.
pub fn link(
    sig: &syn::Signature,
    vis: &syn::Visibility,
    callee: &TokenStream,
    call: &TokenStream,
) -> TokenStream {
    let span = mixed(sig.ident.span());
    if sig.receiver().is_some() {
        return tie(sig, vis, callee);
    }
    let mut sig = sig.clone();
    sig.ident = called_name(&sig.ident);
    let output = output(&sig);
    sig.output = parse_quote!(-> ::falx::__private::Called<#output, #callee>);
    quote_spanned!(span => #[doc(hidden)] #[inline(always)] #vis #sig { #call })
}

/// What is given is nested pairs that end in anything, so that too many or too few arguments are the method's own to report.
/// Nothing is asked of closures, since the types of those that are written as arguments are never seen.
fn tie(sig: &syn::Signature, vis: &syn::Visibility, callee: &TokenStream) -> TokenStream {
    let sig = &super::signature::without_closures(sig);
    let (span, name, output) = (mixed(sig.ident.span()), tying_name(&sig.ident), output(sig));
    let (generics, _, conditions) = sig.generics.split_for_impl();
    let types = sig.inputs.iter().rev().filter_map(|input| match input {
        syn::FnArg::Typed(parameter) => Some(&parameter.ty),
        syn::FnArg::Receiver(_) => None,
    });
    let given = types.fold(
        quote_spanned!(span => impl ::core::marker::Sized),
        |rest, ty| quote_spanned!(span => (::falx::__private::Seen<#ty>, #rest)),
    );
    quote_spanned!(span =>
        #[doc(hidden)]
        #[inline(always)]
        #[allow(unused, clippy::all)]
        #vis fn #name #generics(
            &self,
            witness: ::falx::__private::Witness<#callee>,
            given: #given,
            result: &#output,
        ) #conditions {
        }
    )
}

/// The type that a function gives.
fn output(sig: &syn::Signature) -> TokenStream {
    let span = mixed(sig.ident.span());
    match &sig.output {
        syn::ReturnType::Default => quote_spanned!(span => ()),
        syn::ReturnType::Type(_, ty) => ty.to_token_stream(),
    }
}

/// The call of a function with the parameters of a signature.
pub fn call_of(sig: &syn::Signature, function: &TokenStream) -> TokenStream {
    let names = sig.inputs.iter().filter_map(super::receiver::parameter_name);
    let span = Span::mixed_site();
    quote_spanned!(span => #function(#(#names),*))
}

/// What says, in an impl of a trait, which device function a method is.
pub fn definition(sig: &syn::Signature, handle: &TokenStream, arguments: &TokenStream) -> TokenStream {
    let head = definition_head(sig);
    quote_spanned!(mixed(sig.ident.span()) =>
        #head {
            <#handle as ::falx::__private::DeviceFunction<#arguments>>::definition()
        }
    )
}

/// The head of the function in a trait that says which device function an implementor's method is.
pub fn definition_head(sig: &syn::Signature) -> TokenStream {
    let (span, name) = (mixed(sig.ident.span()), definition_name(&sig.ident));
    let instance = super::signature::instance(&sig.generics);
    let (generics, _, conditions) = instance.split_for_impl();
    quote_spanned!(span => #[doc(hidden)] fn #name #generics() -> ::falx::__private::Definition #conditions)
}
