//! Random kernels of integers, with many indices that may be out of range.

use crate::kernel::Argument;
use crate::kernel::testing::*;
use crate::kernel::tree::*;
use crate::kernel::types::{AccessMode, Scalar};

/// The types of the numbers that are captured.
const CAPTURED: [Scalar; 3] = [Scalar::Usize, Scalar::U32, Scalar::I32];
const SCALARS: [Scalar; 6] =
    [Scalar::Usize, Scalar::Usize, Scalar::U32, Scalar::I32, Scalar::I64, Scalar::U8];

pub struct Random {
    state: u64,
    sketch: Sketch,
    /// What can be read, and whether it can be assigned.
    names: Vec<(LocalRef, Scalar, bool)>,
    accessors: [LocalRef; 2],
    loops: Vec<LoopRef>,
    n_loops: LoopRef,
    pub n_accesses: usize,
}

impl Random {
    pub fn new(seed: u64) -> Self {
        Random {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1,
            sketch: Sketch::new(),
            names: Vec::new(),
            accessors: [0; 2],
            loops: Vec::new(),
            n_loops: 0,
            n_accesses: 0,
        }
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % end
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A captured number: mostly small.
    pub fn argument(&mut self, position: usize) -> Argument {
        let number = match self.below(10) {
            0 => u64::MAX - self.below(3) as u64,
            1 => 1 << self.below(64),
            _ => self.below(40) as u64,
        };
        let n_bytes = CAPTURED[position].bits() as usize / 8;
        Argument::Value(number.to_le_bytes().into_iter().take(n_bytes).collect())
    }

    pub fn kernel(&mut self) -> Sketched {
        for name in 0..2 {
            let ty = global(Scalar::U32, 1, AccessMode::ReadWrite);
            self.accessors[name] = self.sketch.capture(["a", "b"][name], ty);
        }
        for (name, ty) in ["n", "m", "d"].into_iter().zip(CAPTURED) {
            let local = self.sketch.capture(name, scalar(ty));
            self.names.push((local, ty, false));
        }
        let (item, i) = self.sketch.bind("i", scalar(Scalar::Usize), false);
        self.names.push((i, Scalar::Usize, false));
        let mut statements = Vec::new();
        for name in ["x", "y", "z"] {
            let ty = self.pick(&SCALARS);
            let value = self.number(ty, 2);
            let (statement, local) = self.sketch.let_(name, scalar(ty), true, value);
            self.names.push((local, ty, true));
            statements.push(statement);
        }
        statements.extend(self.statements(4, 3));
        std::mem::replace(&mut self.sketch, Sketch::new())
            .kernel((item, scalar(Scalar::Usize)), block(statements))
    }

    fn statements(&mut self, most: usize, depth: usize) -> Vec<Statement> {
        let known = self.names.len();
        let count = self.below(most) + 1;
        let statements = (0..count).map(|_| self.statement(depth)).collect();
        self.names.truncate(known);
        statements
    }

    fn statement(&mut self, depth: usize) -> Statement {
        match self.below(if depth == 0 { 6 } else { 13 }) {
            0..3 => {
                let value = self.number(Scalar::U32, 2);
                let place = self.element(2);
                assign(place, value)
            }
            3 => {
                let ty = self.pick(&SCALARS);
                let value = self.number(ty, 2);
                let (statement, local) = self.sketch.let_("t", scalar(ty), false, value);
                self.names.push((local, ty, false));
                statement
            }
            4 | 5 => self.assignment(),
            6..9 => {
                let condition = self.condition(2);
                let then = self.inner(depth);
                let otherwise = (self.below(2) == 0).then(|| braces(self.inner(depth)));
                run(if_(condition, then, otherwise))
            }
            9 | 10 => self.counted(depth),
            11 => {
                let condition = self.condition(1);
                let id = self.enter();
                let body = self.inner(depth);
                self.loops.pop();
                run(while_(id, condition, body))
            }
            _ => {
                let condition = self.condition(1);
                let leave = match self.loops.last().copied() {
                    Some(id) if self.below(3) > 0 => {
                        if self.below(2) == 0 {
                            break_(id, None)
                        } else {
                            continue_(id)
                        }
                    }
                    _ => return_(None),
                };
                run(if_(condition, block(vec![run(leave)]), None))
            }
        }
    }

    fn inner(&mut self, depth: usize) -> Block {
        block(self.statements(3, depth - 1))
    }

    fn enter(&mut self) -> LoopRef {
        self.n_loops += 1;
        self.loops.push(self.n_loops);
        self.n_loops
    }

    fn assignment(&mut self) -> Statement {
        let mutable: Vec<_> = self.names.iter().filter(|name| name.2).copied().collect();
        let (local, ty, _) = self.pick(&mutable);
        let value = match self.below(3) {
            0 => self.number(ty, 2),
            _ => {
                let operator = self.pick(&[
                    BinaryOperator::Add,
                    BinaryOperator::Add,
                    BinaryOperator::Subtract,
                    BinaryOperator::Divide,
                    BinaryOperator::ShiftRight,
                    BinaryOperator::Multiply,
                ]);
                let step = self.constant(ty, 4);
                binary(operator, get(local), step)
            }
        };
        assign(get(local), value)
    }

    fn counted(&mut self, depth: usize) -> Statement {
        if self.below(3) == 0 {
            return self.stepped(depth);
        }
        let ty = self.pick(&[Scalar::Usize, Scalar::Usize, Scalar::U32, Scalar::I32]);
        let [start, end] = [self.below(4) == 0, self.below(5) > 0].map(|is_any| match is_any {
            true => self.number(ty, 1),
            false => self.constant(ty, 12),
        });
        let witness = self.sketch.ty(scalar(ty));
        let (pattern, counter) = self.sketch.bind("k", scalar(ty), false);
        let id = self.enter();
        let known = self.names.len();
        self.names.push((counter, ty, false));
        let body = self.inner(depth);
        self.names.truncate(known);
        self.loops.pop();
        let [start, end] = [start, end].map(|end| &*Box::leak(Box::new(end)));
        let inclusive = self.below(4) == 0;
        run(at(ExpressionKind::For { id, pattern, start, end, inclusive, ty: witness, body }))
    }

    /// `for k in (start..end).step_by(step)`, often from one end of the numbers to the other.
    fn stepped(&mut self, depth: usize) -> Statement {
        let ty = self.pick(&[Scalar::Usize, Scalar::Usize, Scalar::Usize, Scalar::U32, Scalar::I64]);
        let witness = self.sketch.ty(scalar(ty));
        let [start, end, step] = self.bounds_and_step(ty).map(|number| &*Box::leak(Box::new(number)));
        let (pattern, counter) = self.sketch.bind("k", scalar(ty), false);
        let id = self.enter();
        let known = self.names.len();
        self.names.push((counter, ty, false));
        let body = self.inner(depth);
        self.names.truncate(known);
        self.loops.pop();
        let source = Source::Range { start, end, inclusive: self.below(6) == 0, ty: witness };
        let adaptors = Box::leak(Box::new([Adaptor::StepBy(step, site("k"))]));
        let sequence = Sequence { source, adaptors };
        run(at(ExpressionKind::ForEach { id, pattern, sequence, body }))
    }

    /// The ends of a range, and a step through it.
    fn bounds_and_step(&mut self, ty: Scalar) -> [Expression; 3] {
        if self.below(3) == 0 {
            return [ty, ty, Scalar::Usize].map(|ty| self.near_a_bound(ty));
        }
        // A few numbers behind any one, and a step with which the sum of both is about the largest.
        let (local, own, _) = self.pick(&self.names.clone());
        let [start, first] = [(); 2].map(|()| match own == ty {
            true => get(local),
            false => self.sketch.cast(get(local), ty),
        });
        let (n, less) = (self.below(6) as i128, self.below(6) as i128);
        let end = binary(BinaryOperator::Add, first, self.sketch.integer(ty, n));
        [start, end, self.sketch.integer(Scalar::Usize, i128::from(u64::MAX) - less)]
    }

    /// A number close to the largest or to the smallest of a type, or any other.
    fn near_a_bound(&mut self, ty: Scalar) -> Expression {
        let largest = i128::from(ty.mask() >> u32::from(ty.is_signed()));
        match self.below(6) {
            0 => self.number(ty, 1),
            1 => {
                let largest = self.sketch.integer(ty, largest);
                binary(BinaryOperator::Subtract, largest, self.number(ty, 1))
            }
            2 | 3 => {
                let less = self.below(12) as i128;
                self.sketch.integer(ty, largest - less)
            }
            _ => self.constant(ty, 6),
        }
    }

    fn element(&mut self, depth: usize) -> Expression {
        self.n_accesses += 1;
        let accessor = self.pick(&self.accessors.clone());
        let place = self.number(Scalar::Usize, depth);
        index(get(accessor), place)
    }

    fn condition(&mut self, depth: usize) -> Expression {
        if depth > 0 {
            match self.below(6) {
                0 => return logic(LogicOperator::And, self.condition(depth - 1), self.condition(depth - 1)),
                1 => return logic(LogicOperator::Or, self.condition(depth - 1), self.condition(depth - 1)),
                2 => return unary(UnaryOperator::Not, self.condition(depth - 1)),
                _ => {}
            }
        }
        use BinaryOperator::*;
        let operator = self.pick(&[Less, Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual]);
        let ty = self.pick(&SCALARS);
        let left = self.number(ty, 1);
        let right = match (self.below(3), ty) {
            (0, Scalar::Usize) => self.length(),
            _ => self.number(ty, 1),
        };
        binary(operator, left, right)
    }

    fn length(&mut self) -> Expression {
        let accessor = self.pick(&self.accessors.clone());
        method(get(accessor), "size", vec![])
    }

    fn constant(&mut self, ty: Scalar, end: usize) -> Expression {
        let number = match self.below(40) {
            0 => i128::from(ty.mask() >> u32::from(ty.is_signed())) - self.below(2) as i128,
            _ => self.below(end) as i128,
        };
        self.sketch.integer(ty, number)
    }

    fn number(&mut self, ty: Scalar, depth: usize) -> Expression {
        if depth == 0 || self.below(3) == 0 {
            return self.leaf(ty);
        }
        use BinaryOperator::*;
        match self.below(16) {
            0..6 => {
                let operator = self.pick(&[Add, Add, Add, Subtract, Subtract, Multiply]);
                binary(operator, self.number(ty, depth - 1), self.number(ty, depth - 1))
            }
            6 | 7 => {
                let operator = self.pick(&[Divide, Remainder, And, Or, Xor, ShiftLeft, ShiftRight]);
                binary(operator, self.number(ty, depth - 1), self.number(ty, depth - 1))
            }
            8..11 => {
                let operator = self.pick(&[Divide, Remainder, Remainder, And, ShiftRight, ShiftLeft, Xor]);
                let right = self.constant(ty, 9);
                binary(operator, self.number(ty, depth - 1), right)
            }
            11 | 12 => {
                let names = ["min", "max", "saturating_sub", "saturating_add", "wrapping_sub"];
                let name = self.pick(&names);
                method(self.number(ty, depth - 1), name, vec![self.number(ty, depth - 1)])
            }
            13 => {
                let (low, high) = (self.constant(ty, 5), self.constant(ty, 50));
                method(self.number(ty, depth - 1), "clamp", vec![low, high])
            }
            14 => {
                let condition = self.condition(1);
                let (yes, no) = (self.number(ty, depth - 1), self.number(ty, depth - 1));
                if_(condition, giving(vec![], yes), Some(braces(giving(vec![], no))))
            }
            _ if ty == Scalar::Usize || ty == Scalar::U32 || ty == Scalar::U8 => {
                let name = self.pick(&["abs_diff", "midpoint"]);
                method(self.number(ty, depth - 1), name, vec![self.number(ty, depth - 1)])
            }
            _ => unary(UnaryOperator::Negate, self.number(ty, depth - 1)),
        }
    }

    fn leaf(&mut self, ty: Scalar) -> Expression {
        match self.below(8) {
            0 => self.constant(ty, 30),
            1 if ty == Scalar::Usize => self.length(),
            1 if ty == Scalar::U32 => self.element(1),
            _ => {
                let (local, own, _) = self.pick(&self.names.clone());
                if own == ty { get(local) } else { self.sketch.cast(get(local), ty) }
            }
        }
    }
}
