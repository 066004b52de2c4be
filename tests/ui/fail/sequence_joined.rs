//! What is joined to a sequence has positions that tell everything, also where it is joined of several.

use falx::prelude::*;

#[kernel_fn]
fn joined(i: usize, out: Write<u32>) {
    for (x, y) in (0..4u32).zip((0..1u32).chain((0..9).filter(|k| k % 3 == 0))) {
        out[i] = x + y;
    }
    for (x, y) in (0..3u32).zip((0..2u32).chain((0..4u32).map(|k| k * 2)).skip(1)) {
        out[i] = x + y;
    }
    for x in (0..2u32).chain((0..2u32).chain((0..9u32).filter(|k| k % 2 == 0)).take(3)) {
        out[i] = x;
    }
    for x in (0..5u32).map(|x| x * 2).take(3).rev() {
        out[i] = x;
    }
    for (x, y) in (0..3u32).zip((0..5u32).map(|k| k + 1)).rev() {
        out[i] = x + y;
    }
    for x in (0..3u32).chain((0..5u32).map(|k| k + 1)).cycle().take(20) {
        out[i] = x;
    }
}

fn main() {}
