//! Enums: made of a variant and its fields, tested by their tags, taken apart; and the methods of `Option` and `Result`.

use super::builder::Builder;
use super::condition::Tested;
use super::ir::*;
use super::method::describe;
use super::test::{Alternative, Cases};
use super::*;
use crate::kernel::enumeration::NOTHING_INSIDE;
use crate::kernel::tree::{BinaryOperator, Expression, Pattern};
use crate::kernel::types::{Aggregate, Scalar, Variant};

/// An enum's value: the variant numbered by a condition, and its fields.
pub(super) fn tagged<const N: usize>(condition: Value, fields: [Value; N], ty: Type) -> Value {
    let tag = Value::new(Node::Cast(Box::new(condition)), Type::Scalar(Scalar::U32));
    Value::new(Node::Components([tag].into_iter().chain(fields).collect()), ty)
}

/// The position of the variant that holds the value: `Some` of `Option`, `Ok` of `Result`.
fn inside(enumeration: &Aggregate) -> u64 {
    u64::from(enumeration.name == Some("Option"))
}

impl Builder<'_, '_> {
    /// A variant with the values of its fields, which are in the order of `names`.
    pub fn variant(
        &self,
        ty: &Type,
        name: &str,
        names: &[&str],
        values: &[Value],
        line: u32,
    ) -> Result<Value> {
        let (position, variant) = self.variant_of(ty, name, line)?;
        let mut parts = Vec::new();
        let enumeration = ty.enumerated().map_or(&[][..], |enumeration| &enumeration.fields);
        for (slot, field) in enumeration.iter().enumerate() {
            let own = variant.fields.iter().find(|(_, own)| *own == slot);
            let given = own.and_then(|(name, _)| names.iter().position(|given| given == name));
            parts.push(match (slot, given.and_then(|given| values.get(given))) {
                (0, _) => Value::literal(Scalar::U32, position),
                (_, Some(value)) => value.clone(),
                (_, None) => Value::new(Node::Zero, field.ty.clone()),
            });
        }
        Ok(Value::new(Node::Components(parts), ty.clone()))
    }

    fn variant_of<'t>(&self, ty: &'t Type, name: &str, line: u32) -> Result<(u64, &'t Variant)> {
        let variants = ty.enumerated().map_or(&[][..], |enumeration| &enumeration.variants);
        let found = variants.iter().zip(0..).find(|(variant, _)| variant.name == name);
        found.map(|(variant, position)| (position, variant)).ok_or_else(|| {
            let text = format!(
                "`{}` has no variant `{name}`; kernels name variants as they are declared",
                describe(ty)
            );
            self.error_at(line, text)
        })
    }

    /// Which variant a value is.
    pub fn tag(&mut self, value: &Value) -> Value {
        let tag = self.field(value.clone(), 0);
        self.followed(tag)
    }

    pub fn is_variant(&mut self, value: &Value, position: u64) -> Value {
        Value::binary(BinaryOperator::Equal, self.tag(value), Value::literal(Scalar::U32, position))
    }

    /// `Name(a, b)`, `Name { x, .. }` or `Name` as a pattern: of an enum a variant, else a struct.
    pub fn variant_alternatives(
        &mut self,
        name: &str,
        inner: &'static Pattern,
        value: &Value,
        cases: Cases,
    ) -> Result<Vec<Alternative>> {
        let ty = value.ty.clone();
        if ty.enumerated().is_none() {
            return self.alternatives(inner, value, cases);
        }
        let (position, variant) = self.variant_of(&ty, name, 0)?;
        let is_only = ty.enumerated().is_some_and(|enumeration| enumeration.variants.len() == 1);
        let condition = if is_only { Value::bool(true) } else { self.is_variant(value, position) };
        let mut taken: Vec<(&'static Pattern, usize)> = Vec::new();
        match inner {
            Pattern::Tuple { leading, trailing } => {
                let behind = variant.fields.len().saturating_sub(trailing.len());
                let fields = variant.fields.iter().zip(*leading).map(|((_, slot), pattern)| (pattern, *slot));
                taken.extend(fields);
                let fields = variant.fields[behind..].iter().zip(*trailing);
                taken.extend(fields.map(|((_, slot), pattern)| (pattern, *slot)));
            }
            Pattern::Struct(fields) => {
                let slot =
                    |name: &str| variant.fields.iter().find(|(known, _)| *known == name).map(|found| found.1);
                taken.extend(fields.iter().filter_map(|(name, pattern)| Some((pattern, slot(name)?))));
            }
            _ => {}
        }
        let parts: Vec<_> =
            taken.into_iter().map(|(pattern, slot)| (pattern, self.field(value.clone(), slot))).collect();
        let ways = self.all_of(parts, cases)?;
        Ok(ways.into_iter().map(|way| way.under(condition.clone())).collect())
    }

    /// `value as Type`, of an enum without fields.
    pub fn discriminant(&mut self, value: Value, target: Scalar) -> Option<Value> {
        let ty = value.ty.clone();
        let variants = &ty.enumerated()?.variants;
        let number = |variant: &Variant| Value::literal(target, variant.discriminant as u64 & target.mask());
        let value = self.repeatable_parts(value);
        let mut result = variants.last().map(number)?;
        for (position, variant) in variants.iter().enumerate().rev().skip(1) {
            let condition = self.is_variant(&value, position as u64);
            let ty = result.ty.clone();
            result = Value::new(Node::Select(Box::new([condition, number(variant), result])), ty);
        }
        Some(result)
    }

    /// The methods of `Option` and `Result`.
    pub fn enum_method(
        &mut self,
        receiver: Value,
        name: &str,
        arguments: Vec<Value>,
        site: &'static Site,
    ) -> Result<Option<Value>> {
        let ty = receiver.ty.clone();
        let Some(enumeration) = ty.enumerated() else { return Ok(None) };
        if !matches!(enumeration.name, Some("Option" | "Result")) {
            return Ok(None);
        }
        let good = inside(enumeration);
        let receiver = self.repeatable_parts(receiver);
        let arguments: Vec<_> =
            arguments.into_iter().map(|argument| self.repeatable_parts(argument)).collect();
        let mut arguments = arguments.into_iter();
        let mut argument = || arguments.next().unwrap_or(Value::unit());
        let holds = self.is_variant(&receiver, good);
        let lacks = self.is_variant(&receiver, 1 - good);
        let value = self.field(receiver.clone(), 1);
        Ok(Some(match name {
            "is_some" | "is_ok" => holds,
            "is_none" | "is_err" => lacks,
            "unwrap" | "expect" => {
                let panic = self.own_panic(site, &NOTHING_INSIDE, Vec::new());
                self.code.push(Statement::If(lacks, vec![panic], Code::new()));
                value
            }
            "unwrap_or" => self.either_value(holds, value, argument()),
            "ok_or" => {
                let error = argument();
                let ty = Type::result(value.ty.clone(), error.ty.clone());
                tagged(lacks, [value, error], ty)
            }
            "ok" | "err" => {
                let (is, part) = match name {
                    "ok" => (holds, value),
                    _ => (lacks, self.field(receiver, 2)),
                };
                let ty = Type::option(part.ty.clone());
                tagged(is, [part], ty)
            }
            "or" => self.either_value(holds, receiver, argument()),
            "and" => {
                let other = argument();
                let none = match enumeration.name {
                    Some("Option") => Value::new(Node::Zero, other.ty.clone()),
                    _ => {
                        let error = self.field(receiver, 2);
                        self.variant(&other.ty, "Err", &["0"], &[error], 0)?
                    }
                };
                self.either_value(holds, other, none)
            }
            _ => return Ok(None),
        }))
    }

    /// `condition ? yes : no`, for values of any type.
    fn either_value(&mut self, condition: Value, yes: Value, no: Value) -> Value {
        let ty = yes.ty.clone();
        if yes.scalar().is_some() {
            return Value::new(Node::Select(Box::new([condition, yes, no])), ty);
        }
        let result = self.late(ty);
        self.code.push(Statement::Declare(result, None));
        let set = |value: Value| {
            vec![Statement::Store(Place { root: Root::Variable(result), path: Vec::new() }, value)]
        };
        self.code.push(Statement::If(condition, set(yes), set(no)));
        self.read(result)
    }

    /// `value?`
    pub fn question_mark(&mut self, value: &'static Expression, line: u32) -> Result<Value> {
        let value = self.value(value)?;
        if value.is_never() {
            return Ok(value);
        }
        let (ty, result) = (value.ty.clone(), self.result.clone());
        let Some(enumeration) = ty.enumerated() else {
            return Err(self.error_at(line, format!("`?` on a value of type `{}`", describe(&ty))));
        };
        let value = self.repeatable_parts(value);
        let lacks = self.is_variant(&value, 1 - inside(enumeration));
        let given = match enumeration.name {
            Some("Option") => self.variant(&result, "None", &[], &[], line)?,
            _ => {
                let error = self.field(value.clone(), 2);
                if result.part(2).as_ref() != Some(&error.ty) {
                    let text = "`?` converts an error to another type; kernels need the same type, so match on the result";
                    return Err(self.error_at(line, text));
                }
                self.variant(&result, "Err", &["0"], &[error], line)?
            }
        };
        let (code, ()) = self.scoped(|builder| {
            builder.return_from(given);
            Ok(())
        })?;
        self.code.push(Statement::If(lacks, code, Code::new()));
        Ok(self.field(value, 1))
    }

    /// Binds what always matches.
    pub fn bind_irrefutable(&mut self, pattern: &'static Pattern, value: Value) -> Result<()> {
        let value = self.repeatable_parts(value);
        let Tested { names, .. } = self.tested(pattern, &value, None)?;
        self.bind_names(names);
        Ok(())
    }
}
