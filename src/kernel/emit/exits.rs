//! Finds kernels that Intel's CPU compiler must not vectorise: those with a loop inside a loop that ends in three or
//! more ways.
//!
//! Measured: where two of the ways are the same for all work-items and one is not (`for b in 0..a` with one `break` on
//! `a` and `b`, and one on the work-item), its vectoriser gives all work-items of a vector the result of one. It does
//! not matter whether the ways out are `break`, `continue` of the outer loop or `return`. With two ways out, or without
//! the outer loop, the results are right. Says only what the text shows, not which ways out differ between work-items.

use crate::kernel::lower::Module;
use crate::kernel::lower::ir::*;
use crate::kernel::tree::{LogicOperator, UnaryOperator};

/// Stands before a kernel that is not to be vectorised. Only Intel's compilers know the attribute.
pub const NO_VECTORS: &str = "\
#ifdef __has_attribute
#if __has_attribute(intel_vec_len_hint)
__attribute__((intel_vec_len_hint(1)))
#endif
#endif
";

/// As many ways out of an inner loop are too many.
const TOO_MANY: usize = 3;

/// Whether a loop inside another has too many ways out. Device functions count as called in a loop.
pub fn are_many(module: &Module) -> bool {
    let in_functions = module.functions.iter().any(|function| in_code(&function.body, true));
    in_functions || in_code(&module.kernel.body, false)
}

fn in_code(code: &[Statement], is_inside: bool) -> bool {
    code.iter().any(|statement| match statement {
        Statement::Loop { head, body, number, .. } => {
            let is_too_many = is_inside && of_head(head) + Exits::of(body, *number) >= TOO_MANY;
            is_too_many || in_code(body, true)
        }
        Statement::If(_, then, otherwise) => in_code(then, is_inside) || in_code(otherwise, is_inside),
        Statement::Block { body, .. } | Statement::UnlessHalted(body, _) => in_code(body, is_inside),
        _ => false,
    })
}

fn of_head(head: &Head) -> usize {
    match head {
        Head::Forever => 0,
        Head::While(condition) => edges(condition, false),
        Head::Count { .. } => 1,
    }
}

/// How many parts of a condition by themselves make it `outcome`: `a && b` is false by either.
fn edges(condition: &Value, outcome: bool) -> usize {
    match &condition.node {
        Node::Unary(UnaryOperator::Not, inner) => edges(inner, !outcome),
        Node::Logic(operator, sides) if (*operator == LogicOperator::Or) == outcome => {
            edges(&sides[0], outcome) + edges(&sides[1], outcome)
        }
        Node::Logic(_, sides) => edges(&sides[1], outcome),
        _ => 1,
    }
}

/// The ways out of one loop's body.
pub struct Exits {
    number: usize,
    /// The loops and blocks around the statement, inside the loop.
    inner: Vec<usize>,
}

impl Exits {
    /// How many there are.
    pub fn of(body: &[Statement], number: usize) -> usize {
        Exits { number, inner: Vec::new() }.code(body)
    }

    fn code(&mut self, code: &[Statement]) -> usize {
        code.iter().map(|statement| self.statement(statement)).sum()
    }

    fn statement(&mut self, statement: &Statement) -> usize {
        match statement {
            Statement::If(condition, then, otherwise) => {
                self.branch(condition, true, then) + self.branch(condition, false, otherwise)
            }
            Statement::Loop { body, number, .. } | Statement::Block { body, number, .. } => {
                self.inner.push(*number);
                let count = self.code(body);
                self.inner.pop();
                count
            }
            Statement::UnlessHalted(body, _) => self.code(body),
            statement => usize::from(self.leaves(statement)),
        }
    }

    /// A branch that always leaves is left on the way to it.
    fn branch(&mut self, condition: &Value, outcome: bool, code: &[Statement]) -> usize {
        match code.last() {
            Some(last) if self.leaves(last) => edges(condition, outcome),
            _ => self.code(code),
        }
    }

    fn leaves(&self, statement: &Statement) -> bool {
        match statement {
            Statement::Break(target, _) => !self.inner.contains(target),
            Statement::Continue(target, _) => *target != self.number && !self.inner.contains(target),
            Statement::Return(_) | Statement::Trap { halts: true, .. } | Statement::LeaveIfHalted => true,
            _ => false,
        }
    }
}
