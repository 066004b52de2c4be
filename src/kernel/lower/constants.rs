//! Constants: scalars become literals, arrays become tables in constant memory, once however often they are named; what is made
//! of parts becomes its parts.

use super::builder::Builder;
use super::ir::*;
use super::method::describe;
use super::*;
use crate::kernel::tree::Capture;
use crate::kernel::types::Scalar;

impl Builder<'_, '_> {
    /// Binds the constants of a device function.
    pub fn bind_constants(&mut self, captures: &'static [Capture], constants: &[Constant]) -> Result<()> {
        for (position, capture) in captures.iter().enumerate() {
            let value = self.constant(capture, constants.get(position))?;
            self.bindings.insert(capture.local, value);
        }
        Ok(())
    }

    /// What a constant of this function stands for.
    pub fn constant(&mut self, capture: &'static Capture, constant: Option<&Constant>) -> Result<Value> {
        let ty = self.type_of(capture.ty)?;
        let bits = constant.map(|constant| constant.bits.clone()).unwrap_or_default();
        if Some(bits.len()) != n_scalars(&ty) {
            let (name, ty) = (capture.name, describe(&ty));
            return Err(error(format!(
                "{}: the constant `{name}` of type `{ty}` is not made of scalars alone; write `let value = {name};` before \
                 the kernel and use `value`",
                self.file
            )));
        }
        Ok(self.constant_part(capture.name, &ty, &mut bits.into_iter()))
    }

    /// A constant, or a part of one, of the next bits.
    fn constant_part(&mut self, name: &str, ty: &Type, bits: &mut dyn Iterator<Item = u64>) -> Value {
        let mut literal = |scalar: Scalar| Value::literal(scalar, bits.next().unwrap_or(0) & scalar.mask());
        let parts = match ty {
            Type::Scalar(scalar) => return literal(*scalar),
            Type::Vector(lane, lanes) => (0..*lanes).map(|_| literal(*lane)).collect(),
            Type::Aggregate(aggregate) => {
                aggregate.fields.iter().map(|field| self.constant_part(name, &field.ty, bits)).collect()
            }
            _ => {
                let bits = bits.take(n_scalars(ty).unwrap_or(0)).collect();
                let number = self.shared.table(name, ty, bits);
                return Value::new(Node::Table(number), ty.clone());
            }
        };
        Value::new(Node::Components(parts), ty.clone())
    }

    /// An element of a table at a known place, where that is a scalar.
    pub fn table_element(&self, table: usize, position: u64) -> Option<Value> {
        let Table { ty: Type::Array(element, _), bits, .. } = &self.shared.tables[table] else { return None };
        let Type::Scalar(scalar) = **element else { return None };
        let bits = bits.get(usize::try_from(position).ok()?)?;
        Some(Value::literal(scalar, bits & scalar.mask()))
    }
}

impl Shared {
    fn table(&mut self, name: &str, ty: &Type, bits: crate::kernel::source::ConstantBits) -> usize {
        let known = self.tables.iter().position(|table| table.ty == *ty && table.bits == bits);
        known.unwrap_or_else(|| {
            let last = name.rsplit("::").next().unwrap_or(name).trim();
            let name = self.function_name(last);
            self.tables.push(Table { name, ty: ty.clone(), bits });
            self.tables.len() - 1
        })
    }
}

/// How many scalars a value is made of; `None` if it is made of anything else.
fn n_scalars(ty: &Type) -> Option<usize> {
    match ty {
        Type::Scalar(_) => Some(1),
        // The lanes of masks are no scalars of their own.
        Type::Vector(lane, lanes) if *lane != Scalar::Bool => Some(*lanes),
        Type::Array(element, length) => n_scalars(element)?.checked_mul(*length),
        Type::Aggregate(aggregate) => aggregate.fields.iter().map(|field| n_scalars(&field.ty)).sum(),
        _ => None,
    }
}
