use falx::prelude::*;

static factor: f32 = 2.0;

#[device]
fn scaled(x: f32) -> f32 {
    x * factor
}

fn main() {}
