//! Patterns: what they bind and what they test.
//!
//! Whether a pattern may fail where it stands is for rustc to say.

use super::aggregate::names_variant;
use super::{Bound, Checker};
use crate::model::{Binding, Kind, Parameter, Pattern, RangePattern, TypeRef, UNWITNESSED};
use proc_macro2::Ident;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, Pat};

impl Checker {
    /// A parameter and its type.
    pub fn parameter(&mut self, parameter: &syn::PatType) {
        self.attributes(&parameter.attrs);
        let ty = self.witness(parameter.ty.span());
        let pattern = self.witnessed_pattern(&parameter.pat, ty);
        self.body.parameters.push(Parameter { pattern, declared: parameter.ty.to_token_stream(), ty });
    }

    /// A parameter that is a closure or a mutable reference, which has no witness.
    pub fn unwitnessed_parameter(&mut self, name: &syn::PatIdent, parameter: &syn::PatType) {
        self.attributes(&parameter.attrs);
        let (pattern, declared, ty) = (
            Pattern::Bind(self.new_binding(name, UNWITNESSED, None)),
            parameter.ty.to_token_stream(),
            UNWITNESSED,
        );
        self.body.parameters.push(Parameter { pattern, declared, ty });
    }

    /// The absent work-item of a single task.
    pub fn unit_parameter(&mut self, span: proc_macro2::Span) {
        let ty = self.witness(span);
        let declared = quote::quote_spanned!(span => ());
        self.body.parameters.push(Parameter { pattern: Pattern::Wild(span), declared, ty });
    }

    /// A pattern for a value whose witness is `ty`, which a single name shares.
    pub(super) fn witnessed_pattern(&mut self, pattern: &Pat, ty: TypeRef) -> Pattern {
        match pattern {
            Pat::Ident(name) if is_plain_name(name) => {
                self.attributes(&name.attrs);
                Pattern::Bind(self.new_binding(name, ty, None))
            }
            pattern => self.pattern(pattern),
        }
    }

    /// The pattern of a `let`: a single name gets a witness.
    pub(super) fn let_pattern(&mut self, pattern: &Pat) -> Pattern {
        match pattern {
            Pat::Ident(name) if is_plain_name(name) => {
                let ty = self.witness(name.ident.span());
                self.witnessed_pattern(pattern, ty)
            }
            pattern => self.pattern(pattern),
        }
    }

    /// A pattern; its names are bound from here on, and a name that alternatives share once.
    pub(super) fn pattern(&mut self, pattern: &Pat) -> Pattern {
        if self.alternatives.is_some() {
            return self.part(pattern);
        }
        self.alternatives = Some(Vec::new());
        let pattern = self.part(pattern);
        self.alternatives = None;
        pattern
    }

    pub(super) fn part(&mut self, pattern: &Pat) -> Pattern {
        match pattern {
            Pat::Ident(name) => self.name_pattern(name),
            Pat::Wild(wild) => Pattern::Wild(wild.span()),
            Pat::Paren(parenthesised) => self.part(&parenthesised.pat),
            Pat::Slice(slice) => {
                let elements = slice.elems.iter().map(|element| self.part(element)).collect();
                Pattern::Array(elements, slice.span())
            }
            Pat::TupleStruct(call)
                if call.elems.len() == 1 && names_id(&call.path) && call.qself.is_none() =>
            {
                Pattern::Id(call.path.to_token_stream(), Box::new(self.part(&call.elems[0])))
            }
            Pat::Tuple(tuple) => self.tuple_pattern(tuple),
            Pat::TupleStruct(call) => self.tuple_struct_pattern(call),
            Pat::Struct(fields) => self.struct_pattern(fields),
            Pat::Or(or) => Pattern::Or(or.cases.iter().map(|case| self.part(case)).collect()),
            Pat::Lit(literal) => self.literal_pattern(literal),
            Pat::Range(range) => self.range_pattern(range),
            Pat::Path(path) => self.constant_pattern(path),
            Pat::Rest(rest) => Pattern::Rest(rest.span()),
            Pat::Reference(reference) if reference.mutability.is_none() => {
                let inner = Box::new(self.part(&reference.pat));
                Pattern::Reference(reference.and_token.to_token_stream(), inner)
            }
            other => {
                self.errors.at(other, unsupported(other));
                Pattern::Wild(other.span())
            }
        }
    }

    fn name_pattern(&mut self, pattern: &syn::PatIdent) -> Pattern {
        self.attributes(&pattern.attrs);
        if let (Some(by_ref), Some(_)) = (&pattern.by_ref, &pattern.mutability) {
            let text = "kernels have no `ref mut`\nhint: match on `&mut value`, of which the names of a pattern are references";
            self.errors.at(by_ref, text);
        }
        if is_plain_name(pattern) && pattern.mutability.is_none() && self.names_constant(&pattern.ident) {
            let path = syn::ExprPath { attrs: Vec::new(), qself: None, path: pattern.ident.clone().into() };
            return self.constant_pattern(&path);
        }
        let binding = self.new_binding(pattern, UNWITNESSED, None);
        match &pattern.subpat {
            Some((at, inner)) => Pattern::At(binding, at.to_token_stream(), Box::new(self.part(inner))),
            None => Pattern::Bind(binding),
        }
    }

    /// Binds a name whose witness is known. What another alternative of the same pattern has bound keeps its number.
    pub(super) fn new_binding(
        &mut self,
        pattern: &syn::PatIdent,
        ty: TypeRef,
        deferred: Option<TypeRef>,
    ) -> Binding {
        let name = &pattern.ident;
        let shared = self.alternatives.iter().flatten().find(|(known, _)| known == name);
        let local = match shared {
            Some((_, local)) => *local,
            None => {
                let local = self.new_local(name.span());
                self.bind(name, Bound { local, deferred });
                self.alternatives.iter_mut().for_each(|names| names.push((name.clone(), local)));
                local
            }
        };
        let mutable = pattern.mutability.is_some();
        Binding { name: name.clone(), local, ty, mutable, lent: pattern.by_ref }
    }

    fn literal_pattern(&mut self, literal: &syn::ExprLit) -> Pattern {
        self.attributes(&literal.attrs);
        let tokens = literal.to_token_stream();
        let value = match &literal.lit {
            syn::Lit::Bool(value) => return Pattern::Bool(value.value, tokens),
            // In a pattern the sign belongs to the literal.
            syn::Lit::Int(int) if int.base10_digits().starts_with('-') => {
                let positive = syn::LitInt::new(int.to_string().trim_start_matches('-'), int.span());
                self.number_value(&syn::Lit::Int(positive), true)
            }
            lit => self.number_value(lit, false),
        };
        value.map_or(Pattern::Wild(literal.span()), |value| Pattern::Number(value, tokens))
    }

    fn constant_pattern(&mut self, path: &syn::ExprPath) -> Pattern {
        if names_variant(&path.path) {
            return self.unit_pattern(path);
        }
        self.attributes(&path.attrs);
        let constant = self.capture(path);
        match constant.kind {
            Kind::Constant(local, tokens) => Pattern::Constant(local, tokens),
            _ => Pattern::Wild(constant.span),
        }
    }

    fn range_pattern(&mut self, range: &syn::ExprRange) -> Pattern {
        self.attributes(&range.attrs);
        let low = range.start.as_deref().map(|end| self.range_end(end));
        let high = range.end.as_deref().map(|end| self.range_end(end));
        let inclusive = matches!(range.limits, syn::RangeLimits::Closed(_));
        let dots = range.limits.to_token_stream();
        Pattern::Range(Box::new(RangePattern { low, high, inclusive, dots }))
    }

    /// An end of a range: a number or a constant.
    fn range_end(&mut self, end: &Expr) -> Pattern {
        match end {
            Expr::Lit(literal) => self.literal_pattern(literal),
            Expr::Path(path) => self.constant_pattern(path),
            other => {
                self.errors.at(
                    other,
                    "a range in a pattern ends at a number or a constant\n\
                     hint: bind a name and compare it in a guard: `x if x <= ..`",
                );
                Pattern::Wild(other.span())
            }
        }
    }

    /// Whether a single name in a pattern is a constant and not a new variable: by its spelling, which rustc's lints hold
    /// both to.
    fn names_constant(&self, name: &Ident) -> bool {
        name.to_string().starts_with(char::is_uppercase)
    }

    /// Comments mean nothing, and what is allowed somewhere in a kernel is allowed in all of it; nothing else that an attribute
    /// could mean is in the kernel language.
    pub(super) fn attributes(&mut self, attributes: &[syn::Attribute]) {
        for attribute in attributes {
            let path = attribute.path();
            if path.is_ident("allow") || path.is_ident("expect") {
                if let syn::Meta::List(list) = &attribute.meta {
                    self.body.allowed.push(list.tokens.clone());
                }
            } else if !path.is_ident("doc") {
                let text =
                    "kernels have no attributes inside but `allow`\nhint: put it on the surrounding item";
                self.errors.at(attribute, text);
            }
        }
    }
}

fn is_plain_name(name: &syn::PatIdent) -> bool {
    name.by_ref.is_none() && name.subpat.is_none()
}

fn names_id(path: &syn::Path) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == "Id")
}

fn unsupported(pattern: &Pat) -> &'static str {
    match pattern {
        Pat::Reference(_) => {
            "kernels follow mutable references by name only\nhint: bind the reference itself, and write `*name`"
        }
        _ => "kernels do not have this kind of pattern\nhint: bind names, `_`, tuples, arrays and structs",
    }
}
