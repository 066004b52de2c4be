//! Expands `#[device] impl`: each method becomes a device function beside the block, which the method calls.
//!
//! `self` becomes a parameter and `Self` the type. A method that takes `&mut self` becomes a function that returns the
//! changed value beside its result, since a value is all that a function of the kernel language can give back.

use super::{Form, link, signature};
use crate::errors::Errors;
use crate::methods;
use crate::parse::no_arguments;
use crate::twin::mixed;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
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

/// How a method takes its receiver.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    None,
    Value,
    Shared,
    Mutable,
}

impl Receiver {
    pub fn of(sig: &syn::Signature) -> Self {
        match sig.receiver().map(|receiver| &receiver.kind) {
            None => Receiver::None,
            Some(syn::ReceiverKind::Reference(_, _, Some(_))) => Receiver::Mutable,
            Some(syn::ReceiverKind::Reference(..)) => Receiver::Shared,
            Some(_) => Receiver::Value,
        }
    }

    /// The receiver as a value.
    pub fn value(self, span: Span) -> Option<TokenStream> {
        let this = Ident::new("self", span);
        match self {
            Receiver::None => None,
            Receiver::Value => Some(quote!(#this)),
            Receiver::Shared | Receiver::Mutable => Some(quote!(*#this)),
        }
    }
}

pub fn parameter_name(input: &syn::FnArg) -> Option<&Ident> {
    match input {
        syn::FnArg::Typed(parameter) => match &*parameter.pat {
            syn::Pat::Ident(name) => Some(&name.ident),
            _ => None,
        },
        syn::FnArg::Receiver(_) => None,
    }
}

/// The receiver as a parameter like others.
pub fn self_parameter(input: &syn::FnArg, ty: &syn::Type, errors: &mut Errors) -> Option<syn::FnArg> {
    let syn::FnArg::Receiver(receiver) = input else { return None };
    if matches!(receiver.kind, syn::ReceiverKind::Typed(..)) {
        errors.at(receiver, "a method of a `#[device] impl` takes `self`, `&self` or `&mut self`");
        return None;
    }
    let name = self_name(receiver.self_token.span());
    let mutable = match receiver.kind {
        syn::ReceiverKind::Reference(_, _, mutable) => mutable,
        _ => receiver.mutability,
    };
    Some(parse_quote!(#mutable #name: #ty))
}

/// Silences what Rust never says of a method: that it does not use its receiver.
pub fn allow_unused_receiver(function: &mut ItemFn, method: &syn::Block) {
    fn names_self(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => names_self(group.stream()),
            TokenTree::Ident(name) => name == "self",
            _ => false,
        })
    }
    if !names_self(method.to_token_stream()) {
        function.attrs.push(parse_quote!(#[allow(unused_variables)]));
    }
}

/// What `self` is called in the function.
pub fn self_name(span: Span) -> Ident {
    Ident::new("self_", span)
}

/// Makes a function that changes `self_` return it, beside its result.
pub fn give_back(function: &mut ItemFn, ty: &syn::Type) {
    let result: syn::Type = match &function.sig.output {
        syn::ReturnType::Default => parse_quote!(()),
        syn::ReturnType::Type(_, ty) => (**ty).clone(),
    };
    function.sig.output = parse_quote!(-> (#ty, #result));
    let mut leave = Leave { is_used: false };
    leave.visit_block_mut(&mut function.block);
    let label: Option<syn::Label> = leave.is_used.then(|| parse_quote!('falx_body:));
    let (name, block) = (self_name(function.sig.ident.span()), &function.block);
    let block: syn::Block = parse_quote!({
        let falx_result: #result = #label #block;
        (#name, falx_result)
    });
    *function.block = block;
}

/// Turns `return` into leaving the block with a label.
struct Leave {
    is_used: bool,
}

impl VisitMut for Leave {
    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        visit_mut::visit_expr_mut(self, expression);
        if let syn::Expr::Return(node) = expression {
            self.is_used = true;
            let value = &node.expr;
            *expression = parse_quote!(break 'falx_body #value);
        }
    }
    fn visit_expr_closure_mut(&mut self, _closure: &mut syn::ExprClosure) {}
    fn visit_item_mut(&mut self, _item: &mut syn::Item) {}
}

/// Writes out `Self` and `self`.
pub struct Rewrite {
    path: Option<syn::Path>,
    /// The trait whose associated types `Self` has.
    of: Option<syn::Path>,
    /// How the method takes `self`, which is a value in the function.
    receiver: Receiver,
}

impl Rewrite {
    pub fn new(ty: &syn::Type, of: Option<&syn::Path>) -> Self {
        let path = match ty {
            syn::Type::Path(path) => Some(path.path.clone()),
            _ => None,
        };
        // With `::` before the arguments the path may stand everywhere.
        let path = path.map(|mut path| {
            for segment in &mut path.segments {
                if let syn::PathArguments::AngleBracketed(list) = &mut segment.arguments {
                    list.colon2_token.get_or_insert_default();
                }
            }
            path
        });
        Rewrite { path, of: of.cloned(), receiver: Receiver::None }
    }

    /// The same for the function of a method that takes its receiver so.
    pub fn lending(self, receiver: Receiver) -> Self {
        Rewrite { receiver, ..self }
    }

    /// What `self` is where neither `*` nor `.` says that it is the value itself.
    fn receiver(&self, span: Span) -> syn::Expr {
        let name = self_name(span);
        match self.receiver {
            Receiver::None | Receiver::Value => parse_quote!(#name),
            Receiver::Shared => parse_quote!(&#name),
            Receiver::Mutable => parse_quote!(&mut #name),
        }
    }
}

impl VisitMut for Rewrite {
    fn visit_expr_mut(&mut self, expression: &mut syn::Expr) {
        match expression {
            syn::Expr::Unary(syn::ExprUnary { op: syn::UnOp::Deref(_), expr, .. }) if is_self(expr) => {
                self.visit_itself(expr);
                *expression = (**expr).clone();
            }
            syn::Expr::Field(syn::ExprField { base: of, .. })
            | syn::Expr::Index(syn::ExprIndex { expr: of, .. })
                if is_self(of) =>
            {
                self.visit_itself(of);
                // The rest.
                if let syn::Expr::Index(index) = expression {
                    self.visit_expr_mut(&mut index.index);
                }
            }
            syn::Expr::MethodCall(call) if is_self(&call.receiver) => {
                self.visit_itself(&mut call.receiver);
                call.turbofish
                    .iter_mut()
                    .for_each(|types| self.visit_angle_bracketed_generic_arguments_mut(types));
                call.args.iter_mut().for_each(|argument| self.visit_expr_mut(argument));
            }
            whole if is_self(whole) => *whole = self.receiver(syn::spanned::Spanned::span(whole)),
            _ => visit_mut::visit_expr_mut(self, expression),
        }
    }

    fn visit_macro_mut(&mut self, call: &mut syn::Macro) {
        call.tokens = self.rewritten(std::mem::take(&mut call.tokens));
    }

    fn visit_type_mut(&mut self, ty: &mut syn::Type) {
        if let syn::Type::Path(written) = &*ty
            && let (Some(of), Some(this)) = (&self.of, &self.path)
            && written.qself.is_none()
            && let [first, name] = &written.path.segments.iter().collect::<Vec<_>>()[..]
            && first.ident == "Self"
        {
            let name = &name.ident;
            *ty = parse_quote!(<#this as #of>::#name);
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        let Some(first) = path.segments.first() else { return };
        if first.ident == "self" && path.segments.len() == 1 {
            *path = self_name(first.ident.span()).into();
        } else {
            self.visit_self_type(path);
        }
    }
}

/// Whether a token is the star of `*self`: none that multiplies, and none before a part of it.
fn dereferences_self(before: &[TokenTree], token: &TokenTree, after: &[TokenTree]) -> bool {
    let is_star = matches!(token, TokenTree::Punct(star) if star.as_char() == '*');
    let follows_operand = match before.last() {
        Some(TokenTree::Ident(name)) => !matches!(
            name.to_string().as_str(),
            "return" | "in" | "if" | "match" | "while" | "else" | "break"
        ),
        Some(TokenTree::Punct(mark)) => mark.as_char() == '?',
        Some(TokenTree::Literal(_) | TokenTree::Group(_)) => true,
        None => false,
    };
    is_star && !follows_operand && names(after.first(), "self") && !after.get(1).is_some_and(takes_part)
}

/// Whether a token behind a value begins what takes a part of it: `.name` or `[index]`.
fn takes_part(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(dot) => dot.as_char() == '.',
        TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Bracket,
        _ => false,
    }
}

impl Rewrite {
    /// The tokens of a macro, in which `*self`, `self.` and `self[` name the value, and `self` alone the receiver.
    fn rewritten(&self, tokens: TokenStream) -> TokenStream {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut result = TokenStream::new();
        for (position, token) in tokens.iter().enumerate() {
            let (before, after) = (&tokens[..position], &tokens[position + 1..]);
            match token {
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.rewritten(group.stream()));
                    inner.set_span(group.span());
                    inner.to_tokens(&mut result);
                }
                TokenTree::Punct(_) if dereferences_self(before, token, after) => {}
                TokenTree::Ident(name) if name == "self" => {
                    let is_value = before
                        .split_last()
                        .is_some_and(|(last, before)| dereferences_self(before, last, &tokens[position..]));
                    match is_value || after.first().is_some_and(takes_part) {
                        true => self_name(name.span()).to_tokens(&mut result),
                        false => self.receiver(name.span()).to_tokens(&mut result),
                    }
                }
                TokenTree::Ident(name) if name == "Self" => {
                    let mut path = name.clone().into();
                    self.visit_self_type(&mut path);
                    path.to_tokens(&mut result);
                }
                other => other.to_tokens(&mut result),
            }
        }
        result
    }

    /// `Self::name` with the type written out.
    fn visit_self_type(&self, path: &mut syn::Path) {
        let (Some(first), Some(ty)) = (path.segments.first(), &self.path) else { return };
        if first.ident != "Self" {
            return;
        }
        let span = first.ident.span();
        let mut ty = ty.clone();
        ty.segments.iter_mut().for_each(|segment| segment.ident.set_span(span));
        ty.segments.extend(path.segments.iter().skip(1).cloned());
        *path = ty;
    }

    /// `self` where it stands for the value.
    fn visit_itself(&mut self, expression: &mut syn::Expr) {
        visit_mut::visit_expr_mut(self, expression);
    }
}

fn names(token: Option<&TokenTree>, wanted: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(name)) if name == wanted)
}

fn is_self(expression: &syn::Expr) -> bool {
    match expression {
        syn::Expr::Path(path) => path.path.is_ident("self"),
        syn::Expr::Paren(inner) => is_self(&inner.expr),
        _ => false,
    }
}

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
