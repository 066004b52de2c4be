//! Reductions: each work-item combines its values, and one work-item of each run of neighbours combines the results of these, by
//! way of local memory, into the run's element, which a later command combines with those of the others. In the kernels of such
//! commands each work-item has an element of its own, that of its linear id.

use super::builder::Builder;
use super::ir::*;
use super::method::{linear, usize_of};
use super::*;
use crate::kernel::groups::Combination;
use crate::kernel::tree::{BinaryOperator, LogicOperator, LoopRef};
use crate::kernel::types::{AccessMode, Joining, RUN, Reducing, Scalar, n_slots};

/// What a kernel keeps of one reduction.
#[derive(Clone)]
pub(super) struct Reducer {
    reducing: Reducing,
    /// The work-item's result so far.
    so_far: VariableId,
    /// Where it goes.
    goal: Goal,
}

/// Where a work-item's result goes.
#[derive(Clone)]
enum Goal {
    /// Into the element of this index, which is the work-item's own, at once.
    Element(Value),
    /// Into local memory, at the end, for whoever combines the run.
    Slot(AccessorId),
}

impl Builder<'_, '_> {
    /// Whether a reduction of the kernel has one element for a run of neighbours; then all of them do.
    pub fn reduces_by_runs(&self) -> bool {
        self.accessors
            .iter()
            .any(|accessor| matches!(accessor.mode, AccessMode::Reduce(reducing) if reducing.by_runs))
    }

    /// Gives every reduction of the kernel its first value, where each work-item has an element of its own.
    pub fn open_reducers(&mut self) {
        for (accessor, reducing) in self.reductions() {
            let own = self.linear_id();
            let own = self.spill(own);
            let first = self.first_value(reducing, accessor, &own);
            let so_far = self.variable("t", first.ty.clone(), true);
            self.code.push(Statement::Declare(so_far, Some(first)));
            if reducing.begins_anew {
                self.hand_in(accessor, &own, so_far);
            }
            self.reducers.insert(accessor, Reducer { reducing, so_far, goal: Goal::Element(own) });
        }
    }

    fn reductions(&self) -> Vec<(AccessorId, Reducing)> {
        let of = |(number, accessor): (AccessorId, &Accessor)| match accessor.mode {
            AccessMode::Reduce(reducing) => Some((number, reducing)),
            _ => None,
        };
        self.accessors.iter().enumerate().filter_map(of).collect()
    }

    /// Stores a result to an element.
    fn hand_in(&mut self, accessor: AccessorId, element: &Value, result: VariableId) {
        let place = Place { root: Root::Element(accessor, vec![element.clone()]), path: Vec::new() };
        self.code.push(Statement::Store(place, self.read(result)));
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
        if let Goal::Element(own) = &reducer.goal {
            self.hand_in(accessor, own, reducer.so_far);
        }
        Ok(Some(Value::unit()))
    }

    /// Two values as one; both are atoms.
    pub fn joined(&mut self, joining: Joining, first: Value, second: Value, line: u32) -> Result<Value> {
        match joining {
            Joining::Known(combination) => Ok(combined(combination, first, second)),
            Joining::Function(callee) => self.call_with(callee, vec![first, second], line),
        }
    }
}

/// A run of a work-group's work-items.
struct Run {
    /// The slot of the first of them.
    slot: Value,
    /// The element of its result.
    element: Value,
    /// How many work-items it has.
    length: Value,
}

impl Builder<'_, '_> {
    /// The body of a kernel with an element for each run of neighbours. Every work-item comes to the barriers behind the user's
    /// code, also those that return before and those beyond the range, which do nothing else.
    pub fn reducing_body(&mut self, tree: &'static tree::Kernel) -> Result<()> {
        self.context.parameters = true;
        self.declare_reducers();
        let (body, ()) = self.scoped(|builder| {
            builder.bind_item(tree)?;
            builder.begin_reducers();
            let value = builder.body(|builder| builder.block(&tree.body))?;
            builder.evaluate(value);
            Ok(())
        })?;
        match self.shared.shape {
            ShapeKind::Range(_) => self.code.push(Statement::If(self.is_inside(), body, Code::new())),
            _ => self.code.extend(body),
        }
        self.shared.meets = self.has_barrier;
        self.combine_group(tree.line)
    }

    /// Makes room for the results of all work-items of a group, whether they have any or not.
    fn declare_reducers(&mut self) {
        for (accessor, reducing) in self.reductions() {
            let element = self.accessors[accessor].element.clone();
            let so_far = self.zeroed(element.clone());
            self.variables[so_far].mutable = true;
            let name = self.fresh_name(&format!("{}_parts", self.accessors[accessor].name.clone()));
            let (mode, space) = (AccessMode::ReadWrite, Space::Local);
            self.accessors.push(Accessor {
                name,
                element,
                dimensions: 1,
                mode,
                space,
                argument: None,
                extents: None,
                is_scratch: false,
            });
            let goal = Goal::Slot(self.accessors.len() - 1);
            self.reducers.insert(accessor, Reducer { reducing, so_far, goal });
        }
    }

    fn begin_reducers(&mut self) {
        for (accessor, reducer) in self.in_order() {
            let own = self.own_run();
            let first = self.first_value(reducer.reducing, accessor, &own);
            self.assign(reducer.so_far, first);
        }
    }

    fn in_order(&self) -> Vec<(AccessorId, Reducer)> {
        let known = |accessor| self.reducers.get(&accessor).map(|reducer| (accessor, reducer.clone()));
        (0..self.accessors.len()).filter_map(known).collect()
    }

    /// Combines the results of a work-group: at once where it is of falx's size, else as many at a time as there are slots for.
    fn combine_group(&mut self, line: u32) -> Result<()> {
        let own = self.own_place();
        let own = self.spill(own);
        if matches!(self.shared.shape, ShapeKind::Range(_)) {
            self.fill_slots(&own);
            self.barrier();
            return self.combine_runs(&own, &Value::usize(0), line);
        }
        let n_slots = Value::usize(self.n_slots());
        let n_rounds = self.spill(divided_up(self.group_size(), n_slots.clone()));
        let counter = self.variable("round", Type::Scalar(Scalar::Usize), false);
        self.variables[counter].late = true;
        let head = Head::counting(counter, n_rounds);
        self.enclose(LoopRef::MAX, head, |builder, _| {
            let first = builder.spill(times(builder.read(counter), n_slots.clone()));
            let (fill, ()) = builder.scoped(|builder| {
                let slot = builder.spill(minus(own.clone(), first.clone()));
                builder.fill_slots(&slot);
                Ok(())
            })?;
            let end = plus(first.clone(), n_slots.clone());
            let is_meant = Value::and(less_or_equal(first.clone(), own.clone()), less(own.clone(), end));
            builder.code.push(Statement::If(is_meant, fill, Code::new()));
            builder.barrier();
            builder.combine_runs(&own, &first, line)?;
            // The next round uses the same slots.
            builder.barrier();
            Ok(Value::unit())
        })?;
        Ok(())
    }

    fn fill_slots(&mut self, slot: &Value) {
        for (_, reducer) in self.in_order() {
            if let Goal::Slot(slots) = reducer.goal {
                self.hand_in(slots, slot, reducer.so_far);
            }
        }
    }

    /// How many work-items leave their results at a time.
    fn n_slots(&self) -> u64 {
        let size_bytes =
            |(accessor, _): &(AccessorId, Reducing)| self.accessors[*accessor].element.layout().size_bytes;
        n_slots(self.reductions().iter().map(size_bytes).sum()) as u64
    }

    /// Combines the runs whose first slot is that of the work-item `first` of the group. The first work-items take one run
    /// each: neighbours, so that they do it side by side.
    fn combine_runs(&mut self, own: &Value, first: &Value, line: u32) -> Result<()> {
        let slot = self.spill(times(own.clone(), run_length()));
        let start = self.spill(plus(first.clone(), slot.clone()));
        let has_slot = less(slot.clone(), Value::usize(self.n_slots()));
        let exists = Value::and(has_slot, less(start.clone(), self.group_size()));
        let (runs, ()) = self.scoped(|builder| {
            let (is_inside, run) = builder.run_at(start, slot);
            let (code, ()) = builder.scoped(|builder| {
                let run =
                    Run { element: builder.spill(run.element), length: builder.spill(run.length), ..run };
                for (accessor, reducer) in builder.in_order() {
                    builder.combine_run(accessor, &reducer, &run, line)?;
                }
                Ok(())
            })?;
            match is_inside {
                Some(is_inside) => builder.code.push(Statement::If(is_inside, code, Code::new())),
                None => builder.code.extend(code),
            }
            Ok(())
        })?;
        self.code.push(Statement::If(exists, runs, Code::new()));
        Ok(())
    }

    /// The run that begins at the work-item `start` of the group, and whether that is one of the launch, where it may not be.
    fn run_at(&mut self, start: Value, slot: Value) -> (Option<Value>, Run) {
        let ShapeKind::Range(dimensions) = self.shared.shape else {
            let length = minus(self.group_size(), start.clone());
            let element = plus(
                times(self.group(), divided_up(self.group_size(), run_length())),
                divided(start, run_length()),
            );
            return (None, Run { slot, element, length: self.smaller(run_length(), length) });
        };
        // A row of a work-group consists of whole runs.
        let last = dimensions - 1;
        let columns = query(Query::LocalRange(last));
        let row_of_group = divided(start.clone(), columns.clone());
        let column_of_group = minus(start, times(row_of_group.clone(), columns.clone()));
        let mut ids: Vec<_> = (0..dimensions).map(|dimension| query(Query::GroupId(dimension))).collect();
        ids[last] = self.spill(plus(times(ids[last].clone(), columns), column_of_group));
        let mut is_inside = less(ids[last].clone(), self.launch_extent(last));
        if last > 0 {
            let rows = query(Query::LocalRange(last - 1));
            ids[last - 1] = self.spill(plus(times(ids[last - 1].clone(), rows), row_of_group));
            is_inside = Value::and(is_inside, less(ids[last - 1].clone(), self.launch_extent(last - 1)));
        }
        let length = minus(self.launch_extent(last), ids[last].clone());
        let run = Run { slot, element: self.run_of(ids), length: self.smaller(run_length(), length) };
        (Some(is_inside), run)
    }

    /// Combines the results of one run in their order.
    fn combine_run(&mut self, accessor: AccessorId, reducer: &Reducer, run: &Run, line: u32) -> Result<()> {
        let (Goal::Slot(slots), joining) = (&reducer.goal, reducer.reducing.joining) else { return Ok(()) };
        let identity = self.first_value(reducer.reducing, accessor, &run.element);
        let ty = identity.ty.clone();
        let total = self.variable("t", ty.clone(), true);
        self.code.push(Statement::Declare(total, Some(identity)));
        let counter = self.variable("k", Type::Scalar(Scalar::Usize), false);
        self.variables[counter].late = true;
        let head = Head::counting(counter, run.length.clone());
        self.enclose(LoopRef::MAX, head, |builder, _| {
            let place = plus(run.slot.clone(), builder.read(counter));
            let part = builder.spill(Value::new(Node::Load(*slots, vec![place]), ty));
            let joined = builder.joined(joining, builder.read(total), part, line)?;
            builder.assign(total, joined);
            Ok(Value::unit())
        })?;
        self.hand_in(accessor, &run.element, total);
        Ok(())
    }
}

/// Where a work-item stands.
impl Builder<'_, '_> {
    /// The extent of the launch.
    fn launch_extent(&self, dimension: usize) -> Value {
        usize_of(Node::Parameter(Content::GlobalRange(3 - self.dimensions() + dimension)))
    }

    fn dimensions(&self) -> usize {
        match self.shared.shape {
            ShapeKind::Single => 1,
            ShapeKind::Range(dimensions) | ShapeKind::NdRange(dimensions) => dimensions,
        }
    }

    /// Whether the work-item is one of the launch, which is padded to whole work-groups.
    fn is_inside(&self) -> Value {
        let inside = |dimension| less(query(Query::GlobalId(dimension)), self.launch_extent(dimension));
        let last = self.dimensions() - 1;
        (0..last).rev().map(inside).fold(inside(last), Value::and)
    }

    /// The work-item's place in its work-group.
    fn own_place(&self) -> Value {
        self.linear_of(Query::LocalId, Query::LocalRange)
    }

    /// The place of the work-group.
    fn group(&self) -> Value {
        self.linear_of(Query::GroupId, Query::GroupRange)
    }

    fn linear_of(&self, id: fn(usize) -> Query, range: fn(usize) -> Query) -> Value {
        let list =
            |of: fn(usize) -> Query| (0..self.dimensions()).map(|dimension| query(of(dimension))).collect();
        linear(list(id), list(range))
    }

    /// How many work-items a work-group has.
    fn group_size(&self) -> Value {
        let ranges = (1..self.dimensions()).map(|dimension| query(Query::LocalRange(dimension)));
        ranges.fold(query(Query::LocalRange(0)), times)
    }

    /// The number of the run that the work-item belongs to.
    fn own_run(&self) -> Value {
        match self.shared.shape {
            ShapeKind::Range(dimensions) => {
                self.run_of((0..dimensions).map(|dimension| query(Query::GlobalId(dimension))).collect())
            }
            _ => {
                let before = times(self.group(), divided_up(self.group_size(), run_length()));
                plus(before, divided(self.own_place(), run_length()))
            }
        }
    }

    /// The number of the run of a range to which the work-item of these ids belongs.
    fn run_of(&self, mut ids: Vec<Value>) -> Value {
        let last = self.dimensions() - 1;
        let mut ranges: Vec<_> = (0..=last).map(|dimension| self.launch_extent(dimension)).collect();
        ranges[last] = divided_up(ranges[last].clone(), run_length());
        ids[last] = divided(ids[last].clone(), run_length());
        linear(ids, ranges)
    }
}

fn query(query: Query) -> Value {
    usize_of(Node::Query(query))
}

fn run_length() -> Value {
    Value::usize(RUN as u64)
}

pub(super) fn plus(left: Value, right: Value) -> Value {
    Value::binary(BinaryOperator::Add, left, right)
}

pub(super) fn minus(left: Value, right: Value) -> Value {
    Value::binary(BinaryOperator::Subtract, left, right)
}

fn times(left: Value, right: Value) -> Value {
    Value::binary(BinaryOperator::Multiply, left, right)
}

fn divided(left: Value, right: Value) -> Value {
    Value::binary(BinaryOperator::Divide, left, right)
}

/// How many times `right` is needed for `left`, which is not zero.
fn divided_up(left: Value, right: Value) -> Value {
    plus(divided(minus(left, Value::usize(1)), right), Value::usize(1))
}

pub(super) fn less(left: Value, right: Value) -> Value {
    Value::binary(BinaryOperator::Less, left, right)
}

fn less_or_equal(left: Value, right: Value) -> Value {
    Value::binary(BinaryOperator::LessOrEqual, left, right)
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
    let number = match first.scalar() {
        Some(Scalar::F16) => Value::new(Node::Cast(Box::new(first.clone())), Type::Scalar(Scalar::F32)),
        _ => first.clone(),
    };
    if let Some(method) = number.scalar().and_then(|scalar| methods::find(scalar, "is_nan")) {
        let bool = Type::Scalar(Scalar::Bool);
        let is_nan = Value::new(Node::Method(method, vec![number]), bool.clone());
        takes_second = Value::new(Node::Logic(LogicOperator::Or, Box::new([takes_second, is_nan])), bool);
    }
    Value::new(Node::Select(Box::new([takes_second, second, first])), ty)
}
