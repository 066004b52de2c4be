//! What of the standard library kernels have beside methods: `mem::swap`, `cmp::min`, `Default`, `From` and `Into`, and
//! `contains` of a range.

use super::call::SCALARS;
use super::control::closed_range;
use super::{Checker, is_associated};
use crate::model::{
    BinaryOperator, Block, Call, Conversion, Expression, Kind, LogicOperator, Operation, Statement,
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, RangeLimits, Token};

/// The functions that kernels know, with their modules.
const FUNCTIONS: &[(&str, &str)] =
    &[("mem", "swap"), ("mem", "replace"), ("mem", "take"), ("cmp", "min"), ("cmp", "max")];

impl Checker {
    /// A function of the standard library; none for every other call.
    pub(super) fn standard_function(
        &mut self,
        function: &syn::ExprPath,
        call: &syn::ExprCall,
    ) -> Option<Kind> {
        let segments: Vec<_> =
            function.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let n_given = call.args.len();
        match &segments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [.., ty, "default"] if n_given == 0 && (is_associated(function) || SCALARS.contains(ty)) => {
                return Some(self.constant(function.span(), call.to_token_stream()));
            }
            [ty, "from"] if n_given == 1 && SCALARS.contains(ty) => {
                let ty = &function.path.segments[0].ident;
                return Some(self.converted(&call.args[0], &quote!(#ty), function.span()));
            }
            [ty, "try_from"] if SCALARS.contains(ty) => {
                let text = "kernels have no `try_from`\nhint: compare first: `if x <= 255 { Some(x as u8) } else { None }`";
                self.errors.at(&function.path.segments[1].ident, text);
                return Some(Kind::Bool(false, TokenStream::new()));
            }
            _ => {}
        }
        let is_full = ["core", "std"].contains(&segments.first()?.as_str());
        let known = match &segments[usize::from(is_full)..] {
            [module, name] => FUNCTIONS.iter().find(|known| **known == (module.as_str(), name.as_str())),
            _ => None,
        };
        let Some((module, name)) = known else {
            if is_full && !is_associated(function) && segments.len() > 2 {
                let text = "kernels call no functions of the standard library but `mem::swap`, `mem::replace`, `mem::take`, `cmp::min` and `cmp::max`\n\
                            hint: those of numbers are methods; write all else as a `#[device] fn`";
                self.errors.at(function, text);
                return Some(Kind::Bool(false, TokenStream::new()));
            }
            return None;
        };
        let span = function.span();
        let [module, name] = [module, name].map(|name| Ident::new(name, span));
        let arguments = call.args.iter().map(|argument| self.argument(argument)).collect();
        let path = quote_spanned!(crate::twin::mixed(span) => ::falx::__private::library::#name);
        // A module of the user's own may be called the same.
        let same = (!is_full).then(|| quote_spanned!(span => #function::<u8>, ::core::#module::#name::<u8>));
        let (generics, ty) = (TokenStream::new(), self.witness(span));
        Some(Kind::Call(Box::new(Call { path, generics, is_associated: false, same, ty, arguments })))
    }

    /// `x.into()`; none for every other method.
    pub(super) fn conversion_method(&mut self, call: &syn::ExprMethodCall) -> Option<Kind> {
        let is_into = call.method == "into" && call.args.is_empty() && call.turbofish.is_none();
        let span = call.method.span();
        is_into.then(|| self.converted(&call.receiver, &quote_spanned!(crate::twin::mixed(span) => _), span))
    }

    fn converted(&mut self, value: &Expr, ty: &TokenStream, span: Span) -> Kind {
        let (value, witness) = (Box::new(self.expression(value)), self.witness(span));
        let span = crate::twin::mixed(span);
        let function = quote_spanned!(span => __falx::converted::<#ty, _>);
        Kind::Convert(value, Conversion::Function(function), witness)
    }

    /// `(a..b).contains(&x)`; none for every other method.
    pub(super) fn contains_method(&mut self, call: &syn::ExprMethodCall) -> Option<Kind> {
        if call.method != "contains" {
            return None;
        }
        let (start, limits, end) = closed_range(&call.receiver)?;
        let [sought] = call.args.iter().collect::<Vec<_>>()[..] else { return None };
        let span = call.method.span();
        let (start, end) = (self.expression(start), self.expression(end));
        let sought = match sought {
            Expr::Reference(reference) if reference.mutability.is_none() => self.expression(&reference.expr),
            reference => {
                let star = syn::UnOp::Deref(Token![*](reference.span()));
                let unary = syn::ExprUnary { attrs: Vec::new(), op: star, expr: Box::new(reference.clone()) };
                self.expression(&Expr::Unary(unary))
            }
        };
        let (bind_start, start) = self.bind_value("start", start);
        let (bind_end, end) = self.bind_value("end", end);
        let (bind_sought, value) = self.bind_value("value", sought);
        let (below, sign) = match limits {
            RangeLimits::HalfOpen(_) => (BinaryOperator::Less, BinOp::Lt(Token![<](span))),
            RangeLimits::Closed(_) => (BinaryOperator::LessOrEqual, BinOp::Le(Token![<=](span))),
        };
        let (not_above, le) = (BinaryOperator::LessOrEqual, BinOp::Le(Token![<=](span)));
        let left = self.compared(not_above, le, start(), value(), span);
        let right = self.compared(below, sign, value(), end(), span);
        let and = BinOp::And(Token![&&](span));
        let both = Kind::Logic(LogicOperator::And, and, Box::new(left), Box::new(right));
        let statements: Vec<Statement> = vec![bind_start, bind_end, bind_sought];
        Some(Kind::Block(Block { statements, value: Some(Box::new(Expression { span, kind: both })) }))
    }

    fn compared(
        &mut self,
        operator: BinaryOperator,
        tokens: BinOp,
        left: Expression,
        right: Expression,
        span: Span,
    ) -> Expression {
        let callee = operator.definable().map(|_| self.witness(span));
        let operation = Operation { operator, tokens, span, site: None, callee };
        Expression { span, kind: Kind::Binary(operation, Box::new(left), Box::new(right)) }
    }
}
