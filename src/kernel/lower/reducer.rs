//! Reductions: each work-item combines values into an element of its own, the one of its linear id, which a later command
//! combines with those of the others; or the first of a run of neighbours combines their results, by way of local memory.

use super::builder::Builder;
use super::ir::*;
use super::method::{linear, usize_of};
use super::*;
use crate::kernel::groups::Combination;
use crate::kernel::tree::{BinaryOperator, LogicOperator, LoopRef};
use crate::kernel::types::{AccessMode, Joining, RUN, Reducing, Scalar, reduces_by_runs};

/// What a kernel keeps of one reduction.
#[derive(Clone)]
pub(super) struct Reducer {
    reducing: Reducing,
    /// The work-item's result so far.
    so_far: VariableId,
    /// The element's index.
    own: Value,
    /// Where the work-items of a group leave their results for the first of their run.
    shared: Option<AccessorId>,
}

impl Builder<'_, '_> {
    /// Whether a reduction of the kernel has one element for a run of neighbours.
    pub fn reduces_by_runs(&self) -> bool {
        self.accessors.iter().any(|accessor| self.by_runs(accessor))
    }

    fn by_runs(&self, accessor: &Accessor) -> bool {
        let size_bytes = accessor.element.layout().size_bytes;
        matches!(accessor.mode, AccessMode::Reduce(reducing) if reducing.by_runs)
            && reduces_by_runs(self.shared.shape, size_bytes)
    }

    /// Gives every reduction of the kernel its first value.
    pub fn open_reducers(&mut self) {
        for accessor in 0..self.accessors.len() {
            let AccessMode::Reduce(reducing) = self.accessors[accessor].mode else { continue };
            let by_runs = self.by_runs(&self.accessors[accessor]);
            let own = if by_runs { own_run() } else { self.linear_id() };
            let own = self.spill(own);
            let first = self.first_value(reducing, accessor, &own);
            let so_far = self.variable("t", first.ty.clone(), true);
            self.code.push(Statement::Declare(so_far, Some(first)));
            let shared = by_runs.then(|| self.shared_results(accessor));
            let reducer = Reducer { reducing, so_far, own, shared };
            if by_runs || reducing.begins_anew {
                self.hand_in(accessor, &reducer);
            }
            self.reducers.insert(accessor, reducer);
        }
    }

    /// Leaves the work-item's result so far in its place.
    fn hand_in(&mut self, accessor: AccessorId, reducer: &Reducer) {
        let root = match reducer.shared {
            Some(shared) => Root::Element(shared, vec![own_place()]),
            None => Root::Element(accessor, vec![reducer.own.clone()]),
        };
        self.code.push(Statement::Store(Place { root, path: Vec::new() }, self.read(reducer.so_far)));
    }

    /// What a reduction begins with: the value that changes nothing, or what is there.
    fn first_value(&self, reducing: Reducing, accessor: AccessorId, own: &Value) -> Value {
        let element = self.accessors[accessor].element.clone();
        match (reducing, &element) {
            (
                Reducing { joining: Joining::Known(combination), begins_anew: true, .. },
                Type::Scalar(scalar),
            ) => Value::literal(*scalar, combination.identity_bits(*scalar)),
            _ => Value::new(Node::Load(accessor, vec![own.clone()]), element),
        }
    }

    /// The row-major position in the launch: the element of a reduction that is the work-item's own. The memory has one for
    /// each work-item, so it needs no check.
    fn linear_id(&mut self) -> Value {
        let (ShapeKind::Range(dimensions) | ShapeKind::NdRange(dimensions)) = self.shared.shape else {
            return Value::usize(0);
        };
        self.context.parameters = true;
        let id = |dimension| usize_of(Node::Query(Query::GlobalId(dimension)));
        let extent = |dimension| usize_of(Node::Parameter(Content::GlobalRange(3 - dimensions + dimension)));
        linear((0..dimensions).map(id).collect(), (0..dimensions).map(extent).collect())
    }

    /// `reducer.combine(value)`
    pub fn combine_into(&mut self, accessor: AccessorId, value: Value, line: u32) -> Result<Option<Value>> {
        let Some(reducer) = self.reducers.get(&accessor).cloned() else { return Ok(None) };
        let value = self.atom(value);
        let result = self.joined(reducer.reducing.joining, self.read(reducer.so_far), value, line)?;
        self.assign(reducer.so_far, result);
        if reducer.shared.is_none() {
            self.hand_in(accessor, &reducer);
        }
        Ok(Some(Value::unit()))
    }

    /// Two values as one; both are atoms.
    fn joined(&mut self, joining: Joining, first: Value, second: Value, line: u32) -> Result<Value> {
        match joining {
            Joining::Known(combination) => Ok(combined(combination, first, second)),
            Joining::Function(callee) => self.call_with(callee, vec![first, second], line),
        }
    }
}

impl Builder<'_, '_> {
    /// The body of a kernel with an element for each run of neighbours. Every work-item comes to the barrier, also those that
    /// return before and those beyond the range, which do nothing else.
    pub fn body_by_runs(&mut self, tree: &'static tree::Kernel) -> Result<()> {
        self.context.parameters = true;
        let (body, ()) = self.scoped(|builder| {
            builder.bind_item(tree)?;
            builder.open_reducers();
            let value = builder.body(|builder| builder.block(&tree.body))?;
            builder.evaluate(value);
            builder.in_order().iter().for_each(|(accessor, reducer)| builder.hand_in(*accessor, reducer));
            Ok(())
        })?;
        self.code.push(Statement::If(is_inside(), body, Code::new()));
        self.barrier();
        // The first work-items take one run each: neighbours, so that they do it side by side.
        let own = self.spill(own_place());
        let run = Value::usize(RUN as u64);
        let n_runs =
            Value::binary(BinaryOperator::Divide, usize_of(Node::Query(Query::LocalRange(0))), run.clone());
        let before =
            Value::binary(BinaryOperator::Multiply, usize_of(Node::Query(Query::GroupId(0))), n_runs.clone());
        let element = self.spill(Value::binary(BinaryOperator::Add, before, own.clone()));
        let first = self.spill(Value::binary(BinaryOperator::Multiply, element.clone(), run));
        let exists = Value::and(
            Value::binary(BinaryOperator::Less, own, n_runs),
            Value::binary(BinaryOperator::Less, first.clone(), extent()),
        );
        let (runs, ()) = self.scoped(|builder| {
            for (accessor, reducer) in builder.in_order() {
                builder.combine_run(accessor, &reducer, [element.clone(), first.clone()], tree.line)?;
            }
            Ok(())
        })?;
        self.code.push(Statement::If(exists, runs, Code::new()));
        Ok(())
    }

    fn in_order(&self) -> Vec<(AccessorId, Reducer)> {
        let known = |accessor| self.reducers.get(&accessor).map(|reducer| (accessor, reducer.clone()));
        (0..self.accessors.len()).filter_map(known).collect()
    }

    /// Local memory for the results of a work-group.
    fn shared_results(&mut self, accessor: AccessorId) -> AccessorId {
        let element = self.accessors[accessor].element.clone();
        let name = self.fresh_name(&format!("{}_parts", self.accessors[accessor].name.clone()));
        let (mode, space) = (AccessMode::ReadWrite, Space::Local);
        self.accessors.push(Accessor { name, element, dimensions: 1, mode, space, argument: None });
        self.accessors.len() - 1
    }

    /// Combines the results of one run in their order: given are its element and the first of its work-items.
    fn combine_run(
        &mut self,
        accessor: AccessorId,
        reducer: &Reducer,
        [element, first]: [Value; 2],
        line: u32,
    ) -> Result<()> {
        let (Some(shared), joining) = (reducer.shared, reducer.reducing.joining) else { return Ok(()) };
        let identity = self.first_value(reducer.reducing, accessor, &element);
        let ty = identity.ty.clone();
        let total = self.variable("t", ty.clone(), true);
        self.code.push(Statement::Declare(total, Some(identity)));
        let run = Value::usize(RUN as u64);
        let rest = Value::binary(BinaryOperator::Subtract, extent(), first);
        let end = self.smaller(run.clone(), rest);
        let (start, end) = (Value::usize(0), self.spill(end));
        let counter = self.variable("k", Type::Scalar(Scalar::Usize), false);
        self.variables[counter].late = true;
        let head = Head::Count { variable: counter, start, end, inclusive: false };
        self.enclose(LoopRef::MAX, head, |builder, _| {
            let place = Value::binary(BinaryOperator::Multiply, own_place(), run);
            let place = Value::binary(BinaryOperator::Add, place, builder.read(counter));
            let part = builder.spill(Value::new(Node::Load(shared, vec![place]), ty));
            let joined = builder.joined(joining, builder.read(total), part, line)?;
            builder.assign(total, joined);
            Ok(Value::unit())
        })?;
        let place = Place { root: Root::Element(accessor, vec![element]), path: Vec::new() };
        self.code.push(Statement::Store(place, self.read(total)));
        Ok(())
    }
}

/// How many work-items the launch has, which is padded to whole work-groups.
fn extent() -> Value {
    usize_of(Node::Parameter(Content::GlobalRange(2)))
}

/// Whether the work-item is one of the launch.
fn is_inside() -> Value {
    Value::binary(BinaryOperator::Less, usize_of(Node::Query(Query::GlobalId(0))), extent())
}

/// The run that a work-item belongs to.
fn own_run() -> Value {
    let run = Value::usize(RUN as u64);
    Value::binary(BinaryOperator::Divide, usize_of(Node::Query(Query::GlobalId(0))), run)
}

/// The work-item's place in its work-group.
fn own_place() -> Value {
    usize_of(Node::Query(Query::LocalId(0)))
}

/// Two values as one, in a way that falx knows; both are atoms.
fn combined(combination: Combination, first: Value, second: Value) -> Value {
    let operator = match combination {
        Combination::Sum => BinaryOperator::Add,
        Combination::Product => BinaryOperator::Multiply,
        Combination::And => BinaryOperator::And,
        Combination::Or => BinaryOperator::Or,
        Combination::Xor => BinaryOperator::Xor,
        Combination::Min => return preferred(BinaryOperator::Less, first, second),
        Combination::Max => return preferred(BinaryOperator::Greater, first, second),
    };
    Value::binary(operator, first, second)
}

/// The second if it stands in this relation to the first, or the first is no number.
fn preferred(relation: BinaryOperator, first: Value, second: Value) -> Value {
    let ty = first.ty.clone();
    let mut takes_second = Value::binary(relation, second.clone(), first.clone());
    if let Some(method) = first.scalar().and_then(|scalar| methods::find(scalar, "is_nan")) {
        let bool = Type::Scalar(Scalar::Bool);
        let is_nan = Value::new(Node::Method(method, vec![first.clone()]), bool.clone());
        takes_second = Value::new(Node::Logic(LogicOperator::Or, Box::new([takes_second, is_nan])), bool);
    }
    Value::new(Node::Select(Box::new([takes_second, second, first])), ty)
}
