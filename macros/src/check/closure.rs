//! Closures: passed to device functions, or bound by `let` and called.

use super::Checker;
use crate::model::{Closure, Expression, Kind, LocalRef, Pattern};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Expr;

/// A closure whose body is being checked.
pub struct OpenClosure {
    /// The number of the first local that can be its own.
    first: usize,
    /// The locals from outside that it uses.
    used: Vec<LocalRef>,
}

impl Checker {
    /// An argument of a call, where a closure may stand.
    pub(super) fn argument(&mut self, argument: &Expr) -> Expression {
        match argument {
            Expr::Closure(closure) => self.closure(closure),
            Expr::Paren(inner) => self.argument(&inner.expr),
            Expr::Group(inner) => self.argument(&inner.expr),
            other => self.expression(other),
        }
    }

    /// A closure.
    pub(super) fn closure(&mut self, node: &syn::ExprClosure) -> Expression {
        self.closure_giving(node, Self::expression)
    }

    /// A closure, and what its body is.
    pub(super) fn closure_giving(
        &mut self,
        node: &syn::ExprClosure,
        value_of: impl FnOnce(&mut Self, &Expr) -> Expression,
    ) -> Expression {
        self.attributes(&node.attrs);
        self.closure_head(node);
        let loops = std::mem::take(&mut self.loops);
        self.closures.push(OpenClosure { first: self.n_locals, used: Vec::new() });
        let (parameters, body) = self.scoped(|checker| {
            let parameters = node.inputs.iter().map(|input| checker.closure_input(input)).collect();
            (parameters, value_of(checker, &node.body))
        });
        self.loops = loops;
        let used = self.closures.pop().map(|closure| closure.used).unwrap_or_default();
        for local in &used {
            self.note_use(*local);
        }
        let moved = if node.capture.is_some() { used } else { Vec::new() };
        let (is_move, output) = (node.capture.to_token_stream(), node.output.to_token_stream());
        let closure = Closure { is_move, parameters, output, body, moved };
        Expression { span: node.inputs_begin.span, kind: Kind::Closure(Box::new(closure)) }
    }

    fn closure_head(&mut self, node: &syn::ExprClosure) {
        if let Some(token) = &node.asyncness {
            self.errors.at(token, "kernels cannot wait for futures");
        }
        if let Some(token) = &node.constness {
            self.errors.at(token, "a closure in a kernel cannot be `const`");
        }
        if let Some(lifetimes) = &node.lifetimes {
            self.errors.at(lifetimes, "a closure in a kernel names no lifetimes\nhint: leave out `for<..>`");
        }
    }

    fn closure_input(&mut self, input: &syn::Pat) -> (Pattern, TokenStream) {
        let (pattern, declared) = match input {
            syn::Pat::Type(typed) => {
                let ty = &typed.ty;
                (&*typed.pat, quote!(: #ty))
            }
            pattern => (pattern, TokenStream::new()),
        };
        (self.pattern(pattern), declared)
    }

    /// Notes that the closures around use a local.
    pub(super) fn note_use(&mut self, local: LocalRef) {
        for closure in &mut self.closures {
            if usize::from(local) < closure.first && !closure.used.contains(&local) {
                closure.used.push(local);
            }
        }
    }

    /// `f(x)`, where `f` is a name of the kernel.
    pub(super) fn apply(&mut self, closure: &syn::ExprPath, arguments: Vec<Expression>) -> Kind {
        let closure = self.expression(&Expr::Path(closure.clone()));
        Kind::Apply(Box::new(closure), arguments)
    }

    /// Whether a place is inside of a closure.
    pub(super) fn is_in_closure(&self) -> bool {
        !self.closures.is_empty()
    }
}
