use falx::prelude::*;

#[device]
fn first(values: Slice<u32>) -> u32 {
    values[0]
}

#[kernel_fn]
fn all(i: Id<1>, data: Write<u32>) {
    data[i] = first(data.slice(..));
}

fn main() {}
