//! Expands `kernel!` and `#[kernel_fn]`.

use crate::check::{Checker, Role};
use crate::errors::Errors;
use crate::expand::{allowed, bind_parameter, constant_list, witness_list, witness_names, witnesses};
use crate::meeting;
use crate::model::{Body, Capture, CaptureKind};
use crate::parse::{first_span, no_arguments, parse};
use crate::spelling::spelling;
use crate::tree;
use crate::twin::{self, mixed, witness};
use crate::uniform::DoubtfulCall;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

/// What a work-item may be, for hints.
const ITEMS: &str = "`Id<D>`, `Item<D>`, `NdItem<D>`, `usize` or `[usize; D]`";

/// Expands `kernel!`.
pub fn closure(input: TokenStream) -> TokenStream {
    let span = first_span(&input);
    let closure: syn::Expr = match parse(input) {
        Ok(closure) => closure,
        Err(error) => return stub(error.to_compile_error(), &quote!(())),
    };
    let syn::Expr::Closure(closure) = closure else {
        let error =
            syn::Error::new_spanned(closure, "this is not a closure\nhint: write `kernel!(|i: Id<1>| ..)`");
        return stub(error.to_compile_error(), &quote!(()));
    };
    let mut checker = Checker::new(Role::Kernel, Vec::new());
    closure_head(&closure, &mut checker.errors);
    match closure.inputs.first() {
        Some(syn::Pat::Type(parameter)) => checker.parameter(parameter),
        Some(untyped) => {
            let message = format!("the work-item needs a type\nhint: write `|i: Id<1>|`; it may be {ITEMS}");
            checker.errors.at(untyped, message);
            checker.unit_parameter(untyped.span());
        }
        None => checker.unit_parameter(closure.inputs_begin.span()),
    }
    checker.body(&closure.body);
    let calls = check_uniformity(&mut checker, closure.inputs.first(), &closure.body);
    finish(checker, &calls, "kernel", span)
}

/// Every work-item of a group must reach the operations over it; gives the calls in which there may be some.
fn check_uniformity(checker: &mut Checker, item: Option<&syn::Pat>, body: &syn::Expr) -> Vec<DoubtfulCall> {
    let declared = &checker.body.parameters[0].declared;
    let may_call = spelling(declared.clone()).contains("NdItem");
    if !checker.errors.is_empty() || !(checker.body.has_barrier || may_call) {
        return Vec::new();
    }
    let item = match item {
        Some(syn::Pat::Type(typed)) => Some(&*typed.pat),
        other => other,
    };
    crate::uniform::check(item, body, &mut checker.errors)
}

fn closure_head(closure: &syn::ExprClosure, errors: &mut Errors) {
    if let Some(second) = closure.inputs.iter().nth(1) {
        errors.at(
            second,
            "a kernel has one parameter, its work-item\nhint: other values are captured by naming them",
        );
    }
    if let Some(token) = &closure.asyncness {
        errors.at(token, "a kernel cannot be `async`");
    }
    if let Some(token) = &closure.constness {
        errors.at(token, "a kernel cannot be `const`");
    }
    if let syn::ReturnType::Type(_, ty) = &closure.output {
        errors.at(ty, "a kernel returns nothing\nhint: store the result through an accessor");
    }
    for attribute in &closure.attrs {
        errors.at(attribute, "put attributes on the statement around `kernel!`");
    }
}

/// Expands `#[kernel_fn]`.
pub fn function(attribute: &TokenStream, item: TokenStream) -> TokenStream {
    let function: syn::ItemFn = match no_arguments(attribute).and_then(|()| parse(item)) {
        Ok(function) => function,
        Err(error) => return error.to_compile_error(),
    };
    let (item, parameters) = split_parameters(&function.sig);
    let names = parameters.iter().filter_map(parameter_name).collect();
    let mut checker = Checker::new(Role::Kernel, names);
    function_head(&function.sig, &mut checker.errors);
    for parameter in &parameters {
        if parameter_name(parameter).is_none() {
            checker
                .errors
                .at(&parameter.pat, "this is captured, so it needs a name\nhint: take it apart in the body");
        }
    }
    match &item {
        Some(item) => checker.parameter(item),
        None => checker.unit_parameter(function.sig.ident.span()),
    }
    let syn::ItemFn { attrs, vis, sig, block, .. } = function;
    let whole = syn::Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: *block });
    checker.body(&whole);
    let calls = check_uniformity(&mut checker, item.as_ref().map(|item| &*item.pat), &whole);
    let item_type = checker.body.parameters[0].declared.clone();
    let body = finish(checker, &calls, &sig.ident.to_string(), sig.ident.span());
    // Accessors have a lifetime that says nothing in a signature, so nobody should have to write it.
    print_function(
        &quote!(#(#attrs)* #[allow(elided_lifetimes_in_paths)] #vis),
        &sig,
        &parameters,
        &item_type,
        &body,
    )
}

/// `head` is what stands before `fn`.
fn print_function(
    head: &TokenStream,
    sig: &syn::Signature,
    parameters: &[syn::PatType],
    item_type: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let (name, (generics, _, conditions)) = (&sig.ident, sig.generics.split_for_impl());
    // The bounds are needed as written, which `ImplGenerics` keeps.
    let parameters = parameters.iter().map(|parameter| match parameter_name(parameter) {
        Some(name) => {
            let ty = &parameter.ty;
            quote!(#name: #ty)
        }
        None => {
            let ty = &parameter.ty;
            quote!(_: #ty)
        }
    });
    let span = Span::mixed_site();
    let result = quote_spanned!(span => -> impl ::falx::Kernel<#item_type>);
    quote!(#head fn #name #generics (#(#parameters),*) #result #conditions { #body })
}

/// The work-item's parameter, and the captured ones.
fn split_parameters(signature: &syn::Signature) -> (Option<syn::PatType>, Vec<syn::PatType>) {
    let mut typed = signature.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(parameter) => Some(parameter.clone()),
        syn::FnArg::Receiver(_) => None,
    });
    (typed.next(), typed.collect())
}

fn parameter_name(parameter: &syn::PatType) -> Option<Ident> {
    match &*parameter.pat {
        syn::Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => Some(name.ident.clone()),
        _ => None,
    }
}

fn function_head(signature: &syn::Signature, errors: &mut Errors) {
    crate::device::plain_signature(signature, "a kernel", errors);
    if let syn::ReturnType::Type(_, ty) = &signature.output {
        errors.at(ty, "a kernel returns nothing\nhint: store the result through an accessor");
    }
}

/// What a kernel that has errors becomes: the errors, and a value that is a kernel over the same items.
fn stub(errors: TokenStream, item_type: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    quote_spanned!(span => { #errors ::falx::__private::failed::<#item_type>() })
}

fn finish(checker: Checker, calls: &[DoubtfulCall], name: &str, span: Span) -> TokenStream {
    let item_type = checker.body.parameters[0].declared.clone();
    if !checker.errors.is_empty() {
        return stub(checker.errors.into_tokens(), &item_type);
    }
    let body = checker.body;
    let (tree, names) = (kernel_tree(&body, name, span), witness_names(&body));
    let (witnesses, list) = (witnesses(&names), witness_list(&names));
    let (arguments, constants, closure) = (arguments(&body), constant_list(&body), twin_closure(&body));
    let declared = body.captures.iter().filter_map(declaration);
    let items = &body.items;
    let (assertions, allowed, span) = (meeting::assertions(calls), allowed(&body), Span::mixed_site());
    quote_spanned!(span => {
        #tree
        #(#items)*
        #assertions
        #(#declared)*
        #witnesses
        #allowed
        let kernel = {
            let arguments = [#(#arguments),*];
            let constants = [#(#constants),*];
            let body = __falx::body(#closure);
            // Everything captured goes through `argument` or `constant`, which require `Capture` and `ConstantValue`.
            unsafe { __falx::kernel(&__FALX_TREE, #list, arguments, constants, body) }
        };
        kernel
    })
}

fn kernel_tree(body: &Body, name: &str, span: Span) -> TokenStream {
    let mut text = tree::Text::default();
    text.identifier(&name)
        .string(&tree::file(span))
        .word(tree::line(span))
        .list(&body.captures, tree::capture);
    tree::pattern(&body.parameters[0].pattern, &mut text);
    tree::block(&body.block, text.word(body.parameters[0].ty));
    tree::encoded("__FALX_TREE", "Kernel", body, &text)
}

/// What makes the accessor of local memory that the kernel declares.
fn declaration(Capture { path, declared, span, .. }: &Capture) -> Option<TokenStream> {
    let (declared, span) = (declared.as_ref()?, mixed(*span));
    Some(quote_spanned!(span => let #path = #declared;))
}

fn arguments(body: &Body) -> Vec<TokenStream> {
    let arguments = body.captures.iter().filter(|capture| capture.kind != CaptureKind::Constant);
    let tied = arguments.map(|Capture { path, ty, span, .. }| {
        let span = mixed(*span);
        let witness = witness(*ty, span);
        quote_spanned!(span => __falx::argument(&#path, #witness))
    });
    tied.collect()
}

fn twin_closure(body: &Body) -> TokenStream {
    let parameter = &body.parameters[0];
    let declared = &parameter.declared;
    let span = mixed(declared.span());
    let item = Ident::new("item", span);
    let environment = Ident::new("environment", Span::mixed_site());
    let bind_captures = bind_captures(body, &environment);
    let bind_item = bind_parameter(parameter, &item.to_token_stream(), span);
    let content = twin::body_content(&body.block);
    let span = Span::mixed_site();
    quote_spanned!(span => move |#environment: &__falx::Environment<'_>, #item: #declared| {
        let _ = #environment;
        #bind_captures
        #bind_item
        #content
    })
}

/// Gives each captured value its meaning inside a running work-item, under its own name and of its own type.
fn bind_captures(body: &Body, environment: &Ident) -> TokenStream {
    let arguments = body.captures.iter().filter_map(|capture| match capture.kind {
        CaptureKind::Argument { stored } => Some((capture, stored)),
        CaptureKind::Constant => None,
    });
    let bindings = arguments.enumerate().map(|(position, (capture, stored))| {
        let (path, span) = (&capture.path, mixed(capture.span));
        let mutable = stored.then(|| quote_spanned!(span => mut));
        quote_spanned!(span => let #mutable #path = __falx::Capture::bind(#path, #environment, #position);)
    });
    quote!(#(#bindings)*)
}
