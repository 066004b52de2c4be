//! Makes programs by chance: indices that are right by construction, which are then spoilt a little.
//!
//! While a program is made, the launch it is for is known, and with it the number below which each value stays. What is made
//! says nothing of these numbers but by way of extents, captured values and literals.

mod environment;
mod function;
mod index;
mod loops;
mod statement;

use super::evaluate::number;
use super::mutate::mutate;
use super::program::{
    Captured, Expression, ItemKind, Kind, Local, LoopId, Program, Query, Role, Scalar, Site, Statement,
};
use crate::random::Random;

/// A program, which may have steps that lead far.
pub fn generate(random: &mut Random, goes_far: bool) -> Program {
    let program = environment::program(random);
    let mut maker = Maker::new(random, program, goes_far);
    if maker.random.chance(25) {
        maker.functions();
    }
    let n = maker.random.between(1, 4);
    let mut body = maker.preamble();
    for number in 0..n {
        if number > 0 && maker.program.shape.item == ItemKind::Groups && maker.random.chance(40) {
            body.push(Statement::Barrier);
        }
        body.extend(maker.statements(3));
    }
    let mut program = maker.program;
    program.body = body;
    if program.body.contains(&Statement::Barrier) {
        without_returns(&mut program);
    }
    mutate(&mut program, random);
    program
}

/// Work-items that return miss barriers, which falx refuses; those that an assertion ends do not.
fn without_returns(program: &mut Program) {
    let mut n_sites = program.n_sites;
    program.each_block(&mut |block| {
        for statement in block {
            if *statement == Statement::Return(None) {
                n_sites += 1;
                *statement = Statement::Assert(Expression::literal(Scalar::Bool, 0), n_sites);
            }
        }
    });
    program.n_sites = n_sites;
}

/// A value of `usize` that a work-item knows.
#[derive(Clone)]
struct Known {
    value: Expression,
    /// What it stays below in this launch.
    below: u64,
}

/// A program in the making.
struct Maker<'r> {
    random: &'r mut Random,
    program: Program,
    /// What is in scope, outer ones first.
    known: Vec<Known>,
    /// The private and captured arrays in scope: variable, elements, length, and whether it can be stored to.
    arrays: Vec<(Local, Scalar, usize, bool)>,
    /// The variables in scope that may be changed, of `usize`.
    changing: Vec<Local>,
    /// The loops around, outer ones first.
    loops: Vec<LoopId>,
    /// Whether loops may have steps that lead as far as numbers go.
    goes_far: bool,
}

impl<'r> Maker<'r> {
    fn new(random: &'r mut Random, program: Program, goes_far: bool) -> Self {
        let (known, arrays, changing, loops) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut maker = Maker { random, program, known, arrays, changing, loops, goes_far };
        let shape = maker.program.shape.clone();
        for (dimension, extent) in shape.global.iter().enumerate() {
            maker.know(Expression::query(Query::Global, dimension), *extent as u64);
            if shape.item == ItemKind::Groups {
                let local = shape.local[dimension] as u64;
                maker.know(Expression::query(Query::Local, dimension), local);
                maker.know(Expression::query(Query::Group, dimension), *extent as u64 / local.max(1));
            }
        }
        if shape.item == ItemKind::Groups {
            maker
                .know(Expression::query(Query::LocalLinear, 0), shape.local.iter().product::<usize>() as u64);
        }
        if shape.item != ItemKind::Id {
            maker.know(Expression::query(Query::Linear, 0), shape.n_items() as u64);
        }
        for capture in maker.program.captures.clone() {
            match &capture.value {
                Captured::Table(values) => {
                    maker.arrays.push((capture.local, capture.scalar, values.len(), false));
                }
                Captured::Number(bits) => {
                    let value = Expression::local(capture.local, capture.scalar).cast(Scalar::Usize);
                    maker.know(value, (number(capture.scalar, *bits) as u64).saturating_add(1));
                }
                Captured::Specialized(_) => {}
            }
        }
        maker
    }

    fn know(&mut self, value: Expression, below: u64) {
        self.known.push(Known { value, below });
    }

    fn site(&mut self) -> Site {
        self.program.n_sites += 1;
        self.program.n_sites
    }

    fn local(&mut self) -> Local {
        self.program.n_locals += 1;
        self.program.n_locals - 1
    }

    /// Runs `make` in a scope of its own.
    fn scoped<R>(&mut self, make: impl FnOnce(&mut Self) -> R) -> R {
        let (n_known, n_arrays, n_changing) = (self.known.len(), self.arrays.len(), self.changing.len());
        let made = make(self);
        self.changing.truncate(n_changing);
        self.known.truncate(n_known);
        self.arrays.truncate(n_arrays);
        made
    }

    /// Names for what the work-item knows, and an array, as most kernels begin.
    fn preamble(&mut self) -> Vec<Statement> {
        let mut statements = Vec::new();
        let known = self.known.clone();
        for Known { value, below } in known {
            if self.random.chance(30) {
                statements.push(self.name(value, below));
            }
        }
        if self.random.chance(30) {
            let (local, length) = (self.local(), self.random.between(1, 9));
            let scalar = *self.random.pick(&[Scalar::U32, Scalar::Usize, Scalar::I32]);
            self.arrays.push((local, scalar, length, true));
            statements.push(Statement::Array { local, scalar, length });
        }
        statements
    }

    /// `let v = value;`
    fn name(&mut self, value: Expression, below: u64) -> Statement {
        let local = self.local();
        self.know(Expression::local(local, Scalar::Usize), below);
        Statement::Let { local, mutable: false, value }
    }

    /// One of the values in scope: rather one of the last.
    fn any(&mut self) -> Known {
        let n = self.known.len();
        let from = if self.random.chance(50) { n.saturating_sub(3) } else { 0 };
        self.known[self.random.between(from, n)].clone()
    }

    /// One of the values in scope that stay below a number, if there is one.
    fn below(&mut self, end: u64) -> Option<Known> {
        let fitting: Vec<&Known> =
            self.known.iter().filter(|known| known.below <= end && known.below > 0).collect();
        match fitting.is_empty() {
            true => None,
            false => Some((*self.random.pick(&fitting)).clone()),
        }
    }

    /// An expression for a number that is known at launch: an extent, a captured value or a literal.
    fn number(&mut self, number: u64) -> Expression {
        let mut choices = vec![Expression::usize(number)];
        for (which, accessor) in self.program.accessors.iter().enumerate() {
            for (dimension, extent) in accessor.extent.iter().enumerate() {
                if *extent as u64 == number {
                    choices.push(Expression::extent(which, dimension));
                }
            }
        }
        for capture in &self.program.captures {
            let of = |kind| Expression::new(kind, capture.scalar).cast(Scalar::Usize);
            match &capture.value {
                Captured::Number(bits) if *bits == number => choices.push(of(Kind::Local(capture.local))),
                Captured::Specialized(bits) if *bits == number => {
                    choices.push(of(Kind::Constant(capture.local)))
                }
                _ => {}
            }
        }
        let shape = &self.program.shape;
        for dimension in 0..shape.n_dimensions() {
            if shape.item != ItemKind::Id && shape.global[dimension] as u64 == number {
                choices.push(Expression::query(Query::GlobalRange, dimension));
            }
            if shape.item == ItemKind::Groups && shape.local[dimension] as u64 == number {
                choices.push(Expression::query(Query::LocalRange, dimension));
            }
            let n_groups = shape.global[dimension] / shape.local[dimension].max(1);
            if shape.item == ItemKind::Groups && n_groups as u64 == number {
                choices.push(Expression::query(Query::GroupRange, dimension));
            }
        }
        let first = usize::from(choices.len() > 1 && self.random.chance(80));
        choices.swap_remove(self.random.between(first, choices.len()))
    }

    /// The accessors of a role.
    fn accessors(&self, role: Role) -> Vec<usize> {
        let accessors = self.program.accessors.iter().enumerate();
        accessors.filter(|(_, accessor)| accessor.role == role).map(|(number, _)| number).collect()
    }
}
