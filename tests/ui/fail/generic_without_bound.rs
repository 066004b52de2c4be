use falx::prelude::*;

#[device]
fn twice<T: Copy>(x: T) -> T {
    x + x
}

fn main() {}
