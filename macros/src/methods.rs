//! The methods that a kernel may call, by name, and how the twin calls each.
//!
//! Which receiver a method belongs to is rustc's to check.

use crate::model::Manner;

/// What is known of a method.
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// How the twin calls it.
    pub manner: Manner,
    /// How many arguments it takes.
    pub n_arguments: usize,
}

const fn method(name: &'static str, manner: Manner, n_arguments: usize) -> Method {
    Method { name, manner, n_arguments }
}

use Manner::{Associated, Atomic, Barrier, Checked, Defined, Native};

/// Every method of the kernel language.
pub const METHODS: &[Method] = &[
    // Integers.
    method("wrapping_add", Native, 1),
    method("wrapping_sub", Native, 1),
    method("wrapping_mul", Native, 1),
    method("wrapping_neg", Native, 0),
    method("wrapping_shl", Native, 1),
    method("wrapping_shr", Native, 1),
    method("saturating_add", Native, 1),
    method("saturating_sub", Native, 1),
    method("rotate_left", Native, 1),
    method("rotate_right", Native, 1),
    method("leading_zeros", Native, 0),
    method("trailing_zeros", Native, 0),
    method("count_ones", Native, 0),
    method("count_zeros", Native, 0),
    method("abs_diff", Native, 1),
    method("is_power_of_two", Native, 0),
    method("leading_ones", Native, 0),
    method("trailing_ones", Native, 0),
    method("swap_bytes", Native, 0),
    method("reverse_bits", Native, 0),
    method("wrapping_abs", Native, 0),
    method("unsigned_abs", Native, 0),
    method("wrapping_pow", Native, 1),
    method("is_positive", Native, 0),
    method("is_negative", Native, 0),
    method("pow", Defined, 1),
    // Integers and floats.
    method("abs", Defined, 0),
    method("clamp", Defined, 2),
    method("rem_euclid", Checked, 1),
    method("div_euclid", Checked, 1),
    method("signum", Native, 0),
    method("min", Native, 1),
    method("max", Native, 1),
    // Floats.
    method("sqrt", Native, 0),
    method("cbrt", Native, 0),
    method("hypot", Native, 1),
    method("sin", Native, 0),
    method("cos", Native, 0),
    method("tan", Native, 0),
    method("asin", Native, 0),
    method("acos", Native, 0),
    method("atan", Native, 0),
    method("atan2", Native, 1),
    method("sinh", Native, 0),
    method("cosh", Native, 0),
    method("tanh", Native, 0),
    method("exp", Native, 0),
    method("exp2", Native, 0),
    method("exp_m1", Native, 0),
    method("ln", Native, 0),
    method("ln_1p", Native, 0),
    method("log2", Native, 0),
    method("log10", Native, 0),
    method("powf", Native, 1),
    method("powi", Native, 1),
    method("floor", Native, 0),
    method("ceil", Native, 0),
    method("round", Native, 0),
    method("round_ties_even", Native, 0),
    method("trunc", Native, 0),
    method("fract", Native, 0),
    method("copysign", Native, 1),
    method("mul_add", Native, 2),
    method("recip", Native, 0),
    method("to_bits", Native, 0),
    method("from_bits", Associated, 0),
    method("is_nan", Native, 0),
    method("is_infinite", Native, 0),
    method("is_finite", Native, 0),
    method("is_normal", Native, 0),
    method("is_sign_negative", Native, 0),
    method("is_sign_positive", Native, 0),
    method("to_degrees", Native, 0),
    method("to_radians", Native, 0),
    // Accessors, ids and items.
    method("range", Native, 0),
    method("size", Native, 0),
    method("get", Native, 0),
    method("id", Native, 0),
    method("linear_id", Native, 0),
    method("global_id", Native, 0),
    method("local_id", Native, 0),
    method("group_id", Native, 0),
    method("global_range", Native, 0),
    method("local_range", Native, 0),
    method("group_range", Native, 0),
    method("global_linear_id", Native, 0),
    method("local_linear_id", Native, 0),
    method("barrier", Barrier, 0),
    // Atomic references.
    method("atomic", Atomic, 1),
    method("fetch_add", Native, 1),
    method("fetch_sub", Native, 1),
    method("fetch_min", Native, 1),
    method("fetch_max", Native, 1),
    method("fetch_and", Native, 1),
    method("fetch_or", Native, 1),
    method("fetch_xor", Native, 1),
    method("load", Native, 0),
    method("store", Native, 1),
    method("swap", Native, 1),
    // Groups and sub-groups.
    method("group", Native, 0),
    method("sub_group", Native, 0),
    method("fence", Native, 0),
    method("group_linear_id", Native, 0),
    method("group_count", Native, 0),
    method("max_size", Native, 0),
    method("leader", Native, 0),
    method("broadcast", Checked, 2),
    method("shuffle", Native, 2),
    method("shuffle_xor", Native, 2),
    method("shuffle_up", Native, 2),
    method("shuffle_down", Native, 2),
    method("ballot", Native, 1),
    method("any_of", Native, 1),
    method("all_of", Native, 1),
    method("none_of", Native, 1),
    method("reduce_sum", Native, 1),
    method("reduce_product", Native, 1),
    method("reduce_min", Native, 1),
    method("reduce_max", Native, 1),
    method("reduce_and", Native, 1),
    method("reduce_or", Native, 1),
    method("reduce_xor", Native, 1),
    method("inclusive_scan_sum", Native, 1),
    method("inclusive_scan_product", Native, 1),
    method("inclusive_scan_min", Native, 1),
    method("inclusive_scan_max", Native, 1),
    method("inclusive_scan_and", Native, 1),
    method("inclusive_scan_or", Native, 1),
    method("inclusive_scan_xor", Native, 1),
    method("exclusive_scan_sum", Native, 1),
    method("exclusive_scan_product", Native, 1),
    method("exclusive_scan_min", Native, 1),
    method("exclusive_scan_max", Native, 1),
    method("exclusive_scan_and", Native, 1),
    method("exclusive_scan_or", Native, 1),
    method("exclusive_scan_xor", Native, 1),
];

/// The method of this name.
pub fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

/// What to use in place of well-known methods that kernels do not have.
fn replacement(name: &str) -> Option<&'static str> {
    Some(match name {
        "len" => "write `accessor.range()[0]`, or the array's length itself",
        "sin_cos" => "call `sin` and `cos`",
        "unwrap" | "expect" => "kernels have no `Option` or `Result`",
        "iter" | "iter_mut" | "into_iter" | "map" | "sum" | "zip" => "write `for k in 0..n { .. }` and index",
        "step_by" | "rev" => "use a `while` loop with its own counter",
        "into" | "try_into" => "write `value as Type`",
        "clone" => "values in a kernel are copied by using them",
        "sqr" => "write `x * x`",
        "log" => "write `x.ln() / base.ln()`",
        "pow2" => "write `x.exp2()`",
        _ => return None,
    })
}

/// What to say of a method that kernels do not have.
pub fn unknown(name: &str) -> String {
    let message = format!("kernels have no method `{name}`");
    if let Some(replacement) = replacement(name) {
        return format!("{message}\nhint: {replacement}");
    }
    let nearest = METHODS.iter().min_by_key(|method| distance(method.name, name));
    match nearest {
        Some(method) if distance(method.name, name) <= name.len() / 3 + 1 => {
            format!("{message}\nhint: did you mean `{}`?", method.name)
        }
        _ => format!("{message}\nhint: put it into a `#[device] fn` and call that"),
    }
}

/// How many characters must change to turn one name into the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, from_char) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to_char) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(from_char != *to_char);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_method_is_answered_with_the_nearest_name() {
        assert_eq!(unknown("sqtr"), "kernels have no method `sqtr`\nhint: did you mean `sqrt`?");
        assert_eq!(
            unknown("frobnicate"),
            "kernels have no method `frobnicate`\nhint: put it into a `#[device] fn` and call that"
        );
    }

    #[test]
    fn every_method_is_listed_once() {
        for (position, method) in METHODS.iter().enumerate() {
            assert!(METHODS[position + 1..].iter().all(|other| other.name != method.name), "{}", method.name);
        }
    }
}
