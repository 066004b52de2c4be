//! Atomic operations on elements of accessors, and their orders.
//!
//! OpenCL C 1.2 has relaxed operations and fences alone. An operation that orders others stands between fences; a load that
//! does is one that also writes, since drivers take plain loads for what may be moved.

use super::builder::Builder;
use super::enumeration::tagged;
use super::ir::*;
use super::*;
use crate::kernel::tree::BinaryOperator;
use crate::kernel::types::Scalar;

/// Whom an operation may be asked to hold for. OpenCL C 1.2 has operations for the whole device alone, which are as good.
const SCOPES: [&str; 5] = ["work_item", "sub_group", "work_group", "device", "system"];

impl Builder<'_, '_> {
    /// A method of a reference to an element.
    pub fn atomic_method(
        &mut self,
        scalar: Scalar,
        receiver: Value,
        name: &str,
        arguments: Vec<Value>,
    ) -> Option<Value> {
        let Node::AtomicReference(accessor, index, checks, order) = receiver.node else { return None };
        if let Some(order) = Order::named(name) {
            let node = Node::AtomicReference(accessor, index, checks, order);
            return Some(Value::new(node, receiver.ty));
        }
        if SCOPES.contains(&name) {
            self.shared.system_atomics |= name == "system";
            return Some(Value::new(Node::AtomicReference(accessor, index, checks, order), receiver.ty));
        }
        let operation = match operation(scalar, name)? {
            "load" if order.acquires => "ordered_load",
            operation => operation,
        };
        let arguments: Vec<Value> = arguments.into_iter().map(|argument| self.atom(argument)).collect();
        let current = arguments.first().filter(|_| operation == "cmpxchg").cloned();
        let ty = Type::Scalar(scalar);
        let value = Value::new(Node::Atomic(operation, accessor, index, arguments), ty.clone());
        if operation == "store" {
            let store = Statement::Evaluate(Value { node: value.node, ty: Type::Unit });
            self.guard(&checks, order.fenced(store));
            return Some(Value::unit());
        }
        let result = self.zeroed(ty);
        if let Some(current) = current {
            return Some(self.exchange_result(scalar, result, current, value, &checks, order));
        }
        let store = Statement::Store(Place { root: Root::Variable(result), path: Vec::new() }, value);
        self.guard(&checks, order.fenced(store));
        Some(self.read(result))
    }

    /// A `compare_exchange` and the `Result` that it gives: of what was `seen`, an error unless that is `current`. Where the
    /// index is out of range it is none, after which a loop would try again.
    fn exchange_result(
        &mut self,
        scalar: Scalar,
        seen: VariableId,
        current: Value,
        exchange: Value,
        checks: &[Check],
        order: Order,
    ) -> Value {
        let failed = self.zeroed(Type::Scalar(Scalar::Bool));
        let variable = |variable| Place { root: Root::Variable(variable), path: Vec::new() };
        let mut code = order.fenced(Statement::Store(variable(seen), exchange));
        let differs = match scalar.is_float() {
            true => self.differs_in_bits(scalar, self.read(seen), current),
            false => Value::binary(BinaryOperator::NotEqual, self.read(seen), current),
        };
        code.push(Statement::Store(variable(failed), differs));
        self.guard(checks, code);
        let (failed, seen) = (self.read(failed), self.read(seen));
        let nothing = Value::new(Node::Zero, seen.ty.clone());
        let either = |failed: &Value, then: &Value, otherwise: &Value| {
            let parts = [failed.clone(), then.clone(), otherwise.clone()];
            Value::new(Node::Select(Box::new(parts)), seen.ty.clone())
        };
        let fields = [either(&failed, &nothing, &seen), either(&failed, &seen, &nothing)];
        let ty = Type::result(seen.ty.clone(), seen.ty.clone());
        tagged(failed, fields, ty)
    }
}

impl Order {
    /// By the method that asks for it.
    fn named(name: &str) -> Option<Self> {
        let (acquires, releases) = match name {
            "relaxed" => (false, false),
            "acquire" => (true, false),
            "release" => (false, true),
            "acq_rel" | "seq_cst" => (true, true),
            _ => return None,
        };
        Some(Order { acquires, releases })
    }

    /// An operation between the fences that it needs.
    fn fenced(self, operation: Statement) -> Code {
        let before = self.releases.then_some(Statement::Fence);
        let after = self.acquires.then_some(Statement::Fence);
        before.into_iter().chain([operation]).chain(after).collect()
    }
}

/// The operation, if the scalar has it.
fn operation(scalar: Scalar, name: &str) -> Option<&'static str> {
    if scalar.bits() < 32 {
        return None;
    }
    Some(match name {
        "load" => "load",
        "store" => "store",
        "swap" => "xchg",
        "compare_exchange" | "compare_exchange_weak" => "cmpxchg",
        "fetch_add" => "add",
        "fetch_sub" => "sub",
        "fetch_min" => "min",
        "fetch_max" => "max",
        "fetch_and" if scalar.is_integer() => "and",
        "fetch_or" if scalar.is_integer() => "or",
        "fetch_xor" if scalar.is_integer() => "xor",
        _ => return None,
    })
}
