//! Expands `#[device]` on a struct: the struct laid out as C lays it out, and what makes it a type of the kernel language.
//!
//! What a field's type must be is rustc's to check, on the field; whether the struct can lie in a buffer is decided by
//! conditions on the impls, so that a struct which cannot is no error before somebody puts it there.

use crate::errors::Errors;
use crate::parse::no_arguments;
use crate::twin::mixed;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

/// Expands `#[device] struct`.
pub fn expand(attribute: &TokenStream, mut structure: syn::ItemStruct) -> TokenStream {
    let mut errors = Errors::default();
    if let Err(error) = no_arguments(attribute) {
        errors.push(error);
    }
    check_generics(&structure.generics, &mut errors);
    let has_layout = check_layout(&structure.attrs, &mut errors);
    for field in &structure.fields {
        check_field(&field.ty, &mut errors);
    }
    if !errors.is_empty() {
        let errors = errors.into_tokens();
        return quote!(#errors #structure);
    }
    if !has_layout {
        structure.attrs.push(syn::parse_quote!(#[repr(C)]));
    }
    let impls = Impls::new(&structure).print(&structure);
    quote!(#structure #impls)
}

/// Says that unions do not exist on devices.
pub fn refuse_union(item: &syn::ItemUnion) -> TokenStream {
    let mut errors = Errors::default();
    errors.at(
        item.union_token,
        "kernels have no unions\nhint: use a struct, and `to_bits` and `from_bits` for the bits of a float",
    );
    let errors = errors.into_tokens();
    quote!(#errors #item)
}

fn check_generics(generics: &syn::Generics, errors: &mut Errors) {
    for lifetime in generics.lifetimes() {
        errors.at(
            lifetime,
            "a `#[device] struct` holds values, so it has no lifetimes\nhint: pass accessors and references to functions beside it",
        );
    }
}

/// Whether the struct already says that it is laid out as in C; other layouts are errors.
fn check_layout(attributes: &[syn::Attribute], errors: &mut Errors) -> bool {
    let mut is_c = false;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("repr")) {
        let checked = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("C") {
                is_c = true;
                return Ok(());
            }
            Err(meta.error("a `#[device] struct` lies in memory as `#[repr(C)]` says, on every device\nhint: leave this out"))
        });
        if let Err(error) = checked {
            errors.push(error);
        }
    }
    is_c
}

/// Reports types that no bound could explain better.
pub fn check_field(ty: &syn::Type, errors: &mut Errors) {
    let what = match ty {
        syn::Type::Reference(_) => "a reference",
        syn::Type::Ptr(_) => "a pointer",
        syn::Type::FnPtr(_) => "a function",
        syn::Type::Slice(_) => "a slice",
        syn::Type::Array(array) => return check_field(&array.elem, errors),
        syn::Type::Tuple(tuple) => return tuple.elems.iter().for_each(|part| check_field(part, errors)),
        _ => return,
    };
    errors.at(
        ty,
        format!("a field of a `#[device] struct` cannot be {what}\nhint: hold the value itself, or an index into an accessor"),
    );
}

/// What the impls need to know of the struct.
struct Impls<'s> {
    name: &'s Ident,
    generics: syn::Generics,
    names: Vec<TokenStream>,
    types: Vec<&'s syn::Type>,
}

impl<'s> Impls<'s> {
    fn new(structure: &'s syn::ItemStruct) -> Self {
        let mut generics = structure.generics.clone();
        for parameter in generics.type_params_mut() {
            parameter.bounds.push(syn::parse_quote!(::falx::__private::DeviceValue));
            parameter.default = None;
        }
        let names = structure.fields.members().map(|member| member.to_token_stream()).collect();
        let types = structure.fields.iter().map(|field| &field.ty).collect();
        Impls { name: &structure.ident, generics, names, types }
    }

    fn print(&self, structure: &syn::ItemStruct) -> TokenStream {
        let (device_type, device_value) = (self.device_type(&structure.attrs), self.device_value());
        let element = self.element(&structure.attrs);
        quote!(#device_type #device_value #element)
    }

    /// `impl Trait for Name where conditions`, without the body.
    fn head(&self, kind: &TokenStream, conditions: &[TokenStream]) -> TokenStream {
        let span = mixed(self.name.span());
        let (generics, arguments, given) = self.generics.split_for_impl();
        let given = given.iter().flat_map(|given| &given.predicates);
        let name = self.name;
        quote_spanned!(span => impl #generics #kind for #name #arguments where #(#given,)* #(#conditions,)*)
    }

    /// The one impl whose conditions rustc reports, on the fields.
    fn device_type(&self, attributes: &[syn::Attribute]) -> TokenStream {
        let conditions = self.types.iter().map(|ty| {
            let span = mixed(ty.span());
            quote_spanned!(span => #ty: ::falx::__private::DeviceValue)
        });
        let span = mixed(self.name.span());
        let head = self
            .head(&quote_spanned!(span => ::falx::__private::DeviceType), &conditions.collect::<Vec<_>>());
        let (names, types) = (&self.names, &self.types);
        let spelled = spelled(&self.name.to_string());
        let words = names.iter().map(spelled_tokens);
        let (is_comparable, is_ordered) =
            (derives(attributes, "PartialEq"), derives(attributes, "PartialOrd"));
        quote_spanned!(span =>
            #[automatically_derived]
            #head {
                type Erased = Self;
                fn describe() -> ::falx::__private::Type {
                    ::falx::__private::Type::structure(
                        #spelled, #is_comparable, #is_ordered,
                        [#((#words, <#types as ::falx::__private::DeviceType>::describe())),*],
                    )
                }
                #[inline(always)]
                fn zero() -> Self {
                    Self { #(#names: <#types as ::falx::__private::DeviceType>::zero()),* }
                }
                fn append_words(value: Self, words: &mut ::falx::__private::Words) {
                    let _ = (&value, &words);
                    #(<#types as ::falx::__private::DeviceType>::append_words(value.#names, words);)*
                }
            }
        )
    }

    /// How it travels. The conditions hold or were reported; a bound variable keeps rustc from saying so again.
    fn device_value(&self) -> TokenStream {
        let span = mixed(self.name.span());
        let of_field =
            |ty: &&syn::Type| quote_spanned!(span => for<'falx> #ty: ::falx::__private::FieldValue<'falx>);
        let mut conditions: Vec<_> = self.types.iter().map(of_field).collect();
        conditions.push(self.is_described());
        let head = self.head(&quote_spanned!(span => ::falx::__private::DeviceValue), &conditions);
        let capture = self.head(&quote_spanned!(span => ::falx::Capture), &conditions);
        let (names, types) = (&self.names, &self.types);
        let sizes = quote_spanned!(span => &[#((
            <#types as ::falx::__private::DeviceValue>::SIZE_BYTES,
            <#types as ::falx::__private::DeviceValue>::ALIGNMENT,
        )),*]);
        quote_spanned!(span =>
            #[automatically_derived]
            #head {
                const SIZE_BYTES: usize = ::falx::__private::struct_size(#sizes);
                const ALIGNMENT: usize = ::falx::__private::struct_alignment(#sizes);
                #[inline]
                fn append(&self, bytes: &mut ::falx::__private::ValueBytes) {
                    #(bytes.push(&self.#names);)*
                    let _ = bytes;
                }
            }
            #[automatically_derived]
            // SAFETY: the struct is nothing but values, which have no lifetimes.
            unsafe #capture {
                #[inline]
                fn argument(&self) -> ::falx::__private::Argument {
                    ::falx::__private::value_argument(self)
                }
            }
        )
    }

    /// The impls by which it lies in buffers, under conditions that nobody hears of before they are needed.
    fn element(&self, attributes: &[syn::Attribute]) -> TokenStream {
        if self.types.is_empty() {
            return TokenStream::new();
        }
        let span = mixed(self.name.span());
        let of_field =
            |ty: &&syn::Type| quote_spanned!(span => for<'falx> #ty: ::falx::__private::FieldElement<'falx>);
        let mut conditions: Vec<_> = self.types.iter().map(of_field).collect();
        conditions.push(self.is_described());
        conditions.extend(self.has_no_gap());
        let kinds = [
            ("Zeroable", quote_spanned!(span => ::falx::__private::bytemuck::Zeroable)),
            ("Pod", quote_spanned!(span => ::falx::__private::bytemuck::Pod)),
            ("", quote_spanned!(span => ::falx::Element)),
        ];
        let wanted = kinds.iter().filter(|(derived, _)| !derives(attributes, derived));
        let heads = wanted.map(|(_, kind)| self.head(kind, &conditions));
        quote_spanned!(span => #(
            #[automatically_derived]
            // SAFETY: `#[repr(C)]`; the conditions say that every field is an element, and that no byte is without a field.
            unsafe #heads {}
        )*)
    }

    /// The condition that the struct itself is `Copy` and the like, which was reported where it is not.
    fn is_described(&self) -> TokenStream {
        let (span, name, (_, arguments, _)) =
            (mixed(self.name.span()), self.name, self.generics.split_for_impl());
        quote_spanned!(span => for<'falx> #name #arguments: ::falx::__private::Described<'falx>)
    }

    /// The condition that no byte lies between the fields; none where that is clear.
    fn has_no_gap(&self) -> Option<TokenStream> {
        let (span, name, types) = (mixed(self.name.span()), self.name, &self.types);
        let first = element_of(types[0]).to_token_stream().to_string();
        if types.iter().all(|ty| element_of(ty).to_token_stream().to_string() == first) {
            return None;
        }
        let (_, arguments, _) = self.generics.split_for_impl();
        if self.generics.params.is_empty() {
            let size = quote_spanned!(span => ::core::mem::size_of);
            let gap = quote_spanned!(span => #size::<#name>() #(- #size::<#types>())*);
            return Some(
                quote_spanned!(span => for<'falx> ::falx::__private::Gap<'falx, { #gap }>: ::falx::__private::Closed<#name>),
            );
        }
        Some(
            quote_spanned!(span => for<'falx> ::falx::__private::Mixed<'falx>: ::falx::__private::Uniform<#name #arguments>),
        )
    }
}

/// What an array, however nested, is made of.
fn element_of(ty: &syn::Type) -> &syn::Type {
    match ty {
        syn::Type::Array(array) => element_of(&array.elem),
        syn::Type::Paren(inner) => element_of(&inner.elem),
        syn::Type::Group(inner) => element_of(&inner.elem),
        other => other,
    }
}

/// Whether the struct derives a trait of this name itself.
pub fn derives(attributes: &[syn::Attribute], name: &str) -> bool {
    let derived = attributes.iter().filter(|attribute| attribute.path().is_ident("derive"));
    derived.into_iter().any(|attribute| {
        let mut found = false;
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.segments.last().is_some_and(|last| last.ident == name);
            Ok(())
        });
        found
    })
}

/// A name as a string literal, without the mark of a raw one.
pub fn spelled(name: &str) -> Literal {
    Literal::string(name.strip_prefix("r#").unwrap_or(name))
}

fn spelled_tokens(name: &TokenStream) -> Literal {
    let mut literal = spelled(&name.to_string());
    literal.set_span(Span::mixed_site());
    literal
}
