//! Prints patterns and `let`s, and ties single names to their witnesses.

use super::{expression, tied};
use crate::model::{Binding, Expression, Kind, Pattern, RangePattern, UNWITNESSED};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

/// A pattern as the user wrote it.
pub fn printed(pattern: &Pattern) -> TokenStream {
    match pattern {
        Pattern::Bind(Binding { name, mutable, .. }) => {
            let mutable = mutable.then(|| quote!(mut));
            quote!(#mutable #name)
        }
        Pattern::Wild(span) => quote_spanned!(*span => _),
        Pattern::Array(elements, span) => {
            let elements = elements.iter().map(part);
            quote_spanned!(*span => [#(#elements),*])
        }
        Pattern::Id(path, inner) => {
            let inner = printed(inner);
            quote!(#path(#inner))
        }
        Pattern::Tuple(tuple) => {
            let leading = tuple.leading.iter().map(part);
            let trailing = tuple.trailing.iter().map(part);
            let (path, rest) = (&tuple.path, tuple.rest.iter());
            quote_spanned!(tuple.span => #path(#(#leading,)* #(#rest,)* #(#trailing,)*))
        }
        Pattern::Struct(fields) => {
            let patterns = fields.fields.iter().map(|(name, pattern)| {
                let pattern = part(pattern);
                quote!(#name: #pattern)
            });
            let (path, rest) = (&fields.path, &fields.rest);
            quote_spanned!(fields.span => #path { #(#patterns,)* #rest })
        }
        Pattern::At(Binding { name, mutable, .. }, at, inner) => {
            let (mutable, inner) = (mutable.then(|| quote!(mut)), part(inner));
            quote!(#mutable #name #at #inner)
        }
        Pattern::Number(_, tokens) | Pattern::Bool(_, tokens) | Pattern::Constant(_, tokens) => {
            tokens.clone()
        }
        Pattern::Range(range) => {
            let RangePattern { low, high, dots, .. } = &**range;
            let (low, high) = (low.as_ref().map(printed), high.as_ref().map(printed));
            quote!(#low #dots #high)
        }
        Pattern::Or(cases) => {
            let cases = cases.iter().map(printed);
            quote!(#(#cases)|*)
        }
        Pattern::Rest(span) => quote_spanned!(*span => ..),
    }
}

/// A pattern that may stand inside of another.
pub fn part(pattern: &Pattern) -> TokenStream {
    let tokens = printed(pattern);
    match pattern {
        Pattern::Or(_) | Pattern::Range(_) => quote!((#tokens)),
        _ => tokens,
    }
}

/// `let pattern: declared = value;`
pub fn let_statement(
    pattern: &Pattern,
    declared: Option<&TokenStream>,
    value: Option<&Expression>,
) -> TokenStream {
    let declared = declared.map(|declared| quote!(: #declared));
    let printed = part(pattern);
    match value {
        Some(Expression { kind: Kind::LocalMemory(_, accessor), .. }) => {
            // As no accessor in a kernel, it needs no `mut` to be stored to.
            let mutable = matches!(pattern, Pattern::Bind(binding) if !binding.mutable).then(|| quote!(mut));
            quote!(#[allow(unused_mut)] let #mutable #printed #declared = #accessor;)
        }
        Some(value) => {
            let span = value.span;
            let value = tied_to_pattern(expression(value), pattern, span);
            quote!(let #printed #declared = #value;)
        }
        None => quote!(let #printed #declared;),
    }
}

/// A value tied to the witness of the name it gets; what a pattern takes apart needs none.
pub fn tied_to_pattern(value: TokenStream, pattern: &Pattern, span: Span) -> TokenStream {
    match pattern {
        Pattern::Bind(binding) if binding.ty != UNWITNESSED => tied(value, Some(binding.ty), span),
        _ => value,
    }
}
