//! Loops, and the ways out of them.

use super::builder::{Builder, LoopFrame};
use super::ir::*;
use super::*;
use crate::kernel::tree::{Expression, ExpressionKind, LoopRef, Pattern};

impl Builder<'_, '_> {
    pub fn while_loop(
        &mut self,
        id: LoopRef,
        condition: &'static Expression,
        body: &'static tree::Block,
    ) -> Result<Value> {
        let (code, tested) = self.scoped(|builder| builder.condition(condition))?;
        let Some(tested) = tested else {
            self.code.extend(code);
            return Ok(Value::never());
        };
        let (condition, names) = (tested.condition, tested.names);
        let (head, prefix) = match code.is_empty() {
            true => (Head::While(condition), None),
            false => (Head::Forever, Some((code, condition))),
        };
        self.enclose(id, head, |builder, number| {
            if let Some((code, condition)) = prefix {
                builder.code.extend(code);
                let leave = vec![Statement::Break(number, None)];
                builder.code.push(Statement::If(Value::negated(condition), leave, Code::new()));
            }
            builder.bind_names(names);
            builder.block(body)
        })?;
        Ok(Value::unit())
    }

    pub fn endless_loop(&mut self, id: LoopRef, body: &'static tree::Block) -> Result<Value> {
        let frame = self.enclose(id, Head::Forever, |builder, _| builder.block(body))?;
        Ok(match frame.result {
            Some(result) => self.read(result),
            None if frame.is_left => Value::unit(),
            None => Value::never(),
        })
    }

    pub fn for_loop(&mut self, expression: &'static Expression) -> Result<Value> {
        let ExpressionKind::For { id, pattern, start, end, inclusive, ty, body } = &expression.kind else {
            return Ok(Value::unit());
        };
        let ty = self.type_of(*ty)?;
        let Some(bounds) = self.operands(&[start, end])? else { return Ok(Value::never()) };
        let [start, end]: [Value; 2] = match bounds.try_into() {
            Ok(bounds) => bounds,
            Err(_) => return Ok(Value::never()),
        };
        let (name, is_copied) = match pattern {
            Pattern::Bind { name, mutable, .. } => (*name, *mutable),
            _ => ("t", false),
        };
        let end = self.atom(end);
        // Nothing assigns the counter inside the body, so there it is as good as a constant.
        let step = Box::new(Value::new(Node::Literal(1), ty.clone()));
        let variable = self.variable(name, ty, false);
        self.variables[variable].late = true;
        let head = Head::Count { variable, start, end, step, inclusive: *inclusive };
        self.enclose(*id, head, |builder, _| {
            let counter = builder.read(variable);
            match pattern {
                Pattern::Bind { local, .. } if !is_copied => {
                    builder.bindings.insert(*local, counter);
                }
                _ => builder.bind(pattern, counter)?,
            }
            builder.block(body)
        })?;
        Ok(Value::unit())
    }

    /// A loop around what `body` lowers.
    pub fn enclose(
        &mut self,
        id: LoopRef,
        head: Head,
        body: impl FnOnce(&mut Self, usize) -> Result<Value>,
    ) -> Result<LoopFrame> {
        let number = self.n_loops;
        self.n_loops += 1;
        self.loops.push(LoopFrame::new(id, number, false));
        let lowered = self.scoped(|builder| {
            let value = body(builder, number)?;
            builder.evaluate(value);
            Ok(())
        });
        let frame = self.loops.pop();
        let ((body, ()), Some(frame)) = (lowered?, frame) else {
            return Err(error("a loop ended that did not begin"));
        };
        if let Some(result) = frame.result {
            self.code.push(Statement::Declare(result, None));
        }
        let (break_label, continue_label) = (frame.break_label, frame.continue_label);
        self.code.push(Statement::Loop { head, body, break_label, continue_label, number });
        Ok(frame)
    }

    /// A block that `break` leaves with a value.
    pub fn labelled_block(&mut self, id: LoopRef, body: &'static tree::Block) -> Result<Value> {
        self.leavable(id, |builder| builder.block(body))
    }

    /// What `work` lowers, as something that can be left with a value.
    pub fn leavable(&mut self, id: LoopRef, work: impl FnOnce(&mut Self) -> Result<Value>) -> Result<Value> {
        let number = self.n_loops;
        self.n_loops += 1;
        self.loops.push(LoopFrame::new(id, number, true));
        let lowered = self.scoped(|builder| {
            let value = work(builder)?;
            let is_left = builder.loops.last().is_some_and(|frame| frame.is_left);
            let is_last = !value.is_never() && is_left;
            Ok(if is_last { builder.leave_with(builder.loops.len() - 1, value) } else { value })
        });
        let frame = self.loops.pop();
        let ((body, value), Some(frame)) = (lowered?, frame) else {
            return Err(error("a block ended that did not begin"));
        };
        let Some(break_label) = frame.break_label else {
            self.code.extend(body);
            return Ok(value);
        };
        if let Some(result) = frame.result {
            self.code.push(Statement::Declare(result, None));
        }
        self.code.push(Statement::Block { body, break_label, number });
        Ok(frame.result.map_or(Value::unit(), |result| self.read(result)))
    }

    fn frame(&self, line: u32, is_meant: impl Fn(&LoopFrame) -> bool) -> Result<usize> {
        let position = self.loops.iter().rposition(is_meant);
        position.ok_or_else(|| self.error_at(line, "`break` or `continue` outside its loop"))
    }

    pub fn break_loop(
        &mut self,
        id: LoopRef,
        value: Option<&'static Expression>,
        line: u32,
    ) -> Result<Value> {
        let position = self.frame(line, |frame| frame.id == id && !frame.is_inner)?;
        if let Some(value) = value {
            let value = self.value(value)?;
            if value.is_never() {
                return Ok(value);
            }
            self.leave_with(position, value);
        }
        self.break_at(position)
    }

    /// Leaves the loop or block at a position among those around.
    pub fn break_at(&mut self, position: usize) -> Result<Value> {
        let is_innermost = self.is_innermost(position) && !self.loops[position].is_block;
        let label = if is_innermost { None } else { Some(self.label(self.loops[position].break_label)) };
        let frame = &mut self.loops[position];
        frame.is_left = true;
        frame.break_label = frame.break_label.or(label);
        let number = frame.number;
        self.code.push(Statement::Break(number, label));
        Ok(Value::never())
    }

    /// Whether no other loop stands between the one at `position` and here.
    fn is_innermost(&self, position: usize) -> bool {
        self.loops[position + 1..].iter().all(|frame| frame.is_block)
    }

    /// Keeps the value with which a loop or block is left, and gives what is left of it.
    pub fn leave_with(&mut self, position: usize, value: Value) -> Value {
        if value.ty == Type::Unit {
            self.evaluate(value);
            return Value::unit();
        }
        let result = match self.loops[position].result {
            Some(result) => result,
            None => self.late(value.ty.clone()),
        };
        self.loops[position].result = Some(result);
        self.assign(result, value);
        Value::unit()
    }

    pub fn continue_loop(&mut self, id: LoopRef, line: u32) -> Result<Value> {
        let position = self.frame(line, |frame| frame.id == id)?;
        self.continue_at(position)
    }

    /// Goes on with the next turn of the loop at a position among those around.
    pub fn continue_at(&mut self, position: usize) -> Result<Value> {
        let is_innermost = self.is_innermost(position);
        let label = if is_innermost { None } else { Some(self.label(self.loops[position].continue_label)) };
        let frame = &mut self.loops[position];
        frame.continue_label = frame.continue_label.or(label);
        let number = frame.number;
        self.code.push(Statement::Continue(number, label));
        Ok(Value::never())
    }

    fn label(&mut self, known: Option<Label>) -> Label {
        known.unwrap_or_else(|| {
            self.n_labels += 1;
            self.n_labels
        })
    }

    pub fn return_value(&mut self, value: Option<&'static Expression>, line: u32) -> Result<Value> {
        let value = match value {
            Some(value) => self.value(value)?,
            None => Value::unit(),
        };
        if value.is_never() {
            return Ok(value);
        }
        if self.is_inlined() {
            return self.return_from_inlined(value, line);
        }
        self.return_from(value);
        Ok(Value::never())
    }

    /// Ends the function with a value.
    pub fn return_from(&mut self, value: Value) {
        if self.result == Type::Unit {
            self.evaluate(value);
            self.code.push(Statement::Return(None));
        } else {
            self.code.push(Statement::Return(Some(value)));
        }
    }
}
