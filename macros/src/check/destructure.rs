//! Assignments to patterns: `(a, b[i]) = pair` is `{ let (x, y) = pair; a = x; b[i] = y; }`, as rustc has it.

use super::Checker;
use super::operator::without_parentheses;
use crate::model::Kind;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Expr, parse_quote};

impl Checker {
    /// `pattern = value`
    pub(super) fn destructure(&mut self, assign: &syn::ExprAssign) -> Kind {
        let mut places = Vec::new();
        let pattern = taken_apart(&assign.left, &mut places);
        let (value, equals) = (&assign.right, &assign.eq_token);
        let stores = places.iter().map(|(part, place)| quote!(#place #equals #part;));
        self.expression(&parse_quote!({ let #pattern #equals #value; #(#stores)* })).kind
    }
}

/// The parts that stand for others in a pattern left of `=`; none if it is one place.
pub fn parts(left: &Expr) -> Option<Vec<&Expr>> {
    Some(match without_parentheses(left) {
        Expr::Tuple(tuple) => tuple.elems.iter().collect(),
        Expr::Array(array) => array.elems.iter().collect(),
        Expr::Struct(fields) => fields.fields.iter().map(|field| &field.expr).collect(),
        Expr::Call(call) => call.args.iter().collect(),
        Expr::Infer(_) | Expr::Range(_) => Vec::new(),
        _ => return None,
    })
}

/// The pattern with a name in the stead of each place.
fn taken_apart<'e>(left: &'e Expr, places: &mut Vec<(Ident, &'e Expr)>) -> TokenStream {
    let left = without_parentheses(left);
    let Some(parts) = parts(left) else {
        let name = format_ident!("falx_part_{}", places.len(), span = Span::mixed_site());
        places.push((name.clone(), left));
        return name.into_token_stream();
    };
    let parts: Vec<_> = parts.into_iter().map(|part| taken_apart(part, places)).collect();
    match left {
        Expr::Tuple(_) => quote!((#(#parts,)*)),
        Expr::Array(_) => quote!([#(#parts,)*]),
        Expr::Call(call) => {
            let path = &call.func;
            quote!(#path(#(#parts,)*))
        }
        Expr::Struct(fields) => {
            let (path, rest) = (&fields.path, &fields.dot2_token);
            let names = fields.fields.iter().map(|field| &field.member);
            quote!(#path { #(#names: #parts,)* #rest })
        }
        other => other.to_token_stream(),
    }
}
