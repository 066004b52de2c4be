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

pub use pattern::{printed, tied_to_pattern};

use crate::model::{
    Block, Counter, Expression, Kind, LiteralType, Loop, Manner, Number, SiteRef, Statement, TypeRef,
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

/// A span that sees falx's names and points at the user's tokens.
pub fn mixed(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// The variable that holds a witness.
pub fn witness(ty: TypeRef, span: Span) -> Ident {
    format_ident!("witness_{}", ty, span = mixed(span))
}

/// The static that holds a body's sites.
pub fn sites(span: Span) -> Ident {
    Ident::new("__FALX_SITES", mixed(span))
}

/// The static that holds a body's messages.
pub fn messages(span: Span) -> Ident {
    Ident::new("__FALX_MESSAGES", mixed(span))
}

pub fn site(site: SiteRef, span: Span) -> TokenStream {
    let (span, sites) = (mixed(span), sites(span));
    let site = proc_macro2::Literal::usize_unsuffixed(site);
    quote_spanned!(span => &#sites[#site])
}

/// A block with its braces.
pub fn block(block: &Block, span: Span) -> TokenStream {
    let span = mixed(span);
    let content = block_content(block);
    quote_spanned!(span => { #content })
}

/// The content of a whole body.
pub fn body_content(block: &Block) -> TokenStream {
    let content = block_content(block);
    let (span, checked) = (Span::mixed_site(), checked(Span::call_site()));
    quote_spanned!(span => let #checked = __falx::is_checked(); let _ = #checked; #content)
}

/// The variable that says whether the work-item runs in checked mode.
pub fn checked(span: Span) -> Ident {
    Ident::new("is_checked", mixed(span))
}

/// The statements and the value of a block.
pub fn block_content(block: &Block) -> TokenStream {
    let statements = block.statements.iter().map(statement);
    let value = block.value.as_deref().map(expression);
    quote!(#(#statements)* #value)
}

fn statement(statement: &Statement) -> TokenStream {
    match statement {
        Statement::Let { pattern, declared, value, .. } => {
            pattern::let_statement(pattern, declared.as_ref(), value.as_ref())
        }
        Statement::LetElse { pattern, declared, value, otherwise, otherwise_span, .. } => {
            let declared = declared.as_ref().map(|declared| quote!(: #declared));
            let (pattern, value) = (pattern::part(pattern), operand(value));
            let otherwise = block(otherwise, *otherwise_span);
            quote!(let #pattern #declared = #value else #otherwise;)
        }
        Statement::Expression(value, true) => {
            let value = expression(value);
            quote!(#value;)
        }
        Statement::Expression(value, false) => expression(value),
    }
}

/// An expression that may be followed by anything: in parentheses unless a single token.
pub fn operand(value: &Expression) -> TokenStream {
    let tokens = expression(value);
    match &value.kind {
        Kind::Local(..) | Kind::LocalMemory(..) | Kind::Constant(..) | Kind::Bool(..) => tokens,
        _ => {
            let span = mixed(value.span);
            quote_spanned!(span => (#tokens))
        }
    }
}

/// An expression.
pub fn expression(value: &Expression) -> TokenStream {
    let span = mixed(value.span);
    match &value.kind {
        Kind::Local(_, name) | Kind::LocalMemory(_, name) => quote!(#name),
        Kind::Constant(_, path) => path.clone(),
        Kind::Number(number) => number_literal(number, span),
        Kind::Bool(_, tokens) => tokens.clone(),
        Kind::Unary { operator, token, under_cast, callee, operand, site } => {
            operation::unary(*operator, token, *under_cast, *callee, operand, *site, span)
        }
        Kind::Binary(what, left, right) => operation::binary(what, &expression(left), &expression(right)),
        Kind::Logic(_, token, left, right) => {
            let (left, right) = (operand(left), operand(right));
            quote!(#left #token #right)
        }
        Kind::Assign(place, token, value, deferred) => {
            let place = expression(place);
            let value = tied(expression(value), *deferred, span);
            quote!(#place #token #value)
        }
        Kind::AssignOperation(what, place, value) => {
            operation::assign(what, &expression(place), &expression(value))
        }
        Kind::Load(place) => part::load(place, span),
        Kind::Store(place, value) => part::store(place, value, span),
        Kind::StoreOperation(what, place, value) => part::store_operation(what, place, value, span),
        Kind::Cast(value, token, ty, witness) => {
            let value = operand(value);
            tied(quote!(#value #token #ty), Some(*witness), span)
        }
        Kind::UserMethod(method) => call::user_method(method, span),
        Kind::Array(..) | Kind::Repeat(..) | Kind::Tuple(_) | Kind::Struct(_) | Kind::Vector(..) => {
            composed(&value.kind, span)
        }
        Kind::Method(call) => operation::method(call, span),
        Kind::Call(call) => call::call(call, span),
        Kind::Borrow(tokens, _, value) => {
            let value = operand(value);
            quote_spanned!(span => #tokens #value)
        }
        Kind::Lend(place) => part::lend(place, span),
        Kind::Slice(value) => part::slice(value, span),
        Kind::Follow(token, value) => {
            let value = operand(value);
            quote_spanned!(span => (#token #value))
        }
        Kind::Closure(closure) => call::closure(closure, span),
        Kind::Apply(closure, arguments) => {
            let (closure, arguments) = (expression(closure), arguments.iter().map(expression));
            quote_spanned!(span => #closure(#(#arguments),*))
        }
        Kind::Convert(value, conversion, ty) => call::convert(value, conversion, *ty, span),
        Kind::Panic(said) => say::panic(said, span),
        Kind::Print(said) => say::print(said, span),
        Kind::Debug(inner) => {
            let (inner, checked) = (expression(inner), checked(span));
            quote_spanned!(span => if #checked { #inner })
        }
        control => control_flow(control, span),
    }
}

/// A value made of others.
fn composed(kind: &Kind, span: Span) -> TokenStream {
    match kind {
        Kind::Array(elements, ty) => {
            let elements = elements.iter().map(expression);
            tied(quote_spanned!(span => [#(#elements),*]), Some(*ty), span)
        }
        Kind::Tuple(elements) => {
            let elements = elements.iter().map(expression);
            quote_spanned!(span => (#(#elements,)*))
        }
        Kind::Struct(literal) => tied(part::structure(literal, span), Some(literal.ty), span),
        Kind::Repeat(element, length, ty) => {
            let element = expression(element);
            tied(quote_spanned!(span => [#element; #length]), Some(*ty), span)
        }
        Kind::Vector(function, _, arguments, ty) => {
            let arguments = arguments.iter().map(expression);
            tied(quote_spanned!(span => #function(#(#arguments),*)), Some(*ty), span)
        }
        _ => unreachable!("`expression` hands on nothing else"),
    }
}

fn control_flow(kind: &Kind, span: Span) -> TokenStream {
    match kind {
        Kind::If { condition, then, otherwise } => {
            let (condition, then) = (branch::condition(condition), block(then, span));
            let otherwise = otherwise.as_deref().map(|otherwise| {
                let otherwise = expression(otherwise);
                quote_spanned!(span => else #otherwise)
            });
            quote_spanned!(span => if #condition #then #otherwise)
        }
        Kind::Block(content) => block(content, span),
        Kind::Labelled(Loop { label, .. }, content) => {
            let content = block(content, span);
            quote!(#label #content)
        }
        Kind::Match(keyword, value, arms) => branch::match_expression(keyword, value, arms, span),
        Kind::While(Loop { label, .. }, condition, body) => {
            let (condition, body) = (branch::condition(condition), block(body, span));
            let keyword = Ident::new("while", span);
            quote!(#label #keyword #condition #body)
        }
        Kind::Loop(Loop { label, .. }, body) => {
            let body = block(body, span);
            let keyword = Ident::new("loop", span);
            quote!(#label #keyword #body)
        }
        Kind::For(Loop { label, .. }, counter, body) => for_loop(label, counter, body, span),
        Kind::ForEach(Loop { label, .. }, traversal, body) => {
            let (pattern, body) = (pattern::printed(&traversal.pattern), block(body, span));
            let iterator = sequence::iterator(traversal, span);
            quote_spanned!(span => #label for #pattern in #iterator #body)
        }
        Kind::Try(value, mark) => {
            let value = operand(value);
            quote!(#value #mark)
        }
        Kind::Break(_, label, value) => {
            let value = value.as_deref().map(operand);
            quote_spanned!(span => break #label #value)
        }
        Kind::Continue(_, label) => quote_spanned!(span => continue #label),
        Kind::Return(value) => {
            let value = value.as_deref().map(operand);
            quote_spanned!(span => return #value)
        }
        _ => unreachable!("every other kind was printed before"),
    }
}

fn for_loop(label: &TokenStream, counter: &Counter, body: &Block, span: Span) -> TokenStream {
    let Counter { pattern, start, end, dots, ty, .. } = counter;
    let start = tied(expression(start), Some(*ty), span);
    let (pattern, end, body) = (pattern::printed(pattern), expression(end), block(body, span));
    quote_spanned!(span => #label for #pattern in { let start = #start; let end = #end; start #dots end } #body)
}

/// A literal: tied to its witness, unless a cast decides its type.
fn number_literal(number: &Number, span: Span) -> TokenStream {
    match number.ty {
        LiteralType::Witness(ty) => tied(number.tokens.clone(), Some(ty), span),
        LiteralType::Cast(_) => number.tokens.clone(),
    }
}

/// A value whose type a witness learns.
pub fn tied(value: TokenStream, ty: Option<TypeRef>, span: Span) -> TokenStream {
    let span = mixed(span);
    match ty {
        Some(ty) => {
            let witness = witness(ty, span);
            quote_spanned!(span => #witness.pass(#value))
        }
        None => value,
    }
}

/// Whether a method goes to Rust as it is.
pub fn is_native(manner: Manner) -> bool {
    matches!(manner, Manner::Native | Manner::Barrier | Manner::Associated)
}
