//! What ends a sequence: `sum`, `fold`, `any` and their kin, each a loop that leaves one value behind.

use super::builder::Builder;
use super::ir::*;
use super::*;
use crate::kernel::groups::Combination;
use crate::kernel::tree::{BinaryOperator, Ending, Expression, LoopRef, TypeRef};
use crate::kernel::types::Scalar;

impl Builder<'_, '_> {
    /// `sequence.ending()`
    pub fn ended(
        &mut self,
        id: LoopRef,
        sequence: &'static tree::Sequence,
        ending: &'static Ending,
        ty: TypeRef,
        line: u32,
    ) -> Result<Value> {
        let Some(sequence) = self.prepared(sequence)? else { return Ok(Value::never()) };
        let ty = self.type_of(ty)?;
        let Some((result, closure)) = self.begun(ending, &ty)? else { return Ok(Value::never()) };
        let place = self.counter(ending);
        self.run_through(id, &sequence, "t", |builder, value| {
            let step = Step { id, ending, result, closure, place, line };
            builder.step_of(&step, value, &ty)
        })?;
        Ok(if ty == Type::Unit { Value::unit() } else { self.read(result) })
    }

    /// The variable of the result, with what it holds if there are no values, and the closure that is asked.
    fn begun(&mut self, ending: &'static Ending, ty: &Type) -> Result<Option<(VariableId, Option<usize>)>> {
        let (start, closure) = match ending {
            Ending::Fold(start, closure) => (Some(*start), Some(*closure)),
            Ending::Any(closure)
            | Ending::All(closure)
            | Ending::Position(closure)
            | Ending::Find(closure)
            | Ending::ForEach(closure) => (None, Some(*closure)),
            _ => (None, None),
        };
        let start = match start {
            Some(start) => self.value(start)?,
            None => neutral(ending, ty),
        };
        if start.is_never() {
            return Ok(None);
        }
        if !ty.is_data() {
            let text = format!("what a sequence in {} is folded into is no data", self.file);
            return Err(error(text));
        }
        let result = self.late(ty.clone());
        if *ty != Type::Unit {
            self.code.push(Statement::Declare(result, Some(start)));
        }
        Ok(Some((result, closure.map(|closure| self.closure_of(closure)).transpose()?)))
    }

    fn closure_of(&mut self, closure: &'static Expression) -> Result<usize> {
        match self.value(closure)?.node {
            Node::Closure(closure) => Ok(closure),
            _ => Err(self.error_at(
                closure.line,
                "what is called here is no closure that is known when the kernel is built",
            )),
        }
    }

    /// The variable that counts values, where the ending asks for a position.
    fn counter(&mut self, ending: &Ending) -> Option<VariableId> {
        matches!(ending, Ending::Position(_)).then(|| self.zeroed(Type::Scalar(Scalar::Usize)))
    }

    /// What is done with one value.
    fn step_of(&mut self, step: &Step, value: Value, ty: &Type) -> Result<Value> {
        let result = self.read(step.result);
        match step.ending {
            Ending::Sum(site) | Ending::Product(site) => {
                let operator = match step.ending {
                    Ending::Sum(_) => BinaryOperator::Add,
                    _ => BinaryOperator::Multiply,
                };
                let value = self.followed(value);
                let value = self.combine(operator, result, value, Some(*site), step.line)?;
                self.assign(step.result, value);
            }
            Ending::Count => {
                self.evaluate(value);
                self.assign(step.result, Value::binary(BinaryOperator::Add, result, Value::usize(1)));
            }
            Ending::Min => self.keep_if(BinaryOperator::Less, step, value, ty)?,
            Ending::Max => self.keep_if(BinaryOperator::GreaterOrEqual, step, value, ty)?,
            Ending::Last => {
                let value = self.followed(value);
                let some = self.some(ty, value, step.line)?;
                self.assign(step.result, some);
            }
            Ending::Fold(..) | Ending::ForEach(_) => return self.fold(step, result, value, ty),
            Ending::Any(_) | Ending::All(_) | Ending::Position(_) | Ending::Find(_) => {
                return self.search(step, value, ty);
            }
        }
        Ok(Value::unit())
    }

    fn some(&mut self, ty: &Type, value: Value, line: u32) -> Result<Value> {
        self.variant(ty, "Some", &["0"], &[value], line)
    }

    /// Keeps a value that is smaller or larger than what was kept so far.
    fn keep_if(&mut self, operator: BinaryOperator, step: &Step, value: Value, ty: &Type) -> Result<()> {
        let value = self.followed(value);
        let (value, kept) = (self.atom(value), self.read(step.result));
        let is_first = self.is_variant(&kept, 0);
        let kept = self.field(kept, 1);
        let is_wanted = Value::binary(operator, value.clone(), kept);
        let either = Node::Logic(tree::LogicOperator::Or, Box::new([is_first, is_wanted]));
        let some = self.some(ty, value, step.line)?;
        let (code, ()) = self.scoped(|builder| {
            builder.assign(step.result, some);
            Ok(())
        })?;
        self.code.push(Statement::If(Value::new(either, Type::Scalar(Scalar::Bool)), code, Code::new()));
        Ok(())
    }

    fn fold(&mut self, step: &Step, result: Value, value: Value, ty: &Type) -> Result<Value> {
        let Some(closure) = step.closure else { return Ok(Value::unit()) };
        if *ty == Type::Unit && matches!(step.ending, Ending::ForEach(_)) {
            return self.apply_to(closure, vec![value], step.line);
        }
        // The closure may change its copy.
        let result = if *ty == Type::Unit { Value::unit() } else { self.spill(result) };
        let folded = self.apply_to(closure, vec![result, value], step.line)?;
        if folded.is_never() {
            return Ok(folded);
        }
        match ty {
            Type::Unit => self.evaluate(folded),
            _ => self.assign(step.result, folded),
        }
        Ok(Value::unit())
    }

    /// Ends the loop at the first value for which the closure is true; for `all`, false.
    fn search(&mut self, step: &Step, value: Value, ty: &Type) -> Result<Value> {
        let Some(closure) = step.closure else { return Ok(Value::unit()) };
        let holds = self.apply_to(closure, vec![value.clone()], step.line)?;
        if holds.is_never() {
            return Ok(holds);
        }
        let (condition, result) = match (step.ending, step.place) {
            (Ending::All(_), _) => (Value::negated(holds), Value::bool(false)),
            (Ending::Position(_), Some(place)) => {
                let place = self.read(place);
                (holds, self.some(ty, place, step.line)?)
            }
            (Ending::Find(_), _) => {
                let holds = self.atom(holds);
                let value = self.followed(value);
                (holds, self.some(ty, value, step.line)?)
            }
            _ => (holds, Value::bool(true)),
        };
        let (code, _) = self.scoped(|builder| {
            builder.assign(step.result, result);
            builder.break_loop(step.id, None, step.line)
        })?;
        self.code.push(Statement::If(condition, code, Code::new()));
        if let Some(place) = step.place {
            let next = Value::binary(BinaryOperator::Add, self.read(place), Value::usize(1));
            self.assign(place, next);
        }
        Ok(Value::unit())
    }
}

/// What one turn of the loop needs to know.
struct Step {
    id: LoopRef,
    ending: &'static Ending,
    result: VariableId,
    closure: Option<usize>,
    place: Option<VariableId>,
    line: u32,
}

/// The result where there are no values: of sums of floats the zero that changes nothing, which is the negative one.
fn neutral(ending: &Ending, ty: &Type) -> Value {
    let scalar = match ty {
        Type::Scalar(scalar) => *scalar,
        _ => return Value::new(Node::Zero, ty.clone()),
    };
    match ending {
        Ending::Sum(_) if scalar.is_float() => Value::literal(scalar, 1 << (scalar.bits() - 1)),
        Ending::Product(_) => Value::literal(scalar, Combination::Product.identity_bits(scalar)),
        Ending::All(_) => Value::bool(true),
        _ => Value::new(Node::Zero, ty.clone()),
    }
}
