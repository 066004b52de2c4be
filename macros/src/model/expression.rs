//! Expressions, and places in values.

use super::{
    Arm, Block, Call, Closure, Counter, Ended, LocalRef, LogicOperator, Loop, LoopRef, MethodCall, Operation,
    Pattern, Said, Sequence, SiteRef, Traversal, TypeRef, UnaryOperator, UserMethod,
};
use proc_macro2::{Ident, Span, TokenStream};

/// An expression.
pub struct Expression {
    /// Its first token.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// Where a literal's type comes from.
#[derive(Clone, Copy)]
pub enum LiteralType {
    /// From a witness.
    Witness(TypeRef),
    /// From the cast it stands directly under.
    Cast(TypeRef),
}

/// A number as written.
pub struct Number {
    /// The sign before the literal.
    pub sign: Option<syn::Token![-]>,
    /// The literal.
    pub literal: syn::Lit,
    /// Its value.
    pub value: NumberValue,
    /// Its type.
    pub ty: LiteralType,
}

/// The value of a number.
pub enum NumberValue {
    /// An integer: absolute value, and whether `-` stands before it.
    Integer(u128, bool),
    /// The digits of a float, with sign.
    Float(String),
}

/// The kinds of expressions.
pub enum Kind {
    /// A binding.
    Local(LocalRef, Ident),
    /// A captured constant.
    Constant(LocalRef, TokenStream),
    /// Local memory that the kernel declares, by the name of its accessor.
    LocalMemory(LocalRef, Ident),
    /// A number.
    Number(Number),
    /// `true` or `false`.
    Bool(bool, TokenStream),
    /// `-x` or `!x`.
    Unary {
        /// Which.
        operator: UnaryOperator,
        /// Its token.
        token: syn::UnOp,
        /// Whether it stands between a literal and a cast, where Rust must see it unchanged.
        under_cast: bool,
        /// The witness of the device function that the user has made of it.
        callee: Option<TypeRef>,
        /// The operand.
        operand: Box<Expression>,
        /// For `-`, which may overflow.
        site: Option<SiteRef>,
    },
    /// `l op r`.
    Binary(Operation, Box<Expression>, Box<Expression>),
    /// `l && r`, `l || r`.
    Logic(LogicOperator, syn::BinOp, Box<Expression>, Box<Expression>),
    /// `name = value`; the witness is that of a name declared without a value.
    Assign(Box<Expression>, syn::Token![=], Box<Expression>, Option<TypeRef>),
    /// `base[index].field = value`: a place with an index in it.
    Store(Place, Box<Expression>),
    /// `name op= value`
    AssignOperation(Operation, Box<Expression>, Box<Expression>),
    /// `base[index].field op= value`: a place with an index in it.
    StoreOperation(Operation, Place, Box<Expression>),
    /// `base[index]`, `base.field`, and what is made of them.
    Load(Place),
    /// `value as Type`
    Cast(Box<Expression>, syn::Token![as], Box<syn::Type>, TypeRef),
    /// `[a, b]`
    Array(Vec<Expression>, TypeRef),
    /// A vector: the function that makes it as written, its name, of what, and the witness of the vector.
    Vector(TokenStream, Ident, Vec<Expression>, TypeRef),
    /// `(a, b)`
    Tuple(Vec<Expression>),
    /// `Name { x: a, ..base }` or `Name(a)`.
    Struct(Box<StructLiteral>),
    /// `[value; length]`
    Repeat(Box<Expression>, TokenStream, TypeRef),
    /// `if`
    If {
        /// The condition.
        condition: Box<Expression>,
        /// When it holds.
        then: Block,
        /// When it does not: a block or another `if`.
        otherwise: Option<Box<Expression>>,
    },
    /// `match`, with its keyword.
    Match(TokenStream, Box<Expression>, Vec<Arm>),
    /// `let pattern = value` as a condition, with its keyword.
    Let(TokenStream, Box<Pattern>, Box<Expression>),
    /// `{ .. }`
    Block(Block),
    /// `'label: { .. }`
    Labelled(Loop, Block),
    /// `while`
    While(Loop, Box<Expression>, Block),
    /// `loop`
    Loop(Loop, Block),
    /// `for`
    For(Loop, Box<Counter>, Block),
    /// `for` through what is more than a range
    ForEach(Loop, Box<Traversal>, Block),
    /// `source.adaptor().ending()`
    Ended(LoopRef, Box<Ended>),
    /// `value?`, with its question mark
    Try(Box<Expression>, TokenStream),
    /// `break`
    Break(LoopRef, Option<TokenStream>, Option<Box<Expression>>),
    /// `continue`
    Continue(LoopRef, Option<TokenStream>),
    /// `return`
    Return(Option<Box<Expression>>),
    /// `receiver.name(arguments)`
    Method(Box<MethodCall>),
    /// A method of a user's type.
    UserMethod(Box<UserMethod>),
    /// A call of a device function.
    Call(Box<Call>),
    /// `&value` or `&mut place`: the tokens before it, and whether it is `mut`.
    Borrow(TokenStream, bool, Box<Expression>),
    /// `&mut base[index].field`: an element that only this work-item has.
    Lend(Place),
    /// `&base[start..end]` and its kin.
    Slice(Box<Slice>),
    /// `*reference`, with the token.
    Follow(TokenStream, Box<Expression>),
    /// A closure.
    Closure(Box<Closure>),
    /// A sequence, where a closure gives one.
    Sequence(Box<Sequence>),
    /// A call of a closure: its name and the arguments.
    Apply(Box<Expression>, Vec<Expression>),
    /// A conversion of a number by name: `x.cast::<T>()`, `T::cast_from(x)`.
    Convert(Box<Expression>, Conversion, TypeRef),
    /// `panic!(..)`
    Panic(Box<Said>),
    /// `print!(..)`
    Print(Box<Said>),
    /// What is done in checked mode only.
    Debug(Box<Expression>),
}

/// A value or variable, and the way from there to a part of it.
pub struct Place {
    /// Where it starts.
    pub root: Box<Expression>,
    /// The steps from there, at least one.
    pub steps: Vec<Step>,
}

/// Some elements of an array, an accessor or another slice.
pub struct Slice {
    /// How it was written.
    pub manner: SliceManner,
    /// Of what.
    pub base: Expression,
    /// Which row: all indices but the last.
    pub row: Option<Expression>,
    /// The first element, unless the range begins with the dots.
    pub start: Option<Expression>,
    /// One past the last, unless the range ends with the dots.
    pub end: Option<Expression>,
    /// What to report if there is no such row, or the range does not lie inside.
    pub site: SiteRef,
}

/// The ways to write a slice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SliceManner {
    /// `&base[range]`
    Borrowed,
    /// `&mut base[range]`
    BorrowedMutably,
    /// `base.slice(range)` or `base.slice(row, range)`
    Taken,
    /// `base.slice_mut(range)` or `base.slice_mut(row, range)`
    TakenMutably,
}

impl SliceManner {
    /// The function of falx that makes it.
    pub fn function(self) -> &'static str {
        match self {
            SliceManner::Borrowed => "cut",
            SliceManner::BorrowedMutably => "cut_mut",
            SliceManner::Taken => "slice",
            SliceManner::TakenMutably => "slice_mut",
        }
    }

    /// Whether elements can be stored through it.
    pub fn is_mutable(self) -> bool {
        matches!(self, SliceManner::BorrowedMutably | SliceManner::TakenMutably)
    }
}

/// A step into a value.
pub enum Step {
    /// `[index]`
    Index {
        /// Where.
        index: Expression,
        /// What to report.
        site: SiteRef,
    },
    /// `.field`, by its tokens.
    Field(TokenStream),
}

impl Step {
    /// Whether it is a field.
    pub fn is_field(&self) -> bool {
        matches!(self, Step::Field(_))
    }
}

/// `Name { x: a, ..base }` or `Name(a)`.
pub struct StructLiteral {
    /// The last part of the path, as text.
    pub name: String,
    /// The path as written.
    pub path: TokenStream,
    /// Whether written with round brackets.
    pub is_tuple: bool,
    /// The fields, by their names.
    pub fields: Vec<(TokenStream, Expression)>,
    /// Where all other fields come from.
    pub base: Option<Expression>,
    /// Its witness.
    pub ty: TypeRef,
}

/// How a conversion was written.
pub enum Conversion {
    /// `x.cast()`: the name and the generic arguments.
    Method(Ident, TokenStream),
    /// `T::cast_from(x)`: the path.
    Function(TokenStream),
}
