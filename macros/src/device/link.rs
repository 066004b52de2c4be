//! What leads a kernel from a method to its device function: hidden functions beside the method, under names made of its own.
//!
//! | | |
//! |---|---|
//! | `__device_method_area(&self, witness)` | ties a witness to the device function; for methods |
//! | `__device_origin(..)` | calls, and tells which device function it was; for associated functions |
//! | `__device_trait_area()` | of a trait: finds the device function of an implementor |

use crate::twin::mixed;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::parse_quote;

/// The name by which kernels call an associated function.
pub fn called_name(name: &Ident) -> Ident {
    format_ident!("__device_{}", name, span = name.span())
}

/// The name by which kernels find the device function of a method.
pub fn tying_name(name: &Ident) -> Ident {
    format_ident!("__device_method_{}", name, span = name.span())
}

/// The name by which a trait finds the device function of an implementor.
pub fn definition_name(name: &Ident) -> Ident {
    format_ident!("__device_trait_{}", name, span = name.span())
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
        let name = tying_name(&sig.ident);
        return quote_spanned!(span =>
            #[doc(hidden)]
            #[inline(always)]
            #vis fn #name(&self, witness: ::falx::__private::Witness<#callee>) {
                let _ = witness;
            }
        );
    }
    let mut sig = sig.clone();
    sig.ident = called_name(&sig.ident);
    let output = match &sig.output {
        syn::ReturnType::Default => quote_spanned!(span => ()),
        syn::ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    sig.output = parse_quote!(-> ::falx::__private::Called<#output, #callee>);
    quote_spanned!(span => #[doc(hidden)] #[inline(always)] #vis #sig { #call })
}

/// The call of a function with the parameters of a signature.
pub fn call_of(sig: &syn::Signature, function: &TokenStream) -> TokenStream {
    let names = sig.inputs.iter().filter_map(super::implementation::parameter_name);
    let span = Span::mixed_site();
    quote_spanned!(span => #function(#(#names),*))
}

/// What says, in an impl of a trait, which device function a method is.
pub fn definition(name: &Ident, handle: &TokenStream, arguments: &TokenStream) -> TokenStream {
    let (span, name) = (mixed(name.span()), definition_name(name));
    quote_spanned!(span =>
        #[doc(hidden)]
        fn #name() -> ::falx::__private::Definition {
            <#handle as ::falx::__private::DeviceFunction<#arguments>>::definition()
        }
    )
}
