//! What a `for` goes through, beyond ranges.

use super::{Expression, Local, Parts, Site, Type};

/// A sequence of values.
#[derive(Clone, PartialEq, Debug)]
pub struct Sequence {
    pub source: Source,
    /// What is done to it, in order.
    pub adaptors: Vec<Adaptor>,
}

/// Where the values come from.
#[derive(Clone, PartialEq, Debug)]
pub enum Source {
    /// `start..end`
    Range(Box<[Expression; 2]>),
    /// The elements of an array.
    Array(Box<Expression>),
    /// The same of a variable that does not change meanwhile.
    Lent(Box<Expression>),
    /// The elements of an accessor of one dimension.
    Accessor(usize),
    /// The elements of a row of an accessor of two.
    Row(usize, Box<Expression>, Site),
}

/// A method of iterators. Behind those that take closures stands nothing that counts.
#[derive(Clone, PartialEq, Debug)]
pub enum Adaptor {
    Reverse,
    /// By so much, at least one.
    StepBy(usize),
    Enumerate,
    Skip(Box<Expression>),
    Take(Box<Expression>),
    Zip(Sequence),
    Chain(Sequence),
    /// By a closure that changes nothing.
    Map(Local, Type, Box<Expression>),
    Filter(Local, Type, Box<Expression>),
    TakeWhile(Local, Type, Box<Expression>),
    SkipWhile(Local, Type, Box<Expression>),
    /// By a closure that gives an `Option`.
    FilterMap(Local, Type, Box<Expression>),
    MapWhile(Local, Type, Box<Expression>),
    /// So many neighbours at a time, at least one, of an array that is lent.
    Parts(Parts, usize, Site),
    /// Over and over; a `take` follows.
    Cycle,
    Scan(Box<Scan>),
    /// By a closure that gives a sequence, whose own closures are `move`.
    FlatMap(Local, Type, Sequence),
    /// Of arrays.
    Flatten,
}

/// `.scan(start, |r, x| { let s = *r; *r = next; gives })`
#[derive(Clone, PartialEq, Debug)]
pub struct Scan {
    pub start: Expression,
    /// The closure's parameters: `r`, and the value.
    pub reference: Local,
    pub item: (Local, Type),
    /// `s`, which both others may name.
    pub state: (Local, Type),
    pub next: Expression,
    /// An `Option`: the sequence ends with `None`.
    pub gives: Expression,
}

/// What makes one value of a sequence, outside of a `for`.
#[derive(Clone, PartialEq, Debug)]
pub enum Ending {
    /// Of scalars but `bool`.
    Sum(Site),
    Product(Site),
    /// Of integers.
    Min,
    Max,
    Count,
    Last,
    /// From a value on, by a closure that takes what there is so far, and the next.
    Fold(Box<Expression>, [(Local, Type); 2], Box<Expression>),
    Any(Local, Type, Box<Expression>),
    All(Local, Type, Box<Expression>),
    Position(Local, Type, Box<Expression>),
    Find(Local, Type, Box<Expression>),
}

macro_rules! inside {
    ($($of:tt)*) => {
        match $($of)* {
            Ending::Sum(_) | Ending::Product(_) | Ending::Min | Ending::Max | Ending::Count | Ending::Last => Vec::new(),
            Ending::Fold(start, _, value) => vec![start, value],
            Ending::Any(_, _, value)
            | Ending::All(_, _, value)
            | Ending::Position(_, _, value)
            | Ending::Find(_, _, value) => vec![value],
        }
    };
}

impl Ending {
    /// As Rust calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Ending::Sum(_) => "sum",
            Ending::Product(_) => "product",
            Ending::Min => "min",
            Ending::Max => "max",
            Ending::Count => "count",
            Ending::Last => "last",
            Ending::Fold(..) => "fold",
            Ending::Any(..) => "any",
            Ending::All(..) => "all",
            Ending::Position(..) => "position",
            Ending::Find(..) => "find",
        }
    }

    /// The expressions directly inside; those of closures as well.
    pub fn expressions(&self) -> Vec<&Expression> {
        inside!(self)
    }

    /// The same, to be changed.
    pub fn expressions_mut(&mut self) -> Vec<&mut Expression> {
        inside!(self)
    }
}

impl Sequence {
    /// The expressions directly inside, in the order of the source; those of closures as well.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut found: Vec<&Expression> = match &self.source {
            Source::Range(pair) => pair.iter().collect(),
            Source::Array(inner) | Source::Lent(inner) | Source::Row(_, inner, _) => vec![inner],
            Source::Accessor(_) => Vec::new(),
        };
        for adaptor in &self.adaptors {
            match adaptor {
                Adaptor::Skip(inner)
                | Adaptor::Take(inner)
                | Adaptor::Map(_, _, inner)
                | Adaptor::Filter(_, _, inner)
                | Adaptor::TakeWhile(_, _, inner)
                | Adaptor::SkipWhile(_, _, inner)
                | Adaptor::FilterMap(_, _, inner)
                | Adaptor::MapWhile(_, _, inner) => found.push(inner),
                Adaptor::Zip(other) | Adaptor::Chain(other) | Adaptor::FlatMap(_, _, other) => {
                    found.extend(other.expressions())
                }
                Adaptor::Scan(scan) => found.extend([&scan.start, &scan.next, &scan.gives]),
                Adaptor::Reverse
                | Adaptor::StepBy(_)
                | Adaptor::Enumerate
                | Adaptor::Cycle
                | Adaptor::Flatten
                | Adaptor::Parts(..) => {}
            }
        }
        found
    }

    /// The same, to be changed.
    pub fn expressions_mut(&mut self) -> Vec<&mut Expression> {
        let mut found: Vec<&mut Expression> = match &mut self.source {
            Source::Range(pair) => pair.iter_mut().collect(),
            Source::Array(inner) | Source::Lent(inner) | Source::Row(_, inner, _) => vec![inner],
            Source::Accessor(_) => Vec::new(),
        };
        for adaptor in &mut self.adaptors {
            match adaptor {
                Adaptor::Skip(inner)
                | Adaptor::Take(inner)
                | Adaptor::Map(_, _, inner)
                | Adaptor::Filter(_, _, inner)
                | Adaptor::TakeWhile(_, _, inner)
                | Adaptor::SkipWhile(_, _, inner)
                | Adaptor::FilterMap(_, _, inner)
                | Adaptor::MapWhile(_, _, inner) => found.push(inner),
                Adaptor::Zip(other) | Adaptor::Chain(other) | Adaptor::FlatMap(_, _, other) => {
                    found.extend(other.expressions_mut())
                }
                Adaptor::Scan(scan) => {
                    let Scan { start, next, gives, .. } = &mut **scan;
                    found.extend([start, next, gives]);
                }
                Adaptor::Reverse
                | Adaptor::StepBy(_)
                | Adaptor::Enumerate
                | Adaptor::Cycle
                | Adaptor::Flatten
                | Adaptor::Parts(..) => {}
            }
        }
        found
    }
}
