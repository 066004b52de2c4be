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
                "kernels have no closures\nhint: write a `#[device] fn` outside the kernel and call it",
            ),
            Expr::Reference(node) => {
                errors.at(node.and_token, "kernels have no references\nhint: use the value itself; arrays and accessors are indexed by name")
            }
            Expr::RawAddr(node) => errors.at(node.and_token, "kernels have no pointers"),
            Expr::Tuple(node) => {
                errors.at(node, "kernels have no tuples yet\nhint: use an array `[a, b]`, or one variable for each value")
            }
            Expr::Field(node) => errors.at(&node.member, "kernels have no fields yet\nhint: read an id with `i[0]`; copy a field before the kernel: `let x = data.x;`"),
            Expr::Struct(node) => {
                errors.at(&node.path, "kernels have no structs yet\nhint: use one variable for each field")
            }
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
            Expr::Macro(node) => self.macro_call(&node.mac),
            Expr::Infer(node) => errors.at(node, "write `let _ = value;` to drop a value"),
            other => errors.at(other, "kernels do not have this kind of expression"),
        }
    }

    /// Reports a macro call.
    pub(super) fn macro_call(&mut self, call: &syn::Macro) {
        let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let hint = match name.as_str() {
            "println" | "print" | "eprintln" | "eprint" | "dbg" | "format" | "write" | "writeln" => {
                "kernels cannot print\nhint: store the value through an accessor and print it on the host"
            }
            "assert" | "assert_eq" | "assert_ne" | "debug_assert" | "debug_assert_eq" | "debug_assert_ne"
            | "panic" | "unreachable" | "todo" | "unimplemented" => {
                "kernels have no assertions yet\nhint: store a flag through an accessor and check it on the host"
            }
            "vec" => "kernels cannot allocate\nhint: use an array `[0.0; N]` or local memory",
            "kernel" => "a kernel cannot contain a kernel\nhint: submit a second kernel",
            _ => "kernels cannot call macros\nhint: write out what it stands for, or call a `#[device] fn`",
        };
        self.errors.at(&call.path, hint);
    }
}
