use falx::prelude::*;

#[device]
fn first(values: Slice<u32>) -> u32 {
    values[0]
}

#[kernel_fn]
fn all(i: Id<1>, data: ReadWrite<u32>) {
    data[i] = first(data.slice(3)) + first(data.slice(0..=3));
}

fn main() {}
