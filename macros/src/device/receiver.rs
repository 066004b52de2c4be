//! What becomes of `self` and `Self` where a method becomes a function: a parameter, and the type.

use crate::errors::Errors;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{ItemFn, parse_quote};

/// How a method takes its receiver.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    None,
    Value,
    Shared,
    Mutable,
}

impl Receiver {
    pub fn of(sig: &syn::Signature) -> Self {
        match sig.receiver().map(|receiver| &receiver.kind) {
            None => Receiver::None,
            Some(syn::ReceiverKind::Reference(_, _, Some(_))) => Receiver::Mutable,
            Some(syn::ReceiverKind::Reference(..)) => Receiver::Shared,
            Some(_) => Receiver::Value,
        }
    }

    /// The receiver as a value.
    pub fn value(self, span: Span) -> Option<TokenStream> {
        let this = Ident::new("self", span);
        match self {
            Receiver::None => None,
            Receiver::Value => Some(quote!(#this)),
            Receiver::Shared | Receiver::Mutable => Some(quote!(*#this)),
        }
    }
}

pub fn parameter_name(input: &syn::FnArg) -> Option<&Ident> {
    match input {
        syn::FnArg::Typed(parameter) => match &*parameter.pat {
            syn::Pat::Ident(name) => Some(&name.ident),
            _ => None,
        },
        syn::FnArg::Receiver(_) => None,
    }
}

/// The receiver as a parameter like others.
pub fn self_parameter(input: &syn::FnArg, ty: &syn::Type, errors: &mut Errors) -> Option<syn::FnArg> {
    let syn::FnArg::Receiver(receiver) = input else { return None };
    if matches!(receiver.kind, syn::ReceiverKind::Typed(..)) {
        errors.at(receiver, "a method of a `#[device] impl` takes `self`, `&self` or `&mut self`");
        return None;
    }
    let name = self_name(receiver.self_token.span());
    let mutable = match receiver.kind {
        syn::ReceiverKind::Reference(_, _, mutable) => mutable,
        _ => receiver.mutability,
    };
    Some(parse_quote!(#mutable #name: #ty))
}

/// Silences what Rust never says of a method: that it does not use its receiver.
pub fn allow_unused_receiver(function: &mut ItemFn, method: &syn::Block) {
    fn names_self(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => names_self(group.stream()),
            TokenTree::Ident(name) => name == "self",
            _ => false,
        })
    }
    if !names_self(method.to_token_stream()) {
        function.attrs.push(parse_quote!(#[allow(unused_variables)]));
    }
}

/// What `self` is called in the function.
pub fn self_name(span: Span) -> Ident {
    Ident::new("self_", span)
}

/// Makes a function that changes `self_` return it, beside its result.
pub fn give_back(function: &mut ItemFn, ty: &syn::Type) {
    let result: syn::Type = match &function.sig.output {
        syn::ReturnType::Default => parse_quote!(()),
        syn::ReturnType::Type(_, ty) => (**ty).clone(),
    };
    function.sig.output = parse_quote!(-> (#ty, #result));
    let mut leave = Leave { is_used: false };
    leave.visit_block_mut(&mut function.block);
    let label: Option<syn::Label> = leave.is_used.then(|| parse_quote!('falx_body:));
    let (name, block) = (self_name(function.sig.ident.span()), &function.block);
    let block: syn::Block = parse_quote!({
        let falx_result: #result = #label #block;
        (#name, falx_result)
    });
    *function.block = block;
}

/// Turns `return` into leaving the block with a label.
struct Leave {
    is_used: bool,
}

impl VisitMut for Leave {
    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let syn::Expr::Return(node) = expression {
            self.is_used = true;
            let value = &node.expr;
            *expression = parse_quote!(break 'falx_body #value);
        }
    }
    fn visit_expr_closure_mut(&mut self, _closure: &mut syn::ExprClosure) {}
    fn visit_item_mut(&mut self, _item: &mut syn::Item) {}
}

/// Writes out `Self` and `self`.
pub struct Rewrite {
    path: Option<syn::Path>,
    /// The trait whose associated types `Self` has.
    of: Option<syn::Path>,
    /// How the method takes `self`, which is a value in the function.
    receiver: Receiver,
}

impl Rewrite {
    pub fn new(ty: &syn::Type, of: Option<&syn::Path>) -> Self {
        let path = match ty {
            syn::Type::Path(path) => Some(path.path.clone()),
            _ => None,
        };
        // With `::` before the arguments the path may stand everywhere.
        let path = path.map(|mut path| {
            for segment in &mut path.segments {
                if let syn::PathArguments::AngleBracketed(list) = &mut segment.arguments {
                    list.colon2_token.get_or_insert_default();
                }
            }
            path
        });
        Rewrite { path, of: of.cloned(), receiver: Receiver::None }
    }

    /// The same for the function of a method that takes its receiver so.
    pub fn lending(self, receiver: Receiver) -> Self {
        Rewrite { receiver, ..self }
    }

    /// What `self` is where neither `*` nor `.` says that it is the value itself.
    fn receiver(&self, span: Span) -> syn::Expr {
        let name = self_name(span);
        match self.receiver {
            Receiver::None | Receiver::Value => parse_quote!(#name),
            Receiver::Shared => parse_quote!(&#name),
            Receiver::Mutable => parse_quote!(&mut #name),
        }
    }
}

impl VisitMut for Rewrite {
    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        match expression {
            syn::Expr::Unary(syn::ExprUnary { op: syn::UnOp::Deref(_), expr, .. }) if is_self(expr) => {
                self.visit_itself(expr);
                *expression = (**expr).clone();
            }
            syn::Expr::Field(syn::ExprField { base: of, .. })
            | syn::Expr::Index(syn::ExprIndex { expr: of, .. })
                if is_self(of) =>
            {
                self.visit_itself(of);
                // The rest.
                if let syn::Expr::Index(index) = expression {
                    self.visit_expr_mut(&mut index.index);
                }
            }
            syn::Expr::MethodCall(call) if is_self(&call.receiver) => {
                self.visit_itself(&mut call.receiver);
                call.turbofish
                    .iter_mut()
                    .for_each(|types| self.visit_angle_bracketed_generic_arguments_mut(types));
                call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            }
            whole if is_self(whole) => *whole = self.receiver(syn::spanned::Spanned::span(whole)),
            _ => visit_mut::visit_expr_mut(self, expression),
        }
    }

    fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
        call.tokens = self.rewritten(std::mem::take(&mut call.tokens));
    }

    fn visit_type_mut(&mut self, ty: &mut syn::Type) {
        if let syn::Type::Path(written) = &*ty
            && let (Some(of), Some(this)) = (&self.of, &self.path)
            && written.qself.is_none()
            && let [first, name] = &written.path.segments.iter().collect::<Vec<_>>()[..]
            && first.ident == "Self"
        {
            let name = &name.ident;
            *ty = parse_quote!(<#this as #of>::#name);
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        let Some(first) = path.segments.first() else { return };
        if first.ident == "self" && path.segments.len() == 1 {
            *path = self_name(first.ident.span()).into();
        } else {
            self.visit_self_type(path);
        }
    }
}

/// Whether a token is the star of `*self`: none that multiplies, and none before a part of it.
fn dereferences_self(before: &[TokenTree], token: &TokenTree, after: &[TokenTree]) -> bool {
    let is_star = matches!(token, TokenTree::Punct(star) if star.as_char() == '*');
    let follows_operand = match before.last() {
        Some(TokenTree::Ident(name)) => !matches!(
            name.to_string().as_str(),
            "return" | "in" | "if" | "match" | "while" | "else" | "break"
        ),
        Some(TokenTree::Punct(mark)) => mark.as_char() == '?',
        Some(TokenTree::Literal(_) | TokenTree::Group(_)) => true,
        None => false,
    };
    is_star && !follows_operand && names(after.first(), "self") && !after.get(1).is_some_and(takes_part)
}

/// Whether a token behind a value begins what takes a part of it: `.name` or `[index]`.
fn takes_part(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(dot) => dot.as_char() == '.',
        TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Bracket,
        _ => false,
    }
}

impl Rewrite {
    /// The tokens of a macro, in which `*self`, `self.` and `self[` name the value, and `self` alone the receiver.
    fn rewritten(&self, tokens: TokenStream) -> TokenStream {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut result = TokenStream::new();
        for (position, token) in tokens.iter().enumerate() {
            let (before, after) = (&tokens[..position], &tokens[position + 1..]);
            match token {
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.rewritten(group.stream()));
                    inner.set_span(group.span());
                    inner.to_tokens(&mut result);
                }
                TokenTree::Punct(_) if dereferences_self(before, token, after) => {}
                TokenTree::Ident(name) if name == "self" => {
                    let is_value = before
                        .split_last()
                        .is_some_and(|(last, before)| dereferences_self(before, last, &tokens[position..]));
                    match is_value || after.first().is_some_and(takes_part) {
                        true => self_name(name.span()).to_tokens(&mut result),
                        false => self.receiver(name.span()).to_tokens(&mut result),
                    }
                }
                TokenTree::Ident(name) if name == "Self" => {
                    let mut path = name.clone().into();
                    self.visit_self_type(&mut path);
                    path.to_tokens(&mut result);
                }
                other => other.to_tokens(&mut result),
            }
        }
        result
    }

    /// `Self::name` with the type written out.
    fn visit_self_type(&self, path: &mut syn::Path) {
        let (Some(first), Some(ty)) = (path.segments.first(), &self.path) else { return };
        if first.ident != "Self" {
            return;
        }
        let span = first.ident.span();
        let mut ty = ty.clone();
        ty.segments.iter_mut().for_each(|segment| segment.ident.set_span(span));
        ty.segments.extend(path.segments.iter().skip(1).cloned());
        *path = ty;
    }

    /// `self` where it stands for the value.
    fn visit_itself(&mut self, expression: &mut syn::Expr) {
        visit_mut::visit_expr_mut(self, expression);
    }
}

fn names(token: Option<&TokenTree>, wanted: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(name)) if name == wanted)
}

fn is_self(expression: &syn::Expr) -> bool {
    match expression {
        syn::Expr::Path(path) => path.path.is_ident("self"),
        syn::Expr::Paren(inner) => is_self(&inner.expr),
        _ => false,
    }
}
