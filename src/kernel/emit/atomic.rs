//! Atomic operations as text. Floats go by their bits; what OpenCL C 1.2 lacks for them is a loop around an exchange.

use super::collective::combined;
use super::{Printer, c_name};
use crate::kernel::groups::Combination;
use crate::kernel::lower::ir::*;
use crate::kernel::types::{Scalar, Space, Type};

/// What there is no operation for.
const LOOP: &str = "static $T falx_atomic_$N_$T_$S($P $U *word, $T b)
{
    $U seen = *word;
    for (;;) {
        const $U before = seen;
        const $T a = as_$T(before);
        seen = $X_cmpxchg(word, before, as_$U($C));
        if (seen == before) return a;
    }
}";

impl Printer<'_> {
    /// An atomic operation on an element that exists.
    pub fn atomic(
        &mut self,
        operation: &str,
        accessor: AccessorId,
        index: &[Value],
        arguments: &[Value],
    ) -> String {
        let element = self.element(accessor, index);
        let accessor = &self.function.accessors[accessor];
        let Type::Scalar(scalar) = accessor.element else { return "0".to_owned() };
        let (space, pointer) = match accessor.space {
            Space::Global => ("global", "volatile __global"),
            Space::Local => ("local", "volatile __local"),
        };
        self.needs.atomic64 |= scalar.bits() == 64;
        let arguments: Vec<String> = arguments.iter().map(|argument| self.value(argument)).collect();
        let place = |ty: &str| format!("({pointer} {ty} *)&{element}");
        let prefix = if scalar.bits() == 64 { "atom" } else { "atomic" };
        if !scalar.is_float() {
            let place = place(c_name(scalar));
            return match operation {
                "load" => format!("*{place}"),
                "ordered_load" => format!("{prefix}_or({place}, 0)"),
                "store" => format!("{prefix}_xchg({place}, {})", arguments.join(", ")),
                _ => format!("{prefix}_{operation}({place}, {})", arguments.join(", ")),
            };
        }
        let (ty, bits) = (self.c_scalar(scalar), c_name(scalar.unsigned()));
        let place = place(bits);
        let arguments: Vec<String> = match operation {
            "add" | "sub" | "min" | "max" => arguments,
            _ => arguments.into_iter().map(|argument| format!("as_{bits}({argument})")).collect(),
        };
        let arguments = arguments.join(", ");
        let combination = match operation {
            "load" => return format!("as_{ty}(*{place})"),
            "ordered_load" => return format!("as_{ty}({prefix}_or({place}, 0))"),
            "store" => return format!("{prefix}_xchg({place}, {arguments})"),
            "add" | "sub" => Combination::Sum,
            "min" => Combination::Min,
            "max" => Combination::Max,
            _ => return format!("as_{ty}({prefix}_{operation}({place}, {arguments}))"),
        };
        self.use_atomic_loop(combination, scalar, space, pointer);
        let sign = if operation == "sub" { "-" } else { "" };
        format!("falx_atomic_{}_{ty}_{space}({place}, {sign}({arguments}))", combination.name())
    }

    fn use_atomic_loop(&mut self, combination: Combination, scalar: Scalar, space: &str, pointer: &str) {
        let prefix = if scalar.bits() == 64 { "atom" } else { "atomic" };
        let text = LOOP.replace("$C", &combined(combination, scalar)).replace("$N", combination.name());
        let text = text.replace("$S", space).replace("$P", pointer).replace("$X", prefix);
        let text = text.replace("$U", c_name(scalar.unsigned())).replace("$T", c_name(scalar));
        self.helper(text);
    }
}
