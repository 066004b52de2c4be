use falx::prelude::*;

#[device]
fn same<T: Copy>(x: T) -> T {
    x
}

fn main() {}
