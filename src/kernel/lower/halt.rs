//! Has work-items that have ended go on to every barrier, in kernels that have some, without doing anything on the way.
//!
//! What all work-items of a group do alike (loops and branches around barriers, and the variables that decide about
//! them) stays; everything that can be seen, and all control flow in which they may part, runs only in those that have
//! not ended. Functions without barriers need none of this: there the work-item returns.

use super::ir::*;
use super::uniform::{differs, varying};
use super::*;

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
        let mut rewrite = Rewrite { varying, calls_barrier, types, n_labels: 0, late: Vec::new() };
        let function = match position == n_functions {
            true => &mut module.kernel,
            false => &mut module.functions[position],
        };
        function.body = rewrite.code(std::mem::take(&mut function.body));
        for variable in rewrite.late {
            function.variables[variable].late = true;
        }
    }
}

struct Rewrite {
    varying: Vec<bool>,
    /// For each function of the module, whether it has a barrier.
    calls_barrier: Vec<bool>,
    types: Vec<Type>,
    n_labels: usize,
    /// Variables that get their value apart from their declaration.
    late: Vec<VariableId>,
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
            Statement::Loop { ref head, ref body, .. } if self.parts(head, body) => (None, Some(statement)),
            Statement::Loop { head, body, break_label, continue_label, number } => {
                let body = self.code(body);
                (Some(Statement::Loop { head, body, break_label, continue_label, number }), None)
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
            Head::Count { start, end, .. } => differs(start, &self.varying) || differs(end, &self.varying),
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

/// Whether a statement may jump out of what surrounds it.
fn leaves(statement: &Statement) -> bool {
    match statement {
        Statement::Break(..) | Statement::Continue(..) | Statement::Return(_) => true,
        Statement::If(_, then, otherwise) => then.iter().chain(otherwise).any(leaves),
        Statement::Loop { body, .. } | Statement::Block { body, .. } => body.iter().any(leaves),
        _ => false,
    }
}
