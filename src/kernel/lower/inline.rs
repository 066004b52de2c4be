//! Closures, and the device functions that take them or in which work-items meet: their bodies are lowered in the place of
//! each call.
//!
//! A closure's body names bindings of the body around it, so it is lowered among these, wherever it is called. Such functions
//! have no text of their own.

use super::builder::{Builder, LoopFrame};
use super::ir::*;
use super::*;
use crate::kernel::instance::Definition;
use crate::kernel::tree::{Closure, Expression, LocalRef, LoopRef, Pattern};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Stands for the body as something that can be left.
const BODY: LoopRef = LoopRef::MAX;
/// How many bodies one kernel may have lowered in the place of a call.
const INLINED_LIMIT: usize = 2000;

/// A body, as far as it differs from the others in one function of the OpenCL C.
pub(super) struct Frame<'t> {
    types: Cow<'t, [Type]>,
    file: &'static str,
    result: Type,
    bindings: FxHashMap<LocalRef, Value>,
    loops: Vec<LoopFrame>,
}

/// The bodies of one function; the current one is in the builder.
#[derive(Default)]
pub(super) struct Frames<'t> {
    waiting: Vec<Option<Frame<'t>>>,
    current: usize,
}

/// A closure that was made.
#[derive(Clone)]
pub(super) struct ClosureValue {
    tree: &'static Closure,
    /// The body that it stands in.
    frame: usize,
    /// How many device functions were being lowered when it was made.
    depth: usize,
    /// What a `move` closure has copies of.
    own: Vec<(LocalRef, Value)>,
}

impl<'t> Builder<'_, 't> {
    /// A closure as a value.
    pub fn closure(&mut self, tree: &'static Closure) -> Value {
        let mut own = Vec::new();
        for local in tree.moved {
            let Some(Value { node: Node::Variable(variable), .. }) = self.bindings.get(local) else {
                continue;
            };
            let variable = *variable;
            if self.variables[variable].mutable {
                let (name, value) = (self.variables[variable].name.clone(), self.read(variable));
                let copy = self.variable(&name, value.ty.clone(), true);
                self.code.push(Statement::Declare(copy, Some(value)));
                own.push((*local, self.read(copy)));
            }
        }
        let (frame, depth) = (self.frames.current, self.shared.stack.len());
        self.closures.push(ClosureValue { tree, frame, depth, own });
        Value::new(Node::Closure(self.closures.len() - 1), Type::Unit)
    }

    /// `closure(arguments)`
    pub fn apply(
        &mut self,
        closure: &'static Expression,
        arguments: &'static [Expression],
        line: u32,
    ) -> Result<Value> {
        let Node::Closure(closure) = self.value(closure)?.node else {
            return Err(self
                .error_at(line, "what is called here is no closure that is known when the kernel is built"));
        };
        let arguments: Vec<_> = arguments.iter().collect();
        let Some(values) = self.operands(&arguments)? else { return Ok(Value::never()) };
        self.apply_to(closure, values, line)
    }

    /// A call of a closure with values that are known.
    pub fn apply_to(&mut self, closure: usize, values: Vec<Value>, line: u32) -> Result<Value> {
        self.count_inlined(line)?;
        let closure = self.closures[closure].clone();
        let outer = self.switch_to(closure.frame)?;
        // What was entered since the closure was made does not call its body: the closure's own surroundings do.
        let since = self.shared.stack.split_off(closure.depth.min(self.shared.stack.len()));
        let path = self.shared.path;
        self.shared.path = path.through((std::ptr::from_ref(closure.tree), line));
        let hidden: Vec<_> = closure
            .own
            .iter()
            .map(|(local, value)| (*local, self.bindings.insert(*local, value.clone())))
            .collect();
        let result = self.body(|builder| {
            builder.bind_all(closure.tree.parameters, values)?;
            builder.value(closure.tree.body)
        });
        for (local, value) in hidden {
            self.bindings.extend(value.map(|value| (local, value)));
        }
        self.shared.path = path;
        self.shared.stack.extend(since);
        self.switch_to(outer)?;
        result
    }

    fn bind_all(&mut self, patterns: &'static [Pattern], values: Vec<Value>) -> Result<()> {
        patterns.iter().zip(values).try_for_each(|(pattern, value)| self.bind(pattern, value))
    }

    /// The body of a device function in the place of its call.
    pub fn inline(
        &mut self,
        callee: Callee,
        definition: Definition,
        arguments: Vec<Value>,
        line: u32,
    ) -> Result<Value> {
        let Definition { tree, types, constants } = definition;
        self.refuse_recursion(callee, tree, line)?;
        self.count_inlined(line)?;
        self.shared.stack.push((callee, tree));
        let frame = Frame {
            types: Cow::Owned(types),
            file: tree.file,
            result: Type::Unit,
            bindings: FxHashMap::default(),
            loops: Vec::new(),
        };
        self.frames.reserve_current();
        self.frames.waiting.push(Some(frame));
        let (path, file) = (self.shared.path, self.file);
        let outer = self.switch_to(self.frames.waiting.len() - 1)?;
        self.shared.path = path.through((callee.id, file, line));
        let result = self.inlined_body(tree, &constants, arguments);
        self.shared.path = path;
        self.switch_to(outer)?;
        self.shared.stack.pop();
        result
    }

    fn inlined_body(
        &mut self,
        tree: &'static tree::Function,
        constants: &[Constant],
        arguments: Vec<Value>,
    ) -> Result<Value> {
        if let Some(result) = tree.result {
            self.result = self.type_of(result)?;
        }
        self.bind_constants(tree.constants, constants)?;
        for (parameter, value) in tree.parameters.iter().zip(arguments) {
            let value = if parameter.is_reference() { self.lent(value) } else { value };
            let bound = self.bind_name(parameter.name, false, value);
            self.bindings.insert(parameter.local, bound);
        }
        self.body(|builder| builder.block(&tree.body))
    }

    /// A body that `return` leaves.
    pub fn body(&mut self, work: impl FnOnce(&mut Self) -> Result<Value>) -> Result<Value> {
        let (outer, number) = (std::mem::take(&mut self.loops), self.n_loops);
        let result = self.leavable(BODY, work);
        self.loops = outer;
        self.end_tail(number);
        result
    }

    /// Whether the body being lowered stands in the place of a call, so that `return` must not leave the function.
    pub fn is_inlined(&self) -> bool {
        self.loops.first().is_some_and(|frame| frame.id == BODY)
    }

    /// `return` out of a body in the place of a call.
    pub fn return_from_inlined(&mut self, value: Value, line: u32) -> Result<Value> {
        self.leave_with(0, value);
        self.break_loop(BODY, None, line)
    }

    fn count_inlined(&mut self, line: u32) -> Result<()> {
        self.shared.n_inlined += 1;
        if self.shared.n_inlined <= INLINED_LIMIT {
            return Ok(());
        }
        Err(self.error_at(
            line,
            format!(
                "the kernel grows too large: closures, and the functions that take them or contain a barrier, are lowered at \
                 each of their calls, of which there are more than {INLINED_LIMIT} here; let such functions not call each \
                 other several times"
            ),
        ))
    }

    /// Goes on with another body; gives the number of the one left.
    fn switch_to(&mut self, target: usize) -> Result<usize> {
        let left = self.frames.current;
        if left == target {
            return Ok(left);
        }
        self.frames.reserve_current();
        let Some(frame) = self.frames.waiting.get_mut(target).and_then(Option::take) else {
            return Err(error("a closure is called where what it names is gone"));
        };
        let before = Frame {
            types: std::mem::replace(&mut self.types, frame.types),
            file: std::mem::replace(&mut self.file, frame.file),
            result: std::mem::replace(&mut self.result, frame.result),
            bindings: std::mem::replace(&mut self.bindings, frame.bindings),
            loops: std::mem::replace(&mut self.loops, frame.loops),
        };
        self.frames.waiting[left] = Some(before);
        self.frames.current = target;
        Ok(left)
    }
}

impl Frames<'_> {
    /// Makes a place for the current body.
    fn reserve_current(&mut self) {
        if self.waiting.is_empty() {
            self.waiting.push(None);
        }
    }
}
