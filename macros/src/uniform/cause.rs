//! Why work-items may disagree, and how that is said.
//!
//! Refers to what was written and spells it only where it is said, since most of what differs never decides anything.

use crate::spelling::spelling;
use crate::tree::line;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use std::fmt;
use syn::spanned::Spanned;

/// Something that the user wrote.
#[derive(Clone, Copy)]
pub struct Written<'s>(pub &'s dyn ToTokens);

impl Written<'_> {
    fn line(self) -> u32 {
        line(self.0.to_token_stream().span())
    }
}

/// The longest text that is quoted.
const TEXT_LIMIT: usize = 60;

impl fmt::Display for Written<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&shortened(self.0.to_token_stream()))
    }
}

/// The text of tokens, shortened.
fn shortened(tokens: TokenStream) -> String {
    let whole = spelling(tokens);
    if whole.chars().count() <= TEXT_LIMIT {
        return whole;
    }
    whole.chars().take(TEXT_LIMIT - 3).chain("...".chars()).collect()
}

/// Where a value that may differ between the work-items of a group has that from.
#[derive(Clone, Copy)]
pub struct Cause<'s> {
    /// What differs, as a clause without its subject.
    origin: Origin<'s>,
    /// Where that stands.
    place: Written<'s>,
    /// The variable through which it was read last.
    through: Option<&'s Ident>,
}

/// What makes a value differ.
#[derive(Clone, Copy)]
pub enum Origin<'s> {
    /// An id.
    Id(Written<'s>),
    /// An element of memory.
    Element(Written<'s>),
    /// What an operation over a group gives to each of its work-items.
    Operation(Written<'s>),
    /// A call or another construct whose result nobody knows.
    Unknown(Written<'s>),
    /// An assignment where the work-items had parted: where they did.
    Assigned(Head<'s>),
    /// A variable whose memory others may change.
    Lent(Written<'s>),
    /// A parameter of the function.
    Parameter(Written<'s>),
}

impl<'s> Cause<'s> {
    pub fn new(origin: Origin<'s>, place: Written<'s>) -> Self {
        Cause { origin, place, through: None }
    }

    /// The cause as seen through a variable.
    pub fn through(self, variable: &'s Ident) -> Self {
        Cause { through: Some(variable), ..self }
    }

    /// What could be promised to be the same.
    pub fn source(&self) -> Written<'s> {
        match (self.through, self.origin) {
            (Some(variable), _) => Written(variable),
            (None, Origin::Assigned(_)) => self.place,
            (
                None,
                Origin::Id(text)
                | Origin::Element(text)
                | Origin::Operation(text)
                | Origin::Unknown(text)
                | Origin::Lent(text)
                | Origin::Parameter(text),
            ) => text,
        }
    }

    /// What to say of an argument of `function` that decides who comes to where the work-items meet in there.
    pub fn message_of_argument(&self, function: &str, argument: Written<'_>) -> String {
        format!(
            "`{function}` decides by this argument who comes to its operations over the group, so it must be the same for all \
             work-items of a group, but {}\n\
             hint: if they always agree, write `falx::uniform({argument})`",
            self.reason()
        )
    }

    /// A sentence without its end: who differs, and why.
    fn reason(&self) -> String {
        let line = self.place.line();
        let source = match &self.origin {
            Origin::Id(text) => format!("`{text}`"),
            Origin::Element(text) => format!("the element `{text}`"),
            Origin::Parameter(text) => format!("the parameter `{text}`"),
            Origin::Operation(text) => format!("`{text}`, which gives each work-item its own,"),
            Origin::Unknown(text) => format!("`{text}`, of which nothing is known,"),
            Origin::Assigned(text) => {
                let variable = self.through.map_or_else(|| "it".to_owned(), Ident::to_string);
                return format!("`{variable}` is assigned under `{text}` in line {line}");
            }
            Origin::Lent(text) => return format!("`{text}` is lent to be changed in line {line}"),
        };
        match &self.through {
            Some(variable) => format!("`{variable}` comes from {source} in line {line}"),
            None => format!("{source} may differ"),
        }
    }
}

/// The start of a construct at which work-items may part: `if tid < 16`.
#[derive(Clone, Copy)]
pub enum Head<'s> {
    /// A keyword, or nothing, and what is decided by.
    Keyword(&'static str, Written<'s>),
    /// `for k in 0..tid`
    For(&'s syn::ExprForLoop),
}

impl fmt::Display for Head<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Head::Keyword("", written) => write!(formatter, "{written}"),
            Head::Keyword(keyword, written) => write!(formatter, "{keyword} {written}"),
            Head::For(syn::ExprForLoop { pat, in_token, expr, .. }) => {
                write!(formatter, "for {}", shortened(quote!(#pat #in_token #expr)))
            }
        }
    }
}

/// A place behind which not all work-items of a group may be together.
#[derive(Clone, Copy)]
pub struct Parting<'s> {
    /// The start of the construct.
    pub head: Head<'s>,
    /// The part of it that may differ.
    pub condition: Written<'s>,
    /// Where it stands.
    pub place: Written<'s>,
    /// Why it may differ.
    pub cause: Cause<'s>,
}

impl<'s> Parting<'s> {
    /// What to say of `name`, an operation that all work-items must reach.
    pub fn message(&self, name: &str) -> String {
        let Parting { head, condition, place, cause } = self;
        let line = place.line();
        format!(
            "not every work-item of a group may reach this `{name}`: they part at `{head}` in line {line}, since {}\n\
             hint: move it to where all work-items come; if they always agree, write `falx::uniform({condition})`",
            cause.reason()
        )
    }

    /// Why a value that was assigned here may differ.
    pub fn of_assignment(&self) -> Cause<'s> {
        Cause::new(Origin::Assigned(self.head), self.place)
    }
}
