//! Makes a program that differs smaller, for as long as it still differs.

use crate::program::visit::{ChildMut, children_mut, each_of_program};
use crate::program::{Block, Expression, Kind, Program, Statement, Type};

/// How often a smaller program is tried.
const TRIES: usize = 800;

/// The smallest program found for which `differs` still holds.
pub fn shrink(program: &Program, mut differs: impl FnMut(&Program) -> bool) -> Program {
    let mut best = program.clone();
    let mut tries = 0;
    loop {
        let before = size(&best);
        pass(&mut best, &mut differs, &mut tries);
        if size(&best) == before || tries >= TRIES {
            return best;
        }
    }
}

/// Tries every cut once, and keeps those after which the program still differs.
fn pass(best: &mut Program, differs: &mut impl FnMut(&Program) -> bool, tries: &mut usize) {
    let mut position = 0;
    while *tries < TRIES {
        let mut candidate = best.clone();
        let mut cut = Cut { remaining: position, is_done: false };
        cut.program(&mut candidate);
        if !cut.is_done {
            return;
        }
        *tries += 1;
        if size(&candidate) < size(best) && differs(&candidate) {
            *best = candidate;
        } else {
            position += 1;
        }
    }
}

/// How large a program is.
fn size(program: &Program) -> usize {
    let mut n = program.outputs.len();
    each_of_program(program, &mut |expression| n += if is_zero(expression) { 1 } else { 2 });
    n
}

fn is_zero(expression: &Expression) -> bool {
    matches!(expression.kind, Kind::Literal(0))
}

/// One way to make a program smaller, by its number.
struct Cut {
    remaining: usize,
    is_done: bool,
}

impl Cut {
    /// Whether it is this one's turn.
    fn is_here(&mut self) -> bool {
        if self.is_done {
            return false;
        }
        self.is_done = self.remaining == 0;
        self.remaining = self.remaining.saturating_sub(1);
        self.is_done
    }

    fn program(&mut self, program: &mut Program) {
        self.statements(&mut program.body);
        for function in &mut program.functions {
            self.block(&mut function.body);
        }
    }

    fn block(&mut self, block: &mut Block) {
        self.statements(&mut block.statements);
        if let Some(value) = &mut block.value {
            self.expression(value);
        }
    }

    /// Leaves out a statement, or puts what is inside of it in its place.
    fn statements(&mut self, statements: &mut Vec<Statement>) {
        // From behind, because what stands there uses what stands before.
        for position in (0..statements.len()).rev() {
            if self.is_here() {
                statements.remove(position);
                return;
            }
            if let Statement::Expression(expression) = &mut statements[position]
                && expression.ty == Type::Unit
                && let Some(inner) = self.inside(expression)
            {
                statements.splice(position..=position, inner);
                return;
            }
            let (value, block) = statements[position].parts_mut();
            if let Some(value) = value {
                self.expression(value);
            }
            if let Some(block) = block
                && !self.is_done
            {
                self.block(block);
            }
            if self.is_done {
                return;
            }
        }
    }

    /// The statements inside of a construct, if it is their turn.
    fn inside(&mut self, expression: &mut Expression) -> Option<Vec<Statement>> {
        let mut blocks: Vec<&mut Block> = children_mut(expression)
            .into_iter()
            .filter_map(|child| match child {
                ChildMut::Block(block) => Some(block),
                ChildMut::Expression(_) => None,
            })
            .collect();
        let chosen = blocks.iter_mut().find(|_| self.is_here())?;
        Some(std::mem::take(&mut chosen.statements))
    }

    /// Puts something smaller of the same type in the expression's place.
    fn expression(&mut self, expression: &mut Expression) {
        if let Some(smaller) = self.smaller(expression) {
            *expression = smaller;
            return;
        }
        let mut assigns = matches!(
            expression.kind,
            Kind::Assign(_) | Kind::AssignOperation(..) | Kind::Borrow(_) | Kind::Part { .. }
        );
        for child in children_mut(expression) {
            match child {
                ChildMut::Expression(place) if std::mem::take(&mut assigns) => self.inside_place(place),
                ChildMut::Expression(inner) => self.expression(inner),
                ChildMut::Block(block) => self.block(block),
            }
            if self.is_done {
                return;
            }
        }
    }

    /// What is indexed stays, so that it remains a place.
    fn inside_place(&mut self, place: &mut Expression) {
        match &mut place.kind {
            Kind::Element(pair, _) => self.expression(&mut pair[1]),
            _ => {
                for child in children_mut(place) {
                    if let ChildMut::Expression(inner) = child {
                        self.expression(inner);
                    }
                }
            }
        }
    }

    fn smaller(&mut self, expression: &mut Expression) -> Option<Expression> {
        let ty = expression.ty.clone();
        if let Type::Scalar(scalar) = ty
            && !is_zero(expression)
            && self.is_here()
        {
            return Some(Expression::literal(scalar, 0));
        }
        for child in children_mut(expression) {
            let inner = match child {
                ChildMut::Expression(inner) => inner,
                ChildMut::Block(Block { statements, value: Some(value) }) if statements.is_empty() => value,
                ChildMut::Block(_) => continue,
            };
            if inner.ty == ty && ty != Type::Unit && self.is_here() {
                return Some(inner.clone());
            }
        }
        None
    }
}
