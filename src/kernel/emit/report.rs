//! What a kernel reports: failed checks, panics and output, as text.

use super::{Printer, c_name};
use crate::kernel::argument::ShapeKind;
use crate::kernel::lower::ir::*;
use crate::kernel::source::Content;
use crate::kernel::trap::VALUES;
use crate::kernel::types::{Scalar, Type};

impl Printer<'_> {
    /// A failed check.
    pub fn trap(&mut self, code: usize, values: &[Value], halts: bool) {
        self.use_fail();
        let mut list = vec!["falx_trap".to_owned(), self.failed().to_owned()];
        list.extend(self.extents());
        list.extend([code.to_string(), values.len().to_string()]);
        list.extend((0..VALUES).map(|at| values.get(at).map_or("0".to_owned(), |value| self.word(value))));
        let text = format!("falx_fail({});", list.join(", "));
        self.push_line(&text);
        if halts {
            let halted = format!("{} = 2;", self.failed_flag());
            self.push_line(&halted);
            self.leave();
        }
    }

    /// A line of output.
    pub fn print(&mut self, code: usize, values: &[Value]) {
        self.use_line();
        let [columns, rows] = self.extents();
        let (count, full) = (values.len(), self.field(Content::PrintWords));
        let call = format!("falx_line(falx_output, {columns}, {rows}, (uint){full}, {code}, {count})");
        if values.is_empty() {
            return self.push_line(&format!("{call};"));
        }
        self.push_line("{");
        self.push_line(&format!("    __global ulong *falx_line_words = {call};"));
        self.push_line("    if (falx_line_words) {");
        for (position, value) in values.iter().enumerate() {
            let text = format!("        falx_line_words[{position}] = {};", self.word(value));
            self.push_line(&text);
        }
        self.push_line("    }");
        self.push_line("}");
    }

    /// Leaves the function if the work-item has ended.
    pub fn leave_if_halted(&mut self) {
        self.use_fail();
        let condition = format!("if ({} == 2) {{", self.failed_flag());
        self.push_line(&condition);
        self.indent += 1;
        self.leave();
        self.indent -= 1;
        self.push_line("}");
    }

    /// Runs code unless the work-item has ended.
    pub fn unless_halted(&mut self, code: &[Statement], label: Label) {
        self.use_fail();
        let outer = self.halted.replace((label, false));
        let condition = format!("if ({} != 2) {{", self.failed_flag());
        self.push_line(&condition);
        self.indented(code);
        self.push_line("}");
        if let Some((label, true)) = std::mem::replace(&mut self.halted, outer) {
            self.push_line(&format!("falx_halted_{label}: ;"));
        }
    }

    /// Goes where a work-item goes on that has ended.
    fn leave(&mut self) {
        if let Some((label, is_used)) = &mut self.halted {
            *is_used = true;
            let text = format!("goto falx_halted_{label};");
            return self.push_line(&text);
        }
        let text = match &self.function.result {
            Type::Unit => "return;".to_owned(),
            ty => format!("return {};", self.value(&Value::new(Node::Zero, ty.clone()))),
        };
        self.push_line(&text);
    }

    /// The flag that says whether this work-item has failed (1) or ended (2).
    pub fn failed_flag(&self) -> &'static str {
        if std::ptr::eq(self.function, &self.module.kernel) { "falx_failed" } else { "*falx_failed" }
    }

    /// The extents of the launch that the position of a work-item is computed with: columns and rows.
    fn extents(&mut self) -> [String; 2] {
        [(2, "get_global_size(0)"), (1, "get_global_size(1)")].map(|(padded, size)| match self.module.shape {
            ShapeKind::Range(dimensions) if dimensions + padded > 2 => {
                self.field(Content::GlobalRange(padded))
            }
            _ => size.to_owned(),
        })
    }

    /// A scalar as the 64 bits of a record, zero-extended.
    fn word(&mut self, value: &Value) -> String {
        let text = self.value(value);
        match value.scalar() {
            Some(Scalar::F32) => format!("as_uint({text})"),
            Some(Scalar::F64) => format!("as_ulong({text})"),
            Some(scalar) if scalar.is_signed() => {
                let unsigned = c_name(scalar.unsigned());
                format!("({unsigned})({text})")
            }
            _ => text,
        }
    }
}
