//! How deep code nests, since whoever launches may have little stack.

use crate::kernel::lower::Module;
use crate::kernel::lower::ir::*;

/// How many statements and values lie one in the other at most, functions at their calls.
pub(super) fn of(module: &Module) -> usize {
    let functions = module.functions.iter().chain([&module.kernel]);
    functions.map(|function| of_code(&function.body)).sum()
}

fn of_code(code: &[Statement]) -> usize {
    code.iter().map(|statement| 1 + of_statement(statement)).max().unwrap_or(0)
}

fn of_statement(statement: &Statement) -> usize {
    match statement {
        Statement::Declare(_, Some(value)) | Statement::Evaluate(value) | Statement::Return(Some(value)) => {
            of_value(value)
        }
        Statement::Store(place, value) => {
            let steps = place.path.iter().filter_map(Step::index).map(of_value);
            let components = match &place.root {
                Root::Element(_, index) => index.iter().map(of_value).max(),
                Root::Variable(_) => None,
            };
            steps.chain(components).chain([of_value(value)]).max().unwrap_or(0)
        }
        Statement::If(condition, then, otherwise) => {
            of_value(condition).max(of_code(then)).max(of_code(otherwise))
        }
        Statement::Loop { head, body, .. } => {
            let head = match head {
                Head::Forever => 0,
                Head::While(condition) => of_value(condition),
                Head::Count { start, end, step, .. } => {
                    of_value(start).max(of_value(end)).max(of_value(step))
                }
            };
            head.max(of_code(body))
        }
        Statement::Block { body, .. } | Statement::UnlessHalted(body, _) => of_code(body),
        Statement::Trap { values, .. } | Statement::Print { values, .. } => {
            values.iter().map(of_value).max().unwrap_or(0)
        }
        Statement::Collective(collective) => of_value(&collective.value),
        _ => 0,
    }
}

fn of_value(value: &Value) -> usize {
    1 + value.children().into_iter().map(of_value).max().unwrap_or(0)
}
