//! Branches, loops and the ways out of them: where work-items part, and which of them are missing afterwards.

use super::cause::{Cause, Parting};
use super::{Frame, Kind, Leaving, Place, Value, Walk};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Expr, Pat, Stmt};

impl Walk {
    pub(super) fn control_flow(&mut self, expression: &Expr) -> Value {
        let cause = match expression {
            Expr::If(branch) => self.branch(branch),
            Expr::Match(node) => self.arms(node),
            Expr::Block(block) => self.block_expression(block),
            Expr::Unsafe(block) => self.block(&block.block),
            Expr::While(node) => self.while_loop(node),
            Expr::Loop(node) => self.looped(node.label.as_ref(), true, |walk| {
                walk.block(&node.body);
            }),
            Expr::ForLoop(node) => self.for_loop(node),
            Expr::Break(node) => {
                let value = node.expr.as_ref().and_then(|value| self.number(value));
                self.leave(node.label.as_ref(), value)
            }
            Expr::Continue(node) => self.skip(node.label.as_ref()),
            Expr::Return(node) => {
                if let Some(value) = &node.expr {
                    self.value(value);
                }
                self.give_up()
            }
            Expr::Try(node) => self.attempt(node),
            Expr::Let(node) => {
                let value = self.value(&node.expr);
                self.bind_pattern(&node.pat, &value);
                value.cause
            }
            _ => None,
        };
        Value::plain(cause)
    }

    /// Binds every name of a pattern to what it takes apart.
    pub(super) fn bind_pattern(&mut self, pattern: &Pat, value: &Value) {
        struct Names<'p>(Vec<&'p syn::PatIdent>);
        impl<'p> Visit<'p> for Names<'p> {
            fn visit_pat_ident(&mut self, name: &'p syn::PatIdent) {
                self.0.push(name);
                syn::visit::visit_pat_ident(self, name);
            }
        }
        let mut names = Names(Vec::new());
        names.visit_pat(pattern);
        let kind = match pattern {
            Pat::Ident(_) | Pat::Type(_) => value.kind,
            _ => Kind::Plain,
        };
        for name in names.0 {
            self.bind(name, Value { kind, ..value.clone() });
        }
    }

    fn block_expression(&mut self, block: &syn::ExprBlock) -> Option<Cause> {
        match &block.label {
            Some(label) => {
                let mut value = None;
                let left = self.looped(Some(label), false, |walk| value = walk.block(&block.block));
                value.or(left)
            }
            None => self.block(&block.block),
        }
    }

    /// A block; why its value may differ.
    fn block(&mut self, block: &syn::Block) -> Option<Cause> {
        self.scoped(|walk| {
            let mut last = None;
            for statement in &block.stmts {
                last = walk.statement(statement);
            }
            last
        })
    }

    fn statement(&mut self, statement: &Stmt) -> Option<Cause> {
        match statement {
            Stmt::Expr(value, None) => return self.number(value),
            Stmt::Expr(value, Some(_)) => {
                self.value(value);
            }
            Stmt::Local(local) => self.let_statement(local),
            Stmt::Macro(_) | Stmt::Item(_) => {}
        }
        None
    }

    fn let_statement(&mut self, local: &syn::Local) {
        let Some(init) = &local.init else {
            return self.bind_pattern(&local.pat, &Value::default());
        };
        let value = self.value(&init.expr);
        if let Some((_, otherwise)) = &init.diverge {
            let place = Place { keyword: "let", head: &local.pat, condition: &init.expr, span: local.span() };
            self.parted(value.cause.as_ref(), &place, |walk| walk.value(otherwise));
        }
        // Where the work-items have parted a new variable is only seen by those that are here.
        self.bind_pattern(&local.pat, &value);
    }

    fn branch(&mut self, branch: &syn::ExprIf) -> Option<Cause> {
        self.scoped(|walk| {
            let condition = walk.number(&branch.cond);
            let span = branch.if_token.span();
            let place = Place { keyword: "if", head: &branch.cond, condition: &branch.cond, span };
            let value = walk.parted(condition.as_ref(), &place, |walk| {
                let then = walk.block(&branch.then_branch);
                let otherwise = branch.else_branch.as_ref().and_then(|(_, otherwise)| walk.number(otherwise));
                then.or(otherwise)
            });
            value.or(condition)
        })
    }

    fn arms(&mut self, node: &syn::ExprMatch) -> Option<Cause> {
        let scrutinee = self.value(&node.expr);
        let place = Place {
            keyword: "match",
            head: &node.expr,
            condition: &node.expr,
            span: node.match_token.span(),
        };
        let (mut value, mut parts) = (None, scrutinee.cause.clone());
        for arm in &node.arms {
            let result = self.scoped(|walk| {
                walk.bind_pattern(&arm.pat, &scrutinee);
                if let Pat::Guard(guard) = &arm.pat {
                    let guard = walk.number(&guard.guard);
                    parts = parts.take().or(guard);
                }
                walk.parted(parts.as_ref(), &place, |walk| walk.number(&arm.body))
            });
            value = value.or(result);
        }
        value.or(parts)
    }

    fn while_loop(&mut self, node: &syn::ExprWhile) -> Option<Cause> {
        self.looped(node.label.as_ref(), true, |walk| {
            walk.scoped(|walk| {
                let condition = walk.number(&node.cond);
                let span = node.while_token.span();
                let place = Place { keyword: "while", head: &node.cond, condition: &node.cond, span };
                // Who leaves by the condition is missing in the condition's next evaluation.
                if let Some(cause) = &condition {
                    walk.leave_here(walk.frames.len() - 1, place.parting(cause));
                }
                walk.parted(condition.as_ref(), &place, |walk| walk.block(&node.body));
            });
        });
        None
    }

    fn for_loop(&mut self, node: &syn::ExprForLoop) -> Option<Cause> {
        let range = self.value(&node.expr);
        let bound = self.differing_bound(&node.expr);
        let counter = match range.kind {
            // The elements of an accessor.
            Kind::Memory => {
                let origin = super::Origin::Element(super::text(&node.expr));
                Some(Cause::new(origin, crate::tree::line(node.expr.span())))
            }
            _ => range.cause.clone(),
        };
        let (pattern, keyword, range_tokens) = (&node.pat, &node.in_token, &node.expr);
        let head = quote::quote!(#pattern #keyword #range_tokens);
        let span = node.for_token.span();
        let place = Place { keyword: "for", head: &head, condition: bound, span };
        self.looped(node.label.as_ref(), true, |walk| {
            walk.scoped(|walk| {
                walk.bind_pattern(&node.pat, &Value::plain(counter));
                walk.parted(range.cause.as_ref(), &place, |walk| walk.block(&node.body));
            });
        });
        None
    }

    /// The end of a range that may differ; else the whole.
    fn differing_bound<'e>(&mut self, range: &'e Expr) -> &'e Expr {
        match range {
            Expr::Paren(inner) => self.differing_bound(&inner.expr),
            Expr::Range(syn::ExprRange { start: Some(start), end: Some(end), .. }) => {
                if self.number(end).is_some() { end } else { start }
            }
            whole => whole,
        }
    }

    fn looped(
        &mut self,
        label: Option<&syn::Label>,
        is_loop: bool,
        body: impl FnOnce(&mut Self),
    ) -> Option<Cause> {
        let number = self.n_loops;
        self.n_loops += 1;
        if self.leaving.len() <= number {
            self.leaving.resize(number + 1, Leaving::default());
        }
        let label = label.map(|label| label.name.ident.clone());
        self.frames.push(Frame { number, label, is_loop, skipped: None });
        body(self);
        self.frames.pop();
        self.leaving[number].value.clone()
    }

    /// The loop that a `break` or `continue` means.
    fn target(&self, label: Option<&syn::Lifetime>) -> Option<usize> {
        self.frames.iter().rposition(|frame| match label {
            Some(label) => frame.label.as_ref() == Some(&label.ident),
            None => frame.is_loop,
        })
    }

    fn leave_here(&mut self, position: usize, parting: Parting) {
        if !self.frames[position].is_loop {
            // What stands before this in a block ran already, and will not run again.
            self.frames[position].skipped.get_or_insert(parting);
            return;
        }
        let leaving = &mut self.leaving[self.frames[position].number];
        if leaving.left.is_none() {
            leaving.left = Some(parting);
            self.has_changed = true;
        }
    }

    fn leave(&mut self, label: Option<&syn::Lifetime>, value: Option<Cause>) -> Option<Cause> {
        let target = self.target(label)?;
        let missing = self.missing();
        let cause = value.or_else(|| missing.as_ref().map(Parting::of_assignment));
        let known = &mut self.leaving[self.frames[target].number].value;
        if known.is_none() && cause.is_some() {
            *known = cause;
            self.has_changed = true;
        }
        if let Some(parting) = missing {
            (target..self.frames.len()).for_each(|position| self.leave_here(position, parting.clone()));
        }
        None
    }

    fn skip(&mut self, label: Option<&syn::Lifetime>) -> Option<Cause> {
        let target = self.target(label)?;
        if let Some(parting) = self.missing() {
            (target + 1..self.frames.len()).for_each(|position| self.leave_here(position, parting.clone()));
            self.frames[target].skipped.get_or_insert(parting);
        }
        None
    }

    fn give_up(&mut self) -> Option<Cause> {
        if let Some(parting) = self.missing() {
            (0..self.frames.len()).for_each(|position| self.leave_here(position, parting.clone()));
            self.returned.get_or_insert(parting);
        }
        None
    }

    fn attempt(&mut self, node: &syn::ExprTry) -> Option<Cause> {
        let value = self.value(&node.expr);
        let place =
            Place { keyword: "", head: &node.expr, condition: &node.expr, span: node.question_token.span() };
        self.parted(value.cause.as_ref(), &place, |walk| walk.give_up());
        value.cause
    }
}
