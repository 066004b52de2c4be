//! Indexing: which element is meant, and what must be checked before it is touched or shown by the launch.

use super::builder::Builder;
use super::ir::*;
use super::pattern::element_type;
use super::slice::element_of_slice;
use super::*;
use crate::kernel::tree::{BinaryOperator, Expression, ExpressionKind};

/// One access, resolved.
pub(super) struct Access {
    pub base: Base,
    pub path: Vec<Step>,
    pub checks: Vec<Check>,
    pub ty: Type,
}

pub(super) enum Base {
    Value(Value),
    Element(AccessorId, Vec<Value>, Type),
}

impl Builder<'_, '_> {
    /// `base[index]` as a value.
    pub fn indexed(&mut self, expression: &'static Expression) -> Result<Value> {
        match self.access(expression, None)? {
            Some((access, _)) => Ok(self.load_checked(access)),
            None => Ok(Value::never()),
        }
    }

    /// `place = value`
    pub fn assignment(
        &mut self,
        place: &'static Expression,
        value: &'static Expression,
        line: u32,
    ) -> Result<Value> {
        if let ExpressionKind::Local(_) = place.kind {
            let value = self.value(value)?;
            if value.is_never() {
                return Ok(value);
            }
            let variable = self.assigned_variable(place, line)?;
            self.assign(variable, value);
            return Ok(Value::unit());
        }
        let Some((access, Some(value))) = self.access(place, Some(value))? else { return Ok(Value::never()) };
        let value = if value.has_effect() && !access.checks.is_empty() { self.spill(value) } else { value };
        let place = self.place(&access, line)?;
        self.guard(&access.checks, vec![Statement::Store(place, value)]);
        Ok(Value::unit())
    }

    /// `place op= value`
    pub fn operation_assignment(
        &mut self,
        operator: BinaryOperator,
        place: &'static Expression,
        value: &'static Expression,
        site: Option<&'static Site>,
        line: u32,
    ) -> Result<Value> {
        if let ExpressionKind::Local(_) = place.kind {
            let value = self.value(value)?;
            if value.is_never() {
                return Ok(value);
            }
            let value = if value.has_effect() { self.spill(value) } else { value };
            let variable = self.assigned_variable(place, line)?;
            let result = self.combine(operator, self.read(variable), value, site, line)?;
            self.assign(variable, result);
            return Ok(Value::unit());
        }
        let Some((mut access, Some(value))) = self.access(place, Some(value))? else {
            return Ok(Value::never());
        };
        let value = if value.has_effect() { self.spill(value) } else { value };
        self.make_repeatable(&mut access);
        let target = self.place(&access, line)?;
        let (code, ()) = self.scoped(|builder| {
            let current = builder.load(&access);
            let result = builder.combine(operator, current, value, site, line)?;
            builder.code.push(Statement::Store(target, result));
            Ok(())
        })?;
        self.guard(&access.checks, code);
        Ok(Value::unit())
    }

    /// Replaces what is in a place by the first of what `work` makes of it, and gives the second.
    pub fn update(
        &mut self,
        place: &'static Expression,
        line: u32,
        work: impl FnOnce(&mut Self, Value) -> Result<(Value, Value)>,
    ) -> Result<Value> {
        if let ExpressionKind::Local(local) = place.kind
            && let Some(Value { node: Node::Variable(variable), .. }) = self.bindings.get(&local)
        {
            let variable = *variable;
            let (changed, result) = work(self, self.read(variable))?;
            self.assign(variable, changed);
            return Ok(result);
        }
        let Some((mut access, _)) = self.access(place, None)? else { return Ok(Value::never()) };
        self.make_repeatable(&mut access);
        let target = self.place(&access, line)?;
        if access.checks.is_empty() {
            let current = self.load(&access);
            let (changed, result) = work(self, current)?;
            self.code.push(Statement::Store(target, changed));
            return Ok(result);
        }
        // Only operators come here, whose result is `()`.
        let (code, ()) = self.scoped(|builder| {
            let current = builder.load(&access);
            let (changed, _) = work(builder, current)?;
            builder.code.push(Statement::Store(target, changed));
            Ok(())
        })?;
        self.guard(&access.checks, code);
        Ok(Value::unit())
    }

    fn assigned_variable(&self, place: &'static Expression, line: u32) -> Result<VariableId> {
        let ExpressionKind::Local(local) = place.kind else {
            return Err(self.error_at(line, "this cannot be assigned in a kernel"));
        };
        match self.bindings.get(&local).map(|value| &value.node) {
            Some(Node::Variable(variable)) => Ok(*variable),
            _ => Err(self.error_at(line, "this binding cannot be assigned in a kernel")),
        }
    }

    /// Evaluates first `value`, then the indices of a place; `None` if one of them never ends normally.
    pub(super) fn access(
        &mut self,
        place: &'static Expression,
        value: Option<&'static Expression>,
    ) -> Result<Option<(Access, Option<Value>)>> {
        let (root, steps) = chain(place);
        let root_is_place = matches!(root.kind, ExpressionKind::Local(_));
        let mut expressions: Vec<&'static Expression> = value.into_iter().collect();
        if !root_is_place {
            expressions.push(root);
        }
        expressions.extend(steps.iter().filter_map(WrittenStep::index));
        let Some(operands) = self.operands(&expressions)? else { return Ok(None) };
        let mut operands = operands.into_iter();
        let value = value.and_then(|_| operands.next());
        let root = if root_is_place { self.value(root)? } else { operands.next().unwrap_or(Value::unit()) };
        Ok(Some((self.resolve(root, steps, operands, place.line)?, value)))
    }

    /// What is meant by steps from a root on; `indices` are the values of the steps that have one.
    fn resolve(
        &mut self,
        mut root: Value,
        steps: Vec<WrittenStep>,
        mut indices: impl Iterator<Item = Value>,
        line: u32,
    ) -> Result<Access> {
        let mut steps = steps.into_iter().peekable();
        // Of what is known by its parts, the part itself is meant.
        while let (Some(WrittenStep::Field(name)), Node::Components(_)) = (steps.peek(), &root.node) {
            let position = self.field_position(&root.ty, name, line)?;
            root = self.field(root, position);
            steps.next();
        }
        let indexed = match steps.peek() {
            Some(WrittenStep::Index(_, site)) if matches!(root.node, Node::Accessor(_) | Node::Slice(_)) => {
                Some(*site)
            }
            _ => None,
        };
        let mut access = match indexed.and_then(|site| Some((site, steps.next()?, indices.next()?))) {
            Some((site, _, index)) => self.shared_element(root, index, site, line)?,
            None => whole(root),
        };
        for step in steps {
            self.step_into(&mut access, step, &mut indices, line)?;
        }
        Ok(access)
    }

    /// An element of an accessor or a slice.
    fn shared_element(
        &mut self,
        root: Value,
        index: Value,
        site: &'static Site,
        line: u32,
    ) -> Result<Access> {
        let mut checks = Vec::new();
        match root.node {
            Node::Accessor(accessor) => {
                let index = self.accessor_index(accessor, index, site, &mut checks, line)?;
                let ty = self.accessors[accessor].element.clone();
                let base = Base::Element(accessor, index, ty.clone());
                Ok(Access { base, path: Vec::new(), checks, ty })
            }
            Node::Slice(window) => {
                let index = self.slice_index(&window, index, site, &mut checks);
                Ok(element_of_slice(*window, &root.ty, index, checks))
            }
            _ => Err(self.error_at(line, "what is indexed here has no elements")),
        }
    }

    fn step_into(
        &mut self,
        access: &mut Access,
        step: WrittenStep,
        indices: &mut impl Iterator<Item = Value>,
        line: u32,
    ) -> Result<()> {
        let (index, site) = match step {
            WrittenStep::Field(name) => {
                let position = self.field_position(&access.ty, name, line)?;
                access.path.push(Step::Field(position));
                access.ty = access.ty.part(position).unwrap_or(Type::Unit);
                return Ok(());
            }
            WrittenStep::Index(_, site) => (indices.next().unwrap_or(Value::unit()), site),
        };
        let length = match &access.ty {
            Type::Array(_, length) | Type::Vector(_, length) => *length,
            Type::Id(n) | Type::Range(n) => *n,
            other => {
                return Err(self.error_at(line, format!("a value of type {other:?} has no elements")));
            }
        };
        let index = self.array_index(index, length as u64, site, &mut access.checks);
        access.path.push(Step::Index(index));
        access.ty = element_type(&access.ty);
        Ok(())
    }

    /// The extent of an accessor.
    pub fn extent(&mut self, accessor: AccessorId, dimension: usize) -> Value {
        self.context.parameters = true;
        Value::new(Node::Extent(accessor, dimension), Type::Scalar(crate::kernel::types::Scalar::Usize))
    }

    pub(super) fn load_checked(&mut self, mut access: Access) -> Value {
        if access.checks.is_empty() {
            return self.load(&access);
        }
        // A value that is no variable would be written into the branch; it is evaluated before.
        if let Base::Value(value) = &mut access.base
            && value.has_effect()
        {
            *value = self.spill(value.clone());
        }
        let result = self.zeroed(access.ty.clone());
        let outer = std::mem::take(&mut self.code);
        let value = self.load(&access);
        self.assign(result, value);
        let inner = std::mem::replace(&mut self.code, outer);
        self.guard(&access.checks, inner);
        self.read(result)
    }

    /// The element, known to exist.
    pub(super) fn load(&mut self, access: &Access) -> Value {
        let mut value = match &access.base {
            Base::Value(value) => value.clone(),
            Base::Element(accessor, index, ty) => {
                Value::new(Node::Load(*accessor, index.clone()), ty.clone())
            }
        };
        for step in &access.path {
            value = match step {
                Step::Index(index) => self.element(value, index.clone()),
                Step::Field(position) => self.field(value, *position),
            };
        }
        value
    }

    /// `array[index]`, known to exist.
    pub fn element(&mut self, array: Value, index: Value) -> Value {
        let ty = element_type(&array.ty);
        if let (Type::Vector(..), Node::Literal(lane)) = (&array.ty, &index.node) {
            return self.field(array, *lane as usize);
        }
        let array = self.with_parts_done(array);
        if let (Node::Components(parts), Node::Literal(position)) = (&array.node, &index.node)
            && let Some(part) = parts.get(*position as usize)
        {
            return part.clone();
        }
        if let (Node::Table(table), Node::Literal(position)) = (&array.node, &index.node)
            && let Some(element) = self.table_element(*table, *position)
        {
            return element;
        }
        // A lane is reached through a pointer to the vector.
        let is_stored = match array.ty {
            Type::Vector(..) => matches!(array.node, Node::Variable(_)),
            _ => has_storage(&array),
        };
        let array = if is_stored { array } else { self.spill(array) };
        Value::new(Node::Element(Box::new([array, index])), ty)
    }

    /// The field at a position of a tuple or struct.
    pub fn field(&mut self, whole: Value, position: usize) -> Value {
        if let Some(part) = whole.borrowed_part(Step::Field(position)) {
            return part;
        }
        let whole = self.with_parts_done(whole);
        if let Node::Components(parts) = &whole.node
            && let Some(part) = parts.get(position)
        {
            return part.clone();
        }
        let ty = whole.ty.part(position).unwrap_or(Type::Unit);
        let whole = if has_storage(&whole) { whole } else { self.spill(whole) };
        Value::new(Node::Field(Box::new(whole), position), ty)
    }

    /// A value of which one part can be taken: what making the others does is done.
    fn with_parts_done(&mut self, whole: Value) -> Value {
        let is_in_parts = matches!(whole.node, Node::Components(_));
        if is_in_parts && whole.has_effect() { self.spill_parts(whole) } else { whole }
    }

    pub(super) fn make_repeatable(&mut self, access: &mut Access) {
        if let Base::Element(_, index, _) = &mut access.base {
            *index = std::mem::take(index).into_iter().map(|component| self.atom(component)).collect();
        }
        let path = std::mem::take(&mut access.path).into_iter().map(|step| match step {
            Step::Index(index) => Step::Index(self.atom(index)),
            Step::Field(position) => Step::Field(position),
        });
        access.path = path.collect();
    }

    fn place(&self, access: &Access, line: u32) -> Result<Place> {
        let root = match &access.base {
            Base::Element(accessor, index, _) => Root::Element(*accessor, index.clone()),
            Base::Value(Value { node: Node::Variable(variable), .. }) => Root::Variable(*variable),
            Base::Value(_) => return Err(self.error_at(line, "this cannot be assigned in a kernel")),
        };
        Ok(Place { root, path: access.path.clone() })
    }
}

/// A value, or what a reference leads to.
fn whole(root: Value) -> Access {
    let Value { node, ty } = root;
    let (base, path) = match node {
        Node::Borrowed(place) => *place,
        node => (Value::new(node, ty.clone()), Vec::new()),
    };
    Access { base: Base::Value(base), path, checks: Vec::new(), ty }
}

/// Whether C can take a part of a value where it stands.
pub(super) fn has_storage(value: &Value) -> bool {
    matches!(
        value.node,
        Node::Variable(_)
            | Node::Table(_)
            | Node::Parameter(_)
            | Node::Load(..)
            | Node::Element(_)
            | Node::Field(..)
            | Node::Call(..)
    )
}

/// A step into a value, as the tree has it.
enum WrittenStep {
    Index(&'static Expression, &'static Site),
    Field(&'static str),
}

impl WrittenStep {
    fn index(&self) -> Option<&'static Expression> {
        match self {
            WrittenStep::Index(index, _) => Some(index),
            WrittenStep::Field(_) => None,
        }
    }
}

/// A nest of indices and fields taken apart: where it starts, and the steps from there.
fn chain(mut expression: &'static Expression) -> (&'static Expression, Vec<WrittenStep>) {
    let mut steps = Vec::new();
    loop {
        match &expression.kind {
            ExpressionKind::Index { base, index, site } => {
                steps.push(WrittenStep::Index(index, site));
                expression = base;
            }
            ExpressionKind::Field { base, name } => {
                steps.push(WrittenStep::Field(name));
                expression = base;
            }
            ExpressionKind::Follow(reference) => expression = reference,
            _ => break,
        }
    }
    steps.reverse();
    (expression, steps)
}
