//! Loops: counted ones, and ones that go on while a variable is changed.

use super::{Known, Maker};
use crate::footprints::evaluate::number;
use crate::footprints::program::{
    Adaptor, BinaryOperator, Capture, Captured, Expression, Kind, LoopId, Scalar, Statement,
};

impl Maker<'_> {
    pub fn loop_id(&mut self) -> LoopId {
        self.program.n_loops += 1;
        self.program.n_loops - 1
    }

    /// The statements of a loop that knows a value.
    fn body(&mut self, id: LoopId, known: Known, depth: usize) -> Vec<Statement> {
        self.scoped(|maker| {
            maker.known.push(known);
            maker.loops.push(id);
            let body = maker.statements(depth);
            maker.loops.pop();
            body
        })
    }

    /// `for v in a..b { .. }`
    pub fn counted(&mut self, depth: usize) -> Vec<Statement> {
        if self.goes_far && self.random.chance(8) {
            return self.far(depth);
        }
        let (id, local) = (self.loop_id(), self.local());
        let scalar = match self.random.chance(85) {
            true => Scalar::Usize,
            false => *self.random.pick(&[Scalar::U32, Scalar::I32, Scalar::U64, Scalar::U8]),
        };
        let (start, end, inclusive, below) = self.range();
        let bounds = Box::new([start.cast(scalar), end.cast(scalar)]);
        let adaptors = self.adaptors();
        let known = Known { value: Expression::local(local, scalar).cast(Scalar::Usize), below };
        let body = self.body(id, known, depth);
        vec![Statement::For { id, local, bounds, inclusive, adaptors, body }]
    }

    /// First, end, whether the end belongs to it, and what all stay below.
    fn range(&mut self) -> (Expression, Expression, bool, u64) {
        let zero = Expression::usize(0);
        let accessor = self.random.below(self.program.accessors.len());
        let side = self.random.below(self.program.accessors[accessor].extent.len());
        let extent = self.program.accessors[accessor].extent[side] as u64;
        let length = match self.random.chance(50) {
            true => Expression::extent(accessor, side),
            false => self.number(extent),
        };
        let one = Expression::usize(1);
        let known = self.any();
        match self.random.below(12) {
            0..=3 => (zero, length, false, extent),
            4 => {
                let n = self.random.between(1, 9) as u64;
                (zero, self.number(n), false, n)
            }
            5 => {
                let last = Expression::binary(BinaryOperator::Subtract, length, one);
                (zero, last, true, extent)
            }
            6 => (one, length, false, extent),
            7 => {
                let last = Expression::binary(BinaryOperator::Subtract, length, one.clone());
                (one, last, false, extent.saturating_sub(1))
            }
            8 => (zero, known.value, self.random.chance(40), known.below + 1),
            9 => (known.value, length, false, extent),
            10 => {
                let next = Expression::binary(BinaryOperator::Add, known.value, one);
                (next, length, false, extent)
            }
            _ => {
                let low = Expression::method("saturating_sub", vec![known.value.clone(), one.clone()]);
                let high = Expression::binary(BinaryOperator::Add, known.value, Expression::usize(2));
                (low, Expression::method("min", vec![high, length]), false, extent)
            }
        }
    }

    fn adaptors(&mut self) -> Vec<Adaptor> {
        let mut adaptors = Vec::new();
        while self.random.chance(if adaptors.is_empty() { 25 } else { 20 }) {
            let n = self.random.between(1, 5) as u64;
            adaptors.push(match self.random.below(5) {
                0 | 1 => Adaptor::Reverse,
                2 | 3 => {
                    let step = self.number(n);
                    Adaptor::StepBy(step, self.site())
                }
                _ if self.random.chance(50) => Adaptor::Skip(self.number(n)),
                _ => Adaptor::Take(self.number(n)),
            });
        }
        adaptors
    }

    /// `for v in (a..b).step_by(s) { .. }` where `s` leads as far as numbers go, or nearly so: in a few turns.
    fn far(&mut self, depth: usize) -> Vec<Statement> {
        let (id, local) = (self.loop_id(), self.local());
        let scalar = *self.random.pick(&[
            Scalar::Usize,
            Scalar::Usize,
            Scalar::Usize,
            Scalar::U32,
            Scalar::I64,
            Scalar::U8,
        ]);
        let (length, step) = self.length_and_step(scalar);
        let first = scalar.minimum_bits() & if scalar.is_signed() { u64::MAX } else { 0 };
        let room = scalar.mask() - length;
        let near = self.random.below(4) as u64;
        // As close to the first number of the type as to the last.
        let start = first.wrapping_add(if self.random.chance(50) {
            near.min(room)
        } else {
            room.saturating_sub(near)
        });
        let [start, end] = [start, start.wrapping_add(length)].map(|bound| self.at_launch(scalar, bound));
        let step = self.at_launch(Scalar::Usize, step);
        let mut adaptors = vec![Adaptor::StepBy(step, self.site())];
        if self.random.chance(20) {
            adaptors.insert(self.random.below(2), Adaptor::Reverse);
        }
        let variable = Expression::local(local, scalar);
        let way = Expression::binary(BinaryOperator::Subtract, variable, start.clone()).cast(Scalar::Usize);
        let body = self.body(id, Known { value: way, below: length.max(1) }, depth);
        let inclusive = self.random.chance(15);
        vec![Statement::For { id, local, bounds: Box::new([start, end]), inclusive, adaptors, body }]
    }

    /// How many numbers of a type to go through, and in what steps.
    fn length_and_step(&mut self, scalar: Scalar) -> (u64, u64) {
        let (few, more) = (self.random.below(6) as u64, self.random.between(1, 5) as u64);
        let some = scalar.mask() / (more + 1);
        let length = *self.random.pick(&[few, few, few, some, scalar.mask() - some, scalar.mask()]);
        // From the largest step that is no more than a number away from the end to what only just is.
        let around = (u64::MAX - length).wrapping_add(self.random.below(7) as u64).wrapping_sub(3);
        let step = match self.random.below(6) {
            0 => u64::MAX - few,
            1 => (length / more).wrapping_add(few).wrapping_sub(2),
            2 => more,
            _ => around,
        };
        (length, if length / 16 > step { around.max(length / more) } else { step })
    }

    /// A number of a type that is known at launch, now and then by way of what the work-item knows.
    fn at_launch(&mut self, scalar: Scalar, bits: u64) -> Expression {
        let bits = bits & scalar.mask();
        match self.random.below(10) {
            0..=3 => Expression::literal(scalar, bits),
            4..=7 => {
                let local = self.local();
                self.program.captures.push(Capture { local, scalar, value: Captured::Number(bits) });
                Expression::local(local, scalar)
            }
            8 => self.number(number(scalar, bits) as u64).cast(scalar),
            _ => {
                let known = self.any().value.cast(scalar);
                let operator = *self.random.pick(&[BinaryOperator::Add, BinaryOperator::Subtract]);
                Expression::binary(operator, Expression::literal(scalar, bits), known)
            }
        }
    }

    /// A loop around a variable that changes until it is through.
    pub fn turning(&mut self, depth: usize) -> Vec<Statement> {
        match self.random.below(5) {
            0 => self.halving(depth),
            1 => self.striding(depth),
            2 => self.descending(depth),
            3 => self.searching(),
            _ => self.doubling(depth),
        }
    }

    fn while_loop(
        &mut self,
        first: Expression,
        condition: impl FnOnce(Expression) -> Expression,
        change: (BinaryOperator, Expression),
        (below, depth): (u64, usize),
    ) -> Vec<Statement> {
        let (id, local) = (self.loop_id(), self.local());
        let variable = Expression::local(local, Scalar::Usize);
        let mut body = self.body(id, Known { value: variable.clone(), below }, depth);
        let update = Statement::Update(local, change.0, change.1, 0);
        match self.random.chance(20) {
            true => body.insert(0, update),
            false => body.push(update),
        }
        vec![
            Statement::Let { local, mutable: true, value: first },
            Statement::While { id, condition: condition(variable), body },
        ]
    }

    /// `let mut s = n / 2; while s > 0 { ..; s /= 2; }`, as reductions have it.
    fn halving(&mut self, depth: usize) -> Vec<Statement> {
        let known = self.any();
        let first = self.number(known.below / 2);
        let change = match self.random.chance(50) {
            true => (BinaryOperator::Divide, Expression::usize(2)),
            false => (BinaryOperator::ShiftRight, Expression::usize(1)),
        };
        let is_left = |s| Expression::binary(BinaryOperator::Greater, s, Expression::usize(0));
        self.while_loop(first, is_left, change, (known.below / 2 + 1, depth))
    }

    /// `let mut k = x; while k < n { ..; k += stride; }`
    fn striding(&mut self, depth: usize) -> Vec<Statement> {
        let first = self.any();
        let n = self.program.accessors[0].extent[0] as u64;
        let length = self.number(n);
        let stride = match self.random.chance(50) {
            true => Expression::usize(self.random.between(1, 4) as u64),
            false => self.number(first.below.max(1)),
        };
        let is_left = |k| Expression::binary(BinaryOperator::Less, k, length);
        self.while_loop(first.value, is_left, (BinaryOperator::Add, stride), (n, depth))
    }

    /// `let mut k = n; while k > 0 { k -= 1; .. }`
    fn descending(&mut self, depth: usize) -> Vec<Statement> {
        let known = self.any();
        let first = if self.random.chance(50) { known.value } else { self.number(known.below) };
        let (id, local) = (self.loop_id(), self.local());
        let variable = || Expression::local(local, Scalar::Usize);
        let is_left = Expression::binary(BinaryOperator::Greater, variable(), Expression::usize(0));
        let mut body = vec![Statement::Update(local, BinaryOperator::Subtract, Expression::usize(1), 0)];
        body.extend(self.body(id, Known { value: variable(), below: known.below }, depth));
        vec![
            Statement::Let { local, mutable: true, value: first },
            Statement::While { id, condition: is_left, body },
        ]
    }

    /// `let mut d = 1; while d < n { ..; d *= 2; }`, as scans have it.
    fn doubling(&mut self, depth: usize) -> Vec<Statement> {
        let known = self.any();
        let length = self.number(known.below);
        let is_left = |d| Expression::binary(BinaryOperator::Less, d, length);
        let change = match self.random.chance(50) {
            true => (BinaryOperator::Multiply, Expression::usize(2)),
            false => (BinaryOperator::ShiftLeft, Expression::usize(1)),
        };
        self.while_loop(Expression::usize(1), is_left, change, (known.below, depth))
    }

    /// A binary search.
    fn searching(&mut self) -> Vec<Statement> {
        let Some(accessor) = self.sorted_input() else { return self.descending(0) };
        let n = self.program.accessors[accessor].extent[0] as u64;
        let (id, low, high) = (self.loop_id(), self.local(), self.local());
        let of = |local| Expression::local(local, Scalar::Usize);
        let sum = match self.random.chance(50) {
            true => Expression::binary(BinaryOperator::Add, of(low), of(high)),
            false => {
                let half = Expression::binary(BinaryOperator::Subtract, of(high), of(low));
                let half = Expression::binary(BinaryOperator::Divide, half, Expression::usize(2));
                Expression::binary(BinaryOperator::Add, of(low), half)
            }
        };
        let middle = match &sum.kind {
            Kind::Binary(_, pair, _) if pair[1] == of(high) => {
                Expression::binary(BinaryOperator::Divide, sum, Expression::usize(2))
            }
            _ => sum,
        };
        let end = self.number(n);
        let mid = self.local();
        let element = self.read(accessor, of(mid));
        let is_less = Expression::binary(BinaryOperator::Less, element, self.any().value);
        let next = Expression::binary(BinaryOperator::Add, of(mid), Expression::usize(1));
        let body = vec![
            Statement::Let { local: mid, mutable: false, value: middle },
            Statement::If(
                is_less,
                vec![Statement::Assign(low, next)],
                vec![Statement::Assign(high, of(mid))],
            ),
        ];
        vec![
            Statement::Let { local: low, mutable: true, value: Expression::usize(0) },
            Statement::Let { local: high, mutable: true, value: end },
            Statement::While {
                id,
                condition: Expression::binary(BinaryOperator::Less, of(low), of(high)),
                body,
            },
        ]
    }
}
