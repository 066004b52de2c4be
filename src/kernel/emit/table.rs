//! Arrays and structs in constant memory as text.

use super::{Printer, number};
use crate::kernel::lower::ir::Table;
use crate::kernel::types::Type;

/// How many scalars stand on one line.
const PER_LINE: usize = 8;

impl Printer<'_> {
    /// The definition of a table.
    pub fn table(&mut self, table: &Table) -> String {
        let ty = self.c_type(&table.ty);
        let mut bits = table.bits.iter().copied();
        let content = self.table_part(&table.ty, &mut bits);
        format!("__constant {ty} {} = {content};\n", table.name)
    }

    fn table_part(&mut self, ty: &Type, bits: &mut dyn Iterator<Item = u64>) -> String {
        match ty {
            Type::Array(element, length) => {
                let parts: Vec<String> = (0..*length).map(|_| self.table_part(element, bits)).collect();
                let lines: Vec<String> = parts.chunks(PER_LINE).map(|line| line.join(", ")).collect();
                format!("{{{{{}}}}}", lines.join(",\n    "))
            }
            Type::Aggregate(aggregate) => {
                let parts = aggregate.fields.iter().map(|field| self.table_part(&field.ty, bits));
                format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
            }
            Type::Vector(lane, lanes) => {
                let parts = (0..*lanes).map(|_| number::literal(*lane, bits.next().unwrap_or(0)).0);
                let parts = parts.collect::<Vec<_>>().join(", ");
                format!("({})({parts})", self.c_vector(*lane, *lanes))
            }
            Type::Scalar(scalar) => number::literal(*scalar, bits.next().unwrap_or(0)).0,
            _ => "0".to_owned(),
        }
    }
}
