use falx::prelude::*;

#[device]
#[derive(Clone, Copy)]
struct Mixture<'a> {
    text: &'a str,
    pointer: *const f32,
    function: fn(f32) -> f32,
    parts: [(u8, &'static u8); 2],
}

#[device]
#[derive(Clone, Copy)]
struct Nested {
    letter: char,
    accessor: Read<'static, f32>,
}

fn main() {}
