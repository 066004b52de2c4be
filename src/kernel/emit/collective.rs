//! What the work-items of a group do together, as functions that go through local memory.
//!
//! They combine in the order that [`crate::kernel::groups`] defines. Every one ends with a barrier, so that the next may
//! use the same memory. For sub-groups that are the device's own, `native` has others.

use super::{Printer, c_name, number, order};
use crate::kernel::groups::{Combination, SUB_GROUP_SIZE};
use crate::kernel::lower::ir::*;
use crate::kernel::types::Scalar;

/// The position of a work-item in its work-group.
const OWN: &str = "static uint falx_own(void)
{
    return (get_local_id(2) * get_local_size(1) + get_local_id(1)) * get_local_size(0) + get_local_id(0);
}";

/// The number of work-items of a work-group.
const COUNT: &str = "static uint falx_count(void)
{
    return get_local_size(0) * get_local_size(1) * get_local_size(2);
}";

/// Stands for the qualifiers of the memory in which work-items exchange values until all types are known that it holds.
pub(super) const SCRATCH: &str = "$Q";

/// Where a work-group finds its values.
const GROUP: &str = "const uint own = falx_own(), count = falx_count();
    $Q$T *v = ($Q$T *)scratch;";
/// Where a sub-group finds its values.
const SUB_GROUP: &str =
    "const uint position = falx_own(), first = position & ~($S - 1u), own = position - first;
    const uint count = min($S, falx_count() - first);
    $Q$T *v = ($Q$T *)scratch + first;";

/// Turns the last value of each block into the block's result. `span` is the same for all work-items of the work-group.
const UP: &str = "static void falx_up_$N($Q$T *v, uint own, uint span)
{
    for (uint step = 1; step < span; step <<= 1) {
        barrier(CLK_LOCAL_MEM_FENCE);
        if (((own + 1) & (2 * step - 1)) == 0) {
            const $T a = v[own - step], b = v[own];
            v[own] = $C;
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
}";

const REDUCE: &str = "static $T falx_$Wreduce_$N(__local void *scratch, $T x)
{
    $H
    v[own] = x;
    falx_up_$N(v, own, $L);
    uint block = 1u << (31 - clz(count)), end = block;
    $T a = v[end - 1];
    $K
    for (block >>= 1; block; block >>= 1) {
        if (count & block) {
            end += block;
            const $T b = v[end - 1];
            a = $C;
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    return a;
}";

const SCAN: &str = "static $T falx_$Wscan_$N(__local void *scratch, $T x, $T before, uint skip)
{
    $H
    v[own] = x;
    falx_up_$N(v, own, $L);
    uint step = 1;
    while (step < $L) step <<= 1;
    for (step >>= 1; step; step >>= 1) {
        if (((own + 1) & (2 * step - 1)) == step && own + 1 > step) {
            const $T a = v[own - step], b = v[own];
            v[own] = $C;
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    const $T result = own < skip ? before : v[own - skip];
    barrier(CLK_LOCAL_MEM_FENCE);
    return result;
}";

const GATHER: &str = "static $T falx_$Wgather_$T(__local void *scratch, $T x, uint from)
{
    $H
    v[own] = x;
    barrier(CLK_LOCAL_MEM_FENCE);
    const $T result = v[from];
    barrier(CLK_LOCAL_MEM_FENCE);
    return result;
}";

impl Printer<'_> {
    /// Declares the result of an operation over a group, and does it.
    pub fn collective(&mut self, collective: &Collective) {
        let variable = &self.function.variables[collective.result];
        let scalar = collective.value.scalar().unwrap_or(Scalar::U8);
        if scalar == Scalar::F16 {
            self.use_halves();
        }
        let (ty, name) = (self.c_scalar(scalar), variable.name.clone());
        let value = self.value(&collective.value);
        if self.has_native(collective.within) {
            let call = self.native_collective(&collective.operation, scalar, &value);
            return self.push_line(&format!("const {ty} {name} = {call};"));
        }
        self.use_scratch(scalar.bits() as usize / 8, ty);
        self.helper(OWN.to_owned());
        self.helper(COUNT.to_owned());
        let within = collective.within;
        let call = match &collective.operation {
            Operation::Reduce(combination) => {
                self.use_combining(REDUCE, within, *combination, scalar);
                let name = named(*combination, scalar);
                format!("falx_{}reduce_{name}_{ty}(falx_scratch, {value})", prefix(within))
            }
            Operation::Inclusive(combination) => {
                self.use_combining(SCAN, within, *combination, scalar);
                let name = named(*combination, scalar);
                format!("falx_{}scan_{name}_{ty}(falx_scratch, {value}, 0, 0)", prefix(within))
            }
            Operation::Exclusive(combination) => {
                self.use_combining(SCAN, within, *combination, scalar);
                let (before, _) = number::literal(scalar, combination.identity_bits(scalar));
                let name = named(*combination, scalar);
                format!("falx_{}scan_{name}_{ty}(falx_scratch, {value}, {before}, 1)", prefix(within))
            }
            Operation::Gather(from) => {
                let from = self.value(from);
                self.helper(filled(GATHER, within, ty));
                format!("falx_{}gather_{ty}(falx_scratch, {value}, (uint)({from}))", prefix(within))
            }
        };
        self.push_line(&format!("const {ty} {name} = {call};"));
    }

    fn use_combining(&mut self, text: &str, within: Within, combination: Combination, scalar: Scalar) {
        for text in [UP, text] {
            let text = text.replace("$C", &combined(combination, scalar));
            let text = text.replace("$N", &format!("{}_$T", named(combination, scalar)));
            self.helper(filled(&text, within, c_name(scalar)));
        }
    }
}

impl Printer<'_> {
    /// Has the memory in which work-items exchange values take one of a type.
    pub fn use_scratch(&mut self, size_bytes: usize, ty: &str) {
        self.scratch_bytes = self.scratch_bytes.max(size_bytes);
        if !self.scratch_types.iter().any(|known| known == ty) {
            self.scratch_types.push(ty.to_owned());
        }
    }

    /// A text with the qualifiers of that memory. Where it holds values of several types one after the other, compilers take those of
    /// one for out of the way of those of another, and read too late.
    pub fn qualified(&self, text: &str) -> String {
        text.replace(SCRATCH, if self.scratch_types.len() > 1 { "volatile __local " } else { "__local " })
    }
}

fn prefix(within: Within) -> &'static str {
    match within {
        Within::Group => "",
        Within::SubGroup => "sub_",
    }
}

/// A function's text for one type.
fn filled(text: &str, within: Within, ty: &str) -> String {
    let (head, span) = match within {
        Within::Group => (GROUP, "count".to_owned()),
        // Not the sub-group's own size: all work-items of the work-group come to the same barriers.
        Within::SubGroup => (SUB_GROUP, format!("{SUB_GROUP_SIZE}u")),
    };
    let text = text.replace("$H", head).replace("$L", &span).replace("$W", prefix(within));
    text.replace("$S", &format!("{SUB_GROUP_SIZE}u")).replace("$K", order::KEEP).replace("$T", ty)
}

/// What to call a combination. Halves have the type of short integers.
pub(super) fn named(combination: Combination, scalar: Scalar) -> String {
    let halves = if scalar == Scalar::F16 { "half_" } else { "" };
    format!("{halves}{}", combination.name())
}

/// `a` and `b` as one value.
pub(super) fn combined(combination: Combination, scalar: Scalar) -> String {
    if scalar == Scalar::F16 {
        return combined_halves(combination);
    }
    let wide = if scalar.bits() == 64 { "ulong" } else { "uint" };
    let ty = c_name(scalar);
    let sign = match combination {
        Combination::Sum => "+",
        Combination::Product => "*",
        Combination::And => "&",
        Combination::Or => "|",
        Combination::Xor => "^",
        Combination::Min if scalar.is_float() => return "b < a || isnan(a) ? b : a".to_owned(),
        Combination::Max if scalar.is_float() => return "b > a || isnan(a) ? b : a".to_owned(),
        Combination::Min => return "b < a ? b : a".to_owned(),
        Combination::Max => return "b > a ? b : a".to_owned(),
    };
    if scalar.is_float() {
        return format!("a {sign} b");
    }
    format!("({ty})(({wide})a {sign} ({wide})b)")
}

/// The same of halves, which are computed with as floats.
fn combined_halves(combination: Combination) -> String {
    let [a, b] = ["a", "b"].map(|name| format!("falx_half_to_float({name})"));
    match combination {
        Combination::Min => format!("{b} < {a} || isnan({a}) ? b : a"),
        Combination::Max => format!("{b} > {a} || isnan({a}) ? b : a"),
        Combination::Product => format!("falx_float_to_half({a} * {b})"),
        // No group combines the bits of floats.
        _ => format!("falx_float_to_half({a} + {b})"),
    }
}
