//! Constants: scalars become literals, arrays become tables in constant memory, once however often they are named.

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
        Ok(match (&ty, bits.first()) {
            (Type::Scalar(scalar), Some(bits)) => Value::literal(*scalar, bits & scalar.mask()),
            (Type::Aggregate(enumeration), Some(tag))
                if !enumeration.variants.is_empty() && bits.len() == 1 =>
            {
                Value::new(Node::Components(vec![Value::literal(Scalar::U32, *tag)]), ty)
            }
            _ => {
                let number = self.shared.table(capture.name, &ty, bits);
                Value::new(Node::Table(number), ty)
            }
        })
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
        Type::Array(element, length) => n_scalars(element)?.checked_mul(*length),
        Type::Aggregate(aggregate) => aggregate.fields.iter().map(|field| n_scalars(&field.ty)).sum(),
        _ => None,
    }
}
