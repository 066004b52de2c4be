//! Prints what is made of parts: `base[index].field` as a value and as a place, and struct literals.
//!
//! The first index goes through `Load` and `Store`, which every accessor and array has; what follows it is a closure from the
//! element to the part, so that no more than the part is read or written.

use super::operation::{defined_call, tie_operands};
use super::{mixed, operand, site};
use crate::model::{Expression, Kind, Operation, Place, SiteRef, Slice, Step, StructLiteral};
use crate::put::{Print, put, rust};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};

/// A place taken apart for printing: the base of the first index, that index, and what follows.
struct Parts<'p, B> {
    /// The root and the fields before the first index.
    base: B,
    base_span: Span,
    index: &'p Expression,
    site: SiteRef,
    rest: &'p [Step],
    span: Span,
}

impl<'p> Parts<'p, ()> {
    /// `None` if there is no index.
    fn new<R: ToTokens + 'p>(place: &'p Place, root: R, span: Span) -> Option<Parts<'p, impl ToTokens>> {
        let first = place.steps.iter().position(|step| !step.is_field())?;
        let (fields, steps) = place.steps.split_at(first);
        let (Step::Index { index, site }, rest) = steps.split_first()? else { return None };
        let base = with_fields(root, fields);
        Some(Parts { base, base_span: mixed(place.root.span), index, site: *site, rest, span })
    }
}

impl<B: ToTokens> Parts<'_, B> {
    fn site(&self) -> impl ToTokens + Copy {
        site(self.site, self.span)
    }

    /// `let`s that evaluate every index in order.
    fn indices(&self) -> impl ToTokens {
        let (span, first) = (self.span, self.index);
        let name = index_name(0, span);
        let rest = self.rest.iter().zip(1..).filter_map(move |(step, position)| match step {
            Step::Index { index, .. } => {
                let name = index_name(position, span);
                Some(rust!(span => let #name = #index;))
            }
            Step::Field(_) => None,
        });
        rust!(span => let #name = #first; #(#rest)*)
    }

    /// The closure from an element to the part that is meant; `part` and `borrow` say how.
    fn projection(&self, part: &'static str, borrow: impl ToTokens) -> impl ToTokens {
        let (span, part) = (self.span, Ident::new(part, self.span));
        let mut place = rust!(span => (*element)).to_token_stream();
        for (step, position) in self.rest.iter().zip(1..) {
            place = match step {
                Step::Field(name) => rust!(span => #place.#name).to_token_stream(),
                Step::Index { site: number, .. } => {
                    let (index, site) = (index_name(position, span), site(*number, span));
                    let (part, borrow) = (&part, &borrow);
                    rust!(span => (*__falx::#part(#borrow #place, #index, #site)?)).to_token_stream()
                }
            };
        }
        rust!(span => |element| ::core::option::Option::Some(#borrow #place))
    }

    /// The part's value; the indices were evaluated before.
    fn loaded(&self) -> impl ToTokens {
        let (span, base, site) = (self.span, &self.base, self.site());
        let (index, projection) = (index_name(0, span), self.projection("part", rust!(span => &)));
        rust!(span => __falx::Load::load_part(&#base, #index, #site, #projection))
    }

    /// Stores `value` to the part; the indices were evaluated before.
    fn stored(&self) -> impl ToTokens {
        let (span, base, site) = (self.span, self.changed_base(), self.site());
        let (index, projection) = (index_name(0, span), self.projection("part_mut", rust!(span => &mut)));
        rust!(span => __falx::Store::store_part(#base, #index, value, #site, #projection))
    }

    /// The base where it is changed: as Rust's own rules for receivers have it, which borrow a variable and follow a reference.
    fn changed_base(&self) -> impl ToTokens {
        let (base, span) = (&self.base, self.base_span);
        rust!(span => #base.falx_place())
    }
}

fn index_name(position: usize, span: Span) -> Ident {
    format_ident!("index_{}", position, span = span)
}

fn with_fields(base: impl ToTokens, fields: &[Step]) -> impl ToTokens {
    Print(move |tokens: &mut TokenStream| {
        base.to_tokens(tokens);
        for field in fields {
            if let Step::Field(name) = field {
                put!(tokens, Span::call_site() => .#name);
            }
        }
    })
}

/// `base[index].field`
pub fn load(place: &Place, span: Span, tokens: &mut TokenStream) {
    let root = operand(&place.root);
    let Some(parts) = Parts::new(place, root, span) else {
        return with_fields(root, &place.steps).to_tokens(tokens);
    };
    let (base, index, site) = (&parts.base, parts.index, parts.site());
    if parts.rest.is_empty() {
        return put!(tokens, span => __falx::Load::load(&#base, #index, #site));
    }
    if matches!(place.root.kind, Kind::Local(..)) {
        let (indices, loaded) = (parts.indices(), parts.loaded());
        return put!(tokens, span => { #indices #loaded });
    }
    // What is no variable is evaluated before the indices.
    if let Some(parts) = Parts::new(place, Ident::new("root", span), span) {
        let (indices, loaded) = (parts.indices(), parts.loaded());
        put!(tokens, span => { let root = #root; #indices #loaded });
    }
}

/// `base[index].field = value`
pub fn store(place: &Place, value: &Expression, span: Span, tokens: &mut TokenStream) {
    let Some(parts) = Parts::new(place, &place.root, span) else { return };
    if !parts.rest.is_empty() {
        let (indices, stored) = (parts.indices(), parts.stored());
        return put!(tokens, span => { let value = #value; #indices #stored });
    }
    let (base, index, site) = (parts.changed_base(), parts.index, parts.site());
    // The index may name the base, too, which is borrowed behind it.
    put!(tokens, span => {
        let value = #value;
        let index = #index;
        __falx::Store::store(#base, index, value, #site)
    });
}

/// `base[index].field op= value`: the value, then the indices, then the part.
pub fn store_operation(
    operation: &Operation,
    place: &Place,
    value: &Expression,
    span: Span,
    tokens: &mut TokenStream,
) {
    let Some(parts) = Parts::new(place, &place.root, span) else { return };
    let result = operated(operation, span);
    if !parts.rest.is_empty() {
        let (indices, loaded, stored) = (parts.indices(), parts.loaded(), parts.stored());
        return put!(tokens, span => {
            let right = #value;
            #indices
            let left = #loaded;
            let value = #result;
            #stored
        });
    }
    let (base, changed) = (&parts.base, parts.changed_base());
    let (index, site) = (parts.index, parts.site());
    put!(tokens, span => {
        let right = #value;
        let index = #index;
        let left = __falx::Load::load(&#base, index, #site);
        let value = #result;
        __falx::Store::store(#changed, index, value, #site)
    });
}

/// `&mut base[index].field`
pub fn lend(place: &Place, span: Span, tokens: &mut TokenStream) {
    let Some(parts) = Parts::new(place, &place.root, span) else { return };
    let (indices, index, site) = (parts.indices(), index_name(0, span), parts.site());
    let (base, projection) = (parts.changed_base(), parts.projection("part_mut", rust!(span => &mut)));
    put!(tokens, span => { #indices ::falx::__private::lend(#base, #index, #site, #projection) });
}

/// `&base[start..end]` and its kin.
pub fn slice(slice: &Slice, span: Span, tokens: &mut TokenStream) {
    let (base, base_span) = (operand(&slice.base), mixed(slice.base.span));
    let borrow = Print(move |tokens: &mut TokenStream| match slice.manner.is_mutable() {
        true => put!(tokens, base_span => #base.falx_place()),
        false => put!(tokens, base_span => &#base),
    });
    let function = slice.manner.function();
    let function = match slice.row {
        Some(_) => Ident::new(&format!("{function}_of_row"), span),
        None => Ident::new(function, span),
    };
    let start = Print(move |tokens: &mut TokenStream| match &slice.start {
        Some(start) => start.to_tokens(tokens),
        None => put!(tokens, span => 0),
    });
    let end = Print(move |tokens: &mut TokenStream| match &slice.end {
        Some(end) => put!(tokens, span => ::core::option::Option::Some(#end)),
        None => put!(tokens, span => ::core::option::Option::None),
    });
    let site = site(slice.site, span);
    if slice.manner.is_mutable() {
        // The range may name the base, too.
        let (row, named) = match &slice.row {
            Some(row) => (Some(rust!(span => let row = #row;)), Some(rust!(span => row,))),
            None => (None, None),
        };
        return put!(tokens, span => {
            #row
            let start = #start;
            let end = #end;
            ::falx::__private::#function(#borrow, #named start, end, #site)
        });
    }
    let row = slice.row.as_ref().map(|row| rust!(span => #row,));
    put!(tokens, span => ::falx::__private::#function(#borrow, #row #start, #end, #site));
}

/// What `left op= right` leaves in `left`.
fn operated(operation: &Operation, span: Span) -> impl ToTokens {
    let left = Ident::new("left", span);
    Print(move |tokens: &mut TokenStream| {
        let (token, tie) = (&operation.tokens, tie_operands(operation, true, &left));
        match defined_call(operation) {
            Some(defined) => put!(tokens, span => {
                #tie
                if __falx::is_overloaded(&left, &right) {
                    let mut place = left;
                    place #token right;
                    place
                } else {
                    #defined
                }
            }),
            None => put!(tokens, span => { #tie let mut place = left; place #token right; place }),
        }
    })
}

/// `Name { x: a, ..base }` or `Name(a)`.
pub fn structure(literal: &StructLiteral, span: Span) -> impl ToTokens {
    let path = &literal.path;
    Print(move |tokens: &mut TokenStream| {
        if literal.is_tuple {
            let values = literal.fields.iter().map(|(_, value)| value);
            return put!(tokens, span => #path(#(#values),*));
        }
        let fields = literal.fields.iter().map(|(name, value)| rust!(span => #name: #value,));
        let base = literal.base.as_ref().map(|base| rust!(span => ..#base));
        put!(tokens, span => #path { #(#fields)* #base });
    })
}
