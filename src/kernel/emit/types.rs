//! Types as text: what each is called in OpenCL C, and the definitions that must stand before the functions.

use super::Printer;
use crate::kernel::lower::Names;
use crate::kernel::types::{Aggregate, Scalar, Type};

/// The types defined so far, what they consist of first.
#[derive(Default)]
pub(super) struct Types {
    names: Names,
    definitions: Vec<Definition>,
}

struct Definition {
    ty: Type,
    /// As it is written where the type is used.
    spelling: String,
    /// The names of a struct's fields.
    fields: Vec<String>,
    text: String,
}

impl Types {
    /// Writes all definitions.
    pub fn write(&self, text: &mut String) {
        for definition in &self.definitions {
            text.push_str(&definition.text);
        }
    }

    fn position(&self, ty: &Type) -> Option<usize> {
        self.definitions.iter().position(|definition| definition.ty == *ty)
    }
}

impl Printer<'_> {
    /// The type in OpenCL C.
    pub fn c_type(&mut self, ty: &Type) -> String {
        match ty {
            Type::Scalar(scalar) => self.c_scalar(*scalar).to_owned(),
            Type::Vector(lane, lanes) => self.c_vector(*lane, *lanes),
            Type::Id(n) | Type::Range(n) => {
                self.c_type(&Type::Array(Box::new(Type::Scalar(Scalar::Usize)), *n))
            }
            Type::Array(..) | Type::Aggregate(_) => {
                let position = self.defined(ty);
                self.types.definitions[position].spelling.clone()
            }
            _ => "void".to_owned(),
        }
    }

    /// The name of a field of a tuple or struct.
    pub fn field_name(&mut self, ty: &Type, position: usize) -> String {
        if let Type::Vector(_, lanes) = ty {
            return super::vector::lane(*lanes, position);
        }
        let definition = self.defined(ty);
        self.types.definitions[definition].fields.get(position).cloned().unwrap_or_default()
    }

    /// Where the definition of an array, a tuple or a struct stands.
    fn defined(&mut self, ty: &Type) -> usize {
        if let Some(position) = self.types.position(ty) {
            return position;
        }
        let definition = match ty {
            Type::Aggregate(aggregate) => self.aggregate(ty, aggregate),
            Type::Array(element, length) => self.array(ty, element, *length),
            other => Definition {
                ty: other.clone(),
                spelling: "void".to_owned(),
                fields: Vec::new(),
                text: String::new(),
            },
        };
        self.types.definitions.push(definition);
        self.types.definitions.len() - 1
    }

    fn array(&mut self, ty: &Type, element: &Type, length: usize) -> Definition {
        let element = self.member_type(element);
        let name = self.types.names.unique(format!("falx_{}_{length}", word(&element)));
        let text = format!("typedef struct {{ {element} v[{}]; }} {name};\n", length.max(1));
        Definition { ty: ty.clone(), spelling: name, fields: Vec::new(), text }
    }

    fn aggregate(&mut self, ty: &Type, aggregate: &Aggregate) -> Definition {
        let types: Vec<String> = aggregate.fields.iter().map(|field| self.member_type(&field.ty)).collect();
        let mut names = Names::default();
        let field_name = |name: &str| match name.starts_with(|c: char| c.is_ascii_digit()) {
            true => names.unique(format!("f{name}")),
            false => names.fresh(name),
        };
        let fields: Vec<String> = aggregate.fields.iter().map(|field| field.name).map(field_name).collect();
        let mut members: String =
            types.iter().zip(&fields).map(|(ty, name)| format!("    {ty} {name};\n")).collect();
        if fields.is_empty() {
            members.push_str("    uchar falx_nothing;\n");
        }
        let (spelling, text) = match aggregate.name {
            // The names of structs are apart from all others, so a variable may be called the same.
            Some(name) => {
                let spelling = format!("struct {}", self.types.names.fresh(name));
                let text = format!("{spelling} {{\n{members}}};\n");
                (spelling, text)
            }
            None => {
                let words: Vec<&str> = types.iter().map(|ty| word(ty)).collect();
                let spelling = self.types.names.unique(format!("falx_tuple_{}", words.join("_")));
                let text = format!("typedef struct {{\n{members}}} {spelling};\n");
                (spelling, text)
            }
        };
        Definition { ty: ty.clone(), spelling, fields, text }
    }

    /// The type of an element or field, where even `()` takes a byte.
    fn member_type(&mut self, ty: &Type) -> String {
        if *ty == Type::Unit { "uchar".to_owned() } else { self.c_type(ty) }
    }
}

/// A type's spelling as part of a name.
fn word(spelling: &str) -> &str {
    spelling.trim_start_matches("falx_").trim_start_matches("struct ")
}
