//! What a kernel reports: failed checks, panics and output, as text.

use super::{Printer, c_name, exits};
use crate::kernel::argument::ShapeKind;
use crate::kernel::lower::ir::*;
use crate::kernel::source::Content;
use crate::kernel::types::{Scalar, Type};

impl Printer<'_> {
    /// A failed check.
    pub fn trap(&mut self, code: usize, values: &[Value], halts: bool) {
        let kept = self.kept(code, values);
        let mut list = vec![self.failed().to_owned(), code.to_string(), kept.len().to_string()];
        let n_values = self.failures.most_kept.unwrap_or(0);
        list.extend((0..n_values).map(|at| kept.get(at).map_or("0".to_owned(), |value| self.word(value))));
        let text = format!("falx_fail({});", list.join(", "));
        self.push_line(&text);
        if halts {
            let ended = format!("{} = 1;", self.ended());
            self.push_line(&ended);
            self.leave();
        }
    }

    /// Reports what has failed, at the end of the kernel.
    pub fn report(&mut self) -> Option<String> {
        self.failures.most_kept?;
        let [columns, rows] = self.extents();
        Some(format!("falx_report(falx_trap, &falx_failed, {columns}, {rows});"))
    }

    /// Whether all work-items of a device's sub-group come to the report at the end together, so that they can skip it unless one of
    /// them has something to say. Measured on Intel's CPU runtime, which otherwise does it under masks for each vector: the
    /// assignment of points to centers takes 350 us so, and 800 us without.
    pub fn reports_together(&self) -> bool {
        let module = self.module;
        let may_report = self.failures.most_kept.is_some();
        let leaves_early = module.kernel.context.halts || leaves(&module.kernel.body);
        module.device_sub_groups && may_report && !leaves_early && !exits::are_many(module)
    }

    /// A return without a value, the work-item's last statement where it stands in the kernel.
    pub fn leave_function(&mut self) -> String {
        match self.report().filter(|_| self.is_kernel()) {
            Some(report) => format!("{{ {report} return; }}"),
            None => "return;".to_owned(),
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
        let condition = format!("if ({}) {{", self.ended());
        self.push_line(&condition);
        self.indent += 1;
        self.leave();
        self.indent -= 1;
        self.push_line("}");
    }

    /// Runs code unless the work-item has ended.
    pub fn unless_halted(&mut self, code: &[Statement], label: Label) {
        let outer = self.halted.replace((label, false));
        let condition = format!("if (!{}) {{", self.ended());
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
            Type::Unit => self.leave_function(),
            ty => format!("return {};", self.value(&Value::new(Node::Zero, ty.clone()))),
        };
        self.push_line(&text);
    }

    /// Whether this work-item has ended.
    pub fn ended(&self) -> &'static str {
        if self.is_kernel() { "falx_failed.ended" } else { "falx_failed->ended" }
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

/// Whether some work-items may leave a kernel before its end.
fn leaves(code: &[Statement]) -> bool {
    let leaves_here = |statement: &Statement| match statement {
        Statement::Return(_) | Statement::LeaveIfHalted | Statement::Trap { halts: true, .. } => true,
        statement => statement.inside().any(|inner| leaves(std::slice::from_ref(inner))),
    };
    code.iter().any(leaves_here)
}
