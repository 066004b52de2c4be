//! Random statements.

use super::expression::DIVISIONS;
use super::{Generator, Variable};
use crate::program::{BinaryOperator, Block, Expression, Index, Kind, Local, Scalar, Statement, Type};

/// How deep statements nest.
const DEPTH_LIMIT: usize = 4;

impl Generator {
    /// So many statements, or fewer if the budget ends.
    pub fn statements(&mut self, n: usize, depth: usize) -> Vec<Statement> {
        let mut statements = Vec::new();
        for _ in 0..n {
            if self.budget == 0 {
                break;
            }
            let made = self.statement(depth);
            statements.extend(made);
        }
        statements
    }

    fn statement(&mut self, depth: usize) -> Vec<Statement> {
        let is_shallow = depth < DEPTH_LIMIT;
        let mutable = self.visible().any(|variable| variable.mutable);
        if let Some(cells) = self.cells
            && self.random.chance(8)
        {
            return vec![self.touch_cell(cells, depth)];
        }
        if self.n_functions > 0
            && self.random.chance(18)
            && let Some(statements) = self.call_seen(depth)
        {
            return statements;
        }
        if self.random.chance(12)
            && let Some(store) = self.store_in_view(depth)
        {
            return vec![store];
        }
        match self.random.below(20) {
            0..5 => self.let_seen(depth),
            5 if self.random.chance(40) => vec![self.let_else(depth)],
            5 => vec![self.let_pattern(depth)],
            6 if is_shallow => self.let_deferred(depth),
            7..12 if mutable => vec![self.assign(depth)],
            12 if is_shallow => vec![self.if_statement(depth)],
            13 if is_shallow => vec![Statement::Expression(self.match_of(&Type::Unit, depth))],
            14..16 if is_shallow => self.loop_statement(depth),
            16 if !self.outputs.is_empty() => {
                let output = self.random.pick(&self.outputs).clone();
                vec![self.store_own(&output, depth)]
            }
            17 if depth > 0 => vec![self.leave(depth)],
            _ => vec![self.let_value(depth)],
        }
    }

    /// A variable whose value shows in the output.
    fn let_seen(&mut self, depth: usize) -> Vec<Statement> {
        let value = self.let_value(depth);
        self.seen(value)
    }

    /// A call of any function, whose result shows in the output.
    fn call_seen(&mut self, depth: usize) -> Option<Vec<Statement>> {
        let number = self.random.below(self.n_functions);
        let call = self.call_of(number, depth)?;
        let ty = call.ty.clone();
        if ty == Type::Unit {
            return Some(vec![Statement::Expression(call)]);
        }
        let mutable = self.random.chance(60);
        let local = self.declare(&ty, mutable);
        Some(self.seen(Statement::Let { local, ty, mutable, value: Some(call) }))
    }

    /// A statement, and what makes the variable that it declares show in the output.
    pub fn seen(&mut self, statement: Statement) -> Vec<Statement> {
        let mut statements = vec![statement];
        if let (Some(digest), Some(Variable { local, ty, .. })) =
            (self.digest_variable, self.scope.last().cloned())
        {
            statements.extend(self.mix(digest, local, &ty));
        }
        statements
    }

    /// `digest = digest.rotate_left(5) ^ value;`, for a scalar, or each lane of a vector or element of an array.
    pub fn mix(&mut self, digest: Local, local: Local, ty: &Type) -> Vec<Statement> {
        let value = Expression::local(local, ty.clone());
        let parts = match *ty {
            Type::Scalar(scalar) => vec![(value, scalar)],
            Type::Vector(lane, lanes) => {
                let lane_at = |at| {
                    Expression::scalar(Kind::Field(Box::new(Expression::local(local, ty.clone())), at), lane)
                };
                (0..lanes).map(|at| (lane_at(at), lane)).collect()
            }
            Type::Array(ref element, length) => {
                let Some(scalar) = element.scalar() else { return Vec::new() };
                let element_at = |at| {
                    let pair = Box::new([value.clone(), Expression::usize(at)]);
                    Expression::scalar(Kind::Element(pair, 0), scalar)
                };
                (0..length).map(|at| (element_at(at), scalar)).collect()
            }
            _ => Vec::new(),
        };
        parts.into_iter().map(|(value, scalar)| self.mix_scalar(digest, value, scalar)).collect()
    }

    fn mix_scalar(&mut self, digest: Local, value: Expression, scalar: Scalar) -> Statement {
        let place = || Expression::local(digest, Type::Scalar(Scalar::U64));
        let sites = (self.site(), self.site());
        let amount = Expression::literal(Scalar::U32, 5);
        let turned =
            Expression::scalar(Kind::Method("rotate_left", vec![place(), amount], sites.0), Scalar::U64);
        let pair = Box::new([turned, self.digest(value, scalar)]);
        let mixed = Expression::scalar(Kind::Binary(BinaryOperator::Xor, pair, sites.1), Scalar::U64);
        Statement::Expression(Expression::unit(Kind::Assign(Box::new([place(), mixed]))))
    }

    fn let_value(&mut self, depth: usize) -> Statement {
        let ty = self.ty();
        let value = Some(self.expression(&ty, depth));
        let mutable = self.random.chance(60);
        Statement::Let { local: self.declare(&ty, mutable), ty, mutable, value }
    }

    /// `let x; if .. { x = a; } else { x = b; }`
    fn let_deferred(&mut self, depth: usize) -> Vec<Statement> {
        let ty = Type::Scalar(self.scalar());
        let condition = self.scalar_expression(Scalar::Bool, depth + 1);
        let values = [self.expression(&ty, depth + 1), self.expression(&ty, depth + 1)];
        let local = self.declare(&ty, false);
        let [then, otherwise] = values.map(|value| {
            let pair = Box::new([Expression::local(local, ty.clone()), value]);
            let statements = vec![Statement::Expression(Expression::unit(Kind::Assign(pair)))];
            Block { statements, value: None }
        });
        let choice = Expression::unit(Kind::If(Box::new(condition), then, Some(otherwise)));
        vec![Statement::Let { local, ty, mutable: false, value: None }, Statement::Expression(choice)]
    }

    /// An assignment to a variable or to an element of one.
    fn assign(&mut self, depth: usize) -> Statement {
        if self.random.chance(30) {
            let ty = Type::Scalar(self.scalar());
            if let Some(place) = self.part_of_variable(&ty, true, depth + 1) {
                return Statement::Expression(self.assignment(place, depth));
            }
        }
        let variables: Vec<_> = self.visible().filter(|variable| variable.mutable).cloned().collect();
        let variable = self.random.pick(&variables).clone();
        let whole = Expression::local(variable.local, variable.ty.clone());
        let place = match &variable.ty {
            Type::Slice(element) => self.place_in(whole, element, 2, depth + 1),
            Type::Array(element, length) if self.random.chance(70) => {
                self.place_in(whole, element, *length, depth + 1)
            }
            _ => whole,
        };
        Statement::Expression(self.assignment(place, depth))
    }

    /// An element of a variable. The index of a place that a reference leads to must not go through the same reference.
    fn place_in(&mut self, whole: Expression, element: &Type, length: usize, depth: usize) -> Expression {
        let n_lent = self.lent.len();
        if let (Kind::Local(local), true) = (&whole.kind, self.in_function) {
            self.lent.push(*local);
        }
        let index = self.index_of_array(length, depth);
        self.lent.truncate(n_lent);
        let site = self.site();
        Expression::new(Kind::Element(Box::new([whole, index]), site), element.clone())
    }

    /// `place = ..` or `place op= ..`
    pub fn assignment(&mut self, place: Expression, depth: usize) -> Expression {
        use BinaryOperator::*;
        let ty = place.ty.clone();
        let operators: &[BinaryOperator] = match ty.scalar() {
            Some(Scalar::Bool) => &[And, Or, Xor],
            Some(scalar) if scalar.is_float() => &[Add, Subtract, Multiply, Divide, Remainder],
            Some(_) => &[Add, Subtract, Multiply, And, Or, Xor, ShiftLeft, ShiftRight, Divide, Remainder],
            None => match ty.vector() {
                Some((Scalar::Bool, _)) => &[And, Or, Xor],
                Some((lane, _)) if lane.is_float() => &[Add, Subtract, Multiply, Divide],
                Some(_) => &[Add, Subtract, Multiply, And, Or, Xor, ShiftLeft, ShiftRight],
                None => &[],
            },
        };
        if operators.is_empty() || self.random.chance(40) {
            let value = self.expression(&ty, depth);
            return Expression::unit(Kind::Assign(Box::new([place, value])));
        }
        let operator = *self.random.pick(operators);
        let value = match ty.scalar() {
            Some(scalar) if DIVISIONS.contains(&operator) => self.divisor(scalar, depth),
            _ => self.expression(&ty, depth),
        };
        let site = self.site();
        Expression::unit(Kind::AssignOperation(operator, Box::new([place, value]), site))
    }

    /// A store to the work-item's own element of an output; very seldom to one that does not exist.
    pub fn store_own(&mut self, (accessor, element): &(usize, Type), depth: usize) -> Statement {
        let site = self.site();
        let mut index = self.own_index();
        if self.random.chance(1)
            && let [length] = self.program.shape.extent()[..]
        {
            index = Index::At(vec![Expression::usize(length + self.random.below(3))]);
        }
        let place = Expression::new(Kind::Access(*accessor, index, site), element.clone());
        let place = self.part_of_place(place, depth);
        Statement::Expression(self.assignment(place, depth))
    }

    /// `tile[own] = ..`, and then perhaps a part of it alone.
    pub fn store_tile(&mut self, depth: usize) -> Vec<Statement> {
        let mut statements = Vec::new();
        if let Some(place) = self.own_of_tile() {
            let value = self.expression(&place.ty, depth);
            statements.push(Expression::unit(Kind::Assign(Box::new([place, value]))));
        }
        if self.random.chance(30)
            && let Some(place) = self.own_of_tile()
        {
            let part = self.part_of_place(place, depth);
            statements.push(self.assignment(part, depth));
        }
        statements.into_iter().map(Statement::Expression).collect()
    }

    fn if_statement(&mut self, depth: usize) -> Statement {
        let n_before = self.scope.len();
        let condition = self.condition(depth);
        let n = self.random.between(1, 4);
        let then = self.block_of(&Type::Unit, n, depth + 1);
        self.scope.truncate(n_before);
        let otherwise = self.random.chance(50).then(|| {
            let n = self.random.between(1, 3);
            self.block_of(&Type::Unit, n, depth + 1)
        });
        Statement::Expression(Expression::unit(Kind::If(Box::new(condition), then, otherwise)))
    }

    /// A way out, under a condition.
    fn leave(&mut self, depth: usize) -> Statement {
        let condition = self.scalar_expression(Scalar::Bool, depth);
        let Some(way) = self.way_out(depth) else { return self.let_value(depth) };
        let then = Block { statements: vec![way], value: None };
        Statement::Expression(Expression::unit(Kind::If(Box::new(condition), then, None)))
    }

    /// `let Some(x) = value else { .. }`
    fn let_else(&mut self, depth: usize) -> Statement {
        let Some(way) = self.way_out(depth) else { return self.let_pattern(depth) };
        let of = self.told_apart();
        let value = self.expression(&of, depth + 1);
        let n_statements = self.random.below(2);
        let mut otherwise = self.block_of(&Type::Unit, n_statements, depth + 1);
        otherwise.statements.push(way);
        let pattern = self.pattern(&of, true);
        Statement::LetElse { pattern, value, otherwise }
    }

    /// `break`, `continue` or `return`, if there is something to leave.
    fn way_out(&mut self, depth: usize) -> Option<Statement> {
        let target = (!self.loops.is_empty()).then(|| self.random.below(self.loops.len()));
        let kind = match (target, self.returns.clone()) {
            (Some(target), _) if self.random.chance(80) => {
                let (id, result) = (self.loops[target].id, self.loops[target].result.clone());
                match result {
                    _ if self.loops[target].repeats && self.random.chance(50) => Kind::Continue(id),
                    Type::Unit => Kind::Break(id, None),
                    other => Kind::Break(id, Some(Box::new(self.expression(&other, depth + 1)))),
                }
            }
            (_, Some(Type::Unit)) => Kind::Return(None),
            (_, Some(result)) => Kind::Return(Some(Box::new(self.expression(&result, depth + 1)))),
            (_, None) => return None,
        };
        Some(Statement::Expression(Expression::unit(kind)))
    }
}
