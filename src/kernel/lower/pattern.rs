//! `let`, parameters and loop variables: what each name stands for.

use super::builder::Builder;
use super::ir::*;
use super::*;
use crate::kernel::tree::{Expression, Pattern};
use crate::kernel::types::Scalar;

impl Builder<'_, '_> {
    /// A `let`. False if its value never ends normally.
    pub fn let_statement(
        &mut self,
        pattern: &'static Pattern,
        value: Option<&'static Expression>,
    ) -> Result<bool> {
        let Some(value) = value else {
            if let Pattern::Bind { name, local, ty, .. } = pattern {
                let ty = self.type_of(*ty)?;
                let variable = self.variable(name, ty, true);
                self.code.push(Statement::Declare(variable, None));
                self.bindings.insert(*local, self.read(variable));
            }
            return Ok(true);
        };
        let value = self.value(value)?;
        if value.is_never() {
            return Ok(false);
        }
        self.bind(pattern, value)?;
        Ok(true)
    }

    /// Binds the names of a pattern to a value.
    pub fn bind(&mut self, pattern: &'static Pattern, value: Value) -> Result<()> {
        match pattern {
            Pattern::Wild => self.evaluate(value),
            Pattern::Bind { name, local, mutable, .. } => {
                let bound = self.bind_name(name, *mutable, value);
                self.bindings.insert(*local, bound);
            }
            Pattern::Array(patterns) if !patterns.iter().any(Pattern::is_rest) => {
                let parts = self.components(value, patterns.len());
                for (pattern, part) in patterns.iter().zip(parts) {
                    self.bind(pattern, part)?;
                }
            }
            Pattern::Id(inner) => {
                let value = self.as_array(value);
                self.bind(inner, value)?;
            }
            Pattern::Tuple { leading, trailing } => self.bind_tuple(leading, trailing, value)?,
            Pattern::Struct(fields) => self.bind_struct(fields, value)?,
            // It matches whatever comes, as rustc has checked: only its names are wanted.
            tested => self.bind_irrefutable(tested, value)?,
        }
        Ok(())
    }

    pub fn bind_name(&mut self, name: &str, mutable: bool, value: Value) -> Value {
        if matches!(
            value.ty,
            Type::Accessor { .. }
                | Type::Item(..)
                | Type::Specialized(_)
                | Type::Atomic(..)
                | Type::Slice(_)
                | Type::Function(_)
        ) || value.stands_for_code()
        {
            return value;
        }
        if value.ty == Type::Unit {
            self.evaluate(value);
            return Value::unit();
        }
        if let Node::Components(parts) = &value.node
            && (!mutable && stays_in_parts(&value.ty, parts)
                || !value.ty.is_data()
                || parts.iter().any(Value::stands_for_code))
        {
            return self.bind_parts(name, mutable, parts.clone(), value.ty);
        }
        if !mutable && matches!(value.node, Node::Extent(..) | Node::Parameter(Content::Value(_))) {
            return value;
        }
        let variable = self.variable(name, value.ty.clone(), mutable);
        self.code.push(Statement::Declare(variable, Some(value)));
        self.read(variable)
    }

    /// What is never assigned as a whole and has no name of its own in OpenCL C: one variable for each component.
    fn bind_parts(&mut self, name: &str, mutable: bool, parts: Vec<Value>, ty: Type) -> Value {
        let single = parts.len() == 1;
        let parts = parts.into_iter().enumerate().map(|(position, part)| {
            let is_named = matches!(part.node, Node::Variable(_) | Node::Literal(_) | Node::Extent(..));
            if is_named && !mutable && self.is_stable(&part) {
                return part;
            }
            let name = if single { name.to_owned() } else { format!("{name}_{position}") };
            self.bind_name(&name, mutable, part)
        });
        let parts = parts.collect();
        Value::new(Node::Components(parts), ty)
    }

    /// The `count` components of an array, id or range.
    pub fn components(&mut self, value: Value, count: usize) -> Vec<Value> {
        if let Node::Components(parts) = value.node {
            return parts;
        }
        let element = element_type(&value.ty);
        let base = self.atom(value);
        let part = |position: usize| {
            let index = Value::usize(position as u64);
            if let Some(part) = base.borrowed_part(Step::Index(index)) {
                return part;
            }
            let pair = Box::new([base.clone(), Value::usize(position as u64)]);
            Value::new(Node::Element(pair), element.clone())
        };
        (0..count).map(part).collect()
    }

    /// An id or range as the array it holds.
    pub fn as_array(&mut self, value: Value) -> Value {
        let ty = match value.ty {
            Type::Id(n) | Type::Range(n) => Type::Array(Box::new(Type::Scalar(Scalar::Usize)), n),
            other => other,
        };
        Value { node: value.node, ty }
    }
}

/// Whether a name for these parts is spread over names for each.
fn stays_in_parts(ty: &Type, parts: &[Value]) -> bool {
    match ty {
        Type::Id(_) | Type::Range(_) => true,
        Type::Aggregate(aggregate) => aggregate.name.is_none() || !ty.is_data(),
        _ => parts.iter().all(Value::is_atom),
    }
}

/// The type of the elements of an array, id or range.
pub(super) fn element_type(ty: &Type) -> Type {
    match ty {
        Type::Array(element, _) => (**element).clone(),
        Type::Vector(lane, _) => Type::Scalar(*lane),
        _ => Type::Scalar(Scalar::Usize),
    }
}
