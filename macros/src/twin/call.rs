//! Prints calls of device functions, closures and conversions.

use super::{mixed, operand, tied, witness};
use crate::model::{Call, Closure, Conversion, Expression, Kind, Step, TypeRef, UserMethod};
use crate::put::{Print, put, rust};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;

/// `function(arguments)`
pub fn call(call: &Call, span: Span, tokens: &mut TokenStream) {
    let Call { path, generics, is_associated, ty, arguments } = call;
    let witness = witness(*ty, span);
    if *is_associated {
        return put!(tokens, span => #witness.called(#path(#(#arguments),*)));
    }
    // Through the type beside the function: a name in front of brackets could be a local variable, and what is captured
    // without `Capture` must not exist.
    put!(tokens, span => #witness.called(<#path>::__call #generics(#(#arguments),*)));
}

/// `receiver.name(arguments)` on a user's type.
pub fn user_method(call: &UserMethod, span: Span, tokens: &mut TokenStream) {
    let UserMethod { receiver, name, arguments, ty } = call;
    let (witness, method_span) = (witness(*ty, span), mixed(name.span()));
    // Ties the witness to the device function of the method, through the hidden method that stands beside it.
    let tying = crate::device::tying_name(name);
    if is_variable(receiver) {
        let receiver = operand(receiver);
        let tie = rust!(method_span => if false { #receiver.#tying(#witness); });
        return put!(tokens, span => { #tie #receiver.#name(#(#arguments),*) });
    }
    let value = Ident::new("receiver", span);
    let tie = rust!(method_span => if false { #value.#tying(#witness); });
    put!(tokens, span => { let receiver = #receiver; #tie receiver.#name(#(#arguments),*) });
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
pub fn convert(
    value: &Expression,
    conversion: &Conversion,
    ty: TypeRef,
    span: Span,
    tokens: &mut TokenStream,
) {
    let converted = Print(move |tokens: &mut TokenStream| match conversion {
        Conversion::Method(name, generics) => {
            let value = operand(value);
            put!(tokens, span => #value.#name #generics());
        }
        Conversion::Function(path) => put!(tokens, span => #path(#value)),
    });
    tied(converted, Some(ty), span).to_tokens(tokens);
}

/// `|x| value`
pub fn closure(closure: &Closure, span: Span, tokens: &mut TokenStream) {
    let Closure { is_move, parameters, output, body, .. } = closure;
    let parameters = parameters.iter().map(|(pattern, declared)| rust!(span => #pattern #declared));
    put!(tokens, span => #is_move |#(#parameters),*| #output { #body });
}
