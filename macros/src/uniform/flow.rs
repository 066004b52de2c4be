//! Branches, loops and the ways out of them: where work-items part, and which of them are missing afterwards.

use super::cause::{Cause, Head, Parting, Written};
use super::{Frame, Kind, Leaving, Place, Value, Walk};
use syn::visit::Visit;
use syn::{Expr, Pat, Stmt};

impl<'s> Walk<'s> {
    pub(super) fn control_flow(&mut self, expression: &'s Expr) -> Value<'s> {
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
    pub(super) fn bind_pattern(&mut self, pattern: &'s Pat, value: &Value<'s>) {
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
            self.bind(name, Value { kind, ..*value });
        }
    }

    fn block_expression(&mut self, block: &'s syn::ExprBlock) -> Option<Cause<'s>> {
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
    fn block(&mut self, block: &'s syn::Block) -> Option<Cause<'s>> {
        self.scoped(|walk| {
            let mut last = None;
            for statement in &block.stmts {
                last = walk.statement(statement);
            }
            last
        })
    }

    fn statement(&mut self, statement: &'s Stmt) -> Option<Cause<'s>> {
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

    fn let_statement(&mut self, local: &'s syn::Local) {
        let Some(init) = &local.init else {
            return self.bind_pattern(&local.pat, &Value::default());
        };
        if let Some((names, values)) = side_by_side(&local.pat, &init.expr) {
            let values: Vec<_> = values.iter().map(|value| self.value(value)).collect();
            return names.iter().zip(&values).for_each(|(name, value)| self.bind_pattern(name, value));
        }
        let value = self.value(&init.expr);
        if let Some((_, otherwise)) = &init.diverge {
            let place = Place {
                head: Head::Keyword("let", Written(&local.pat)),
                condition: &init.expr,
                start: Written(local),
            };
            self.parted(value.cause, &place, |walk| walk.value(otherwise));
        }
        // Where the work-items have parted a new variable is only seen by those that are here.
        self.bind_pattern(&local.pat, &value);
    }

    fn branch(&mut self, branch: &'s syn::ExprIf) -> Option<Cause<'s>> {
        self.scoped(|walk| {
            let condition = walk.number(&branch.cond);
            let start = Written(&branch.if_token);
            let place =
                Place { head: Head::Keyword("if", Written(&branch.cond)), condition: &branch.cond, start };
            let value = walk.parted(condition, &place, |walk| {
                let then = walk.block(&branch.then_branch);
                let otherwise = branch.else_branch.as_ref().and_then(|(_, otherwise)| walk.number(otherwise));
                then.or(otherwise)
            });
            value.or(condition)
        })
    }

    fn arms(&mut self, node: &'s syn::ExprMatch) -> Option<Cause<'s>> {
        let scrutinee = self.value(&node.expr);
        let place = Place {
            head: Head::Keyword("match", Written(&node.expr)),
            condition: &node.expr,
            start: Written(&node.match_token),
        };
        let (mut value, mut parts) = (None, scrutinee.cause);
        for arm in &node.arms {
            let result = self.scoped(|walk| {
                walk.bind_pattern(&arm.pat, &scrutinee);
                if let Pat::Guard(guard) = &arm.pat {
                    let guard = walk.number(&guard.guard);
                    parts = parts.take().or(guard);
                }
                walk.parted(parts, &place, |walk| walk.number(&arm.body))
            });
            value = value.or(result);
        }
        value.or(parts)
    }

    fn while_loop(&mut self, node: &'s syn::ExprWhile) -> Option<Cause<'s>> {
        self.looped(node.label.as_ref(), true, |walk| {
            walk.scoped(|walk| {
                let condition = walk.number(&node.cond);
                let start = Written(&node.while_token);
                let place =
                    Place { head: Head::Keyword("while", Written(&node.cond)), condition: &node.cond, start };
                // Who leaves by the condition is missing in the condition's next evaluation.
                if let Some(cause) = condition {
                    walk.leave_here(walk.frames.len() - 1, place.parting(cause));
                }
                walk.parted(condition, &place, |walk| walk.block(&node.body));
            });
        });
        None
    }

    fn for_loop(&mut self, node: &'s syn::ExprForLoop) -> Option<Cause<'s>> {
        let sequence = self.sequence(&node.expr);
        let bound = self.differing_bound(&node.expr);
        let start = Written(&node.for_token);
        let place = Place { head: Head::For(node), condition: bound, start };
        self.looped(node.label.as_ref(), true, |walk| {
            walk.scoped(|walk| {
                walk.bind_pattern(&node.pat, &Value::plain(sequence.value));
                walk.parted(sequence.length, &place, |walk| walk.block(&node.body));
            });
        });
        None
    }

    /// The end of a range that may differ; else the whole.
    fn differing_bound(&mut self, range: &'s Expr) -> &'s Expr {
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
        label: Option<&'s syn::Label>,
        is_loop: bool,
        body: impl FnOnce(&mut Self),
    ) -> Option<Cause<'s>> {
        let number = self.n_loops;
        self.n_loops += 1;
        if self.leaving.len() <= number {
            self.leaving.resize(number + 1, Leaving::default());
        }
        let label = label.map(|label| &label.name.ident);
        self.frames.push(Frame { number, label, is_loop, skipped: None });
        body(self);
        self.frames.pop();
        self.leaving[number].value
    }

    /// The loop that a `break` or `continue` means.
    fn target(&self, label: Option<&syn::Lifetime>) -> Option<usize> {
        self.frames.iter().rposition(|frame| match label {
            Some(label) => frame.label == Some(&label.ident),
            None => frame.is_loop,
        })
    }

    fn leave_here(&mut self, position: usize, parting: Parting<'s>) {
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

    fn leave(&mut self, label: Option<&syn::Lifetime>, value: Option<Cause<'s>>) -> Option<Cause<'s>> {
        let target = self.target(label)?;
        let missing = self.missing();
        let cause = value.or_else(|| missing.as_ref().map(Parting::of_assignment));
        let known = &mut self.leaving[self.frames[target].number].value;
        if known.is_none() && cause.is_some() {
            *known = cause;
            self.has_changed = true;
        }
        if let Some(parting) = missing {
            (target..self.frames.len()).for_each(|position| self.leave_here(position, parting));
        }
        None
    }

    fn skip(&mut self, label: Option<&syn::Lifetime>) -> Option<Cause<'s>> {
        let target = self.target(label)?;
        if let Some(parting) = self.missing() {
            (target + 1..self.frames.len()).for_each(|position| self.leave_here(position, parting));
            self.frames[target].skipped.get_or_insert(parting);
        }
        None
    }

    fn give_up(&mut self) -> Option<Cause<'s>> {
        if let Some(parting) = self.missing() {
            (0..self.frames.len()).for_each(|position| self.leave_here(position, parting));
            self.returned.get_or_insert(parting);
        }
        None
    }

    fn attempt(&mut self, node: &'s syn::ExprTry) -> Option<Cause<'s>> {
        let value = self.value(&node.expr);
        let place = Place {
            head: Head::Keyword("", Written(&node.expr)),
            condition: &node.expr,
            start: Written(&node.question_token),
        };
        self.parted(value.cause, &place, |walk| walk.give_up());
        value.cause
    }
}

/// The parts of a tuple's pattern and of the tuple that it takes apart, if both are written out.
fn side_by_side<'s>(pattern: &'s Pat, value: &'s Expr) -> Option<(Parts<'s, Pat>, Parts<'s, Expr>)> {
    let (Pat::Tuple(names), Expr::Tuple(values)) = (pattern, value) else { return None };
    let has_rest = names.elems.iter().any(|name| matches!(name, Pat::Rest(_)));
    (!has_rest && names.elems.len() == values.elems.len()).then_some((&names.elems, &values.elems))
}

type Parts<'s, T> = &'s syn::punctuated::Punctuated<T, syn::Token![,]>;
