//! Functions that the text calls, printed only where they are used.

use super::Printer;
use crate::kernel::argument::ShapeKind;
use crate::kernel::trap::{MIX, SLOTS, VALUES, WORDS};

/// How a failed check reports. Plain stores into the slot of the local id: the stores vectorise, atomics would not.
/// Only a work-item's first failure counts: what fails after it may well be its consequence. The last word mixes all
/// others, so that a reader can tell a record that two work-items wrote at once.
const FAIL: &str = "static void falx_fail(__global ulong *record, uint *failed, ulong columns, ulong rows, ulong code, ulong count$VALUES)
{
    if (*failed) return;
    *failed = 1;
    const ulong item = (get_global_id(2) * rows + get_global_id(1)) * columns + get_global_id(0);
    __global ulong *slot = record + $OWN;
    ulong mix = 0;
$STORES    slot[$LAST] = mix;
}";

/// How a line of output gets its place. Here an atomic operation is needed: a work-item may print any number of lines.
const LINE: &str = "static __global ulong *falx_line(__global ulong *output, ulong columns, ulong rows, uint full, ulong code, uint count)
{
    volatile __global uint *used = (volatile __global uint *)output;
    const uint at = *used < full ? atomic_add(used, count + 2) : full;
    if (at + count + 2 > full) {
        if (at < full) output[1 + at] = 0;
        atomic_inc(used + 1);
        return 0;
    }
    __global ulong *line = output + 1 + at;
    line[0] = code | (ulong)count << 48;
    line[1] = (get_global_id(2) * rows + get_global_id(1)) * columns + get_global_id(0);
    return line + 2;
}";

/// Intel's CPU runtime, when it vectorises, turns a NaN into the largest `uint` instead of zero.
const FLOAT_TO_UINT: &str = "static uint falx_$T_to_uint($T x)
{
    return isnan(x) ? 0u : convert_uint_sat(x);
}";

/// Intel's CPU runtime takes the remainder of a subnormal by itself for that number instead of zero.
const REMAINDER: &str = "static $T falx_remainder_$T($T a, $T b)
{
    const $T r = fmod(a, b);
    return fabs(r) == fabs(b) ? copysign(($T)0, a) : r;
}";

/// Intel's CPU runtime takes a literal zero over anything, times a literal, for zero, though it is NaN over zero or NaN.
const ZERO_OVER: &str = "static $T falx_zero_over_$T($T x)
{
    return (x < 0) | (x > 0) ? copysign(($T)0, x) : ($T)NAN;
}";

impl Printer<'_> {
    /// The function that divides zero by a float.
    pub fn use_zero_over(&mut self, ty: &str) -> String {
        self.helper(ZERO_OVER.replace("$T", ty));
        format!("falx_zero_over_{ty}")
    }

    /// The function that takes the remainder of floats.
    pub fn use_remainder(&mut self, ty: &str) -> String {
        self.helper(REMAINDER.replace("$T", ty));
        format!("falx_remainder_{ty}")
    }

    /// The function that casts a float type to `uint` as Rust does.
    pub fn use_float_to_uint(&mut self, from: &str) -> String {
        self.helper(FLOAT_TO_UINT.replace("$T", from));
        format!("falx_{from}_to_uint")
    }

    pub fn use_fail(&mut self) {
        self.traps = true;
        // falx's own work-groups have at most as many work-items as there are slots. Without the mask the stores are
        // contiguous, which makes checked kernels up to 7 times as fast on Intel's CPU runtime.
        let own = match self.module.shape {
            ShapeKind::NdRange(_) => format!("(get_local_id(0) & {})", SLOTS - 1),
            ShapeKind::Range(2 | 3) => "get_local_id(1) * get_local_size(0) + get_local_id(0)".to_owned(),
            ShapeKind::Single | ShapeKind::Range(_) => "get_local_id(0)".to_owned(),
        };
        let names = ["code", "item", "count"].map(str::to_owned);
        let values: Vec<String> = (0..VALUES).map(|value| format!("v{value}")).collect();
        let store = |(word, name): (usize, &String)| {
            format!("    slot[{}] = {name}; mix = mix * {MIX:#x}UL + {name};\n", word * SLOTS)
        };
        let stores: String = names.iter().chain(&values).enumerate().map(store).collect();
        let values: String = values.iter().map(|value| format!(", ulong {value}")).collect();
        let text = FAIL.replace("$OWN", &own).replace("$STORES", &stores).replace("$VALUES", &values);
        self.helper(text.replace("$LAST", &((WORDS - 1) * SLOTS).to_string()));
    }

    pub fn use_line(&mut self) {
        self.prints = true;
        self.helper(LINE.to_owned());
    }
}
