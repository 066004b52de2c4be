//! References: to values, and to variables and their fields as places.

use super::{Checker, operator::Place};
use crate::model::{Expression, Kind};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Expr;

impl Checker {
    /// `&value` or `&mut place`
    pub(super) fn reference(&mut self, node: &syn::ExprReference) -> Kind {
        self.attributes(&node.attrs);
        let (and, mutability) = (&node.and_token, &node.mutability);
        let tokens = quote!(#and #mutability);
        if mutability.is_none() {
            return Kind::Borrow(tokens, false, Box::new(self.expression(&node.expr)));
        }
        match self.place(&node.expr) {
            Some(Place::Name(place)) => Kind::Borrow(tokens, true, Box::new(place)),
            Some(Place::Part(_)) => {
                self.errors.at(
                    node,
                    "kernels have no mutable references to elements\n\
                     hint: copy the element with `let mut x = a[i];`, pass `&mut x`, and store it with `a[i] = x;`",
                );
                Kind::Bool(false, TokenStream::new())
            }
            None => Kind::Bool(false, TokenStream::new()),
        }
    }

    /// `*reference`
    pub(super) fn follow(&mut self, unary: &syn::ExprUnary) -> Kind {
        let reference = Box::new(self.expression(&unary.expr));
        Kind::Follow(unary.op.to_token_stream(), reference)
    }

    /// `*reference` as a place.
    pub(super) fn followed_place(&mut self, place: &Expr) -> Place {
        Place::Name(self.expression(place))
    }
}

impl Expression {
    /// Whether it has no type that a witness could learn, or is not to be handed on by a function.
    pub fn is_unwitnessed(&self) -> bool {
        matches!(self.kind, Kind::Closure(_) | Kind::Borrow(..))
    }
}

/// Whether a parameter's type is a mutable reference.
pub fn is_mutable_reference(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Reference(reference) if reference.mutability.is_some())
}
