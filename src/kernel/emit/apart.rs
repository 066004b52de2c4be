//! Finds loops in which PoCL's compiler must be told that work-items may part.
//!
//! In kernels with barriers it puts barriers of its own into inner loops that every work-item goes through equally often,
//! if all or none of them come there. Of that it judges by the way from the kernel's start to the loop alone: that some may
//! have left the loop around it in an earlier turn it does not see, and then they get what others computed, or nothing. What
//! stands behind a branch on the work-item's id it leaves alone.

use super::exits::Exits;
use crate::kernel::lower::Module;
use crate::kernel::lower::ir::*;

/// Stands at the head of such a loop's body. No work-item has this id, which compilers find out after that step.
pub const LEAVE: &str = "if (get_local_id(0) == ULONG_MAX) break; // never";

/// Whether work-items may leave a loop, in a kernel with barriers, in different turns of it, and come to another inside.
pub fn may_leave(module: &Module, body: &[Statement], number: usize) -> bool {
    let mut functions = module.functions.iter().chain([&module.kernel]);
    functions.any(|function| function.has_barrier)
        && Exits::of(body, number) > 0
        && body.iter().any(|statement| statement.any(&mut may_repeat))
        && !body.iter().any(|statement| statement.any(&mut |inner| is_barrier(module, inner)))
}

fn may_repeat(statement: &Statement) -> bool {
    let calls = |value: &Value| value.any(&mut |part| matches!(part.node, Node::Call(..) | Node::Repeat(..)));
    matches!(statement, Statement::Loop { .. }) || statement.values().into_iter().any(calls)
}

/// What leaves a loop around a barrier, all work-items leave together.
fn is_barrier(module: &Module, statement: &Statement) -> bool {
    let calls = |value: &Value| {
        value.any(
            &mut |part| matches!(part.node, Node::Call(number, _) if module.functions[number].has_barrier),
        )
    };
    matches!(statement, Statement::Barrier | Statement::Collective(_))
        || statement.values().into_iter().any(calls)
}
