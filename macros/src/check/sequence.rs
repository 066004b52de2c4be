//! What a `for` goes through: ranges, arrays and accessors, and the methods of iterators that pick, order and join their values.

use super::Checker;
use super::control::closed_range;
use super::operator::Place;
use crate::model::{Adaptor, Expression, Kind, Sequence, Source, Traversal, Use};
use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::{Expr, RangeLimits};

/// What the methods of a sequence may be, for hints.
const ADAPTORS: &str = "`rev`, `step_by`, `enumerate`, `skip`, `take`, `zip`, `chain`, `map`, `filter`, `filter_map`, `take_while`, `skip_while`, `map_while`, `scan`, `flat_map`, `flatten`, `cycle`, `inspect`, and arrays `windows` and `chunks`";

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
    "flatten",
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
                let pattern = checker.pattern(&node.pat);
                let body = checker.block(&node.body);
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
            Expr::Range(syn::ExprRange { start: Some(start), end: None, .. }) => {
                let start = self.expression(start);
                Some(Source::From(start, self.witness(variable)))
            }
            Expr::Range(open) => {
                self.errors.at(open, "a kernel's `for` needs the start of its range\nhint: write `0..b`");
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

    /// Some methods need to know what stands at each position: they go nowhere behind methods that leave that open.
    fn expect_order(&mut self, call: &syn::ExprMethodCall, before: &[&syn::ExprMethodCall]) {
        let name = &call.method;
        let of = |names: &[&str]| before.iter().find_map(|before| found(before, names));
        let culprit = match name.to_string().as_str() {
            "rev" => asked_from_the_end(before),
            "chain" => of(ENDING).or_else(|| of(&["cycle"])),
            "cycle" => of(&["cycle"]).or_else(|| before.iter().find_map(|before| with_closure(before))),
            _ => return,
        };
        let culprit = culprit.or_else(|| one_by_one(before));
        if let Some(culprit) = culprit {
            let text = format!(
                "a kernel has no `{name}` behind a `{culprit}`, of which nobody knows beforehand what it gives\n\
                 hint: write two loops, or put the `{name}` before it"
            );
            self.errors.at(name, text);
        }
    }

    fn adaptor(&mut self, call: &syn::ExprMethodCall, position: usize, source: &Source) -> Option<Adaptor> {
        let name = call.method.clone();
        let arguments: Vec<_> = call.args.iter().collect();
        let is_range = matches!(source, Source::Range { .. } | Source::From(..));
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
            ("flatten", []) => Adaptor::Flatten(name),
            ("cycle", []) => Adaptor::Cycle(name),
            (known, _) if ASKING.contains(&known) || CLOSED.contains(&known) => {
                return self.closed_adaptor(name, &arguments);
            }
            (parts, [length]) if PARTS.contains(&parts) && position == 0 && is_array(source) => {
                let site = self.site(call);
                Adaptor::Parts(name, self.expression(length), site)
            }
            ("into_iter", []) => Adaptor::Same(name),
            ("iter" | "iter_mut" | "copied" | "cloned", []) if !is_range => Adaptor::Same(name),
            (known, _) if TAKEN.contains(&known) => {
                self.errors.at(&name, wrong_number(&name, arguments.len()));
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

    /// A method that takes a closure.
    fn closed_adaptor(&mut self, name: syn::Ident, arguments: &[&Expr]) -> Option<Adaptor> {
        Some(match (name.to_string().as_str(), arguments) {
            ("scan", [start, closure @ Expr::Closure(_)]) => {
                Adaptor::Scan(name, self.expression(start), self.argument(closure))
            }
            ("flat_map", [Expr::Closure(closure)]) => {
                Adaptor::FlatMap(name, self.closure_giving(closure, Self::given_sequence))
            }
            ("map", [closure @ Expr::Closure(_)]) => Adaptor::Map(name, self.argument(closure)),
            ("filter", [closure @ Expr::Closure(_)]) => Adaptor::Filter(name, self.argument(closure)),
            (known, [closure @ Expr::Closure(_)]) if known != "scan" => {
                Adaptor::Closed(name, self.argument(closure))
            }
            (known, [other]) if known != "scan" => {
                let text =
                    format!("`{name}` in a kernel's `for` takes a closure\nhint: write `{name}(|x| ..)`");
                self.errors.at(other, text);
                return None;
            }
            _ => {
                self.errors.at(&name, wrong_number(&name, arguments.len()));
                return None;
            }
        })
    }
}

fn wrong_number(name: &syn::Ident, n_given: usize) -> String {
    format!("`{name}` does not take {n_given} arguments")
}

impl Checker {
    /// What a `zip` or `chain` takes.
    fn inner_sequence(&mut self, outer: &syn::Ident, inner: &Expr) -> Option<Box<Sequence>> {
        let (_, calls) = source_and_calls(inner);
        let unfit: &[&[&str]] = if outer == "zip" { &[LEAVING, ENDING] } else { &[ENDING, &["cycle"]] };
        let culprit = calls.iter().find_map(|call| unfit.iter().find_map(|names| found(call, names)));
        if let Some(name) = culprit.or_else(|| one_by_one(&calls)) {
            let text = format!(
                "a kernel has no `{name}` inside of a `{outer}`\nhint: write two loops, or put the `{name}` behind the `{outer}`"
            );
            self.errors.at(name, text);
        }
        self.sequence(inner, inner.span()).map(Box::new)
    }

    /// The sequence that a closure gives, alone or at the end of a block.
    fn given_sequence(&mut self, body: &Expr) -> Expression {
        let span = body.span();
        let kind = match body {
            Expr::Paren(inner) => return self.given_sequence(&inner.expr),
            Expr::Block(block) if block.label.is_none() => {
                self.attributes(&block.attrs);
                Kind::Block(self.block_ending_in(&block.block, Self::given_sequence))
            }
            _ => match self.sequence(body, span) {
                Some(sequence) => Kind::Sequence(Box::new(sequence)),
                None => return Expression::placeholder(span),
            },
        };
        Expression { span, kind }
    }
}

/// Methods that leave values out.
const LEAVING: &[&str] = &["filter", "filter_map", "skip_while"];
/// Methods that end a sequence before its time.
const ENDING: &[&str] = &["take_while", "map_while", "scan"];

fn is_of(name: &syn::Ident, names: &[&str]) -> bool {
    names.iter().any(|known| name == known)
}

/// The method that is one of these: a call's, or one in what it joins to the sequence.
fn found<'c>(call: &'c syn::ExprMethodCall, names: &[&str]) -> Option<&'c syn::Ident> {
    match is_of(&call.method, names) {
        true => Some(&call.method),
        false => joined(call).into_iter().find_map(|call| found(call, names)),
    }
}

/// The method that takes a closure, likewise.
fn with_closure(call: &syn::ExprMethodCall) -> Option<&syn::Ident> {
    match call.args.iter().any(|argument| matches!(argument, Expr::Closure(_))) {
        true => Some(&call.method),
        false => joined(call).into_iter().find_map(with_closure),
    }
}

/// The calls in what a call joins to the sequence, if it does.
fn joined(call: &syn::ExprMethodCall) -> Vec<&syn::ExprMethodCall> {
    match call.args.first() {
        Some(other) if is_of(&call.method, &["zip", "chain"]) => source_and_calls(other).1,
        _ => Vec::new(),
    }
}

/// The first method that, gone through from the end, has Rust ask closures for values that nobody gets.
fn asked_from_the_end<'c>(calls: &[&'c syn::ExprMethodCall]) -> Option<&'c syn::Ident> {
    let mut is_asked = false;
    let asks = |call: &&&'c syn::ExprMethodCall| {
        let was_asked = is_asked;
        is_asked |= with_closure(call).is_some();
        is_of(&call.method, &["zip"]) && is_asked || is_of(&call.method, &["take"]) && was_asked
    };
    calls.iter().find(asks).map(|call| &call.method)
}

/// The first method from which on the values come one by one, and positions tell nothing of them: what makes several of one, and what
/// counts behind a closure that is asked for what it leaves out.
fn one_by_one<'c>(calls: &[&'c syn::ExprMethodCall]) -> Option<&'c syn::Ident> {
    let (mut is_called, mut leaves) = (false, false);
    let is_first = |call: &&&'c syn::ExprMethodCall| {
        let (was_called, had_left) = (is_called, leaves);
        is_called |= found(call, &["map", "inspect"]).is_some();
        leaves |= found(call, LEAVING).or_else(|| found(call, ENDING)).is_some();
        let name = &call.method;
        is_of(name, &["flat_map", "flatten"])
            || is_of(name, &["skip", "step_by", "zip"]) && (was_called || had_left)
            || is_of(name, &["enumerate", "take"]) && had_left
    };
    calls.iter().find(is_first).map(|call| &call.method)
}

/// The methods without closures that a `for` knows, which were given too much or too little.
const TAKEN: &[&str] = &["rev", "enumerate", "step_by", "skip", "take", "zip", "chain", "flatten", "cycle"];

/// The methods with a closure that have an adaptor each.
const ASKING: &[&str] = &["map", "filter", "scan", "flat_map"];

/// The others with a closure, which a loop asks at each value.
const CLOSED: &[&str] = &["take_while", "skip_while", "filter_map", "map_while", "inspect"];

/// Whether a sequence begins with an array as it is.
fn is_array(source: &Source) -> bool {
    matches!(source, Source::Elements(None, Use::Lent, _))
}

impl Sequence {
    /// Whether the loop changes elements of what it goes through.
    fn changes(&self) -> bool {
        let inner = |adaptor: &Adaptor| match adaptor {
            Adaptor::Zip(_, other) | Adaptor::Chain(_, other) => other.changes(),
            Adaptor::FlatMap(_, closure) => gives_changed(closure),
            _ => false,
        };
        matches!(self.source, Source::Elements(_, Use::Changed, _)) || self.adaptors.iter().any(inner)
    }
}

/// Whether a closure gives a sequence whose elements the loop changes.
fn gives_changed(closure: &Expression) -> bool {
    match &closure.kind {
        Kind::Closure(closure) => gives_changed(&closure.body),
        Kind::Block(block) => block.value.as_deref().is_some_and(gives_changed),
        Kind::Sequence(sequence) => sequence.changes(),
        _ => false,
    }
}

/// Whether a sequence begins with a range.
pub(super) fn is_range(source: &Expr) -> bool {
    match source {
        Expr::Paren(inner) => is_range(&inner.expr),
        Expr::Group(inner) => is_range(&inner.expr),
        Expr::Range(range) => range.start.is_some(),
        _ => false,
    }
}

/// What a chain of an iterator's methods begins with, and the calls in order.
pub fn source_and_calls(expression: &Expr) -> (&Expr, Vec<&syn::ExprMethodCall>) {
    match expression {
        Expr::Paren(inner) => source_and_calls(&inner.expr),
        Expr::Group(inner) => source_and_calls(&inner.expr),
        Expr::MethodCall(call) if ITERATOR_METHODS.contains(&call.method.to_string().as_str()) => {
            let (source, mut calls) = source_and_calls(&call.receiver);
            calls.push(call);
            (source, calls)
        }
        other => (other, Vec::new()),
    }
}
