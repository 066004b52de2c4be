//! The kernel as the macros understand it: every name resolved, every construct known to be in the language.
//!
//! `check` makes it from syntax; `twin` and `tree` print it, as Rust and as constants. Holds no types: where one matters there
//! is the number of a witness.

use proc_macro2::{Ident, Span, TokenStream};

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
pub struct Site {
    /// Where in the source.
    pub span: Span,
    /// What the check is about, as text.
    pub subject: String,
}

/// A pattern.
pub enum Pattern {
    /// A name.
    Bind(Binding),
    /// `_`
    Wild(Span),
    /// `[a, b]`
    Array(Vec<Pattern>, Span),
    /// `Id([a, b])`, with its path.
    Id(TokenStream, Box<Pattern>),
    /// `(a, .., b)`, or `Name(a, .., b)` with its path.
    Tuple(TuplePattern),
    /// `Name { x, y: b, .. }`
    Struct(StructPattern),
    /// `name @ pattern`, with its `@`.
    At(Binding, TokenStream, Box<Pattern>),
    /// A number, with its tokens.
    Number(NumberValue, TokenStream),
    /// `true` or `false`.
    Bool(bool, TokenStream),
    /// A captured constant.
    Constant(LocalRef, TokenStream),
    /// `low..=high`, either end of which may be missing.
    Range(Box<RangePattern>),
    /// `a | b`
    Or(Vec<Pattern>),
    /// `..` among the elements of an array.
    Rest(Span),
}

/// `(a, .., b)` or `Name(a, .., b)`.
pub struct TuplePattern {
    /// The path before the bracket.
    pub path: Option<TokenStream>,
    /// The patterns of the first fields.
    pub leading: Vec<Pattern>,
    /// The `..`.
    pub rest: Option<TokenStream>,
    /// The patterns of the last fields.
    pub trailing: Vec<Pattern>,
    /// Where it stands.
    pub span: Span,
}

/// `Name { x, y: b, .. }`
pub struct StructPattern {
    /// The path.
    pub path: TokenStream,
    /// The patterns of fields, by their names.
    pub fields: Vec<(TokenStream, Pattern)>,
    /// The `..`.
    pub rest: Option<TokenStream>,
    /// Where it stands.
    pub span: Span,
}

/// `low..=high` as a pattern.
pub struct RangePattern {
    /// The smallest value, a number or a constant.
    pub low: Option<Pattern>,
    /// The largest value, or the first beyond.
    pub high: Option<Pattern>,
    /// Whether `..=`.
    pub inclusive: bool,
    /// The range's dots.
    pub dots: TokenStream,
}

/// The witness of a name that needs none: it has the type of what it is bound to.
pub const UNWITNESSED: TypeRef = TypeRef::MAX;

/// A name that a pattern binds.
#[derive(Clone)]
pub struct Binding {
    /// The name.
    pub name: Ident,
    /// Its number.
    pub local: LocalRef,
    /// Its witness, or [`UNWITNESSED`].
    pub ty: TypeRef,
    /// Whether declared `mut`.
    pub mutable: bool,
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
    /// The literal's tokens, with its sign.
    pub tokens: TokenStream,
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

/// What to do with an index or an operation that may fail.
pub struct Operation {
    /// Which.
    pub operator: BinaryOperator,
    /// Its tokens: `+` or `+=`.
    pub tokens: TokenStream,
    /// Where it stands.
    pub span: Span,
    /// For `/` and `%`.
    pub site: Option<SiteRef>,
    /// The witness of the device function that the user has made of it; none for comparisons.
    pub callee: Option<TypeRef>,
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
        token: TokenStream,
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
    Logic(LogicOperator, TokenStream, Box<Expression>, Box<Expression>),
    /// `name = value`; the witness is that of a name declared without a value.
    Assign(Box<Expression>, TokenStream, Box<Expression>, Option<TypeRef>),
    /// `base[index].field = value`: a place with an index in it.
    Store(Place, Box<Expression>),
    /// `name op= value`
    AssignOperation(Operation, Box<Expression>, Box<Expression>),
    /// `base[index].field op= value`: a place with an index in it.
    StoreOperation(Operation, Place, Box<Expression>),
    /// `base[index]`, `base.field`, and what is made of them.
    Load(Place),
    /// `value as Type`
    Cast(Box<Expression>, TokenStream, TokenStream, TypeRef),
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

/// One part of a message.
pub enum Piece {
    /// Text that is always the same.
    Text(String),
    /// The text of the site.
    Subject,
    /// One of the values.
    Value(usize, crate::format::Format),
}

/// A message where it is said, with its values.
pub struct Said {
    /// Where.
    pub site: SiteRef,
    /// Which of the body's messages.
    pub message: usize,
    /// The values.
    pub values: Vec<Expression>,
    /// The format string as written.
    pub literal: Option<TokenStream>,
    /// What the format string calls its values.
    pub names: Vec<Option<Ident>>,
    /// How many values stand before those of the format string.
    pub before: usize,
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
    /// The first element, unless the range begins with the dots.
    pub start: Option<Expression>,
    /// One past the last, unless the range ends with the dots.
    pub end: Option<Expression>,
    /// What to report if the range does not lie inside.
    pub site: SiteRef,
}

/// The ways to write a slice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SliceManner {
    /// `&base[range]`
    Borrowed,
    /// `&mut base[range]`
    BorrowedMutably,
    /// `base.slice(range)`
    Taken,
    /// `base.slice_mut(range)`
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

/// A loop's number and label.
pub struct Loop {
    /// Its number.
    pub id: LoopRef,
    /// Its label with the colon, as written.
    pub label: TokenStream,
}

/// What a `for` counts.
pub struct Counter {
    /// The loop variable.
    pub pattern: Pattern,
    /// The first value.
    pub start: Expression,
    /// The end.
    pub end: Expression,
    /// Whether `..=`.
    pub inclusive: bool,
    /// The range's dots.
    pub dots: TokenStream,
    /// The witness of the loop variable.
    pub ty: TypeRef,
}

/// A call of a device function.
pub struct Call {
    /// The function's path, without generic arguments.
    pub path: TokenStream,
    /// The generic arguments with their `::`, as written.
    pub generics: TokenStream,
    /// Whether it is a function of a type, whose path is that of what tells the instance.
    pub is_associated: bool,
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

/// How a conversion was written.
pub enum Conversion {
    /// `x.cast()`: the name and the generic arguments.
    Method(Ident, TokenStream),
    /// `T::cast_from(x)`: the path.
    Function(TokenStream),
}

/// What a `for` goes through, where that is more than a range.
pub struct Traversal {
    /// The loop variable.
    pub pattern: Pattern,
    /// Where the values come from.
    pub source: Source,
    /// What is done to their sequence, in order.
    pub adaptors: Vec<Adaptor>,
}

/// Where the values of a loop come from.
pub enum Source {
    /// `start..end`
    Range {
        /// The first value.
        start: Expression,
        /// The end.
        end: Expression,
        /// Whether `..=`.
        inclusive: bool,
        /// The range's dots.
        dots: TokenStream,
        /// The witness of the values.
        ty: TypeRef,
    },
    /// An array.
    Array(Expression),
}

/// A method that makes another sequence of a sequence: its name, and what it takes.
pub enum Adaptor {
    /// `.rev()`
    Reverse(Ident),
    /// `.step_by(n)`, which fails for zero.
    StepBy(Ident, Expression, SiteRef),
    /// `.enumerate()`
    Enumerate(Ident),
    /// `.skip(n)`
    Skip(Ident, Expression),
    /// `.take(n)`
    Take(Ident, Expression),
    /// `.into_iter()`, `.iter()`, `.copied()`: nothing that a kernel would notice.
    Same(Ident),
}

/// A call of a method of a user's type.
pub struct UserMethod {
    /// The receiver.
    pub receiver: Expression,
    /// The name.
    pub name: Ident,
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

/// `-` and `!`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// `&&` and `||`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogicOperator {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// The operators that evaluate both operands, by their names in the tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum BinaryOperator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    And,
    Or,
    Xor,
    ShiftLeft,
    ShiftRight,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl BinaryOperator {
    /// The function of falx that gives it its meaning; `None` where Rust's own never panics.
    pub fn defined(self) -> Option<&'static str> {
        Some(match self {
            BinaryOperator::Add => "add",
            BinaryOperator::Subtract => "subtract",
            BinaryOperator::Multiply => "multiply",
            BinaryOperator::Divide => "divide",
            BinaryOperator::Remainder => "remainder",
            BinaryOperator::ShiftLeft => "shift_left",
            BinaryOperator::ShiftRight => "shift_right",
            _ => return None,
        })
    }

    /// Whether it gives a `bool`.
    pub fn compares(self) -> bool {
        use BinaryOperator::*;
        matches!(self, Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual)
    }

    /// Whether it may fail in every mode, not only where overflow is looked for.
    pub fn may_fail(self) -> bool {
        matches!(self, BinaryOperator::Divide | BinaryOperator::Remainder)
    }
}
