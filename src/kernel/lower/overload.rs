//! Methods and operators of users' types: calls of the device functions that they stand for.

use super::builder::Builder;
use super::ir::*;
use super::*;
use crate::kernel::instance::Callee;
use crate::kernel::tree::{BinaryOperator, Expression, ExpressionKind, TypeRef};

impl Builder<'_, '_> {
    /// An operator, which is the user's if the witness has a function.
    pub fn overloaded(
        &mut self,
        function: TypeRef,
        operator: &'static Expression,
        line: u32,
    ) -> Result<Value> {
        let Type::Function(callee) = self.type_of(function)? else { return self.value(operator) };
        match &operator.kind {
            ExpressionKind::Unary(_, operand, _) => self.call_user(callee, &[*operand], line),
            ExpressionKind::Binary(operator, left, right, _) => {
                let result = self.call_user(callee, &[*left, *right], line)?;
                // What users define is `==`.
                let is_negated = *operator == BinaryOperator::NotEqual && !result.is_never();
                Ok(if is_negated { Value::negated(result) } else { result })
            }
            // The value comes first, as for numbers.
            ExpressionKind::AssignOperation(_, place, value, _) => {
                let value = self.value(value)?;
                if value.is_never() {
                    return Ok(value);
                }
                let value = self.atom(value);
                self.change(callee, place, vec![value], line)
            }
            _ => Err(self.error_at(line, "the kernel's tree has an operator that is none")),
        }
    }

    /// `receiver.name(arguments)`
    pub fn user_method(
        &mut self,
        function: TypeRef,
        operands: &[&'static Expression],
        line: u32,
    ) -> Result<Value> {
        let Type::Function(callee) = self.type_of(function)? else {
            return Err(
                self.error_at(line, "this method is no device function; put it into a `#[device] impl`")
            );
        };
        match operands {
            [receiver, arguments @ ..] if (callee.definition)().tree.changes_receiver => {
                let Some(arguments) = self.operands(arguments)? else { return Ok(Value::never()) };
                self.change(callee, receiver, arguments, line)
            }
            operands => self.call_user(callee, operands, line),
        }
    }

    fn call_user(&mut self, callee: Callee, operands: &[&'static Expression], line: u32) -> Result<Value> {
        let Some(values) = self.operands(operands)? else { return Ok(Value::never()) };
        self.call_with(callee, values, line)
    }

    /// A call that gives back the receiver, changed, which is put where it was.
    fn change(
        &mut self,
        callee: Callee,
        receiver: &'static Expression,
        arguments: Vec<Value>,
        line: u32,
    ) -> Result<Value> {
        self.update(receiver, line, |builder, receiver| {
            let operands = std::iter::once(receiver).chain(arguments).collect();
            let called = builder.call_with(callee, operands, line)?;
            // In its parts, where it comes in such: the changed value may be the same for a whole group where the result is not.
            let both = builder.repeatable_parts(called);
            let changed = builder.field(both.clone(), 0);
            Ok((changed, builder.field(both, 1)))
        })
    }
}
