//! Prints a device function: the function itself, the type beside it by which kernels call it, its body and its tree.

use super::signature::Signature;
use crate::expand::{allowed, bind_parameter, constant_list, witness_list, witness_names, witnesses};
use crate::model::Body;
use crate::uniform::Agreement;
use crate::{meeting, tree, twin};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

pub fn print(
    function: &syn::ItemFn,
    signature: &Signature,
    body: &Body,
    result: Option<u16>,
    agreement: &Agreement,
) -> TokenStream {
    let (attributes, host) = (&function.attrs, host_function(function, signature));
    let (handle, tree) = (handle(signature), function_tree(signature, body, result));
    let (definition, call) = (definition(signature), call(signature));
    let evaluate = evaluate(function, signature, body, result);
    let meeting = meeting::constant(&signature.name, &signature.vis, body.has_barrier, agreement);
    let assertions = meeting::assertions(&agreement.calls);
    let span = Span::mixed_site();
    quote_spanned!(span =>
        #(#attributes)*
        #host
        #handle
        const _: () = {
            #tree
            #definition
            #call
            #evaluate
            #meeting
            #assertions
        };
    )
}

/// The function as the host calls it.
fn host_function(function: &syn::ItemFn, signature: &Signature) -> TokenStream {
    let Signature { name, vis, written, parameters, .. } = signature;
    let (output, (generics, _, conditions)) = (&function.sig.output, written.split_for_impl());
    let names = signature.names();
    let types = parameters.iter().map(|(_, ty)| ty);
    let span = Span::mixed_site();
    let turbofish = signature.inferred_turbofish();
    quote_spanned!(span =>
        #vis fn #name #generics(#(#names: #types),*) #output #conditions {
            ::falx::__private::ran(#name::__evaluate #turbofish(::core::option::Option::Some((#(#names,)*))))
        }
    )
}

/// The type that stands for the function in trees.
pub fn handle(signature: &Signature) -> TokenStream {
    let Signature { name, vis, .. } = signature;
    let span = Span::mixed_site();
    quote_spanned!(span => #[doc(hidden)] #[allow(non_camel_case_types, dead_code)] #vis enum #name {})
}

fn function_tree(signature: &Signature, body: &Body, result: Option<u16>) -> TokenStream {
    let (name, mut text) = (&signature.name, tree::Text::default());
    text.identifier(name).string(&tree::file(name.span())).word(tree::line(name.span()));
    tree::parameters(&body.parameters, &mut text);
    text.list(&body.captures, tree::capture).option(result, |ty, text| {
        text.word(ty);
    });
    tree::block(&body.block, &mut text);
    text.word(body.changes_receiver).word(body.has_barrier);
    tree::encoded("__FALX_FUNCTION", "Function", body, &text)
}

fn definition(signature: &Signature) -> TokenStream {
    let (name, span) = (&signature.name, Span::mixed_site());
    let turbofish = signature.turbofish(|_, pointer| pointer.clone());
    define(
        signature,
        &quote_spanned!(span =>
            ::falx::__private::learnt(#name::__evaluate #turbofish(::core::option::Option::None)).of(__FALX_FUNCTION.tree())
        ),
    )
}

/// The definition of a function that has errors.
pub fn stub_definition(signature: &Signature) -> TokenStream {
    define(signature, &quote!(loop {}))
}

fn define(signature: &Signature, content: &TokenStream) -> TokenStream {
    let (name, arguments) = (&signature.name, signature.arguments_type());
    let (generics, _, conditions) = signature.instance.split_for_impl();
    let span = Span::mixed_site();
    quote_spanned!(span =>
        impl #generics ::falx::__private::DeviceFunction<#arguments> for #name #conditions {
            fn definition() -> ::falx::__private::Definition {
                #content
            }
        }
    )
}

/// The function as kernels call it: the result also tells which instance was called.
fn call(signature: &Signature) -> TokenStream {
    let (name, names, span) = (&signature.name, signature.names(), Span::mixed_site());
    let turbofish = signature.turbofish(|closure, _| closure.to_token_stream());
    callable(
        signature,
        &quote_spanned!(span =>
            ::falx::__private::Called::new(
                ::falx::__private::ran(#name::__evaluate #turbofish(::core::option::Option::Some((#(#names,)*))))
            )
        ),
    )
}

/// The call of a function that has errors.
pub fn stub_call(signature: &Signature) -> TokenStream {
    callable(signature, &quote!(loop {}))
}

fn callable(signature: &Signature, content: &TokenStream) -> TokenStream {
    let Signature { name, vis, output, named_types, .. } = signature;
    let (generics, _, conditions) = signature.named.split_for_impl();
    let (names, arguments) = (signature.names(), signature.arguments_type());
    let span = Span::mixed_site();
    quote_spanned!(span =>
        impl #name {
            #[doc(hidden)]
            #[inline(always)]
            #[allow(unused, clippy::too_many_arguments, clippy::extra_unused_lifetimes)]
            #vis fn __call #generics(#(#names: #named_types),*)
                -> ::falx::__private::Called<#output, ::falx::__private::Instance<#name, #arguments>>
            #conditions
            {
                #content
            }
        }
    )
}

/// The body: runs when it is given its arguments, else says what it learnt of its types and constants.
fn evaluate(function: &syn::ItemFn, signature: &Signature, body: &Body, result: Option<u16>) -> TokenStream {
    let Signature { name, output, named_types, .. } = signature;
    let (generics, _, conditions) = signature.named.split_for_impl();
    let names = signature.names();
    let (witness_names, constants) = (witness_names(body), constant_list(body));
    let (witnesses, list) = (witnesses(&witness_names), witness_list(&witness_names));
    let parameters = body.parameters.iter().zip(&names);
    let bindings = parameters.map(|(parameter, name)| bind_parameter(parameter, &quote!(#name), name.span()));
    let content = twin::body_content(&body.block);
    let returns = result.map(|ty| returns(&function.sig.output, ty));
    let (allowed, items, span) = (allowed(body), &body.items, Span::mixed_site());
    // What the user allows holds for the body, which stands here.
    let allowed_by_user = function.attrs.iter().filter(|attribute| attribute.path().is_ident("allow"));
    quote_spanned!(span =>
        impl #name {
            #[inline(always)]
            #allowed
            #(#allowed_by_user)*
            fn __evaluate #generics(
                input: ::core::option::Option<(#(#named_types,)*)>
            ) -> ::core::result::Result<#output, ::falx::__private::Learnt> #conditions {
                #(#items)*
                #witnesses
                #returns
                let ::core::option::Option::Some((#(#names,)*)) = input else {
                    return ::core::result::Result::Err(::falx::__private::learn(#list, [#(#constants),*]));
                };
                let run = move || -> #output {
                    #(#bindings)*
                    #content
                };
                ::core::result::Result::Ok(run())
            }
        }
    )
}

/// Ties the type of the result to its witness.
fn returns(output: &syn::ReturnType, ty: u16) -> TokenStream {
    let syn::ReturnType::Type(_, output) = output else { return TokenStream::new() };
    let span = twin::mixed(output.span());
    let witness: Ident = twin::witness(ty, span);
    quote_spanned!(span => #witness.is::<#output>();)
}
