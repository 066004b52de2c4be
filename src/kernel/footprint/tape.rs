//! The tape: how the numbers of one walk came of the numbers of its launch, and what was decided by them on the way.
//!
//! A number is a node plus something that is known, so that what is only shifted shares its node. What was found by comparing
//! is kept as limits of nodes: another launch whose numbers keep within these takes the same way through the code, and so has
//! the same outcome. One thread goes through one kernel at a time, so that the tape is the thread's.

use super::number::product;
use super::program::Program;
use crate::kernel::types::Scalar;
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// The position of something on the tape.
pub(super) type Node = u32;

/// The node of what is known of every launch.
pub(super) const ZERO: Node = 0;

/// A tape that grows beyond this is not worth following.
const MOST_NODES: usize = 2000;

/// How a node comes of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    Zero,
    /// One of the launch's numbers, as a number of a type.
    Given(usize, Scalar),
    Plus(Node, i128),
    Times(Node, i128),
    Sum(Node, Node),
    Difference(Node, Node),
    Product(Node, Node),
    /// Rounded down, by a positive number.
    Quotient(Node, Node),
}

/// A node, and between which numbers, both included, it has to be for all to be decided as it was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted {
    pub operation: Operation,
    pub value: i128,
    pub least: i128,
    pub most: i128,
}

#[derive(Default)]
pub(super) struct Tape {
    pub nodes: Vec<Noted>,
    /// Which node must not be what.
    pub unequal: Vec<(Node, i128)>,
    known: FxHashMap<Operation, Node>,
    /// Whether something happened that is not on the tape.
    is_broken: bool,
}

thread_local! {
    static TAPE: RefCell<Tape> = RefCell::default();
}

/// Does `work` on a new tape, and gives what it did that with.
pub(super) fn recorded<R>(
    work: impl FnOnce() -> R,
    program: impl FnOnce(&R, &Tape) -> Option<Program>,
) -> (R, Option<Program>) {
    TAPE.set(Tape::new());
    let result = work();
    let tape = TAPE.take();
    let program = if tape.is_broken { None } else { program(&result, &tape) };
    (result, program)
}

/// A node with this value; `None` if that is too large.
pub(super) fn node(operation: Operation, value: Option<i128>) -> Node {
    TAPE.with_borrow_mut(|tape| tape.node(operation, value))
}

/// What may be too large to be a number: then others have to be looked at anew, unless it is so in every launch.
pub(super) fn unless_too_large(value: Option<i128>, of: [Node; 2]) -> Option<i128> {
    if value.is_none() && of != [ZERO; 2] {
        TAPE.with_borrow_mut(|tape| tape.is_broken = true);
    }
    value
}

pub(super) fn sum(one: Node, two: Node) -> Node {
    match (one, two) {
        (one, ZERO) => one,
        (ZERO, two) => two,
        _ => TAPE.with_borrow_mut(|tape| {
            let value = tape.value(one).checked_add(tape.value(two));
            tape.node(Operation::Sum(one.min(two), one.max(two)), value)
        }),
    }
}

pub(super) fn difference(one: Node, two: Node) -> Node {
    match (one, two) {
        (one, ZERO) => one,
        (ZERO, two) => multiple(two, -1),
        _ if one == two => ZERO,
        _ => TAPE.with_borrow_mut(|tape| tape.difference(one, two)),
    }
}

pub(super) fn multiple(node: Node, factor: i128) -> Node {
    match factor {
        0 => ZERO,
        1 => node,
        _ if node == ZERO => ZERO,
        _ => TAPE.with_borrow_mut(|tape| {
            let value = product(tape.value(node), factor);
            tape.node(Operation::Times(node, factor), value)
        }),
    }
}

/// The node that is a number itself, with nothing to be added.
pub(super) fn exact((value, node): (i128, Node)) -> Node {
    TAPE.with_borrow_mut(|tape| match tape.beyond((value, node)) {
        Some(0) => node,
        Some(rest) => tape.node(Operation::Plus(node, rest), Some(value)),
        None => tape.broken(),
    })
}

/// Two numbers are compared: which of them is smaller.
pub(super) fn note_order(left: (i128, Node), right: (i128, Node)) {
    if left.1 != right.1 {
        TAPE.with_borrow_mut(|tape| tape.order(left, right));
    }
}

/// Two numbers are compared: whether they are equal.
pub(super) fn note_equality(left: (i128, Node), right: (i128, Node)) {
    if left.1 != right.1 {
        TAPE.with_borrow_mut(|tape| tape.equality(left, right));
    }
}

impl Tape {
    fn new() -> Self {
        let mut tape = Tape::default();
        tape.node(Operation::Zero, Some(0));
        tape
    }

    fn value(&self, node: Node) -> i128 {
        self.nodes[node as usize].value
    }

    fn broken(&mut self) -> Node {
        self.is_broken = true;
        ZERO
    }

    fn node(&mut self, operation: Operation, value: Option<i128>) -> Node {
        if let Some(known) = self.known.get(&operation) {
            return *known;
        }
        let Some(value) = value else { return self.broken() };
        if self.nodes.len() >= MOST_NODES {
            return self.broken();
        }
        let node = self.nodes.len() as Node;
        self.nodes.push(Noted { operation, value, least: i128::MIN, most: i128::MAX });
        self.known.insert(operation, node);
        node
    }

    fn difference(&mut self, one: Node, two: Node) -> Node {
        let value = self.value(one).checked_sub(self.value(two));
        self.node(Operation::Difference(one, two), value)
    }

    /// What a number has beyond its node.
    pub fn beyond(&self, (value, node): (i128, Node)) -> Option<i128> {
        value.checked_sub(self.value(node))
    }

    /// Two numbers to compare, as `node < rest`, or `-node < rest` if it is the opposite; `None` if all numbers compare so.
    fn compared(&mut self, left: (i128, Node), right: (i128, Node)) -> Option<(Node, bool, i128)> {
        let (Some(one), Some(two)) = (self.beyond(left), self.beyond(right)) else {
            self.broken();
            return None;
        };
        let (node, is_opposite) = match (left.1, right.1) {
            (node, ZERO) => (node, false),
            (ZERO, node) => (node, true),
            (one, two) if one > two => (self.difference(one, two), false),
            (one, two) => (self.difference(two, one), true),
        };
        // No number lies beyond what numbers can be, as long as it is one.
        self.narrow(node, i128::MIN, i128::MAX);
        Some((node, is_opposite, two.checked_sub(one)?))
    }

    fn narrow(&mut self, node: Node, least: i128, most: i128) {
        let noted = &mut self.nodes[node as usize];
        // Above the smallest of all, so that it is seen to have limits.
        noted.least = noted.least.max(least.max(i128::MIN + 1));
        noted.most = noted.most.min(most);
    }

    fn order(&mut self, left: (i128, Node), right: (i128, Node)) {
        let Some((node, is_opposite, rest)) = self.compared(left, right) else { return };
        let opposite = rest.saturating_neg();
        match (is_opposite, left.0 < right.0) {
            (false, true) => self.narrow(node, i128::MIN, rest.saturating_sub(1)),
            (false, false) => self.narrow(node, rest, i128::MAX),
            (true, true) => self.narrow(node, opposite.saturating_add(1), i128::MAX),
            (true, false) => self.narrow(node, i128::MIN, opposite),
        }
    }

    fn equality(&mut self, left: (i128, Node), right: (i128, Node)) {
        let Some((node, is_opposite, rest)) = self.compared(left, right) else { return };
        let rest = if is_opposite { rest.saturating_neg() } else { rest };
        match left.0 == right.0 {
            true => self.narrow(node, rest, rest),
            false => self.unequal.push((node, rest)),
        }
    }
}
