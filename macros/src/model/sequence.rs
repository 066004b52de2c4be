//! Loops, and what they go through.

use super::{Expression, LoopRef, Pattern, SiteRef, TypeRef};
use proc_macro2::{Ident, TokenStream};

/// A loop's number and label.
pub struct Loop {
    /// Its number.
    pub id: LoopRef,
    /// Its label with the colon, as written.
    pub label: TokenStream,
}

/// What a `for` counts.
pub struct Counter {
    /// The loop variable.
    pub pattern: Pattern,
    /// The first value.
    pub start: Expression,
    /// The end.
    pub end: Expression,
    /// Whether `..=`.
    pub inclusive: bool,
    /// The range's dots.
    pub dots: syn::RangeLimits,
    /// The witness of the loop variable.
    pub ty: TypeRef,
}

/// What a `for` goes through, where that is more than a range.
pub struct Traversal {
    /// The loop variable.
    pub pattern: Pattern,
    /// What it goes through.
    pub sequence: Sequence,
}

/// A sequence of values.
pub struct Sequence {
    /// Where the values come from.
    pub source: Source,
    /// What is done to their sequence, in order.
    pub adaptors: Vec<Adaptor>,
}

/// Where the values of a loop come from.
pub enum Source {
    /// `start..end`
    Range {
        /// The first value.
        start: Expression,
        /// The end.
        end: Expression,
        /// Whether `..=`.
        inclusive: bool,
        /// The range's dots.
        dots: syn::RangeLimits,
        /// The witness of the values.
        ty: TypeRef,
    },
    /// `start..`, with the witness of the values
    From(Expression, TypeRef),
    /// An array or an accessor: the `&` before it, what is done with it, and itself.
    Elements(Option<TokenStream>, Use, Expression),
    /// `accessor.row(index)`, with the name `row`; fails if there is no such row.
    Row(Box<Expression>, Ident, Box<Expression>, SiteRef),
}

/// What a loop does with the array that it goes through.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Takes it.
    Taken,
    /// Only reads it.
    Lent,
    /// Changes its elements.
    Changed,
}

/// A method that makes another sequence of a sequence: its name, and what it takes.
pub enum Adaptor {
    /// `.rev()`
    Reverse(Ident),
    /// `.step_by(n)`, which fails for zero.
    StepBy(Ident, Expression, SiteRef),
    /// `.enumerate()`
    Enumerate(Ident),
    /// `.skip(n)`
    Skip(Ident, Expression),
    /// `.take(n)`
    Take(Ident, Expression),
    /// `.zip(other)`
    Zip(Ident, Box<Sequence>),
    /// `.chain(other)`
    Chain(Ident, Box<Sequence>),
    /// `.map(closure)`
    Map(Ident, Expression),
    /// `.filter(closure)`
    Filter(Ident, Expression),
    /// `.take_while(closure)`, `.skip_while(closure)`, `.filter_map(closure)`, `.map_while(closure)` or `.inspect(closure)`: by its
    /// name.
    Closed(Ident, Expression),
    /// `.scan(start, closure)`
    Scan(Ident, Expression, Expression),
    /// `.flat_map(closure)`, whose closure gives a [`Kind::Sequence`](super::Kind::Sequence).
    FlatMap(Ident, Expression),
    /// `.flatten()`
    Flatten(Ident),
    /// `.cycle()`
    Cycle(Ident),
    /// `.windows(n)` and its kin, of an array; fails for zero.
    Parts(Ident, Expression, SiteRef),
    /// `.into_iter()`, `.iter()`, `.copied()`: nothing that a kernel would notice.
    Same(Ident),
}

/// One value of a whole sequence.
pub struct Ended {
    /// What it goes through.
    pub sequence: Sequence,
    /// The method that makes the value.
    pub name: Ident,
    /// The types that were written behind the name.
    pub turbofish: Option<syn::AngleBracketedGenericArguments>,
    /// The type of the value, where these say it.
    pub declared: Option<TokenStream>,
    /// What the method takes.
    pub arguments: Vec<Expression>,
    /// What to report if a sum overflows.
    pub site: SiteRef,
    /// The witness of the value.
    pub ty: TypeRef,
}
