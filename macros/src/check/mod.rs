//! Turns a kernel's syntax into the [`model`](crate::model): resolves names, numbers bindings, loops, witnesses and sites, and
//! reports everything that is not in the kernel language.
//!
//! Knows no types: what depends on them is rustc's to check in the twin, or lowering's at run time.

mod aggregate;
mod atomic;
mod branch;
mod call;
mod closure;
mod collective;
mod control;
mod destructure;
mod ending;
mod expression;
mod item;
mod operator;
mod pattern;
mod reference;
mod say;
mod sequence;
mod standard;
mod unsupported;
mod vector;

pub use call::is_associated;
pub use collective::{is_local_function, is_uniform_function};
pub use destructure::parts as assigned_parts;
pub use reference::{is_mutable_reference, is_slice_reference};
pub use sequence::source_and_calls;

use crate::errors::Errors;
use crate::model::{Body, Capture, CaptureKind, Expression, Kind, LocalRef, LoopRef, Site, SiteRef, TypeRef};
use crate::spelling::spelling;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;

/// How deeply expressions may nest.
pub const DEPTH_LIMIT: usize = 200;

/// What kind of body is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A kernel: takes values from its surroundings, returns nothing.
    Kernel,
    /// A device function: takes nothing from its surroundings, returns a value.
    Device,
    /// A device function that is the operator of a reduction, in which work-items do not meet.
    Operator,
}

/// Checks one body.
pub struct Checker {
    /// What is wrong so far.
    pub errors: Errors,
    /// What the body has become so far.
    pub body: Body,
    /// The name of the device function whose body it is.
    pub function: Option<Ident>,
    /// The type parameters that stand for values.
    pub type_parameters: Vec<Ident>,
    role: Role,
    /// Names that are captured as arguments even when they are written in capitals: parameters of a `#[kernel]` function.
    arguments: Vec<Ident>,
    /// By text, since the compiler makes new text for each comparison of its identifiers.
    scopes: Vec<Vec<(String, Bound)>>,
    /// The names that the pattern being checked has bound so far, which its alternatives share.
    alternatives: Option<Vec<(Ident, LocalRef)>>,
    loops: Vec<OpenLoop>,
    n_locals: usize,
    n_loops: usize,
    depth: usize,
    /// The closures around the current place, outermost first.
    closures: Vec<closure::OpenClosure>,
    /// The names of items in inner blocks.
    inner_names: Vec<item::InnerName>,
}

/// A name bound inside the kernel.
#[derive(Clone, Copy)]
struct Bound {
    local: LocalRef,
    /// The witness of a name declared without a value, which its assignments tie.
    deferred: Option<TypeRef>,
}

/// What `break` may leave.
struct OpenLoop {
    id: LoopRef,
    label: Option<Ident>,
    /// Whether it is a block, which only a label leaves.
    is_block: bool,
}

impl Checker {
    /// A checker of a body that may capture `arguments` whatever their spelling.
    pub fn new(role: Role, arguments: Vec<Ident>) -> Self {
        Checker {
            errors: Errors::default(),
            body: Body::default(),
            function: None,
            type_parameters: Vec::new(),
            role,
            arguments,
            scopes: vec![Vec::new()],
            alternatives: None,
            loops: Vec::new(),
            n_locals: 0,
            n_loops: 0,
            depth: 0,
            closures: Vec::new(),
            inner_names: Vec::new(),
        }
    }

    /// Checks a whole body, after its parameters.
    pub fn body(&mut self, body: &syn::Expr) {
        self.body.block = match body {
            syn::Expr::Block(block) if block.label.is_none() && block.attrs.is_empty() => {
                self.outer_block(&block.block)
            }
            other => {
                let value = self.expression(other);
                self.check_inner_names(other);
                crate::model::Block { statements: Vec::new(), value: Some(Box::new(value)) }
            }
        };
    }

    /// Checks the body of a function, after its parameters.
    pub fn function_body(&mut self, body: &syn::Block) {
        self.body.block = self.outer_block(body);
    }

    fn witness(&mut self, span: Span) -> TypeRef {
        self.body.witnesses.push(span);
        self.number(self.body.witnesses.len() - 1, span)
    }

    fn site(&mut self, node: &impl ToTokens) -> SiteRef {
        self.body.sites.push(written(node));
        self.body.sites.len() - 1
    }

    /// The number of a new binding.
    pub fn new_local(&mut self, span: Span) -> LocalRef {
        self.n_locals += 1;
        self.number(self.n_locals - 1, span)
    }

    /// The tree numbers with 16 bits, of which the largest number stands for none.
    fn number(&mut self, number: usize, span: Span) -> u16 {
        match u16::try_from(number) {
            Ok(known) if known < u16::MAX => return known,
            // One report is enough.
            Ok(_) => self
                .errors
                .at_span(span, "this kernel is too long\nhint: move parts of it into `#[device] fn`s"),
            Err(_) => {}
        }
        0
    }

    fn bind(&mut self, name: &Ident, bound: Bound) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.push((name.to_string(), bound));
        }
    }

    fn bound(&self, name: &Ident) -> Option<Bound> {
        let name = name.to_string();
        let mut names = self.scopes.iter().rev().flat_map(|scope| scope.iter().rev());
        names.find(|(known, _)| *known == name).map(|(_, bound)| *bound)
    }

    fn scoped<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        self.scopes.push(Vec::new());
        let result = work(self);
        self.scopes.pop();
        result
    }

    /// Captures a constant expression: what it gives is compiled in.
    fn constant(&mut self, span: Span, tokens: TokenStream) -> Kind {
        let (local, ty) = (self.new_local(span), self.witness(span));
        let (name, kind) = (spelling(tokens.clone()), CaptureKind::Constant);
        self.body.captures.push(Capture {
            path: tokens.clone(),
            name,
            local,
            ty,
            kind,
            span,
            declared: None,
        });
        // Unlike a path, it may learn its type from where it stands.
        let tied = crate::twin::tied(tokens, Some(ty), span);
        Kind::Constant(local, tied.to_token_stream())
    }

    /// Captures what a path names.
    fn capture(&mut self, path: &syn::ExprPath) -> Expression {
        let span = path.span();
        let tokens = path.to_token_stream();
        let word = path.path.get_ident();
        let name = word.map_or_else(|| spelling(tokens.clone()), ToString::to_string);
        let is_constant = !word.is_some_and(|name| self.is_argument(name));
        if self.role != Role::Kernel && !is_constant {
            self.errors.at(path, outside_of_function(self.role, &name));
            return Expression::placeholder(span);
        }
        let known =
            self.body.captures.iter().position(|capture| capture.declared.is_none() && capture.name == name);
        let position = known.unwrap_or_else(|| {
            let kind =
                if is_constant { CaptureKind::Constant } else { CaptureKind::Argument { stored: false } };
            let (local, ty) = (self.new_local(span), self.witness(span));
            let declared = None;
            self.body.captures.push(Capture { path: tokens.clone(), name, local, ty, kind, span, declared });
            self.body.captures.len() - 1
        });
        let local = self.body.captures[position].local;
        let kind = match word {
            Some(name) if !is_constant => Kind::Local(local, name.clone()),
            _ => Kind::Constant(local, tokens),
        };
        Expression { span, kind }
    }

    /// Single names in capitals are constants, all others are values.
    fn is_argument(&self, name: &Ident) -> bool {
        let text = name.to_string();
        let is_capitals = text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase);
        !is_capitals || self.arguments.contains(name)
    }
}

fn outside_of_function(role: Role, name: &str) -> String {
    let text = match role {
        Role::Operator => "an operator cannot use names from its surroundings\nhint: ",
        _ => "a `#[device] fn` cannot use names from its surroundings\nhint: pass `{name}` as a parameter; ",
    };
    format!("{}a constant is written in capitals", text.replace("{name}", name))
}

impl Expression {
    /// Stands where an error was reported; never printed.
    fn placeholder(span: Span) -> Self {
        Expression { span, kind: Kind::Bool(false, TokenStream::new()) }
    }
}

/// What is written somewhere, and where.
fn written(node: &impl ToTokens) -> Site {
    let tokens: Vec<_> = node.to_token_stream().into_iter().collect();
    let span = tokens.first().map_or_else(Span::call_site, TokenTree::span);
    Site { span, subject: spelling(tokens) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(body: &str) -> Vec<String> {
        let mut checker = Checker::new(Role::Kernel, Vec::new());
        checker.body(&syn::parse_str(body).expect("an expression"));
        checker.errors.messages()
    }

    fn checked(body: &str) -> Body {
        let mut checker = Checker::new(Role::Kernel, Vec::new());
        checker.body(&syn::parse_str(body).expect("an expression"));
        assert!(checker.errors.is_empty(), "{:?}", checker.errors.messages());
        checker.body
    }

    #[test]
    fn every_error_is_reported_at_once() {
        let found = messages("{ let a = x.await; x.clone(); a.b = \"text\"; }");
        let first_lines: Vec<_> = found.iter().filter_map(|message| message.lines().next()).collect();
        assert_eq!(
            first_lines,
            [
                "kernels cannot wait for futures",
                "kernels have no method `clone`",
                "kernels work on numbers and `bool` only",
            ]
        );
    }

    #[test]
    fn names_bound_inside_are_no_captures() {
        let body = checked("{ let a = b + N; for k in 0..a { c[k] = a * k; } { let d = a; d; } d; }");
        let names: Vec<_> = body.captures.iter().map(|capture| capture.name.as_str()).collect();
        assert_eq!(names, ["b", "N", "c", "d"]);
    }

    #[test]
    fn a_value_does_not_see_the_name_that_its_let_binds() {
        let body = checked("{ let n = n + 1; n; }");
        assert_eq!(body.captures.len(), 1);
    }

    #[test]
    fn only_captures_that_are_stored_to_are_mutable() {
        let body = checked("{ c[0] = a[0]; d[1] += 1.0; }");
        let stored: Vec<_> =
            body.captures.iter().map(|capture| (capture.name.as_str(), capture.kind)).collect();
        let argument = |stored| CaptureKind::Argument { stored };
        assert_eq!(stored, [("a", argument(false)), ("c", argument(true)), ("d", argument(true))]);
    }

    #[test]
    fn more_names_than_can_be_numbered_are_reported_once_for_each_kind_of_number() {
        let statements = |count: usize| format!("{{ {} }}", "let a = true;".repeat(count));
        assert_eq!(messages(&statements(65_535)), Vec::<String>::new());
        let found = messages(&statements(65_600));
        let expected = "this kernel is too long\nhint: move parts of it into `#[device] fn`s";
        assert_eq!(found, [expected, expected]);
    }

    #[test]
    fn nesting_at_the_limit_is_accepted_and_beyond_it_is_one_error() {
        let nested = |depth| format!("{}x", "!".repeat(depth));
        assert_eq!(messages(&nested(DEPTH_LIMIT - 1)), Vec::<String>::new());
        assert_eq!(messages(&nested(DEPTH_LIMIT)).len(), 1);
    }
}
