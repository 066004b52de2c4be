//! Functions that the text calls, printed only where they are used.

use super::Printer;
use crate::kernel::argument::ShapeKind;
use crate::kernel::trap::{MIX, SLOTS, VALUES, WORDS};

/// How a failed check is kept, and reported when the work-item is over. Not at once: stores, which vectorised code does under
/// masks whether anything fails or not, cost more than all else of a check in a loop. Plain stores into the slot of the
/// local id: these vectorise, atomics would not. Only a work-item's first failure counts: what fails after it may well be
/// its consequence, so later ones change nothing: by a choice, since a branch would cost vectorised code more. The last word
/// mixes all others, so that a reader can tell a record that two work-items wrote at once.
const FAIL: &str = "typedef struct {
    uint code;
    uint ended;$FIELDS
} falx_failure;

static void falx_fail(falx_failure *failed, uint code, uint count$PARAMETERS)
{
    const uint was = failed->code;
    failed->code = was ? was : code | count << 24;
$KEEPS}

static void falx_report(__global ulong *record, const falx_failure *failed, ulong columns, ulong rows)
{
    if (!failed->code) return;
    const ulong code = failed->code & 0xffffff, count = failed->code >> 24;
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

/// Intel's CPU runtime, when it vectorises, takes what is shifted out of an id as an `int` for part of the result.
const SHIFT_LEFT: &str = "static int falx_shift_left(int x, uint n)
{
    return (int)rotate((uint)x & (0xffffffffu >> n), n);
}";

/// Intel's CPU runtime does not keep a negated float across a barrier, or crashes: it knows the instruction not. It makes
/// the same of `-1 * x`, `x / -1` and `-0 - x`, but not of this.
const NEGATE: &str = "static $T falx_negate_$T($T x)
{
    return copysign(x, as_$T(~as_$I(x)));
}";

impl Printer<'_> {
    /// The function that negates floats of a type in kernels with barriers.
    pub fn use_negate(&mut self, ty: &str) -> String {
        let integer = ty.replace("float", "int").replace("double", "long");
        self.helper(NEGATE.replace("$T", ty).replace("$I", &integer));
        format!("falx_negate_{ty}")
    }

    /// The function that shifts an `int` to the left, by less than 32.
    pub fn use_shift_left(&mut self) -> &'static str {
        self.helper(SHIFT_LEFT.to_owned());
        "falx_shift_left"
    }

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

    /// What failed checks need, with room for so many values.
    pub fn use_fail(&mut self, n_values: usize) {
        // Work-groups that falx chooses for kernels that may fail have at most as many work-items as there are slots. Without the mask the stores are
        // contiguous, which makes checked kernels up to 7 times as fast on Intel's CPU runtime.
        let plane = "get_local_id(1) * get_local_size(0) + get_local_id(0)";
        let own = match self.module.shape {
            ShapeKind::NdRange(1) => format!("(get_local_id(0) & {})", SLOTS - 1),
            ShapeKind::NdRange(2) => format!("(({plane}) & {})", SLOTS - 1),
            ShapeKind::NdRange(_) => {
                let planes = "get_local_id(2) * get_local_size(1) * get_local_size(0)";
                format!("(({planes} + {plane}) & {})", SLOTS - 1)
            }
            ShapeKind::Range(2 | 3) => plane.to_owned(),
            ShapeKind::Single | ShapeKind::Range(_) => "get_local_id(0)".to_owned(),
        };
        let of_each = |text: &dyn Fn(usize) -> String| -> String { (0..n_values).map(text).collect() };
        let values = (0..n_values).map(|value| format!("failed->v{value}"));
        let words = ["code", "item", "count"].map(str::to_owned).into_iter().chain(values);
        let store = |(word, name): (usize, String)| {
            format!("    slot[{}] = {name}; mix = mix * {MIX:#x}UL + {name};\n", word * SLOTS)
        };
        let mut stores: String = words.enumerate().map(store).collect();
        // The other values are zero, and stay so.
        let factor = MIX.wrapping_pow((VALUES - n_values) as u32);
        if factor != 1 {
            stores.push_str(&format!("    mix = mix * {factor:#x}UL;\n"));
        }
        let text = FAIL.replace("$OWN", &own).replace("$STORES", &stores);
        let text = text.replace("$FIELDS", &of_each(&|value| format!("\n    ulong v{value};")));
        let text = text.replace("$PARAMETERS", &of_each(&|value| format!(", ulong v{value}")));
        let text = text.replace(
            "$KEEPS",
            &of_each(&|value| format!("    failed->v{value} = was ? failed->v{value} : v{value};\n")),
        );
        self.helper(text.replace("$LAST", &((WORDS - 1) * SLOTS).to_string()));
    }

    pub fn use_line(&mut self) {
        self.prints = true;
        self.helper(LINE.to_owned());
    }
}
