//! Turns a kernel tree and the types of its witnesses into typed, ordered statements.
//!
//! Types come bottom-up, effects get an order, and every access gets its checks, in the code or left to the launch. Never prints: `emit` does.

pub mod ir;
pub mod methods;

mod access;
mod aggregate;
mod asking;
mod atomic;
mod borrow;
mod branch;
mod builder;
mod calls;
mod collective;
mod compare;
mod condition;
mod constants;
mod counts;
mod depth;
mod ending;
mod enumeration;
mod expression;
mod fitting;
mod flow;
mod guard;
mod halt;
mod inline;
mod joining;
mod literal;
mod method;
mod names;
mod operators;
mod overflow;
mod overload;
mod pattern;
mod pieces;
mod reducer;
mod say;
mod sequence;
mod slice;
mod stages;
mod strides;
mod tail;
mod test;
#[cfg(test)]
mod tests;
mod uniform;
mod vector;

pub use names::Names;

use super::argument::ShapeKind;
use super::check::{Asks, CallPath, CheckName, Checks, LeftOut};
use super::instance::Callee;
use super::source::{Author, Beginnings, Constant, Content, Overflow, Template};
use super::trap::Report;
use super::tree::{self, CaptureKind, Site};
use super::types::{Space, Type};
use crate::error::{Error, ErrorKind, Result};
use builder::Builder;
use ir::{Function, Node, Parameter, Table, Value};
use rustc_hash::FxHashMap;

/// A lowered kernel.
#[derive(Debug)]
pub struct Module {
    /// The kernel's name.
    pub title: &'static str,
    /// The kernel.
    pub kernel: Function,
    /// The device functions it calls, callees first.
    pub functions: Vec<Function>,
    /// The captured arguments that are plain values: argument, name, type.
    pub values: Vec<(usize, String, Type)>,
    /// What trap codes stand for.
    pub reports: Vec<Report>,
    /// The checks that the code leaves out, by their numbers.
    pub left_out: Vec<LeftOut>,
    /// Arrays in constant memory.
    pub tables: Vec<Table>,
    /// What it is launched over.
    pub shape: ShapeKind,
    /// Whether work-items meet in what the user wrote, and not only where a reduction combines what they leave.
    pub meets: bool,
    /// Whether an atomic operation is to hold for more than the device.
    pub system_atomics: bool,
    /// Whether its sub-groups may be the device's own.
    pub native_sub_groups: bool,
    /// Whether the device has sub-groups at all.
    pub device_sub_groups: bool,
    /// Where accessors may begin.
    pub beginnings: Beginnings,
    /// Whether no work-item pads the range.
    pub is_whole: bool,
}

/// What all functions of one kernel share while they are lowered.
pub(super) struct Shared {
    /// What the kernel is launched over.
    pub shape: ShapeKind,
    /// Which checks of indices the code is to contain.
    pub checks: Checks,
    pub left_out: Vec<LeftOut>,
    /// The calls by which the current code is reached, as far as it is lowered for each.
    pub path: CallPath,
    pub overflow: Overflow,
    pub reports: Vec<Report>,
    pub functions: Vec<Function>,
    /// Instances done, with their numbers.
    pub done: Vec<(Callee, usize)>,
    /// What is known of instances before they are lowered.
    pub natures: FxHashMap<Callee, Nature>,
    /// Instances being lowered, outermost first.
    pub stack: Vec<(Callee, &'static tree::Function)>,
    pub tables: Vec<Table>,
    /// Whether work-items meet in the kernel's own body.
    pub meets: bool,
    pub system_atomics: bool,
    /// How many bodies were lowered in the place of a call.
    pub n_inlined: usize,
    /// How many expressions are being lowered, one inside the other.
    pub depth: usize,
    pub function_names: Names,
    /// The names of all variables so far.
    pub variable_names: Names,
}

/// What is known of a device function before it is lowered.
#[derive(Clone, Copy, Default)]
pub(super) struct Nature {
    /// Whether work-items meet in it, or in one that it calls.
    pub meets: bool,
    /// Whether it is lowered in the place of each call.
    pub has_no_text: bool,
}

impl Shared {
    fn new(checks: Checks, overflow: Overflow) -> Self {
        Shared {
            shape: ShapeKind::Single,
            checks,
            left_out: Vec::new(),
            path: CallPath::default(),
            overflow,
            reports: Vec::new(),
            functions: Vec::new(),
            done: Vec::new(),
            natures: FxHashMap::default(),
            stack: Vec::new(),
            tables: Vec::new(),
            meets: false,
            system_atomics: false,
            n_inlined: 0,
            depth: 0,
            function_names: Names::default(),
            variable_names: Names::default(),
        }
    }

    /// A name for a function, which no variable hides.
    pub fn function_name(&mut self, wanted: &str) -> String {
        loop {
            let name = self.function_names.fresh(wanted);
            if !self.variable_names.has(&name) {
                return name;
            }
        }
    }

    /// The trap code of a check, from 1.
    pub fn code(&mut self, site: &'static Site) -> usize {
        self.code_of(Report { site, message: None, given: Vec::new() })
    }

    /// The trap code of a report, from 1.
    pub fn code_of(&mut self, report: Report) -> usize {
        let is_same =
            |known: &Report| std::ptr::eq(known.site, report.site) && known.message == report.message;
        let position = self.reports.iter().position(is_same).unwrap_or_else(|| {
            self.reports.push(report);
            self.reports.len() - 1
        });
        position + 1
    }

    /// Whether the code is to contain the check of a component of an index.
    pub fn is_tested(&self, site: &'static Site, dimension: usize) -> bool {
        self.checks.has(CheckName::new(self.path, site, dimension))
    }

    /// The number of a check that the code leaves out.
    pub fn left_out(&mut self, site: &'static Site, dimension: usize, asks: Asks) -> usize {
        let name = CheckName::new(self.path, site, dimension);
        self.left_out.iter().position(|known| known.name == name).unwrap_or_else(|| {
            self.left_out.push(LeftOut { name, site, dimension, asks });
            self.left_out.len() - 1
        })
    }
}

/// An error about the kernel as written.
pub(super) fn error(text: impl Into<String>) -> Error {
    Error::new(ErrorKind::Kernel, text)
}

/// Lowers a kernel.
///
/// # Errors
/// As for [`super::lower`].
pub fn module(template: &Template<'_>, checks: &Checks) -> Result<Module> {
    let tree = template.tree;
    let mut shared = Shared::new(checks.clone(), template.overflow);
    let name = Author::Falx.function(tree.name);
    shared.function_names.reserve(&name);
    shared.shape = template.shape;
    let mut builder = Builder::new(&mut shared, template.types, tree.file, Type::Unit);
    let values = bind_captures(&mut builder, tree, template.constants)?;
    let body = builder.kernel_body(tree)?;
    let context = builder.context;
    let has_barrier = builder.has_barrier;
    let (variables, accessors) = (builder.variables, builder.accessors);
    let parameters = (0..accessors.len()).map(Parameter::Accessor).collect();
    let kernel = Function {
        name,
        parameters,
        result: Type::Unit,
        variables,
        accessors,
        body,
        file: tree.file,
        line: tree.line,
        context,
        has_barrier,
    };
    let Shared { reports, left_out, functions, tables, meets, system_atomics, .. } = shared;
    let mut module = Module {
        title: tree.name,
        kernel,
        functions,
        values,
        reports,
        left_out,
        tables,
        shape: template.shape,
        meets,
        system_atomics,
        native_sub_groups: template.native_sub_groups,
        device_sub_groups: template.device_sub_groups,
        beginnings: template.beginnings,
        is_whole: template.is_whole,
    };
    uniform::check(&module)?;
    halt::keep_barriers(&mut module);
    Ok(module)
}

fn bind_captures(
    builder: &mut Builder<'_, '_>,
    tree: &'static tree::Kernel,
    constants: &[Constant],
) -> Result<Vec<(usize, String, Type)>> {
    let (mut argument, mut constant) = (0, 0);
    let is_constant = |capture: &&tree::Capture| capture.kind == CaptureKind::Constant;
    let n_constants = tree.captures.iter().filter(is_constant).count();
    // Specialization constants and the extents of local memory stand behind the others.
    let mut specialized = constants.get(n_constants..).unwrap_or_default().iter();
    let mut values = Vec::new();
    for capture in tree.captures {
        let ty = builder.type_of(capture.ty)?;
        let value = match (capture.kind, &ty) {
            (CaptureKind::Constant, _) => {
                constant += 1;
                builder.constant(capture, constants.get(constant - 1))?
            }
            (CaptureKind::Argument, Type::Specialized(scalar)) => {
                argument += 1;
                let bits =
                    specialized.next().and_then(|constant| constant.bits.first()).copied().unwrap_or(0);
                Value::new(Node::Literal(bits & scalar.mask()), ty.clone())
            }
            // An operator for groups, which only its type tells from others.
            (CaptureKind::Argument, Type::Function(_)) => {
                argument += 1;
                specialized.next();
                Value::new(Node::Unit, ty)
            }
            (CaptureKind::Argument, Type::Accessor { element, .. }) if element.has_empty_part() => {
                return Err(error(format!(
                    "kernel `{}` takes `{}`, whose elements of type `{}` hold nothing, which no device has",
                    tree.name,
                    capture.name,
                    method::describe(element)
                )));
            }
            (CaptureKind::Argument, Type::Accessor { dimensions: 2.., space: Space::Local, .. }) => {
                argument += 1;
                let value = builder.captured(argument - 1, capture.name, ty, &mut values);
                if let Some(accessor) = builder.accessors.last_mut() {
                    accessor.extents = specialized.next().map(|constant| constant.bits.clone());
                }
                value
            }
            (CaptureKind::Argument, _) => {
                argument += 1;
                builder.captured(argument - 1, capture.name, ty, &mut values)
            }
        };
        builder.bindings.insert(capture.local, value);
    }
    Ok(values)
}
