//! Literals and casts.

use super::builder::Builder;
use super::ir::*;
use super::*;
use crate::kernel::tree::{Expression, LiteralType, TypeRef};
use crate::kernel::types::Scalar;

impl Builder<'_, '_> {
    fn scalar_type(&self, ty: TypeRef, line: u32) -> Result<Scalar> {
        match self.type_of(ty)? {
            Type::Scalar(scalar) => Ok(scalar),
            other => Err(self.error_at(line, format!("expected a number, found {other:?}"))),
        }
    }

    pub fn integer(&mut self, magnitude: u128, negative: bool, ty: LiteralType, line: u32) -> Result<Value> {
        let scalar = match ty {
            LiteralType::Witness(ty) => self.scalar_type(ty, line)?,
            LiteralType::Cast(ty) => match self.scalar_type(ty, line)? {
                target if target.is_integer() => target,
                _ => Scalar::I32,
            },
        };
        Ok(integer(scalar, magnitude, negative))
    }

    pub fn float(&mut self, digits: &str, ty: LiteralType, line: u32) -> Result<Value> {
        let scalar = match ty {
            LiteralType::Witness(ty) => self.scalar_type(ty, line)?,
            LiteralType::Cast(ty) => match self.scalar_type(ty, line)? {
                Scalar::F32 => Scalar::F32,
                _ => Scalar::F64,
            },
        };
        self.float_of(scalar, digits, line)
    }

    /// A float by its digits.
    pub fn float_of(&self, scalar: Scalar, digits: &str, line: u32) -> Result<Value> {
        let bits = match scalar {
            Scalar::F32 => digits.parse::<f32>().map(|value| u64::from(value.to_bits())),
            _ => digits.parse::<f64>().map(f64::to_bits),
        };
        let bits = bits.map_err(|_| self.error_at(line, format!("`{digits}` is no number")))?;
        Ok(Value::literal(scalar, bits))
    }

    pub fn cast(&mut self, operand: &'static Expression, ty: TypeRef, line: u32) -> Result<Value> {
        let target = self.scalar_type(ty, line)?;
        let value = self.value(operand)?;
        if value.is_never() {
            return Ok(value);
        }
        if let Some(number) = self.discriminant(value.clone(), target) {
            return Ok(number);
        }
        let Some(source) = value.scalar() else {
            return Err(self.error_at(line, format!("a value of type {:?} cannot be cast", value.ty)));
        };
        if source == target {
            return Ok(value);
        }
        match value.node {
            Node::Literal(bits) if !source.is_float() && !target.is_float() => {
                Ok(Value::literal(target, extend(source, bits) & target.mask()))
            }
            _ => Ok(Value::new(Node::Cast(Box::new(value)), Type::Scalar(target))),
        }
    }
}

/// An integer by its absolute value.
pub(super) fn integer(scalar: Scalar, magnitude: u128, negative: bool) -> Value {
    let bits = if negative { (magnitude as u64).wrapping_neg() } else { magnitude as u64 };
    Value::literal(scalar, bits & scalar.mask())
}

/// The bits of an integer, extended to 64 as its type says.
pub(super) fn extend(scalar: Scalar, bits: u64) -> u64 {
    if scalar.is_signed() && bits & scalar.minimum_bits() != 0 { bits | !scalar.mask() } else { bits }
}
