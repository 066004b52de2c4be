//! Random parameters, and the arguments that fit them.

use super::{Generator, Variable};
use crate::program::{Accessor, Block, Expression, Function, Kind, Local, POSITION, Scalar, Statement, Type};

impl Generator {
    /// A parameter: a value, a reference, a slice or a closure.
    pub fn parameter(&mut self) -> (Local, Type) {
        let mutable = self.random.chance(60);
        let (inner, ty) = match self.random.below(10) {
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
        let function = self.program.functions[number].clone();
        let Some(accessors) = self.accessors(&function) else { return self.expression(ty, depth + 1) };
        let n_before = (self.scope.len(), self.lent.len());
        let statements = self.lend(&function, depth);
        let lent = self.lent.split_off(n_before.1);
        self.lent.extend(&lent);
        let mut places = lent.into_iter();
        // What a closure uses must not change while it lives.
        let has_closure = function.parameters.iter().any(|(_, ty)| matches!(ty, Type::Closure(..)));
        let outer = self.without_statements;
        self.without_statements |= has_closure;
        let mut arguments = vec![Expression::local(POSITION, Type::Scalar(Scalar::Usize))];
        for (_, ty) in &function.parameters[1..] {
            arguments.push(self.argument(ty, &mut places, depth + 1));
        }
        self.without_statements = outer;
        self.lent.truncate(n_before.1);
        let call = Expression::new(Kind::Call(number, accessors, arguments), ty.clone());
        let call = self.with_variables_seen(statements, call);
        self.scope.truncate(n_before.0);
        call
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

    /// Chooses a variable for each reference, in order, and lends it; those that there are not yet are declared.
    fn lend(&mut self, function: &Function, depth: usize) -> Vec<Statement> {
        let mut declarations = Vec::new();
        for (_, ty) in &function.parameters {
            let Type::Reference(to, mutable) = ty else { continue };
            let fits = |variable: &&Variable| fits(&variable.ty, to) && (variable.mutable || !mutable);
            let known: Vec<Local> = self.visible().filter(fits).map(|variable| variable.local).collect();
            let local = match known.is_empty() || self.random.chance(20) {
                false => *self.random.pick(&known),
                true => {
                    let ty = match &**to {
                        Type::Slice(element) => Type::Array(element.clone(), self.random.between(1, 5)),
                        other => other.clone(),
                    };
                    let value = Some(self.expression(&ty, depth + 1));
                    let local = self.declare(&ty, *mutable);
                    declarations.push(Statement::Let { local, ty, mutable: *mutable, value });
                    local
                }
            };
            self.lent.push(local);
        }
        declarations
    }

    /// An argument; of references to the next of the variables that are lent.
    fn argument(&mut self, ty: &Type, lent: &mut impl Iterator<Item = Local>, depth: usize) -> Expression {
        match ty {
            Type::Reference(to, _) => {
                let local = lent.next();
                let known = self.scope.iter().find(|variable| Some(variable.local) == local);
                let variable = known.map(|variable| Expression::local(variable.local, variable.ty.clone()));
                let Some(variable) = variable else { return self.leaf(ty) };
                match **to {
                    Type::Slice(_) => self.part(variable, ty),
                    _ => Expression::new(Kind::Borrow(Box::new(variable)), ty.clone()),
                }
            }
            Type::Closure(takes, gives) => self.closure(takes, gives, depth),
            _ => self.expression(ty, depth),
        }
    }

    /// `&base[start..end]`, which is not empty.
    fn part(&mut self, base: Expression, ty: &Type) -> Expression {
        let (start, end) = match base.ty {
            Type::Array(_, length) => {
                let start = self.random.below(length);
                (start, self.random.between(start + 1, length + 1))
            }
            _ => (0, 1),
        };
        let mut end_of = |end| self.random.chance(50).then(|| Box::new(Expression::usize(end)));
        let (start, end) = (end_of(start), end_of(end));
        let site = self.site();
        Expression::new(Kind::Part { base: Box::new(base), start, end, site }, ty.clone())
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

/// Whether a variable of a type can be lent as `to`.
fn fits(ty: &Type, to: &Type) -> bool {
    match (to, ty) {
        (Type::Slice(wanted), Type::Array(element, length)) => wanted == element && *length > 0,
        (to, ty) => to == ty,
    }
}

/// Whether the digest takes values of a type.
fn is_mixed(ty: &Type) -> bool {
    ty.scalar().is_some() || ty.vector().is_some()
}
