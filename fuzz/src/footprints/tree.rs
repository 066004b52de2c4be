//! Turns a program into the tree that the macros would make of its Rust source.

use super::program::{
    Accessor, Adaptor, Capture, Captured, Expression, Function, Index, ItemKind, Kind, Local, LoopId, MARK,
    Program, Query, RESULT_SITE, Role, Scalar, Site, Statement, UnaryOperator, Way,
};
pub use crate::tree::types;
use crate::tree::{
    Built, FILE, Types, accessor as accessor_type, at, callee, index, keep, magnitude, method, name,
    publish_functions, publish_types, site,
};
use falx::__private::tree::{self, Message, Piece};
use falx::__private::{AccessMode, ItemKind as DeviceItem, Space, Type};

/// The most functions that a program may have.
pub const FUNCTION_LIMIT: usize = 2;

/// The kernel, for launches until the next one is built.
pub fn build(program: &Program) -> &'static tree::Kernel {
    let functions = program.functions.iter().enumerate();
    let built = functions.map(|(number, function)| Builder::default().function(program, number, function));
    publish_functions(built.collect());
    let mut builder = Builder::default();
    let kernel = builder.kernel(program);
    publish_types(builder.types);
    keep(kernel)
}

/// Builds one function or kernel.
#[derive(Default)]
struct Builder {
    types: Types,
    /// The binding of each accessor.
    accessors: Vec<tree::LocalRef>,
    roles: Vec<Role>,
    scalars: Vec<Scalar>,
    /// The work-item, and as what it is known.
    item: Option<(tree::LocalRef, ItemKind)>,
    /// The variable that results are added to.
    sum: tree::LocalRef,
    result: tree::LocalRef,
}

fn local_name(local: Local) -> &'static str {
    name("v", local)
}

fn described(accessor: &Accessor) -> Type {
    let (mode, space) = match accessor.role {
        Role::Input => (AccessMode::Read, Space::Global),
        Role::Output => (AccessMode::ReadWrite, Space::Global),
        Role::Tile => (AccessMode::ReadWrite, Space::Local),
    };
    accessor_type(Type::Scalar(accessor.scalar), accessor.extent.len(), mode, space)
}

impl Builder {
    fn ty(&mut self, ty: Type) -> tree::TypeRef {
        self.types.number(ty)
    }

    fn scalar(&mut self, scalar: Scalar) -> tree::TypeRef {
        self.ty(Type::Scalar(scalar))
    }

    fn function(mut self, program: &Program, number: usize, function: &Function) -> Built {
        let mut parameters = Vec::new();
        for (position, (scalar, dimensions)) in function.accessors.iter().enumerate() {
            let local = function.n_locals + position as u16;
            let ty =
                self.ty(accessor_type(Type::Scalar(*scalar), *dimensions, AccessMode::Read, Space::Global));
            parameters.push(tree::Parameter { name: name("a", position as u16), local, ty });
            self.accessors.push(local);
            self.roles.push(Role::Input);
        }
        for (local, scalar) in &function.parameters {
            parameters.push(tree::Parameter {
                name: local_name(*local),
                local: *local,
                ty: self.scalar(*scalar),
            });
        }
        let mut body = self.block(&function.body);
        body.value = Some(self.kept(&function.value));
        debug_assert!(program.functions.len() <= FUNCTION_LIMIT);
        let tree = keep(tree::Function {
            changes_receiver: false,
            has_barrier: false,
            name: name("f", number as u16),
            file: FILE,
            line: 1,
            parameters: parameters.leak(),
            result: Some(self.scalar(function.value.scalar)),
            body,
            constants: &[],
        });
        (tree, self.types.0)
    }

    fn kernel(&mut self, program: &Program) -> tree::Kernel {
        let mut captures = Vec::new();
        let mut next = program.n_locals;
        let mut fresh = || {
            next += 1;
            next - 1
        };
        for (number, accessor) in program.accessors.iter().enumerate() {
            let local = fresh();
            captures.push(capture(name("a", number as u16), local, self.ty(described(accessor))));
            self.accessors.push(local);
            self.roles.push(accessor.role);
            self.scalars.push(accessor.scalar);
        }
        self.result = fresh();
        let dimensions = program.shape.n_dimensions();
        let ty = self.ty(accessor_type(
            Type::Scalar(Scalar::U32),
            dimensions,
            AccessMode::ReadWrite,
            Space::Global,
        ));
        captures.push(capture("result", self.result, ty));
        for captured in &program.captures {
            let ty = self.captured_type(captured);
            captures.push(capture(local_name(captured.local), captured.local, ty));
        }
        (self.sum, self.item) = (fresh(), Some((fresh(), program.shape.item)));
        let (item, item_type) = self.item_pattern(program);
        tree::Kernel {
            name: "fuzz",
            file: FILE,
            line: 1,
            captures: captures.leak(),
            item,
            item_type,
            body: self.body(program),
        }
    }

    fn captured_type(&mut self, captured: &Capture) -> tree::TypeRef {
        self.ty(match &captured.value {
            Captured::Number(_) => Type::Scalar(captured.scalar),
            Captured::Specialized(_) => Type::Specialized(captured.scalar),
            Captured::Table(values) => Type::Array(Box::new(Type::Scalar(captured.scalar)), values.len()),
        })
    }

    fn item_pattern(&mut self, program: &Program) -> (tree::Pattern, tree::TypeRef) {
        let dimensions = program.shape.n_dimensions();
        let ty = match program.shape.item {
            ItemKind::Id => Type::Id(dimensions),
            ItemKind::Item => Type::Item(DeviceItem::Item, dimensions),
            ItemKind::Groups => Type::Item(DeviceItem::NdItem, dimensions),
        };
        let ty = self.ty(ty);
        let local = self.item.map_or(0, |(local, _)| local);
        (tree::Pattern::Bind { name: "it", local, ty, mutable: false }, ty)
    }

    /// `let mut sum = 0; ..; result[it] = sum;`
    fn body(&mut self, program: &Program) -> tree::Block {
        let ty = self.scalar(Scalar::U32);
        let pattern = tree::Pattern::Bind { name: "sum", local: self.sum, ty, mutable: true };
        let zero = at(self.literal(Scalar::U32, 0));
        let mut statements = vec![tree::Statement::Let { pattern, value: Some(zero), line: 1 }];
        statements.extend(program.body.iter().map(|statement| self.statement(statement)));
        let place = index(at(tree::ExpressionKind::Local(self.result)), self.own(), RESULT_SITE);
        let sum = at(tree::ExpressionKind::Local(self.sum));
        let store = at(tree::ExpressionKind::Assign(keep(place), keep(sum)));
        statements.push(tree::Statement::Expression(store));
        tree::Block { statements: statements.leak(), value: None }
    }

    /// The work-item's own place.
    fn own(&self) -> tree::Expression {
        let (item, kind) = self.item.unwrap_or((0, ItemKind::Id));
        let item = at(tree::ExpressionKind::Local(item));
        match kind {
            ItemKind::Id => item,
            ItemKind::Item => method(item, "id", &[], 0),
            ItemKind::Groups => method(item, "global_id", &[], 0),
        }
    }

    fn block(&mut self, statements: &[Statement]) -> tree::Block {
        let statements: Vec<_> = statements.iter().map(|statement| self.statement(statement)).collect();
        tree::Block { statements: statements.leak(), value: None }
    }

    fn bind(&mut self, local: Local, scalar: Scalar, mutable: bool) -> tree::Pattern {
        tree::Pattern::Bind { name: local_name(local), local, ty: self.scalar(scalar), mutable }
    }

    fn statement(&mut self, statement: &Statement) -> tree::Statement {
        use tree::ExpressionKind as To;
        let kind = match statement {
            Statement::Let { local, mutable, value } => {
                let pattern = self.bind(*local, value.scalar, *mutable);
                return tree::Statement::Let { pattern, value: Some(self.expression(value)), line: 1 };
            }
            Statement::Array { local, scalar, length } => return self.array(*local, *scalar, *length),
            Statement::Assign(local, value) => To::Assign(keep(at(To::Local(*local))), self.kept(value)),
            Statement::Update(local, operator, value, number) => {
                let place = keep(at(To::Local(*local)));
                To::AssignOperation(*operator, place, self.kept(value), Some(site(*number)))
            }
            Statement::Store { accessor, index, way, site } => self.store(*accessor, index, *way, *site),
            Statement::Slice { local, accessor, bounds, site } => {
                return self.slice(*local, *accessor, bounds, *site);
            }
            Statement::Row { id, local, accessor, row, site } => {
                return self.row(*id, *local, *accessor, row, *site);
            }
            Statement::StoreElement { array, index: position, value, site, .. } => {
                let position = self.expression(position);
                To::Assign(keep(index(at(To::Local(*array)), position, *site)), self.kept(value))
            }
            Statement::Sum(value) => {
                let added = self.kept(&value.clone().cast(Scalar::U32));
                let place = keep(at(To::Local(self.sum)));
                To::AssignOperation(tree::BinaryOperator::Add, place, added, Some(site(0)))
            }
            Statement::If(condition, then, otherwise) => To::If {
                condition: self.kept(condition),
                then: self.block(then),
                otherwise: (!otherwise.is_empty()).then(|| keep(at(To::Block(self.block(otherwise))))),
            },
            Statement::For { .. } => self.for_loop(statement),
            Statement::While { id, condition, body } => {
                To::While { id: *id, condition: self.kept(condition), body: self.block(body) }
            }
            Statement::Break(id) => To::Break(*id, None),
            Statement::Continue(id) => To::Continue(*id),
            Statement::Return(value) => To::Return(value.as_ref().map(|value| self.kept(value))),
            Statement::Assert(condition, number) => self.assertion(condition, *number),
            Statement::Barrier => {
                let item = at(To::Local(self.item.map_or(0, |(local, _)| local)));
                return tree::Statement::Expression(method(item, "barrier", &[], 0));
            }
        };
        tree::Statement::Expression(at(kind))
    }

    fn array(&mut self, local: Local, scalar: Scalar, length: usize) -> tree::Statement {
        let ty = self.ty(Type::Array(Box::new(Type::Scalar(scalar)), length));
        let pattern = tree::Pattern::Bind { name: local_name(local), local, ty, mutable: true };
        let zero = keep(at(self.literal(scalar, 0)));
        tree::Statement::Let { pattern, value: Some(at(tree::ExpressionKind::Repeat(zero, ty))), line: 1 }
    }

    fn store(&mut self, accessor: usize, place: &Index, way: Way, number: Site) -> tree::ExpressionKind {
        let base = at(tree::ExpressionKind::Local(self.accessors[accessor]));
        let place = self.index(place);
        let mark = at(self.literal(Scalar::U32, MARK));
        match way {
            Way::Set => tree::ExpressionKind::Assign(keep(index(base, place, number)), keep(mark)),
            Way::Or => {
                let place = keep(index(base, place, number));
                let operator = tree::BinaryOperator::Or;
                tree::ExpressionKind::AssignOperation(operator, place, keep(mark), Some(site(number)))
            }
            Way::Atomic => {
                let element = method(base, "atomic", vec![place].leak(), number);
                method(element, "fetch_or", vec![mark].leak(), number).kind
            }
        }
    }

    fn slice(
        &mut self,
        local: Local,
        accessor: usize,
        bounds: &[Expression; 2],
        number: Site,
    ) -> tree::Statement {
        let base = keep(at(tree::ExpressionKind::Local(self.accessors[accessor])));
        let [start, end] = [&bounds[0], &bounds[1]].map(|bound| Some(self.kept(bound)));
        let slice = keep(tree::Slice { mutable: false, base, row: None, start, end, site: site(number) });
        let value = Some(at(tree::ExpressionKind::Slice(slice)));
        // What a slice is bound to has no type of its own.
        let ty = tree::TypeRef::MAX;
        let pattern = tree::Pattern::Bind { name: local_name(local), local, ty, mutable: false };
        tree::Statement::Let { pattern, value, line: 1 }
    }

    fn row(
        &mut self,
        id: LoopId,
        local: Local,
        accessor: usize,
        row: &Expression,
        number: Site,
    ) -> tree::Statement {
        let of = keep(at(tree::ExpressionKind::Local(self.accessors[accessor])));
        let source = tree::Source::Row { of, index: self.kept(row), site: site(number) };
        let scalar = self.scalars[accessor];
        let sum = Statement::Sum(Expression::local(local, scalar));
        let body = self.block(&[sum]);
        let pattern = self.bind(local, scalar, false);
        let sequence = tree::Sequence { source, adaptors: &[] };
        tree::Statement::Expression(at(tree::ExpressionKind::ForEach { id, pattern, sequence, body }))
    }

    fn assertion(&mut self, condition: &Expression, number: Site) -> tree::ExpressionKind {
        use tree::ExpressionKind as To;
        let message = keep(Message { pieces: keep([Piece::Text("assertion failed")]) });
        let panic = at(To::Panic { site: site(number), message, arguments: &[] });
        let condition = To::Unary(UnaryOperator::Not, self.kept(condition), None);
        let statements = vec![tree::Statement::Expression(panic)].leak();
        To::If {
            condition: keep(at(condition)),
            then: tree::Block { statements, value: None },
            otherwise: None,
        }
    }

    fn for_loop(&mut self, statement: &Statement) -> tree::ExpressionKind {
        use tree::ExpressionKind as To;
        let Statement::For { id, local, bounds, inclusive, adaptors, body } = statement else {
            return To::Bool(false);
        };
        let scalar = bounds[0].scalar;
        let pattern = self.bind(*local, scalar, false);
        let ty = self.scalar(scalar);
        let (start, end) = (self.kept(&bounds[0]), self.kept(&bounds[1]));
        let adaptors: Vec<_> = adaptors.iter().map(|adaptor| self.adaptor(adaptor)).collect();
        let body = self.block(body);
        if adaptors.is_empty() {
            return To::For { id: *id, pattern, start, end, inclusive: *inclusive, ty, body };
        }
        let source = tree::Source::Range { start, end, inclusive: *inclusive, ty };
        let sequence = tree::Sequence { source, adaptors: adaptors.leak() };
        To::ForEach { id: *id, pattern, sequence, body }
    }

    fn adaptor(&mut self, adaptor: &Adaptor) -> tree::Adaptor {
        match adaptor {
            Adaptor::Reverse => tree::Adaptor::Reverse,
            Adaptor::StepBy(value, number) => tree::Adaptor::StepBy(self.kept(value), site(*number)),
            Adaptor::Skip(value) => tree::Adaptor::Skip(self.kept(value)),
            Adaptor::Take(value) => tree::Adaptor::Take(self.kept(value)),
        }
    }

    fn index(&mut self, place: &Index) -> tree::Expression {
        match place {
            Index::Own => self.own(),
            Index::At(components) => match components.as_slice() {
                [only] => self.expression(only),
                several => {
                    let ty = self.ty(Type::Array(Box::new(Type::Scalar(Scalar::Usize)), several.len()));
                    at(tree::ExpressionKind::Array(self.list(several), ty))
                }
            },
        }
    }

    fn list(&mut self, list: &[Expression]) -> &'static [tree::Expression] {
        list.iter().map(|expression| self.expression(expression)).collect::<Vec<_>>().leak()
    }

    fn kept(&mut self, expression: &Expression) -> &'static tree::Expression {
        keep(self.expression(expression))
    }

    fn expression(&mut self, expression: &Expression) -> tree::Expression {
        use tree::ExpressionKind as To;
        at(match &expression.kind {
            Kind::Literal(bits) => self.literal(expression.scalar, *bits),
            Kind::Local(local) => To::Local(*local),
            Kind::Constant(local) => return method(at(To::Local(*local)), "get", &[], 0),
            Kind::Extent(accessor, dimension) => {
                let range = method(at(To::Local(self.accessors[*accessor])), "range", &[], 0);
                return self.component(range, *dimension);
            }
            Kind::Query(query, dimension) => return self.query(*query, *dimension),
            Kind::Unary(operator, value) => To::Unary(*operator, self.kept(value), None),
            Kind::Binary(operator, pair, number) => {
                To::Binary(*operator, self.kept(&pair[0]), self.kept(&pair[1]), Some(site(*number)))
            }
            Kind::Logic(operator, pair) => To::Logic(*operator, self.kept(&pair[0]), self.kept(&pair[1])),
            Kind::Cast(value) => To::Cast(self.kept(value), self.scalar(expression.scalar)),
            Kind::Method(name, operands) => {
                return method(self.expression(&operands[0]), name, self.list(&operands[1..]), 0);
            }
            Kind::CheckedOr(name, parts) => {
                let [left, right, otherwise] = &**parts;
                let checked = method(self.expression(left), name, self.list(std::slice::from_ref(right)), 0);
                return method(checked, "unwrap_or", self.list(std::slice::from_ref(otherwise)), 0);
            }
            Kind::Select(parts) => {
                let [condition, yes, no] = &**parts;
                let mut value = |of| tree::Block { statements: &[], value: Some(self.kept(of)) };
                let (then, otherwise) = (value(yes), value(no));
                let otherwise = Some(keep(at(To::Block(otherwise))));
                To::If { condition: self.kept(condition), then, otherwise }
            }
            Kind::Load(accessor, place, number) => return self.load(*accessor, place, *number),
            Kind::Element(array, _, position, number) => {
                return index(at(To::Local(*array)), self.expression(position), *number);
            }
            Kind::OfSlice(slice, position, number) => {
                return index(at(To::Local(*slice)), self.expression(position), *number);
            }
            Kind::Length(slice) => return method(at(To::Local(*slice)), "len", &[], 0),
            Kind::Call(number, accessors, arguments) => {
                let mut list: Vec<tree::Expression> =
                    accessors.iter().map(|accessor| at(To::Local(self.accessors[*accessor]))).collect();
                list.extend(arguments.iter().map(|argument| self.expression(argument)));
                To::Call { function: self.ty(Type::Function(callee(*number))), arguments: list.leak() }
            }
        })
    }

    /// An element of an accessor; of local memory `element & 0`.
    fn load(&mut self, accessor: usize, place: &Index, number: Site) -> tree::Expression {
        let base = at(tree::ExpressionKind::Local(self.accessors[accessor]));
        let element = index(base, self.index(place), number);
        if self.roles[accessor] != Role::Tile {
            return element;
        }
        let zero = keep(at(self.literal(Scalar::U32, 0)));
        at(tree::ExpressionKind::Binary(tree::BinaryOperator::And, keep(element), zero, Some(site(0))))
    }

    fn component(&mut self, of: tree::Expression, dimension: usize) -> tree::Expression {
        let dimension = at(self.literal(Scalar::Usize, dimension as u64));
        index(of, dimension, 0)
    }

    fn query(&mut self, query: Query, dimension: usize) -> tree::Expression {
        let (item, kind) = self.item.unwrap_or((0, ItemKind::Id));
        let of = |name| method(at(tree::ExpressionKind::Local(item)), name, &[], 0);
        let is_item = kind == ItemKind::Item;
        let whole = match query {
            Query::Global => self.own(),
            Query::Local => of("local_id"),
            Query::Group => of("group_id"),
            Query::LocalRange => of("local_range"),
            Query::GroupRange => of("group_range"),
            Query::GlobalRange => of(if is_item { "range" } else { "global_range" }),
            Query::Linear => return of(if is_item { "linear_id" } else { "global_linear_id" }),
            Query::LocalLinear => return of("local_linear_id"),
        };
        self.component(whole, dimension)
    }

    fn literal(&mut self, scalar: Scalar, bits: u64) -> tree::ExpressionKind {
        if scalar == Scalar::Bool {
            return tree::ExpressionKind::Bool(bits != 0);
        }
        let (magnitude, negative) = magnitude(scalar, bits);
        let ty = tree::LiteralType::Witness(self.scalar(scalar));
        tree::ExpressionKind::Integer { magnitude, negative, ty }
    }
}

fn capture(name: &'static str, local: tree::LocalRef, ty: tree::TypeRef) -> tree::Capture {
    tree::Capture { name, local, ty, kind: tree::CaptureKind::Argument }
}
