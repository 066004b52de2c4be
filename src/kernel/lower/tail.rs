//! Has work-items that leave a body behind its last barrier meet again before the others, which left it in front of one, come in:
//! where both jump to one place, PoCL's compiler makes code that crashes.

use super::builder::Builder;
use super::ir::*;

impl Builder<'_, '_> {
    /// Gives what stands behind the last barrier of the body `number`, which was lowered just now, an end of its own.
    pub(super) fn end_tail(&mut self, number: usize) {
        let Some(Statement::Block { body, number: found, .. }) = self.code.last_mut() else { return };
        let Some(last) = body.iter().rposition(has_barrier).filter(|_| *found == number) else { return };
        if !body[..=last].iter().any(|statement| leaves(statement, number)) {
            return;
        }
        let mut tail = body.split_off(last + 1);
        if !tail.iter().any(|statement| leaves(statement, number)) {
            return body.extend(tail);
        }
        let (own, break_label) = (self.n_loops, self.n_labels + 1);
        (self.n_loops, self.n_labels) = (own + 1, break_label);
        tail.iter_mut().for_each(|statement| redirect(statement, number, own, break_label));
        body.extend([Statement::Block { body: tail, break_label, number: own }, Statement::Barrier]);
    }
}

fn has_barrier(statement: &Statement) -> bool {
    statement.any(&mut |inner| matches!(inner, Statement::Barrier | Statement::Collective(_)))
}

fn leaves(statement: &Statement, number: usize) -> bool {
    statement.any(&mut |inner| matches!(inner, Statement::Break(target, _) if *target == number))
}

/// Has what leaves the body `from` leave the block `to`.
fn redirect(statement: &mut Statement, from: usize, to: usize, label: Label) {
    match statement {
        Statement::Break(target, jump) if *target == from => (*target, *jump) = (to, Some(label)),
        Statement::If(_, then, otherwise) => {
            then.iter_mut().chain(otherwise).for_each(|inner| redirect(inner, from, to, label));
        }
        Statement::Loop { body, .. } | Statement::Block { body, .. } => {
            body.iter_mut().for_each(|inner| redirect(inner, from, to, label));
        }
        _ => {}
    }
}
