//! The methods that only vectors and masks have.

use super::{Method, method};
use crate::model::Manner::Native;

/// Every method of vectors, apart from swizzles.
pub const METHODS: &[Method] = &[
    method("lt", Native, 1),
    method("le", Native, 1),
    method("gt", Native, 1),
    method("ge", Native, 1),
    method("eq", Native, 1),
    method("ne", Native, 1),
    method("any", Native, 0),
    method("all", Native, 0),
    method("select", Native, 2),
    method("sum", Native, 0),
    method("dot", Native, 1),
    method("cross", Native, 1),
    method("length", Native, 0),
    method("distance", Native, 1),
    method("normalize", Native, 0),
    method("lo", Native, 0),
    method("hi", Native, 0),
    method("even", Native, 0),
    method("odd", Native, 0),
    method("with_lo", Native, 1),
    method("with_hi", Native, 1),
    method("with_even", Native, 1),
    method("with_odd", Native, 1),
    method("swizzle", Native, 1),
    method("concat", Native, 1),
    method("extend", Native, 1),
    method("as_i8", Native, 0),
    method("as_u8", Native, 0),
    method("as_i16", Native, 0),
    method("as_u16", Native, 0),
    method("as_i32", Native, 0),
    method("as_u32", Native, 0),
    method("as_i64", Native, 0),
    method("as_u64", Native, 0),
    method("as_f16", Native, 0),
    method("as_f32", Native, 0),
    method("as_f64", Native, 0),
    method("to_array", Native, 0),
];

/// What is known of every swizzle by name: `v.zyx()`.
pub static SWIZZLE: Method = method("xyzw", Native, 0);
/// What is known of every method that replaces lanes: `v.with_zyx(w)`.
pub static WITH: Method = method("with_xyzw", Native, 1);
