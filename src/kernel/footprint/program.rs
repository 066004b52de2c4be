//! `Program`: what a walk found, as a function of the launch's numbers, for all launches of which it would be found the same way.

use super::launch::integer;
use super::number::{Number, product, quotient};
use super::tape::{Node, Noted, Operation, Tape, ZERO};
use super::touch::Touch;
use super::walk::Found;
use super::{Outcome, TouchedArguments};
use smallvec::SmallVec;

/// The needed part of a tape, and what its end is.
pub(super) struct Program {
    steps: Vec<Noted>,
    /// Which step must not give what.
    unequal: Vec<(Node, i128)>,
    /// The checks that stay open, by their positions.
    open: SmallVec<[usize; 8]>,
    touched: Option<Vec<Touch<Place>>>,
}

/// A number by the step that it differs from, and by how much.
#[derive(Clone, Copy)]
pub(super) struct Place {
    step: Node,
    beyond: i128,
}

impl Program {
    /// `None` where what was found needs numbers that are too large.
    pub fn new(found: &Found, tape: &Tape) -> Option<Self> {
        let mut place = |number: Number| {
            let (_, step) = number.parts();
            Some(Place { step, beyond: tape.beyond(number.parts())? })
        };
        let touched = match &found.touched {
            Some(touched) => Some(touched.iter().map(|touch| touch.map(&mut place)).collect::<Option<_>>()?),
            None => None,
        };
        let open = found.open.iter().map(|open| open.number).collect();
        let of = |node: Node| &tape.nodes[node as usize];
        let mut unequal = tape.unequal.clone();
        unequal.retain(|(node, number)| (of(*node).least..=of(*node).most).contains(number));
        unequal.sort_unstable();
        unequal.dedup();
        let mut program = Program { steps: tape.nodes.clone(), unequal, open, touched };
        program.leave_out_what_is_not_needed();
        Some(program)
    }

    #[cfg(test)]
    pub fn n_steps(&self) -> usize {
        self.steps.len()
    }

    fn places(&mut self, mut work: impl FnMut(&mut Place)) {
        self.touched.iter_mut().flatten().for_each(|touch| touch.each(&mut work));
    }

    fn leave_out_what_is_not_needed(&mut self) {
        let mut is_needed: Vec<bool> = self.steps.iter().map(Noted::decides).collect();
        is_needed[ZERO as usize] = true;
        self.unequal.iter().for_each(|(node, _)| is_needed[*node as usize] = true);
        self.places(|place| is_needed[place.step as usize] = true);
        for (position, step) in self.steps.iter().enumerate().rev() {
            if is_needed[position] {
                step.operation.operands().into_iter().for_each(|node| is_needed[node as usize] = true);
            }
        }
        let mut moved = vec![ZERO; self.steps.len()];
        let mut steps = Vec::new();
        for (position, step) in self.steps.iter().enumerate().filter(|(position, _)| is_needed[*position]) {
            moved[position] = steps.len() as Node;
            let operation = step.operation.with_operands(|node| moved[node as usize]);
            steps.push(Noted { operation, ..*step });
        }
        self.steps = steps;
        self.unequal.iter_mut().for_each(|(node, _)| *node = moved[*node as usize]);
        self.places(|place| place.step = moved[place.step as usize]);
    }

    /// What a walk would find of a launch with these numbers; `None` if it might take another way.
    pub fn run(&self, numbers: &[u64]) -> Option<Outcome> {
        let mut values: SmallVec<[i128; 32]> = SmallVec::new();
        for step in &self.steps {
            let value = step.operation.of(numbers, &values)?;
            if value < step.least || value > step.most {
                return None;
            }
            values.push(value);
        }
        if self.unequal.iter().any(|(step, number)| values[*step as usize] == *number) {
            return None;
        }
        let mut number = |Place { step, beyond }: Place| values[step as usize].checked_add(beyond);
        let mut all = TouchedArguments::new();
        let Some(touched) = &self.touched else { return Some((self.open.clone(), None)) };
        for touch in touched {
            all.push(touch.map(&mut number)?.touched());
        }
        Some((self.open.clone(), Some(all)))
    }
}

impl Noted {
    /// Whether another value may mean another way.
    fn decides(&self) -> bool {
        (self.least, self.most) != (i128::MIN, i128::MAX)
    }
}

impl Operation {
    fn operands(self) -> SmallVec<[Node; 2]> {
        let mut operands = SmallVec::new();
        self.with_operands(|node| {
            operands.push(node);
            node
        });
        operands
    }

    fn with_operands(self, mut new: impl FnMut(Node) -> Node) -> Self {
        use Operation::*;
        match self {
            Zero | Given(..) => self,
            Plus(node, number) => Plus(new(node), number),
            Times(node, factor) => Times(new(node), factor),
            Sum(one, two) => Sum(new(one), new(two)),
            Difference(one, two) => Difference(new(one), new(two)),
            Product(one, two) => Product(new(one), new(two)),
            Quotient(over, under) => Quotient(new(over), new(under)),
        }
    }

    fn of(self, numbers: &[u64], values: &[i128]) -> Option<i128> {
        let value = |node: Node| values[node as usize];
        match self {
            Operation::Zero => Some(0),
            Operation::Given(position, scalar) => integer(scalar, *numbers.get(position)?),
            Operation::Plus(node, number) => value(node).checked_add(number),
            Operation::Times(node, factor) => product(value(node), factor),
            Operation::Sum(one, two) => value(one).checked_add(value(two)),
            Operation::Difference(one, two) => value(one).checked_sub(value(two)),
            Operation::Product(one, two) => product(value(one), value(two)),
            Operation::Quotient(over, under) => quotient(value(over), value(under)),
        }
    }
}
