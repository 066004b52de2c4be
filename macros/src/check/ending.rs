//! What ends a sequence outside of a `for`: `sum`, `fold`, `any` and their kin.

use super::Checker;
use super::sequence::{is_range, source_and_calls};
use crate::model::{Ended, Expression, Kind};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Expr;
use syn::spanned::Spanned;

/// The methods that end a sequence, and what each takes.
const ENDINGS: &[(&str, Takes)] = &[
    ("sum", Takes::Nothing),
    ("product", Takes::Nothing),
    ("count", Takes::Nothing),
    ("min", Takes::Nothing),
    ("max", Takes::Nothing),
    ("last", Takes::Nothing),
    ("fold", Takes::StartAndClosure),
    ("any", Takes::Closure),
    ("all", Takes::Closure),
    ("position", Takes::Closure),
    ("find", Takes::Closure),
    ("for_each", Takes::Closure),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Closure,
    StartAndClosure,
}

/// The methods that tell a sequence from an `Option`, which has some of the others, too.
const OF_SEQUENCES: &[&str] = &[
    "iter",
    "into_iter",
    "iter_mut",
    "rev",
    "enumerate",
    "step_by",
    "skip",
    "take_while",
    "skip_while",
    "map_while",
    "chain",
    "scan",
    "flatten",
    "cycle",
    "windows",
    "chunks",
    "chunks_exact",
];

impl Checker {
    /// `source.adaptor().ending()`; none for every other method call.
    pub(super) fn ending(&mut self, call: &syn::ExprMethodCall) -> Option<Kind> {
        let name = call.method.to_string();
        if is_iterator(call) {
            let text = "kernels have no iterators as values\nhint: go through it by `for`, or end it with `sum`, `fold`, `any` or the like";
            self.errors.at(&call.method, text);
            return Some(Kind::Bool(false, TokenStream::new()));
        }
        if !is_sequence(&call.receiver) || may_be_of_a_value(call) {
            return None;
        }
        let Some((_, takes)) = ENDINGS.iter().find(|(known, _)| name == *known) else {
            let hint = replacement(&name)?;
            self.errors.at(&call.method, format!("kernels have no `{name}`\nhint: {hint}"));
            return Some(Kind::Bool(false, TokenStream::new()));
        };
        let nothing = || Kind::Bool(false, TokenStream::new());
        let Some(sequence) = self.sequence(&call.receiver, call.receiver.span()) else {
            return Some(nothing());
        };
        let Some(arguments) = self.ending_arguments(call, *takes) else { return Some(nothing()) };
        let (site, ty) = (self.site(call), self.witness(call.method.span()));
        let declared = call.turbofish.as_ref().filter(|_| name == "sum" || name == "product");
        let declared = declared.and_then(|types| types.args.first()).map(ToTokens::to_token_stream);
        let name = call.method.clone();
        let turbofish = call.turbofish.clone();
        let ended = Ended { sequence, name, turbofish, declared, arguments, site, ty };
        Some(self.in_loop(None, |_, opened| Kind::Ended(opened.id, Box::new(ended))))
    }

    fn ending_arguments(&mut self, call: &syn::ExprMethodCall, takes: Takes) -> Option<Vec<Expression>> {
        let arguments: Vec<_> = call.args.iter().collect();
        let name = &call.method;
        match (takes, &arguments[..]) {
            (Takes::Nothing, []) => Some(Vec::new()),
            (Takes::Closure, [closure @ Expr::Closure(_)]) => Some(vec![self.argument(closure)]),
            (Takes::StartAndClosure, [start, closure @ Expr::Closure(_)]) => {
                Some(vec![self.expression(start), self.argument(closure)])
            }
            (takes, _) => {
                let wanted = match takes {
                    Takes::Nothing => format!("`{name}` takes no arguments"),
                    Takes::Closure => format!("`{name}` takes a closure\nhint: write `{name}(|x| ..)`"),
                    Takes::StartAndClosure => {
                        format!(
                            "`{name}` takes a first value and a closure\nhint: write `{name}(0, |sum, x| ..)`"
                        )
                    }
                };
                self.errors.at(name, wanted);
                None
            }
        }
    }
}

/// Whether an expression is something that a `for` goes through, and no value.
fn is_sequence(expression: &Expr) -> bool {
    let (source, calls) = source_and_calls(expression);
    let is_row = matches!(source, Expr::MethodCall(call) if call.method == "row" && call.args.len() == 1);
    let tells = |call: &&syn::ExprMethodCall| OF_SEQUENCES.iter().any(|name| call.method == name);
    is_range(source) || is_row || calls.iter().any(tells)
}

/// Whether a call gives an iterator for certain.
fn is_iterator(call: &syn::ExprMethodCall) -> bool {
    let whole = Expr::MethodCall(call.clone());
    let (source, calls) = source_and_calls(&whole);
    let goes_through = |call: &&syn::ExprMethodCall| {
        ["iter", "into_iter", "iter_mut"].iter().any(|name| call.method == name) && call.args.is_empty()
    };
    !calls.is_empty() && (is_range(source) || calls.first().is_some_and(goes_through))
}

/// Whether the call may be one of a method that values have, too, of what a method of the program's own gives that is called as
/// those of sequences are: `place.row(width).min(rows)`.
fn may_be_of_a_value(call: &syn::ExprMethodCall) -> bool {
    let (source, calls) = source_and_calls(&call.receiver);
    let is_of = |call: &syn::ExprMethodCall, names: &[&str]| names.iter().any(|name| call.method == name);
    let goes_through = calls.iter().any(|call| is_of(call, &["iter", "into_iter", "iter_mut"]));
    let is_certain = is_range(source) || goes_through;
    let takes_another = is_of(call, &["min", "max", "cmp", "partial_cmp", "eq", "lt"]);
    !is_certain && call.args.len() == 1 && takes_another
}

/// What to write in place of other methods that end a sequence.
fn replacement(name: &str) -> Option<&'static str> {
    Some(match name {
        "collect" => "declare an array before the loop, and store into it: `for (k, x) in .. { a[k] = x; }`",
        "reduce" => "write `fold` with a first value",
        "nth" => "write `skip(n)` before the `for`, or index",
        "min_by" | "max_by" | "min_by_key" | "max_by_key" => {
            "write `fold`, or a `for` that keeps the best so far"
        }
        "find_map" | "rposition" | "try_fold" | "try_for_each" | "partition" | "unzip" | "cmp" | "eq"
        | "lt" | "is_sorted" | "next" => "write a `for` with `break`",
        "peekable" | "fuse" | "by_ref" => "index with a variable of your own: `while k < n { .. }`",
        _ => return None,
    })
}
