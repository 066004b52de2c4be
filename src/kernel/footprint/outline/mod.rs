//! Outlines: what of a kernel's code decides about its footprint, found once for all its launches.
//!
//! Most of what a kernel computes reaches no index and no condition around one. A launch goes through the rest alone, in
//! which a value that does not matter is left out, or stands as one of which nothing is known.

mod need;
mod write;

use crate::kernel::lower::Module;
use crate::kernel::lower::ir::*;
use std::collections::BTreeSet;
use write::Writer;

/// What decides about a kernel's footprint.
pub(super) struct Outline {
    pub kernel: Code,
    /// By the numbers of the device functions.
    pub functions: Vec<Code>,
    /// The captured arguments that decide.
    pub captured: BTreeSet<usize>,
}

/// What is done, in order.
#[derive(Debug, Default)]
pub(super) struct Code {
    pub acts: Vec<Act>,
    /// The variables from around it that it assigns, each once.
    pub assigned: Vec<VariableId>,
    /// Whether what follows it is never reached from its end.
    pub leaves: bool,
    /// Whether what follows it may be reached another way than from its end, or not at all.
    pub may_leave: bool,
}

/// One thing that is done.
#[derive(Debug)]
pub(super) enum Act {
    /// Gives a variable a value, or any that its type has.
    Assign(VariableId, Option<Value>),
    /// Looks at a value for the questions in it.
    Ask(Value),
    /// Writes an element of a buffer.
    Write {
        accessor: AccessorId,
        index: Vec<Value>,
        /// Whether every work-item comes here that does not fail, and writes the element in full.
        fills: bool,
    },
    If {
        condition: Value,
        then: Code,
        otherwise: Code,
        /// What both assign.
        assigned: Vec<VariableId>,
    },
    Loop {
        head: Head,
        body: Code,
        number: usize,
    },
    /// What may be left early.
    Block(Target, Code),
    Leave(Target),
    /// Goes on with the next turn of a loop.
    NextTurn(usize),
    Return(Option<Value>),
    /// The work-item ends.
    End,
    /// The work-item may end.
    MayEnd,
}

/// Something that can be left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    /// The loop or block with this number.
    Numbered(usize),
    /// The end of what only those do that have not ended.
    Halted,
}

/// What callers must know of a function's outline.
#[derive(Clone, Debug, Default)]
struct Called {
    /// Which parameters decide.
    decides: Vec<bool>,
    /// Whether it holds a question, or touches a buffer.
    asks: bool,
}

impl Outline {
    pub fn of(module: &Module) -> Self {
        let mut outline =
            Outline { kernel: Code::default(), functions: Vec::new(), captured: BTreeSet::new() };
        let mut called = Vec::new();
        // Callees come first.
        for function in &module.functions {
            let (code, known) = Writer::new(function, &called, &mut outline.captured).write(false);
            outline.functions.push(code);
            called.push(known);
        }
        outline.kernel = Writer::new(&module.kernel, &called, &mut outline.captured).write(true).0;
        outline
    }
}

impl Code {
    /// Some acts, in which some variables are declared.
    fn new(acts: Vec<Act>, declared: &[VariableId]) -> Self {
        let mut assigned: Vec<VariableId> = acts.iter().flat_map(Act::assigned).copied().collect();
        assigned.retain(|variable| !declared.contains(variable));
        assigned.sort_unstable();
        assigned.dedup();
        let (leaves, may_leave) = (acts.iter().any(Act::leaves), acts.iter().any(Act::may_leave));
        Code { acts, assigned, leaves, may_leave }
    }

    /// Whether it does nothing but leave the loop with this number, or its turn.
    fn only_leaves(&self, number: usize) -> bool {
        self.acts.iter().all(|act| match act {
            Act::Leave(target) => *target == Target::Numbered(number),
            Act::NextTurn(of) => *of == number,
            Act::If { then, otherwise, .. } => then.only_leaves(number) && otherwise.only_leaves(number),
            _ => false,
        })
    }
}

impl Act {
    fn assigned(&self) -> &[VariableId] {
        match self {
            Act::Assign(variable, _) => std::slice::from_ref(variable),
            Act::If { assigned, .. } => assigned,
            Act::Loop { body, .. } | Act::Block(_, body) => &body.assigned,
            _ => &[],
        }
    }

    fn leaves(&self) -> bool {
        match self {
            Act::Leave(_) | Act::NextTurn(_) | Act::Return(_) | Act::End => true,
            Act::If { then, otherwise, .. } => then.leaves && otherwise.leaves,
            _ => false,
        }
    }

    fn may_leave(&self) -> bool {
        match self {
            Act::If { then, otherwise, .. } => then.may_leave || otherwise.may_leave,
            Act::Loop { body, .. } | Act::Block(_, body) => body.may_leave,
            Act::MayEnd => true,
            act => act.leaves(),
        }
    }
}
