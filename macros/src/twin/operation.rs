//! Prints operators, stores and method calls: Rust's own in a branch that never runs, falx's in the one that does.

use super::{expression, is_native, mixed, operand, site, witness};
use crate::model::{Expression, Manner, MethodCall, Operation, SiteRef, TypeRef, UnaryOperator};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

pub fn unary(
    operator: UnaryOperator,
    token: &TokenStream,
    under_cast: bool,
    callee: Option<TypeRef>,
    value: &Expression,
    number: Option<SiteRef>,
    span: Span,
) -> TokenStream {
    if under_cast || (operator == UnaryOperator::Not && callee.is_none()) {
        let value = operand(value);
        return quote!(#token #value);
    }
    let value = expression(value);
    let (site, checked) = (number.map(|number| site(number, span)), super::checked(span));
    let name = quote_spanned!(span => value);
    let tie = tie_operator(callee, operator, false, &name, &name, span);
    if operator == UnaryOperator::Not {
        return quote_spanned!(span => { let value = #value; #tie #token value });
    }
    quote_spanned!(span => {
        let value = #value;
        #tie
        if __falx::is_overloaded(&value, &value) {
            #token value
        } else {
            __falx::negate(value, #checked, #site)
        }
    })
}

/// `left op right`, each evaluated once, in order.
pub fn binary(operation: &Operation, left: &TokenStream, right: &TokenStream) -> TokenStream {
    let span = mixed(operation.span);
    let tie = tie_operands(operation, false, &quote_spanned!(span => left));
    let Some(defined) = defined_call(operation) else {
        let token = &operation.tokens;
        return quote_spanned!(span => { let left = #left; let right = #right; #tie left #token right });
    };
    let token = &operation.tokens;
    quote_spanned!(span => {
        let left = #left;
        let right = #right;
        #tie
        let result = if __falx::is_overloaded(&left, &right) {
            left #token right
        } else {
            #defined
        };
        result
    })
}

/// Ties the witness of an operator on `left` and the variable `right`.
pub fn tie_operands(operation: &Operation, assigns: bool, left: &TokenStream) -> TokenStream {
    let span = mixed(operation.span);
    let Some(operator) = operation.operator.definable() else { return TokenStream::new() };
    tie_operator(operation.callee, operator, assigns, left, &quote_spanned!(span => right), span)
}

fn tie_operator(
    callee: Option<TypeRef>,
    operator: impl std::fmt::Debug,
    assigns: bool,
    left: &TokenStream,
    right: &TokenStream,
    span: Span,
) -> TokenStream {
    let Some(callee) = callee else { return TokenStream::new() };
    let (witness, operator) = (witness(callee, span), Ident::new(&format!("{operator:?}"), span));
    let mut operator = quote_spanned!(span => __falx::operator::#operator);
    if assigns {
        operator = quote_spanned!(span => __falx::operator::Assign(#operator));
    }
    quote_spanned!(span => if false { (&__falx::Operands::of(&#left, &#right, #operator)).tie(#witness); })
}

/// The call of falx's function on `left` and `right`.
pub fn defined_call(operation: &Operation) -> Option<TokenStream> {
    let (span, name) = (mixed(operation.span), operation.operator.defined()?);
    let (function, site) = (Ident::new(name, span), site(operation.site?, span));
    Some(match operation.operator.may_fail() {
        true => quote_spanned!(span => __falx::#function(left, right, #site)),
        false => {
            let checked = super::checked(span);
            quote_spanned!(span => __falx::#function(left, right, #checked, #site))
        }
    })
}

/// `place op= value`: the value first, as Rust does for numbers.
pub fn assign(operation: &Operation, place: &TokenStream, value: &TokenStream) -> TokenStream {
    let (span, token) = (mixed(operation.span), &operation.tokens);
    let tie = tie_operands(operation, true, place);
    let Some(defined) = defined_call(operation) else {
        return quote_spanned!(span => { let right = #value; #tie #place #token right; });
    };
    quote_spanned!(span => {
        let right = #value;
        #tie
        if __falx::is_overloaded(&#place, &right) {
            #place #token right;
        } else {
            let left = #place;
            #place = #defined;
        }
    })
}

/// `receiver.name(arguments)`
pub fn method(call: &MethodCall, span: Span) -> TokenStream {
    match call.manner {
        Manner::Atomic => return atomic(call, span),
        Manner::Uniform => return uniform(call, span),
        _ => {}
    }
    let name = &call.name;
    if is_native(call.manner) {
        let arguments = call.arguments.iter().map(expression);
        return match &call.path {
            Some(path) => {
                let receiver = expression(&call.receiver);
                quote_spanned!(span => #path::#name(#receiver #(, #arguments)*))
            }
            None => {
                let receiver = operand(&call.receiver);
                quote_spanned!(span => #receiver.#name(#(#arguments),*))
            }
        };
    }
    defined_method(call, span)
}

fn defined_method(call: &MethodCall, span: Span) -> TokenStream {
    let name = &call.name;
    let receiver = expression(&call.receiver);
    let declared = call.path.as_ref().map(|path| quote_spanned!(span => : #path));
    let values: Vec<_> = call.arguments.iter().map(expression).collect();
    let names: Vec<_> =
        (0..values.len()).map(|position| format_ident!("argument_{}", position, span = span)).collect();
    let function = Ident::new(&name.to_string(), span);
    let (checked, number) = (super::checked(span), site(call.site, span));
    let site = match call.manner {
        Manner::Checked => quote_spanned!(span => , #number),
        _ if name == "abs" => quote_spanned!(span => , #checked, #number),
        _ => TokenStream::new(),
    };
    quote_spanned!(span => {
        let receiver #declared = #receiver;
        #(let #names = #values;)*
        if false { receiver.#name(#(#names),*) } else { __falx::#function(receiver #(, #names)* #site) }
    })
}

fn atomic(call: &MethodCall, span: Span) -> TokenStream {
    let receiver = operand(&call.receiver);
    let indices = call.arguments.iter().map(expression);
    let site = site(call.site, span);
    quote_spanned!(span => __falx::Atomic::atomic(&#receiver, #(#indices,)* #site))
}

fn uniform(call: &MethodCall, span: Span) -> TokenStream {
    let (path, value, site) = (&call.path, expression(&call.receiver), site(call.site, span));
    quote_spanned!(span => {
        let value = #value;
        if false { #path(value) } else { __falx::agreed(value, #site) }
    })
}
