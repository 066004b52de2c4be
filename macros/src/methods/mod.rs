//! The methods that a kernel may call, by name, and how the twin calls each.
//!
//! Which receiver a method belongs to is rustc's to check.

mod fitting;
mod groups;
mod numbers;
mod vectors;

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

use Manner::{Atomic, Barrier, Native};

/// The methods of everything but numbers.
const METHODS: &[Method] = &[
    // Accessors, ids and items.
    method("range", Native, 0),
    method("size", Native, 0),
    method("get", Native, 0),
    // Slices and arrays; `check` knows those that take ranges.
    method("len", Native, 0),
    method("is_empty", Native, 0),
    method("slice", Native, 1),
    method("slice_mut", Native, 1),
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
    // `Option` and `Result`.
    method("is_some", Native, 0),
    method("is_none", Native, 0),
    method("is_ok", Native, 0),
    method("is_err", Native, 0),
    method("unwrap_or", Native, 1),
    method("ok_or", Native, 1),
    method("ok", Native, 0),
    method("err", Native, 0),
    method("or", Native, 1),
    method("and", Native, 1),
    method("combine", Native, 1),
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
    method("compare_exchange", Native, 2),
    method("compare_exchange_weak", Native, 2),
    method("relaxed", Native, 0),
    method("acquire", Native, 0),
    method("release", Native, 0),
    method("acq_rel", Native, 0),
    method("seq_cst", Native, 0),
    method("work_item", Native, 0),
    method("work_group", Native, 0),
    method("device", Native, 0),
    method("system", Native, 0),
];

/// Every method.
const ALL: [&[Method]; 5] = [METHODS, numbers::METHODS, fitting::METHODS, vectors::METHODS, groups::METHODS];

/// The method of this name.
pub fn find(name: &str) -> Option<&'static Method> {
    if crate::swizzles::is_swizzle(name) {
        return Some(&vectors::SWIZZLE);
    }
    if crate::swizzles::replaces_lanes(name) {
        return Some(&vectors::WITH);
    }
    // Loops, and lengths first, since this is called for each method of a kernel, and what users build of macros is not optimised.
    for methods in ALL {
        for method in methods {
            if method.name.len() == name.len() && method.name == name {
                return Some(method);
            }
        }
    }
    None
}

/// What to use in place of well-known methods that kernels do not have.
fn replacement(name: &str) -> Option<&'static str> {
    Some(match name {
        "iter" | "iter_mut" | "into_iter" => "write `for k in 0..n { .. }` and index",
        "step_by" => "it stands behind what a `for` goes through: `for k in (0..n).step_by(2) { .. }`",
        "try_into" => "compare first: `if x <= 255 { Some(x as u8) } else { None }`",
        "clone" => "values in a kernel are copied by using them",
        _ if name.starts_with("strict_") => {
            "write `a.checked_add(b).unwrap()`, which fails where the result does not fit"
        }
        "from_f64" => {
            "write `f16::from_f32(x as f32)`, or `T::cast_from(x)` of `falx::num`, which rounds once"
        }
        _ => return None,
    })
}

/// Whether a name is that of a method of std's for which kernels have another way; no user's method is called so.
pub fn is_replaced(name: &str) -> bool {
    replacement(name).is_some()
}

/// Whether a number's function is one of those, or has a known name with two letters exchanged.
pub fn is_misspelt(name: &str) -> bool {
    let is_swapped = |known: &str| {
        let (mut known, mut name): (Vec<char>, Vec<char>) = (known.chars().collect(), name.chars().collect());
        let differ = known.iter().zip(&name).filter(|(a, b)| a != b).count();
        known.sort_unstable();
        name.sort_unstable();
        differ == 2 && known == name
    };
    is_replaced(name) || ALL.into_iter().flatten().any(|method| is_swapped(method.name))
}

/// What to say of a method that kernels do not have.
pub fn unknown(name: &str) -> String {
    let message = format!("kernels have no method `{name}`");
    if let Some(replacement) = replacement(name) {
        return format!("{message}\nhint: {replacement}");
    }
    let nearest = ALL.into_iter().flatten().min_by_key(|method| distance(method.name, name));
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
        let mut names: Vec<_> = ALL.into_iter().flatten().map(|method| method.name).collect();
        names.sort_unstable();
        for pair in names.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
    }
}
