//! The kernel tree: what the macros emit, as text, and what lowering turns into OpenCL C.
//!
//! Holds names and structure but no types: wherever a type matters the tree names a *witness* by number, and the kernel
//! object knows the type that rustc gave it. Every binding has a number of its own, so shadowing is already resolved.
//! Written by `falx-macros`, in the order of the declarations below, and read by `decode` when a kernel is first launched.

mod sequence;

pub use super::decode::Encoded;
pub use super::message::{Alignment, Format, Message, Piece, Style};
use falx_macros::Decode;
pub use sequence::*;

/// The number of a witness: an index into the kernel's list of types.
pub type TypeRef = u16;
/// The number of a binding (captured value, parameter, `let`, loop variable); unique within one function.
pub type LocalRef = u16;
/// The number of a loop, unique within one function: what `break` and `continue` refer to.
pub type LoopRef = u16;

/// A kernel: a closure given to `kernel!`, or the body of a `#[kernel]` function.
#[derive(Debug, Decode)]
pub struct Kernel {
    /// The function's name, or `kernel` for a closure.
    pub name: &'static str,
    /// The source file, as `file!()` gives it.
    pub file: &'static str,
    /// The line of the kernel's first token.
    pub line: u32,
    /// The values it takes from its surroundings, in the order of the launch's arguments.
    pub captures: &'static [Capture],
    /// The work-item parameter.
    pub item: Pattern,
    /// The type of the work-item parameter.
    pub item_type: TypeRef,
    /// What one work-item does.
    pub body: Block,
}

/// A `#[device] fn`.
#[derive(Debug, Decode)]
pub struct Function {
    /// The function's name.
    pub name: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
    /// The parameters: always plain bindings.
    pub parameters: &'static [Parameter],
    /// The constants it names, in the order of the instance's.
    pub constants: &'static [Capture],
    /// The type returned; `None` for `()`.
    pub result: Option<TypeRef>,
    /// The body.
    pub body: Block,
    /// Whether it is a method that returns its changed receiver beside its result.
    pub changes_receiver: bool,
    /// Whether an operation over a group stands in its body.
    pub has_barrier: bool,
}

/// A parameter of a `#[device] fn`.
#[derive(Debug, Decode)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its number.
    pub local: LocalRef,
    /// Its type; of closures, mutable references and slices none.
    pub ty: TypeRef,
}

impl Parameter {
    /// Whether it stands for something that exists only while a kernel is lowered.
    pub fn is_reference(&self) -> bool {
        self.ty == TypeRef::MAX
    }
}

impl Function {
    /// Whether it has no text of its own, but is lowered in the place of each call.
    pub fn takes_references(&self) -> bool {
        self.parameters.iter().any(Parameter::is_reference)
    }
}

/// A value that a kernel takes from its surroundings.
#[derive(Debug, Decode)]
pub struct Capture {
    /// The name in the source.
    pub name: &'static str,
    /// Its number as a binding.
    pub local: LocalRef,
    /// Its type.
    pub ty: TypeRef,
    /// How it travels.
    pub kind: CaptureKind,
}

/// How a captured value reaches the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Decode)]
pub enum CaptureKind {
    /// As an argument of each launch: accessors, local memory, scalars.
    Argument,
    /// Printed into the OpenCL C, one compiled kernel per value: `const` items, associated consts and const generics
    /// (every path, and every single name in capitals).
    Constant,
}

/// Statements and the value of the last expression.
#[derive(Debug, Decode)]
pub struct Block {
    /// The statements, in order.
    pub statements: &'static [Statement],
    /// The expression without a semicolon at the end, if any.
    pub value: Option<&'static Expression>,
}

/// One statement.
#[derive(Debug, Decode)]
pub enum Statement {
    /// `let pattern = value;` or `let name;`
    Let {
        /// What is bound.
        pattern: Pattern,
        /// The value; absent for a deferred `let name;`
        value: Option<Expression>,
        /// The line of the `let`.
        line: u32,
    },
    /// `let pattern = value else { .. };`
    LetElse {
        /// What is bound if it matches.
        pattern: Pattern,
        /// The value.
        value: Expression,
        /// What leaves if it does not match.
        otherwise: Block,
        /// The line of the `let`.
        line: u32,
    },
    /// `expression;` whose value is dropped.
    Expression(Expression),
}

/// An arm of a `match`.
#[derive(Debug, Decode)]
pub struct Arm {
    /// What it takes.
    pub pattern: Pattern,
    /// What else must hold; may bind names for the body.
    pub guard: Option<Expression>,
    /// Its value.
    pub body: Expression,
}

/// What a `let`, a loop or a parameter binds.
#[derive(Debug, Decode)]
pub enum Pattern {
    /// `name` or `mut name`.
    Bind {
        /// The name in the source.
        name: &'static str,
        /// Its number.
        local: LocalRef,
        /// Its type.
        ty: TypeRef,
        /// Whether declared `mut`.
        mutable: bool,
    },
    /// `_`
    Wild,
    /// `[a, b]`, which takes an array apart.
    Array(&'static [Pattern]),
    /// `Id([a, b])`, which takes an id apart.
    Id(&'static Pattern),
    /// `Name(a, b)`, `Name { x, .. }` or `Name`: the variant of an enum, or a struct.
    Variant {
        /// The last part of the path.
        name: &'static str,
        /// What is taken out of it.
        inner: &'static Pattern,
    },
    /// `name @ pattern`: binds what the inner pattern takes.
    At {
        /// The name in the source.
        name: &'static str,
        /// Its number.
        local: LocalRef,
        /// Whether declared `mut`.
        mutable: bool,
        /// What else must match.
        inner: &'static Pattern,
    },
    /// An integer of the type of what is matched.
    Integer {
        /// Its absolute value.
        magnitude: u128,
        /// Whether a `-` stands before it.
        negative: bool,
    },
    /// A float of the type of what is matched, as its digits.
    Float(&'static str),
    /// `true` or `false`.
    Bool(bool),
    /// The value of a captured constant.
    Constant(LocalRef),
    /// `low..=high`, `low..`, `..high` and so on.
    Range {
        /// The smallest value: a number or a constant.
        low: Option<&'static Pattern>,
        /// The largest value, or the first beyond.
        high: Option<&'static Pattern>,
        /// Whether the end belongs to it.
        inclusive: bool,
    },
    /// `a | b`; all of them bind the same names.
    Or(&'static [Pattern]),
    /// `..`: the elements that no other pattern of the same list takes.
    Rest,
    /// `(a, b)` or `Name(a, b)`, which takes a tuple or a struct apart by position.
    Tuple {
        /// Those of the first fields.
        leading: &'static [Pattern],
        /// Those of the last fields, behind a `..`.
        trailing: &'static [Pattern],
    },
    /// `Name { x, y: b, .. }`, which takes a struct apart by the names of its fields.
    Struct(&'static [(&'static str, Pattern)]),
}

/// An expression and where it stands.
#[derive(Debug, Decode)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// The line of its first token.
    pub line: u32,
}

/// The kinds of expressions.
#[derive(Debug, Decode)]
pub enum ExpressionKind {
    /// A binding's value.
    Local(LocalRef),
    /// An integer literal (possibly negated: `-1` is one literal) of the witnessed type.
    Integer {
        /// Its absolute value.
        magnitude: u128,
        /// Whether a `-` stands before it.
        negative: bool,
        /// Its type.
        ty: LiteralType,
    },
    /// A float literal, digits as written without suffix and underscores.
    Float {
        /// For example `1.5e-3`; a leading `-` when negated.
        digits: &'static str,
        /// Its type.
        ty: LiteralType,
    },
    /// `true` or `false`.
    Bool(bool),
    /// `-x` or `!x`; `site` is set for `-`.
    Unary(UnaryOperator, &'static Expression, Option<&'static Site>),
    /// `l op r`; `site` is set for what may fail or overflow.
    Binary(BinaryOperator, &'static Expression, &'static Expression, Option<&'static Site>),
    /// `l && r` or `l || r`, evaluated as far as needed.
    Logic(LogicOperator, &'static Expression, &'static Expression),
    /// `place = value`.
    Assign(&'static Expression, &'static Expression),
    /// `place op= value`: the value is evaluated before the place, as Rust does for primitives.
    AssignOperation(BinaryOperator, &'static Expression, &'static Expression, Option<&'static Site>),
    /// `base[index]`, as a value or as a place.
    Index {
        /// What is indexed.
        base: &'static Expression,
        /// Where.
        index: &'static Expression,
        /// What to report when the index is out of range.
        site: &'static Site,
    },
    /// `base.field` or `base.0`, as a value or as a place.
    Field {
        /// The tuple or struct.
        base: &'static Expression,
        /// The field's name.
        name: &'static str,
    },
    /// `value as Type`; the witness has the target type.
    Cast(&'static Expression, TypeRef),
    /// `[a, b, c]`; the witness has the array's type.
    Array(&'static [Expression], TypeRef),
    /// `[value; N]`; the witness has the array's type.
    Repeat(&'static Expression, TypeRef),
    /// `(a, b)`
    Tuple(&'static [Expression]),
    /// `value?`
    Try(&'static Expression),
    /// `Name { x: a, ..base }`, `Name(a)` or `Name`; the witness has the type of the struct or enum.
    Struct {
        /// The last part of the path.
        name: &'static str,
        /// The fields in the order of the source.
        fields: &'static [(&'static str, Expression)],
        /// Where all other fields come from.
        base: Option<&'static Expression>,
        /// The struct.
        ty: TypeRef,
    },
    /// `F32x4::new(a, b, c, d)`, `splat`, `from`, `from_array`, `from_bits`.
    Vector {
        /// How it is made.
        function: &'static str,
        /// Of what.
        arguments: &'static [Expression],
        /// The vector.
        ty: TypeRef,
    },
    /// `if condition { .. } else { .. }`; `otherwise` is a block or another `if`.
    If {
        /// The condition.
        condition: &'static Expression,
        /// Run when it holds.
        then: Block,
        /// Run when it does not.
        otherwise: Option<&'static Expression>,
    },
    /// `match value { .. }`; rustc has checked that an arm takes every value.
    Match {
        /// What is matched.
        value: &'static Expression,
        /// The arms, of which the first that matches is taken.
        arms: &'static [Arm],
    },
    /// `let pattern = value` as a condition, alone or joined with `&&`: binds names where it holds.
    Let {
        /// What it takes.
        pattern: Pattern,
        /// What is matched.
        value: &'static Expression,
    },
    /// `{ .. }`
    Block(Block),
    /// `'label: { .. }`, which `break` leaves with a value.
    Labelled {
        /// Its number.
        id: LoopRef,
        /// The content.
        body: Block,
    },
    /// `while condition { .. }`
    While {
        /// Its number.
        id: LoopRef,
        /// The condition.
        condition: &'static Expression,
        /// The body.
        body: Block,
    },
    /// `loop { .. }`
    Loop {
        /// Its number.
        id: LoopRef,
        /// The body.
        body: Block,
    },
    /// `for pattern in start..end { .. }`
    For {
        /// Its number.
        id: LoopRef,
        /// The loop variable.
        pattern: Pattern,
        /// The first value.
        start: &'static Expression,
        /// The end.
        end: &'static Expression,
        /// Whether written `..=`.
        inclusive: bool,
        /// Type of the loop variable.
        ty: TypeRef,
        /// The body.
        body: Block,
    },
    /// `for pattern in source.adaptor().. { .. }`
    ForEach {
        /// Its number.
        id: LoopRef,
        /// The loop variable.
        pattern: Pattern,
        /// What it goes through.
        sequence: Sequence,
        /// The body.
        body: Block,
    },
    /// `source.adaptor().ending()`: one value of a whole sequence.
    Ended {
        /// The number of the loop that goes through it.
        id: LoopRef,
        /// What it goes through.
        sequence: Sequence,
        /// What becomes of the values.
        ending: Ending,
        /// Type of the result.
        ty: TypeRef,
    },
    /// `break` out of a loop, with a value where the loop has one.
    Break(LoopRef, Option<&'static Expression>),
    /// `continue` with a loop.
    Continue(LoopRef),
    /// `return`, with a value in `#[device] fn`s.
    Return(Option<&'static Expression>),
    /// `receiver.name(arguments)`: one of the methods falx knows.
    Method {
        /// The receiver.
        receiver: &'static Expression,
        /// The method's name.
        name: &'static str,
        /// The arguments.
        arguments: &'static [Expression],
        /// What to report if the method fails (an index out of range, a division by zero); names the receiver.
        site: &'static Site,
    },
    /// `panic!(..)`: the work-item ends, and the launch with what it said.
    Panic {
        /// Where.
        site: &'static Site,
        /// What it says.
        message: &'static Message,
        /// The values in the message.
        arguments: &'static [Expression],
    },
    /// `print!(..)`
    Print {
        /// Where.
        site: &'static Site,
        /// What is printed.
        message: &'static Message,
        /// The values in the message.
        arguments: &'static [Expression],
    },
    /// What is done in checked mode only: `debug_assert!`.
    Debug(&'static Expression),
    /// `&value` or `&mut place`
    Borrow {
        /// Whether `&mut`.
        mutable: bool,
        /// What is borrowed.
        value: &'static Expression,
    },
    /// `&base[start..end]` and its kin.
    Slice(&'static Slice),
    /// `*reference`
    Follow(&'static Expression),
    /// A sequence, where a closure gives one.
    Sequence(&'static Sequence),
    /// A closure: a value that only exists while a kernel is lowered.
    Closure(&'static Closure),
    /// A call of a closure.
    Apply {
        /// The closure.
        closure: &'static Expression,
        /// The arguments.
        arguments: &'static [Expression],
    },
    /// A unary or binary operator, also an assigning one, that the user may have defined: if the witness has a function.
    Overloaded(TypeRef, &'static Expression),
    /// `receiver.name(arguments)`: a method of a user's type.
    UserMethod {
        /// The witness of the called instance.
        function: TypeRef,
        /// The receiver, then the arguments.
        operands: &'static [Expression],
    },
    /// A call of a `#[device] fn`.
    Call {
        /// The witness of the called instance.
        function: TypeRef,
        /// The arguments.
        arguments: &'static [Expression],
    },
}

/// Some elements of an array, an accessor or another slice.
#[derive(Debug, Decode)]
pub struct Slice {
    /// Whether they can be stored to.
    pub mutable: bool,
    /// Of what.
    pub base: &'static Expression,
    /// Of an accessor of several dimensions the row: an array of all indices but the last.
    pub row: Option<&'static Expression>,
    /// The first; nothing for the first of all.
    pub start: Option<&'static Expression>,
    /// One past the last; nothing for all that are left.
    pub end: Option<&'static Expression>,
    /// What to report if there is no such row, or the range does not lie inside; names the base.
    pub site: &'static Site,
}

/// A closure in a kernel or a device function; its body names the bindings around it by their numbers.
#[derive(Debug, Decode)]
pub struct Closure {
    /// What its parameters bind.
    pub parameters: &'static [Pattern],
    /// The value.
    pub body: &'static Expression,
    /// The bindings from around it that a `move` closure has copies of.
    pub moved: &'static [LocalRef],
}

/// Where a literal's type comes from.
#[derive(Clone, Copy, Debug, Decode)]
pub enum LiteralType {
    /// From a witness.
    Witness(TypeRef),
    /// It stands directly under a cast to the witnessed type, so Rust's cast rule decides: an integer literal cast to an
    /// integer type has that type, else `i32`; a float literal cast to a float type has that type, else `f64`.
    Cast(TypeRef),
}

/// The operators of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Decode)]
pub enum UnaryOperator {
    /// `-x`
    Negate,
    /// `!x`
    Not,
}

/// `&&` and `||`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Decode)]
pub enum LogicOperator {
    /// `&&`
    And,
    /// `||`
    Or,
}

/// The operators of two operands that evaluate both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Decode)]
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

/// A place in a kernel where a check may fail; its address identifies it.
#[derive(Debug, PartialEq, Eq)]
pub struct Site {
    /// The source file.
    pub file: &'static str,
    /// The line of the expression.
    pub line: u32,
    /// Its column, from 1.
    pub column: u32,
    /// What the check is about: the text of the indexed expression (`a`), or of the operation (`x / y`).
    pub subject: &'static str,
}

impl Site {
    /// A place.
    pub const fn new(file: &'static str, line: u32, column: u32, subject: &'static str) -> Self {
        Site { file, line, column, subject }
    }
}
