//! Makes random programs: of every construct that the fuzzer knows, well typed, and over soon.

mod aggregate;
mod call;
mod cells;
mod control;
mod expression;
mod fitting;
mod groups;
mod lend;
mod methods;
mod sequence;
mod statement;
mod stored;
mod values;
mod vector;

use crate::interpret::{self, Outcome};
use crate::program::{
    Accessor, BinaryOperator, Expression, FIRST_LOCAL, Function, Index, Input, Kind, Local, LoopId, POSITION,
    POSITION_IN_GROUP, Program, SCALARS, Scalar, Shape, Site, Statement, Type,
};
use crate::random::Random;
use crate::tree::FUNCTION_LIMIT;

/// How many programs share one environment, so that they can be compiled as one kernel.
pub const BATCH: u64 = 16;

/// The programs of a batch that terminate, with what they do. They share all but their functions and bodies, and number
/// their variables, loops and sites so that they can stand in one kernel.
pub fn batch(number: u64, n_programs: usize) -> Vec<(Program, Outcome)> {
    let mut seeds = Random::of(number);
    let mut environment = Generator::new(seeds.bits());
    environment.environment();
    let mut programs: Vec<(Program, Outcome)> = Vec::new();
    while programs.len() < n_programs {
        let mut generator = Generator::new(seeds.bits());
        generator.program = environment.program.clone();
        if let Some((last, _)) = programs.last() {
            (generator.first_local, generator.n_loops) = (last.n_locals, last.n_loops);
            generator.n_sites = last.n_sites;
        }
        let program = generator.program();
        if let Some(outcome) = interpret::run(&program) {
            programs.push((program, outcome));
        }
    }
    programs
}

/// A variable in scope.
#[derive(Clone)]
struct Variable {
    local: Local,
    ty: Type,
    mutable: bool,
}

/// A loop around what is being made.
struct LoopFrame {
    id: LoopId,
    /// What `break` takes with it; `Unit` for nothing.
    result: Type,
    /// Whether it is a loop, which `continue` goes on with, and no labelled block.
    repeats: bool,
}

/// What is being made.
struct Generator {
    random: Random,
    program: Program,
    scope: Vec<Variable>,
    /// The variables in scope that are lent to a function whose arguments are being made.
    lent: Vec<Local>,
    loops: Vec<LoopFrame>,
    /// The accessors that can be read anywhere, and those whose own element can be read and written.
    inputs: Vec<(usize, Type, Vec<usize>)>,
    outputs: Vec<(usize, Type)>,
    /// The accessor that is touched atomically.
    cells: Option<usize>,
    /// Whether local memory can be read anywhere.
    tile_is_shared: bool,
    /// The kernel's variable that sums up what it does.
    digest_variable: Option<Local>,
    /// Whether a function is being made, not the kernel.
    in_function: bool,
    /// How many functions may be called.
    n_functions: usize,
    /// What `return` takes with it, where there may be one.
    returns: Option<Type>,
    /// The first free variable of the kernel.
    first_local: Local,
    n_locals: u16,
    n_loops: u16,
    n_sites: Site,
    /// How many more expressions there may be.
    budget: usize,
    /// How many combinations and questions of groups there are.
    n_combinations: usize,
    /// Whether the value must be the same for all work-items of a group.
    uniform: bool,
    /// The variables besides captured values that are the same.
    uniform_locals: Vec<Local>,
    /// Whether the value must not change variables on its way.
    without_statements: bool,
}

impl Generator {
    fn new(seed: u64) -> Self {
        Generator {
            random: Random::of(seed),
            program: Program {
                shape: Shape::Plain(1),
                inputs: Vec::new(),
                outputs: Vec::new(),
                tile: None,
                cells: None,
                captures: Vec::new(),
                declarations: Vec::new(),
                functions: Vec::new(),
                body: Vec::new(),
                n_locals: 0,
                n_loops: 0,
                n_sites: 0,
            },
            scope: Vec::new(),
            lent: Vec::new(),
            loops: Vec::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            cells: None,
            tile_is_shared: false,
            digest_variable: None,
            in_function: false,
            n_functions: 0,
            returns: None,
            first_local: 0,
            n_locals: 0,
            n_loops: 0,
            n_sites: 0,
            budget: 0,
            n_combinations: 0,
            uniform: false,
            uniform_locals: Vec::new(),
            without_statements: false,
        }
    }

    /// Decides what the programs of a batch share.
    fn environment(&mut self) {
        self.program.shape = match self.random.below(8) {
            0..3 => Shape::Plain(self.random.between(1, 40)),
            3..5 => Shape::Id(self.random.between(1, 40)),
            5 => Shape::Item([self.random.between(1, 5), self.random.between(1, 8)]),
            6 => *self.random.pick(&[
                Shape::Groups(16, 16),
                Shape::Groups(24, 24),
                Shape::Grid([4, 5], [4, 5]),
            ]),
            _ => {
                *self.random.pick(&[Shape::Groups(16, 8), Shape::Groups(16, 8), Shape::Grid([4, 6], [2, 3])])
            }
        };
        self.buffers();
        self.n_locals = FIRST_LOCAL;
        for _ in 0..self.random.below(3) {
            let ty = match self.random.chance(80) {
                true => self.captured_scalar(),
                false => self.array_type(),
            };
            let value = values::value(&mut self.random, &ty);
            let local = self.new_local();
            self.program.captures.push((local, ty, value));
        }
        // After the captured values, none of which is a struct: the launch would have to know their gaps.
        self.declarations();
    }

    fn program(mut self) -> Program {
        let n_functions = [0, 0, 0, 1, 1, 2, 3][self.random.below(7)].min(FUNCTION_LIMIT);
        for _ in 0..n_functions {
            let function = self.function();
            self.program.functions.push(function);
            self.n_functions += 1;
        }
        self.kernel();
        (self.program.n_loops, self.program.n_sites) = (self.n_loops, self.n_sites);
        self.program
    }

    fn buffers(&mut self) {
        let n_items = self.program.shape.n_items();
        for _ in 0..self.random.between(1, 4) {
            let element = self.stored_type();
            let extent = match self.random.below(8) {
                0 => vec![self.random.between(1, 4), self.random.between(1, 6)],
                1 => vec![self.random.between(1, 12)],
                _ => vec![n_items + self.random.below(4)],
            };
            let length = extent.iter().product();
            let contents = (0..length).map(|_| values::value(&mut self.random, &element)).collect();
            self.program.inputs.push(Input { element, extent, contents });
        }
        // The first takes the digest.
        self.program.outputs.push(Type::Scalar(Scalar::U64));
        for _ in 0..self.random.below(3) {
            let element = self.stored_type();
            self.program.outputs.push(element);
        }
        if self.program.shape.has_groups() && self.random.chance(80) {
            self.program.tile = Some(self.stored_type());
        }
        if self.random.chance(50) {
            self.make_cells();
        }
    }

    fn scalar(&mut self) -> Scalar {
        self.scalar_that(|_| true)
    }

    /// A scalar of some kind, of which there is one.
    fn scalar_that(&mut self, is_one: impl Fn(Scalar) -> bool) -> Scalar {
        let fitting: Vec<Scalar> = SCALARS.into_iter().filter(|scalar| is_one(*scalar)).collect();
        *self.random.pick(&fitting)
    }

    /// A type for a variable.
    fn ty(&mut self) -> Type {
        if self.random.chance(12) {
            return self.vector_type();
        }
        let n_declarations = self.program.declarations.len();
        match self.random.below(18) {
            2..4 => {
                let n = self.random.between(2, 4);
                Type::Tuple((0..n).map(|_| self.field_type()).collect())
            }
            4..7 if n_declarations > 0 => {
                Type::Declared(self.program.declarations[self.random.below(n_declarations)].clone())
            }
            7 if n_declarations > 0 => {
                let inner =
                    Type::Declared(self.program.declarations[self.random.below(n_declarations)].clone());
                Type::Array(Box::new(inner), self.random.between(1, 4))
            }
            0..2 => self.array_type(),
            _ => Type::Scalar(self.scalar()),
        }
    }

    /// A scalar, or a specialization constant.
    fn captured_scalar(&mut self) -> Type {
        match self.scalar() {
            scalar if scalar != Scalar::Bool && self.random.chance(40) => Type::Specialized(scalar),
            scalar => Type::Scalar(scalar),
        }
    }

    /// An array of scalars, or of such arrays.
    fn array_type(&mut self) -> Type {
        let inner = Type::Array(Box::new(Type::Scalar(self.scalar())), self.random.between(1, 5));
        if self.random.chance(50) { inner } else { Type::Array(Box::new(inner), self.random.between(1, 4)) }
    }

    fn new_local(&mut self) -> Local {
        self.n_locals += 1;
        self.n_locals - 1
    }

    fn site(&mut self) -> Site {
        self.n_sites += 1;
        self.n_sites
    }

    fn declare(&mut self, ty: &Type, mutable: bool) -> Local {
        let local = self.new_local();
        self.scope.push(Variable { local, ty: ty.clone(), mutable });
        local
    }

    /// What can be named.
    fn visible(&self) -> impl Iterator<Item = &Variable> {
        self.scope.iter().filter(|variable| !self.lent.contains(&variable.local))
    }

    /// Makes a function: its parameters are the work-item's position, and whatever else.
    fn function(&mut self) -> Function {
        self.n_locals = FIRST_LOCAL;
        self.scope.clear();
        let is_flat = self.program.shape.extent().len() == 1;
        let mut accessors = Vec::new();
        (self.inputs, self.outputs, self.cells) = (Vec::new(), Vec::new(), None);
        for (number, input) in self.program.inputs.clone().into_iter().enumerate() {
            if input.extent.len() == 1 && self.random.chance(30) {
                self.inputs.push((accessors.len(), input.element.clone(), input.extent));
                accessors.push((Accessor::Input(input.element), number));
            }
        }
        for (number, element) in self.program.outputs.clone().into_iter().enumerate() {
            if is_flat && self.random.chance(30) {
                self.outputs.push((accessors.len(), element.clone()));
                accessors.push((Accessor::Output(element), self.program.inputs.len() + number));
            }
        }
        if let Some(cells) = &self.program.cells
            && self.random.chance(40)
        {
            self.cells = Some(accessors.len());
            accessors.push((Accessor::Cells(cells.scalar), self.program.n_accessors() - 1));
        }
        let usize = Type::Scalar(Scalar::Usize);
        self.scope.push(Variable { local: POSITION, ty: usize.clone(), mutable: false });
        let mut parameters = vec![(POSITION, usize)];
        for _ in 0..self.random.below(4) {
            parameters.push(self.parameter());
        }
        let result = if self.random.chance(10) { Type::Unit } else { self.ty() };
        self.returns = Some(result.clone());
        self.in_function = true;
        self.budget = self.size().min(40);
        let n_statements = self.random.between(1, 6);
        let body = self.block_of(&result, n_statements, 0);
        self.returns = None;
        self.in_function = false;
        let accessors = accessors.into_iter().map(|(accessor, _)| accessor).collect();
        Function { accessors, parameters, result, body, n_locals: self.n_locals }
    }

    fn kernel(&mut self) {
        self.n_locals = self.first_local.max(FIRST_LOCAL + self.program.captures.len() as u16);
        self.scope.clear();
        let n_inputs = self.program.inputs.len();
        let inputs = self.program.inputs.iter().enumerate();
        self.inputs =
            inputs.map(|(number, input)| (number, input.element.clone(), input.extent.clone())).collect();
        let outputs = self.program.outputs.iter().enumerate();
        self.outputs = outputs.map(|(number, element)| (n_inputs + number, element.clone())).collect();
        self.cells = self.program.cells.as_ref().map(|_| self.program.n_accessors() - 1);
        let captures = self.program.captures.iter();
        let captures =
            captures.map(|(local, ty, _)| Variable { local: *local, ty: ty.clone(), mutable: false });
        self.scope.extend(captures);
        let usize = Type::Scalar(Scalar::Usize);
        let mut places = vec![POSITION];
        if self.program.shape.has_groups() {
            places.push(POSITION_IN_GROUP);
        }
        let places = places.into_iter().map(|local| Variable { local, ty: usize.clone(), mutable: false });
        self.scope.extend(places);
        self.budget = self.size();
        let digest = self.new_local();
        self.digest_variable = Some(digest);
        let (ty, zero) = (Type::Scalar(Scalar::U64), Expression::literal(Scalar::U64, 0));
        let mut body =
            vec![Statement::Let { local: digest, ty: ty.clone(), mutable: true, value: Some(zero) }];
        body.extend(if self.program.tile.is_some() { self.phases(2) } else { self.plain_body() });
        for number in 1..self.outputs.len() {
            body.push(self.store_own(&self.outputs[number].clone(), 0));
        }
        let place = Expression::new(Kind::Access(self.outputs[0].0, Index::Own, 0), ty.clone());
        let add =
            Kind::AssignOperation(BinaryOperator::Add, Box::new([place, Expression::local(digest, ty)]), 0);
        body.push(Statement::Expression(Expression::unit(add)));
        self.program.body = body;
        self.program.n_locals = self.n_locals;
    }

    /// How many expressions there may be. Compilers take as long over one of the largest kernels as over twenty small ones,
    /// which find more.
    fn size(&mut self) -> usize {
        match self.random.below(32) {
            0 => self.random.between(80, 180),
            1..5 => self.random.between(25, 80),
            _ => self.random.between(4, 25),
        }
    }

    /// A kernel without barriers, which may return early.
    fn plain_body(&mut self) -> Vec<Statement> {
        self.returns = Some(Type::Unit);
        let n_statements = self.random.between(3, 12);
        let body = self.statements(n_statements, 0);
        self.returns = None;
        body
    }

    fn new_loop(&mut self) -> LoopId {
        self.n_loops += 1;
        self.n_loops - 1
    }
}
