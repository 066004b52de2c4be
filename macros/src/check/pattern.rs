//! Patterns: names, `_`, `[a, b]` and `Id([a, b])`.

use super::{Bound, Checker};
use crate::model::{Binding, Parameter, Pattern, TypeRef};
use quote::ToTokens;
use syn::Pat;
use syn::spanned::Spanned;

impl Checker {
    /// A parameter and its type.
    pub fn parameter(&mut self, parameter: &syn::PatType) {
        self.attributes(&parameter.attrs);
        let ty = self.witness(parameter.ty.span());
        // A single name shares the witness of the parameter.
        let pattern = match &*parameter.pat {
            Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
                Pattern::Bind(self.new_binding(name, ty, None))
            }
            pattern => self.pattern(pattern),
        };
        self.body.parameters.push(Parameter { pattern, declared: parameter.ty.to_token_stream(), ty });
    }

    /// A parameter that is a closure.
    pub fn closure_parameter(&mut self, name: &syn::PatIdent, parameter: &syn::PatType) {
        self.attributes(&parameter.attrs);
        let ty = self.witness(parameter.ty.span());
        let before = std::mem::replace(&mut self.binds_opaque, true);
        let pattern = Pattern::Bind(self.new_binding(name, ty, None));
        self.binds_opaque = before;
        let declared = parameter.ty.to_token_stream();
        self.body.parameters.push(Parameter { pattern, declared, ty });
    }

    /// The absent work-item of a single task.
    pub fn unit_parameter(&mut self, span: proc_macro2::Span) {
        let ty = self.witness(span);
        let declared = quote::quote_spanned!(span => ());
        self.body.parameters.push(Parameter { pattern: Pattern::Wild(span), declared, ty });
    }

    /// A pattern; its names are bound from here on.
    pub(super) fn pattern(&mut self, pattern: &Pat) -> Pattern {
        match pattern {
            Pat::Ident(name) => self.name_pattern(name),
            Pat::Wild(wild) => Pattern::Wild(wild.span()),
            Pat::Paren(parenthesised) => self.pattern(&parenthesised.pat),
            Pat::Slice(slice) => {
                let elements = slice.elems.iter().map(|element| self.pattern(element)).collect();
                Pattern::Array(elements, slice.span())
            }
            Pat::TupleStruct(call)
                if call.elems.len() == 1 && names_id(&call.path) && call.qself.is_none() =>
            {
                Pattern::Id(call.path.to_token_stream(), Box::new(self.pattern(&call.elems[0])))
            }
            other => {
                self.errors.at(other, unsupported(other));
                Pattern::Wild(other.span())
            }
        }
    }

    fn name_pattern(&mut self, pattern: &syn::PatIdent) -> Pattern {
        self.attributes(&pattern.attrs);
        if let Some(by_ref) = &pattern.by_ref {
            self.errors.at(by_ref, "kernels have no references\nhint: bind the value itself, without `ref`");
        }
        if let Some((at, _)) = &pattern.subpat {
            self.errors.at(at, "kernels have no `@` patterns\nhint: bind the whole value and take it apart in a second `let`");
        }
        let ty = self.witness(pattern.ident.span());
        Pattern::Bind(self.new_binding(pattern, ty, None))
    }

    /// Binds a name whose witness is known.
    pub(super) fn new_binding(
        &mut self,
        pattern: &syn::PatIdent,
        ty: TypeRef,
        deferred: Option<TypeRef>,
    ) -> Binding {
        let local = self.new_local(pattern.ident.span());
        self.bind(&pattern.ident, Bound { local, deferred });
        let (mutable, is_opaque) = (pattern.mutability.is_some(), self.binds_opaque);
        if is_opaque {
            self.body.opaque.push(ty);
        }
        Binding { name: pattern.ident.clone(), local, ty, mutable, is_opaque }
    }

    /// Nothing that an attribute could mean is in the kernel language.
    pub(super) fn attributes(&mut self, attributes: &[syn::Attribute]) {
        for attribute in attributes {
            self.errors
                .at(attribute, "kernels have no attributes inside\nhint: put it on the surrounding item");
        }
    }
}

fn names_id(path: &syn::Path) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == "Id")
}

fn unsupported(pattern: &Pat) -> &'static str {
    match pattern {
        Pat::Tuple(_) => {
            "kernels have no tuples yet\nhint: bind the values one by one, or use an array `[a, b]`"
        }
        Pat::Reference(_) => "kernels have no references\nhint: bind the value itself, without `&`",
        Pat::TupleStruct(_) | Pat::Struct(_) => {
            "of structs, kernels can only take `Id([a, b])` apart\nhint: bind names, `_`, `[a, b]` or `Id([a, b])`"
        }
        Pat::Rest(_) => {
            "kernels have no `..` in patterns\nhint: name every element; write `_` for those not needed"
        }
        Pat::Or(_) | Pat::Lit(_) | Pat::Range(_) | Pat::Path(_) => {
            "this pattern does not match every value, and kernels have no `match`\nhint: bind a name and compare it with `if`"
        }
        _ => "kernels do not have this kind of pattern\nhint: bind names, `_`, `[a, b]` or `Id([a, b])`",
    }
}
