//! Walks over programs: what is directly inside an expression, and questions about all of it.

use super::{Block, Expression, Index, Kind, Program, Statement};

/// What is directly inside an expression.
pub enum Child<'p> {
    Expression(&'p Expression),
    Block(&'p Block),
}

/// The same, to be changed.
pub enum ChildMut<'p> {
    Expression(&'p mut Expression),
    Block(&'p mut Block),
}

macro_rules! children {
    ($name:ident, $child:ident, $iter:ident, $as_deref:ident, $expressions:ident $(, $mutable:tt)?) => {
        /// What is directly inside, in the order of the source.
        pub fn $name<'p>(expression: &'p $($mutable)? Expression) -> Vec<$child<'p>> {
            let mut found = Vec::new();
            match & $($mutable)? expression.kind {
                Kind::Literal(_) | Kind::Local(_) | Kind::Constant(_) | Kind::Continue(_) | Kind::Barrier | Kind::Whole(_) | Kind::Access(_, Index::Own, _) => {}
                Kind::Unary(_, inner)
                | Kind::Cast(inner)
                | Kind::Repeat(inner, _)
                | Kind::Field(inner, _)
                | Kind::Borrow(inner)
                | Kind::Let(_, inner)
                | Kind::Closure(_, inner) => found.push($child::Expression(inner)),
                Kind::Part { base, row, start, end, .. } => {
                    found.push($child::Expression(base));
                    let parts = [row, start, end].into_iter();
                    found.extend(parts.filter_map(|part| part.$as_deref()).map($child::Expression));
                }
                Kind::Binary(_, pair, _)
                | Kind::Logic(_, pair)
                | Kind::Assign(pair)
                | Kind::AssignOperation(_, pair, _)
                | Kind::Atomic(_, _, pair, _)
                | Kind::Element(pair, _) => found.extend(pair.$iter().map($child::Expression)),
                Kind::Access(_, Index::At(list), _)
                | Kind::Array(list)
                | Kind::Vector(list)
                | Kind::Make(_, list)
                | Kind::Method(_, list, _)
                | Kind::Apply(_, list)
                | Kind::Group(_, list, _)
                | Kind::Call(_, _, list) => found.extend(list.$iter().map($child::Expression)),
                Kind::If(condition, then, otherwise) => {
                    found.push($child::Expression(condition));
                    found.push($child::Block(then));
                    found.extend(otherwise.$iter().map($child::Block));
                }
                Kind::Match(value, arms) => {
                    found.push($child::Expression(value));
                    for arm in arms.$iter() {
                        found.extend(arm.guard.$iter().map($child::Expression));
                        found.push($child::Expression(& $($mutable)? arm.body));
                    }
                }
                Kind::Block(block) | Kind::Loop(_, block) | Kind::Labelled(_, block) => found.push($child::Block(block)),
                Kind::While(_, condition, body) => {
                    found.push($child::Expression(condition));
                    found.push($child::Block(body));
                }
                Kind::For { bounds, body, .. } => {
                    found.extend(bounds.$iter().map($child::Expression));
                    found.push($child::Block(body));
                }
                Kind::ForEach(_, _, sequence, body) => {
                    found.extend(sequence.$expressions().into_iter().map($child::Expression));
                    found.push($child::Block(body));
                }
                Kind::Ended(_, sequence, ending) => {
                    found.extend(sequence.$expressions().into_iter().chain(ending.$expressions()).map($child::Expression))
                }
                Kind::Break(_, value) | Kind::Return(value) => found.extend(value.$as_deref().map($child::Expression)),
            }
            found
        }
    };
}
children!(children, Child, iter, as_deref, expressions);
children!(children_mut, ChildMut, iter_mut, as_deref_mut, expressions_mut, mut);

/// Calls `see` for an expression and everything inside.
pub fn each<'p>(expression: &'p Expression, see: &mut dyn FnMut(&'p Expression)) {
    see(expression);
    for child in children(expression) {
        match child {
            Child::Expression(inner) => each(inner, see),
            Child::Block(block) => each_of_block(block, see),
        }
    }
}

/// Calls `see` for every expression of a block.
pub fn each_of_block<'p>(block: &'p Block, see: &mut dyn FnMut(&'p Expression)) {
    each_of_statements(&block.statements, see);
    if let Some(value) = &block.value {
        each(value, see);
    }
}

/// Calls `see` for every expression of some statements.
pub fn each_of_statements<'p>(statements: &'p [Statement], see: &mut dyn FnMut(&'p Expression)) {
    for statement in statements {
        let (value, block) = statement.parts();
        if let Some(value) = value {
            each(value, see);
        }
        if let Some(block) = block {
            each_of_block(block, see);
        }
    }
}

/// Whether a barrier, or an operation of a group, stands in a statement.
pub fn has_barrier(statement: &Statement) -> bool {
    let mut found = false;
    each_of_statements(std::slice::from_ref(statement), &mut |expression| {
        found |= matches!(expression.kind, Kind::Barrier | Kind::Group(..));
    });
    found
}

/// Calls `see` for every list of statements of a program, and every expression.
pub fn each_of_program<'p>(program: &'p Program, see: &mut dyn FnMut(&'p Expression)) {
    for function in &program.functions {
        each_of_block(&function.body, see);
    }
    each_of_statements(&program.body, see);
}
