//! Random phases of work-groups: what work-items do together, and the barriers between.

use super::Generator;
use crate::program::{
    Action, BinaryOperator, Block, Combination, Expression, Group, Kind, LoopId, SUB_GROUP, Scalar,
    Statement, Type, UnaryOperator, Way,
};

const fn group(method: &'static str, way: Way, combination: Combination) -> Group {
    Group { method, action: Action::Combine(way, combination), is_of_sub_group: false }
}

const fn of_sub_group(method: &'static str, action: Action) -> Group {
    Group { method, action, is_of_sub_group: true }
}

/// What groups make of the values of all.
const COMBINATIONS: [Group; 9] = [
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

/// What work-items pass on to each other.
const EXCHANGES: [Group; 6] = [
    Group { method: "broadcast", action: Action::Exchange, is_of_sub_group: false },
    of_sub_group("broadcast", Action::Exchange),
    of_sub_group("shuffle", Action::Exchange),
    of_sub_group("shuffle_xor", Action::Exchange),
    of_sub_group("shuffle_up", Action::Exchange),
    of_sub_group("shuffle_down", Action::Exchange),
];

/// What they ask each other; sub-groups also for the `ballot`.
const QUESTIONS: [&str; 3] = ["any_of", "all_of", "none_of"];

/// At most so many combinations and questions are in a kernel: each is a loop of barriers, and four of them took PoCL's compiler a minute.
const MOST_COMBINATIONS: usize = 2;

impl Generator {
    /// Rounds of: everybody writes its own element of local memory, everybody may read all.
    pub fn phases(&mut self, n_rounds: usize) -> Vec<Statement> {
        let mut body = Vec::new();
        let barrier = || Statement::Expression(Expression::unit(Kind::Barrier));
        for _ in 0..n_rounds {
            let n_statements = self.random.between(1, 4);
            body.extend(self.statements(n_statements, 0));
            if self.random.chance(50) {
                body.extend(self.group_operation());
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
    fn group_operation(&mut self) -> Vec<Statement> {
        let combines = self.n_combinations < MOST_COMBINATIONS && self.random.chance(60);
        self.n_combinations += usize::from(combines);
        let (group, operands, ty) = match combines {
            true if self.random.chance(30) => self.question(),
            true => self.combination(),
            false => self.exchange(),
        };
        let site = self.site();
        let value = Some(Expression::new(Kind::Group(group, operands, site), ty.clone()));
        let operation = Statement::Let { local: self.declare(&ty, true), ty, mutable: true, value };
        self.seen(operation)
    }

    fn combination(&mut self) -> (Group, Vec<Expression>, Type) {
        let group = Group { is_of_sub_group: self.random.chance(40), ..*self.random.pick(&COMBINATIONS) };
        let is_of_floats = !matches!(
            group.action,
            Action::Combine(_, Combination::Operator(BinaryOperator::Xor | BinaryOperator::And))
        );
        let scalar = self.scalar_that(|it| it.is_integer() || is_of_floats && it.is_float());
        let ty = Type::Scalar(scalar);
        (group, vec![self.expression(&ty, 2)], ty)
    }

    /// `it.sub_group().shuffle(value, number)`, where the number is nearly always of a work-item.
    fn exchange(&mut self) -> (Group, Vec<Expression>, Type) {
        let (group, ty) = (*self.random.pick(&EXCHANGES), self.ty());
        let n_items =
            self.program.shape.group().min(if group.is_of_sub_group { SUB_GROUP } else { usize::MAX });
        let number = match self.random.chance(10) && group.method != "broadcast" {
            true => self.expression(&Type::Scalar(Scalar::Usize), 2),
            false => self.index(n_items, 2),
        };
        (group, vec![self.expression(&ty, 2), number], ty)
    }

    fn question(&mut self) -> (Group, Vec<Expression>, Type) {
        let condition = self.expression(&Type::Scalar(Scalar::Bool), 2);
        if self.random.chance(40) {
            let ballot = of_sub_group("ballot", Action::Ask);
            return (ballot, vec![condition], Type::Scalar(Scalar::U64));
        }
        let (method, is_of_sub_group) = (*self.random.pick(&QUESTIONS), self.random.chance(40));
        let group = Group { method, action: Action::Ask, is_of_sub_group };
        (group, vec![condition], Type::Scalar(Scalar::Bool))
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
