//! Expands `#[device]` on an enum: the enum as it is, and what makes it a type of the kernel language.
//!
//! On a device an enum is a tag and the fields of all its variants. What a field's type must be is rustc's to check, on the
//! field.

use crate::errors::Errors;
use crate::parse::no_arguments;
use crate::structure::{check_field, derives, spelled};
use crate::twin::mixed;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

/// Expands `#[device] enum`.
pub fn expand(attribute: &TokenStream, enumeration: syn::ItemEnum) -> TokenStream {
    let mut errors = Errors::default();
    if let Err(error) = no_arguments(attribute) {
        errors.push(error);
    }
    check(&enumeration, &mut errors);
    if !errors.is_empty() {
        let errors = errors.into_tokens();
        return quote!(#errors #enumeration);
    }
    let impls = Impls::new(&enumeration);
    let (device_type, device_value) = (impls.device_type(), impls.device_value());
    quote!(#enumeration #device_type #device_value)
}

fn check(enumeration: &syn::ItemEnum, errors: &mut Errors) {
    if enumeration.variants.is_empty() {
        errors.at(
            &enumeration.ident,
            "a `#[device] enum` needs a variant\nhint: an enum without variants has no values",
        );
    }
    for lifetime in enumeration.generics.lifetimes() {
        errors.at(
            lifetime,
            "a `#[device] enum` holds values, so it has no lifetimes\nhint: pass accessors and references to functions beside it",
        );
    }
    for field in enumeration.variants.iter().flat_map(|variant| &variant.fields) {
        check_field(&field.ty, errors);
    }
}

/// A field of a variant: its name, the variable that holds it, and its type.
struct Field<'e> {
    name: TokenStream,
    variable: Ident,
    ty: &'e syn::Type,
}

/// What the impls need to know of the enum.
struct Impls<'e> {
    enumeration: &'e syn::ItemEnum,
    generics: syn::Generics,
    variants: Vec<(&'e Ident, Vec<Field<'e>>)>,
}

impl<'e> Impls<'e> {
    fn new(enumeration: &'e syn::ItemEnum) -> Self {
        let mut generics = enumeration.generics.clone();
        for parameter in generics.type_params_mut() {
            parameter.bounds.push(syn::parse_quote!(::falx::__private::DeviceValue));
            parameter.default = None;
        }
        let mut n_fields = 0usize;
        let variants = enumeration.variants.iter().map(|variant| {
            let fields = variant.fields.members().zip(&variant.fields).map(|(name, field)| {
                n_fields += 1;
                let variable = format_ident!("field_{}", n_fields, span = mixed(field.span()));
                Field { name: name.to_token_stream(), variable, ty: &field.ty }
            });
            (&variant.ident, fields.collect())
        });
        let variants = variants.collect();
        Impls { enumeration, generics, variants }
    }

    fn fields(&self) -> impl Iterator<Item = &Field<'e>> {
        self.variants.iter().flat_map(|(_, fields)| fields)
    }

    fn types(&self) -> Vec<&syn::Type> {
        self.fields().map(|field| field.ty).collect()
    }

    fn head(&self, kind: &TokenStream, conditions: &[TokenStream]) -> TokenStream {
        let span = mixed(self.enumeration.ident.span());
        let (generics, arguments, given) = self.generics.split_for_impl();
        let given = given.iter().flat_map(|given| &given.predicates);
        let name = &self.enumeration.ident;
        quote_spanned!(span => impl #generics #kind for #name #arguments where #(#given,)* #(#conditions,)*)
    }

    /// The one impl whose conditions rustc reports, on the fields.
    fn device_type(&self) -> TokenStream {
        let span = mixed(self.enumeration.ident.span());
        let conditions = self.fields().map(|field| {
            let (span, ty) = (mixed(field.ty.span()), field.ty);
            quote_spanned!(span => #ty: ::falx::__private::DeviceValue)
        });
        let kind = quote_spanned!(span => ::falx::__private::DeviceType);
        let head = self.head(&kind, &conditions.collect::<Vec<_>>());
        let name = spelled(&self.enumeration.ident.to_string());
        let is_comparable = derives(&self.enumeration.attrs, "PartialEq");
        let is_ordered =
            derives(&self.enumeration.attrs, "PartialOrd") && (self.is_plain() || !self.is_numbered());
        let described = self.variants.iter().zip(0usize..).map(|variant| self.described(variant));
        let (first, fields) = &self.variants[0];
        let (names, types) = (fields.iter().map(|field| &field.name), fields.iter().map(|field| field.ty));
        let (slots, variables) = (self.slots(&quote_spanned!(span => value)), self.variables());
        let cast = self.is_plain().then(|| {
            let head = self.head(&quote_spanned!(span => ::falx::__private::Cast), &[]);
            quote_spanned!(span => #[automatically_derived] #head {})
        });
        quote_spanned!(span =>
            #cast
            #[automatically_derived]
            #head {
                type Erased = Self;
                fn describe() -> ::falx::__private::Type {
                    ::falx::__private::Type::enumeration(#name, #is_comparable, #is_ordered, [#(#described),*])
                }
                #[inline(always)]
                fn zero() -> Self {
                    Self::#first { #(#names: <#types as ::falx::__private::DeviceType>::zero()),* }
                }
                fn append_words(value: Self, words: &mut ::falx::__private::Words) {
                    let (tag, #(#variables,)*) = #slots;
                    ::falx::__private::DeviceType::append_words(tag, words);
                    #(::falx::__private::DeviceType::append_words(#variables, words);)*
                }
            }
        )
    }

    /// A variant's name, discriminant and fields.
    fn described(&self, ((name, fields), position): (&(&Ident, Vec<Field<'_>>), usize)) -> TokenStream {
        let span = mixed(name.span());
        let (text, position) = (spelled(&name.to_string()), Literal::i128_unsuffixed(position as i128));
        let discriminant = match self.is_plain() {
            true => quote_spanned!(span => Self::#name as i128),
            false => position.to_token_stream(),
        };
        let fields = fields.iter().map(|field| {
            let (name, ty) = (spelled(&field.name.to_string()), field.ty);
            quote_spanned!(span => (#name, <#ty as ::falx::__private::DeviceType>::describe()))
        });
        quote_spanned!(span => (#text, #discriminant, ::std::vec![#(#fields),*]))
    }

    /// Whether no variant has fields, so that `as` casts them.
    fn is_plain(&self) -> bool {
        self.enumeration.variants.iter().all(|variant| matches!(variant.fields, syn::Fields::Unit))
    }

    /// Whether a variant has a discriminant of the user's.
    fn is_numbered(&self) -> bool {
        self.enumeration.variants.iter().any(|variant| variant.discriminant.is_some())
    }

    fn variables(&self) -> Vec<&Ident> {
        self.fields().map(|field| &field.variable).collect()
    }

    /// The tag and the fields of all variants, zero where they are another's.
    fn slots(&self, value: &TokenStream) -> TokenStream {
        let span = mixed(self.enumeration.ident.span());
        let arms = self.variants.iter().zip(0u32..).map(|((name, own), tag)| {
            let bound = own.iter().map(|Field { name, variable, .. }| quote!(#name: #variable));
            let slots = self.variants.iter().flat_map(|(variant, fields)| {
                fields.iter().map(move |Field { variable, ty, .. }| match variant == name {
                    true => variable.to_token_stream(),
                    false => quote_spanned!(span => <#ty as ::falx::__private::DeviceType>::zero()),
                })
            });
            quote_spanned!(span => Self::#name { #(#bound),* } => (#tag, #(#slots,)*))
        });
        quote_spanned!(span => match #value { #(#arms),* })
    }

    /// How it travels. The conditions hold or were reported; a bound variable keeps rustc from saying so again.
    fn device_value(&self) -> TokenStream {
        let span = mixed(self.enumeration.ident.span());
        let of_field =
            |ty: &&syn::Type| quote_spanned!(span => for<'falx> #ty: ::falx::__private::FieldValue<'falx>);
        let types = self.types();
        let mut conditions: Vec<_> = types.iter().map(of_field).collect();
        conditions.push(self.is_described());
        let head = self.head(&quote_spanned!(span => ::falx::__private::DeviceValue), &conditions);
        let capture = self.head(&quote_spanned!(span => ::falx::Capture), &conditions);
        let (slots, variables) = (self.slots(&quote_spanned!(span => *self)), self.variables());
        let sizes = quote_spanned!(span => &[(4, 4), #((
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
                    let (tag, #(#variables,)*) = #slots;
                    bytes.push::<u32>(&tag);
                    #(bytes.push(&#variables);)*
                }
            }
            #[automatically_derived]
            // SAFETY: the enum is nothing but values, which have no lifetimes.
            unsafe #capture {
                #[inline]
                fn argument(&self) -> ::falx::__private::Argument {
                    ::falx::__private::value_argument(self)
                }
            }
        )
    }

    /// The condition that the enum itself is `Copy` and the like, which was reported where it is not.
    fn is_described(&self) -> TokenStream {
        let (span, name) = (mixed(self.enumeration.ident.span()), &self.enumeration.ident);
        let (_, arguments, _) = self.generics.split_for_impl();
        quote_spanned!(span => for<'falx> #name #arguments: ::falx::__private::Described<'falx>)
    }
}
