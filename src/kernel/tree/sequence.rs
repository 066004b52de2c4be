//! What loops go through, and what else becomes of it.

use super::{Expression, Site, TypeRef};
use falx_macros::Decode;

/// A sequence of values.
#[derive(Debug, Decode)]
pub struct Sequence {
    /// Where the values come from.
    pub source: Source,
    /// What is done to their sequence, in order.
    pub adaptors: &'static [Adaptor],
}

/// Where the values of a `for` come from.
#[derive(Debug, Decode)]
pub enum Source {
    /// `start..end`
    Range {
        /// The first value.
        start: &'static Expression,
        /// The end.
        end: &'static Expression,
        /// Whether written `..=`.
        inclusive: bool,
        /// Type of the values.
        ty: TypeRef,
    },
    /// `start..`
    From {
        /// The first value.
        start: &'static Expression,
        /// Type of the values.
        ty: TypeRef,
    },
    /// The elements of an array, or of an accessor of one dimension.
    Elements {
        /// The array or accessor.
        of: &'static Expression,
        /// Whether it cannot change meanwhile, because it is only lent.
        is_lent: bool,
    },
    /// The elements of one row of an accessor of two dimensions.
    Row {
        /// The accessor.
        of: &'static Expression,
        /// Which row.
        index: &'static Expression,
        /// What to report if there is no such row.
        site: &'static Site,
    },
}

/// A method of iterators that makes another sequence of a sequence.
#[derive(Debug, Decode)]
pub enum Adaptor {
    /// `.rev()`
    Reverse,
    /// `.step_by(n)`, and what to report if `n` is zero.
    StepBy(&'static Expression, &'static Site),
    /// `.enumerate()`
    Enumerate,
    /// `.skip(n)`
    Skip(&'static Expression),
    /// `.take(n)`
    Take(&'static Expression),
    /// `.zip(other)`
    Zip(&'static Sequence),
    /// `.chain(other)`
    Chain(&'static Sequence),
    /// `.map(closure)`
    Map(&'static Expression),
    /// `.filter(closure)`
    Filter(&'static Expression),
    /// `.take_while(closure)`
    TakeWhile(&'static Expression),
    /// `.skip_while(closure)`
    SkipWhile(&'static Expression),
    /// `.filter_map(closure)`
    FilterMap(&'static Expression),
    /// `.map_while(closure)`
    MapWhile(&'static Expression),
    /// `.inspect(closure)`
    Inspect(&'static Expression),
    /// `.scan(start, closure)`
    Scan(&'static Expression, &'static Expression),
    /// `.flat_map(closure)`, whose closure gives an [`ExpressionKind::Sequence`](super::ExpressionKind::Sequence).
    FlatMap(&'static Expression),
    /// `.flatten()`
    Flatten,
    /// `.cycle()`
    Cycle,
    /// `.windows(n)` and its kin, of an array, and what to report if `n` is zero.
    Parts(Parts, &'static Expression, &'static Site),
}

/// Which parts of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Decode)]
pub enum Parts {
    /// `.windows(n)`: from each element on.
    Windows,
    /// `.chunks(n)`: one behind the other, of which the last may be shorter.
    Chunks,
    /// `.chunks_exact(n)`: the same without what is left at the end.
    ChunksExact,
}

/// A method of iterators that makes one value of a sequence.
#[derive(Debug, Decode)]
pub enum Ending {
    /// `.sum()`, and what to report if it overflows.
    Sum(&'static Site),
    /// `.product()`, and what to report if it overflows.
    Product(&'static Site),
    /// `.count()`
    Count,
    /// `.min()`, of integers.
    Min,
    /// `.max()`, of integers.
    Max,
    /// `.last()`
    Last,
    /// `.fold(start, closure)`
    Fold(&'static Expression, &'static Expression),
    /// `.any(closure)`
    Any(&'static Expression),
    /// `.all(closure)`
    All(&'static Expression),
    /// `.position(closure)`
    Position(&'static Expression),
    /// `.find(closure)`
    Find(&'static Expression),
    /// `.for_each(closure)`
    ForEach(&'static Expression),
}
