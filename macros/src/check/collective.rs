//! What the work-items of a group do together: barriers, operations over groups, promises that they agree.
//!
//! Whether all of them come there is `uniform`'s to judge.

use super::{Checker, Role};
use crate::model::{Expression, Kind, Manner, MethodCall};
use proc_macro2::TokenStream;
use quote::ToTokens;

/// Whether a path is that of `falx::uniform`.
pub fn is_uniform_function(path: &syn::Path) -> bool {
    let names: Vec<_> = path.segments.iter().map(|segment| &segment.ident).collect();
    match names[..] {
        [name] => name == "uniform",
        [first, name] => first == "falx" && name == "uniform",
        _ => false,
    }
}

impl Checker {
    /// Notes that the work-items of a group meet here.
    pub(super) fn collective(&mut self, name: &syn::Ident) {
        self.body.has_barrier = true;
        let place = match self.role {
            Role::Kernel | Role::Device => return,
            Role::Operator => "an operator",
            Role::Method => "a method",
        };
        let message = format!(
            "{place} cannot contain `{name}`, an operation over a group\nhint: write a `#[device] fn`, or call `{name}` in the kernel itself"
        );
        self.errors.at(name, message);
    }

    /// `falx::uniform(value)`
    pub(super) fn uniform_function(
        &mut self,
        function: &syn::ExprPath,
        call: &syn::ExprCall,
        mut arguments: Vec<Expression>,
    ) -> Kind {
        let Some(last) = function.path.segments.last() else { return Kind::Bool(false, TokenStream::new()) };
        let name = last.ident.clone();
        self.collective(&name);
        if arguments.len() != 1 {
            self.errors.at(&name, format!("`uniform` takes 1 argument, not {}", arguments.len()));
            return Kind::Bool(false, TokenStream::new());
        }
        let (receiver, site) = (arguments.remove(0), self.site(&call.args));
        let (path, manner) = (Some(function.to_token_stream()), Manner::Uniform);
        Kind::Method(Box::new(MethodCall { receiver, path, name, manner, arguments, site }))
    }
}
