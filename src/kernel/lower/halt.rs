//! Has work-items that have ended go on to every barrier, in kernels that have some, without doing anything on the way.
//!
//! What all work-items of a group do alike (loops and branches around barriers, and the variables that decide about
//! them) stays; everything that can be seen, and all control flow in which they may part, runs only in those that have
//! not ended. Functions without barriers need none of this: there the work-item returns.
//!
//! A loop around a barrier ends when all work-items of the group have, since nothing else may end it then. One without is not
//! entered when they have: what they failed for may be just that it would never end.

use super::ir::*;
use super::uniform::{differs, varying};
use super::*;
use crate::kernel::groups::Combination;
use crate::kernel::types::Scalar;

/// Rewrites each function of a module in which a work-item may end before a barrier.
pub(super) fn keep_barriers(module: &mut Module) {
    let n_functions = module.functions.len();
    for position in 0..=n_functions {
        let function = module.functions.get(position).unwrap_or(&module.kernel);
        if !(function.has_barrier && function.context.halts) {
            continue;
        }
        let Ok(varying) = varying(module, function) else { continue };
        let calls_barrier = module.functions.iter().map(|function| function.has_barrier).collect();
        let types = function.variables.iter().map(|variable| variable.ty.clone()).collect();
        let mut rewrite = Rewrite {
            varying,
            calls_barrier,
            types,
            n_labels: 0,
            is_in_plain_loop: false,
            late: Vec::new(),
            votes: Vec::new(),
            before: Code::new(),
        };
        let function = match position == n_functions {
            true => &mut module.kernel,
            false => &mut module.functions[position],
        };
        function.body = rewrite.code(std::mem::take(&mut function.body));
        for variable in rewrite.late {
            function.variables[variable].late = true;
        }
        function.variables.extend(rewrite.votes);
    }
}

struct Rewrite {
    varying: Vec<bool>,
    /// For each function of the module, whether it has a barrier.
    calls_barrier: Vec<bool>,
    types: Vec<Type>,
    n_labels: usize,
    /// Whether a loop is being rewritten that nothing but its condition ends, which work-items that have ended might never
    /// leave.
    is_in_plain_loop: bool,
    /// Variables that get their value apart from their declaration.
    late: Vec<VariableId>,
    /// Variables that say whether any work-item goes on, which come behind the others.
    votes: Vec<Variable>,
    /// What has to stand before the statement that is being sorted.
    before: Code,
}

impl Rewrite {
    fn code(&mut self, code: Code) -> Code {
        let mut result = Code::new();
        let mut guarded = Code::new();
        for statement in code {
            let is_line = matches!(statement, Statement::Line(_));
            let (kept, inner) = self.sorted(statement);
            if is_line && !guarded.is_empty() {
                guarded.extend(kept);
                continue;
            }
            if kept.is_some() {
                self.close(&mut guarded, &mut result);
            }
            result.append(&mut self.before);
            result.extend(kept);
            guarded.extend(inner);
        }
        self.close(&mut guarded, &mut result);
        result
    }

    fn close(&mut self, guarded: &mut Code, result: &mut Code) {
        if !guarded.is_empty() {
            self.n_labels += 1;
            result.push(Statement::UnlessHalted(std::mem::take(guarded), self.n_labels));
        }
    }

    /// What every work-item does of a statement, and what only those do that have not ended.
    fn sorted(&mut self, statement: Statement) -> (Option<Statement>, Option<Statement>) {
        match statement {
            Statement::Declare(variable, value) => self.declaration(variable, value),
            Statement::Store(place, value) => match &place.root {
                Root::Variable(_) if !self.is_guarded(&value) => (Some(Statement::Store(place, value)), None),
                _ => (None, Some(Statement::Store(place, value))),
            },
            Statement::Evaluate(value) if self.is_guarded(&value) => (None, Some(Statement::Evaluate(value))),
            Statement::If(condition, then, otherwise) if !differs(&condition, &self.varying) => {
                let (then, otherwise) = (self.code(then), self.code(otherwise));
                (Some(Statement::If(condition, then, otherwise)), None)
            }
            Statement::If(..) | Statement::Print { .. } => (None, Some(statement)),
            // A return, even of all work-items, has PoCL's compiler make loops with barriers behind it endless.
            Statement::Trap { halts: true, .. } if !self.is_in_plain_loop => (None, Some(statement)),
            Statement::Loop { ref head, ref body, .. } if self.parts(head, body) => (None, Some(statement)),
            // Only by a panic does anybody leave it, and then nobody comes to what follows.
            Statement::Loop { head: Head::Forever, ref body, number, .. }
                if !is_left(body, number, &mut Vec::new()) && !self.meets(body) =>
            {
                (None, Some(statement))
            }
            Statement::Loop { head, body, break_label, continue_label, number } => {
                let is_counted = matches!(head, Head::Count { .. });
                let may_go_on = !is_counted && self.meets(&body);
                let is_skipped = may_go_on && continues(&body, number);
                let vote = if may_go_on { self.vote(number) } else { Code::new() };
                let (outer, is_plain) = (self.is_in_plain_loop, !is_counted && !may_go_on);
                self.is_in_plain_loop = outer || is_plain;
                let code = self.code(body);
                self.is_in_plain_loop = outer;
                // At the end where all come there: PoCL's compiler gives up on some loops that end in a branch.
                let body = match is_skipped {
                    true => [vote, code].concat(),
                    false => [code, vote].concat(),
                };
                let whole = Statement::Loop { head, body, break_label, continue_label, number };
                match is_plain && !outer {
                    true => (Some(self.unless_all_halted(whole, number)), None),
                    false => (Some(whole), None),
                }
            }
            Statement::Block { ref body, .. } if body.iter().any(|inner| self.parts_in(inner)) => {
                (None, Some(statement))
            }
            Statement::Block { body, break_label, number } => {
                (Some(Statement::Block { body: self.code(body), break_label, number }), None)
            }
            // What follows is left out anyway.
            Statement::LeaveIfHalted => (None, None),
            other => (Some(other), None),
        }
    }

    /// Leaves a loop if all work-items of the group have ended.
    fn vote(&mut self, number: usize) -> Code {
        let (vote, nobody) = self.asked(number);
        let leave = Statement::If(nobody, vec![Statement::Break(number, None)], Code::new());
        vec![vote, leave]
    }

    /// Enters a loop unless all work-items of the group have ended.
    fn unless_all_halted(&mut self, whole: Statement, number: usize) -> Statement {
        let (vote, nobody) = self.asked(number);
        self.before.push(vote);
        Statement::If(Value::negated(nobody), vec![whole], Code::new())
    }

    /// Asks the work-items of the group whether any goes on: the question, and whether none does.
    fn asked(&mut self, number: usize) -> (Statement, Value) {
        let (result, ty) = (self.types.len(), Type::Scalar(Scalar::Bool));
        let name = format!("falx_alive_{number}");
        self.types.push(ty.clone());
        self.votes.push(Variable { name, ty: ty.clone(), mutable: false, late: false });
        let (within, operation) = (Within::Group, Operation::Reduce(Combination::Or));
        let vote = Collective { result, within, operation, value: Value::new(Node::Alive, ty.clone()) };
        let nobody = Value::negated(Value::new(Node::Variable(result), ty));
        (Statement::Collective(Box::new(vote)), nobody)
    }

    /// Whether work-items meet in some code.
    fn meets(&self, code: &[Statement]) -> bool {
        let calls = |value: &Value| {
            value.any(&mut |part| matches!(part.node, Node::Call(number, _) if self.calls_barrier[number]))
        };
        code.iter().any(|statement| match statement {
            Statement::Barrier | Statement::Collective(_) => true,
            Statement::Declare(_, Some(value)) | Statement::Store(_, value) | Statement::Evaluate(value) => {
                calls(value)
            }
            Statement::If(_, then, otherwise) => self.meets(then) || self.meets(otherwise),
            Statement::Loop { body, .. } | Statement::Block { body, .. } => self.meets(body),
            _ => false,
        })
    }

    /// A variable exists in every work-item, and has a value there.
    fn declaration(
        &mut self,
        variable: VariableId,
        value: Option<Value>,
    ) -> (Option<Statement>, Option<Statement>) {
        let later = match value {
            Some(value) if !self.is_guarded(&value) => {
                return (Some(Statement::Declare(variable, Some(value))), None);
            }
            Some(value) => {
                self.late.push(variable);
                Some(Statement::Store(Place { root: Root::Variable(variable), path: Vec::new() }, value))
            }
            None => None,
        };
        let zero = Value::new(Node::Zero, self.types[variable].clone());
        (Some(Statement::Declare(variable, Some(zero))), later)
    }

    /// Whether evaluating a value does something that can be seen. Calls with barriers are for everyone: they leave out by
    /// themselves what can be seen.
    fn is_guarded(&self, value: &Value) -> bool {
        let has_barrier =
            |part: &Value| matches!(part.node, Node::Call(number, _) if self.calls_barrier[number]);
        value.has_effect() && !value.any(&mut |part| has_barrier(part))
    }

    /// Whether the work-items of a group may leave a loop at different times.
    fn parts(&self, head: &Head, body: &[Statement]) -> bool {
        let differ = match head {
            Head::Forever => false,
            Head::While(condition) => differs(condition, &self.varying),
            Head::Count { start, end, step, .. } => {
                [start, end, step].into_iter().any(|value| differs(value, &self.varying))
            }
        };
        differ || body.iter().any(|statement| self.parts_in(statement))
    }

    fn parts_in(&self, statement: &Statement) -> bool {
        let inside = |code: &Code| code.iter().any(|statement| self.parts_in(statement));
        match statement {
            Statement::If(condition, then, otherwise) => {
                let leaves = then.iter().chain(otherwise).any(leaves);
                differs(condition, &self.varying) && leaves || inside(then) || inside(otherwise)
            }
            Statement::Loop { head, body, .. } => self.parts(head, body),
            Statement::Block { body, .. } => inside(body),
            _ => false,
        }
    }
}

/// Whether some code goes on to the next round of a loop before its end.
fn continues(code: &[Statement], number: usize) -> bool {
    code.iter().any(|statement| match statement {
        Statement::Continue(target, _) => *target == number,
        Statement::If(_, then, otherwise) => continues(then, number) || continues(otherwise, number),
        Statement::Loop { body, .. } | Statement::Block { body, .. } => continues(body, number),
        _ => false,
    })
}

/// Whether some code may jump out of the loop `own`, whose body it is; `inner` are the loops and blocks inside of that.
fn is_left(code: &[Statement], own: usize, inner: &mut Vec<usize>) -> bool {
    code.iter().any(|statement| match statement {
        Statement::Return(_) => true,
        Statement::Break(number, _) => !inner.contains(number),
        Statement::Continue(number, _) => *number != own && !inner.contains(number),
        Statement::If(_, then, otherwise) => is_left(then, own, inner) || is_left(otherwise, own, inner),
        Statement::Loop { body, number, .. } | Statement::Block { body, number, .. } => {
            inner.push(*number);
            is_left(body, own, inner)
        }
        _ => false,
    })
}

/// Whether a statement may jump out of what surrounds it.
fn leaves(statement: &Statement) -> bool {
    match statement {
        Statement::Break(..) | Statement::Continue(..) | Statement::Return(_) => true,
        Statement::If(_, then, otherwise) => then.iter().chain(otherwise).any(leaves),
        Statement::Loop { body, .. } | Statement::Block { body, .. } => body.iter().any(leaves),
        _ => false,
    }
}
