//! References: to values, to variables, their fields and elements as places; and slices.

use super::Checker;
use super::operator::{Place, without_parentheses};
use crate::model::{Expression, Kind, Slice, SliceManner};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Expr, RangeLimits};

impl Checker {
    /// `&value` or `&mut place`
    pub(super) fn reference(&mut self, node: &syn::ExprReference) -> Kind {
        self.attributes(&node.attrs);
        if let Expr::Index(index) = without_parentheses(&node.expr)
            && let Expr::Range(range) = without_parentheses(&index.index)
        {
            self.attributes(&index.attrs);
            let manner = match node.mutability {
                Some(_) => SliceManner::BorrowedMutably,
                None => SliceManner::Borrowed,
            };
            return self.slice(manner, &index.expr, None, range);
        }
        let (and, mutability) = (&node.and_token, &node.mutability);
        let tokens = quote!(#and #mutability);
        if mutability.is_none() {
            return Kind::Borrow(tokens, false, Box::new(self.expression(&node.expr)));
        }
        match self.place(&node.expr) {
            Some(Place::Name(place)) => Kind::Borrow(tokens, true, Box::new(place)),
            Some(Place::Part(place)) => Kind::Lend(place),
            None => Kind::Bool(false, TokenStream::new()),
        }
    }

    /// `base.slice(range)`, `base.slice(row, range)` and their kin; none for every other method.
    pub(super) fn slice_method(&mut self, call: &syn::ExprMethodCall) -> Option<Kind> {
        let manner = match call.method.to_string().as_str() {
            "slice" => SliceManner::Taken,
            "slice_mut" => SliceManner::TakenMutably,
            _ => return None,
        };
        let arguments: Vec<_> = call.args.iter().map(without_parentheses).collect();
        match arguments[..] {
            [Expr::Range(range)] => Some(self.slice(manner, &call.receiver, None, range)),
            [row, Expr::Range(range)] => Some(self.slice(manner, &call.receiver, Some(row), range)),
            _ => {
                let name = &call.method;
                let text = format!(
                    "`{name}` takes a range, and before it a row where there are several\n\
                     hint: write `a.{name}(m..n)`, or `a.{name}([row], m..n)`"
                );
                self.errors.at(name, text);
                Some(Kind::Bool(false, TokenStream::new()))
            }
        }
    }

    fn slice(
        &mut self,
        manner: SliceManner,
        base: &Expr,
        row: Option<&Expr>,
        range: &syn::ExprRange,
    ) -> Kind {
        self.attributes(&range.attrs);
        if let RangeLimits::Closed(dots) = &range.limits {
            self.errors.at(dots, "slices take ranges without their end\nhint: write `m..n + 1`");
        }
        let site = self.site(base);
        let Some(base) = self.sliced(manner, base) else { return Kind::Bool(false, TokenStream::new()) };
        let row = row.map(|row| self.expression(row));
        let mut end = |value: &Option<Box<Expr>>| value.as_ref().map(|value| self.expression(value));
        let (start, end) = (end(&range.start), end(&range.end));
        Kind::Slice(Box::new(Slice { manner, base, row, start, end, site }))
    }

    /// What a slice is taken of: a value, or a place that can be changed.
    fn sliced(&mut self, manner: SliceManner, base: &Expr) -> Option<Expression> {
        if !manner.is_mutable() {
            return Some(self.expression(base));
        }
        if let Expr::Path(path) = without_parentheses(base)
            && let Some(name) = path.path.get_ident()
        {
            match self.bound(name) {
                Some(bound) => self.allow_stores(bound.local),
                None => {
                    let captured = self.expression(base);
                    self.mark_stored(&name.to_string());
                    return Some(captured);
                }
            }
        }
        match self.place(base)? {
            Place::Name(place) => Some(place),
            Place::Part(_) => {
                self.errors.at_span(
                    base.span(),
                    "a slice that can be changed is taken of a name or a field\n\
                     hint: bind the element first: `let row = &mut a[i];`",
                );
                None
            }
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
        match &self.kind {
            Kind::Closure(_) | Kind::Borrow(..) | Kind::Lend(_) => true,
            Kind::Slice(slice) => {
                matches!(slice.manner, SliceManner::Borrowed | SliceManner::BorrowedMutably)
            }
            _ => false,
        }
    }
}

/// Whether a parameter's type is a mutable reference.
pub fn is_mutable_reference(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Reference(reference) if reference.mutability.is_some())
}

/// Whether a parameter's type is a reference to a slice.
pub fn is_slice_reference(ty: &syn::Type) -> bool {
    matches!(ty, syn::Type::Reference(reference) if matches!(*reference.elem, syn::Type::Slice(_)))
}
