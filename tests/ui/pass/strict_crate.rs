#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, clippy::all)]
//! A crate with strict lints.

use falx::prelude::*;

#[device]
fn twice(x: f32) -> f32 {
    x * 2.0
}

/// A documented kernel.
#[kernel_fn]
pub fn store<const N: usize>(it: NdItem<2>, values: [f32; 4], scale: f32) {
    let [row, _column] = it.global_id();
    let mut sum = 0.0;
    for k in 0..N {
        sum += twice(values[k % 4]) * scale;
    }
    it.barrier();
    let mut tile = [0.0; 4];
    tile[row % 4] = sum;
    let _ = tile;
}

/// A documented function.
#[device]
#[inline]
#[must_use]
pub fn half(x: f32, mut n: u32) -> f32 {
    n += 1;
    if n > 3 {
        return x;
    }
    x / 2.0
}

fn is_kernel<I: falx::Kernel<K>, K>(_kernel: I)
where
    K: falx::WorkItem,
{
}

fn main() {
    let n = 3;
    is_kernel(store::<2>([1.0; 4], 0.5));
    is_kernel(kernel!(move |i: Id<1>| {
        let mut left = n + i[0];
        while left > 0 {
            left -= 1;
        }
        if (left == 0) && !(n > 3) {
            return;
        }
        let _unused = -(left as i32) / 2;
    }));
    is_kernel(kernel!(|| {}));
}
