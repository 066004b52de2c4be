//! What to say of the Rust that is not in the kernel language.

use super::Checker;
use syn::Expr;

impl Checker {
    /// Reports an expression that kernels do not have, on the token that makes it what it is.
    pub(super) fn unsupported(&mut self, expression: &Expr) {
        let errors = &mut self.errors;
        match expression {
            Expr::Closure(node) => errors.at(
                node.inputs_begin,
                "a closure stands in a `let` or among the arguments of a `#[device] fn`\nhint: bind it with `let f = |x| ..;` and call `f`",
            ),
            Expr::RawAddr(node) => errors.at(node.and_token, "kernels have no pointers"),
            Expr::Unsafe(node) => errors.at(node.unsafe_token, "kernels have no `unsafe`: every access is checked or proven"),
            Expr::Try(node) => errors.at(
                node.question_token,
                "kernels have no `?`\nhint: a failed check is reported by itself, when the program waits for the kernel",
            ),
            Expr::Await(node) => errors.at(node.await_token, "kernels cannot wait for futures"),
            Expr::Async(node) => errors.at(node.async_token, "kernels cannot wait for futures"),
            Expr::Range(node) => {
                errors.at(node, "ranges stand only in `for`\nhint: write `for k in a..b { .. }`")
            }
            Expr::Infer(node) => errors.at(node, "write `let _ = value;` to drop a value"),
            other => errors.at(other, "kernels do not have this kind of expression"),
        }
    }

    /// Reports a macro call.
    pub(super) fn macro_call(&mut self, call: &syn::Macro) {
        let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let hint = match name.as_str() {
            "eprintln" | "eprint" | "dbg" => {
                "kernels print to one place only\nhint: write `println!(\"{}\", value)`"
            }
            "format" | "write" | "writeln" => {
                "kernels have no strings\nhint: print the values with `println!`, or store them through an accessor"
            }
            "vec" => "kernels cannot allocate\nhint: use an array `[0.0; N]` or local memory",
            "kernel" => "a kernel cannot contain a kernel\nhint: submit a second kernel",
            _ => "kernels cannot call macros\nhint: write out what it stands for, or call a `#[device] fn`",
        };
        self.errors.at(&call.path, hint);
    }
}
