//! The kernel as the macros understand it: every name resolved, every construct known to be in the language.
//!
//! `check` makes it from syntax; `twin` and `tree` print it, as Rust and as text. Holds no types: where one matters there
//! is the number of a witness.

mod call;
mod expression;
mod operator;
mod pattern;
mod say;
mod sequence;

pub use call::*;
pub use expression::*;
pub use operator::*;
pub use pattern::*;
pub use say::*;
pub use sequence::*;

use proc_macro2::{Span, TokenStream};

/// The number of a witness.
pub type TypeRef = u16;
/// The number of a binding.
pub type LocalRef = u16;
/// The number of a loop.
pub type LoopRef = u16;
/// The number of a site: a place where a check may fail.
pub type SiteRef = usize;

/// The body of a kernel or a device function, with all it needs.
#[derive(Default)]
pub struct Body {
    /// What it takes from its surroundings.
    pub captures: Vec<Capture>,
    /// Its parameters: the work-item, or those of a device function.
    pub parameters: Vec<Parameter>,
    /// What it does.
    pub block: Block,
    /// The items that stand in it, as written.
    pub items: Vec<TokenStream>,
    /// The lints that the user allows in it.
    pub allowed: Vec<TokenStream>,
    /// Where each witness's type is decided.
    pub witnesses: Vec<Span>,
    /// Where a check may fail.
    pub sites: Vec<Site>,
    /// What is printed, and what failures say.
    pub messages: Vec<Vec<Piece>>,
    /// Whether it is a method that returns its changed receiver beside its result.
    pub changes_receiver: bool,
    /// Whether `barrier` is called.
    pub has_barrier: bool,
}

/// A value from the surroundings.
pub struct Capture {
    /// The path as written.
    pub path: TokenStream,
    /// The path as text.
    pub name: String,
    /// Its number.
    pub local: LocalRef,
    /// Its witness.
    pub ty: TypeRef,
    /// How it travels.
    pub kind: CaptureKind,
    /// Where it first stands.
    pub span: Span,
    /// What makes it before the launch, if the kernel declares it: local memory.
    pub declared: Option<TokenStream>,
}

/// How a captured value reaches the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CaptureKind {
    /// With every launch. Whether the kernel stores to its elements.
    Argument {
        /// Whether something is stored through it.
        stored: bool,
    },
    /// Printed into the compiled kernel.
    Constant,
}

/// A parameter.
pub struct Parameter {
    /// What it binds.
    pub pattern: Pattern,
    /// Its type as written.
    pub declared: TokenStream,
    /// The witness of the whole parameter.
    pub ty: TypeRef,
}

/// A place where a check may fail.
#[derive(Clone)]
pub struct Site {
    /// Where in the source.
    pub span: Span,
    /// What the check is about, as text.
    pub subject: String,
}

/// Statements and a value.
#[derive(Default)]
pub struct Block {
    /// The statements.
    pub statements: Vec<Statement>,
    /// The expression without a semicolon at the end.
    pub value: Option<Box<Expression>>,
}

/// A statement.
pub enum Statement {
    /// `let pattern: declared = value;`
    Let {
        /// Where the `let` stands.
        span: Span,
        /// What is bound.
        pattern: Pattern,
        /// The type as written.
        declared: Option<TokenStream>,
        /// The value.
        value: Option<Expression>,
    },
    /// `let pattern: declared = value else { .. };`
    LetElse {
        /// Where the `let` stands.
        span: Span,
        /// What is bound if it matches.
        pattern: Pattern,
        /// The type as written.
        declared: Option<TokenStream>,
        /// The value.
        value: Expression,
        /// What leaves if it does not match.
        otherwise: Block,
        /// Where that stands.
        otherwise_span: Span,
    },
    /// An expression, and whether a semicolon follows.
    Expression(Expression, bool),
}

/// An arm of a `match`.
pub struct Arm {
    /// What it takes.
    pub pattern: Pattern,
    /// What else must hold.
    pub guard: Option<Expression>,
    /// Its value.
    pub body: Expression,
}
