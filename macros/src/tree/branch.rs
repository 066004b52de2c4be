//! Prints patterns that test and what decides by them.

use super::{Text, expression, pattern};
use crate::model::{Arm, Binding, Expression, NumberValue, Pattern, RangePattern};
use proc_macro2::{TokenStream, TokenTree};

/// A pattern that may fail, or that binds what it tests.
pub fn tested_pattern(value: &Pattern, text: &mut Text) {
    match value {
        Pattern::At(Binding { name, local, mutable, .. }, _, inner) => {
            pattern(inner, text.word("At").identifier(name).word(local).word(mutable));
        }
        Pattern::Number(NumberValue::Integer(magnitude, negative), _) => {
            text.word("Integer").word(magnitude).word(negative);
        }
        Pattern::Number(NumberValue::Float(digits), _) => {
            text.word("Float").string(digits);
        }
        Pattern::Bool(value, _) => {
            text.word("Bool").word(value);
        }
        Pattern::Constant(local, _) => {
            text.word("Constant").word(local);
        }
        Pattern::Range(range) => range_pattern(range, text),
        Pattern::Or(cases) => {
            text.word("Or").list(cases, pattern);
        }
        Pattern::Rest(_) => {
            text.word("Rest");
        }
        _ => unreachable!("every other pattern was printed before"),
    }
}

/// `Name(..)`, `Name { .. }` or `Name`, by its path; what is taken out of it follows.
pub fn variant(path: &TokenStream, text: &mut Text) {
    let words = path.clone().into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    text.word("Variant").identifier(&words.last().unwrap_or_default());
}

fn range_pattern(range: &RangePattern, text: &mut Text) {
    let RangePattern { low, high, inclusive, .. } = range;
    text.word("Range").option(low.as_ref(), pattern).option(high.as_ref(), pattern).word(inclusive);
}

/// `match value { .. }`
pub fn match_expression(value: &Expression, arms: &[Arm], text: &mut Text) {
    expression(value, text.word("Match"));
    text.list(arms, |Arm { pattern: taken, guard, body }, text| {
        pattern(taken, text);
        text.option(guard.as_ref(), expression);
        expression(body, text);
    });
}

/// `let pattern = value`
pub fn condition(bound: &Pattern, value: &Expression, text: &mut Text) {
    pattern(bound, text.word("Let"));
    expression(value, text);
}
