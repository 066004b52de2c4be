//! Makes kernel trees by hand, and runs what they are lowered to on every OpenCL device there is. For tests.

mod arithmetic;
mod behaviour;
pub mod device;
mod kernels;

use super::check::Checks;
use super::instance::{Callee, Definition};
use super::source::{Beginnings, Constant, Overflow, Source, Template};
use super::tree::*;
use super::types::{AccessMode, Scalar, Space, Type};
use super::{Argument, LaunchShape, ShapeKind, ViewShape, lower, source::lower_for};
use crate::error::Result;

fn keep<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// A kernel under construction: its types and bindings.
pub struct Sketch {
    pub types: Vec<Type>,
    pub captures: Vec<Capture>,
    pub constants: Vec<Constant>,
    n_locals: u16,
}

pub fn scalar(scalar: Scalar) -> Type {
    Type::Scalar(scalar)
}

pub fn global(element: Scalar, dimensions: usize, mode: AccessMode) -> Type {
    Type::Accessor { element: Box::new(Type::Scalar(element)), dimensions, mode, space: Space::Global }
}

pub fn local_memory(element: Scalar, dimensions: usize) -> Type {
    let element = Box::new(Type::Scalar(element));
    Type::Accessor { element, dimensions, mode: AccessMode::ReadWrite, space: Space::Local }
}

impl Sketch {
    pub fn new() -> Self {
        Sketch { types: Vec::new(), captures: Vec::new(), constants: Vec::new(), n_locals: 0 }
    }
    pub fn ty(&mut self, ty: Type) -> TypeRef {
        self.types.push(ty);
        self.types.len() as u16 - 1
    }
    pub fn local(&mut self) -> LocalRef {
        self.n_locals += 1;
        self.n_locals - 1
    }
    pub fn capture(&mut self, name: &'static str, ty: Type) -> LocalRef {
        let (ty, local) = (self.ty(ty), self.local());
        self.captures.push(Capture { name, local, ty, kind: CaptureKind::Argument });
        local
    }
    pub fn bind(&mut self, name: &'static str, ty: Type, mutable: bool) -> (Pattern, LocalRef) {
        let (ty, local) = (self.ty(ty), self.local());
        (Pattern::Bind { name, local, ty, mutable }, local)
    }
    pub fn integer(&mut self, scalar: Scalar, value: i128) -> Expression {
        let ty = LiteralType::Witness(self.ty(Type::Scalar(scalar)));
        at(ExpressionKind::Integer { magnitude: value.unsigned_abs(), negative: value < 0, ty })
    }
    pub fn float(&mut self, scalar: Scalar, digits: &'static str) -> Expression {
        let ty = LiteralType::Witness(self.ty(Type::Scalar(scalar)));
        at(ExpressionKind::Float { digits, ty })
    }
    pub fn cast(&mut self, value: Expression, to: Scalar) -> Expression {
        let ty = self.ty(Type::Scalar(to));
        at(ExpressionKind::Cast(keep(value), ty))
    }
    pub fn let_(
        &mut self,
        name: &'static str,
        ty: Type,
        mutable: bool,
        value: Expression,
    ) -> (Statement, LocalRef) {
        let (pattern, local) = self.bind(name, ty, mutable);
        (Statement::Let { pattern, value: Some(value), line: 1 }, local)
    }
    /// As a launch needs it in which every accessor has 64 elements in each dimension, and every captured number is 64.
    pub fn lower(self, item: (Pattern, Type), shape: ShapeKind, body: Block) -> Result<Source> {
        self.kernel(item, body).lower_with_room(shape)
    }
    pub fn kernel(mut self, item: (Pattern, Type), body: Block) -> Sketched {
        let item_type = self.ty(item.1);
        let tree = Kernel {
            name: "test",
            file: "src/test.rs",
            line: 1,
            captures: self.captures.leak(),
            item: item.0,
            item_type,
            body,
        };
        Sketched { tree: keep(tree), types: self.types, constants: self.constants }
    }
}

/// A finished kernel tree with its types.
pub struct Sketched {
    pub tree: &'static Kernel,
    pub types: Vec<Type>,
    pub constants: Vec<Constant>,
}

impl Sketched {
    /// With all checks.
    pub fn lower(&self, shape: ShapeKind) -> Result<Source> {
        lower(&self.template(shape), &Checks::All)
    }
    /// With the checks that a launch needs.
    pub fn lower_for(&self, arguments: &[Argument], shape: &LaunchShape) -> Result<Source> {
        lower_for(&self.template(shape.kind), arguments, shape)
    }
    /// As `Sketch::lower`.
    pub fn lower_with_room(&self, kind: ShapeKind) -> Result<Source> {
        let (global, local) = match kind {
            ShapeKind::Single => ([1; 3], [1; 3]),
            ShapeKind::Range(n) => ([2, 1, 0].map(|d| if d < n { 64 } else { 1 }), [1; 3]),
            ShapeKind::NdRange(n) => {
                let extents = |extent| [2, 1, 0].map(|d| if d < n { extent } else { 1 });
                (extents(64), extents(8))
            }
        };
        let arguments: Vec<Argument> =
            self.tree.captures.iter().map(|capture| self.with_room(capture)).collect();
        self.lower_for(&arguments, &LaunchShape { kind, global, local })
    }
    fn with_room(&self, capture: &Capture) -> Argument {
        match &self.types[usize::from(capture.ty)] {
            Type::Accessor { dimensions, .. } => {
                let mut view = ViewShape { dimensions: *dimensions, extent: [1; 3], stride: [1; 3], base: 0 };
                view.extent[..*dimensions].fill(64);
                Argument::Global { group: 0, requirement: 0, view, reduction: None }
            }
            Type::Scalar(scalar) => {
                let bytes = 64u64.to_ne_bytes();
                Argument::Value(bytes.into_iter().take(scalar.bits() as usize / 8).collect())
            }
            _ => Argument::Value(Default::default()),
        }
    }
    pub fn template(&self, shape: ShapeKind) -> Template<'_> {
        Template {
            tree: self.tree,
            types: &self.types,
            constants: &self.constants,
            shape,
            overflow: Overflow::Wraps,
            device_sub_groups: false,
            native_sub_groups: false,
            beginnings: Beginnings::There,
            is_whole: false,
        }
    }
}

/// An expression on line 2.
pub fn at(kind: ExpressionKind) -> Expression {
    Expression { kind, line: 2 }
}
pub fn on(line: u32, expression: Expression) -> Expression {
    Expression { kind: expression.kind, line }
}
pub fn site(subject: &'static str) -> &'static Site {
    keep(Site { file: "src/test.rs", line: 2, column: 5, subject })
}
pub fn get(local: LocalRef) -> Expression {
    at(ExpressionKind::Local(local))
}
pub fn index(base: Expression, index: Expression) -> Expression {
    at(ExpressionKind::Index { base: keep(base), index: keep(index), site: site("a") })
}
pub fn binary(operator: BinaryOperator, left: Expression, right: Expression) -> Expression {
    at(ExpressionKind::Binary(operator, keep(left), keep(right), Some(site("x / y"))))
}
pub fn unary(operator: UnaryOperator, value: Expression) -> Expression {
    at(ExpressionKind::Unary(operator, keep(value), None))
}
pub fn logic(operator: LogicOperator, left: Expression, right: Expression) -> Expression {
    at(ExpressionKind::Logic(operator, keep(left), keep(right)))
}
pub fn assign(place: Expression, value: Expression) -> Statement {
    Statement::Expression(at(ExpressionKind::Assign(keep(place), keep(value))))
}
pub fn assign_operation(operator: BinaryOperator, place: Expression, value: Expression) -> Statement {
    Statement::Expression(at(ExpressionKind::AssignOperation(
        operator,
        keep(place),
        keep(value),
        Some(site("x / y")),
    )))
}
pub fn method(receiver: Expression, name: &'static str, arguments: Vec<Expression>) -> Expression {
    let arguments = arguments.leak();
    at(ExpressionKind::Method { receiver: keep(receiver), name, arguments, site: site("x") })
}
pub fn call(function: TypeRef, arguments: Vec<Expression>) -> Expression {
    at(ExpressionKind::Call { function, arguments: arguments.leak() })
}
/// The function whose only instance is defined by `definition`; `T` tells it from others.
pub fn function<T: 'static>(definition: fn() -> Definition) -> Type {
    Type::Function(Callee { id: std::any::TypeId::of::<T>(), definition })
}
pub fn if_(condition: Expression, then: Block, otherwise: Option<Expression>) -> Expression {
    at(ExpressionKind::If { condition: keep(condition), then, otherwise: otherwise.map(keep) })
}
pub fn block(statements: Vec<Statement>) -> Block {
    Block { statements: statements.leak(), value: None }
}
pub fn giving(statements: Vec<Statement>, value: Expression) -> Block {
    Block { statements: statements.leak(), value: Some(keep(value)) }
}
pub fn braces(block: Block) -> Expression {
    at(ExpressionKind::Block(block))
}
pub fn run(expression: Expression) -> Statement {
    Statement::Expression(expression)
}
pub fn while_(id: LoopRef, condition: Expression, body: Block) -> Expression {
    at(ExpressionKind::While { id, condition: keep(condition), body })
}
pub fn loop_(id: LoopRef, body: Block) -> Expression {
    at(ExpressionKind::Loop { id, body })
}
pub fn break_(id: LoopRef, value: Option<Expression>) -> Expression {
    at(ExpressionKind::Break(id, value.map(keep)))
}
pub fn continue_(id: LoopRef) -> Expression {
    at(ExpressionKind::Continue(id))
}
pub fn return_(value: Option<Expression>) -> Expression {
    at(ExpressionKind::Return(value.map(keep)))
}

/// A whole buffer of one dimension as an argument.
pub fn whole(length: usize) -> Argument {
    Argument::Global {
        group: 0,
        requirement: 0,
        view: ViewShape::whole(crate::geometry::Range([length])),
        reduction: None,
    }
}
