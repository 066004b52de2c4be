use falx::prelude::*;

#[device]
fn increment(x: &mut u32) {
    *x += 1;
}

#[kernel_fn]
fn all(i: Id<1>, data: ReadWrite<u32>) {
    increment(&mut data[i]);
}

fn main() {}
