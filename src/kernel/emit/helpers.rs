//! Functions that the text calls, printed only where they are used.

use super::Printer;
use crate::kernel::argument::ShapeKind;
use crate::kernel::trap::{MIX, SLOTS};

/// How a failed check reports. Plain stores into the slot of the local id: the stores vectorise, atomics would not.
/// Only a work-item's first failure counts: what fails after it may well be its consequence. The last word mixes all
/// others, so that a reader can tell a record that two work-items wrote at once.
const FAIL: &str = "static void falx_fail(__global ulong *record, uint *failed, ulong launch, ulong columns, ulong rows, ulong code,
    ulong i0, ulong i1, ulong i2, ulong n0, ulong n1, ulong n2, ulong dimensions)
{
    if (*failed) return;
    *failed = 1;
    const ulong item = (get_global_id(2) * rows + get_global_id(1)) * columns + get_global_id(0);
    const ulong word = launch << 16 | code;
    __global ulong *slot = record + $OWN;
    slot[0 * $SLOTS] = word;
    slot[1 * $SLOTS] = item;
    slot[2 * $SLOTS] = i0;
    slot[3 * $SLOTS] = i1;
    slot[4 * $SLOTS] = i2;
    slot[5 * $SLOTS] = n0;
    slot[6 * $SLOTS] = n1;
    slot[7 * $SLOTS] = n2;
    slot[8 * $SLOTS] = dimensions;
    ulong mix = word * $MIX + item;
    mix = mix * $MIX + i0;
    mix = mix * $MIX + i1;
    mix = mix * $MIX + i2;
    mix = mix * $MIX + n0;
    mix = mix * $MIX + n1;
    mix = mix * $MIX + n2;
    slot[9 * $SLOTS] = mix * $MIX + dimensions;
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

impl Printer<'_> {
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
        let text = FAIL.replace("$OWN", &own).replace("$SLOTS", &SLOTS.to_string());
        self.helper(text.replace("$MIX", &format!("{MIX:#x}UL")));
    }
}
