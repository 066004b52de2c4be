//! Random expressions that are more than operations: conditions, blocks, calls, loops with a value.

use super::{Generator, LoopFrame};
use crate::program::{
    BinaryOperator, Block, Expression, Kind, Local, LogicOperator, Scalar, Statement, Type,
};

impl Generator {
    /// An expression of a type that has statements or calls inside.
    pub fn compound(&mut self, ty: &Type, depth: usize) -> Expression {
        match self.random.below(11) {
            0 | 1 => self.call(ty, depth),
            9 | 10 if ty.scalar().is_some() => {
                let scalar = ty.scalar().unwrap_or(Scalar::Bool);
                self.ended(scalar, depth)
            }
            6 | 7 => self.match_of(ty, depth),
            8 => self.labelled(ty, depth),
            2 => {
                let n_statements = self.random.between(1, 3);
                Expression::new(Kind::Block(self.block_of(ty, n_statements, depth)), ty.clone())
            }
            3 if *ty != Type::Unit => self.loop_with_value(ty, depth),
            _ => {
                let n_before = self.scope.len();
                let condition = self.condition(depth);
                let n = self.random.below(3);
                let then = self.block_of(ty, n, depth);
                self.scope.truncate(n_before);
                let n = self.random.below(3);
                let otherwise = self.block_of(ty, n, depth);
                Expression::new(Kind::If(Box::new(condition), then, Some(otherwise)), ty.clone())
            }
        }
    }

    /// `'l1: { .. }`, which `break 'l1 value` leaves.
    fn labelled(&mut self, ty: &Type, depth: usize) -> Expression {
        let id = self.new_loop();
        self.loops.push(LoopFrame { id, result: ty.clone(), repeats: false });
        let n_statements = self.random.between(1, 4);
        let block = self.block_of(ty, n_statements, depth + 1);
        self.loops.pop();
        Expression::new(Kind::Labelled(id, block), ty.clone())
    }

    /// A block of a type, with a scope of its own.
    pub fn block_of(&mut self, ty: &Type, n_statements: usize, depth: usize) -> Block {
        let n_before = self.scope.len();
        let statements = self.statements(n_statements, depth);
        let value = (*ty != Type::Unit).then(|| Box::new(self.expression(ty, depth)));
        self.scope.truncate(n_before);
        Block { statements, value }
    }

    /// A counter that ends a loop after a few rounds: its declaration, whether it is over, and its step.
    pub fn fuel(&mut self) -> (Statement, Expression, Statement) {
        let ty = Type::Scalar(Scalar::U32);
        let local: Local = self.new_local();
        let limit = self.random.between(1, 5) as u64;
        let counter = || Expression::local(local, ty.clone());
        let zero = Expression::literal(Scalar::U32, 0);
        let declaration = Statement::Let { local, ty: ty.clone(), mutable: true, value: Some(zero) };
        let pair = Box::new([counter(), Expression::literal(Scalar::U32, limit)]);
        let site = self.site();
        let lasts = Expression::scalar(Kind::Binary(BinaryOperator::Less, pair, site), Scalar::Bool);
        let site = self.site();
        let pair = Box::new([counter(), Expression::literal(Scalar::U32, 1)]);
        let step = Expression::unit(Kind::AssignOperation(BinaryOperator::Add, pair, site));
        (declaration, lasts, Statement::Expression(step))
    }

    /// `{ let mut rounds = 0; loop { if !(rounds < n) { break value; } rounds += 1; .. } }`
    fn loop_with_value(&mut self, ty: &Type, depth: usize) -> Expression {
        let (declaration, lasts, step) = self.fuel();
        let id = self.new_loop();
        let last = self.expression(ty, depth + 1);
        self.loops.push(LoopFrame { id, result: ty.clone(), repeats: true });
        let n_statements = self.random.between(1, 3);
        let body = self.block_of(&Type::Unit, n_statements, depth + 1);
        self.loops.pop();
        let over = Expression::scalar(
            Kind::Unary(crate::program::UnaryOperator::Not, Box::new(lasts)),
            Scalar::Bool,
        );
        let leave = Statement::Expression(Expression::unit(Kind::Break(id, Some(Box::new(last)))));
        let leave = Kind::If(Box::new(over), Block { statements: vec![leave], value: None }, None);
        let mut statements = vec![Statement::Expression(Expression::unit(leave)), step];
        statements.extend(body.statements);
        let endless = Kind::Loop(id, Block { statements, value: None });
        let value = Some(Box::new(Expression::new(endless, ty.clone())));
        Expression::new(Kind::Block(Block { statements: vec![declaration], value }), ty.clone())
    }

    /// A loop as a statement.
    pub fn loop_statement(&mut self, depth: usize) -> Vec<Statement> {
        match self.random.below(5) {
            0 => self.while_loop(depth),
            1 => {
                let unit = self.endless_loop(depth);
                vec![unit]
            }
            2 => vec![self.for_each(depth)],
            _ => vec![self.for_loop(depth)],
        }
    }

    pub fn loop_body(&mut self, id: u16, depth: usize) -> Block {
        self.loops.push(LoopFrame { id, result: Type::Unit, repeats: true });
        let n_statements = self.random.between(1, 4);
        let body = self.block_of(&Type::Unit, n_statements, depth + 1);
        self.loops.pop();
        body
    }

    fn while_loop(&mut self, depth: usize) -> Vec<Statement> {
        let (declaration, lasts, step) = self.fuel();
        let id = self.new_loop();
        let n_before = self.scope.len();
        let condition = self.condition(depth + 1);
        let both = Kind::Logic(LogicOperator::And, Box::new([lasts, condition]));
        let mut body = self.loop_body(id, depth);
        self.scope.truncate(n_before);
        body.statements.insert(0, step);
        let condition = Expression::scalar(both, Scalar::Bool);
        let whole = Expression::unit(Kind::While(id, Box::new(condition), body));
        vec![declaration, Statement::Expression(whole)]
    }

    /// A `loop` in a block of its own with its counter.
    fn endless_loop(&mut self, depth: usize) -> Statement {
        let (declaration, lasts, step) = self.fuel();
        let id = self.new_loop();
        let mut body = self.loop_body(id, depth);
        let leave = Statement::Expression(Expression::unit(Kind::Break(id, None)));
        let run = Block { statements: vec![step], value: None };
        let leave = Block { statements: vec![leave], value: None };
        let head = Kind::If(Box::new(lasts), run, Some(leave));
        body.statements.insert(0, Statement::Expression(Expression::unit(head)));
        let whole = Statement::Expression(Expression::unit(Kind::Loop(id, body)));
        let block = Block { statements: vec![declaration, whole], value: None };
        Statement::Expression(Expression::unit(Kind::Block(block)))
    }

    fn for_loop(&mut self, depth: usize) -> Statement {
        let mut scalar = self.scalar();
        if !scalar.is_integer() {
            scalar = Scalar::Usize;
        }
        let inclusive = self.random.chance(30);
        let bounds = Box::new(self.bounds(scalar, depth));
        let id = self.new_loop();
        let n_before = self.scope.len();
        let local = self.declare(&Type::Scalar(scalar), false);
        let body = self.loop_body(id, depth);
        self.scope.truncate(n_before);
        Statement::Expression(Expression::unit(Kind::For { id, local, bounds, inclusive, body }))
    }

    /// A start and an end not far from it; sometimes at the largest value there is.
    fn bounds(&mut self, scalar: Scalar, depth: usize) -> [Expression; 2] {
        let largest = if scalar.is_signed() { scalar.mask() >> 1 } else { scalar.mask() };
        if self.random.chance(15) {
            let start = largest - self.random.below(4) as u64;
            return [Expression::literal(scalar, start), Expression::literal(scalar, largest)];
        }
        let start = Expression::literal(scalar, self.random.below(3) as u64);
        if self.random.chance(50) {
            return [start, Expression::literal(scalar, self.random.below(6) as u64)];
        }
        let any = self.scalar_expression(scalar, depth + 1);
        let site = self.site();
        let pair = Box::new([any, Expression::literal(scalar, 5)]);
        [start, Expression::scalar(Kind::Binary(BinaryOperator::Remainder, pair, site), scalar)]
    }
}
