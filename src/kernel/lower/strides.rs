//! Steps through a sequence: as turns of a loop that are counted before, or, where the launch shows that none leads beyond all numbers, as
//! strides of its counter.

use super::builder::Builder;
use super::counts::Count;
use super::ir::*;
use super::sequence::{Item, Sequence, minus};
use super::*;
use crate::kernel::message::Message;
use crate::kernel::tree::BinaryOperator;

impl Builder<'_, '_> {
    /// A step, checked. Where work-items that have ended go on to a barrier, zero counts as the largest step.
    pub fn step(&mut self, step: Value, site: &'static Site, failure: &'static Message) -> Value {
        if matches!(step.node, Node::Literal(bits) if bits != 0) {
            return step;
        }
        if !self.shared.is_tested(site, 0) {
            let (number, ty) = (self.shared.left_out(site, 0, Asks::Step), step.ty.clone());
            // A variable, so that it is shown here and not only where the step is used: through an empty range nowhere.
            return self.spill(Value::new(Node::Divisor(number, Box::new(step)), ty));
        }
        let checked = self.late(step.ty.clone());
        self.code.push(Statement::Declare(checked, Some(step.clone())));
        let largest = Place { root: Root::Variable(checked), path: Vec::new() };
        let panic = self.own_panic(site, failure, Vec::new());
        let failed = vec![Statement::Store(largest, Value::usize(u64::MAX)), panic];
        let is_zero = Value::binary(BinaryOperator::Equal, step, Value::usize(0));
        self.code.push(Statement::If(is_zero, failed, Code::new()));
        self.read(checked)
    }

    /// The sequence with only the positions that it takes, one after the other.
    pub fn dense(&mut self, sequence: Sequence) -> Sequence {
        let Some((step, _)) = sequence.step.clone() else { return sequence };
        let count = self.stepped(sequence.count.clone(), &step);
        Sequence { count, step: None, ..sequence.map(|item| Item::Stepped(item, step)) }
    }

    /// The same to be gone through: in strides, if the last of them is shown to lead to a number. To count the turns before
    /// takes a division, which costs as much as some of them.
    pub fn striding(&mut self, sequence: Sequence) -> Sequence {
        if let (Some((step, site)), Count::Of(length)) = (&sequence.step, &sequence.count)
            && let Some(step) = self.stride(step, length, site)
        {
            return Sequence { step: Some((step, site)), ..sequence };
        }
        self.dense(sequence)
    }

    /// A step that leads to a number also from the last of so many positions; `None` if that is not shown.
    fn stride(&mut self, step: &Value, length: &Value, site: &'static Site) -> Option<Value> {
        if let (Node::Literal(step_bits), Node::Literal(length)) = (&step.node, &length.node) {
            return step_bits.checked_add(*length).map(|_| step.clone());
        }
        if self.shared.is_tested(site, 1) {
            return None;
        }
        let number = self.shared.left_out(site, 1, Asks::Stride);
        let beyond = minus(Value::usize(u64::MAX), length.clone());
        Some(Value::new(Node::Below(number, Box::new([step.clone(), beyond])), step.ty.clone()))
    }
}
