//! Spoils a program a little: an index that is off by one, the wrong extent, the wrong condition, another type.

use super::program::{
    Adaptor, BinaryOperator, Captured, Expression, Kind, LogicOperator, Program, Query, Role, Scalar,
    Statement, UnaryOperator,
};
use super::visit::InFunction;
use crate::random::Random;

/// Of a hundred programs so many stay as they are made.
const SPARED: usize = 25;

/// Changes some places, or none.
pub fn mutate(program: &mut Program, random: &mut Random) {
    if random.chance(SPARED) {
        return;
    }
    for _ in 0..random.between(1, 6) {
        match random.below(10) {
            0..=5 => change_expression(program, random),
            6 | 7 => change_statement(program, random),
            _ => change_launch(program, random),
        }
    }
}

fn change_expression(program: &mut Program, random: &mut Random) {
    let mut n = 0;
    program.each_expression(&mut |_, _| n += 1);
    if n == 0 {
        return;
    }
    let mut left = random.below(n);
    let surroundings = Surroundings::of(program);
    program.each_expression(&mut |expression, place| {
        if left == 0 {
            *expression = surroundings.changed(expression.clone(), place, random);
        }
        left = left.wrapping_sub(1);
    });
}

/// What may stand anywhere in the kernel.
struct Surroundings {
    values: Vec<Expression>,
}

impl Surroundings {
    fn of(program: &Program) -> Self {
        let mut values = Vec::new();
        for (number, accessor) in program.accessors.iter().enumerate() {
            values.extend((0..accessor.extent.len()).map(|dimension| Expression::extent(number, dimension)));
        }
        for capture in &program.captures {
            if matches!(capture.value, Captured::Number(_)) {
                values.push(Expression::local(capture.local, capture.scalar));
            }
        }
        let dimensions = 0..program.shape.n_dimensions();
        values.extend(dimensions.map(|dimension| Expression::query(Query::Global, dimension)));
        Surroundings { values }
    }

    fn changed(&self, expression: Expression, place: InFunction, random: &mut Random) -> Expression {
        let scalar = expression.scalar;
        if scalar == Scalar::Bool {
            return changed_condition(expression, random);
        }
        let fitting: Vec<&Expression> = self.values.iter().filter(|value| value.scalar == scalar).collect();
        let other =
            (!fitting.is_empty() && place == InFunction(false)).then(|| (*random.pick(&fitting)).clone());
        let one = Expression::literal(scalar, 1);
        match (random.below(8), expression.kind.clone()) {
            (0 | 1, Kind::Literal(bits)) => {
                let near = [bits.wrapping_add(1), bits.wrapping_sub(1), bits.wrapping_mul(2), u64::MAX];
                Expression::literal(scalar, *random.pick(&near))
            }
            (0..=3, Kind::Binary(operator, pair, site)) => {
                let [left, right] = *pair;
                let (operator, pair) = match random.chance(40) {
                    true => (operator, [right, left]),
                    false => (other_operator(operator, random), [left, right]),
                };
                Expression::new(Kind::Binary(operator, Box::new(pair), site), scalar)
            }
            (0..=3, Kind::Method(name, operands)) => {
                Expression::new(Kind::Method(other_method(name), operands), scalar)
            }
            (4, _) => Expression::binary(BinaryOperator::Add, expression, one),
            (5, _) => Expression::binary(BinaryOperator::Subtract, expression, one),
            (6, _) => {
                let through = *random.pick(&[Scalar::U8, Scalar::I32, Scalar::U32, Scalar::I8, Scalar::I64]);
                let narrowed = Expression::new(Kind::Cast(Box::new(expression)), through);
                narrowed.cast(scalar)
            }
            (_, _) => other.unwrap_or(expression),
        }
    }
}

fn changed_condition(expression: Expression, random: &mut Random) -> Expression {
    use BinaryOperator::*;
    match expression.kind {
        Kind::Binary(operator, pair, site) => {
            let [left, right] = *pair;
            let (operator, pair) = match random.below(4) {
                0 => (operator, [right, left]),
                _ => (
                    *random.pick(&[Less, LessOrEqual, Greater, GreaterOrEqual, Equal, NotEqual]),
                    [left, right],
                ),
            };
            Expression::new(Kind::Binary(operator, Box::new(pair), site), Scalar::Bool)
        }
        Kind::Logic(operator, pair) => {
            let [left, right] = *pair;
            match random.below(3) {
                0 => left,
                1 => right,
                _ => {
                    let is_and = operator == LogicOperator::And;
                    Expression::logic(
                        if is_and { LogicOperator::Or } else { LogicOperator::And },
                        left,
                        right,
                    )
                }
            }
        }
        Kind::Unary(UnaryOperator::Not, inner) => *inner,
        _ => expression.not(),
    }
}

fn other_operator(operator: BinaryOperator, random: &mut Random) -> BinaryOperator {
    use BinaryOperator::*;
    let others: &[BinaryOperator] = match operator {
        Add => &[Subtract, Or, Xor],
        Subtract => &[Add, Xor],
        Multiply => &[Add, ShiftLeft],
        Divide => &[Remainder, ShiftRight],
        Remainder => &[Divide, And],
        ShiftRight => &[ShiftLeft, Divide],
        And => &[Or, Xor, Remainder],
        _ => &[And, Add],
    };
    *random.pick(others)
}

fn other_method(name: &'static str) -> &'static str {
    match name {
        "min" => "max",
        "max" => "min",
        "saturating_sub" => "wrapping_sub",
        "wrapping_sub" => "saturating_sub",
        "wrapping_add" => "saturating_add",
        other => other,
    }
}

fn change_statement(program: &mut Program, random: &mut Random) {
    let mut n = 0;
    program.each_block(&mut |block| n += block.len());
    if n == 0 {
        return;
    }
    let wanted = random.below(n);
    let mut seen = 0;
    program.each_block(&mut |block| {
        if (seen..seen + block.len()).contains(&wanted) {
            change_in(block, wanted - seen, random);
        }
        seen += block.len();
    });
}

fn change_in(block: &mut Vec<Statement>, position: usize, random: &mut Random) {
    match &mut block[position] {
        Statement::If(condition, then, otherwise) => match random.below(3) {
            0 => std::mem::swap(then, otherwise),
            1 => *condition = condition.clone().not(),
            _ => {
                let then = std::mem::take(then);
                block.splice(position..=position, then);
            }
        },
        Statement::For { inclusive, adaptors, .. } => match random.below(3) {
            0 => adaptors.push(Adaptor::Reverse),
            1 if !adaptors.is_empty() => {
                adaptors.pop();
            }
            _ => *inclusive = !*inclusive,
        },
        Statement::Assert(..) | Statement::Continue(_) | Statement::Return(None) | Statement::Assign(..) => {
            block.remove(position);
        }
        Statement::Update(_, operator, ..) => {
            *operator = match operator {
                BinaryOperator::Add => BinaryOperator::Subtract,
                BinaryOperator::Divide => BinaryOperator::ShiftRight,
                _ => BinaryOperator::Add,
            };
        }
        _ => {}
    }
}

fn change_launch(program: &mut Program, random: &mut Random) {
    if !program.captures.is_empty() && random.chance(50) {
        let which = random.below(program.captures.len());
        let capture = &mut program.captures[which];
        if let Captured::Number(bits) | Captured::Specialized(bits) = &mut capture.value {
            let near = [
                bits.wrapping_add(1),
                bits.wrapping_sub(1),
                u64::MAX,
                0,
                *bits | capture.scalar.minimum_bits(),
            ];
            *bits = *random.pick(&near) & capture.scalar.mask();
        }
        return;
    }
    let accessor = random.below(program.accessors.len());
    let dimension = random.below(program.accessors[accessor].extent.len());
    let extent = program.accessors[accessor].extent[dimension];
    let extent = if random.chance(70) { extent.saturating_sub(1) } else { extent + 1 };
    program.resize(accessor, dimension, extent);
    if program.accessors[accessor].role == Role::Input && random.chance(20) {
        program.accessors[accessor].contents.fill(u64::from(u8::MAX));
    }
}
