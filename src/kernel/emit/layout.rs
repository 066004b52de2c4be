//! The parameter struct: which numbers the text asks for, what they are called, and where they stand.

use super::Printer;
use crate::kernel::lower::{Module, Names};
use crate::kernel::source::{Content, Field, Signature};
use crate::kernel::types::Type;

/// The fields asked for so far.
pub(super) struct Layout {
    names: Names,
    /// Content, name.
    fields: Vec<(Content, String)>,
}

impl Layout {
    pub fn new(module: &Module) -> Self {
        let mut names = Names::default();
        for (_, name, _) in &module.values {
            names.reserve(name);
        }
        Layout { names, fields: Vec::new() }
    }

    fn name(&mut self, content: Content, module: &Module) -> String {
        if let Some((_, name)) = self.fields.iter().find(|(known, _)| *known == content) {
            return name.clone();
        }
        let name = self.new_name(content, module);
        self.fields.push((content, name.clone()));
        name
    }

    fn new_name(&mut self, content: Content, module: &Module) -> String {
        let accessor = |argument: usize| {
            let found = module.kernel.accessors.iter().find(|accessor| accessor.argument == Some(argument));
            found.map_or(("argument", 1), |accessor| (accessor.name.as_str(), accessor.dimensions))
        };
        match content {
            Content::GlobalRange(dimension) => format!("falx_range_{dimension}"),
            Content::PrintWords => "falx_print_words".to_owned(),
            Content::Value(argument) => {
                let found = module.values.iter().find(|(known, ..)| *known == argument);
                found.map_or(String::new(), |(_, name, _)| name.clone())
            }
            Content::Base(argument) => self.names.fresh(&format!("{}_base", accessor(argument).0)),
            Content::Extent(argument, dimension) => match accessor(argument) {
                (name, 1) => self.names.fresh(&format!("{name}_len")),
                (name, _) => self.names.fresh(&format!("{name}_len_{dimension}")),
            },
            Content::Stride(argument, dimension) => {
                self.names.fresh(&format!("{}_stride_{dimension}", accessor(argument).0))
            }
        }
    }
}

impl Printer<'_> {
    /// The field of the parameter struct that holds `content`.
    pub fn field(&mut self, content: Content) -> String {
        format!("p.{}", self.layout.name(content, self.module))
    }

    /// The signature, and the text of the struct.
    pub fn struct_and_signature(&mut self) -> (Signature, String) {
        if self.layout.fields.is_empty() {
            // OpenCL C has no empty structs.
            self.field(Content::GlobalRange(2));
        }
        let mut fields: Vec<(Content, String, Type)> = Vec::new();
        for (content, name) in self.layout.fields.clone() {
            fields.push((content, name, self.content_type(content)));
        }
        // By alignment, so that neither OpenCL C nor falx puts padding between them.
        fields.sort_by_key(|(_, _, ty)| std::cmp::Reverse(ty.layout().alignment));
        let mut signature = Signature {
            scratch_bytes: self.scratch_bytes,
            traps: self.failures.most_kept.is_some(),
            prints: self.prints,
            halts: self.module.kernel.context.halts,
            has_barrier: self.module.meets,
            ..Signature::default()
        };
        signature.pointers = self.module.kernel.accessors.iter().filter_map(|a| a.argument).collect();
        let mut text = String::from("typedef struct {\n");
        for (content, name, ty) in fields {
            text.push_str(&format!("    {} {name};\n", self.c_type(&ty)));
            signature.fields.push(Field { offset_bytes: signature.size_bytes, content });
            signature.size_bytes += ty.layout().size_bytes;
        }
        // C makes the size a multiple of the largest alignment, which vectors raise beyond 8.
        let alignment =
            signature.fields.iter().map(|field| self.content_type(field.content).layout().alignment);
        let alignment = alignment.max().unwrap_or(8).max(8);
        let padding = signature.size_bytes.next_multiple_of(alignment) - signature.size_bytes;
        if padding > 0 {
            text.push_str(&format!("    uchar falx_padding[{padding}];\n"));
            signature.size_bytes += padding;
        }
        text.push_str("} falx_params;\n");
        (signature, text)
    }

    fn content_type(&self, content: Content) -> Type {
        match content {
            Content::Value(argument) => {
                let found = self.module.values.iter().find(|(known, ..)| *known == argument);
                found.map_or(Type::Unit, |(_, _, ty)| ty.clone())
            }
            _ => Type::Scalar(crate::kernel::types::Scalar::U64),
        }
    }
}
