//! Types as falx describes them.

use super::name;
use crate::program::Type;
use falx::__private::{AccessMode, Space, Type as DeviceType};

/// A type as falx describes it.
pub fn described(ty: &Type) -> DeviceType {
    match ty {
        Type::Unit => DeviceType::Unit,
        Type::Scalar(scalar) => DeviceType::Scalar(*scalar),
        Type::Specialized(scalar) => DeviceType::Specialized(*scalar),
        Type::Array(element, length) => DeviceType::Array(Box::new(described(element)), *length),
        Type::Vector(lane, lanes) => DeviceType::Vector(*lane, *lanes),
        Type::Tuple(fields) => DeviceType::aggregate(None, numbered("", fields)),
        Type::Reference(to, _) => described(to),
        Type::Slice(element) | Type::View(element, _) => DeviceType::Slice(Box::new(described(element))),
        Type::Closure(..) => DeviceType::Unit,
        Type::Declared(of) if !of.is_enum => {
            let fields = numbered("f", &of.variants[0].fields);
            DeviceType::structure(kept(&of.name), true, ty.is_ordered(), fields)
        }
        Type::Declared(of) if of.is_option() => DeviceType::option(described(&of.variants[1].fields[0])),
        Type::Declared(of) => {
            let variants = of.variants.iter().enumerate().map(|(number, variant)| {
                (kept(&variant.name), number as i128, numbered("", &variant.fields))
            });
            DeviceType::enumeration(kept(&of.name), true, ty.is_ordered(), variants)
        }
    }
}

/// Whether a parameter stands for the way to something, or for code.
pub fn exists_while_lowered(ty: &Type) -> bool {
    match ty {
        Type::Reference(to, mutable) => *mutable || matches!(**to, Type::Slice(_)),
        ty => matches!(ty, Type::Closure(..)),
    }
}

pub fn is_mutable(ty: &Type) -> bool {
    matches!(ty, Type::Reference(_, true) | Type::View(_, true))
}

/// Fields by their names: a prefix and a number.
fn numbered(prefix: &str, fields: &[Type]) -> Vec<(&'static str, DeviceType)> {
    (0..).zip(fields).map(|(number, ty)| (name(prefix, number), described(ty))).collect()
}

pub fn kept(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// How the field of a type is called.
pub fn field_name(ty: &Type, position: usize) -> &'static str {
    kept(&ty.field_name(position))
}

pub fn accessor(element: DeviceType, dimensions: usize, mode: AccessMode, space: Space) -> DeviceType {
    DeviceType::Accessor { element: Box::new(element), dimensions, mode, space }
}
