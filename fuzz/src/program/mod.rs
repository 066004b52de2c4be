//! The kernels that the fuzzer makes, as owned and typed data: what the generator writes, the interpreter runs, the shrinker
//! cuts, and what becomes a kernel tree or Rust source.

mod aggregate;
mod print;
mod sequence;
pub mod visit;

pub use aggregate::{Declaration, Pattern, Variant};
pub use falx::__private::Scalar;
pub use falx::__private::tree::Parts;
pub use falx::__private::tree::{BinaryOperator, LogicOperator, UnaryOperator};
pub use print::{GENERIC, token};
pub use sequence::{Adaptor, Ending, Scan, Sequence, Source};
use std::sync::Arc;

/// The number of a variable, unique in its function.
pub type Local = u16;
/// The number of a loop, unique in its function.
pub type LoopId = u16;

/// All scalars: the types that variables have, and buffers, except for the first.
pub const SCALARS: [Scalar; 14] = [
    Scalar::Bool,
    Scalar::I8,
    Scalar::I16,
    Scalar::I32,
    Scalar::I64,
    Scalar::U8,
    Scalar::U16,
    Scalar::U32,
    Scalar::U64,
    Scalar::Isize,
    Scalar::Usize,
    Scalar::F16,
    Scalar::F32,
    Scalar::F64,
];

/// Whether lanes of vectors are such. Without `bool`, of which masks are.
pub fn is_lane(scalar: Scalar) -> bool {
    !matches!(scalar, Scalar::Bool | Scalar::Isize | Scalar::Usize)
}

/// The number of a place where a check may fail, unique in its program.
pub type Site = u32;

/// The type of a value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// `()`, and what never ends normally.
    Unit,
    Scalar(Scalar),
    Array(Box<Type>, usize),
    /// A specialization constant, of what is captured alone.
    Specialized(Scalar),
    /// A vector of so many lanes; of `bool` a mask.
    Vector(Scalar, usize),
    /// At least two values.
    Tuple(Vec<Type>),
    /// A struct or an enum.
    Declared(Arc<Declaration>),
    /// `&T` or `&mut T`, of parameters and of what they are given; inside of the function its variable has the type `T`.
    Reference(Box<Type>, bool),
    /// `[T]`, behind a reference.
    Slice(Box<Type>),
    /// `Slice<T>` or `SliceMut<T>`: elements of an array or an accessor, of parameters and of what they are given.
    View(Box<Type>, bool),
    /// `impl Fn(..) -> T`, of parameters and of what they are given.
    Closure(Vec<Type>, Box<Type>),
}

/// A value; its type is known from where it stands.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// `()`
    Unit,
    /// A scalar by its bits, zero-extended.
    Bits(u64),
    /// An array, the lanes of a vector, or the fields of a tuple or a struct.
    List(Vec<Value>),
    /// A variant of an enum, by its number, with its fields.
    Variant(usize, Vec<Value>),
}

/// What a kernel is launched over, and as what it knows its place.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Shape {
    /// `usize` over a range.
    Plain(usize),
    /// `Id<1>` over a range.
    Id(usize),
    /// `Item<2>` over a range.
    Item([usize; 2]),
    /// `NdItem<1>`: global, local.
    Groups(usize, usize),
    /// `NdItem<2>`: global, local.
    Grid([usize; 2], [usize; 2]),
}

/// A whole kernel with what it runs on.
#[derive(Clone, PartialEq, Debug)]
pub struct Program {
    pub shape: Shape,
    /// Accessors 0..: buffers that are only read.
    pub inputs: Vec<Input>,
    /// The accessors after them: buffers with one element for each work-item, which it alone touches.
    pub outputs: Vec<Type>,
    /// The accessor behind them, if any: local memory with one element for each work-item of a group.
    pub tile: Option<Type>,
    /// The last accessor, if any: a buffer of which work-items touch any elements, atomically.
    pub cells: Option<Cells>,
    /// Captured values.
    pub captures: Vec<(Local, Type, Value)>,
    /// The structs and enums.
    pub declarations: Vec<Arc<Declaration>>,
    pub functions: Vec<Function>,
    pub body: Vec<Statement>,
    /// One more than the largest variable of the body.
    pub n_locals: u16,
    /// One more than the largest loop.
    pub n_loops: u16,
    /// The largest site.
    pub n_sites: Site,
}

/// The variable that holds the work-item's position in the launch.
pub const POSITION: Local = 0;
/// The variable that holds its position in the work-group, in launches with groups.
pub const POSITION_IN_GROUP: Local = 1;
/// The first variable that is free.
pub const FIRST_LOCAL: Local = 2;

/// A buffer that is only read.
#[derive(Clone, PartialEq, Debug)]
pub struct Input {
    pub element: Type,
    /// One or two extents.
    pub extent: Vec<usize>,
    pub contents: Vec<Value>,
}

/// A buffer that takes one atomic operation, whose results do not depend on the order of the work-items.
#[derive(Clone, PartialEq, Debug)]
pub struct Cells {
    pub scalar: Scalar,
    pub contents: Vec<u64>,
    /// `fetch_add` and the like, which gives the same in any order; `fetch_sub` goes with `fetch_add`.
    pub method: &'static str,
}

/// What an accessor of the kernel is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Role {
    Input(usize),
    Output(usize),
    Tile,
    Cells,
}

/// A `#[device] fn`.
#[derive(Clone, PartialEq, Debug)]
pub struct Function {
    /// The accessors it takes, before all else.
    pub accessors: Vec<Accessor>,
    pub parameters: Vec<(Local, Type)>,
    pub result: Type,
    pub body: Block,
    pub n_locals: u16,
}

/// An accessor that a function takes.
#[derive(Clone, PartialEq, Debug)]
pub enum Accessor {
    /// `Read<T>`
    Input(Type),
    /// `ReadWrite<T>`, of which it touches the element at its first parameter.
    Output(Type),
    /// `ReadWrite<T>`, which it touches atomically.
    Cells(Scalar),
}

#[derive(Clone, PartialEq, Debug, Default)]
pub struct Block {
    pub statements: Vec<Statement>,
    pub value: Option<Box<Expression>>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Statement {
    Let {
        local: Local,
        ty: Type,
        mutable: bool,
        value: Option<Expression>,
    },
    /// `let [a, _] = value;`, with a pattern that takes every value.
    LetPattern {
        pattern: Pattern,
        value: Expression,
    },
    /// `let Some(x) = value else { .. };`
    LetElse {
        pattern: Pattern,
        value: Expression,
        /// What leaves.
        otherwise: Block,
    },
    Expression(Expression),
}

#[derive(Clone, PartialEq, Debug)]
pub struct Expression {
    pub kind: Kind,
    pub ty: Type,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    Literal(u64),
    Local(Local),
    /// The value of a specialization constant: `constant.get()`
    Constant(Local),
    Unary(UnaryOperator, Box<Expression>),
    Binary(BinaryOperator, Box<[Expression; 2]>, Site),
    Logic(LogicOperator, Box<[Expression; 2]>),
    Assign(Box<[Expression; 2]>),
    AssignOperation(BinaryOperator, Box<[Expression; 2]>, Site),
    /// An element of an array.
    Element(Box<[Expression; 2]>, Site),
    /// A field of a tuple or a struct, or a lane by its name.
    Field(Box<Expression>, usize),
    /// An element of an accessor of this function.
    Access(usize, Index, Site),
    /// `accessor.atomic(index).method(value)`, of which nobody uses what it gives.
    Atomic(&'static str, usize, Box<[Expression; 2]>, Site),
    Cast(Box<Expression>),
    Array(Vec<Expression>),
    Repeat(Box<Expression>, usize),
    /// A vector of its lanes, or of one for all of them.
    Vector(Vec<Expression>),
    /// A tuple, a struct, or a variant of an enum by its number; with the fields.
    Make(usize, Vec<Expression>),
    /// `match value { .. }`, of which the last arm takes what the others leave.
    Match(Box<Expression>, Vec<Arm>),
    /// `'l1: { .. }`
    Labelled(LoopId, Block),
    /// The condition may be a `let`, or such joined with `&&`.
    If(Box<Expression>, Block, Option<Block>),
    /// `let pattern = value` as a condition.
    Let(Pattern, Box<Expression>),
    Block(Block),
    While(LoopId, Box<Expression>, Block),
    Loop(LoopId, Block),
    For {
        id: LoopId,
        local: Local,
        bounds: Box<[Expression; 2]>,
        inclusive: bool,
        body: Block,
    },
    /// `for pattern in sequence { .. }`
    ForEach(LoopId, Pattern, Box<Sequence>, Block),
    /// `sequence.ending(..)`
    Ended(LoopId, Box<Sequence>, Ending),
    Break(LoopId, Option<Box<Expression>>),
    Continue(LoopId),
    Return(Option<Box<Expression>>),
    /// The receiver and the arguments.
    Method(&'static str, Vec<Expression>, Site),
    /// Function, accessors of the caller, arguments.
    Call(usize, Vec<usize>, Vec<Expression>),
    /// `&value` or `&mut place`
    Borrow(Box<Expression>),
    /// All elements of an accessor of this function, of which a part is taken.
    Whole(usize),
    /// `&base[start..end]` or `base.slice(start..end)` and their kin, of a variable, or the whole of an accessor.
    Part {
        base: Box<Expression>,
        /// Which row of an accessor of two dimensions.
        row: Option<Box<Expression>>,
        start: Option<Box<Expression>>,
        end: Option<Box<Expression>>,
        site: Site,
    },
    /// `|x| value`, which changes nothing.
    Closure(Vec<(Local, Type)>, Box<Expression>),
    /// A call of a closure that the function takes.
    Apply(Local, Vec<Expression>),
    Barrier,
    /// An operation of the work-items of a group together, on a value and for exchanges a position: the value of a `let` that all
    /// of them reach.
    Group(Group, Vec<Expression>, Site),
}

/// What a group does together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Group {
    /// As falx calls it.
    pub method: &'static str,
    pub action: Action,
    /// Whether it is the sub-group's.
    pub is_of_sub_group: bool,
}

/// How many work-items a sub-group has; the last of a group may have fewer.
pub const SUB_GROUP: usize = 16;

/// What becomes of the values of a group.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Action {
    Combine(Way, Combination),
    /// A work-item gets another's value, of any type: which, says a number.
    Exchange,
    /// A question about a condition.
    Ask,
}

/// What of the combined values a work-item gets.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Way {
    Reduce,
    /// Those up to its own.
    Inclusive,
    /// Those before its own.
    Exclusive,
}

/// How values are combined.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Combination {
    Operator(BinaryOperator),
    /// `min` or `max`
    Method(&'static str),
}

/// An arm of a `match`.
#[derive(Clone, PartialEq, Debug)]
pub struct Arm {
    pub pattern: Pattern,
    pub guard: Option<Expression>,
    pub body: Expression,
}

/// Where an accessor is read or written.
#[derive(Clone, PartialEq, Debug)]
pub enum Index {
    /// At the work-item's own place.
    Own,
    /// One expression of `usize` for each dimension.
    At(Vec<Expression>),
}

impl Shape {
    /// The number of work-items.
    pub fn n_items(self) -> usize {
        match self {
            Shape::Plain(n) | Shape::Id(n) | Shape::Groups(n, _) => n,
            Shape::Item([rows, columns]) | Shape::Grid([rows, columns], _) => rows * columns,
        }
    }

    /// The number of work-items of a group; of the whole launch if it has none.
    pub fn group(self) -> usize {
        match self {
            Shape::Groups(_, local) => local,
            Shape::Grid(_, [rows, columns]) => rows * columns,
            other => other.n_items(),
        }
    }

    pub fn has_groups(self) -> bool {
        matches!(self, Shape::Groups(..) | Shape::Grid(..))
    }

    /// Which group a work-item is in, and at which position.
    pub fn in_group(self, item: usize) -> (usize, usize) {
        let Shape::Grid([_, width], [rows, columns]) = self else {
            return (item / self.group(), item % self.group());
        };
        let (row, column) = (item / width, item % width);
        (row / rows * (width / columns) + column / columns, row % rows * columns + column % columns)
    }

    /// The extents of the buffers with one element for each work-item.
    pub fn extent(self) -> Vec<usize> {
        match self {
            Shape::Item(extent) | Shape::Grid(extent, _) => extent.to_vec(),
            other => vec![other.n_items()],
        }
    }
}

impl Program {
    /// What accessor `number` of the kernel is, if there is one.
    pub fn role(&self, number: usize) -> Option<Role> {
        let (n_inputs, n_outputs) = (self.inputs.len(), self.outputs.len());
        match number.checked_sub(n_inputs + n_outputs) {
            None if number < n_inputs => Some(Role::Input(number)),
            None => Some(Role::Output(number - n_inputs)),
            Some(0) if self.tile.is_some() => Some(Role::Tile),
            Some(0) => self.cells.as_ref().map(|_| Role::Cells),
            Some(1) if self.tile.is_some() => self.cells.as_ref().map(|_| Role::Cells),
            Some(_) => None,
        }
    }

    pub fn n_accessors(&self) -> usize {
        self.inputs.len()
            + self.outputs.len()
            + usize::from(self.tile.is_some())
            + usize::from(self.cells.is_some())
    }

    /// The elements and the extents of accessor `number` of the kernel.
    pub fn accessor(&self, number: usize) -> Option<(Type, Vec<usize>)> {
        Some(match self.role(number)? {
            Role::Input(input) => (self.inputs[input].element.clone(), self.inputs[input].extent.clone()),
            Role::Output(output) => (self.outputs[output].clone(), self.shape.extent()),
            Role::Tile => (self.tile.clone()?, vec![self.shape.group()]),
            Role::Cells => {
                let cells = self.cells.as_ref()?;
                (Type::Scalar(cells.scalar), vec![cells.contents.len()])
            }
        })
    }

    /// The elements of the buffers that it changes.
    pub fn results(&self) -> Vec<Type> {
        let cells = self.cells.as_ref().map(|cells| Type::Scalar(cells.scalar));
        self.outputs.iter().cloned().chain(cells).collect()
    }
}

impl Type {
    pub fn scalar(&self) -> Option<Scalar> {
        match self {
            Type::Scalar(scalar) => Some(*scalar),
            _ => None,
        }
    }

    /// The scalar of the lanes of a vector, and how many there are.
    pub fn vector(&self) -> Option<(Scalar, usize)> {
        match self {
            Type::Vector(lane, lanes) => Some((*lane, *lanes)),
            _ => None,
        }
    }

    /// The name of a field; of a vector that of a lane.
    pub fn field_name(&self, position: usize) -> String {
        match self {
            Type::Vector(_, lanes) if *lanes <= 4 => ["x", "y", "z", "w"][position].to_owned(),
            Type::Vector(..) => format!("s{position:x}"),
            Type::Declared(of) if !of.is_enum => format!("f{position}"),
            _ => position.to_string(),
        }
    }

    /// Whether `<` compares its values, as `==` compares those of all types: vectors have no order.
    pub fn is_ordered(&self) -> bool {
        match self {
            Type::Scalar(_) => true,
            Type::Array(element, _) => element.is_ordered(),
            Type::Tuple(fields) => fields.iter().all(Type::is_ordered),
            Type::Declared(of) => {
                of.variants.iter().all(|variant| variant.fields.iter().all(Type::is_ordered))
            }
            _ => false,
        }
    }

    /// The parts of a value of which it is all made, if it can stand in a buffer: the lanes, elements and fields directly
    /// inside; none of a scalar.
    pub fn parts(&self) -> Vec<Type> {
        match self {
            Type::Array(element, length) => vec![(**element).clone(); *length],
            Type::Vector(lane, lanes) => vec![Type::Scalar(*lane); *lanes],
            Type::Declared(of) if !of.is_enum => of.variants[0].fields.clone(),
            _ => Vec::new(),
        }
    }

    /// The scalars that a value consists of, in their order in memory.
    pub fn leaves(&self) -> Vec<Scalar> {
        match self {
            Type::Scalar(scalar) => vec![*scalar],
            other => other.parts().iter().flat_map(Type::leaves).collect(),
        }
    }

    /// The value whose bits are all zero.
    pub fn zero(&self) -> Value {
        match self {
            Type::Unit => Value::Unit,
            Type::Scalar(_) | Type::Specialized(_) => Value::Bits(0),
            Type::Array(element, length) => Value::List(vec![element.zero(); *length]),
            Type::Vector(_, lanes) => Value::List(vec![Value::Bits(0); *lanes]),
            Type::Tuple(fields) => Value::List(fields.iter().map(Type::zero).collect()),
            Type::Declared(declaration) => declaration.zero(),
            Type::Reference(to, _) => to.zero(),
            Type::Slice(_) | Type::View(..) => Value::List(Vec::new()),
            Type::Closure(..) => Value::Unit,
        }
    }
}

impl Value {
    /// The bits of the scalars that it consists of, in their order in memory.
    pub fn leaves(&self) -> Vec<u64> {
        match self {
            Value::Bits(bits) => vec![*bits],
            Value::List(parts) => parts.iter().flat_map(Value::leaves).collect(),
            Value::Unit | Value::Variant(..) => Vec::new(),
        }
    }
}

impl Statement {
    /// The value that is bound or evaluated, and the block of one that leaves.
    pub fn parts(&self) -> (Option<&Expression>, Option<&Block>) {
        match self {
            Statement::Let { value, .. } => (value.as_ref(), None),
            Statement::LetPattern { value, .. } | Statement::Expression(value) => (Some(value), None),
            Statement::LetElse { value, otherwise, .. } => (Some(value), Some(otherwise)),
        }
    }

    /// The same, to be changed.
    pub fn parts_mut(&mut self) -> (Option<&mut Expression>, Option<&mut Block>) {
        match self {
            Statement::Let { value, .. } => (value.as_mut(), None),
            Statement::LetPattern { value, .. } | Statement::Expression(value) => (Some(value), None),
            Statement::LetElse { value, otherwise, .. } => (Some(value), Some(otherwise)),
        }
    }
}

impl Function {
    /// Whether a variable is a reference, so that its name stands for the way to the value.
    pub fn is_reference(&self, local: Local) -> bool {
        self.parameters.iter().any(|(known, ty)| *known == local && matches!(ty, Type::Reference(..)))
    }
}

impl Expression {
    pub fn new(kind: Kind, ty: Type) -> Self {
        Expression { kind, ty }
    }
    pub fn unit(kind: Kind) -> Self {
        Expression { kind, ty: Type::Unit }
    }
    pub fn scalar(kind: Kind, scalar: Scalar) -> Self {
        Expression { kind, ty: Type::Scalar(scalar) }
    }
    pub fn literal(scalar: Scalar, bits: u64) -> Self {
        Expression::scalar(Kind::Literal(bits), scalar)
    }
    pub fn local(local: Local, ty: Type) -> Self {
        Expression { kind: Kind::Local(local), ty }
    }
    pub fn usize(value: usize) -> Self {
        Expression::literal(Scalar::Usize, value as u64)
    }
}
