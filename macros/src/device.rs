//! Expands `#[device]`: a function that kernels can call.
//!
//! Beside the function stands a type of the same name, through which a kernel's tree finds the function's tree.

use crate::check::{Checker, Role};
use crate::errors::Errors;
use crate::expand::{allowed, bind_parameter, witness_list, witnesses};
use crate::model::{Body, Expression, Kind, Pattern, Statement};
use crate::parse::{no_arguments, parse};
use crate::{tree, twin};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

/// Expands `#[device]`.
pub fn item(attribute: &TokenStream, item: TokenStream) -> TokenStream {
    match parse(item.clone()) {
        Ok(syn::Item::Struct(structure)) => crate::structure::expand(attribute, structure),
        Ok(syn::Item::Union(union)) => crate::structure::refuse_union(&union),
        _ => function(attribute, item),
    }
}

/// Expands `#[device]` on a function.
fn function(attribute: &TokenStream, item: TokenStream) -> TokenStream {
    let function: syn::ItemFn = match no_arguments(attribute).and_then(|()| parse(item)) {
        Ok(function) => function,
        Err(error) => return error.to_compile_error(),
    };
    let mut checker = Checker::new(Role::Device, Vec::new());
    plain_signature(&function.sig, "a `#[device] fn`", &mut checker.errors);
    no_generics(&function.sig, &mut checker.errors);
    for input in &function.sig.inputs {
        if let syn::FnArg::Typed(parameter) = input {
            named_parameter(parameter, &mut checker);
        }
    }
    let result = result_type(&function.sig).map(|ty| checker.result(ty));
    checker.function_body(&function.block);
    if !checker.errors.is_empty() {
        return stub(&function, checker.errors);
    }
    checker.make_parameters_immutable();
    print(&function, &checker.body, result)
}

/// Reports what no function of the kernel language may have in its signature.
pub fn plain_signature(signature: &syn::Signature, what: &str, errors: &mut Errors) {
    if let Some(token) = &signature.asyncness {
        errors.at(token, format!("{what} cannot be `async`"));
    }
    if let Some(token) = &signature.constness {
        errors.at(token, format!("{what} cannot be `const`"));
    }
    if !matches!(signature.safety, syn::Safety::Default) {
        errors.at(&signature.safety, format!("{what} is always safe\nhint: leave out `unsafe`"));
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, format!("{what} has no ABI of its own\nhint: leave out `extern`"));
    }
    if let Some(receiver) = signature.receiver() {
        errors.at(receiver, format!("{what} cannot be a method\nhint: write a free function"));
    }
}

fn no_generics(signature: &syn::Signature, errors: &mut Errors) {
    if !signature.generics.params.is_empty() {
        errors.at(
            &signature.generics,
            "a `#[device] fn` cannot be generic yet\nhint: write one function for each type",
        );
    }
}

fn named_parameter(parameter: &syn::PatType, checker: &mut Checker) {
    match &*parameter.pat {
        syn::Pat::Ident(_) => checker.parameter(parameter),
        pattern => {
            checker.errors.at(pattern, "a parameter here needs a name\nhint: take it apart in the body")
        }
    }
}

/// The type after `->`, unless it is `()`.
fn result_type(signature: &syn::Signature) -> Option<&syn::Type> {
    match &signature.output {
        syn::ReturnType::Type(_, ty) if !matches!(&**ty, syn::Type::Tuple(unit) if unit.elems.is_empty()) => {
            Some(ty)
        }
        _ => None,
    }
}

/// The function's parameters, by plain names.
fn plain_parameters(function: &syn::ItemFn) -> (Vec<Ident>, Vec<TokenStream>) {
    let typed = function.sig.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(parameter) => Some(parameter),
        syn::FnArg::Receiver(_) => None,
    });
    let named = typed.enumerate().map(|(position, parameter)| {
        let name = match &*parameter.pat {
            syn::Pat::Ident(name) => name.ident.clone(),
            _ => format_ident!("parameter_{position}"),
        };
        (name, parameter.ty.to_token_stream())
    });
    named.unzip()
}

fn print(function: &syn::ItemFn, body: &Body, result: Option<u16>) -> TokenStream {
    let syn::ItemFn { attrs, vis, sig, .. } = function;
    let (name, output) = (&sig.ident, &sig.output);
    let (names, types) = plain_parameters(function);
    let handle = handle(vis, name);
    let definition = definition(name, body, result);
    let evaluate = evaluate(function, body, result);
    let span = Span::mixed_site();
    quote_spanned!(span =>
        #(#attrs)*
        #vis fn #name(#(#names: #types),*) #output {
            #name::__evaluate(::core::option::Option::None #(, #names)*)
        }
        #handle
        const _: () = {
            #definition
            fn types() -> ::std::vec::Vec<::falx::__private::Type> {
                let mut types = ::std::vec::Vec::new();
                #name::__evaluate(
                    ::core::option::Option::Some(&mut types)
                    #(, <#types as ::falx::__private::DeviceType>::zero())*
                );
                types
            }
            #evaluate
        };
    )
}

/// The type that stands for the function in trees.
fn handle(vis: &syn::Visibility, name: &Ident) -> TokenStream {
    let span = Span::mixed_site();
    quote_spanned!(span => #[doc(hidden)] #[allow(non_camel_case_types, dead_code)] #vis enum #name {})
}

fn definition(name: &Ident, body: &Body, result: Option<u16>) -> TokenStream {
    let (text, line, sites) = (name.to_string(), tree::line(name.span()), tree::sites(&body.sites));
    let messages = tree::messages(&body.messages);
    let (parameters, block) = (body.parameters.iter().filter_map(tree::parameter), tree::block(&body.block));
    let result = match result {
        Some(ty) => quote!(::core::option::Option::Some(#ty)),
        None => quote!(::core::option::Option::None),
    };
    let types = Ident::new("types", Span::mixed_site());
    let span = Span::mixed_site();
    quote_spanned!(span =>
        #sites
        #messages
        static __FALX_FUNCTION: ::falx::__private::tree::Function = ::falx::__private::tree::Function {
            name: #text, file: ::core::file!(), line: #line, parameters: &[#(#parameters),*],
            result: #result, body: #block, types: #types,
        };
        impl ::falx::__private::DeviceFunction for #name {
            fn definition() -> &'static ::falx::__private::tree::Function {
                &__FALX_FUNCTION
            }
        }
    )
}

/// The function itself; given a list to fill, it describes its types instead, which it shares with its body.
fn evaluate(function: &syn::ItemFn, body: &Body, result: Option<u16>) -> TokenStream {
    let (name, vis) = (&function.sig.ident, &function.vis);
    let (names, types) = plain_parameters(function);
    let (output, witnesses, list) = (&function.sig.output, witnesses(body), witness_list(body));
    let parameters = body.parameters.iter().zip(&names);
    let bindings = parameters.map(|(parameter, name)| bind_parameter(parameter, &quote!(#name), name.span()));
    let content = twin::block_content(&body.block);
    let nothing = result.map(|ty| {
        let output = result_type(&function.sig);
        let span = twin::mixed(output.map_or_else(Span::call_site, Spanned::span));
        let zero = quote_spanned!(span => <#output as ::falx::__private::DeviceType>::zero());
        twin::tied(zero, Some(ty), span)
    });
    let (allowed, span) = (allowed(), Span::mixed_site());
    quote_spanned!(span =>
        impl #name {
            #[doc(hidden)]
            #[inline(always)]
            #vis fn __call(#(#names: #types),*) #output {
                #name(#(#names),*)
            }
            #[inline(always)]
            #allowed
            fn __evaluate(
                types: ::core::option::Option<&mut ::std::vec::Vec<::falx::__private::Type>>
                #(, #names: #types)*
            ) #output {
                #witnesses
                if let ::core::option::Option::Some(types) = types {
                    ::falx::__private::describe(#list, types);
                    return #nothing;
                }
                #(#bindings)*
                #content
            }
        }
    )
}

/// What a function that has errors becomes: the errors, and a function of the same signature.
fn stub(function: &syn::ItemFn, errors: Errors) -> TokenStream {
    let syn::ItemFn { attrs, vis, sig, .. } = function;
    if sig.receiver().is_some() {
        // Among methods there is no place for a type.
        let errors = errors.into_tokens();
        return quote!(#(#attrs)* #[allow(unused)] #vis #sig { #errors loop {} });
    }
    let (inputs, output) = (&sig.inputs, &sig.output);
    let (name, handle, errors) = (&sig.ident, handle(vis, &sig.ident), errors.into_tokens());
    let span = Span::mixed_site();
    quote_spanned!(span =>
        #errors
        #(#attrs)* #[allow(unused)] #vis #sig { loop {} }
        #handle
        impl ::falx::__private::DeviceFunction for #name {
            fn definition() -> &'static ::falx::__private::tree::Function { loop {} }
        }
        impl #name {
            #[doc(hidden)]
            #[allow(unused)]
            #vis fn __call(#inputs) #output { loop {} }
        }
    )
}

impl Checker {
    /// A parameter in the tree cannot change: `mut x` becomes a parameter and a `let mut x = x;`.
    fn make_parameters_immutable(&mut self) {
        let mut statements = Vec::new();
        for position in 0..self.body.parameters.len() {
            // The body knows the variable by the number it has now, so it is the parameter that gets a new one.
            let local = self.new_local(Span::call_site());
            let Pattern::Bind(binding) = &mut self.body.parameters[position].pattern else { continue };
            if !binding.mutable {
                continue;
            }
            let variable = binding.clone();
            (binding.mutable, binding.local) = (false, local);
            let span = variable.name.span();
            let value = Expression { span, kind: Kind::Local(local, variable.name.clone()) };
            let pattern = Pattern::Bind(variable);
            statements.push(Statement::Let { span, pattern, declared: None, value: Some(value) });
        }
        self.body.block.statements.splice(0..0, statements);
    }

    /// The witness of the result.
    fn result(&mut self, ty: &syn::Type) -> u16 {
        self.body.witnesses.push(ty.span());
        (self.body.witnesses.len() - 1) as u16
    }
}
