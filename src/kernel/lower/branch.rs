//! `match` and `let .. else`: chains of conditions, the first of which that holds decides.

use super::builder::Builder;
use super::condition::Tested;
use super::ir::*;
use super::*;
use crate::kernel::tree::{Arm, Expression, Pattern};

/// An arm, lowered.
struct Branch {
    /// What runs before the condition is tested.
    code: Code,
    condition: Value,
    body: Code,
    value: Value,
    line: u32,
}

impl Builder<'_, '_> {
    pub fn match_value(&mut self, value: &'static Expression, arms: &'static [Arm]) -> Result<Value> {
        let value = self.value(value)?;
        if value.is_never() {
            return Ok(value);
        }
        let value = self.repeatable_parts(value);
        // Rustc has checked that those without guard take every value between them, so the last one takes what is left,
        // and whatever follows is never reached.
        let Some(last) = arms.iter().rposition(|arm| arm.guard.is_none()) else { return Ok(Value::never()) };
        let mut branches = Vec::with_capacity(last + 1);
        for (position, arm) in arms[..=last].iter().enumerate() {
            branches.push(self.arm(arm, &value, position == last)?);
        }
        self.choose(branches)
    }

    fn arm(&mut self, arm: &'static Arm, value: &Value, is_last: bool) -> Result<Branch> {
        let (code, Tested { condition, names }) =
            self.scoped(|builder| builder.tested(&arm.pattern, value, arm.guard.as_ref()))?;
        let (body, value) = self.scoped(|builder| {
            builder.bind_names(names);
            builder.value(&arm.body)
        })?;
        let condition = if is_last { Value::bool(true) } else { condition };
        Ok(Branch { code, condition, body, value, line: arm.body.line })
    }

    /// The value of the first branch whose condition holds; that of the last always does.
    fn choose(&mut self, mut branches: Vec<Branch>) -> Result<Value> {
        if let [yes, no] = &branches[..]
            && [yes, no].iter().all(|branch| branch.code.is_empty() && branch.body.is_empty())
            && [yes, no].iter().all(|branch| branch.value.scalar().is_some())
        {
            let ty = yes.value.ty.clone();
            let three = [yes.condition.clone(), yes.value.clone(), no.value.clone()];
            return Ok(Value::new(Node::Select(Box::new(three)), ty));
        }
        if branches.len() == 1 {
            let Branch { code, body, value, .. } = branches.remove(0);
            self.code.extend(code.into_iter().chain(body));
            return Ok(value);
        }
        let is_never = branches.iter().all(|branch| branch.value.is_never());
        let ty =
            branches.iter().find(|branch| !branch.value.is_never()).map(|branch| branch.value.ty.clone());
        let result = ty.filter(|ty| *ty != Type::Unit).map(|ty| {
            let variable = self.late(ty);
            self.code.push(Statement::Declare(variable, None));
            variable
        });
        let mut rest = Code::new();
        for branch in branches.into_iter().rev() {
            rest = self.branch(branch, result, rest)?;
        }
        self.code.extend(rest);
        Ok(match result {
            Some(variable) => self.read(variable),
            None if is_never => Value::never(),
            None => Value::unit(),
        })
    }

    /// A branch before the rest of its chain.
    fn branch(&mut self, branch: Branch, result: Option<VariableId>, rest: Code) -> Result<Code> {
        let Branch { code, condition, body, value, line } = branch;
        let (body, ()) = self.scoped(|builder| {
            builder.note_line(line);
            builder.code.extend(body);
            match result {
                Some(variable) if !value.is_never() => builder.assign(variable, value),
                _ => builder.evaluate(value),
            }
            Ok(())
        })?;
        let mut all = code;
        match condition.is_true() {
            true => all.extend(body),
            false => all.push(Statement::If(condition, body, rest)),
        }
        Ok(all)
    }

    /// `let pattern = value else { .. };` False if it never ends normally.
    pub fn let_else(
        &mut self,
        pattern: &'static Pattern,
        value: &'static Expression,
        otherwise: &'static tree::Block,
    ) -> Result<bool> {
        let value = self.value(value)?;
        if value.is_never() {
            return Ok(false);
        }
        let value = self.repeatable_parts(value);
        let Tested { condition, names } = self.tested(pattern, &value, None)?;
        let (code, _) = self.scoped(|builder| builder.block(otherwise))?;
        if !condition.is_true() {
            self.code.push(Statement::If(Value::negated(condition), code, Code::new()));
        }
        self.bind_names(names);
        Ok(true)
    }
}
