//! Turns a program into the tree that the macros would make of its Rust source.

mod control;
mod pattern;
mod sequence;
mod slots;
mod types;

use crate::program::{
    Accessor, Block, Expression, Function, Index, Kind, Local, POSITION, POSITION_IN_GROUP, Program, Role,
    Scalar, Shape, Site, Statement, Type,
};
use falx::__private::tree;
use falx::__private::{AccessMode, ItemKind, Space, Type as DeviceType};
use types::{described, exists_while_lowered, field_name, is_mutable, kept};

pub use slots::{Built, FUNCTION_LIMIT, Types, callee, publish_functions, publish_types, types};
pub use types::accessor;

/// The type of the captured value that says which program runs: a float, since falx looks at integers when it decides which
/// checks a launch needs, and would build the kernel anew for each program.
pub const WHICH: Scalar = Scalar::F32;

/// The bits of that value.
pub fn which_bits(program: usize) -> u64 {
    u64::from((program as f32).to_bits())
}

/// The file that sites claim to be in; their line is their number.
pub const FILE: &str = "fuzz.rs";

/// Builds one kernel of all programs, which have the same environment, for launches until the next one is built. If there are several the last captured value says which of them runs.
pub fn build(programs: &[&Program]) -> &'static tree::Kernel {
    let mut functions = Vec::new();
    for program in programs {
        let first = functions.len();
        for (number, function) in program.functions.iter().enumerate() {
            let built =
                Builder { first_function: first, ..Builder::default() }.function(program, number, function);
            functions.push(built);
        }
    }
    publish_functions(functions);
    let mut builder = Builder::default();
    let kernel = builder.kernel(programs);
    publish_types(builder.types);
    keep(kernel)
}

pub fn keep<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// Builds one function or kernel.
#[derive(Default)]
struct Builder {
    types: Types,
    /// The binding of each accessor.
    accessors: Vec<tree::LocalRef>,
    /// The index of the work-item's own place.
    own: Option<Own>,
    /// Which function is the program's first.
    first_function: usize,
    /// The parameters that are references to values.
    references: Vec<Local>,
}

/// How the work-item's own place is written.
#[derive(Clone, Copy)]
enum Own {
    Local(tree::LocalRef),
    Method(tree::LocalRef, &'static str),
}

pub fn at(kind: tree::ExpressionKind) -> tree::Expression {
    tree::Expression { kind, line: 1 }
}

pub fn site(number: Site) -> &'static tree::Site {
    keep(tree::Site { file: FILE, line: number, column: 1, subject: "x" })
}

pub fn name(prefix: &str, number: u16) -> &'static str {
    format!("{prefix}{number}").leak()
}

impl Builder {
    fn ty(&mut self, ty: DeviceType) -> tree::TypeRef {
        self.types.number(ty)
    }

    fn of(&mut self, ty: &Type) -> tree::TypeRef {
        self.ty(described(ty))
    }

    fn function(mut self, program: &Program, number: usize, function: &Function) -> Built {
        let mut parameters = Vec::new();
        for (position, kind) in function.accessors.iter().enumerate() {
            let (element, mode, dimensions) = match kind {
                Accessor::Input(element) => (described(element), AccessMode::Read, 1),
                Accessor::Output(element) => {
                    (described(element), AccessMode::ReadWrite, program.shape.extent().len())
                }
                Accessor::Cells(scalar) => (DeviceType::Scalar(*scalar), AccessMode::ReadWrite, 1),
            };
            let local = function.n_locals + position as u16;
            let ty = self.ty(accessor(element, dimensions, mode, Space::Global));
            parameters.push(tree::Parameter { name: name("a", position as u16), local, ty });
            self.accessors.push(local);
        }
        for (local, ty) in &function.parameters {
            if matches!(ty, Type::Reference(to, _) if !matches!(**to, Type::Slice(_))) {
                self.references.push(*local);
            }
            let ty = if exists_while_lowered(ty) { tree::TypeRef::MAX } else { self.of(ty) };
            parameters.push(tree::Parameter { name: local_name(*local), local: *local, ty });
        }
        let result = (function.result != Type::Unit).then(|| self.of(&function.result));
        let tree = keep(tree::Function {
            changes_receiver: false,
            has_barrier: false,
            name: name("f", (self.first_function + number) as u16),
            file: FILE,
            line: 1,
            parameters: parameters.leak(),
            result,
            body: self.block(&function.body),
            constants: &[],
        });
        (tree, self.types.0)
    }

    fn kernel(&mut self, programs: &[&Program]) -> tree::Kernel {
        let program = programs[0];
        let first_free = programs.iter().map(|program| program.n_locals).max().unwrap_or(0);
        let mut captures = self.capture_accessors(program, first_free);
        for (local, ty, _) in &program.captures {
            let (ty, name) = (self.of(ty), local_name(*local));
            captures.push(tree::Capture { name, local: *local, ty, kind: tree::CaptureKind::Argument });
        }
        let which = first_free + captures.len() as u16;
        if programs.len() > 1 {
            let ty = self.ty(DeviceType::Scalar(WHICH));
            captures.push(tree::Capture {
                name: "which",
                local: which,
                ty,
                kind: tree::CaptureKind::Argument,
            });
        }
        let (item, item_type, mut statements) = self.prelude(program.shape, which + 1);
        statements.extend(match programs {
            [only] => only.body.iter().map(|statement| self.statement(statement)).collect(),
            several => vec![self.switch(several, which)],
        });
        tree::Kernel {
            name: "fuzz",
            file: FILE,
            line: 1,
            captures: captures.leak(),
            item,
            item_type,
            body: tree::Block { statements: statements.leak(), value: None },
        }
    }

    /// `if which == 0.0 { .. } else if which == 1.0 { .. }`
    fn switch(&mut self, programs: &[&Program], which: tree::LocalRef) -> tree::Statement {
        let mut blocks = Vec::new();
        for program in programs {
            let statements: Vec<_> = program.body.iter().map(|statement| self.statement(statement)).collect();
            blocks.push(tree::Block { statements: statements.leak(), value: None });
            self.first_function += program.functions.len();
        }
        let mut otherwise = None;
        for (number, then) in blocks.into_iter().enumerate().rev() {
            let number = self.literal(WHICH, which_bits(number));
            let (which, number) = (keep(at(tree::ExpressionKind::Local(which))), keep(at(number)));
            let condition = tree::ExpressionKind::Binary(tree::BinaryOperator::Equal, which, number, None);
            let choice = tree::ExpressionKind::If { condition: keep(at(condition)), then, otherwise };
            otherwise = Some(keep(at(choice)));
        }
        tree::Statement::Expression(otherwise.map_or(at(tree::ExpressionKind::Bool(false)), |choice| {
            at(tree::ExpressionKind::Block(tree::Block { statements: &[], value: Some(choice) }))
        }))
    }

    fn capture_accessors(&mut self, program: &Program, first_free: tree::LocalRef) -> Vec<tree::Capture> {
        let mut captures = Vec::new();
        for number in 0..program.n_accessors() {
            let (Some((element, extent)), Some(role)) = (program.accessor(number), program.role(number))
            else {
                continue;
            };
            let (prefix, mode, space) = match role {
                Role::Tile => ("tile", AccessMode::ReadWrite, Space::Local),
                Role::Input(_) => ("in", AccessMode::Read, Space::Global),
                Role::Output(_) => ("out", AccessMode::ReadWrite, Space::Global),
                Role::Cells => ("cells", AccessMode::ReadWrite, Space::Global),
            };
            let ty = self.ty(accessor(described(&element), extent.len(), mode, space));
            let local = first_free + number as u16;
            captures.push(tree::Capture {
                name: name(prefix, number as u16),
                local,
                ty,
                kind: tree::CaptureKind::Argument,
            });
            self.accessors.push(local);
        }
        captures
    }

    /// The work-item's parameter, and the statements that give its position its name.
    fn prelude(
        &mut self,
        shape: Shape,
        it: tree::LocalRef,
    ) -> (tree::Pattern, tree::TypeRef, Vec<tree::Statement>) {
        let position = self.ty(DeviceType::Scalar(Scalar::Usize));
        let bind = |local, ty, name| tree::Pattern::Bind { name, local, ty, mutable: false };
        let (ty, own, names): (_, _, &[(Local, &'static str)]) = match shape {
            Shape::Plain(_) => {
                self.own = Some(Own::Local(POSITION));
                return (bind(POSITION, position, "i"), position, Vec::new());
            }
            Shape::Id(_) => (DeviceType::Id(1), Own::Local(it), &[(POSITION, "")]),
            Shape::Item(_) => {
                (DeviceType::Item(ItemKind::Item, 2), Own::Method(it, "id"), &[(POSITION, "linear_id")])
            }
            Shape::Groups(..) | Shape::Grid(..) => (
                DeviceType::Item(ItemKind::NdItem, shape.extent().len()),
                Own::Method(it, "global_id"),
                &[(POSITION, "global_linear_id"), (POSITION_IN_GROUP, "local_linear_id")],
            ),
        };
        self.own = Some(own);
        let ty = self.ty(ty);
        let statements = names.iter().map(|(local, method_name)| tree::Statement::Let {
            pattern: bind(*local, position, local_name(*local)),
            value: Some(match *method_name {
                "" => {
                    let zero = tree::ExpressionKind::Integer {
                        magnitude: 0,
                        negative: false,
                        ty: tree::LiteralType::Witness(position),
                    };
                    index(at(tree::ExpressionKind::Local(it)), at(zero), 1)
                }
                name => method(at(tree::ExpressionKind::Local(it)), name, &[], 1),
            }),
            line: 1,
        });
        let statements = statements.collect();
        (bind(it, ty, "it"), ty, statements)
    }

    fn block(&mut self, block: &Block) -> tree::Block {
        let statements: Vec<_> = block.statements.iter().map(|statement| self.statement(statement)).collect();
        let value = block.value.as_ref().map(|value| keep(self.expression(value)));
        tree::Block { statements: statements.leak(), value }
    }

    fn bind(&mut self, local: Local, ty: &Type, mutable: bool) -> tree::Pattern {
        tree::Pattern::Bind { name: local_name(local), local, ty: self.of(ty), mutable }
    }

    fn make(&mut self, ty: &Type, variant: usize, fields: &[Expression]) -> tree::ExpressionKind {
        let values = self.list(fields);
        let Type::Declared(of) = ty else { return tree::ExpressionKind::Tuple(values) };
        let values = fields.iter().map(|field| self.expression(field));
        let fields: Vec<_> = (0..).map(|number| field_name(ty, number)).zip(values).collect();
        let name = kept(&of.variants[variant].name);
        tree::ExpressionKind::Struct { name, fields: fields.leak(), base: None, ty: self.of(ty) }
    }

    fn statement(&mut self, statement: &Statement) -> tree::Statement {
        match statement {
            Statement::Let { local, ty, mutable, value } => {
                let value = value.as_ref().map(|value| self.expression(value));
                tree::Statement::Let { pattern: self.bind(*local, ty, *mutable), value, line: 1 }
            }
            Statement::LetPattern { pattern, value } => {
                let pattern = self.pattern(pattern);
                tree::Statement::Let { pattern, value: Some(self.expression(value)), line: 1 }
            }
            Statement::LetElse { pattern, value, otherwise } => tree::Statement::LetElse {
                pattern: self.pattern(pattern),
                value: self.expression(value),
                otherwise: self.block(otherwise),
                line: 1,
            },
            Statement::Expression(expression) => tree::Statement::Expression(self.expression(expression)),
        }
    }

    fn kept(&mut self, expression: &Expression) -> &'static tree::Expression {
        keep(self.expression(expression))
    }

    fn list(&mut self, list: &[Expression]) -> &'static [tree::Expression] {
        list.iter().map(|expression| self.expression(expression)).collect::<Vec<_>>().leak()
    }

    fn expression(&mut self, expression: &Expression) -> tree::Expression {
        use tree::ExpressionKind as To;
        at(match &expression.kind {
            Kind::Literal(bits) => self.literal(expression.ty.scalar().unwrap_or(Scalar::Bool), *bits),
            Kind::Local(local) if self.references.contains(local) => To::Follow(keep(at(To::Local(*local)))),
            Kind::Local(local) => To::Local(*local),
            Kind::Constant(local) => return method(at(To::Local(*local)), "get", &[], 1),
            Kind::Unary(operator, value) => To::Unary(*operator, self.kept(value), None),
            Kind::Binary(operator, pair, number) => {
                To::Binary(*operator, self.kept(&pair[0]), self.kept(&pair[1]), Some(site(*number)))
            }
            Kind::Logic(operator, pair) => To::Logic(*operator, self.kept(&pair[0]), self.kept(&pair[1])),
            Kind::Assign(pair) => To::Assign(self.kept(&pair[0]), self.kept(&pair[1])),
            Kind::AssignOperation(operator, pair, number) => {
                To::AssignOperation(*operator, self.kept(&pair[0]), self.kept(&pair[1]), Some(site(*number)))
            }
            Kind::Element(pair, number) => {
                let (base, at) = (self.expression(&pair[0]), self.expression(&pair[1]));
                return index(base, at, *number);
            }
            Kind::Field(whole, position) => {
                To::Field { base: self.kept(whole), name: field_name(&whole.ty, *position) }
            }
            Kind::Make(variant, fields) => self.make(&expression.ty, *variant, fields),
            Kind::Access(accessor, place, number) => {
                let base = at(To::Local(self.accessors[*accessor]));
                return index(base, self.index(place), *number);
            }
            Kind::Cast(value) => To::Cast(self.kept(value), self.of(&expression.ty)),
            Kind::Array(list) => To::Array(self.list(list), self.of(&expression.ty)),
            Kind::Vector(lanes) => To::Vector {
                function: if lanes.len() == 1 { "splat" } else { "new" },
                arguments: self.list(lanes),
                ty: self.of(&expression.ty),
            },
            Kind::Repeat(value, _) => To::Repeat(self.kept(value), self.of(&expression.ty)),
            Kind::Method(name, operands, number) => {
                let receiver = self.expression(&operands[0]);
                let arguments = self.list(&operands[1..]);
                return method(receiver, name, arguments, *number);
            }
            _ => return self.call(expression),
        })
    }

    /// Calls, and what only they are given.
    fn call(&mut self, expression: &Expression) -> tree::Expression {
        use tree::ExpressionKind as To;
        at(match &expression.kind {
            Kind::Borrow(value) => {
                To::Borrow { mutable: is_mutable(&expression.ty), value: self.kept(value) }
            }
            Kind::Whole(accessor) => To::Local(self.accessors[*accessor]),
            Kind::Part { base, row, start, end, site: number } => To::Slice(keep(tree::Slice {
                mutable: is_mutable(&expression.ty),
                base: self.kept(base),
                row: row.as_ref().map(|row| self.row(row)),
                start: start.as_ref().map(|start| self.kept(start)),
                end: end.as_ref().map(|end| self.kept(end)),
                site: site(*number),
            })),
            Kind::Closure(parameters, value) => {
                let parameters = parameters.iter().map(|(local, ty)| self.bind(*local, ty, false));
                let parameters = parameters.collect::<Vec<_>>().leak();
                To::Closure(keep(tree::Closure { parameters, body: self.kept(value), moved: &[] }))
            }
            Kind::Apply(closure, arguments) => {
                To::Apply { closure: keep(at(To::Local(*closure))), arguments: self.list(arguments) }
            }
            Kind::Call(number, accessors, arguments) => {
                let mut list: Vec<tree::Expression> =
                    accessors.iter().map(|accessor| at(To::Local(self.accessors[*accessor]))).collect();
                list.extend(arguments.iter().map(|argument| self.expression(argument)));
                let callee = DeviceType::Function(callee(self.first_function + *number));
                To::Call { function: self.ty(callee), arguments: list.leak() }
            }
            Kind::Atomic(name, accessor, pair, number) => {
                let (index, value) = (self.expression(&pair[0]), self.expression(&pair[1]));
                let base = at(To::Local(self.accessors[*accessor]));
                let cell = method(base, "atomic", vec![index].leak(), *number);
                return method(cell, name, vec![value].leak(), *number);
            }
            Kind::Barrier => {
                let it = match self.own {
                    Some(Own::Local(it) | Own::Method(it, _)) => it,
                    None => 0,
                };
                return method(at(To::Local(it)), "barrier", &[], 1);
            }
            Kind::Group(group, operands, number) => {
                let it = match self.own {
                    Some(Own::Local(it) | Own::Method(it, _)) => it,
                    None => 0,
                };
                let of = if group.is_of_sub_group { "sub_group" } else { "group" };
                let receiver = method(at(To::Local(it)), of, &[], 1);
                return method(receiver, group.method, self.list(operands), *number);
            }
            Kind::Ended(id, sequence, ending) => To::Ended {
                id: *id,
                sequence: self.sequence(sequence),
                ending: self.ending(ending),
                ty: self.of(&expression.ty),
            },
            other => self.control(other),
        })
    }

    /// `[row]`
    fn row(&mut self, row: &Expression) -> &'static tree::Expression {
        let ty = self.ty(DeviceType::Array(Box::new(DeviceType::Scalar(Scalar::Usize)), 1));
        keep(at(tree::ExpressionKind::Array(self.list(std::slice::from_ref(row)), ty)))
    }

    fn index(&mut self, place: &Index) -> tree::Expression {
        match (place, self.own) {
            (Index::At(list), _) => match list.as_slice() {
                [only] => self.expression(only),
                several => {
                    let ty = DeviceType::Array(Box::new(DeviceType::Scalar(Scalar::Usize)), several.len());
                    at(tree::ExpressionKind::Array(self.list(several), self.ty(ty)))
                }
            },
            (Index::Own, Some(Own::Method(it, name))) => {
                method(at(tree::ExpressionKind::Local(it)), name, &[], 1)
            }
            (Index::Own, Some(Own::Local(it))) => at(tree::ExpressionKind::Local(it)),
            (Index::Own, None) => at(tree::ExpressionKind::Local(POSITION)),
        }
    }

    fn literal(&mut self, scalar: Scalar, bits: u64) -> tree::ExpressionKind {
        use tree::ExpressionKind as To;
        let ty = tree::LiteralType::Witness(self.ty(DeviceType::Scalar(scalar)));
        let digits = |text: String| -> &'static str { text.leak() };
        match scalar {
            Scalar::Bool => To::Bool(bits != 0),
            Scalar::F32 => To::Float { digits: digits(format!("{:?}", f32::from_bits(bits as u32))), ty },
            Scalar::F64 => To::Float { digits: digits(format!("{:?}", f64::from_bits(bits))), ty },
            Scalar::F16 => {
                let single = falx::f16::from_bits(bits as u16).to_f32();
                let single = at(self.literal(Scalar::F32, u64::from(single.to_bits())));
                method(single, "from_f32", &[], 1).kind
            }
            _ => {
                let (magnitude, negative) = magnitude(scalar, bits);
                To::Integer { magnitude, negative, ty }
            }
        }
    }
}

/// An integer's absolute value, and whether it is negative.
pub fn magnitude(scalar: Scalar, bits: u64) -> (u128, bool) {
    let negative = scalar.is_signed() && bits & scalar.minimum_bits() != 0;
    (u128::from(if negative { bits.wrapping_neg() & scalar.mask() } else { bits }), negative)
}

pub fn index(base: tree::Expression, index: tree::Expression, number: Site) -> tree::Expression {
    at(tree::ExpressionKind::Index { base: keep(base), index: keep(index), site: site(number) })
}

pub fn method(
    receiver: tree::Expression,
    name: &'static str,
    arguments: &'static [tree::Expression],
    number: Site,
) -> tree::Expression {
    at(tree::ExpressionKind::Method { receiver: keep(receiver), name, arguments, site: site(number) })
}

fn local_name(local: Local) -> &'static str {
    match local {
        POSITION => "i",
        POSITION_IN_GROUP => "own",
        other => name("v", other),
    }
}
