//! Calls of functions, methods and closures.

use super::{Expression, LocalRef, Pattern, SiteRef, TypeRef};
use proc_macro2::{Ident, TokenStream};

/// A call of a device function.
pub struct Call {
    /// The function's path, without generic arguments.
    pub path: TokenStream,
    /// The generic arguments with their `::`, as written.
    pub generics: TokenStream,
    /// Whether it is a function of a type, whose path is that of what tells the instance.
    pub is_associated: bool,
    /// Two functions, by their paths, that must be the same.
    pub same: Option<TokenStream>,
    /// The witness of the called instance.
    pub ty: TypeRef,
    /// The arguments.
    pub arguments: Vec<Expression>,
}

/// A closure.
pub struct Closure {
    /// `move`, where it is written.
    pub is_move: TokenStream,
    /// The parameters: what each binds, and its type with the colon where one is written.
    pub parameters: Vec<(Pattern, TokenStream)>,
    /// The type after `->` with the arrow.
    pub output: TokenStream,
    /// The value.
    pub body: Expression,
    /// The locals from outside that it uses, where it is a `move` closure.
    pub moved: Vec<LocalRef>,
}

/// A call of a method of a user's type.
pub struct UserMethod {
    /// The receiver.
    pub receiver: Expression,
    /// The name.
    pub name: Ident,
    /// The generic arguments with their `::`, as written.
    pub generics: TokenStream,
    /// The arguments.
    pub arguments: Vec<Expression>,
    /// The witness of the device function.
    pub ty: TypeRef,
}

/// A method call.
pub struct MethodCall {
    /// The receiver.
    pub receiver: Expression,
    /// The type before `::`, where the method was called by its path.
    pub path: Option<TokenStream>,
    /// The name.
    pub name: Ident,
    /// How the twin does it.
    pub manner: Manner,
    /// The arguments.
    pub arguments: Vec<Expression>,
    /// What to report.
    pub site: SiteRef,
}

/// How the twin calls a method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// As Rust does.
    Native,
    /// Through a function of falx, because Rust's own may panic.
    Defined,
    /// Through a function of falx that also takes the site.
    Checked,
    /// `accessor.atomic(index)`
    Atomic,
    /// `item.barrier()`
    Barrier,
    /// `falx::uniform(value)`
    Uniform,
    /// `f32::from_bits(bits)`: only by its path.
    Associated,
}
