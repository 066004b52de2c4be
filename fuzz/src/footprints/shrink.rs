//! Makes a program smaller while something stays true of it.

use super::program::{Captured, Expression, Program, Role, Statement};

/// How often a program is tried at most.
const TRIES: usize = 3000;

/// A smaller program of which `holds` is still true, as it is of `program`.
pub fn shrink(program: &Program, mut holds: impl FnMut(&Program) -> bool) -> Program {
    let mut small = program.clone();
    let mut left = TRIES;
    loop {
        let before = small.clone();
        for edit in [without_statement, with_branch, with_simpler, with_smaller_launch] {
            let mut number = 0;
            while left > 0 {
                let mut candidate = small.clone();
                if !edit(&mut candidate, number) {
                    break;
                }
                left -= 1;
                if candidate != small && holds(&candidate) { small = candidate } else { number += 1 }
            }
        }
        if small == before || left == 0 {
            return small;
        }
    }
}

/// Leaves out a statement; `false` if there are not so many.
fn without_statement(program: &mut Program, number: usize) -> bool {
    let mut seen = 0;
    let mut done = false;
    program.each_block(&mut |block| {
        if !done && number < seen + block.len() {
            block.remove(number - seen);
            done = true;
        }
        seen += block.len();
    });
    done
}

/// Puts a branch in the place of an `if`.
fn with_branch(program: &mut Program, number: usize) -> bool {
    let mut seen = 0;
    let mut done = false;
    program.each_block(&mut |block| {
        for position in 0..block.len() {
            let Statement::If(_, then, otherwise) = &mut block[position] else { continue };
            let branches = [std::mem::take(then), std::mem::take(otherwise)];
            seen += 2;
            if !done && number < seen {
                let [then, otherwise] = branches;
                let branch = if number == seen - 2 { then } else { otherwise };
                block.splice(position..=position, branch);
                done = true;
                return;
            }
            let Statement::If(_, then, otherwise) = &mut block[position] else { continue };
            [*then, *otherwise] = branches;
        }
    });
    done
}

/// Puts a number or an operand in the place of an expression.
fn with_simpler(program: &mut Program, number: usize) -> bool {
    let mut seen = 0;
    let mut done = false;
    program.each_expression(&mut |expression, _| {
        let choices = simpler(expression);
        if !done && number < seen + choices.len() {
            *expression = choices[number - seen].clone();
            done = true;
        }
        seen += choices.len();
    });
    done
}

fn simpler(expression: &Expression) -> Vec<Expression> {
    let scalar = expression.scalar;
    let literals = [0, 1].map(|bits| Expression::literal(scalar, bits));
    if literals.contains(expression) {
        return Vec::new();
    }
    let mut copy = expression.clone();
    let children = copy.children_mut().into_iter().filter(|child| child.scalar == scalar);
    let mut choices: Vec<Expression> = children.map(|child| child.clone()).collect();
    choices.extend(literals);
    choices
}

/// A change of a program.
type Edit = Box<dyn FnOnce(&mut Program)>;

/// Makes a number of the launch smaller.
fn with_smaller_launch(program: &mut Program, number: usize) -> bool {
    let mut edits: Vec<Edit> = Vec::new();
    for dimension in 0..program.shape.n_dimensions() {
        edits.push(Box::new(move |it| it.shape.global[dimension] = it.shape.local[dimension]));
        edits.push(Box::new(move |it| {
            let step = it.shape.local[dimension].max(1);
            it.shape.global[dimension] = it.shape.global[dimension].saturating_sub(step);
        }));
    }
    for which in 0..program.captures.len() {
        for value in [0, 1] {
            edits.push(Box::new(move |it| {
                if let Captured::Number(bits) | Captured::Specialized(bits) = &mut it.captures[which].value {
                    *bits = value;
                }
            }));
        }
    }
    for which in 0..program.accessors.len() {
        edits.push(Box::new(move |it| it.accessors[which].contents.fill(0)));
        for dimension in 0..program.accessors[which].extent.len() {
            edits.push(Box::new(move |it| it.resize(which, dimension, 1)));
            let one_less = program.accessors[which].extent[dimension].saturating_sub(1);
            edits.push(Box::new(move |it| it.resize(which, dimension, one_less)));
        }
    }
    match edits.into_iter().nth(number) {
        Some(edit) => {
            edit(program);
            true
        }
        None => false,
    }
}

impl Program {
    /// Gives an accessor another extent; new elements are zero.
    pub fn resize(&mut self, accessor: usize, dimension: usize, extent: usize) {
        let accessor = &mut self.accessors[accessor];
        accessor.extent[dimension] = extent;
        let n = accessor.n_elements();
        if accessor.role == Role::Input {
            accessor.contents.resize(n, 0);
        }
    }
}
