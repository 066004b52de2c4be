//! Goes through the parts of a program that may be changed.

use super::program::{Adaptor, Expression, Index, Kind, Program, Statement};

impl Program {
    /// Calls `change` for every list of statements, outer ones first.
    pub fn each_block(&mut self, change: &mut dyn FnMut(&mut Vec<Statement>)) {
        each_block(&mut self.body, change);
        self.functions.iter_mut().for_each(|function| each_block(&mut function.body, change));
    }

    /// Calls `change` for every expression, outer ones first; of functions where it says so.
    pub fn each_expression(&mut self, change: &mut dyn FnMut(&mut Expression, InFunction)) {
        let mut in_kernel = |expression: &mut Expression| change(expression, InFunction(false));
        self.body.iter_mut().for_each(|statement| in_statement(statement, &mut in_kernel));
        let mut in_function = |expression: &mut Expression| change(expression, InFunction(true));
        for function in &mut self.functions {
            function.body.iter_mut().for_each(|statement| in_statement(statement, &mut in_function));
            within(&mut function.value, &mut in_function);
        }
    }
}

/// Whether an expression stands in a function, which knows nothing of the kernel's variables.
#[derive(Clone, Copy, PartialEq)]
pub struct InFunction(pub bool);

fn each_block(block: &mut Vec<Statement>, change: &mut dyn FnMut(&mut Vec<Statement>)) {
    change(block);
    for statement in block {
        match statement {
            Statement::If(_, then, otherwise) => {
                each_block(then, change);
                each_block(otherwise, change);
            }
            Statement::For { body, .. } | Statement::While { body, .. } => each_block(body, change),
            _ => {}
        }
    }
}

fn in_statement(statement: &mut Statement, change: &mut dyn FnMut(&mut Expression)) {
    match statement {
        Statement::Let { value, .. }
        | Statement::Assign(_, value)
        | Statement::Update(_, _, value, _)
        | Statement::Sum(value)
        | Statement::Return(Some(value))
        | Statement::Assert(value, _) => within(value, change),
        Statement::Store { index, .. } => in_index(index, change),
        Statement::Slice { bounds, .. } => bounds.iter_mut().for_each(|bound| within(bound, change)),
        Statement::Row { row, .. } => within(row, change),
        Statement::StoreElement { index, value, .. } => {
            within(index, change);
            within(value, change);
        }
        Statement::If(condition, then, otherwise) => {
            within(condition, change);
            then.iter_mut().chain(otherwise).for_each(|statement| in_statement(statement, change));
        }
        Statement::For { bounds, adaptors, body, .. } => {
            bounds.iter_mut().for_each(|bound| within(bound, change));
            for adaptor in adaptors {
                if let Adaptor::StepBy(value, _) | Adaptor::Skip(value) | Adaptor::Take(value) = adaptor {
                    within(value, change);
                }
            }
            body.iter_mut().for_each(|statement| in_statement(statement, change));
        }
        Statement::While { condition, body, .. } => {
            within(condition, change);
            body.iter_mut().for_each(|statement| in_statement(statement, change));
        }
        Statement::Array { .. }
        | Statement::Break(_)
        | Statement::Continue(_)
        | Statement::Return(None)
        | Statement::Barrier => {}
    }
}

fn in_index(index: &mut Index, change: &mut dyn FnMut(&mut Expression)) {
    if let Index::At(components) = index {
        components.iter_mut().for_each(|component| within(component, change));
    }
}

fn within(expression: &mut Expression, change: &mut dyn FnMut(&mut Expression)) {
    change(expression);
    match &mut expression.kind {
        Kind::Load(_, index, _) => in_index(index, change),
        _ => expression.children_mut().into_iter().for_each(|child| within(child, change)),
    }
}

impl Expression {
    /// The operands, but for indices of accessors.
    pub fn children_mut(&mut self) -> Vec<&mut Expression> {
        match &mut self.kind {
            Kind::Literal(_)
            | Kind::Local(_)
            | Kind::Constant(_)
            | Kind::Extent(..)
            | Kind::Query(..)
            | Kind::Length(_)
            | Kind::Load(..) => Vec::new(),
            Kind::Unary(_, value)
            | Kind::Cast(value)
            | Kind::Element(_, _, value, _)
            | Kind::OfSlice(_, value, _) => {
                vec![&mut **value]
            }
            Kind::Binary(_, pair, _) | Kind::Logic(_, pair) => pair.iter_mut().collect(),
            Kind::CheckedOr(_, parts) | Kind::Select(parts) => parts.iter_mut().collect(),
            Kind::Method(_, list) | Kind::Call(_, _, list) => list.iter_mut().collect(),
        }
    }
}
