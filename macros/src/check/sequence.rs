//! What a `for` goes through: ranges, arrays and accessors, and the methods of iterators that pick, order and join their values.

use super::Checker;
use super::control::closed_range;
use super::operator::Place;
use crate::model::{Adaptor, Kind, LocalRef, Pattern, Sequence, Source, Traversal, Use};
use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::{Expr, RangeLimits};

/// What the methods of a sequence may be, for hints.
const ADAPTORS: &str = "`rev`, `step_by`, `enumerate`, `skip`, `take`, `zip`, `chain`, `map`, `filter`, `filter_map`, `take_while`, `skip_while`, `map_while`, `inspect`, and arrays `windows` and `chunks`";

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

/// The methods of arrays that give slices of them.
const PARTS: &[&str] = &["windows", "chunks", "chunks_exact"];

impl Checker {
    /// A `for` through what is not a mere range.
    pub(super) fn traversal(&mut self, node: &syn::ExprForLoop) -> Kind {
        let Some(sequence) = self.sequence(&node.expr, node.pat.span()) else {
            return Kind::Bool(false, TokenStream::new());
        };
        self.in_loop(node.label.as_ref(), |checker, opened| {
            checker.scoped(|checker| {
                let mut pattern = checker.pattern(&node.pat);
                let body = checker.block(&node.body);
                // Rust stores through a mutable reference by itself, falx by borrowing what holds it.
                if sequence.changes() {
                    make_mutable(&mut pattern, &checker.stored);
                }
                Kind::ForEach(opened, Box::new(Traversal { pattern, sequence }), body)
            })
        })
    }

    pub(super) fn sequence(&mut self, sequence: &Expr, variable: proc_macro2::Span) -> Option<Sequence> {
        let (source, calls) = source_and_calls(sequence);
        let usage = match calls.first() {
            Some(call) if call.method == "iter" || PARTS.iter().any(|parts| call.method == parts) => {
                Use::Lent
            }
            Some(call) if call.method == "iter_mut" => Use::Changed,
            _ => Use::Taken,
        };
        let source = self.source(source, usage, variable)?;
        let mut adaptors = Vec::with_capacity(calls.len());
        for (position, call) in calls.iter().enumerate() {
            self.attributes(&call.attrs);
            self.expect_order(call, &calls[..position]);
            adaptors.extend(self.adaptor(call, position, &source));
        }
        Some(Sequence { source, adaptors })
    }

    fn source(&mut self, source: &Expr, usage: Use, variable: proc_macro2::Span) -> Option<Source> {
        if let Some((start, limits, end)) = closed_range(source) {
            let (start, end) = (self.expression(start), self.expression(end));
            let inclusive = matches!(limits, RangeLimits::Closed(_));
            let (dots, ty) = (*limits, self.witness(variable));
            return Some(Source::Range { start, end, inclusive, dots, ty });
        }
        match source {
            Expr::Paren(inner) => self.source(&inner.expr, usage, variable),
            Expr::Range(open) => {
                self.errors.at(open, "a kernel's `for` needs both ends of its range\nhint: write `a..b`");
                None
            }
            Expr::Reference(reference) => {
                self.attributes(&reference.attrs);
                let (and, mutability) = (&reference.and_token, &reference.mutability);
                let usage = if mutability.is_some() { Use::Changed } else { Use::Lent };
                self.elements(Some(quote::quote!(#and #mutability)), usage, &reference.expr)
            }
            Expr::MethodCall(call) if call.method == "row" && call.args.len() == 1 => {
                self.attributes(&call.attrs);
                let site = self.site(&*call.receiver);
                let accessor = Box::new(self.expression(&call.receiver));
                let index = Box::new(self.expression(&call.args[0]));
                Some(Source::Row(accessor, call.method.clone(), index, site))
            }
            _ => self.elements(None, usage, source),
        }
    }

    fn elements(&mut self, and: Option<TokenStream>, usage: Use, elements: &Expr) -> Option<Source> {
        if usage != Use::Changed {
            return Some(Source::Elements(and, usage, self.expression(elements)));
        }
        match self.place(elements)? {
            Place::Name(place) => Some(Source::Elements(and, usage, place)),
            Place::Part(_) => {
                self.errors.at(
                    elements,
                    "kernels have no mutable references to elements\n\
                     hint: copy the element with `let mut x = a[i];`, go through `&mut x`, and store it with `a[i] = x;`",
                );
                None
            }
        }
    }

    /// Rust calls the closure of a `map` also for values that a later method leaves out; and what is behind a `filter` has no
    /// positions that are known beforehand.
    fn expect_order(&mut self, call: &syn::ExprMethodCall, before: &[&syn::ExprMethodCall]) {
        let name = &call.method;
        let counts = ["step_by", "skip", "take", "zip", "enumerate"].iter().any(|counting| name == counting);
        let picks = |before: &&&syn::ExprMethodCall| {
            let ends = before.method == "take_while" || before.method == "map_while";
            let leaves =
                ["filter", "filter_map", "skip_while"].iter().any(|leaving| before.method == leaving);
            ends && (counts || name == "chain") || leaves && counts
        };
        if let Some(syn::ExprMethodCall { method, .. }) = before.iter().find(picks) {
            self.errors.at(
                name,
                format!(
                    "in a kernel's `for` no `{name}` stands behind a `{method}`, of which nobody knows how many it leaves\nhint: put the `{method}` behind it, or count in the body"
                ),
            );
            return;
        }
        let leaves_out = ["step_by", "skip", "take", "zip"].iter().any(|leaving| name == leaving);
        let asks = |before: &&&syn::ExprMethodCall| before.method == "map" || before.method == "inspect";
        if let Some(syn::ExprMethodCall { method, .. }) = before.iter().find(asks).filter(|_| leaves_out) {
            self.errors.at(
                name,
                format!(
                    "in a kernel's `for` no `{name}` stands behind a `{method}`, whose closure would be called for what `{name}` \
                     leaves out\nhint: put the `{method}` behind it"
                ),
            );
        }
    }

    fn adaptor(&mut self, call: &syn::ExprMethodCall, position: usize, source: &Source) -> Option<Adaptor> {
        let name = call.method.clone();
        let arguments: Vec<_> = call.args.iter().collect();
        let is_range = matches!(source, Source::Range { .. });
        Some(match (name.to_string().as_str(), &arguments[..]) {
            ("rev", []) => Adaptor::Reverse(name),
            ("enumerate", []) => Adaptor::Enumerate(name),
            ("step_by", [step]) => {
                let site = self.site(call);
                Adaptor::StepBy(name, self.expression(step), site)
            }
            ("skip", [count]) => Adaptor::Skip(name, self.expression(count)),
            ("take", [count]) => Adaptor::Take(name, self.expression(count)),
            ("zip", [other]) => {
                let other = self.inner_sequence(&name, other)?;
                Adaptor::Zip(name, other)
            }
            ("chain", [other]) => {
                let other = self.inner_sequence(&name, other)?;
                if other.changes() || matches!(source, Source::Elements(_, Use::Changed, _)) {
                    self.errors.at(
                        &name,
                        "a kernel's `for` changes nothing through a `chain`\nhint: write two loops",
                    );
                }
                Adaptor::Chain(name, other)
            }
            ("map", [closure @ Expr::Closure(_)]) => Adaptor::Map(name, self.argument(closure)),
            ("filter", [closure @ Expr::Closure(_)]) => Adaptor::Filter(name, self.argument(closure)),
            (known, [closure @ Expr::Closure(_)]) if CLOSED.contains(&known) => {
                Adaptor::Closed(name, self.argument(closure))
            }
            (known, [other]) if ["map", "filter"].contains(&known) || CLOSED.contains(&known) => {
                let text =
                    format!("`{name}` in a kernel's `for` takes a closure\nhint: write `{name}(|x| ..)`");
                self.errors.at(other, text);
                return None;
            }
            (parts, [length]) if PARTS.contains(&parts) && position == 0 && is_array(source) => {
                let site = self.site(call);
                Adaptor::Parts(name, self.expression(length), site)
            }
            ("into_iter", []) => Adaptor::Same(name),
            ("iter" | "iter_mut" | "copied" | "cloned", []) if !is_range => Adaptor::Same(name),
            (known, _) if TAKEN.contains(&known) || CLOSED.contains(&known) => {
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
        })
    }
}

impl Checker {
    /// What a `zip` or `chain` takes.
    fn inner_sequence(&mut self, outer: &syn::Ident, inner: &Expr) -> Option<Box<Sequence>> {
        let inner = self.sequence(inner, inner.span())?;
        let closure = inner.adaptors.iter().find_map(|adaptor| match adaptor {
            Adaptor::Map(name, _) | Adaptor::Filter(name, _) | Adaptor::Closed(name, _) => Some(name.clone()),
            _ => None,
        });
        if let Some(name) = closure {
            let text = format!(
                "in a kernel's `for` no `{name}` stands inside of a `{outer}`\nhint: put it behind the `{outer}`"
            );
            self.errors.at(name, text);
        }
        Some(Box::new(inner))
    }
}

/// The methods that a `for` knows, which were given too much or too little.
const TAKEN: &[&str] = &["rev", "enumerate", "step_by", "skip", "take", "zip", "chain", "map", "filter"];

/// The methods with a closure that a loop asks at each value, beside `map` and `filter`.
const CLOSED: &[&str] = &["take_while", "skip_while", "filter_map", "map_while", "inspect"];

/// Whether a sequence begins with an array as it is.
fn is_array(source: &Source) -> bool {
    matches!(source, Source::Elements(None, Use::Lent, _))
}

impl Sequence {
    /// Whether the loop changes elements of what it goes through.
    fn changes(&self) -> bool {
        let inner = |adaptor: &Adaptor| matches!(adaptor, Adaptor::Zip(_, other) | Adaptor::Chain(_, other) if other.changes());
        matches!(self.source, Source::Elements(_, Use::Changed, _)) || self.adaptors.iter().any(inner)
    }
}

/// Lets the names of a pattern be borrowed whose elements are stored to.
fn make_mutable(pattern: &mut Pattern, stored: &[LocalRef]) {
    match pattern {
        Pattern::Bind(binding) if stored.contains(&binding.local) => binding.mutable = true,
        Pattern::Tuple(tuple) => {
            tuple.leading.iter_mut().chain(&mut tuple.trailing).for_each(|part| make_mutable(part, stored));
        }
        Pattern::Array(parts, _) => parts.iter_mut().for_each(|part| make_mutable(part, stored)),
        _ => {}
    }
}

/// What a chain of an iterator's methods begins with, and the calls in order.
pub(super) fn source_and_calls(expression: &Expr) -> (&Expr, Vec<&syn::ExprMethodCall>) {
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
