//! Expressions: names, literals, casts, indices, calls.

use super::aggregate::names_variant;
use super::{Checker, DEPTH_LIMIT, Role};
use crate::methods;
use crate::model::{
    Conversion, Expression, Kind, LiteralType, Manner, MethodCall, Number, NumberValue, UserMethod,
};
use crate::spelling::spelling;
use crate::uniform::is_collective;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Lit};

impl Checker {
    /// Any expression, as a value.
    pub(super) fn expression(&mut self, expression: &Expr) -> Expression {
        if self.depth >= DEPTH_LIMIT {
            // One report is enough: whatever surrounds this is too deep for the same reason.
            if self.depth == DEPTH_LIMIT {
                self.depth += 1;
                self.errors.at(
                    expression,
                    format!("a kernel's expressions nest at most {DEPTH_LIMIT} deep\nhint: bind parts of this with `let`"),
                );
            }
            return Expression::placeholder(expression.span());
        }
        self.depth += 1;
        let result = self.expression_kind(expression);
        if self.depth <= DEPTH_LIMIT {
            self.depth -= 1;
        }
        result
    }

    fn expression_kind(&mut self, expression: &Expr) -> Expression {
        let kind = match expression {
            Expr::Paren(inner) => return self.expression(&inner.expr),
            Expr::Group(inner) => return self.expression(&inner.expr),
            Expr::Path(path) => return self.path(path),
            Expr::Lit(literal) => self.literal(literal, None),
            Expr::Unary(unary) => self.unary(unary),
            Expr::Reference(node) => self.reference(node),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Assign(assign) => self.assign(assign),
            Expr::Index(_) | Expr::Field(_) => Kind::Load(self.nested_place(expression)),
            Expr::Tuple(tuple) => self.tuple(tuple),
            Expr::Struct(literal) => self.struct_literal(literal),
            Expr::Cast(cast) => self.cast(cast),
            Expr::Array(array) => {
                let ty = self.witness(array.bracket_token.span.open());
                Kind::Array(array.elems.iter().map(|element| self.expression(element)).collect(), ty)
            }
            Expr::Repeat(repeat) => {
                let ty = self.witness(repeat.bracket_token.span.open());
                Kind::Repeat(Box::new(self.expression(&repeat.expr)), repeat.len.to_token_stream(), ty)
            }
            Expr::Const(node) => self.const_block(node),
            Expr::If(branch) => self.if_expression(branch),
            Expr::Block(block) => self.block_expression(block),
            Expr::Match(node) => self.match_expression(node),
            Expr::Let(node) => {
                self.errors.at(
                    node.let_token,
                    "`let` is a condition only in `if` and `while`, alone or joined with `&&`\n\
                     hint: write `matches!(value, pattern)`, or `if let .. { .. }`",
                );
                return Expression::placeholder(node.let_token.span());
            }
            Expr::Macro(call) if call.mac.path.is_ident("matches") => self.matches_macro(&call.mac),
            Expr::Try(node) if self.role != Role::Kernel => {
                self.attributes(&node.attrs);
                let value = Box::new(self.expression(&node.expr));
                Kind::Try(value, node.question_token.to_token_stream())
            }
            Expr::While(node) => self.while_loop(node),
            Expr::Loop(node) => self.endless_loop(node),
            Expr::ForLoop(node) => self.for_loop(node),
            Expr::Break(node) => self.break_expression(node),
            Expr::Continue(node) => self.continue_expression(node),
            Expr::Return(node) => self.return_expression(node),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Call(call) => self.call(call),
            Expr::Macro(call) => match self.saying(&call.mac) {
                Some(kind) => kind,
                None => return Expression::placeholder(call.span()),
            },
            other => {
                self.unsupported(other);
                return Expression::placeholder(other.span());
            }
        };
        Expression { span: first_span(expression), kind }
    }

    fn const_block(&mut self, node: &syn::ExprConst) -> Kind {
        self.attributes(&node.attrs);
        self.constant(node.const_token.span(), quote::quote!((#node)))
    }

    fn path(&mut self, path: &syn::ExprPath) -> Expression {
        self.attributes(&path.attrs);
        let is_bound = path.path.get_ident().is_some_and(|name| self.bound(name).is_some());
        if names_variant(&path.path) && !is_bound {
            return Expression { span: path.span(), kind: self.unit_variant(path) };
        }
        let Some(name) = path.path.get_ident() else {
            return self.capture(path);
        };
        if name == "self" {
            self.errors.at(
                name,
                "kernels cannot use `self`\nhint: copy what is needed before the kernel: `let x = self.x;`",
            );
            return Expression::placeholder(name.span());
        }
        match self.bound(name) {
            Some(bound) => {
                self.note_use(bound.local);
                Expression { span: name.span(), kind: Kind::Local(bound.local, name.clone()) }
            }
            None => self.capture(path),
        }
    }

    fn block_expression(&mut self, block: &syn::ExprBlock) -> Kind {
        self.attributes(&block.attrs);
        match &block.label {
            Some(label) => self.labelled_block(label, &block.block),
            None => Kind::Block(self.block(&block.block)),
        }
    }

    /// A literal; `sign` is the `-` before it.
    pub(super) fn literal(&mut self, literal: &syn::ExprLit, sign: Option<&syn::Token![-]>) -> Kind {
        self.attributes(&literal.attrs);
        match &literal.lit {
            Lit::Bool(value) => Kind::Bool(value.value, literal.to_token_stream()),
            lit => match self.number_value(lit, sign.is_some()) {
                Some(value) => {
                    let ty = LiteralType::Witness(self.witness(lit.span()));
                    Kind::Number(Number { sign: sign.copied(), literal: lit.clone(), value, ty })
                }
                None => Kind::Bool(false, TokenStream::new()),
            },
        }
    }

    /// The value of a numeric literal; reports every other literal.
    pub(super) fn number_value(&mut self, lit: &Lit, negative: bool) -> Option<NumberValue> {
        let sign = if negative { "-" } else { "" };
        match lit {
            Lit::Int(int) if !matches!(int.suffix(), "f32" | "f64") => match int.base10_parse::<u128>() {
                Ok(magnitude) => Some(NumberValue::Integer(magnitude, negative)),
                Err(error) => {
                    self.errors.push(error);
                    None
                }
            },
            Lit::Int(int) => Some(NumberValue::Float(format!("{sign}{}", int.base10_digits()))),
            Lit::Float(float) => {
                let digits = float.base10_digits();
                let zero = if digits.ends_with('.') { "0" } else { "" };
                Some(NumberValue::Float(format!("{sign}{digits}{zero}")))
            }
            Lit::Byte(byte) => Some(NumberValue::Integer(u128::from(byte.value()), negative)),
            other => {
                self.errors.at(
                    other,
                    "kernels work on numbers and `bool` only\nhint: write a number; `b'x'` is a `u8`",
                );
                None
            }
        }
    }

    fn cast(&mut self, cast: &syn::ExprCast) -> Kind {
        self.attributes(&cast.attrs);
        if is_half(&cast.ty) {
            return self.cast_to_half(cast);
        }
        if !matches!(&*cast.ty, syn::Type::Path(_) | syn::Type::Paren(_) | syn::Type::Group(_)) {
            self.errors.at(
                &cast.ty,
                "kernels cast to numbers only\nhint: name a scalar type such as `f32` or `usize`",
            );
        }
        let ty = self.witness(cast.ty.span());
        let value = self.cast_operand(&cast.expr, ty);
        Kind::Cast(Box::new(value), cast.as_token, cast.ty.clone(), ty)
    }

    /// `value as f16`, which Rust has for its own floats alone.
    fn cast_to_half(&mut self, cast: &syn::ExprCast) -> Kind {
        let (span, ty) = (cast.as_token.span(), &cast.ty);
        let in_falx = crate::twin::mixed(span);
        if let Expr::Lit(syn::ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }) = &*cast.expr {
            let value = &cast.expr;
            return self.constant(span, quote_spanned!(in_falx => #ty::from_f64_const(#value as f64)));
        }
        let (value, witness) = (Box::new(self.expression(&cast.expr)), self.witness(span));
        let function = quote_spanned!(in_falx => <#ty as ::falx::num::Number>::cast_from);
        Kind::Convert(value, Conversion::Function(function), witness)
    }

    fn method_call(&mut self, call: &syn::ExprMethodCall) -> Kind {
        self.attributes(&call.attrs);
        if call.method == "cast" {
            return self.cast_method(call);
        }
        let special =
            self.ending(call).or_else(|| self.unwrapping(call)).or_else(|| self.conversion_method(call));
        let special = special.or_else(|| self.contains_method(call));
        if let Some(kind) = special.or_else(|| self.slice_method(call)) {
            return kind;
        }
        if call.method == "swap" && call.args.len() == 2 {
            let text = "kernels have no `swap` of elements\nhint: write `(a[i], a[j]) = (a[j], a[i]);`";
            self.errors.at(&call.method, text);
        }
        self.atomic_order(call);
        let receiver = self.expression(&call.receiver);
        let Some(method) = methods::find(&call.method.to_string()) else {
            return self.user_method(call, receiver);
        };
        if let Some(turbofish) = &call.turbofish {
            let text = format!("`{}` takes no type arguments\nhint: leave out `::<..>`", method.name);
            self.errors.at(turbofish, text);
        }
        let arguments: Vec<_> = call.args.iter().map(|argument| self.expression(argument)).collect();
        if method.manner == Manner::Associated {
            let name = &call.method;
            let ty = match name.to_string().as_str() {
                "from_bits" => "f32",
                "from_f32" => "f16",
                _ => "u32",
            };
            self.errors.at(name, format!("`{name}` is not a method\nhint: write `{ty}::{name}(bits)`"));
        }
        self.expect_arguments(&call.method, method, arguments.len());
        if is_collective(method.name) {
            self.collective(&call.method);
        }
        let site = match method.manner {
            Manner::Atomic => self.site(&*call.receiver),
            _ => self.site(call),
        };
        let name = call.method.clone();
        Kind::Method(Box::new(MethodCall {
            receiver,
            path: None,
            name,
            manner: method.manner,
            arguments,
            site,
        }))
    }

    /// A method that falx does not know: of a user's type, or else rustc reports it.
    fn user_method(&mut self, call: &syn::ExprMethodCall, receiver: Expression) -> Kind {
        let name = call.method.clone();
        if methods::is_replaced(&name.to_string()) {
            self.errors.at(&name, methods::unknown(&name.to_string()));
        }
        let arguments = call.args.iter().map(|argument| self.argument(argument)).collect();
        let (ty, generics) = (self.witness(name.span()), call.turbofish.to_token_stream());
        Kind::UserMethod(Box::new(UserMethod { receiver, name, generics, arguments, ty }))
    }

    /// `value.unwrap()` or `value.expect("message")`, whose site has the words of the failure.
    fn unwrapping(&mut self, call: &syn::ExprMethodCall) -> Option<Kind> {
        let name = call.method.to_string();
        if !matches!(name.as_str(), "unwrap" | "expect") {
            return None;
        }
        let arguments: Vec<_> = call.args.iter().collect();
        let subject = match (name.as_str(), &arguments[..]) {
            ("unwrap", []) => {
                format!("there is nothing inside to unwrap in `{}`", spelling(call.to_token_stream()))
            }
            ("expect", [Expr::Lit(syn::ExprLit { lit: Lit::Str(message), .. })]) => message.value(),
            ("expect", [message, ..]) => {
                self.errors.at(message, "a kernel's `expect` takes a string literal");
                return Some(Kind::Bool(false, TokenStream::new()));
            }
            _ => return None,
        };
        let receiver = self.expression(&call.receiver);
        self.body.sites.push(crate::model::Site { span: call.method.span(), subject });
        let site = self.body.sites.len() - 1;
        // Both are the same but for what they say.
        let name = syn::Ident::new("unwrap", call.method.span());
        let (manner, arguments) = (Manner::Checked, Vec::new());
        Some(Kind::Method(Box::new(MethodCall { receiver, path: None, name, manner, arguments, site })))
    }

    /// What rustc does not check, because the twin calls a function of its own.
    fn expect_arguments(&mut self, name: &syn::Ident, method: &methods::Method, found: usize) {
        if method.manner != Manner::Native && method.n_arguments != found {
            let expected = method.n_arguments;
            let plural = if expected == 1 { "" } else { "s" };
            self.errors.at(name, format!("`{name}` takes {expected} argument{plural}, not {found}"));
        }
    }
}

/// Whether a type is that of halves, by its name.
fn is_half(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "f16"))
}

/// Where an expression's first token stands: that of its first part, as far as that leads.
fn first_span(expression: &Expr) -> Span {
    match expression {
        Expr::Assign(node) => first_span(&node.left),
        Expr::Binary(node) => first_span(&node.left),
        Expr::Call(node) => first_span(&node.func),
        Expr::Cast(node) => first_span(&node.expr),
        Expr::Field(node) => first_span(&node.base),
        Expr::Index(node) => first_span(&node.expr),
        Expr::MethodCall(node) => first_span(&node.receiver),
        Expr::Try(node) => first_span(&node.expr),
        Expr::Block(syn::ExprBlock { label: None, block, .. }) => block.brace_token.span.open(),
        Expr::If(node) => node.if_token.span(),
        Expr::Match(node) => node.match_token.span(),
        Expr::ForLoop(syn::ExprForLoop { label: None, for_token, .. }) => for_token.span(),
        Expr::While(syn::ExprWhile { label: None, while_token, .. }) => while_token.span(),
        Expr::Loop(syn::ExprLoop { label: None, loop_token, .. }) => loop_token.span(),
        Expr::Paren(node) => node.paren_token.span.open(),
        short => first_token(short),
    }
}

fn first_token(node: &impl ToTokens) -> Span {
    let first = node.to_token_stream().into_iter().next();
    first.map_or_else(Span::call_site, |token| match token {
        proc_macro2::TokenTree::Group(group) => group.span_open(),
        token => token.span(),
    })
}
