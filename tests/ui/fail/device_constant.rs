use falx::prelude::*;

const FACTOR: f32 = 2.0;

#[device]
fn scaled(x: f32) -> f32 {
    x * FACTOR
}

fn main() {
    let _ = kernel!(|| {
        let _ = scaled(1.0);
    });
}
