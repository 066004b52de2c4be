//! Prints patterns and `let`s, and ties single names to their witnesses.

use super::tied;
use crate::model::{
    Binding, Expression, Kind, Pattern, RangePattern, StructPattern, TuplePattern, UNWITNESSED,
};
use crate::put::{Print, put, rust};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};

/// A pattern as the user wrote it.
impl ToTokens for Pattern {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let call_site = Span::call_site();
        match self {
            Pattern::Bind(binding) => bound(binding, tokens),
            Pattern::Wild(span) => put!(tokens, *span => _),
            Pattern::Array(elements, span) => {
                let elements = elements.iter().map(part);
                put!(tokens, *span => [#(#elements),*]);
            }
            Pattern::Id(path, inner) => put!(tokens, call_site => #path(#inner)),
            Pattern::Tuple(tuple) => tuple_pattern(tuple, tokens),
            Pattern::Struct(fields) => struct_pattern(fields, tokens),
            Pattern::At(binding, at, inner) => {
                bound(binding, tokens);
                let inner = part(inner);
                put!(tokens, call_site => #at #inner);
            }
            Pattern::Number(_, written) | Pattern::Bool(_, written) | Pattern::Constant(_, written) => {
                written.to_tokens(tokens);
            }
            Pattern::Range(range) => {
                let RangePattern { low, high, dots, .. } = &**range;
                put!(tokens, call_site => #low #dots #high);
            }
            Pattern::Or(cases) => put!(tokens, call_site => #(#cases)|*),
            Pattern::Rest(span) => put!(tokens, *span => ..),
            Pattern::Reference(and, inner) => {
                let inner = part(inner);
                put!(tokens, call_site => #and #inner);
            }
        }
    }
}

fn bound(Binding { name, mutable, lent, .. }: &Binding, tokens: &mut TokenStream) {
    lent.to_tokens(tokens);
    let mutable = mutable.then(|| Ident::new("mut", Span::call_site()));
    mutable.to_tokens(tokens);
    name.to_tokens(tokens);
}

fn tuple_pattern(tuple: &TuplePattern, tokens: &mut TokenStream) {
    let (path, span) = (&tuple.path, tuple.span);
    let listed = move |pattern: &Pattern, tokens: &mut TokenStream| {
        let pattern = part(pattern);
        put!(tokens, span => #pattern,);
    };
    let content = Print(move |tokens: &mut TokenStream| {
        tuple.leading.iter().for_each(|pattern| listed(pattern, tokens));
        if let Some(rest) = &tuple.rest {
            put!(tokens, span => #rest,);
        }
        tuple.trailing.iter().for_each(|pattern| listed(pattern, tokens));
    });
    put!(tokens, span => #path(#content));
}

fn struct_pattern(fields: &StructPattern, tokens: &mut TokenStream) {
    let StructPattern { path, fields, rest, span } = fields;
    let patterns = fields.iter().map(|(name, pattern)| {
        let pattern = part(pattern);
        rust!(Span::call_site() => #name: #pattern,)
    });
    put!(tokens, *span => #path { #(#patterns)* #rest });
}

/// A pattern that may stand inside of another.
pub fn part(pattern: &Pattern) -> impl ToTokens {
    Print(move |tokens: &mut TokenStream| match pattern {
        Pattern::Or(_) | Pattern::Range(_) => put!(tokens, Span::call_site() => (#pattern)),
        _ => pattern.to_tokens(tokens),
    })
}

/// `let pattern: declared = value;`
pub fn let_statement(
    pattern: &Pattern,
    declared: Option<&TokenStream>,
    value: Option<&Expression>,
    tokens: &mut TokenStream,
) {
    let call_site = Span::call_site();
    let declared = declared.map(|declared| rust!(call_site => : #declared));
    let printed = part(pattern);
    match value {
        Some(Expression { kind: Kind::LocalMemory(_, accessor), .. }) => {
            // As no accessor in a kernel, it needs no `mut` to be stored to.
            let is_immutable = matches!(pattern, Pattern::Bind(binding) if !binding.mutable);
            let mutable = is_immutable.then(|| Ident::new("mut", call_site));
            let allowed = quote!(#[allow(unused_mut)]);
            put!(tokens, call_site => #allowed let #mutable #printed #declared = #accessor;);
        }
        Some(value) => {
            let value = tied_to_pattern(value, pattern, value.span);
            put!(tokens, call_site => let #printed #declared = #value;);
        }
        None => put!(tokens, call_site => let #printed #declared;),
    }
}

/// A value tied to the witness of the name it gets; what a pattern takes apart needs none.
pub fn tied_to_pattern(value: impl ToTokens, pattern: &Pattern, span: Span) -> impl ToTokens {
    let ty = match pattern {
        Pattern::Bind(binding) if binding.ty != UNWITNESSED => Some(binding.ty),
        _ => None,
    };
    tied(value, ty, span)
}
