//! Expands `#[derive(Decode)]`, with which falx reads the trees that `tree` writes.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Fields};

/// An implementation that reads a variant's name, and then the fields in their order.
pub fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let name = &input.ident;
    let body = match &input.data {
        Data::Struct(data) => {
            let value = read(&quote!(#name), &data.fields);
            quote!(::core::option::Option::Some(#value))
        }
        Data::Enum(data) => read_variant(name, data),
        Data::Union(_) => return syn::Error::new_spanned(name, "no union is read").to_compile_error(),
    };
    quote! {
        impl crate::kernel::decode::Decode for #name {
            fn decode(reader: &mut crate::kernel::decode::Reader) -> ::core::option::Option<Self> {
                #body
            }
        }
    }
}

/// Reads each variant in a function of its own, so that nested values take no more of the stack than they need.
fn read_variant(name: &Ident, data: &syn::DataEnum) -> TokenStream {
    let functions = data.variants.iter().map(|variant| {
        let (function, ident) = (function_of(&variant.ident), &variant.ident);
        let value = read(&quote!(#name::#ident), &variant.fields);
        quote! {
            #[allow(non_snake_case)]
            #[inline(never)]
            fn #function(reader: &mut crate::kernel::decode::Reader) -> ::core::option::Option<#name> {
                let _ = &reader;
                ::core::option::Option::Some(#value)
            }
        }
    });
    let arms = data.variants.iter().map(|variant| {
        let (function, text) = (function_of(&variant.ident), variant.ident.to_string());
        quote!(#text => #function(reader),)
    });
    quote! {
        #(#functions)*
        match reader.word()? {
            #(#arms)*
            _ => ::core::option::Option::None,
        }
    }
}

fn function_of(variant: &Ident) -> Ident {
    format_ident!("read_{}", variant)
}

fn read(path: &TokenStream, fields: &Fields) -> TokenStream {
    let field = quote!(crate::kernel::decode::Decode::decode(reader)?);
    match fields {
        Fields::Unit => path.clone(),
        Fields::Unnamed(fields) => {
            let fields = fields.unnamed.iter().map(|_| &field);
            quote!(#path(#(#fields),*))
        }
        Fields::Named(fields) => {
            let names = fields.named.iter().map(|named| &named.ident);
            quote!(#path { #(#names: #field),* })
        }
    }
}
