//! Finds conditions that Intel's CPU compiler must not take for bounds of the work-items.
//!
//! Where a kernel's work-items do nothing but under a comparison of their ids, it runs only those between the bounds that this
//! gives. A lower bound of 2^63 or more it takes for a negative number, and runs all of them, or leaves its memory: also for
//! `id + n >= n`, which compilers turn into `id > -n - 1`. What a function of OpenCL C makes of a condition it leaves alone, and
//! afterwards finds out that it is the condition.

use super::Printer;
use crate::kernel::lower::ir::*;
use crate::kernel::source::Content;
use crate::kernel::tree::BinaryOperator;
use crate::kernel::types::Scalar;

impl Printer<'_> {
    /// A condition as text, such that work-items are not bounded by it wrongly.
    pub fn unbounded(&mut self, condition: &Value) -> String {
        let text = self.value(condition);
        let is_hidden = self.loops == 0
            && !self.module.kernel.has_barrier
            && condition.any(&mut |part| self.may_be_a_large_bound(part));
        if is_hidden { format!("select(0u, 1u, (uint)({text})) != 0u") } else { text }
    }

    /// Whether a value compares 64-bit numbers of which compilers may make an id and one of 2^63 or more.
    fn may_be_a_large_bound(&self, value: &Value) -> bool {
        use BinaryOperator::{Greater, GreaterOrEqual, Less, LessOrEqual};
        let Node::Binary(Less | LessOrEqual | Greater | GreaterOrEqual, pair) = &value.node else {
            return false;
        };
        let [left, right] = &**pair;
        let is_harmless = self.is_small(left) && self.is_small(right)
            || self.is_extent(left) && self.is_next(right)
            || self.is_next(left) && self.is_extent(right);
        is_wide(left) && !is_harmless
    }

    /// Whether a number stands for itself and is below 2^63 in every launch.
    fn is_small(&self, value: &Value) -> bool {
        match &value.node {
            Node::Query(_) => true,
            Node::Literal(bits) => bits >> 63 == 0,
            Node::Cast(inner) => inner.scalar().is_some_and(|from| !from.is_signed() && from.bits() <= 32),
            Node::Below(_, pair) => self.is_small(&pair[0]),
            Node::Variable(variable) => self.small.contains_key(variable),
            _ => self.is_extent(value),
        }
    }

    /// Whether a number is an extent of the launch or of an accessor.
    fn is_extent(&self, value: &Value) -> bool {
        match &value.node {
            Node::Extent(..) | Node::Parameter(Content::GlobalRange(_) | Content::Extent(..)) => true,
            Node::Variable(variable) => self.small.get(variable) == Some(&true),
            _ => false,
        }
    }

    /// Whether a number is one of the next few behind a small one.
    fn is_next(&self, value: &Value) -> bool {
        let Node::Binary(BinaryOperator::Add, pair) = &value.node else { return false };
        self.is_small(&pair[0])
            && !self.is_extent(&pair[0])
            && matches!(pair[1].node, Node::Literal(bits) if bits >> 32 == 0)
    }

    /// Remembers a variable that never changes, if it is small.
    pub fn note_small(&mut self, variable: VariableId, value: &Value) {
        if is_wide(value) && self.is_small(value) {
            self.small.insert(variable, self.is_extent(value));
        }
    }
}

fn is_wide(value: &Value) -> bool {
    matches!(value.scalar(), Some(Scalar::Usize | Scalar::U64))
}
