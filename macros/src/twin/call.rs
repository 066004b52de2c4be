//! Prints calls of device functions, closures and conversions.

use super::{expression, operand, printed, tied, witness};
use crate::model::{Call, Closure, Conversion, Expression, TypeRef};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// `function(arguments)`
pub fn call(call: &Call, span: Span) -> TokenStream {
    let Call { path, generics, ty, arguments } = call;
    let (arguments, witness) = (arguments.iter().map(expression), witness(*ty, span));
    // Through the type beside the function: a name in front of brackets could be a local variable, and what is captured
    // without `Capture` must not exist.
    quote_spanned!(span => #witness.called(<#path>::__call #generics(#(#arguments),*)))
}

/// `value.cast()` or `T::cast_from(value)`
pub fn convert(value: &Expression, conversion: &Conversion, ty: TypeRef, span: Span) -> TokenStream {
    let converted = match conversion {
        Conversion::Method(name, generics) => {
            let value = operand(value);
            quote_spanned!(span => #value.#name #generics())
        }
        Conversion::Function(path) => {
            let value = expression(value);
            quote_spanned!(span => #path(#value))
        }
    };
    tied(converted, Some(ty), span)
}

/// `|x| value`
pub fn closure(closure: &Closure, span: Span) -> TokenStream {
    let Closure { is_move, parameters, output, body, .. } = closure;
    let parameters = parameters.iter().map(|(pattern, declared)| {
        let pattern = printed(pattern);
        quote_spanned!(span => #pattern #declared)
    });
    let body = expression(body);
    quote_spanned!(span => #is_move |#(#parameters),*| #output { #body })
}
