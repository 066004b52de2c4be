//! Kernels made for their indices: integers only, so that the interpreter is short enough to be trusted.

pub use crate::program::{BinaryOperator, Local, LogicOperator, LoopId, Scalar, Site, UnaryOperator};

/// What the kernel's own last store is known by: its result at the work-item's own place.
pub const RESULT_SITE: Site = 1;
/// What is stored into outputs, always the same: work-items may store into one element in any order.
pub const MARK: u64 = 7;

/// A whole kernel with what it runs on.
#[derive(Clone, PartialEq, Debug)]
pub struct Program {
    pub shape: Shape,
    pub accessors: Vec<Accessor>,
    pub captures: Vec<Capture>,
    pub functions: Vec<Function>,
    pub body: Vec<Statement>,
    /// One more than the largest variable of the body.
    pub n_locals: u16,
    /// One more than the largest loop.
    pub n_loops: u16,
    /// The largest site.
    pub n_sites: Site,
}

/// What a kernel is launched over.
#[derive(Clone, PartialEq, Debug)]
pub struct Shape {
    pub item: ItemKind,
    pub global: Vec<usize>,
    /// The extents of a work-group; of launches without groups as long as `global`, and unused.
    pub local: Vec<usize>,
}

/// As what a kernel knows its place.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum ItemKind {
    /// `Id<D>`
    Id,
    /// `Item<D>`
    Item,
    /// `NdItem<D>`
    Groups,
}

/// What an accessor leads to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Role {
    /// A buffer that is read.
    Input,
    /// A buffer that is stored to, never anything but [`MARK`].
    Output,
    /// Local memory, whose elements count as zero: others may store at any time.
    Tile,
}

/// An accessor.
#[derive(Clone, PartialEq, Debug)]
pub struct Accessor {
    pub role: Role,
    pub scalar: Scalar,
    pub extent: Vec<usize>,
    /// Of inputs the elements.
    pub contents: Vec<u64>,
}

/// A captured value.
#[derive(Clone, PartialEq, Debug)]
pub struct Capture {
    pub local: Local,
    pub scalar: Scalar,
    pub value: Captured,
}

/// How a value is captured.
#[derive(Clone, PartialEq, Debug)]
pub enum Captured {
    Number(u64),
    /// As a specialization constant.
    Specialized(u64),
    Table(Vec<u64>),
}

/// A `#[device] fn`: its accessors are inputs.
#[derive(Clone, PartialEq, Debug)]
pub struct Function {
    /// Elements and dimensions.
    pub accessors: Vec<(Scalar, usize)>,
    pub parameters: Vec<(Local, Scalar)>,
    pub body: Vec<Statement>,
    pub value: Expression,
    pub n_locals: u16,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Statement {
    Let {
        local: Local,
        mutable: bool,
        value: Expression,
    },
    /// `let mut v = [0; length];`
    Array {
        local: Local,
        scalar: Scalar,
        length: usize,
    },
    Assign(Local, Expression),
    /// `v op= value`
    Update(Local, BinaryOperator, Expression, Site),
    Store {
        accessor: usize,
        index: Index,
        way: Way,
        site: Site,
    },
    /// `let v = a.slice(m..n);` of an accessor of one dimension
    Slice {
        local: Local,
        accessor: usize,
        bounds: Box<[Expression; 2]>,
        site: Site,
    },
    /// `for v in a.row(row) { sum += v as u32; }`
    Row {
        id: LoopId,
        local: Local,
        accessor: usize,
        row: Expression,
        site: Site,
    },
    StoreElement {
        array: Local,
        length: usize,
        index: Expression,
        value: Expression,
        site: Site,
    },
    /// Adds a value to what the work-item gives as its result.
    Sum(Expression),
    If(Expression, Vec<Statement>, Vec<Statement>),
    For {
        id: LoopId,
        local: Local,
        bounds: Box<[Expression; 2]>,
        inclusive: bool,
        adaptors: Vec<Adaptor>,
        body: Vec<Statement>,
    },
    While {
        id: LoopId,
        condition: Expression,
        body: Vec<Statement>,
    },
    Break(LoopId),
    Continue(LoopId),
    /// Ends the work-item, or a function with a value.
    Return(Option<Expression>),
    Assert(Expression, Site),
    Barrier,
}

/// How an element is stored to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Way {
    /// `a[index] = 7`
    Set,
    /// `a[index] |= 7`
    Or,
    /// `a.atomic(index).fetch_or(7)`
    Atomic,
}

/// What is done to a range before a loop goes through it.
#[derive(Clone, PartialEq, Debug)]
pub enum Adaptor {
    Reverse,
    StepBy(Expression, Site),
    Skip(Expression),
    Take(Expression),
}

/// Where an accessor is read or written.
#[derive(Clone, PartialEq, Debug)]
pub enum Index {
    /// At the work-item's own place, by the whole id.
    Own,
    /// One expression of `usize` for each dimension.
    At(Vec<Expression>),
}

#[derive(Clone, PartialEq, Debug)]
pub struct Expression {
    pub kind: Kind,
    pub scalar: Scalar,
}

#[derive(Clone, PartialEq, Debug)]
pub enum Kind {
    Literal(u64),
    Local(Local),
    /// The value of a specialization constant.
    Constant(Local),
    /// `a.range()[dimension]`
    Extent(usize, usize),
    Query(Query, usize),
    Unary(UnaryOperator, Box<Expression>),
    Binary(BinaryOperator, Box<[Expression; 2]>, Site),
    Logic(LogicOperator, Box<[Expression; 2]>),
    Cast(Box<Expression>),
    /// The receiver and the arguments.
    Method(&'static str, Vec<Expression>),
    /// `a.checked_sub(b).unwrap_or(c)` and its kin.
    CheckedOr(&'static str, Box<[Expression; 3]>),
    /// `if condition { a } else { b }`
    Select(Box<[Expression; 3]>),
    /// An element of an accessor.
    Load(usize, Index, Site),
    /// An element of an array, which has so many.
    Element(Local, usize, Box<Expression>, Site),
    /// An element of a slice.
    OfSlice(Local, Box<Expression>, Site),
    /// `v.len()` of a slice.
    Length(Local),
    /// Function, accessors, arguments.
    Call(usize, Vec<usize>, Vec<Expression>),
}

/// What a work-item knows of its place, by dimension.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Query {
    Global,
    /// Of launches with groups, as all that follow.
    Local,
    Group,
    LocalRange,
    GroupRange,
    /// The launch's extent: of `Item` and of launches with groups.
    GlobalRange,
    /// The row-major position: likewise.
    Linear,
    LocalLinear,
}

impl Shape {
    /// The number of work-items.
    pub fn n_items(&self) -> usize {
        self.global.iter().product()
    }
    pub fn n_dimensions(&self) -> usize {
        self.global.len()
    }
}

impl Accessor {
    pub fn n_elements(&self) -> usize {
        self.extent.iter().product()
    }
}

impl Expression {
    pub fn new(kind: Kind, scalar: Scalar) -> Self {
        Expression { kind, scalar }
    }
    pub fn literal(scalar: Scalar, bits: u64) -> Self {
        Expression { kind: Kind::Literal(bits & scalar.mask()), scalar }
    }
    pub fn usize(value: u64) -> Self {
        Expression::literal(Scalar::Usize, value)
    }
    pub fn local(local: Local, scalar: Scalar) -> Self {
        Expression { kind: Kind::Local(local), scalar }
    }
    pub fn query(query: Query, dimension: usize) -> Self {
        Expression { kind: Kind::Query(query, dimension), scalar: Scalar::Usize }
    }
    pub fn extent(accessor: usize, dimension: usize) -> Self {
        Expression { kind: Kind::Extent(accessor, dimension), scalar: Scalar::Usize }
    }
    pub fn cast(self, scalar: Scalar) -> Self {
        if self.scalar == scalar { self } else { Expression { kind: Kind::Cast(Box::new(self)), scalar } }
    }
    pub fn method(name: &'static str, operands: Vec<Expression>) -> Self {
        let scalar = operands[0].scalar;
        let unsigned = if name == "abs_diff" { unsigned(scalar) } else { scalar };
        Expression { kind: Kind::Method(name, operands), scalar: unsigned }
    }
    pub fn logic(operator: LogicOperator, left: Expression, right: Expression) -> Self {
        Expression { kind: Kind::Logic(operator, Box::new([left, right])), scalar: Scalar::Bool }
    }
    pub fn not(self) -> Self {
        Expression { scalar: self.scalar, kind: Kind::Unary(UnaryOperator::Not, Box::new(self)) }
    }
    /// `left operator right` of an operator that cannot fail.
    pub fn binary(operator: BinaryOperator, left: Expression, right: Expression) -> Self {
        let scalar = if is_comparison(operator) { Scalar::Bool } else { left.scalar };
        Expression { kind: Kind::Binary(operator, Box::new([left, right]), 0), scalar }
    }
}

/// The unsigned integer of the same width.
pub fn unsigned(scalar: Scalar) -> Scalar {
    match scalar {
        Scalar::I8 => Scalar::U8,
        Scalar::I16 => Scalar::U16,
        Scalar::I32 => Scalar::U32,
        Scalar::I64 => Scalar::U64,
        Scalar::Isize => Scalar::Usize,
        other => other,
    }
}

pub fn is_comparison(operator: BinaryOperator) -> bool {
    use BinaryOperator::*;
    matches!(operator, Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual)
}
