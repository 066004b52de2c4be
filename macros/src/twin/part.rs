//! Prints what is made of parts: `base[index].field` as a value and as a place, and struct literals.
//!
//! The first index goes through `Load` and `Store`, which every accessor and array has; what follows it is a closure from the
//! element to the part, so that no more than the part is read or written.

use super::operation::{defined_call, tie_operands};
use super::{expression, mixed, operand, site};
use crate::model::{Expression, Kind, Operation, Place, SiteRef, Slice, Step, StructLiteral};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// A place taken apart for printing: the base of the first index, that index, and what follows.
struct Parts<'p> {
    /// The root and the fields before the first index.
    base: TokenStream,
    base_span: Span,
    index: &'p Expression,
    site: SiteRef,
    rest: &'p [Step],
    span: Span,
}

impl<'p> Parts<'p> {
    /// `None` if there is no index.
    fn new(place: &'p Place, root: TokenStream, span: Span) -> Option<Self> {
        let first = place.steps.iter().position(|step| !step.is_field())?;
        let (fields, steps) = place.steps.split_at(first);
        let (Step::Index { index, site }, rest) = steps.split_first()? else { return None };
        let base = with_fields(root, fields);
        Some(Parts { base, base_span: mixed(place.root.span), index, site: *site, rest, span })
    }

    fn index(&self) -> TokenStream {
        expression(self.index)
    }

    fn site(&self) -> TokenStream {
        site(self.site, self.span)
    }

    /// `let`s that evaluate every index in order.
    fn indices(&self) -> TokenStream {
        let (span, first) = (self.span, self.index());
        let name = index_name(0, span);
        let rest = self.rest.iter().zip(1..).filter_map(|(step, position)| match step {
            Step::Index { index, .. } => {
                let (name, index) = (index_name(position, span), expression(index));
                Some(quote_spanned!(span => let #name = #index;))
            }
            Step::Field(_) => None,
        });
        quote_spanned!(span => let #name = #first; #(#rest)*)
    }

    /// The closure from an element to the part that is meant; `part` and `borrow` say how.
    fn projection(&self, part: &str, borrow: &TokenStream) -> TokenStream {
        let span = self.span;
        let part = Ident::new(part, span);
        let mut place = quote_spanned!(span => (*element));
        for (step, position) in self.rest.iter().zip(1..) {
            place = match step {
                Step::Field(name) => quote!(#place.#name),
                Step::Index { site: number, .. } => {
                    let (index, site) = (index_name(position, span), site(*number, span));
                    quote_spanned!(span => (*__falx::#part(#borrow #place, #index, #site)?))
                }
            };
        }
        quote_spanned!(span => |element| ::core::option::Option::Some(#borrow #place))
    }

    /// The part's value; the indices were evaluated before.
    fn loaded(&self) -> TokenStream {
        let (span, base, site) = (self.span, &self.base, self.site());
        let (index, projection) = (index_name(0, span), self.projection("part", &quote_spanned!(span => &)));
        quote_spanned!(span => __falx::Load::load_part(&#base, #index, #site, #projection))
    }

    /// Stores `value` to the part; the indices were evaluated before.
    fn stored(&self) -> TokenStream {
        let (span, base, site) = (self.span, &self.base, self.site());
        let base_span = self.base_span;
        let base = quote_spanned!(base_span => &mut #base);
        let index = index_name(0, span);
        let projection = self.projection("part_mut", &quote_spanned!(span => &mut));
        quote_spanned!(span => __falx::Store::store_part(#base, #index, value, #site, #projection))
    }
}

fn index_name(position: usize, span: Span) -> Ident {
    format_ident!("index_{}", position, span = span)
}

fn with_fields(mut base: TokenStream, fields: &[Step]) -> TokenStream {
    for field in fields {
        if let Step::Field(name) = field {
            base = quote!(#base.#name);
        }
    }
    base
}

/// `base[index].field`
pub fn load(place: &Place, span: Span) -> TokenStream {
    let root = operand(&place.root);
    let Some(parts) = Parts::new(place, root.clone(), span) else {
        return with_fields(root, &place.steps);
    };
    let (base, index, site) = (&parts.base, parts.index(), parts.site());
    if parts.rest.is_empty() {
        return quote_spanned!(span => __falx::Load::load(&#base, #index, #site));
    }
    if matches!(place.root.kind, Kind::Local(..)) {
        let (indices, loaded) = (parts.indices(), parts.loaded());
        return quote_spanned!(span => { #indices #loaded });
    }
    // What is no variable is evaluated before the indices.
    let name = quote_spanned!(span => root);
    let Some(parts) = Parts::new(place, name, span) else { return root };
    let (indices, loaded) = (parts.indices(), parts.loaded());
    quote_spanned!(span => { let root = #root; #indices #loaded })
}

/// `base[index].field = value`
pub fn store(place: &Place, value: &Expression, span: Span) -> TokenStream {
    let value = expression(value);
    let root = expression(&place.root);
    let Some(parts) = Parts::new(place, root, span) else { return value };
    if !parts.rest.is_empty() {
        let (indices, stored) = (parts.indices(), parts.stored());
        return quote_spanned!(span => { let value = #value; #indices #stored });
    }
    let (base, index, site, base_span) = (&parts.base, parts.index(), parts.site(), parts.base_span);
    let base = quote_spanned!(base_span => &mut #base);
    quote_spanned!(span => {
        let value = #value;
        __falx::Store::store(#base, #index, value, #site)
    })
}

/// `base[index].field op= value`: the value, then the indices, then the part.
pub fn store_operation(operation: &Operation, place: &Place, value: &Expression, span: Span) -> TokenStream {
    let value = expression(value);
    let root = expression(&place.root);
    let Some(parts) = Parts::new(place, root, span) else { return value };
    let result = operated(operation, span);
    if !parts.rest.is_empty() {
        let (indices, loaded, stored) = (parts.indices(), parts.loaded(), parts.stored());
        return quote_spanned!(span => {
            let right = #value;
            #indices
            let left = #loaded;
            let value = #result;
            #stored
        });
    }
    let (base, index, site) = (&parts.base, parts.index(), parts.site());
    quote_spanned!(span => {
        let right = #value;
        let index = #index;
        let left = __falx::Load::load(&#base, index, #site);
        let value = #result;
        __falx::Store::store(&mut #base, index, value, #site)
    })
}

/// `&mut base[index].field`
pub fn lend(place: &Place, span: Span) -> TokenStream {
    let root = expression(&place.root);
    let Some(parts) = Parts::new(place, root.clone(), span) else { return root };
    let (indices, index, site) = (parts.indices(), index_name(0, span), parts.site());
    let projection = parts.projection("part_mut", &quote_spanned!(span => &mut));
    let (base, base_span) = (&parts.base, parts.base_span);
    let base = quote_spanned!(base_span => &mut #base);
    quote_spanned!(span => { #indices ::falx::__private::lend(#base, #index, #site, #projection) })
}

/// `&base[start..end]` and its kin.
pub fn slice(slice: &Slice, span: Span) -> TokenStream {
    let (base, base_span) = (operand(&slice.base), mixed(slice.base.span));
    let base = match slice.manner.is_mutable() {
        true => quote_spanned!(base_span => &mut #base),
        false => quote_spanned!(base_span => &#base),
    };
    let function = Ident::new(slice.manner.function(), span);
    let start = slice.start.as_ref().map_or_else(|| quote_spanned!(span => 0), expression);
    let end = match slice.end.as_ref().map(expression) {
        Some(end) => quote_spanned!(span => ::core::option::Option::Some(#end)),
        None => quote_spanned!(span => ::core::option::Option::None),
    };
    let site = site(slice.site, span);
    if slice.manner.is_mutable() {
        // The range may name the base, too.
        return quote_spanned!(span => {
            let start = #start;
            let end = #end;
            ::falx::__private::#function(#base, start, end, #site)
        });
    }
    quote_spanned!(span => ::falx::__private::#function(#base, #start, #end, #site))
}

/// What `left op= right` leaves in `left`.
fn operated(operation: &Operation, span: Span) -> TokenStream {
    let (token, tie) = (&operation.tokens, tie_operands(operation, true, &quote_spanned!(span => left)));
    match defined_call(operation) {
        Some(defined) => quote_spanned!(span => {
            #tie
            if __falx::is_overloaded(&left, &right) {
                let mut place = left;
                place #token right;
                place
            } else {
                #defined
            }
        }),
        None => quote_spanned!(span => { #tie let mut place = left; place #token right; place }),
    }
}

/// `Name { x: a, ..base }` or `Name(a)`.
pub fn structure(literal: &StructLiteral, span: Span) -> TokenStream {
    let path = &literal.path;
    if literal.is_tuple {
        let values = literal.fields.iter().map(|(_, value)| expression(value));
        return quote_spanned!(span => #path(#(#values),*));
    }
    let fields = literal.fields.iter().map(|(name, value)| {
        let value = expression(value);
        quote!(#name: #value)
    });
    let base = literal.base.as_ref().map(expression).map(|base| quote_spanned!(span => ..#base));
    quote_spanned!(span => #path { #(#fields,)* #base })
}
