//! Prints calls of device functions, closures and conversions.

use super::{mixed, operand, tied, witness};
use crate::model::{Call, Closure, Conversion, Expression, Kind, Step, TypeRef, UserMethod};
use crate::put::{Print, put, rust};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

/// `function(arguments)`
pub fn call(call: &Call, span: Span, tokens: &mut TokenStream) {
    let Call { path, generics, is_associated, same, ty, arguments } = call;
    let witness = witness(*ty, span);
    // Through the type beside the function: a name in front of brackets could be a local variable, and what is captured
    // without `Capture` must not exist.
    let function = Print(move |tokens: &mut TokenStream| match is_associated {
        true => path.to_tokens(tokens),
        false => put!(tokens, span => <#path>::__call #generics),
    });
    // Bound first, so that whoever expects another type hears of the result's.
    let same = same.as_ref().map(|same| rust!(span => if false { __falx::same(#same); }));
    put!(tokens, span => { #same let result = #witness.called(#function(#(#arguments),*)); result });
}

/// `receiver.name(arguments)` on a user's type.
pub fn user_method(call: &UserMethod, span: Span, tokens: &mut TokenStream) {
    if is_variable(&call.receiver) {
        let called = tied_method(call, &operand(&call.receiver).to_token_stream(), span);
        return put!(tokens, span => { #called });
    }
    let (value, called) = (&call.receiver, tied_method(call, &quote_spanned!(span => receiver), span));
    put!(tokens, span => { let receiver = #value; #called });
}

/// The call, which ties a witness to the device function of the method, through the hidden method that stands beside it.
fn tied_method(call: &UserMethod, receiver: &TokenStream, span: Span) -> TokenStream {
    let UserMethod { name, generics, arguments, ty, .. } = call;
    let (witness, method, method_span) =
        (witness(*ty, span), crate::device::tying_name(name), mixed(name.span()));
    let seen = |position: usize| format_ident!("seen_{}", position, span = span);
    let given: Vec<_> = (0..arguments.len()).map(seen).collect();
    let kinds = arguments.iter().map(|argument| match argument.kind {
        Kind::Closure(_) => quote!(::<()>),
        _ => TokenStream::new(),
    });
    let kinds: Vec<_> = kinds.collect();
    let arguments = arguments.iter().zip(&given).map(|(argument, seen)| match argument.kind {
        // It learns its parameters' types only where it stands in the call itself.
        Kind::Closure(_) => argument.to_token_stream(),
        _ => quote_spanned!(mixed(argument.span) => __falx::pass(#argument, #seen)),
    });
    let arguments = quote!(#(#arguments),*);
    // One inside the other, with anything at the end, so that only the method itself says when there are too many or too few.
    let anything = quote_spanned!(span => ::core::unreachable!());
    let nested = given.iter().rev().fold(anything, |rest, seen| quote_spanned!(span => (#seen, #rest)));
    let tie = quote_spanned!(method_span =>
        if false { __falx::Known::known((&#receiver, &result)).#method #generics(#witness, #nested, &result); }
    );
    quote_spanned!(span =>
        #(let #given = __falx::seen #kinds();)*
        let result = #receiver.#name #generics(#arguments);
        #tie
        result
    )
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
