//! What a `for` goes through: ranges and arrays, and the methods of iterators that pick and order their values.

use super::Checker;
use super::control::closed_range;
use crate::model::{Adaptor, Kind, Source, Traversal};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, RangeLimits};

/// What the methods of a sequence may be, for hints.
const ADAPTORS: &str = "`rev`, `step_by`, `enumerate`, `skip`, `take`";

/// The methods that belong to what a `for` goes through, whether kernels have them or not.
const ITERATOR_METHODS: &[&str] = &[
    "rev",
    "enumerate",
    "step_by",
    "skip",
    "take",
    "iter",
    "into_iter",
    "iter_mut",
    "copied",
    "cloned",
    "map",
    "filter",
    "filter_map",
    "flat_map",
    "zip",
    "chain",
    "windows",
    "chunks",
    "chunks_exact",
    "take_while",
    "skip_while",
    "map_while",
    "scan",
    "inspect",
    "cycle",
    "peekable",
    "fuse",
    "by_ref",
];

impl Checker {
    /// A `for` through what is not a mere range.
    pub(super) fn traversal(&mut self, node: &syn::ExprForLoop) -> Kind {
        let (source, calls) = source_and_calls(&node.expr);
        let Some(source) = self.source(source, node.pat.span()) else {
            return Kind::Bool(false, TokenStream::new());
        };
        let mut adaptors = Vec::with_capacity(calls.len());
        for (position, call) in calls.iter().enumerate() {
            self.attributes(&call.attrs);
            let next = calls.get(position + 1).map(|call| call.method.to_string());
            adaptors.extend(self.adaptor(call, &source, next.as_deref()));
        }
        self.in_loop(node.label.as_ref(), |checker, opened| {
            checker.scoped(|checker| {
                let pattern = checker.pattern(&node.pat);
                let traversal = Traversal { pattern, source, adaptors };
                Kind::ForEach(opened, Box::new(traversal), checker.block(&node.body))
            })
        })
    }

    fn source(&mut self, source: &Expr, variable: proc_macro2::Span) -> Option<Source> {
        if let Some((start, limits, end)) = closed_range(source) {
            let (start, end) = (self.expression(start), self.expression(end));
            let inclusive = matches!(limits, RangeLimits::Closed(_));
            let (dots, ty) = (limits.to_token_stream(), self.witness(variable));
            return Some(Source::Range { start, end, inclusive, dots, ty });
        }
        match source {
            Expr::Paren(inner) => return self.source(&inner.expr, variable),
            Expr::Range(open) => {
                self.errors.at(open, "a kernel's `for` needs both ends of its range\nhint: write `a..b`");
                return None;
            }
            Expr::Reference(reference) => {
                self.errors.at(
                    reference.and_token,
                    "a kernel's `for` goes through an array by value\nhint: leave out the `&`: `for x in values { .. }`",
                );
                return None;
            }
            _ => {}
        }
        Some(Source::Array(self.expression(source)))
    }

    fn adaptor(
        &mut self,
        call: &syn::ExprMethodCall,
        source: &Source,
        next: Option<&str>,
    ) -> Option<Adaptor> {
        let name = call.method.clone();
        let arguments: Vec<_> = call.args.iter().collect();
        let adaptor = match (name.to_string().as_str(), &arguments[..]) {
            ("rev", []) => Adaptor::Reverse(name),
            ("enumerate", []) => Adaptor::Enumerate(name),
            ("step_by", [step]) => {
                let site = self.site(call);
                Adaptor::StepBy(name, self.expression(step), site)
            }
            ("skip", [count]) => Adaptor::Skip(name, self.expression(count)),
            ("take", [count]) => Adaptor::Take(name, self.expression(count)),
            ("into_iter", []) => Adaptor::Same(name),
            ("iter", []) if matches!(source, Source::Array(_)) && next == Some("copied") => {
                Adaptor::Same(name)
            }
            ("copied", []) if matches!(source, Source::Array(_)) => Adaptor::Same(name),
            ("iter", []) => {
                self.errors.at(
                    name,
                    "a kernel's `for` goes through an array by value\n\
                     hint: write `for x in values { .. }`, or `values.iter().copied()`",
                );
                return None;
            }
            ("rev" | "enumerate" | "step_by" | "skip" | "take" | "into_iter" | "copied", _) => {
                self.errors.at(&name, format!("`{name}` does not take {} arguments", arguments.len()));
                return None;
            }
            _ => {
                self.errors.at(
                    &name,
                    format!(
                        "a kernel's `for` has no `{name}`\n\
                         hint: what it goes through may have {ADAPTORS}; put everything else into the body"
                    ),
                );
                return None;
            }
        };
        Some(adaptor)
    }
}

/// What a chain of an iterator's methods begins with, and the calls in order.
fn source_and_calls(expression: &Expr) -> (&Expr, Vec<&syn::ExprMethodCall>) {
    match expression {
        Expr::Paren(inner) => source_and_calls(&inner.expr),
        Expr::Group(inner) => source_and_calls(&inner.expr),
        Expr::MethodCall(call) if ITERATOR_METHODS.iter().any(|name| call.method == name) => {
            let (source, mut calls) = source_and_calls(&call.receiver);
            calls.push(call);
            (source, calls)
        }
        other => (other, Vec::new()),
    }
}
