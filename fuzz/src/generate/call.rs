//! Random parameters, and the arguments that fit them.

use super::Generator;
use super::lend::Lent;
use crate::program::{Accessor, Block, Expression, Function, Kind, Local, POSITION, Scalar, Statement, Type};

impl Generator {
    /// A parameter: a value, a reference, a slice of Rust's or falx's, or a closure.
    pub fn parameter(&mut self) -> (Local, Type) {
        let mutable = self.random.chance(60);
        let (inner, ty) = match self.random.below(12) {
            0..2 => {
                let inner = self.ty();
                (inner.clone(), Type::Reference(Box::new(inner), mutable))
            }
            2 => {
                let inner = Type::Slice(Box::new(Type::Scalar(self.scalar())));
                (inner.clone(), Type::Reference(Box::new(inner), mutable))
            }
            3 => {
                let takes = (0..self.random.between(1, 3)).map(|_| Type::Scalar(self.scalar())).collect();
                let closure = Type::Closure(takes, Box::new(Type::Scalar(self.scalar())));
                return (self.declare(&closure, false), closure);
            }
            4 | 5 => {
                let view = Type::View(Box::new(self.element_of_views(mutable)), mutable);
                return (self.declare(&view, false), view);
            }
            _ => {
                let ty = self.ty();
                return (self.declare(&ty, false), ty);
            }
        };
        (self.declare(&inner, mutable), ty)
    }

    /// A call of a function that gives a type.
    pub fn call(&mut self, ty: &Type, depth: usize) -> Expression {
        let fitting: Vec<usize> =
            (0..self.n_functions).filter(|number| self.program.functions[*number].result == *ty).collect();
        if fitting.is_empty() {
            return self.expression(ty, depth + 1);
        }
        let number = *self.random.pick(&fitting);
        match self.call_of(number, depth) {
            Some(call) => call,
            None => self.expression(ty, depth + 1),
        }
    }

    /// A call of a function, if there is what it takes.
    pub fn call_of(&mut self, number: usize, depth: usize) -> Option<Expression> {
        let function = self.program.functions[number].clone();
        let accessors = self.accessors(&function)?;
        let n_before = (self.scope.len(), self.lent.len());
        let (statements, lent) = self.lend(&function, depth);
        let mut lent = lent.into_iter();
        // What a closure uses must not change while it lives.
        let has_closure = function.parameters.iter().any(|(_, ty)| matches!(ty, Type::Closure(..)));
        let outer = self.without_statements;
        self.without_statements |= has_closure;
        let mut arguments = vec![Expression::local(POSITION, Type::Scalar(Scalar::Usize))];
        for (_, ty) in &function.parameters[1..] {
            arguments.push(self.argument(ty, &mut lent, depth + 1));
        }
        self.without_statements = outer;
        self.lent.truncate(n_before.1);
        let call = Expression::new(Kind::Call(number, accessors, arguments), function.result);
        let call = self.with_variables_seen(statements, call);
        self.scope.truncate(n_before.0);
        Some(call)
    }

    /// The accessors that a function is given, if there are such.
    fn accessors(&mut self, function: &Function) -> Option<Vec<usize>> {
        let mut accessors = Vec::new();
        for accessor in &function.accessors {
            let found = match accessor {
                Accessor::Input(element) => self
                    .inputs
                    .iter()
                    .filter(|(_, of, extent)| of == element && extent.len() == 1)
                    .map(|(accessor, ..)| *accessor)
                    .collect::<Vec<_>>(),
                Accessor::Cells(_) => self.cells.into_iter().collect(),
                Accessor::Output(element) => self
                    .outputs
                    .iter()
                    .filter(|(_, of)| of == element)
                    .map(|(accessor, _)| *accessor)
                    .collect(),
            };
            if found.is_empty() {
                return None;
            }
            accessors.push(*self.random.pick(&found));
        }
        Some(accessors)
    }

    /// An argument; of references and slices the next of what is lent.
    fn argument(&mut self, ty: &Type, lent: &mut impl Iterator<Item = Lent>, depth: usize) -> Expression {
        match ty {
            Type::Reference(..) | Type::View(..) => match lent.next() {
                Some(lent) => self.lent_argument(ty, &lent, depth),
                None => self.leaf(ty),
            },
            Type::Closure(takes, gives) => self.closure(takes, gives, depth),
            _ => self.expression(ty, depth),
        }
    }

    fn closure(&mut self, takes: &[Type], gives: &Type, depth: usize) -> Expression {
        let n_before = self.scope.len();
        let parameters: Vec<_> = takes.iter().map(|ty| (self.declare(ty, false), ty.clone())).collect();
        let value = Box::new(self.expression(gives, depth));
        self.scope.truncate(n_before);
        let ty = Type::Closure(takes.to_vec(), Box::new(gives.clone()));
        Expression::new(Kind::Closure(parameters, value), ty)
    }

    /// `{ let mut x = ..; let result = f(&mut x); digest = .. x ..; result }`
    fn with_variables_seen(&mut self, mut statements: Vec<Statement>, call: Expression) -> Expression {
        if statements.is_empty() {
            return call;
        }
        let lent: Vec<(Local, Type)> = statements
            .iter()
            .filter_map(|statement| match statement {
                Statement::Let { local, ty, mutable: true, .. } if is_mixed(ty) => Some((*local, ty.clone())),
                _ => None,
            })
            .collect();
        let (ty, digest) = (call.ty.clone(), self.digest_variable.filter(|_| !self.in_function));
        if lent.is_empty() || digest.is_none() || ty == Type::Unit {
            let block = Block { statements, value: Some(Box::new(call)) };
            return Expression::new(Kind::Block(block), ty);
        }
        let result = self.new_local();
        statements.push(Statement::Let { local: result, ty: ty.clone(), mutable: false, value: Some(call) });
        for (local, ty) in lent {
            let mixed = digest.map(|digest| self.mix(digest, local, &ty));
            statements.extend(mixed.unwrap_or_default());
        }
        let value = Some(Box::new(Expression::local(result, ty.clone())));
        Expression::new(Kind::Block(Block { statements, value }), ty)
    }

    /// A call of a closure that this function takes, if there is one that gives the scalar.
    pub fn apply(&mut self, scalar: Scalar, depth: usize) -> Option<Expression> {
        let closures = self.visible().filter_map(|variable| match &variable.ty {
            Type::Closure(takes, gives) if gives.scalar() == Some(scalar) => {
                Some((variable.local, takes.clone()))
            }
            _ => None,
        });
        let closures: Vec<_> = closures.collect();
        if closures.is_empty() || self.random.chance(40) {
            return None;
        }
        let (local, takes) = self.random.pick(&closures).clone();
        let arguments = takes.iter().map(|ty| self.expression(ty, depth + 1)).collect();
        Some(Expression::scalar(Kind::Apply(local, arguments), scalar))
    }
}

/// Whether the digest takes values of a type.
fn is_mixed(ty: &Type) -> bool {
    let is_of_scalars = |ty: &Type| matches!(ty, Type::Array(element, _) if element.scalar().is_some());
    ty.scalar().is_some() || ty.vector().is_some() || is_of_scalars(ty)
}
