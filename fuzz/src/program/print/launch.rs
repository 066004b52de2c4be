//! The parts of a program around its expressions: device functions, buffers, the launch.

use super::types::literal;
use super::{Dress, Printer, name};
use crate::program::{Accessor, Function, Program, Scalar, Shape, Type};
use std::fmt::Write;

/// What work-items of groups know of their place.
const IN_GROUP: [&str; 2] = ["let i = it.global_linear_id();", "let own = it.local_linear_id();"];

/// The device functions, in order.
fn functions(program: &Program, dress: Option<&Dress>) -> String {
    let mut text = String::new();
    for (number, function) in program.functions.iter().enumerate() {
        text.push_str(&device_function(program, dress, number, function));
    }
    text
}

fn device_function(program: &Program, dress: Option<&Dress>, number: usize, function: &Function) -> String {
    let mut printer = Printer::new(program, dress, Some(function));
    printer.receiver = printer.receiver(number);
    let accessors = function.accessors.iter().enumerate().map(|(position, accessor)| match accessor {
        Accessor::Input(element) => format!("a{position}: Read<{}>", element.rust()),
        Accessor::Output(element) => format!("a{position}: ReadWrite<{}>", element.rust()),
        Accessor::Cells(scalar) => format!("a{position}: ReadWrite<{}>", scalar.rust_name()),
    });
    let parameters = function.parameters.iter().map(|(local, ty)| format!("{}: {}", name(*local), ty.rust()));
    let list: Vec<String> = accessors.chain(parameters).collect();
    let result = match &function.result {
        Type::Unit => String::new(),
        other => format!(" -> {}", other.rust()),
    };
    printer.function(number, list, &result, &printer.block(&function.body))
}

/// The bits of the scalars that a value consists of.
fn bits(value: &str, ty: &Type) -> Vec<String> {
    let part = |number: usize, of: &Type| match ty {
        Type::Array(..) => bits(&format!("{value}[{number}]"), of),
        _ => bits(&format!("{value}.{}", ty.field_name(number)), of),
    };
    match ty {
        Type::Scalar(Scalar::F16 | Scalar::F32 | Scalar::F64) => vec![format!("{value}.to_bits() as u64")],
        Type::Scalar(Scalar::Bool) => vec![format!("{value} as u64")],
        Type::Scalar(scalar) => vec![format!("{value} as {} as u64", scalar.unsigned().rust_name())],
        other => other.parts().iter().enumerate().flat_map(|(number, of)| part(number, of)).collect(),
    }
}

impl Program {
    /// The device functions, and `run`, which launches the kernel on a queue and gives the outputs' bits, or the error.
    pub fn rust(&self) -> String {
        self.printed(None)
    }

    /// The same with impl blocks, traits and generics, as `seed` says.
    pub fn dressed(&self, seed: u64) -> String {
        self.printed(Some(&Dress::new(self, seed)))
    }

    fn printed(&self, dress: Option<&Dress>) -> String {
        let mut text: String = self.declarations.iter().map(|declaration| declaration.rust()).collect();
        text.push_str(&functions(self, dress));
        text.push_str("pub fn run(queue: &Queue) -> Result<Vec<Vec<u64>>, String> {\n");
        for (number, input) in self.inputs.iter().enumerate() {
            let values: Vec<String> = input.contents.iter().map(|value| value.rust(&input.element)).collect();
            let _ = writeln!(
                text,
                "    let in{number} = Buffer::<{}, {}>::from_vec(vec![{}], {:?}).unwrap();",
                input.element.rust(),
                input.extent.len(),
                values.join(", "),
                input.extent
            );
        }
        let extent = self.shape.extent();
        for (number, element) in self.outputs.iter().enumerate() {
            let (name, zero) = (element.rust(), element.zero().rust(element));
            let _ = writeln!(
                text,
                "    let out{number} = Buffer::<{name}, {}>::from_vec(vec![{zero}; {}], {extent:?}).unwrap();",
                extent.len(),
                self.shape.n_items()
            );
        }
        if let Some(cells) = &self.cells {
            let values: Vec<String> =
                cells.contents.iter().map(|bits| literal(cells.scalar, *bits)).collect();
            let name = cells.scalar.rust_name();
            let _ = writeln!(text, "    let cells = Buffer::<{name}>::from(vec![{}]);", values.join(", "));
        }
        for (local, ty, value) in &self.captures {
            let _ = writeln!(text, "    let {}: {} = {};", name(*local), ty.rust(), value.rust(ty));
        }
        text.push_str(&self.launch(dress));
        text.push_str("    event.wait().map_err(|error| error.to_string())?;\n    Ok(vec![");
        for (number, element) in self.results().iter().enumerate() {
            let name = if number < self.outputs.len() { format!("out{number}") } else { "cells".to_owned() };
            let bits = bits("x", element).join(", ");
            let _ = write!(text, "{name}.host_read().unwrap().iter().flat_map(|&x| [{bits}]).collect(), ");
        }
        text.push_str("])\n}\n");
        text
    }

    /// The command group and the kernel inside.
    fn launch(&self, dress: Option<&Dress>) -> String {
        let mut text = String::from("    let event = queue.submit(|h| {\n");
        for number in 0..self.inputs.len() {
            let _ = writeln!(text, "        let in{number} = in{number}.read(h);");
        }
        for number in 0..self.outputs.len() {
            let _ = writeln!(text, "        let out{number} = out{number}.read_write(h);");
        }
        if let Some(element) = &self.tile {
            let _ = writeln!(
                text,
                "        let tile = h.local::<{}, 1>({});",
                element.rust(),
                self.shape.group()
            );
        }
        if self.cells.is_some() {
            text.push_str("        let cells = cells.read_write(h);\n");
        }
        let (range, parameter, prelude): (String, &str, &[&str]) = match self.shape {
            Shape::Plain(n) => (n.to_string(), "i: usize", &[]),
            Shape::Id(n) => (n.to_string(), "it: Id<1>", &["let i = it[0];"]),
            Shape::Item(extent) => (format!("{extent:?}"), "it: Item<2>", &["let i = it.linear_id();"]),
            Shape::Groups(global, local) => {
                (format!("NdRange::new({global}, {local})"), "it: NdItem<1>", &IN_GROUP)
            }
            Shape::Grid(global, local) => {
                (format!("NdRange::new({global:?}, {local:?})"), "it: NdItem<2>", &IN_GROUP)
            }
        };
        let _ = writeln!(text, "        h.parallel_for({range}, kernel!(move |{parameter}| {{");
        let mut printer = Printer { text, indent: 3, ..Printer::new(self, dress, None) };
        prelude.iter().for_each(|line| printer.line(line));
        printer.statements(&self.body);
        let mut text = printer.text;
        text.push_str("        }));\n    }).map_err(|error| error.to_string())?;\n");
        text
    }
}
