//! References: they exist only while a kernel is lowered, as the way to the variable that they lead to.

use super::access::{Access, Base};
use super::builder::Builder;
use super::guard::holds;
use super::ir::*;
use super::pattern::element_type;
use super::*;
use crate::kernel::tree::Expression;

impl Value {
    /// Of what is borrowed a part, which is borrowed, too; none of a value.
    pub(super) fn borrowed_part(&self, step: Step) -> Option<Value> {
        let Node::Borrowed(place) = &self.node else { return None };
        let ty = match &step {
            Step::Field(position) => self.ty.part(*position)?,
            Step::Index(_) => element_type(&self.ty),
        };
        let (base, mut path) = (**place).clone();
        path.push(step);
        Some(Value::new(Node::Borrowed(Box::new((base, path))), ty))
    }
}

impl Builder<'_, '_> {
    /// `&value` or `&mut place`. What is borrowed for reading cannot change meanwhile, so its value stands for it.
    pub fn borrow(&mut self, mutable: bool, value: &'static Expression, line: u32) -> Result<Value> {
        if !mutable {
            let value = self.value(value)?;
            return Ok(self.followed(value));
        }
        let Some((mut access, _)) = self.access(value, None)? else { return Ok(Value::never()) };
        self.make_repeatable(&mut access);
        self.require(&mut access);
        match access {
            Access { base: Base::Value(base), path, ty, .. } if matches!(base.node, Node::Variable(_)) => {
                Ok(Value::new(Node::Borrowed(Box::new((base, path))), ty))
            }
            _ => Err(self.error_at(line, "only what a work-item has to itself can be borrowed by `&mut`")),
        }
    }

    /// `*reference`
    pub fn follow(&mut self, reference: &'static Expression) -> Result<Value> {
        let value = self.value(reference)?;
        Ok(self.followed(value))
    }

    /// What a reference leads to; any other value itself.
    pub fn followed(&mut self, value: Value) -> Value {
        match value.node {
            Node::Borrowed(place) => {
                let (base, path) = *place;
                self.load(&Access { base: Base::Value(base), path, checks: Vec::new(), ty: value.ty })
            }
            _ => value,
        }
    }

    /// Ends the work-item unless the checks of an access hold. Where work-items that have ended go on to a barrier, they
    /// see the first elements.
    fn require(&mut self, access: &mut Access) {
        let mut all_hold: Option<Value> = None;
        for check in std::mem::take(&mut access.checks) {
            let Some(holds) = self.require_check(&check) else { continue };
            all_hold = Some(match all_hold {
                Some(others) => Value::and(others, holds),
                None => holds,
            });
        }
        let Some(all_hold) = all_hold else { return };
        for step in &mut access.path {
            if let Step::Index(index) = step {
                let ty = index.ty.clone();
                let parts = [all_hold.clone(), index.clone(), Value::new(Node::Zero, ty.clone())];
                *index = self.spill(Value::new(Node::Select(Box::new(parts)), ty));
            }
        }
    }

    /// Ends the work-item unless a check holds; gives whether it does, if that is open.
    pub fn require_check(&mut self, check: &Check) -> Option<Value> {
        let holds = holds(check)?;
        let holds = self.spill(holds);
        let trap = self.ending_trap(check);
        self.code.push(Statement::If(Value::negated(holds.clone()), vec![trap], Code::new()));
        Some(holds)
    }

    /// Reports a failed check and ends the work-item.
    fn ending_trap(&mut self, check: &Check) -> Statement {
        self.context.join(Context { parameters: true, traps: true, halts: true, ..Context::default() });
        let values = check.index.iter().chain(&check.length).cloned().collect();
        Statement::Trap { code: check.code, values, halts: true }
    }
}
