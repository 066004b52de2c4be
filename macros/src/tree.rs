//! Prints a kernel's body as the constant tree that the run time lowers.

mod branch;
mod sequence;

use crate::format::Format;
use crate::model::{
    Binding, Block, Capture, CaptureKind, Closure, Counter, Expression, Kind, LiteralType, MethodCall,
    Number, NumberValue, Operation, Parameter, Pattern, Piece, Place, Said, Site, SiteRef, Statement, Step,
    StructLiteral, UserMethod,
};
use crate::twin::{mixed, site};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

/// The line of a token; zero outside of the compiler.
pub fn line(span: Span) -> u32 {
    if proc_macro::is_available() { span.unwrap().line() as u32 } else { 0 }
}

fn column(span: Span) -> u32 {
    if proc_macro::is_available() { span.unwrap().column() as u32 } else { 0 }
}

/// The static that holds the sites of a body.
pub fn sites(sites: &[Site]) -> TokenStream {
    let name = crate::twin::sites(Span::call_site());
    let length = Literal::usize_unsuffixed(sites.len());
    let sites = sites.iter().map(|Site { span, subject }| {
        let (line, column) = (line(*span), column(*span));
        quote!(::falx::__private::tree::Site { file: ::core::file!(), line: #line, column: #column, subject: #subject })
    });
    quote!(static #name: [::falx::__private::tree::Site; #length] = [#(#sites),*];)
}

/// The static that holds the messages of a body, if it has any.
pub fn messages(messages: &[Vec<Piece>]) -> Option<TokenStream> {
    let name = crate::twin::messages(Span::call_site());
    let length = Literal::usize_unsuffixed(messages.len());
    let printed = messages.iter().map(|pieces| {
        let pieces = pieces.iter().map(piece);
        quote!(::falx::__private::tree::Message { pieces: &[#(#pieces),*] })
    });
    let printed = quote!(static #name: [::falx::__private::tree::Message; #length] = [#(#printed),*];);
    (!messages.is_empty()).then_some(printed)
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

fn site_reference(number: SiteRef) -> TokenStream {
    site(number, Span::call_site())
}

fn optional_site(number: Option<SiteRef>) -> TokenStream {
    optional(number.map(site_reference))
}

fn optional(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// A captured value.
pub fn capture(capture: &Capture) -> TokenStream {
    let Capture { name, local, ty, .. } = capture;
    let kind = match capture.kind {
        CaptureKind::Argument { .. } => quote!(Argument),
        CaptureKind::Constant => quote!(Constant),
    };
    quote!(::falx::__private::tree::Capture {
        name: #name, local: #local, ty: #ty, kind: ::falx::__private::tree::CaptureKind::#kind
    })
}

/// A parameter of a device function.
pub fn parameter(parameter: &Parameter) -> Option<TokenStream> {
    let Pattern::Bind(Binding { name, local, ty, .. }) = &parameter.pattern else { return None };
    let name = name.to_string();
    Some(quote!(::falx::__private::tree::Parameter { name: #name, local: #local, ty: #ty }))
}

/// A pattern.
pub fn pattern(value: &Pattern) -> TokenStream {
    let kind = match value {
        // What is behind a reference that only reads is the value itself.
        Pattern::Reference(_, inner) => return pattern(inner),
        Pattern::Bind(Binding { name, local, ty, mutable, .. }) => {
            let name = name.to_string();
            quote!(Bind { name: #name, local: #local, ty: #ty, mutable: #mutable })
        }
        Pattern::Wild(_) => quote!(Wild),
        Pattern::Array(elements, _) => {
            let elements = elements.iter().map(pattern);
            quote!(Array(&[#(#elements),*]))
        }
        Pattern::Id(_, inner) => {
            let inner = pattern(inner);
            quote!(Id(&#inner))
        }
        Pattern::Tuple(tuple) => {
            let (leading, trailing) = (tuple.leading.iter().map(pattern), tuple.trailing.iter().map(pattern));
            let parts = quote!(Tuple { leading: &[#(#leading),*], trailing: &[#(#trailing),*] });
            tuple.path.as_ref().map_or(parts.clone(), |path| branch::variant(path, &parts))
        }
        Pattern::Struct(fields) => {
            let path = &fields.path;
            let fields = fields.fields.iter().map(|(name, value)| {
                let (name, value) = (name.to_string(), pattern(value));
                quote!((#name, #value))
            });
            branch::variant(path, &quote!(Struct(&[#(#fields),*])))
        }
        tested => branch::tested_pattern(tested),
    };
    quote!(::falx::__private::tree::Pattern::#kind)
}

/// A block.
pub fn block(block: &Block) -> TokenStream {
    let statements = block.statements.iter().map(statement);
    let value = optional(block.value.as_deref().map(boxed));
    quote!(::falx::__private::tree::Block { statements: &[#(#statements),*], value: #value })
}

fn statement(statement: &Statement) -> TokenStream {
    let kind = match statement {
        Statement::Let { span, pattern: bound, value, .. } => {
            let (pattern, line) = (pattern(bound), line(*span));
            let value = optional(value.as_ref().map(expression));
            quote!(Let { pattern: #pattern, value: #value, line: #line })
        }
        Statement::LetElse { span, pattern: bound, value, otherwise, .. } => {
            let (pattern, line) = (pattern(bound), line(*span));
            let (value, otherwise) = (expression(value), block(otherwise));
            quote!(LetElse { pattern: #pattern, value: #value, otherwise: #otherwise, line: #line })
        }
        Statement::Expression(value, _) => {
            let value = expression(value);
            quote!(Expression(#value))
        }
    };
    quote!(::falx::__private::tree::Statement::#kind)
}

/// An expression behind a reference.
fn boxed(value: &Expression) -> TokenStream {
    let value = expression(value);
    quote!(&#value)
}

fn expression(value: &Expression) -> TokenStream {
    let (kind, line) = (kind(&value.kind, value.span), line(value.span));
    quote!(::falx::__private::tree::Expression {
        kind: ::falx::__private::tree::ExpressionKind::#kind, line: #line
    })
}

fn list(values: &[Expression]) -> TokenStream {
    let values = values.iter().map(expression);
    quote!(&[#(#values),*])
}

fn kind(kind: &Kind, span: Span) -> TokenStream {
    match kind {
        Kind::Local(local, _) | Kind::LocalMemory(local, _) | Kind::Constant(local, _) => {
            quote!(Local(#local))
        }
        Kind::Number(value) => number(value),
        Kind::Bool(value, _) => quote!(Bool(#value)),
        Kind::Unary { operator, operand, callee, site, .. } => {
            let (operator, operand, site) = (name(operator), boxed(operand), optional_site(*site));
            let unary = quote!(Unary(::falx::__private::tree::UnaryOperator::#operator, #operand, #site));
            overloaded(*callee, unary, span)
        }
        Kind::Binary(what, left, right) => {
            let ((operator, site), left, right) = (operation(what), boxed(left), boxed(right));
            overloaded(what.callee, quote!(Binary(#operator, #left, #right, #site)), span)
        }
        Kind::Logic(operator, _, left, right) => {
            let (operator, left, right) = (name(operator), boxed(left), boxed(right));
            quote!(Logic(::falx::__private::tree::LogicOperator::#operator, #left, #right))
        }
        Kind::Assign(..) | Kind::Store(..) | Kind::AssignOperation(..) | Kind::StoreOperation(..) => {
            assignment(kind, span)
        }
        Kind::Load(place) => part(&place.root, &place.steps, span),
        Kind::Cast(value, _, _, ty) => {
            let value = boxed(value);
            quote!(Cast(#value, #ty))
        }
        Kind::Array(..) | Kind::Repeat(..) | Kind::Tuple(_) | Kind::Struct(_) => composed(kind),
        Kind::Vector(_, function, arguments, ty) => {
            let (function, arguments) = (function.to_string(), list(arguments));
            quote!(Vector { function: #function, arguments: #arguments, ty: #ty })
        }
        Kind::Method(call) => method(call),
        Kind::UserMethod(call) => user_method(call),
        Kind::Call(call) => {
            let (function, arguments) = (call.ty, list(&call.arguments));
            quote!(Call { function: #function, arguments: #arguments })
        }
        Kind::Borrow(_, mutable, value) => {
            let value = boxed(value);
            quote!(Borrow { mutable: #mutable, value: #value })
        }
        Kind::Follow(_, value) => {
            let value = boxed(value);
            quote!(Follow(#value))
        }
        Kind::Closure(value) => closure(value),
        Kind::Apply(value, arguments) => {
            let (value, arguments) = (boxed(value), list(arguments));
            quote!(Apply { closure: #value, arguments: #arguments })
        }
        Kind::Convert(value, _, ty) => {
            let value = boxed(value);
            quote!(Cast(#value, #ty))
        }
        control => control_flow(control),
    }
}

/// What changes a place.
fn assignment(kind: &Kind, span: Span) -> TokenStream {
    match kind {
        Kind::Assign(place, _, value, _) => {
            let (place, value) = (boxed(place), boxed(value));
            quote!(Assign(#place, #value))
        }
        Kind::Store(place, value) => {
            let (place, value) = (place_expression(place, span), boxed(value));
            quote!(Assign(&#place, #value))
        }
        Kind::AssignOperation(what, place, value) => {
            let ((operator, site), place, value) = (operation(what), boxed(place), boxed(value));
            overloaded(what.callee, quote!(AssignOperation(#operator, #place, #value, #site)), span)
        }
        Kind::StoreOperation(what, place, value) => {
            let ((operator, site), value) = (operation(what), boxed(value));
            let place = place_expression(place, span);
            overloaded(what.callee, quote!(AssignOperation(#operator, &#place, #value, #site)), span)
        }
        _ => unreachable!("`kind` hands on nothing else"),
    }
}

/// A value made of others.
fn composed(kind: &Kind) -> TokenStream {
    match kind {
        Kind::Array(elements, ty) => {
            let elements = list(elements);
            quote!(Array(#elements, #ty))
        }
        Kind::Repeat(value, _, ty) => {
            let value = boxed(value);
            quote!(Repeat(#value, #ty))
        }
        Kind::Tuple(elements) => {
            let elements = list(elements);
            quote!(Tuple(#elements))
        }
        Kind::Struct(literal) => structure(literal),
        _ => unreachable!("no other kind is made of others"),
    }
}

fn control_flow(kind: &Kind) -> TokenStream {
    match kind {
        Kind::If { condition, then, otherwise } => {
            let (condition, then) = (boxed(condition), block(then));
            let otherwise = optional(otherwise.as_deref().map(boxed));
            quote!(If { condition: #condition, then: #then, otherwise: #otherwise })
        }
        Kind::Block(content) => {
            let content = block(content);
            quote!(Block(#content))
        }
        Kind::Labelled(opened, body) => {
            let (id, body) = (opened.id, block(body));
            quote!(Labelled { id: #id, body: #body })
        }
        Kind::Match(_, value, arms) => branch::match_expression(value, arms),
        Kind::Let(_, pattern, value) => branch::condition(pattern, value),
        Kind::While(opened, condition, body) => {
            let (id, condition, body) = (opened.id, boxed(condition), block(body));
            quote!(While { id: #id, condition: #condition, body: #body })
        }
        Kind::Loop(opened, body) => {
            let (id, body) = (opened.id, block(body));
            quote!(Loop { id: #id, body: #body })
        }
        Kind::For(opened, counter, body) => {
            let Counter { pattern: variable, start, end, inclusive, ty, .. } = &**counter;
            let (id, variable, body) = (opened.id, pattern(variable), block(body));
            let (start, end) = (boxed(start), boxed(end));
            quote!(For {
                id: #id, pattern: #variable, start: #start, end: #end, inclusive: #inclusive, ty: #ty, body: #body
            })
        }
        Kind::ForEach(opened, traversal, body) => sequence::for_each(opened, traversal, body),
        Kind::Try(value, _) => {
            let value = boxed(value);
            quote!(Try(#value))
        }
        Kind::Break(target, _, value) => {
            let value = optional(value.as_deref().map(boxed));
            quote!(Break(#target, #value))
        }
        Kind::Continue(target, _) => quote!(Continue(#target)),
        Kind::Return(value) => {
            let value = optional(value.as_deref().map(boxed));
            quote!(Return(#value))
        }
        Kind::Panic(value) => said("Panic", value),
        Kind::Print(value) => said("Print", value),
        Kind::Debug(value) => {
            let value = boxed(value);
            quote!(Debug(#value))
        }
        _ => unreachable!("every other kind was printed before"),
    }
}

fn closure(closure: &Closure) -> TokenStream {
    let parameters = closure.parameters.iter().map(|(bound, _)| pattern(bound));
    let (body, moved) = (boxed(&closure.body), &closure.moved);
    quote!(Closure(&::falx::__private::tree::Closure {
        parameters: &[#(#parameters),*], body: #body, moved: &[#(#moved),*]
    }))
}

fn said(kind: &str, said: &Said) -> TokenStream {
    let (kind, site, arguments) =
        (Ident::new(kind, Span::call_site()), site_reference(said.site), list(&said.values));
    let (messages, message) =
        (crate::twin::messages(Span::call_site()), Literal::usize_unsuffixed(said.message));
    quote!(#kind { site: #site, message: &#messages[#message], arguments: #arguments })
}

fn user_method(UserMethod { receiver, arguments, ty, .. }: &UserMethod) -> TokenStream {
    let (receiver, arguments) = (expression(receiver), arguments.iter().map(expression));
    quote!(UserMethod { function: #ty, operands: &[#receiver #(, #arguments)*] })
}

/// An operator that may be one of the user's.
fn overloaded(callee: Option<u16>, operator: TokenStream, span: Span) -> TokenStream {
    let Some(callee) = callee else { return operator };
    let line = line(span);
    quote!(Overloaded(#callee, &::falx::__private::tree::Expression {
        kind: ::falx::__private::tree::ExpressionKind::#operator, line: #line
    }))
}

/// The way from a root to a part of it, the last step outermost.
fn part(root: &Expression, steps: &[Step], span: Span) -> TokenStream {
    let Some((last, steps)) = steps.split_last() else { return kind(&root.kind, root.span) };
    let base = part_expression(root, steps, span);
    match last {
        Step::Index { index, site } => {
            let (index, site) = (boxed(index), site_reference(*site));
            quote!(Index { base: &#base, index: #index, site: #site })
        }
        Step::Field(name) => {
            let name = name.to_string();
            quote!(Field { base: &#base, name: #name })
        }
    }
}

fn part_expression(root: &Expression, steps: &[Step], span: Span) -> TokenStream {
    let (kind, line) = (part(root, steps, span), line(span));
    quote!(::falx::__private::tree::Expression {
        kind: ::falx::__private::tree::ExpressionKind::#kind, line: #line
    })
}

fn place_expression(place: &Place, span: Span) -> TokenStream {
    part_expression(&place.root, &place.steps, span)
}

fn structure(literal: &StructLiteral) -> TokenStream {
    let fields = literal.fields.iter().map(|(name, value)| {
        let (name, value) = (name.to_string(), expression(value));
        quote!((#name, #value))
    });
    let (base, ty) = (optional(literal.base.as_ref().map(boxed)), literal.ty);
    let name = &literal.name;
    quote!(Struct { name: #name, fields: &[#(#fields),*], base: #base, ty: #ty })
}

fn method(call: &MethodCall) -> TokenStream {
    let MethodCall { receiver, name, arguments, site, .. } = call;
    let (receiver, name, arguments) = (boxed(receiver), name.to_string(), list(arguments));
    let site = site_reference(*site);
    quote!(Method { receiver: #receiver, name: #name, arguments: #arguments, site: #site })
}

fn number(number: &Number) -> TokenStream {
    let ty = match number.ty {
        LiteralType::Witness(ty) => quote!(Witness(#ty)),
        LiteralType::Cast(ty) => quote!(Cast(#ty)),
    };
    let ty = quote!(::falx::__private::tree::LiteralType::#ty);
    match &number.value {
        NumberValue::Integer(magnitude, negative) => {
            quote!(Integer { magnitude: #magnitude, negative: #negative, ty: #ty })
        }
        NumberValue::Float(digits) => quote!(Float { digits: #digits, ty: #ty }),
    }
}

/// The operator's path and its site.
fn operation(operation: &Operation) -> (TokenStream, TokenStream) {
    let operator = name(&operation.operator);
    (quote!(::falx::__private::tree::BinaryOperator::#operator), optional_site(operation.site))
}

/// A variant of the tree, which has the same name in the model.
fn name(variant: &impl std::fmt::Debug) -> Ident {
    Ident::new(&format!("{variant:?}"), mixed(Span::call_site()))
}
