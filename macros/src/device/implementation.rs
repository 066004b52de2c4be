//! Expands `#[device] impl`: each method becomes a device function beside the block, which the method calls.
//!
//! `self` becomes a parameter and `Self` the type. A method that takes `&mut self` becomes a function that returns the
//! changed value beside its result, since a value is all that a function of the kernel language can give back.

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
use syn::{ImplItem, ImplItemFn, ItemFn, ItemImpl, parse_quote};

/// Expands `#[device] impl`.
pub fn expand(attribute: &TokenStream, block: &ItemImpl) -> TokenStream {
    let mut errors = Errors::default();
    if let Err(error) = no_arguments(attribute) {
        errors.push(error);
    }
    let expanded = Block::new(block, &mut errors).map(|block| block.expand(&mut errors));
    if !errors.is_empty() {
        let errors = errors.into_tokens();
        return quote!(#errors #[allow(unused)] #block);
    }
    expanded.unwrap_or_default()
}

struct Block<'b> {
    block: &'b ItemImpl,
    /// The last name of the type's path.
    name: Ident,
    /// What it is an impl of.
    of: Of,
}

/// What a block is an impl of.
enum Of {
    /// The type itself.
    Type,
    /// An operator of `std::ops`, or `PartialEq`.
    Operator(TokenStream),
    /// A `#[device] trait`.
    Trait(syn::Path),
}

/// What one method becomes.
struct Method {
    /// The device function and the trait impl by which kernels find it.
    beside: TokenStream,
    /// The method itself.
    inside: TokenStream,
}

impl<'b> Block<'b> {
    fn new(block: &'b ItemImpl, errors: &mut Errors) -> Option<Self> {
        let name = match &*block.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.clone()),
            syn::Type::Array(array) => Some(Ident::new("Array", array.span())),
            _ => None,
        };
        let Some(name) = name else {
            let hint = match &*block.self_ty {
                syn::Type::Reference(_) => {
                    "\nhint: values of kernels are `Copy`: write it for the type itself, and `a + b` in place of `&a + &b`"
                }
                _ => "",
            };
            let text = format!("`#[device] impl` is for a `#[device] struct`, a number or an array{hint}");
            errors.at(&block.self_ty, text);
            return None;
        };
        for lifetime in block.generics.lifetimes() {
            errors.at(
                lifetime,
                "a `#[device] impl` has no lifetimes, since values of the kernel language have none",
            );
        }
        let of = match &block.trait_ {
            None => Of::Type,
            Some((path, _)) => Of::implemented(path, errors)?,
        };
        Some(Block { block, name, of })
    }

    /// The trait whose impl this is, unless it is one of operators.
    fn device_trait(&self) -> Option<&syn::Path> {
        match &self.of {
            Of::Trait(path) => Some(path),
            _ => None,
        }
    }

    fn is_operator(&self) -> bool {
        matches!(self.of, Of::Operator(_))
    }

    fn expand(&self, errors: &mut Errors) -> TokenStream {
        let mut beside = TokenStream::new();
        let mut inside = TokenStream::new();
        for item in &self.block.items {
            match item {
                ImplItem::Fn(function) => {
                    if let Some(method) = self.method(function, errors) {
                        beside.extend(method.beside);
                        inside.extend(method.inside);
                    }
                }
                ImplItem::Const(_) | ImplItem::Type(_) => item.to_tokens(&mut inside),
                other => errors.at(other, "a `#[device] impl` holds functions, constants and types"),
            }
        }
        let ItemImpl { attrs, self_ty, trait_, .. } = self.block;
        let of = trait_.as_ref().map(|(path, token)| quote!(#path #token));
        let generics = self.generics();
        let (generics, _, conditions) = generics.split_for_impl();
        let span = Span::mixed_site();
        quote_spanned!(span => const _: () = {
            #beside
            #(#attrs)*
            impl #generics #of #self_ty #conditions { #inside }
        };)
    }

    /// The generics of the block, whose types are values.
    fn generics(&self) -> syn::Generics {
        let mut generics = self.block.generics.clone();
        for parameter in generics.type_params_mut() {
            let name = parameter.ident.clone();
            parameter.bounds.push(parse_quote!(::falx::DeviceValue));
            parameter.bounds.push(parse_quote!(::falx::DeviceType<Erased = #name>));
        }
        generics
    }

    fn method(&self, method: &ImplItemFn, errors: &mut Errors) -> Option<Method> {
        let receiver = Receiver::of(&method.sig);
        let name = method.sig.ident.to_string();
        if !self.is_operator() && receiver != Receiver::None && methods::find(&name).is_some() {
            errors.at(
                &method.sig.ident,
                format!(
                    "kernels take `{name}` for the method of numbers and accessors\nhint: choose another name"
                ),
            );
        }
        if self.is_operator() && method.sig.ident == "ne" {
            errors.at(&method.sig.ident, "in kernels `!=` is what `==` is not\nhint: leave out `ne`");
            return None;
        }
        let mut method = method.clone();
        super::parameters::name(&mut method.sig, &mut method.block);
        method.sig = signature::named(&method.sig);
        let function = self.free_function(&method, receiver, errors)?;
        let expanded = super::expand_function(
            &function,
            Form::Method { changes_receiver: receiver == Receiver::Mutable },
        );
        let callee = self.callee(&function.sig);
        let found = match &self.of {
            Of::Operator(operator) => Some(self.found_by(&method, operator, &callee)),
            _ => None,
        };
        let beside = quote!(#expanded #found);
        Some(Method { beside, inside: self.printed(&method, receiver, &function.sig, &callee) })
    }

    /// The instance of a method's function, as a type.
    fn callee(&self, function: &syn::Signature) -> TokenStream {
        let (handle, arguments) = (&function.ident, signature::instance_arguments(&function.generics));
        let span = Span::mixed_site();
        quote_spanned!(span => ::falx::__private::Instance<#handle, #arguments>)
    }

    /// The impl by which kernels find an operator.
    fn found_by(&self, method: &ImplItemFn, operator: &TokenStream, callee: &TokenStream) -> TokenStream {
        let (ty, generics, span) = (&self.block.self_ty, self.generics(), mixed(method.sig.ident.span()));
        let (generics, _, conditions) = generics.split_for_impl();
        let right = method.sig.inputs.iter().find_map(|input| match input {
            syn::FnArg::Typed(parameter) => Some((*parameter.ty).clone()),
            syn::FnArg::Receiver(_) => None,
        });
        let mut right = match right {
            // Of what stands on both sides of `==` Rust takes references.
            Some(syn::Type::Reference(reference)) if method.sig.ident == "eq" => *reference.elem,
            Some(right) => right,
            None => (**ty).clone(),
        };
        Rewrite::new(ty, None).visit_type_mut(&mut right);
        quote_spanned!(span =>
            impl #generics ::falx::__private::DeviceOperator<#operator, #right> for #ty #conditions { type Callee = #callee; }
        )
    }

    /// What stands beside the method in its block, by which kernels find the device function.
    fn link(
        &self,
        sig: &syn::Signature,
        vis: &syn::Visibility,
        function: &syn::Signature,
        callee: &TokenStream,
    ) -> TokenStream {
        let handle = &function.ident;
        match self.of {
            Of::Operator(_) => TokenStream::new(),
            Of::Type => link::link(sig, vis, callee, &link::call_of(sig, &quote!(#handle::__call))),
            Of::Trait(_) => {
                let arguments = signature::instance_arguments(&function.generics);
                link::definition(sig, &quote!(#handle), &arguments)
            }
        }
    }

    /// The method as a free function.
    fn free_function(&self, method: &ImplItemFn, receiver: Receiver, errors: &mut Errors) -> Option<ItemFn> {
        let ty = &self.block.self_ty;
        let mut function = ItemFn {
            attrs: vec![parse_quote!(#[allow(non_snake_case, dead_code, clippy::all)])],
            vis: parse_quote!(pub),
            modifiers: method.modifiers.clone(),
            sig: method.sig.clone(),
            block: Box::new(method.block.clone()),
        };
        let name = &method.sig.ident;
        function.sig.ident = format_ident!("{}_{}", self.name, name, span = name.span());
        function.sig.generics = signature::joined(&self.generics(), &method.sig.generics);
        if let Some(input @ syn::FnArg::Receiver(_)) = function.sig.inputs.first_mut() {
            *input = self_parameter(input, ty, errors)?;
        }
        Rewrite::new(ty, self.device_trait()).lending(receiver).visit_item_fn_mut(&mut function);
        if receiver == Receiver::Mutable {
            give_back(&mut function, ty);
        }
        allow_unused_receiver(&mut function, &method.block);
        Some(function)
    }

    /// The method itself, which calls the function.
    fn printed(
        &self,
        method: &ImplItemFn,
        receiver: Receiver,
        function: &syn::Signature,
        callee: &TokenStream,
    ) -> TokenStream {
        let (handle, given) = (&function.ident, signature::given(&function.generics));
        let ImplItemFn { attrs, vis, sig, .. } = method;
        let names: Vec<_> = sig.inputs.iter().filter_map(parameter_name).collect();
        let span = mixed(sig.ident.span());
        let this = sig.receiver().and_then(|written| receiver.value(written.self_token.span()));
        let this_argument = this.as_ref().map(|this| quote_spanned!(span => #this,));
        let call = quote_spanned!(span => #handle #given(#this_argument #(#names),*));
        let place = sig.receiver().map(|written| written.self_token);
        let call = match receiver {
            Receiver::Mutable => quote_spanned!(span => {
                let (changed, result) = #call;
                *#place = changed;
                result
            }),
            _ => call,
        };
        let mut sig = sig.clone();
        for input in &mut sig.inputs {
            if let syn::FnArg::Typed(parameter) = input
                && let syn::Pat::Ident(name) = &mut *parameter.pat
            {
                name.mutability = None;
            }
            if let syn::FnArg::Receiver(receiver) = input {
                receiver.mutability = None;
            }
        }
        let link = self.link(&sig, vis, function, callee);
        quote_spanned!(span => #(#attrs)* #vis #sig { #call } #link)
    }
}

impl Of {
    /// What an impl of the trait at `path` is.
    fn implemented(path: &syn::Path, errors: &mut Errors) -> Option<Self> {
        let name = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        if let Some(operator) = operator(&name) {
            return Some(Of::Operator(operator));
        }
        if OF_STD.contains(&name.as_str()) {
            errors.at(
                path,
                "a `#[device] impl` defines methods, one of the operators of `std::ops`, `PartialEq`, or a `#[device] trait`\n\
                 hint: write the methods into `#[device] impl` without a trait, and call them there",
            );
            return None;
        }
        Some(Of::Trait(path.clone()))
    }
}

/// Traits of `std` that people try, and which are no `#[device] trait`s.
const OF_STD: &[&str] = &[
    "AsMut",
    "AsRef",
    "Borrow",
    "BorrowMut",
    "Clone",
    "Debug",
    "Default",
    "Deref",
    "DerefMut",
    "Display",
    "Drop",
    "Eq",
    "Extend",
    "Fn",
    "FnMut",
    "FnOnce",
    "From",
    "FromIterator",
    "FromStr",
    "Hash",
    "Index",
    "IndexMut",
    "Into",
    "IntoIterator",
    "Iterator",
    "Ord",
    "PartialOrd",
    "Product",
    "Sum",
    "ToString",
    "TryFrom",
    "TryInto",
];

/// What falx calls the operator of a trait.
fn operator(name: &str) -> Option<TokenStream> {
    let (plain, is_assigning) = match name.strip_suffix("Assign") {
        Some(plain) => (plain, true),
        None => (name, false),
    };
    let ours = match plain {
        "Add" => "Add",
        "Sub" => "Subtract",
        "Mul" => "Multiply",
        "Div" => "Divide",
        "Rem" => "Remainder",
        "BitAnd" => "And",
        "BitOr" => "Or",
        "BitXor" => "Xor",
        "Shl" => "ShiftLeft",
        "Shr" => "ShiftRight",
        "Neg" if !is_assigning => "Negate",
        "Not" if !is_assigning => "Not",
        "PartialEq" if !is_assigning => "Equal",
        _ => return None,
    };
    let span = Span::mixed_site();
    let ours = Ident::new(ours, span);
    let operator = quote_spanned!(span => ::falx::__private::operator::#ours);
    Some(if is_assigning {
        quote_spanned!(span => ::falx::__private::operator::Assign<#operator>)
    } else {
        operator
    })
}
