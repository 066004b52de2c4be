//! Expands `operator!`: a device function of two values, and the type by which reductions and groups find it.

use crate::device;
use crate::errors::Errors;
use crate::parse::parse;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse_quote;

/// Expands `operator!`.
pub fn closure(input: TokenStream) -> TokenStream {
    let closure: syn::ExprClosure = match parse(input) {
        Ok(closure) => closure,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let parameters = parameters(&closure, &mut errors);
    let Some([first, second]) = parameters.filter(|_| errors.is_empty()) else {
        let errors = errors.into_tokens();
        return quote!({ #errors ::falx::__private::NoOperator });
    };
    expand(&closure, &first, &second)
}

fn expand(closure: &syn::ExprClosure, first: &syn::PatType, second: &syn::PatType) -> TokenStream {
    let (ty, body) = (&first.ty, &closure.body);
    let span = Span::mixed_site();
    let name = Ident::new("falx_operator", span);
    let result = match &closure.output {
        syn::ReturnType::Type(_, written) => written.to_token_stream(),
        syn::ReturnType::Default => ty.to_token_stream(),
    };
    let function = device::operator(&parse_quote!(fn #name(#first, #second) -> #result { #body }));
    quote_spanned!(span => {
        #function
        #[derive(Clone, Copy)]
        struct Operator;
        #[diagnostic::do_not_recommend]
        impl ::falx::__private::DeviceType for Operator {
            type Erased = Operator;
            fn describe() -> ::falx::__private::Type {
                ::falx::__private::Type::Function(::falx::__private::callee::<#name, ()>())
            }
            fn zero() -> Self {
                Operator
            }
        }
        #[diagnostic::do_not_recommend]
        // SAFETY: the type has no lifetime.
        unsafe impl ::falx::Capture for Operator {
            fn argument(&self) -> ::falx::__private::Argument {
                ::falx::__private::operator_argument()
            }
        }
        #[diagnostic::do_not_recommend]
        impl ::falx::reduction::Operator<#ty> for Operator {
            fn joining() -> ::falx::__private::Joining {
                ::falx::__private::Joining::Function(::falx::__private::callee::<#name, ()>())
            }
            fn identity() -> ::core::option::Option<#ty> {
                ::core::option::Option::None
            }
            #[inline(always)]
            fn join(first: #ty, second: #ty) -> #ty {
                #name(first, second)
            }
        }
        Operator
    })
}

/// The two parameters, with their types.
fn parameters(closure: &syn::ExprClosure, errors: &mut Errors) -> Option<[syn::PatType; 2]> {
    if let Some(token) = &closure.asyncness {
        errors.at(token, "an operator cannot be `async`");
    }
    if let Some(token) = &closure.constness {
        errors.at(token, "an operator cannot be `const`");
    }
    let mut typed = Vec::new();
    for input in &closure.inputs {
        match input {
            syn::Pat::Type(parameter) => typed.push(parameter.clone()),
            untyped => errors
                .at(untyped, "an operator names the types of its values\nhint: write `|a: f32, b: f32|`"),
        }
    }
    if closure.inputs.len() != 2 {
        let text = "an operator makes one value of two\nhint: write `|a: f32, b: f32| ..`";
        errors.at_span(closure.inputs_begin.span, text);
    }
    let pair: [syn::PatType; 2] = typed.try_into().ok()?;
    let [first, second] = pair.each_ref().map(|parameter| parameter.ty.to_token_stream().to_string());
    if first != second {
        errors.at(&pair[1].ty, format!("an operator takes two values of one type\nhint: write `{first}`"));
    }
    Some(pair)
}
