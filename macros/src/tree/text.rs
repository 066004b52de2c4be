//! The text that a tree becomes: words, in the order in which falx declares what they stand for.
//!
//! falx reads it at the first launch (its `kernel::decode`). One string costs rustc next to nothing, where the same tree as
//! a constant expression of thousands of nodes took it longer than the rest of the kernel.

use std::fmt::{Debug, Display, Write};

/// A tree, as far as it is written.
#[derive(Default)]
pub struct Text(String);

impl Text {
    /// Writes a variant's name, a number or a `bool`.
    pub fn word(&mut self, word: impl Display) -> &mut Self {
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{word} ");
        self
    }

    /// Writes a variant of the tree, which has the same name in the model.
    pub fn name(&mut self, variant: &impl Debug) -> &mut Self {
        self.word(format_args!("{variant:?}"))
    }

    /// Writes text.
    pub fn string(&mut self, text: &str) -> &mut Self {
        self.word(text.len());
        self.0.push_str(text);
        self.0.push(' ');
        self
    }

    /// Writes a name, without the mark of a raw one.
    pub fn identifier(&mut self, name: &impl ToString) -> &mut Self {
        let name = name.to_string();
        self.string(name.strip_prefix("r#").unwrap_or(&name))
    }

    /// Writes what there may be.
    pub fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(T, &mut Self)) -> &mut Self {
        match value {
            Some(value) => write(value, self.word("Some")),
            None => {
                self.word("None");
            }
        }
        self
    }

    /// Writes a list.
    pub fn list<T>(&mut self, values: &[T], mut write: impl FnMut(&T, &mut Self)) -> &mut Self {
        self.word(values.len());
        values.iter().for_each(|value| write(value, self));
        self
    }

    /// What was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
