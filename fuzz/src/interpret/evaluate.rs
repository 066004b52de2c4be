//! What each expression does in one work-item.

use super::Found;
use super::call::Closure;
use super::compare::{compared, is_of_parts};
use super::machine::{Machine, STEP_LIMIT};
use super::operate;
use super::place::Window;
use super::vector::is_of_vectors;
use crate::program::{
    BinaryOperator, Block, Expression, Kind, Local, LogicOperator, LoopId, Pattern, Scalar, Site, Statement,
    Type, Value,
};

/// The variables of a running kernel or function.
#[derive(Clone)]
pub struct Frame {
    pub locals: Vec<Option<Value>>,
    /// The closures that it takes.
    pub closures: Vec<(Local, Closure)>,
    /// The slices of accessors that it takes.
    pub windows: Vec<(Local, Window)>,
    /// Which of the kernel's accessors each of its own is.
    pub accessors: Vec<usize>,
    /// The work-item's position in the launch.
    pub item: usize,
    /// Whether the work-item has returned.
    pub is_over: bool,
}

/// Why an expression has no value.
pub enum Flow {
    Break(LoopId, Value),
    Continue(LoopId),
    Return(Value),
    /// A failure that ends the work-item.
    Ended,
    /// The program takes too long, or is not valid.
    Refused,
}

pub type Result<T> = std::result::Result<T, Flow>;

impl Value {
    pub fn bits(&self) -> Option<u64> {
        match self {
            Value::Bits(bits) => Some(*bits),
            _ => None,
        }
    }
}

impl Machine<'_> {
    pub fn statement(&mut self, frame: &mut Frame, statement: &Statement) -> Result<()> {
        match statement {
            Statement::Let { local, value, .. } => {
                frame.locals[usize::from(*local)] = match value {
                    Some(value) => Some(self.evaluate(frame, value)?),
                    None => None,
                };
            }
            Statement::LetPattern { pattern, value } => {
                let value = self.evaluate(frame, value)?;
                if !frame.matches(pattern, &value) {
                    return Err(Flow::Refused);
                }
            }
            Statement::LetElse { pattern, value, otherwise } => {
                let value = self.evaluate(frame, value)?;
                if !frame.matches(pattern, &value) {
                    self.block(frame, otherwise)?;
                    return Err(Flow::Refused);
                }
            }
            Statement::Expression(expression) => {
                self.evaluate(frame, expression)?;
            }
        }
        Ok(())
    }

    pub fn block(&mut self, frame: &mut Frame, block: &Block) -> Result<Value> {
        for statement in &block.statements {
            self.statement(frame, statement)?;
        }
        match &block.value {
            Some(value) => self.evaluate(frame, value),
            None => Ok(Value::Unit),
        }
    }

    pub fn scalar(&mut self, frame: &mut Frame, expression: &Expression) -> Result<u64> {
        self.evaluate(frame, expression)?.bits().ok_or(Flow::Refused)
    }

    pub fn evaluate(&mut self, frame: &mut Frame, expression: &Expression) -> Result<Value> {
        self.n_steps += 1;
        if self.n_steps > STEP_LIMIT {
            return Err(Flow::Refused);
        }
        match &expression.kind {
            Kind::Literal(bits) => Ok(Value::Bits(*bits)),
            Kind::Local(local) | Kind::Constant(local) => {
                frame.locals[usize::from(*local)].clone().ok_or(Flow::Refused)
            }
            Kind::Array(elements) => {
                let values = elements.iter().map(|element| self.evaluate(frame, element));
                Ok(Value::List(values.collect::<Result<_>>()?))
            }
            Kind::Repeat(element, length) => Ok(Value::List(vec![self.evaluate(frame, element)?; *length])),
            Kind::Vector(lanes) => self.vector(frame, lanes, &expression.ty),
            Kind::Binary(operator, pair, _) if is_of_parts(&pair[0].ty) => {
                let (left, right) = (self.evaluate(frame, &pair[0])?, self.evaluate(frame, &pair[1])?);
                Ok(Value::Bits(compared(*operator, &pair[0].ty, &left, &right).ok_or(Flow::Refused)?))
            }
            kind if is_of_vectors(kind) => self.vector_operation(frame, expression),
            Kind::Make(variant, fields) => {
                let values = fields.iter().map(|field| self.evaluate(frame, field)).collect::<Result<_>>()?;
                Ok(match &expression.ty {
                    Type::Declared(of) if of.is_enum => Value::Variant(*variant, values),
                    _ => Value::List(values),
                })
            }
            Kind::Method(name, operands, _)
                if expression.ty.scalar().is_none() || matches!(operands[0].ty, Type::Declared(_)) =>
            {
                self.fitting_method(frame, name, operands)
            }
            Kind::Unary(..) | Kind::Binary(..) | Kind::Logic(..) | Kind::Cast(..) | Kind::Method(..) => {
                self.operation(frame, expression).map(Value::Bits)
            }
            Kind::Assign(pair) => {
                let value = self.evaluate(frame, &pair[1])?;
                let target = self.target(frame, &pair[0])?;
                self.store(frame, target, value)?;
                Ok(Value::Unit)
            }
            Kind::AssignOperation(operator, pair, site) => {
                self.assign_operation(frame, *operator, pair, *site)
            }
            Kind::Element(..) | Kind::Field(..) | Kind::Access(..) => self.element(frame, expression),
            Kind::Atomic(method, accessor, pair, site) => self.atomic(frame, method, *accessor, pair, *site),
            Kind::Call(function, accessors, arguments) => self.call(frame, *function, accessors, arguments),
            Kind::Apply(closure, arguments) => self.apply(frame, *closure, arguments),
            Kind::Barrier | Kind::Group(..) | Kind::Whole(_) | Kind::Part { .. } | Kind::Closure(..) => {
                Err(Flow::Refused)
            }
            Kind::Ended(_, sequence, ending) => self.ended(frame, sequence, ending, &expression.ty),
            Kind::Borrow(value) => self.evaluate(frame, value),
            Kind::Let(pattern, value) => {
                let value = self.evaluate(frame, value)?;
                Ok(Value::Bits(u64::from(frame.matches(pattern, &value))))
            }
            _ => self.control(frame, &expression.kind),
        }
    }

    /// `place op= value`
    fn assign_operation(
        &mut self,
        frame: &mut Frame,
        operator: BinaryOperator,
        pair: &[Expression; 2],
        site: Site,
    ) -> Result<Value> {
        let right = self.evaluate(frame, &pair[1])?;
        let target = self.target(frame, &pair[0])?;
        let left = self.load(frame, &target, &pair[0].ty)?;
        let value = match (&left, &right, pair[0].ty.scalar()) {
            (Value::Bits(left), Value::Bits(right), Some(scalar)) => {
                let value = operate::binary(operator, scalar, *left, *right);
                Value::Bits(value.unwrap_or_else(|| self.divided_by_zero(site)))
            }
            _ => self.combine_vectors(operator, [&pair[0].ty, &pair[1].ty], [left, right], site)?,
        };
        self.store(frame, target, value)?;
        Ok(Value::Unit)
    }

    pub fn divided_by_zero(&mut self, site: Site) -> u64 {
        self.fail(site, Found::Division);
        0
    }

    fn operation(&mut self, frame: &mut Frame, expression: &Expression) -> Result<u64> {
        let scalar_of = |expression: &Expression| expression.ty.scalar().ok_or(Flow::Refused);
        Ok(match &expression.kind {
            Kind::Unary(operator, value) => {
                operate::unary(*operator, scalar_of(value)?, self.scalar(frame, value)?)
            }
            Kind::Binary(operator, pair, site) => {
                let (left, right) = (self.scalar(frame, &pair[0])?, self.scalar(frame, &pair[1])?);
                let value = operate::binary(*operator, scalar_of(&pair[0])?, left, right);
                value.unwrap_or_else(|| self.divided_by_zero(*site))
            }
            Kind::Logic(operator, pair) => {
                let left = self.scalar(frame, &pair[0])?;
                match operator {
                    LogicOperator::And if left == 0 => 0,
                    LogicOperator::Or if left == 1 => 1,
                    _ => self.scalar(frame, &pair[1])?,
                }
            }
            Kind::Cast(value) => {
                operate::cast(scalar_of(value)?, scalar_of(expression)?, self.scalar(frame, value)?)
            }
            Kind::Method("len", operands, _) if let Some(window) = frame.window(&operands[0]) => {
                window.length
            }
            Kind::Method("len", operands, _) => match self.evaluate(frame, &operands[0])? {
                Value::List(elements) => elements.len() as u64,
                _ => return Err(Flow::Refused),
            },
            Kind::Method(name, operands, site) => {
                let values = operands.iter().map(|operand| self.scalar(frame, operand));
                let values = values.collect::<Result<Vec<_>>>()?;
                if operate::is_left_open(name, scalar_of(&operands[0])?, &values) {
                    return Err(Flow::Refused);
                }
                let value = operate::method(name, scalar_of(&operands[0])?, values[0], &values[1..]);
                value.unwrap_or_else(|| self.divided_by_zero(*site))
            }
            _ => return Err(Flow::Refused),
        })
    }

    /// An element of an array or an accessor, as a value.
    fn element(&mut self, frame: &mut Frame, expression: &Expression) -> Result<Value> {
        if let Kind::Element(pair, site) = &expression.kind
            && frame.window(&pair[0]).is_none()
            && let Value::List(values) = self.evaluate(frame, &pair[0])?
        {
            let index = self.scalar(frame, &pair[1])?;
            return Ok(match values.get(index as usize) {
                Some(value) => value.clone(),
                None => {
                    self.fail(*site, Found::Index(1, [index, 0], [values.len() as u64, 0]));
                    expression.ty.zero()
                }
            });
        }
        if let Kind::Field(whole, position) = &expression.kind {
            let Value::List(fields) = self.evaluate(frame, whole)? else { return Err(Flow::Refused) };
            return fields.get(*position).cloned().ok_or(Flow::Refused);
        }
        let target = self.target(frame, expression)?;
        self.load(frame, &target, &expression.ty)
    }

    fn control(&mut self, frame: &mut Frame, kind: &Kind) -> Result<Value> {
        match kind {
            Kind::Block(block) => self.block(frame, block),
            Kind::Labelled(id, block) => match self.block(frame, block) {
                Err(Flow::Break(target, value)) if target == *id => Ok(value),
                other => other,
            },
            Kind::Match(value, arms) => {
                let value = self.evaluate(frame, value)?;
                for arm in arms {
                    if !frame.matches(&arm.pattern, &value) {
                        continue;
                    }
                    let holds = match &arm.guard {
                        Some(guard) => self.scalar(frame, guard)? != 0,
                        None => true,
                    };
                    if holds {
                        return self.evaluate(frame, &arm.body);
                    }
                }
                Err(Flow::Refused)
            }
            Kind::If(condition, then, otherwise) => match (self.scalar(frame, condition)?, otherwise) {
                (0, None) => Ok(Value::Unit),
                (0, Some(otherwise)) => self.block(frame, otherwise),
                _ => self.block(frame, then),
            },
            Kind::While(id, condition, body) => {
                while self.scalar(frame, condition)? != 0 {
                    if let Some(value) = self.round(frame, *id, body)? {
                        return Ok(value);
                    }
                }
                Ok(Value::Unit)
            }
            Kind::Loop(id, body) => loop {
                if let Some(value) = self.round(frame, *id, body)? {
                    return Ok(value);
                }
            },
            Kind::For { id, local, bounds, inclusive, body } => {
                let scalar = bounds[0].ty.scalar().ok_or(Flow::Refused)?;
                let (start, end) = (self.scalar(frame, &bounds[0])?, self.scalar(frame, &bounds[1])?);
                let (start, end) = (wide(scalar, start), wide(scalar, end) + i128::from(*inclusive));
                let mut counter = start;
                while counter < end {
                    frame.locals[usize::from(*local)] = Some(Value::Bits(counter as u64 & scalar.mask()));
                    if self.round(frame, *id, body)?.is_some() {
                        break;
                    }
                    counter += 1;
                }
                Ok(Value::Unit)
            }
            Kind::ForEach(id, pattern, sequence, body) => self.for_each(frame, *id, pattern, sequence, body),
            Kind::Break(id, value) => Err(Flow::Break(*id, self.optional(frame, value.as_deref())?)),
            Kind::Continue(id) => Err(Flow::Continue(*id)),
            Kind::Return(value) => Err(Flow::Return(self.optional(frame, value.as_deref())?)),
            _ => Err(Flow::Refused),
        }
    }

    fn optional(&mut self, frame: &mut Frame, value: Option<&Expression>) -> Result<Value> {
        value.map_or(Ok(Value::Unit), |value| self.evaluate(frame, value))
    }

    /// One round of a loop; the loop's value if it ends with this.
    pub fn round(&mut self, frame: &mut Frame, id: LoopId, body: &Block) -> Result<Option<Value>> {
        match self.block(frame, body) {
            Ok(_) => Ok(None),
            Err(Flow::Continue(target)) if target == id => Ok(None),
            Err(Flow::Break(target, value)) if target == id => Ok(Some(value)),
            Err(flow) => Err(flow),
        }
    }
}

impl Frame {
    /// Whether a value matches a pattern; binds what the pattern binds.
    pub fn matches(&mut self, pattern: &Pattern, value: &Value) -> bool {
        match (pattern, value) {
            (Pattern::Wild, _) => true,
            (Pattern::Bind(local, _), value) => {
                self.locals[usize::from(*local)] = Some(value.clone());
                true
            }
            (Pattern::Scalar(_, wanted), Value::Bits(bits)) => wanted == bits,
            (Pattern::Range(scalar, low, high), Value::Bits(bits)) => {
                (wide(*scalar, *low)..=wide(*scalar, *high)).contains(&wide(*scalar, *bits))
            }
            (Pattern::Or(cases), value) => cases.iter().any(|case| self.matches(case, value)),
            (Pattern::At(local, _, inner), value) => {
                self.locals[usize::from(*local)] = Some(value.clone());
                self.matches(inner, value)
            }
            (Pattern::Array(parts) | Pattern::Tuple(parts), Value::List(values)) => {
                self.all_match(parts, values)
            }
            (Pattern::Variant(_, _, parts), Value::List(values)) => self.all_match(parts, values),
            (Pattern::Variant(_, wanted, parts), Value::Variant(variant, values)) => {
                wanted == variant && self.all_match(parts, values)
            }
            _ => false,
        }
    }

    fn all_match(&mut self, patterns: &[Pattern], values: &[Value]) -> bool {
        patterns.iter().zip(values).all(|(pattern, value)| self.matches(pattern, value))
    }
}

/// An integer as a number.
pub fn wide(scalar: Scalar, bits: u64) -> i128 {
    let is_negative = scalar.is_signed() && bits & scalar.minimum_bits() != 0;
    if is_negative { i128::from((bits | !scalar.mask()) as i64) } else { i128::from(bits) }
}
