use falx::prelude::*;

#[kernel_fn]
fn sum(i: Id<1>, x: f32) -> f32 {
    x
}

fn main() {
    let _ = sum(1.0);
}
