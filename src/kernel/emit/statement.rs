//! Statements as text.

use super::{Printer, apart, order};
use crate::kernel::lower::ir::*;
use crate::kernel::types::{Scalar, Type};

impl Printer<'_> {
    /// Statements between braces.
    pub fn braces(&mut self, code: &[Statement]) {
        self.push_line("{");
        self.indented(code);
        self.push_line("}");
    }

    pub fn indented(&mut self, code: &[Statement]) {
        self.indent += 1;
        self.code(code);
        self.indent -= 1;
    }

    /// Statements.
    pub fn code(&mut self, code: &[Statement]) {
        for statement in code {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Line(line) => self.pending_line = Some(*line),
            Statement::Declare(variable, value) => self.declare(*variable, value.as_ref()),
            Statement::Store(place, value) => {
                let (place, is_mask_lane) = self.place(place);
                let value = if is_mask_lane { self.as_mask_lane(value) } else { self.value(value) };
                let text = format!("{place} = {value};");
                self.push_line(&text);
            }
            Statement::Evaluate(value) => {
                let text = format!("{};", self.value(value));
                self.push_line(&text);
            }
            Statement::If(condition, then, otherwise) => self.conditional(condition, then, otherwise),
            Statement::Loop { head, body, break_label, continue_label, number } => {
                self.repetition(head, body, *continue_label, *number);
                if let Some(label) = break_label {
                    self.push_line(&format!("falx_break_{label}: ;"));
                }
            }
            Statement::Block { body, break_label, .. } => {
                self.braces(body);
                self.push_line(&format!("falx_break_{break_label}: ;"));
            }
            Statement::Break(_, None) => self.push_line("break;"),
            Statement::Break(_, Some(label)) => self.push_line(&format!("goto falx_break_{label};")),
            Statement::Continue(_, None) => self.push_line("continue;"),
            Statement::Continue(_, Some(label)) => self.push_line(&format!("goto falx_continue_{label};")),
            Statement::Return(None) => {
                let text = self.leave_function();
                self.push_line(&text);
            }
            Statement::Return(Some(value)) => {
                let text = format!("return {};", self.value(value));
                self.push_line(&text);
            }
            Statement::Barrier => self.push_line("barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);"),
            Statement::Fence => self.push_line("mem_fence(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);"),
            Statement::Collective(collective) => self.collective(collective),
            Statement::Trap { code, values, halts } => self.trap(*code, values, *halts),
            Statement::Print { code, values } => self.print(*code, values),
            Statement::LeaveIfHalted => self.leave_if_halted(),
            Statement::UnlessHalted(code, label) => self.unless_halted(code, *label),
        }
    }

    fn declare(&mut self, number: VariableId, value: Option<&Value>) {
        let variable = &self.function.variables[number];
        let ty = self.c_type(&variable.ty);
        let name = &variable.name;
        let Some(value) = value else {
            self.push_line(&format!("{ty} {name};"));
            return;
        };
        if let (Node::Repeat(element, length), Type::Array(..)) = (&value.node, &variable.ty) {
            let element = self.value(element);
            self.push_line(&format!("{ty} {name};"));
            let head = format!("for (uint falx_k = 0; falx_k < {length}; ++falx_k)");
            self.push_line(&format!("{head} {name}.v[falx_k] = {element};"));
            return;
        }
        if !(variable.mutable || variable.late) {
            self.note_small(number, value);
        }
        let constness = if variable.mutable || variable.late { "" } else { "const " };
        let value = self.initializer(value);
        self.push_line(&format!("{constness}{ty} {name} = {value};"));
    }

    fn conditional(&mut self, condition: &Value, then: &[Statement], otherwise: &[Statement]) {
        // Where an index is checked, work-items do something either way.
        let is_check = otherwise.iter().any(|statement| matches!(statement, Statement::Trap { .. }));
        let condition = if is_check { self.value(condition) } else { self.unbounded(condition) };
        if otherwise.is_empty()
            && let [only @ (Statement::Break(..) | Statement::Continue(..) | Statement::Return(_))] = then
        {
            let start = self.text.len();
            self.statement(only);
            let inner = self.text.split_off(start);
            self.push_line(&format!("if ({condition}) {}", inner.trim()));
            return;
        }
        self.push_line(&format!("if ({condition}) {{"));
        self.indented(then);
        self.alternative(otherwise);
        self.push_line("}");
    }

    /// What stands behind an `if`: a chain of `else if` rather than a nest, which compilers follow only so deep.
    fn alternative(&mut self, mut otherwise: &[Statement]) {
        loop {
            match otherwise {
                [] => return,
                [Statement::Line(line), chained @ Statement::If(..)] => {
                    self.pending_line = Some(*line);
                    otherwise = std::slice::from_ref(chained);
                }
                [Statement::If(condition, then, rest)] => {
                    let condition = self.unbounded(condition);
                    self.push_line(&format!("}} else if ({condition}) {{"));
                    self.indented(then);
                    otherwise = rest;
                }
                _ => {
                    self.push_line("} else {");
                    return self.indented(otherwise);
                }
            }
        }
    }

    fn repetition(&mut self, head: &Head, body: &[Statement], continue_label: Option<Label>, number: usize) {
        let text = match head {
            Head::Forever => "for (;;) {".to_owned(),
            Head::While(condition) => {
                let condition = self.unbounded(condition);
                format!("while ({condition}) {{")
            }
            Head::Count { variable, start, end, step, inclusive } => {
                self.count(*variable, [start, end, step], *inclusive, number)
            }
        };
        if order::matters(self.function, head, body) {
            self.push_line(order::KEEP);
        }
        self.push_line(&text);
        if apart::may_leave(self.module, body, number) {
            self.push_line(&format!("    {}", apart::LEAVE));
        }
        self.loops += 1;
        self.indented(body);
        self.loops -= 1;
        if let Some(label) = continue_label {
            self.push_line(&format!("falx_continue_{label}: ;"));
        }
        self.push_line("}");
    }

    fn count(
        &mut self,
        variable: VariableId,
        [start, end, step]: [&Value; 3],
        inclusive: bool,
        number: usize,
    ) -> String {
        let variable = &self.function.variables[variable];
        let (ty, name) = (self.c_type(&variable.ty), &variable.name);
        let last = is_maximum(end, &variable.ty);
        let (start, end) = (self.value(start), self.value(end));
        if !inclusive {
            let next = match step.node {
                Node::Literal(1) => format!("++{name}"),
                _ => format!("{name} += {}", self.value(step)),
            };
            return format!("for ({ty} {name} = {start}; {name} < {end}; {next}) {{");
        }
        if last == Some(false) {
            return format!("for ({ty} {name} = {start}; {name} <= {end}; ++{name}) {{");
        }
        // The end may be the type's largest value, past which nothing counts.
        let more = format!("falx_more_{number}");
        let flag =
            if ty == "ulong" || ty == "long" || ty == "int" || ty == "uint" { ty.as_str() } else { "int" };
        if flag == ty {
            return format!(
                "for ({ty} {name} = {start}, {more} = {name} <= {end}; {more}; {more} = {name} < {end} && (++{name}, 1)) {{"
            );
        }
        self.push_line(&format!("int {more};"));
        format!(
            "for ({ty} {name} = ({more} = {start} <= {end}, {start}); {more}; {more} = {name} < {end} && (++{name}, 1)) {{"
        )
    }
}

/// Whether a bound is its type's largest value; `None` if it is not known.
fn is_maximum(value: &Value, ty: &Type) -> Option<bool> {
    let (Node::Literal(bits), Type::Scalar(scalar)) = (&value.node, ty) else { return None };
    let maximum = if Scalar::is_signed(*scalar) { scalar.mask() >> 1 } else { scalar.mask() };
    Some(*bits == maximum)
}
