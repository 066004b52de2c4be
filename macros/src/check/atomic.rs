//! Atomic operations: the orders that loads and stores cannot have. Rustc checks them too, but points at the whole kernel.

use super::Checker;
use syn::{Expr, ExprMethodCall};

impl Checker {
    /// Reports `cell.release().load()` and its like.
    pub(super) fn atomic_order(&mut self, call: &ExprMethodCall) {
        let Some(order) = order_of(&call.receiver) else { return };
        let hint = match (call.method.to_string().as_str(), order.as_str()) {
            ("load", "release" | "acq_rel") => "write `.acquire().load()`",
            ("store", "acquire" | "acq_rel") => "write `.release().store(value)`",
            _ => return,
        };
        let text = format!("there is no `{}` with the order `{order}`\nhint: {hint}", call.method);
        self.errors.at(&call.method, text);
    }
}

/// The order that the reference to an element was last given.
fn order_of(receiver: &Expr) -> Option<String> {
    let Expr::MethodCall(call) = receiver else { return None };
    match call.method.to_string().as_str() {
        order @ ("relaxed" | "acquire" | "release" | "acq_rel" | "seq_cst") => Some(order.to_owned()),
        "work_item" | "sub_group" | "work_group" | "device" | "system" => order_of(&call.receiver),
        _ => None,
    }
}
