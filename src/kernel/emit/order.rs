//! Finds loops whose float operations a compiler must not reorder.
//!
//! A sum over floats depends on the order of its terms. Intel's CPU compiler vectorises such a loop all the same, in
//! spite of the language's rules; of the ways to stop it, the pragma alone works. It stands only before loops that carry
//! a float from one turn to the next, and does not touch the vectorisation across work-items.

use crate::kernel::lower::ir::*;

/// Stands before a loop whose turns must stay in order.
pub const KEEP: &str = "#pragma clang loop vectorize(disable) interleave(disable)";

/// Whether a loop carries a float from one turn to the next: in a variable that it both reads and assigns, or in an
/// element that it reads and stores at an index that stays the same.
pub fn matters(function: &Function, head: &Head, body: &[Statement]) -> bool {
    let mut found =
        Found { function, declared: Vec::new(), read: Vec::new(), assigned: Vec::new(), is_carried: false };
    match head {
        Head::Forever => {}
        Head::While(condition) => found.value(condition),
        Head::Count { variable, .. } => found.declared.push(*variable),
    }
    found.declarations(body);
    found.code(body);
    found.is_carried || found.assigned.iter().any(|variable| found.read.contains(variable))
}

struct Found<'f> {
    function: &'f Function,
    /// Variables that are new in every turn.
    declared: Vec<VariableId>,
    read: Vec<VariableId>,
    assigned: Vec<VariableId>,
    /// Whether an element carries a float.
    is_carried: bool,
}

impl Found<'_> {
    fn declarations(&mut self, code: &[Statement]) {
        for statement in code {
            match statement {
                Statement::Declare(variable, _) => self.declared.push(*variable),
                Statement::Collective(collective) => self.declared.push(collective.result),
                Statement::If(_, then, otherwise) => {
                    self.declarations(then);
                    self.declarations(otherwise);
                }
                Statement::Loop { head, body, .. } => {
                    if let Head::Count { variable, .. } = head {
                        self.declared.push(*variable);
                    }
                    self.declarations(body);
                }
                Statement::Block { body, .. } => self.declarations(body),
                _ => {}
            }
        }
    }

    fn code(&mut self, code: &[Statement]) {
        for statement in code {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Declare(_, Some(value))
            | Statement::Evaluate(value)
            | Statement::Return(Some(value)) => {
                self.value(value);
            }
            Statement::Store(place, value) => {
                self.value(value);
                place.path.iter().filter_map(Step::index).for_each(|index| self.value(index));
                self.place(place);
            }
            Statement::If(condition, then, otherwise) => {
                self.value(condition);
                self.code(then);
                self.code(otherwise);
            }
            Statement::Collective(collective) => self.value(&collective.value),
            Statement::Loop { head, body, .. } => {
                if let Head::While(condition) = head {
                    self.value(condition);
                }
                self.code(body);
            }
            Statement::Block { body, .. } => self.code(body),
            _ => {}
        }
    }

    fn value(&mut self, value: &Value) {
        value.any(&mut |part| {
            if let Node::Variable(variable) = part.node {
                self.read.push(variable);
            }
            false
        });
    }

    fn place(&mut self, place: &Place) {
        match &place.root {
            Root::Variable(variable) => {
                if !self.declared.contains(variable) && self.function.variables[*variable].ty.holds_float() {
                    self.assigned.push(*variable);
                }
            }
            Root::Element(accessor, index) => {
                let changes =
                    |part: &Value| matches!(part.node, Node::Variable(v) if self.declared.contains(&v));
                let is_same = !index.iter().any(|index| index.any(&mut |part| changes(part)));
                let element = &self.function.accessors[*accessor].element;
                self.is_carried |= is_same && element.holds_float();
            }
        }
    }
}
