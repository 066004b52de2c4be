//! Tuples and structs: made of their fields, and taken apart into them.

use super::builder::Builder;
use super::ir::*;
use super::method::describe;
use super::*;
use crate::kernel::tree::{Expression, Pattern, TypeRef};
use crate::kernel::types::Aggregate;
use std::sync::Arc;

impl Builder<'_, '_> {
    /// `(a, b)`
    pub fn tuple(&mut self, elements: &'static [Expression]) -> Result<Value> {
        let elements: Vec<_> = elements.iter().collect();
        let Some(values) = self.operands(&elements)? else { return Ok(Value::never()) };
        let fields = values.iter().zip(POSITIONS).map(|(value, name)| (*name, value.ty.clone()));
        let ty = Type::aggregate(None, fields);
        Ok(Value::new(Node::Components(values), ty))
    }

    /// `Name { x: a, ..base }`: the fields in the order of the source, then the base.
    pub fn structure(
        &mut self,
        name: &'static str,
        fields: &'static [(&'static str, Expression)],
        base: Option<&'static Expression>,
        ty: TypeRef,
        line: u32,
    ) -> Result<Value> {
        let ty = self.type_of(ty)?;
        let aggregate = self.aggregate_of(&ty, line)?;
        let expressions: Vec<_> = fields.iter().map(|(_, value)| value).chain(base).collect();
        let Some(mut values) = self.operands(&expressions)? else { return Ok(Value::never()) };
        if ty.enumerated().is_some() {
            let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
            return self.variant(&ty, name, &names, &values, line);
        }
        let base = base.and_then(|_| values.pop());
        let base = base.map(|base| self.atom(base));
        let part = |builder: &mut Self, (position, name): (usize, &str)| {
            if let Some(given) = fields.iter().position(|(known, _)| *known == name) {
                return Ok(values[given].clone());
            }
            match &base {
                Some(base) => Ok(builder.field(base.clone(), position)),
                None => Err(builder.error_at(line, format!("`{}` lacks its field `{name}`", describe(&ty)))),
            }
        };
        let names = aggregate.fields.iter().map(|field| field.name).enumerate();
        let parts = names.map(|name| part(self, name)).collect::<Result<Vec<_>>>()?;
        Ok(Value::new(Node::Components(parts), ty))
    }

    /// `(a, .., b)`
    pub fn bind_tuple(
        &mut self,
        leading: &'static [Pattern],
        trailing: &'static [Pattern],
        value: Value,
    ) -> Result<()> {
        self.tuple_parts(leading, trailing, value)?
            .into_iter()
            .try_for_each(|(pattern, part)| self.bind(pattern, part))
    }

    /// The patterns of `(a, .., b)`, each with the part it takes.
    pub fn tuple_parts(
        &mut self,
        leading: &'static [Pattern],
        trailing: &'static [Pattern],
        value: Value,
    ) -> Result<Vec<(&'static Pattern, Value)>> {
        let parts = self.parts(value)?;
        let behind = parts.len().saturating_sub(trailing.len());
        let named = leading.iter().zip(0..).chain(trailing.iter().zip(behind..));
        let part = |(pattern, position): (&'static Pattern, usize)| {
            let part = parts.get(position).cloned();
            Ok((pattern, part.ok_or_else(|| error("a pattern has more parts than its tuple"))?))
        };
        named.map(part).collect()
    }

    /// `Name { x, y: b, .. }`
    pub fn bind_struct(&mut self, fields: &'static [(&'static str, Pattern)], value: Value) -> Result<()> {
        self.struct_parts(fields, value)?.into_iter().try_for_each(|(pattern, part)| self.bind(pattern, part))
    }

    /// The patterns of `Name { x, y: b, .. }`, each with the part it takes.
    pub fn struct_parts(
        &mut self,
        fields: &'static [(&'static str, Pattern)],
        value: Value,
    ) -> Result<Vec<(&'static Pattern, Value)>> {
        let aggregate = self.aggregate_of(&value.ty, 0)?;
        let parts = self.parts(value)?;
        let part = |(name, pattern): &'static (&'static str, Pattern)| {
            let part = aggregate.position(name).and_then(|position| parts.get(position).cloned());
            Ok((pattern, part.ok_or_else(|| error(format!("a pattern names the missing field `{name}`")))?))
        };
        fields.iter().map(part).collect()
    }

    /// The fields of a tuple or struct, none of which has an effect any more.
    fn parts(&mut self, value: Value) -> Result<Vec<Value>> {
        let aggregate = self.aggregate_of(&value.ty, 0)?;
        let whole = if matches!(value.node, Node::Components(_)) {
            self.spill_parts(value)
        } else {
            self.atom(value)
        };
        Ok((0..aggregate.fields.len()).map(|position| self.field(whole.clone(), position)).collect())
    }

    /// The position of a field.
    pub fn field_position(&self, ty: &Type, name: &str, line: u32) -> Result<usize> {
        let position = match ty {
            Type::Vector(_, lanes) => super::vector::lane_position(name).filter(|lane| lane < lanes),
            _ => self.aggregate_of(ty, line)?.position(name),
        };
        position.ok_or_else(|| self.error_at(line, format!("`{}` has no field `{name}`", describe(ty))))
    }

    fn aggregate_of(&self, ty: &Type, line: u32) -> Result<Arc<Aggregate>> {
        match ty {
            Type::Aggregate(aggregate) => Ok(aggregate.clone()),
            other => Err(self.error_at(line, format!("a value of type `{}` has no fields", describe(other)))),
        }
    }
}

/// The names of a tuple's fields.
const POSITIONS: &[&str] = &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"];
