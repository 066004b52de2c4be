//! The parts of a program around its expressions: device functions, buffers, the launch.

use super::types::literal;
use super::{Printer, name};
use crate::program::{Accessor, Function, Program, Scalar, Shape, Type};
use std::fmt::Write;

/// The device functions, in order.
fn functions(program: &Program) -> String {
    let mut text = String::new();
    for (number, function) in program.functions.iter().enumerate() {
        text.push_str(&device_function(program, number, function));
    }
    text
}

fn device_function(program: &Program, number: usize, function: &Function) -> String {
    let printer = Printer { program, function: Some(function), text: String::new(), indent: 0 };
    let accessors = function.accessors.iter().enumerate().map(|(position, accessor)| match accessor {
        Accessor::Input(scalar) => format!("a{position}: Read<{}>", scalar.rust_name()),
        Accessor::Output(scalar) | Accessor::Cells(scalar) => {
            format!("a{position}: ReadWrite<{}>", scalar.rust_name())
        }
    });
    let parameters = function.parameters.iter().map(|(local, ty)| format!("{}: {}", name(*local), ty.rust()));
    let list: Vec<String> = accessors.chain(parameters).collect();
    let result = match &function.result {
        Type::Unit => String::new(),
        other => format!(" -> {}", other.rust()),
    };
    format!("#[device]\nfn f{number}({}){result} {}\n\n", list.join(", "), printer.block(&function.body))
}

impl Program {
    /// The device functions, and `run`, which launches the kernel on a queue and gives the outputs' bits, or the error.
    pub fn rust(&self) -> String {
        let mut text: String = self.declarations.iter().map(|declaration| declaration.rust()).collect();
        text.push_str(&functions(self));
        text.push_str("pub fn run(queue: &Queue) -> Result<Vec<Vec<u64>>, String> {\n");
        for (number, input) in self.inputs.iter().enumerate() {
            let values: Vec<String> =
                input.contents.iter().map(|bits| literal(input.scalar, *bits)).collect();
            let _ = writeln!(
                text,
                "    let in{number} = Buffer::<{}, {}>::from_vec(vec![{}], {:?}).unwrap();",
                input.scalar.rust_name(),
                input.extent.len(),
                values.join(", "),
                input.extent
            );
        }
        let extent = self.shape.extent();
        for (number, scalar) in self.outputs.iter().enumerate() {
            let (scalar, n) = (scalar.rust_name(), self.shape.n_items());
            let _ = writeln!(
                text,
                "    let out{number} = Buffer::<{scalar}, {}>::from_vec(vec![Default::default(); {n}], {extent:?}).unwrap();",
                extent.len()
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
        text.push_str(&self.launch());
        text.push_str("    event.wait().map_err(|error| error.to_string())?;\n    Ok(vec![");
        for (number, scalar) in self.results().iter().enumerate() {
            let name = if number < self.outputs.len() { format!("out{number}") } else { "cells".to_owned() };
            let bits = match scalar {
                Scalar::F16 | Scalar::F32 | Scalar::F64 => "x.to_bits() as u64".to_owned(),
                Scalar::Bool => "x as u64".to_owned(),
                other => format!("x as {} as u64", other.unsigned().rust_name()),
            };
            let _ = write!(text, "{name}.host_read().unwrap().iter().map(|&x| {bits}).collect(), ");
        }
        text.push_str("])\n}\n");
        text
    }

    /// The command group and the kernel inside.
    fn launch(&self) -> String {
        let mut text = String::from("    let event = queue.submit(|h| {\n");
        for number in 0..self.inputs.len() {
            let _ = writeln!(text, "        let in{number} = in{number}.read(h);");
        }
        for number in 0..self.outputs.len() {
            let _ = writeln!(text, "        let out{number} = out{number}.read_write(h);");
        }
        if let Some(scalar) = self.tile {
            let _ = writeln!(
                text,
                "        let tile = h.local::<{}, 1>({});",
                scalar.rust_name(),
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
            Shape::Groups(global, local) => (
                format!("NdRange::new({global}, {local})"),
                "it: NdItem<1>",
                &["let i = it.global_linear_id();", "let own = it.local_linear_id();"],
            ),
        };
        let _ = writeln!(text, "        h.parallel_for({range}, kernel!(move |{parameter}| {{");
        let mut printer = Printer { program: self, function: None, text, indent: 3 };
        prelude.iter().for_each(|line| printer.line(line));
        printer.statements(&self.body);
        let mut text = printer.text;
        text.push_str("        }));\n    }).map_err(|error| error.to_string())?;\n");
        text
    }
}
