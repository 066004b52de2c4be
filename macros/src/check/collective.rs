//! What the work-items of a group do together: barriers, operations over groups, promises that they agree, and the local
//! memory that a kernel declares for them.
//!
//! Whether all of them come there is `uniform`'s to judge.

use super::{Checker, Role};
use crate::model::{Capture, CaptureKind, Expression, Kind, Manner, MethodCall};
use proc_macro2::TokenStream;
use quote::ToTokens;

/// Whether a path is that of `falx::uniform`.
pub fn is_uniform_function(path: &syn::Path) -> bool {
    is_function(path, "uniform")
}

/// Whether a call is one of `falx::local`.
pub fn is_local_function(path: &syn::Path) -> bool {
    is_function(path, "local")
}

fn is_function(path: &syn::Path, wanted: &str) -> bool {
    let names: Vec<_> = path.segments.iter().map(|segment| &segment.ident).collect();
    match names[..] {
        [name] => name == wanted,
        [first, name] => first == "falx" && name == wanted,
        _ => false,
    }
}

impl Checker {
    /// Notes that the work-items of a group meet here.
    pub(super) fn collective(&mut self, name: &syn::Ident) {
        self.body.has_barrier = true;
        if self.role == Role::Operator {
            let message = format!(
                "an operator cannot contain `{name}`, an operation over a group\nhint: call `{name}` in the kernel itself"
            );
            self.errors.at(name, message);
        }
    }

    /// `falx::local::<[T; N]>()`: an accessor that the launch brings along, as if it were captured.
    pub(super) fn local_memory(&mut self, function: &syn::ExprPath, call: &syn::ExprCall) -> Kind {
        let nothing = Kind::Bool(false, TokenStream::new());
        let Some(last) = function.path.segments.last() else { return nothing };
        if self.role != Role::Kernel {
            self.errors.at(
                &last.ident,
                "only a kernel declares local memory, since all calls of a `#[device] fn` would share it\n\
                 hint: declare it in the kernel, and take it as a parameter of type `Local<T>`",
            );
            return nothing;
        }
        if last.arguments.is_none() || !call.args.is_empty() {
            self.errors.at(
                call,
                "local memory is declared by the type of an array\nhint: write `local::<[f32; 256]>()`",
            );
            return nothing;
        }
        let span = last.ident.span();
        let (local, ty) = (self.new_local(span), self.witness(span));
        let accessor = quote::format_ident!("local_memory_{}", local, span = crate::twin::mixed(span));
        self.body.captures.push(Capture {
            path: accessor.to_token_stream(),
            name: "local_memory".to_owned(),
            local,
            ty,
            kind: CaptureKind::Argument { stored: false },
            span,
            declared: Some(call.to_token_stream()),
        });
        Kind::LocalMemory(local, accessor)
    }

    /// Gives local memory the name that it is bound to.
    pub(super) fn name_local_memory(&mut self, value: &Expression, pattern: &syn::Pat) {
        let (Kind::LocalMemory(local, _), syn::Pat::Ident(name)) = (&value.kind, pattern) else { return };
        for capture in self.body.captures.iter_mut().filter(|capture| capture.local == *local) {
            capture.name = name.ident.to_string();
        }
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
