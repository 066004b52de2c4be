//! Expressions: each becomes a typed value, after the statements that must run before it.

use super::builder::Builder;
use super::condition::Tested;
use super::ir::*;
use super::*;
use crate::kernel::tree::{Expression, ExpressionKind as Kind, LogicOperator};
use crate::kernel::types::Scalar;

impl Builder<'_, '_> {
    /// The value of an expression.
    pub fn value(&mut self, expression: &'static Expression) -> Result<Value> {
        self.deeper(expression.line)?;
        let value = self.value_of(expression);
        self.shared.depth -= 1;
        Ok(self.shallow(value?))
    }

    fn value_of(&mut self, expression: &'static Expression) -> Result<Value> {
        let line = expression.line;
        match &expression.kind {
            Kind::Local(local) => self.bindings.get(local).cloned().ok_or_else(|| {
                self.error_at(line, format!("the kernel's tree uses binding {local} before it is made"))
            }),
            Kind::Integer { magnitude, negative, ty } => self.integer(*magnitude, *negative, *ty, line),
            Kind::Float { digits, ty } => self.float(digits, *ty, line),
            Kind::Bool(value) => Ok(Value::literal(Scalar::Bool, u64::from(*value))),
            Kind::Unary(operator, operand, site) => self.unary(*operator, operand, *site, line),
            Kind::Binary(operator, left, right, site) => self.binary(*operator, left, right, *site, line),
            Kind::Logic(operator, left, right) => self.logic(*operator, left, right),
            Kind::Assign(place, value) => self.assignment(place, value, line),
            Kind::AssignOperation(operator, place, value, site) => {
                self.operation_assignment(*operator, place, value, *site, line)
            }
            Kind::Index { .. } | Kind::Field { .. } => self.indexed(expression),
            Kind::Cast(operand, ty) => self.cast(operand, *ty, line),
            Kind::Array(elements, ty) => self.array(elements, *ty),
            Kind::Repeat(element, ty) => self.repeat(element, *ty, line),
            Kind::Tuple(elements) => self.tuple(elements),
            Kind::Struct { name, fields, base, ty } => self.structure(name, fields, *base, *ty, line),
            Kind::Try(value) => self.question_mark(value, line),
            Kind::Vector { function, arguments, ty } => self.make_vector(function, arguments, *ty, line),
            Kind::If { condition, then, otherwise } => self.if_value(condition, then, *otherwise),
            Kind::Match { value, arms } => self.match_value(value, arms),
            Kind::Let { .. } => {
                Err(self.error_at(line, "the kernel's tree has a `let` that is no condition"))
            }
            Kind::Block(block) => self.block(block),
            Kind::Labelled { id, body } => self.labelled_block(*id, body),
            Kind::While { id, condition, body } => self.while_loop(*id, condition, body),
            Kind::Loop { id, body } => self.endless_loop(*id, body),
            Kind::For { .. } => self.for_loop(expression),
            Kind::ForEach { id, pattern, sequence, body } => self.for_each(*id, pattern, sequence, body),
            Kind::Ended { id, sequence, ending, ty } => self.ended(*id, sequence, ending, *ty, line),
            Kind::Break(id, value) => self.break_loop(*id, *value, line),
            Kind::Continue(id) => self.continue_loop(*id, line),
            Kind::Return(value) => self.return_value(*value, line),
            Kind::Method { receiver, name, arguments, site } => {
                self.method(receiver, name, arguments, site, line)
            }
            Kind::Borrow { mutable, value } => self.borrow(*mutable, value, line),
            Kind::Slice(slice) => self.slice(slice, line),
            Kind::Follow(reference) => self.follow(reference),
            Kind::Closure(closure) => Ok(self.closure(closure)),
            Kind::Sequence(sequence) => self.sequence_value(sequence),
            Kind::Apply { closure, arguments } => self.apply(closure, arguments, line),
            Kind::Overloaded(function, operator) => self.overloaded(*function, operator, line),
            Kind::UserMethod { function, operands } => {
                let operands: Vec<_> = operands.iter().collect();
                self.user_method(*function, &operands, line)
            }
            Kind::Call { function, arguments } => self.call(*function, arguments, line),
            Kind::Panic { site, message, arguments } => self.panic(site, message, arguments, line),
            Kind::Print { site, message, arguments } => self.print(site, message, arguments, line),
            Kind::Debug(inner) => self.debug(inner),
        }
    }

    /// A block; its value is that of its last expression.
    pub fn block(&mut self, block: &'static tree::Block) -> Result<Value> {
        for statement in block.statements {
            match statement {
                tree::Statement::Let { pattern, value, line } => {
                    self.note_line(*line);
                    if !self.let_statement(pattern, value.as_ref())? {
                        return Ok(Value::never());
                    }
                }
                tree::Statement::LetElse { pattern, value, otherwise, line } => {
                    self.note_line(*line);
                    if !self.let_else(pattern, value, otherwise)? {
                        return Ok(Value::never());
                    }
                }
                tree::Statement::Expression(expression) => {
                    self.note_line(expression.line);
                    let value = self.value(expression)?;
                    if value.is_never() {
                        return Ok(value);
                    }
                    self.evaluate(value);
                }
            }
        }
        let Some(last) = block.value else { return Ok(Value::unit()) };
        self.note_line(last.line);
        self.value(last)
    }

    fn logic(
        &mut self,
        operator: LogicOperator,
        left: &'static Expression,
        right: &'static Expression,
    ) -> Result<Value> {
        let left = self.value(left)?;
        if left.is_never() {
            return Ok(left);
        }
        let (code, right) = self.scoped(|builder| builder.value(right))?;
        let bool = Type::Scalar(Scalar::Bool);
        if code.is_empty() && !right.is_never() {
            return Ok(Value::new(Node::Logic(operator, Box::new([left, right])), bool));
        }
        // The right side has statements of its own, which may run only if the left side asks for them.
        let result = self.late(bool.clone());
        self.code.push(Statement::Declare(result, Some(left)));
        let (code, ()) = self.scoped(|builder| {
            builder.code = code;
            if !right.is_never() {
                builder.assign(result, right);
            }
            Ok(())
        })?;
        let condition = match operator {
            LogicOperator::And => self.read(result),
            LogicOperator::Or => {
                Value::new(Node::Unary(tree::UnaryOperator::Not, Box::new(self.read(result))), bool)
            }
        };
        self.code.push(Statement::If(condition, code, Code::new()));
        Ok(self.read(result))
    }

    fn array(&mut self, elements: &'static [Expression], ty: tree::TypeRef) -> Result<Value> {
        let ty = self.type_of(ty)?;
        let elements: Vec<_> = elements.iter().collect();
        let Some(values) = self.operands(&elements)? else { return Ok(Value::never()) };
        Ok(Value::new(Node::Components(values), ty))
    }

    fn repeat(&mut self, element: &'static Expression, ty: tree::TypeRef, line: u32) -> Result<Value> {
        let ty = self.type_of(ty)?;
        let Type::Array(_, length) = ty else {
            return Err(self.error_at(line, "`[value; n]` has a type that is no array"));
        };
        let value = self.value(element)?;
        if value.is_never() {
            return Ok(value);
        }
        if matches!(value.node, Node::Literal(0)) {
            return Ok(Value::new(Node::Zero, ty));
        }
        let value = if value.is_atom() { value } else { self.spill(value) };
        Ok(Value::new(Node::Repeat(Box::new(value), length), ty))
    }

    fn if_value(
        &mut self,
        condition: &'static Expression,
        then: &'static tree::Block,
        otherwise: Option<&'static Expression>,
    ) -> Result<Value> {
        let Some(Tested { condition, names }) = self.condition(condition)? else { return Ok(Value::never()) };
        let then = self.scoped(|builder| {
            builder.bind_names(names);
            builder.block(then)
        })?;
        let otherwise = self.scoped(|builder| otherwise.map_or(Ok(Value::unit()), |o| builder.value(o)))?;
        let both_are_plain = then.0.is_empty() && otherwise.0.is_empty();
        let is_scalar = then.1.scalar().is_some() && otherwise.1.scalar().is_some();
        if both_are_plain && is_scalar {
            let ty = then.1.ty.clone();
            return Ok(Value::new(Node::Select(Box::new([condition, then.1, otherwise.1])), ty));
        }
        self.branches(condition, then, otherwise)
    }

    fn branches(&mut self, condition: Value, then: (Code, Value), otherwise: (Code, Value)) -> Result<Value> {
        let is_never = then.1.is_never() && otherwise.1.is_never();
        let ty = if then.1.is_never() { otherwise.1.ty.clone() } else { then.1.ty.clone() };
        let result = (!is_never && ty != Type::Unit).then(|| {
            let variable = self.late(ty);
            self.code.push(Statement::Declare(variable, None));
            variable
        });
        let mut finish = |(code, value): (Code, Value)| {
            self.scoped(|builder| {
                builder.code = code;
                match result {
                    Some(variable) if !value.is_never() => builder.assign(variable, value),
                    _ => builder.evaluate(value),
                }
                Ok(())
            })
        };
        let (then, ()) = finish(then)?;
        let (otherwise, ()) = finish(otherwise)?;
        self.code.push(Statement::If(condition, then, otherwise));
        Ok(match result {
            Some(variable) => self.read(variable),
            None if is_never => Value::never(),
            None => Value::unit(),
        })
    }
}
