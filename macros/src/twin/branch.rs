//! Prints what decides by patterns as Rust's own `match` and `let`, so that rustc checks that nothing is left out.

use super::{mixed, operand};
use crate::model::{Arm, Expression, Kind, LogicOperator};
use crate::put::{put, rust};
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// A condition, in which `let` stands without parentheses.
pub fn condition(value: &Expression) -> Condition<'_> {
    Condition(value)
}

/// See [`condition`].
pub struct Condition<'e>(&'e Expression);

impl ToTokens for Condition<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let span = Span::call_site();
        match &self.0.kind {
            Kind::Let(keyword, bound, value) => {
                let value = operand(value);
                put!(tokens, span => #keyword #bound = #value);
            }
            Kind::Logic(LogicOperator::And, token, left, right) => {
                let (left, right) = (condition(left), condition(right));
                put!(tokens, span => #left #token #right);
            }
            _ => operand(self.0).to_tokens(tokens),
        }
    }
}

/// `match value { .. }`
pub fn match_expression(
    keyword: &TokenStream,
    value: &Expression,
    arms: &[Arm],
    span: Span,
    tokens: &mut TokenStream,
) {
    let (value, span) = (operand(value), mixed(span));
    let arms = arms.iter().map(arm);
    put!(tokens, span => #keyword #value { #(#arms)* });
}

fn arm(Arm { pattern, guard, body }: &Arm) -> impl ToTokens {
    let span = Span::call_site();
    let guard = guard.as_ref().map(condition).map(|guard| rust!(span => if #guard));
    rust!(span => #pattern #guard => #body,)
}
