//! What is printed, and what failures say.

use super::{Expression, SiteRef};
use proc_macro2::{Ident, TokenStream};

/// One part of a message.
pub enum Piece {
    /// Text that is always the same.
    Text(String),
    /// The text of the site.
    Subject,
    /// One of the values.
    Value(usize, crate::format::Format),
}

/// A message where it is said, with its values.
pub struct Said {
    /// Where.
    pub site: SiteRef,
    /// Which of the body's messages.
    pub message: usize,
    /// The values.
    pub values: Vec<Expression>,
    /// The format string as written.
    pub literal: Option<TokenStream>,
    /// What the format string calls its values.
    pub names: Vec<Option<Ident>>,
    /// How many values stand before those of the format string.
    pub before: usize,
}
