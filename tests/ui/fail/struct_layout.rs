use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
#[repr(C, packed)]
struct Packed {
    x: u8,
    y: u32,
}

#[device]
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Wrapped(f32);

fn main() {}
