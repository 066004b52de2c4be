//! Blocks, statements, branches and loops.

use super::{Bound, Checker, OpenLoop, Role};
use crate::model::{Block, Counter, Expression, Kind, Loop, LoopRef, Pattern, Statement};
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, RangeLimits, Stmt};

impl Checker {
    /// A block with a scope of its own.
    pub(super) fn block(&mut self, block: &syn::Block) -> Block {
        self.block_ending_in(block, Self::expression)
    }

    /// A block, and what its last expression is.
    pub(super) fn block_ending_in(
        &mut self,
        block: &syn::Block,
        value_of: impl Fn(&mut Self, &Expr) -> Expression,
    ) -> Block {
        for statement in &block.stmts {
            if let Stmt::Item(item) = statement {
                self.inner_item(item, block);
            }
        }
        self.scoped(|checker| {
            let mut result = Block::default();
            let last = block.stmts.len().saturating_sub(1);
            for (position, statement) in block.stmts.iter().enumerate() {
                match statement {
                    Stmt::Expr(value, None) if position == last => {
                        result.value = Some(Box::new(value_of(checker, value)));
                    }
                    Stmt::Macro(call) if position == last && call.semi_token.is_none() => {
                        result.value = Some(Box::new(checker.macro_statement(call)));
                    }
                    statement => result.statements.extend(checker.statement(statement)),
                }
            }
            result
        })
    }

    fn statement(&mut self, statement: &Stmt) -> Option<Statement> {
        match statement {
            Stmt::Local(local) => self.let_statement(local),
            Stmt::Expr(value, semicolon) => {
                Some(Statement::Expression(self.expression(value), semicolon.is_some()))
            }
            Stmt::Macro(call) => Some(Statement::Expression(self.macro_statement(call), true)),
            Stmt::Item(_) => None,
        }
    }

    fn macro_statement(&mut self, call: &syn::StmtMacro) -> Expression {
        self.attributes(&call.attrs);
        let expression = syn::ExprMacro { attrs: Vec::new(), mac: call.mac.clone() };
        self.expression(&Expr::Macro(expression))
    }

    fn let_statement(&mut self, local: &syn::Local) -> Option<Statement> {
        self.attributes(&local.attrs);
        let span = local.let_token.span();
        let (pattern, declared) = match &local.pat {
            syn::Pat::Type(typed) => (&*typed.pat, Some(typed.ty.to_token_stream())),
            pattern => (pattern, None),
        };
        let Some(init) = &local.init else {
            return self.deferred_let(pattern, declared, span);
        };
        // The value does not see the names that this statement binds.
        let value = self.argument(&init.expr);
        self.name_local_memory(&value, pattern);
        if let Some((_, otherwise)) = &init.diverge {
            return Some(self.let_else(pattern, declared, value, otherwise, span));
        }
        // What stands for no value has no type that a witness could learn.
        let pattern = match value.is_unwitnessed() || matches!(value.kind, Kind::LocalMemory(..)) {
            true => self.pattern(pattern),
            false => self.let_pattern(pattern),
        };
        Some(Statement::Let { span, pattern, declared, value: Some(value) })
    }

    fn deferred_let(
        &mut self,
        pattern: &syn::Pat,
        declared: Option<TokenStream>,
        span: proc_macro2::Span,
    ) -> Option<Statement> {
        let syn::Pat::Ident(name) = pattern else {
            self.errors.at(pattern, "only a single name can be declared without a value");
            return None;
        };
        let ty = self.witness(name.ident.span());
        let binding = self.new_binding(name, ty, Some(ty));
        Some(Statement::Let { span, pattern: Pattern::Bind(binding), declared, value: None })
    }

    pub(super) fn if_expression(&mut self, branch: &syn::ExprIf) -> Kind {
        self.attributes(&branch.attrs);
        let (condition, then) = self.scoped(|checker| {
            let condition = Box::new(checker.condition(&branch.cond));
            (condition, checker.block(&branch.then_branch))
        });
        let otherwise =
            branch.else_branch.as_ref().map(|(_, otherwise)| Box::new(self.expression(otherwise)));
        Kind::If { condition, then, otherwise }
    }

    pub(super) fn while_loop(&mut self, node: &syn::ExprWhile) -> Kind {
        self.attributes(&node.attrs);
        // `break` in the condition belongs to this loop, too.
        self.in_loop(node.label.as_ref(), |checker, opened| {
            checker.scoped(|checker| {
                let condition = Box::new(checker.condition(&node.cond));
                Kind::While(opened, condition, checker.block(&node.body))
            })
        })
    }

    pub(super) fn endless_loop(&mut self, node: &syn::ExprLoop) -> Kind {
        self.attributes(&node.attrs);
        self.in_loop(node.label.as_ref(), |checker, opened| Kind::Loop(opened, checker.block(&node.body)))
    }

    pub(super) fn for_loop(&mut self, node: &syn::ExprForLoop) -> Kind {
        self.attributes(&node.attrs);
        let Some((start, limits, end)) = closed_range(&node.expr) else {
            return self.traversal(node);
        };
        let (start, end) = (self.expression(start), self.expression(end));
        let ty = self.witness(node.pat.span());
        self.in_loop(node.label.as_ref(), |checker, opened| {
            checker.scoped(|checker| {
                let pattern = checker.witnessed_pattern(&node.pat, ty);
                let inclusive = matches!(limits, RangeLimits::Closed(_));
                let dots = *limits;
                let counter = Counter { pattern, start, end, inclusive, dots, ty };
                Kind::For(opened, Box::new(counter), checker.block(&node.body))
            })
        })
    }

    pub(super) fn in_loop(
        &mut self,
        label: Option<&syn::Label>,
        work: impl FnOnce(&mut Self, Loop) -> Kind,
    ) -> Kind {
        self.opened(label, false, work)
    }

    pub(super) fn labelled_block(&mut self, label: &syn::Label, block: &syn::Block) -> Kind {
        self.opened(Some(label), true, |checker, opened| Kind::Labelled(opened, checker.block(block)))
    }

    fn opened(
        &mut self,
        label: Option<&syn::Label>,
        is_block: bool,
        work: impl FnOnce(&mut Self, Loop) -> Kind,
    ) -> Kind {
        let id = self.n_loops as LoopRef;
        self.n_loops += 1;
        self.loops.push(OpenLoop { id, label: label.map(|label| label.name.ident.clone()), is_block });
        let kind = work(self, Loop { id, label: label.to_token_stream() });
        self.loops.pop();
        kind
    }

    pub(super) fn break_expression(&mut self, node: &syn::ExprBreak) -> Kind {
        self.attributes(&node.attrs);
        let value = node.expr.as_ref().map(|value| Box::new(self.expression(value)));
        let target = self.loop_named(node.label.as_ref(), &node.break_token);
        Kind::Break(target, node.label.as_ref().map(ToTokens::to_token_stream), value)
    }

    pub(super) fn continue_expression(&mut self, node: &syn::ExprContinue) -> Kind {
        self.attributes(&node.attrs);
        let target = self.loop_named(node.label.as_ref(), &node.continue_token);
        if self.loops.iter().any(|open| open.id == target && open.is_block) {
            self.errors.at(
                &node.label,
                "this is the label of a block, which cannot be continued\nhint: leave it with `break`",
            );
        }
        Kind::Continue(target, node.label.as_ref().map(ToTokens::to_token_stream))
    }

    fn loop_named(&mut self, label: Option<&syn::Lifetime>, token: &impl ToTokens) -> LoopRef {
        let wanted: Option<&Ident> = label.map(|label| &label.ident);
        let mut open = self.loops.iter().rev();
        let is_meant = |open: &OpenLoop| match wanted {
            Some(_) => open.label.as_ref() == wanted,
            None => !open.is_block,
        };
        if let Some(target) = open.find(|open| is_meant(open)) {
            return target.id;
        }
        match label {
            Some(label) => {
                self.errors.at(label, format!("no loop or block of this kernel has the label `{label}`"));
            }
            None if self.loops.is_empty() => self.errors.at(token, "there is no loop around this"),
            None => self.errors.at(
                token,
                "there is no loop around this\nhint: a block is left by its label: `break 'label`",
            ),
        }
        0
    }

    pub(super) fn return_expression(&mut self, node: &syn::ExprReturn) -> Kind {
        self.attributes(&node.attrs);
        if let (Role::Kernel, Some(value), false) = (self.role, &node.expr, self.is_in_closure()) {
            self.errors.at(
                value,
                "a kernel returns nothing\nhint: store the result through an accessor, then write `return;`",
            );
        }
        Kind::Return(node.expr.as_ref().map(|value| Box::new(self.expression(value))))
    }

    /// Whether a name was declared without a value, and its witness.
    pub(super) fn deferred(&self, place: &Expression) -> Option<crate::model::TypeRef> {
        match &place.kind {
            Kind::Local(_, name) => self.bound(name).and_then(|Bound { deferred, .. }| deferred),
            _ => None,
        }
    }
}

/// The parts of a range that has both ends.
pub(super) fn closed_range(range: &Expr) -> Option<(&Expr, &RangeLimits, &Expr)> {
    match range {
        Expr::Paren(inner) => closed_range(&inner.expr),
        Expr::Group(inner) => closed_range(&inner.expr),
        Expr::Range(syn::ExprRange { start: Some(start), limits, end: Some(end), .. }) => {
            Some((start, limits, end))
        }
        _ => None,
    }
}
