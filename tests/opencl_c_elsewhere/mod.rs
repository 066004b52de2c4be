//! A function in another file than the kernel that calls it.

use falx::prelude::*;

/// Lowered where it is called, since it changes what a reference leads to.
#[device]
pub fn triple(x: &mut u32) {
    *x *= 3;
}
