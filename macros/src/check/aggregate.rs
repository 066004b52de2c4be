//! Tuples, structs and the parts of values: literals, patterns, `base[index].field`.

use super::Checker;
use super::operator::without_parentheses;
use crate::model::{Expression, Kind, Pattern, Place, Step, StructLiteral, StructPattern, TuplePattern};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Expr, Pat};

/// The most fields that a tuple may have, as in the standard library's own impls.
const TUPLE_LIMIT: usize = 12;

impl Checker {
    /// A nest of indices and fields.
    pub(super) fn nested_place(&mut self, expression: &Expr) -> Place {
        match without_parentheses(expression) {
            Expr::Index(node) => {
                self.attributes(&node.attrs);
                let mut place = self.nested_place(&node.expr);
                let index = self.expression(&node.index);
                let site = self.site(&*node.expr);
                place.steps.push(Step::Index { index, site });
                place
            }
            Expr::Field(node) => {
                self.attributes(&node.attrs);
                let mut place = self.nested_place(&node.base);
                place.steps.push(Step::Field(node.member.to_token_stream()));
                place
            }
            root => Place { root: Box::new(self.expression(root)), steps: Vec::new() },
        }
    }

    /// `(a, b)`
    pub(super) fn tuple(&mut self, tuple: &syn::ExprTuple) -> Kind {
        self.attributes(&tuple.attrs);
        if tuple.elems.len() > TUPLE_LIMIT {
            self.errors.at(
                tuple,
                format!(
                    "a kernel's tuples have at most {TUPLE_LIMIT} fields\nhint: use a `#[device] struct`"
                ),
            );
        }
        Kind::Tuple(tuple.elems.iter().map(|element| self.expression(element)).collect())
    }

    /// `Name { x: a, y, ..base }`
    pub(super) fn struct_literal(&mut self, literal: &syn::ExprStruct) -> Kind {
        self.attributes(&literal.attrs);
        let fields = literal.fields.iter().map(|field| {
            self.attributes(&field.attrs);
            (field.member.to_token_stream(), self.expression(&field.expr))
        });
        let fields = fields.collect();
        let base = literal.rest.as_ref().map(|base| self.expression(base));
        let ty = self.witness(literal.path.span());
        let (name, path) = (last_name(&literal.path), qualified(&literal.qself, &literal.path));
        Kind::Struct(Box::new(StructLiteral { name, path, is_tuple: false, fields, base, ty }))
    }

    /// `Name(a, b)`
    pub(super) fn tuple_struct(&mut self, function: &syn::ExprPath, arguments: Vec<Expression>) -> Kind {
        if function.path.is_ident("Id") || function.path.is_ident("Range") {
            self.errors.at(function, "kernels cannot make ids or ranges\nhint: index with `[row, column]`");
        }
        let name = |position| proc_macro2::Literal::usize_unsuffixed(position).into_token_stream();
        let fields = arguments.into_iter().enumerate().map(|(position, value)| (name(position), value));
        let ty = self.witness(function.span());
        let (path, fields) = (function.to_token_stream(), fields.collect());
        Kind::Struct(Box::new(StructLiteral {
            name: last_name(&function.path),
            path,
            is_tuple: true,
            fields,
            base: None,
            ty,
        }))
    }

    /// `Name`
    pub(super) fn unit_variant(&mut self, path: &syn::ExprPath) -> Kind {
        let ty = self.witness(path.span());
        let (name, path) = (last_name(&path.path), path.to_token_stream());
        let literal = StructLiteral { name, path, is_tuple: false, fields: Vec::new(), base: None, ty };
        Kind::Struct(Box::new(literal))
    }

    /// `Name` as a pattern.
    pub(super) fn unit_pattern(&mut self, path: &syn::ExprPath) -> Pattern {
        self.attributes(&path.attrs);
        let span = path.span();
        Pattern::Struct(StructPattern { path: path.to_token_stream(), fields: Vec::new(), rest: None, span })
    }

    /// `(a, .., b)`
    pub(super) fn tuple_pattern(&mut self, tuple: &syn::PatTuple) -> Pattern {
        self.attributes(&tuple.attrs);
        let mut pattern = self.positional(tuple.elems.iter());
        pattern.span = tuple.span();
        Pattern::Tuple(pattern)
    }

    /// `Name(a, .., b)`
    pub(super) fn tuple_struct_pattern(&mut self, call: &syn::PatTupleStruct) -> Pattern {
        self.attributes(&call.attrs);
        let mut pattern = self.positional(call.elems.iter());
        (pattern.path, pattern.span) = (Some(qualified(&call.qself, &call.path)), call.span());
        Pattern::Tuple(pattern)
    }

    fn positional<'p>(&mut self, patterns: impl Iterator<Item = &'p Pat>) -> TuplePattern {
        let span = proc_macro2::Span::call_site();
        let mut result =
            TuplePattern { path: None, leading: Vec::new(), rest: None, trailing: Vec::new(), span };
        for pattern in patterns {
            match pattern {
                Pat::Rest(rest) if result.rest.is_none() => {
                    self.attributes(&rest.attrs);
                    result.rest = Some(rest.to_token_stream());
                }
                pattern if result.rest.is_none() => result.leading.push(self.part(pattern)),
                pattern => result.trailing.push(self.part(pattern)),
            }
        }
        result
    }

    /// `Name { x, y: b, .. }`
    pub(super) fn struct_pattern(&mut self, node: &syn::PatStruct) -> Pattern {
        self.attributes(&node.attrs);
        let fields = node.fields.iter().map(|field| {
            self.attributes(&field.attrs);
            (field.member.to_token_stream(), self.part(&field.pat))
        });
        let (fields, path) = (fields.collect(), qualified(&node.qself, &node.path));
        let rest = node.rest.as_ref().map(ToTokens::to_token_stream);
        Pattern::Struct(StructPattern { path, fields, rest, span: node.span() })
    }
}

/// Whether a path names a variant or a struct rather than a constant or a function: by its spelling, which rustc's lints
/// hold both to.
pub(super) fn names_variant(path: &syn::Path) -> bool {
    let last = last_name(path);
    last.starts_with(char::is_uppercase) && last.chars().any(char::is_lowercase)
}

/// The last part of a path.
fn last_name(path: &syn::Path) -> String {
    path.segments.last().map_or(String::new(), |last| last.ident.to_string())
}

/// A path as written, with the type before it if there is one.
fn qualified(qself: &Option<syn::QSelf>, path: &syn::Path) -> proc_macro2::TokenStream {
    syn::ExprPath { attrs: Vec::new(), qself: qself.clone(), path: path.clone() }.to_token_stream()
}
