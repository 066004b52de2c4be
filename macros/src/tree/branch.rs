//! Prints patterns that test and what decides by them.

use super::{boxed, expression, optional, pattern};
use crate::model::{Arm, Binding, Expression, NumberValue, Pattern, RangePattern};
use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

/// A pattern that may fail, or that binds what it tests.
pub fn tested_pattern(value: &Pattern) -> TokenStream {
    match value {
        Pattern::At(Binding { name, local, mutable, .. }, _, inner) => {
            let (name, inner) = (name.to_string(), pattern(inner));
            quote!(At { name: #name, local: #local, mutable: #mutable, inner: &#inner })
        }
        Pattern::Number(NumberValue::Integer(magnitude, negative), _) => {
            quote!(Integer { magnitude: #magnitude, negative: #negative })
        }
        Pattern::Number(NumberValue::Float(digits), _) => quote!(Float(#digits)),
        Pattern::Bool(value, _) => quote!(Bool(#value)),
        Pattern::Constant(local, _) => quote!(Constant(#local)),
        Pattern::Range(range) => range_pattern(range),
        Pattern::Or(cases) => {
            let cases = cases.iter().map(pattern);
            quote!(Or(&[#(#cases),*]))
        }
        Pattern::Rest(_) => quote!(Rest),
        _ => unreachable!("every other pattern was printed before"),
    }
}

/// `Name(..)`, `Name { .. }` or `Name`, by its path and what is taken out of it.
pub fn variant(path: &TokenStream, inner: &TokenStream) -> TokenStream {
    let words = path.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    let name = words.last().unwrap_or_default();
    quote!(Variant { name: #name, inner: &::falx::__private::tree::Pattern::#inner })
}

fn range_pattern(range: &RangePattern) -> TokenStream {
    let RangePattern { low, high, inclusive, .. } = range;
    let end = |end: &Option<Pattern>| {
        optional(end.as_ref().map(|end| {
            let end = pattern(end);
            quote!(&#end)
        }))
    };
    let (low, high) = (end(low), end(high));
    quote!(Range { low: #low, high: #high, inclusive: #inclusive })
}

/// `match value { .. }`
pub fn match_expression(value: &Expression, arms: &[Arm]) -> TokenStream {
    let value = boxed(value);
    let arms = arms.iter().map(|Arm { pattern: taken, guard, body }| {
        let (taken, body) = (pattern(taken), expression(body));
        let guard = optional(guard.as_ref().map(expression));
        quote!(::falx::__private::tree::Arm { pattern: #taken, guard: #guard, body: #body })
    });
    quote!(Match { value: #value, arms: &[#(#arms),*] })
}

/// `let pattern = value`
pub fn condition(bound: &Pattern, value: &Expression) -> TokenStream {
    let (bound, value) = (pattern(bound), boxed(value));
    quote!(Let { pattern: #bound, value: #value })
}
