//! What the work-items of a sub-group do together where the device forms sub-groups as falx does: through its registers.
//!
//! They combine in the order of [`super::collective`], so the bits are the same. Measured on Intel's CPU runtime, six exchanges
//! by each of 2^20 work-items take 0.2 ms so, and 14 ms through local memory, since a barrier ends its vectors. Its sub-groups are
//! pieces of the rows of a work-group, so they are falx's where each row is made of whole ones, and where there is but one
//! row; `execute/kernels` asks that of each launch. PoCL 3.1 has no sub-groups.

use super::{Printer, c_name, exits, number, order};
use crate::kernel::groups::SUB_GROUP_SIZE;
use crate::kernel::lower::ir::*;
use crate::kernel::types::Scalar;

/// Stands before a kernel whose sub-groups are the device's.
pub const REQUIRED: &str = "__attribute__((intel_reqd_sub_group_size(16)))\n";
const _: () = assert!(SUB_GROUP_SIZE == 16);

/// The value of the work-item at a position that exists.
const AT: &str = "static $T falx_at_$T($T x, uint from)
{
    return ($T)intel_sub_group_shuffle(($R)x, from);
}";

/// Turns the last value of each block into the block's result.
const UP: &str = "static $T falx_sub_up_$N($T v)
{
    const uint own = get_sub_group_local_id();
    $K
    for (uint step = 1; step < $S; step <<= 1) {
        const $T a = falx_at_$T(v, own < step ? own : own - step), b = v;
        if (((own + 1) & (2 * step - 1)) == 0) v = $C;
    }
    return v;
}";

const REDUCE: &str = "static $T falx_sub_reduce_$N($T x)
{
    const uint count = get_sub_group_size();
    const $T v = falx_sub_up_$N(x);
    $T a = v;
    uint end = 0;
    $K
    for (uint block = $S; block; block >>= 1) {
        const uint last = min(end + block, count);
        const $T b = falx_at_$T(v, last - 1);
        if (count & block) {
            a = end ? $C : b;
            end = last;
        }
    }
    return a;
}";

const SCAN: &str = "static $T falx_sub_scan_$N($T x, $T before, uint skip)
{
    const uint own = get_sub_group_local_id();
    $T v = falx_sub_up_$N(x);
    $K
    for (uint step = $S / 2; step; step >>= 1) {
        const $T a = falx_at_$T(v, own < step ? own : own - step), b = v;
        if (((own + 1) & (2 * step - 1)) == step && own + 1 > step) v = $C;
    }
    const $T found = falx_at_$T(v, own < skip ? own : own - skip);
    return own < skip ? before : found;
}";

impl Printer<'_> {
    /// Whether an operation is left to the device.
    pub fn has_native(&self, within: Within) -> bool {
        // Its sub-groups are vectors, which a kernel with many ways out of its loops must not have.
        within == Within::SubGroup && self.module.native_sub_groups && !exits::are_many(self.module)
    }

    /// The call that does an operation within the device's sub-group.
    pub fn native_collective(&mut self, operation: &Operation, scalar: Scalar, value: &str) -> String {
        self.uses_native = true;
        let ty = c_name(scalar);
        let raw = if scalar.bits() < 32 { "uint" } else { ty };
        self.helper(AT.replace("$T", ty).replace("$R", raw));
        let combination = match operation {
            Operation::Gather(from) => return format!("falx_at_{ty}({value}, (uint)({}))", self.value(from)),
            Operation::Reduce(combination)
            | Operation::Inclusive(combination)
            | Operation::Exclusive(combination) => *combination,
        };
        let text = if let Operation::Reduce(_) = operation { REDUCE } else { SCAN };
        for text in [UP, text] {
            let text = text.replace("$C", &super::collective::combined(combination, scalar));
            let text = text
                .replace("$N", &format!("{}_$T", super::collective::named(combination, scalar)))
                .replace("$K", order::KEEP);
            self.helper(text.replace("$S", &format!("{SUB_GROUP_SIZE}u")).replace("$T", ty));
        }
        let name = super::collective::named(combination, scalar);
        match operation {
            Operation::Exclusive(_) => {
                let (before, _) = number::literal(scalar, combination.identity_bits(scalar));
                format!("falx_sub_scan_{name}_{ty}({value}, {before}, 1)")
            }
            Operation::Inclusive(_) => format!("falx_sub_scan_{name}_{ty}({value}, 0, 0)"),
            _ => format!("falx_sub_reduce_{name}_{ty}({value})"),
        }
    }
}
