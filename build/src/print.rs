//! Prints the launchers of one file as a module of Rust.

use crate::parse::{Kernel, Parameter};
use crate::types::{Space, Type, element};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What is launched.
pub enum Code {
    OpenClC,
    SpirV(PathBuf),
    Binary(PathBuf),
}

/// Words that are names in OpenCL C but not in Rust.
const KEYWORDS: [&str; 25] = [
    "as", "box", "crate", "dyn", "fn", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "priv",
    "pub", "ref", "self", "super", "trait", "type", "unsafe", "use", "where", "yield", "gen",
];

/// The module of a file.
pub fn module(name: &str, path: &Path, text: &str, code: &Code, kernels: &[Kernel]) -> String {
    let mut module = format!("/// The kernels of `{name}.cl`.\npub mod {} {{\n", identifier(name));
    let (doc, value) = match code {
        Code::OpenClC => ("its text", "::falx::foreign::ForeignCode::OpenClC(SOURCE)".to_owned()),
        Code::SpirV(path) => {
            ("its SPIR-V", format!("::falx::foreign::ForeignCode::SpirV(include_bytes!({path:?}))"))
        }
        Code::Binary(path) => {
            ("its binary", format!("::falx::foreign::ForeignCode::Binary(include_bytes!({path:?}))"))
        }
    };
    let _ = writeln!(
        module,
        "    /// The text of the file.\n    #[allow(dead_code)]\n    pub const SOURCE: &str = {text:?};"
    );
    let _ = writeln!(
        module,
        "    /// What is launched: {doc}.\n    pub const CODE: ::falx::foreign::ForeignCode = {value};"
    );
    for kernel in kernels {
        module.push_str(&launcher(path, kernel));
    }
    module.push_str("}\n");
    module
}

fn launcher(path: &Path, kernel: &Kernel) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut text = format!(
        "    /// The kernel `{}` of `{file}`, line {}, with its arguments.\n",
        kernel.name, kernel.line
    );
    text.push_str("    #[allow(clippy::too_many_arguments)]\n");
    let parameters: Vec<String> = kernel.parameters.iter().map(parameter).collect();
    let _ = writeln!(
        text,
        "    pub fn {}({}) -> ::falx::foreign::ForeignKernel {{",
        identifier(&kernel.name),
        parameters.join(", ")
    );
    let _ = write!(text, "        ::falx::foreign::ForeignKernel::new({:?}, CODE)", kernel.name);
    for parameter in &kernel.parameters {
        let name = identifier(&parameter.name);
        let _ = match parameter.ty {
            Type::Pointer { .. } => write!(text, ".pointer({name})"),
            // Four components travel, of which the last is not looked at.
            Type::Value(_, 3) => write!(text, ".value([{name}[0], {name}[1], {name}[2], {name}[2]])"),
            Type::Value(..) => write!(text, ".value({name})"),
        };
    }
    text.push_str("\n    }\n");
    text
}

fn parameter(parameter: &Parameter) -> String {
    let name = identifier(&parameter.name);
    match parameter.ty {
        Type::Value(scalar, 3) => format!("{name}: [{}; 3]", scalar.rust()),
        Type::Value(scalar, lanes) => format!("{name}: {}", element(scalar, lanes)),
        Type::Pointer { space, is_const, scalar, lanes } => {
            let role = match (space, is_const) {
                (Space::Local, _) => "LocalPointer",
                (_, true) => "ReadPointer",
                (_, false) => "WritePointer",
            };
            format!("{name}: &impl ::falx::foreign::{role}<{}>", element(scalar, lanes))
        }
    }
}

fn identifier(name: &str) -> String {
    match name {
        "self" | "super" | "crate" => format!("{name}_"),
        _ if KEYWORDS.contains(&name) => format!("r#{name}"),
        _ => name.to_owned(),
    }
}
