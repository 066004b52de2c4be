//! The lowered form of a kernel: typed values without side effects, and the statements that order the effects.
//!
//! Everything that decides meaning (types, order, checks) is settled here; printing only spells it.

use crate::kernel::groups::Combination;
use crate::kernel::source::{ConstantBits, Content};
use crate::kernel::tree::{BinaryOperator, LogicOperator, UnaryOperator};
use crate::kernel::types::{AccessMode, Scalar, Space, Type};

/// The number of a variable of one function.
pub type VariableId = usize;
/// The number of an accessor of one function.
pub type AccessorId = usize;
/// The number of a label of one function.
pub type Label = usize;
/// Statements in order.
pub type Code = Vec<Statement>;

/// A kernel or a device function.
#[derive(Debug)]
pub struct Function {
    /// Its name in the OpenCL C.
    pub name: String,
    /// Its parameters; of a kernel, its accessors alone.
    pub parameters: Vec<Parameter>,
    /// What it returns.
    pub result: Type,
    /// Its variables.
    pub variables: Vec<Variable>,
    /// Its accessors.
    pub accessors: Vec<Accessor>,
    /// What it does.
    pub body: Code,
    /// The source file.
    pub file: &'static str,
    /// The line in the source.
    pub line: u32,
    /// Whether it, or what it calls, needs the parameter struct or the trap record.
    pub context: Context,
    /// Whether it, or what it calls, has a barrier.
    pub has_barrier: bool,
}

/// An array in constant memory.
#[derive(Debug, PartialEq)]
pub struct Table {
    /// Its name in the OpenCL C.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// The bits of its scalars, in order.
    pub bits: ConstantBits,
}

/// What a function needs of the launch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The parameter struct.
    pub parameters: bool,
    /// The trap record (and the parameter struct).
    pub traps: bool,
    /// The memory for output (and the parameter struct).
    pub prints: bool,
    /// A way to end the work-item (and the trap record).
    pub halts: bool,
}

/// A parameter of a device function.
#[derive(Clone, Copy, Debug)]
pub enum Parameter {
    /// A plain value.
    Variable(VariableId),
    /// An accessor: a pointer, its extents and its strides.
    Accessor(AccessorId),
}

/// A variable of the OpenCL C.
#[derive(Debug)]
pub struct Variable {
    /// Its name there.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// Whether it may be assigned again after it was read.
    pub mutable: bool,
    /// Whether it is declared first and given its value by a later statement.
    pub late: bool,
}

/// An accessor as one function sees it.
#[derive(Debug)]
pub struct Accessor {
    /// Its name in the OpenCL C.
    pub name: String,
    /// The element type.
    pub element: Type,
    /// The number of dimensions.
    pub dimensions: usize,
    /// What may be done.
    pub mode: AccessMode,
    /// Where the memory is.
    pub space: Space,
    /// Which captured argument it is; `None` for a parameter of a device function and for falx's own local memory.
    pub argument: Option<usize>,
    /// Its extents, where the code is for these alone.
    pub extents: Option<ConstantBits>,
    /// Whether it lies where the work-items of a group exchange values, as others may.
    pub is_scratch: bool,
}

impl Accessor {
    /// The extent in a dimension, if the code is for that alone.
    pub fn known_extent(&self, dimension: usize) -> Option<u64> {
        self.extents.as_ref()?.get(dimension).copied()
    }
    /// The extents behind the first, if the code is for these alone: those of the arrays that it is an array of.
    pub fn known_rows(&self) -> Option<&[u64]> {
        let extents = self.extents.as_ref()?.get(..self.dimensions)?;
        // Where there are no elements, rows may be longer than anything.
        let (_, rows) = extents.split_first().filter(|_| !extents.contains(&0))?;
        (!rows.is_empty()).then_some(rows)
    }
    /// The stride in a dimension, if the code is for that alone.
    pub fn known_stride(&self, dimension: usize) -> Option<u64> {
        Some(self.extents.as_ref()?.get(dimension + 1..self.dimensions)?.iter().product())
    }
}

/// What a work-item may ask about where it runs; the number is falx's component (0 is the slowest).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Query {
    /// Position in the launch.
    GlobalId(usize),
    /// Position in the work-group.
    LocalId(usize),
    /// Position of the work-group.
    GroupId(usize),
    /// Extent of a work-group.
    LocalRange(usize),
    /// Number of work-groups.
    GroupRange(usize),
}

/// A typed value.
#[derive(Clone, Debug, PartialEq)]
pub struct Value {
    /// What it is.
    pub node: Node,
    /// Its type.
    pub ty: Type,
}

/// The kinds of values.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `()`
    Unit,
    /// The value of what never ends normally.
    Never,
    /// All bytes zero.
    Zero,
    /// A variable.
    Variable(VariableId),
    /// A scalar, as its bits.
    Literal(u64),
    /// An array in constant memory, by its number in the module.
    Table(usize),
    /// A field of the parameter struct.
    Parameter(Content),
    /// Where the work-item runs.
    Query(Query),
    /// An accessor's extent in a dimension.
    Extent(AccessorId, usize),
    /// `-x`, `!x`
    Unary(UnaryOperator, Box<Value>),
    /// Wrapping, never failing.
    Binary(BinaryOperator, Box<[Value; 2]>),
    /// Evaluates the right side only if needed.
    Logic(LogicOperator, Box<[Value; 2]>),
    /// `condition ? a : b`
    Select(Box<[Value; 3]>),
    /// To the value's own type.
    Cast(Box<Value>),
    /// A built-in method of the table.
    Method(&'static super::methods::Method, Vec<Value>),
    /// An array, id, range, tuple or struct by its parts.
    Components(Vec<Value>),
    /// An array of equal elements.
    Repeat(Box<Value>, usize),
    /// An element of an array, known to be in range.
    Element(Box<[Value; 2]>),
    /// The field at a position of a tuple or struct.
    Field(Box<Value>, usize),
    /// The lanes of a vector at these positions, as a vector.
    Swizzle(Box<Value>, Vec<u8>),
    /// The same bits as the value's own type.
    Reinterpret(Box<Value>),
    /// The first value, an index that every work-item has below the second, by the number of the check that this leaves out.
    /// The second is never evaluated on a device.
    Below(usize, Box<[Value; 2]>),
    /// A divisor that is neither 0 nor, in a signed division, -1 in any work-item, by the number of the check that this leaves out.
    Divisor(usize, Box<Value>),
    /// An element of an accessor, known to be in range.
    Load(AccessorId, Vec<Value>),
    /// An atomic operation on an element known to be in range.
    Atomic(&'static str, AccessorId, Vec<Value>, Vec<Value>),
    /// A call of the device function with this number.
    Call(usize, Vec<Value>),
    /// An accessor.
    Accessor(AccessorId),
    /// The work-item.
    Item,
    /// Whether the work-item has not ended.
    Alive,
    /// A closure, by its number in the function.
    Closure(usize),
    /// A sequence, by its number in the function.
    Sequence(usize),
    /// A mutable reference: the variable, and the way from there to the place; has the place's type.
    Borrowed(Box<(Value, Vec<Step>)>),
    /// Some elements of an array or of an accessor.
    Slice(Box<Window>),
    /// A reference to one element of an accessor, with what must be checked before it is used.
    AtomicReference(AccessorId, Vec<Value>, Vec<Check>, Order),
}

/// Some elements that lie side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// An accessor, or what the array is in.
    pub base: Value,
    /// Of an accessor of several dimensions all indices but the last; atoms.
    pub row: Vec<Value>,
    /// The way from there to the array.
    pub path: Vec<Step>,
    /// The first element; an atom.
    pub start: Value,
    /// How many; an atom.
    pub length: Value,
}

/// What else the operations on an element put in order; relaxed ones nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// What stands behind them stays there.
    pub acquires: bool,
    /// What stands before them stays there.
    pub releases: bool,
}

/// A comparison that must hold before an access.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The index, all components.
    pub index: Vec<Value>,
    /// What each must stay below.
    pub length: Vec<Value>,
    /// The components to test; of the others the launch shows that they stay below.
    pub tested: Vec<usize>,
    /// The code of the site.
    pub code: usize,
}

/// Something that can be assigned.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Where it starts.
    pub root: Root,
    /// The way from there into nested arrays, tuples and structs.
    pub path: Vec<Step>,
}

/// One step into a value made of others.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// To the element of an array, at an index known to be in range.
    Index(Value),
    /// To the field at a position.
    Field(usize),
}

/// Where a place starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Root {
    /// At a variable.
    Variable(VariableId),
    /// At an element of an accessor.
    Element(AccessorId, Vec<Value>),
}

/// A line of the user's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file.
    pub file: &'static str,
    /// Its number.
    pub number: u32,
}

/// A statement.
#[derive(Clone, Debug)]
pub enum Statement {
    /// What follows comes from here.
    Line(Line),
    /// Declares a variable.
    Declare(VariableId, Option<Value>),
    /// Assigns.
    Store(Place, Value),
    /// Evaluates for the effect.
    Evaluate(Value),
    /// `if`
    If(Value, Code, Code),
    /// A loop.
    Loop {
        /// How it ends.
        head: Head,
        /// The body.
        body: Code,
        /// A label behind the loop, if something jumps there.
        break_label: Option<Label>,
        /// A label at the end of the body, if something jumps there.
        continue_label: Option<Label>,
        /// The loop's own number in its function.
        number: usize,
    },
    /// Statements that may be left early.
    Block {
        /// What it does.
        body: Code,
        /// A label behind it, to which those jump that leave it.
        break_label: Label,
        /// Its number, among the loops of its function.
        number: usize,
    },
    /// Leaves the loop or block with this number.
    Break(usize, Option<Label>),
    /// Continues with the loop with this number.
    Continue(usize, Option<Label>),
    /// Returns.
    Return(Option<Value>),
    /// `barrier`
    Barrier,
    /// `mem_fence`
    Fence,
    /// What the work-items of a group do together; declares the variable of its result.
    Collective(Box<Collective>),
    /// Reports a failed check.
    Trap {
        /// The code of the report.
        code: usize,
        /// The values in it: scalars.
        values: Vec<Value>,
        /// Whether the work-item ends.
        halts: bool,
    },
    /// Writes a line of output.
    Print {
        /// The code of the report that says how it looks.
        code: usize,
        /// The values in it: scalars.
        values: Vec<Value>,
    },
    /// Leaves the function if the work-item has ended in one that it called.
    LeaveIfHalted,
    /// Runs the code unless the work-item has ended; should it end in there, what follows the code is next.
    UnlessHalted(Code, Label),
}

/// An operation that all work-items of a work-group come to.
#[derive(Clone, Debug)]
pub struct Collective {
    /// The variable that holds what this work-item gets.
    pub result: VariableId,
    /// Who exchanges values with whom.
    pub within: Within,
    /// What is done.
    pub operation: Operation,
    /// What this work-item hands in.
    pub value: Value,
}

/// Who exchanges values with whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// All work-items of a work-group.
    Group,
    /// Those of each sub-group.
    SubGroup,
}

/// What a group does with the values that its work-items hand in.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Combines all.
    Reduce(Combination),
    /// Combines all up to the own one.
    Inclusive(Combination),
    /// Combines all before the own one.
    Exclusive(Combination),
    /// Gives the one at this position, which exists.
    Gather(Value),
}

/// How a loop ends.
#[derive(Clone, Debug)]
pub enum Head {
    /// By `break` alone.
    Forever,
    /// When the condition fails.
    While(Value),
    /// After counting.
    Count {
        /// The counter.
        variable: VariableId,
        /// Its first value.
        start: Value,
        /// The end; an atom.
        end: Value,
        /// Whether the end belongs to it.
        inclusive: bool,
    },
}

impl Value {
    /// A value of a type.
    pub fn new(node: Node, ty: Type) -> Self {
        Value { node, ty }
    }
    /// `()`
    pub fn unit() -> Self {
        Value::new(Node::Unit, Type::Unit)
    }
    /// What never ends normally.
    pub fn never() -> Self {
        Value::new(Node::Never, Type::Unit)
    }
    /// A scalar by its bits.
    pub fn literal(scalar: Scalar, bits: u64) -> Self {
        Value::new(Node::Literal(bits), Type::Scalar(scalar))
    }
    /// A `usize`.
    pub fn usize(value: u64) -> Self {
        Value::literal(Scalar::Usize, value)
    }
    /// A comparison or other operation of two values.
    pub fn binary(operator: BinaryOperator, left: Value, right: Value) -> Self {
        let ty = if operator.compares() { Type::Scalar(Scalar::Bool) } else { left.ty.clone() };
        Value::new(Node::Binary(operator, Box::new([left, right])), ty)
    }
    /// `left && right`
    pub fn and(left: Value, right: Value) -> Self {
        Value::new(Node::Logic(LogicOperator::And, Box::new([left, right])), Type::Scalar(Scalar::Bool))
    }
    /// A `bool` that is known.
    pub fn bool(value: bool) -> Self {
        Value::literal(Scalar::Bool, u64::from(value))
    }
    /// `!condition`
    pub fn negated(condition: Value) -> Self {
        let ty = condition.ty.clone();
        Value::new(Node::Unary(UnaryOperator::Not, Box::new(condition)), ty)
    }
    /// Whether it is known to be `true`.
    pub fn is_true(&self) -> bool {
        matches!(self.node, Node::Literal(bits) if bits != 0)
    }
    /// Whether it is the value of what never ends normally.
    pub fn is_never(&self) -> bool {
        self.node == Node::Never
    }
    /// Whether it exists only while the kernel is lowered.
    pub fn stands_for_code(&self) -> bool {
        matches!(self.node, Node::Closure(_) | Node::Sequence(_) | Node::Borrowed(_) | Node::Slice(_))
    }
    /// Whether it, or a part of it, exists only while the kernel is lowered.
    pub fn has_code(&self) -> bool {
        match &self.node {
            Node::Components(parts) => parts.iter().any(Value::has_code),
            _ => self.stands_for_code(),
        }
    }
    /// The scalar type, if it is one.
    pub fn scalar(&self) -> Option<Scalar> {
        match self.ty {
            Type::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }
    /// The values directly inside.
    pub fn children(&self) -> Vec<&Value> {
        match &self.node {
            Node::Unary(_, inner) | Node::Cast(inner) | Node::Repeat(inner, _) | Node::Field(inner, _) => {
                vec![inner]
            }
            Node::Swizzle(inner, _) | Node::Reinterpret(inner) | Node::Divisor(_, inner) => vec![inner],
            Node::Below(_, pair) => vec![&pair[0]],
            Node::Binary(_, pair) | Node::Logic(_, pair) | Node::Element(pair) => pair.iter().collect(),
            Node::Select(three) => three.iter().collect(),
            Node::Method(_, list) | Node::Components(list) | Node::Load(_, list) | Node::Call(_, list) => {
                list.iter().collect()
            }
            Node::Atomic(_, _, index, arguments) => index.iter().chain(arguments).collect(),
            Node::AtomicReference(_, index, ..) => index.iter().collect(),
            Node::Unit
            | Node::Never
            | Node::Zero
            | Node::Variable(_)
            | Node::Literal(_)
            | Node::Table(_)
            | Node::Parameter(_)
            | Node::Query(_)
            | Node::Extent(..)
            | Node::Accessor(_)
            | Node::Closure(_)
            | Node::Sequence(_)
            | Node::Borrowed(_)
            | Node::Alive
            | Node::Slice(_)
            | Node::Item => Vec::new(),
        }
    }
    /// Whether `test` holds for it or anything inside.
    pub fn any(&self, test: &mut dyn FnMut(&Value) -> bool) -> bool {
        test(self) || self.children().into_iter().any(|child| child.any(test))
    }
    /// Whether evaluating it does something beyond giving the value.
    pub fn has_effect(&self) -> bool {
        self.any(&mut |value| matches!(value.node, Node::Call(..) | Node::Atomic(..)))
    }
    /// Whether it costs nothing to write it twice.
    pub fn is_atom(&self) -> bool {
        match &self.node {
            Node::Field(whole, _) => whole.is_atom(),
            Node::Below(_, pair) => pair[0].is_atom(),
            Node::Divisor(_, inner) => inner.is_atom(),
            Node::Variable(_) | Node::Literal(_) | Node::Table(_) | Node::Parameter(_) => true,
            node => matches!(node, Node::Query(_) | Node::Extent(..)),
        }
    }
}

impl Context {
    /// Takes on what a called function needs.
    pub fn join(&mut self, other: Context) {
        self.parameters |= other.parameters;
        self.traps |= other.traps;
        self.prints |= other.prints;
        self.halts |= other.halts;
    }
}

impl Statement {
    /// The statements directly inside.
    pub fn inside(&self) -> impl Iterator<Item = &Statement> {
        let (first, second): (&[Statement], &[Statement]) = match self {
            Statement::If(_, then, otherwise) => (then, otherwise),
            Statement::Loop { body, .. }
            | Statement::Block { body, .. }
            | Statement::UnlessHalted(body, _) => (body, &[]),
            _ => (&[], &[]),
        };
        first.iter().chain(second)
    }
    /// The values directly in it.
    pub fn values(&self) -> Vec<&Value> {
        match self {
            Statement::Declare(_, value) | Statement::Return(value) => value.iter().collect(),
            Statement::Store(Place { root, path }, value) => {
                let indices = path.iter().filter_map(Step::index);
                let elements: &[Value] = if let Root::Element(_, index) = root { index } else { &[] };
                elements.iter().chain(indices).chain([value]).collect()
            }
            Statement::Evaluate(value) | Statement::If(value, ..) => vec![value],
            Statement::Loop { head: Head::While(condition), .. } => vec![condition],
            Statement::Loop { head: Head::Count { start, end, .. }, .. } => vec![start, end],
            Statement::Collective(collective) => match &collective.operation {
                Operation::Gather(position) => vec![&collective.value, position],
                _ => vec![&collective.value],
            },
            Statement::Trap { values, .. } | Statement::Print { values, .. } => values.iter().collect(),
            _ => Vec::new(),
        }
    }
    /// Whether `test` holds for it or a statement inside.
    pub fn any(&self, test: &mut dyn FnMut(&Statement) -> bool) -> bool {
        test(self) || self.inside().any(|inner| inner.any(test))
    }
}

impl Step {
    /// The index, if it is one.
    pub fn index(&self) -> Option<&Value> {
        match self {
            Step::Index(index) => Some(index),
            Step::Field(_) => None,
        }
    }
}

impl BinaryOperator {
    /// Whether the result is a `bool`.
    pub fn compares(self) -> bool {
        use BinaryOperator::*;
        matches!(self, Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual)
    }
}

impl Scalar {
    /// Width in bits; 8 for `bool`.
    pub fn bits(self) -> u32 {
        match self {
            Scalar::Bool | Scalar::I8 | Scalar::U8 => 8,
            Scalar::I16 | Scalar::U16 | Scalar::F16 => 16,
            Scalar::I32 | Scalar::U32 | Scalar::F32 => 32,
            Scalar::I64 | Scalar::U64 | Scalar::Isize | Scalar::Usize | Scalar::F64 => 64,
        }
    }
    /// Whether a signed integer.
    pub fn is_signed(self) -> bool {
        matches!(self, Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::I64 | Scalar::Isize)
    }
    /// Whether a float.
    pub fn is_float(self) -> bool {
        matches!(self, Scalar::F16 | Scalar::F32 | Scalar::F64)
    }
    /// Whether an integer.
    pub fn is_integer(self) -> bool {
        !self.is_float() && self != Scalar::Bool
    }
    /// The unsigned integer of the same width.
    pub fn unsigned(self) -> Scalar {
        match self.bits() {
            8 => Scalar::U8,
            16 => Scalar::U16,
            32 => Scalar::U32,
            _ => Scalar::U64,
        }
    }
    /// The signed integer of an unsigned one's width.
    pub fn signed(self) -> Scalar {
        match self {
            Scalar::U8 => Scalar::I8,
            Scalar::U16 => Scalar::I16,
            Scalar::U32 => Scalar::I32,
            Scalar::U64 => Scalar::I64,
            Scalar::Usize => Scalar::Isize,
            other => other,
        }
    }
    /// The smallest value's bits, of a signed integer.
    pub fn minimum_bits(self) -> u64 {
        1 << (self.bits() - 1)
    }
    /// All bits of its width.
    pub fn mask(self) -> u64 {
        u64::MAX >> (64 - self.bits())
    }
    /// Its name in Rust.
    pub fn rust_name(self) -> &'static str {
        match self {
            Scalar::Bool => "bool",
            Scalar::I8 => "i8",
            Scalar::I16 => "i16",
            Scalar::I32 => "i32",
            Scalar::I64 => "i64",
            Scalar::U8 => "u8",
            Scalar::U16 => "u16",
            Scalar::U32 => "u32",
            Scalar::U64 => "u64",
            Scalar::Isize => "isize",
            Scalar::Usize => "usize",
            Scalar::F16 => "f16",
            Scalar::F32 => "f32",
            Scalar::F64 => "f64",
        }
    }
}
