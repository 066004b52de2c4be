//! Prints what decides by patterns as Rust's own `match` and `let`, so that rustc checks that nothing is left out.

use super::{expression, mixed, operand, pattern};
use crate::model::{Arm, Expression, Kind, LogicOperator};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

/// A condition, in which `let` stands without parentheses.
pub fn condition(value: &Expression) -> TokenStream {
    match &value.kind {
        Kind::Let(keyword, bound, value) => {
            let (bound, value) = (pattern::printed(bound), operand(value));
            quote!(#keyword #bound = #value)
        }
        Kind::Logic(LogicOperator::And, token, left, right) => {
            let (left, right) = (condition(left), condition(right));
            quote!(#left #token #right)
        }
        _ => operand(value),
    }
}

/// `match value { .. }`
pub fn match_expression(keyword: &TokenStream, value: &Expression, arms: &[Arm], span: Span) -> TokenStream {
    let value = operand(value);
    let arms = arms.iter().map(arm);
    let span = mixed(span);
    quote_spanned!(span => #keyword #value { #(#arms)* })
}

fn arm(arm: &Arm) -> TokenStream {
    let (bound, body) = (pattern::printed(&arm.pattern), expression(&arm.body));
    let guard = arm.guard.as_ref().map(condition).map(|guard| quote!(if #guard));
    quote!(#bound #guard => #body,)
}
