//! Calls by path: device functions, the methods of numbers by their type, conversions.

use super::{Checker, is_local_function, is_uniform_function};
use crate::methods;
use crate::model::{Call, Conversion, Expression, Kind, Manner, MethodCall, TypeRef};
use crate::spelling::spelling;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Expr;
use syn::spanned::Spanned;

impl Checker {
    pub(super) fn call(&mut self, call: &syn::ExprCall) -> Kind {
        self.attributes(&call.attrs);
        if let Some(vector) = self.vector_maker(call) {
            return vector;
        }
        if let Expr::Path(function) = &*call.func
            && let Some(kind) = self.standard_function(function, call)
        {
            return kind;
        }
        let arguments: Vec<_> = call.args.iter().map(|argument| self.argument(argument)).collect();
        let Expr::Path(function) = &*call.func else {
            self.errors.at(
                &call.func,
                "kernels call functions by name only\nhint: mark the function `#[device]` and write its path",
            );
            return Kind::Bool(false, TokenStream::new());
        };
        if is_local_function(&function.path) {
            return self.local_memory(function, call);
        }
        if is_uniform_function(&function.path) {
            return self.uniform_function(function, call, arguments);
        }
        if let Some(kind) = self.scalar_function(function, call, arguments.len()) {
            return self.finish_scalar_function(kind, arguments);
        }
        if function.path.get_ident().is_some_and(|name| self.bound(name).is_some()) {
            return self.apply(function, arguments);
        }
        if names_type(&function.path) {
            return self.tuple_struct(function, arguments);
        }
        self.check_callee(function);
        self.device_call(function, arguments)
    }

    fn device_call(&mut self, function: &syn::ExprPath, arguments: Vec<Expression>) -> Kind {
        let ty = self.witness(function.span());
        let mut path = function.path.clone();
        if is_associated(function) {
            if let Some(last) = path.segments.last_mut() {
                last.ident = crate::device::called_name(&last.ident);
            }
            let path = syn::ExprPath { attrs: Vec::new(), qself: function.qself.clone(), path };
            return Kind::Call(Box::new(Call {
                path: path.to_token_stream(),
                generics: TokenStream::new(),
                is_associated: true,
                same: None,
                ty,
                arguments,
            }));
        }
        let generics = path.segments.last_mut().map(|last| std::mem::take(&mut last.arguments));
        let generics = match generics {
            Some(syn::PathArguments::AngleBracketed(mut list)) => {
                list.colon2_token.get_or_insert_default();
                list.to_token_stream()
            }
            _ => TokenStream::new(),
        };
        Kind::Call(Box::new(Call {
            path: path.to_token_stream(),
            generics,
            is_associated: false,
            same: None,
            ty,
            arguments,
        }))
    }

    /// `x.cast::<T>()`
    pub(super) fn cast_method(&mut self, call: &syn::ExprMethodCall) -> Kind {
        if let Some(argument) = call.args.first() {
            self.errors.at(argument, "`cast` takes no arguments\nhint: name the type: `x.cast::<f32>()`");
        }
        let value = Box::new(self.expression(&call.receiver));
        let ty = self.witness(call.method.span());
        let conversion = Conversion::Method(call.method.clone(), call.turbofish.to_token_stream());
        Kind::Convert(value, conversion, ty)
    }

    fn check_callee(&mut self, function: &syn::ExprPath) {
        let Some(last) = function.path.segments.last() else { return };
        if is_associated(function) {
            let ty = function.path.segments.iter().rev().nth(1);
            if let Some(ty) = ty.filter(|ty| ALLOCATING.iter().any(|name| ty.ident == name)) {
                let text = format!(
                    "kernels cannot allocate, and have no `{}`\nhint: use an array `[0.0; N]` or local memory",
                    ty.ident
                );
                self.errors.at(&ty.ident, text);
            }
            return;
        }
        let inner = function.path.segments.iter().rev().skip(1);
        if function.qself.is_some() || inner.into_iter().any(|segment| !segment.arguments.is_none()) {
            self.errors.at(function, "kernels call functions by their plain path\nhint: type arguments stand behind the function's name: `helper::<f32>(x)`");
        } else if self.function.as_ref().is_some_and(|name| function.path.is_ident(name)) {
            self.errors.at(
                function,
                format!("`{0}` calls itself, and device functions cannot be recursive: `{0}` -> `{0}`\nhint: write it as a loop", last.ident),
            );
        }
    }

    /// `f32::max(a, b)`: a method by its path.
    fn scalar_function(
        &mut self,
        function: &syn::ExprPath,
        call: &syn::ExprCall,
        n_given: usize,
    ) -> Option<ScalarFunction> {
        let segments: Vec<_> = function.path.segments.iter().collect();
        let [ty, name] = segments[..] else { return None };
        let ty_name = ty.ident.to_string();
        let is_number = SCALARS.contains(&ty_name.as_str())
            || super::vector::lanes_of(&ty_name).is_some()
            || self.type_parameters.contains(&ty.ident);
        if !is_number || function.qself.is_some() {
            return None;
        }
        let name = name.ident.clone();
        let path = ty.ident.to_token_stream();
        if name == "cast_from" && n_given == 1 {
            let path = function.to_token_stream();
            return Some(ScalarFunction::Convert(path, self.witness(name.span())));
        }
        let Some(method) = methods::find(&name.to_string()) else {
            if !methods::is_misspelt(&name.to_string()) {
                // A function of the user's own, or else rustc reports it.
                return None;
            }
            self.errors.at(&name, methods::unknown(&name.to_string()));
            return Some(ScalarFunction::Method { path, name, manner: Manner::Native, site: 0 });
        };
        let expected = method.n_arguments + 1;
        if expected != n_given {
            let message = format!(
                "`{}` takes {expected} arguments, not {n_given}",
                spelling(function.to_token_stream())
            );
            self.errors.at(&name, message);
        }
        Some(ScalarFunction::Method { path, name, manner: method.manner, site: self.site(call) })
    }

    fn finish_scalar_function(&mut self, function: ScalarFunction, mut arguments: Vec<Expression>) -> Kind {
        if arguments.is_empty() {
            return Kind::Bool(false, TokenStream::new());
        }
        let receiver = arguments.remove(0);
        let (path, name, manner, site) = match function {
            ScalarFunction::Convert(path, ty) => {
                return Kind::Convert(Box::new(receiver), Conversion::Function(path), ty);
            }
            ScalarFunction::Method { path, name, manner, site } => (path, name, manner, site),
        };
        Kind::Method(Box::new(MethodCall { receiver, path: Some(path), name, manner, arguments, site }))
    }
}

/// Types of the standard library that allocate.
const ALLOCATING: &[&str] =
    &["Vec", "VecDeque", "String", "Rc", "Arc", "HashMap", "BTreeMap", "HashSet", "BTreeSet"];

/// Whether a path is that of a function of a type.
pub fn is_associated(function: &syn::ExprPath) -> bool {
    let before = function.path.segments.iter().rev().nth(1).map(|ty| ty.ident.to_string());
    let is_type = |name: String| name.starts_with(char::is_uppercase) || SCALARS.contains(&name.as_str());
    function.qself.is_some() || before.is_some_and(is_type)
}

/// Whether a path is that of a type: by the custom that types, and nothing else that is called, begin in capitals.
fn names_type(path: &syn::Path) -> bool {
    path.segments.last().is_some_and(|last| last.ident.to_string().starts_with(char::is_uppercase))
}

/// A method or a conversion, called by its path.
enum ScalarFunction {
    Method { path: TokenStream, name: syn::Ident, manner: Manner, site: usize },
    Convert(TokenStream, TypeRef),
}

pub(super) const SCALARS: &[&str] =
    &["i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize", "f16", "f32", "f64"];
