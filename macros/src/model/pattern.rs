//! Patterns.

use super::{LocalRef, NumberValue, TypeRef};
use proc_macro2::{Ident, Span, TokenStream};

/// A pattern.
pub enum Pattern {
    /// A name.
    Bind(Binding),
    /// `_`
    Wild(Span),
    /// `[a, b]`
    Array(Vec<Pattern>, Span),
    /// `Id([a, b])`, with its path.
    Id(TokenStream, Box<Pattern>),
    /// `(a, .., b)`, or `Name(a, .., b)` with its path.
    Tuple(TuplePattern),
    /// `Name { x, y: b, .. }`
    Struct(StructPattern),
    /// `name @ pattern`, with its `@`.
    At(Binding, TokenStream, Box<Pattern>),
    /// A number, with its tokens.
    Number(NumberValue, TokenStream),
    /// `true` or `false`.
    Bool(bool, TokenStream),
    /// A captured constant.
    Constant(LocalRef, TokenStream),
    /// `low..=high`, either end of which may be missing.
    Range(Box<RangePattern>),
    /// `a | b`
    Or(Vec<Pattern>),
    /// `..` among the elements of an array.
    Rest(Span),
    /// `&pattern`, with its `&`.
    Reference(TokenStream, Box<Pattern>),
}

/// `(a, .., b)` or `Name(a, .., b)`.
pub struct TuplePattern {
    /// The path before the bracket.
    pub path: Option<TokenStream>,
    /// The patterns of the first fields.
    pub leading: Vec<Pattern>,
    /// The `..`.
    pub rest: Option<TokenStream>,
    /// The patterns of the last fields.
    pub trailing: Vec<Pattern>,
    /// Where it stands.
    pub span: Span,
}

/// `Name { x, y: b, .. }`
pub struct StructPattern {
    /// The path.
    pub path: TokenStream,
    /// The patterns of fields, by their names.
    pub fields: Vec<(TokenStream, Pattern)>,
    /// The `..`.
    pub rest: Option<TokenStream>,
    /// Where it stands.
    pub span: Span,
}

/// `low..=high` as a pattern.
pub struct RangePattern {
    /// The smallest value, a number or a constant.
    pub low: Option<Pattern>,
    /// The largest value, or the first beyond.
    pub high: Option<Pattern>,
    /// Whether `..=`.
    pub inclusive: bool,
    /// The range's dots.
    pub dots: TokenStream,
}

/// The witness of a name that needs none: it has the type of what it is bound to.
pub const UNWITNESSED: TypeRef = TypeRef::MAX;

/// A name that a pattern binds.
#[derive(Clone)]
pub struct Binding {
    /// The name.
    pub name: Ident,
    /// Its number.
    pub local: LocalRef,
    /// Its witness, or [`UNWITNESSED`].
    pub ty: TypeRef,
    /// Whether declared `mut`.
    pub mutable: bool,
    /// The `ref` before it.
    pub lent: Option<syn::Token![ref]>,
}
