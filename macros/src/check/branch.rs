//! What decides by patterns: `match`, `let` in conditions, `let .. else`, `matches!`.

use super::Checker;
use crate::model::{Arm, Block, Expression, Kind, Pattern, Statement};
use crate::twin::mixed;
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Pat};

impl Checker {
    /// The condition of an `if`, a `while` or a guard; what it binds is bound from here on.
    pub(super) fn condition(&mut self, condition: &Expr) -> Expression {
        match condition {
            Expr::Let(node) => self.let_condition(node),
            Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) && has_let(condition) => {
                self.attributes(&binary.attrs);
                let left = Box::new(self.condition(&binary.left));
                let right = Box::new(self.condition(&binary.right));
                let operator = crate::model::LogicOperator::And;
                let span = left.span;
                Expression { span, kind: Kind::Logic(operator, binary.op, left, right) }
            }
            other => self.expression(other),
        }
    }

    fn let_condition(&mut self, node: &syn::ExprLet) -> Expression {
        self.attributes(&node.attrs);
        // The value does not see the names that the pattern binds.
        let value = Box::new(self.expression(&node.expr));
        let pattern = Box::new(self.pattern(&node.pat));
        let kind = Kind::Let(node.let_token.to_token_stream(), pattern, value);
        Expression { span: node.let_token.span(), kind }
    }

    pub(super) fn match_expression(&mut self, node: &syn::ExprMatch) -> Kind {
        self.attributes(&node.attrs);
        let value = Box::new(self.expression(&node.expr));
        let arms = node.arms.iter().map(|arm| self.arm(arm)).collect();
        Kind::Match(node.match_token.to_token_stream(), value, arms)
    }

    fn arm(&mut self, arm: &syn::Arm) -> Arm {
        self.attributes(&arm.attrs);
        self.scoped(|checker| {
            let (pattern, guard) = checker.guarded(&arm.pat);
            Arm { pattern, guard, body: checker.expression(&arm.body) }
        })
    }

    /// A pattern, and the guard behind it.
    fn guarded(&mut self, pattern: &Pat) -> (Pattern, Option<Expression>) {
        match pattern {
            Pat::Guard(guarded) => {
                self.attributes(&guarded.attrs);
                let pattern = self.pattern(&guarded.pat);
                (pattern, Some(self.condition(&guarded.guard)))
            }
            pattern => (self.pattern(pattern), None),
        }
    }

    /// `matches!(value, pattern if guard)`
    pub(super) fn matches_macro(&mut self, call: &syn::Macro) -> Kind {
        let parsed = match call.parse_body::<Matches>() {
            Ok(parsed) => parsed,
            Err(error) => {
                self.errors.push(error);
                return Kind::Bool(false, TokenStream::new());
            }
        };
        let value = Box::new(self.expression(&parsed.value));
        // Rustc's lints stop at what a macro made: nobody is told that the second arm is never reached.
        let span = mixed(call.path.span());
        let answer = |value: bool| {
            let word = Ident::new(if value { "true" } else { "false" }, span);
            Expression { span, kind: Kind::Bool(value, word.into_token_stream()) }
        };
        let yes = self.scoped(|checker| {
            let pattern = checker.pattern(&parsed.pattern);
            let guard = parsed.guard.as_ref().map(|guard| checker.condition(guard));
            Arm { pattern, guard, body: answer(true) }
        });
        let no = Arm { pattern: Pattern::Wild(span), guard: None, body: answer(false) };
        Kind::Match(Ident::new("match", span).into_token_stream(), value, vec![yes, no])
    }

    /// `let pattern = value else { .. };`
    pub(super) fn let_else(
        &mut self,
        pattern: &Pat,
        declared: Option<TokenStream>,
        value: Expression,
        otherwise: &Expr,
        span: Span,
    ) -> Statement {
        let otherwise_span = otherwise.span();
        let otherwise = match otherwise {
            Expr::Block(block) => self.block(&block.block),
            other => Block { statements: Vec::new(), value: Some(Box::new(self.expression(other))) },
        };
        let pattern = self.pattern(pattern);
        Statement::LetElse { span, pattern, declared, value, otherwise, otherwise_span }
    }
}

/// Whether a chain of `&&` has a `let` in it.
fn has_let(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => {
            has_let(&binary.left) || has_let(&binary.right)
        }
        _ => false,
    }
}

/// What stands in `matches!( .. )`.
struct Matches {
    value: Expr,
    pattern: Pat,
    guard: Option<Expr>,
}

impl syn::parse::Parse for Matches {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        let value = input.parse()?;
        input.parse::<syn::Token![,]>()?;
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = match input.parse::<Option<syn::Token![if]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        input.parse::<Option<syn::Token![,]>>()?;
        Ok(Matches { value, pattern, guard })
    }
}
