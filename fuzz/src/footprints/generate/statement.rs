//! Statements: accesses, and the conditions around them.

use super::Maker;
use crate::footprints::program::{
    BinaryOperator, Expression, Index, Kind, LogicOperator, Role, Scalar, Statement, Way,
};

impl Maker<'_> {
    /// Some statements in a scope of their own, with so many more levels of blocks at most.
    pub fn statements(&mut self, depth: usize) -> Vec<Statement> {
        self.scoped(|maker| {
            let n = maker.random.between(1, 4);
            (0..n).flat_map(|_| maker.some(depth)).collect()
        })
    }

    fn some(&mut self, depth: usize) -> Vec<Statement> {
        let kinds = if depth == 0 { 9 } else { 18 };
        match self.random.below(kinds) {
            0..=5 => self.access(),
            6 => self.part(),
            7 => self.named(),
            8 if self.random.chance(50) => self.changed(),
            8 => self.change(),
            9..=10 => self.condition(depth - 1),
            11..=15 => self.counted(depth - 1),
            _ => self.turning(depth - 1),
        }
    }

    /// An access, with what must hold around it.
    fn access(&mut self) -> Vec<Statement> {
        let (statement, guards) = self.bare_access();
        self.guarded_by(guards, statement)
    }

    fn bare_access(&mut self) -> (Statement, Vec<Expression>) {
        let n_arrays = self.arrays.len();
        if n_arrays > 0 && self.random.chance(20) {
            return self.access_to_array();
        }
        if self.random.chance(15)
            && let Some((call, guards)) = self.read_by_call()
        {
            return (Statement::Sum(call), guards);
        }
        let accessor = self.random.below(self.program.accessors.len());
        let (index, guards) = self.index(accessor);
        let site = self.site();
        let reads = match self.program.accessors[accessor].role {
            Role::Input => true,
            Role::Output => false,
            Role::Tile => self.random.chance(50),
        };
        let statement = match reads {
            true => {
                let scalar = self.program.accessors[accessor].scalar;
                Statement::Sum(Expression::new(Kind::Load(accessor, index, site), scalar))
            }
            false => Statement::Store { accessor, index, way: self.way(), site },
        };
        if let Statement::Sum(load) = &statement
            && self.random.chance(15)
            && !guards.is_empty()
        {
            return (Statement::Sum(chosen(guards, load.clone())), Vec::new());
        }
        (statement, guards)
    }

    fn way(&mut self) -> Way {
        *self.random.pick(&[Way::Set, Way::Set, Way::Or, Way::Atomic])
    }

    /// A slice and an element of it, or a row.
    fn part(&mut self) -> Vec<Statement> {
        let inputs = self.accessors(Role::Input);
        let accessor = *self.random.pick(&inputs);
        match self.program.accessors[accessor].extent.len() {
            1 => self.slice(accessor),
            2 => self.row(accessor),
            _ => self.access(),
        }
    }

    fn slice(&mut self, accessor: usize) -> Vec<Statement> {
        let extent = self.program.accessors[accessor].extent[0] as u64;
        let length = Expression::extent(accessor, 0);
        let window = self.any().below.min(extent);
        let start = self.component((extent + 1).saturating_sub(window), &length);
        let end = match self.random.chance(60) {
            true => Expression::binary(BinaryOperator::Add, start.value.clone(), self.number(window)),
            false => length,
        };
        let (local, site) = (self.local(), self.site());
        let slice = Statement::Slice { local, accessor, bounds: Box::new([start.value, end]), site };
        let at = self.component(window, &Expression::new(Kind::Length(local), Scalar::Usize));
        let element = Kind::OfSlice(local, Box::new(at.value), self.site());
        let scalar = self.program.accessors[accessor].scalar;
        let read = self.guarded_by(at.guards, Statement::Sum(Expression::new(element, scalar)));
        // An element belongs where its slice is.
        match start.guards.is_empty() {
            true => [vec![slice], read].concat(),
            false => vec![Statement::If(all(start.guards), [vec![slice], read].concat(), Vec::new())],
        }
    }

    fn row(&mut self, accessor: usize) -> Vec<Statement> {
        let extent = self.program.accessors[accessor].extent[0] as u64;
        let made = self.component(extent, &Expression::extent(accessor, 0));
        let (id, local, site) = (self.loop_id(), self.local(), self.site());
        let row = Statement::Row { id, local, accessor, row: made.value, site };
        self.guarded_by(made.guards, row)
    }

    fn access_to_array(&mut self) -> (Statement, Vec<Expression>) {
        let (array, scalar, length, is_mutable) = *self.random.pick(&self.arrays);
        let made = self.component(length as u64, &Expression::usize(length as u64));
        let site = self.site();
        let statement = match is_mutable && self.random.chance(50) {
            true => {
                let value = Expression::literal(scalar, self.random.below(9) as u64);
                Statement::StoreElement { array, length, index: made.value, value, site }
            }
            false => {
                let element = Kind::Element(array, length, Box::new(made.value), site);
                Statement::Sum(Expression::new(element, scalar))
            }
        };
        (statement, made.guards)
    }

    /// A statement that is only reached where the conditions hold.
    fn guarded_by(&mut self, guards: Vec<Expression>, statement: Statement) -> Vec<Statement> {
        if guards.is_empty() || self.random.chance(4) {
            return vec![statement];
        }
        match self.random.below(10) {
            0..=4 => vec![Statement::If(all(guards), vec![statement], Vec::new())],
            5 => {
                let nested = guards.into_iter().rev();
                nested.fold(vec![statement], |inner, guard| vec![Statement::If(guard, inner, Vec::new())])
            }
            6 => vec![Statement::If(any_not(guards), Vec::new(), vec![statement])],
            7 => {
                let site = self.site();
                vec![Statement::Assert(all(guards), site), statement]
            }
            _ => {
                let leave = self.leave();
                vec![Statement::If(any_not(guards), vec![leave], Vec::new()), statement]
            }
        }
    }

    /// A way out of here.
    fn leave(&mut self) -> Statement {
        if self.loops.is_empty() || self.random.chance(15) {
            return Statement::Return(None);
        }
        let near = self.loops[self.loops.len() - 1];
        match self.random.below(5) {
            0 => Statement::Break(near),
            1 => Statement::Continue(*self.random.pick(&self.loops)),
            _ => Statement::Continue(near),
        }
    }

    /// `let v = index;` and a use of it.
    fn named(&mut self) -> Vec<Statement> {
        let accessor = self.random.below(self.program.accessors.len());
        let extent = self.program.accessors[accessor].extent[0];
        let made = self.component(extent as u64, &Expression::extent(accessor, 0));
        let mut statements = Vec::new();
        if !made.guards.is_empty() && self.random.chance(70) {
            let leave = self.leave();
            statements.push(Statement::If(any_not(made.guards), vec![leave], Vec::new()));
        }
        statements.push(self.name(made.value, extent as u64));
        statements.extend(self.access());
        statements
    }

    /// A variable that a branch changes, and a use of it.
    fn changed(&mut self) -> Vec<Statement> {
        let (first, other) = (self.any(), self.any());
        let local = self.local();
        let condition = self.comparison();
        let value = match self.random.below(4) {
            0 => Expression::binary(BinaryOperator::Subtract, first.value.clone(), Expression::usize(1)),
            1 => Expression::binary(BinaryOperator::Divide, first.value.clone(), Expression::usize(2)),
            _ => other.value.clone(),
        };
        let change = match self.random.chance(30) {
            true => Statement::Update(local, BinaryOperator::Add, self.number(1), 0),
            false => Statement::Assign(local, value),
        };
        let otherwise = match self.random.chance(25) {
            true => vec![Statement::Assign(local, self.any().value)],
            false => Vec::new(),
        };
        self.know(Expression::local(local, Scalar::Usize), first.below.max(other.below));
        let mut statements = vec![
            Statement::Let { local, mutable: true, value: first.value },
            Statement::If(condition, vec![change], otherwise),
        ];
        statements.extend(self.access());
        statements
    }

    /// A new variable, or a change of one that is in scope: also one from outside of a loop or a branch.
    fn change(&mut self) -> Vec<Statement> {
        let known = self.any();
        if self.changing.is_empty() || self.random.chance(25) {
            let local = self.local();
            self.changing.push(local);
            self.know(Expression::local(local, Scalar::Usize), known.below);
            return vec![Statement::Let { local, mutable: true, value: known.value }];
        }
        let local = *self.random.pick(&self.changing);
        let own = Expression::local(local, Scalar::Usize);
        let small = Expression::usize(self.random.between(1, 4) as u64);
        let length = self.number(known.below);
        let change = match self.random.below(9) {
            0 | 1 => Statement::Update(local, BinaryOperator::Add, small, 0),
            2 => Statement::Update(local, BinaryOperator::Subtract, small, 0),
            3 => Statement::Update(local, BinaryOperator::Divide, small, 0),
            4 => Statement::Update(local, BinaryOperator::Remainder, length, 0),
            5 => Statement::Assign(local, Expression::method("min", vec![own, known.value])),
            6 => Statement::Assign(local, Expression::method("saturating_sub", vec![own, small])),
            _ => Statement::Assign(local, known.value),
        };
        match self.random.below(3) {
            0 => vec![change],
            1 => vec![Statement::If(self.comparison(), vec![change], Vec::new())],
            _ => {
                let own = Expression::local(local, Scalar::Usize);
                let room = Expression::binary(BinaryOperator::Less, own, self.number(known.below));
                vec![Statement::If(room, vec![change], Vec::new())]
            }
        }
    }

    fn condition(&mut self, depth: usize) -> Vec<Statement> {
        let condition = self.comparison();
        let then = self.statements(depth);
        let otherwise = if self.random.chance(40) { self.statements(depth) } else { Vec::new() };
        vec![Statement::If(condition, then, otherwise)]
    }

    /// A comparison of what is known here.
    pub fn comparison(&mut self) -> Expression {
        use BinaryOperator::*;
        let (left, right) = (self.any(), self.any());
        let operator =
            *self.random.pick(&[Less, Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual]);
        let right = match self.random.below(3) {
            0 => self.number(left.below),
            1 => Expression::usize(self.random.below(5) as u64),
            _ => right.value,
        };
        let simple = Expression::binary(operator, left.value, right);
        match self.random.below(8) {
            0 => simple.not(),
            1 => {
                let other = self.comparison();
                Expression::logic(LogicOperator::And, simple, other)
            }
            2 => {
                let other = self.comparison();
                Expression::logic(LogicOperator::Or, simple, other)
            }
            _ => simple,
        }
    }

    /// An input of one dimension, and an index into it.
    pub fn sorted_input(&mut self) -> Option<usize> {
        let inputs = self.accessors(Role::Input);
        inputs.into_iter().find(|accessor| self.program.accessors[*accessor].extent.len() == 1)
    }

    /// `a[index] as usize`
    pub fn read(&mut self, accessor: usize, index: Expression) -> Expression {
        let site = self.site();
        let scalar = self.program.accessors[accessor].scalar;
        Expression::new(Kind::Load(accessor, Index::At(vec![index]), site), scalar).cast(Scalar::Usize)
    }
}

/// All of them hold.
fn all(guards: Vec<Expression>) -> Expression {
    let joined = guards.into_iter().reduce(|left, right| Expression::logic(LogicOperator::And, left, right));
    joined.unwrap_or_else(|| Expression::literal(Scalar::Bool, 1))
}

/// One of them does not hold.
fn any_not(guards: Vec<Expression>) -> Expression {
    let negated = guards.into_iter().map(negated);
    let joined = negated.reduce(|left, right| Expression::logic(LogicOperator::Or, left, right));
    joined.unwrap_or_else(|| Expression::literal(Scalar::Bool, 0))
}

/// `if all { value } else { 0 }`
fn chosen(guards: Vec<Expression>, value: Expression) -> Expression {
    let scalar = value.scalar;
    let parts = [all(guards), value, Expression::literal(scalar, 0)];
    Expression::new(Kind::Select(Box::new(parts)), scalar)
}

/// The opposite, as one would write it.
fn negated(condition: Expression) -> Expression {
    use BinaryOperator::*;
    let Kind::Binary(operator, pair, _) = &condition.kind else { return condition.not() };
    let opposite = match operator {
        Less => GreaterOrEqual,
        LessOrEqual => Greater,
        Greater => LessOrEqual,
        GreaterOrEqual => Less,
        Equal => NotEqual,
        NotEqual => Equal,
        _ => return condition.not(),
    };
    let [left, right] = (**pair).clone();
    Expression::binary(opposite, left, right)
}
