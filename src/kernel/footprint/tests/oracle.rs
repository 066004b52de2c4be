//! One work-item of a lowered kernel, run statement by statement: what is claimed of all must be true of it.

use crate::kernel::argument::Argument;
use crate::kernel::footprint::launch::{integer, limits};
use crate::kernel::lower::Module;
use crate::kernel::lower::ir::*;
use crate::kernel::source::Content;
use crate::kernel::tree::{BinaryOperator, LogicOperator, UnaryOperator};
use crate::kernel::types::{Scalar, Type};

/// An index that is not below its length.
pub struct Failed {
    pub number: usize,
    pub index: i128,
    pub length: i128,
}

pub struct Oracle<'m> {
    module: &'m Module,
    arguments: &'m [Argument],
    item: usize,
    values: Vec<i128>,
    /// What loads give.
    state: u64,
    steps: usize,
    pub failed: Vec<Failed>,
    /// What it read and wrote.
    pub reads: Vec<Element>,
    pub writes: Vec<Element>,
    /// Whether a check failed that is in the code, or a loop was left alone.
    pub is_cut_short: bool,
    /// The steps and ends of loops of which the sum is no number of their counter's type.
    pub beyond: Vec<(i128, i128)>,
}

/// An element of a captured accessor.
pub type Element = (usize, i128);

/// How a statement ends.
#[derive(PartialEq)]
enum End {
    Next,
    Break(usize),
    Continue(usize),
    Return,
}

impl<'m> Oracle<'m> {
    pub fn new(module: &'m Module, arguments: &'m [Argument], item: usize, seed: u64) -> Self {
        let values = vec![0; module.kernel.variables.len()];
        let state = seed ^ (item as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Oracle {
            module,
            arguments,
            item,
            values,
            state,
            steps: 1000,
            failed: Vec::new(),
            reads: Vec::new(),
            writes: Vec::new(),
            is_cut_short: false,
            beyond: Vec::new(),
        }
    }

    pub fn run(&mut self) {
        self.code(&self.module.kernel.body);
    }

    fn code(&mut self, code: &[Statement]) -> End {
        for statement in code {
            // A loop without an end is left alone.
            self.steps = self.steps.saturating_sub(1);
            if self.steps == 0 {
                self.is_cut_short = true;
                return End::Return;
            }
            let end = self.statement(statement);
            if end != End::Next {
                return end;
            }
        }
        End::Next
    }

    fn statement(&mut self, statement: &Statement) -> End {
        match statement {
            Statement::Line(_) | Statement::Declare(_, None) => {}
            Statement::Trap { halts: false, .. } => self.is_cut_short = true,
            Statement::Declare(variable, Some(value)) => self.values[*variable] = self.value(value),
            Statement::Store(place, value) => {
                let value = self.value(value);
                match &place.root {
                    Root::Variable(variable) => self.values[*variable] = value,
                    Root::Element(accessor, index) => {
                        let element = self.element(*accessor, index);
                        self.writes.extend(element);
                    }
                }
            }
            Statement::Evaluate(value) => _ = self.value(value),
            Statement::If(condition, then, otherwise) => {
                let branch = if self.value(condition) != 0 { then } else { otherwise };
                return self.code(branch);
            }
            Statement::Loop { head, body, number, .. } => return self.repetition(head, body, *number),
            Statement::Block { body, number, .. } => match self.code(body) {
                End::Break(target) if target == *number => {}
                end => return end,
            },
            Statement::Break(number, _) => return End::Break(*number),
            Statement::Continue(number, _) => return End::Continue(*number),
            Statement::Return(_) | Statement::Trap { .. } => return End::Return,
            other => panic!("not for random kernels: {other:?}"),
        }
        End::Next
    }

    fn repetition(&mut self, head: &Head, body: &[Statement], number: usize) -> End {
        let mut counter = match head {
            Head::Count { start, .. } => self.value(start),
            _ => 0,
        };
        self.look_beyond(head);
        loop {
            let goes_on = match head {
                Head::Forever => true,
                Head::While(condition) => self.value(condition) != 0,
                Head::Count { variable, end, inclusive, .. } => {
                    self.values[*variable] = counter;
                    counter < self.value(end) + i128::from(*inclusive)
                }
            };
            if !goes_on {
                return End::Next;
            }
            match self.code(body) {
                End::Next => {}
                End::Continue(target) if target == number => {}
                End::Break(target) if target == number => return End::Next,
                end => return end,
            }
            counter += match head {
                Head::Count { step, .. } => self.value(step),
                _ => 1,
            };
        }
    }

    /// What [`Head::Count`] asks of its step.
    fn look_beyond(&mut self, head: &Head) {
        let Head::Count { variable, step, end, .. } = head else { return };
        let (step, end) = (self.value(step), self.value(end));
        let Type::Scalar(scalar) = self.module.kernel.variables[*variable].ty else { return };
        if step > 1 && wrapped(step + end, scalar) != step + end {
            self.beyond.push((step, end));
        }
    }

    fn value(&mut self, value: &Value) -> i128 {
        let scalar = match value.ty {
            Type::Scalar(scalar) => scalar,
            _ => Scalar::Usize,
        };
        match &value.node {
            Node::Unit | Node::Zero => 0,
            Node::Variable(variable) => self.values[*variable],
            Node::Literal(bits) => integer(scalar, *bits).unwrap(),
            Node::Parameter(Content::Value(argument)) => match &self.arguments[*argument] {
                Argument::Value(bytes) => {
                    let bits = bytes.iter().rev().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
                    integer(scalar, bits).unwrap()
                }
                other => panic!("{other:?}"),
            },
            Node::Query(Query::GlobalId(0)) => self.item as i128,
            Node::Extent(accessor, 0) => match &self.arguments[*accessor] {
                Argument::Global { view, .. } => view.extent[0] as i128,
                other => panic!("{other:?}"),
            },
            Node::Unary(operator, inner) => {
                let inner = self.value(inner);
                match operator {
                    UnaryOperator::Negate => wrapped(-inner, scalar),
                    UnaryOperator::Not if scalar == Scalar::Bool => 1 - inner,
                    UnaryOperator::Not => wrapped(-inner - 1, scalar),
                }
            }
            Node::Binary(operator, pair) => {
                let (left, right) = (self.value(&pair[0]), self.value(&pair[1]));
                combined(*operator, left, right, scalar)
            }
            Node::Logic(operator, pair) => {
                let left = self.value(&pair[0]) != 0;
                let needs_right = left == (*operator == LogicOperator::And);
                i128::from(if needs_right { self.value(&pair[1]) != 0 } else { left })
            }
            Node::Select(three) => {
                let chosen = if self.value(&three[0]) != 0 { &three[1] } else { &three[2] };
                self.value(chosen)
            }
            Node::Cast(inner) => {
                let inner = self.value(inner);
                wrapped(inner, scalar)
            }
            Node::Method(method, operands) => {
                let operands: Vec<i128> = operands.iter().map(|operand| self.value(operand)).collect();
                called(method.name, &operands, scalar)
            }
            _ => self.memory_or_mark(value, scalar),
        }
    }

    fn element(&mut self, accessor: AccessorId, index: &[Value]) -> Option<Element> {
        let index: Vec<i128> = index.iter().map(|index| self.value(index)).collect();
        Some((self.module.kernel.accessors[accessor].argument?, *index.first()?))
    }

    fn memory_or_mark(&mut self, value: &Value, scalar: Scalar) -> i128 {
        match &value.node {
            Node::Below(number, pair) => {
                let (index, length) = (self.value(&pair[0]), self.value(&pair[1]));
                if index >= length {
                    self.failed.push(Failed { number: *number, index, length });
                }
                index
            }
            Node::Divisor(number, inner) => {
                let divisor = self.value(inner);
                if divisor == 0 || divisor == -1 {
                    self.failed.push(Failed { number: *number, index: divisor, length: 0 });
                }
                divisor
            }
            Node::Load(accessor, index) => {
                let element = self.element(*accessor, index);
                self.reads.extend(element);
                self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_041);
                // Small ones and large ones.
                let bits = self.state >> 33;
                wrapped(i128::from(if bits & 1 == 0 { bits >> 20 } else { bits << 17 }), scalar)
            }
            other => panic!("not for random kernels: {other:?}"),
        }
    }
}

fn wrapped(number: i128, scalar: Scalar) -> i128 {
    integer(scalar, number as u64).unwrap()
}

fn combined(operator: BinaryOperator, left: i128, right: i128, scalar: Scalar) -> i128 {
    use BinaryOperator::*;
    let amount = right & (i128::from(scalar.bits()) - 1);
    let flag = |holds: bool| i128::from(holds);
    let result = match operator {
        Add => left + right,
        Subtract => left - right,
        Multiply => left.wrapping_mul(right),
        // In a work-item that has failed anything goes.
        Divide | Remainder if right == 0 => 0,
        Divide => left / right,
        Remainder => left % right,
        And => left & right,
        Or => left | right,
        Xor => left ^ right,
        ShiftLeft => left << amount,
        ShiftRight => left >> amount,
        Equal => return flag(left == right),
        NotEqual => return flag(left != right),
        Less => return flag(left < right),
        LessOrEqual => return flag(left <= right),
        Greater => return flag(left > right),
        GreaterOrEqual => return flag(left >= right),
    };
    wrapped(result, scalar)
}

fn called(name: &str, operands: &[i128], scalar: Scalar) -> i128 {
    let limits = limits(scalar);
    let saturated = |number: i128| number.clamp(limits.least.pinned(), limits.most.pinned());
    match (name, operands) {
        ("min", [x, y]) => *x.min(y),
        ("max", [x, y]) => *x.max(y),
        ("clamp", [x, low, _]) if x < low => *low,
        ("clamp", [x, _, high]) => *x.min(high),
        ("saturating_sub", [x, y]) => saturated(x - y),
        ("saturating_add", [x, y]) => saturated(x + y),
        ("abs_diff", [x, y]) => (x - y).abs(),
        ("count_ones", [x]) => i128::from((*x as u64 & scalar.mask()).count_ones()),
        ("midpoint", [x, y]) => (x + y) >> 1,
        ("wrapping_abs", [x]) => wrapped(x.abs(), scalar),
        ("unsigned_abs", [x]) => x.abs(),
        ("rem_euclid", [x, y]) => x.rem_euclid(*y),
        ("div_euclid", [x, y]) => x.div_euclid(*y),
        _ => panic!("not for random kernels: {name}"),
    }
}
