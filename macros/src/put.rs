//! `rust!` and `put!`: Rust by example, as `quote!` has it, written straight into the stream that it becomes part of.
//!
//! Each stream that is made by itself and then put into another costs several calls to the compiler, and a kernel's twin is
//! made of thousands of parts. So its parts are values that write themselves: whatever has [`ToTokens`].

use proc_macro2::{Delimiter, Group, Ident, Literal, Punct, Spacing, Span, TokenStream};
use quote::{ToTokens, TokenStreamExt};

/// Writes tokens into `$tokens`, with `$span` as the place of all that is not `#value`. Lists are `#(#list),*`, and the same
/// with another mark or none.
macro_rules! put {
    (@ $tokens:ident $span:ident) => {};
    (@ $tokens:ident $span:ident #(#$list:ident),* $($rest:tt)*) => {
        $crate::put::separated(&$list, ",", $span, $tokens);
        $crate::put::put!(@ $tokens $span $($rest)*);
    };
    (@ $tokens:ident $span:ident #(#$list:ident)|* $($rest:tt)*) => {
        $crate::put::separated(&$list, "|", $span, $tokens);
        $crate::put::put!(@ $tokens $span $($rest)*);
    };
    (@ $tokens:ident $span:ident #(#$list:ident)* $($rest:tt)*) => {
        $crate::put::separated(&$list, "", $span, $tokens);
        $crate::put::put!(@ $tokens $span $($rest)*);
    };
    (@ $tokens:ident $span:ident #$value:ident $($rest:tt)*) => {
        ::quote::ToTokens::to_tokens(&$value, $tokens);
        $crate::put::put!(@ $tokens $span $($rest)*);
    };
    (@ $tokens:ident $span:ident { $($inner:tt)* } $($rest:tt)*) => {
        $crate::put::group($tokens, ::proc_macro2::Delimiter::Brace, $span, |inner| {
            $crate::put::put!(@ inner $span $($inner)*);
        });
        $crate::put::put!(@ $tokens $span $($rest)*);
    };
    (@ $tokens:ident $span:ident ( $($inner:tt)* ) $($rest:tt)*) => {
        $crate::put::group($tokens, ::proc_macro2::Delimiter::Parenthesis, $span, |inner| {
            // Nothing may stand between the brackets.
            let _ = &inner;
            $crate::put::put!(@ inner $span $($inner)*);
        });
        $crate::put::put!(@ $tokens $span $($rest)*);
    };
    (@ $tokens:ident $span:ident [ $($inner:tt)* ] $($rest:tt)*) => {
        $crate::put::group($tokens, ::proc_macro2::Delimiter::Bracket, $span, |inner| {
            $crate::put::put!(@ inner $span $($inner)*);
        });
        $crate::put::put!(@ $tokens $span $($rest)*);
    };
    (@ $tokens:ident $span:ident $token:tt $($rest:tt)*) => {
        $crate::put::token(stringify!($token), $span, $tokens);
        $crate::put::put!(@ $tokens $span $($rest)*);
    };
    ($tokens:expr, $span:expr => $($template:tt)*) => {{
        let (tokens, span): (&mut ::proc_macro2::TokenStream, ::proc_macro2::Span) = ($tokens, $span);
        // Not used where the template is made of values only.
        let _ = span;
        $crate::put::put!(@ tokens span $($template)*);
    }};
}
pub(crate) use put;

/// What writes the tokens that `put!` would.
macro_rules! rust {
    ($span:expr => $($template:tt)*) => {
        $crate::put::Print(move |tokens: &mut ::proc_macro2::TokenStream| {
            $crate::put::put!(tokens, $span => $($template)*);
        })
    };
}
pub(crate) use rust;

/// Tokens that a closure writes.
#[derive(Clone, Copy)]
pub struct Print<F>(pub F);

impl<F: Fn(&mut TokenStream)> ToTokens for Print<F> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        (self.0)(tokens);
    }
}

/// Writes a group.
pub fn group(
    tokens: &mut TokenStream,
    delimiter: Delimiter,
    span: Span,
    write: impl FnOnce(&mut TokenStream),
) {
    let mut inner = TokenStream::new();
    write(&mut inner);
    let mut group = Group::new(delimiter, inner);
    group.set_span(span);
    tokens.append(group);
}

/// Writes a list, with a mark between its parts.
pub fn separated<L>(list: &L, mark: &str, span: Span, tokens: &mut TokenStream)
where
    L: Clone + IntoIterator,
    L::Item: ToTokens,
{
    for (position, part) in list.clone().into_iter().enumerate() {
        if position > 0 {
            punctuation(mark, span, tokens);
        }
        part.to_tokens(tokens);
    }
}

/// Writes a word, a number or a mark.
pub fn token(text: &str, span: Span, tokens: &mut TokenStream) {
    match text.as_bytes() {
        [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => tokens.append(Ident::new(text, span)),
        [b'0'..=b'9', ..] => {
            let mut number = text.parse::<Literal>().expect("templates hold plain numbers");
            number.set_span(span);
            tokens.append(number);
        }
        _ => punctuation(text, span, tokens),
    }
}

/// Writes a mark of ASCII. Written for speed: kernels have thousands, and macros are not optimised where users build them.
fn punctuation(text: &str, span: Span, tokens: &mut TokenStream) {
    let mut mark = |byte: u8, spacing| {
        let mut punct = Punct::new(char::from(byte), spacing);
        punct.set_span(span);
        tokens.append(punct);
    };
    match *text.as_bytes() {
        [] => {}
        [only] => mark(only, Spacing::Alone),
        [first, last] => {
            mark(first, Spacing::Joint);
            mark(last, Spacing::Alone);
        }
        [first, second, last] => {
            mark(first, Spacing::Joint);
            mark(second, Spacing::Joint);
            mark(last, Spacing::Alone);
        }
        _ => unreachable!("no mark of Rust is longer than three"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote_spanned;

    #[test]
    fn what_is_written_is_what_quote_would_write() {
        let span = Span::call_site();
        let (name, list) = (&Ident::new("name", span), &["a", "b", "c"].map(|name| Ident::new(name, span)));
        let inner = rust!(span => #name.call(0, #(#list),*));
        let written =
            rust!(span => { let [#(#list)|*] = &::falx::f::<{ 1 }>(#inner)..=2; () }).to_token_stream();
        let [a, b, c] = list;
        let expected = quote_spanned!(span =>
            { let [#a | #b | #c] = &::falx::f::<{ 1 }>(#name.call(0, #a, #b, #c))..=2; () }
        );
        assert_eq!(written.to_string(), expected.to_string());
    }
}
