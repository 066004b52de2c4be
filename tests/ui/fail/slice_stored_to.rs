use falx::prelude::*;

#[device]
fn clear(values: Slice<u32>) {
    values[0] = 0;
}

fn main() {}
