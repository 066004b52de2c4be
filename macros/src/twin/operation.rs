//! Prints operators, stores and method calls: Rust's own in a branch that never runs, falx's in the one that does.

use super::{is_native, mixed, operand, site, witness};
use crate::model::{Expression, Manner, MethodCall, Operation, SiteRef, TypeRef, UnaryOperator};
use crate::put::{Print, put, rust};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};

#[allow(clippy::too_many_arguments)]
pub fn unary(
    operator: UnaryOperator,
    token: &syn::UnOp,
    under_cast: bool,
    callee: Option<TypeRef>,
    value: &Expression,
    number: Option<SiteRef>,
    span: Span,
    tokens: &mut TokenStream,
) {
    if under_cast || (operator == UnaryOperator::Not && callee.is_none()) {
        let value = operand(value);
        return put!(tokens, span => #token #value);
    }
    let (site, checked) = (number.map(|number| site(number, span)), super::checked(span));
    let name = Ident::new("value", span);
    let tie = tie_operator(callee, operator, false, &name, &name, span);
    if operator == UnaryOperator::Not {
        return put!(tokens, span => { let value = #value; #tie #token value });
    }
    put!(tokens, span => {
        let value = #value;
        #tie
        if __falx::is_overloaded(&value, &value) {
            #token value
        } else {
            __falx::negate(value, #checked, #site)
        }
    });
}

/// `left op right`, each evaluated once, in order.
pub fn binary(operation: &Operation, left: &Expression, right: &Expression, tokens: &mut TokenStream) {
    let (span, token) = (mixed(operation.span), &operation.tokens);
    let name = Ident::new("left", span);
    let tie = tie_operands(operation, false, &name);
    let Some(defined) = defined_call(operation) else {
        return put!(tokens, span => { let left = #left; let right = #right; #tie left #token right });
    };
    put!(tokens, span => {
        let left = #left;
        let right = #right;
        #tie
        let result = if __falx::is_overloaded(&left, &right) {
            left #token right
        } else {
            #defined
        };
        result
    });
}

/// Ties the witness of an operator on `left` and the variable `right`.
pub fn tie_operands(operation: &Operation, assigns: bool, left: &impl ToTokens) -> impl ToTokens {
    let span = mixed(operation.span);
    let right = Ident::new("right", span);
    let operator = operation.operator.definable();
    operator.map(|operator| tie_operator(operation.callee, operator, assigns, left, right, span))
}

fn tie_operator(
    callee: Option<TypeRef>,
    operator: impl std::fmt::Debug,
    assigns: bool,
    left: &impl ToTokens,
    right: impl ToTokens,
    span: Span,
) -> impl ToTokens {
    callee.map(|callee| {
        let (witness, operator) = (witness(callee, span), Ident::new(&format!("{operator:?}"), span));
        let operator = Print(move |tokens: &mut TokenStream| match assigns {
            true => put!(tokens, span => __falx::operator::Assign(__falx::operator::#operator)),
            false => put!(tokens, span => __falx::operator::#operator),
        });
        rust!(span => __falx::Operands::of(&#left, &#right, #operator).tie(#witness);)
    })
}

/// The call of falx's function on `left` and `right`.
pub fn defined_call(operation: &Operation) -> Option<impl ToTokens> {
    let (span, name) = (mixed(operation.span), operation.operator.defined()?);
    let (function, site) = (Ident::new(name, span), site(operation.site?, span));
    let checked = (!operation.operator.may_fail()).then(|| {
        let checked = super::checked(span);
        rust!(span => #checked,)
    });
    Some(rust!(span => __falx::#function(left, right, #checked #site)))
}

/// `place op= value`: the value first, as Rust does for numbers.
pub fn assign(operation: &Operation, place: &Expression, value: &Expression, tokens: &mut TokenStream) {
    let (span, token) = (mixed(operation.span), &operation.tokens);
    let tie = tie_operands(operation, true, &place);
    let Some(defined) = defined_call(operation) else {
        return put!(tokens, span => { let right = #value; #tie #place #token right; });
    };
    put!(tokens, span => {
        let right = #value;
        #tie
        if __falx::is_overloaded(&#place, &right) {
            #place #token right;
        } else {
            let left = #place;
            #place = #defined;
        }
    });
}

/// `receiver.name(arguments)`
pub fn method(call: &MethodCall, span: Span, tokens: &mut TokenStream) {
    let MethodCall { receiver, name, arguments, manner, path, site: number } = call;
    match manner {
        Manner::Atomic => {
            let (receiver, site) = (operand(receiver), site(*number, span));
            let indices = arguments.iter().map(|index| rust!(span => #index,));
            put!(tokens, span => __falx::Atomic::atomic(&#receiver, #(#indices)* #site));
        }
        Manner::Uniform => {
            let site = site(*number, span);
            put!(tokens, span => {
                let value = #receiver;
                if false { #path(value) } else { __falx::agreed(value, #site) }
            });
        }
        _ if is_native(*manner) => match path {
            Some(path) => {
                let arguments = arguments.iter().map(|argument| rust!(span => , #argument));
                put!(tokens, span => #path::#name(#receiver #(#arguments)*));
            }
            None => {
                let receiver = operand(receiver);
                put!(tokens, span => #receiver.#name(#(#arguments),*));
            }
        },
        _ => defined_method(call, span, tokens),
    }
}

fn defined_method(call: &MethodCall, span: Span, tokens: &mut TokenStream) {
    let (name, receiver) = (&call.name, &call.receiver);
    let declared = call.path.as_ref().map(|path| rust!(span => : #path));
    let names: Vec<_> = (0..call.arguments.len())
        .map(|position| format_ident!("argument_{}", position, span = span))
        .collect();
    let values = names.iter().zip(&call.arguments).map(|(name, value)| rust!(span => let #name = #value;));
    let (names, following) = (&names, names.iter().map(|name| rust!(span => , #name)));
    let function = Ident::new(&name.to_string(), span);
    let (checked, number) = (super::checked(span), site(call.site, span));
    let checked = (call.manner != Manner::Checked && name == "abs").then_some(rust!(span => , #checked));
    let site = (call.manner == Manner::Checked || checked.is_some()).then_some(rust!(span => , #number));
    put!(tokens, span => {
        let receiver #declared = #receiver;
        #(#values)*
        if false { receiver.#name(#(#names),*) } else { __falx::#function(receiver #(#following)* #checked #site) }
    });
}
