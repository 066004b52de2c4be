//! Expands `#[device]`: a function that kernels can call.
//!
//! Beside the function stands a type of the same name, through which a kernel's tree finds the function's tree.

mod definition;
mod implementation;
mod link;
mod parameters;
mod print;
mod receiver;
mod signature;

use crate::check::{Checker, Role, is_mutable_reference, is_slice_reference};
use crate::errors::Errors;
use crate::meeting;
use crate::model::{Expression, Kind, Pattern, Statement};
use crate::parse::{no_arguments, parse};
use crate::uniform::{self, Agreement};
pub use link::{called_name, tying_name};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use signature::Signature;
use syn::spanned::Spanned;

/// Expands `#[device]`.
pub fn item(attribute: &TokenStream, item: TokenStream) -> TokenStream {
    match parse(item.clone()) {
        Ok(syn::Item::Enum(enumeration)) => crate::enumeration::expand(attribute, enumeration),
        Ok(syn::Item::Struct(structure)) => crate::structure::expand(attribute, structure),
        Ok(syn::Item::Impl(block)) => implementation::expand(attribute, &block),
        Ok(syn::Item::Trait(definition)) => definition::expand(attribute, &definition),
        Ok(syn::Item::Union(union)) => crate::structure::refuse_union(&union),
        _ => function(attribute, item),
    }
}

/// Expands `#[device]` on a function.
fn function(attribute: &TokenStream, item: TokenStream) -> TokenStream {
    let function: syn::ItemFn = match no_arguments(attribute).and_then(|()| parse(item)) {
        Ok(function) => function,
        Err(error) => return error.to_compile_error(),
    };
    expand_function(&function, Form::Free)
}

/// Expands the device function that an operator becomes.
pub fn operator(function: &syn::ItemFn) -> TokenStream {
    expand_function(function, Form::Operator)
}

/// What a device function was written as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A function.
    Free,
    /// The operator of a reduction.
    Operator,
    /// A method, and whether it changes its receiver, which is then returned beside its result.
    Method { changes_receiver: bool },
}

impl Form {
    fn role(self) -> Role {
        match self {
            Form::Free | Form::Method { .. } => Role::Device,
            Form::Operator => Role::Operator,
        }
    }
}

/// Expands a device function.
fn expand_function(function: &syn::ItemFn, form: Form) -> TokenStream {
    let role = form.role();
    let mut checker = Checker::new(role, Vec::new());
    let function = &mut function.clone();
    parameters::name(&mut function.sig, &mut function.block);
    signature::refuse_dyn(function, &mut checker.errors);
    plain_signature(&function.sig, "a `#[device] fn`", &mut checker.errors);
    let signature = Signature::new(function, &mut checker.errors);
    checker.function = Some(signature.name.clone());
    checker.type_parameters = signature.value_types();
    for input in &function.sig.inputs {
        if let syn::FnArg::Typed(parameter) = input {
            named_parameter(parameter, &signature, &mut checker);
        }
    }
    let result = signature.result.as_ref().map(|ty| checker.result(ty));
    checker.function_body(&function.block);
    let agreement = agreement(function, &mut checker.errors);
    if !checker.errors.is_empty() {
        return stub(function, &signature, checker.errors);
    }
    checker.make_parameters_immutable();
    checker.body.changes_receiver = form == Form::Method { changes_receiver: true };
    print::print(function, &signature, &checker.body, result, &agreement)
}

/// What the work-items must agree on to call the function, if it has no other errors.
fn agreement(function: &syn::ItemFn, errors: &mut Errors) -> Agreement {
    if !errors.is_empty() {
        return Agreement::default();
    }
    let parameters = function.sig.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(parameter) => Some(parameter),
        syn::FnArg::Receiver(_) => None,
    });
    let whole = syn::ExprBlock { attrs: Vec::new(), label: None, block: (*function.block).clone() };
    uniform::agreement(&parameters.collect::<Vec<_>>(), &syn::Expr::Block(whole), errors)
}

/// Reports what no function of the kernel language may have in its signature.
pub fn plain_signature(signature: &syn::Signature, what: &str, errors: &mut Errors) {
    plain_function(signature, what, errors);
    if let Some(receiver) = signature.receiver() {
        errors.at(receiver, format!("{what} cannot be a method\nhint: write a free function"));
    }
}

/// The same of functions that may be methods.
fn plain_function(signature: &syn::Signature, what: &str, errors: &mut Errors) {
    if let Some(token) = &signature.asyncness {
        errors.at(token, format!("{what} cannot be `async`"));
    }
    if let Some(token) = &signature.constness {
        errors.at(token, format!("{what} cannot be `const`"));
    }
    if !matches!(signature.safety, syn::Safety::Default) {
        errors.at(&signature.safety, format!("{what} is always safe\nhint: leave out `unsafe`"));
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, format!("{what} has no ABI of its own\nhint: leave out `extern`"));
    }
}

fn named_parameter(parameter: &syn::PatType, signature: &Signature, checker: &mut Checker) {
    // Every other pattern has got a name.
    let syn::Pat::Ident(name) = &*parameter.pat else { return };
    let ty = &parameter.ty;
    match signature.is_closure(ty) || is_mutable_reference(ty) || is_slice_reference(ty) {
        true => checker.unwitnessed_parameter(name, parameter),
        false => checker.parameter(parameter),
    }
}

/// What a function that has errors becomes: the errors, and a function of the same signature.
fn stub(function: &syn::ItemFn, signature: &Signature, errors: Errors) -> TokenStream {
    let syn::ItemFn { attrs, vis, sig, .. } = function;
    if sig.receiver().is_some() {
        // Among methods there is no place for a type.
        let errors = errors.into_tokens();
        return quote!(#(#attrs)* #[allow(unused)] #vis #sig { #errors loop {} });
    }
    let (handle, errors) = (print::handle(signature), errors.into_tokens());
    let (definition, call) = (print::stub_definition(signature), print::stub_call(signature));
    let meeting = meeting::constant(&signature.name, &signature.vis, false, &Agreement::default());
    let mut sig = sig.clone();
    if let syn::ReturnType::Type(_, ty) = &sig.output
        && matches!(**ty, syn::Type::ImplTrait(_))
    {
        sig.output = syn::ReturnType::Default;
    }
    let span = Span::mixed_site();
    quote_spanned!(span =>
        #errors
        #(#attrs)* #[allow(unused)] #vis #sig { loop {} }
        #handle
        #definition
        #call
        #meeting
    )
}

impl Checker {
    /// A parameter in the tree cannot change: `mut x` becomes a parameter and a `let mut x = x;`.
    fn make_parameters_immutable(&mut self) {
        let mut statements = Vec::new();
        for position in 0..self.body.parameters.len() {
            // The body knows the variable by the number it has now, so it is the parameter that gets a new one.
            let local = self.new_local(Span::call_site());
            let Pattern::Bind(binding) = &mut self.body.parameters[position].pattern else { continue };
            if !binding.mutable {
                continue;
            }
            let variable = binding.clone();
            (binding.mutable, binding.local) = (false, local);
            let span = variable.name.span();
            let value = Expression { span, kind: Kind::Local(local, variable.name.clone()) };
            let pattern = Pattern::Bind(variable);
            statements.push(Statement::Let { span, pattern, declared: None, value: Some(value) });
        }
        self.body.block.statements.splice(0..0, statements);
    }

    /// The witness of the result.
    fn result(&mut self, ty: &syn::Type) -> u16 {
        self.body.witnesses.push(ty.span());
        (self.body.witnesses.len() - 1) as u16
    }
}
