//! Parameters that are patterns: they get names, and are taken apart at the start of the body.

use quote::format_ident;
use syn::spanned::Spanned;
use syn::{FnArg, Pat, parse_quote};

/// Names the parameters of a function that are patterns.
pub fn name(sig: &mut syn::Signature, body: &mut syn::Block) {
    let mut statements = Vec::new();
    for (position, input) in sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(parameter) = input else { continue };
        if matches!(&*parameter.pat, Pat::Ident(_)) {
            continue;
        }
        let pattern = &parameter.pat;
        let name = format_ident!("parameter_{position}_falx", span = pattern.span());
        statements.push(parse_quote!(let #pattern = #name;));
        *parameter.pat = parse_quote!(#name);
    }
    body.stmts.splice(0..0, statements);
}
