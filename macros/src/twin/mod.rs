//! Prints a kernel's body as ordinary Rust: the host twin, which type-checks the kernel and runs it on the host.
//!
//! Whatever could panic goes through a function of falx, with Rust's own operation beside it in a branch that never runs, so
//! that inference and error messages stay rustc's. The user's tokens keep their spans; everything else is hygienic.

mod branch;
mod call;
mod operation;
mod part;
mod pattern;
mod say;
mod sequence;

pub use pattern::tied_to_pattern;

use crate::model::{
    Block, Counter, Expression, Kind, LiteralType, Loop, Manner, Number, SiteRef, Statement, TypeRef,
};
use crate::put::{Print, put, rust};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};

/// A span that sees falx's names and points at the user's tokens.
pub fn mixed(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// The variable that holds a witness; the span is a [`mixed`] one.
pub fn witness(ty: TypeRef, span: Span) -> Ident {
    format_ident!("witness_{}", ty, span = span)
}

/// The static that holds a body's sites.
pub fn sites(span: Span) -> Ident {
    Ident::new("__FALX_SITES", mixed(span))
}

/// The static that holds a body's messages.
pub fn messages(span: Span) -> Ident {
    Ident::new("__FALX_MESSAGES", mixed(span))
}

/// A site, to be reported.
pub fn site(site: SiteRef, span: Span) -> impl ToTokens + Copy {
    let span = mixed(span);
    rust!(span => &__FALX_SITES[#site])
}

/// A block with its braces.
pub fn block(block: &Block, span: Span) -> impl ToTokens {
    let span = mixed(span);
    rust!(span => { #block })
}

/// The content of a whole body.
pub fn body_content(block: &Block) -> TokenStream {
    let (span, checked) = (Span::mixed_site(), checked(Span::call_site()));
    rust!(span => let #checked = __falx::is_checked(); let _ = #checked; #block).to_token_stream()
}

/// The variable that says whether the work-item runs in checked mode.
pub fn checked(span: Span) -> Ident {
    Ident::new("is_checked", mixed(span))
}

/// The statements and the value, without braces.
impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.statements.iter().for_each(|part| statement(part, tokens));
        self.value.to_tokens(tokens);
    }
}

fn statement(statement: &Statement, tokens: &mut TokenStream) {
    let span = Span::call_site();
    match statement {
        Statement::Let { pattern, declared, value, .. } => {
            pattern::let_statement(pattern, declared.as_ref(), value.as_ref(), tokens);
        }
        Statement::LetElse { pattern, declared, value, otherwise, otherwise_span, .. } => {
            let declared = declared.as_ref().map(|declared| rust!(span => : #declared));
            let (pattern, value) = (pattern::part(pattern), operand(value));
            let otherwise = block(otherwise, *otherwise_span);
            put!(tokens, span => let #pattern #declared = #value else #otherwise;);
        }
        Statement::Expression(value, true) => put!(tokens, span => #value;),
        Statement::Expression(value, false) => value.to_tokens(tokens),
    }
}

/// An expression that may be followed by anything: in parentheses unless a single token.
pub fn operand(value: &Expression) -> Operand<'_> {
    Operand(value)
}

/// See [`operand`].
#[derive(Clone, Copy)]
pub struct Operand<'e>(&'e Expression);

impl ToTokens for Operand<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let value = self.0;
        match &value.kind {
            Kind::Local(..) | Kind::LocalMemory(..) | Kind::Constant(..) | Kind::Bool(..) => {
                value.to_tokens(tokens);
            }
            _ => put!(tokens, mixed(value.span) => (#value)),
        }
    }
}

impl ToTokens for Expression {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        expression(self, mixed(self.span), tokens);
    }
}

fn expression(value: &Expression, span: Span, tokens: &mut TokenStream) {
    let call_site = Span::call_site();
    match &value.kind {
        Kind::Local(_, name) | Kind::LocalMemory(_, name) => name.to_tokens(tokens),
        Kind::Constant(_, path) => path.to_tokens(tokens),
        Kind::Number(number) => number_literal(number, span, tokens),
        Kind::Bool(_, written) => written.to_tokens(tokens),
        Kind::Unary { operator, token, under_cast, callee, operand, site } => {
            operation::unary(*operator, token, *under_cast, *callee, operand, *site, span, tokens);
        }
        Kind::Binary(what, left, right) => operation::binary(what, left, right, tokens),
        Kind::Logic(_, token, left, right) => {
            let (left, right) = (operand(left), operand(right));
            put!(tokens, call_site => #left #token #right);
        }
        Kind::Assign(place, token, value, deferred) => {
            let value = tied(value, *deferred, span);
            put!(tokens, call_site => #place #token #value);
        }
        Kind::AssignOperation(what, place, value) => operation::assign(what, place, value, tokens),
        Kind::Load(place) => part::load(place, span, tokens),
        Kind::Store(place, value) => part::store(place, value, span, tokens),
        Kind::StoreOperation(what, place, value) => part::store_operation(what, place, value, span, tokens),
        Kind::Cast(value, token, ty, witness) => {
            let value = cast_operand(value);
            tied(rust!(call_site => #value #token #ty), Some(*witness), span).to_tokens(tokens);
        }
        Kind::UserMethod(method) => call::user_method(method, span, tokens),
        Kind::Array(..) | Kind::Repeat(..) | Kind::Tuple(_) | Kind::Struct(_) | Kind::Vector(..) => {
            composed(&value.kind, span, tokens);
        }
        Kind::Method(call) => operation::method(call, span, tokens),
        Kind::Call(call) => call::call(call, span, tokens),
        Kind::Borrow(borrow, _, value) => {
            let value = operand(value);
            put!(tokens, span => #borrow #value);
        }
        Kind::Lend(place) => part::lend(place, span, tokens),
        Kind::Slice(value) => part::slice(value, span, tokens),
        Kind::Follow(token, value) => {
            let value = operand(value);
            put!(tokens, span => (#token #value));
        }
        Kind::Closure(closure) => call::closure(closure, span, tokens),
        Kind::Sequence(sequence) => sequence::iterator(sequence, span).to_tokens(tokens),
        Kind::Apply(closure, arguments) => put!(tokens, span => #closure(#(#arguments),*)),
        Kind::Convert(value, conversion, ty) => call::convert(value, conversion, *ty, span, tokens),
        Kind::Panic(said) => say::panic(said, span, tokens),
        Kind::Print(said) => say::print(said, span, tokens),
        Kind::Debug(inner) => {
            let checked = checked(span);
            put!(tokens, span => if #checked { #inner });
        }
        control => control_flow(control, span, tokens),
    }
}

/// What stands before an `as`: where it may be a half, as something that Rust casts.
fn cast_operand(value: &Expression) -> impl ToTokens {
    Print(move |tokens: &mut TokenStream| match &value.kind {
        Kind::Number(..) | Kind::Bool(..) | Kind::Logic(..) | Kind::Cast(..) => {
            operand(value).to_tokens(tokens)
        }
        Kind::Unary { under_cast: true, .. } => operand(value).to_tokens(tokens),
        _ => {
            // The parentheses are the user's value to rustc, which shows the cast from there on.
            let span = mixed(value.span);
            let operand = rust!(span => {
                let value = #value;
                (&&__falx::Casted::of(&value)).operand(value)
            });
            put!(tokens, value.span => (#operand));
        }
    })
}

/// A value made of others.
fn composed(kind: &Kind, span: Span, tokens: &mut TokenStream) {
    match kind {
        Kind::Array(elements, ty) => {
            tied(rust!(span => [#(#elements),*]), Some(*ty), span).to_tokens(tokens);
        }
        Kind::Tuple(elements) => {
            let elements = elements.iter().map(|element| rust!(span => #element,));
            put!(tokens, span => (#(#elements)*));
        }
        Kind::Struct(literal) => {
            tied(part::structure(literal, span), Some(literal.ty), span).to_tokens(tokens);
        }
        Kind::Repeat(element, length, ty) => {
            tied(rust!(span => [#element; #length]), Some(*ty), span).to_tokens(tokens);
        }
        Kind::Vector(function, _, arguments, ty) => {
            tied(rust!(span => #function(#(#arguments),*)), Some(*ty), span).to_tokens(tokens);
        }
        _ => unreachable!("`expression` hands on nothing else"),
    }
}

fn control_flow(kind: &Kind, span: Span, tokens: &mut TokenStream) {
    let call_site = Span::call_site();
    match kind {
        Kind::If { condition, then, otherwise } => {
            let (condition, then) = (branch::condition(condition), block(then, span));
            let otherwise = otherwise.as_deref().map(|otherwise| rust!(span => else #otherwise));
            put!(tokens, span => if #condition #then #otherwise);
        }
        Kind::Block(content) => block(content, span).to_tokens(tokens),
        Kind::Labelled(Loop { label, .. }, content) => put!(tokens, span => #label { #content }),
        Kind::Match(keyword, value, arms) => branch::match_expression(keyword, value, arms, span, tokens),
        Kind::While(Loop { label, .. }, condition, body) => {
            let condition = branch::condition(condition);
            put!(tokens, span => #label while #condition { #body });
        }
        Kind::Loop(Loop { label, .. }, body) => put!(tokens, span => #label loop { #body }),
        Kind::For(Loop { label, .. }, counter, body) => for_loop(label, counter, body, span, tokens),
        Kind::ForEach(Loop { label, .. }, traversal, body) => {
            let pattern = &traversal.pattern;
            let iterator = sequence::iterator(&traversal.sequence, span);
            put!(tokens, span => #label for #pattern in #iterator { #body });
        }
        Kind::Ended(_, ended) => sequence::ended(ended, span, tokens),
        Kind::Try(value, mark) => {
            let value = operand(value);
            put!(tokens, call_site => #value #mark);
        }
        Kind::Break(_, label, value) => {
            let value = value.as_deref().map(operand);
            put!(tokens, span => break #label #value);
        }
        Kind::Continue(_, label) => put!(tokens, span => continue #label),
        Kind::Return(value) => {
            let value = value.as_deref().map(operand);
            put!(tokens, span => return #value);
        }
        _ => unreachable!("every other kind was printed before"),
    }
}

fn for_loop(label: &TokenStream, counter: &Counter, body: &Block, span: Span, tokens: &mut TokenStream) {
    let Counter { pattern, start, end, dots, ty, .. } = counter;
    let start = tied(start, Some(*ty), span);
    put!(tokens, span =>
        #label for #pattern in { let start = #start; let end = #end; start #dots end } { #body }
    );
}

/// A literal: tied to its witness, unless a cast decides its type.
fn number_literal(number: &Number, span: Span, tokens: &mut TokenStream) {
    let ty = match number.ty {
        LiteralType::Witness(ty) => Some(ty),
        LiteralType::Cast(_) => None,
    };
    let (sign, literal) = (&number.sign, &number.literal);
    tied(rust!(span => #sign #literal), ty, span).to_tokens(tokens);
}

/// A value whose type a witness learns.
pub fn tied(value: impl ToTokens, ty: Option<TypeRef>, span: Span) -> impl ToTokens {
    Print(move |tokens: &mut TokenStream| match ty {
        Some(ty) => {
            let span = mixed(span);
            let witness = witness(ty, span);
            put!(tokens, span => #witness.pass(#value));
        }
        None => value.to_tokens(tokens),
    })
}

/// Whether a method goes to Rust as it is.
pub fn is_native(manner: Manner) -> bool {
    matches!(manner, Manner::Native | Manner::Barrier | Manner::Associated)
}
