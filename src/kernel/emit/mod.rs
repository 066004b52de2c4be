//! Prints lowered kernels as OpenCL C 1.2.
//!
//! Decides nothing about meaning: types, order and checks come from `lower`.

mod apart;
mod atomic;
mod bounds;
mod collective;
mod counted;
mod element;
mod exits;
mod failures;
mod half;
mod helpers;
mod layout;
mod native;
mod number;
mod order;
mod report;
mod statement;
mod table;
#[cfg(test)]
mod tests;
mod types;
mod value;
mod vector;

use super::argument::ShapeKind;
use super::footprint::Footprint;
use super::lower::Module;
use super::lower::ir::{Accessor, Function, Label, Line, Parameter, VariableId};
use super::source::{Author, Beginnings, Code, Content, Needs, Source};
use super::types::{AccessMode, RUN, Scalar, Space, n_slots};
use collective::SCRATCH;
use failures::Failures;
use layout::Layout;
use rustc_hash::FxHashMap;
use types::Types;

/// Collects what the text needs while it is printed.
pub(super) struct Printer<'m> {
    module: &'m Module,
    /// The function being printed.
    function: &'m Function,
    layout: Layout,
    /// The types that need a definition, in the order of use.
    types: Types,
    /// Helper functions, in the order of use.
    helpers: Vec<String>,
    needs: Needs,
    /// The size of the largest value that work-items exchange.
    scratch_bytes: usize,
    /// The types of these.
    scratch_types: Vec<String>,
    /// Whether its sub-groups are the device's.
    uses_native: bool,
    /// What its failed checks report.
    failures: Failures,
    prints: bool,
    /// Where a work-item goes on that has ended, and whether any does; without one it returns.
    halted: Option<(Label, bool)>,
    text: String,
    indent: usize,
    /// The line to be noted at the next statement.
    pending_line: Option<Line>,
    line: Option<Line>,
    /// How many loops of the function are around what is printed.
    loops: usize,
    /// The function's variables that never change and are below 2^63, and whether they are extents.
    small: FxHashMap<VariableId, bool>,
}

/// Prints a module.
pub fn print(module: &Module) -> Source {
    let mut printer = Printer {
        module,
        function: &module.kernel,
        layout: Layout::new(module),
        types: Types::default(),
        helpers: Vec::new(),
        needs: Needs::default(),
        scratch_bytes: 0,
        scratch_types: Vec::new(),
        uses_native: false,
        failures: Failures::of(module),
        prints: false,
        halted: None,
        text: String::new(),
        indent: 0,
        pending_line: None,
        line: None,
        loops: 0,
        small: FxHashMap::default(),
    };
    if let Some(n_values) = printer.failures.most_kept {
        printer.use_fail(n_values);
    }
    for function in &module.functions {
        printer.device_function(function);
    }
    printer.kernel();
    printer.finish()
}

impl<'m> Printer<'m> {
    fn device_function(&mut self, function: &'m Function) {
        self.function = function;
        self.line = None;
        self.small.clear();
        let result = self.c_type(&function.result);
        let parameters = self.device_parameters(function);
        self.push_line(&format!("// {}:{}", function.file, function.line));
        self.push_line(&format!("static {result} {}({parameters})", function.name));
        self.braces(&function.body);
        self.text.push('\n');
    }

    fn device_parameters(&mut self, function: &'m Function) -> String {
        let mut list = Vec::new();
        for parameter in &function.parameters {
            match parameter {
                Parameter::Variable(variable) => {
                    let variable = &function.variables[*variable];
                    list.push(format!("{} {}", self.c_type(&variable.ty), variable.name));
                }
                Parameter::Accessor(accessor) => {
                    list.push(self.pointer(*accessor));
                    let accessor = &function.accessors[*accessor];
                    list.extend(
                        (0..accessor.dimensions).map(|d| format!("ulong {}", extent_name(&accessor.name, d))),
                    );
                    let strides = 0..accessor.dimensions - 1;
                    list.extend(strides.map(|d| format!("ulong {}", stride_name(&accessor.name, d))));
                }
            }
        }
        if function.context.parameters {
            list.push("const falx_params p".to_owned());
        }
        if function.context.traps {
            list.push("falx_failure *falx_failed".to_owned());
        }
        if function.context.prints {
            list.push("__global ulong *falx_output".to_owned());
        }
        if list.is_empty() { "void".to_owned() } else { list.join(", ") }
    }

    /// The declaration of an accessor's pointer.
    fn pointer(&mut self, accessor: usize) -> String {
        let accessor = &self.function.accessors[accessor];
        let space = match accessor.space {
            Space::Global => "__global",
            Space::Local => "__local",
        };
        let constness = if accessor.mode == AccessMode::Read { "const " } else { "" };
        let (element, name) = (self.c_type(&accessor.element), &accessor.name);
        // As an array of rows where their lengths are known: PoCL's compiler makes more of that than of products.
        match accessor.known_rows() {
            Some(rows) => {
                let rows: String = rows.iter().map(|extent| format!("[{extent}]")).collect();
                format!("{space} {constness}{element} (*{name}){rows}")
            }
            None => format!("{space} {constness}{element} *{name}"),
        }
    }

    fn kernel(&mut self) {
        let kernel = &self.module.kernel;
        self.function = kernel;
        self.line = None;
        self.small.clear();
        let captured = |accessor: &usize| kernel.accessors[*accessor].argument.is_some();
        let pointers: Vec<String> =
            (0..kernel.accessors.len()).filter(captured).map(|a| self.pointer(a)).collect();
        let start = self.text.len();
        self.indent += 1;
        self.body();
        self.indent -= 1;
        // Only the body tells what the kernel needs.
        let body = self.text.split_off(start);
        let mut parameters = vec!["const falx_params p".to_owned()];
        parameters.extend(pointers);
        if self.scratch_bytes > 0 {
            parameters.push(format!("__local {} *falx_scratch", self.scratch_type()));
        }
        if self.failures.most_kept.is_some() {
            parameters.push("__global ulong *falx_trap".to_owned());
        }
        if self.prints {
            parameters.push("__global ulong *falx_output".to_owned());
        }
        if exits::are_many(self.module) {
            self.text.push_str(exits::NO_VECTORS);
        }
        if self.uses_native {
            self.text.push_str(native::REQUIRED);
        }
        let header = format!("__kernel void {}({})", kernel.name, parameters.join(", "));
        self.push_line(&header);
        self.push_line("{");
        if self.failures.most_kept.is_some() {
            self.push_line("    falx_failure falx_failed = {0};");
        }
        self.text.push_str(&body);
        self.push_line("}");
    }

    /// The code of the kernel, between what comes first and the report of what failed.
    fn body(&mut self) {
        self.local_memory();
        let (ends, is_together) = (self.ends(), self.reports_together());
        let joined = |operator: &str, between: &str| {
            let each = ends.iter().map(|(position, end)| format!("{position} {operator} {end}"));
            each.collect::<Vec<_>>().join(between)
        };
        if ends.is_empty() {
            self.own_code();
        } else if is_together {
            self.push_line(&format!("if ({}) {{", joined("<", " && ")));
            self.indent += 1;
            self.own_code();
            self.indent -= 1;
            self.push_line("}");
        } else {
            self.push_line(&format!("if ({}) return;", joined(">=", " || ")));
            self.own_code();
        }
        let Some(report) = self.report() else { return };
        match is_together {
            true => self.push_line(&format!("if (sub_group_any(falx_failed.code != 0)) {report}")),
            false => self.push_line(&report),
        }
    }

    /// What the memory in which work-items exchange values is aligned for.
    fn scratch_type(&self) -> &'static str {
        let is_wide = |accessor: &Accessor| accessor.element.layout().alignment > 8;
        if scratch(self.module).any(is_wide) { "ulong16" } else { "ulong" }
    }

    /// The kernel's own local memory.
    fn local_memory(&mut self) {
        let length = n_slots(slot_bytes(self.module));
        for accessor in slots(self.module) {
            let ty = self.c_type(&accessor.element);
            self.push_line(&format!("__local {ty} {}[{length}];", accessor.name));
        }
        for accessor in scratch(self.module) {
            let ty = self.c_type(&accessor.element);
            self.use_scratch(accessor.element.layout().size_bytes, &ty);
            self.push_line(&format!("{SCRATCH}{ty} *{} = ({SCRATCH}{ty} *)falx_scratch;", accessor.name));
        }
    }

    /// The positions of a work-item, and the ends that they must stay below where the backend pads the last two dimensions to whole
    /// work-groups.
    fn ends(&mut self) -> Vec<(String, String)> {
        let has_none = self.module.is_whole || self.module.kernel.has_barrier;
        let (ShapeKind::Range(dimensions), false) = (self.module.shape, has_none) else { return Vec::new() };
        let columns = self.field(Content::GlobalRange(2));
        if dimensions == 1 {
            return vec![("get_global_id(0)".to_owned(), columns)];
        }
        // In terms of the position in its group, rows first: so PoCL's compiler takes a row of a group as a loop to an end
        // that it knows, and a stencil is a tenth faster. A group begins before the end of both.
        let rows = self.field(Content::GlobalRange(1));
        let in_group = |d: usize, end: String| {
            let slice = if self.may_be_sliced_along(d) {
                format!(" - get_global_offset({d})")
            } else {
                String::new()
            };
            (format!("get_local_id({d})"), format!("{end} - get_group_id({d}) * get_local_size({d}){slice}"))
        };
        vec![in_group(1, rows), in_group(0, columns)]
    }

    /// Whether the kernel may be run for a part of a launch that begins later in OpenCL's dimension `d`: the slowest, on devices
    /// with a memory of their own.
    pub fn may_be_sliced_along(&self, d: usize) -> bool {
        let (ShapeKind::Range(dimensions) | ShapeKind::NdRange(dimensions)) = self.module.shape else {
            return false;
        };
        self.module.beginnings == Beginnings::Anywhere && d + 1 == dimensions
    }

    /// What the user wrote, after where accessors begin.
    fn own_code(&mut self) {
        let kernel = &self.module.kernel;
        for (position, accessor) in kernel.accessors.iter().enumerate() {
            if let (Space::Global, Some(argument)) = (accessor.space, accessor.argument) {
                self.begin(position, argument);
            }
        }
        self.code(&kernel.body);
    }

    /// Has an accessor's pointer lead to where its first element is, or would be: no pointer may leave its memory, so where that
    /// may happen it is a number until it is back.
    fn begin(&mut self, accessor: usize, argument: usize) {
        let Accessor { name, element, mode, .. } = &self.function.accessors[accessor];
        let step = match self.module.beginnings {
            Beginnings::There => return,
            Beginnings::Later => format!("{name} += {};", self.field(Content::Base(argument))),
            Beginnings::Anywhere => {
                let constness = if *mode == AccessMode::Read { "const " } else { "" };
                let (element, base) = (self.c_type(element), self.field(Content::Base(argument)));
                format!(
                    "{name} = (__global {constness}{element} *)((uintptr_t){name} + (uintptr_t)({base} * sizeof({element})));"
                )
            }
        };
        self.push_line(&step);
    }

    fn finish(mut self) -> Source {
        let kernel = &self.module.kernel;
        let (signature, structure) = self.struct_and_signature();
        let tables: String = self.module.tables.iter().map(|table| self.table(table)).collect();
        let mut text = format!("// falx kernel `{}`, {}:{}\n", self.module.title, kernel.file, kernel.line);
        text.push_str("#pragma OPENCL FP_CONTRACT OFF\n");
        if self.needs.fp64 {
            text.push_str("#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n");
        }
        if self.uses_native || self.reports_together() {
            text.push_str("#pragma OPENCL EXTENSION cl_intel_subgroups : enable\n");
        }
        if self.needs.atomic64 {
            text.push_str("#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable\n");
            text.push_str("#pragma OPENCL EXTENSION cl_khr_int64_extended_atomics : enable\n");
        }
        text.push('\n');
        self.types.write(&mut text);
        text.push_str(&structure);
        let helpers: String = self.helpers.iter().map(|helper| format!("\n{helper}\n")).collect();
        text.push_str(&placed(&self.qualified(&helpers), self.uses_native));
        if !tables.is_empty() {
            text.push('\n');
            text.push_str(&tables);
        }
        text.push('\n');
        text.push_str(&placed(&self.qualified(&self.text), self.uses_native));
        Source {
            title: self.module.title,
            text,
            code: Code::OpenClC,
            author: Author::Falx,
            signature,
            reports: self.failures.reports(&self.module.reports),
            needs: Needs { atomic_system: self.module.system_atomics, ..self.needs },
            private_bytes: private_bytes(self.module),
            least_row: least_row(self.module),
            is_whole: self.module.is_whole,
            largest_group: self.largest_group(),
            footprint: Footprint::default(),
        }
    }

    /// How many work-items the work-groups that falx chooses may have: where each has a place of its own in some memory, or keeps what
    /// no registers hold, as many as there is room for.
    fn largest_group(&self) -> usize {
        let is_free = self.failures.most_kept.is_none() && !self.module.kernel.has_barrier;
        match slot_bytes(self.module) {
            0 if is_free && private_bytes(self.module) == 0 => usize::MAX,
            slot_bytes => n_slots(slot_bytes),
        }
    }

    /// Whether the function being printed is the kernel itself.
    fn is_kernel(&self) -> bool {
        std::ptr::eq(self.function, &self.module.kernel)
    }

    /// The pointer to what has failed in this work-item.
    fn failed(&self) -> &'static str {
        if self.is_kernel() { "&falx_failed" } else { "falx_failed" }
    }

    /// What a file is called inside of the current function: that of the function itself by its name alone.
    fn short<'f>(&self, file: &'f str) -> &'f str {
        match file.rsplit(['/', '\\']).next() {
            Some(name) if file == self.function.file => name,
            _ => file,
        }
    }

    fn push_line(&mut self, line: &str) {
        for _ in 0..self.indent {
            self.text.push_str("    ");
        }
        self.text.push_str(line);
        let pending = self.pending_line.take().filter(|line| self.line != Some(*line));
        if let Some(line) = pending {
            self.text.push_str(&format!(" // {}:{}", self.short(line.file), line.number));
            self.line = pending;
        }
        self.text.push('\n');
    }

    fn helper(&mut self, text: String) {
        if !self.helpers.contains(&text) {
            self.helpers.push(text);
        }
    }

    /// The scalar in OpenCL C: `bool` is a byte, `usize` 64 bits everywhere.
    fn c_scalar(&mut self, scalar: Scalar) -> &'static str {
        self.needs.fp64 |= scalar == Scalar::F64;
        c_name(scalar)
    }
}

/// Functions, of which those are put in the place of their calls that must be, or all. Intel's compiler for CPUs works on several
/// work-items at once. It mixes up the lanes of what a function returns if there are three of them; and where it cannot do so with a
/// whole function, which it decides by itself, each work-item of the kernel is alone in its sub-group.
fn placed(functions: &str, all: bool) -> String {
    let place = |line: &str| match line.strip_prefix("static ") {
        Some(head) if all || has_three_lanes(head) => format!("static __attribute__((always_inline)) {head}"),
        _ => line.to_owned(),
    };
    functions.split_inclusive('\n').map(place).collect()
}

/// Whether a function's head begins with a vector of three lanes.
fn has_three_lanes(head: &str) -> bool {
    let lane = head.split(' ').next().and_then(|result| result.strip_suffix('3'));
    lane.is_some_and(|lane| lane.bytes().all(|letter| letter.is_ascii_lowercase()))
}

/// How long the rows of work-groups that falx chooses have to be.
fn least_row(module: &Module) -> usize {
    match module.shape {
        ShapeKind::Range(_) if module.kernel.has_barrier => RUN,
        _ => 1,
    }
}

/// The local memory of a kernel's reductions, which no argument leads to.
fn slots(module: &Module) -> impl Iterator<Item = &Accessor> {
    let is_slot = |accessor: &&Accessor| accessor.argument.is_none() && !accessor.is_scratch;
    module.kernel.accessors.iter().filter(is_slot)
}

/// The ways to the memory in which work-items exchange values that an operator of the user's makes one.
fn scratch(module: &Module) -> impl Iterator<Item = &Accessor> {
    module.kernel.accessors.iter().filter(|accessor| accessor.is_scratch)
}

/// How much of that each work-item takes.
fn slot_bytes(module: &Module) -> usize {
    slots(module).map(|accessor| accessor.element.layout().size_bytes).sum()
}

/// What the variables of a work-item take that no registers hold.
fn private_bytes(module: &Module) -> usize {
    let functions = module.functions.iter().chain([&module.kernel]);
    let variables = functions.flat_map(|function| &function.variables);
    let composed = variables.filter(|variable| {
        matches!(variable.ty, crate::kernel::Type::Array(..) | crate::kernel::Type::Aggregate(_))
    });
    composed.fold(0usize, |sum, variable| sum.saturating_add(variable.ty.layout().size_bytes))
}

/// How OpenCL C calls a scalar.
pub(super) fn c_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool | Scalar::U8 => "uchar",
        Scalar::I8 => "char",
        Scalar::I16 => "short",
        // A `half` can be a variable only on some devices.
        Scalar::U16 | Scalar::F16 => "ushort",
        Scalar::I32 => "int",
        Scalar::U32 => "uint",
        Scalar::I64 | Scalar::Isize => "long",
        Scalar::U64 | Scalar::Usize => "ulong",
        Scalar::F32 => "float",
        Scalar::F64 => "double",
    }
}

/// The parameter of a device function that holds an extent of its accessor `name`.
fn extent_name(name: &str, dimension: usize) -> String {
    format!("falx_{name}_{dimension}")
}

/// The parameter of a device function that holds a stride of its accessor `name`.
fn stride_name(name: &str, dimension: usize) -> String {
    format!("falx_{name}_s{dimension}")
}
