//! Turns the text that the macros write into a kernel tree.
//!
//! The text holds words with a space behind each: the name of a variant, then its fields in the order in which the tree
//! declares them; text and lists come behind their length. `#[derive(Decode)]` reads exactly that. What is read is kept for
//! as long as the program runs, as the constants it stands for would be.

use super::message::Message;
use super::tree::Site;
use std::sync::OnceLock;

/// A tree as the macros emit it, which is read when it is first asked for.
pub struct Encoded<T: 'static> {
    text: &'static str,
    sites: &'static [Site],
    messages: &'static [Message],
    tree: OnceLock<T>,
}

impl<T: Decode> Encoded<T> {
    /// The tree that `text` stands for, with the sites and messages that it names by number.
    pub const fn new(text: &'static str, sites: &'static [Site], messages: &'static [Message]) -> Self {
        Encoded { text, sites, messages, tree: OnceLock::new() }
    }

    /// The tree.
    pub fn tree(&'static self) -> &'static T {
        self.tree.get_or_init(|| {
            let mut reader = Reader { rest: self.text, sites: self.sites, messages: self.messages };
            let tree = T::decode(&mut reader).filter(|_| reader.rest.is_empty());
            tree.unwrap_or_else(|| unreachable!("falx and its macros are of one version: {}", self.text))
        })
    }
}

/// Reads a tree's text from the front.
pub struct Reader {
    rest: &'static str,
    sites: &'static [Site],
    messages: &'static [Message],
}

impl Reader {
    /// The next word.
    pub fn word(&mut self) -> Option<&'static str> {
        let (word, rest) = self.rest.split_once(' ')?;
        self.rest = rest;
        Some(word)
    }

    fn string(&mut self) -> Option<&'static str> {
        let length = usize::decode(self)?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest.strip_prefix(' ')?;
        Some(text)
    }
}

/// A part of a tree that can be read.
pub trait Decode: Sized {
    /// Reads one; `None` if the text is something else.
    fn decode(reader: &mut Reader) -> Option<Self>;
}

macro_rules! words {
    ($($ty:ty)*) => { $(
        impl Decode for $ty {
            fn decode(reader: &mut Reader) -> Option<Self> {
                reader.word()?.parse().ok()
            }
        }
    )* };
}
words!(bool u16 u32 u128 usize);

impl Decode for &'static str {
    fn decode(reader: &mut Reader) -> Option<Self> {
        reader.string()
    }
}

impl Decode for &'static Site {
    fn decode(reader: &mut Reader) -> Option<Self> {
        reader.sites.get(usize::decode(reader)?)
    }
}

impl Decode for &'static Message {
    fn decode(reader: &mut Reader) -> Option<Self> {
        reader.messages.get(usize::decode(reader)?)
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(reader: &mut Reader) -> Option<Self> {
        match reader.word()? {
            "None" => Some(None),
            "Some" => T::decode(reader).map(Some),
            _ => None,
        }
    }
}

impl<T: Decode> Decode for &'static T {
    fn decode(reader: &mut Reader) -> Option<Self> {
        T::decode(reader).map(|value| &*Box::leak(Box::new(value)))
    }
}

impl<T: Decode> Decode for &'static [T] {
    fn decode(reader: &mut Reader) -> Option<Self> {
        let length = usize::decode(reader)?;
        let values: Option<Vec<T>> = (0..length).map(|_| T::decode(reader)).collect();
        values.map(|values| &*values.leak())
    }
}

impl<A: Decode, B: Decode> Decode for (A, B) {
    fn decode(reader: &mut Reader) -> Option<Self> {
        Some((A::decode(reader)?, B::decode(reader)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::tree::{BinaryOperator, Expression, ExpressionKind};

    static SITES: [Site; 1] = [Site { file: "here", line: 1, column: 2, subject: "a / b" }];

    #[test]
    fn text_is_read_in_the_order_of_the_declarations() {
        static TEXT: Encoded<Expression> =
            Encoded::new("Binary Divide Local 3 7 Bool true 7 Some 0 7 ", &SITES, &[]);
        let ExpressionKind::Binary(BinaryOperator::Divide, left, right, Some(site)) = &TEXT.tree().kind
        else {
            panic!("{:?}", TEXT.tree())
        };
        assert!(matches!((&left.kind, left.line), (ExpressionKind::Local(3), 7)));
        assert!(matches!(right.kind, ExpressionKind::Bool(true)));
        assert!(std::ptr::eq(*site, &SITES[0]));
    }

    #[test]
    fn strings_may_hold_anything() {
        let mut reader = Reader { rest: "7 a 3 b ä 0  2 c ", sites: &[], messages: &[] };
        assert_eq!(<(&str, &str)>::decode(&mut reader), None);
        let mut reader = Reader { rest: "8 a 3 b ä 0  ", sites: &[], messages: &[] };
        assert_eq!(<(&str, &str)>::decode(&mut reader), Some(("a 3 b ä", "")));
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        for text in ["", "Local 3", "Local 70000 ", "Nothing ", "Bool maybe ", "Index Local 1 1 Local 2 1 5 "]
        {
            let mut reader = Reader { rest: text, sites: &SITES, messages: &[] };
            assert!(ExpressionKind::decode(&mut reader).is_none(), "{text}");
        }
    }
}
