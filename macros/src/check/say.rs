//! What a kernel says: `panic!`, assertions and `println!`, as messages with the values in them.

use super::Checker;
use crate::format::{self, Argument, Part};
use crate::model::{
    BinaryOperator, Binding, Block, Expression, Kind, Operation, Pattern, Piece, Said, Statement,
    UnaryOperator,
};
use crate::spelling::spelling;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Lit, Token, UnOp};

/// How many values one message shows at most: the run time's record has so many words.
const VALUE_LIMIT: usize = 8;

type Arguments = Punctuated<Expr, Token![,]>;

/// A message while its values are collected.
#[derive(Default)]
struct Draft {
    pieces: Vec<Piece>,
    values: Vec<Expression>,
    /// The format string and its arguments, for rustc to check.
    literal: Option<TokenStream>,
    names: Vec<Option<Ident>>,
    /// How many values stand before those of the format string.
    before: usize,
}

impl Checker {
    /// A macro call that the language has; `None`, after a report, for all others.
    pub(super) fn saying(&mut self, call: &syn::Macro) -> Option<Kind> {
        let name = call.path.segments.last()?.ident.to_string();
        let (is_debug, plain) = match name.strip_prefix("debug_") {
            Some(plain) => (true, plain),
            None => (false, name.as_str()),
        };
        let kind = match plain {
            "assert" => self.assert(call),
            "assert_eq" => self.compare(call, BinaryOperator::Equal, BinOp::Eq(<Token![==]>::default())),
            "assert_ne" => self.compare(call, BinaryOperator::NotEqual, BinOp::Ne(<Token![!=]>::default())),
            "panic" if !is_debug => self.panic(call, "panicked"),
            "unreachable" if !is_debug => self.panic(call, "internal error: entered unreachable code"),
            "todo" if !is_debug => self.panic(call, "not yet implemented"),
            "unimplemented" if !is_debug => self.panic(call, "not implemented"),
            "print" | "println" if !is_debug => self.print(call, plain == "println"),
            _ => {
                self.macro_call(call);
                return None;
            }
        }?;
        let span = call.path.span();
        Some(if is_debug { Kind::Debug(Box::new(Expression { span, kind })) } else { kind })
    }

    fn arguments(&mut self, call: &syn::Macro) -> Option<Vec<Expr>> {
        match call.parse_body_with(Arguments::parse_terminated) {
            Ok(arguments) => Some(arguments.into_iter().collect()),
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    fn panic(&mut self, call: &syn::Macro, what: &'static str) -> Option<Kind> {
        let arguments = self.arguments(call)?;
        let mut draft = Draft { pieces: vec![Piece::Text(what.to_owned())], ..Draft::default() };
        self.add_message(&mut draft, &arguments);
        Some(self.panic_with(draft, call.path.span(), String::new()))
    }

    fn assert(&mut self, call: &syn::Macro) -> Option<Kind> {
        let arguments = self.arguments(call)?;
        let Some((condition, message)) = arguments.split_first() else {
            self.errors.at(&call.path, "an assertion needs a condition\nhint: write `assert!(x < n)`");
            return None;
        };
        let subject = spelling(condition.to_token_stream());
        let condition = self.expression(condition);
        let mut draft = Draft { pieces: assertion(), ..Draft::default() };
        draft.pieces.push(Piece::Text("` failed".to_owned()));
        self.add_message(&mut draft, message);
        let panic = self.panic_with(draft, call.path.span(), subject);
        Some(unless(condition, panic, call.path.span()))
    }

    /// `assert_eq!` and `assert_ne!`
    fn compare(&mut self, call: &syn::Macro, operator: BinaryOperator, sign: BinOp) -> Option<Kind> {
        let arguments = self.arguments(call)?;
        let [left, right, message @ ..] = &arguments[..] else {
            let name = call.path.to_token_stream().to_string();
            self.errors.at(&call.path, format!("`{name}!` compares two values\nhint: write `{name}!(a, b)`"));
            return None;
        };
        let span = call.path.span();
        let subject = spelling(quote!(#left #sign #right));
        let (left, right) = (self.expression(left), self.expression(right));
        // Where rustc says that their types differ.
        let compared = right.span;
        let (bind_left, left) = self.bind_value("left", left);
        let (bind_right, right) = self.bind_value("right", right);
        let mut draft = Draft { pieces: assertion(), ..Draft::default() };
        for (text, value) in [("` failed (left: ", left()), (", right: ", right())] {
            draft.pieces.push(Piece::Text(text.to_owned()));
            let format = format::Format { style: "Debug", ..format::Format::default() };
            draft.pieces.push(Piece::Value(draft.values.len(), format));
            draft.values.push(value);
            draft.names.push(None);
        }
        draft.pieces.push(Piece::Text(")".to_owned()));
        draft.before = 2;
        self.add_message(&mut draft, message);
        let panic = self.panic_with(draft, span, subject);
        let callee = operator.definable().map(|_| self.witness(span));
        let operation = Operation { operator, tokens: sign, span: compared, site: None, callee };
        let condition =
            Expression { span, kind: Kind::Binary(operation, Box::new(left()), Box::new(right())) };
        let check = Expression { span, kind: unless(condition, panic, span) };
        Some(Kind::Block(Block { statements: vec![bind_left, bind_right], value: Some(Box::new(check)) }))
    }

    fn print(&mut self, call: &syn::Macro, ends_line: bool) -> Option<Kind> {
        let arguments = self.arguments(call)?;
        let mut draft = Draft::default();
        if let Some((literal, values)) = arguments.split_first() {
            self.add_format(&mut draft, literal, values);
        }
        if ends_line {
            draft.pieces.push(Piece::Text("\n".to_owned()));
        }
        Some(Kind::Print(Box::new(self.said(draft, call.path.span(), String::new()))))
    }

    /// Binds a value to a name that nobody else can use; says how it is read.
    pub(super) fn bind_value(
        &mut self,
        name: &str,
        value: Expression,
    ) -> (Statement, impl Fn() -> Expression + use<>) {
        let span = value.span;
        let (local, ty) = (self.new_local(span), self.witness(span));
        let name = Ident::new(name, crate::twin::mixed(span));
        let binding = Binding { name: name.clone(), local, ty, mutable: false, lent: None };
        let statement =
            Statement::Let { span, pattern: Pattern::Bind(binding), declared: None, value: Some(value) };
        (statement, move || Expression { span, kind: Kind::Local(local, name.clone()) })
    }

    fn panic_with(&mut self, draft: Draft, span: Span, subject: String) -> Kind {
        if draft.values.len() > VALUE_LIMIT {
            let text = format!(
                "a failure shows at most {VALUE_LIMIT} values, not {}\nhint: leave some out, or `println!` them before",
                draft.values.len()
            );
            self.errors.at_span(span, text);
        }
        Kind::Panic(Box::new(self.said(draft, span, subject)))
    }

    fn said(&mut self, draft: Draft, span: Span, subject: String) -> Said {
        let Draft { pieces, values, literal, names, before } = draft;
        self.body.messages.push(pieces);
        self.body.sites.push(crate::model::Site { span, subject });
        let (site, message) = (self.body.sites.len() - 1, self.body.messages.len() - 1);
        Said { site, message, values, literal, names, before }
    }

    /// The message behind an assertion's condition.
    fn add_message(&mut self, draft: &mut Draft, arguments: &[Expr]) {
        if let Some((literal, values)) = arguments.split_first() {
            draft.pieces.push(Piece::Text(": ".to_owned()));
            self.add_format(draft, literal, values);
        }
    }

    /// A format string and its values.
    fn add_format(&mut self, draft: &mut Draft, literal: &Expr, values: &[Expr]) {
        let Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) = literal else {
            self.errors.at(literal, "this must be a string literal\nhint: write `\"{}\", value`");
            return;
        };
        let parts = match format::parse(&text.value()) {
            Ok(parts) => parts,
            Err(message) => return self.errors.at(text, message),
        };
        draft.literal = Some(text.to_token_stream());
        for value in values {
            let (name, value) = named(value);
            draft.names.push(name);
            draft.values.push(self.expression(value));
        }
        let mut used = vec![false; values.len()];
        let mut next = 0;
        for part in parts {
            match part {
                Part::Text(text) => draft.pieces.push(Piece::Text(text)),
                Part::Value(argument, format) => {
                    if let Some(position) = self.position(draft, &argument, &mut next, values.len(), text) {
                        used.get_mut(position).into_iter().for_each(|used| *used = true);
                        draft.pieces.push(Piece::Value(draft.before + position, format));
                    }
                }
            }
        }
        for (value, _) in values.iter().zip(used).filter(|(_, used)| !used) {
            self.errors
                .at(value, "the format string does not show this value\nhint: write `{}` where it belongs");
        }
    }

    /// Which of the values behind the string is meant; a name that is not among them is the variable of that name.
    fn position(
        &mut self,
        draft: &mut Draft,
        argument: &Argument,
        next: &mut usize,
        n_given: usize,
        text: &syn::LitStr,
    ) -> Option<usize> {
        let position = match argument {
            Argument::Name(name) => {
                let known = draft.names[draft.before..]
                    .iter()
                    .position(|known| known.as_ref().is_some_and(|k| k == name));
                return Some(known.unwrap_or_else(|| self.variable(draft, name, text.span())));
            }
            Argument::Position(position) => *position,
            Argument::Next => {
                *next += 1;
                *next - 1
            }
        };
        if position >= n_given {
            let text_of = format!(
                "the format string shows more values than stand behind it: there is no value {position}\nhint: values count from 0"
            );
            self.errors.at(text, text_of);
            return None;
        }
        Some(position)
    }

    /// `{name}` in a format string: the variable, as if it stood behind the string.
    fn variable(&mut self, draft: &mut Draft, name: &str, span: Span) -> usize {
        let name = format_ident!("{}", name, span = span);
        let path = syn::ExprPath { attrs: Vec::new(), qself: None, path: name.clone().into() };
        draft.values.push(self.expression(&Expr::Path(path)));
        draft.names.push(Some(name));
        draft.values.len() - 1 - draft.before
    }
}

fn assertion() -> Vec<Piece> {
    vec![Piece::Text("assertion `".to_owned()), Piece::Subject]
}

/// `if !condition { panic }`
fn unless(condition: Expression, panic: Kind, span: Span) -> Kind {
    let failed = Kind::Unary {
        operator: UnaryOperator::Not,
        token: UnOp::Not(<Token![!]>::default()),
        under_cast: false,
        callee: None,
        operand: Box::new(condition),
        site: None,
    };
    let panic = Expression { span, kind: panic };
    Kind::If {
        condition: Box::new(Expression { span, kind: failed }),
        then: Block { statements: Vec::new(), value: Some(Box::new(panic)) },
        otherwise: None,
    }
}

/// `name = value` behind a format string.
fn named(argument: &Expr) -> (Option<Ident>, &Expr) {
    if let Expr::Assign(assign) = argument
        && let Expr::Path(path) = &*assign.left
        && let Some(name) = path.path.get_ident()
    {
        return (Some(name.clone()), &assign.right);
    }
    (None, argument)
}
