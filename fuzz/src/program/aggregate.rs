//! Structs, enums, and the patterns that take them apart.

use super::{Local, Scalar, Type, Value};
use std::sync::Arc;

/// A struct or an enum, or an `Option`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Declaration {
    /// As Rust spells the type.
    pub name: String,
    /// The variants of an enum; of a struct the only one.
    pub variants: Vec<Variant>,
    pub is_enum: bool,
}

/// A variant of an enum, or a struct.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Variant {
    pub name: String,
    pub fields: Vec<Type>,
}

/// What a `let` or an arm takes, and binds.
#[derive(Clone, PartialEq, Debug)]
pub enum Pattern {
    Wild,
    Bind(Local, Type),
    Scalar(Scalar, u64),
    /// From a number to another, which belongs to it.
    Range(Scalar, u64, u64),
    /// Patterns that bind nothing.
    Or(Vec<Pattern>),
    /// `name @ pattern`
    At(Local, Type, Box<Pattern>),
    Array(Vec<Pattern>),
    Tuple(Vec<Pattern>),
    /// A variant of an enum by its number, or a struct; with its fields.
    Variant(Arc<Declaration>, usize, Vec<Pattern>),
}

impl Declaration {
    /// `Option<value>`
    pub fn option(value: Type) -> Declaration {
        let name = format!("Option<{}>", value.rust());
        let variant = |name: &str, fields| Variant { name: name.to_owned(), fields };
        let variants = vec![variant("None", Vec::new()), variant("Some", vec![value])];
        Declaration { name, variants, is_enum: true }
    }

    /// Whether it is of the standard library.
    pub fn is_option(&self) -> bool {
        self.name.starts_with("Option")
    }

    /// The value whose bits are all zero.
    pub fn zero(&self) -> Value {
        let fields = self.variants[0].fields.iter().map(Type::zero).collect();
        if self.is_enum { Value::Variant(0, fields) } else { Value::List(fields) }
    }

    /// The path of a variant, or of the struct.
    pub fn path(&self, variant: usize) -> String {
        let name = &self.variants[variant].name;
        if self.is_enum && !self.is_option() { format!("{}::{name}", self.name) } else { name.clone() }
    }
}
