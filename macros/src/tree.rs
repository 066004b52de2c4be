//! Prints a kernel's body as the tree that the run time lowers.
//!
//! Each function writes the fields of what it is named after, in the order in which falx's `kernel::tree` declares them.

mod branch;
mod sequence;
mod text;

pub use text::Text;

use crate::format::Format;
use crate::model::{
    Binding, Block, Body, Capture, CaptureKind, Closure, Counter, Expression, Kind, LiteralType, MethodCall,
    Number, NumberValue, Parameter, Pattern, Piece, Place, Said, Site, SiteRef, Slice, Statement, Step,
    StructLiteral, UserMethod,
};
use crate::twin::mixed;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;
use std::fmt::Write;

/// The line of a token; zero outside of the compiler.
pub fn line(span: Span) -> u32 {
    if proc_macro::is_available() { span.unwrap().line() as u32 } else { 0 }
}

fn column(span: Span) -> u32 {
    if proc_macro::is_available() { span.unwrap().column() as u32 } else { 0 }
}

/// The file of a token, as `file!()` gives it; nothing outside of the compiler.
pub fn file(span: Span) -> String {
    if proc_macro::is_available() { span.unwrap().file() } else { String::new() }
}

/// Writes the static that holds the sites of a body.
fn sites(sites: &[Site], text: &mut String) {
    let (path, name) = ("::falx::__private::tree::Site", crate::twin::sites(Span::call_site()));
    let file = sites.first().map_or_else(String::new, |site| file(site.span));
    let head = format!("use {path} as S; const F: &str = {file:?};");
    // Writing to a string cannot fail.
    let _ = write!(text, "static {name}: [{path}; {}] = {{ {head} [", sites.len());
    for Site { span, subject } in sites {
        let _ = write!(text, "S::new(F, {}, {}, {subject:?}),", line(*span), column(*span));
    }
    text.push_str("] };");
}

/// Rust as tokens: by the compiler alone where there is one, since `proc_macro2` would first parse the text itself.
fn parsed(text: &str) -> TokenStream {
    const RUST: &str = "this is Rust";
    match proc_macro::is_available() {
        true => text.parse::<proc_macro::TokenStream>().expect(RUST).into(),
        false => text.parse().expect(RUST),
    }
}

/// The static that holds the messages of a body.
fn messages(messages: &[Vec<Piece>]) -> TokenStream {
    let name = crate::twin::messages(Span::call_site());
    let length = Literal::usize_unsuffixed(messages.len());
    let printed = messages.iter().map(|pieces| {
        let pieces = pieces.iter().map(piece);
        quote!(::falx::__private::tree::Message { pieces: &[#(#pieces),*] })
    });
    quote!(static #name: [::falx::__private::tree::Message; #length] = [#(#printed),*];)
}

fn piece(piece: &Piece) -> TokenStream {
    let kind = match piece {
        Piece::Text(text) => quote!(Text(#text)),
        Piece::Subject => quote!(Subject),
        Piece::Value(argument, format) => {
            let (argument, format) = (Literal::usize_unsuffixed(*argument), format_of(format));
            quote!(Value { argument: #argument, format: #format })
        }
    };
    quote!(::falx::__private::tree::Piece::#kind)
}

fn format_of(format: &Format) -> TokenStream {
    let Format { fill, alignment, plus, alternate, zero, width, precision, style } = format;
    let alignment = optional(alignment.map(|side| {
        let side = Ident::new(side, mixed(Span::call_site()));
        quote!(::falx::__private::tree::Alignment::#side)
    }));
    let precision = optional(precision.map(|digits| quote!(#digits)));
    let style = Ident::new(style, mixed(Span::call_site()));
    quote!(::falx::__private::tree::Format {
        fill: #fill, alignment: #alignment, plus: #plus, alternate: #alternate, zero: #zero, width: #width,
        precision: #precision, style: ::falx::__private::tree::Style::#style
    })
}

fn optional(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// The statics that hold the tree of a body, of the type that is named, and what it refers to. Made of text, since rustc splits
/// that into tokens faster than `quote` makes them.
pub fn encoded(name: &str, ty: &str, body: &Body, tree: &Text) -> TokenStream {
    let (span, path) = (Span::call_site(), "::falx::__private::tree");
    let (all_sites, all_messages) = (crate::twin::sites(span), crate::twin::messages(span));
    let mut text = format!(
        "static {name}: {path}::Encoded<{path}::{ty}> = {path}::Encoded::new({:?}, &{all_sites}, &{all_messages});",
        tree.as_str()
    );
    sites(&body.sites, &mut text);
    let mut statics = parsed(&text);
    statics.extend(messages(&body.messages));
    statics
}

/// A captured value.
pub fn capture(capture: &Capture, text: &mut Text) {
    let Capture { name, local, ty, .. } = capture;
    let kind = match capture.kind {
        CaptureKind::Argument { .. } => "Argument",
        CaptureKind::Constant => "Constant",
    };
    text.identifier(name).word(local).word(ty).word(kind);
}

/// The parameters of a device function.
pub fn parameters(parameters: &[Parameter], text: &mut Text) {
    let bound = parameters.iter().filter_map(|parameter| match &parameter.pattern {
        Pattern::Bind(binding) => Some(binding),
        _ => None,
    });
    text.list(&bound.collect::<Vec<_>>(), |Binding { name, local, ty, .. }, text| {
        text.identifier(name).word(local).word(ty);
    });
}

/// A pattern.
pub fn pattern(value: &Pattern, text: &mut Text) {
    match value {
        // What is behind a reference that only reads is the value itself.
        Pattern::Reference(_, inner) => pattern(inner, text),
        Pattern::Bind(Binding { name, local, ty, mutable, .. }) => {
            text.word("Bind").identifier(name).word(local).word(ty).word(mutable);
        }
        Pattern::Wild(_) => {
            text.word("Wild");
        }
        Pattern::Array(elements, _) => {
            text.word("Array").list(elements, pattern);
        }
        Pattern::Id(_, inner) => pattern(inner, text.word("Id")),
        Pattern::Tuple(tuple) => {
            if let Some(path) = &tuple.path {
                branch::variant(path, text);
            }
            text.word("Tuple").list(&tuple.leading, pattern).list(&tuple.trailing, pattern);
        }
        Pattern::Struct(fields) => {
            branch::variant(&fields.path, text);
            text.word("Struct").list(&fields.fields, |(name, value), text| {
                pattern(value, text.identifier(name));
            });
        }
        tested => branch::tested_pattern(tested, text),
    }
}

/// A block.
pub fn block(block: &Block, text: &mut Text) {
    text.list(&block.statements, statement).option(block.value.as_deref(), expression);
}

fn statement(statement: &Statement, text: &mut Text) {
    match statement {
        Statement::Let { span, pattern: bound, value, .. } => {
            pattern(bound, text.word("Let"));
            text.option(value.as_ref(), expression).word(line(*span));
        }
        Statement::LetElse { span, pattern: bound, value, otherwise, .. } => {
            pattern(bound, text.word("LetElse"));
            expression(value, text);
            block(otherwise, text);
            text.word(line(*span));
        }
        Statement::Expression(value, _) => expression(value, text.word("Expression")),
    }
}

fn expression(value: &Expression, text: &mut Text) {
    kind(&value.kind, value.span, text);
    text.word(line(value.span));
}

fn list(values: &[Expression], text: &mut Text) {
    text.list(values, expression);
}

fn both(first: &Expression, second: &Expression, text: &mut Text) {
    expression(first, text);
    expression(second, text);
}

fn kind(kind: &Kind, span: Span, text: &mut Text) {
    match kind {
        Kind::Local(local, _) | Kind::LocalMemory(local, _) | Kind::Constant(local, _) => {
            text.word("Local").word(local);
        }
        Kind::Number(value) => number(value, text),
        Kind::Bool(value, _) => {
            text.word("Bool").word(value);
        }
        Kind::Unary { operator, operand, callee, site, .. } => overloaded(*callee, span, text, |text| {
            expression(operand, text.word("Unary").name(operator));
            text.option(*site, number_of);
        }),
        Kind::Binary(what, left, right) => overloaded(what.callee, span, text, |text| {
            both(left, right, text.word("Binary").name(&what.operator));
            text.option(what.site, number_of);
        }),
        Kind::Logic(operator, _, left, right) => both(left, right, text.word("Logic").name(operator)),
        Kind::Assign(..) | Kind::Store(..) | Kind::AssignOperation(..) | Kind::StoreOperation(..) => {
            assignment(kind, span, text);
        }
        Kind::Load(place) => part(&place.root, &place.steps, span, text),
        Kind::Array(..) | Kind::Repeat(..) | Kind::Tuple(_) | Kind::Struct(_) | Kind::Vector(..) => {
            composed(kind, text);
        }
        Kind::Method(call) => method(call, text),
        Kind::UserMethod(call) => user_method(call, text),
        Kind::Call(call) => list(&call.arguments, text.word("Call").word(call.ty)),
        Kind::Borrow(_, mutable, value) => expression(value, text.word("Borrow").word(mutable)),
        Kind::Lend(place) => place_expression(place, span, text.word("Borrow").word(true)),
        Kind::Slice(value) => slice(value, text),
        Kind::Follow(_, value) => expression(value, text.word("Follow")),
        Kind::Closure(value) => closure(value, text),
        Kind::Sequence(value) => sequence::sequence(value, text.word("Sequence")),
        Kind::Apply(value, arguments) => {
            expression(value, text.word("Apply"));
            list(arguments, text);
        }
        Kind::Cast(value, _, _, ty) | Kind::Convert(value, _, ty) => {
            expression(value, text.word("Cast"));
            text.word(ty);
        }
        control => control_flow(control, text),
    }
}

fn number_of(site: SiteRef, text: &mut Text) {
    text.word(site);
}

/// `&base[start..end]` and its kin.
fn slice(slice: &Slice, text: &mut Text) {
    expression(&slice.base, text.word("Slice").word(slice.manner.is_mutable()));
    text.option(slice.row.as_ref(), expression);
    text.option(slice.start.as_ref(), expression).option(slice.end.as_ref(), expression).word(slice.site);
}

/// What changes a place.
fn assignment(kind: &Kind, span: Span, text: &mut Text) {
    match kind {
        Kind::Assign(place, _, value, _) => both(place, value, text.word("Assign")),
        Kind::Store(place, value) => {
            place_expression(place, span, text.word("Assign"));
            expression(value, text);
        }
        Kind::AssignOperation(what, place, value) => overloaded(what.callee, span, text, |text| {
            both(place, value, text.word("AssignOperation").name(&what.operator));
            text.option(what.site, number_of);
        }),
        Kind::StoreOperation(what, place, value) => overloaded(what.callee, span, text, |text| {
            place_expression(place, span, text.word("AssignOperation").name(&what.operator));
            expression(value, text);
            text.option(what.site, number_of);
        }),
        _ => unreachable!("`kind` hands on nothing else"),
    }
}

/// A value made of others.
fn composed(kind: &Kind, text: &mut Text) {
    match kind {
        Kind::Array(elements, ty) => {
            list(elements, text.word("Array"));
            text.word(ty);
        }
        Kind::Repeat(value, _, ty) => {
            expression(value, text.word("Repeat"));
            text.word(ty);
        }
        Kind::Tuple(elements) => list(elements, text.word("Tuple")),
        Kind::Struct(literal) => structure(literal, text),
        Kind::Vector(_, function, arguments, ty) => {
            list(arguments, text.word("Vector").identifier(function));
            text.word(ty);
        }
        _ => unreachable!("no other kind is made of others"),
    }
}

fn control_flow(kind: &Kind, text: &mut Text) {
    match kind {
        Kind::If { condition, then, otherwise } => {
            expression(condition, text.word("If"));
            block(then, text);
            text.option(otherwise.as_deref(), expression);
        }
        Kind::Block(content) => block(content, text.word("Block")),
        Kind::Labelled(opened, body) => block(body, text.word("Labelled").word(opened.id)),
        Kind::Match(_, value, arms) => branch::match_expression(value, arms, text),
        Kind::Let(_, pattern, value) => branch::condition(pattern, value, text),
        Kind::While(opened, condition, body) => {
            expression(condition, text.word("While").word(opened.id));
            block(body, text);
        }
        Kind::Loop(opened, body) => block(body, text.word("Loop").word(opened.id)),
        Kind::For(opened, counter, body) => {
            let Counter { pattern: variable, start, end, inclusive, ty, .. } = &**counter;
            pattern(variable, text.word("For").word(opened.id));
            both(start, end, text);
            block(body, text.word(inclusive).word(ty));
        }
        Kind::ForEach(opened, traversal, body) => sequence::for_each(opened, traversal, body, text),
        Kind::Ended(opened, ended) => sequence::ended(*opened, ended, text),
        Kind::Try(value, _) => expression(value, text.word("Try")),
        Kind::Break(target, _, value) => {
            text.word("Break").word(target).option(value.as_deref(), expression);
        }
        Kind::Continue(target, _) => {
            text.word("Continue").word(target);
        }
        Kind::Return(value) => {
            text.word("Return").option(value.as_deref(), expression);
        }
        Kind::Panic(value) => said(value, text.word("Panic")),
        Kind::Print(value) => said(value, text.word("Print")),
        Kind::Debug(value) => expression(value, text.word("Debug")),
        _ => unreachable!("every other kind was printed before"),
    }
}

fn closure(closure: &Closure, text: &mut Text) {
    text.word("Closure").list(&closure.parameters, |(bound, _), text| pattern(bound, text));
    expression(&closure.body, text);
    text.list(&closure.moved, |local, text| {
        text.word(local);
    });
}

fn said(said: &Said, text: &mut Text) {
    list(&said.values, text.word(said.site).word(said.message));
}

fn user_method(UserMethod { receiver, arguments, ty, .. }: &UserMethod, text: &mut Text) {
    text.word("UserMethod").word(ty).word(1 + arguments.len());
    expression(receiver, text);
    arguments.iter().for_each(|argument| expression(argument, text));
}

/// An operator that may be one of the user's.
fn overloaded(callee: Option<u16>, span: Span, text: &mut Text, operator: impl FnOnce(&mut Text)) {
    let Some(callee) = callee else { return operator(text) };
    operator(text.word("Overloaded").word(callee));
    text.word(line(span));
}

/// The way from a root to a part of it, the last step outermost.
fn part(root: &Expression, steps: &[Step], span: Span, text: &mut Text) {
    let Some((last, steps)) = steps.split_last() else { return kind(&root.kind, root.span, text) };
    match last {
        Step::Index { index, site } => {
            part_expression(root, steps, span, text.word("Index"));
            expression(index, text);
            text.word(site);
        }
        Step::Field(name) => {
            part_expression(root, steps, span, text.word("Field"));
            text.identifier(name);
        }
    }
}

fn part_expression(root: &Expression, steps: &[Step], span: Span, text: &mut Text) {
    part(root, steps, span, text);
    text.word(line(span));
}

fn place_expression(place: &Place, span: Span, text: &mut Text) {
    part_expression(&place.root, &place.steps, span, text);
}

fn structure(literal: &StructLiteral, text: &mut Text) {
    text.word("Struct").identifier(&literal.name).list(&literal.fields, |(name, value), text| {
        expression(value, text.identifier(name));
    });
    text.option(literal.base.as_ref(), expression).word(literal.ty);
}

fn method(call: &MethodCall, text: &mut Text) {
    let MethodCall { receiver, name, arguments, site, .. } = call;
    expression(receiver, text.word("Method"));
    list(arguments, text.identifier(name));
    text.word(site);
}

fn number(number: &Number, text: &mut Text) {
    match &number.value {
        NumberValue::Integer(magnitude, negative) => text.word("Integer").word(magnitude).word(negative),
        NumberValue::Float(digits) => text.word("Float").string(digits),
    };
    match number.ty {
        LiteralType::Witness(ty) => text.word("Witness").word(ty),
        LiteralType::Cast(ty) => text.word("Cast").word(ty),
    };
}
