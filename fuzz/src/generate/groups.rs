//! Random phases of work-groups: what work-items do together, and the barriers between.

use super::Generator;
use crate::program::{
    BinaryOperator, Block, Combination, Expression, Group, Kind, LoopId, Scalar, Statement, Type,
    UnaryOperator, Way,
};

const fn group(method: &'static str, way: Way, combination: Combination) -> Group {
    Group { method, way, combination, is_of_sub_group: false }
}

/// What groups do together.
const GROUPS: [Group; 9] = [
    group("reduce_sum", Way::Reduce, Combination::Operator(BinaryOperator::Add)),
    group("reduce_product", Way::Reduce, Combination::Operator(BinaryOperator::Multiply)),
    group("reduce_min", Way::Reduce, Combination::Method("min")),
    group("reduce_max", Way::Reduce, Combination::Method("max")),
    group("reduce_xor", Way::Reduce, Combination::Operator(BinaryOperator::Xor)),
    group("inclusive_scan_sum", Way::Inclusive, Combination::Operator(BinaryOperator::Add)),
    group("inclusive_scan_and", Way::Inclusive, Combination::Operator(BinaryOperator::And)),
    group("exclusive_scan_sum", Way::Exclusive, Combination::Operator(BinaryOperator::Add)),
    group("exclusive_scan_max", Way::Exclusive, Combination::Method("max")),
];

impl Generator {
    /// Rounds of: everybody writes its own element of local memory, everybody may read all.
    pub fn phases(&mut self, n_rounds: usize) -> Vec<Statement> {
        let mut body = Vec::new();
        let barrier = || Statement::Expression(Expression::unit(Kind::Barrier));
        for _ in 0..n_rounds {
            let n_statements = self.random.between(1, 4);
            body.extend(self.statements(n_statements, 0));
            if self.random.chance(50) {
                body.push(self.group_operation());
            }
            body.extend(self.store_tile(0));
            body.push(barrier());
            if self.random.chance(30)
                && let Some(statements) = self.touch_tile(1)
            {
                body.extend(statements);
                body.push(barrier());
            }
            self.tile_is_shared = true;
            let n_statements = self.random.between(1, 4);
            body.extend(self.statements(n_statements, 0));
            self.tile_is_shared = false;
            body.push(barrier());
            if n_rounds > 1 && self.random.chance(40) {
                body.extend(self.uniform_phases());
            }
        }
        body
    }

    /// `let x = it.group().reduce_sum(..);`
    fn group_operation(&mut self) -> Statement {
        let group = Group { is_of_sub_group: self.random.chance(40), ..*self.random.pick(&GROUPS) };
        let is_of_floats =
            !matches!(group.combination, Combination::Operator(BinaryOperator::Xor | BinaryOperator::And));
        let scalar = self.scalar_that(|it| it.is_integer() || is_of_floats && it.is_float());
        let ty = Type::Scalar(scalar);
        let value = Box::new(self.expression(&ty, 2));
        let value = Some(Expression::new(Kind::Group(group, value), ty.clone()));
        Statement::Let { local: self.declare(&ty, true), ty, mutable: true, value }
    }

    /// Rounds inside of a loop or a condition that all work-items of a group go through alike.
    fn uniform_phases(&mut self) -> Vec<Statement> {
        let n_before = self.scope.len();
        let statements = match self.random.below(6) {
            0..3 => vec![self.uniform_if()],
            3 => vec![self.uniform_for()],
            4 => self.uniform_while(),
            _ => self.uniform_loop(),
        };
        self.scope.truncate(n_before);
        statements
    }

    fn uniform_condition(&mut self) -> Expression {
        self.uniform = true;
        let condition = self.expression(&Type::Scalar(Scalar::Bool), 2);
        self.uniform = false;
        condition
    }

    fn rounds(&mut self) -> Block {
        let n_before = self.scope.len();
        let statements = self.phases(1);
        self.scope.truncate(n_before);
        Block { statements, value: None }
    }

    fn uniform_if(&mut self) -> Statement {
        let condition = Box::new(self.uniform_condition());
        let then = self.rounds();
        let otherwise = self.random.chance(30).then(|| self.rounds());
        Statement::Expression(Expression::unit(Kind::If(condition, then, otherwise)))
    }

    fn uniform_for(&mut self) -> Statement {
        let end = self.random.between(1, 4) as u64;
        let bounds = Box::new([Expression::literal(Scalar::U32, 0), Expression::literal(Scalar::U32, end)]);
        let id = self.new_loop();
        let local = self.declare(&Type::Scalar(Scalar::U32), false);
        let body = self.uniform_body(id, local, Vec::new());
        Statement::Expression(Expression::unit(Kind::For { id, local, bounds, inclusive: false, body }))
    }

    /// `while rounds < n && .. { rounds += 1; .. }`
    fn uniform_while(&mut self) -> Vec<Statement> {
        let (declaration, mut lasts, step) = self.fuel();
        let Statement::Let { local, .. } = declaration else { return Vec::new() };
        if self.random.chance(40) {
            let pair = Box::new([lasts, self.uniform_condition()]);
            lasts = Expression::scalar(Kind::Logic(crate::program::LogicOperator::And, pair), Scalar::Bool);
        }
        let id = self.new_loop();
        let body = self.uniform_body(id, local, vec![step]);
        vec![declaration, Statement::Expression(Expression::unit(Kind::While(id, Box::new(lasts), body)))]
    }

    /// `loop { if !(rounds < n) { break; } rounds += 1; .. }`, or the other way round.
    fn uniform_loop(&mut self) -> Vec<Statement> {
        let (declaration, lasts, step) = self.fuel();
        let Statement::Let { local, .. } = declaration else { return Vec::new() };
        let id = self.new_loop();
        let over = Expression::scalar(Kind::Unary(UnaryOperator::Not, Box::new(lasts)), Scalar::Bool);
        let leave = leave_if(over, Kind::Break(id, None));
        let is_first = self.random.chance(50);
        let mut body = self.uniform_body(id, local, vec![step]);
        let at = if is_first { 0 } else { body.statements.len() };
        body.statements.insert(at, leave);
        vec![declaration, Statement::Expression(Expression::unit(Kind::Loop(id, body)))]
    }

    /// What a loop with barriers does after `first`; sometimes all work-items leave it, or go on with its next round, half-way.
    fn uniform_body(&mut self, id: LoopId, counter: crate::program::Local, first: Vec<Statement>) -> Block {
        self.uniform_locals.push(counter);
        let n_before = self.scope.len();
        let mut statements = first;
        statements.extend(self.phases(1));
        if self.random.chance(30) {
            // Without the counter's step `continue` would be for ever, so it stands in front.
            let way = if self.random.chance(50) { Kind::Break(id, None) } else { Kind::Continue(id) };
            let counter = Expression::local(counter, Type::Scalar(Scalar::U32));
            let one = Expression::literal(Scalar::U32, self.random.below(3) as u64);
            let site = self.site();
            let compared = Kind::Binary(BinaryOperator::Equal, Box::new([counter, one]), site);
            statements.push(leave_if(Expression::scalar(compared, Scalar::Bool), way));
            statements.extend(self.phases(1));
        }
        self.scope.truncate(n_before);
        self.uniform_locals.pop();
        Block { statements, value: None }
    }
}

/// `if condition { way }`
fn leave_if(condition: Expression, way: Kind) -> Statement {
    let then = Block { statements: vec![Statement::Expression(Expression::unit(way))], value: None };
    Statement::Expression(Expression::unit(Kind::If(Box::new(condition), then, None)))
}
