//! Which captured numbers decide about a kernel's footprint: those that reach an index, a condition or the ends of a loop.
//!
//! A number that is only computed with, such as a seed or a step of time, may change from launch to launch without the
//! footprint being asked for again.

use crate::kernel::lower::Module;
use crate::kernel::lower::ir::*;
use crate::kernel::source::Content;
use std::collections::BTreeSet;

/// The captured arguments that decide.
pub(super) fn deciding(module: &Module) -> BTreeSet<usize> {
    let mut parameters: Vec<Vec<bool>> = Vec::new();
    let mut captured = BTreeSet::new();
    // Callees come first.
    for function in module.functions.iter().chain([&module.kernel]) {
        let mut flow =
            Flow { deciding: vec![false; function.variables.len()], captured, parameters: &parameters };
        while flow.goes_on(function) {}
        let decides = function.parameters.iter().map(|parameter| match parameter {
            Parameter::Variable(variable) => flow.deciding[*variable],
            Parameter::Accessor(_) => false,
        });
        let decides = decides.collect();
        captured = flow.captured;
        parameters.push(decides);
    }
    captured
}

/// What decides in one function, whatever the order of its statements.
struct Flow<'m> {
    /// Which variables do.
    deciding: Vec<bool>,
    captured: BTreeSet<usize>,
    /// Which parameters do of the functions before.
    parameters: &'m [Vec<bool>],
}

impl Flow<'_> {
    /// Goes through the function once more; gives whether that found something.
    fn goes_on(&mut self, function: &Function) -> bool {
        let count =
            |flow: &Self| (flow.captured.len(), flow.deciding.iter().filter(|decides| **decides).count());
        let before = count(self);
        self.code(&function.body);
        count(self) != before
    }

    fn code(&mut self, code: &[Statement]) {
        code.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Declare(variable, value) => {
                value.iter().for_each(|value| self.value(value, self.deciding[*variable]));
            }
            Statement::Store(Place { root, path }, value) => {
                path.iter().filter_map(Step::index).for_each(|index| self.value(index, true));
                match root {
                    Root::Variable(variable) => self.value(value, self.deciding[*variable]),
                    Root::Element(_, index) => {
                        self.all(index, true);
                        self.value(value, false);
                    }
                }
            }
            Statement::Evaluate(value) => self.value(value, false),
            Statement::If(condition, then, otherwise) => {
                self.value(condition, true);
                self.code(then);
                self.code(otherwise);
            }
            Statement::Loop { head, body, .. } => {
                match head {
                    Head::Forever => {}
                    Head::While(condition) => self.value(condition, true),
                    Head::Count { start, end, .. } => self.all([start, end], true),
                }
                self.code(body);
            }
            Statement::Block { body, .. } | Statement::UnlessHalted(body, _) => self.code(body),
            Statement::Collective(collective) => {
                if let Operation::Gather(position) = &collective.operation {
                    self.value(position, true);
                }
                self.value(&collective.value, self.deciding[collective.result]);
            }
            // Of a device function's result it is not asked what for.
            Statement::Return(value) => value.iter().for_each(|value| self.value(value, true)),
            Statement::Trap { values, .. } | Statement::Print { values, .. } => self.all(values, false),
            Statement::Line(_)
            | Statement::Break(..)
            | Statement::Continue(..)
            | Statement::Barrier
            | Statement::Fence
            | Statement::LeaveIfHalted => {}
        }
    }

    fn all<'v>(&mut self, values: impl IntoIterator<Item = &'v Value>, decides: bool) {
        values.into_iter().for_each(|value| self.value(value, decides));
    }

    /// A value that decides, or one in which something may.
    fn value(&mut self, value: &Value, decides: bool) {
        match &value.node {
            Node::Variable(variable) => self.deciding[*variable] |= decides,
            Node::Parameter(Content::Value(argument)) if decides => _ = self.captured.insert(*argument),
            Node::Below(_, pair) => self.all(&**pair, true),
            Node::Element(pair) => {
                self.value(&pair[0], decides);
                self.value(&pair[1], true);
            }
            Node::Load(_, index) => self.all(index, true),
            Node::Atomic(_, _, index, operands) => {
                self.all(index, true);
                self.all(operands, decides);
            }
            Node::Logic(_, pair) => {
                // What stands behind the first is evaluated if that says so.
                self.value(&pair[0], true);
                self.value(&pair[1], decides);
            }
            Node::Select(three) => {
                self.value(&three[0], true);
                self.value(&three[1], decides);
                self.value(&three[2], decides);
            }
            Node::Call(function, arguments) => self.call(*function, arguments, decides),
            _ => self.all(value.children(), decides),
        }
    }

    fn call(&mut self, function: usize, arguments: &[Value], decides: bool) {
        let given = arguments.iter().filter(|argument| !matches!(argument.node, Node::Item | Node::Unit));
        for (position, argument) in given.enumerate() {
            let inside = self.parameters.get(function).and_then(|parameters| parameters.get(position));
            self.value(argument, decides || inside.copied().unwrap_or(true));
        }
    }
}
