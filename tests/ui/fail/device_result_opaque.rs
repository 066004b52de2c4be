use falx::prelude::*;

#[device]
fn scaled(factor: f32) -> impl Fn(f32) -> f32 {
    factor
}

fn main() {}
