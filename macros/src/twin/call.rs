//! Prints calls of device functions, closures and conversions.

use super::{expression, mixed, operand, printed, tied, witness};
use crate::model::{Call, Closure, Conversion, Expression, Kind, Step, TypeRef, UserMethod};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// `function(arguments)`
pub fn call(call: &Call, span: Span) -> TokenStream {
    let Call { path, generics, is_associated, ty, arguments } = call;
    let (arguments, witness) = (arguments.iter().map(expression), witness(*ty, span));
    if *is_associated {
        return quote_spanned!(span => #witness.called(#path(#(#arguments),*)));
    }
    // Through the type beside the function: a name in front of brackets could be a local variable, and what is captured
    // without `Capture` must not exist.
    quote_spanned!(span => #witness.called(<#path>::__call #generics(#(#arguments),*)))
}

/// `receiver.name(arguments)` on a user's type.
pub fn user_method(call: &UserMethod, span: Span) -> TokenStream {
    let UserMethod { receiver, name, arguments, ty } = call;
    let (witness, arguments) = (witness(*ty, span), arguments.iter().map(expression));
    let number = crate::methods::number(&name.to_string());
    let method_span = mixed(name.span());
    let tie = |receiver: &TokenStream| quote_spanned!(method_span => if false { (&__falx::Method::<_, #number>::of(&#receiver)).tie(#witness); });
    if is_variable(receiver) {
        let receiver = operand(receiver);
        let tie = tie(&receiver);
        return quote_spanned!(span => { #tie #receiver.#name(#(#arguments),*) });
    }
    let (value, tie) = (expression(receiver), tie(&quote_spanned!(span => receiver)));
    quote_spanned!(span => { let receiver = #value; #tie receiver.#name(#(#arguments),*) })
}

/// Whether a method may change it where it stands: a variable, or a field of one.
fn is_variable(receiver: &Expression) -> bool {
    match &receiver.kind {
        Kind::Local(..) => true,
        Kind::Load(place) => is_variable(&place.root) && place.steps.iter().all(Step::is_field),
        _ => false,
    }
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
