//! What the closures of a sequence make of its values, one by one.

use super::builder::Builder;
use super::ir::*;
use super::sequence::Calls;
use super::*;
use crate::kernel::tree::Adaptor;
use crate::kernel::types::Scalar;

/// What a closure is asked of each value.
#[derive(Clone, Copy)]
pub(super) enum Asking {
    /// Another value in its place.
    Map,
    /// Whether it is wanted, and what becomes of the loop if not.
    Filter(Unwanted),
    /// Another value in its place or none, and what then becomes of the loop.
    FilterMap(Unwanted),
    /// Whether to skip it, unless the variable says that one was not skipped before.
    SkipWhile(VariableId),
    /// Another value in its place, made with the state in the variable, or none, at which the loop ends.
    Scan(VariableId),
    /// Nothing: it only sees the value.
    Inspect,
}

/// What a loop does at a value that its closure does not want.
#[derive(Clone, Copy)]
pub(super) enum Unwanted {
    /// It goes on to the next.
    LeftOut,
    /// It ends.
    Last,
}

impl Asking {
    /// What the loop does where the closure gives nothing.
    fn unwanted(self) -> Unwanted {
        match self {
            Asking::FilterMap(unwanted) | Asking::Filter(unwanted) => unwanted,
            Asking::Scan(_) => Unwanted::Last,
            Asking::Map | Asking::SkipWhile(_) | Asking::Inspect => Unwanted::LeftOut,
        }
    }

    /// How often the closure is called, and whether a value comes of it each time.
    pub fn calls(self) -> Calls {
        match self {
            Asking::Map | Asking::Inspect => Calls::Each,
            _ => Calls::Some,
        }
    }
}

impl Builder<'_, '_> {
    /// What an adaptor asks its closure; none for those without one.
    pub fn asking(&mut self, adaptor: &Adaptor) -> Option<Asking> {
        Some(match adaptor {
            Adaptor::Map(_) => Asking::Map,
            Adaptor::Filter(_) => Asking::Filter(Unwanted::LeftOut),
            Adaptor::TakeWhile(_) => Asking::Filter(Unwanted::Last),
            Adaptor::FilterMap(_) => Asking::FilterMap(Unwanted::LeftOut),
            Adaptor::MapWhile(_) => Asking::FilterMap(Unwanted::Last),
            Adaptor::SkipWhile(_) => Asking::SkipWhile(self.zeroed(Type::Scalar(Scalar::Bool))),
            Adaptor::Inspect(_) => Asking::Inspect,
            _ => return None,
        })
    }

    /// What becomes of a value. `ends` is the position, among the loops around, of the one that ends where the closure says so.
    pub fn asked(&mut self, value: Value, closure: &Value, asking: Asking, ends: usize) -> Result<Value> {
        let Node::Closure(closure) = closure.node else { return Ok(value) };
        if value.is_never() {
            return Ok(value);
        }
        if let Asking::SkipWhile(found) = asking {
            return self.skipped_while(value, closure, found);
        }
        let mut arguments = vec![value.clone()];
        if let Asking::Scan(state) = asking {
            let state = self.read(state);
            let ty = state.ty.clone();
            arguments.insert(0, Value::new(Node::Borrowed(Box::new((state, Vec::new()))), ty));
        }
        let answer = self.apply_to(closure, arguments, 0)?;
        if answer.is_never() {
            return Ok(answer);
        }
        match asking {
            Asking::Map => return Ok(self.atom(answer)),
            Asking::FilterMap(_) | Asking::Scan(_) => {
                let answer = self.atom(answer);
                let is_some = self.is_variant(&answer, 1);
                self.leave_unless(is_some, asking.unwanted(), ends)?;
                let inside = self.field(answer, 1);
                return Ok(self.atom(inside));
            }
            Asking::Filter(unwanted) => self.leave_unless(answer, unwanted, ends)?,
            Asking::Inspect | Asking::SkipWhile(_) => self.evaluate(answer),
        }
        Ok(value)
    }

    /// A value, unless it stands before the first for which a closure is false.
    fn skipped_while(&mut self, value: Value, closure: usize, found: VariableId) -> Result<Value> {
        let (code, ()) = self.scoped(|builder| {
            let skips = builder.apply_to(closure, vec![value.clone()], 0)?;
            if !skips.is_never() {
                builder.leave_unless(Value::negated(skips), Unwanted::LeftOut, 0)?;
                builder.assign(found, Value::bool(true));
            }
            Ok(())
        })?;
        let is_found = self.read(found);
        self.code.push(Statement::If(Value::negated(is_found), code, Code::new()));
        Ok(value)
    }

    /// Goes on to the next value, or ends the loop, unless a condition holds.
    fn leave_unless(&mut self, condition: Value, unwanted: Unwanted, ends: usize) -> Result<()> {
        let (leave, _) = self.scoped(|builder| match unwanted {
            Unwanted::LeftOut => builder.continue_at(builder.loops.len() - 1),
            Unwanted::Last => builder.break_at(ends),
        })?;
        self.code.push(Statement::If(Value::negated(condition), leave, Code::new()));
        Ok(())
    }
}
