//! Elements of accessors as text.

use super::{Printer, extent_name, number, stride_name};
use crate::kernel::lower::ir::*;
use crate::kernel::source::{Beginnings, Content};
use crate::kernel::tree::BinaryOperator;
use crate::kernel::types::{Scalar, Space};

impl Printer<'_> {
    pub fn extent(&mut self, accessor: AccessorId, dimension: usize) -> String {
        let accessor = &self.function.accessors[accessor];
        if let Some(extent) = accessor.known_extent(dimension) {
            return format!("{extent}UL");
        }
        match accessor.argument {
            Some(argument) => self.field(Content::Extent(argument, dimension)),
            None => extent_name(&accessor.name, dimension),
        }
    }

    pub fn stride(&mut self, accessor: AccessorId, dimension: usize) -> String {
        let accessor = &self.function.accessors[accessor];
        if let Some(stride) = accessor.known_stride(dimension) {
            return format!("{stride}UL");
        }
        match accessor.argument {
            // The same number under one name: compilers compute positions from it together with loops over the row.
            Some(argument) if self.has_rows_in_one_piece(accessor, dimension) => {
                self.field(Content::Extent(argument, dimension + 1))
            }
            Some(argument) => self.field(Content::Stride(argument, dimension)),
            None => stride_name(&accessor.name, dimension),
        }
    }

    /// Whether the distance between neighbours in a dimension is the length of a row.
    fn has_rows_in_one_piece(&self, accessor: &Accessor, dimension: usize) -> bool {
        self.module.beginnings == Beginnings::There
            && accessor.space == Space::Global
            && dimension + 2 == accessor.dimensions
    }

    pub fn element(&mut self, accessor: AccessorId, index: &[Value]) -> String {
        let Accessor { name, .. } = &self.function.accessors[accessor];
        if self.function.accessors[accessor].known_rows().is_some() {
            let index: String =
                index.iter().map(|component| format!("[{}]", self.value(component))).collect();
            return format!("{name}{index}");
        }
        match index {
            [index] => format!("{name}[{}]", self.tight(index, 12)),
            _ => format!("{name}[{}]", self.position(accessor, index)),
        }
    }

    /// The position of an element in an accessor of several dimensions. What is known to be added to the components comes last,
    /// so that neighbours have all before it together: PoCL's compiler does not bring them into that form itself, and a
    /// stencil is 7 % slower without.
    fn position(&mut self, accessor: AccessorId, index: &[Value]) -> String {
        let (mut text, mut offsets) = (String::new(), String::new());
        for (dimension, component) in index.iter().enumerate() {
            let (base, offset) = apart(component);
            let stride = (dimension + 1 < index.len()).then(|| self.stride(accessor, dimension));
            if dimension > 0 {
                text.push_str(" + ");
            }
            match &stride {
                Some(stride) => text.push_str(&format!("{} * {stride}", self.tight(base, 13))),
                None => text.push_str(&self.tight(base, 12)),
            }
            offsets.push_str(&added(offset, stride.as_deref()));
        }
        text + &offsets
    }
}

/// A component as something and a known number that is added to it, both of which wrap around.
fn apart(component: &Value) -> (&Value, u64) {
    use BinaryOperator::{Add, Subtract};
    match &component.node {
        Node::Below(_, pair) => apart(&pair[0]),
        Node::Binary(operator @ (Add | Subtract), pair) if is_wide(component) => {
            match (operator, &pair[0], &pair[1]) {
                (Add, base, Value { node: Node::Literal(number), .. })
                | (Add, Value { node: Node::Literal(number), .. }, base) => {
                    let (base, offset) = apart(base);
                    (base, offset.wrapping_add(*number))
                }
                (_, base, Value { node: Node::Literal(number), .. }) => {
                    let (base, offset) = apart(base);
                    (base, offset.wrapping_sub(*number))
                }
                _ => (component, 0),
            }
        }
        _ => (component, 0),
    }
}

/// Whether a value wraps around as positions do.
fn is_wide(value: &Value) -> bool {
    matches!(value.scalar(), Some(Scalar::Usize | Scalar::U64))
}

/// So many strides, or elements, behind what comes before.
fn added(offset: u64, stride: Option<&str>) -> String {
    let offset = offset as i64;
    let sign = if offset < 0 { '-' } else { '+' };
    let count = number::literal(Scalar::U64, offset.unsigned_abs()).0;
    match (offset, stride) {
        (0, _) => String::new(),
        (1 | -1, Some(stride)) => format!(" {sign} {stride}"),
        (_, Some(stride)) => format!(" {sign} {count} * {stride}"),
        (_, None) => format!(" {sign} {count}"),
    }
}
