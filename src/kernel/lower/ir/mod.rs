//! The lowered form of a kernel: typed values without side effects, and the statements that order the effects.
//!
//! Everything that decides meaning (types, order, checks) is settled here; printing only spells it.

mod scalar;
mod value;

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
    /// The first value, an index or a step that every work-item has below the second, by the number of the check that this leaves out.
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
        /// By how much it grows: at least one; an atom. More than one only where the sum of it and the end is a number of the type.
        step: Box<Value>,
        /// The end; an atom.
        end: Value,
        /// Whether the end belongs to it; then it grows by one.
        inclusive: bool,
    },
}

impl Head {
    /// Counts from zero up to an end that does not belong to it.
    pub fn counting(variable: VariableId, end: Value) -> Self {
        let (start, step) = (Value::usize(0), Box::new(Value::usize(1)));
        Head::Count { variable, start, end, step, inclusive: false }
    }
}
