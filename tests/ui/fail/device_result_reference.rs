use falx::prelude::*;

#[device]
fn first(values: &[f32; 4]) -> &f32 {
    values
}

fn main() {}
