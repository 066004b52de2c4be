use falx::prelude::*;

#[device]
fn same<const N: u128>(x: f32) -> f32 {
    x
}

fn main() {}
