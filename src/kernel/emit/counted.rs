//! Finds integers that Intel's CPU compiler gets wrong where it counts them along with the work-items' ids.
//!
//! What grows with the ids in even steps it computes for a whole group from the first work-item's on. Of `~id` in a sum with
//! another such number it takes the step to be none, and likewise of `-1 - id`, which compilers turn into it; so work-items
//! from the seventeenth on get what others should. And where an `int` is the sum of an id and a large positive literal, it
//! takes that for a sum that never wraps, and widens it without its sign. What a conversion gives it does not count, also
//! where that converts to the same type; in the end nothing of it is left.
//!
//! The difference `(x > 0) - (x < 0)` it makes one comparison; and where `x` is `-y`, one of `y` turned around, as if no negation
//! wrapped around: the smallest number then has the sign of zero. So negations are hidden, as complements are.
//!
//! Known by what random kernels found. `x ^ MAX` and a literal behind a variable are not hidden: none was seen to be miscounted.

use crate::kernel::lower::ir::*;
use crate::kernel::tree::BinaryOperator;
use crate::kernel::types::Scalar;

/// Literals from here on are large. With smaller ones a sum wraps only for ids that no launch comes to.
const LARGE: u64 = 1 << 16;

/// Whether the result of an operation on integers must be hidden, so that it is not counted wrongly.
pub fn is_miscounted(operator: BinaryOperator, scalar: Scalar, left: &Value, right: &Value) -> bool {
    use BinaryOperator::{Add, Multiply, Subtract};
    let is_minus_one = |bits: u64| bits & scalar.mask() == scalar.mask();
    match (operator, literal(left), literal(right)) {
        (Subtract, Some(0), _) => true,
        (Multiply, left, right) => left.or(right).is_some_and(is_minus_one),
        (Subtract, Some(left), _) => scalar.bits() >= 32 && is_minus_one(left),
        (Add, left, right) if scalar == Scalar::I32 => left.or(right).is_some_and(is_large),
        (Subtract, None, Some(right)) if scalar == Scalar::I32 => is_large(right.wrapping_neg()),
        _ => false,
    }
}

/// The same number, hidden; `c_type` is its type.
pub fn hidden(c_type: &str, text: &str) -> String {
    format!("convert_{c_type}({text})")
}

fn literal(value: &Value) -> Option<u64> {
    match value.node {
        Node::Literal(bits) => Some(bits),
        _ => None,
    }
}

/// Whether the low 32 bits are a large positive number.
fn is_large(bits: u64) -> bool {
    (LARGE..1 << 31).contains(&(bits & Scalar::U32.mask()))
}
