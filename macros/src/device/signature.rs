//! The signature of a device function: turns what the user wrote into what its parts are generic over.
//!
//! Three kinds of generic parameters: types of values, which an instance is told apart by; constants, likewise; and types
//! of closures, for which a function pointer stands where nothing is called.

use crate::errors::Errors;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{GenericParam, Type, TypeParamBound, WherePredicate, parse_quote};

/// A device function's signature, taken apart.
pub struct Signature {
    /// The function's name.
    pub name: Ident,
    /// Its visibility.
    pub vis: syn::Visibility,
    /// Its generics as written, with the bounds that every type of a value has.
    pub written: syn::Generics,
    /// Its generics with a name for every `impl Trait`.
    pub named: syn::Generics,
    /// The generics that tell instances apart.
    pub instance: syn::Generics,
    /// Its parameters' names and types, as written.
    pub parameters: Vec<(Ident, Type)>,
    /// The same with a name for every `impl Trait`.
    pub named_types: Vec<Type>,
    /// The type after `->`; `()` where there is none.
    pub output: TokenStream,
    /// The type after `->`, unless it is `()`.
    pub result: Option<Type>,
    /// The type parameters that are closures, each with the function pointer that stands for it.
    closures: Vec<(Ident, TokenStream)>,
}

impl Signature {
    /// Takes a signature apart.
    pub fn new(function: &syn::ItemFn, errors: &mut Errors) -> Self {
        let sig = &function.sig;
        let mut named = sig.generics.clone();
        let parameters = plain_parameters(function);
        let named_types = parameters.iter().map(|(_, ty)| name_opaque(ty, &mut named)).collect::<Vec<Type>>();
        let closures = closures(&named);
        let mut written = sig.generics.clone();
        bind_values(&mut written, &closures);
        bind_values(&mut named, &closures);
        check_constants(&named, errors);
        let instance = instance_generics(&named, &closures);
        let result = result_type(sig).cloned();
        refuse_borrowed_result(result.as_ref(), errors);
        let result = result.filter(|ty| !matches!(ty, Type::ImplTrait(_)));
        let output = match &sig.output {
            syn::ReturnType::Type(_, ty) if matches!(**ty, Type::ImplTrait(_)) => quote!(()),
            syn::ReturnType::Type(_, ty) => ty.to_token_stream(),
            syn::ReturnType::Default => quote!(()),
        };
        let (name, vis) = (sig.ident.clone(), function.vis.clone());
        Signature { name, vis, written, named, instance, parameters, named_types, output, result, closures }
    }

    /// The names of the parameters.
    pub fn names(&self) -> Vec<&Ident> {
        self.parameters.iter().map(|(name, _)| name).collect()
    }

    /// The type parameters that stand for values.
    pub fn value_types(&self) -> Vec<Ident> {
        self.instance.type_params().map(|parameter| parameter.ident.clone()).collect()
    }

    /// Whether a type is that of a closure.
    pub fn is_closure(&self, ty: &Type) -> bool {
        matches!(ty, Type::ImplTrait(_)) || self.closure(ty).is_some()
    }

    fn closure(&self, ty: &Type) -> Option<&TokenStream> {
        let Type::Path(path) = ty else { return None };
        let name = path.path.get_ident()?;
        self.closures.iter().find(|(closure, _)| closure == name).map(|(_, pointer)| pointer)
    }

    /// The generic arguments as one type.
    pub fn arguments_type(&self) -> TokenStream {
        arguments_type(&self.instance)
    }

    /// `::<T, N, _>` for a call of the function's own parts, from where parameters written as `impl Trait` have no names.
    pub fn inferred_turbofish(&self) -> TokenStream {
        let names = self.named.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Lifetime(_) => None,
            GenericParam::Const(constant) => Some(constant.ident.to_token_stream()),
            GenericParam::Type(ty) => {
                let is_inferred = ty.ident.to_string().starts_with(ANONYMOUS)
                    || self.closures.iter().any(|(closure, _)| *closure == ty.ident);
                Some(if is_inferred { quote!(_) } else { ty.ident.to_token_stream() })
            }
        });
        let names: Vec<_> = names.collect();
        if names.is_empty() { TokenStream::new() } else { quote!(::<#(#names),*>) }
    }

    /// `::<T, N, _>` for a call of the function's own parts, where `closure` says what stands for a closure.
    pub fn turbofish(&self, closure: impl Fn(&Ident, &TokenStream) -> TokenStream) -> TokenStream {
        let arguments: Vec<_> = self
            .named
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                GenericParam::Lifetime(_) => None,
                GenericParam::Const(constant) => Some(constant.ident.to_token_stream()),
                GenericParam::Type(ty) => {
                    let known = self.closures.iter().find(|(name, _)| *name == ty.ident);
                    Some(known.map_or_else(|| ty.ident.to_token_stream(), |(name, p)| closure(name, p)))
                }
            })
            .collect();
        if arguments.is_empty() { TokenStream::new() } else { quote!(::<#(#arguments),*>) }
    }
}

/// The generic arguments by which instances of a function are told apart, as one type.
pub fn instance_arguments(generics: &syn::Generics) -> TokenStream {
    arguments_type(&instance(generics))
}

/// The generics by which instances of a function are told apart.
pub fn instance(generics: &syn::Generics) -> syn::Generics {
    instance_generics(generics, &closures(generics))
}

/// A method's signature with a name for every type of a value, and with what all those are bound by.
pub fn named(written: &syn::Signature) -> syn::Signature {
    let mut sig = written.clone();
    for input in &mut sig.inputs {
        if let syn::FnArg::Typed(parameter) = input
            && !is_opaque_closure(&parameter.ty)
        {
            *parameter.ty = name_opaque(&parameter.ty, &mut sig.generics);
        }
    }
    let closures = closures(&sig.generics);
    bind_values(&mut sig.generics, &closures);
    sig
}

/// A signature that asks nothing of the types of closures.
pub fn without_closures(written: &syn::Signature) -> syn::Signature {
    let (mut sig, closures) = (written.clone(), closures(&written.generics));
    let is_closure = |name: &Ident| closures.iter().any(|(closure, _)| closure == name);
    sig.generics.where_clause = instance_generics(&sig.generics, &closures).where_clause;
    for parameter in sig.generics.type_params_mut().filter(|parameter| is_closure(&parameter.ident)) {
        parameter.bounds.clear();
    }
    for input in &mut sig.inputs {
        if let syn::FnArg::Typed(parameter) = input
            && is_opaque_closure(&parameter.ty)
        {
            *parameter.ty = parse_quote!(impl Sized);
        }
    }
    sig
}

fn is_opaque_closure(ty: &Type) -> bool {
    matches!(ty, Type::ImplTrait(opaque) if opaque.bounds.iter().any(|bound| function_pointer(bound).is_some()))
}

/// The generics of a method's own behind those of its block or trait.
pub fn joined(outer: &syn::Generics, own: &syn::Generics) -> syn::Generics {
    let mut generics = outer.clone();
    let is_lifetime = |parameter: &&GenericParam| matches!(parameter, GenericParam::Lifetime(_));
    let lifetimes = own.params.iter().filter(is_lifetime);
    let others = own.params.iter().filter(|parameter| !is_lifetime(parameter));
    generics.params = lifetimes.chain(&outer.params).chain(others).cloned().collect();
    if let Some(own) = &own.where_clause {
        generics.make_where_clause().predicates.extend(own.predicates.iter().cloned());
    }
    generics
}

/// `::<T, N, _>` for a call of a function by its generics; what was written as `impl Trait` is inferred.
pub fn given(generics: &syn::Generics) -> TokenStream {
    let names = generics.params.iter().filter_map(|parameter| match parameter {
        GenericParam::Lifetime(_) => None,
        GenericParam::Const(constant) => Some(constant.ident.to_token_stream()),
        GenericParam::Type(ty) if ty.ident.to_string().starts_with(ANONYMOUS) => Some(quote!(_)),
        GenericParam::Type(ty) => Some(ty.ident.to_token_stream()),
    });
    let names: Vec<_> = names.collect();
    if names.is_empty() { TokenStream::new() } else { quote!(::<#(#names),*>) }
}

/// Generic arguments as one type.
pub fn arguments_type(instance: &syn::Generics) -> TokenStream {
    let arguments = instance.params.iter().filter_map(|parameter| match parameter {
        GenericParam::Lifetime(_) => None,
        GenericParam::Type(ty) => Some(ty.ident.to_token_stream()),
        GenericParam::Const(constant) => {
            let (name, wrapper) = (&constant.ident, constant_wrapper(&constant.ty)?);
            Some(quote!(::falx::__private::generic::#wrapper<#name>))
        }
    });
    let span = Span::mixed_site();
    quote_spanned!(span => (#(#arguments,)*))
}

/// Reports types whose functions are not known when a kernel is built; `impl Trait` takes their place.
pub fn refuse_dyn(function: &mut syn::ItemFn, errors: &mut Errors) {
    struct Refuse<'e>(&'e mut Errors);
    impl VisitMut for Refuse<'_> {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            visit_mut::visit_type_mut(self, ty);
            if let Type::TraitObject(object) = &*ty {
                self.0.at(
                    object,
                    "kernels have no `dyn`, since each function is known when a kernel is built\n\
                     hint: write a type parameter: `fn f<S: Shape>(x: S)`, or an enum",
                );
                let bounds = &object.bounds;
                *ty = parse_quote!(impl #bounds);
            }
        }
    }
    Refuse(errors).visit_signature_mut(&mut function.sig);
}

/// The function's parameters, by plain names.
fn plain_parameters(function: &syn::ItemFn) -> Vec<(Ident, Type)> {
    let typed = function.sig.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(parameter) => Some(parameter),
        syn::FnArg::Receiver(_) => None,
    });
    let named = typed.enumerate().map(|(position, parameter)| {
        let name = match &*parameter.pat {
            syn::Pat::Ident(name) => name.ident.clone(),
            _ => format_ident!("parameter_{position}"),
        };
        (name, (*parameter.ty).clone())
    });
    named.collect()
}

/// The type after `->`, unless it is `()`.
fn result_type(signature: &syn::Signature) -> Option<&Type> {
    match &signature.output {
        syn::ReturnType::Type(_, ty) if !matches!(&**ty, Type::Tuple(unit) if unit.elems.is_empty()) => {
            Some(ty)
        }
        _ => None,
    }
}

fn refuse_borrowed_result(result: Option<&Type>, errors: &mut Errors) {
    match result {
        Some(Type::Reference(reference)) => errors.at(
            reference,
            "a `#[device] fn` returns values, not references\nhint: return the value itself, or take a `&mut` to store it in",
        ),
        Some(Type::ImplTrait(opaque)) => errors.at(
            opaque,
            "a `#[device] fn` cannot return `impl Trait`\nhint: name the type; a closure can be passed in, not out",
        ),
        _ => {}
    }
}

/// How the names begin of the type parameters that the user wrote as `impl Trait`.
const ANONYMOUS: &str = "__Impl";

/// The type with a name for an `impl Trait`.
fn name_opaque(ty: &Type, generics: &mut syn::Generics) -> Type {
    let Type::ImplTrait(opaque) = ty else { return ty.clone() };
    let name = format_ident!("{ANONYMOUS}{}", generics.params.len(), span = Span::mixed_site());
    let bounds = &opaque.bounds;
    generics.params.push(parse_quote!(#name: #bounds));
    parse_quote!(#name)
}

/// The type parameters bound by `Fn`, `FnMut` or `FnOnce`, each with the function pointer that has the same signature.
fn closures(generics: &syn::Generics) -> Vec<(Ident, TokenStream)> {
    let mut found = Vec::new();
    for parameter in generics.type_params() {
        let bounds = bounds_of(generics, parameter);
        if let Some(pointer) = bounds.iter().find_map(function_pointer) {
            found.push((parameter.ident.clone(), pointer));
        }
    }
    found
}

fn bounds_of(generics: &syn::Generics, parameter: &syn::TypeParam) -> Vec<TypeParamBound> {
    let mut bounds: Vec<_> = parameter.bounds.iter().cloned().collect();
    for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
        if let WherePredicate::Type(predicate) = predicate
            && names(&predicate.bounded_ty, &parameter.ident)
        {
            bounds.extend(predicate.bounds.iter().cloned());
        }
    }
    bounds
}

fn names(ty: &Type, name: &Ident) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident(name))
}

fn function_pointer(bound: &TypeParamBound) -> Option<TokenStream> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let last = bound.path.segments.last()?;
    let syn::PathArguments::Parenthesized(signature) = &last.arguments else { return None };
    let (inputs, output, lifetimes) = (&signature.inputs, &signature.output, &bound.lifetimes);
    Some(quote!(#lifetimes fn(#inputs) #output))
}

/// Whatever is no closure is a value: it exists on a device, and borrows nothing.
fn bind_values(generics: &mut syn::Generics, closures: &[(Ident, TokenStream)]) {
    for parameter in generics.type_params_mut() {
        let name = parameter.ident.clone();
        if closures.iter().all(|(closure, _)| *closure != name) {
            let span = name.span().resolved_at(Span::mixed_site());
            let bound = quote_spanned!(span => ::falx::DeviceType<Erased = #name>);
            parameter.bounds.push(parse_quote!(#bound));
            parameter.bounds.push(parse_quote!('static));
        }
    }
}

/// The generics without lifetimes and closures.
fn instance_generics(named: &syn::Generics, closures: &[(Ident, TokenStream)]) -> syn::Generics {
    let is_closure = |name: &Ident| closures.iter().any(|(closure, _)| closure == name);
    let mut generics = named.clone();
    generics.params = std::mem::take(&mut generics.params)
        .into_iter()
        .filter(|parameter| match parameter {
            GenericParam::Lifetime(_) => false,
            GenericParam::Type(ty) => !is_closure(&ty.ident),
            GenericParam::Const(constant) => constant_wrapper(&constant.ty).is_some(),
        })
        .collect();
    if let Some(clause) = &mut generics.where_clause {
        clause.predicates = std::mem::take(&mut clause.predicates)
            .into_iter()
            .filter(|predicate| match predicate {
                WherePredicate::Type(predicate) => {
                    !closures.iter().any(|(closure, _)| names(&predicate.bounded_ty, closure))
                }
                _ => false,
            })
            .collect();
    }
    generics
}

fn check_constants(generics: &syn::Generics, errors: &mut Errors) {
    for parameter in generics.const_params() {
        if constant_wrapper(&parameter.ty).is_none() {
            errors.at(
                &parameter.ty,
                "the constants that a `#[device] fn` is generic over are integers, `bool` or `char`\nhint: write `const N: usize`",
            );
        }
    }
}

/// The type that holds a constant of this type.
fn constant_wrapper(ty: &Type) -> Option<Ident> {
    let Type::Path(path) = ty else { return None };
    let name = path.path.get_ident()?.to_string();
    let known = ["bool", "char", "i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize"];
    let known = known.contains(&name.as_str());
    let (first, rest) = name.split_at(1);
    known.then(|| format_ident!("{}{rest}", first.to_uppercase(), span = Span::mixed_site()))
}
