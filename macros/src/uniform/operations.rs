//! Which methods are operations over a group, and which of them give every work-item the same.

/// What the operations over groups that combine are called: `reduce_sum`, `inclusive_scan_sum`, ..
const COMBINATIONS: [&str; 8] = ["sum", "product", "min", "max", "and", "or", "xor", "with"];

/// The other operations that every work-item of a group must reach.
const OTHERS: [&str; 10] = [
    "barrier",
    "broadcast",
    "any_of",
    "all_of",
    "none_of",
    "shuffle",
    "shuffle_xor",
    "shuffle_up",
    "shuffle_down",
    "ballot",
];

/// Whether every work-item of a group must reach a call of this method.
pub fn is_collective(name: &str) -> bool {
    OTHERS.contains(&name) || is_reduction(name) || is_scan(name)
}

/// `reduce_sum` and its kin.
pub fn is_reduction(name: &str) -> bool {
    name.strip_prefix("reduce_").is_some_and(|what| COMBINATIONS.contains(&what))
}

fn is_scan(name: &str) -> bool {
    let rest = name.strip_prefix("inclusive_scan_").or_else(|| name.strip_prefix("exclusive_scan_"));
    rest.is_some_and(|what| COMBINATIONS.contains(&what))
}

/// Whether a work-group's operation gives each of its work-items the same.
pub fn is_shared(name: &str) -> bool {
    is_reduction(name) || matches!(name, "any_of" | "all_of" | "none_of" | "barrier")
}

/// Whether a method of a work-item or of a group says who the work-item is.
pub fn is_own_id(name: &str) -> bool {
    matches!(
        name,
        "id" | "linear_id" | "global_id" | "local_id" | "global_linear_id" | "local_linear_id" | "leader"
    )
}

/// Whether a method of a captured value says something of the value itself, not of an element.
pub fn is_of_value(name: &str) -> bool {
    let reads = ["load", "store", "swap", "atomic", "iter", "row", "slice", "slice_mut"];
    let is_known = crate::methods::find(name).is_some();
    is_known && !reads.contains(&name) && !name.starts_with("fetch_") && !name.starts_with("compare_")
}
