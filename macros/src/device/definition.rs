//! Expands `#[device] trait`: beside each method stands a device function that stands for whatever an implementor has.
//!
//! In a function that is generic over the trait nobody knows yet which method is meant. What is called there is an instance
//! of the function beside the method, with the implementor among its arguments; asked for its definition, it asks the
//! implementor. A default method is a device function that is generic over the implementor.

use super::receiver::{Receiver, Rewrite, allow_unused_receiver, give_back, parameter_name, self_parameter};
use super::{Form, link, signature};
use crate::errors::Errors;
use crate::methods;
use crate::parse::no_arguments;
use crate::twin::mixed;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{ItemFn, ItemTrait, TraitItem, TraitItemFn, parse_quote};

/// Expands `#[device] trait`.
pub fn expand(attribute: &TokenStream, definition: &ItemTrait) -> TokenStream {
    let mut errors = Errors::default();
    if let Err(error) = no_arguments(attribute) {
        errors.push(error);
    }
    for lifetime in definition.generics.lifetimes() {
        errors.at(
            lifetime,
            "a `#[device] trait` has no lifetimes, since values of the kernel language have none",
        );
    }
    let definition = Definition::new(definition);
    let expanded = definition.expand(&mut errors);
    if errors.is_empty() {
        return expanded;
    }
    let (errors, definition) = (errors.into_tokens(), definition.definition);
    quote!(#errors #[allow(unused)] #definition)
}

struct Definition<'t> {
    definition: &'t ItemTrait,
    /// The trait with its own arguments.
    path: syn::Path,
    /// The implementor, and then the trait's own parameters.
    generics: syn::Generics,
}

impl<'t> Definition<'t> {
    fn new(definition: &'t ItemTrait) -> Self {
        let (name, (_, arguments, _)) = (&definition.ident, definition.generics.split_for_impl());
        let path: syn::Path = parse_quote!(#name #arguments);
        let mut generics = definition.generics.clone();
        bind_values(&mut generics);
        let this = this(name.span());
        generics.params.insert(0, parse_quote!(#this: #path));
        Definition { definition, path, generics }
    }

    fn expand(&self, errors: &mut Errors) -> TokenStream {
        let (mut beside, mut inside) = (TokenStream::new(), TokenStream::new());
        for item in &self.definition.items {
            match item {
                TraitItem::Fn(method) => self.method(method, &mut beside, &mut inside, errors),
                TraitItem::Type(ty) => inside.extend(self.associated_type(ty)),
                TraitItem::Const(_) => item.to_tokens(&mut inside),
                other => errors.at(other, "a `#[device] trait` holds functions, constants and types"),
            }
        }
        let ItemTrait { attrs, vis, ident, supertraits, .. } = self.definition;
        let mut generics = self.definition.generics.clone();
        bind_values(&mut generics);
        let (supertraits, span) = (supertraits.iter(), Span::mixed_site());
        let (generics, conditions) = (&generics, &generics.where_clause);
        quote_spanned!(span =>
            #(#attrs)*
            #vis trait #ident #generics:
                #(#supertraits +)* ::falx::Capture + ::falx::DeviceValue + ::falx::DeviceType<Erased = Self>
            #conditions
            {
                #inside
            }
            #beside
        )
    }

    fn associated_type(&self, ty: &syn::TraitItemType) -> TokenStream {
        let (mut ty, path) = (ty.clone(), &self.path);
        let name = &ty.ident;
        let bound: syn::TypeParamBound = parse_quote!(::falx::DeviceType<Erased = <Self as #path>::#name>);
        ty.colon_token.get_or_insert_default();
        ty.bounds.push(parse_quote!(::falx::DeviceValue));
        ty.bounds.push(bound);
        ty.to_token_stream()
    }

    fn method(
        &self,
        method: &TraitItemFn,
        beside: &mut TokenStream,
        inside: &mut TokenStream,
        errors: &mut Errors,
    ) {
        let mut method = method.clone();
        if let Some(body) = &mut method.default {
            super::parameters::name(&mut method.sig, body);
        }
        method.sig = signature::named(&method.sig);
        let (sig, receiver) = (&method.sig, Receiver::of(&method.sig));
        let name = sig.ident.to_string();
        if receiver != Receiver::None && methods::find(&name).is_some() {
            errors.at(
                &sig.ident,
                format!(
                    "kernels take `{name}` for the method of numbers and accessors\nhint: choose another name"
                ),
            );
        }
        super::plain_function(sig, "a method of a `#[device] trait`", errors);
        let handle = self.name_beside(&sig.ident, "");
        beside.extend(self.dispatch(sig, &handle));
        let (span, arguments) = (mixed(sig.ident.span()), self.arguments(&sig.generics));
        let callee = quote_spanned!(span => ::falx::__private::Instance<#handle, #arguments>);
        let own = &sig.ident;
        let call = link::call_of(sig, &quote_spanned!(span => Self::#own));
        let call = quote_spanned!(span => ::falx::__private::Called::new(#call));
        inside.extend(link::link(&without_mut(sig), &syn::Visibility::Inherited, &callee, &call));
        match &method.default {
            None => {
                let (attrs, found) = (&method.attrs, link::definition_head(sig));
                inside.extend(quote_spanned!(span => #(#attrs)* #sig; #found;));
            }
            Some(block) => self.default_method(&method, block, beside, inside, errors),
        }
    }

    /// The function that stands for that of every implementor.
    fn dispatch(&self, sig: &syn::Signature, handle: &Ident) -> TokenStream {
        let (name, own) = (&sig.ident, signature::instance(&sig.generics));
        let (all, given) = (signature::joined(&self.generics, &own), signature::given(&own));
        let ((generics, _, conditions), path) = (all.split_for_impl(), &self.path);
        let (vis, this) = (&self.definition.vis, this(name.span()));
        let arguments = signature::instance_arguments(&all);
        let (span, found) = (mixed(name.span()), link::definition_name(name));
        quote_spanned!(span =>
            #[doc(hidden)]
            #[allow(non_camel_case_types, dead_code)]
            #vis enum #handle {}
            impl #generics ::falx::__private::DeviceFunction<#arguments> for #handle #conditions {
                fn definition() -> ::falx::__private::Definition {
                    <#this as #path>::#found #given()
                }
            }
        )
    }

    fn default_method(
        &self,
        method: &TraitItemFn,
        block: &syn::Block,
        beside: &mut TokenStream,
        inside: &mut TokenStream,
        errors: &mut Errors,
    ) {
        let (sig, receiver) = (&method.sig, Receiver::of(&method.sig));
        let handle = self.name_beside(&sig.ident, "_default");
        let Some(function) = self.free_function(method, block, &handle, errors) else { return };
        beside.extend(super::expand_function(
            &function,
            Form::Method { changes_receiver: receiver == Receiver::Mutable },
        ));
        let (span, turbofish) = (mixed(sig.ident.span()), self.own_arguments(&sig.generics));
        let this = sig.receiver().and_then(|written| receiver.value(written.self_token.span()));
        let arguments = this
            .into_iter()
            .chain(sig.inputs.iter().filter_map(parameter_name).map(ToTokens::to_token_stream));
        let mut call = quote_spanned!(span => #handle #turbofish(#(#arguments),*));
        if receiver == Receiver::Mutable {
            let place = sig.receiver().map(|written| written.self_token);
            call = quote_spanned!(span => {
                let (changed, result) = #call;
                *#place = changed;
                result
            });
        }
        let (attrs, plain) = (&method.attrs, without_mut(sig));
        inside.extend(quote_spanned!(span => #(#attrs)* #plain { #call }));
        let arguments = self.arguments(&sig.generics);
        inside.extend(link::definition(sig, &handle.to_token_stream(), &arguments));
    }

    /// A default method as a function that is generic over the implementor.
    fn free_function(
        &self,
        method: &TraitItemFn,
        block: &syn::Block,
        handle: &Ident,
        errors: &mut Errors,
    ) -> Option<ItemFn> {
        let this = this(method.sig.ident.span());
        let ty: syn::Type = parse_quote!(#this);
        let mut function = ItemFn {
            attrs: vec![
                parse_quote!(#[doc(hidden)]),
                parse_quote!(#[allow(non_snake_case, dead_code, clippy::all)]),
            ],
            vis: self.definition.vis.clone(),
            modifiers: method.modifiers.clone(),
            sig: method.sig.clone(),
            block: Box::new(block.clone()),
        };
        function.sig.ident = handle.clone();
        function.sig.generics = signature::joined(&self.generics, &method.sig.generics);
        if let Some(input @ syn::FnArg::Receiver(_)) = function.sig.inputs.first_mut() {
            *input = self_parameter(input, &ty, errors)?;
        }
        let receiver = Receiver::of(&method.sig);
        Rewrite::new(&ty, Some(&self.path)).lending(receiver).visit_item_fn_mut(&mut function);
        if receiver == Receiver::Mutable {
            give_back(&mut function, &ty);
        }
        allow_unused_receiver(&mut function, block);
        Some(function)
    }

    /// The name of what stands beside a method.
    fn name_beside(&self, method: &Ident, suffix: &str) -> Ident {
        format_ident!("__{}_{}{}", self.definition.ident, method, suffix, span = method.span())
    }

    /// The generic arguments of the function beside a method, as one type, inside of the trait.
    fn arguments(&self, own: &syn::Generics) -> TokenStream {
        signature::instance_arguments(&self.inside(own))
    }

    /// The same as a call of that function writes them.
    fn own_arguments(&self, own: &syn::Generics) -> TokenStream {
        signature::given(&self.inside(own))
    }

    /// The generics of the function beside a method as they are called inside of the trait.
    fn inside(&self, own: &syn::Generics) -> syn::Generics {
        let mut generics = self.generics.clone();
        if let Some(syn::GenericParam::Type(first)) = generics.params.first_mut() {
            first.ident = Ident::new("Self", Span::call_site());
        }
        signature::joined(&generics, own)
    }
}

/// What the implementor is called outside of the trait.
fn this(span: Span) -> Ident {
    Ident::new("SelfOfTrait", span)
}

/// Types that a trait is generic over are values.
fn bind_values(generics: &mut syn::Generics) {
    for parameter in generics.type_params_mut() {
        let name = parameter.ident.clone();
        parameter.bounds.push(parse_quote!(::falx::DeviceValue));
        parameter.bounds.push(parse_quote!(::falx::DeviceType<Erased = #name>));
    }
}

/// A signature whose parameters do not change.
fn without_mut(sig: &syn::Signature) -> syn::Signature {
    let mut sig = sig.clone();
    for input in &mut sig.inputs {
        match input {
            syn::FnArg::Typed(parameter) => {
                if let syn::Pat::Ident(name) = &mut *parameter.pat {
                    name.mutability = None;
                }
            }
            syn::FnArg::Receiver(receiver) => receiver.mutability = None,
        }
    }
    sig
}
