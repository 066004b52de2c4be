use falx::prelude::*;

#[device]
fn first(values: &[u32]) -> u32 {
    values[0]
}

#[kernel_fn]
fn all(i: Id<1>, data: ReadWrite<u32>) {
    data[i] = first(&data[1..]);
}

fn main() {}
