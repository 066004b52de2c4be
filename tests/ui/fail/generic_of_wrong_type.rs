use falx::num::Float;
use falx::prelude::*;

#[device]
fn half<T: Float>(x: T) -> T {
    x / T::cast_from(2)
}

fn main() {
    let _ = kernel!(|i: usize| {
        let y = half(i as u32);
    });
}
