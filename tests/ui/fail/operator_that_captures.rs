//! An operator uses nothing from around it.

use falx::prelude::*;

fn main() {
    let limit = 3.0f32;
    let _ = operator!(|a: f32, b: f32| (a + b).min(limit));
}
