//! Tokens as text, spaced as a person would, for messages about what the user wrote.

use proc_macro2::{Delimiter, TokenTree};

/// The text of `tokens`.
pub fn spelling(tokens: impl IntoIterator<Item = TokenTree>) -> String {
    let mut text = String::new();
    write(tokens, &mut text);
    text
}

/// What the last token was, which decides about the space before the next.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// Nothing: the start of a group.
    Start,
    /// A name, a number or a group: an operator after it has two operands.
    Operand,
    /// `as` and other words that stand apart.
    Word,
    /// `a +`: an operator between operands.
    Operator,
    /// `-a`, `a.`, `a::`: what follows stands close.
    Close,
}

/// Words that stand apart from what follows.
const WORDS: &[&str] = &["as", "in", "if", "else", "match", "return", "move", "mut", "let", "for", "while"];

fn write(tokens: impl IntoIterator<Item = TokenTree>, text: &mut String) {
    let (mut last, mut joint, mut in_bars) = (Last::Start, false, false);
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) => {
                let mark = punct.as_char();
                let opens = mark == '|' && !joint && !in_bars && last != Last::Operand;
                let closes = mark == '|' && in_bars;
                in_bars = (in_bars || opens) && !closes;
                let next = match mark {
                    // The bars of a closure.
                    '|' if opens => Last::Close,
                    '|' if closes => Last::Operator,
                    '.' | ':' | '\'' | '#' => Last::Close,
                    ',' | ';' => Last::Operator,
                    _ if joint => last,
                    '-' | '!' | '*' | '&' if last != Last::Operand => Last::Close,
                    _ => Last::Operator,
                };
                let apart = !joint
                    && !closes
                    && !matches!(mark, '.' | ':' | ',' | ';')
                    && is_apart(last, next == Last::Operator);
                push(text, apart, &mark.to_string());
                joint = punct.spacing() == proc_macro2::Spacing::Joint;
                last = next;
                continue;
            }
            TokenTree::Group(group) => {
                let bracket = matches!(
                    group.delimiter(),
                    Delimiter::Parenthesis | Delimiter::Bracket | Delimiter::None
                );
                let apart =
                    if bracket { last == Last::Operator || last == Last::Word } else { last != Last::Start };
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                push(text, apart, open);
                write(group.stream(), text);
                text.push_str(close);
                last = Last::Operand;
            }
            word => {
                let word = word.to_string();
                push(text, is_apart(last, true) && last != Last::Close, &word);
                last = if WORDS.contains(&word.as_str()) { Last::Word } else { Last::Operand };
            }
        }
        joint = false;
    }
}

fn is_apart(last: Last, stands_apart: bool) -> bool {
    match last {
        Last::Start | Last::Close => false,
        Last::Operator | Last::Word => true,
        Last::Operand => stands_apart,
    }
}

fn push(text: &mut String, apart: bool, token: &str) {
    if apart {
        text.push(' ');
    }
    text.push_str(token);
}

#[cfg(test)]
mod tests {
    use super::spelling;

    #[test]
    fn expressions_are_spelt_as_they_are_written() {
        for text in [
            "a",
            "x / y",
            "-1 / c[i]",
            "a.range()[0] % (n - 1)",
            "f32::from_bits(x as u32).max(-y)",
            "values[[row, t * T + x]]",
            "x << 3 >= !y && z",
            "std::f32::consts::PI",
            "for k in (0..n).filter(|k| a[*k] | b > c || d)",
            "f(move |&(x, y)| x | y, || 1)",
            "if !(a && b) { return -1 } else { &mut c }",
        ] {
            assert_eq!(spelling(text.parse::<proc_macro2::TokenStream>().expect("tokens")), text);
        }
    }
}
