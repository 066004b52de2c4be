//! Keeps what is lowered flat, so that neither lowering nor a driver's compiler runs out of stack.

use super::builder::Builder;
use super::ir::*;
use super::*;

/// How deeply a value may nest before a part of it becomes a variable. Compilers count brackets, of which each level may
/// need several, and give up at 256.
const SHALLOW: usize = 24;
/// How many expressions may be lowered one inside the other, through all functions that call each other.
const DEPTH_LIMIT: usize = 600;

impl Builder<'_, '_> {
    /// Goes one expression deeper.
    pub fn deeper(&mut self, line: u32) -> Result<()> {
        if self.shared.depth < DEPTH_LIMIT {
            self.shared.depth += 1;
            return Ok(());
        }
        Err(self.error_at(
            line,
            format!(
                "expressions, and those of the functions that they call, nest more than {DEPTH_LIMIT} deep; bind parts of \
                 them with `let`"
            ),
        ))
    }

    /// The value, or a variable that holds it where it nests deeply.
    pub fn shallow(&mut self, value: Value) -> Value {
        let is_plain = matches!(value.ty, Type::Scalar(_)) && !value.is_never();
        if is_plain && value.is_deeper_than(SHALLOW) { self.spill(value) } else { value }
    }
}

impl Value {
    fn is_deeper_than(&self, limit: usize) -> bool {
        limit == 0 || self.children().into_iter().any(|child| child.is_deeper_than(limit - 1))
    }
}
